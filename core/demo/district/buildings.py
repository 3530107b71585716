"""Buildings with their codes, numbers and addresses."""

import random
from collections import defaultdict
from dataclasses import dataclass, field, replace

from shapely import Point

from core.demo.district.geometry import degrees
from core.demo.district.people import households, residents
from core.demo.district.places import Grid, reading_order
from core.demo.district.records import Building
from core.demo.district.roads import Road, nearest
from core.demo.district.site import Footprint, Numbering, Site

ROW_M = 24.0


@dataclass
class Doors:
    """Door numbers along the roads; none is given twice."""

    roads: dict[str, Road]
    given: set[tuple[str, int]] = field(default_factory=set)

    def give(self, road: str, point: Point) -> int:
        """The number of the door at a point, or the next free one on that side."""
        number = self.roads[road].door(point)
        while (road, number) in self.given:
            number += 2
        self.given.add((road, number))
        return number


@dataclass(frozen=True)
class Named:
    """A footprint with its number and address, not yet coded."""

    house: Footprint
    compound: str | None
    number: str
    name: str
    address: str


def number_buildings(sites: list[Site], all_grids: list[Grid], roads: list[Road], seed: str) -> list[Building]:
    """Every building of the street, in the order of the codes."""
    doors = Doors({road.name: road for road in roads})
    by_grid: dict[str, list[Named]] = defaultdict(list)
    for site in sites:
        by_grid[site.parcel.grid] += _named(site, doors, roads)
    found = [house for grid in all_grids for house in _coded(grid, by_grid[grid.name])]
    counts = residents([house.households for house in found], random.Random(f"{seed}:people"))
    return [replace(house, residents=count) for house, count in zip(found, counts, strict=True)]


def _named(site: Site, doors: Doors, roads: list[Road]) -> list[Named]:
    compound, base = site.parcel.name, compound_address(site, doors)
    own = [house for house in site.built if house.numbering is Numbering.BLOCK]
    order = reading_order([house.shape for house in own], ROW_M) if own else []
    found = [_in_compound(own[index], compound, base, number) for number, index in enumerate(order, start=1)]
    village = [house for house in site.built if house.numbering is Numbering.DOOR]
    found += [_in_compound(house, compound, base, number) for number, house in enumerate(village, start=1)]
    wide = [road for road in roads if road.road_class < 3]
    return found + [_on_road(house, doors, wide) for house in site.built if house.numbering is Numbering.ROAD]


def compound_address(site: Site, doors: Doors) -> str:
    """The address of a compound: its main gate's door on the road."""
    if not site.gates or not site.built:
        return ""
    gate = site.gates[0]
    return f"{gate.road}{doors.give(gate.road, gate.point)}号"


def _in_compound(house: Footprint, compound: str, base: str, number: int) -> Named:
    text = f"{number}{house.numbering.value}"
    return Named(house, compound, text, f"{compound}{text}", f"{base}{compound}{text}")


def _on_road(house: Footprint, doors: Doors, roads: list[Road]) -> Named:
    middle = house.shape.centroid
    road = nearest(roads, middle)
    number = f"{doors.give(road.name, middle)}号"
    return Named(house, None, number, f"{road.name}{number}", f"{road.name}{number}")


def _coded(grid: Grid, named: list[Named]) -> list[Building]:
    order = reading_order([one.house.shape for one in named], ROW_M)
    return [_building(named[index], grid.code, number) for number, index in enumerate(order, start=1)]


def _building(one: Named, grid_code: str, number: int) -> Building:
    return Building(
        code=f"{grid_code}{number:03d}",
        name=one.name,
        compound=one.compound,
        number=one.number,
        floors=one.house.floors,
        use=one.house.use.value,
        grid_code=grid_code,
        households=households(one.house),
        residents=0,
        address=one.address,
        shape=degrees(one.house.shape),
    )
