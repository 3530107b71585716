"""The base map: water, green, roads, what lies on the plots, and the neighbourhood beyond the street's boundary."""

import random

import shapely
from shapely import Polygon, affinity
from shapely.geometry.base import BaseGeometry

from core.demo.district import plan
from core.demo.district.blocks import cut_cells, reserved
from core.demo.district.geometry import curve, degrees, largest, pieces
from core.demo.district.parcels import Land
from core.demo.district.records import MapFeature
from core.demo.district.roads import Road
from core.demo.district.rows import RowStyle, slabs, towers
from core.demo.district.site import Site
from core.demo.district.villages import village

CREEK_HALF_M = 8.0
EMBANKMENT_M = 13.0
NEIGHBOURHOOD_M = 360.0


def basemap(sites: list[Site], street: Polygon, roads: list[Road], outside: list[Road], seed: str) -> list[MapFeature]:
    """Everything drawn beneath the grids, in a steady order."""
    found = [*_water(), *_banks(sites), *_plots(sites)]
    found += [MapFeature("road", road.name, road.road_class, road.line) for road in [*roads, *outside]]
    found += _neighbourhood(street, [*roads, *outside], random.Random(f"{seed}:neighbourhood"))
    turned = [MapFeature(one.kind, one.name, one.road_class, degrees(one.shape)) for one in found]
    return sorted(turned, key=lambda one: (one.kind, one.road_class or 0, one.name or "", one.shape.bounds))


def river() -> Polygon:
    """The river between its banks."""
    return Polygon([*curve(plan.EAST_BANK).coords, *curve(plan.WEST_BANK).reverse().coords])


def creek() -> Polygon:
    """The creek, as far as the river."""
    return largest(curve(plan.CREEK).buffer(CREEK_HALF_M).difference(river()))


def _water() -> list[MapFeature]:
    return [
        MapFeature("water", plan.RIVER_NAME, None, river()),
        MapFeature("water", plan.CREEK_NAME, None, creek()),
    ]


def _banks(sites: list[Site]) -> list[MapFeature]:
    """Green along the creek and the far bank, the paved embankment along the near one."""
    far = Polygon([*curve(plan.WEST_BANK).coords, *curve(plan.CONTEXT_ROADS[-1].points).reverse().coords])
    along_creek = curve(plan.CREEK).buffer(15).difference(shapely.union(creek(), river()))
    edge = river().buffer(EMBANKMENT_M)
    strips = [site.block for site in sites if site.parcel.land is Land.EMBANKMENT]
    paved = [MapFeature("embankment", block.parcel.name, None, block.cell.intersection(edge)) for block in strips]
    greens = [MapFeature("green", f"{plan.CREEK_NAME}绿带", None, part) for part in pieces(along_creek)]
    return [*paved, *greens, MapFeature("green", None, None, far.buffer(-14))]


def _plots(sites: list[Site]) -> list[MapFeature]:
    drawn = [ground for site in sites for ground in site.grounds]
    lanes = [MapFeature("road", one.name, 3, one.shape) for one in drawn if one.kind == "lane"]
    return lanes + [MapFeature(one.kind, one.name, None, one.shape) for one in drawn if one.kind != "lane"]


def _neighbourhood(street: Polygon, roads: list[Road], rng: random.Random) -> list[MapFeature]:
    cells = cut_cells([road.line for road in roads])
    near = [cell for cell in cells if cell.distance(street) < NEIGHBOURHOOD_M]
    outer = [cell for cell in near if not street.contains(cell.representative_point())]
    kept, wet = reserved(roads), river().buffer(30)
    found: list[MapFeature] = []
    for cell in sorted(outer, key=lambda one: one.bounds):
        plot = largest(cell.difference(kept).difference(wet))
        found += [feature for feature in _outer_block(plot, rng) if _is_kept(feature, street, rng)]
    return found


def _outer_block(plot: Polygon, rng: random.Random) -> list[MapFeature]:
    if plot.area < 4_000:
        return []
    turn = rng.uniform(1.5, 4.0)
    land = affinity.rotate(plot, -turn, origin=(0, 0))
    houses = [affinity.rotate(house, turn, origin=(0, 0)) for house in _outer_houses(land, rng)]
    if not houses:
        return [MapFeature("green", None, None, plot.buffer(-6))]
    return [MapFeature("context_building", None, None, house) for house in houses]


def _outer_houses(land: Polygon, rng: random.Random) -> list[Polygon]:
    kind = rng.choices(("court", "towers", "works", "village", "green"), (64, 12, 14, 2, 8))[0]
    if kind == "court":
        return slabs(land, RowStyle(13, rng.uniform(38, 48), rng.uniform(56, 72), 13), rng)
    if kind == "towers":
        return towers(land, rng.randrange(3), (34, 44), rng)
    if kind == "works":
        return slabs(land, RowStyle(26, 46, 78, 14), rng)
    return village(land, rng).houses if kind == "village" else []


def _is_kept(feature: MapFeature, street: BaseGeometry, rng: random.Random) -> bool:
    """Houses thin out with the distance from the street."""
    away = feature.shape.distance(street)
    return feature.kind == "green" or rng.random() < 1.18 - away / NEIGHBOURHOOD_M
