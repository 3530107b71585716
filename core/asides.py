"""Where cases are drawn beside their places: apart from others at one place, clear of names, counts and frames.

Units: pixels of a wall of 1920 × 1080 to the right and down of the place of the case.
"""

import math
from collections.abc import Iterable, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from core import labels, written
from core.board import Board
from core.cases.queries import OpenCase
from core.labels import Place
from core.places import Node
from core.words import ClockState, Level, Severity
from core.written import Box

SAME, APART_PX = 4e-5, 9  # degrees within which cases are at one place, and how far from it they are drawn
# how far it reaches: left, up, right, down
SYMBOL, RED, RING, NUMBERED = (9, 9, 9, 9), (13, 13, 13, 13), (15, 15, 15, 15), (13, 26, 24, 13)
BETWEEN_PX = 15  # between the middles of two symbols, where there is room
FRAME_PX = 5  # half of a frame and some air
FARTHEST_PX = 45  # farther than that a case is not drawn from its place, whatever it covers
Floats = NDArray[np.float64]


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
    """How far cases that would lie upon a label or a frame stand beside their places, by case id; `node` shown whole.

    All `cases` have a place; `moved` is as of `fan`, and part of the answer.
    """
    grids = [grid for grid in board.tree.nodes.values() if grid.level is Level.GRID and grid.id in board.spots]
    shown = [grid for grid in grids if node is None or grid.path.startswith(node.path)]
    pixel = labels.degrees_per_px(board.outlines.get(grid.id, ()) for grid in shown)
    if not cases or not all(pixel):
        return {}
    own = np.array([(case.lon, case.lat) for case in cases], dtype=float) / (pixel[0], -pixel[1])
    usual = own + np.array([moved.get(case.id, (0.0, 0.0)) for case in cases])
    drawn = _off_frames(board, cases, usual, pixel)
    boxes = np.array([*written.boxes(board, shown, pixel)]).reshape(-1, 4)
    taken = _grown(boxes, [_reach(board, case) for case in cases])
    for number in np.flatnonzero(_is_within(drawn, taken)).tolist():
        home = labels.shape_of(board.outlines.get(cases[number].grid_id, ()))
        beside = _beside(drawn[number], np.delete(drawn, number, axis=0), taken[number], home, pixel)
        if beside is not None:
            drawn[number] = beside
    changed = np.flatnonzero((drawn != usual).any(axis=1)).tolist()
    offsets: list[tuple[float, float]] = (drawn - own).round(1).tolist()
    return {cases[number].id: (offsets[number][0], offsets[number][1]) for number in changed}


def _off_frames(board: Board, cases: Sequence[OpenCase], usual: Floats, pixel: Place) -> Floats:
    """The places of cases, those upon a frame on the side of their own grid: it shows who is in and who is not."""
    frames = [shapely.boundary(labels.shape_of(frame.outline)) for frame in written.frames(board)]
    off = np.array([_reach(board, case)[0] + FRAME_PX for case in cases])
    near = shapely.distance(_in_pixels(shapely.union_all(frames), pixel), shapely.points(usual)) < off
    drawn = usual.copy()
    for number in np.flatnonzero(near).tolist():
        home = labels.shape_of(board.outlines.get(cases[number].grid_id, ()))
        inside = _in_pixels(home, pixel).buffer(-off[number])
        if not inside.is_empty:
            drawn[number] = shapely.shortest_line(inside, shapely.Point(usual[number])).coords[0]
    return drawn


def _in_pixels(shape: BaseGeometry, pixel: Place) -> BaseGeometry:
    return shapely.transform(shape, lambda points: points / (pixel[0], -pixel[1]))


def _reach(board: Board, case: OpenCase) -> Box:
    if case.id in board.newest:
        return NUMBERED
    if board.states[case.id] is ClockState.OVERDUE:
        return RING
    return RED if case.severity is Severity.RED else SYMBOL


def _grown(boxes: Floats, reaches: Sequence[Box]) -> Floats:
    """The boxes within which the middle of a symbol must not lie, for each of its reaches."""
    left, up, right, down = np.array(reaches).T[:, :, None]
    west, north, east, south = boxes.T
    return np.stack([west - right, north - down, east + left, south + up], axis=2)


def _beside(here: Floats, others: Floats, taken: Floats, home: BaseGeometry, pixel: Place) -> Floats | None:
    """The nearest place that lies within nothing taken, if possible in its own grid and without another case.

    None if there is no such place.
    """
    before, after = taken[:, :2] < here + FARTHEST_PX, taken[:, 2:] > here - FARTHEST_PX
    near = taken[(before & after).all(axis=1)]
    x, y = ([middle, *_close(near[:, [low, low + 2]], middle)] for low, middle in enumerate(here))
    tried = np.stack(np.meshgrid(x, y), axis=2).reshape(-1, 2)
    tried = tried[np.hypot(*(tried - here).T) <= FARTHEST_PX]
    tried = tried[~_is_within(tried, near)]
    if not len(tried):
        return None
    others = others[np.hypot(*(others - here).T) < FARTHEST_PX + BETWEEN_PX]
    gaps = np.hypot(*np.moveaxis(tried[:, None] - others, 2, 0))
    away = ~shapely.contains_xy(home, tried * (pixel[0], -pixel[1]))
    order = np.lexsort((np.hypot(*(tried - here).T), (gaps < BETWEEN_PX).any(axis=1), away))
    best: Floats = tried[order[0]]
    return best


def _close(edges: Floats, middle: float) -> Floats:
    found: Floats = edges[np.abs(edges - middle) <= FARTHEST_PX]
    return found


def _is_within(places: Floats, boxes: Floats) -> NDArray[np.bool_]:
    """Whether each place lies within any of the boxes: the same for all, or those of its own."""
    x, y = places.T[:, :, None]
    west, north, east, south = np.moveaxis(boxes, -1, 0)
    inside: NDArray[np.bool_] = ((west < x) & (x < east) & (north < y) & (y < south)).any(axis=1)
    return inside
