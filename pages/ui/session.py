"""Who is asking: resolved from the cookie and the store on every run, fragment, callback and route."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, Concatenate, NoReturn, ParamSpec, TypeVar

import streamlit as st
from starlette.requests import HTTPConnection

from core import clock, store
from core.accounts import audit, sessions
from core.accounts.audit import Asker
from core.accounts.sessions import Visit
from core.errors import Refused
from core.language import DEFAULT, N_, Translate, translator
from core.people import Principal
from core.words import Action, Permission

COOKIE = "grid_session"
LANGUAGES = (DEFAULT, "en")
Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def language() -> str:
    """The language of this viewer: zh_CN unless the address asks for another that we have."""
    asked = st.query_params.get("lang", DEFAULT)
    return asked if asked in LANGUAGES else DEFAULT


def text() -> Translate:
    """The function that translates message ids for this viewer."""
    return translator(language())


def visit() -> Visit | None:
    """The session of whoever runs this script, if it is still open; nothing here is remembered between runs."""
    return _visit(st.context.cookies.get(COOKIE))


def require(permission: Permission) -> Principal:
    """The person who runs this script by an act of theirs, or a page that says no; first statement of every page."""
    found = _allowed(visit(), permission)
    if found is None:
        _refuse()
    _note_act(found)
    return found.who


def signed_in() -> Visit:
    """The session of whoever runs this script by an act of theirs, whatever its rights; guard of one's own account."""
    found = visit()
    if found is None:
        _refuse()
    _note_act(found)
    return found


def recheck(permission: Permission) -> Principal:
    """As `require`, for a fragment that refreshes by itself: it does not keep an idle session open."""
    present = visit()
    if present is None:
        st.rerun()  # the shell shows the door
    found = _allowed(present, permission)
    if found is None:
        _refuse()
    return found.who


def callback(
    permission: Permission | None,
) -> Callable[[Callable[Parameters, object]], Callable[Parameters, None]]:
    """Guard a widget's callback, which runs before any page: without the right it does nothing.

    `None` asks for an open session only, whatever its rights.
    """

    def guard(act: Callable[Parameters, object]) -> Callable[Parameters, None]:
        @wraps(act)
        def guarded(*args: Parameters.args, **kwargs: Parameters.kwargs) -> None:
            found = visit()
            if found is not None and (permission is None or _allowed(found, permission)):
                _note_act(found)
                act(*args, **kwargs)

        return guarded

    return guard


def asker() -> Asker:
    """Who asks, from where and when, for a command; call it after the guard."""
    found = visit()
    if found is None:
        _refuse()
    return Asker(found.who, origin(), clock.real_now())


def asker_later() -> Callable[[], Asker]:
    """Who asks for a file that is written after the run: the session is looked up anew at that moment.

    What it returns raises Refused, when the session is over by then.
    """
    token, address = st.context.cookies.get(COOKIE), origin()

    def found() -> Asker:
        present = _visit(token)
        if present is None or present.must_change:
            raise Refused(N_("Your session has ended. Load the page anew to sign in."))
        return Asker(present.who, address, clock.real_now())

    return found


def origin() -> str:
    """The address from which this page is looked at, as the server or its proxy saw it."""
    return st.context.ip_address or "127.0.0.1"  # None: this host


@contextmanager
def explaining() -> Iterator[None]:
    """A refusal inside the block becomes a warning in the user's words."""
    try:
        yield
    except Refused as refusal:
        st.warning(refusal.said(text()))


def act(
    action: Action,
    subject: str,
    command: Callable[Concatenate[Any, Asker, Parameters], Result],
    *args: Parameters.args,
    **kwargs: Parameters.kwargs,
) -> Result | None:
    """One audited command of the person in a transaction of its own; a refusal is audited, explained, and None."""
    by = asker()
    with explaining(), audit.acting(store.current(), by, action, subject) as db:
        return command(db, by, *args, **kwargs)
    return None


def did(
    action: Action,
    subject: str,
    command: Callable[Concatenate[Any, Asker, Parameters], object],
    *args: Parameters.args,
    **kwargs: Parameters.kwargs,
) -> bool:
    """As `act`, for a command that gives nothing back: whether it was done."""
    by = asker()
    with explaining(), audit.acting(store.current(), by, action, subject) as db:
        command(db, by, *args, **kwargs)
        return True
    return False


def of_request(connection: HTTPConnection, permission: Permission | None) -> Principal | None:
    """The person behind a request to a route; None when there is none, or the right is missing."""
    found = _visit(connection.cookies.get(COOKIE))
    if found is None or (permission is not None and _allowed(found, permission) is None):
        return None
    return found.who


def _visit(token: str | None) -> Visit | None:
    if not token:
        return None
    with store.current().glancing() as connection:
        return sessions.visit(connection, token, clock.real_now())


def _allowed(found: Visit | None, permission: Permission) -> Visit | None:
    """The visit, if it has the right somewhere; a temporary password gives no right but to change it."""
    return found if found and not found.must_change and found.who.paths(permission) else None


def _note_act(found: Visit) -> None:
    now = clock.real_now()
    if not found.is_device and sessions.is_due(found, now):
        with store.current().writing() as db:
            sessions.note_act(db, found.session_id, now)


def _refuse() -> NoReturn:
    """Show nothing of the page: the session has just ended, or the page is not for this person."""
    translate = text()
    if visit() is None:
        st.info(translate("Your session has ended. Load the page anew to sign in."))
    else:
        st.info(translate("You have no right to this page. Choose another one above, or ask an administrator."))
    st.stop()
