"""Places: from the street to a building, the same figures at every level."""

import streamlit as st

from core import clock, follower, points, rules, store
from core.captions import label
from core.drill import behind, border, search, trends
from core.drill.card import card
from core.drill.counts import ABOVE_GRIDS
from core.drill.ground import first_place
from core.drill.view import view
from core.errors import NotFound
from core.place_words import Figure
from core.words import Permission
from pages.ui import cards, frame, place_address, place_border, place_parts, place_views, session

me = session.require(Permission.READ_FIGURES)
_ = session.text()

# load
now, known = clock.now(), rules.current()
today = clock.local(now).date()
st.html(frame.style("light", "places"))
first = first_place(follower.current().board.tree, me)
with store.current().reading() as db:
    wish = place_address.wish(first, today, known)
    try:
        seen = view(db, me, known, wish.place, wish.period, wish.told, now=now, medians=wish.figure is Figure.MEDIAN)
    except NotFound:
        frame.page(_("Places"))
        place_address.draw_nowhere(_)
        st.stop()
    inside = seen.place.level not in ABOVE_GRIDS
    own, told, period = seen.scope, seen.told, seen.period
    step = wish.step if wish.show == "trends" else place_address.fitting(period)
    shows_course = wish.show in ("children", "trends")
    course = trends.course(db, seen.here, own, period, told, known, step, by_building=inside) if shows_course else None
    repeated = trends.repeated(db, own, today, told, known) if wish.show == "children" else []
    hours = trends.by_hour(db, own, period, told, known) if wish.show == "trends" else {}
    path, shows_cases = seen.place.path, wish.show == "cases"
    cases = behind.behind(db, me, path, wish.figure, period, told, known, now) if shows_cases else []
    claims = border.border_cases(db, me, path) if shows_cases else {}
    about = card(db, seen, today) if wish.show == "card" else None
    spots = points.points_in(db, sorted(own.grid_ids), wish.layers) if wish.layers else []

# ask, act, draw
name = _(label(seen.kind))
frame.page(seen.place.name, f"{name} {seen.place.code} · {period.first:%Y-%m-%d} — {period.last:%Y-%m-%d}")
trail = [node for node in seen.trail if me.may(Permission.READ_FIGURES, node.path)]
if typed := place_views.draw_way(trail, seen.place.name, _):
    with store.current().reading() as db:
        near = seen.here.children or seen.here.beside
        place_views.draw_found(search.matches(db, me, seen.ground.tree, near, typed, period.seen_at(now)), _)
place_address.draw_filters(wish, known, today, _)
cards.figures(*place_parts.row_of_figures(seen, known, _))
cards.show(place_parts.redrawn(seen.ground.redrawn_below(seen.place.path, period.before.start), _))
place_address.draw_figure(wish.figure, _)
left, right = st.columns([11, 10], gap="medium")
with left:
    place_views.draw_map(seen, wish, repeated, spots, _)
with right:
    place_address.draw_show(wish.show, _)
    if wish.show == "children" and course:
        place_views.draw_children(seen, wish, course, repeated, _)
    elif wish.show == "trends" and course:
        place_views.draw_trends(course, hours, wish.step, _)
    elif wish.show == "cases":
        place_views.draw_cases(cases, wish.figure, now, _)
        if me.may(Permission.CORRECT, seen.place.path):
            place_border.draw(claims, cases, {grid.id: grid for grid in seen.ground.grids}, _)
    elif about:
        cards.show(*place_parts.card(seen, about, _))
