"""The map of the desk: the grids, the open cases, and what is looked at now."""

import json
from collections.abc import Sequence
from typing import Protocol

import pydeck as pdk
import streamlit as st

from core.board import Board
from core.places import Node
from core.words import Measure, Permission
from pages.ui import camera, desk, maps, session, sources
from pages.ui.camera import View
from pages.ui.deck import FrozenDeck
from pages.ui.ink import ON_LIGHT, rgba
from pages.ui.style import LIGHT

MAP = "duty_map"
SIZE_PX = (404, 860)
SMALLER = 0.62  # than on a wall
CLOSE = 16.5  # zoom at which one sees buildings
Point = tuple[float, float]


class Placed(Protocol):
    """Whatever may have a point.

    Units: WGS84.
    """

    @property
    def lon(self) -> float | None: ...
    @property
    def lat(self) -> float | None: ...


class _Pinned(FrozenDeck):
    """A map with pins upon it, for what is looked at now."""

    def __init__(self, deck: FrozenDeck, pins: Sequence[Point]) -> None:
        layer = pdk.Layer(
            "ScatterplotLayer", [{"at": pin} for pin in pins], id="pins", get_position="at", get_radius=13,
            radius_units=pdk.types.String("pixels"), filled=False, stroked=True,
            line_width_units=pdk.types.String("pixels"),
            get_line_width=4, get_line_color=list(rgba(LIGHT.text_1)),
        )  # fmt: skip
        drawn = json.loads(deck.to_json())
        drawn["layers"] += json.loads(pdk.Deck(layers=[layer]).to_json())["layers"]
        self._json = json.dumps(drawn, ensure_ascii=False, separators=(",", ":"))


@session.callback(Permission.SIT_AT_DESK)
def _pick() -> None:
    """Take the grid that was clicked as the place of what is being typed."""
    for clicked in st.session_state[MAP].selection.objects.values():
        if name := clicked[0].get("name"):
            st.session_state[desk.PICKED] = name
            desk.go(st.session_state.get(desk.TAKES, desk.REGISTER))


def draw(board: Board, node: Node, pins: Sequence[Point]) -> None:
    """The map; around a pin when there is one."""
    view = camera.view_of(camera.extent(board, node), *SIZE_PX)
    if pins:
        view = View(round(pins[0][0], 6), round(pins[0][1], 6), CLOSE)
    deck = maps.live_map(sources.urls(board, Measure.OPEN, node), view, node.code, SMALLER, ON_LIGHT)
    shown = _Pinned(deck, pins) if pins else deck
    st.pydeck_chart(shown, height=SIZE_PX[1], key=MAP, on_select=_pick, selection_mode="single-object")
