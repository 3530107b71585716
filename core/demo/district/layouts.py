"""How each kind of land is built up."""

import math
from collections.abc import Callable

import shapely
from shapely import LineString, Polygon, affinity

from core.demo.district.fronts import line_streets, open_gates, wall
from core.demo.district.geometry import box_at, largest
from core.demo.district.parcels import Land
from core.demo.district.roads import Road
from core.demo.district.rows import RowStyle, fit, slabs, towers
from core.demo.district.site import Footprint, Ground, Numbering, Site, Use
from core.demo.district.villages import village

FLOOR_M = 2.9
GARDEN_ROOM_M = 165.0  # a shallower compound keeps its land for houses
SUN_ANGLE = 1.1  # distance between rows per metre of height
NUMERALS = "一二三四五六七八九十"


def build_up(site: Site, roads: list[Road]) -> None:
    """Build up a site as its land use asks."""
    gates, walled = FENCES[site.parcel.land]
    open_gates(site, roads, gates)
    line_streets(site, roads)
    LAYOUTS[site.parcel.land](site)
    if walled:
        wall(site)


def _court(site: Site) -> None:
    """Slab houses facing south in rows, with a garden in a large compound."""
    floors = site.parcel.floors
    if site.block.plot.area > 33_000:
        _garden(site)
    depth = site.rng.uniform(11.5, 13.5) if floors < 8 else site.rng.uniform(13.5, 15.5)
    pitch = depth + max(15.0, min(floors, 11) * FLOOR_M * SUN_ANGLE)
    step = site.rng.choice((0.0, 0.0, 0.0, 2.5, 3.5))
    style = RowStyle(depth, pitch, site.rng.uniform(50, 70), site.rng.uniform(8, 12), step)
    site.put(slabs(site.upright(), style, site.rng), floors, Use.RESIDENTIAL)
    _fill(site, RowStyle(9, 17, 18, 6), 2, Use.COMMERCIAL, 1)


def _garden(site: Site) -> None:
    """A winding garden along the middle of a compound."""
    land, rng = site.upright(), site.rng
    left, low, right, high = land.bounds
    if min(right - left, high - low) < GARDEN_ROOM_M:
        return
    middle = land.centroid
    reach = 0.26 * max(right - left, high - low)
    bends = [(step / 2 * reach, rng.uniform(-9, 9)) for step in range(-2, 3)]
    wide = right - left > high - low
    walk = LineString([(middle.x + (a if wide else b), middle.y + (b if wide else a)) for a, b in bends])
    place = walk.interpolate(rng.uniform(0.3, 0.7), normalized=True).buffer(rng.uniform(13, 19), 6)
    garden = walk.buffer(rng.uniform(5, 8)).union(place).buffer(30).buffer(-30)
    site.lay("green", largest(garden.simplify(0.6).intersection(land)), None)


def _fill(site: Site, style: RowStyle, floors: int, use: Use, most: int) -> None:
    """A few small houses on the land that is left: a guard's house, a kindergarten, a bicycle shed."""
    left_over = largest(site.upright().buffer(-2).buffer(2))
    site.put(slabs(left_over, style, site.rng)[:most], floors, use)


def _towers(site: Site) -> None:
    _garden(site)
    plan = site.rng.randrange(3)
    site.put(towers(site.upright(), plan, (20, 34), site.rng), site.parcel.floors, Use.RESIDENTIAL)
    _fill(site, RowStyle(14, 40, 34, 10), 3, Use.COMMERCIAL, 1)


def _village(site: Site) -> None:
    """Houses packed around a pond."""
    place = (site.rng.uniform(0.25, 0.75), site.rng.uniform(0.25, 0.75))
    if (pond := fit(site.upright(), _pond(site), place)) is not None:
        site.lay("water", pond, f"{site.parcel.name}塘")
    grown = village(largest(site.free), site.rng)
    for house in grown.houses:
        floors = site.rng.choices((2, 3, 4, 5), (30, 40, 20, 10))[0]
        use = Use.COMMERCIAL if site.rng.random() < 0.04 else Use.RESIDENTIAL
        site.built.append(Footprint(house, floors, use, Numbering.DOOR))
    for number, alley in enumerate(grown.alleys[: len(NUMERALS)]):
        site.grounds.append(Ground("lane", alley, f"{site.parcel.name}{NUMERALS[number]}巷"))


def _pond(site: Site) -> Polygon:
    """A small pond with a crooked shore, its south-west corner at the origin."""
    rng = site.rng
    corners = [(rng.uniform(9, 19), math.radians(40 * step)) for step in range(9)]
    shore = Polygon([(1.5 * far * math.cos(turn), far * math.sin(turn)) for far, turn in corners])
    round_shore = largest(shore.buffer(4).buffer(-8).buffer(5, 4).simplify(0.4))
    return affinity.translate(round_shore, -round_shore.bounds[0], -round_shore.bounds[1])


def _school(site: Site) -> None:
    """A playground with its oval, teaching houses beside it, a hall."""
    for width, height in ((104, 176), (80, 150), (66, 124), (56, 100)):
        if (ground := fit(site.upright(), box_at(0, 0, width, height), (0.0, 0.5))) is not None:
            left, low, right, high = ground.bounds
            radius = width / 2 - 3
            axis = LineString([((left + right) / 2, low + radius + 3), ((left + right) / 2, high - radius - 3)])
            site.lay("playground", Polygon(axis.buffer(radius, 12)), site.parcel.name)
            break
    _place(
        site, ((0, 0), (46, 0), (46, 12), (12, 12), (12, 34), (46, 34), (46, 46), (0, 46)), (0.9, 0.9), 5, Use.SCHOOL
    )
    _place(site, ((0, 0), (36, 0), (36, 24), (0, 24)), (0.9, 0.0), 2, Use.SCHOOL)
    site.put(slabs(site.upright(), RowStyle(12, 34, 46, 10), site.rng)[:5], 4, Use.SCHOOL)


def _market(site: Site) -> None:
    _place(site, ((0, 0), (84, 0), (84, 46), (0, 46)), (0.5, 0.5), 2, Use.MARKET)
    if (open_air := fit(site.upright(), box_at(0, 0, 44, 26), (0.5, 0.0))) is not None:
        site.lay("square", open_air, f"{site.parcel.name}前广场")
    site.put(slabs(site.upright(), RowStyle(9, 18, 34, 6), site.rng)[:12], 1, Use.MARKET)


def _hospital(site: Site) -> None:
    floors = site.parcel.floors
    wards = (
        (0, 0),
        (18, 0),
        (18, 20),
        (70, 20),
        (70, 0),
        (88, 0),
        (88, 54),
        (70, 54),
        (70, 36),
        (18, 36),
        (18, 54),
        (0, 54),
    )
    _place(site, wards, (0.3, 0.9), floors, Use.HOSPITAL)
    _place(site, ((0, 0), (60, 0), (60, 30), (36, 30), (36, 44), (0, 44)), (0.95, 0.9), 5, Use.HOSPITAL)
    if (court := fit(site.upright(), box_at(0, 0, 50, 24), (0.6, 0.4))) is not None:
        site.lay("green", court, None)
    site.put(slabs(site.upright(), RowStyle(13, 30, 44, 10), site.rng)[:12], 6, Use.HOSPITAL)


def _mall(site: Site) -> None:
    _place(site, ((0, 0), (92, 0), (100, 10), (100, 58), (62, 70), (0, 62)), (0.9, 0.1), 5, Use.COMMERCIAL)
    _place(site, ((0, 0), (32, 0), (32, 26), (0, 26)), (0.1, 0.1), site.parcel.floors + 8, Use.OFFICE)
    if (court := fit(site.upright(), box_at(0, 0, 46, 28), (0.8, 0.0))) is not None:
        site.lay("square", court, f"{site.parcel.name}广场")
    site.put(slabs(site.upright(), RowStyle(17, 36, 40, 9), site.rng)[:8], 4, Use.COMMERCIAL)


def _office(site: Site) -> None:
    _place(
        site,
        ((0, 0), (62, 0), (62, 18), (40, 18), (40, 30), (22, 30), (22, 18), (0, 18)),
        (0.5, 0.8),
        site.parcel.floors,
        Use.OFFICE,
    )
    if (court := fit(site.upright(), box_at(0, 0, 56, 34), (0.5, 0.35))) is not None:
        site.lay("square", court, f"{site.parcel.name}前广场")
    _place(site, ((0, 0), (30, 0), (30, 30), (0, 30)), (0.0, 0.0), site.parcel.floors + 6, Use.OFFICE)
    site.put(slabs(site.upright(), RowStyle(14, 32, 42, 10), site.rng)[:7], 6, Use.OFFICE)


def _works(site: Site) -> None:
    _place(site, ((0, 0), (40, 0), (40, 14), (14, 14), (14, 34), (0, 34)), (0.0, 1.0), 4, Use.OFFICE)
    style = RowStyle(site.rng.uniform(22, 28), 40, site.rng.uniform(58, 76), 11)
    site.put(slabs(site.upright(), style, site.rng), site.parcel.floors, Use.OFFICE)


def _park(site: Site) -> None:
    site.grounds.append(Ground("green", site.block.plot, site.parcel.name))
    left, low, right, high = site.block.plot.bounds
    x, y = (left + right) / 2, (low + high) / 2
    wide, tall = (right - left) * 0.2, (high - low) * 0.24
    lake = shapely.unary_union(
        [
            affinity.scale(shapely.Point(x - wide * 0.5, y + tall * 0.5).buffer(1, 12), wide, tall * 0.8),
            affinity.scale(shapely.Point(x + wide * 0.4, y - tall * 0.5).buffer(1, 12), wide * 0.9, tall * 0.7),
        ]
    )
    site.grounds.append(Ground("water", largest(lake.buffer(14).buffer(-14).simplify(1.0)), f"{site.parcel.name}湖"))
    corner = box_at(left + (right - left) * 0.68, low + (high - low) * 0.66, 26, 20)
    site.grounds.append(Ground("square", corner, f"{site.parcel.name}广场"))
    site.free = Polygon()


def _embankment(site: Site) -> None:
    if (terrace := fit(site.upright(), box_at(0, 0, 24, 58), (0.3, 0.4))) is not None:
        site.lay("square", terrace, "亲水广场")
    site.grounds.append(Ground("green", site.block.plot, site.parcel.name))
    site.free = Polygon()


def _construction(site: Site) -> None:
    for corner in ((0.05, 0.1), (0.05, 0.5)):
        _place(site, ((0, 0), (26, 0), (26, 8), (0, 8)), corner, 2, Use.OFFICE)


def _place(
    site: Site, shape: tuple[tuple[float, float], ...], corner: tuple[float, float], floors: int, use: Use
) -> None:
    place = fit(site.upright(), Polygon(shape), corner)
    if place is not None:
        site.put([place], floors, use)


LAYOUTS: dict[Land, Callable[[Site], None]] = {
    Land.COURT: _court,
    Land.TOWERS: _towers,
    Land.VILLAGE: _village,
    Land.SCHOOL: _school,
    Land.MARKET: _market,
    Land.HOSPITAL: _hospital,
    Land.MALL: _mall,
    Land.OFFICE: _office,
    Land.WORKS: _works,
    Land.PARK: _park,
    Land.EMBANKMENT: _embankment,
    Land.CONSTRUCTION: _construction,
}
# How many gates, and whether a wall runs between them.
FENCES: dict[Land, tuple[int, bool]] = {
    Land.COURT: (2, True),
    Land.TOWERS: (2, True),
    Land.VILLAGE: (2, False),
    Land.SCHOOL: (1, True),
    Land.MARKET: (2, False),
    Land.HOSPITAL: (2, True),
    Land.MALL: (2, False),
    Land.OFFICE: (1, False),
    Land.WORKS: (1, True),
    Land.PARK: (2, False),
    Land.EMBANKMENT: (1, False),
    Land.CONSTRUCTION: (1, True),
}
