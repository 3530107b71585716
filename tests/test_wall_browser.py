"""The wall in a real browser: what can be read, what can be clicked, what moves by itself, and what it never does."""

import gzip
import re
import shutil
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Page, TimeoutError, ViewportSize, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from core import clock
from core.places import Node
from pages.ui.session import COOKIE
from tests.browser import SMALL, WALL, Server, Wire, browsing, enter, on_screen, serving, smallest, still, until
from tests.demo_street import PHONE, REPORTER, SETTLED, DemoStreet, enliven, settle

pytestmark = pytest.mark.xdist_group("browser")

Pixels = NDArray[np.uint8]
MAP = ".st-key-wall_map"
ONLY_THE_MAP = """.stHtml, .st-key-wall_measure, .st-key-wall_back, .st-key-wall_pulse { visibility: hidden }
  .st-key-wall_map { filter: none !important }"""
RINGS_PX = 60  # how far the rings of a new case, its number and a label reach out of its grid
NOTHING = 10  # standard deviation of a map on which nothing is drawn yet, at most
WHOLE, FRAGMENT = ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY


@pytest.fixture(scope="module")
def street(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoStreet]:
    """The demo street with sixty cases."""
    path = tmp_path_factory.mktemp("street") / "store.db"
    shutil.copy(migrated_sqlite, path)
    street = settle(path)
    enliven(street)
    yield street
    street.store.close()


@pytest.fixture(scope="module")
def server(street: DemoStreet) -> Iterator[Server]:
    """A server over the street."""
    with serving(street.store.url) as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium."""
    with browsing() as browser:
        yield browser


@pytest.fixture(scope="module")
def opened(browser: Browser, server: Server, street: DemoStreet) -> Iterator[tuple[Page, Wire]]:
    """A wall on which nobody has clicked, and its wire."""
    page = browser.new_page(viewport=WALL)
    enter(page, street.token)
    wire = Wire(page)
    show(page, server.url)
    yield page, wire
    page.close()


@pytest.fixture
def page(browser: Browser, street: DemoStreet) -> Iterator[Page]:
    """A page of one's own, small enough to be drawn fast."""
    page = browser.new_page(viewport=SMALL)
    enter(page, street.token)
    yield page
    page.close()


@pytest.fixture
def wide(browser: Browser, street: DemoStreet) -> Iterator[Page]:
    """A page as large as a wall, whose map stands from the start where the newest deck says."""
    page = browser.new_page(viewport=WALL)
    enter(page, street.token)
    yield page
    page.close()


def show(page: Page, url: str) -> None:
    """Open a wall and wait for its words and its map."""
    page.goto(url)
    page.wait_for_selector("[data-version] header")
    page.wait_for_selector(f"{MAP} canvas")


def pixels(page: Page) -> Pixels:
    """What the map shows now, without the words over it."""
    png = page.screenshot(clip=box(page), style=ONLY_THE_MAP)  # type: ignore[arg-type]
    return np.asarray(Image.open(BytesIO(png)).convert("RGB"))


def picture(page: Page, other_than: Pixels | None = None) -> Pixels:
    """What the map shows when it has come to rest, once it shows something other than `other_than`."""
    seen = [pixels(page)]

    def at_rest() -> bool:
        seen.append(pixels(page))
        return seen[-1].std() > NOTHING and same(*seen[-2:]) and (other_than is None or not same(seen[-1], other_than))

    until(at_rest, "the map is drawn", page)
    return seen[-1]


def same(one: Pixels, other: Pixels) -> bool:
    """Whether two pictures are equal in every pixel."""
    return bool(np.array_equal(one, other))


def box(page: Page) -> dict[str, float]:
    """Where the map lies on the page."""
    found = page.locator(MAP).bounding_box()
    assert found
    return {"x": found["x"], "y": found["y"], "width": found["width"], "height": found["height"]}


def version(page: Page) -> int:
    """The version of the wall that the page shows."""
    return int(page.locator("[data-version]").get_attribute("data-version") or 0)


def open_cases(page: Page) -> int:
    """The number of open cases as the wall says it."""
    return int(page.locator(".kpi .kv b").first.inner_text())


# What can be read.

SCROLLING = """() => [...document.querySelectorAll("*")].filter((element) => {
  const style = getComputedStyle(element);
  const scrolls = (over, room) => /auto|scroll/.test(over) && room > 1;
  return scrolls(style.overflowY, element.scrollHeight - element.clientHeight)
    || scrolls(style.overflowX, element.scrollWidth - element.clientWidth);
}).map((element) => element.outerHTML.slice(0, 200))"""
ROOM = """() => ({
  page: [document.documentElement.scrollWidth, document.documentElement.scrollHeight],
  wall: [document.querySelector(".w").getBoundingClientRect().width,
         document.querySelector(".w").getBoundingClientRect().height],
  foot: Math.max(...[...document.querySelectorAll(".mid, .l, .r")].map((e) => e.getBoundingClientRect().bottom)),
  chrome: [...document.querySelectorAll("header.stAppHeader, .stToolbar, footer")]
    .filter((e) => e.getBoundingClientRect().height && getComputedStyle(e).visibility !== "hidden").length,
})"""


def test_the_wall_fills_a_screen_without_scroll_bars(opened: tuple[Page, Wire]) -> None:
    check_that_it_fills(*opened, WALL, 1)


def test_the_wall_fills_a_screen_of_twice_the_size_without_scroll_bars(
    browser: Browser, server: Server, street: DemoStreet
) -> None:
    size: ViewportSize = {"width": 3840, "height": 2160}
    page = browser.new_page(viewport=size)
    enter(page, street.token)
    wire = Wire(page)
    show(page, server.url)
    check_that_it_fills(page, wire, size, 2)
    page.close()


def check_that_it_fills(page: Page, wire: Wire, size: ViewportSize, scale: int) -> None:
    """The wall is as large as the screen, nothing scrolls, and the words on the map have grown with it."""
    until(lambda: sizes_on_map(wire)["counts"] >= 24 * scale, "the counts on the map are as large as the screen", page)
    still(page)
    room = page.evaluate(ROOM)
    assert room["page"] == room["wall"] == [size["width"], size["height"]]
    assert 0.97 < room["foot"] / size["height"] <= 1
    assert room["chrome"] == 0
    assert page.evaluate(SCROLLING) == []
    assert sizes_on_map(wire)["names"] >= 17 * scale


def sizes_on_map(wire: Wire) -> dict[str, float]:
    """How large the words on the newest map are, by layer.

    Units: CSS pixels.
    """
    layers = wire.decks()[-1]["layers"]
    return {layer["id"]: smallest(layer["getSize"]) * layer["sizeScale"] for layer in layers if "getText" in layer}


WORDS = """() => {
  const rgba = (text) => { const n = text.match(/[\\d.]+/g).map(Number); return [n[0], n[1], n[2], n[3] ?? 1]; };
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3]));
  const ground = (element) => {
    const layers = [];
    for (let e = element; e; e = e.parentElement) layers.push(rgba(getComputedStyle(e).backgroundColor));
    return layers.reverse().reduce((below, layer) => over(layer, below), [10, 18, 26]);
  };
  const light = (colour) => colour.map((c) => c / 255)
    .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement, text = walker.currentNode.textContent.trim();
    const area = element.getBoundingClientRect(), style = getComputedStyle(element);
    if (!text || !area.width || !area.height || style.visibility === "hidden") continue;
    if (element.closest("style, script, noscript") || area.bottom <= 0 || area.right <= 0) continue;
    const under = ground(element), lights = [light(over(rgba(style.color), under)), light(under)].sort((a, b) => b - a);
    found.push({ text, size: parseFloat(style.fontSize), contrast: (lights[0] + 0.05) / (lights[1] + 0.05),
      small: Boolean(element.closest(".row .c, .row span, .nr span, .nn, .u small, .ml i.f")),
      figure: element.matches(".kv b, [data-clock]") });
  }
  return found;
}"""


@pytest.mark.parametrize("is_night", [False, True])
def test_every_word_can_be_read_from_across_the_room(opened: tuple[Page, Wire], is_night: bool) -> None:
    page, _ = opened
    words = page.evaluate(f"""() => {{
      const wall = document.querySelector(".w"), was = wall.classList.contains("night");
      wall.classList.toggle("night", {str(is_night).lower()});
      const found = ({WORDS})();
      wall.classList.toggle("night", was);
      return found;
    }}""")
    assert len(words) > 200
    assert [word for word in words if word["size"] < (15 if word["small"] else 16)] == []
    assert [word for word in words if word["figure"] and word["size"] < 40] == []
    assert [word for word in words if word["contrast"] < 4.5] == []


# What moves by itself.


def test_a_case_reported_elsewhere_is_on_the_wall_within_two_seconds_and_the_script_does_not_run_again(
    opened: tuple[Page, Wire], street: DemoStreet, record_property: Callable[[str, object], None]
) -> None:
    page, wire = opened
    until(
        lambda: clock.now() + timedelta(seconds=50) < next_hour(), "the hour, which changes every wall, is over", page
    )
    picture(page)
    whole, fragment, waits = wire.runs(WHOLE), wire.runs(FRAGMENT), []
    for _ in range(5):
        before = open_cases(page)
        street.report(street.grids[9])
        reported_s = time.monotonic()
        page.wait_for_function("(n) => document.querySelector('.kpi .kv b').textContent === String(n)", arg=before + 1)
        waits.append(time.monotonic() - reported_s)
        until(lambda: wire.runs(FRAGMENT) == fragment + len(waits), "the fragment has run once more", page)
    record_property("commit_to_dom_ms", [round(1000 * wait) for wait in waits])
    assert statistics.median(waits) < 2, waits
    assert wire.runs(WHOLE) == whole


def test_an_untouched_wall_says_nothing_for_fifteen_seconds(opened: tuple[Page, Wire]) -> None:
    page, wire = opened
    for _ in range(2):  # a new hour changes every wall: the second time none begins
        picture(page)
        still(page)
        before, begun_at = len(wire.frames), clock.now() - timedelta(seconds=10)
        page.wait_for_timeout(15_000)
        if clock.hour_start(begun_at) == clock.hour_start(clock.now()):
            break
    assert len(wire.frames) == before


def next_hour() -> datetime:
    """When the next hour begins."""
    return clock.hour_start(clock.now()) + timedelta(hours=1)


MOVED = """() => {
  const found = () => [".w header", ".mid", ".st-key-wall_map", ".st-key-wall_measure", ".sound"].map((name) => {
    const within = [document, ...[...document.querySelectorAll("*")].map((e) => e.shadowRoot).filter(Boolean)];
    const { x, y } = within.map((root) => root.querySelector(name)).find(Boolean).getBoundingClientRect();
    return [x, y];
  });
  const page = document.documentElement.style, shift = (x, y) => {
    page.setProperty("--shift-x", `${x}px`);
    page.setProperty("--shift-y", `${y}px`);
  };
  shift(0, 0);
  const before = found();
  shift(3, 2);
  return found().map(([x, y], number) => [x - before[number][0], y - before[number][1]]);
}"""


def test_everything_on_the_wall_moves_together_so_that_nothing_burns_in(opened: tuple[Page, Wire]) -> None:
    page, _ = opened
    assert page.evaluate(MOVED) == [[3, 2]] * 5


@pytest.mark.timeout(600)  # some forty pictures, drawn by software
def test_pixels_outside_the_changed_grid_are_identical_over_twenty_refreshes(
    opened: tuple[Page, Wire], street: DemoStreet
) -> None:
    page, wire = opened
    grid = street.grids[21]
    for _ in range(2):  # with the next one the numbers of the newest lie in this grid from the start
        street.report(grid, SETTLED - timedelta(minutes=2))
    last = report_and_see(page, street, grid)
    inside = area_of(street, grid, wire.decks()[-1], box(page))
    for _ in range(20):
        now = report_and_see(page, street, grid, last)
        changed = (now != last).any(axis=2)
        changed[inside] = False
        assert not changed.any(), np.argwhere(changed)[[0, -1]]
        last = now


def report_and_see(page: Page, street: DemoStreet, grid: Node, last: Pixels | None = None) -> Pixels:
    """The map when it shows a case more."""
    street.report(grid, SETTLED - timedelta(minutes=2))
    until(lambda: open_cases(page) == street.open_cases(), "the new case is counted", page)
    return picture(page, other_than=last)


def area_of(street: DemoStreet, grid: Node, deck: dict[str, Any], where: dict[str, float]) -> tuple[slice, slice]:
    """The rows and columns of the map in which a grid and what reaches out of it are drawn."""
    points = [point for rings in street.outlines[grid.id] for ring in rings for point in ring]
    xs, ys = zip(*(on_screen(deck, where, lon, lat) for lon, lat in points), strict=True)
    left, top = int(min(xs) - where["x"]) - RINGS_PX, int(min(ys) - where["y"]) - RINGS_PX
    right, bottom = int(max(xs) - where["x"]) + RINGS_PX, int(max(ys) - where["y"]) + RINGS_PX
    return slice(max(0, top), bottom), slice(max(0, left), right)


def test_pan_and_zoom_survive_a_refresh(page: Page, server: Server, street: DemoStreet) -> None:
    show(page, server.url)
    first, where = picture(page), box(page)
    middle = where["x"] + where["width"] / 2, where["y"] + where["height"] / 2
    page.mouse.move(*middle)
    page.mouse.wheel(0, -300)
    zoomed = picture(page, other_than=first)
    page.mouse.down()
    page.mouse.move(middle[0] + 80, middle[1] + 40, steps=4)
    page.mouse.up()
    page.mouse.move(5, 5)
    moved = picture(page, other_than=zoomed)
    now = report_and_see(page, street, street.grids[5], moved)
    assert share_of_changed(first, moved) > 0.3
    assert share_of_changed(moved, now) < 0.05


def share_of_changed(one: Pixels, other: Pixels) -> float:
    """The share of pixels in which two pictures differ."""
    return float((one != other).any(axis=2).mean())


def test_a_clock_that_turns_overdue_changes_the_colour_without_an_event(
    wide: Page, server: Server, street: DemoStreet
) -> None:
    grid = street.grids[29]
    wire = Wire(wide)
    show(wide, f"{server.url}/?measure=overdue")
    before, count = picture(wide), overdue(wide)
    street.report(grid, timedelta(hours=24, seconds=-5))
    events = street.events()
    until(lambda: overdue(wide) == count + 1, "one more is overdue", wide)
    where = area_of(street, grid, wire.decks()[-1], box(wide))
    until(lambda: share_of_changed(before[where], pixels(wide)[where]) > 0.1, "its grid has another colour", wide)
    assert street.events() == events


def overdue(page: Page) -> int:
    """The number of overdue cases as the wall says it."""
    return int(page.locator(".kpi .kv b").nth(1).inner_text())


# What can be clicked.


def label_of(grid: Node, wire: Wire, page: Page) -> tuple[float, float]:
    """Where on the page the label of a grid stands."""
    assert grid.lon is not None
    assert grid.lat is not None
    return on_screen(wire.decks()[-1], box(page), grid.lon, grid.lat)


def click_on_map(page: Page, point: tuple[float, float], leads_to: str) -> None:
    """Go to a point, click once, and be led somewhere."""
    page.mouse.move(*point)
    picture(page)
    for _ in range(3):  # drawn by software on a busy machine, a press can seem too long for a click
        page.mouse.click(*point)
        with suppress(TimeoutError):
            return page.wait_for_url(leads_to, timeout=30_000)
    raise AssertionError(f"three clicks at {point} did not lead to {leads_to}")


def shows(wire: Wire, code: str) -> bool:
    """Whether the newest map is that of a place."""
    return f"grids-{code}" in (layer["id"] for layer in wire.decks()[-1]["layers"])


def test_clicks_lead_from_the_street_to_a_community_to_a_grid_and_back(
    wide: Page, server: Server, street: DemoStreet
) -> None:
    grid = next(grid for grid in street.grids if grid.name == "康宁")
    wire = Wire(wide)
    show(wide, server.url)
    for code in (grid.code[:12], grid.code):
        picture(wide)
        click_on_map(wide, label_of(grid, wire, wide), f"**/?place={code}")
        until(partial(shows, wire, code), "the map shows the place", wide)  # the address says so before
    expect(wide.locator(".trail b")).to_have_text(grid.name)
    for code in (f"?place={grid.code[:12]}", ""):
        named = wide.locator(".st-key-wall_back button").inner_text()
        wide.locator(".st-key-wall_back button").click()
        wide.wait_for_url(f"{server.url}/{code}")
        expect(wide.get_by_role("button", name=named, exact=True)).to_have_count(0)  # that one leads here
    expect(wide.locator(".trail")).to_have_count(0)
    expect(wide.locator(".st-key-wall_back")).to_have_count(0)


def test_a_link_leads_to_its_place_and_a_wrong_one_to_the_street(
    page: Page, server: Server, street: DemoStreet
) -> None:
    grid = street.grids[0]
    show(page, f"{server.url}/?place={grid.code}")
    expect(page.locator(".trail b")).to_have_text(grid.name)
    show(page, f"{server.url}/?place=nowhere")
    expect(page.locator("header h1")).to_contain_text("云汀街道")
    expect(page.locator(".trail")).to_have_count(0)
    expect(page.locator(".stException")).to_have_count(0)


def test_the_grids_are_coloured_by_what_is_asked_and_the_legend_says_so(page: Page, server: Server) -> None:
    show(page, server.url)
    by_open = picture(page)
    expect(page.locator(".ml label").first).to_have_text("未结案件")
    page.locator(".st-key-wall_measure button", has_text="超时案件").click()
    page.wait_for_url("**/?measure=overdue")
    expect(page.locator(".ml label").first).to_have_text("超时案件")
    expect(page.locator(".ramp")).to_have_text("0123–4≥5")
    by_overdue = picture(page, other_than=by_open)
    page.locator(".st-key-wall_measure button", has_text="将到期案件").click()
    expect(page.locator(".ml label").first).to_have_text("将到期案件")
    picture(page, other_than=by_overdue)


# What it never does.


def test_no_request_leaves_this_host_and_no_policy_is_broken(wide: Page, server: Server, street: DemoStreet) -> None:
    wire = Wire(wide)
    show(wide, server.url)
    picture(wide)
    grid = street.grids[21]
    click_on_map(wide, label_of(grid, wire, wide), "**/?place=*")
    wide.mouse.wheel(0, -300)
    wide.locator(".st-key-wall_measure button").last.click()
    wide.wait_for_url("**measure=*")
    picture(wide)
    here = (server.url + "/", "data:", f"blob:{server.url}/")
    assert [url for url in wire.requests if not url.startswith(here)] == []
    assert [url for url in wire.sockets if not url.startswith(server.url.replace("http", "ws") + "/")] == []
    assert len(wire.requests) > 20
    assert wire.errors == []


def test_nothing_personal_reaches_the_browser(page: Page, server: Server, street: DemoStreet) -> None:
    wire = Wire(page)
    show(page, server.url)
    picture(page)
    version_before = version(page)
    street.report(street.grids[3], reporter_name=REPORTER, reporter_phone=PHONE, text=f"{REPORTER} {PHONE}")
    until(lambda: version(page) > version_before, "the case is on the wall", page)
    bodies = [gunzipped(url, street.token) for url in wire.requests if "/live/layers/" in url or "/map/" in url]
    assert len(bodies) >= 6
    said = [page.content().encode(), *wire.frames, *bodies]
    assert [text for text in said if REPORTER.encode() in text or PHONE.encode() in text] == []


def gunzipped(url: str, token: str) -> bytes:
    """The body at `url`, as the officer gets it."""
    with urlopen(Request(url, headers={"Cookie": f"{COOKIE}={token}"})) as answer:
        return gzip.decompress(answer.read())


def test_the_page_and_its_title_say_that_the_data_are_invented(opened: tuple[Page, Wire]) -> None:
    page, _ = opened
    expect(page.locator("header .demo")).to_have_text("演示数据")
    assert "演示数据" in page.title()


# Whether it can be trusted.


@pytest.fixture
def fragile(migrated_sqlite: Path, tmp_path: Path) -> Iterator[tuple[DemoStreet, Server]]:
    """A server over a store of its own, to be broken."""
    path = tmp_path / "fragile.db"
    shutil.copy(migrated_sqlite, path)
    street = settle(path)
    with serving(street.store.url) as server:
        yield street, server
    street.store.close()


def test_a_wall_says_what_it_has_lost_keeps_its_picture_and_recovers_alone(
    page: Page, fragile: tuple[DemoStreet, Server]
) -> None:
    street, server = fragile
    street.report(street.grids[0])
    enter(page, street.token)
    show(page, server.url)
    picture(page)
    as_of = page.locator(".asof")
    live = page.locator(":root")

    rename(street, "case_event", "case_event_away")
    expect(live).to_have_attribute("data-live", "stale")
    said = page.evaluate("getComputedStyle(document.querySelector('.asof'), '::before').content")
    assert re.search(r"数据停在 \d\d:\d\d:\d\d · 已 [1-6]\d 秒", said)
    assert open_cases(page) == 1
    rename(street, "case_event_away", "case_event")
    street.report(street.grids[1])
    expect(live).to_have_attribute("data-live", "fresh")
    until(lambda: open_cases(page) == 2, "the picture is the newest again", page)
    expect(as_of).to_contain_text("数据截至")

    server.kill()
    expect(page.locator(".band")).to_have_text(re.compile(r"连接中断 [\d:]{8} · 画面停在 [\d:]{8} · 恢复后自动更新"))
    assert open_cases(page) == 2
    street.report(street.grids[2])
    server.start()
    until(lambda: page.locator(".kpi").count() and open_cases(page) == 3, "the page has come back by itself", page)
    expect(page.locator(".band")).to_be_hidden()


def rename(street: DemoStreet, table: str, to: str) -> None:
    """Give a table of the store another name."""
    with closing(sqlite3.connect(str(street.store.url).removeprefix("sqlite:///"), timeout=30)) as db:
        db.execute(f"ALTER TABLE {table} RENAME TO {to}")


def test_an_empty_store_says_so_at_the_door(page: Page, migrated_sqlite: Path, tmp_path: Path) -> None:
    path = tmp_path / "empty.db"
    shutil.copy(migrated_sqlite, path)
    with serving(f"sqlite:///{path}") as server:
        page.goto(server.url)
        expect(page.locator(".stAlert")).to_contain_text("还没有区域数据")
        expect(page.locator(".stException")).to_have_count(0)
        street = settle(path)
        street.report(street.grids[0])
        enter(page, street.token)
        page.reload()
        expect(page.locator(".kpi .kv b").first).to_have_text("1")
        expect(page.locator("header .demo")).to_have_text("演示数据")
        street.store.close()


def test_an_imported_world_that_stands_still_says_so_and_its_clock_does_not_tick(
    page: Page, migrated_sqlite: Path, tmp_path: Path
) -> None:
    path = tmp_path / "still.db"
    shutil.copy(migrated_sqlite, path)
    street = settle(path, as_of=datetime(2018, 12, 31, 4, 30, 59, tzinfo=UTC))
    with serving(street.store.url) as server:
        enter(page, street.token)
        page.goto(server.url)
        expect(page.locator("header .meta")).to_contain_text("时钟停在导入数据的时刻")
        still(page)
        words = page.locator("header .meta").inner_text()
        assert "12:30" in words
        page.wait_for_timeout(3_000)  # the page rewrites its times every second
        assert page.locator("header .meta").inner_text() == words
    street.store.close()
