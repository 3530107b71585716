"""The parts of the administration page that show wall screens and act on them."""

from collections.abc import Sequence

import streamlit as st

from core.accounts import walls
from core.accounts.walls import Screen
from core.language import Translate
from core.places import Node
from core.words import Action
from pages.ui import frame, people, session


def draw_list(screens: Sequence[Screen], translate: Translate) -> None:
    """The screens, each with the button that ends it."""
    if not screens:
        st.caption(translate("No wall screen is paired yet."))
    for screen in screens:
        name, place, state, act = st.columns([3, 3, 3, 2], vertical_alignment="center")
        name.text(screen.name)
        place.text(screen.place)
        state.text(_state(screen, translate))
        if (
            screen.is_active
            and act.button(translate("Revoke"), key=f"revoke_{screen.id}", width="stretch")
            and session.did(Action.REVOKE_WALL, f"user {screen.id}", walls.revoke, screen.id)
        ):
            people.say(translate("{name} shows the wall no more.").format(name=screen.name))


def _state(screen: Screen, translate: Translate) -> str:
    if not screen.is_active:
        return translate("Revoked")
    if screen.paired_at is None:
        return translate("Not paired yet")
    return translate("Paired {moment}").format(moment=frame.moment(screen.paired_at))


def draw_invite(places: Sequence[Node], translate: Translate) -> None:
    """A code for a new screen."""
    with st.form("invite", clear_on_submit=True):
        name = st.text_input(translate("Name of the screen"), key="screen_name", max_chars=40)
        place = st.selectbox(translate("Place"), places, 0, lambda node: node.name, key="screen_place")
        if st.form_submit_button(translate("Make a pairing code"), type="primary") and place:
            code = session.act(Action.INVITE_WALL, "", walls.invite, name, place.id)
            if code:
                words = translate("Type this code at the screen within ten minutes, on its sign-in page.")
                people.say(words, f"{code[:4]}-{code[4:]}")
