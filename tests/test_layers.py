"""What the layers of the map say about the small street."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import shapely

from core import store
from core.board import Board
from core.follower import Follower
from core.layers import BASE, base_layers, layer_json
from core.store import Store
from core.words import Measure, Severity, Verb
from tests.cast import DAY, GRIDS, HOUR, MINUTE, NOON, POINT, Street

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


def test_grids_say_their_class_and_which_one_is_watched(board: Board) -> None:
    found = {row["name"]: row for row in rows(board, "grids")}
    assert {name: row["level"] for name, row in found.items()} == {"n1": 1, "n2": 0, "s1": 0, "s2": 0, "f1": 0}
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
def test_labels_stand_at_their_grid_and_say_the_count(board: Board, measure: Measure, counts: list[str]) -> None:
    found = rows(board, "labels", measure)
    assert [row["count"] for row in found] == counts
    assert [(row["lon"], row["lat"]) for row in found] == [POINT[name] for name in (*GRIDS, "f1")]


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
    return {name: json.loads(body)["features"] for name, body in found.items()}


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


def test_an_empty_store_has_empty_layers(store_url: str) -> None:
    here = Store(store_url)
    with here.reading() as db:
        assert set(base_layers(db, NOON).values()) == {b'{"type":"FeatureCollection","features":[]}'}
    board = Follower(here).board
    assert {layer_json(board, name, Measure.OPEN) for name in board.layer_versions} == {b"[]"}
    here.close()
