"""Whistles: a grid calls departments for help, and each called unit reports for duty on its own clock."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, ColumnElement, Index, String, and_, exists, false, or_, text
from sqlmodel import Field, Session, SQLModel, col, select

from core import calendars
from core.accounts import audit
from core.accounts.audit import Asker
from core.cases.queries import case_seen_by
from core.errors import NotFound, Refused
from core.language import N_
from core.liaisons import lookup
from core.limits import running_state
from core.people import PERMISSIONS, Grant, Principal
from core.places import Place, below, path_type
from core.rules import Rules
from core.units import Unit
from core.words import ENDED, Action, ClockState, Level, Permission, Role, WhistleKind

P = Permission
LONGEST_TEXT = 400


class Whistle(SQLModel, table=True):
    """A call of a grid, alone or about a case; open until every called unit has answered or it is withdrawn."""

    __tablename__ = "whistle"
    __table_args__ = (
        Index("ix_whistle_blown", "blown_at"),
        Index(
            "ix_whistle_open",
            "path",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    kind: WhistleKind = Field(sa_type=String(8))
    grid_id: int = Field(foreign_key="place.id")
    path: str = Field(sa_column=Column(path_type(), nullable=False))  # of the grid, or of the case's place
    case_id: int | None = Field(default=None, foreign_key="case_file.id", index=True)
    text: str = Field(max_length=LONGEST_TEXT)  # what is asked for
    blown_at: datetime
    by_id: int = Field(foreign_key="user_account.id")
    rule_version: str = Field(max_length=12)
    ended_at: datetime | None = None  # by the last answer, or withdrawn
    withdrawn: str | None = Field(default=None, max_length=LONGEST_TEXT)  # why, if it was


class WhistleAnswer(SQLModel, table=True):
    """What one called unit owes and has answered."""

    __tablename__ = "whistle_answer"
    whistle_id: int = Field(primary_key=True, foreign_key="whistle.id")
    unit_id: int = Field(primary_key=True, foreign_key="unit.id", index=True)
    due_at: datetime
    is_provisional: bool = False  # the holidays on its way are not published yet
    answered_at: datetime | None = None
    recorded_at: datetime | None = None
    by_id: int | None = Field(default=None, foreign_key="user_account.id")
    note: str | None = Field(default=None, max_length=LONGEST_TEXT)
    called: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))  # see Answer.record

    def state(self, now: datetime, rules: Rules) -> ClockState:
        """How the unit's promise to answer stands."""
        if self.answered_at is None:
            return running_state(self.due_at, now, rules.due_soon)
        return ClockState.MET if self.answered_at <= self.due_at else ClockState.MISSED


@dataclass(frozen=True, slots=True)
class Call:
    """A whistle with the answer of every unit it called, the first due first."""

    whistle: Whistle
    answers: tuple[WhistleAnswer, ...]


def visible_to(who: Principal) -> ColumnElement[bool]:
    """The condition that begins every query of whistles: role and place, for a liaison the calls of the unit."""
    grants = [grant for grant in who.grants if P.READ_CASES in PERMISSIONS[grant.role]]
    return or_(false(), *(_covers(grant) for grant in grants))


def _covers(grant: Grant) -> ColumnElement[bool]:
    low, high = below(grant.path)
    within = and_(col(Whistle.path) >= low, col(Whistle.path) < high)
    if grant.role is not Role.LIAISON:
        return within
    called = and_(col(WhistleAnswer.whistle_id) == Whistle.id, col(WhistleAnswer.unit_id) == grant.unit_id)
    return and_(within, exists().where(called)) if grant.unit_id is not None else false()


def blow(
    db: Session, asker: Asker, kind: WhistleKind, unit_ids: Sequence[int], asked: str, rules: Rules, *,
    now: datetime, grid_id: int | None = None, case_id: int | None = None,
) -> Whistle:  # fmt: skip
    """Call units to a grid, or to the place of an open case.

    Raises: NotFound, when the asker may not see the case; Refused, in the user's words.
    """
    path, grid_id = _place(db, asker.who, grid_id, case_id)
    if not asker.who.may(P.BLOW_WHISTLE, path):
        raise Refused(N_("You may not blow a whistle here"))
    if not 0 < len(asked.strip()) <= LONGEST_TEXT:
        raise Refused(N_("Say what the units are called for, in up to {most} characters"), most=LONGEST_TEXT)
    called = sorted(set(unit_ids))
    if not called or len(db.exec(select(Unit.id).where(col(Unit.id).in_(called))).all()) != len(called):
        raise Refused(N_("Choose the units that are called"))
    whistle = Whistle(
        kind=kind, grid_id=grid_id, path=path, case_id=case_id, text=asked.strip(), blown_at=now,
        by_id=asker.who.user_id, rule_version=rules.version,
    )  # fmt: skip
    db.add(whistle)
    db.flush()
    assert whistle.id is not None
    time = rules.whistles[kind]
    assert isinstance(time.hours, float | int)
    due = calendars.add_hours(rules.calendars[time.calendar], now, time.hours)
    directory = lookup.directory(db, rules)
    offices = ((unit, directory.offices[unit].sector) for unit in called)
    db.add_all(
        WhistleAnswer(
            whistle_id=whistle.id, unit_id=unit, due_at=due.at, is_provisional=due.is_provisional,
            called=directory.answer(sector, path, now, unit).record,
        )
        for unit, sector in offices
    )  # fmt: skip
    audit.record(db, Action.BLOW_WHISTLE, f"whistle {whistle.id}", by=asker, detail=f"{kind}: {called}")
    return whistle


def answer(
    db: Session, asker: Asker, whistle_id: int, unit_id: int, note: str, *, at: datetime, now: datetime
) -> WhistleAnswer:
    """Record that a called unit reported for duty at `at`; its liaison does so, or the officer whom it rang up.

    Raises: NotFound, when there is no such whistle for the asker; Refused, in the user's words.
    """
    whistle = _locked(db, asker.who, whistle_id)
    row = db.get(WhistleAnswer, (whistle_id, unit_id), populate_existing=True)
    if row is None:
        raise Refused(N_("This unit was not called"))
    is_of_unit = asker.who.may(P.WORK_FOR_UNIT, whistle.path, unit_id)
    if not is_of_unit and not asker.who.may(P.RECORD_FOR_UNIT, whistle.path):
        raise Refused(N_("Only the unit, or the duty officer for it, answers a whistle"))
    if row.answered_at is not None:
        raise Refused(N_("The unit has answered already"))
    if not whistle.blown_at <= at <= now:
        raise Refused(N_("An answer lies between the whistle and now"))
    if not 0 < len(note.strip()) <= LONGEST_TEXT:
        raise Refused(N_("Say what the unit answered, in up to {most} characters"), most=LONGEST_TEXT)
    row.answered_at, row.recorded_at, row.by_id, row.note = at, now, asker.who.user_id, note.strip()
    db.add(row)
    db.flush()
    answers = _answers(db, [whistle_id])[whistle_id]
    if all(each.answered_at for each in answers):
        whistle.ended_at = max(each.answered_at for each in answers if each.answered_at)
        db.add(whistle)
    audit.record(db, Action.ANSWER_WHISTLE, f"whistle {whistle_id}", by=asker, detail=f"unit {unit_id}")
    return row


def withdraw(db: Session, asker: Asker, whistle_id: int, reason: str, *, now: datetime) -> Whistle:
    """Call a whistle off, with a reason; answers given so far stay.

    Raises: NotFound, when there is no such whistle for the asker; Refused, in the user's words.
    """
    whistle = _locked(db, asker.who, whistle_id)
    if not asker.who.may(P.BLOW_WHISTLE, whistle.path):
        raise Refused(N_("You may not withdraw this whistle"))
    if not 0 < len(reason.strip()) <= LONGEST_TEXT:
        raise Refused(N_("Say why the whistle is withdrawn"))
    whistle.ended_at, whistle.withdrawn = now, reason.strip()
    db.add(whistle)
    audit.record(db, Action.WITHDRAW_WHISTLE, f"whistle {whistle_id}", by=asker, detail=reason.strip())
    return whistle


def open_whistles(db: Session, who: Principal, case_id: int | None = None) -> list[Call]:
    """The calls that `who` may see and that still wait for an answer, the first due first; or those of one case."""
    query = select(Whistle).where(visible_to(who), col(Whistle.ended_at).is_(None))
    if case_id is not None:
        query = query.where(Whistle.case_id == case_id)
    calls = _calls(db, list(db.exec(query)))
    return sorted(calls, key=lambda call: min(a.due_at for a in call.answers if a.answered_at is None))


def whistles_of(db: Session, who: Principal, case_id: int) -> list[Call]:
    """The whistles about a case that `who` may see, the first first."""
    query = select(Whistle).where(visible_to(who), Whistle.case_id == case_id).order_by(col(Whistle.blown_at))
    return _calls(db, list(db.exec(query)))


def whistles_between(db: Session, who: Principal, since: datetime, until: datetime) -> list[Call]:
    """The whistles blown from `since` to `until` that `who` may see, the newest first: both sides are appraised."""
    query = select(Whistle).where(visible_to(who), Whistle.blown_at >= since, Whistle.blown_at < until)
    return _calls(db, list(db.exec(query.order_by(col(Whistle.blown_at).desc()))))


def late_answers(calls: Iterable[Call], now: datetime) -> list[tuple[Whistle, WhistleAnswer]]:
    """What units of open calls owe past its time, the longest owed first."""
    owed = ((call.whistle, row) for call in calls for row in call.answers if row.answered_at is None)
    return sorted(((w, row) for w, row in owed if row.due_at < now), key=lambda pair: pair[1].due_at)


def _calls(db: Session, found: list[Whistle]) -> list[Call]:
    answers = _answers(db, [whistle.id for whistle in found if whistle.id is not None])
    return [Call(whistle, answers[whistle.id]) for whistle in found if whistle.id is not None]


def _answers(db: Session, whistle_ids: list[int]) -> dict[int, tuple[WhistleAnswer, ...]]:
    rows = db.exec(
        select(WhistleAnswer)
        .where(col(WhistleAnswer.whistle_id).in_(whistle_ids))
        .order_by(col(WhistleAnswer.due_at), col(WhistleAnswer.unit_id))
    )
    found: dict[int, tuple[WhistleAnswer, ...]] = dict.fromkeys(whistle_ids, ())
    for row in rows:
        found[row.whistle_id] = (*found[row.whistle_id], row)
    return found


def _place(db: Session, who: Principal, grid_id: int | None, case_id: int | None) -> tuple[str, int]:
    """The path and the grid of a call."""
    if case_id is not None:
        case = case_seen_by(db, who, case_id)
        if case is None:
            raise NotFound(N_("There is no such case"))
        if case.stage in ENDED:
            raise Refused(N_("A whistle is blown about an open case"))
        return case.path, case.grid_id
    grid = db.get(Place, grid_id) if grid_id is not None else None
    if grid is None or grid.id is None or grid.level != Level.GRID:
        raise Refused(N_("Choose the grid that calls"))
    return grid.path, grid.id


def _locked(db: Session, who: Principal, whistle_id: int) -> Whistle:
    query = select(Whistle).where(Whistle.id == whistle_id, visible_to(who)).with_for_update()
    whistle = db.exec(query.execution_options(populate_existing=True)).first()
    if whistle is None:
        raise NotFound(N_("There is no such whistle"))
    if whistle.ended_at is not None:
        raise Refused(N_("This whistle has ended"))
    return whistle
