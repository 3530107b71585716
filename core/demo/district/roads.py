"""The road network on the ground: every road ends exactly on another road, or leaves the map."""

from dataclasses import dataclass

import shapely
from shapely import LineString, Point
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from core.demo.district import plan
from core.demo.district.geometry import curve

CARRIAGEWAY_M = {1: 14.0, 2: 8.0, 3: 3.0}  # half widths
RESERVE_M = {1: 21.0, 2: 13.0, 3: 5.0}  # half widths with pavement and trees: nothing is built here
REACH_M = 70.0
DOOR_M = 12.0  # frontage per door number


@dataclass(frozen=True)
class Road:
    """A named road: its centre line in ground metres and its class."""

    name: str
    road_class: int
    line: LineString

    def reserve(self) -> BaseGeometry:
        """The land kept free for the road."""
        return self.line.buffer(RESERVE_M[self.road_class], cap_style="flat")

    def carriageway(self) -> BaseGeometry:
        """The land on which vehicles move."""
        return self.line.buffer(CARRIAGEWAY_M[self.road_class], cap_style="flat")

    def door(self, point: Point) -> int:
        """The door number at a point beside the road: counted from its start, odd on the left."""
        along = self.line.project(point)
        here, ahead = self.line.interpolate(along), self.line.interpolate(along + 1)
        left = (ahead.x - here.x) * (point.y - here.y) > (ahead.y - here.y) * (point.x - here.x)
        return 2 * int(along / DOOR_M) + (1 if left else 2)


def street_roads() -> list[Road]:
    """The roads of the street, in the order of importance."""
    return _joined(plan.ARTERIALS + plan.SECONDARY + plan.LANES, ())


def context_roads(street: list[Road]) -> list[Road]:
    """Roads wholly outside the street, joined to it."""
    return _joined(plan.CONTEXT_ROADS, tuple(street))


def nearest(roads: list[Road], point: Point) -> Road:
    """The road whose edge is nearest to a point."""
    return min(roads, key=lambda road: (road.line.distance(point) - RESERVE_M[road.road_class], road.name))


def _joined(drawn: tuple[plan.PlanRoad, ...], existing: tuple[Road, ...]) -> list[Road]:
    raw = [Road(road.name, road.road_class, curve(road.points)) for road in drawn]
    every = [*existing, *raw]
    return [Road(road.name, road.road_class, _trimmed(road, every)) for road in raw]


def _trimmed(road: Road, every: list[Road]) -> LineString:
    others = shapely.MultiLineString([other.line for other in every if other.name != road.name])
    return joined(road.line, others)


def joined(line: LineString, others: BaseGeometry) -> LineString:
    """The line with both ends on the nearest of other lines, where these are in reach."""
    one_end = _one_end_joined(line, others)
    return _one_end_joined(one_end.reverse(), others).reverse()


def _one_end_joined(line: LineString, others: BaseGeometry) -> LineString:
    """The line with its last point moved along its direction on to the nearest other road, if one is in reach."""
    longer = _extended(line, REACH_M)
    hits = [point for point in shapely.get_parts(longer.intersection(others)) if isinstance(point, Point)]
    places = sorted(abs(longer.project(hit) - line.length) for hit in hits)
    if not places or places[0] > REACH_M:
        return line
    end = min((longer.project(hit) for hit in hits), key=lambda place: abs(place - line.length))
    return LineString(shapely.get_coordinates(substring(longer, 0, end)))


def _extended(line: LineString, reach_m: float) -> LineString:
    """The line made longer at its end, straight on."""
    (ax, ay), (bx, by) = line.coords[-2], line.coords[-1]
    scale = reach_m / Point(ax, ay).distance(Point(bx, by))
    return LineString([*line.coords, (bx + (bx - ax) * scale, by + (by - ay) * scale)])
