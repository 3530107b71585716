"""Who answers here, now: one box over all sectors, cards to ring from, who is named where, the night, tables."""

from collections.abc import Callable

import streamlit as st

from core import clock, rules, store
from core.liaisons import lookup as directories
from core.words import Permission
from pages.ui import cards, directory, frame, lookup, matrix, pieces, sectors, session, staffing

_ = session.text()


@st.fragment
def find() -> None:
    """The box, what was found, and the card; only this runs while somebody types."""
    who = session.recheck(Permission.LOOK_UP)
    at = clock.now()
    typed = st.text_input(
        _("Sector, unit, name, place"),
        key=lookup.TYPED,
        live="150ms",
        max_chars=60,
        placeholder=_("e.g. a place and a sector"),
    )
    known, found = lookup.found_for(typed, who, at)
    shown = found if found.answers or found.people else lookup.nearest(known, typed, who, at)
    cards.show(lookup.said_of(typed, found, shown, known, _))
    chosen = lookup.chosen_of(shown)
    left, right = st.columns([3, 2], gap="medium") if chosen else (st.container(), None)
    with left:
        cards.show(pieces.heading(_("Who answers"), len(shown.answers), lookup.as_of(at, _)))
        lookup.draw_found(shown, known, _)
    if right and chosen:
        asked = lookup.CHOSEN in st.session_state
        with right, st.container(key="contact_side" if asked else "contact_beside"):
            lookup.draw_card(who, known, chosen, shown, at, _)


me = session.require(Permission.LOOK_UP)

# load
now = clock.now()
with store.current().reading() as db:
    all_known = directories.directory(db, rules.current())
edits = bool(me.paths(Permission.EDIT_DIRECTORY))

# ask, act, draw
frame.page(_("Who answers"))
st.html(frame.style("answers", "liaisons"))
staffing.tell()
parts: dict[str, Callable[[], None]] = {
    _("Find"): find,
    _("Coverage"): matrix.draw,
    _("Tonight"): lambda: directory.draw_night(me, all_known, now, _),
    _("Times"): lambda: directory.draw_times(me, all_known, now, _),
}
if edits:
    parts |= {
        _("Staff"): lambda: staffing.draw(me, all_known, now, _),
        _("Sectors"): lambda: sectors.draw(me, all_known, now, _),
        _("Tables"): lambda: directory.draw_tables(me, all_known, _),
    }
tabs = st.tabs(list(parts), key="liaison_part", on_change="rerun")
for tab, draw in zip(tabs, parts.values(), strict=True):
    with tab:
        if tab.open:  # only what is looked at is read and drawn
            draw()
