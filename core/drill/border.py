"""Border cases: how another of the grids that claim the point of a case comes to lead it, with a reason."""

from datetime import datetime

from sqlmodel import Session

from core.accounts import audit
from core.accounts.audit import Asker
from core.cases import commands
from core.cases.commands import candidates_of
from core.cases.queries import case_seen_by
from core.cases.steps import Move
from core.cases.tables import CaseEvent
from core.errors import NotFound, Refused
from core.language import N_
from core.places import Place, Spot, node_of
from core.rules import Rules
from core.words import Action, Verb


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
