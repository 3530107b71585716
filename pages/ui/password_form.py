"""The form in which one's password is changed."""

import streamlit as st

from core import store
from core.accounts import passwords, sign_in
from core.language import Translate
from pages.ui import door, session


def draw(translate: Translate) -> None:
    """Old password, new password twice; the browser then opens a new session, and all others end."""
    rule = translate("{least} to {most} characters of any script; no common words, not your name")
    with st.form("password", border=False):
        old = st.text_input(translate("Old password"), type="password", key="old_password", autocomplete="off")
        new = st.text_input(
            translate("New password"),
            type="password",
            key="new_password",
            autocomplete="off",
        )
        st.caption(rule.format(least=passwords.SHORTEST, most=passwords.LONGEST))
        again = st.text_input(translate("New password again"), type="password", key="new_again", autocomplete="off")
        if st.form_submit_button(translate("Change password"), type="primary"):
            _change(translate, old, new, again)


def _change(translate: Translate, old: str, new: str, again: str) -> None:
    if new != again:
        st.warning(translate("The two new passwords differ"))
        return
    with session.explaining():
        door.hand_off(sign_in.change_password(store.current(), session.asker(), old, new))
