"""The page about points of interest: one by a click on the map, many from a file, and who may."""

from collections.abc import Iterator

import pytest
from sqlmodel import select
from streamlit.testing.v1 import AppTest

from core import clock, follower, points, store
from core.accounts.tables import AuditEvent
from core.errors import Refused
from core.place_words import PointKind
from core.points import PointOfInterest
from core.store import Store
from pages.ui import navigation
from pages.ui.point_forms import SPOT
from tests.accounts import cookie, token_of
from tests.cast import WHO, fill

FILE = "kind,name,lon,lat\ncamera,东门,0.2,0.2\nhydrant,二号栓,1.5,0.5\n"


@pytest.fixture
def here(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """The small street in the store of this process."""
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    store.current.cache_clear()
    follower.current.cache_clear()
    with store.current().writing() as db:
        fill(db)
    yield store.current()
    follower.current().stop()
    store.current().close()
    store.current.cache_clear()
    follower.current.cache_clear()


def stored(here: Store) -> list[tuple[str, str, int]]:
    """The points in the store."""
    with here.reading() as db:
        return [(row.kind, row.name, row.grid_id) for row in db.exec(select(PointOfInterest))]


def test_a_spot_that_was_clicked_becomes_a_point_with_an_audit_row(here: Store) -> None:
    page = AppTest.from_file(str(navigation.PAGES / "points.py"), default_timeout=60)
    with cookie(token_of(here, WHO["administrator"].user_id, clock.real_now())):
        page.run()
        assert not page.exception, page.exception
        page.session_state[SPOT] = (0.2, 0.2)
        page.run()
        page.text_input(key="points_name").set_value("东门")
        page.button[0].click().run()
        assert not page.exception, page.exception
    assert stored(here) == [("station", "东门", 4)]
    with here.reading() as db:
        assert [(row.action, row.outcome) for row in db.exec(select(AuditEvent))] == [("draw_point", "done")]


def test_only_an_administrator_puts_points_on_the_map(here: Store) -> None:
    page = AppTest.from_file(str(navigation.PAGES / "points.py"), default_timeout=60)
    with cookie(token_of(here, WHO["officer"].user_id, clock.real_now())):
        page.run()
    assert not page.title


def test_a_file_of_points_is_taken_whole_or_not_at_all(here: Store) -> None:
    found = points.read(FILE.encode("gb18030"), "WGS84")
    assert [(one.kind, one.name) for one in found] == [(PointKind.CAMERA, "东门"), (PointKind.HYDRANT, "二号栓")]
    moved = points.read(FILE.replace("0.2,0.2", "113.5,34.5").encode(), "GCJ-02")
    assert moved[0].lon != 113.5
    for content in (b"", b"kind,name\n", FILE.replace("camera", "tree").encode(), FILE.replace("1.5", "x").encode()):
        with pytest.raises(Refused):
            points.read(content, "WGS84")


def test_heads_and_kinds_of_a_file_may_be_chinese(here: Store) -> None:
    chinese = "类别,名称,经度,纬度\n摄像头,东门,0.2,0.2\n消火栓,二号栓,1.5,0.5\n"
    assert points.read(chinese.encode(), "WGS84") == points.read(FILE.encode(), "WGS84")


def test_a_spot_outside_every_grid_refuses_the_whole_file(here: Store) -> None:
    from tests.accounts import asker

    far = points.read(FILE.replace("1.5,0.5", "50,50").encode(), "WGS84")
    with here.writing() as db, pytest.raises(Refused):
        points.put(db, asker("administrator"), far, clock.now())
    with here.writing() as db, pytest.raises(Refused):
        points.put(db, asker("officer"), far[:1], clock.now())
    assert len(far) == 2
