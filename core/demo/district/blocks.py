"""Blocks: the land between roads, creek and river bank, each given to its parcel, grid and community."""

from dataclasses import dataclass

import shapely
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from core.demo.district import plan
from core.demo.district.geometry import curve, ground, largest
from core.demo.district.parcels import PARCELS, Land, Parcel
from core.demo.district.roads import Road, joined

GRAIN_M = 0.05
CREEK_RESERVE_M = 17.0


@dataclass(frozen=True)
class Block:
    """A parcel with its land up to the road centres (`cell`) and what may be built on (`plot`)."""

    parcel: Parcel
    cell: Polygon
    plot: Polygon


def street_blocks(roads: list[Road]) -> list[Block]:
    """Every parcel of the street with its land.

    Raises: ValueError, if a parcel's point lies on no land or on another parcel's.
    """
    cells = cut_cells([road.line for road in roads])
    kept = reserved(roads)
    found = [_cell_at(cells, parcel) for parcel in PARCELS]
    if len({cell.wkb for cell in found}) != len(found):
        raise ValueError("two parcels claim the same land")
    return [Block(parcel, cell, _plot(parcel, cell, kept)) for parcel, cell in zip(PARCELS, found, strict=True)]


def cut_cells(lines: list[LineString]) -> list[Polygon]:
    """The plane cut along road lines, the creek, the river bank and the plan's division lines."""
    bank = curve(plan.EAST_BANK)
    cuts = [joined(curve(points), shapely.MultiLineString([*lines, bank])) for points in plan.CUTS]
    network = shapely.unary_union([*lines, *cuts, curve(plan.CREEK), bank], grid_size=GRAIN_M)
    return [cell for cell in shapely.get_parts(shapely.polygonize([network])) if isinstance(cell, Polygon)]


def reserved(roads: list[Road]) -> BaseGeometry:
    """The land on which nothing is built: roads with their pavements, the creek with its banks."""
    return shapely.unary_union([*(road.reserve() for road in roads), curve(plan.CREEK).buffer(CREEK_RESERVE_M)])


def merged(cells: list[Polygon]) -> Polygon:
    """Neighbouring cells as one polygon that keeps every shared corner."""
    return largest(shapely.coverage_union_all(cells))


def outline(blocks: list[Block]) -> Polygon:
    """The land of the whole street."""
    return merged([block.cell for block in blocks])


def _cell_at(cells: list[Polygon], parcel: Parcel) -> Polygon:
    point = ground(parcel.x, parcel.y)
    for cell in cells:
        if cell.contains(point):
            return cell
    raise ValueError(f"no land at parcel {parcel.name} ({parcel.x}, {parcel.y})")


def _plot(parcel: Parcel, cell: Polygon, kept: BaseGeometry) -> Polygon:
    free = cell.difference(kept)
    if parcel.land is Land.EMBANKMENT:
        return largest(free)
    return largest(free.buffer(-6, join_style="mitre").buffer(6, join_style="mitre").intersection(free).simplify(0.5))
