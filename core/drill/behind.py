"""The cases behind a figure: the same conditions, read from the cases themselves within what the asker may see."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlmodel import Session, col

from core import limits
from core.cases.queries import visible_to
from core.cases.tables import Case, CaseClock, CaseEvent
from core.drill.asked import Filter, Period
from core.people import Principal
from core.place_words import Figure
from core.rules import Rules
from core.words import ClockState, Severity, Stage, Verb, Verdict

MOST = 100


@dataclass(frozen=True, slots=True)
class Behind:
    """A case in a list; no personal data."""

    id: int
    number: str
    title: str
    category: str
    severity: Severity
    stage: Stage
    place_id: int
    address: str
    reported_at: datetime
    ended_at: datetime | None
    due_at: datetime | None
    clock: ClockState | None  # how its next promise stands; None when it has ended, or nothing is promised


COLUMNS: tuple[Any, ...] = (*(getattr(Case, name) for name in Behind.__slots__[:-1]), Case.suspended_at)


def behind(
    db: Session, who: Principal, path: str, figure: Figure, period: Period, told: Filter, rules: Rules, now: datetime
) -> list[Behind]:
    """The cases that a figure of the place counts, at most 100: what is open by its due time, the rest newest first.

    Behind the rate in time are those that were not kept, behind the rework rate those sent back. One query.
    """
    # not as a range of paths: that would tempt the store to read all history of the place instead of the period's
    within = func.substr(col(Case.path), 1, len(path)) == path
    query = select(*COLUMNS).where(visible_to(who), within, *told.conditions(Case, rules))
    wanted, order = _wanted(figure, period, told, rules, now)
    if figure is Figure.ON_TIME:
        query = query.join(CaseClock, col(CaseClock.case_id) == col(Case.id))
    rows: Any = db.execute(query.where(wanted).order_by(order, col(Case.id)).limit(MOST))
    return [_behind(row, now, rules) for row in rows]


def _behind(row: Any, now: datetime, rules: Rules) -> Behind:
    *values, suspended_at = row
    known = dict(zip(Behind.__slots__, values, strict=False))
    known |= {"severity": Severity(known["severity"]), "stage": Stage(known["stage"])}
    return Behind(**known, clock=_clock(known["ended_at"], known["due_at"], suspended_at, now, rules))


def _clock(
    ended_at: datetime | None, due_at: datetime | None, suspended_at: datetime | None, now: datetime, rules: Rules
) -> ClockState | None:
    if ended_at:
        return None
    if suspended_at:
        return ClockState.PAUSED
    return limits.running_state(due_at, now, rules.due_soon) if due_at else None


def _wanted(
    figure: Figure, period: Period, told: Filter, rules: Rules, now: datetime
) -> tuple[ColumnElement[bool], ColumnElement[Any]]:
    if figure in (Figure.OPEN, Figure.OVERDUE, Figure.DUE_SOON):
        return _open(figure, told, rules, now), col(Case.due_at).asc().nulls_last()
    if figure is Figure.REPORTED:
        return _within(Case.reported_at, period), col(Case.reported_at).desc()
    if figure is Figure.ON_TIME:
        return _not_kept(period, now), col(CaseClock.due_at).desc()
    if figure is Figure.SATISFIED:
        unhappy = col(Case.verdict) == Verdict.NOT_SATISFIED
        return and_(unhappy, _within(Case.ended_at, period)), col(Case.ended_at).desc()
    if figure is Figure.REWORKED:
        reworks = select(col(CaseEvent.case_id)).where(
            col(CaseEvent.verb) == Verb.REWORK, _within(CaseEvent.occurred_at, period)
        )
        return col(Case.id).in_(reworks), col(Case.reported_at).desc()
    return and_(col(Case.stage) == Stage.CLOSED, _within(Case.ended_at, period)), col(Case.ended_at).desc()


def _open(figure: Figure, told: Filter, rules: Rules, now: datetime) -> ColumnElement[bool]:
    found = [col(Case.ended_at).is_(None), *([col(Case.stage) == told.stage] if told.stage else [])]
    if figure is Figure.OVERDUE:
        found += [col(Case.suspended_at).is_(None), col(Case.due_at) < now]
    elif figure is Figure.DUE_SOON:
        found += [col(Case.suspended_at).is_(None), col(Case.due_at) >= now, col(Case.due_at) <= now + rules.due_soon]
    return and_(*found)


def _within(moment: Any, period: Period) -> ColumnElement[bool]:
    return and_(col(moment) >= period.start, col(moment) < period.end)


def _not_kept(period: Period, now: datetime) -> ColumnElement[bool]:
    """Promises that fell due in the period and were not kept, be it that they are still open."""
    met, due = col(CaseClock.met_at), col(CaseClock.due_at)
    return and_(
        col(CaseClock.is_final), col(CaseClock.cancelled_at).is_(None), col(CaseClock.superseded_at).is_(None),
        _within(CaseClock.due_at, period), due < now, met.is_(None) | (met > due),
        col(Case.suspended_at).is_(None) | (col(Case.suspended_at) >= due),
    )  # fmt: skip
