"""A building site: one plot with the direction its houses face, and what has been put on it."""

import math
import random
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import shapely
from shapely import Point, Polygon, affinity
from shapely.geometry.base import BaseGeometry

from core.demo.district.blocks import Block
from core.demo.district.geometry import bent, pieces
from core.demo.district.parcels import Parcel


class Use(StrEnum):
    """What a building is for."""

    RESIDENTIAL = "residential"
    COMMERCIAL = "commercial"
    SCHOOL = "school"
    MARKET = "market"
    OFFICE = "office"
    HOSPITAL = "hospital"


class Numbering(StrEnum):
    """How a building is numbered: 3幢 in its compound, 12号 in its village, or by the door on the road."""

    BLOCK = "幢"
    DOOR = "号"
    ROAD = "road"


@dataclass(frozen=True)
class Footprint:
    """A building before it has a code: ground metres."""

    shape: Polygon
    floors: int
    use: Use
    numbering: Numbering


@dataclass(frozen=True)
class Gate:
    """A way into a compound: its side (东南西北) and its road."""

    side: str
    road: str
    point: Point


@dataclass(frozen=True)
class Ground:
    """Something drawn on the plot that is not a building."""

    kind: str
    shape: BaseGeometry
    name: str | None = None


@dataclass
class Site:
    """A plot while it is being built up; `free` is what is left to build on."""

    block: Block
    rng: random.Random
    free: BaseGeometry
    angle: float
    built: list[Footprint] = field(default_factory=list)
    grounds: list[Ground] = field(default_factory=list)
    gates: list[Gate] = field(default_factory=list)

    @property
    def parcel(self) -> Parcel:
        """What the plan says about this site."""
        return self.block.parcel

    def upright(self) -> BaseGeometry:
        """The free land turned so that its houses' fronts lie along the x axis."""
        return affinity.rotate(self.free, -self.angle, origin=(0, 0))

    def turned(self, shape: Polygon) -> Polygon:
        """A shape placed on the upright land, back on the ground."""
        return affinity.rotate(shape, self.angle, origin=(0, 0))

    def put(self, shapes: list[Polygon], floors: int, use: Use, numbering: Numbering = Numbering.BLOCK) -> None:
        """Build on upright shapes; the land around them is no longer free."""
        self.built += [Footprint(self.turned(shape), floors, use, numbering) for shape in shapes]
        self.take_up([self.turned(shape) for shape in shapes], 7.0)

    def lay(self, kind: str, shape: Polygon, name: str | None = None) -> None:
        """Draw something on the upright land; it is no longer free."""
        self.grounds.append(Ground(kind, self.turned(shape), name))
        self.take_up([self.turned(shape)], 5.0)

    def take_up(self, shapes: list[Polygon], margin_m: float) -> None:
        """Withdraw shapes and a margin around them from the free land."""
        if shapes:
            taken = shapely.unary_union([shape.buffer(margin_m, join_style="mitre") for shape in shapes])
            self.free = self.free.difference(taken)


def start(block: Block, seed: str) -> Site:
    """An empty site; its random numbers depend on its own name and place only."""
    rng = random.Random(f"{seed}:{block.parcel.grid}:{block.parcel.name}:{block.parcel.x}")
    return Site(block, rng, block.plot, facing(block.parcel.x, block.parcel.y) + rng.uniform(-1.0, 1.0))


def facing(x: float, y: float) -> float:
    """The direction of an east-west street at a plan point, in degrees."""
    west, east = bent(np.array([[x - 60, y], [x + 60, y]], dtype=float))
    return math.degrees(math.atan2(east[1] - west[1], east[0] - west[0]))


def spans(land: BaseGeometry, low: float, high: float) -> list[tuple[float, float]]:
    """The stretches of x in which the land is unbroken between two heights."""
    inside = pieces(land)
    if not inside:
        return []
    left, _, right, _ = land.bounds
    broken = shapely.box(left, low, right, high).difference(land)
    blocked = sorted((part.bounds[0], part.bounds[2]) for part in pieces(broken))
    return _gaps(blocked, left, right)


def _gaps(blocked: list[tuple[float, float]], left: float, right: float) -> list[tuple[float, float]]:
    found, at = [], left
    for start_x, end_x in blocked:
        if start_x > at:
            found.append((at, start_x))
        at = max(at, end_x)
    return [*found, (at, right)] if right > at else found
