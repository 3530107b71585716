"""What the layers of the map say about the small street."""

import json
import math
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import shapely

from core import labels, store, written
from core.board import Board, Counts
from core.cases.emergency import InForce
from core.follower import Follower
from core.labels import STREET_PX, Sign, covered, degrees_per_px, shape_of, stands
from core.layers import BASE, base_layers, layer_json, names_around
from core.store import Store
from core.wall import picture
from core.words import Measure, Severity, Verb
from core.written import boxes
from tests.cast import DAY, HOUR, ID, MINUTE, NOON, POINT, WULIPU_1, ZHANQIAN, Street, path_of

StandStill = Callable[[datetime], None]


def rows(board: Board, name: str, measure: Measure = Measure.OPEN) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(layer_json(board, name, measure))
    return found


@pytest.fixture
def board(street: Street, stand_still: StandStill) -> Board:
    """Five open cases in n1, one of them overdue, one new in s1, one without a point, one that has ended."""
    stand_still(NOON)
    for number in range(5):
        street.report(when=NOON - (25 if number == 0 else 20) * HOUR, severity=list(Severity)[number % 4])
    street.report(at="s1", when=NOON - MINUTE, severity=Severity.RED, reporter_name="张伟", text="电话 13812341234")
    street.report(at="s2", when=NOON - HOUR, lon=None, lat=None)
    street.brought_to(Verb.CLOSE, when=NOON - 2 * DAY)
    return Follower(street.store).board


def under_a_storm(board: Board, place: str) -> Board:
    storm = board.under((InForce(path_of(place), "暴雨", NOON, "李勇"),))
    assert all(storm.layer_versions[name] > board.layer_versions[name] for name in ("grids", "cases", "frames"))
    assert storm.under(storm.emergencies) == storm
    return storm


def test_an_emergency_is_framed_and_the_other_grids_step_back(board: Board) -> None:
    storm = under_a_storm(board, "north")
    grids = {row["name"]: row for row in rows(storm, "grids")}
    assert {name for name, row in grids.items() if not row["aside"]} == {"n1", "n2"}
    assert not any(row["watched"] for row in grids.values())
    shown = {line.name: line.is_aside for line in picture(storm, storm.tree.nodes[ID["street"]]).children}
    assert shown == {name: bool(grids[name]["aside"]) for name in ("n1", "n2", "s1", "s2")}
    (frame,) = rows(storm, "frames")
    assert frame["name"] == "north"
    around = shapely.Polygon(frame["polygon"][0])
    within = shapely.union_all([shapely.Polygon(grids[name]["polygon"][0]) for name in ("n1", "n2")])
    assert around.symmetric_difference(within).area < 0.01 * within.area
    assert around.exterior.distance(shapely.Point(frame["lon"], frame["lat"])) < 1e-5


@pytest.mark.parametrize("name", ["n1", "s1"])
def test_a_case_upon_a_frame_is_drawn_on_the_side_of_its_own_grid(board: Board, name: str) -> None:
    storm = under_a_storm(board, "north")
    pixel = degrees_per_px(board.outlines.values())
    (frame,) = rows(storm, "frames")
    line = shapely.Polygon(frame["polygon"][0]).exterior
    grid = next(node for node in board.tree.nodes.values() if node.name == name)
    here = next(case for case in storm.cases.values() if case.grid_id == grid.id)
    middle = shapely.centroid(shape_of(board.outlines[grid.id]))
    on_line = shapely.shortest_line(line, middle).coords[0]
    moved = replace(storm, cases={here.id: replace(here, lon=on_line[0], lat=on_line[1])}, newest=())
    (row,) = rows(moved, "cases")
    drawn = shapely.Point(row["lon"] + row["sx"] * pixel[0], row["lat"] - row["sy"] * pixel[1])
    assert shape_of(board.outlines[grid.id]).contains(drawn)
    assert line.distance(drawn) > 8 * min(pixel)


def test_cases_close_to_each_other_are_drawn_apart_and_the_gravest_at_its_place(board: Board) -> None:
    pixel = degrees_per_px(board.outlines.values())
    close = [case for case in board.cases.values() if case.lon is not None and case.id not in board.newest][:3]
    at = {case.id: (0.7 + 6 * number * pixel[0], 0.2) for number, case in enumerate(close)}
    moved = [replace(case, lon=at[case.id][0], lat=at[case.id][1]) for case in close]
    found = rows(replace(board, cases={case.id: case for case in moved}), "cases")
    drawn = [(row["lon"] / pixel[0] + row.get("sx", 0), row["lat"] / -pixel[1] + row.get("sy", 0)) for row in found]
    assert all(math.dist(one, other) >= 15 for one, other in combinations(drawn, 2))
    assert ["sx" in row for row in found] == [True, True, False]


def test_an_emergency_of_the_whole_street_is_not_framed(board: Board) -> None:
    storm = under_a_storm(board, "street")
    assert rows(storm, "frames") == []
    assert not any(row["aside"] for row in rows(storm, "grids"))
    assert [row["name"] for row in rows(storm, "grids") if row["watched"]] == ["n1"]


def test_the_name_of_an_emergency_stands_clear_of_labels_and_cases_clear_of_it(board: Board) -> None:
    storm = under_a_storm(board, "north")
    (frame,) = rows(storm, "frames")
    grids = [node for node in board.tree.nodes.values() if node.id in board.outlines]
    pixel = degrees_per_px(board.outlines[grid.id] for grid in grids)
    *labels, plate = (shapely.box(*box) for box in boxes(storm, grids, pixel))
    assert plate.contains(shapely.Point(frame["lon"] / pixel[0], -frame["lat"] / pixel[1]))
    assert not any(plate.intersects(label) for label in labels)
    here = next(iter(storm.cases))
    moved = replace(storm, cases={**storm.cases, here: replace(storm.cases[here], lon=frame["lon"], lat=frame["lat"])})
    row = next(row for row in rows(moved, "cases") if row["id"] == here)
    drawn = shapely.Point(row["lon"] / pixel[0] + row["sx"], -row["lat"] / pixel[1] + row["sy"])
    assert plate.distance(drawn) >= 9


def test_grids_say_their_class_and_which_one_is_watched(board: Board) -> None:
    found = {row["name"]: row for row in rows(board, "grids")}
    assert {name: row["level"] for name, row in found.items()} == {"n1": 2, "n2": 0, "s1": 0, "s2": 0, "f1": 0}
    assert [name for name, row in found.items() if row["watched"]] == ["n1"]
    assert len(found["s1"]["polygon"]) == 2  # with its hole
    overdue = {row["name"]: row["level"] for row in rows(board, "grids", Measure.OVERDUE)}
    assert overdue == {"n1": 1, "n2": 0, "s1": 0, "s2": 0, "f1": 0}


@pytest.mark.parametrize(
    ("measure", "counts"),
    [
        (Measure.OPEN, ["5", "0", "1", "1", "0"]),
        (Measure.OVERDUE, ["1", "0", "0", "0", "0"]),
        (Measure.DUE_SOON, ["0", "0", "0", "0", "0"]),
    ],
)
def test_labels_say_the_count_of_their_grid(board: Board, measure: Measure, counts: list[str]) -> None:
    found = rows(board, "labels", measure)
    assert [row["count"] for row in found] == counts
    assert {row["larger"] for row in found} == {1}


@pytest.mark.parametrize(("times", "larger"), [(1, 1), (2, 1.41), (3, 1.6), (9, 1.6)])
def test_a_count_above_the_last_class_is_written_the_larger_the_higher(board: Board, times: int, larger: float) -> None:
    count = times * board.rules.breaks.of(Measure.OPEN)[-1]
    full = replace(board, counts={**board.counts, ID["n2"]: Counts(open=count)})
    assert {row["name"]: row["larger"] for row in rows(full, "labels")}["n2"] == larger


def test_a_label_steps_aside_for_what_is_open(board: Board) -> None:
    names = {node.code: node.name for node in board.tree.nodes.values()}
    found = {names[row["code"]]: row for row in rows(board, "labels")}
    moved = {name for name, row in found.items() if (row["lon"], row["lat"]) != POINT[name]}
    assert moved == {"n1", "s1"}
    assert all(row["name"] == name for name, row in found.items())
    for name in moved:
        (rings,) = next(board.outlines[node.id] for node in board.tree.nodes.values() if node.name == name)
        assert shapely.Polygon(rings[0], rings[1:]).contains(shapely.Point(found[name]["lon"], found[name]["lat"]))


def test_a_label_stands_clear_of_the_names_of_streets(board: Board) -> None:
    pixel = degrees_per_px(board.outlines.values())
    place = next(node for node in board.tree.nodes.values() if node.name == "f1")
    assert place.lon is not None and place.lat is not None  # noqa: PT018
    street = Sign(place.lon, place.lat + 20 * pixel[1], "人民路", 0, 99)  # across the upper half of the label
    (taken,) = covered([street], pixel)
    assert taken.bounds[2] - taken.bounds[0] == pytest.approx(3 * STREET_PX * pixel[0])
    usual = stands([place], board.outlines, [])[place.id]
    moved = stands([place], board.outlines, [street])[place.id]
    assert usual.places[0] == (place.lon, place.lat)
    assert moved.places[0] != usual.places[0]


def test_a_case_under_a_label_is_drawn_beside_it_and_others_where_they_are(board: Board) -> None:
    pixel = degrees_per_px(board.outlines.values())
    cases = rows(board, "cases")
    under = next(row for row in cases if row.get("mark") == 1)
    name = next(node.id for node in board.tree.nodes.values() if node.name == "s1")
    covering = replace(board, spots={**board.spots, name: (under["lon"], under["lat"])})
    moved = {row["id"]: row for row in rows(covering, "cases")}
    aside = moved[under["id"]]["sx"], moved[under["id"]]["sy"]
    assert math.hypot(*aside) > 8
    drawn_at = under["lon"] + aside[0] * pixel[0], under["lat"] - aside[1] * pixel[1]
    assert shape_of(board.outlines[name]).contains(
        shapely.Point(drawn_at)
    )  # a symbol in another grid would count there
    far = [row for row in cases if abs(row["lon"] - under["lon"]) > 200 * pixel[0]]
    assert far
    assert all(moved[row["id"]] == row for row in far)


def test_near_a_case_lanes_are_named_too_but_not_upon_it() -> None:
    lane = {
        "type": "Feature", "properties": {"kind": "road", "class": 3, "name": "花市巷"},
        "geometry": {"type": "LineString", "coordinates": [[0, 0], [4, 0]]},
    }  # fmt: skip
    (named,) = names_around(json.dumps({"features": [lane]}).encode(), (1, 0), (1, 1), 0.2)
    assert (named["name"], named["lat"]) == ("花市巷", 0)
    assert abs(named["lon"] - 1) > 0.2


def test_a_place_shows_its_own_labels_only(board: Board) -> None:
    (south,) = [node for node in board.tree.nodes.values() if node.name == "south"]
    found = json.loads(layer_json(board, "labels", Measure.OPEN, south))
    assert {row["code"] for row in found} == {node.code for node in board.tree.grids(south)}


def test_of_labels_that_would_lie_over_each_other_the_larger_count_stays(board: Board) -> None:
    spots = dict.fromkeys(board.spots, (1.0, 1.0))
    assert [row["name"] for row in rows(replace(board, spots=spots), "labels")] == ["n1"]


def test_a_case_that_waits_for_its_closure_says_that_nobody_s_clock_runs(
    street: Street, stand_still: StandStill
) -> None:
    stand_still(NOON + DAY)
    street.brought_to(Verb.CHECK, ZHANQIAN)
    street.brought_to(Verb.ARRIVE, ZHANQIAN)
    assert [row.get("idle") for row in rows(Follower(street.store).board, "cases")] == [1, None]


def test_open_cases_with_a_point_lie_the_gravest_on_top(board: Board) -> None:
    found = rows(board, "cases")
    assert len(found) == 6
    ranks = [Severity(row["severity"]).rank for row in found]
    assert ranks == sorted(ranks, reverse=True)
    assert [row for row in found if "overdue" in row] == [min(found, key=lambda row: row["id"])]
    (new,) = [row for row in found if "fresh_minutes" in row]
    assert (new["mark"], new["fresh_minutes"], new["lon"]) == (1, 5, POINT["s1"][0])


def test_the_layers_carry_nothing_personal(board: Board) -> None:
    for name in ("grids", "labels", "cases"):
        text = layer_json(board, name, Measure.OPEN).decode()
        assert "张" not in text
        assert "1381234" not in text


def features(street: Street) -> dict[str, list[dict[str, Any]]]:
    with street.store.reading() as db:
        found = base_layers(db, NOON)
    assert tuple(found) == BASE
    return {name: json.loads(body)["features"] for name, body in found.items() if name != "streets"}


def test_the_base_of_a_street_without_a_map_is_its_buildings_and_its_border(street: Street) -> None:
    found = features(street)
    assert [row["properties"] for row in found["areas"]] == [{"kind": "building"}] * 2
    assert found["roads"] == []
    outside, boundary, *communities = found["outside"]
    assert outside["properties"] == {"kind": "outside"}
    assert boundary["properties"] == {"kind": "boundary"}
    assert [row["properties"] for row in communities] == [{"kind": "community"}] * 2
    dimmed = shapely.from_geojson(json.dumps(outside["geometry"]))
    assert not dimmed.contains(shapely.Point(1.5, 0.5))
    assert dimmed.contains(shapely.Point(-5, 0.5))


def test_the_base_map_of_the_store_is_drawn_below(
    street: Street, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shape = {"type": "Point", "coordinates": [0, 0]}
    kinds = ({"kind": "water"}, {"kind": "road", "class": "main"})
    said = [{"type": "Feature", "properties": kind, "geometry": shape} for kind in kinds]
    (tmp_path / "map.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": said}))
    monkeypatch.setattr(store, "ROOT", tmp_path)
    with street.store.writing() as db:
        store.remember(db, "basemap", "map.geojson")
    found = features(street)
    assert [row["properties"]["kind"] for row in found["areas"]] == ["water", "building", "building"]
    assert found["roads"] == [said[1]]
    assert found["outside"][-1] == said[0]  # the river goes on outside


def test_main_roads_are_named_within_the_street_clear_of_what_may_be_framed(
    board: Board, street: Street, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    roads = [("迎宾大道", 1, [[-9, 0.5], [9, 0.5]]), ("后街", 3, [[0, 0.2], [2, 0.2]]), ("", 1, [[0, 0.3], [2, 0.3]])]
    said = [
        {
            "type": "Feature",
            "properties": {"kind": "road", "class": size, "name": name},
            "geometry": {"type": "LineString", "coordinates": line},
        }
        for name, size, line in roads
    ]
    (tmp_path / "map.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": said}))
    monkeypatch.setattr(store, "ROOT", tmp_path)
    with street.store.writing() as db:
        store.remember(db, "basemap", "map.geojson")
    with street.store.reading() as db:
        (named,) = json.loads(base_layers(db, NOON)["streets"])
    assert (named["name"], named["lat"], named["angle"]) == ("迎宾大道", 0.5, 0)
    assert 0 < named["lon"] < 4
    pixel = degrees_per_px(board.outlines.values())
    around = shape_of(written.frames(under_a_storm(board, "north"))[0].outline)
    assert not labels.written(Sign(**named), pixel).intersects(shapely.boundary(around))


@pytest.mark.parametrize(
    ("name", "line", "said", "angle"),
    [
        ("滨河路", [[1, -9], [1, 9]], "滨\n河\n路", 0),  # upright, letter below letter
        ("滨河路", [[1, 9], [1, -9]], "滨\n河\n路", 0),
        ("River Road", [[1, -9], [1, 9]], "River Road", -90),
    ],
)
def test_the_chinese_name_of_a_steep_road_stands_upright(
    street: Street,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    line: list[list[float]],
    said: str,
    angle: float,
) -> None:
    shape = {"type": "LineString", "coordinates": line}
    road = {"type": "Feature", "properties": {"kind": "road", "class": 1, "name": name}, "geometry": shape}
    (tmp_path / "map.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [road]}))
    monkeypatch.setattr(store, "ROOT", tmp_path)
    with street.store.writing() as db:
        store.remember(db, "basemap", "map.geojson")
    with street.store.reading() as db:
        (named,) = json.loads(base_layers(db, NOON)["streets"])
    assert (named["name"], named["angle"]) == (said, angle)


def test_cases_at_one_place_are_drawn_side_by_side_and_others_where_they_are(street: Street) -> None:
    same = [street.report(WULIPU_1, "n1") for _ in range(3)]
    alone = street.report(WULIPU_1, "s1")
    rows = {row["id"]: row for row in json.loads(layer_json(Follower(street.store).board, "cases", Measure.OPEN))}
    places = {(rows[case]["dx"], rows[case]["dy"]) for case in same}
    assert len(places) == 3
    assert all(8 < math.hypot(*place) < 10 for place in places)
    assert "dx" not in rows[alone]


def test_an_empty_store_has_empty_layers(store_url: str) -> None:
    here = Store(store_url)
    with here.reading() as db:
        assert set(base_layers(db, NOON).values()) == {b'{"type":"FeatureCollection","features":[]}', b"[]"}
    board = Follower(here).board
    assert {layer_json(board, name, Measure.OPEN) for name in board.layer_versions} == {b"[]"}
    here.close()
