"""The right of the desk: the map with what is looked at now, and whom to ring tonight."""

import json
import textwrap
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import pydeck as pdk
import streamlit as st
from markupsafe import Markup

from core import clock, store
from core.board import Board
from core.language import Translate
from core.liaisons import lookup, tonight
from core.places import Node
from core.words import Measure, Permission
from pages.ui import camera, cards, desk, maps, pieces, session, sources
from pages.ui.camera import View
from pages.ui.deck import FrozenDeck
from pages.ui.ink import ON_LIGHT, PALE, PLAIN, rgba
from pages.ui.maps import String
from pages.ui.style import LIGHT

MAP = "duty_map"
SIZE_PX, CLOSE_PX = (384, 264), (384, 336)  # of the whole street; of what is looked at
# too much on so small a street
CROWDED = ("fresh", "cases", "grave-cases", "marks", "watched-casing", "accents")
SMALLER, NEAR = 0.62, 0.8  # than on a wall
CLOSE = 16.5  # zoom at which one sees buildings
NAME_PX, COUNT_PX, LINE_PX, AIR_PX = 13, 16, 14, 8
SCALE_PX = 90  # of the bar that says how far it is, at most
Point = tuple[float, float]


class Placed(Protocol):
    """Whatever may have a point.

    Units: WGS84.
    """

    @property
    def lon(self) -> float | None: ...
    @property
    def lat(self) -> float | None: ...


Seen = tuple[list[Point], Node | None]  # what the map is to show, and the grid in which that lies
NOWHERE: Seen = ([], None)


def points(*found: Placed) -> list[Point]:
    """Where these lie, as far as that is known."""
    return [(one.lon, one.lat) for one in found if one.lon is not None and one.lat is not None]


class _Desk(FrozenDeck):
    """The map with some of its layers taken away, others put on top."""

    def __init__(self, deck: FrozenDeck, without: Sequence[str], layers: Sequence[pdk.Layer]) -> None:
        drawn = json.loads(deck.to_json())
        more = json.loads(pdk.Deck(layers=list(layers)).to_json())["layers"]
        drawn["layers"] = [layer for layer in drawn["layers"] if layer["id"] not in without] + more
        self._json = json.dumps(drawn, ensure_ascii=False, separators=(",", ":"))


def _labels(board: Board, node: Node, view: View) -> list[pdk.Layer]:
    """Name and count of each grid: a long name in as many lines as it takes, in a low grid all in one line."""
    rows = [_label(board, grid, view) for grid in board.tree.grids(node) if grid.lon is not None]
    beside = "[0, dy]"
    return [
        maps.text(
            rows, "desk-names", "name", NAME_PX, 0, ON_LIGHT, get_pixel_offset=beside,
            get_alignment_baseline=String("bottom"),
        ),
        maps.text(
            rows, "desk-counts", "count", COUNT_PX, 0, ON_LIGHT, font=maps.FIGURES,
            get_alignment_baseline=String("top"), get_pixel_offset=beside,
        ),
    ]  # fmt: skip


def _label(board: Board, grid: Node, view: View) -> dict[str, object]:
    """Units: `dy`, how far below the middle name and count meet, in pixels."""
    west, south, east, north = camera.bounds(board, grid)
    lon_px, lat_px = camera.degrees_per_px(view)
    at, count = {"lon": grid.lon, "lat": grid.lat}, str(board.counts_of(grid).open)
    wide_px, high_px = (east - west) / lon_px, (north - south) / lat_px
    lines = textwrap.wrap(grid.name, max(2, int(wide_px / NAME_PX)))
    high = LINE_PX * len(lines)
    in_one_px = NAME_PX * len(grid.name) + COUNT_PX
    if high_px < high + COUNT_PX + AIR_PX and in_one_px < wide_px:
        return at | {"name": f"{grid.name} {count}", "count": "", "dy": LINE_PX / 2}
    return at | {"name": "\n".join(lines), "count": count, "dy": (high - COUNT_PX) / 2}


def _ring(pins: Sequence[Point]) -> pdk.Layer:
    return pdk.Layer(
        "ScatterplotLayer", [{"at": pin} for pin in pins], id="pins", get_position="at", get_radius=13,
        radius_units=String("pixels"), filled=False, stroked=True, line_width_units=String("pixels"),
        get_line_width=4, get_line_color=list(rgba(LIGHT.text_1)),
    )  # fmt: skip


def _streets(board: Board, view: View) -> pdk.Layer:
    rows = sources.street_names(board, view, CLOSE_PX)
    return maps.text(
        rows, "desk-streets", "name", NAME_PX + 1, 0, ON_LIGHT, colour=ON_LIGHT.street, get_angle="angle"
    )  # fmt: skip


@session.callback(Permission.SIT_AT_DESK)
def _pick() -> None:
    """Take the grid that was clicked as the place of what is being typed; who registers nothing takes none."""
    registers = session.recheck(Permission.SIT_AT_DESK).paths(Permission.INTAKE)
    takes = st.session_state.get(desk.TAKES, desk.REGISTER if registers else None)
    for clicked in st.session_state[MAP].selection.objects.values():
        if takes and (name := clicked[0].get("name")):
            st.session_state[desk.PICKED] = name
            desk.go(takes)


def draw(board: Board, node: Node, pins: Sequence[Point], translate: Translate, grid: Node | None = None) -> None:
    """The map: around the first pin, or the whole street when there is none; below it what it shows, and how far.

    The close one is not coloured by counts: one colour would fill it.
    """
    urls, (wide, high) = sources.urls(board, Measure.OPEN, node), CLOSE_PX if pins else SIZE_PX
    if pins:
        view = View(round(pins[0][0], 6), round(pins[0][1], 6), CLOSE)
        plain = maps.live_map(urls, view, node.code, NEAR, PLAIN, has_labels=False)
        deck = _Desk(plain, (), [_streets(board, view), _ring(pins)])
    else:
        view = camera.view_of(camera.extent(board, node), wide, high, margin=0.02)
        deck = _Desk(maps.live_map(urls, view, node.code, SMALLER, PALE, has_labels=False), CROWDED, _labels(board, node, view))
    st.pydeck_chart(deck, height=high, key=MAP, on_select=_pick, selection_mode="single-object")
    metres, wide_px = camera.scale_bar(view, SCALE_PX)
    told = translate("Open cases by grid")
    if pins and grid:
        told = translate("{grid}: {count} open").format(grid=grid.name, count=board.counts_of(grid).open)
    far = translate("{} m").format(metres)
    bar = Markup('<p class="map-key"><span>{}</span><i style="width:{}px"></i>{}</p>')
    cards.show(bar.format(told, f"{wide_px:.0f}", far))


def draw_tonight(node: Node, now: datetime, translate: Translate) -> None:
    """Whom to ring tonight at each unit."""
    with store.current().reading() as db:
        directory = lookup.directory(db, desk.rules_now())
    begins, ends = map(clock.local, tonight.night_of(now))
    cards.show(pieces.heading(translate("On tonight"), note=f"{begins:%H:%M}–{ends:%H:%M}"))
    with st.container(key="duty_tonight"):
        lines = (
            Markup("<li><span>{}</span><b>{}</b>{}</li>").format(
                watch.unit, watch.name or translate("Duty room"), pieces.call(watch.phone, translate)
            )
            for watch in tonight.tonight(directory, node.path, now)
        )
        cards.show(Markup('<ul class="tonight">{}</ul>').format(Markup("").join(lines)))
