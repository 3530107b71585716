"""Attempts to come in: counted before the password is looked at, so that many at once are counted too."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, update
from sqlmodel import Session, col, select

from core.accounts.tables import LoginAttempt
from core.people import User

FAILURES, LOCKED = 5, timedelta(minutes=15)
OF_ONE_ADDRESS = 60  # failures within the same time: an office behind one address has many people
KEPT = timedelta(days=1)


def begin(db: Session, user: User | None, origin: str, now: datetime) -> int | None:
    """Count an attempt as failed until it has succeeded.

    Returns: the number of the attempt; None when the address has failed too often, or the user is locked.
    """
    db.execute(delete(LoginAttempt).where(col(LoginAttempt.at) < now - KEPT))
    is_open = failures_from(db, origin, now) < OF_ONE_ADDRESS
    db.add(attempt := LoginAttempt(origin=origin[:64], at=now))
    db.flush()
    if user is not None and is_open:
        is_open = not is_locked(user, now)
        if is_open:
            _count(user, now)
    return attempt.id if is_open else None


def succeed(db: Session, user: User, attempt: int) -> None:
    """The attempt brought the right password: nothing of it is held against the user or the address."""
    user.failures, user.locked_until = 0, None
    db.execute(update(LoginAttempt).where(col(LoginAttempt.id) == attempt).values(succeeded=True))


def is_locked(user: User, now: datetime) -> bool:
    """Whether the user has failed too often lately."""
    return user.locked_until is not None and now < user.locked_until


def _count(user: User, now: datetime) -> None:
    if user.locked_until is not None:  # that lock is over: a new count begins
        user.failures, user.locked_until = 0, None
    user.failures += 1
    if user.failures >= FAILURES:
        user.locked_until = now + LOCKED


def failures_from(db: Session, origin: str, now: datetime) -> int:
    """How often an address has failed lately."""
    failed = select(func.count()).where(
        LoginAttempt.origin == origin[:64], col(LoginAttempt.at) > now - LOCKED, col(LoginAttempt.succeeded).is_(False)
    )
    return db.exec(failed).one()
