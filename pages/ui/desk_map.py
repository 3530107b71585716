"""The right of the desk: the map with what is looked at now, and whom to ring tonight."""

import json
import math
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple, Protocol

import pydeck as pdk
import streamlit as st
from markupsafe import Markup
from shapely.geometry.base import BaseGeometry

from core import clock, labels, store
from core.board import Board
from core.language import Translate
from core.liaisons import lookup, tonight
from core.liaisons.tonight import Watch
from core.places import Node, Outline
from core.words import Measure, Permission
from pages.ui import camera, cards, desk, maps, pieces, session, sources
from pages.ui.camera import View
from pages.ui.deck import FrozenDeck
from pages.ui.ink import ON_LIGHT, PALE, PLAIN, rgba
from pages.ui.kept import Kept
from pages.ui.maps import String
from pages.ui.style import LIGHT

MAP = "duty_map"
SIZE_PX, CLOSE_PX = (458, 300), (458, 320)  # of the whole street; of what is looked at
# too much on so small a street
CROWDED = ("fresh", "cases", "grave-cases", "marks", "watched-casing", "accents")
SMALLER, NEAR = 0.62, 0.8  # than on a wall
CLOSE = 16.5  # zoom at which one sees buildings
NAME_PX, SMALL_PX, COUNT_PX, LINE_PX, STREET_PX = 13, 12, 14, 14, 14
BOX_PX = 16  # of the ground of a count, with air above it
DIGIT_PX, GAP_PX = 8, 5  # a digit with its air; between name and count
CLEAR_PX = {NAME_PX: 3, SMALL_PX: 2}  # from a border, by the size of the name
LATE = replace(PALE, text=rgba(LIGHT.on_time), halo=rgba(LIGHT.time))  # of a count some of which is overdue
LONG = 4  # letters of a name that may stand in two lines
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


class Written(NamedTuple):
    """Where a label stands, its name in lines and their size, and where name and count stand beside that place.

    An empty name: no room for it.

    Units: pixels to the right and down.
    """

    lon: float
    lat: float
    name: str = ""
    name_at: Point = (0, 0)
    count_at: Point = (0, 0)
    size: int = NAME_PX


_kept: Kept[tuple[int, str, tuple[int, ...]], list[Written]] = Kept(8)


def _labels(board: Board, node: Node, view: View) -> list[pdk.Layer]:
    """Name and count of each grid; where some are overdue, the count in white on ink."""
    grids = [grid for grid in board.tree.grids(node) if grid.lon is not None and grid.lat is not None]
    counts = [board.counts_of(grid) for grid in grids]
    digits = tuple(len(str(count.open)) for count in counts)
    placed = _kept.of(
        (board.ground_version, node.code, digits),
        lambda: [
            written(grid, board.outlines.get(grid.id, ()), view, many) for grid, many in zip(grids, digits, strict=True)
        ],
    )
    rows: list[list[dict[str, object]]] = [[], []]
    for one, count in zip(placed, counts, strict=True):
        rows[count.overdue > 0].append({**one._asdict(), "count": str(count.open)})
    return [
        maps.text(
            rows[0] + rows[1], "desk-names", "name", NAME_PX, 0, PALE, get_size="size", get_pixel_offset="name_at"
        ),
        maps.text(
            rows[0], "desk-counts", "count", COUNT_PX, 0, PALE, font=maps.FIGURES, get_pixel_offset="count_at"
        ),
        maps.text(
            rows[1], "desk-late", "count", COUNT_PX, 0, LATE, font=maps.FIGURES, get_pixel_offset="count_at",
            background=True, get_background_color=list(LATE.halo), background_padding=[3, -1, 3, -1],
        ),
    ]  # fmt: skip


def written(grid: Node, outline: Outline, view: View, digits: int) -> Written:
    """The first form that has room within the grid: name over count, both in one line, in two lines; then smaller."""
    shape, usual = labels.shape_of(outline), (grid.lon or 0.0, grid.lat or 0.0)
    figure = digits * DIGIT_PX
    for text, size, is_behind in _forms(grid.name):
        lines = text.split("\n")
        wide, high = size * max(map(len, lines)), LINE_PX * len(lines)
        if is_behind and (found := _room(usual, wide + GAP_PX + figure, COUNT_PX, size, shape, view)):
            return Written(*found, text, (-(GAP_PX + figure) / 2, 0), ((wide + GAP_PX) / 2, 0), size)
        if not is_behind and (found := _room(usual, max(wide, figure), high + BOX_PX, size, shape, view)):
            return Written(*found, text, (0, -BOX_PX / 2), (0, high / 2), size)
    return Written(*(_room(usual, figure, BOX_PX, NAME_PX, shape, view) or usual))


def _forms(name: str) -> Iterator[tuple[str, int, bool]]:
    """The name in lines, its size, and whether the count stands behind it and not below."""
    in_two = "\n".join(textwrap.wrap(name, math.ceil(len(name) / 2)))
    for size in (NAME_PX, SMALL_PX):
        yield from ((name, size, False), (name, size, True))
        if len(name) >= LONG:
            yield in_two, size, False


def _room(usual: Point, wide: float, high: float, size: int, shape: BaseGeometry, view: View) -> Point | None:
    """Where a label with a name of `size` stands clear of the border of `shape`, nearest to the usual place."""
    (lon_px, lat_px), clear = camera.degrees_per_px(view), CLEAR_PX[size]
    return labels.fitting(usual, (lon_px * (wide / 2 + clear), lat_px * (high / 2 + clear)), shape)


def _ring(pins: Sequence[Point]) -> pdk.Layer:
    return pdk.Layer(
        "ScatterplotLayer", [{"at": pin} for pin in pins], id="pins", get_position="at", get_radius=13,
        radius_units=String("pixels"), filled=False, stroked=True, line_width_units=String("pixels"),
        get_line_width=4, get_line_color=list(rgba(LIGHT.text_1)),
    )  # fmt: skip


def _streets(board: Board, view: View) -> pdk.Layer:
    rows = sources.street_names(board, view, CLOSE_PX)
    return maps.text(
        rows, "desk-streets", "name", STREET_PX, 0, ON_LIGHT, colour=ON_LIGHT.street, get_angle="angle"
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
    told = translate("Open cases by grid; on black where some are overdue")
    if pins and grid:
        told = translate("{grid}: {count} open").format(grid=grid.name, count=board.counts_of(grid).open)
    cards.show(pieces.map_key(view, told, translate))


def draw_tonight(node: Node, now: datetime, translate: Translate) -> None:
    """Whom to ring tonight at each unit: people by name, then behind one line the units whose duty room answers."""
    with store.current().reading() as db:
        directory = lookup.directory(db, desk.rules_now())
    begins, ends = map(clock.local, tonight.night_of(now))
    watches = tonight.tonight(directory, node.path, now)
    named, others = [one for one in watches if one.name], [one for one in watches if not one.name]
    shown = [pieces.heading(translate("On tonight"), note=f"{begins:%H:%M}–{ends:%H:%M}"), _watches(named, translate)]
    if others:
        folded = Markup('<details class="rooms"{}><summary>{}</summary>{}</details>')
        words = translate("{count} more units: ring the duty room").format(count=len(others))
        shown.append(folded.format("" if named else Markup(" open"), words, _watches(others, translate)))
    cards.show(*shown)


def _watches(watches: Sequence[Watch], translate: Translate) -> Markup:
    rows = (
        Markup("<li><span>{}</span><b>{}</b>{}</li>").format(one.unit, one.name, pieces.call(one.phone, translate))
        for one in watches
    )
    return Markup('<ul class="tonight">{}</ul>').format(Markup("").join(rows))
