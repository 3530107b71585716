"""Open cases by the liaison to whom they were dispatched; whoever has left is followed to the successor."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func
from sqlmodel import Session, col, select

from core.cases.queries import visible_to
from core.cases.tables import Case, CaseEvent
from core.liaisons.directory import Directory
from core.people import Principal
from core.words import Severity, Stage, Verb


class Dispatched(NamedTuple):
    """An open case in the hands of a liaison."""

    id: int
    number: str
    title: str
    address: str
    severity: Severity
    stage: Stage
    due_at: datetime | None


def seen_by(db: Session, who: Principal, unit_id: int, directory: Directory) -> dict[int | None, list[Dispatched]]:
    """The open cases of a unit that `who` may see, by the id of the liaison; None: given to the duty room."""
    held = of_unit(db, unit_id, directory)
    ids = [case.id for cases in held.values() for case in cases]
    seen = set(db.exec(select(Case.id).where(col(Case.id).in_(ids), visible_to(who))))
    return {one: [case for case in cases if case.id in seen] for one, cases in held.items()}


def of_unit(db: Session, unit_id: int, directory: Directory) -> dict[int | None, list[Dispatched]]:
    """All open cases of a unit, by the id of the liaison who has them now; whoever asks has checked the rights."""
    last = (
        select(func.max(CaseEvent.ordinal))
        .where(CaseEvent.case_id == Case.id, CaseEvent.verb == Verb.DISPATCH)
        .correlate(Case)
        .scalar_subquery()
    )
    rows = db.exec(
        select(Case, CaseEvent.given)
        .join(CaseEvent, (col(CaseEvent.case_id) == Case.id) & (col(CaseEvent.ordinal) == last))
        .where(col(Case.ended_at).is_(None), Case.unit_id == unit_id)
        .order_by(col(Case.due_at), col(Case.id))
    )
    found: dict[int | None, list[Dispatched]] = {}
    for case, given in rows:
        called = ((given or {}).get("called") or {}).get("liaison")
        heir = directory.heir(called) if called else None
        found.setdefault(heir.id if heir else None, []).append(_dispatched(case))
    return found


def _dispatched(case: Case) -> Dispatched:
    assert case.id is not None
    return Dispatched(
        case.id, case.number, case.title, case.address, Severity(case.severity), Stage(case.stage), case.due_at
    )
