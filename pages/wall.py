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
from pages.ui.kept import Kept, Ready
from pages.ui.pulse import Room, pulse

FRAME = Path(__file__).parent / "ui" / "templates" / "wall_frame.css"
MAP, MEASURE, PULSE = "wall_map", "wall_measure", "wall_pulse"
MOST_SCALE_REM = 6
_ = session.text()


@st.cache_resource
def kept_panels() -> Kept[tuple[int, str, Measure, str, Room], Ready]:
    """The HTML of the last versions: it is the same for all viewers of a place."""
    return Kept(64)


@st.cache_resource
def kept_views() -> Kept[tuple[int, str, float, float], View]:
    """Where the cameras stand: they look at all the outlines of a place, and stay while the ground does."""
    return Kept(64)


def view_of(board: Board, node: Node, room: Room) -> View:
    """The camera that looks at a place."""
    size = room.width_px, room.height_px
    return kept_views().of(
        (board.ground_version, node.code, *size), lambda: camera.view_of(camera.extent(board, node), *size)
    )


def draw_panels(board: Board, node: Node, measure: Measure, room: Room, view: View) -> None:
    """Everything but the map, in one element."""
    language = session.language()

    def build() -> Ready:
        metres, width_px = camera.scale_bar(view, MOST_SCALE_REM * room.rem_px)
        html = panels.render(picture(board, node), language, measure, is_wide=room.is_wide)
        scale = panels.scale(metres, width_px, room.rem_px, language)
        return Ready(f'<div data-version="{board.version}">{html}{scale}</div>')

    st.html(kept_panels().of((board.version, node.code, measure, language, room), build))


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


def draw_map(board: Board, node: Node, measure: Measure, room: Room, view: View) -> None:
    """The map, with the camera on the place."""
    deck = maps.live_map(sources.data(board, measure, node), view, node.code, room.rem_px / 16)
    st.pydeck_chart(deck, height=612, key=MAP, on_select=look_closer, selection_mode="single-object")


def draw_controls(node: Node, who: Principal) -> None:
    """What colours the grids, and the way back."""
    st.segmented_control(
        _("Colour the grids by"),
        list(Measure),
        default=address.measure(),
        format_func=lambda each: _(label(each)),
        key=MEASURE,
        on_change=colour,
        label_visibility="collapsed",
        required=True,
    )
    above = follower.current().board.tree.back(node)
    if above and who.may(Permission.READ_WALL, above.path):
        st.button(f"‹ {above.name}", key="wall_back", on_click=go, args=[above])


@st.fragment
def live(controls_for: str | None) -> None:
    """Everything that changes; the pulse runs it anew, so nothing is drawn here that stays as it is."""
    who = session.recheck(Permission.READ_WALL)
    board, measure = follower.current().board, address.measure()
    node = address.place(board.tree, who)
    if controls_for != (node.code if node else None):
        st.rerun()  # the whole page: the way back leads elsewhere
    room = pulse(PULSE, _, around=f".st-key-{MAP}")
    if node is None:
        st.html(f'<div data-version="{board.version}"></div>')  # what the pulse compares
        st.info(_("No places yet: load the demo or import your own."))
        return
    view = view_of(board, node, room)
    draw_panels(board, node, measure, room, view)
    draw_map(board, node, measure, room, view)


who = session.require(Permission.READ_WALL)
st.html(f"<style>{panels.stylesheet()}</style>")
st.html(FRAME)
here = address.place(follower.current().board.tree, who)
live(
    here.code if here else None
)  # before the controls: their number changes, and what follows them would be drawn anew
if here:
    draw_controls(here, who)
