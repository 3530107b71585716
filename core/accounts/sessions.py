"""Sessions: an opaque id in a cookie, its SHA-256 in the store, revocable at any moment."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Connection, CursorResult, bindparam, delete, select, update
from sqlmodel import Session, col

from core import clock
from core.accounts.tables import AuthSession, OneTimeCode, Purpose
from core.people import Appointment, Grant, Principal, User
from core.places import Place
from core.words import Role

IDLE, LONGEST = timedelta(minutes=30), timedelta(hours=12)
OF_A_WALL = timedelta(days=730)  # a wall screen stays until it is revoked, or for two years
HANDOFF, PAIRING = timedelta(seconds=30), timedelta(minutes=10)
NOTED_EVERY = timedelta(minutes=1)  # an act is written down at most once a minute
KEPT = timedelta(days=1)  # used and expired codes
_READ_OUT = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # of a pairing code: nothing that looks like something else


# One statement of columns, built once: every refresh of every viewer asks it, and entities cost four times as much.
_VISIT = (
    select(
        col(AuthSession.id),
        col(AuthSession.user_id),
        col(AuthSession.revoked_at),
        col(AuthSession.ends_at),
        col(AuthSession.active_at),
        col(User.name),
        col(User.is_active),
        col(User.must_change),
        col(User.is_device),
        col(Appointment.role),
        col(Appointment.unit_id),
        col(Place.path),
    )
    .join(User, col(User.id) == col(AuthSession.user_id))
    .outerjoin(Appointment, (col(Appointment.user_id) == col(User.id)) & Appointment.holds_on(bindparam("on")))
    .outerjoin(Place, col(Place.id) == col(Appointment.place_id))
    .where(col(AuthSession.digest) == bindparam("digest"))
    .order_by(col(Appointment.id))
)


@dataclass(frozen=True, slots=True)
class Visit:
    """An open session and who is behind it, as of now."""

    who: Principal
    session_id: int
    must_change: bool
    is_device: bool
    active_at: datetime


@dataclass(frozen=True, slots=True)
class Opened:
    """A session that was just opened: the id goes into the cookie and nowhere else."""

    token: str
    user_id: int
    is_device: bool
    lasts: timedelta


def handoff(db: Session, user_id: int, now: datetime) -> str:
    """A code with which the browser opens its session within 30 seconds, once."""
    code = secrets.token_urlsafe(32)
    _keep(db, code, Purpose.HANDOFF, user_id, now + HANDOFF)
    db.execute(delete(OneTimeCode).where(col(OneTimeCode.expires_at) < now - KEPT))
    return code


def pairing(db: Session, user_id: int, now: datetime) -> str:
    """A code of eight characters to be typed at a wall screen within ten minutes, once."""
    code = "".join(secrets.choice(_READ_OUT) for _ in range(8))
    _keep(db, code, Purpose.PAIRING, user_id, now + PAIRING)
    return code


def spent(db: Session, code: str, purpose: Purpose, now: datetime) -> int | None:
    """Use up a code: of two who try at once one succeeds.

    Returns: the id of the user, or None for an unknown, used or expired code.
    """
    used = update(OneTimeCode).values(used_at=now).returning(col(OneTimeCode.user_id))
    alive = col(OneTimeCode.used_at).is_(None) & (col(OneTimeCode.expires_at) > now)
    found = db.execute(used.where(col(OneTimeCode.digest) == digest(code), col(OneTimeCode.purpose) == purpose, alive))
    return cast("int | None", found.scalar())


def opened(db: Session, code: str, origin: str, now: datetime) -> Opened | None:
    """Open the session of a handoff code; None when the code is not good any more, or its user was disabled."""
    user_id = spent(db, code, Purpose.HANDOFF, now)
    user = db.get(User, user_id) if user_id is not None else None
    if user is None or user.id is None or not user.is_active:
        return None
    token, lasts = secrets.token_urlsafe(32), OF_A_WALL if user.is_device else LONGEST
    db.add(
        AuthSession(
            digest=digest(token),
            user_id=user.id,
            origin=origin[:64],
            created_at=now,
            active_at=now,
            ends_at=now + lasts,
        )
    )
    return Opened(token, user.id, user.is_device, lasts)


def visit(db: Session | Connection, token: str, now: datetime) -> Visit | None:
    """Who is behind a cookie now; None when the session is unknown, revoked, idle or over, or its user disabled."""
    rows = db.execute(_VISIT, {"digest": digest(token), "on": clock.local(now).date()}).all()
    if not rows:
        return None
    first = rows[0]
    idle = not first.is_device and now - first.active_at >= IDLE
    if not first.is_active or first.revoked_at is not None or now >= first.ends_at or idle:
        return None
    grants = tuple(Grant(Role(row.role), row.path, row.unit_id) for row in rows if row.role is not None)
    who = Principal(first.user_id, first.name, grants)
    return Visit(who, first.id, first.must_change, first.is_device, first.active_at)


def is_due(found: Visit, now: datetime) -> bool:
    """Whether an act of the person should be written down."""
    return now - found.active_at >= NOTED_EVERY


def note_act(db: Session, session_id: int, now: datetime) -> None:
    """Write down that the person has just done something."""
    db.execute(update(AuthSession).where(col(AuthSession.id) == session_id).values(active_at=now))


def end(db: Session, session_id: int, now: datetime) -> None:
    """Revoke one session."""
    alive = col(AuthSession.revoked_at).is_(None)
    db.execute(update(AuthSession).where(col(AuthSession.id) == session_id, alive).values(revoked_at=now))


def end_all(db: Session, user_id: int, now: datetime) -> int:
    """Revoke every session of a user, and every code that could still open one.

    Returns: how many sessions were open.
    """
    db.execute(delete(OneTimeCode).where(col(OneTimeCode.user_id) == user_id, col(OneTimeCode.used_at).is_(None)))
    alive = (col(AuthSession.revoked_at).is_(None)) & (col(AuthSession.ends_at) > now)
    ended = db.execute(update(AuthSession).where(col(AuthSession.user_id) == user_id, alive).values(revoked_at=now))
    return cast("CursorResult[Any]", ended).rowcount


def digest(secret: str) -> str:
    """What the store keeps of a session id or a code."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _keep(db: Session, code: str, purpose: Purpose, user_id: int, expires_at: datetime) -> None:
    db.add(OneTimeCode(digest=digest(code), purpose=purpose, user_id=user_id, expires_at=expires_at))
