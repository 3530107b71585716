"""A case at any past moment, from its events; and its clocks replayed from them, which must say what was stored."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from core import limits
from core.cases.rows import known_at_report, move_of
from core.cases.steps import CaseState, Correction, Move, moved
from core.cases.tables import Case, CaseEvent
from core.limits import Clock
from core.rules import Rules
from core.words import ENDED, ClockState, Stage


@dataclass(frozen=True, slots=True)
class Then:
    """A case as it stood at a moment."""

    stage: Stage
    unit_id: int | None
    path: str
    category: str
    clocks: tuple[Clock, ...]
    unit_clocks: tuple[Clock, ...]
    suspended_at: datetime | None

    def state(self, moment: datetime, soon: timedelta) -> ClockState | None:
        """What the screens said of it then: how the promise stood that fell due first."""
        if self.stage in ENDED:
            return None
        if self.suspended_at:
            return ClockState.PAUSED
        clock = limits.next_due(self.clocks)
        return clock.state(moment, soon) if clock else None


def replay(first: CaseState, moves: Iterable[Move], rules: Rules, regime: str | None = None) -> CaseState:
    """The case after `moves` as they were made, or as they would have gone under another `regime`."""
    state = replace(first, regime=regime) if regime else first
    for move in moves:
        state = moved(state, _under(move, regime) if regime and move.correction else move, rules)
    return state


def _under(move: Move, regime: str) -> Move:
    """A correction that leaves the regime alone."""
    assert move.correction is not None
    was, now = (replace(known, regime=regime) for known in (move.correction.was, move.correction.now))
    return replace(move, correction=Correction(was, now))


def first_state(case: Case, events: Iterable[CaseEvent], rules: Rules) -> CaseState:
    """The state before the report: what the case was taken for then."""
    known = known_at_report(case, events, rules)
    return CaseState(path=known.path, regime=known.regime, grade=known.grade)


def replayed(case: Case, events: Sequence[CaseEvent], rules: Rules, regime: str | None = None) -> CaseState:
    """A stored case replayed from its events alone; under the rules that made its promises it equals what is stored."""
    return replay(first_state(case, events, rules), map(move_of, events), rules, regime)


def then(case: Case, events: Sequence[CaseEvent], rules: Rules, moment: datetime) -> Then | None:
    """A case as it stood at `moment`, by the events that had happened by then; None before its report."""
    happened = [event for event in events if event.occurred_at <= moment]
    if not happened:
        return None
    known = known_at_report(case, [e for e in events if e.occurred_at > moment], rules)
    state = replay(first_state(case, events, rules), map(move_of, happened), rules)
    assert state.stage is not None
    return Then(
        state.stage, state.unit_id, known.path, known.category, state.clocks, state.unit_clocks, state.suspended_at
    )  # fmt: skip


def stored_then(
    clocks: Iterable[Clock], events: Iterable[CaseEvent], rules: Rules, moment: datetime
) -> tuple[Clock, ...]:  # fmt: skip
    """The stored clocks as they stood at `moment`: promises made under rules that have since been edited stay true."""
    made = {event.ordinal for event in events if event.occurred_at <= moment}
    found = (limits.as_of(c, moment, rules.calendars[c.calendar]) for c in clocks if c.ordinal in made)
    return tuple(clock for clock in found if clock)


def events_by_case(db: Session, case_ids: Iterable[int]) -> dict[int, list[CaseEvent]]:
    """The events of many cases, each case's first event first."""
    found: dict[int, list[CaseEvent]] = {}
    query = select(CaseEvent).where(col(CaseEvent.case_id).in_(list(case_ids)))
    for event in db.exec(query.order_by(col(CaseEvent.case_id), col(CaseEvent.ordinal))):
        found.setdefault(event.case_id, []).append(event)
    return found
