"""Our own routes beside Streamlit's: what they give, to whom, and for how long it may be kept."""

import gzip
import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from core import follower
from core.layers import BASE
from core.words import Measure
from pages.ui import sources
from pages.ui.headers import SecurityHeaders
from pages.ui.routes import ROUTES, LiveLane
from pages.ui.session import COOKIE
from tests.browser import until
from tests.demo_street import DemoStreet, settle, this_process_over

HERE = "http://127.0.0.1:8501"
APP = Starlette(routes=ROUTES, middleware=[Middleware(SecurityHeaders), Middleware(LiveLane)])
KEPT = "private, max-age=31536000, immutable"


@pytest.fixture(scope="module")
def street(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoStreet]:
    """The demo street, which this process serves."""
    path = Path(shutil.copy(migrated_sqlite, tmp_path_factory.mktemp("routes") / "store.db"))
    street = settle(path)
    street.report(street.grids[0])
    with this_process_over(street.store.url):
        yield street
    street.store.close()


@pytest.fixture
def client(street: DemoStreet) -> TestClient:
    """A browser on this host."""
    return TestClient(APP, base_url=HERE, cookies={COOKIE: street.token})


def addresses() -> list[str]:
    """Everything the map of the street loads."""
    board = follower.current().board
    assert board.tree.root
    told = [json.loads(text) for text in asdict(sources.data(board, Measure.OPEN, board.tree.root)).values()]
    live = [sources.live(board, name, Measure.OPEN, board.tree.root).url for name in ("labels", "cases")]
    return [*(data for data in told if isinstance(data, str)), *live]


def test_health_says_that_the_store_is_read(client: TestClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"stale_since": None})


def test_everything_the_map_loads_is_there_compressed_and_kept_for_ever(client: TestClient) -> None:
    for url in addresses():
        answer = client.get(url)
        assert answer.status_code == 200, url
        assert answer.headers["cache-control"] == KEPT
        assert answer.headers["content-encoding"] == "gzip"
        wanted = "image/svg+xml" if url.endswith(".svg") else "application/json"
        assert answer.headers["content-type"].startswith(wanted)
        assert len(answer.content) > 2


def test_an_address_changes_when_and_only_when_the_content_does(street: DemoStreet, client: TestClient) -> None:
    before, version = addresses(), follower.current().board.version
    street.report(street.grids[1])  # its first case: the grid stays in the class of its colour
    until(lambda: follower.current().board.version > version, "the new case is published")
    changed = {url.split("/")[3] for url in set(addresses()) - set(before)}
    assert changed == {"labels", "cases"}
    assert client.get(before[-1]).headers["cache-control"] == KEPT  # the version before is still to be had


def test_few_rows_come_with_the_deck_and_many_are_loaded_from_one_address(
    street: DemoStreet, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = follower.current().board
    assert board.tree.root
    few = sources.data(board, Measure.OPEN, board.tree.root)
    cases = {name: json.loads(getattr(few, name)) for name in sources.CASES}
    assert len(cases["mild"]) + len(cases["grave"]) == len(board.drawn(board.tree.root))
    assert sorted(row["mark"] for row in cases["marks"]) == list(range(1, len(cases["marks"]) + 1))
    assert all("fresh_minutes" in row for row in cases["fresh"])
    assert len(json.loads(few.labels)) == len(street.grids)
    street.report(street.grids[1])
    until(lambda: follower.current().board is not board, "the new case is published")
    monkeypatch.setattr(sources, "MOST_TOLD", 10)
    many = sources.data(follower.current().board, Measure.OPEN, board.tree.root)
    assert {json.loads(getattr(many, name)).split("/")[3] for name in sources.CASES} == {"cases"}
    assert json.loads(many.labels).split("/")[3] == "labels"


def test_an_address_of_a_version_that_is_gone_gives_the_newest_which_is_not_kept(client: TestClient) -> None:
    for url in ("/live/layers/labels/0123456789abcdef?measure=overdue", "/map/base/0123456789abcdef/areas"):
        answer = client.get(url)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert client.get("/map/base/a/areas").headers["cache-control"] == "no-store"
    assert {row["count"] for row in client.get("/live/layers/labels/0?measure=overdue").json()} == {"0"}


@pytest.mark.parametrize(
    "url",
    [
        "/live/layers/reporters/0",
        "/live/layers/grids/0?measure=height",
        "/map/base/0/reporters",
        "/map/base/0/..%2F..%2Fapp.py",
        "/fonts/arial.woff2",
        "/fonts/..%2Ficon.png",
        "/live",
    ],
)
def test_what_has_no_name_here_is_not_found(client: TestClient, url: str) -> None:
    assert client.get(url).status_code == 404


def guarded() -> list[str]:
    """The routes that show something of the store, the newest layers by any digest."""
    return ["/live/stream", "/live/layers/grids/0", *(f"/map/base/0/{name}" for name in BASE)]


@pytest.mark.usefixtures("street")
@pytest.mark.parametrize("url", guarded())
def test_nothing_is_shown_without_sign_in(url: str) -> None:
    assert TestClient(APP, base_url=HERE).get(url).status_code == 401


@pytest.mark.usefixtures("street")
def test_health_and_fonts_need_no_sign_in() -> None:
    abroad = TestClient(APP, base_url="http://192.0.2.7:8501")
    assert abroad.get("/healthz").status_code == 200
    assert abroad.get("/fonts/barlow-500.woff2").headers["content-type"] == "font/woff2"


def test_a_body_is_what_its_layer_says(client: TestClient) -> None:
    board = follower.current().board
    assert board.tree.root
    source = sources.live(board, "grids", Measure.OPEN, board.tree.root)
    assert client.get(source.url).json() == json.loads(gzip.decompress(source.body))


def test_every_answer_carries_the_headers_that_keep_it_to_this_host(client: TestClient) -> None:
    for url in ("/healthz", "/nothing", addresses()[0]):
        headers = client.get(url).headers
        assert headers["content-security-policy"].startswith("default-src 'self'; ")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
