"""Places: the tree from the street to a building, their codes, and the place of a point."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import STRtree
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Column, ColumnElement, Index, LargeBinary, String
from sqlmodel import Field, Session, SQLModel, col, select

from core.errors import Refused
from core.language import N_
from core.words import GridKind, Level

OUTLINE_PX = 4_000  # a map of all grids is hardly ever wider
CODE_LENGTHS = {Level.STREET: 9, Level.COMMUNITY: 12, Level.GRID: 15, Level.MICRO_GRID: 18, Level.BUILDING: 18}


def path_type() -> String:
    """The type of a path: compared byte by byte, so that a subtree is a range of an index."""
    return String(200).with_variant(String(200, collation="C"), "postgresql")


class Place(SQLModel, table=True):
    """A node of street → community → grid → (micro-grid) → building.

    Units: WGS84; `geometry` is WKB in lon, lat; counts are persons and households, never a register.
    """

    __tablename__ = "place"
    __table_args__ = (Index("ix_place_level", "level"),)
    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=18, index=True)
    external_code: str | None = Field(default=None, max_length=80, index=True)
    name: str = Field(max_length=80)
    level: Level = Field(sa_type=String(12))
    kind: GridKind | None = Field(default=None, sa_type=String(12))
    parent_id: int | None = Field(default=None, foreign_key="place.id", index=True)
    path: str = Field(sa_column=Column(path_type(), nullable=False, index=True))  # /1/5/12/
    address: str | None = Field(default=None, max_length=120)
    households: int | None = None
    residents: int | None = None
    floors: int | None = None
    lon: float | None = None  # a point inside, for labels
    lat: float | None = None
    geometry: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    valid_from: datetime | None = None
    valid_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """A place as the live picture knows it, without its geometry."""

    id: int
    code: str
    name: str
    level: Level
    parent_id: int | None
    path: str
    lon: float | None
    lat: float | None

    @property
    def short_code(self) -> str:
        """The number people use among themselves, unique in a street: 1-09 is the ninth grid of the first community."""
        return f"{int(self.code[9:12])}-{self.code[-2:]}" if len(self.code) >= 15 else self.code[-3:]


@dataclass(frozen=True)
class Tree:
    """All places above buildings, in the order of their codes."""

    nodes: dict[int, Node]
    by_code: dict[str, Node]
    children: dict[int | None, tuple[Node, ...]] = field(repr=False)

    @property
    def root(self) -> Node | None:
        """The street; of several, the first by code."""
        return next(iter(self.children.get(None, ())), None)

    def trail(self, node: Node) -> tuple[Node, ...]:
        """The way from the top down to `node`."""
        return tuple(self.nodes[int(part)] for part in node.path.strip("/").split("/") if int(part) in self.nodes)

    def toward(self, here: Node, target: Node) -> Node:
        """The next place on the way down from `here` to `target`; a level that holds the same grids is passed over."""
        trail = self.trail(target)
        if here not in trail:
            return target
        below = trail[trail.index(here) + 1 :]
        return next((place for place in below if self.grids(place) != self.grids(here)), target)

    def back(self, here: Node) -> Node | None:
        """The place above `here`; a level that holds the same grids is passed over. None from the top."""
        above = reversed(self.trail(here)[:-1])
        return next((place for place in above if self.grids(place) != self.grids(here)), None)

    def grids(self, node: Node) -> tuple[Node, ...]:
        """The grids at or below `node`."""
        if node.level is Level.GRID:
            return (node,)
        return tuple(grid for child in self.children.get(node.id, ()) for grid in self.grids(child))


@dataclass(frozen=True, slots=True)
class Spot:
    """What a point of the map belongs to."""

    grid: Node
    building_id: int | None = None
    building_path: str | None = None
    also: tuple[int, ...] = ()  # ids of other grids that claim the point: a border case

    @property
    def place_id(self) -> int:
        """The building, or the grid where there is none."""
        return self.building_id or self.grid.id

    @property
    def path(self) -> str:
        """The path of the building, or of the grid where there is none."""
        return self.building_path or self.grid.path


def tree(db: Session, at: datetime) -> Tree:
    """The places valid at `at`, without buildings."""
    columns = (Place.id, Place.code, Place.name, Place.level, Place.parent_id, Place.path, Place.lon, Place.lat)
    rows = db.execute(select(*map(col, columns)).where(Place.level != Level.BUILDING, *valid(at)).order_by(Place.code))
    nodes = [Node(r[0], r[1], r[2], Level(r[3]), *r[4:]) for r in rows]
    return planted(nodes)


def planted(nodes: Iterable[Node]) -> Tree:
    """The tree of `nodes`, children in the order given."""
    nodes = list(nodes)
    children: dict[int | None, list[Node]] = {}
    for node in nodes:
        children.setdefault(node.parent_id, []).append(node)
    return Tree(
        nodes={node.id: node for node in nodes},
        by_code={node.code: node for node in nodes},
        children={parent: tuple(found) for parent, found in children.items()},
    )


def valid(at: datetime) -> tuple[ColumnElement[bool], ...]:
    """The conditions under which a place holds at `at`."""
    return (
        (col(Place.valid_from).is_(None)) | (col(Place.valid_from) <= at),
        (col(Place.valid_to).is_(None)) | (col(Place.valid_to) > at),
    )


def below(path: str) -> tuple[str, str]:
    """The half-open range of paths at or below `path`: `/1/` holds `/1/5/` and not `/10/`."""
    return path, path[:-1] + "0"  # "0" is the character after "/"


def check_code(code: str, level: Level, parent_code: str | None) -> None:
    """Refuse a code of the wrong length or outside its parent.

    Raises: Refused.
    """
    if len(code) != CODE_LENGTHS[level] or not (code.isascii() and code.isdigit()):
        raise Refused(N_("Code {code} should have {length} digits"), code=code, length=CODE_LENGTHS[level])
    if parent_code and not code.startswith(parent_code):
        raise Refused(N_("Code {code} does not begin with its parent's code {parent}"), code=code, parent=parent_code)


@dataclass(frozen=True)
class Gazetteer:
    """Finds the grid and the building of a point by a spatial index.

    Units: lon, lat in WGS84.
    """

    nodes: Sequence[Node]
    shapes: Sequence[BaseGeometry]
    index: STRtree
    buildings: Sequence[tuple[int, str]]
    building_index: STRtree

    def spot(self, lon: float, lat: float) -> Spot | None:
        """The place of a point; where grids overlap, the one with the lowest code leads. None outside every grid."""
        return self.spots(np.array([(lon, lat)]))[0]

    def spots(self, points: NDArray[np.float64]) -> list[Spot | None]:
        """The place of each point, as by `spot`, in one pass over the index.

        Shape: `points` (n, 2), lon and lat.
        """
        grids, buildings = _claims(self.index, points), _claims(self.building_index, points)
        return [self._settle(grids.get(n, ()), buildings.get(n, ())) for n in range(len(points))]

    def _settle(self, grids: Sequence[int], buildings: Sequence[int]) -> Spot | None:
        if not grids:
            return None
        lead, *others = (self.nodes[i] for i in sorted(grids))  # the index holds them in the order of their codes
        # at a border the point may touch a building of another grid: grid and path of a case must agree
        within = (self.buildings[i] for i in sorted(buildings) if self.buildings[i][1].startswith(lead.path))
        building_id, path = next(within, (None, None))
        return Spot(lead, building_id, path, also=tuple(node.id for node in others))


def _claims(index: STRtree, points: NDArray[np.float64]) -> dict[int, list[int]]:
    """Which shapes of `index` hold each point: their numbers by the number of the point."""
    found: dict[int, list[int]] = {}
    if len(points):
        for point, shape in index.query(shapely.points(points), "intersects").T.tolist():
            found.setdefault(point, []).append(shape)
    return found


def gazetteer(db: Session, at: datetime) -> Gazetteer:
    """The spatial index of the grids and buildings valid at `at`."""
    grids = _shapes(db, Level.GRID, at)
    buildings = _shapes(db, Level.BUILDING, at)
    return Gazetteer(
        nodes=[node for node, _ in grids],
        shapes=[shape for _, shape in grids],
        index=STRtree([shape for _, shape in grids]),
        buildings=[(node.id, node.path) for node, _ in buildings],
        building_index=STRtree([shape for _, shape in buildings]),
    )


Outline = tuple[list[list[list[float]]], ...]  # polygons → rings → [lon, lat]


def outlines(db: Session, at: datetime) -> dict[int, Outline]:
    """The outlines of the grids valid at `at`, by place id, as fine as a map of all of them can show.

    Units: WGS84 lon, lat, rounded to 1e-5 degrees, about 1 m.
    """
    found = shapes(db, Level.GRID, at)
    west, _, east, _ = shapely.total_bounds(list(found.values())) if found else (0, 0, 0, 0)
    finest = (east - west) / OUTLINE_PX
    return {place: _rings(shapely.simplify(shape, finest)) for place, shape in found.items()}


def _rings(shape: BaseGeometry) -> Outline:
    polygons = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    return tuple([_ring(ring) for ring in (part.exterior, *part.interiors)] for part in polygons)


def _ring(ring: shapely.LinearRing) -> list[list[float]]:
    return [[round(lon, 5), round(lat, 5)] for lon, lat in ring.coords]


def shapes(db: Session, level: Level, at: datetime) -> dict[int, BaseGeometry]:
    """The shapes of the places of `level` valid at `at`, by place id, in the order of their codes."""
    return {node.id: shape for node, shape in _shapes(db, level, at)}


def _shapes(db: Session, level: Level, at: datetime) -> list[tuple[Node, BaseGeometry]]:
    rows = db.exec(
        select(Place).where(Place.level == level, col(Place.geometry).is_not(None), *valid(at)).order_by(Place.code)
    ).all()
    shapes = shapely.from_wkb([row.geometry for row in rows])
    return [(node_of(row), shape) for row, shape in zip(rows, shapes, strict=True)]


def node_of(row: Place) -> Node:
    """A stored place as a node."""
    assert row.id is not None
    return Node(row.id, row.code, row.name, Level(row.level), row.parent_id, row.path, row.lon, row.lat)
