"""Who reported a case: masked everywhere, unmasked for a reason, and never for the unit complained of."""

from sqlmodel import Session, col, select

from core.accounts import audit
from core.accounts.audit import Asker
from core.cases.queries import case_seen_by
from core.cases.tables import Case, CaseEvent, Reporter
from core.errors import NotFound, Refused
from core.language import N_
from core.people import Principal
from core.words import Action, Permission, Role

SHORTEST_REASON, LONGEST = 4, 40


def reporter_masked(db: Session, who: Principal, case_id: int) -> tuple[str, str] | None:
    """The masked name and phone of the reporter of a case that `who` may see; None when there is none."""
    if case_seen_by(db, who, case_id) is None:
        return None
    row = db.get(Reporter, case_id)
    return (row.masked_name, row.masked_phone) if row else None


def unmask(db: Session, asker: Asker, case_id: int, reason: str) -> tuple[str, str]:
    """The name and phone of the reporter, for a reason that is written into the audit in the same transaction.

    Raises: NotFound, when there is no such case for the asker; Refused, without the right or a reason.
    """
    case = _readable(db, asker, case_id)
    if len(reason.strip()) < SHORTEST_REASON:
        raise Refused(N_("Give the reason why you must know who reported this"))
    row = db.get(Reporter, case_id)
    if row is None:
        raise NotFound(N_("Nobody is known to have reported this"))
    audit.record(db, Action.UNMASK_REPORTER, f"case {case.number}", by=asker, detail=reason.strip())
    return row.name, row.phone


def correct(db: Session, asker: Asker, case_id: int, name: str, phone: str) -> None:
    """Write down who reported a case; what is empty stays as it is. The audit tells that, and neither name nor phone.

    Raises: NotFound, when there is no such case for the asker; Refused, without the rights to see and to correct it.
    """
    case, name, phone = _readable(db, asker, case_id), name.strip(), phone.strip()
    if not asker.who.may(Permission.CORRECT, case.path):
        raise Refused(N_("You may not do this"))
    if not (name or phone) or max(len(name), len(phone)) > LONGEST:
        raise Refused(N_("Give a name or a phone of at most {most} characters"), most=LONGEST)
    row = db.get(Reporter, case_id) or Reporter(case_id=case_id)
    row.name, row.phone = name or row.name, phone or row.phone
    db.add(row)
    audit.record(db, Action.CORRECT_CASE, f"case {case.number}", by=asker, detail="reporter")


def _readable(db: Session, asker: Asker, case_id: int) -> Case:
    """The case, if the asker may know who reported it."""
    case = case_seen_by(db, asker.who, case_id)
    if case is None:
        raise NotFound(N_("There is no such case"))
    if not asker.who.may(Permission.READ_REPORTER, case.path, case.unit_id) or _is_of_a_unit(db, asker.who, case_id):
        raise Refused(N_("You may not see who reported this"))
    return case


def _is_of_a_unit(db: Session, who: Principal, case_id: int) -> bool:
    """Whether the asker answers for a unit that has or had the case, whatever else they are appointed to."""
    own = [grant.unit_id for grant in who.grants if grant.role is Role.LIAISON and grant.unit_id is not None]
    handed = select(CaseEvent.seq).where(CaseEvent.case_id == case_id, col(CaseEvent.unit_id).in_(own))
    return bool(own) and db.exec(handed).first() is not None
