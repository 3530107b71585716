"""Where cases are drawn beside their places: apart from others at one place, and clear of names and counts.

Units: pixels of a wall of 1920 × 1080 to the right and down of the place of the case.
"""

import math
from collections.abc import Iterable, Sequence
from itertools import compress, product

import numpy as np
import shapely
from numpy.typing import NDArray

from core import labels
from core.board import Board
from core.cases.queries import OpenCase
from core.labels import COUNT_PX, NAME_PX, Place
from core.places import Node
from core.words import ClockState, Level

SAME, APART_PX = 4e-5, 9  # degrees within which cases are at one place, and how far from it they are drawn
SYMBOL, RING, NUMBERED = (9, 9, 9, 9), (15, 15, 15, 15), (9, 26, 24, 9)  # how far it reaches: left, up, right, down
BETWEEN_PX = 15  # between the middles of two symbols, where there is room
FARTHEST_PX = 45  # farther than that a case is not drawn from its place, whatever it covers
DIGIT_PX = 13
Box = tuple[float, float, float, float]  # left, top, right, bottom
Boxes = NDArray[np.float64]


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


def clear(board: Board, cases: Sequence[OpenCase], moved: dict[int, Place], node: Node | None) -> dict[int, Place]:
    """How far cases that would lie upon a label stand beside their places when `node` is shown whole, by case id.

    `moved` is as of `fan`, and part of the answer.
    """
    grids = [grid for grid in board.tree.nodes.values() if grid.level is Level.GRID and grid.id in board.spots]
    shown = [grid for grid in grids if node is None or grid.path.startswith(node.path)]
    pixel = labels.degrees_per_px(board.outlines.get(grid.id, ()) for grid in shown)
    if not all(pixel):
        return {}
    taken = np.array([*_written(board, shown, pixel), *_signs(board, pixel)])
    at = {
        case.id: (case.lon / pixel[0] + x, -case.lat / pixel[1] + y)
        for case in cases
        if case.lon is not None and case.lat is not None
        for x, y in [moved.get(case.id, (0.0, 0.0))]
    }
    drawn = dict(at)
    for reach, ids in _by_reach(board, [case for case in cases if case.id in at]).items():
        grown = _grown(taken, reach)
        covered = _are_within(np.array([at[case_id] for case_id in ids]), grown)
        for case_id in compress(ids, covered):
            drawn[case_id] = _beside(case_id, drawn, grown)
    found = {}
    for case_id, (x, y) in drawn.items():
        if (x, y) != at[case_id]:
            aside = moved.get(case_id, (0.0, 0.0))
            found[case_id] = round(aside[0] + x - at[case_id][0], 1), round(aside[1] + y - at[case_id][1], 1)
    return found


def _by_reach(board: Board, cases: Iterable[OpenCase]) -> dict[Box, list[int]]:
    """The cases by how far their symbols reach."""
    found: dict[Box, list[int]] = {}
    for case in cases:
        usual = RING if board.states[case.id] is ClockState.OVERDUE else SYMBOL
        found.setdefault(NUMBERED if case.id in board.newest else usual, []).append(case.id)
    return found


def _grown(taken: Boxes, reach: Box) -> Boxes:
    """The boxes in which the middle of a symbol lies that covers one of `taken`."""
    left, up, right, down = reach
    return np.asarray(taken + np.array([-right, -down, left, up]))


def _written(board: Board, grids: Iterable[Node], pixel: Place) -> Iterable[Box]:
    """The name of each grid, and its count below."""
    for grid in grids:
        lon, lat = board.spots[grid.id]
        x, y = lon / pixel[0], -lat / pixel[1]
        name, count = labels.name_px(grid.name) / 2, DIGIT_PX * len(str(board.counts_of(grid).open)) / 2
        yield x - name, y - 13 - NAME_PX / 2, x + name, y - 13 + NAME_PX / 2
        yield x - count, y + 11 - COUNT_PX / 2, x + count, y + 11 + COUNT_PX / 2


def _signs(board: Board, pixel: Place) -> Iterable[Box]:
    for sign in labels.covered(board.signs, pixel):
        west, south, east, north = shapely.bounds(sign)
        yield west / pixel[0], -north / pixel[1], east / pixel[0], -south / pixel[1]


def _beside(case: int, at: dict[int, Place], taken: Boxes) -> Place:
    """The place nearest to that of a case which lies within nothing that is taken.

    Of several it is one without another case, if there is any; `at` is where all of them are drawn.
    """
    here = at[case]
    before, after = taken[:, :2] < np.add(here, FARTHEST_PX), taken[:, 2:] > np.subtract(here, FARTHEST_PX)
    near = taken[(before & after).all(axis=1)]
    west, north, east, south = near.T
    tried = np.array(list(product((here[0], *west, *east), (here[1], *north, *south))))
    tried = tried[np.hypot(*(tried - here).T) <= FARTHEST_PX]
    close = [(float(x), float(y)) for x, y in tried[~_are_within(tried, near)]]
    others = [place for other, place in at.items() if other != case and math.dist(place, here) < 2 * FARTHEST_PX]
    return min(close, key=lambda place: (_is_on(place, others), math.dist(place, here)), default=here)


def _is_on(place: Place, others: Iterable[Place]) -> bool:
    return any(math.dist(place, other) < BETWEEN_PX for other in others)


def _are_within(places: Boxes, boxes: Boxes) -> NDArray[np.bool_]:
    west, north, east, south = boxes.T
    x, y = places[:, :1], places[:, 1:]
    return np.asarray(((west < x) & (x < east) & (north < y) & (y < south)).any(axis=1))
