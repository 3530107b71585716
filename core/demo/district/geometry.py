"""Plan metres, ground metres and degrees: the bends that make a drawing look grown, and the way to WGS84."""

import math
from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

CENTRE_LON = 112.53
CENTRE_LAT = 33.0
# Lengths of a degree at 33° north on the WGS84 ellipsoid, in metres.
LON_DEGREE_M = 93_455.0
LAT_DEGREE_M = 110_904.0
DECIMALS = 6

G = TypeVar("G", bound=BaseGeometry)


def bent(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Plan metres to ground metres: a small turn and slow waves, so that no two streets stay quite parallel."""
    turn = math.radians(2.5)
    x, y = points[:, 0], points[:, 1]
    wave_x = 20 * np.sin(y / 330 + 0.6) + 13 * np.sin(x / 410 + y / 540)
    wave_y = 24 * np.sin(x / 500 + 1.0) + 10 * np.sin(y / 360 - x / 640)
    east = x * math.cos(turn) - y * math.sin(turn) + wave_x
    north = x * math.sin(turn) + y * math.cos(turn) + wave_y
    return np.column_stack([east, north])


def curve(points: Sequence[tuple[float, float]]) -> LineString:
    """A drawn polyline as it lies on the ground: corners cut, then bent.

    Units: plan metres in, ground metres out.
    """
    line = LineString(points)
    for _ in range(3):
        line = _corners_cut(line)
    dense = shapely.segmentize(line, 20.0)
    return LineString(shapely.get_coordinates(LineString(bent(shapely.get_coordinates(dense))).simplify(0.25)))


def ground(x: float, y: float) -> shapely.Point:
    """A plan point as it lies on the ground."""
    east, north = bent(np.array([[x, y]], dtype=float))[0]
    return shapely.Point(east, north)


def degrees(shape: G) -> G:
    """A shape in ground metres as longitude and latitude, rounded to 6 decimals (about 0.1 m)."""
    return shapely.transform(shape, _to_degrees)


def _to_degrees(points: NDArray[np.float64]) -> NDArray[np.float64]:
    lon = CENTRE_LON + points[:, 0] / LON_DEGREE_M
    lat = CENTRE_LAT + points[:, 1] / LAT_DEGREE_M
    return np.column_stack([lon, lat]).round(DECIMALS).astype(np.float64)


def _corners_cut(line: LineString) -> LineString:
    """Chaikin's corner cutting with short cuts, so that bends are rounded but the line keeps close to its points."""
    points = shapely.get_coordinates(line)
    before, after = points[:-1], points[1:]
    cut = np.empty((2 * len(before), 2))
    cut[0::2] = before * 0.85 + after * 0.15
    cut[1::2] = before * 0.15 + after * 0.85
    cut[0], cut[-1] = points[0], points[-1]
    return LineString(cut)


def pieces(shape: BaseGeometry) -> list[Polygon]:
    """The polygons in a shape, the largest first."""
    parts = [part for part in shapely.get_parts(shape) if isinstance(part, Polygon) and not part.is_empty]
    return sorted(parts, key=lambda part: (-part.area, part.bounds))


def largest(shape: BaseGeometry) -> Polygon:
    """The largest polygon in a shape; an empty one if it has none."""
    found = pieces(shape)
    return found[0] if found else Polygon()


def box_at(x: float, y: float, width: float, height: float) -> Polygon:
    """The upright rectangle with its south-west corner at x, y."""
    return shapely.box(x, y, x + width, y + height)
