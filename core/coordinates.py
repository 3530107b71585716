"""Coordinate systems of map sources, and the way from each to WGS84."""

import re
from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

Points = NDArray[np.float64]  # shape (n, 2): lon or x, lat or y

KRASOVSKY_A_M = 6378245.0  # the ellipsoid that the published formulas of GCJ-02 use
KRASOVSKY_E2 = 0.00669342162296594323
BD_X_PI = np.pi * 3000.0 / 180.0
CHINA = (72.004, 0.8293, 137.8347, 55.8271)  # west, south, east, north: outside, GCJ-02 leaves points alone
CLOSE_ENOUGH_DEG = 1e-9  # 0.1 mm
ROUNDS = 12  # the error shrinks about a thousandfold a round; three suffice

PLAIN = ("WGS84", "CGCS2000")
SHIFTED = ("GCJ-02", "BD-09")


def known(system: str) -> bool:
    """Whether points of `system` can be converted: WGS84, CGCS2000, GCJ-02, BD-09, or an EPSG code."""
    if system in PLAIN or system in SHIFTED:
        return True
    try:
        return bool(re.fullmatch(r"EPSG:\d{4,6}", system)) and CRS.from_user_input(system) is not None
    except CRSError:
        return False


def to_wgs84(points: Points, system: str) -> Points:
    """`points` of `system` in WGS84; CGCS2000 is taken as equal, which holds within decimetres.

    Units: degrees in, or metres for a projected EPSG code; lon, lat in degrees out; infinite where undefined.
    Raises: ValueError, when the system is not known.
    """
    if system in PLAIN:
        return points
    if system == "GCJ-02":
        return wgs84_from_gcj02(points)
    if system == "BD-09":
        return wgs84_from_gcj02(gcj02_from_bd09(points))
    if not known(system):
        raise ValueError(f"unknown coordinate system {system!r}")
    lon, lat = _to_wgs84(system).transform(points[:, 0], points[:, 1])
    return np.column_stack([lon, lat])


def gcj02_from_wgs84(points: Points) -> Points:
    """Points of 高德 and 腾讯 maps from WGS84; outside China they are the same.

    Units: degrees.
    Source: the formulas published in the public domain since 2010, "eviltransform" among others.
    """
    lon, lat = points[:, 0], points[:, 1]
    x, y = lon - 105.0, lat - 35.0
    north_m, east_m = _north_shift(x, y), _east_shift(x, y)
    phi = np.radians(lat)
    curve = 1 - KRASOVSKY_E2 * np.sin(phi) ** 2
    d_lat = np.degrees(north_m / (KRASOVSKY_A_M * (1 - KRASOVSKY_E2) / (curve * np.sqrt(curve))))
    d_lon = np.degrees(east_m / (KRASOVSKY_A_M / np.sqrt(curve) * np.cos(phi)))
    west, south, east, north = CHINA
    inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    return points + np.where(inside[:, None], np.column_stack([d_lon, d_lat]), 0.0)


def wgs84_from_gcj02(points: Points) -> Points:
    """WGS84 of 高德 and 腾讯 points, by iteration until the way back meets the point.

    Units: degrees.
    """
    return _inverse(gcj02_from_wgs84, points, guess=points)


def bd09_from_gcj02(points: Points) -> Points:
    """Points of 百度 maps from those of 高德.

    Units: degrees.
    """
    lon, lat = points[:, 0], points[:, 1]
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * BD_X_PI)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * BD_X_PI)
    return np.column_stack([radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006])


def gcj02_from_bd09(points: Points) -> Points:
    """高德 points of 百度 points, by iteration until the way back meets the point.

    Units: degrees.
    """
    return _inverse(bd09_from_gcj02, points, guess=points - (0.0065, 0.006))


def _north_shift(x: Points, y: Points) -> Points:
    shift = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y**2 + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
    shift += (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    shift += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    return shift + (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0


def _east_shift(x: Points, y: Points) -> Points:
    shift = 300.0 + x + 2.0 * y + 0.1 * x**2 + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
    shift += (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    shift += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    return shift + (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0


def _inverse(forward: Callable[[Points], Points], wanted: Points, guess: Points) -> Points:
    for _ in range(ROUNDS):
        miss = forward(guess) - wanted
        guess = guess - miss
        if not len(miss) or np.abs(miss).max() < CLOSE_ENOUGH_DEG:
            break
    return guess


@cache
def _to_wgs84(system: str) -> Transformer:
    return Transformer.from_crs(system, "EPSG:4326", always_xy=True)
