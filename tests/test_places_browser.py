"""From the street down to a building by clicks on the map, and back: what only a browser can do."""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, TimeoutError, expect

from core import clock
from tests.accounts import token_of
from tests.browser import Wire, browsing, enter, on_screen, still, until
from tests.cast import STREET, WHO, WULIPU_1, ZHANQIAN, fill
from tests.sites import Site, served, visitor

pytestmark = pytest.mark.xdist_group("browser")
CODE = {name: code for name, code, *_ in STREET}
MAP = ".st-key-places_map canvas"
MIDDLE = {"north": (1.0, 0.5), "n1": (0.5, 0.5), "house": (0.5, 0.5)}


@pytest.fixture(scope="module")
def site(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server over the small street with a few cases."""
    path = tmp_path_factory.mktemp("places") / "store.db"
    path.write_bytes(migrated_sqlite.read_bytes())
    with served(f"sqlite:///{path}") as found:
        with found.street.store.writing() as db:
            fill(db)
        for category in (WULIPU_1, ZHANQIAN):
            found.street.report(category, "house", when=clock.now() - timedelta(days=1))
        yield found


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    """One browser for all."""
    with browsing() as opened:
        yield opened


def at(page: Page, name: str) -> None:
    """Wait until a place is open."""
    expect(page.get_by_role("heading", name=name, exact=True, level=1)).to_be_visible(timeout=60_000)


def click_on(page: Page, wire: Wire, name: str) -> None:
    """Click a place on the map until the page has followed: software takes its time to draw, and a server to answer."""
    waits_ms = 700

    def followed() -> bool:
        nonlocal waits_ms
        still(page)
        box = page.locator(MAP).first.bounding_box()
        if box and CODE[name] not in page.url:
            chart = {"x": box["x"], "y": box["y"], "width": box["width"], "height": box["height"]}
            page.mouse.click(*on_screen(wire.decks()[-1], chart, *MIDDLE[name]))
            with suppress(TimeoutError):
                page.wait_for_url(re.compile(CODE[name]), timeout=waits_ms)
            waits_ms *= 2  # another click would be upon what the first one has led to
        return CODE[name] in page.url

    until(followed, f"{name} was clicked", page)
    at(page, name)


def test_clicks_lead_from_the_street_to_a_building_and_back(chrome: Browser, site: Site) -> None:
    """Down by the map, up by the breadcrumb and by the browser's back; a colleague sees the same by the address."""
    found = visitor(chrome, site)
    page, wire = found.page, Wire(found.page)
    enter(page, token_of(site.street.store, WHO["officer"].user_id, clock.real_now()))
    page.goto(f"{site.url}/places?category={WULIPU_1}&figure=open")
    at(page, "street")
    for name in ("north", "n1", "house"):
        click_on(page, wire, name)
    expect(page.locator(".case-row")).to_have_count(1)  # of two: the filter went down with us
    address = page.url
    page.locator(f".st-key-trail_{CODE['n1']} button").click()
    at(page, "n1")
    page.go_back()
    at(page, "house")
    page.locator(f".st-key-trail_{CODE['street']} button").click()
    at(page, "street")
    assert WULIPU_1 in page.url
    colleague = visitor(chrome, site)
    enter(colleague.page, token_of(site.street.store, WHO["leader"].user_id, clock.real_now()))
    colleague.page.goto(address)
    at(colleague.page, "house")
    expect(colleague.page.locator(".case-row")).to_have_count(1)
    assert not found.complaints + colleague.complaints
    for window in (found, colleague):
        window.context.close()
