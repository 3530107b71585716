"""The wall: one picture of a street for everybody in the room; it shows and never asks."""

from pathlib import Path

import streamlit as st

from core import follower
from core.board import Board
from core.captions import label
from core.people import Principal
from core.places import Node
from core.wall import picture
from core.words import Measure, Permission
from pages.ui import address, camera, maps, panels, session, sources
from pages.ui.camera import View
from pages.ui.kept import Kept
from pages.ui.pulse import Room, pulse

FRAME = Path(__file__).parent / "ui" / "templates" / "wall_frame.css"
MAP, MEASURE = "wall_map", "wall_measure"
MOST_SCALE_REM = 6
_ = session.text()


@st.cache_resource
def kept_panels() -> Kept[tuple[int, str, Measure, str, bool], str]:
    """The HTML of the last versions: it is the same for all viewers of a place."""
    return Kept(64)


@st.cache_resource
def kept_views() -> Kept[tuple[int, str, float, float], View]:
    """Where the cameras stand: they look at all the outlines of a place, and stay while the ground does."""
    return Kept(64)


def draw_panels(board: Board, node: Node, measure: Measure, *, is_wide: bool) -> None:
    """Everything but the map, in one element."""
    language = session.language()
    key = board.version, node.code, measure, language, is_wide
    html = kept_panels().of(key, lambda: panels.render(picture(board, node), language, measure, is_wide=is_wide))
    st.html(f'<div data-version="{board.version}">{html}</div>')


@session.callback(Permission.READ_WALL)
def look_closer() -> None:
    """Go one level down toward the grid that was clicked; an empty selection is the browser forgetting the last one."""
    tree = follower.current().board.tree
    here = address.place(tree, session.recheck(Permission.READ_WALL))
    for clicked in st.session_state[MAP].selection.objects.values():
        if here and (target := tree.by_code.get(clicked[0].get("code"))):
            address.go(tree.toward(here, target))


@session.callback(Permission.READ_WALL)
def go(node: Node) -> None:
    """Show another place."""
    address.go(node)


@session.callback(Permission.READ_WALL)
def colour() -> None:
    """Colour the grids by what was chosen."""
    address.colour_by(st.session_state[MEASURE])


def draw_map(board: Board, node: Node, measure: Measure, room: Room) -> None:
    """The map, with the camera on the place."""
    size = room.width_px, room.height_px
    view = kept_views().of(
        (board.ground_version, node.code, *size), lambda: camera.view_of(camera.extent(board, node), *size)
    )
    deck = maps.live_map(sources.urls(board, measure, node), view, node.code, room.rem_px / 16)
    st.pydeck_chart(deck, height=612, key=MAP, on_select=look_closer, selection_mode="single-object")
    metres, width_px = camera.scale_bar(view, MOST_SCALE_REM * room.rem_px)
    st.html(panels.scale(metres, width_px, room.rem_px, session.language()))


def draw_controls(board: Board, node: Node, measure: Measure, who: Principal) -> None:
    """What colours the grids, and the way back."""
    st.segmented_control(
        _("Colour the grids by"),
        list(Measure),
        default=measure,
        format_func=lambda each: _(label(each)),
        key=MEASURE,
        on_change=colour,
        label_visibility="collapsed",
        required=True,
    )
    above = board.tree.back(node)
    if above and who.may(Permission.READ_WALL, above.path):
        st.button(f"‹ {above.name}", key="wall_back", on_click=go, args=[above])


@st.fragment
def live() -> None:
    """Everything that changes; the pulse runs it anew."""
    who = session.recheck(Permission.READ_WALL)
    board, measure = follower.current().board, address.measure()
    node = address.place(board.tree, who)
    with st.container(key="wall_pulse"):
        room = pulse("wall_beat", _, around=f".st-key-{MAP}")
    if node is None:
        st.html(f'<div data-version="{board.version}"></div>')  # what the pulse compares
        st.info(_("No places yet: load the demo or import your own."))
        return
    with st.container(key="wall_panels"):
        draw_panels(board, node, measure, is_wide=room.is_wide)
    draw_map(board, node, measure, room)
    draw_controls(board, node, measure, who)


session.require(Permission.READ_WALL)
st.html(f"<style>{panels.stylesheet()}</style>")
st.html(FRAME)
live()
