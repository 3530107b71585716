"""Urban villages: land cut again and again into small crooked lots with alleys between, each with its own house."""

import math
import random
from dataclasses import dataclass, field

import shapely
from shapely import LineString, Polygon
from shapely.ops import split

from core.demo.district.geometry import largest, pieces

ALLEY_M = (5.0, 4.4, 3.6, 2.6, 2.0, 1.6)  # the first cut leaves the widest alley
NAMED_CUTS = 3
LOT_M2 = (430.0, 650.0)
YARD_SHARE = 0.07


@dataclass
class Village:
    """Houses in the order one walks past them, and the alleys wide enough for a name."""

    houses: list[Polygon] = field(default_factory=list)
    alleys: list[LineString] = field(default_factory=list)


def village(land: Polygon, rng: random.Random) -> Village:
    """A village on a piece of land."""
    grown = Village()
    _divide(grown, land, 0, rng)
    return grown


def _divide(grown: Village, land: Polygon, depth: int, rng: random.Random) -> None:
    if land.area < rng.uniform(*LOT_M2):
        _build(grown, land, rng)
        return
    line = _cut_line(land, rng)
    if depth < NAMED_CUTS and land.area > 3_000:
        grown.alleys += [part for part in shapely.get_parts(line.intersection(land)) if isinstance(part, LineString)]
    half = ALLEY_M[min(depth, len(ALLEY_M) - 1)] / 2 * rng.uniform(0.8, 1.3)
    alley = line.buffer(half)
    for part in pieces(split(land, line)):
        for rest in pieces(part.difference(alley)):
            _divide(grown, rest, depth + 1, rng)


def _cut_line(land: Polygon, rng: random.Random) -> LineString:
    """A line across the longer side, near the middle and a little askew."""
    corners = shapely.get_coordinates(land.minimum_rotated_rectangle)
    (ax, ay), (bx, by), (cx, cy) = corners[0], corners[1], corners[2]
    if math.hypot(bx - ax, by - ay) < math.hypot(cx - bx, cy - by):
        (ax, ay), (bx, by) = (bx, by), (cx, cy)
    across = math.atan2(by - ay, bx - ax) + math.pi / 2 + math.radians(rng.gauss(0, 3.5))
    at = rng.uniform(0.42, 0.58)
    middle = land.minimum_rotated_rectangle.centroid
    x = middle.x + (at - 0.5) * (bx - ax)
    y = middle.y + (at - 0.5) * (by - ay)
    dx, dy = 600 * math.cos(across), 600 * math.sin(across)
    return LineString([(x - dx, y - dy), (x + dx, y + dy)])


def _build(grown: Village, lot: Polygon, rng: random.Random) -> None:
    house = largest(lot.buffer(-rng.uniform(0.2, 0.9), join_style="mitre").simplify(1.0))
    square = house.area / house.minimum_rotated_rectangle.area if not house.is_empty else 0.0
    if house.area < 55 or square < 0.6 or rng.random() < YARD_SHARE:
        return
    grown.houses.append(_with_court(house, rng) if house.area > 170 and rng.random() < 0.3 else house)


def _with_court(house: Polygon, rng: random.Random) -> Polygon:
    """The house with one corner left open as a yard."""
    corners = shapely.get_coordinates(house)[:-1]
    if len(corners) != 4:
        return house
    at = rng.randrange(4)
    corner, after, before, middle = corners[at], corners[(at + 1) % 4], corners[at - 1], corners.mean(axis=0)
    yard = Polygon([corner, (corner + after) / 2, middle, (corner + before) / 2]).buffer(0.05, join_style="mitre")
    return largest(house.difference(yard))
