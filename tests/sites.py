"""A real server on a store of its own, and a real browser in front of it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from core.store import ROOT, Store
from tests.cast import Street
from tests.prepare import chromium

ARGUMENTS = (
    *("--headless=new", "--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"),
    *("--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update"),
    "--disable-sync",
)
STARTS_WITHIN_S = 90


@dataclass(frozen=True)
class Site:
    """Where the server listens, and the street in its store."""

    url: str
    street: Street


@dataclass
class Visitor:
    """A browser window, and what it complained of or asked of other hosts."""

    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)


@contextmanager
def served(store_url: str, log: Path) -> Iterator[Site]:
    """A server on `store_url`, until the block ends."""
    port = _free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    with log.open("wb") as out:
        server = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | {"DATABASE_URL": store_url}, stdout=out, stderr=subprocess.STDOUT
        )
    store = Store(store_url)
    try:
        _wait(server, f"http://127.0.0.1:{port}", log)
        yield Site(f"http://127.0.0.1:{port}", Street(store))
    finally:
        server.terminate()
        server.wait(20)
        store.close()


@contextmanager
def browser() -> Iterator[Browser]:
    """A real Chromium."""
    path = chromium()  # before: it asks Playwright itself, of which there can be only one at a time
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield opened
        opened.close()


def visitor(opened: Browser, site: Site, timezone: str = "Asia/Shanghai") -> Visitor:
    """A window of somebody who has no cookie yet."""
    context = opened.new_context(viewport={"width": 1440, "height": 900}, timezone_id=timezone, locale="zh-CN")
    context.set_default_timeout(30_000)
    found = Visitor(context, context.new_page())
    found.page.on("console", lambda message: _note(found, message.text))
    found.page.on("dialog", lambda dialog: (found.complaints.append(f"dialog {dialog.message}"), dialog.dismiss()))
    local = (site.url, site.url.replace("http", "ws"), "data:", "blob:")
    context.on(
        "request",
        lambda request: None if request.url.startswith(local) else found.complaints.append(f"asked {request.url}"),
    )
    return found


def sign_in(found: Visitor, site: Site, login: str, password: str, path: str = "/") -> None:
    """Type a name and a password at the door."""
    found.page.goto(site.url + path)
    inputs = found.page.locator(".st-key-door [data-testid=stForm] input")
    inputs.nth(0).fill(login)
    inputs.nth(1).fill(password)
    found.page.locator(".st-key-door .stFormSubmitButton button").first.click()


def _note(found: Visitor, message: str) -> None:
    if "Content Security Policy" in message or "hostile" in message:
        found.complaints.append(message)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(server: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    end = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < end and server.poll() is None:
        try:
            httpx.get(f"{url}/healthz", timeout=2)
            return
        except httpx.HTTPError:
            time.sleep(0.3)
    raise AssertionError(f"the server did not start: {log.read_text('utf-8')[-2000:]}")
