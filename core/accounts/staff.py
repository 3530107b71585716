"""What administrators do with people: add, appoint, hand over, unlock, disable, reset; within their own places only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import Session, col, select

from core.accounts import audit, passwords, sessions
from core.accounts.attempts import is_locked
from core.accounts.audit import Asker
from core.accounts.posts import Post, held_elsewhere, open_cases_of
from core.clock import local
from core.errors import NotFound, Refused
from core.language import N_
from core.people import Appointment, Principal, User
from core.places import Place
from core.units import Unit
from core.words import Action, Permission, Role

APPOINTABLE = (
    Role.DUTY_OFFICER,
    Role.LEADER,
    Role.SECRETARY,
    Role.GRID_HEAD,
    Role.LIAISON,
    Role.ADMINISTRATOR,
)
PERSONAL = frozenset({Role.GRID_HEAD, Role.LIAISON})  # whose cases wait for one person


@dataclass(frozen=True, slots=True)
class Held:
    """An appointment as it is shown."""

    id: int
    role: Role
    place: str
    path: str
    unit: str | None
    from_on: date
    to_on: date | None


@dataclass(frozen=True, slots=True)
class Person:
    """A person, or a wall screen, as administrators see them."""

    id: int
    name: str
    login: str | None
    is_active: bool
    is_device: bool
    is_locked: bool
    must_change: bool
    held: tuple[Held, ...]


def persons(db: Session, asker: Asker) -> list[Person]:
    """Everybody whom the asker administers, by name."""
    held = _held_by_user(db)
    rows = db.exec(select(User).order_by(User.name, col(User.id))).all()
    return [
        Person(
            id=row.id,
            name=row.name,
            login=row.login,
            is_active=row.is_active,
            is_device=row.is_device,
            is_locked=is_locked(row, asker.at),
            must_change=row.must_change,
            held=held.get(row.id, ()),
        )
        for row in rows
        if row.id is not None and _governs(asker.who, held.get(row.id, ()))
    ]


def held_by(db: Session, user_id: int) -> tuple[Held, ...]:
    """The appointments of a user, the newest first."""
    return _held_by_user(db, user_id).get(user_id, ())


def add_person(db: Session, asker: Asker, name: str, login: str) -> tuple[int, str]:
    """Add a person with a temporary password.

    Returns: the id of the user, and the password, which is nowhere kept.
    Raises: Refused.
    """
    if not asker.who.paths(Permission.ADMINISTER):
        raise Refused(N_("You may not do this"))
    user, password = new_user(db, name, login)
    audit.record(db, Action.ADD_PERSON, f"user {user.id}", by=asker, detail=user.name)
    assert user.id is not None
    return user.id, password


def new_user(db: Session, name: str, login: str) -> tuple[User, str]:
    """A stored person with a temporary password; who may ask for it is the caller's matter.

    Raises: Refused, when a name is missing, too long or taken.
    """
    name = name.strip()
    if not 1 <= len(name) <= 40:
        raise Refused(N_("The name has 1 to 40 characters"))
    free, password = _free_login(db, login), passwords.temporary()
    user = User(name=name, login=free, password_hash=passwords.hashed(password), must_change=True)
    db.add(user)
    db.flush()
    return user, password


def appoint(db: Session, asker: Asker, user_id: int, post: Post, from_on: date, to_on: date | None = None) -> int:
    """Appoint a person from a day, to a day or until further notice.

    Returns: the id of the appointment.
    Raises: NotFound, Refused.
    """
    user = _governed(db, asker, user_id)
    place = _place(db, asker.who, post)
    if to_on is not None and to_on < from_on:
        raise Refused(N_("An appointment cannot end before it begins"))
    if user.is_device or post.role not in APPOINTABLE:
        raise Refused(N_("People are appointed, and wall screens are paired"))
    row = Appointment(user_id=user_id, **post.columns(), from_on=from_on, to_on=to_on)
    db.add(row)
    db.flush()
    detail = f"{user.name}: {post.role}, {place.name}, {from_on} – {to_on or ''}"
    audit.record(db, Action.APPOINT, f"user {user_id}", by=asker, detail=detail)
    assert row.id is not None
    return row.id


def end_appointment(
    db: Session, asker: Asker, appointment_id: int, last_on: date, successor_id: int | None = None
) -> list[str]:
    """End an appointment with the day `last_on`, and hand its open cases to the successor in the same act.

    The successor is appointed to the same post from the next day. Nobody's open cases are left without a person.
    Returns: the numbers of the cases handed over.
    Raises: NotFound; Refused, when open cases would be left to nobody.
    """
    row = db.get(Appointment, appointment_id)
    if row is None:
        raise NotFound(N_("There is no such appointment"))
    user, post = _governed(db, asker, row.user_id), Post.of(row)
    if row.user_id == asker.who.user_id and row.role == Role.ADMINISTRATOR:
        raise Refused(N_("Another administrator must end this appointment: it is your own"))
    numbers = open_cases_of(db, post) if post.role in PERSONAL else []
    if numbers and successor_id is None and not held_elsewhere(db, post, row.user_id, last_on + timedelta(days=1)):
        raise Refused(N_("{count} open cases would be left to nobody: name a successor"), count=len(numbers))
    row.to_on = last_on
    detail = f"{user.name}: {post.role} – {last_on}"
    if successor_id is not None:
        if successor_id == row.user_id:
            raise Refused(N_("The successor is somebody else"))
        appoint(db, asker, successor_id, post, last_on + timedelta(days=1))
        detail += f" → user {successor_id}; " + " ".join(numbers)
    if last_on < local(asker.at).date():
        sessions.end_all(db, row.user_id, asker.at)
    audit.record(db, Action.END_APPOINTMENT, f"appointment {appointment_id}", by=asker, detail=detail)
    return numbers


def unlock(db: Session, asker: Asker, user_id: int) -> None:
    """Let a person try again at once.

    Raises: NotFound.
    """
    user = _governed(db, asker, user_id)
    user.failures, user.locked_until = 0, None
    audit.record(db, Action.UNLOCK, f"user {user_id}", by=asker, detail=user.name)


def disable(db: Session, asker: Asker, user_id: int) -> None:
    """Let a person in no more, and end their sessions at once.

    Raises: NotFound; Refused for oneself.
    """
    user = _governed(db, asker, user_id)
    if user_id == asker.who.user_id:
        raise Refused(N_("Nobody disables himself"))
    user.is_active = False
    sessions.end_all(db, user_id, asker.at)
    audit.record(db, Action.DISABLE, f"user {user_id}", by=asker, detail=user.name)


def enable(db: Session, asker: Asker, user_id: int) -> None:
    """Let a disabled person in again.

    Raises: NotFound.
    """
    user = _governed(db, asker, user_id)
    user.is_active = True
    audit.record(db, Action.ENABLE, f"user {user_id}", by=asker, detail=user.name)


def end_sessions(db: Session, asker: Asker, user_id: int) -> int:
    """End all sessions of a person at once.

    Returns: how many were open.
    Raises: NotFound.
    """
    user = _governed(db, asker, user_id)
    ended = sessions.end_all(db, user_id, asker.at)
    audit.record(db, Action.END_SESSIONS, f"user {user_id}", by=asker, detail=f"{user.name}: {ended}")
    return ended


def open_login(db: Session, asker: Asker, user_id: int, login: str) -> str:
    """Give a person who has none a name to sign in with.

    Returns: a temporary password, which is nowhere kept.
    Raises: NotFound, Refused.
    """
    user = _governed(db, asker, user_id)
    if user.is_device or user.login is not None:
        raise Refused(N_("This account has a sign-in name already, or is a wall screen"))
    user.login = _free_login(db, login)
    return reset_password(db, asker, user_id)


def reset_password(db: Session, asker: Asker, user_id: int) -> str:
    """Give a person a temporary password, unlock the account and end its sessions.

    Returns: the password, which is nowhere kept.
    Raises: NotFound; Refused for a wall screen.
    """
    user = _governed(db, asker, user_id)
    if user.is_device or user.login is None:
        raise Refused(N_("This account has no password"))
    password = passwords.temporary()
    user.password_hash, user.must_change = passwords.hashed(password), True
    user.failures, user.locked_until = 0, None
    sessions.end_all(db, user_id, asker.at)
    audit.record(db, Action.RESET_PASSWORD, f"user {user_id}", by=asker, detail=user.name)
    return password


def _free_login(db: Session, login: str) -> str:
    login = login.strip().casefold()
    if not 2 <= len(login) <= 40 or any(character.isspace() for character in login):
        raise Refused(N_("The sign-in name has 2 to 40 characters and no spaces"))
    if db.exec(select(User.id).where(User.login == login)).first() is not None:
        raise Refused(N_("This sign-in name is taken"))
    return login


def _governed(db: Session, asker: Asker, user_id: int) -> User:
    """The user, when every appointment that still counts or will lies within the asker's places."""
    user = db.exec(select(User).where(User.id == user_id).with_for_update()).first()
    if user is None or not _governs(asker.who, held_by(db, user_id)):
        raise NotFound(N_("There is no such person"))
    return user


def _governs(who: Principal, held: Sequence[Held]) -> bool:
    if not who.paths(Permission.ADMINISTER):
        return False
    return all(who.may(Permission.ADMINISTER, one.path) for one in held)


def _place(db: Session, who: Principal, post: Post) -> Place:
    place = db.get(Place, post.place_id)
    if place is None or not who.may(Permission.ADMINISTER, place.path):
        raise NotFound(N_("There is no such place"))
    if (post.role is Role.LIAISON) != (post.unit_id is not None):
        raise Refused(N_("A liaison is appointed for a unit, and nobody else is"))
    if post.unit_id is not None and db.get(Unit, post.unit_id) is None:
        raise NotFound(N_("There is no such unit"))
    return place


def _held_by_user(db: Session, user_id: int | None = None) -> dict[int, tuple[Held, ...]]:
    query = (
        select(Appointment, Place.name, Place.path, Unit.name)
        .join(Place, col(Place.id) == Appointment.place_id)
        .outerjoin(Unit, col(Unit.id) == Appointment.unit_id)
        .order_by(col(Appointment.from_on).desc(), col(Appointment.id).desc())
    )
    if user_id is not None:
        query = query.where(Appointment.user_id == user_id)
    found: dict[int, list[Held]] = {}
    for row, place, path, unit in db.exec(query):
        assert row.id is not None
        held = Held(row.id, Role(row.role), place, path, unit, row.from_on, row.to_on)
        found.setdefault(row.user_id, []).append(held)
    return {user: tuple(held) for user, held in found.items()}
