"""The deck behind the live map: what Streamlit takes of it, and where its camera stands."""

import json
import math
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import pydeck as pdk
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from core import labels
from core.places import Node, Place
from core.store import ROOT
from core.words import Level
from pages.ui import camera, desk_map, maps, place_labels
from pages.ui.camera import View
from pages.ui.deck import NAMES, Data, FrozenDeck
from tests.browser import on_screen, smallest

DATA = Data(**{name: json.dumps(f"/map/{name}") for name in NAMES})
VIEW = View(112.53, 33.0, 14.5)


def spec(place: str | None = None, scale: float = 1) -> dict[str, Any]:
    """The deck as the browser gets it."""
    found: dict[str, Any] = json.loads(maps.live_map(DATA, VIEW, place, scale).to_json())
    return found


class Watched(FrozenDeck):
    """Notes what is read of it."""

    read: ClassVar[set[str]] = set()

    def __getattribute__(self, name: str) -> Any:
        Watched.read.add(name)
        return super().__getattribute__(name)


def draw() -> None:
    """The script of a page with two maps."""
    import streamlit as st

    from tests.test_maps import Watched, deck

    st.pydeck_chart(Watched(deck()), key="ours", on_select="rerun")
    st.pydeck_chart(deck(), key="theirs", on_select="rerun")


def deck() -> pdk.Deck:
    """A small deck of pydeck's own."""
    return pdk.Deck([pdk.Layer("PolygonLayer", "/map/grids", id="grids")], map_provider=None)


def test_streamlit_reads_nothing_of_a_deck_that_a_frozen_one_does_not_have() -> None:
    Watched.read.clear()
    app = AppTest.from_function(draw, default_timeout=60).run()
    assert not app.exception
    ours, theirs = (chart.proto for chart in app.get("deck_gl_json_chart"))
    assert json.loads(ours.json) == json.loads(theirs.json)
    assert (ours.tooltip, ours.mapbox_token) == (theirs.tooltip, theirs.mapbox_token) == ("", "")
    assert Watched.read - {"__class__", "__dict__"} == {"to_json", "_json", "mapbox_key", "layers", *NO_TOOLTIP}


NO_TOOLTIP = ("deck_widget", "_tooltip")  # asked for, and not there: our maps have none


def test_the_map_names_no_style_and_no_provider_of_tiles() -> None:
    found = spec()
    assert found["mapStyle"] == json.loads(deck().to_json())["mapStyle"]  # a placeholder, as nobody has set it
    assert found.get("mapProvider") is None
    assert "://" not in json.dumps(found)


def test_every_layer_takes_its_data_from_an_address_of_ours() -> None:
    assert {layer["data"] for layer in spec()["layers"]} == {f"/map/{name}" for name in NAMES if "atlas" not in name}


def test_rows_that_come_with_the_deck_stand_where_the_address_would_and_are_not_searched_for_blanks() -> None:
    rows = [{"name": "<marks>", "count": "1"}]
    layers = json.loads(maps.live_map(replace(DATA, labels=json.dumps(rows)), VIEW, None).to_json())["layers"]
    assert {layer["id"]: layer["data"] for layer in layers if layer["data"] == rows}.keys() == {"names", "counts"}


def test_ids_stay_the_same_and_only_the_grids_follow_the_place() -> None:
    names = [layer["id"] for layer in spec("990101001")["layers"]]
    assert len(set(names)) == len(names)
    others = [layer["id"] for layer in spec("990101001002")["layers"]]
    assert [(one, other) for one, other in zip(names, others, strict=True) if one != other] == [
        ("grids-990101001", "grids-990101001002")
    ]


def test_the_same_arguments_give_the_same_deck_built_once() -> None:
    assert maps.live_map(DATA, VIEW, None) is maps.live_map(DATA, VIEW, None)


@pytest.mark.parametrize("scale", [1, 2])
def test_words_of_the_map_grow_with_the_screen(scale: float) -> None:
    words = {layer["id"]: layer for layer in spec(scale=scale)["layers"] if layer["@@type"] == "TextLayer"}
    assert smallest(words["counts"]["getSize"]) * words["counts"]["sizeScale"] >= 24 * scale
    assert words["names"]["getSize"] * words["names"]["sizeScale"] >= 16 * scale


@pytest.mark.parametrize(("zoom", "metres"), [(14.5, 200), (16.8, 50), (9, 10_000)])
def test_the_bar_shows_round_metres(zoom: float, metres: int) -> None:
    found, width_px = camera.scale_bar(View(112.5, 33, zoom), 96)
    assert found == metres
    assert 96 / 2.5 <= width_px <= 96


CORNER = st.tuples(st.floats(-170, 170), st.floats(-60, 60), st.floats(0.001, 5), st.floats(0.001, 5))


@given(CORNER, st.floats(300, 4000), st.floats(300, 2000))
def test_the_camera_shows_a_place_whole_with_a_margin_and_not_from_farther_than_that(
    corner: tuple[float, float, float, float], width: float, height: float
) -> None:
    west, south, wide, high = corner
    view = camera.view_of((west, south, west + wide, south + high), width, height)
    state = {"initialViewState": {"longitude": view.lon, "latitude": view.lat, "zoom": view.zoom}}
    chart = {"x": 0.0, "y": 0.0, "width": width, "height": height}
    left, bottom = on_screen(state, chart, west, south)
    right, top = on_screen(state, chart, west + wide, south + high)
    assert 0.05 * width < left < right < 0.95 * width
    assert 0.05 * height < top < bottom < 0.95 * height
    assert (right - left) / width > 0.85 or (bottom - top) / height > 0.85


@given(st.floats(1, 120), st.floats(1, 80), st.sampled_from(("文昌", "府前街", "莲塘雅苑")), st.integers(1, 3))
def test_a_name_on_the_desk_stands_clear_of_the_border_of_its_grid_or_not_at_all(
    wide: float, high: float, name: str, digits: int
) -> None:
    """Units: `wide` and `high`, half the size of a grid in pixels."""
    east, north = (px * degree for px, degree in zip((wide, high), camera.degrees_per_px(VIEW), strict=True))
    ring = [[VIEW.lon + x * east, VIEW.lat + y * north] for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))]
    grid = Node(1, "", name, Level.GRID, None, "/1/", VIEW.lon, VIEW.lat)
    found = desk_map.written(grid, ([ring],), VIEW, digits)
    if found.name:
        lines, clear = found.name.split("\n"), desk_map.CLEAR_PX[found.size]
        assert abs(found.name_at[0]) + found.size * max(map(len, lines)) / 2 + clear <= wide
        assert abs(found.name_at[1]) + found.size * len(lines) / 2 + clear <= high
    assert bool(found.name) or min(wide, high) < 45
    assert found.name.replace("\n", "") in ("", name)


@pytest.mark.parametrize("digits", [1, 2])
def test_every_grid_of_the_demo_street_has_its_name_on_the_desk_within_its_border(digits: int) -> None:
    features = json.loads((ROOT / "data" / "demo" / "places.geojson").read_text())["features"]
    grids = [one for one in features if one["properties"]["level"] == "grid"]
    shapes = {one["properties"]["name"]: shapely.Polygon(*one["geometry"]["coordinates"]) for one in grids}
    west, south, east, north = map(float, shapely.total_bounds(list(shapes.values())))
    view = camera.view_of((west, south, east, north), *desk_map.SIZE_PX, margin=0.01)
    lon_px, lat_px = camera.degrees_per_px(view)
    for name, shape in shapes.items():
        middle, outline = shape.representative_point(), ([[list(point) for point in shape.exterior.coords]],)
        grid = Node(1, "", name, Level.GRID, None, "/1/", middle.x, middle.y)
        found = desk_map.written(grid, outline, view, digits)
        assert found.name.replace("\n", "") == name
        lines, (right, down) = found.name.split("\n"), found.name_at
        half, high = found.size * max(map(len, lines)) / 2, found.size * len(lines) / 2
        corners = [(right + x * half, -down + y * high) for x in (-1, 1) for y in (-1, 1)]
        letters = shapely.MultiPoint([(found.lon + x * lon_px, found.lat + y * lat_px) for x, y in corners])
        assert shape.contains(letters.convex_hull), name


POINTS = st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=3, max_size=6)
SHAPES = POINTS.map(lambda points: shapely.MultiPoint(points).convex_hull).filter(lambda shape: shape.area > 0)
TRIED = [(x, y) for x in range(-8, 9, 2) for y in range(-8, 9, 2)]
HAIR = 1e-6


@given(SHAPES, st.floats(0.1, 4), st.floats(0.1, 4))
def test_a_label_lies_within_its_shape_as_near_to_its_usual_place_as_it_can(
    shape: shapely.Polygon, wide: float, high: float
) -> None:
    """Units: `wide` and `high`, half the size of the label."""
    found = labels.fitting((0, 0), (wide, high), shape)
    x, y = np.array([found or (99, 99), *TRIED]).T
    far = np.array([HAIR, *[-HAIR] * len(TRIED)])  # how much of the box may lie outside; of those tried nothing
    is_within = shapely.contains(shape, shapely.box(x - wide + far, y - high + far, x + wide - far, y + high - far))
    assert is_within[0] == (found is not None)
    nearest = min((math.dist(at, (0, 0)) for at, fits in zip(TRIED, is_within[1:], strict=True) if fits), default=99)
    assert (math.dist(found, (0, 0)) if found else 99) <= nearest + HAIR


def test_without_a_shape_there_is_no_room() -> None:
    assert labels.fitting((0, 0), (1, 1), labels.shape_of(())) is None


def house(number: int, name: str, lon: float, lat: float) -> Place:
    """A building."""
    return Place(id=number, name=name, code="", level=Level.BUILDING, path=f"/1/{number}/", lon=lon, lat=lat, floors=6)


def outline(of: Place) -> shapely.Polygon:
    """A slab around its point."""
    lon, lat = of.lon or 0.0, of.lat or 0.0
    return shapely.box(lon - 2e-4, lat - 1e-4, lon + 2e-4, lat + 1e-4)


EYE = place_labels.Eye(View(0.002, 0.002, 18), place_labels.TILT, 900)


def written(here: Place, houses: list[Place], texts: dict[int, str]) -> list[str]:
    """What stands on the map of a place with these buildings."""
    shapes = [outline(one) for one in houses]
    return [label.text for label in place_labels.labels(here, houses, shapes, texts, (), EYE)]


def test_compounds_are_named_and_numbers_stand_only_where_they_mean_one_building() -> None:
    north = [house(n, f"北塘小区{n}幢", 0.001 * n, 0.003) for n in (1, 2)]
    south = [house(n + 10, f"滨河小区{n}幢", 0.001 * n, 0.0) for n in (1, 2)]
    road = [house(30, "迎宾大道160号", 0.004, 0.004)]
    grid = Place(id=99, name="北塘", code="", level=Level.GRID, path="/1/")
    assert written(grid, [*north, *south, *road], {11: "3"}) == ["滨河小区1幢", "3", "北塘小区", "滨河小区"]
    assert written(grid, north, {}) == ["1幢", "2幢", "北塘小区"]  # one compound only
    assert written(south[0], [*north, *south], {}) == ["1幢", "2幢", "北塘小区", "滨河小区"]


def test_the_name_of_a_compound_stands_between_its_houses_and_its_own_building_is_numbered_upon_it() -> None:
    houses = [house(n, f"滨河小区{n}幢", 0.001 * n, 0.0) for n in (1, 2)]
    own, other, name = place_labels.labels(houses[0], houses, [outline(one) for one in houses], {}, (), EYE)
    assert (own.is_on_dark, other.is_on_dark) == (True, False)
    assert name.at[0] == pytest.approx(0.0015)
    narrow = [shapely.Point(0.001 * n, 0.0).buffer(1e-5) for n in (1, 2)]
    close = [house(n, f"滨河小区{n}幢", 0.0002 * n, 0.0) for n in (1, 2)]
    assert written(close[0], close, {}) == ["1幢", "2幢"]  # no room between them
    (above, *_) = place_labels.labels(houses[0], houses, narrow, {}, (), EYE)
    assert (above.text, above.is_on_dark) == ("滨河小区1幢", False)


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40), st.booleans()), max_size=20), st.floats(15, 19))
def test_nothing_on_the_map_of_a_place_lies_over_anything_else(at: list[tuple[int, int, bool]], zoom: float) -> None:
    houses = [house(n, f"东湾{n}幢", 1e-4 * x, 1e-4 * y) for n, (x, y, _) in enumerate(at, 1)]
    shapes = [outline(one) for one in houses]
    texts = {n: "12" for n, (*_, is_busy) in enumerate(at, 1) if is_busy}
    grid = Place(id=99, name="东湾", code="", level=Level.GRID, path="/1/")
    eye = place_labels.Eye(View(0.002, 0.002, zoom), place_labels.TILT, 900)
    found = place_labels.labels(grid, houses, shapes, texts, (), eye) if houses else []
    boxes = [shapely.box(*place_labels.box(label, eye)) for label in found]
    assert not any(one.intersection(other).area > 1e-3 for n, one in enumerate(boxes) for other in boxes[:n])


def test_a_grid_gives_way_to_the_name_of_a_street_and_that_to_a_building() -> None:
    grid = Place(id=7, name="北塘", code="", level=Level.GRID, path="/1/7/", lon=0.0, lat=0.0)
    street = {"lon": 0.0, "lat": 0.0, "name": "滨河路", "angle": 0.0, "long": 2.0}
    eye = place_labels.Eye(View(0, 0, 17))
    written = place_labels.labels(grid, [grid], [outline(grid)], {7: "12"}, (), eye, [street], {7})
    assert [label.text for label in written] == ["北塘", "12"]  # moved, and none given up
    assert all(label.is_on_dark for label in written)
    lane = street | {"name": "滨河一巷", "angle": -80.0, "long": 1.0}
    assert place_labels.clear_streets([lane, street], written, eye) == [street]  # and a lane to a longer street
    over = place_labels.Label("1幢", [0.0, 0.0], 15)
    assert place_labels.clear_streets([street], [over], eye) == []
