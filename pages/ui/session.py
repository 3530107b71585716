"""Who is asking: resolved from the store on every run, fragment, callback and route."""

from typing import NoReturn

import streamlit as st
from starlette.requests import HTTPConnection

from core import clock, follower, people, store
from core.language import DEFAULT, Translate, translator
from core.people import Principal
from core.words import Permission

LOOPBACK = ("127.0.0.1", "localhost", "::1")
LANGUAGES = (DEFAULT, "en")
EMPTY_S = 5  # between two looks at a store without places


def language() -> str:
    """The language of this viewer: zh_CN unless the address asks for another that we have."""
    asked = st.query_params.get("lang", DEFAULT)
    return asked if asked in LANGUAGES else DEFAULT


def text() -> Translate:
    """The function that translates message ids for this viewer."""
    return translator(language())


def require(permission: Permission) -> Principal:
    """The person who runs this script, or a page that says no; first statement of every page and fragment."""
    who = _demo_officer() if st.get_option("server.address") in LOOPBACK else None
    if who is None or not who.paths(permission):
        _refuse()
    return who


def of_request(connection: HTTPConnection, permission: Permission) -> Principal | None:
    """The person behind a request to one of our routes; None when there is none or the right is missing."""
    host = (connection.scope.get("server") or ("",))[0]
    who = _demo_officer() if host in LOOPBACK else None
    return who if who and who.paths(permission) else None


def _demo_officer() -> Principal | None:
    """Until sign-in exists: the duty officer of a demo store, for askers on this host only."""
    with store.current().reading() as db:
        return people.demo_principal(db, clock.local(clock.now()).date()) if store.is_demo(db) else None


def _refuse() -> NoReturn:
    _ = text()
    if follower.current().board.tree.root is None:
        st.info(_("No places yet: load the demo or import your own."))
        _await_places()
    else:
        st.warning(_("Please sign in. Without sign-in only a demo on this host can be seen."))
    st.stop()


@st.fragment(run_every=EMPTY_S)
def _await_places() -> None:
    """Begin anew when there is something to see; the pulse is not open to those who may see nothing."""
    if follower.current().board.tree.root is not None:
        st.rerun()
