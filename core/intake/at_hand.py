"""The case at hand: what the officer needs to move it on, read at one moment; `core.cases.dossier` tells all of it."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from core.cases.commands import candidates_of, clock_of, clocks_of, state_of, unit_clocks_of
from core.cases.queries import case_seen_by, events_of, reports_of
from core.cases.reporter import reporter_masked
from core.cases.steps import CaseState, Need, Step, steps_open_to
from core.cases.tables import Case, CaseEvent
from core.intake.commands import units_for
from core.liaisons import lookup
from core.liaisons.answer import Answer
from core.limits import Clock
from core.people import Principal
from core.rules import Rules
from core.units import Unit, units
from core.whistles import Call, open_whistles

APART = frozenset({Need.CASE, Need.FACTS})  # steps that have a form of their own


@dataclass(frozen=True, slots=True)
class AtHand:
    """A case with its history, its promises, what may be done with it, and whom to ring."""

    case: Case
    state: CaseState
    steps: tuple[Step, ...]
    apart: tuple[Step, ...]  # correcting and merging
    events: tuple[CaseEvent, ...]
    clocks: tuple[Clock, ...]
    reports: int
    reporter: tuple[str, str] | None  # masked
    also: tuple[int, ...]  # other grids that claim its point
    calls: tuple[Call, ...]
    units: tuple[Unit, ...]  # all, those that answer for this sector here first
    person: Answer


def at_hand(db: Session, who: Principal, case_id: int, rules: Rules, *, now: datetime) -> AtHand | None:
    """The case as `who` may see it; None when it does not exist or may not be seen."""
    case = case_seen_by(db, who, case_id)
    if case is None:
        return None
    rows, events = [*clocks_of(db, case_id), *unit_clocks_of(db, case_id)], events_of(db, case_id)
    state = state_of(case, rows, rules, events)
    steps = steps_open_to(state, who)
    sector = rules.categories[case.category].sector
    first = units_for(db, sector, case.path)
    others = [unit for unit in units(db) if unit.id not in {one.id for one in first}]
    return AtHand(
        case,
        state,
        tuple(step for step in steps if not step.needs & APART),
        tuple(step for step in steps if step.needs & APART),
        tuple(events),
        tuple(map(clock_of, rows)),
        reports_of(db, case_id),
        reporter_masked(db, who, case_id),
        tuple(candidates_of(db, case_id)),
        tuple(open_whistles(db, who, case_id)),
        (*first, *others),
        lookup.answering(db, sector, case.path, now, rules, unit_id=case.unit_id),
    )
