"""Who answers, in a real browser: the box while one types, a cell of the matrix, and the same on a phone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlmodel import select

from core import clock
from core.accounts.audit import Asker
from core.liaisons import commands
from core.liaisons.commands import Entry
from core.liaisons.tables import LiaisonPlace
from core.places import Place
from core.store import Store
from core.units import Unit
from core.words import Level
from tests.accounts import token_of
from tests.browser import Wire, browsing, enter, still, until
from tests.cast import ID, RULES, WATER, WHO, fill, path_of
from tests.sites import Site, served

DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
THUMB_PX = 44
BRIDGE = "石桥"

pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The cast with a community of known name, and one liaison of water for its third grid, around the clock."""
    url = f"sqlite:///{tmp_path_factory.mktemp('liaisons') / 'grid.db'}"
    Store(url).migrate()
    with served(url) as found:
        with found.street.store.writing() as db:
            fill(db)
            north = db.get_one(Place, ID["north"])
            north.name = "黄河社区"
            third = Place(code="990101001001003", name=BRIDGE, level=Level.GRID, parent_id=north.id, path="")
            db.add(third)
            db.flush()
            assert third.id is not None
            third.path = f"{path_of('north')}{third.id}/"
            by = Asker(WHO["officer"], "", clock.now())
            commands.add(db, by, WATER, Entry("水一", mobile="10012345678", calendar="natural"), [third.id], RULES)
            db.add(Unit(name="燃气站", sector="gas", duty_phone="", place_id=ID["street"]))
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing() as found:
        yield found


def opened(browser: Browser, site: Site, view: dict[str, int], name: str = "officer") -> Page:
    """The page of somebody, as wide as asked for."""
    context = browser.new_context(viewport=view, has_touch=view is PHONE, locale="zh-CN")  # type: ignore[arg-type]
    page = context.new_page()
    enter(page, token_of(site.street.store, WHO[name].user_id, clock.real_now()))
    page.goto(f"{site.url}/liaisons")
    return page


@pytest.mark.parametrize("view", [DESK, PHONE], ids=["desk", "phone"])
def test_the_answer_stands_there_while_one_types_and_a_thumb_can_ring(
    browser: Browser, site: Site, view: dict[str, int]
) -> None:
    page = opened(browser, site, view)
    box, first = page.locator(".st-key-liaison_typed input"), page.locator(".st-key-rows_answers .answer").first
    for typed, place in (("黄河 供水", "黄河社区"), ("gs hh3", BRIDGE)):
        box.fill("")
        box.press_sequentially(typed)  # no Enter: the answer comes by itself
        expect(first).to_contain_text(f"供水{place}" if place == "黄河社区" else f"供水黄河社区 › {place}")
    expect(first).to_contain_text("水一")
    expect(first.locator(".way")).to_contain_text("网格 水一 当前在岗")
    call = first.locator("a.tel")
    expect(call).to_have_attribute("href", "tel:63160002")
    still(page)
    call.scroll_into_view_if_needed()  # on a phone the card of an only answer opens above the list
    edges = until(call.bounding_box, "the number has its place", page)
    assert min(edges["width"], edges["height"]) >= THUMB_PX
    is_on_top = (
        "(it) => { const b = it.getBoundingClientRect(); return document.elementFromPoint(b.x + 9, b.y + 9) === it }"
    )
    until(lambda: call.evaluate(is_on_top), "the number lies on the button of the row", page)
    page.locator(".st-key-answer_0 button").click(position={"x": 20, "y": 20})
    expect(page.locator(".contact h3")).to_contain_text("水一")
    still(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= view["width"]
    page.context.close()


@pytest.mark.parametrize("view", [DESK, PHONE], ids=["desk", "phone"])
def test_a_touch_on_a_gap_opens_the_form_and_fills_it(browser: Browser, site: Site, view: dict[str, int]) -> None:
    store = site.street.store
    with store.reading() as db:
        before = len(db.exec(select(LiaisonPlace)).all())
    page = opened(browser, site, view)
    wire = Wire(page)
    page.get_by_role("tab", name="覆盖", exact=True).click()
    grid = "n1" if view is DESK else "n2"
    gap = page.locator(f'.matrix [data-cell="water:{ID[grid]}"]')
    expect(gap).to_have_text("转值班室")
    assert page.evaluate("document.documentElement.scrollWidth") <= view["width"]
    still(page)
    gap.focus()
    page.keyboard.press("ArrowDown")  # the keyboard goes from cell to cell too
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(grid)
    expect(dialog.locator(".way")).to_contain_text("未指定人员")
    dialog.get_by_role("button", name="补上").click()
    expect(dialog).to_have_count(0)
    expect(gap).to_have_text("● 水一")
    with store.reading() as db:
        assert len(until(lambda: db.exec(select(LiaisonPlace)).all(), "the place is there")) == before + 1
    assert [error for error in wire.errors if "Content Security" in error] == []
    page.context.close()
