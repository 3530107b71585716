"""A server and a Chromium for the tests that only a real browser can make, and what passes between them."""

import json
import math
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, WebSocket, expect, sync_playwright
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from core.store import ROOT
from pages.ui.session import COOKIE
from tests.prepare import MEND_CHROMIUM, chromium

FLAGS = (
    *("--headless=new", "--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"),
    *("--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update"),
    "--disable-sync",
)
WALL: ViewportSize = {"width": 1920, "height": 1080}
SMALL: ViewportSize = {"width": 1280, "height": 720}  # software draws it in half the time
PATIENCE_S = 60
TILE_PX = 512  # deck.gl's world is this wide at zoom 0

Found = TypeVar("Found")

expect.set_options(timeout=1000 * PATIENCE_S)  # five seconds, its own, are short on a busy machine


def until(found: Callable[[], Found | None], what: str, page: Page | None = None) -> Found:
    """What `found` returns as soon as it returns something true; while we wait, `page` tells its events."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if result := found():
            return result
        if page:
            page.wait_for_timeout(50)
        else:
            time.sleep(0.05)
    raise AssertionError(f"{what}: not within {PATIENCE_S} s")


def still(page: Page) -> None:
    """Wait until no run of the page is under way: a key or a download asked for in between is lost to Streamlit."""
    expect(page.locator('.stApp[data-test-script-state="notRunning"]')).to_be_visible()


def enter(page: Page, token: str) -> None:
    """Give a page the cookie of a session, as if its person had signed in here; whatever it waits for has a minute."""
    page.context.set_default_timeout(1000 * PATIENCE_S)
    page.context.add_cookies([{"name": COOKIE, "value": token, "domain": "127.0.0.1", "path": "/"}])


def smallest(size: float | str) -> float:
    """The smallest size that a layer may give its words: one number, or an expression that picks among some."""
    return size if isinstance(size, int | float) else min(map(float, re.findall(r"\b\d+\b", size)))


def free_port() -> int:
    """A port of this host that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """The application over one store, in a process of its own that can be killed and started again."""

    def __init__(self, store_url: str) -> None:
        self.store_url, self.port = store_url, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the server
        self.start()

    def start(self) -> None:
        """Start, and wait until it answers."""
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(self.port)]
        environment = os.environ | {"DATABASE_URL": self.store_url}
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=self._log, stderr=self._log)
        until(self._answers, "the server answers")

    def kill(self) -> None:
        """End at once, as a power cut would."""
        self.process.kill()
        self.process.wait()

    def said(self) -> str:
        """Everything the server has written so far."""
        self._log.seek(0)
        return self._log.read().decode()

    def _answers(self) -> bool:
        assert self.process.poll() is None, self.said()
        return is_healthy(self.url)


def is_healthy(url: str) -> bool:
    """Whether a server answers at `url`."""
    with suppress(urllib.error.URLError, OSError), urllib.request.urlopen(f"{url}/healthz", timeout=2):
        return True
    return False


@contextmanager
def serving(store_url: str) -> Iterator[Server]:
    """A server over the store at `store_url` while the block runs."""
    server = Server(store_url)
    try:
        yield server
    finally:
        server.kill()


@contextmanager
def browsing() -> Iterator[Browser]:
    """A Chromium that draws by software, the same pixels for the same scene."""
    path = chromium()
    if path is None:
        pytest.fail(MEND_CHROMIUM, pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS), timeout=1000 * PATIENCE_S)
        yield browser
        browser.close()


class Wire:
    """What passed between a page and the world: requests, websocket messages, and what the page complained of."""

    def __init__(self, page: Page) -> None:
        self.requests: list[str] = []
        self.sockets: list[str] = []
        self.frames: list[bytes] = []  # both ways
        self.messages: list[ForwardMsg] = []  # from the server
        self.errors: list[str] = []
        self._known: dict[str, ForwardMsg] = {}
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("websocket", self._socket)
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def decks(self) -> list[dict[str, Any]]:
        """The maps that the server sent, the newest last."""
        elements = (message.delta.new_element for message in self.messages if message.WhichOneof("type") == "delta")
        return [json.loads(e.deck_gl_json_chart.json) for e in elements if e.WhichOneof("type") == "deck_gl_json_chart"]

    def runs(self, status: "ForwardMsg.ScriptFinishedStatus.ValueType") -> int:
        """How many runs have ended with `status`: of the main script, or of a fragment alone."""
        ended = [
            message.script_finished for message in self.messages if message.WhichOneof("type") == "script_finished"
        ]
        return ended.count(status)

    def _socket(self, socket: WebSocket) -> None:
        self.sockets.append(socket.url)
        socket.on("framesent", lambda data: self.frames.append(_bytes(data)))
        socket.on("framereceived", lambda data: self._received(_bytes(data)))

    def _received(self, data: bytes) -> None:
        self.frames.append(data)
        message = ForwardMsg.FromString(data)
        if message.WhichOneof("type") == "ref_hash":
            metadata, message = message.metadata, self._known[message.ref_hash]
            message.metadata.CopyFrom(metadata)
        self._known[message.hash] = message
        self.messages.append(message)


def _bytes(data: str | bytes) -> bytes:
    return data.encode() if isinstance(data, str) else data


def on_screen(deck: dict[str, Any], box: dict[str, float], lon: float, lat: float) -> tuple[float, float]:
    """Where a map that fills `box` draws a point, until somebody moves it.

    Units: CSS pixels.
    """
    view, middle = deck["initialViewState"], (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    scale = TILE_PX * 2 ** view["zoom"]
    x, y = _world(lon, lat)
    x0, y0 = _world(view["longitude"], view["latitude"])
    return middle[0] + scale * (x - x0), middle[1] + scale * (y - y0)


def _world(lon: float, lat: float) -> tuple[float, float]:
    return lon / 360, -math.asinh(math.tan(math.radians(lat))) / (2 * math.pi)
