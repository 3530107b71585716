"""The tables of meetings: series, meetings with versions of their agenda, attendance, items, resolutions."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, String, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.meeting_words import ItemKind, ItemOutcome, MeetingState, Presence, Progress, Rhythm
from core.places import path_type

Said = dict[str, Any]


class Series(SQLModel, table=True):
    """Meetings of one kind at one place, in a rhythm."""

    __tablename__ = "meeting_series"
    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(max_length=40)  # of `data/rules/meetings.toml`
    name: str = Field(max_length=80)
    place_id: int = Field(foreign_key="place.id")
    path: str = Field(sa_column=Column(path_type(), nullable=False, index=True))
    rhythm: Rhythm = Field(sa_type=String(12))
    weekday: int = 0  # Monday
    week: int = 1  # of the month
    begins: str = Field(default="09:00", max_length=5)  # on the street's own clock
    minutes: int  # available
    venue: str = Field(default="", max_length=80)
    chair: str = Field(default="", max_length=40)


class SeriesMember(SQLModel, table=True):
    """Who usually attends a series: staff and representatives by name and post."""

    __tablename__ = "meeting_series_member"
    id: int | None = Field(default=None, primary_key=True)
    series_id: int = Field(foreign_key="meeting_series.id", index=True)
    name: str = Field(max_length=40)
    post: str = Field(default="", max_length=80)
    unit_id: int | None = Field(default=None, foreign_key="unit.id")
    is_observer: bool = False


class Meeting(SQLModel, table=True):
    """One meeting of a series."""

    __tablename__ = "meeting"
    __table_args__ = (UniqueConstraint("series_id", "number"),)
    id: int | None = Field(default=None, primary_key=True)
    series_id: int = Field(foreign_key="meeting_series.id")
    number: int  # 1, 2, 3 … of the series
    begins_at: datetime
    minutes: int
    state: MeetingState = Field(sa_type=String(12))
    rule_version: str = Field(max_length=12)
    built_at: datetime
    version: int = 0  # of the agenda as last fixed
    begun_at: datetime | None = None
    ended_at: datetime | None = None
    left_out: list[Said] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))


class AgendaVersion(SQLModel, table=True):
    """The agenda as it was fixed; never edited."""

    __tablename__ = "meeting_agenda_version"
    meeting_id: int = Field(primary_key=True, foreign_key="meeting.id")
    number: int = Field(primary_key=True)
    fixed_at: datetime
    by_id: int = Field(foreign_key="user_account.id")
    items: list[Said] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))


class Attendance(SQLModel, table=True):
    """Somebody expected at a meeting, and whether they came."""

    __tablename__ = "meeting_attendance"
    id: int | None = Field(default=None, primary_key=True)
    meeting_id: int = Field(foreign_key="meeting.id", index=True)
    name: str = Field(max_length=40)
    post: str = Field(default="", max_length=80)
    unit_id: int | None = Field(default=None, foreign_key="unit.id")
    is_observer: bool = False
    presence: Presence | None = Field(default=None, sa_type=String(8))


class AgendaItem(SQLModel, table=True):
    """An item of an agenda: why it is there, what is asked of whom, what became of it."""

    __tablename__ = "meeting_item"
    id: int | None = Field(default=None, primary_key=True)
    meeting_id: int = Field(foreign_key="meeting.id", index=True)
    ordinal: int
    title: str = Field(max_length=120)
    kind: ItemKind = Field(sa_type=String(12))
    minutes: int
    score: float = 0
    parts: list[Said] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))  # cause, amount, points
    is_must: bool = False
    unit_ids: list[int] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))  # who attends
    asked: str = Field(default="", max_length=400)
    proposal: str = Field(default="", max_length=2000)
    reviews_id: int | None = Field(default=None, index=True)  # the resolution whose progress is heard
    times: int = 0  # meetings of the series before this one at which it stayed unsolved
    dropped: str | None = Field(default=None, max_length=200)  # why, if it was
    outcome: ItemOutcome | None = Field(default=None, sa_type=String(12))
    outcome_note: str = Field(default="", max_length=400)
    version: int = 0  # of two who change it at once the second is told


class ItemCase(SQLModel, table=True):
    """A case of an item; no case stands twice on one agenda."""

    __tablename__ = "meeting_item_case"
    __table_args__ = (UniqueConstraint("meeting_id", "case_id"),)
    item_id: int = Field(primary_key=True, foreign_key="meeting_item.id")
    case_id: int = Field(primary_key=True, foreign_key="case_file.id", index=True)
    meeting_id: int = Field(foreign_key="meeting.id")


class Resolution(SQLModel, table=True):
    """What a meeting resolved: who leads, by when, under whose eyes, and how it stands."""

    __tablename__ = "meeting_resolution"
    id: int | None = Field(default=None, primary_key=True)
    series_id: int = Field(foreign_key="meeting_series.id", index=True)
    meeting_id: int = Field(foreign_key="meeting.id", index=True)
    item_id: int = Field(foreign_key="meeting_item.id", index=True)
    text: str = Field(max_length=400)
    lead_unit_id: int | None = Field(default=None, foreign_key="unit.id", index=True)
    person: str = Field(max_length=40)
    co_unit_ids: list[int] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    days: float  # working days
    decided_at: datetime
    due_at: datetime
    supervisor: str = Field(max_length=40)
    by_id: int = Field(foreign_key="user_account.id")
    progress: Progress = Field(sa_type=String(12))  # never "overdue": that is told by the date
    progress_note: str = Field(default="", max_length=400)
    missed: int = 0  # later meetings that found it not done
    is_promoted: bool = False
    signed_at: datetime | None = None
    signed_by_id: int | None = Field(default=None, foreign_key="user_account.id")
    evidence: str = Field(default="", max_length=400)
    version: int = 0

    def progress_at(self, now: datetime) -> Progress:
        """How it stands at `now`: what is not done when its date has passed is overdue."""
        is_open = self.progress in (Progress.NOT_STARTED, Progress.UNDER_WAY)
        return Progress.OVERDUE if is_open and now > self.due_at else Progress(self.progress)
