"""Points of every supported system come out in WGS84."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from core import coordinates
from core.coordinates import Points

WITHIN_M = 0.1
EARTH = Geod(ellps="WGS84")

# the same place in two systems, as the tests of published implementations state them (six decimals or better)
SHANGHAI = (121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)
SHENZHEN = (113.912316, 22.543847), (113.9171764808363, 22.540796131694766)
BEIJING = (116.377817, 39.911954), (116.38404722455657, 39.91334545536069)

inside_china = st.tuples(st.floats(74.0, 135.0), st.floats(3.0, 53.5))


def at(*points: tuple[float, float]) -> Points:
    return np.array(points, dtype=np.float64)


def metres(a: Points, b: Points) -> float:
    _, _, apart = EARTH.inv(a[:, 0], a[:, 1], b[:, 0], b[:, 1])
    return float(np.max(apart))


@pytest.mark.parametrize(("wgs84", "gcj02"), [SHANGHAI, SHENZHEN, BEIJING])
def test_known_points_of_gcj02_are_met_both_ways(wgs84: tuple[float, float], gcj02: tuple[float, float]) -> None:
    assert metres(coordinates.gcj02_from_wgs84(at(wgs84)), at(gcj02)) < WITHIN_M
    assert metres(coordinates.to_wgs84(at(gcj02), "GCJ-02"), at(wgs84)) < WITHIN_M


@pytest.mark.parametrize(
    ("gcj02", "bd09"),
    [
        ((118.0, 32.0), (118.00653128313961, 32.00581846664105)),
        ((116.404, 39.915), (116.41036949371029, 39.92133699351021)),
    ],
)
def test_known_points_of_bd09_are_met_both_ways(gcj02: tuple[float, float], bd09: tuple[float, float]) -> None:
    assert metres(coordinates.bd09_from_gcj02(at(gcj02)), at(bd09)) < WITHIN_M
    assert metres(coordinates.gcj02_from_bd09(at(bd09)), at(gcj02)) < WITHIN_M


@given(inside_china)
def test_gcj02_and_back_is_the_same_point(point: tuple[float, float]) -> None:
    there = coordinates.gcj02_from_wgs84(at(point))
    assert metres(coordinates.to_wgs84(there, "GCJ-02"), at(point)) < WITHIN_M


@given(inside_china)
def test_bd09_and_back_is_the_same_point(point: tuple[float, float]) -> None:
    there = coordinates.bd09_from_gcj02(coordinates.gcj02_from_wgs84(at(point)))
    assert metres(coordinates.to_wgs84(there, "BD-09"), at(point)) < WITHIN_M


def test_gcj02_is_hundreds_of_metres_off_in_china_and_nothing_outside() -> None:
    assert 300 < metres(coordinates.gcj02_from_wgs84(at((121.49, 31.24))), at((121.49, 31.24))) < 800
    los_angeles = at((-118.24, 34.05))
    assert np.array_equal(coordinates.to_wgs84(los_angeles, "GCJ-02"), los_angeles)


@pytest.mark.parametrize("system", ["WGS84", "CGCS2000"])
def test_wgs84_and_cgcs2000_are_taken_as_they_are(system: str) -> None:
    assert np.array_equal(coordinates.to_wgs84(at((112.5, 33.0)), system), at((112.5, 33.0)))


def test_metres_of_an_epsg_code_become_degrees() -> None:
    # EPSG:4549 is CGCS2000 / 3-degree Gauss-Kruger CM 120E: its false easting lies on the meridian
    degrees = coordinates.to_wgs84(at((500_000.0, 3_456_000.0)), "EPSG:4549")
    assert degrees[0, 0] == pytest.approx(120.0, abs=1e-9)
    assert 31.2 < degrees[0, 1] < 31.3


def test_no_points_are_no_trouble() -> None:
    assert coordinates.to_wgs84(np.empty((0, 2)), "BD-09").shape == (0, 2)


@pytest.mark.parametrize("system", ["", "wgs", "EPSG:1", "EPSG:999999", "EPSG:4549; DROP", "GCJ02"])
def test_an_unknown_system_is_refused(system: str) -> None:
    assert not coordinates.known(system)
    with pytest.raises(ValueError, match="unknown coordinate system"):
        coordinates.to_wgs84(at((0.0, 0.0)), system)
