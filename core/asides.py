"""Where cases are drawn beside their places: apart from others at one place, clear of names, counts and frames.

Units: pixels of a wall of 1920 × 1080 to the right and down of the place of the case.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from core import labels, written
from core.board import Board
from core.cases.queries import OpenCase
from core.labels import Place
from core.places import Node, Outline
from core.words import ClockState, Level, Severity
from core.written import Box

SAME, APART_PX = 4e-5, 9  # degrees within which cases are at one place, and how far from it they are drawn
# how far it reaches: left, up, right, down
DOT, SYMBOL, RED, RING, NUMBERED = (5, 5, 5, 5), (9, 9, 9, 9), (13, 13, 13, 13), (16, 16, 16, 16), (13, 23, 22, 13)
FRAME_PX = 5  # half of a frame and some air
# what it costs, in square pixels of symbols above: one pixel of those below, which will give way, to lie upon the line
# around the watched grid, and to lie in another grid
BELOW, ON_LINE, AWAY = 0.5, 100, 300
FARTHEST_PX, STEP_PX = 80, 5  # farther than that a case is not drawn from its place, whatever it covers
FAR_PX = FARTHEST_PX + max(NUMBERED)  # farther off, nothing is touched by it
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def fan(cases: Iterable[OpenCase]) -> dict[int, Place]:
    """How far cases at one place are drawn beside it, evenly around it, by case id: no zoom would part them."""
    together: dict[Place, list[int]] = {}
    for case in cases:
        if case.lon is not None and case.lat is not None:
            together.setdefault((round(case.lon / SAME), round(case.lat / SAME)), []).append(case.id)
    return {
        case_id: (round(radius * math.sin(turn), 1), round(-radius * math.cos(turn), 1))
        for ids in together.values()
        if len(ids) > 1
        for number, case_id in enumerate(sorted(ids))
        for turn, radius in [(2 * math.pi * number / len(ids), max(APART_PX, 2.2 * len(ids)))]
    }


@dataclass(frozen=True, slots=True)
class Symbol:
    """The symbol of a case: how far it reaches, and the shape of its grid."""

    reach: Floats
    home: BaseGeometry


@dataclass(frozen=True, slots=True)
class Drawn:
    """What is drawn besides symbols: boxes of words, shapes with a frame, and the line around the watched grid."""

    words: Floats
    frames: tuple[BaseGeometry, ...]
    line: BaseGeometry

    def near(self, here: Floats) -> "Drawn":
        """What a symbol can touch wherever it is drawn."""
        framed = (shape for shape in self.frames if shapely.boundary(shape).dwithin(shapely.Point(here), FAR_PX))
        return Drawn(_near(here, self.words), tuple(framed), self.line)


def clear(board: Board, cases: Sequence[OpenCase], moved: dict[int, Place], node: Node | None) -> dict[int, Place]:
    """How far cases that would lie upon a label, a frame or each other stand beside their places, by case id.

    All `cases` have a place, the later are drawn above; `node` is shown whole; `moved` is as of `fan`, and part of the
    answer.
    """
    grids = [grid for grid in board.tree.nodes.values() if grid.level is Level.GRID and grid.id in board.spots]
    shown = [grid for grid in grids if node is None or grid.path.startswith(node.path)]
    pixel = labels.degrees_per_px(board.outlines.get(grid.id, ()) for grid in shown)
    if not cases or not all(pixel):
        return {}
    own = np.array([(case.lon, case.lat) for case in cases], dtype=float) / (pixel[0], -pixel[1])
    usual = own + np.array([moved.get(case.id, (0.0, 0.0)) for case in cases])
    homes = {grid_id: _in_pixels(board.outlines.get(grid_id, ()), pixel) for grid_id in {c.grid_id for c in cases}}
    reaches = np.array([_reach(board, case) for case in cases], dtype=float)
    besides = _besides(board, shown, pixel)
    drawn = usual.copy()
    for number in reversed(range(len(cases))):  # what is drawn above keeps its place
        here, symbol = drawn[number], Symbol(reaches[number], homes[cases[number].grid_id])
        below, above = (
            _near(here, _around(drawn[part], reaches[part])) for part in (slice(number), slice(number + 1, None))
        )
        drawn[number] = _place(here, symbol, besides.near(here), above, below)
    changed = np.flatnonzero((drawn != usual).any(axis=1)).tolist()
    offsets: list[tuple[float, float]] = (drawn - own).round(1).tolist()
    return {cases[number].id: (offsets[number][0], offsets[number][1]) for number in changed}


def _besides(board: Board, shown: Sequence[Node], pixel: Place) -> Drawn:
    frames = tuple(_in_pixels(frame.outline, pixel) for frame in written.frames(board))
    watched = _in_pixels(() if board.watched is None or frames else board.outlines.get(board.watched, ()), pixel)
    line = watched.buffer(max(SYMBOL)) - watched.buffer(-max(SYMBOL))
    return Drawn(np.array([*written.boxes(board, shown, pixel)]).reshape(-1, 4), frames, line)


def _place(here: Floats, symbol: Symbol, besides: Drawn, above: Floats, below: Floats) -> Floats:
    """Where a symbol is drawn: here, or at the best place beside, if here is something else."""
    place = here[None]
    is_bad = _breaks(place, symbol, besides.frames) | _covers(place, symbol, besides.words)
    if not (is_bad | shapely.contains_xy(besides.line, place))[0] and not _overlap(place, symbol, above)[0]:
        return here
    tried = here + _tried()
    tried = _without(tried, _breaks(tried, symbol, besides.frames))  # the worst first
    tried = _without(tried, _covers(tried, symbol, besides.words))
    paid = np.hypot(*(tried - here).T) + _overlap(tried, symbol, above) + BELOW * _overlap(tried, symbol, below)
    paid += ON_LINE * shapely.contains_xy(besides.line, tried) + AWAY * ~shapely.contains_xy(symbol.home, tried)
    best: Floats = tried[paid.argmin()]
    return best


@cache
def _tried() -> Floats:
    """How far from its place a case is tried."""
    steps = np.arange(-FARTHEST_PX, FARTHEST_PX + 1, STEP_PX, dtype=float)
    tried = np.stack(np.meshgrid(steps, steps), axis=2).reshape(-1, 2)
    found: Floats = tried[np.hypot(*tried.T) <= FARTHEST_PX]
    return found


def _without(places: Floats, is_bad: Flags) -> Floats:
    """The places that are not bad; all of them, if no other is left."""
    return places if is_bad.all() else places[~is_bad]


def _in_pixels(outline: Outline, pixel: Place) -> BaseGeometry:
    return shapely.transform(labels.shape_of(outline), lambda points: points / (pixel[0], -pixel[1]))


def _reach(board: Board, case: OpenCase) -> Box:
    if case.id in board.newest:
        return NUMBERED
    if board.states[case.id] is ClockState.OVERDUE:
        return RING
    if board.is_idle(case) and case.severity.rank > Severity.ORANGE.rank:
        return DOT
    return RED if case.severity is Severity.RED else SYMBOL


def _around(places: Floats, reaches: Floats) -> Floats:
    """The boxes that symbols cover."""
    left, up, right, down = reaches.T
    x, y = places.T
    return np.stack([x - left, y - up, x + right, y + down], axis=1)


def _near(here: Floats, boxes: Floats) -> Floats:
    """The boxes that a symbol can touch wherever it is drawn."""
    found: Floats = boxes[((boxes[:, :2] < here + FAR_PX) & (boxes[:, 2:] > here - FAR_PX)).all(axis=1)]
    return found


def _overlap(places: Floats, symbol: Symbol, boxes: Floats) -> Floats:
    """How much of other symbols one would cover at each of the places, in square pixels."""
    west, north, east, south = _around(places, symbol.reach[None]).T[:, :, None]
    wide = np.minimum(east, boxes[:, 2]) - np.maximum(west, boxes[:, 0])
    high = np.minimum(south, boxes[:, 3]) - np.maximum(north, boxes[:, 1])
    found: Floats = (wide.clip(0) * high.clip(0)).sum(axis=1)
    return found


def _covers(places: Floats, symbol: Symbol, words: Floats) -> Flags:
    """Whether a symbol would lie upon a word at each of the places."""
    covers: Flags = _overlap(places, symbol, words) > 0
    return covers


def _breaks(places: Floats, symbol: Symbol, frames: Iterable[BaseGeometry]) -> Flags:
    """Whether a symbol would lie upon a frame or beyond it at each of the places: a frame shows who is in it."""
    found = np.zeros(len(places), dtype=bool)
    off = symbol.reach.max() + FRAME_PX
    for shape in frames:
        is_in = bool(shape.contains(symbol.home.representative_point()))
        found |= shapely.contains_xy(shape.buffer(-off if is_in else off, join_style="mitre"), places) != is_in
    return found
