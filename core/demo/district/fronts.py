"""The edge of a plot: gates, shops along the street, and the wall between them."""

import random

import shapely
from shapely import LineString, MultiLineString, Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import linemerge

from core.demo.district.roads import RESERVE_M, Road, nearest
from core.demo.district.site import Footprint, Gate, Ground, Numbering, Site, Use

SIDES = (("南", 0.0, -1.0), ("东", 1.0, 0.0), ("北", 0.0, 1.0), ("西", -1.0, 0.0))
GATE_CLEAR_M = 9.0


def open_gates(site: Site, roads: list[Road], count: int) -> None:
    """Put gates in the middle of sides that face a road, larger roads first."""
    plot = site.block.plot
    found = [gate for side in SIDES if (gate := _gate(plot, side, roads)) is not None]
    classes = {road.name: road.road_class for road in roads}
    site.gates += sorted(found, key=lambda gate: (classes[gate.road], gate.side))[:count]


def _gate(plot: Polygon, side: tuple[str, float, float], roads: list[Road]) -> Gate | None:
    name, east, north = side
    middle = plot.centroid
    ray = LineString([(middle.x, middle.y), (middle.x + 900 * east, middle.y + 900 * north)])
    hits = shapely.get_coordinates(ray.intersection(plot.exterior))
    if not len(hits):
        return None
    point = max((Point(hit) for hit in hits), key=middle.distance)
    road = nearest(roads, point)
    if road.line.distance(point) > RESERVE_M[road.road_class] + 3:
        return None
    return Gate(name, road.name, point)


def line_streets(site: Site, roads: list[Road]) -> None:
    """Build shops and small offices along the larger roads the plot faces."""
    clear = shapely.unary_union([gate.point.buffer(GATE_CLEAR_M) for gate in site.gates])
    for road in roads:
        if road.road_class < 3 and site.parcel.front > 0:
            for edge in _facing(site.block.plot, road):
                _line(site, edge, road.road_class, clear)
    site.take_up([house.shape for house in site.built], 8.0)


def _facing(plot: Polygon, road: Road) -> list[LineString]:
    near = plot.exterior.intersection(road.line.buffer(RESERVE_M[road.road_class] + 1.5))
    joined = linemerge(near) if isinstance(near, MultiLineString) else near
    return [part for part in shapely.get_parts(joined) if isinstance(part, LineString) and part.length > 30]


def _line(site: Site, edge: LineString, road_class: int, clear: BaseGeometry) -> None:
    at, rng = 4.0, site.rng
    while at + 14 < edge.length:
        length = min(rng.uniform(24, 64), edge.length - at - 3)
        shop = _shop(site, edge, (at, at + length), clear)
        if shop is None or rng.random() > site.parcel.front:
            at += length * 0.6
            continue
        site.built.append(_footprint(shop, road_class, rng))
        at += length + rng.uniform(2.5, 7)


def _shop(site: Site, edge: LineString, along: tuple[float, float], clear: BaseGeometry) -> Polygon | None:
    depth = site.rng.uniform(9, 15)
    near, far = (edge.interpolate(place) for place in along)
    for inward in (depth, -depth):
        back = LineString([near, far]).offset_curve(inward)
        shop = shapely.MultiPoint([near, far, *map(Point, back.coords)]).convex_hull
        if isinstance(shop, Polygon) and site.block.plot.buffer(0.6).contains(shop) and not shop.intersects(clear):
            return shop if all(house.shape.distance(shop) > 2.0 for house in site.built) else None
    return None


def _footprint(shop: Polygon, road_class: int, rng: random.Random) -> Footprint:
    floors = rng.choice((2, 2, 3, 3, 4, 5, 6, 8)) if road_class == 1 else rng.choice((1, 2, 2, 2, 3, 4))
    use = Use.OFFICE if floors >= 5 and rng.random() < 0.6 else Use.COMMERCIAL
    return Footprint(shop, floors, use, Numbering.ROAD)


def wall(site: Site) -> None:
    """Close the plot's edge with a wall, open at gates and where a house stands in its line."""
    openings = [gate.point.buffer(6) for gate in site.gates] + [house.shape.buffer(1.5) for house in site.built]
    ring = site.block.plot.buffer(-0.8, join_style="mitre").exterior
    for part in shapely.get_parts(ring.difference(shapely.unary_union(openings))):
        if isinstance(part, LineString) and part.length > 6:
            site.grounds.append(Ground("wall", part, site.parcel.name))
