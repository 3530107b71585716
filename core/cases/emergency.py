"""Emergency mode: declared for a place with a reason, it shortens what runs from its start and what begins in it."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from core import people
from core.cases.queries import is_emergency
from core.cases.sweep import by_system, locked, sweep
from core.cases.tables import Emergency
from core.errors import NotFound, Refused
from core.language import N_
from core.people import Principal, User
from core.rules import Rules
from core.words import Permission, Verb

P = Permission


@dataclass(frozen=True, slots=True)
class InForce:
    """An emergency that holds: where, why, since when, by whose word."""

    path: str
    reason: str
    from_at: datetime
    by: str

    @property
    def place_id(self) -> int:
        """The place for which it was declared."""
        return int(self.path.strip("/").rpartition("/")[2])


def declare(db: Session, who: Principal, path: str, reason: str, rules: Rules, *, now: datetime) -> Emergency:
    """Begin emergency mode at a place: what runs is shortened now, what is promised while it holds when it is promised.

    Raises: Refused, when `who` may not, gives no reason, or the mode holds already.
    """
    if not who.may(P.DECLARE_EMERGENCY, path):
        raise Refused(N_("You may not declare or end an emergency here"))
    if not reason.strip():
        raise Refused(N_("An emergency needs a reason"))
    cases = locked(db, path)
    if is_emergency(db, path, now):
        raise Refused(N_("Emergency mode holds here already"))
    row = Emergency(path=path, from_at=now, reason=reason, by_id=who.user_id)
    db.add(row)
    db.flush()
    system = people.system(db)
    sweep(db, cases, rules, lambda case: by_system(Verb.SHORTEN, system, case, now, note=reason, is_emergency=True))
    return row


def end(db: Session, who: Principal, emergency_id: int, *, now: datetime) -> Emergency:
    """End emergency mode; what was promised in it stays promised.

    Raises: NotFound; Refused, when `who` may not.
    """
    row = db.get(Emergency, emergency_id, with_for_update=True)
    if row is None or row.to_at is not None:
        raise NotFound(N_("There is no such emergency"))
    if not who.may(P.DECLARE_EMERGENCY, row.path):
        raise Refused(N_("You may not declare or end an emergency here"))
    row.to_at = now
    db.add(row)
    db.flush()
    return row


def emergencies(db: Session) -> list[Emergency]:
    """Every emergency, the newest first; one without an end still holds."""
    return list(db.exec(select(Emergency).order_by(col(Emergency.from_at).desc())))


def in_force(db: Session) -> tuple[InForce, ...]:
    """The emergencies that have not ended, the newest first."""
    holding = (
        select(Emergency, User.name)
        .join(User, col(User.id) == Emergency.by_id)
        .where(col(Emergency.to_at).is_(None))
        .order_by(col(Emergency.from_at).desc())
    )
    return tuple(InForce(row.path, row.reason, row.from_at, name) for row, name in db.exec(holding))
