"""The demo street: an exact, believable, reproducible set of files."""

import json
import time
from functools import cache
from pathlib import Path

import pytest
import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from core.demo.district import District, build
from core.demo.district.geojson import texts
from core.demo.district.geometry import CENTRE_LAT, CENTRE_LON, LAT_DEGREE_M, LON_DEGREE_M
from core.demo.district.records import Place
from core.demo.district.roads import CARRIAGEWAY_M

FOLDER = Path(__file__).parents[1] / "data" / "demo"
SPOT_KINDS = {"road", "lane", "gate", "market", "school", "park", "river", "village", "building", "construction"}
MAP_KINDS = {"water", "green", "road", "context_building", "embankment", "square", "wall", "playground"}


@cache
def district() -> District:
    return build()


def of_level(level: str) -> list[Place]:
    return [place for place in district().places if place.level == level]


def metres(geometry: BaseGeometry) -> BaseGeometry:
    return shapely.transform(geometry, lambda p: (p - (CENTRE_LON, CENTRE_LAT)) * (LON_DEGREE_M, LAT_DEGREE_M))


def test_the_street_is_built_within_20_seconds() -> None:
    took: list[float] = []
    while len(took) < 3 and min(took, default=20) >= 20:  # the first may be held up by what else runs
        start = time.perf_counter()
        build()
        took.append(time.perf_counter() - start)
    assert min(took) < 20, took


def test_the_files_in_the_repository_are_what_the_program_writes() -> None:
    for name, text in texts(district()).items():
        assert (FOLDER / name).read_bytes() == text.encode(), name


def test_a_second_run_writes_the_same_bytes() -> None:
    assert texts(build()) == texts(district())


def test_the_files_are_geojson_of_at_most_3_mb() -> None:
    files = sorted(FOLDER.glob("*.geojson"))
    assert [file.stem for file in files] == ["basemap", "buildings", "places", "spots"]
    assert sum(file.stat().st_size for file in files) <= 3_000_000
    for file in files:
        features = json.loads(file.read_bytes())["features"]
        assert all(shape(one["geometry"]).is_valid for one in features), file.name


def test_the_street_has_4_communities_26_unit_and_6_dedicated_grids() -> None:
    assert len(of_level("street")) == 1
    assert len(of_level("community")) == 4
    kinds = [grid.kind for grid in of_level("grid")]
    assert (kinds.count("unit"), kinds.count("dedicated"), len(kinds)) == (26, 6, 32)


def test_names_of_grids_are_unlike_and_2_to_6_characters_long() -> None:
    names = [grid.name for grid in of_level("grid")]
    assert len(set(names)) == 32
    assert all(2 <= len(name) <= 6 for name in names)


@pytest.mark.parametrize("level", ["street", "community", "grid"])
def test_residents_of_each_level_sum_to_49000(level: str) -> None:
    assert sum(place.residents for place in of_level(level)) == 49_000
    assert sum(place.households for place in of_level(level)) == sum(one.households for one in district().buildings)


def test_residents_of_buildings_sum_to_49000_and_nobody_lives_without_a_household() -> None:
    houses = district().buildings
    assert sum(one.residents for one in houses) == 49_000
    assert all((one.residents == 0) == (one.households == 0) for one in houses)
    assert all(1.5 <= one.residents / one.households <= 4.5 for one in houses if one.households)


def test_codes_have_the_length_of_their_level_and_the_prefix_of_their_parent() -> None:
    digits = {"street": 9, "community": 12, "grid": 15}
    codes = {place.code for place in district().places}
    assert len(codes) == 37
    for place in district().places:
        assert len(place.code) == digits[place.level]
        assert place.code.isdigit()
        if place.level != "street":
            assert place.parent_code == place.code[:-3]
            assert place.parent_code in codes


def test_codes_of_buildings_extend_the_code_of_their_grid_without_a_gap() -> None:
    grids = {grid.code for grid in of_level("grid")}
    by_grid: dict[str, list[str]] = {}
    for one in district().buildings:
        assert one.grid_code in grids
        by_grid.setdefault(one.grid_code, []).append(one.code)
    for grid, codes in by_grid.items():
        assert codes == [f"{grid}{number:03d}" for number in range(1, len(codes) + 1)]


@pytest.mark.parametrize(("level", "parts"), [("street", "community"), ("street", "grid")])
def test_parts_tile_the_street_exactly(level: str, parts: str) -> None:
    whole, pieces = of_level(level)[0].shape, [place.shape for place in of_level(parts)]
    assert shapely.coverage_is_valid(pieces)
    assert sum(piece.area for piece in pieces) == pytest.approx(whole.area, rel=1e-3)
    assert shapely.union_all(pieces).symmetric_difference(whole).area < whole.area * 1e-3


def test_grids_tile_their_community() -> None:
    for community in of_level("community"):
        grids = [grid.shape for grid in of_level("grid") if grid.parent_code == community.code]
        assert shapely.union_all(grids).symmetric_difference(community.shape).area < community.shape.area * 1e-3


def test_the_street_is_about_2300_by_1400_metres_without_a_hole() -> None:
    street = of_level("street")[0].shape
    west, south, east, north = metres(street).bounds
    assert 2_100 < east - west < 2_500
    assert 1_300 < north - south < 1_550
    assert not street.interiors


def test_about_a_thousand_buildings_each_inside_its_grid() -> None:
    assert 900 <= len(district().buildings) <= 1_150
    grids = {grid.code: grid.shape for grid in of_level("grid")}
    outside = [one.name for one in district().buildings if not grids[one.grid_code].contains(one.shape)]
    assert outside == []


def test_no_building_overlaps_another() -> None:
    shapes = [one.shape for one in district().buildings]
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    assert [(a, b) for a, b in zip(first, second, strict=True) if a < b] == []


def test_no_building_stands_on_a_carriageway_or_in_the_water() -> None:
    shapes = [metres(one.shape) for one in district().buildings]
    wide = [one for one in district().basemap if one.kind == "road" and "村" not in str(one.name)]
    blocked: list[BaseGeometry] = [metres(one.shape).buffer(CARRIAGEWAY_M[one.road_class or 3]) for one in wide]
    blocked += [metres(one.shape) for one in district().basemap if one.kind == "water"]
    tree = shapely.STRtree(shapes)
    assert [int(hit) for one in blocked for hit in tree.query(one, predicate="intersects")] == []


def test_no_building_stands_on_the_middle_of_a_village_alley() -> None:
    lanes = [one.shape for one in district().basemap if one.kind == "road" and one.road_class == 3]
    tree = shapely.STRtree([one.shape for one in district().buildings])
    assert [int(hit) for lane in lanes for hit in tree.query(lane, predicate="intersects")] == []


def test_names_and_addresses_of_buildings_are_used_once() -> None:
    houses = district().buildings
    assert len({one.name for one in houses}) == len(houses)
    assert len({one.address for one in houses}) == len(houses)


def test_roads_have_names_and_classes_and_go_on_beyond_the_street() -> None:
    roads = [one for one in district().basemap if one.kind == "road"]
    assert {road.road_class for road in roads} == {1, 2, 3}
    assert all(road.name for road in roads)
    street = metres(of_level("street")[0].shape)
    far = [road for road in roads if metres(road.shape).hausdorff_distance(street.boundary) > 400]
    assert len(far) > 10


def test_the_neighbourhood_has_houses_outside_the_street_only() -> None:
    assert {one.kind for one in district().basemap} == MAP_KINDS
    street = of_level("street")[0].shape
    context = [one for one in district().basemap if one.kind == "context_building"]
    assert 300 <= len(context) <= 400
    assert not any(one.shape.intersects(street) for one in context)


def test_every_grid_has_at_least_8_spots_and_each_lies_in_its_grid() -> None:
    spots = district().spots
    grids = {grid.code: grid.shape for grid in of_level("grid")}
    assert 600 <= len(spots) <= 900
    assert {spot.kind for spot in spots} == SPOT_KINDS
    assert all(sum(spot.grid_code == code for spot in spots) >= 8 for code in grids)
    assert all(grids[spot.grid_code].contains(spot.shape) for spot in spots)


def test_a_spot_at_a_building_names_a_building_of_the_same_grid() -> None:
    grid_of = {one.code: one.grid_code for one in district().buildings}
    at_buildings = [spot for spot in district().spots if spot.building_code]
    assert at_buildings
    assert all(grid_of[str(spot.building_code)] == spot.grid_code for spot in at_buildings)
