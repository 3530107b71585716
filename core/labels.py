"""Where the labels of grids stand on the map, so that they and the cases do not cover each other; pure.

Units: lon, lat in WGS84 degrees; pixels of a street shown whole on a wall of 1920 × 1080.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from core.places import Node, Outline
from core.words import Level

NAME_PX, COUNT_PX, STREET_PX = 17, 25, 15  # height of the letters
LARGEST = 1.6  # times the usual height, for the largest counts
MAP_PX = (886, 514)  # the hole of the wall without its margins
HALF_HIGH_PX, MIN_PX, SYMBOL_PX, BORDER_PX = 23, 40, 11, 4
STEPS = 14  # a grid is tried at so many columns and rows
GRAVE, MILD = 100, 1  # what it costs to cover a case
ROAD_PX = 160  # shorter roads have no name
COUNTED_PX = 30  # narrower grids have no count, and those narrower than their name no name

Place = tuple[float, float]
Degrees = NDArray[np.float64]
Costs = NDArray[np.int_]
Point = tuple[float, float, bool]  # the place of a case, and whether it is grave


class Sign(NamedTuple):
    """The name of a street and where it is written.

    Units: `angle` in degrees from the east, anticlockwise; `long`, the length of its road, in degrees of latitude.
    """

    lon: float
    lat: float
    name: str
    angle: float
    long: float


class Stand(NamedTuple):
    """Where a label may stand: its usual place, then others with room for it, the nearest first.

    Units: `half` the width and the height that it covers to either side, in degrees.
    """

    half: Place
    places: tuple[Place, ...]


def name_px(name: str) -> int:
    """How wide a name is with some air; Latin letters take little more than half."""
    return round(NAME_PX * sum(1 if ord(letter) > 0x2E80 else 0.58 for letter in name)) + 8


def larger(over: float) -> float:
    """How many times the usual height a count has that is `over` times the last break: its area grows with it."""
    return round(min(LARGEST, math.sqrt(over)), 2)


def degrees_per_px(outlines: Iterable[Outline]) -> Place:
    """How many degrees of longitude and of latitude a pixel shows when all of `outlines` are in the picture."""
    points = [point for rings in outlines for polygon in rings for point in polygon[0]]
    if not points:
        return 0.0, 0.0
    lons, lats = zip(*points, strict=True)
    narrow = math.cos(math.radians((min(lats) + max(lats)) / 2))
    east = max((max(lons) - min(lons)) / MAP_PX[0], (max(lats) - min(lats)) / narrow / MAP_PX[1])
    return east, east * narrow


def covered(signs: Iterable[Sign], pixel: Place) -> list[BaseGeometry]:
    """What the names of streets cover, upright or along their roads; `pixel` is as of `degrees_per_px`."""
    return [written(sign, pixel) for sign in signs if sign.long > ROAD_PX * pixel[0]]


def written(sign: Sign, pixel: Place) -> BaseGeometry:
    """What the name of a street covers; its place, where a pixel shows nothing."""
    if not all(pixel):
        return shapely.Point(sign.lon, sign.lat)
    letters, turn = len(sign.name.replace("\n", "")), math.radians(sign.angle - 90 * ("\n" in sign.name))
    far = pixel[0] * STREET_PX * letters / 2
    (lon, lat), (east, north) = sign[:2], (far * math.cos(turn), far * math.sin(turn))
    return shapely.LineString([(lon - east, lat - north), (lon + east, lat + north)]).buffer(
        pixel[1] * STREET_PX * 0.8, cap_style="flat"
    )


def stands(nodes: Iterable[Node], outlines: Mapping[int, Outline], signs: Iterable[Sign]) -> dict[int, Stand]:
    """Where the label of each grid may stand, by place id.

    `signs` are the names of streets: no label stands upon them where it can stand elsewhere.
    """
    pixel = degrees_per_px(outlines.values())
    streets = shapely.union_all(covered(signs, pixel))
    return {
        node.id: _stand((node.lon, node.lat), node.name, _inside(outlines.get(node.id, ()), pixel), pixel, streets)
        for node in nodes
        if node.level is Level.GRID and node.lon is not None and node.lat is not None
    }


def usual(where: Iterable[Stand], pixel: Place) -> BaseGeometry:
    """What the labels of grids cover at their usual places, without the air for symbols beside them."""
    air = SYMBOL_PX * np.array(pixel)
    return shapely.union_all([_boxes(stand.places[:1], tuple(stand.half - air))[0] for stand in where])


def _inside(outline: Outline, pixel: Place) -> BaseGeometry:
    """Where a label does not touch the border; all of a shape that is hardly wider than its borders."""
    shape = shape_of(outline)
    inside = shape.buffer(-BORDER_PX * pixel[1])
    return shape if inside.is_empty else inside


def _stand(usual: Place, name: str, shape: BaseGeometry, pixel: Place, streets: BaseGeometry) -> Stand:
    half = pixel[0] * max(name_px(name), MIN_PX) / 2, pixel[1] * HALF_HIGH_PX
    tried = [usual, *_lattice(usual, shape)]
    boxes = _boxes(tried, half)
    shapely.prepare(shape)
    fits = shapely.contains(shape, boxes) & ~shapely.intersects(boxes, streets)
    if not fits.any():
        tried = [usual, *_above_and_below(usual, half, shape)]
        room = shapely.area(shapely.intersection(_boxes(tried, half), shape - streets))
        fits = room >= 0.98 * room.max()
    places = tuple(place for place, is_fit in zip(tried, fits, strict=True) if is_fit)
    return Stand((half[0] + pixel[0] * SYMBOL_PX, half[1] + pixel[1] * SYMBOL_PX), places)


def _boxes(places: Sequence[Place], half: Place) -> NDArray[np.object_]:
    x, y = np.array(places).T
    return np.asarray(shapely.box(x - half[0], y - half[1], x + half[0], y + half[1]))


def _above_and_below(usual: Place, half: Place, shape: BaseGeometry) -> list[Place]:
    """Places of a label in a shape that is about as narrow; in a narrower one it has no name, and stays."""
    west, _, east, _ = shapely.bounds(shape)
    return [place for place in _lattice(usual, shape, columns=False) if east - west > 2 * half[0]]


def shape_of(outline: Outline) -> BaseGeometry:
    """An outline as one shape."""
    return shapely.union_all([shapely.Polygon(rings[0], rings[1:]) for rings in outline])


def fitting(usual: Place, half: Place, shape: BaseGeometry) -> Place | None:
    """The place nearest to the usual one at which a box lies within `shape`; `half` is as of a `Stand`."""
    lines = shapely.get_parts(shapely.boundary(shape))
    ends = [np.array(line.coords) for line in lines]
    corners = np.array([(half[0] * x, half[1] * y) for x in (-1, 1) for y in (-1, 1)])
    # The middle of a box that crosses an edge lies where the box around a point goes when that runs along the edge.
    swept = [
        shapely.MultiPoint(np.concatenate([one + corners, other + corners])).convex_hull
        for line in ends
        for one, other in pairwise(line)
    ]
    free = shape - shapely.union_all(swept)
    if free.is_empty:
        return None
    lon, lat = shapely.shortest_line(free, shapely.Point(usual)).coords[0]
    return lon, lat


def _lattice(usual: Place, shape: BaseGeometry, *, columns: bool = True) -> list[Place]:
    """Places spread over `shape`, the nearest to the usual one first; without `columns` straight above and below it."""
    if shape.is_empty:
        return []
    west, south, east, north = shapely.bounds(shape)
    steps = (np.arange(STEPS) + 0.5) / STEPS
    across = west + steps * (east - west) if columns else np.array([usual[0]])
    lons, lats = np.meshgrid(across, south + steps * (north - south))
    places = [(round(float(lon), 6), round(float(lat), 6)) for lon, lat in zip(lons.ravel(), lats.ravel(), strict=True)]
    return sorted(places, key=lambda place: (math.dist(place, usual), place))


def spots(where: Mapping[int, Stand], points: Sequence[Point]) -> dict[int, Place]:
    """Where the label of each grid stands: where it covers the fewest cases, the grave ones last."""
    at = np.array([(lon, lat) for lon, lat, _ in points], dtype=float).reshape(-1, 2)
    costs = np.array([GRAVE if grave else MILD for _lon, _lat, grave in points], dtype=int)
    return {grid_id: _best(stand, at, costs) for grid_id, stand in where.items()}


def _best(stand: Stand, at: Degrees, costs: Costs) -> Place:
    """The nearest of the places that cover least."""
    places, half = np.array(stand.places), np.array(stand.half)
    near = ((at > places.min(axis=0) - half) & (at < places.max(axis=0) + half)).all(axis=1)
    covers = (np.abs(places[:, None] - at[near]) < half).all(axis=2)
    paid = covers @ costs[near]
    return stand.places[int(paid.argmin())]
