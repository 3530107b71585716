"""The day of a grid head on a phone: what only a real browser shows — a bad network, double taps, thumbs."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from core import clock
from core.words import Stage, Verb
from tests.accounts import token_of
from tests.browser import browsing, enter, until
from tests.cast import DAY, HOUR, WHO, WULIPU_1, fill, loop
from tests.sites import Site, served

PHONE = {"width": 390, "height": 844}
THUMB_PX = 44
TYPED = "已劝离商户，现场恢复通行"
SMALL_TARGETS = """() => [...document.querySelectorAll(".stMain :is(button, a, textarea)")]
  .map((found) => [found.innerText, found.getBoundingClientRect()])
  .filter(([text, box]) => text && box.height > 0 && box.height < 44).map(([text]) => text)"""

pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture
def site(sqlite_url: str) -> Iterator[Site]:
    with served(sqlite_url) as found:
        with found.street.store.writing() as db:
            fill(db)
        yield found


@pytest.fixture
def phone(site: Site) -> Iterator[Page]:
    """The phone of the head of n1, signed in."""
    token = token_of(site.street.store, WHO["head of n1"].user_id, clock.real_now())
    with browsing() as browser:
        context = browser.new_context(viewport=PHONE, has_touch=True, locale="zh-CN")  # type: ignore[arg-type]
        context.set_default_timeout(40_000)
        page = context.new_page()
        enter(page, token)
        yield page


def fits(page: Page) -> None:
    """Nothing scrolls sideways, and no target is smaller than a thumb."""
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert page.evaluate(SMALL_TARGETS) == []


def test_the_day_of_a_grid_head(site: Site, phone: Page) -> None:
    street, now = site.street, clock.now()
    late = street.report(WULIPU_1, when=now - DAY - HOUR, title="占道经营")
    to_check = street.report(WULIPU_1, when=now - 3 * HOUR, title="路灯不亮")
    street.take(to_check, *loop(now - 3 * HOUR, until=Verb.ANSWER)[1:])

    # the most urgent one comes first, and its step is in reach
    phone.goto(site.url)
    first = phone.locator(f".st-key-card_todo_{late}")
    expect(first).to_contain_text("占道经营")
    expect(first.locator(".chip.over")).to_contain_text("超 1:0")
    fits(phone)
    bar = phone.locator(".st-key-bar a")
    assert bar.all_inner_texts() == ["待办", "地图", "找人", "会议", "我的"]
    assert {round(link.bounding_box()["height"]) for link in bar.all()} == {64}  # type: ignore[index]
    step, tabs = phone.locator(".st-key-main_step").bounding_box(), phone.locator(".st-key-bar").bounding_box()
    assert step
    assert tabs
    assert step["y"] + step["height"] <= tabs["y"]

    # a note is begun, the network is gone, more is typed, and the network comes back: a shorter outage proves the same
    first.get_by_role("button", name="自行处置", exact=True).tap()
    note = phone.locator(f".st-key-note_{late}_self_handle textarea")
    field = phone.locator(f".st-key-note_{late}_self_handle [data-testid=stTextAreaRootElement]")
    expect(field).to_have_css("background-color", "rgb(255, 255, 255)")
    note.fill(TYPED[:6])
    phone.context.set_offline(True)
    note.press_sequentially(TYPED[6:])
    phone.wait_for_function("() => !navigator.onLine")
    phone.context.set_offline(False)
    expect(note).to_have_value(TYPED)

    # even a page that is loaded anew has it, and the form it belongs to
    phone.reload()
    expect(note).to_have_value(TYPED)
    fits(phone)

    # two taps are one step
    button = phone.locator(".st-key-hand_in button")
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= THUMB_PX
    assert box["y"] + box["height"] <= PHONE["height"]
    button.dblclick()
    until(lambda: street.case(late).stage == Stage.CLOSED, "the case is closed", phone)
    expect(phone.locator(f".st-key-card_todo_{to_check}")).to_contain_text("路灯不亮")
    assert street.case(late).version == 2
    assert street.events(late)[-1].note == TYPED
    left = phone.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('draft:'))")
    assert left == []

    # what a unit has done is checked in one tap, twice pressed
    phone.locator(".st-key-take_check button").dblclick()
    until(lambda: street.case(to_check).stage == Stage.CHECKED, "the case is checked", phone)
    expect(phone.get_by_text("路灯不亮：核查")).to_be_visible()
    assert [event.verb for event in street.events(to_check)].count(Verb.CHECK) == 1

    # the case file opens from its address
    phone.goto(f"{site.url}/case?case={to_check}")
    expect(phone.locator(".timeline li")).to_have_count(8)
    fits(phone)
