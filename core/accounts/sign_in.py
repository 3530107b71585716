"""Coming in and going out: by a password, by a pairing code at a wall screen, and by changing a password."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, select

from core import people
from core.accounts import attempts, audit, passwords, sessions
from core.accounts.audit import Asker
from core.accounts.sessions import Visit
from core.accounts.tables import Purpose
from core.clock import local
from core.errors import Refused
from core.language import N_
from core.people import User
from core.store import Store
from core.words import Action, Outcome

NO = N_("Name and password do not match, or this account cannot be used now")
NO_PAIRING = N_("This pairing code does not exist or has expired")


@dataclass(frozen=True, slots=True)
class _Known:
    """What is read before the hashing, and must still hold after it."""

    user_id: int | None
    stored: str | None
    attempt: int | None
    is_flood: bool  # the address is far beyond its limit: no hash is spent and no row written for it


def sign_in(target: Store, login: str, password: str, *, origin: str, now: datetime) -> str:
    """Check a password; the hashing holds no lock of the store.

    Returns: the code with which the browser opens its session.
    Raises: Refused, with one message for wrong, unknown, locked and disabled.
    """
    with target.writing() as db:
        known = _begin(db, login, origin, now)
    if known.is_flood:
        raise Refused(NO)
    right = passwords.matches(known.stored if known.attempt else None, password)
    with target.writing() as db:
        user = _still(db, known) if right else None
        if user is None or user.id is None or known.attempt is None:
            _refuse(db, known, origin, now)
        else:
            attempts.succeed(db, user, known.attempt)
            who = people.principal(db, user.id, local(now).date())
            assert who is not None
            audit.record(db, Action.SIGN_IN, f"user {user.id}", by=Asker(who, origin, now))
            return sessions.handoff(db, user.id, now)
    raise Refused(NO)


def pair(target: Store, code: str, *, origin: str, now: datetime) -> str:
    """Make the screen at which `code` was typed a wall screen.

    Returns: the code with which the browser opens its session.
    Raises: Refused, when the code is not good, or the address has tried too often.
    """
    with target.writing() as db:
        attempt = attempts.begin(db, None, origin, now)
        typed = code.replace("-", "").replace(" ", "").upper()
        user_id = sessions.spent(db, typed, Purpose.PAIRING, now) if attempt else None
        user = db.get(User, user_id) if user_id is not None else None
        if attempt is not None and user is not None and user.id is not None and user.is_active:
            attempts.succeed(db, user, attempt)
            audit.record(db, Action.PAIR_WALL, f"user {user.id}", at=now, origin=origin, detail=user.name)
            return sessions.handoff(db, user.id, now)
        if attempt is not None:
            audit.record(db, Action.PAIR_WALL, "", at=now, origin=origin, outcome=Outcome.REFUSED)
    raise Refused(NO_PAIRING)


def sign_out(db: Session, visit: Visit, asker: Asker, *, everywhere: bool = False) -> None:
    """End this session, or all sessions of the person."""
    if everywhere:
        sessions.end_all(db, visit.who.user_id, asker.at)
    else:
        sessions.end(db, visit.session_id, asker.at)
    audit.record(db, Action.SIGN_OUT, f"user {visit.who.user_id}", by=asker, detail="everywhere" if everywhere else "")


def change_password(target: Store, asker: Asker, old: str, new: str) -> str:
    """Replace one's own password and end all of one's sessions.

    Returns: the code with which this browser opens a new session.
    Raises: Refused, when the old one is wrong, the new one weak or the same.
    """
    with target.reading() as db:
        user = db.get_one(User, asker.who.user_id)
    passwords.check(new, login=user.login or "", name=user.name)
    with target.writing() as db:  # the wrong old one counts like a wrong sign-in: an open screen is no oracle
        attempt = attempts.begin(db, db.get_one(User, asker.who.user_id), asker.origin, asker.at)
    right = passwords.matches(user.password_hash if attempt else None, old)
    if not right or attempt is None:
        raise Refused(N_("The old password is not right"))
    if passwords.matches(user.password_hash, new):
        raise Refused(N_("The new password is the old one"))
    stored = passwords.hashed(new)
    with target.writing() as db:
        user = db.get_one(User, asker.who.user_id)
        attempts.succeed(db, user, attempt)
        user.password_hash, user.must_change = stored, False
        sessions.end_all(db, asker.who.user_id, asker.at)
        audit.record(db, Action.CHANGE_PASSWORD, f"user {user.id}", by=asker)
        return sessions.handoff(db, asker.who.user_id, asker.at)


def _begin(db: Session, login: str, origin: str, now: datetime) -> _Known:
    name = login.strip().casefold()
    user = db.exec(select(User).where(User.login == name).with_for_update()).first() if name else None
    attempt = attempts.begin(db, user, origin, now)
    usable = user is not None and user.is_active and not user.is_device
    is_flood = attempts.failures_from(db, origin, now) > attempts.OF_ONE_ADDRESS + 1
    return _Known(user.id if user else None, user.password_hash if user and usable else None, attempt, is_flood)


def _still(db: Session, known: _Known) -> User | None:
    """The user, unless something happened to the account while its password was being hashed."""
    query = select(User).where(User.id == known.user_id).with_for_update()
    user = db.exec(query).first()
    return user if user and user.is_active and user.password_hash == known.stored else None


def _refuse(db: Session, known: _Known, origin: str, now: datetime) -> None:
    """Audit a failure. A name nobody has is not written down: people type passwords into that field."""
    subject = f"user {known.user_id}" if known.user_id else ""
    detail = "" if known.attempt else "locked"
    audit.record(db, Action.SIGN_IN, subject, at=now, origin=origin, outcome=Outcome.REFUSED, detail=detail)
