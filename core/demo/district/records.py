"""What the generator hands out: places, buildings, the base map and the spots where cases happen."""

from dataclasses import dataclass

from shapely import Point, Polygon
from shapely.geometry.base import BaseGeometry


@dataclass(frozen=True)
class Place:
    """A street, community or grid; `kind` is unit or dedicated for grids."""

    code: str
    name: str
    level: str
    kind: str | None
    parent_code: str | None
    households: int
    residents: int
    shape: Polygon


@dataclass(frozen=True)
class Building:
    """A building with its code, number and how many live in it."""

    code: str
    name: str
    compound: str | None
    number: str
    floors: int
    use: str
    grid_code: str
    households: int
    residents: int
    address: str
    shape: Polygon


@dataclass(frozen=True)
class MapFeature:
    """Something drawn on the base map; `road_class` is 1, 2 or 3 for roads."""

    kind: str
    name: str | None
    road_class: int | None
    shape: BaseGeometry


@dataclass(frozen=True)
class Spot:
    """A point where cases would happen, as people would describe it."""

    kind: str
    grid_code: str
    building_code: str | None
    address: str
    shape: Point


@dataclass(frozen=True)
class District:
    """The whole street in longitude and latitude."""

    places: list[Place]
    buildings: list[Building]
    basemap: list[MapFeature]
    spots: list[Spot]
