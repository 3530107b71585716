"""The form of streamlit-authenticator with our own store and our own session behind it.

The library's collaborators are replaced, not patched: as documented it never locks out, takes its token after sign-out,
and lets a widget's key make its user an administrator. Pinned; a contract test keeps what is mirrored here.
"""

import html
from typing import Any

import streamlit as st
import streamlit_authenticator as stauth

from core import clock, store
from core.accounts import sign_in
from core.errors import Refused
from core.language import Translate
from pages.ui import session
from pages.ui.headers import HANDOFF_SCRIPT


class Answers:
    """In place of the library's AuthenticationController: asks our store, and writes nothing into the session state."""

    def __init__(self) -> None:
        self.code: str | None = None
        self.refusal: Refused | None = None

    def login(self, username: str | None = None, password: str | None = None, *_: Any, **__: Any) -> bool:
        """Check what was typed; the library passes options of its own, which are left at their defaults."""
        try:
            now = clock.real_now()
            self.code = sign_in.sign_in(
                store.current(), username or "", password or "", origin=session.origin(), now=now
            )
        except Refused as refusal:
            self.refusal = refusal
        return self.code is not None


class Handoff:
    """In place of the library's CookieController: the browser fetches its cookie from a route of ours."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def get_cookie(self) -> None:
        """Nobody is signed in by the library."""

    def set_cookie(self) -> None:
        """Let the browser open its session with the code."""
        assert self._answers.code is not None
        hand_off(self._answers.code)


class Door(stauth.Authenticate):  # type: ignore[misc]  # the library ships no types
    """The library's form; its own constructor would draw a frame for cookies that scripts can read."""

    def __init__(self) -> None:
        self.api_key = self.path = None
        self.attrs = {"login_sleep_time": 0}
        self.authentication_controller = self.answers = Answers()
        self.cookie_controller = Handoff(self.answers)


def sign_in_form(translate: Translate) -> None:
    """The form; a right password hands the browser its session, a wrong one says so."""
    door = Door()
    door.login(
        key="sign_in_form",
        fields={
            "Form name": translate("Sign in"),
            "Username": translate("Sign-in name"),
            "Password": translate("Password"),
            "Login": translate("Enter"),
        },
    )
    if door.answers.refusal:
        st.warning(door.answers.refusal.said(translate))


def hand_off(code: str) -> None:
    """The one script of ours in a page: it posts the code, receives the cookie, and loads the same address anew."""
    translate = session.text()
    failed = translate("The sign-in was not finished. Load this page anew and try again.")
    data = f'data-code="{html.escape(code)}" data-failed="{html.escape(failed)}"'
    st.html(
        f'<p id="handoff" {data}></p><script>{HANDOFF_SCRIPT}</script>',
        unsafe_allow_javascript=True,
    )
