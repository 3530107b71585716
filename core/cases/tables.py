"""The tables of cases: the case as it stands, its events, its clocks, its reporter."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, String, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from core.places import path_type
from core.words import CaseClass, Request, Severity, Source, Stage, Verb, Verdict

BROKEN = "is_final AND (met_at IS NULL OR met_at > due_at) AND cancelled_at IS NULL AND superseded_at IS NULL"


class Case(SQLModel, table=True):
    """One problem at one place, as it stands now; the events are the truth."""

    __tablename__ = "case_file"  # "case" is a word of SQL
    __table_args__ = (
        # scope + due time of what is open: the cost of a screen follows this index, not the length of history
        Index(
            "ix_case_open",
            "path",
            "due_at",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_case_reported", "reported_at"),
        Index("ix_case_resolved", "resolved_at"),
        Index(  # never for what is open: SQLite would take it for the shortest way to a building's few open cases
            "ix_case_ended",
            "ended_at",
            sqlite_where=text("ended_at IS NOT NULL"),
            postgresql_where=text("ended_at IS NOT NULL"),
        ),
        Index(
            "ix_case_call_back",
            "ended_at",
            sqlite_where=text("stage = 'closed' AND verdict IS NULL"),
            postgresql_where=text("stage = 'closed' AND verdict IS NULL"),
        ),
        Index(  # all that is counted and chosen of open cases: no row is fetched for it, not even for the end it lacks
            "ix_case_open_counts",
            *("path", "grid_id", "place_id", "due_at", "final_due_at", "suspended_at"),
            *("stage", "category", "source", "severity", "unit_id", "unit_due_at"),
            *("request", "returns", "escalated", "lon", "address", "reported_at", "ended_at"),
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(
            "ix_case_not_satisfied",
            "ended_at",
            sqlite_where=text("verdict = 'not_satisfied'"),
            postgresql_where=text("verdict = 'not_satisfied'"),
        ),
        Index("ix_case_path", "path", "reported_at"),
        Index("ix_case_external", "source", "external_number"),
    )
    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(max_length=24, unique=True)
    case_class: CaseClass = Field(sa_type=String(8))
    category: str = Field(max_length=40)
    source: Source = Field(sa_type=String(16))
    external_number: str | None = Field(default=None, max_length=80)
    severity: Severity = Field(sa_type=String(8))
    title: str = Field(max_length=120)
    text: str = ""
    stage: Stage = Field(sa_type=String(12))
    place_id: int = Field(foreign_key="place.id", index=True)
    grid_id: int = Field(foreign_key="place.id")
    path: str = Field(sa_column=Column(path_type(), nullable=False))  # of the place, as it was when reported
    lon: float | None = None
    lat: float | None = None
    address: str = Field(default="", max_length=200)
    unit_id: int | None = Field(default=None, foreign_key="unit.id")
    regime: str = Field(max_length=40)
    reported_at: datetime
    dispatched_at: datetime | None = None
    resolved_at: datetime | None = None
    ended_at: datetime | None = None
    moved_at: datetime  # when the last step happened
    clock_from: datetime | None = None  # of the running clock that falls due first
    due_at: datetime | None = None
    final_due_at: datetime | None = None  # of the promise by which the case is judged, while it runs
    suspended_at: datetime | None = None  # since when its clocks stand still
    unit_due_at: datetime | None = None  # of the clock of the unit that has it
    request: Request | None = Field(default=None, sa_type=String(12))  # of the unit, waiting for an answer
    verdict: Verdict | None = Field(default=None, sa_type=String(20))  # of the resident, since it was closed last
    escalated: int = 0  # the level reached in silence
    returns: int = Field(default=0, sa_column_kwargs={"server_default": "0"})  # how often a unit has given it back
    version: int = 0  # the number of events so far
    chain: str = Field(default="", max_length=64)  # hash of the last event


class CaseEvent(SQLModel, table=True):
    """One move of a case: what happened when, who typed it when and for whom. Appended, never edited."""

    __tablename__ = "case_event"
    __table_args__ = (
        UniqueConstraint("case_id", "ordinal"),  # the last guard against two moves from one state
        Index("ix_case_event_recorded", "recorded_at"),  # what happened in a shift, however long the history
        Index("ix_event_verb", "verb", "occurred_at"),  # the ledger reads side steps, not history
        Index(
            "ix_event_reworked",
            "occurred_at",
            sqlite_where=text("verb = 'rework'"),
            postgresql_where=text("verb = 'rework'"),
        ),
    )
    seq: int | None = Field(default=None, primary_key=True)  # in commit order
    case_id: int = Field(foreign_key="case_file.id")
    ordinal: int  # 1, 2, 3 … within the case
    verb: Verb = Field(sa_type=String(20))
    from_stage: Stage | None = Field(default=None, sa_type=String(12))
    to_stage: Stage = Field(sa_type=String(12))
    occurred_at: datetime
    recorded_at: datetime
    by_id: int = Field(foreign_key="user_account.id")
    on_behalf_of: int | None = Field(default=None, foreign_key="unit.id")
    unit_id: int | None = Field(default=None, foreign_key="unit.id")
    note: str | None = None
    hours: float | None = None  # asked for, granted, or until a reply is due
    given: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))  # see Move.given
    hash: str = Field(max_length=64)  # over this event and the hash before it


class CaseClock(SQLModel, table=True):
    """A promise made on a case, with the version of the rules that made it."""

    __tablename__ = "case_clock"
    __table_args__ = (
        # judged by, and not kept: the list behind the rate in time reads these alone
        Index("ix_clock_broken", "due_at", "case_id", sqlite_where=text(BROKEN), postgresql_where=text(BROKEN)),
    )
    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case_file.id", index=True)
    name: str = Field(max_length=40)
    regime: str = Field(max_length=40)
    rule_version: str = Field(max_length=12)
    hours: float
    starts_at: datetime
    due_at: datetime
    is_final: bool
    met_at: datetime | None = None
    cancelled_at: datetime | None = None
    calendar: str = Field(default="natural", max_length=40)
    unit_id: int | None = Field(default=None, foreign_key="unit.id")  # of the unit whose own clock it is
    pauses: list[list[Any]] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    changes: list[list[Any]] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    superseded_at: datetime | None = None
    is_provisional: bool = False
    ordinal: int = 0  # of the event that made it


class CaseLink(SQLModel, table=True):
    """A case that was merged into another one, which is the same."""

    __tablename__ = "case_link"
    case_id: int = Field(primary_key=True, foreign_key="case_file.id")
    into_id: int = Field(foreign_key="case_file.id", index=True)


class Emergency(SQLModel, table=True):
    """A time in which emergency mode held for a place and all below it, who declared it, and why."""

    __tablename__ = "emergency"
    id: int | None = Field(default=None, primary_key=True)
    path: str = Field(sa_column=Column(path_type(), nullable=False))
    from_at: datetime
    to_at: datetime | None = None
    reason: str
    by_id: int = Field(foreign_key="user_account.id")


class Reporter(SQLModel, table=True):
    """Who reported a case: kept apart, shown masked."""

    __tablename__ = "reporter"
    case_id: int = Field(primary_key=True, foreign_key="case_file.id")
    name: str = Field(default="", max_length=40)
    phone: str = Field(default="", max_length=40)

    @property
    def masked_name(self) -> str:
        """张* — the first character only."""
        return f"{self.name[0]}*" if self.name else ""

    @property
    def masked_phone(self) -> str:
        """138****1234 — of a short number the last two digits only, of a very short one nothing."""
        if len(self.phone) >= 11:
            return f"{self.phone[:3]}****{self.phone[-4:]}"
        shown = self.phone[-2:] if len(self.phone) > 4 else ""
        return f"****{shown}" if self.phone else ""


class CaseCandidate(SQLModel, table=True):
    """A grid that also claims the point of a border case; the lead is the case's own grid."""

    __tablename__ = "case_candidate"
    case_id: int = Field(primary_key=True, foreign_key="case_file.id")
    grid_id: int = Field(primary_key=True, foreign_key="place.id")
