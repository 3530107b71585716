"""A real server over the cast's street, and the windows of people in front of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Browser, BrowserContext, Dialog, Page

from core.store import Store
from tests.browser import PATIENCE_S, serving
from tests.cast import Street


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
def served(store_url: str) -> Iterator[Site]:
    """A server on `store_url`, until the block ends."""
    store = Store(store_url)
    with serving(store_url) as server:
        yield Site(server.url, Street(store))
    store.close()


def visitor(opened: Browser, site: Site, timezone: str = "Asia/Shanghai") -> Visitor:
    """A window of somebody who has no cookie yet."""
    context = opened.new_context(viewport={"width": 1440, "height": 900}, timezone_id=timezone, locale="zh-CN")
    context.set_default_timeout(1000 * PATIENCE_S)
    found = Visitor(context, context.new_page())
    found.page.on("console", lambda message: _note(found, message.text))
    found.page.on("dialog", lambda dialog: _dismiss(found, dialog))
    local = (site.url, site.url.replace("http", "ws"), "data:", "blob:")
    context.on("request", lambda request: found.complaints.extend([request.url] * (not request.url.startswith(local))))
    return found


def sign_in(found: Visitor, site: Site, login: str, password: str, path: str = "/") -> None:
    """Type a name and a password at the door."""
    found.page.goto(site.url + path)
    found.page.get_by_label("账号", exact=True).fill(login)
    found.page.get_by_label("密码", exact=True).fill(password)
    found.page.get_by_role("button", name="登录", exact=True).click()


def _dismiss(found: Visitor, dialog: Dialog) -> None:
    found.complaints.append(f"dialog {dialog.message}")
    dialog.dismiss()


def _note(found: Visitor, message: str) -> None:
    if "Content Security Policy" in message or "hostile" in message:
        found.complaints.append(message)
