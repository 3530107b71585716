"""One story in a real browser: from an empty series to a resolution that is signed off in the next meeting."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlmodel import Session, select

from core import clock
from core.meetings.tables import AgendaItem, Resolution
from core.words import Severity
from tests.accounts import token_of
from tests.browser import browsing, enter, still, until
from tests.cast import WHO, WULIPU_3, fill
from tests.sites import Site, Visitor, served, visitor

pytestmark = pytest.mark.xdist_group("browser")
RESOLVED = "三个工作日内清运完毕"


@pytest.fixture(scope="module")
def site(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server with the cast and three red cases."""
    path = tmp_path_factory.mktemp("meetings") / "store.db"
    path.write_bytes(migrated_sqlite.read_bytes())
    with served(f"sqlite:///{path}") as found:
        with found.street.store.writing() as db:
            fill(db)
        for at, category in (("n1", "E0102"), ("s1", "E0102"), ("n2", WULIPU_3)):
            found.street.report(category, at, severity=Severity.RED, when=clock.now() - timedelta(hours=2))
        yield found


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    """One browser for all."""
    with browsing() as opened:
        yield opened


def seat(chrome: Browser, site: Site, name: str) -> Visitor:
    """Somebody of the cast before the page of meetings."""
    found = visitor(chrome, site)
    enter(found.page, token_of(site.street.store, WHO[name].user_id, clock.real_now()))
    found.page.goto(f"{site.url}/meetings")
    expect(found.page.get_by_role("heading", name="联席会议")).to_be_visible(timeout=60_000)
    return found


def press(page: Page, key: str, then: str) -> None:
    """Press a button of ours and wait for what it leads to."""
    page.locator(f".st-key-{key} button:visible").click()
    expect(page.locator(then).first).to_be_visible()
    still(page)


def phase(page: Page, name: str, then: str) -> None:
    """Turn to another phase."""
    page.get_by_text(name, exact=True).click()
    expect(page.locator(then).first).to_be_visible()
    still(page)


def turn(page: Page, key: str, to: str) -> None:
    """Turn to another item, and again where the key fell into a run that the page began by itself."""

    def turned() -> bool:
        still(page)
        page.keyboard.press(key)
        with suppress(AssertionError):
            expect(page.locator(".st-key-presenter header i")).to_have_text(to, timeout=10_000)
            return True
        return False

    until(turned, f"the page shows {to}", page)
    still(page)  # the fields of the item before stand there until the run ends


def change(page: Page, item_id: int | None) -> None:
    """Open what can be changed of an item."""
    page.locator(f".st-key-tools_{item_id}").get_by_role("button", name="调整").click()


def items(db: Session) -> list[AgendaItem]:
    """The items as they stand on the agenda."""
    return [row for row in db.exec(select(AgendaItem).order_by(AgendaItem.ordinal)) if row.dropped is None]  # type: ignore[arg-type]


def test_from_an_empty_series_to_a_resolution_signed_off_in_the_next_meeting(chrome: Browser, site: Site) -> None:
    secretary, store = seat(chrome, site, "officer"), site.street.store
    page = secretary.page
    page.get_by_label("主持人", exact=True).fill("王主任")
    press(page, "series_found", ".st-key-build")
    press(page, "build", ".st-key-fix")
    with store.reading() as db:
        first, second, third = (row.id for row in items(db))

    press(page, f"down_{first}", f".st-key-card_item_{second} h3:has-text('1')")
    change(page, third)
    page.get_by_label("移出的理由").locator("visible=true").fill("材料未齐")
    press(page, f"drop_{third}", ".out:has-text('材料未齐')")
    change(page, second)
    page.get_by_label("请会议明确什么").locator("visible=true").fill("定牵头单位和时限")
    page.get_by_role("button", name="保存").locator("visible=true").click()
    expect(page.locator(f".st-key-card_item_{second} .said")).to_contain_text("定牵头单位和时限")
    press(page, "fix", "text=第 1 版")
    for key, ending in (("agenda_word", ".docx"), ("ical", ".ics")):
        still(page)
        with page.expect_download() as fetched:
            page.locator(f".st-key-{key} button").click()
        assert fetched.value.suggested_filename.endswith(ending)

    phase(page, "会中", ".st-key-presenter")
    press(page, "begin", ".st-key-end")
    beamer = seat(chrome, site, "leader").page  # an open meeting opens at what is on the table
    expect(beamer.locator(".st-key-presenter h2")).to_be_visible()
    press(beamer, "projector", ".st-key-presenter")
    expect(beamer.locator(".stAppHeader")).to_be_hidden()
    turn(beamer, "ArrowRight", "2 / 2")
    turn(beamer, "ArrowLeft", "1 / 2")

    page.get_by_label("议定内容").fill(RESOLVED)
    page.get_by_label("责任人").fill("李站长")
    page.get_by_role("button", name="记录议定事项").click()
    expect(page.locator(".st-key-presenter .resolved")).to_contain_text(RESOLVED)
    expect(beamer.locator(".st-key-presenter .resolved")).to_contain_text(RESOLVED)  # by itself
    turn(page, "ArrowRight", "2 / 2")
    page.get_by_label("不作议定的理由").fill("待现场踏勘")
    press(page, f"deferred_{first}", ".resolved:has-text('待现场踏勘')")
    still(page)
    page.locator(".st-key-end button").click()
    expect(page.locator(".st-key-end")).to_have_count(0)

    phase(page, "会后", ".st-key-minutes_word")
    still(page)
    with page.expect_download() as fetched:
        page.locator(".st-key-minutes_word button").click()
    assert fetched.value.suggested_filename.endswith("minutes.docx")
    phase(page, "会前", ".st-key-build")
    press(page, "build", ".st-key-fix")  # not signed off yet: it is heard, and what was put off or dropped is back
    expect(page.locator("h3.item").first).to_contain_text(RESOLVED)
    expect(page.locator("ul.why").first).to_contain_text("未启动")
    expect(page.locator("h3.item")).to_have_count(3)
    press(page, "discard", ".st-key-build")
    with store.reading() as db:
        resolution = db.exec(select(Resolution)).one().id
    phase(page, "会后", f".st-key-strike_{resolution}")
    page.locator(f".st-key-strike_{resolution} button").click()
    press(page, f"sign_{resolution}", ".stAlert:has-text('凭据')")
    page.get_by_label("销号凭据").locator("visible=true").fill("现场照片 3 张，居民签字")
    press(page, f"sign_{resolution}", "text=议定事项均已销号")
    phase(page, "会前", ".st-key-build")
    press(page, "build", ".st-key-fix")
    expect(page.locator("ul.why").first).to_contain_text("已完成")
    assert secretary.complaints == []
