"""Whether the browser is as narrow as a phone: a map begins with a view that its place has room for."""

import streamlit as st

from core.words import Permission
from pages.ui import session

SCRIPT = """
export default function ({ setStateValue }) {
  if (matchMedia("(max-width: 640px)").matches) setStateValue("narrow", true);
}
"""
_component = st.components.v2.component("room", html="<span></span>", js=SCRIPT)


def is_narrow() -> bool:
    """Whether it is; a phone says so in a second run, everything else is content with the first."""
    with st.container(key="room"):
        return _component(key="room_width", default={"narrow": False}, on_narrow_change=nothing).narrow is True


@session.callback(Permission.READ_FIGURES)
def nothing() -> None:
    """A change needs a callback; the run itself is what is wanted."""
