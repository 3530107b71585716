"""The wall: one picture of a street for everybody in the room; it shows and never asks."""

from pathlib import Path

import streamlit as st

from core import follower
from core.board import Board
from core.places import Node
from core.wall import picture
from core.words import Measure, Permission
from pages.ui import maps, panels, session, sources
from pages.ui.kept import Kept
from pages.ui.pulse import pulse

FRAME = Path(__file__).parent / "ui" / "templates" / "wall_frame.css"
MAP, MAP_PX = "wall_map", (1008, 612)
_ = session.text()


@st.cache_resource
def kept_panels() -> Kept[tuple[int, str, str], str]:
    """The HTML of the last versions: it is the same for all viewers of a place."""
    return Kept(64)


def draw_panels(board: Board, node: Node) -> None:
    """Everything but the map, in one element."""
    language = session.language()
    key = board.version, node.code, language
    html = kept_panels().of(key, lambda: panels.render(picture(board, node), language))
    st.html(f'<div data-version="{board.version}">{html}</div>')


@session.callback(Permission.READ_WALL)
def choose() -> None:
    """Look closer at the place that was clicked; an empty selection is the browser forgetting the last one."""
    for clicked in st.session_state[MAP].selection.objects.values():
        st.query_params["place"] = clicked[0]["code"]


@session.callback(Permission.READ_WALL)
def go_back() -> None:
    """Show the whole street again."""
    st.query_params.pop("place", None)


def draw_map(board: Board, node: Node) -> None:
    """The map, with the camera on the place."""
    view = maps.view_of(maps.extent(board, node), *MAP_PX)
    deck = maps.live_map(sources.urls(board, Measure.OPEN), view, node.code)
    st.pydeck_chart(deck, height=MAP_PX[1], key=MAP, on_select=choose, selection_mode="single-object")


@st.fragment
def live() -> None:
    """Everything that changes; the pulse runs it anew."""
    session.recheck(Permission.READ_WALL)
    board = follower.current().board
    node = board.tree.by_code.get(st.query_params.get("place", "")) or board.tree.root
    with st.container(key="wall_pulse"):
        pulse("wall_beat", _)
    if node is None:
        st.info(_("No places yet: load the demo or import your own."))
        return
    with st.container(key="wall_panels"):
        draw_panels(board, node)
    draw_map(board, node)
    if node.parent_id is not None:
        st.button(_("Back to the street"), key="wall_back", on_click=go_back)


session.require(Permission.READ_WALL)
st.html(f"<style>{panels.stylesheet()}</style>")
st.html(FRAME)
live()
