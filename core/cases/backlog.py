"""My backlog: the open cases that somebody may see, the next deadline first, each with the steps they may take now."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, case, exists, false
from sqlmodel import Field, Session, SQLModel, col, func, or_, select

from core import limits
from core.accounts.audit import Asker
from core.cases.commands import clocks_of
from core.cases.past import events_by_case
from core.cases.queries import allowed_to, visible_to
from core.cases.rows import clock_of, state_of
from core.cases.step_table import MAIN, Step
from core.cases.steps import CaseState, steps_open_to
from core.cases.sweep import running_clocks
from core.cases.tables import Case, CaseClock, CaseEvent
from core.clock import day_start
from core.limits import Clock
from core.people import Principal
from core.rules import Rules
from core.words import ClockState, Permission, Severity, Stage

MOST = 60  # cases of one list; the filters reach the others
DAY = timedelta(days=1)


class LastLook(SQLModel, table=True):
    """Up to which event somebody has seen their backlog."""

    __tablename__ = "last_look"
    user_id: int = Field(primary_key=True, foreign_key="user_account.id")
    seq: int
    at: datetime


class Show(StrEnum):
    """Which of the open cases are shown."""

    ALL = "all"
    OVERDUE = "overdue"
    TODAY = "today"
    WAITING = "waiting"
    CHANGED = "changed"
    APPROVAL = "approval"


@dataclass(frozen=True, slots=True)
class Todo:
    """An open case with what may be done about it now."""

    case: Case
    clock: ClockState | None  # how the promise that is shown stands: of those that run, the one due first
    of_case: ClockState | None  # how the case stands on the wall: by its own promises
    running: tuple[Clock, ...]  # the next promise of the case and that of its unit, the one due first first
    state: CaseState
    steps: tuple[Step, ...]
    is_changed: bool

    @property
    def id(self) -> int:
        """The id of the case."""
        assert self.case.id is not None
        return self.case.id

    @property
    def number(self) -> str:
        """The number people read out."""
        return self.case.number

    @property
    def title(self) -> str:
        """What it is about."""
        return self.case.title

    @property
    def severity(self) -> Severity:
        """Its level."""
        return Severity(self.case.severity)

    @property
    def stage(self) -> Stage:
        """Where it stands in the loop."""
        return Stage(self.case.stage)

    @property
    def due_at(self) -> datetime | None:
        """When the promise that is shown falls due."""
        return self.running[0].due_at if self.running else None

    @property
    def is_mine(self) -> bool:
        """Whether the way on, or an answer to what was asked for, is up to the one who looks."""
        return any(step.verb in MAIN or step.settles for step in self.steps)


@dataclass(frozen=True, slots=True)
class Look:
    """What somebody has seen: up to which event and when; None: never looked."""

    seq: int | None = None
    at: datetime | None = None


def look(db: Session, who: Principal) -> Look:
    """When `who` has last seen their backlog."""
    row = db.get(LastLook, who.user_id)
    return Look(row.seq, row.at) if row else Look()


def seen(db: Session, asker: Asker, now: datetime) -> None:
    """Remember that the asker has seen everything up to now."""
    newest = db.exec(select(func.max(CaseEvent.seq))).one() or 0
    db.merge(LastLook(user_id=asker.who.user_id, seq=newest, at=now))


def counts(db: Session, who: Principal, now: datetime, last: Look) -> dict[Show, int]:
    """How many open cases each filter shows."""
    is_shown = {show: _shown(who, now, last, show) for show in Show}
    columns = [func.coalesce(func.sum(case((condition, 1), else_=0)), 0) for condition in is_shown.values()]
    row = db.execute(select(*columns).where(visible_to(who), col(Case.ended_at).is_(None))).one()
    return dict(zip(Show, row, strict=True))


def backlog(db: Session, who: Principal, now: datetime, rules: Rules, last: Look, show: Show = Show.ALL) -> list[Todo]:
    """The open cases that `who` may see and `show` asks for: the next deadline first, what stands still last."""
    query = select(Case).where(visible_to(who), col(Case.ended_at).is_(None), _shown(who, now, last, show))
    order = (_next_due().is_(None), _next_due(), col(Case.id))
    return _todos(db, who, now, rules, last, list(db.exec(query.order_by(*order).limit(MOST))))


def todo(db: Session, who: Principal, now: datetime, rules: Rules, case_id: int) -> Todo | None:
    """One case, open or ended, with what `who` may do about it; None when they may not see it."""
    found = db.exec(select(Case).where(Case.id == case_id, visible_to(who))).all()
    shown = next(iter(_todos(db, who, now, rules, Look(), list(found))), None)
    if shown is None or shown.clock is not None:
        return shown
    final = limits.final(map(clock_of, clocks_of(db, case_id)))  # no clock runs any more: what became of the promise
    return replace(shown, clock=final.state(now, rules.due_soon)) if final else shown


def main_step(found: Todo) -> Step | None:
    """The step that comes next on the way to the end, or else the first that may be taken."""
    onward = [step for step in found.steps if step.verb in MAIN]
    return next(iter([*onward, *found.steps]), None)


def _todos(db: Session, who: Principal, now: datetime, rules: Rules, last: Look, cases: list[Case]) -> list[Todo]:
    ids = [found.id for found in cases if found.id is not None]
    events, clocks = events_by_case(db, ids), running_clocks(db, ids)
    return [
        _todo(who, now, rules, last, found, clocks.get(number, []), events.get(number, []))
        for number, found in zip(ids, cases, strict=True)
    ]


def _todo(
    who: Principal, now: datetime, rules: Rules, last: Look, found: Case, clocks: list[CaseClock],
    happened: list[CaseEvent],
) -> Todo:  # fmt: skip
    state = state_of(found, clocks, rules, happened)
    of_case = limits.shown_state(found.due_at, found.suspended_at, now, rules.due_soon)
    running = () if found.suspended_at else _running(state)
    clock = running[0].state(now, rules.due_soon) if running else of_case
    is_changed = last.seq is not None and any((e.seq or 0) > last.seq and e.by_id != who.user_id for e in happened)
    return Todo(found, clock, of_case, running, state, steps_open_to(state, who), is_changed)


def _running(state: CaseState) -> tuple[Clock, ...]:
    """The next promise of the case and that of the unit that has it, as far as they run, the one due first first."""
    found = (limits.next_due(state.clocks), limits.next_due(state.unit_clocks))
    return tuple(sorted((clock for clock in found if clock), key=lambda clock: clock.due_at))


def _next_due() -> ColumnElement[datetime]:
    """When the first of the running promises of a case falls due, its own or that of its unit."""
    own, of_unit = col(Case.due_at), col(Case.unit_due_at)
    return case((of_unit < own, of_unit), else_=func.coalesce(own, of_unit))


def _shown(who: Principal, now: datetime, last: Look, show: Show) -> ColumnElement[bool]:
    """The condition of a filter among open cases; a case at its due time is not yet overdue, as on the wall."""
    runs, due = col(Case.suspended_at).is_(None), col(Case.due_at)
    match show:
        case Show.OVERDUE:
            return and_(runs, due < now)
        case Show.TODAY:
            return and_(runs, or_(due.is_(None), due >= now), _next_due() < day_start(now) + DAY)
        case Show.WAITING:
            return or_(~runs, col(Case.request).is_not(None))
        case Show.CHANGED:
            return _changed(who, last)
        case Show.APPROVAL:
            return and_(col(Case.request).is_not(None), allowed_to(who, Permission.APPROVE))
        case Show.ALL:
            return col(Case.ended_at).is_(None)


def _changed(who: Principal, last: Look) -> ColumnElement[bool]:
    """Whether others have moved a case since the last look: asked of each open case, so that history does not count."""
    if last.seq is None:
        return false()
    others = and_(col(CaseEvent.seq) > last.seq, col(CaseEvent.by_id) != who.user_id)
    return exists().where(col(CaseEvent.case_id) == col(Case.id), others)
