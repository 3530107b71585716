"""Houses in rows and single large buildings: where they fit on upright land."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

import shapely
from shapely import Polygon, affinity
from shapely.geometry.base import BaseGeometry

from core.demo.district.geometry import box_at, largest
from core.demo.district.site import spans


@dataclass(frozen=True)
class RowStyle:
    """Slab houses in rows: metres; `step` is how far the halves of a stepped house are shifted."""

    depth: float
    pitch: float
    length: float
    gap: float
    step: float = 0.0


def slabs(land: BaseGeometry, style: RowStyle, rng: random.Random) -> list[Polygon]:
    """Rows of slabs on upright land, from south to north."""
    if land.is_empty:
        return []
    _, low, _, high = land.bounds
    found: list[Polygon] = []
    y = low + 2
    while y + style.depth < high:
        row = list(_row(land, y, style, rng))
        found += row
        y += style.pitch * rng.uniform(0.97, 1.05) if row else 4.0
    return found


def _row(land: BaseGeometry, y: float, style: RowStyle, rng: random.Random) -> Iterator[Polygon]:
    for left, right in spans(land, y, y + style.depth + style.step):
        width = right - left - 4
        count = max(1, round((width + style.gap) / (style.length + style.gap)))
        length = (width - (count - 1) * style.gap) / count
        if length < style.length * 0.45:
            continue
        for number in range(count):
            x = left + 2 + number * (length + style.gap)
            yield _slab(x, y, min(length, style.length * 1.35), style, rng)


def _slab(x: float, y: float, length: float, style: RowStyle, rng: random.Random) -> Polygon:
    shorter = length * rng.choice((1, 1, 1, 0.94, 0.85))
    x += (length - shorter) * rng.random()
    if not style.step or shorter < 30 or rng.random() < 0.3:
        return box_at(x, y, shorter, style.depth)
    half = shorter * rng.choice((0.5, 0.34, 0.66))
    up, down = rng.choice(((0.0, style.step), (style.step, 0.0)))
    return largest(
        shapely.union(box_at(x, y + up, half, style.depth), box_at(x + half, y + down, shorter - half, style.depth))
    )


TOWER_PLANS: tuple[tuple[tuple[float, float], ...], ...] = (
    # a south-facing slab tower with two cores
    ((0, 3), (4, 3), (4, 0), (14, 0), (14, 3), (18, 3), (18, 0),
     (28, 0), (28, 3), (32, 3), (32, 14), (20, 14), (20, 17), (12, 17), (12, 14), (0, 14)),
    # a butterfly: two wings open to the south
    ((0, 4), (8, 0), (13, 7), (17, 7), (22, 0), (30, 4), (26, 16), (19, 20), (11, 20), (4, 16)),
    # a cross
    ((8, 0), (18, 0), (18, 7), (26, 7), (26, 17), (18, 17), (18, 23), (8, 23), (8, 17), (0, 17), (0, 7), (8, 7)),
)  # fmt: skip


def towers(land: BaseGeometry, plan: int, gap: tuple[float, float], rng: random.Random) -> list[Polygon]:
    """High houses standing apart on upright land; `gap` is the distance across and between rows in metres."""
    if land.is_empty:
        return []
    shape = Polygon(TOWER_PLANS[plan])
    _, low, _, high = land.bounds
    found: list[Polygon] = []
    y = low + 2
    while y + shape.bounds[3] < high:
        row = list(_tower_row(land, y, shape, gap[0], rng))
        found += row
        y += shape.bounds[3] + gap[1] * rng.uniform(0.9, 1.1) if row else 5.0
    return found


def _tower_row(land: BaseGeometry, y: float, shape: Polygon, gap: float, rng: random.Random) -> Iterator[Polygon]:
    width = shape.bounds[2]
    for left, right in spans(land, y, y + shape.bounds[3]):
        count = int((right - left - 4 + gap) / (width + gap))
        spare = right - left - 4 - count * width - (count - 1) * gap
        for number in range(count):
            x = left + 2 + number * (width + gap) + spare * (number + rng.random()) / max(count, 1)
            yield affinity.translate(shape, x, y)


def fit(land: BaseGeometry, shape: Polygon, corner: tuple[float, float]) -> Polygon | None:
    """The shape moved on to upright land as near as it can be to a corner (0..1 from the west, 0..1 from the south)."""
    if land.is_empty:
        return None
    left, low, right, high = land.bounds
    width, height = shape.bounds[2], shape.bounds[3]
    aim_x, aim_y = left + corner[0] * (right - left - width), low + corner[1] * (high - low - height)
    places = [(x, y) for x in _steps(left, right - width) for y in _steps(low, high - height)]
    for x, y in sorted(places, key=lambda place: (abs(place[0] - aim_x) + abs(place[1] - aim_y), place)):
        moved = affinity.translate(shape, x, y)
        if land.contains(moved):
            return moved
    return None


def _steps(low: float, high: float) -> list[float]:
    return [low + 5.0 * step for step in range(max(0, int((high - low) / 5.0) + 1))]
