"""Who answers for a sector at a place, inside another screen: the phone, the way it was found, words to send."""

from collections.abc import Iterable
from datetime import datetime

import streamlit as st
from markupsafe import Markup

from core import rules, store
from core.language import Translate
from core.liaisons import lookup
from core.liaisons.answer import Answer
from core.liaisons.directory import Directory
from core.liaisons.message import message
from core.units import Unit
from pages.ui import cards, contacts, frame, plain


def draw(
    directory: Directory, sector: str, path: str, at: datetime, translate: Translate, unit_id: int | None = None
) -> None:
    """Who answers for `sector` at the place `path` at `at`, within one unit if it is given."""
    st.html(frame.style("answers"))
    cards.show(_row(directory, directory.answer(sector, path, at, unit_id), translate))


def draw_units(units: Iterable[Unit], path: str, at: datetime, translate: Translate) -> None:
    """Who of each unit answers for the place `path` at `at`, behind one touch; reads the directory itself."""
    asked = list(units)
    if not asked:
        return
    with store.current().reading() as db:
        directory = lookup.directory(db, rules.current())
    with st.expander(translate("Who answers")):
        st.html(frame.style("answers"))
        cards.show(*(_row(directory, directory.answer(one.sector, path, at, one.id), translate) for one in asked))


def _row(directory: Directory, answer: Answer, translate: Translate) -> Markup:
    known = directory.sectors.get(answer.sector)
    trail = [node.name for node in reversed(list(directory.above(answer.path)))]
    return contacts.row(answer, known.name if known else answer.sector, trail[1:] or trail, translate)


def draw_words(number: str, title: str, where: str, due_at: datetime | None, translate: Translate) -> None:
    """Words for the phone or the group chat, copied in one touch: place, what, by when; nothing of the reporter."""
    with st.expander(plain.text(translate("Words for the group chat"))):
        st.code(message(number, title, where, due_at, translate), language=None, wrap_lines=True)
