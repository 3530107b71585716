"""The wall page as a script: what it draws for whom, and what the address makes of it."""

import json
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.store import ROOT
from core.words import Measure
from pages.ui.pulse import ROOM, Room, room_of
from tests.accounts import cookie
from tests.demo_street import DemoStreet, settle, this_process_over

SHELL = str(ROOT / "pages" / "ui" / "shell.py")


@pytest.fixture
def blank(migrated_sqlite: Path, tmp_path: Path) -> Path:
    """A store in which there is nothing yet."""
    return Path(shutil.copy(migrated_sqlite, tmp_path / "store.db"))


@pytest.fixture
def street(blank: Path) -> Iterator[DemoStreet]:
    """The demo street with two cases, one of them overdue, which this process serves."""
    street = settle(blank)
    street.report(street.grids[0])
    street.report(street.grids[20], timedelta(hours=25))
    with this_process_over(street.store.url), cookie(street.token):
        yield street
    street.store.close()


def wall(**asked: str) -> AppTest:
    """The wall, opened at an address."""
    app = AppTest.from_file(SHELL, default_timeout=60)
    for name, value in asked.items():
        app.query_params[name] = value
    return run(app)


def run(app: AppTest) -> AppTest:
    """The page after its script has run, which must not have failed."""
    app.run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    """All words of the panels, a bar between elements."""
    (panels,) = [html.proto.body for html in app.get("html") if "data-version" in html.proto.body]
    return re.sub(r"(<[^>]*>)+", "|", panels)


def grids(app: AppTest) -> dict[str, Any]:
    """The layer that colours the grids."""
    (chart,) = app.get("deck_gl_json_chart")
    (found,) = (layer for layer in json.loads(chart.proto.json)["layers"] if layer["id"].startswith("grids"))
    return dict(found)


@pytest.mark.usefixtures("street")
def test_the_street_is_shown_where_the_address_names_no_place_or_a_wrong_one() -> None:
    for app in (wall(), wall(place="nowhere"), wall(place="")):
        assert "云汀街道 · 网格案件态势" in words(app)
        assert "|›|" not in words(app)
        assert "wall_back" not in [button.key for button in app.button]


def test_the_address_names_the_place_and_back_leads_one_level_up(street: DemoStreet) -> None:
    grid = street.grids[20]
    app = wall(place=grid.code)
    assert f"|›|{grid.name}|" in words(app)
    assert "|未结案件|1|" in words(app)
    app.button(key="wall_back").click()
    run(app)
    assert app.query_params["place"] == grid.code[:12]
    app.button(key="wall_back").click()
    run(app)
    assert "place" not in app.query_params
    assert "|未结案件|2|" in words(app)


@pytest.mark.usefixtures("street")
def test_the_measure_stands_in_the_address_and_colours_the_map() -> None:
    app = wall()
    assert "measure=open" in grids(app)["data"]
    app.button_group(key="wall_measure").set_value(Measure.OVERDUE)
    run(app)
    assert app.query_params["measure"] == "overdue"
    assert "measure=overdue" in grids(app)["data"]
    assert "|超时案件|0|1|2|3–4|≥5|" in words(app)
    assert "measure=open" in grids(wall(measure="height"))["data"]


@pytest.mark.usefixtures("street")
def test_the_page_says_that_its_data_are_invented() -> None:
    assert "|演示数据|" in words(wall())


@pytest.mark.usefixtures("street")
def test_the_page_speaks_english_when_asked() -> None:
    assert "|Open cases|2|" in words(wall(lang="en"))
    assert "|未结案件|2|" in words(wall(lang="tlh"))


@pytest.mark.usefixtures("street")
def test_nothing_is_shown_without_sign_in() -> None:
    with cookie(None):
        app = wall()
    assert [field.label for field in app.text_input][:2] == ["账号", "密码"]
    assert not app.get("deck_gl_json_chart")
    assert not any("data-version" in html.proto.body for html in app.get("html"))


def test_an_empty_store_says_what_to_do(blank: Path) -> None:
    with this_process_over(f"sqlite:///{blank}"), cookie(None):
        app = wall()
        assert [info.value for info in app.info] == ["还没有区域数据：请载入演示数据，或导入本地区域。"]
        assert not app.warning


def test_an_imported_world_shows_the_moment_at_which_it_stands(blank: Path) -> None:
    street = settle(blank, as_of=datetime(2018, 12, 31, 4, 30, tzinfo=UTC))
    with this_process_over(street.store.url), cookie(street.token):
        assert "|时钟停在导入数据的时刻|" in words(wall())
        assert "|12:30|12月31日 星期一|" in words(wall())
    street.store.close()


@pytest.mark.parametrize(
    ("said", "room"),
    [
        ([1008, 612, 16], Room(1008, 612, 16)),
        ([2016.5, 1224, 32], Room(2016.5, 1224, 32)),
        ([0, 612, 16], ROOM),
        ([1e9, 612, 16], ROOM),
        (["a", 2, 3], ROOM),
        ([1008, 612], ROOM),
        (None, ROOM),
    ],
)
def test_a_browser_is_believed_only_what_can_be(said: object, room: Room) -> None:
    assert room_of(said) == room
