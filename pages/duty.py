"""The duty desk: take reports in, send them out, chase them, hand the shift over; for the keyboard beside the wall."""

import streamlit as st

from core import clock, follower, store, units, whistles
from core.cases import emergency, queues
from core.clock import day_start
from core.handover import commands as shifts
from core.handover.log import log, log_between
from core.intake.dossier import dossier
from core.places import Node
from core.words import Permission
from pages.ui import (
    cards,
    desk,
    desk_case,
    desk_map,
    desk_queue,
    desk_register,
    desk_shift,
    desk_whistles,
    frame,
    pieces,
    session,
)
from pages.ui.desk_map import Point
from pages.ui.pulse import pulse

who = session.require(Permission.SIT_AT_DESK)
_ = session.text()
VIEWS = {
    desk.REGISTER: _("Register"),
    desk.HANDLE: _("Case"),
    desk.WHISTLES: _("Whistles"),
    desk.SHIFT: _("Shift"),
    desk.EMERGENCY: _("Emergency"),
}


def here() -> Node:
    """The place of this desk."""
    return follower.current().board.tree.nodes[int(desk.desk_of(who).rstrip("/").rpartition("/")[2])]


@st.fragment
def waiting() -> None:
    """The queues; the pulse runs them anew when something has changed."""
    present = session.recheck(Permission.SIT_AT_DESK)
    now, rules = clock.now(), desk.rules_now()
    board = follower.current().board
    with st.container(key="duty_pulse"):
        pulse("duty_beat", _, around=".st-key-duty_map")
        st.html(f'<div data-version="{board.version}"></div>')
    with store.current().reading() as db:
        tally = queues.counts(db, present, rules, now=now)
        chosen = st.session_state.get(desk.QUEUE) or next(iter(tally.queues))
        rows = queues.queue(db, present, chosen, rules, now=now)
    desk_queue.draw_news(desk_queue.news(board, here(), now), now, _)
    totals = _("{open} open, {overdue} overdue").format(open=tally.open, overdue=tally.overdue)
    cards.show(pieces.heading(_("Queues"), note=totals))
    desk_queue.choose(tally, _)
    names = {node.id: node.name for node in board.tree.nodes.values()}
    desk_queue.draw(rows, names, tally.queues[chosen], now, _)


def draw_register() -> list[Point]:
    """The form, and where its place and the possible duplicates lie."""
    if not who.paths(Permission.INTAKE):
        cards.show(pieces.empty(_("Reports are registered by the duty officer")))
        return []
    found, twins = desk_register.draw(who, desk.rules_now(), clock.now(), _)
    points = [(one.lon, one.lat) for one in (found, *twins) if one]
    return [(lon, lat) for lon, lat in points if lon is not None and lat is not None]


def draw_case() -> list[Point]:
    """The chosen case, and where it lies."""
    now, rules, case_id = clock.now(), desk.rules_now(), st.session_state.get(desk.CASE)
    with store.current().reading() as db:
        found = dossier(db, who, case_id, rules, now=now) if case_id else None
    if found is None:
        cards.show(pieces.empty(_("Choose a case on the left")))
        return []
    tree = follower.current().board.tree
    grid = tree.nodes.get(found.case.grid_id)
    trail = " › ".join(node.name for node in tree.trail(grid)[1:]) if grid else ""
    desk_case.draw(found, who, trail, rules, now, _)
    lon, lat = found.case.lon, found.case.lat
    return [(lon, lat)] if lon is not None and lat is not None else []


def draw_whistles() -> list[Point]:
    """The calls of the grids."""
    with store.current().reading() as db:
        calls, known = whistles.open_whistles(db, who), units.units(db)
    grids = follower.current().board.tree.grids(here())
    desk_whistles.draw(calls, who, grids, known, desk.rules_now(), clock.now(), _)
    return []


def draw_shift() -> list[Point]:
    """The log of the shift."""
    now, path = clock.now(), desk.desk_of(who)
    with store.current().reading() as db:
        found, signed = log(db, who, path, now=now), shifts.handovers(db, path)
        day = log_between(db, who, path, day_start(now), now)
    board = follower.current().board
    desk_shift.draw(found, day, signed, who, here().name, now, _, is_demo=board.is_demo)
    return []


def draw_emergency() -> list[Point]:
    """Emergency mode."""
    with store.current().reading() as db:
        modes = emergency.emergencies(db)
    desk_shift.draw_emergency(modes, who, desk.desk_of(who), desk.rules_now(), clock.now(), _)
    return []


DRAWN = dict(zip(VIEWS, (draw_register, draw_case, draw_whistles, draw_shift, draw_emergency), strict=True))

st.html(frame.style("light", "answers", "desk"))
desk.tell()
desk.arrive()
left, middle, right = st.columns([560, 868, 420], gap="small")
with left:
    waiting()
with middle:
    if st.button(_("New report"), key="duty_new", shortcut="Alt+N"):
        st.session_state[desk.VIEW] = desk.REGISTER
        st.session_state["duty_turn"] = st.session_state.get("duty_turn", 0) + 1
    view = st.segmented_control(
        _("What to do"), list(VIEWS), format_func=VIEWS.__getitem__, key=desk.VIEW, label_visibility="collapsed",
        required=True,
    )  # fmt: skip
    pins = DRAWN[view or desk.REGISTER]()
    if view == desk.REGISTER:
        desk_queue.focus(".stTextArea textarea", st.session_state.get("duty_turn", 0))
with right:
    desk_map.draw(follower.current().board, here(), pins)
