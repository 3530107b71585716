"""What is written on the map of a wall, and where: names and counts of grids, names of streets and of emergencies."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from core import labels
from core.board import Board
from core.labels import COUNT_PX, COUNTED_PX, NAME_PX, Place
from core.places import Node, Outline
from core.words import Level

DIGIT_PX, PLATE_PX = 13, 28  # how wide a digit is, and how high the plate with the name of an emergency
AIR_PX = 6  # beside a count: a symbol close before it would say of what it is the count
TRIED, LEVEL = 120, 0.4  # places of a plate along its frame; how steep the frame may be there, the best taken first
CLEAR_PX = 30  # this far from all other words a plate stands well
Box = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass(frozen=True, slots=True)
class Frame:
    """One line around all grids of an emergency, and where upon it its name stands.

    Units: lon, lat in WGS84 degrees.
    """

    name: str
    outline: Outline  # the largest polygon first
    spot: Place


def boxes(board: Board, grids: Iterable[Node], pixel: Place) -> Iterator[Box]:
    """What words cover while these grids are shown whole.

    Units: pixels to the right and down of 0° N, 0° E; `pixel` is as of `labels.degrees_per_px`.
    """
    yield from _labels(board, grids, pixel)
    for frame in frames(board):
        yield _plate(frame, pixel)


def frames(board: Board) -> tuple[Frame, ...]:
    """The frames of emergencies in a part of the street: around all of it a line would tell nothing."""
    held = (board.tree.nodes.get(each.place_id) for each in board.emergencies if each.path in board.framed)
    found = [place for place in held if place]
    grids = [grid for grid in board.tree.nodes.values() if grid.level is Level.GRID] if found else []
    pixel = labels.degrees_per_px(board.outlines.get(grid.id, ()) for grid in grids)
    words = list(_labels(board, grids, pixel)) if all(pixel) else []
    shapes = ((place, _around(board, place, pixel)) for place in found)
    return tuple(_frame(place, shape, words, pixel) for place, shape in shapes if not shape.is_empty)


def _around(board: Board, place: Node, pixel: Place) -> BaseGeometry:
    """All grids of a place as one shape: the outlines of neighbours were simplified apart, up to a pixel."""
    shape = shapely.union_all([labels.shape_of(board.outlines.get(grid.id, ())) for grid in board.tree.grids(place)])
    return shape.buffer(2 * pixel[1], join_style="mitre").buffer(-2 * pixel[1], join_style="mitre")


def _frame(place: Node, shape: BaseGeometry, words: list[Box], pixel: Place) -> Frame:
    parts = sorted(shapely.get_parts(shape), key=shapely.area, reverse=True)
    outline = tuple(
        [[[round(lon, 5), round(lat, 5)] for lon, lat in ring.coords] for ring in (part.exterior, *part.interiors)]
        for part in parts
    )
    return Frame(place.name, outline, _spot(place.name, parts[0], words, pixel))


def _spot(name: str, shape: BaseGeometry, words: list[Box], pixel: Place) -> Place:
    """Where the frame runs level and other words are far: of several such places the northernmost."""
    share = (np.arange(TRIED) + 0.5) / TRIED
    rim = shapely.get_exterior_ring(shape)
    here, before, after = (
        shapely.get_coordinates(shapely.line_interpolate_point(rim, (share + step) % 1, normalized=True))
        for step in (0, -0.01, 0.01)
    )
    along = np.abs((after - before) / pixel)
    is_steep = along[:, 1] > LEVEL * along[:, 0]
    x, y = (here / (pixel[0], -pixel[1])).T
    half = labels.name_px(name) / 2
    west, north, east, south = np.array(words).reshape(-1, 4).T[:, :, None]
    right, down = (np.maximum(low - at, at - high) for low, high, at in ((west, east, x), (north, south, y)))
    gaps = np.maximum(right - half, down - PLATE_PX / 2).min(axis=0, initial=CLEAR_PX)
    best = np.lexsort((-here[:, 1], -gaps, is_steep))[0]
    lon, lat = here[best].tolist()
    return round(lon, 6), round(lat, 6)


def _plate(frame: Frame, pixel: Place) -> Box:
    x, y, half = frame.spot[0] / pixel[0], -frame.spot[1] / pixel[1], labels.name_px(frame.name) / 2
    return x - half, y - PLATE_PX / 2, x + half, y + PLATE_PX / 2


def _labels(board: Board, grids: Iterable[Node], pixel: Place) -> Iterator[Box]:
    """The name of each grid that is wide enough with its count below, and the names of streets."""
    for grid in grids:
        lons = [lon for polygon in board.outlines.get(grid.id, ()) for lon, _ in polygon[0]]
        span = (max(lons) - min(lons)) / pixel[0] if lons else 0
        if span <= COUNTED_PX or grid.id not in board.spots:
            continue
        lon, lat = board.spots[grid.id]
        x, y = lon / pixel[0], -lat / pixel[1]
        name, count = labels.name_px(grid.name) / 2, DIGIT_PX * len(str(board.counts_of(grid).open)) / 2 + AIR_PX
        if span > 2 * name:
            yield x - name, y - 13 - NAME_PX / 2, x + name, y - 13 + NAME_PX / 2
        yield x - count, y + 11 - COUNT_PX / 2, x + count, y + 11 + COUNT_PX / 2
    for sign in labels.covered(board.signs, pixel):
        west, south, east, north = shapely.bounds(sign)
        yield west / pixel[0], -north / pixel[1], east / pixel[0], -south / pixel[1]
