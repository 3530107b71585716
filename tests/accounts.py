"""People of the cast who can sign in, and open sessions for them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import PropertyMock, patch

from sqlmodel import col, select

from core.accounts import passwords, sessions
from core.accounts.audit import Asker
from core.accounts.sessions import Visit
from core.accounts.tables import AuditEvent
from core.people import User
from core.store import Store
from pages.ui.session import COOKIE
from tests.cast import WHO, Street

NOW = datetime(2025, 11, 19, 4, 0, tzinfo=UTC)  # the cast's noon
GOOD, OTHER = "清晨雾里的三座石桥与渡口", "seven grey herons wait"
HERE, ELSEWHERE = "10.1.1.7", "10.1.1.8"
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
STORED = passwords.hashed(OTHER)


def enrol(store: Store, name: str = "officer", login: str = "zhiban", *, must_change: bool = False) -> int:
    """Let one of the cast sign in with the password OTHER; the id of the user."""
    user_id = WHO[name].user_id
    with store.writing() as db:
        user = db.get_one(User, user_id)
        user.login, user.password_hash, user.must_change = login, STORED, must_change
    return user_id


def token_of(store: Store, user_id: int, now: datetime = NOW) -> str:
    """The cookie of a session that was just opened."""
    with store.writing() as db:
        opened = sessions.opened(db, sessions.handoff(db, user_id, now), HERE, now)
    assert opened is not None
    return opened.token


def visit_of(store: Store, token: str, now: datetime = NOW) -> Visit | None:
    """Who is behind a cookie."""
    with store.reading() as db:
        return sessions.visit(db, token, now)


def asker(name: str = "administrator", now: datetime = NOW) -> Asker:
    """One of the cast who asks for something."""
    return Asker(WHO[name], HERE, now)


def user_of(store: Store, user_id: int) -> User:
    """A user as stored."""
    with store.reading() as db:
        return db.get_one(User, user_id)


def audited(street: Street) -> list[AuditEvent]:
    """The rows of the audit, the first first."""
    with street.store.reading() as db:
        return list(db.exec(select(AuditEvent).order_by(col(AuditEvent.ordinal))))


@contextmanager
def cookie(token: str | None) -> Iterator[None]:
    """What the browser sent, for AppTest, which has no browser."""
    sent: dict[str, Any] = {COOKIE: token} if token else {}
    context = "streamlit.runtime.context.ContextProxy"
    with (
        patch(f"{context}.cookies", new_callable=PropertyMock, return_value=sent),
        patch(f"{context}.ip_address", new_callable=PropertyMock, return_value=HERE),
    ):
        yield
