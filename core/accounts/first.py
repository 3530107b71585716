"""At the server's command line: the first administrator, and the way back in for whoever has lost the password."""

from datetime import datetime

from sqlmodel import Session, col, select

from core.accounts import audit, passwords, sessions
from core.accounts.staff import new_user
from core.clock import local
from core.errors import NotFound, Refused
from core.language import N_
from core.people import Appointment, User
from core.places import Place
from core.words import Action, Level, Role


def first_administrator(db: Session, name: str, login: str, now: datetime) -> str:
    """Appoint the first administrator of the store, for all its streets.

    Returns: the temporary password, which is nowhere kept.
    Raises: Refused, when there is one already, or no place yet.
    """
    if db.exec(select(Appointment.id).where(Appointment.role == Role.ADMINISTRATOR)).first() is not None:
        raise Refused(N_("There is an administrator already; others are added on the administration page"))
    streets = db.exec(select(Place.id).where(Place.level == Level.STREET).order_by(col(Place.code))).all()
    if not streets:
        raise Refused(N_("There are no places yet: import them first"))
    user, password = new_user(db, name, login)
    today = local(now).date()
    for street in streets:
        assert user.id is not None
        assert street is not None
        db.add(Appointment(user_id=user.id, role=Role.ADMINISTRATOR, place_id=street, from_on=today))
    audit.record(db, Action.ADD_PERSON, f"user {user.id}", at=now, detail=user.name)
    return password


def new_password(db: Session, login: str, now: datetime) -> str:
    """A temporary password for somebody who signs in as `login`, asked for at the command line.

    Returns: the password, which is nowhere kept.
    Raises: NotFound.
    """
    user = db.exec(select(User).where(User.login == login.strip().casefold())).first()
    if user is None or user.id is None:
        raise NotFound(N_("There is no such person"))
    password = passwords.temporary()
    user.password_hash, user.must_change = passwords.hashed(password), True
    user.failures, user.locked_until = 0, None
    sessions.end_all(db, user.id, now)
    audit.record(db, Action.RESET_PASSWORD, f"user {user.id}", at=now, detail=user.name)
    return password
