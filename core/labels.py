"""Where the labels of grids stand on the map, so that they cover nothing grave; pure.

Units: lon, lat in WGS84 degrees; pixels of a street shown whole on a wall of 1920 × 1080.
"""

import math
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from core.places import Node, Outline
from core.words import Level

NAME_PX, COUNT_PX = 17, 25  # height of the letters
MAP_PX = (886, 514)  # the hole of the wall without its margins
HALF_HIGH_PX, MIN_PX, SYMBOL_PX = 24, 40, 9
STEPS = 8  # a grid is tried at so many columns and rows
GRAVE, MILD = 100, 1  # what it costs to cover a case

Place = tuple[float, float]
Point = tuple[float, float, bool]  # the place of a case, and whether it is grave


class Stand(NamedTuple):
    """Where the label of a grid may stand: its usual place, then others with room for it, the nearest first.

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


def stands(nodes: Iterable[Node], outlines: Mapping[int, Outline]) -> dict[int, Stand]:
    """Where the labels of the grids may stand, by place id."""
    east, north = degrees_per_px(outlines.values())
    found = {}
    for node in nodes:
        if node.level is Level.GRID and node.lon is not None and node.lat is not None:
            usual = (node.lon, node.lat)
            half = east * max(name_px(node.name), MIN_PX) / 2, north * HALF_HIGH_PX
            others = _others(usual, half, _shape(outlines.get(node.id, ())))
            covered = half[0] + east * SYMBOL_PX, half[1] + north * SYMBOL_PX
            found[node.id] = Stand(covered, (usual, *others))
    return found


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
    fits = shapely.contains(shape, boxes)
    places = [(round(float(lon), 6), round(float(lat), 6)) for lon, lat in zip(x[fits], y[fits], strict=True)]
    return sorted(places, key=lambda place: (math.dist(place, usual), place))


def spots(where: Mapping[int, Stand], points: Mapping[int, list[Point]]) -> dict[int, Place]:
    """Where the label of each grid stands: at its usual place, unless something grave lies there.

    `points` holds the cases by grid.
    """
    return {grid_id: _spot(stand, points.get(grid_id, [])) for grid_id, stand in where.items()}


def _spot(stand: Stand, points: list[Point]) -> Place:
    if not any(grave for _lon, _lat, grave in points):
        return stand.places[0]
    costs = []
    for place in stand.places:
        costs.append(_cost(place, stand.half, points))
        if costs[-1] == 0 or costs[0] < GRAVE:
            break  # the nearest that is clear
    return stand.places[0 if costs[0] < GRAVE else costs.index(min(costs))]


def _cost(place: Place, half: Place, points: list[Point]) -> int:
    return sum(
        GRAVE if grave else MILD
        for lon, lat, grave in points
        if abs(lon - place[0]) < half[0] and abs(lat - place[1]) < half[1]
    )
