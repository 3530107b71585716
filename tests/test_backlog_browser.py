"""The day of a grid head on a phone: what only a real browser shows — a bad network, double taps, thumbs."""

import io
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, TimeoutError, expect
from pypdf import PdfReader

from core import clock
from core.cases import attachments
from core.words import PhotoKind, Stage, Verb
from tests.accounts import token_of
from tests.browser import browsing, enter, still, until
from tests.cable import Cable
from tests.cast import DAY, HOUR, WHO, WULIPU_1, fill, loop
from tests.sites import Site, served
from tests.test_photos import picture

PHONE = {"width": 390, "height": 844}
THUMB_PX = 44
TYPED = "已劝离商户，现场恢复通行"
SMALL_TARGETS = """() => [...document.querySelectorAll(".stMain :is(button, a, textarea, summary)")]
  .map((found) => [found.innerText || found.ariaLabel || found.outerHTML, found.getBoundingClientRect()])
  .filter(([_, box]) => box.height > 0 && (box.height < 44 || box.width < 44))
  .map(([text, box]) => [text, box.width, box.height])"""

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
        page = context.new_page()
        enter(page, token)
        yield page


def fits(page: Page) -> None:
    """Nothing scrolls sideways, and no target is smaller than a thumb."""
    still(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert page.evaluate(SMALL_TARGETS) == []


@pytest.fixture
def cable(site: Site) -> Iterator[Cable]:
    """What the phone hangs on."""
    found = Cable(int(site.url.rpartition(":")[2]))
    yield found
    found.cut()


def is_chosen(phone: Page, box: Locator, name: str) -> bool:
    """Whether an option stands in its box after two taps: one that falls into an opening of things is lost."""
    box.locator("input").tap()
    with suppress(TimeoutError):
        phone.get_by_role("option", name=name).tap(timeout=3000)
    return name in box.inner_text()


def test_the_day_of_a_grid_head(site: Site, cable: Cable, phone: Page, tmp_path: Path) -> None:
    street, now = site.street, clock.now()
    late = street.report(WULIPU_1, when=now - DAY - HOUR, title="占道经营")
    to_check = street.report(WULIPU_1, when=now - 3 * HOUR, title="路灯不亮")
    street.take(to_check, *loop(now - 3 * HOUR, until=Verb.ANSWER)[1:])

    # what changed since the last look is marked
    phone.goto(cable.url)
    phone.locator(".st-key-seen button:visible").tap()
    expect(phone.get_by_text(re.compile(r"上次已阅 \d"))).to_be_visible()
    new = street.report(WULIPU_1, when=now - HOUR, title="井盖松动")
    phone.goto(cable.url)
    expect(phone.get_by_role("radio", name="有变化 1")).to_be_visible()
    expect(phone.locator(f".st-key-row_todo_{new}")).to_contain_text("有变化")

    # the most urgent one comes first, and its step is in reach
    first = phone.locator(f".st-key-card_todo_{late}")
    expect(first).to_contain_text("占道经营")
    expect(first.locator(".chip.over")).to_contain_text("超 1")
    fits(phone)
    bar = phone.locator(".st-key-bar a")
    expect(bar).to_have_text(["待办", "辖区", "找谁办", "会议", "我的"])
    assert {round(link.bounding_box()["height"]) for link in bar.all()} == {64}  # type: ignore[index]
    step, tabs = phone.locator(".st-key-main_step").bounding_box(), phone.locator(".st-key-bar").bounding_box()
    assert step
    assert tabs
    assert step["y"] + step["height"] <= tabs["y"]

    # a note is begun and a photo chosen, the network is gone, more is typed, and the network comes back
    first.get_by_role("button", name="自行处置", exact=True).tap()
    note = phone.locator(f".st-key-note_{late}_self_handle textarea")
    field = phone.locator(f".st-key-note_{late}_self_handle [data-testid=stTextAreaRootElement]")
    expect(field).to_have_css("background-color", "rgb(255, 255, 255)")
    note.fill(TYPED[:6])
    for folder in ("first", "second"):  # a phone calls every photo the same
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "image.jpg").write_bytes(picture())
        phone.locator(f".st-key-photos_{late}_self_handle input").set_input_files(tmp_path / folder / "image.jpg")
    chip = phone.locator(".stFileChip")
    expect(chip).to_have_count(2)
    cable.cut()
    expect(phone.locator(".st-key-offline")).to_contain_text("网络已断开")
    note.click()
    note.press_sequentially(TYPED[6:])
    cable.mend()
    expect(phone.locator(".st-key-offline")).to_be_hidden()
    expect(note).to_have_value(TYPED)
    expect(chip).to_have_count(2)

    # even a page that is loaded anew has both, what was chosen, and the form they belong to
    still(phone)
    phone.get_by_role("radio", name="10 分钟前").tap()
    expect(phone).to_have_url(re.compile("ago="))
    phone.reload()
    expect(note).to_have_value(TYPED)
    expect(phone.get_by_role("radio", name="10 分钟前")).to_be_checked()
    expect(chip).to_have_text([re.compile("image.jpg")] * 2)
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
    with street.store.reading() as db:
        assert [photo.kind for photo in attachments.photos_of(db, late)] == [PhotoKind.AFTER] * 2
    assert phone.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('draft:'))") == []

    # what a unit has done is checked in one tap, twice pressed
    phone.goto(f"{cable.url}/backlog?case={to_check}")
    still(phone)
    phone.locator(".st-key-take_check button").dblclick()
    until(lambda: street.case(to_check).stage == Stage.CHECKED, "the case is checked", phone)
    expect(phone.get_by_text("路灯不亮：核查")).to_be_visible()
    assert [event.verb for event in street.events(to_check)].count(Verb.CHECK) == 1

    # a unit is called to a case, and a visit is written down in two taps
    phone.goto(f"{cable.url}/backlog?case={new}")
    still(phone)
    phone.locator(".st-key-whistle summary").tap()
    units = phone.locator(".st-key-whistle_units")
    units.evaluate("(box) => box.scrollIntoView({ block: 'center' })")  # a list closes when the page scrolls
    until(lambda: is_chosen(phone, units, "供电所"), "a unit is chosen", phone)
    phone.keyboard.press("Escape")
    phone.locator(f".st-key-whistle_{new} textarea").fill("请到场")
    fits(phone)
    phone.locator(".st-key-whistle_blow button").tap()
    expect(phone.get_by_text("已吹哨")).to_be_visible()
    phone.goto(f"{cable.url}/backlog?lane=diary")
    still(phone)
    phone.get_by_role("radio", name="入户走访").tap()
    phone.locator(".st-key-diary_save button").tap()
    expect(phone.locator(".lines", has_text="入户走访")).to_be_visible()
    fits(phone)

    # the case file opens from its address, and is one sheet of paper
    phone.goto(f"{cable.url}/case?case={to_check}")
    still(phone)
    expect(phone.locator(".timeline li:not(.day)")).to_have_count(8)
    fits(phone)
    phone.emulate_media(media="print")
    expect(phone.locator(".st-key-case_word")).to_be_hidden()
    assert len(PdfReader(io.BytesIO(phone.pdf(prefer_css_page_size=True))).pages) == 1
