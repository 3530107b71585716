"""Where the labels of grids stand on the map, so that they and the cases do not cover each other; pure.

Units: lon, lat in WGS84 degrees; pixels of a street shown whole on a wall of 1920 × 1080.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from core.places import Node, Outline
from core.words import Level

NAME_PX, COUNT_PX, STREET_PX = 17, 25, 15  # height of the letters
MAP_PX = (886, 514)  # the hole of the wall without its margins
HALF_HIGH_PX, MIN_PX, SYMBOL_PX = 23, 40, 11
STEPS = 14  # a grid is tried at so many columns and rows
GRAVE, MILD = 100, 1  # what it costs to cover a case

Place = tuple[float, float]
Degrees = NDArray[np.float64]
Costs = NDArray[np.int_]
Point = tuple[float, float, bool]  # the place of a case, and whether it is grave


class Spot(NamedTuple):
    """Where a label stands, and whether there is room for the name too; the count is written always."""

    lon: float
    lat: float
    has_room: bool


class Stand(NamedTuple):
    """Where a label may stand: its usual place, then others with room for it, the nearest first.

    Units: `half` the width and the height that it covers to either side, in degrees.
    """

    half: Place
    places: tuple[Place, ...]


def name_px(name: str) -> int:
    """How wide a name is with some air; Latin letters take little more than half."""
    return round(NAME_PX * sum(1 if ord(letter) > 0x2E80 else 0.58 for letter in name)) + 8


def degrees_per_px(outlines: Iterable[Outline]) -> Place:
    """How many degrees of longitude and of latitude a pixel shows when all of `outlines` are in the picture."""
    points = [point for rings in outlines for polygon in rings for point in polygon[0]]
    if not points:
        return 0.0, 0.0
    lons, lats = zip(*points, strict=True)
    narrow = math.cos(math.radians((min(lats) + max(lats)) / 2))
    east = max((max(lons) - min(lons)) / MAP_PX[0], (max(lats) - min(lats)) / narrow / MAP_PX[1])
    return east, east * narrow


def sign(lon: float, lat: float, name: str, angle: float, pixel: Place) -> BaseGeometry:
    """What the name of a street covers, upright or along its road; `pixel` is as of `degrees_per_px`."""
    letters, turn = len(name.replace("\n", "")), math.radians(angle - 90 if "\n" in name else angle)
    far = pixel[0] * STREET_PX * letters / 2
    east, north = far * math.cos(turn), far * math.sin(turn)
    return shapely.LineString([(lon - east, lat - north), (lon + east, lat + north)]).buffer(
        pixel[1] * STREET_PX / 2, cap_style="flat"
    )


def stands(
    nodes: Iterable[Node], outlines: Mapping[int, Outline], signs: BaseGeometry
) -> dict[int, tuple[Stand, Stand]]:  # fmt: skip
    """Where the labels of the grids may stand, by place id: name over count, and the count alone.

    `signs` are the names of streets: no label stands upon them where it can stand elsewhere.
    """
    east, north = degrees_per_px(outlines.values())
    found = {}
    for node in nodes:
        if node.level is Level.GRID and node.lon is not None and node.lat is not None:
            shape, usual = _shape(outlines.get(node.id, ())), (node.lon, node.lat)
            wholly = east * max(name_px(node.name), MIN_PX) / 2, north * HALF_HIGH_PX
            count = east * MIN_PX / 2, north * COUNT_PX / 2
            whole, alone = (
                _stand(usual, half, shape, (east * SYMBOL_PX, north * SYMBOL_PX), signs) for half in (wholly, count)
            )
            found[node.id] = whole, alone
    return found


def _stand(usual: Place, half: Place, shape: BaseGeometry, symbol: Place, signs: BaseGeometry) -> Stand:
    found = (usual, *_others(usual, half, shape))
    x, y = np.array(found).T
    boxes = shapely.box(x - half[0], y - half[1], x + half[0], y + half[1])
    clear = ~shapely.intersects(boxes, signs)
    places = tuple(place for place, is_clear in zip(found, clear, strict=True) if is_clear) or found
    return Stand((half[0] + symbol[0], half[1] + symbol[1]), places)


def _shape(outline: Outline) -> BaseGeometry:
    return shapely.union_all([shapely.Polygon(rings[0], rings[1:]) for rings in outline])


def _others(usual: Place, half: Place, shape: BaseGeometry) -> list[Place]:
    """Places on a lattice over `shape` at which the whole label lies within it."""
    if shape.is_empty:
        return []
    west, south, east, north = shapely.bounds(shape)
    steps = (np.arange(STEPS) + 0.5) / STEPS
    lons, lats = np.meshgrid(west + steps * (east - west), south + steps * (north - south))
    x, y = lons.ravel(), lats.ravel()
    boxes = shapely.box(x - half[0], y - half[1], x + half[0], y + half[1])
    shapely.prepare(shape)
    fits = shapely.contains(shape, boxes)
    places = [(round(float(lon), 6), round(float(lat), 6)) for lon, lat in zip(x[fits], y[fits], strict=True)]
    return sorted(places, key=lambda place: (math.dist(place, usual), place))


def spots(where: Mapping[int, tuple[Stand, Stand]], points: Sequence[Point]) -> dict[int, Spot]:
    """Where the label of each grid stands: where it covers the fewest cases; without its name where that is grave."""
    at = np.array([(lon, lat) for lon, lat, _ in points], dtype=float).reshape(-1, 2)
    costs = np.array([GRAVE if grave else MILD for _lon, _lat, grave in points], dtype=int)
    found = {}
    for grid_id, (whole, alone) in where.items():
        place, cost = _best(whole, at, costs)
        found[grid_id] = Spot(*place, True) if cost < GRAVE else Spot(*_best(alone, at, costs)[0], False)
    return found


def _best(stand: Stand, at: Degrees, costs: Costs) -> tuple[Place, int]:
    """The nearest of the places that cover least, and what it covers."""
    places, half = np.array(stand.places), np.array(stand.half)
    near = ((at > places.min(axis=0) - half) & (at < places.max(axis=0) + half)).all(axis=1)
    covers = (np.abs(places[:, None] - at[near]) < half).all(axis=2)
    paid = covers @ costs[near]
    best = int(paid.argmin())
    return stand.places[best], int(paid[best])
