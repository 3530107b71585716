"""What somebody has typed or chosen and not yet handed in, kept by their browser through a bad network and a reload."""

from collections.abc import Collection

import streamlit as st

from pages.ui import cards, pieces, session
from pages.ui.sheets import TEMPLATES

# Fields are found by the key of their widget.
SCRIPT = (TEMPLATES / "drafts.js").read_text(encoding="utf-8")
_component = st.components.v2.component("drafts", html="<span></span>", js=SCRIPT)
GIVEN, HANDED = "drafts_given", "drafts_handed"  # the last turn of the browser's that was given back; keys of fields


def keep(owner: int, fields: Collection[str], photos: Collection[str] = ()) -> None:
    """Keep the texts and photos of the fields with these keys; call it before they are drawn: they are filled here."""
    state, _ = st.session_state, session.text()
    with st.container(key="offline"):
        gone = _("No connection. What you typed and the photos you chose stay on this phone; hand in when it is back.")
        cards.show(pieces.note(gone))
    result = _component(
        key="drafts",
        data={"owner": owner, "fields": [*fields], "photos": [*photos], "handed": [*state.get(HANDED, ())]},
        default={"kept": {}},
        on_kept_change=_nothing,
    )
    turn, texts = _said(result.kept, fields)
    if turn != state.get(GIVEN):
        state[GIVEN] = turn
        state.update(texts)


def forget(*fields: str) -> None:
    """What was handed in need not be kept."""
    st.session_state.setdefault(HANDED, []).extend(fields)


def _said(kept: object, fields: Collection[str]) -> tuple[object, dict[str, str]]:
    """Which turn of a browser's this is, and what it kept, as far as it is text of fields that we asked for."""
    turn, texts = (kept.get("turn"), kept.get("texts")) if isinstance(kept, dict) else (None, None)
    if not isinstance(texts, dict):
        return turn, {}
    return turn, {field: text[:2000] for field, text in texts.items() if field in fields and isinstance(text, str)}


def _nothing() -> None:
    """A change needs a callback; the run itself is what is wanted."""
