"""Shapes of a source made fit for the map: converted, repaired, compared, put in order."""

import math
from collections.abc import Iterator, Sequence
from statistics import median
from typing import TypeVar

import numpy as np
import shapely
from shapely import STRtree
from shapely.geometry.base import BaseGeometry

from core import coordinates
from core.imports.cells import Unfit
from core.imports.plan import Overlap
from core.imports.reading import Row

T = TypeVar("T")
M_PER_DEGREE = 111_320.0  # of latitude, and of longitude at the equator
SLIVER_M2 = 1.0  # less is the rounding of shared borders


def converted(rows: Sequence[Row], system: str) -> list[BaseGeometry | None]:
    """The shapes of `rows` in WGS84."""
    shapes = np.array([row.shape for row in rows], dtype=object)
    return list(shapely.transform(shapes, lambda points: coordinates.to_wgs84(points, system)))


def area(shape: BaseGeometry | None) -> tuple[BaseGeometry, str | None]:
    """`shape` as a valid polygon or polygons, and what had to be repaired.

    Raises: Unfit, when it is no area on the earth.
    """
    if shape is None or shape.is_empty:
        raise Unfit("no shape")
    if not _is_on_earth(shape):
        raise Unfit("no place on the earth: the coordinates are not those of the stated system")
    polygons = _polygons(shape if shape.is_valid else shapely.make_valid(shape))
    if not polygons:
        raise Unfit(f"not an area: {shape.geom_type}")
    return (shape, None) if shape.is_valid else (shapely.union_all(polygons), shapely.is_valid_reason(shape))


def check_point(lon: float, lat: float) -> None:
    """Refuse a point that is not on the earth.

    Raises: Unfit.
    """
    if not (abs(lon) <= 180 and abs(lat) <= 90):  # false for what is not a number, too
        raise Unfit("no place on the earth: the coordinates are not those of the stated system")


def point_in(shape: BaseGeometry) -> tuple[float, float]:
    """A point inside `shape`: lon, lat."""
    point = shapely.point_on_surface(shape)
    return float(shapely.get_x(point)), float(shapely.get_y(point))


def overlaps(new: Sequence[tuple[str, BaseGeometry]], old: Sequence[tuple[str, BaseGeometry]]) -> list[Overlap]:
    """The pairs of areas, each with a new one, that share ground; the largest share first."""
    everything = [*new, *old]
    if not new:
        return []
    index = STRtree([shape for _, shape in everything])
    one, other = index.query([shape for _, shape in new], "intersects")
    pairs = one < other  # each pair once, and none with itself
    shapes = np.array([shape for _, shape in everything], dtype=object)
    shared = shapely.intersection(shapes[one[pairs]], shapes[other[pairs]])
    found = [
        Overlap(everything[a][0], everything[b][0], area_m2)
        for a, b, common in zip(one[pairs], other[pairs], shared, strict=True)
        if (area_m2 := square_metres(common)) > SLIVER_M2
    ]
    return sorted(found, key=lambda overlap: -overlap.area_m2)


def square_metres(shape: BaseGeometry) -> float:
    """About how much ground `shape` covers: good to a hundredth, which is enough to judge an overlap.

    Units: m² of a shape in WGS84.
    """
    if shape.is_empty:
        return 0.0
    middle = (shape.bounds[1] + shape.bounds[3]) / 2
    return float(shape.area) * M_PER_DEGREE**2 * math.cos(math.radians(middle))


def in_reading_order(items: Sequence[tuple[T, float, float, float]]) -> Iterator[T]:
    """`items` row by row from the north, each row from west to east; a row is as high as the middle item.

    Units: each item comes with lon, lat and height in degrees.
    """
    if not items:
        return
    north = max(lat for _, _, lat, _ in items)
    south = min(lat for _, _, lat, _ in items)
    height = median(high for *_, high in items) or (north - south) / math.ceil(math.sqrt(len(items))) or 1.0
    rows = sorted(items, key=lambda item: (round((north - item[2]) / height), item[1], -item[2]))
    yield from (item for item, *_ in rows)


def _is_on_earth(shape: BaseGeometry) -> bool:
    return bool(np.all(np.abs(shapely.get_coordinates(shape)) <= (180, 90)))


def _polygons(shape: BaseGeometry) -> list[BaseGeometry]:
    parts = shapely.get_parts(shapely.get_parts(shape))  # a collection may hold multipolygons
    if shape.geom_type in ("Polygon", "MultiPolygon"):
        return [shape]
    return [part for part in parts if part.geom_type == "Polygon" and part.area > 0]
