"""The components of light pages: what they say, that nothing users wrote is HTML, and that rows are buttons."""

from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from itertools import product

import pytest
from markupsafe import Markup
from streamlit.testing.v1 import AppTest

from core import spans
from core.language import translator
from core.store import ROOT
from core.words import ClockState, Role, Severity, Stage
from pages.ui import frame, navigation, pieces, style
from tests.gallery import HOSTILE, NOW, sample

_ = translator("zh_CN")
# What Streamlit's sanitiser lets through of what we use; inline SVG, for one, it drops.
TAGS = {
    *("article", "header", "div", "h2", "h3", "p", "b", "i", "em", "span", "small"),
    *("nav", "ol", "li", "a", "details", "summary"),
}
CLOCKS = (*ClockState, None)
CHARACTER = {Severity.RED: "红", Severity.ORANGE: "橙", Severity.YELLOW: "黄", Severity.BLUE: "蓝"}
CLOCK_WORDS = {
    ClockState.RUNNING: "剩 5:40",
    ClockState.DUE_SOON: "剩 0:18",
    ClockState.OVERDUE: "超 0:51",
    ClockState.MET: "按时",
    ClockState.MISSED: "超时办结",
    ClockState.CANCELLED: "已撤销",
    ClockState.PAUSED: "挂账",
    ClockState.SUPERSEDED: "已被替代",
    None: "未起算",
}


class Reader(HTMLParser):
    """Collects tags, attributes and text, and whether every element was closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: dict[str, list[str | None]] = {}
        self.text: list[str] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.open.append(tag)
        for name, value in attrs:
            self.attributes.setdefault(name, []).append(value)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def said(html: str) -> str:
    """The text of a piece."""
    return " ".join(Reader(html).text)


@pytest.mark.parametrize(("severity", "state"), list(product(Severity, CLOCKS)))
def test_a_row_says_level_and_clock_in_words_and_not_by_colour_alone(
    severity: Severity, state: ClockState | None
) -> None:
    for html in (pieces.case_row(sample(severity, state), NOW, _), pieces.case_card(sample(severity, state), NOW, _)):
        found = Reader(html)
        assert CHARACTER[severity] in found.text
        assert CLOCK_WORDS[state] in found.text
        assert not found.open
        assert set(found.tags) <= TAGS


HOSTILE_PIECES = {
    "row": pieces.case_row(
        sample(Severity.RED, None, HOSTILE), NOW, _, where=HOSTILE, next_step=HOSTILE, extra=[HOSTILE]
    ),
    "card": pieces.case_card(sample(Severity.RED, None, HOSTILE), NOW, _, where=HOSTILE, extra=[HOSTILE]),
    "person": pieces.person(HOSTILE, _, role=HOSTILE, phone=HOSTILE),
    "trail": pieces.trail([HOSTILE, HOSTILE], _),
    "heading": pieces.heading(HOSTILE, 3, HOSTILE),
    "empty": pieces.empty(HOSTILE, HOSTILE),
    "note": pieces.note(HOSTILE),
    "figure": pieces.figure(HOSTILE, HOSTILE, HOSTILE, _, note=HOSTILE),
}


@pytest.mark.parametrize("piece", HOSTILE_PIECES)
def test_what_users_wrote_is_text_and_nothing_else(piece: str) -> None:
    found = Reader(HOSTILE_PIECES[piece])
    assert "img" not in found.tags
    assert "onerror" not in found.attributes
    assert HOSTILE in "".join(found.text)
    assert not any("alert" in (address or "") for address in found.attributes.get("href", []))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "剩 0:00"),
        (59, "剩 0:00"),
        (60, "剩 0:01"),
        (36_000 - 1, "剩 9:59"),
        (36_000, "剩 10 小时"),
        (86_399, "剩 23 小时"),
        (3 * 86_400 + 7_200, "剩 3 天"),
        (-1, "超 0:00"),
        (-(2 * 86_400 + 23 * 3600), "超 2 天 23 小时"),
        (-86_400, "超 1 天"),
    ],
)
def test_a_running_clock_counts_from_the_moment_given(seconds: int, words: str) -> None:
    state = ClockState.RUNNING if seconds >= 0 else ClockState.OVERDUE
    assert spans.clock_text(state, NOW + timedelta(seconds=seconds), NOW, _) == words


def test_a_clock_that_should_run_and_has_no_due_time_says_that_there_is_none() -> None:
    assert spans.clock_text(ClockState.RUNNING, None, NOW, _) == "未起算"


@pytest.mark.parametrize("stage", Stage)
def test_the_loop_marks_one_stage_as_the_present_one_or_says_how_it_ended(stage: Stage) -> None:
    found = Reader(pieces.stage_line(stage, _))
    if stage in pieces.LINE:
        assert found.attributes["aria-current"] == ["step"]
        assert found.attributes["class"].count("done") == pieces.LINE.index(stage)
    else:
        assert found.tags == ["p"]


@pytest.mark.parametrize(("parts", "value"), [((412, 428), "96.3%"), ((0, 428), "0.0%"), ((0, 0), "—"), ((3, 0), "—")])
def test_a_share_without_a_denominator_is_a_dash(parts: tuple[int, int], value: str) -> None:
    assert pieces.share(*parts) == value
    assert value in said(pieces.figure("按时率", pieces.share(*parts), "按时 ÷ 应结", _, parts=parts))


def test_a_figure_says_how_it_is_reckoned() -> None:
    words = said(pieces.figure("按时率", "96.3%", "按时 ÷ 应结", _, parts=(1412, 1428)))
    assert "按时 ÷ 应结" in words
    assert "1\u2009412 / 1\u2009428" in words


def test_a_phone_can_be_called_by_a_touch() -> None:
    found = Reader(pieces.person("黎云萍", _, role=Role.LIAISON, phone="6316 2071（值班）"))
    assert found.attributes["href"] == ["tel:63162071"]
    assert "联络员" in found.text
    assert pieces.call("", _) == Markup("")


def test_the_style_sheet_has_a_look_for_every_level_and_every_clock() -> None:
    css = frame.style("light")
    for severity, state in product(Severity, CLOCKS):
        html = pieces.case_row(sample(severity, state), NOW, _)
        keys = [name for names in Reader(html).attributes["class"] for name in (names or "").split()]
        assert f".m.{keys[keys.index('m') + 1]}{{" in css
        assert f".chip.{keys[keys.index('chip') + 1]}::before" in css


def test_a_row_is_one_button_that_names_its_case() -> None:
    page = AppTest.from_file(str(ROOT / "tests" / "gallery.py"), default_timeout=60).run()
    assert not page.exception
    button = page.button(key="red_overdue")
    assert "临街广告牌松动坠落隐患" in button.label
    button.click().run()
    assert page.session_state["pressed"] == "red_overdue"
    assert "\\[链接\\]\\(" in page.button(key="hostile").label


def test_a_moment_is_said_in_the_time_of_the_street() -> None:
    assert spans.moment_text(datetime(2026, 11, 20, 16, 59, tzinfo=UTC), _) == "11月21日 00:59"
    assert spans.day_text(date(2026, 3, 7), _) == "3月7日"
    assert spans.day_text(date(2026, 3, 7), str) == "3-7"


def test_the_bar_of_a_phone_has_an_icon_for_every_page_in_it() -> None:
    assert {screen.file for screen in navigation.SCREENS if screen.tab} == set(style.TABS)
    sheet = frame.style("light")
    for page in style.TABS:
        assert f".st-key-tab_{page}" in sheet
