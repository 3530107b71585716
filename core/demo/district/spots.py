"""Where cases would happen: junctions, shop doors, gates, markets, school gates, parks, the river, village alleys."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

import shapely
from shapely import LineString, Point
from shapely.geometry.base import BaseGeometry

from core.demo.district import plan
from core.demo.district.geometry import curve, degrees
from core.demo.district.parcels import Land
from core.demo.district.places import Grid
from core.demo.district.records import Building, Spot
from core.demo.district.roads import CARRIAGEWAY_M, Road
from core.demo.district.site import Gate, Site

CORNERS = (("东北", 1, 1), ("西北", -1, 1), ("东南", 1, -1), ("西南", -1, -1))
KEEP = {"road": 90, "building": 160, "village": 75}


@dataclass(frozen=True)
class Draft:
    """A spot on the ground, before its grid is known."""

    kind: str
    address: str
    point: Point
    building: str | None = None


def spots(
    sites: list[Site], all_grids: list[Grid], buildings: list[Building], roads: list[Road], seed: str
) -> list[Spot]:
    """All spots, sorted by grid, kind and address."""
    rng = random.Random(f"{seed}:spots")
    drafts = [*_junctions(roads), *_site_spots(sites, rng), *_river(rng)]
    found = [spot for draft in drafts if (spot := _in_grid(draft, all_grids)) is not None]
    found += _at_buildings(buildings, rng)
    return sorted(_one_each(found), key=lambda spot: (spot.grid_code, spot.kind, spot.address))


def _in_grid(draft: Draft, all_grids: list[Grid]) -> Spot | None:
    point = degrees(draft.point)
    for grid in all_grids:
        if grid.shape.contains(point):
            return Spot(draft.kind, grid.code, draft.building, draft.address, point)
    return None


def _one_each(found: list[Spot]) -> list[Spot]:
    seen: dict[tuple[str, str, str], Spot] = {}
    for spot in found:
        seen.setdefault((spot.grid_code, spot.kind, spot.address), spot)
    return list(seen.values())


def _junctions(roads: list[Road]) -> Iterator[Draft]:
    for number, first in enumerate(roads):
        for second in roads[number + 1 :]:
            for hit in shapely.get_parts(first.line.buffer(1).intersection(second.line)):
                if not hit.is_empty:
                    yield from _corners(first, second, hit.centroid)


def _corners(first: Road, second: Road, middle: Point) -> Iterator[Draft]:
    """A spot on the pavement at each corner; on lanes the corners are too near to tell apart."""
    away = max(CARRIAGEWAY_M[first.road_class], CARRIAGEWAY_M[second.road_class]) + 4
    kind = "road" if min(first.road_class, second.road_class) < 3 else "lane"
    large = first.road_class < 3 and second.road_class < 3
    for name, east, north in CORNERS if large else CORNERS[:1] + CORNERS[3:]:
        corner = f"{name}角" if large else ""
        yield Draft(
            kind, f"{first.name}与{second.name}路口{corner}", Point(middle.x + away * east, middle.y + away * north)
        )


def _site_spots(sites: list[Site], rng: random.Random) -> Iterator[Draft]:
    for site in sites:
        yield from _gates(site)
        yield from _inside(site, rng)


def _gates(site: Site) -> Iterator[Draft]:
    kind = {Land.SCHOOL: "school", Land.MARKET: "market", Land.PARK: "park"}.get(site.parcel.land, "gate")
    kind = "construction" if site.parcel.land is Land.CONSTRUCTION else kind
    for gate in site.gates:
        if site.parcel.land is not Land.EMBANKMENT:
            yield Draft(kind, f"{site.parcel.name}{_gate_name(site, gate)}", gate.point)


def _gate_name(site: Site, gate: Gate) -> str:
    return f"{gate.side}村口" if site.parcel.land is Land.VILLAGE else f"{gate.side}门"


PLACES_INSIDE: dict[Land, tuple[str, tuple[str, ...]]] = {
    Land.MARKET: (
        "market",
        ("蔬菜区", "水产区", "禽肉区", "熟食区", "南侧通道", "北侧通道", "停车场", "垃圾收集点", "卸货区", "公厕"),
    ),
    Land.SCHOOL: ("school", ("接送区", "操场围墙外", "门前斑马线", "后街")),
    Land.PARK: ("park", ("湖边步道", "健身角", "儿童乐园", "停车场", "公厕", "凉亭", "林荫道")),
    Land.CONSTRUCTION: ("construction", ("围挡南侧", "围挡东侧", "渣土车出口", "材料堆场", "塔吊下方")),
    Land.COURT: ("gate", ("垃圾分类亭",)),
    Land.TOWERS: ("gate", ("垃圾分类亭", "地下车库出口", "电动车充电棚")),
    Land.HOSPITAL: ("gate", ("急诊门前", "停车场出口", "门诊楼前")),
    Land.MALL: ("market", ("外广场", "卸货通道", "地下车库入口")),
    Land.WORKS: ("gate", ("货车通道", "围墙外侧")),
}


def _inside(site: Site, rng: random.Random) -> Iterator[Draft]:
    if site.parcel.land is Land.VILLAGE:
        yield from _alleys(site)
    kind, names = PLACES_INSIDE.get(site.parcel.land, ("", ()))
    closed = [house.shape for house in site.built] + [one.shape for one in site.grounds if one.kind == "water"]
    open_land = site.block.plot.buffer(-4).difference(shapely.unary_union(closed))
    for name in names:
        yield Draft(kind, f"{site.parcel.name}{name}", _somewhere(open_land, rng))


def _somewhere(land: BaseGeometry, rng: random.Random) -> Point:
    left, low, right, high = land.bounds
    for _ in range(200):
        point = Point(rng.uniform(left, right), rng.uniform(low, high))
        if land.contains(point):
            return point
    return land.representative_point()


def _alleys(site: Site) -> Iterator[Draft]:
    for alley in site.grounds:
        if alley.kind == "lane" and isinstance(alley.shape, LineString):
            yield Draft("village", f"{alley.name}中段", alley.shape.interpolate(0.5, normalized=True))
            yield Draft("village", f"{alley.name}口", alley.shape.interpolate(4.0))


def _river(rng: random.Random) -> Iterator[Draft]:
    names = ("亲水平台", "护栏", "步道", "排水口", "码头台阶", "观景亭", "垂钓点", "健身步道")
    bank = curve(plan.EAST_BANK)
    for step in range(int(bank.length / 55)):
        point = bank.interpolate(step * 55 + rng.uniform(0, 20))
        yield Draft(
            "river", f"滨河公园{step + 1}号{names[step % len(names)]}", Point(point.x + rng.uniform(8, 24), point.y)
        )
    creek = curve(plan.CREEK)
    for step in range(int(creek.length / 110)):
        point = creek.interpolate(step * 110)
        side = rng.choice((-1, 1))
        yield Draft(
            "river",
            f"{plan.CREEK_NAME}{'北' if side > 0 else '南'}岸{step + 1}号栏杆",
            Point(point.x, point.y + 12 * side),
        )


def _at_buildings(buildings: list[Building], rng: random.Random) -> list[Spot]:
    """Shop doors on the roads, stairs in the compounds, doorsteps in the villages: more where more of them are."""
    shops = [house for house in buildings if house.compound is None]
    doorsteps = [house for house in buildings if house.compound and house.number.endswith("号")]
    stairs = [house for house in buildings if house.number.endswith("幢") and house.use == "residential"]
    chosen = [("road", house, "门前") for house in rng.sample(shops, min(len(shops), KEEP["road"]))]
    chosen += [("village", house, "门前") for house in rng.sample(doorsteps, KEEP["village"])]
    chosen += [("building", house, f"{rng.randint(1, 3)}单元") for house in rng.sample(stairs, KEEP["building"])]
    return [_at(kind, house, suffix) for kind, house, suffix in chosen]


def _at(kind: str, house: Building, suffix: str) -> Spot:
    point = shapely.set_precision(house.shape.representative_point(), 1e-6)
    return Spot(kind, house.grid_code, house.code, f"{house.address if kind == 'road' else house.name}{suffix}", point)
