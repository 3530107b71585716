"""Codes and order of places: numbered from west to east and from north to south, as division codes are."""

from collections.abc import Sequence
from dataclasses import dataclass

from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from core.demo.district.blocks import Block, merged
from core.demo.district.geometry import degrees
from core.demo.district.parcels import COMMUNITIES, DEDICATED
from core.demo.district.plan import STREET_CODE, STREET_NAME
from core.demo.district.records import Building, Place

BAND_M = 260.0


@dataclass(frozen=True)
class Grid:
    """A grid with its code and its land in degrees."""

    code: str
    name: str
    shape: Polygon


def reading_order(shapes: Sequence[BaseGeometry], band_m: float) -> list[int]:
    """Indexes of shapes row by row from the north, each row from the west."""
    top = max(shape.centroid.y for shape in shapes)

    def key(index: int) -> tuple[int, float]:
        middle = shapes[index].centroid
        return int((top - middle.y) / band_m), middle.x

    return sorted(range(len(shapes)), key=key)


def grids(blocks: list[Block]) -> list[Grid]:
    """All grids with their codes, in the order of the codes."""
    names = list(COMMUNITIES)
    lands = [merged([block.cell for block in blocks if block.parcel.grid in COMMUNITIES[name]]) for name in names]
    found: list[Grid] = []
    for number, index in enumerate(reading_order(lands, 2 * BAND_M), start=1):
        found += _grids_of(names[index], f"{STREET_CODE}{number:03d}", blocks)
    return found


def _grids_of(community: str, code: str, blocks: list[Block]) -> list[Grid]:
    names = COMMUNITIES[community]
    lands = [merged([block.cell for block in blocks if block.parcel.grid == name]) for name in names]
    order = enumerate(reading_order(lands, BAND_M), start=1)
    return [Grid(f"{code}{number:03d}", names[index], degrees(lands[index])) for number, index in order]


def places(all_grids: list[Grid], buildings: list[Building]) -> list[Place]:
    """The street, its communities and its grids; a whole is exactly the sum of its parts."""
    level_3 = [_place(grid.code, grid.name, "grid", grid.shape, buildings) for grid in all_grids]
    community_of = {name: community for community, names in COMMUNITIES.items() for name in names}
    names = {grid.code[:12]: community_of[grid.name] for grid in all_grids}
    level_2 = [
        _place(code, name, "community", merged([grid.shape for grid in all_grids if grid.code[:12] == code]), buildings)
        for code, name in sorted(names.items())
    ]
    level_1 = _place(STREET_CODE, STREET_NAME, "street", merged([grid.shape for grid in all_grids]), buildings)
    return [level_1, *level_2, *level_3]


def _place(code: str, name: str, level: str, shape: Polygon, buildings: list[Building]) -> Place:
    inside = [house for house in buildings if house.code.startswith(code)]
    kind = ("dedicated" if name in DEDICATED else "unit") if level == "grid" else None
    parent = code[:-3] if level != "street" else None
    homes, people = sum(house.households for house in inside), sum(house.residents for house in inside)
    return Place(code, name, level, kind, parent, homes, people, shape)
