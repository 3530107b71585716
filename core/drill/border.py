"""Border cases: the grids that claim a point, the one that leads, and how the lead is changed with a reason."""

from datetime import datetime

from sqlmodel import Session, col, select

from core.accounts import audit
from core.accounts.audit import Asker
from core.cases import commands
from core.cases.commands import candidates_of
from core.cases.queries import case_seen_by, visible_to
from core.cases.steps import Move
from core.cases.tables import Case, CaseCandidate, CaseEvent
from core.errors import NotFound, Refused
from core.language import N_
from core.people import Principal
from core.places import Place, Spot, below, node_of
from core.rules import Rules
from core.words import Action, Verb


def border_cases(db: Session, who: Principal, path: str, most: int = 50) -> dict[int, list[int]]:
    """The open border cases at or below `path`: by case the grids that also claim it; one query."""
    low, high = below(path)
    query = (
        select(Case.id, CaseCandidate.grid_id)
        .join(CaseCandidate, col(CaseCandidate.case_id) == Case.id)
        .where(visible_to(who), col(Case.ended_at).is_(None), col(Case.path) >= low, col(Case.path) < high)
        .order_by(col(Case.reported_at).desc(), col(CaseCandidate.grid_id))
    )
    found: dict[int, list[int]] = {}
    for case_id, grid_id in db.execute(query.limit(most)):
        found.setdefault(case_id, []).append(grid_id)
    return found


def change_lead(
    db: Session, by: Asker, case_id: int, grid_id: int, reason: str, rules: Rules, now: datetime
) -> CaseEvent:
    """Let another of the grids that claim a border case lead it.

    Raises: NotFound, when `by` may not see the case; Refused, when the grid does not claim it, or without a reason.
    """
    case = case_seen_by(db, by.who, case_id)
    if case is None:
        raise NotFound(N_("There is no such case"))
    others = candidates_of(db, case_id)
    if grid_id not in others:
        raise Refused(N_("Only a grid that claims the spot can lead the case"))
    lead = node_of(db.get_one(Place, grid_id))
    also = tuple(sorted({*others, case.grid_id} - {grid_id}))
    move = Move(Verb.CORRECT, by.who, occurred_at=now, recorded_at=now, note=reason)
    spot = Spot(lead, also=also)
    event = commands.correct(db, by.who, case_id, move, rules, spot=spot, lon=case.lon, lat=case.lat)
    audit.record(db, Action.CORRECT_CASE, f"case {case_id}", by=by, detail=f"lead {lead.code}")
    return event
