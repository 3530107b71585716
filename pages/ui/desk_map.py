"""The right of the desk: the map with what is looked at now, and whom to ring tonight."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

import pydeck as pdk
import streamlit as st
from markupsafe import Markup

from core import store
from core.board import Board
from core.language import Translate
from core.liaisons import lookup, tonight
from core.places import Node
from core.words import Measure, Permission
from pages.ui import camera, cards, desk, maps, pieces, session, sources
from pages.ui.camera import View
from pages.ui.deck import FrozenDeck
from pages.ui.ink import ON_LIGHT, rgba
from pages.ui.style import LIGHT

MAP = "duty_map"
WIDE_PX, WHOLE_PX, CLOSE_PX = 404, 300, 560  # of the whole street; of what is looked at
CROWDED = ("names", "streets", "fresh", "cases", "grave-cases", "marks")  # too much on so small a street
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


class _Desk(FrozenDeck):
    """The map for what is looked at now, with pins; without any the whole street, with the count of each grid alone."""

    def __init__(self, deck: FrozenDeck, pins: Sequence[Point]) -> None:
        drawn = json.loads(deck.to_json())
        if pins:
            drawn["layers"] += _pins(pins)
        else:
            drawn["layers"] = [layer for layer in drawn["layers"] if layer["id"] not in CROWDED]
            for layer in drawn["layers"]:
                if layer["id"] == "counts":  # without the name above it, in the middle of the place for both
                    layer["getPixelOffset"] = [0, 0]
        self._json = json.dumps(drawn, ensure_ascii=False, separators=(",", ":"))


def _pins(pins: Sequence[Point]) -> list[dict[str, Any]]:
    layer = pdk.Layer(
        "ScatterplotLayer", [{"at": pin} for pin in pins], id="pins", get_position="at", get_radius=13,
        radius_units=pdk.types.String("pixels"), filled=False, stroked=True,
        line_width_units=pdk.types.String("pixels"),
        get_line_width=4, get_line_color=list(rgba(LIGHT.text_1)),
    )  # fmt: skip
    layers: list[dict[str, Any]] = json.loads(pdk.Deck(layers=[layer]).to_json())["layers"]
    return layers


@session.callback(Permission.SIT_AT_DESK)
def _pick() -> None:
    """Take the grid that was clicked as the place of what is being typed."""
    for clicked in st.session_state[MAP].selection.objects.values():
        if name := clicked[0].get("name"):
            st.session_state[desk.PICKED] = name
            desk.go(st.session_state.get(desk.TAKES, desk.REGISTER))


def draw(board: Board, node: Node, pins: Sequence[Point]) -> None:
    """The map: around the first pin, or the whole street when there is none."""
    height = CLOSE_PX if pins else WHOLE_PX
    view = camera.view_of(camera.extent(board, node), WIDE_PX, height)
    if pins:
        view = View(round(pins[0][0], 6), round(pins[0][1], 6), CLOSE)
    deck = maps.live_map(sources.urls(board, Measure.OPEN, node), view, node.code, SMALLER, ON_LIGHT)
    st.pydeck_chart(_Desk(deck, pins), height=height, key=MAP, on_select=_pick, selection_mode="single-object")


def draw_tonight(node: Node, now: datetime, translate: Translate) -> None:
    """Whom to ring tonight at each unit."""
    with store.current().reading() as db:
        directory = lookup.directory(db, desk.rules_now())
    cards.show(pieces.heading(translate("On tonight")))
    with st.container(key="duty_tonight"):
        lines = (
            Markup("<li><span>{}</span><b>{}</b>{}</li>").format(
                watch.unit, watch.name or translate("Duty room"), pieces.call(watch.phone, translate)
            )
            for watch in tonight.tonight(directory, node.path, now)
        )
        cards.show(Markup('<ul class="tonight">{}</ul>').format(Markup("").join(lines)))
