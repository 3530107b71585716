"""From the commit of a case to the board, and to the pixels of a real browser."""

import asyncio
import json
import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen
from typing import Any

from playwright.sync_api import FloatRect, Page, sync_playwright

from bench import stores
from bench.server import beside, serving
from bench.spread import percentile
from bench.street import closed, opened
from core import layers
from core.board import Board
from core.follower import Follower
from core.store import Store
from core.words import Measure
from pages.ui import camera
from pages.ui.maps import MARK_OFFSET_PX
from pages.ui.session import COOKIE
from tests.prepare import MEND_CHROMIUM, chromium

BOARD_CASES, PIXEL_CASES = 30, 15
REPORT_S, SEEN_S = 1.2, 3.0
OTHERS = 100
GIVE_UP_S = 20
FLAGS = (
    "--headless=new", "--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
    "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
)  # fmt: skip

# The mark with the number 1 stands at the shoulder of the newest case: a disc of a colour that only rings share. It is
# tried around its digit, and enough when half of that is seen: a label may lie over the rest.
MARK_COLOUR, TOLERANCE = (0xBF, 0xE9, 0xEC), 14
WATCH = """
([x, y, colour, tolerance, open, giveUp]) => new Promise((resolve, reject) => {
  const SIDE = 17, POINTS = [[2, 8], [14, 8], [4, 3], [12, 3], [4, 13], [12, 13]];
  const pixels = new Uint8Array(4 * SIDE * SIDE), began = Date.now(), seen = {};
  const isNear = (value, at) => Math.abs(value - colour[at]) <= tolerance;
  const isMark = ([x, y]) => pixels.slice(4 * (SIDE * y + x)).slice(0, 3).every(isNear);
  window.onFrame = (gl) => {
    const { canvas } = gl, scale = canvas.width / canvas.getBoundingClientRect().width;
    gl.bindFramebuffer(gl.READ_FRAMEBUFFER, null);
    gl.readPixels(Math.round((x - 8) * scale), Math.round(canvas.height - (y + 9) * scale), SIDE, SIDE,
      gl.RGBA, gl.UNSIGNED_BYTE, pixels);
    if (POINTS.filter(isMark).length >= POINTS.length / 2) seen.map ??= Date.now();
  };
  const look = () => {
    if (document.querySelector(".kpi .kv b")?.textContent === open) seen.panel ??= Date.now();
    if (seen.map && seen.panel) resolve(seen);
    else if (Date.now() - began > giveUp) reject(new Error(JSON.stringify({ seen, x, y, open })));
    else setTimeout(look, 20);
  };
  look();
})
"""
# A canvas is empty after each frame: it is read in the frame itself, once everything is drawn, and only then.
ON_FRAME = """
const { clear } = WebGL2RenderingContext.prototype, { requestAnimationFrame } = window;
let drawn;
WebGL2RenderingContext.prototype.clear = function (...what) { drawn = this; return clear.apply(this, what); };
window.requestAnimationFrame = (work) => requestAnimationFrame.call(window, (time) => {
  drawn = null;
  work(time);
  if (drawn) window.onFrame?.(drawn);
});
"""


def to_board(folder: Path) -> dict[str, float]:
    """A case is reported by another process, and a board of this one holds it."""
    store = Store(stores.url_of(stores.demo(folder, "latency")))
    following = Follower(store)
    pictures: list[tuple[float, Board]] = []
    following.subscribe(lambda: pictures.append((time.time(), following.board)))
    following.start()
    with beside("bench.mover", stores.url_of(folder / "latency.db"), str(REPORT_S), "report", core=None) as mover:
        commits = [_next(mover) for _ in range(BOARD_CASES)]
        time.sleep(2)
    following.stop()
    waits = [_first(pictures, commit["case_id"]) - commit["committed_at"] for commit in commits]
    return {"commit_to_board_p95_ms": 1000 * percentile(waits, 95)}


def _first(pictures: list[tuple[float, Board]], case_id: int) -> float:
    return next(at for at, board in pictures if case_id in board.cases)


def to_pixels(folder: Path) -> dict[str, float]:
    """A case is reported by another process, and a browser has drawn its mark on the map and counted it."""
    alone = _seen(folder, "pixels", others=0)
    return {
        "commit_to_pixels_p95_ms": percentile([max(pair) for pair in alone], 95),
        "commit_to_pixels_p50_ms": percentile([max(pair) for pair in alone], 50),
        "commit_to_panel_p95_ms": percentile([panel for _, panel in alone], 95),
    }


def to_pixels_among_others(folder: Path) -> dict[str, float]:
    """The same while 100 others watch."""
    crowd = _seen(folder, "crowd", others=OTHERS)
    return {"commit_to_pixels_100_p95_ms": percentile([max(pair) for pair in crowd], 95)}


def _seen(folder: Path, name: str, others: int) -> list[tuple[float, float]]:
    """Milliseconds from the commit of each case to its mark on the map, and to the count in the panel."""
    url = stores.url_of(stores.demo(folder, name))
    token = stores.entered(url)
    with (
        serving(url, core=None) as (port, _server),
        _crowd(port, others, token),
        _page(port, token) as page,
        beside("bench.mover", url, str(SEEN_S), "report", core=None) as mover,
    ):
        return _watched(page, url, mover)


def _watched(page: Page, url: str, mover: "Popen[str]") -> list[tuple[float, float]]:
    store = Store(url)
    following = Follower(store, coalesce_s=0)
    board = following.board
    box = page.locator('[data-testid="stDeckGlJsonChart"] canvas').first.bounding_box()
    assert board.tree.root is not None
    assert box is not None
    view = camera.view_of(camera.extent(board, board.tree.root), box["width"], box["height"])
    found = []
    for _ in range(PIXEL_CASES + 1):
        commit = _next(mover)
        following.poll()
        x, y = _pixel(view, commit, box)
        right, down = _aside(following.board, commit["case_id"])
        spot = [x + right + MARK_OFFSET_PX[0], y + down + MARK_OFFSET_PX[1], MARK_COLOUR, TOLERANCE]
        seen = page.evaluate(WATCH, [*spot, str(len(following.board.cases)), GIVE_UP_S * 1000])
        found.append(tuple(seen[part] - 1000 * commit["committed_at"] for part in ("map", "panel")))
    store.close()
    return found[1:]  # the first one also pays for what a page does once


def _aside(board: Board, case_id: float) -> tuple[float, float]:
    """How far beside its place a case is drawn, in pixels to the right and down."""
    rows = json.loads(layers.layer_json(board, "cases", Measure.OPEN, board.tree.root))
    row = next(row for row in rows if row["id"] == case_id)
    return row.get("sx", row.get("dx", 0)), row.get("sy", row.get("dy", 0))


def _pixel(view: camera.View, point: dict[str, float], box: FloatRect) -> tuple[float, float]:
    """Where a point of the earth is drawn, from the top left of the map."""
    world_px = camera.TILE_PX * 2**view.zoom
    east = (point["lon"] - view.lon) / 360
    north = _mercator(point["lat"]) - _mercator(view.lat)
    return box["width"] / 2 + east * world_px, box["height"] / 2 - north * world_px


def _mercator(lat: float) -> float:
    return math.asinh(math.tan(math.radians(lat))) / (2 * math.pi)


@contextmanager
def _page(port: int, token: str) -> Iterator[Page]:
    """The wall in a real browser of 1920 × 1080."""
    path = chromium()
    if path is None:
        raise RuntimeError(MEND_CHROMIUM)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1920, "height": 1080})
        page.context.add_cookies([{"name": COOKIE, "value": token, "url": f"http://127.0.0.1:{port}"}])
        page.add_init_script(ON_FRAME)
        page.goto(f"http://127.0.0.1:{port}/?embed=true")
        page.wait_for_selector('[data-testid="stDeckGlJsonChart"] canvas', timeout=60_000)
        page.wait_for_timeout(4_000)
        yield page
        browser.close()


@contextmanager
def _crowd(port: int, count: int, token: str) -> Iterator[None]:
    """Other viewers, in a thread of their own."""
    if not count:
        yield
        return
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    viewers = asyncio.run_coroutine_threadsafe(opened(port, count, token), loop).result()
    yield
    for viewer in viewers:
        viewer.check()
    asyncio.run_coroutine_threadsafe(closed(viewers), loop).result()
    loop.call_soon_threadsafe(loop.stop)


def _next(mover: "Popen[str]") -> dict[str, Any]:
    assert mover.stdout is not None
    told: dict[str, Any] = json.loads(mover.stdout.readline())
    return told
