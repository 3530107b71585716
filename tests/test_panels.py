"""The wall's panels: what they say about a wall, what survives on the way, and what the browser makes of it."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from playwright.sync_api import Page, sync_playwright

from core.language import translator
from core.wall import Alarm, EmergencyLine, Wall
from core.words import ClockState, Measure, Severity
from pages.ui import panels, pulse
from tests import walls
from tests.prepare import MEND_CHROMIUM, chromium

# What Streamlit's sanitiser lets through; inline SVG, for one, it drops.
TAGS = {"div", "header", "h1", "h2", "p", "b", "i", "u", "s", "em", "span", "small", "time", "img", "label"}
ATTRIBUTES = {"class", "style", "title", "src", "alt"}


class Reader(HTMLParser):
    """Collects the elements and the text of HTML, and whether every element was closed."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.sources: list[str] = []
        self.text: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _value in attrs}
        self.sources += [value or "" for name, value in attrs if name == "src"]
        if tag != "img":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read(wall: Wall, measure: Measure = Measure.OPEN) -> Reader:
    """The panels of `wall`, read as a browser would."""
    reader = Reader()
    reader.feed(panels.render(wall, "zh_CN", measure))
    return reader


def said(wall: Wall, measure: Measure = Measure.OPEN) -> str:
    """All words of the panels, a bar between elements."""
    return "|".join(read(wall, measure).text)


@pytest.mark.parametrize("wall", [walls.ordinary(), walls.empty(), walls.calm(), walls.overfull()])
def test_panels_hold_only_what_the_sanitiser_lets_through(wall: Wall) -> None:
    reader = read(wall)
    assert reader.open == []
    assert reader.tags <= TAGS
    assert {name for name in reader.attributes if not name.startswith("data-")} <= ATTRIBUTES
    assert all(source.startswith("data:image/svg+xml;base64,") for source in reader.sources)


def test_the_style_sheet_has_no_angle_bracket_for_which_the_sanitiser_would_drop_it() -> None:
    assert "<" not in panels.stylesheet()


def test_lengths_grow_with_the_screen_and_hairlines_do_not() -> None:
    lengths = {float(length) for length in re.findall(r"(-?\d*\.?\d+)px", panels.stylesheet())}
    assert lengths
    assert max(abs(length) for length in lengths) < panels.HAIRLINE_PX


def test_the_panels_of_a_street_stay_small_on_the_wire() -> None:
    assert len(panels.render(walls.ordinary(), "zh_CN").encode()) < 20_000


def test_each_tight_case_says_how_long_and_whom_to_ring() -> None:
    assert "燃气管道第三方施工挖损|超 2:14|红|09 中山路 · 应急分站|6316 0119" in said(walls.ordinary())
    assert "高层外墙砖脱落，已拉警戒|剩 0:09|红|06 桥东 · 应急分站|6316 0119" in said(walls.ordinary())
    assert "02 云汀 · 尚未派遣" in said(walls.calm())


def test_the_tiles_say_their_figure_and_its_neighbour() -> None:
    text = said(walls.ordinary())
    for words in (
        "未结案件|128|较上周同期 |−9|在办 |120| · 待结案 |8",
        "已超时|4|最久 |2:14| · 09 中山路",
        "2 小时内到期|12|下一件 |14:41",
        "今日上报|63|同期常见 |44–63",
        "今日办结|57|昨日同时段 |61",
        "本月按时办结率|96.3|%|按时 |412| / 应结 |428",
    ):
        assert words in text


def test_every_stage_of_the_loop_is_counted() -> None:
    assert "已上报|6|已受理|9|已派遣|21|已接单|17|已到场|24|已处置|31|已反馈|12|待结案|8" in said(walls.ordinary())


def test_nothing_overdue_is_said_in_words_and_does_not_glow() -> None:
    html, text = panels.render(walls.calm(), "zh_CN"), said(walls.calm())
    assert "已超时|0|已连续无超时 |6:12" in text
    assert "目前没有超时案件" in text
    assert 'class="k kb over"' not in html


def test_an_empty_wall_says_why_in_every_panel() -> None:
    text = said(walls.empty())
    for words in ("没有正在计时", "没有上报的案件", "没有记录", "没有下一级", "没有单位在办", "近 14 天没有上报"):
        assert words in text
    assert "本月按时办结率|–|按时 |0| / 应结 |0" in text


def test_the_ranking_shows_the_largest_and_sums_up_the_rest() -> None:
    text, places = said(walls.overfull()), walls.overfull().children
    rest = sum(place.open for place in places[panels.MOST.places :])
    late = sum(place.overdue for place in places[panels.MOST.places :])
    assert f"按未结件数排序|另 20 个网格 {rest} 件 · 超时 {late}" in text
    assert text.index("|01|白河滨江花园|45|") < text.index("|12|白河滨江花园|34|")


def test_the_list_keeps_rows_for_what_can_still_be_kept_in_time() -> None:
    late, running = walls.overfull().tightest, walls.calm().tightest
    text = said(replace(walls.overfull(), tightest=late + running))
    assert text.count("|超 ") == 6
    assert "|另 1\u2009030 件超时 · 红 35|" in text
    assert text.index("件超时") < text.index("剩 0:09")


def test_of_more_than_a_day_overdue_the_hours_are_said() -> None:
    assert "|超 8 天 8 小时|" in said(walls.overfull())
    assert "|剩 1 天|" in said(walls.ordinary())


def test_what_no_row_shows_is_summed_up_so_that_all_open_cases_are_there() -> None:
    wall = walls.ordinary()
    eight = tuple(replace(unit, open=10, overdue=1) for unit in (*wall.units, *wall.units[:2]))
    text = said(replace(wall, open=100, overdue=9, units=eight))
    assert "另 2 个单位 20 件 · 超时 2" in text
    assert "尚未派遣 20 件 · 超时 1" in text


def test_a_map_without_points_says_why() -> None:
    text = said(replace(walls.overfull(), drawn=0))
    assert "案件过多，只按网格着色" in text
    assert "|等级|" not in text


def test_a_week_that_is_not_known_is_not_compared() -> None:
    (line, *_) = walls.ordinary().categories
    text = said(replace(walls.ordinary(), categories=(replace(line, before=None),)))
    assert "|市容环境|86|–" in text
    assert "上 7 天" not in text


@pytest.mark.parametrize(
    ("measure", "words"),
    [
        (Measure.OPEN, "未结案件|0–1|2–4|5–7|8–11|≥12"),
        (Measure.OVERDUE, "超时案件|0|1|2|3–4|≥5"),
        (Measure.DUE_SOON, "将到期案件|0|1|2|3–4|≥5"),
    ],
)
def test_the_legend_is_that_of_the_measure_shown(measure: Measure, words: str) -> None:
    assert words in said(walls.ordinary(), measure)


def test_what_people_typed_stays_text() -> None:
    wall = walls.ordinary()
    nasty = replace(wall.tightest[0], title='<img src=x onerror="alert(1)">', unit="<b>x</b>")
    reader = read(replace(wall, tightest=(nasty,), newest=(nasty,)))
    assert {name for name in reader.attributes if name.startswith("on")} == set()
    assert "".join(reader.text).count('<img src=x onerror="alert(1)">') == 2


def test_the_tag_of_demonstration_data_shows_only_on_demonstration_data() -> None:
    assert "演示数据" in said(walls.ordinary())
    assert "演示数据" not in said(walls.empty())


def test_the_trail_shows_where_one_stands() -> None:
    assert "云汀街道|›|书院社区|›|09 中山路" in said(walls.calm())
    assert "›" not in said(walls.ordinary())


def test_the_wall_is_dimmed_from_ten_in_the_evening_to_six() -> None:
    wall = walls.ordinary()
    for hours, night in ((7.4, False), (7.5, True), (15.4, True), (15.5, False)):  # 21:56, 22:02, 05:56, 06:02
        html = panels.render(replace(wall, now=walls.NOW + walls.minutes(60 * hours)), "zh_CN")
        assert html.startswith('<div class="w night"') is night


# In a browser.

MEASURE_TICK = f"""([now, heard]) => {{
  const root = document.querySelector(".w");
  ({panels.TICK_JS})(root, now * 1000, heard * 1000);
  return root.textContent;
}}"""


@pytest.fixture(scope="module")
def browser_page() -> Iterator[Page]:
    """A blank page of a real Chromium, as large as a wall."""
    path = chromium()
    if path is None:
        pytest.fail(MEND_CHROMIUM, pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"], timeout=60_000)
        yield browser.new_page(viewport={"width": 1920, "height": 1080})
        browser.close()


def show(page: Page, wall: Wall, size: tuple[int, int] = (1920, 1080)) -> None:
    """Put the panels of `wall` on the page."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.set_content(f"<style>{panels.stylesheet()}</style>{panels.render(wall, 'zh_CN')}")


def ticked(page: Page, seconds: int) -> str:
    """All words after the browser has rewritten the times, so many seconds later."""
    moment = int(walls.NOW.timestamp()) + seconds
    text: str = page.evaluate(MEASURE_TICK, [moment, moment])
    return text


@pytest.mark.parametrize("wall", [walls.ordinary(), walls.calm(), walls.overfull()])
def test_browser_and_server_write_the_same_times(browser_page: Page, wall: Wall) -> None:
    show(browser_page, wall)
    before = browser_page.locator(".w").text_content()
    assert ticked(browser_page, 0) == before


def test_times_go_on_in_the_browser_without_the_server(browser_page: Page) -> None:
    show(browser_page, walls.ordinary())
    later = ticked(browser_page, 9 * 60 + 50)
    for words in ("超 2:23", "超 0:00", "剩 0:08", "14:42", "数据截至 14:42:00", "10 分钟前", "11月22日 星期六"):
        assert words in later
    assert "11月23日 星期日" in ticked(browser_page, 10 * 3600)
    assert browser_page.locator(".w.night").count() == 1


def test_times_stand_in_a_world_that_stands_still(browser_page: Page) -> None:
    show(browser_page, walls.calm())
    before = browser_page.locator(".w").text_content()
    assert ticked(browser_page, 3600) == before


OUTSIDE = """() => [...document.querySelectorAll(".w *")].filter((element) => {
  const box = element.getBoundingClientRect();
  return !element.closest(".list") && box.width && (box.right > innerWidth + 1 || box.bottom > innerHeight + 1);
}).map((element) => element.textContent)"""
HIDDEN_ROWS = """(list) => [...document.querySelectorAll(list)].filter((row) =>
  row.getBoundingClientRect().right <= document.querySelector(".l").getBoundingClientRect().right + 1).length"""


@pytest.mark.parametrize("size", [(1920, 1080), (3840, 2160), (3840, 1080), (1440, 900)])
@pytest.mark.parametrize("wall", [walls.ordinary(), walls.overfull()])
def test_nothing_runs_off_the_wall(browser_page: Page, wall: Wall, size: tuple[int, int]) -> None:
    show(browser_page, wall, size)
    assert browser_page.evaluate(OUTSIDE) == []


def test_the_left_column_shows_ten_tight_and_four_new_cases_whole(browser_page: Page) -> None:
    show(browser_page, walls.overfull())
    assert browser_page.evaluate(HIDDEN_ROWS, ".row") == 10
    assert browser_page.evaluate(HIDDEN_ROWS, ".nr") == 4


def test_the_hole_for_the_map_is_1008_by_584_at_456_200(browser_page: Page) -> None:
    show(browser_page, walls.ordinary())
    browser_page.evaluate("document.body.insertAdjacentHTML('beforeend', '<div class=hole></div>')")
    assert browser_page.locator(".hole").bounding_box() == {"x": 456, "y": 200, "width": 1008, "height": 584}


def test_an_emergency_stands_in_the_header_with_place_reason_and_age() -> None:
    wall = walls.ordinary()
    storm = EmergencyLine("莲塘社区", "<b>暴雨</b>", walls.NOW - walls.minutes(134), "傅春燕", 51, 8)
    text = said(replace(wall, emergencies=(storm, storm)))
    assert "应急状态|莲塘社区 · <b>暴雨</b>|未结 |51| · 超时 |8|时限按 50%|傅春燕 启动|已持续 |2:14|+1" in text
    assert "应急状态" not in said(wall)


def test_cases_in_an_emergency_are_the_first_of_the_tightest() -> None:
    wall = walls.overfull()
    late = [case for case in wall.tightest if case.clock is ClockState.OVERDUE]
    assert len(late) > 6
    last = replace(late[-1], title="堤顶渗水", is_framed=True)
    text = said(replace(wall, tightest=(*late[:-1], last)))
    assert f"应急|{last.grid} · " in text
    assert text.index("堤顶渗水") < text.index(late[0].title)


@pytest.mark.parametrize("size", [(1920, 1080), (3840, 1080), (1440, 900)])
def test_the_longest_emergency_leaves_the_header_its_clock(browser_page: Page, size: tuple[int, int]) -> None:
    storm = EmergencyLine(
        "白河滨江花园社区", "台风红色预警，白河水位超警戒，低洼处人员转移" * 2, walls.NOW, "欧阳清晨", 1051, 208
    )
    show(browser_page, replace(walls.overfull(), emergencies=(storm,)), size)
    assert browser_page.evaluate(OUTSIDE) == []


@pytest.mark.parametrize(("open_cases", "more", "is_said"), [(90, 30, False), (91, 31, True), (30, 19, False)])
def test_far_more_open_than_a_week_ago_is_said_in_the_header(open_cases: int, more: int, is_said: bool) -> None:
    wall = replace(walls.ordinary(), open=open_cases, open_change=more)
    assert (f"案件激增|未结 |{open_cases}|较上周同期 |+{more}|" in said(wall)) is is_said
    storm = EmergencyLine("莲塘社区", "暴雨", walls.NOW, "傅春燕", 51, 8)
    assert "案件激增" not in said(replace(wall, emergencies=(storm,)))


@pytest.mark.parametrize(("ahead_h", "words"), [(2, "16:32"), (23, "13:32"), (150, "11月28日")])
def test_what_falls_due_next_says_its_time_within_a_day_and_else_its_day_whole(
    browser_page: Page, ahead_h: int, words: str
) -> None:
    wall = walls.ordinary()
    running = next(case for case in wall.tightest if case.clock is ClockState.RUNNING)
    wall = replace(wall, tightest=(replace(running, due_at=walls.NOW + walls.minutes(60 * ahead_h)),))
    assert f"下一件 |{words}|" in said(wall)
    show(browser_page, wall)
    assert browser_page.locator(".day").evaluate(
        "(day) => day.parentElement.scrollWidth <= day.parentElement.clientWidth"
    )


RED = Alarm("red-7", None, Severity.RED, "燃气泄漏<i>", "中山路")
LATE = Alarm("over-8", ClockState.OVERDUE, Severity.BLUE, "护栏松动", "新港")
RING = f"""() => {{
  const room = document.createElement("div");
  room.innerHTML = {json.dumps(pulse.HTML)};
  document.body.append(room);
  window.spoken = [];
  speechSynthesis.speak = (said) => window.spoken.push(said.text);
  {pulse.ALARM_JS}
  window.bell = alarmBell(room, {json.dumps(pulse.bell_words(translator("zh_CN")), ensure_ascii=False)});
}}"""
HEAR = """(now) => window.bell.hear(JSON.parse(document.querySelector("[data-alarms]").dataset.alarms), now)"""


def test_the_bell_is_silent_until_a_key_then_says_what_is_new_until_the_space_bar(browser_page: Page) -> None:
    page = browser_page
    show(page, replace(walls.ordinary(), alarms=(LATE,)))
    page.evaluate(RING)
    page.evaluate(HEAR, 0)  # it was there when the page came
    assert page.locator(".sound").inner_text() == "声音已关 · 按 M"
    page.keyboard.press("m")
    page.wait_for_function("document.querySelector('.sound').textContent === '声音已开'")
    page.evaluate("window.spoken.length = 0")
    page.evaluate("(html) => document.querySelector('.w').outerHTML = html", panels.render(alarmed(), "zh_CN"))
    page.evaluate(HEAR, 1_000)
    assert page.locator(".alarm li").all_inner_texts() == ["红色案件燃气泄漏<i> · 中山路"]
    page.evaluate(HEAR, 20_000)
    page.evaluate(HEAR, 32_000)
    assert page.evaluate("window.spoken") == ["新报红色案件，中山路，燃气泄漏<i>"] * 2
    page.keyboard.press("Space")
    page.evaluate(HEAR, 90_000)
    assert page.locator(".alarm").is_hidden()
    assert len(page.evaluate("window.spoken")) == 2
    page.keyboard.press("m")
    page.wait_for_function("document.querySelector('.sound').textContent === '声音已关 · 按 M'")


def alarmed() -> Wall:
    """A wall with a case overdue before and a red one that is new."""
    return replace(walls.ordinary(), alarms=(LATE, RED))


def test_two_screens_side_by_side_hold_more_rows_and_nothing_runs_off(browser_page: Page) -> None:
    browser_page.set_viewport_size({"width": 3840, "height": 1080})
    html = panels.render(walls.overfull(), "zh_CN", is_wide=True)
    browser_page.set_content(f"<style>{panels.stylesheet()}</style>{html}")
    assert browser_page.evaluate(OUTSIDE) == []
    assert browser_page.locator(".g").count() == panels.WIDE.places
    assert browser_page.evaluate(HIDDEN_ROWS, ".row") == panels.WIDE.usual_tight
    assert pulse.Room(2064, 584, 16).is_wide
    assert not pulse.ROOM.is_wide


@pytest.mark.parametrize("size", [(1920, 1080), (1440, 900)])
def test_nothing_runs_off_the_wall_in_english(browser_page: Page, size: tuple[int, int]) -> None:
    browser_page.set_viewport_size({"width": size[0], "height": size[1]})
    html = panels.render(walls.ordinary(), "en")
    browser_page.set_content(f"<style>{panels.stylesheet()}</style>{html}")
    assert browser_page.evaluate(OUTSIDE) == []
