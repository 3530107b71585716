"""Places: from the street to a building, the same figures at every level."""

import streamlit as st

from core import clock, follower, rules, store
from core.captions import label
from core.drill import search
from core.drill.ground import first_place
from core.drill.opened import opened
from core.errors import NotFound
from core.place_words import Section
from core.words import Level, Permission
from pages.ui import cards, frame, pieces, place_address, place_border, place_parts, place_views, session

me = session.require(Permission.READ_FIGURES)
_ = session.text()

# load
now, known = clock.now(), rules.current()
today = clock.local(now).date()
st.html(frame.style("light", "places"))
asked, span = place_address.wish(first_place(follower.current().board.tree, me), today, known)
try:
    with store.current().reading() as db:
        shown = opened(db, me, known, asked, now)
except NotFound:
    frame.page(_("Places"))
    place_address.draw_nowhere(_)
    st.stop()
seen = shown.view

# ask, act, draw
frame.page(seen.place.name, _(label(seen.kind)))
trail = [node for node in seen.trail if me.may(Permission.READ_FIGURES, node.path)]
if typed := place_views.draw_way(trail, seen.place.name, _):
    with store.current().reading() as db:
        near = seen.here.children or seen.here.beside
        place_views.draw_found(search.matches(db, me, seen.ground.tree, near, typed, seen.period.seen_at(now)), _)
with st.container(key="asked", horizontal=True, gap="small"):
    place_address.draw_filters(asked, span, known, today, _)
    with st.popover(_("How it is reckoned"), key="formulas"):
        cards.show(place_parts.formulas(seen, known, _))
place_views.draw_figures(seen, asked.figure, _)
st.html(pieces.note(place_parts.meaning(seen, asked.figure, known, _)))
cards.show(place_parts.redrawn(seen.ground.redrawn_below(seen.place.path, seen.period.before.start), _))
with st.container(key="split"):
    left, right = st.columns([11, 10], gap="medium")
with left:
    place_views.draw_map(shown, asked, _)
with right:
    place_address.draw_sections(shown.section, seen.place.level == Level.BUILDING, _)
    if shown.section is Section.CHILDREN:
        place_views.draw_children(shown, asked, _)
    elif shown.section is Section.TRENDS and shown.course:
        place_views.draw_trends(shown.course, shown.hours, asked.step, _)
    elif shown.section is Section.CASES:
        place_views.draw_cases(shown.cases, asked.figure, now, _)
        if me.may(Permission.CORRECT, seen.place.path):
            place_border.draw(shown.cases, {grid.id: grid for grid in seen.ground.grids}, _)
    elif shown.card:
        cards.show(*place_parts.card(seen, shown.card, _))
    place_views.draw_again(shown.repeated, _)
