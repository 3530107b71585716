"""What we mirror of streamlit-authenticator: when it changes, these fail before anybody is locked out or let in."""

import inspect
from importlib.metadata import version

import streamlit_authenticator as stauth
from streamlit.testing.v1 import AppTest

from pages.ui.door import Answers, Door, Handoff

CONSTRUCTED = {"api_key", "attrs", "secret_key", "path", "cookie_controller", "authentication_controller", "encryptor"}


def test_the_version_is_the_one_that_was_read() -> None:
    assert version("streamlit-authenticator") == "0.4.2"


def test_its_constructor_sets_what_ours_sets_or_login_does_not_need() -> None:
    source = inspect.getsource(stauth.Authenticate.__init__)
    assert {name for name in CONSTRUCTED if f"self.{name}" in source} == CONSTRUCTED
    used = inspect.getsource(stauth.Authenticate.login)
    ours = set(vars(Door()))
    assert {name for name in CONSTRUCTED if f"self.{name}" in used} - {"secret_key"} <= ours  # the key is a captcha's


def test_it_calls_its_collaborators_as_ours_answer() -> None:
    source = inspect.getsource(stauth.Authenticate.login)
    assert "self.authentication_controller.login(username, password," in source
    assert "self.cookie_controller.get_cookie()" in source
    assert "self.cookie_controller.set_cookie()" in source
    taken = inspect.signature(Answers.login).parameters
    assert list(taken)[1:3] == ["username", "password"]
    assert {"get_cookie", "set_cookie"} <= set(vars(Handoff))


def test_its_login_takes_the_arguments_we_give() -> None:
    assert {"fields", "key"} <= set(inspect.signature(stauth.Authenticate.login).parameters)


def form() -> None:
    """A page with our door and a wrong answer."""
    import streamlit as st

    from pages.ui.door import Answers, Door

    typed: list[str | None] = []

    class Deaf(Answers):
        def login(self, username: str | None = None, password: str | None = None, *_: object, **__: object) -> bool:
            typed.extend((username, password))
            return False

    door = Door()
    door.authentication_controller = Deaf()
    door.login(key="form")
    st.text(f"{typed} {sorted(st.session_state.to_dict())}")


def test_the_form_has_a_name_and_a_password_and_writes_nothing_into_the_session() -> None:
    page = AppTest.from_function(form, default_timeout=60).run()
    name, password = page.text_input
    assert password.proto.type == password.proto.PASSWORD
    name.set_value("zhiban")
    password.set_value(" spaces kept ")
    page.button[0].click().run()
    said = page.text[0].value
    assert "'zhiban', ' spaces kept '" in said
    assert not any(key in said for key in ("authentication_status", "roles", "username'"))


def test_our_constructor_draws_no_frame_for_cookies() -> None:
    assert set(vars(Door())) == {
        "api_key", "path", "attrs", "answers", "authentication_controller", "cookie_controller"
    }  # fmt: skip
