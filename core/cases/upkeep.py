"""What time itself brings, to be called each minute: silence escalates, provisional promises are reckoned anew."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from sqlmodel import Session, col, func, select

from core import people, store
from core.calendars import LAST_YEAR
from core.cases.sweep import by_system, sweep
from core.cases.tables import Case, CaseClock
from core.clock import local
from core.promises import Escalation
from core.rules import Rules
from core.words import Role, Verb


class Silent(Protocol):
    """What of a case says how long nobody has touched it."""

    id: int | None
    due_at: datetime | None
    moved_at: datetime
    escalated: int


class Escalated(NamedTuple):
    """A case that is due to be brought before somebody higher."""

    case_id: int
    level: int
    to: Role


class Done(NamedTuple):
    """How many cases were escalated, and how many were reckoned anew."""

    escalated: int
    reckoned: int


@dataclass(frozen=True, slots=True)
class CalendarGap:
    """What the administrator is warned of: the holidays of the coming year are not known to the library at hand."""

    last_year: int
    provisional: int  # running promises whose due time may still change


def escalations(now: datetime, cases: Iterable[Silent], levels: Sequence[Escalation]) -> list[Escalated]:
    """The overdue cases that nobody has touched for so long that the next level is due.

    Silence counts from the due time or the last step, whichever is later; a step by a person begins it anew.
    """
    by_level = {row.level: row for row in levels}
    found = []
    for case in cases:
        row = by_level.get(case.escalated + 1)
        if row is None or case.due_at is None or case.id is None:
            continue
        if now - max(case.due_at, case.moved_at) >= timedelta(hours=row.silent_hours):
            found.append(Escalated(case.id, row.level, row.to))
    return found


def upkeep(db: Session, rules: Rules, now: datetime) -> Done:
    """Escalate what lies in silence, and reckon provisional promises by the holidays known by now."""
    store.number_in_commit_order(db)
    return Done(escalate(db, rules, now), reckon(db, rules, now))


def escalate(db: Session, rules: Rules, now: datetime) -> int:
    """Record the escalations due at `now`, each as an event by the system.

    Returns: how many there were.
    """
    store.number_in_commit_order(db)
    query = select(Case).where(col(Case.ended_at).is_(None), col(Case.due_at) < now)
    cases = db.exec(query.order_by(col(Case.id)).with_for_update()).all()
    due = {found.case_id: found for found in escalations(now, cases, rules.escalations)}
    if not due:
        return 0
    who = people.system(db)
    silent = [case for case in cases if case.id in due]
    return sweep(
        db, silent, rules, lambda case: by_system(Verb.ESCALATE, who, case, now, level=due[case.id or 0].level)
    )  # fmt: skip


def reckon(db: Session, rules: Rules, now: datetime) -> int:
    """Reckon provisional promises anew, now that more holidays may be published; what they said before is kept.

    Returns: how many cases changed.
    """
    store.number_in_commit_order(db)
    clocks = select(CaseClock.case_id).where(CaseClock.is_provisional, *_running())
    query = select(Case).where(col(Case.id).in_(clocks), col(Case.ended_at).is_(None))
    cases = db.exec(query.order_by(col(Case.id)).with_for_update()).all()
    if not cases:
        return 0
    who = people.system(db)
    return sweep(db, cases, rules, lambda case: by_system(Verb.RECKON, who, case, now))


def calendar_gap(db: Session, now: datetime) -> CalendarGap | None:
    """What to warn the administrator of: from December of the last published year, or once a promise depends on it."""
    clocks = select(func.count()).select_from(CaseClock).where(CaseClock.is_provisional, *_running())
    provisional = db.exec(clocks).one()
    today = local(now).date()
    is_near = (today.year, today.month) >= (LAST_YEAR, 12)
    return CalendarGap(LAST_YEAR, provisional) if provisional or is_near else None


def _running() -> list[bool]:
    ends = (CaseClock.met_at, CaseClock.cancelled_at, CaseClock.superseded_at)
    return [col(end).is_(None) for end in ends]  # type: ignore[misc]
