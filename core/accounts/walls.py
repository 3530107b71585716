"""Wall screens: invited by a code, paired once, revoked by an administrator; they read the wall and nothing else."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from core.accounts import audit, sessions
from core.accounts.audit import Asker
from core.accounts.tables import AuthSession
from core.clock import local
from core.errors import NotFound, Refused
from core.language import N_
from core.people import Appointment, User
from core.places import Place
from core.words import Action, Permission, Role


@dataclass(frozen=True, slots=True)
class Screen:
    """A wall screen as administrators see it."""

    id: int
    name: str
    place: str
    paired_at: datetime | None  # None: its code has not been typed yet
    is_active: bool


def invite(db: Session, asker: Asker, name: str, place_id: int) -> str:
    """Make room for a wall screen at a place.

    Returns: the code to be typed at the screen within ten minutes.
    Raises: NotFound, Refused.
    """
    place = db.get(Place, place_id)
    if place is None or not asker.who.may(Permission.ADMINISTER, place.path):
        raise NotFound(N_("There is no such place"))
    if not 1 <= len(name.strip()) <= 40:
        raise Refused(N_("The name has 1 to 40 characters"))
    db.add(user := User(name=name.strip(), is_device=True))
    db.flush()
    assert user.id is not None
    today = local(asker.at).date()
    db.add(Appointment(user_id=user.id, role=Role.WALL, place_id=place_id, from_on=today))
    audit.record(db, Action.INVITE_WALL, f"user {user.id}", by=asker, detail=f"{user.name}, {place.name}")
    return sessions.pairing(db, user.id, asker.at)


def screens(db: Session, asker: Asker) -> list[Screen]:
    """The wall screens at the asker's places, by name; an invitation that ran out unused is not among them."""
    paired = func.min(AuthSession.created_at)
    query = (
        select(User, Place, paired)
        .join(Appointment, col(Appointment.user_id) == User.id)
        .join(Place, col(Place.id) == Appointment.place_id)
        .outerjoin(AuthSession, col(AuthSession.user_id) == User.id)
        .where(col(User.is_device), Appointment.role == Role.WALL)
        .group_by(col(User.id), col(Place.id))
        .order_by(User.name, col(User.id))
    )
    return [
        Screen(user.id, user.name, place.name, at, user.is_active)
        for user, place, at in db.exec(query)
        if user.id is not None and asker.who.may(Permission.ADMINISTER, place.path)
    ]


def revoke(db: Session, asker: Asker, user_id: int) -> None:
    """End a wall screen: its session ends at once and cannot be opened again.

    Raises: NotFound.
    """
    if user_id not in {screen.id for screen in screens(db, asker)}:
        raise NotFound(N_("There is no such wall screen"))
    user = db.get_one(User, user_id)
    user.is_active = False
    sessions.end_all(db, user_id, asker.at)
    audit.record(db, Action.REVOKE_WALL, f"user {user_id}", by=asker, detail=user.name)
