"""The right of the desk: the map with what is looked at now, and whom to ring tonight."""

import json
import math
import textwrap
from collections.abc import Sequence
from datetime import datetime
from itertools import product
from typing import NamedTuple, Protocol

import pydeck as pdk
import streamlit as st
from markupsafe import Markup

from core import clock, labels, store
from core.board import Board
from core.language import Translate
from core.liaisons import lookup, tonight
from core.places import Node
from core.words import Measure, Permission
from pages.ui import camera, cards, desk, maps, pieces, session, sources
from pages.ui.camera import View
from pages.ui.deck import FrozenDeck
from pages.ui.ink import ON_LIGHT, PALE, PLAIN, rgba
from pages.ui.kept import Kept
from pages.ui.maps import String
from pages.ui.style import LIGHT

MAP = "duty_map"
SIZE_PX, CLOSE_PX = (384, 264), (384, 336)  # of the whole street; of what is looked at
# too much on so small a street
CROWDED = ("fresh", "cases", "grave-cases", "marks", "watched-casing", "accents")
SMALLER, NEAR = 0.62, 0.8  # than on a wall
CLOSE = 16.5  # zoom at which one sees buildings
NAME_PX, COUNT_PX, LINE_PX = 14, 16, 16
LONG = 4  # letters of a name that may stand in two lines
TIGHTER = (1.05, 0.95, 0.85, 0.75, 0.6)  # of its size a label needs, where nothing else has room
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
    """Name and count of each grid, where they have room in it."""
    grids = [grid for grid in board.tree.grids(node) if grid.lon is not None and grid.lat is not None]
    counts = [str(board.counts_of(grid).open) for grid in grids]
    key = board.ground_version, node.code, tuple(map(len, counts))
    placed = _kept.of(
        key, lambda: [_written(board, grid, view, len(count)) for grid, count in zip(grids, counts, strict=True)]
    )
    rows = [_row(one, count) for one, count in zip(placed, counts, strict=True)]
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


class Written(NamedTuple):
    """Where a label stands, its name in lines, and whether the count stands behind the name instead of below."""

    lon: float
    lat: float
    name: str
    is_behind: bool


_kept: Kept[tuple[int, str, tuple[int, ...]], list[Written]] = Kept(8)


def _written(board: Board, grid: Node, view: View, digits: int) -> Written:
    """The first form that has room within the grid: name over count, both in one line, a long name in two lines."""
    shape, usual = labels.shape_of(board.outlines.get(grid.id, ())), (grid.lon or 0.0, grid.lat or 0.0)
    lon_px, lat_px = camera.degrees_per_px(view)
    forms = [(grid.name, False), (grid.name, True)]
    if len(grid.name) >= LONG:
        forms.append(("\n".join(textwrap.wrap(grid.name, math.ceil(len(grid.name) / 2))), False))
    for tight, (name, is_behind) in product(TIGHTER, forms):
        lines = name.split("\n")
        wide = NAME_PX * max(map(len, lines)) + is_behind * (digits + 1) * COUNT_PX * 0.55
        high = LINE_PX * len(lines) + (not is_behind) * COUNT_PX
        if place := labels.fitting(usual, (tight * lon_px * wide / 2, tight * lat_px * high / 2), shape):
            return Written(*place, name, is_behind)
    return Written(*usual, grid.name, is_behind=True)


def _row(one: Written, count: str) -> dict[str, object]:
    """Units: `dy`, how far below the middle name and count meet, in pixels."""
    at = {"lon": one.lon, "lat": one.lat}
    if one.is_behind:
        return at | {"name": f"{one.name} {count}", "count": "", "dy": LINE_PX / 2}
    return at | {"name": one.name, "count": count, "dy": (LINE_PX * (one.name.count("\n") + 1) - COUNT_PX) / 2}


def _ring(pins: Sequence[Point]) -> pdk.Layer:
    return pdk.Layer(
        "ScatterplotLayer", [{"at": pin} for pin in pins], id="pins", get_position="at", get_radius=13,
        radius_units=String("pixels"), filled=False, stroked=True, line_width_units=String("pixels"),
        get_line_width=4, get_line_color=list(rgba(LIGHT.text_1)),
    )  # fmt: skip


def _streets(board: Board, view: View) -> pdk.Layer:
    rows = sources.street_names(board, view, CLOSE_PX)
    return maps.text(
        rows, "desk-streets", "name", NAME_PX, 0, ON_LIGHT, colour=ON_LIGHT.street, get_angle="angle"
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
    data, (wide, high) = sources.data(board, Measure.OPEN, node), CLOSE_PX if pins else SIZE_PX
    if pins:
        view = View(round(pins[0][0], 6), round(pins[0][1], 6), CLOSE)
        plain = maps.live_map(data, view, node.code, NEAR, PLAIN, has_labels=False)
        deck = _Desk(plain, (), [_streets(board, view), _ring(pins)])
    else:
        view = camera.view_of(camera.extent(board, node), wide, high, margin=0.01)
        deck = _Desk(
            maps.live_map(data, view, node.code, SMALLER, PALE, has_labels=False), CROWDED, _labels(board, node, view)
        )
    st.pydeck_chart(deck, height=high, key=MAP, on_select=_pick, selection_mode="single-object")
    told = translate("Open cases by grid")
    if pins and grid:
        told = translate("{grid}: {count} open").format(grid=grid.name, count=board.counts_of(grid).open)
    cards.show(pieces.map_key(view, told, translate))


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
