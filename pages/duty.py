"""The duty desk: take reports in, send them out, chase them, hand the shift over; for the keyboard beside the wall."""

import streamlit as st

from core import clock, follower, people, store, units, whistles
from core.cases import emergency, queues
from core.clock import day_start, local
from core.handover import commands as shifts
from core.handover.log import log, log_between
from core.intake.at_hand import at_hand
from core.places import Node, Tree
from core.words import Permission
from pages.ui import (
    cards,
    desk,
    desk_case,
    desk_emergency,
    desk_map,
    desk_queue,
    desk_register,
    desk_shift,
    desk_whistles,
    frame,
    pieces,
    session,
)
from pages.ui.desk_map import NOWHERE, Seen, points
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


def tree() -> Tree:
    """The places of the picture."""
    return follower.current().board.tree


def here() -> Node:
    """The place of this desk."""
    return tree().nodes[int(desk.desk_of(who).rstrip("/").rpartition("/")[2])]


@st.fragment
def waiting() -> None:
    """The queues; the pulse runs them anew when something has changed."""
    present = session.recheck(Permission.SIT_AT_DESK)
    now, rules = clock.now(), desk.rules_now()
    board = follower.current().board
    found = desk_queue.news(board, here(), now)
    with st.container(key="duty_pulse"):
        pulse("duty_beat", _, around=".st-key-duty_map", has_card=False)
        st.html(desk_queue.told(found, board, _))
        desk_queue.draw_clock(found)
    with store.current().reading() as db:
        tally = queues.counts(db, present, rules, now=now)
        asked = st.session_state.get(desk.QUEUE)  # none: its count changed as it was chosen
        st.session_state[desk.QUEUE] = chosen = asked if asked in tally.queues else tally.first
        rows = queues.queue(db, present, chosen, rules, now=now)
    if rows:
        st.session_state.setdefault(desk.CASE, rows[0].id)
    desk_queue.draw_news(found, now, _)
    totals = _("{open} open, as of {when}").format(open=tally.open, when=f"{local(now):%H:%M}")
    cards.show(pieces.heading(_("Queues"), note=totals))
    desk_queue.choose(tally, _)
    desk_queue.draw(rows, board.tree, tally.queues[chosen], now, _)


def draw_register() -> Seen:
    """The form, and where its place and the possible duplicates lie."""
    found, twins = desk_register.draw(who, desk.rules_now(), clock.now(), _)
    return points(*([found] if found else []), *twins), found.spot.grid if found and found.spot else None


def draw_case() -> Seen:
    """The chosen case, and where it lies."""
    now, rules, case_id = clock.now(), desk.rules_now(), st.session_state.get(desk.CASE)
    with store.current().reading() as db:
        found = at_hand(db, who, case_id, rules, now=now) if case_id else None
    if found is None:
        cards.show(pieces.empty(_("Choose a case on the left")))
        return NOWHERE
    grid = tree().nodes.get(found.case.grid_id)
    trail = " › ".join(node.name for node in tree().trail(grid)[1:]) if grid else ""
    twins = desk_case.draw(found, who, trail, rules, now, _)
    return points(found.case, *twins), grid


def draw_whistles() -> Seen:
    """The calls of the grids."""
    with store.current().reading() as db:
        calls, known = whistles.open_whistles(db, who), units.units(db)
    desk_whistles.draw(calls, who, tree().grids(here()), known, desk.rules_now(), clock.now(), _)
    return NOWHERE


def draw_shift() -> Seen:
    """The log of the shift."""
    now, path = clock.now(), desk.desk_of(who)
    with store.current().reading() as db:
        found, signed = log(db, who, path, now=now), shifts.handovers(db, path)
        day = log_between(db, who, path, day_start(now), now)
    desk_shift.draw(found, day, signed, who, here().name, now, _, is_demo=follower.current().board.is_demo)
    return NOWHERE


def draw_emergency() -> Seen:
    """Emergency mode."""
    now, open_cases = clock.now(), follower.current().board.counts_of(here()).open
    with store.current().reading() as db:
        modes = emergency.emergencies(db)
        leaders = people.holders(db, Permission.DECLARE_EMERGENCY, desk.desk_of(who), local(now).date())
    desk_emergency.draw(modes, leaders, open_cases, who, desk.rules_now(), now, _)
    return NOWHERE


DRAWN = dict(zip(VIEWS, (draw_register, draw_case, draw_whistles, draw_shift, draw_emergency), strict=True))
takes_in = bool(who.paths(Permission.INTAKE))  # a leader does not
views = [view for view in VIEWS if takes_in or view != desk.REGISTER]

frame.page(_("Duty desk"))
st.html(frame.style("answers", "desk"))
desk.tell()
desk.arrive(views[0])
left, middle, right = st.columns([560, 828, 460], gap="medium")
with left, st.container(key="duty_list"):
    waiting()
with middle, st.container(key="duty_detail"):
    with st.container(key="duty_views", horizontal=True, horizontal_alignment="distribute"):
        view = st.segmented_control(
            _("What to do"), views, format_func=VIEWS.__getitem__, key=desk.VIEW, label_visibility="collapsed",
            required=True,
        )  # fmt: skip
        if takes_in and st.button(_("New report"), key="duty_new", shortcut="Alt+N"):
            desk.go(desk.REGISTER)
            st.session_state["duty_turn"] = st.session_state.get("duty_turn", 0) + 1
            st.rerun()
    pins, meant = DRAWN[view or views[0]]()
    if view == desk.REGISTER:
        desk_queue.focus(".stTextArea textarea", st.session_state.get("duty_turn", 0))
with right, st.container(key="duty_side"):
    desk_map.draw(follower.current().board, here(), pins, _, meant)
    desk_map.draw_tonight(here(), clock.now(), _)
