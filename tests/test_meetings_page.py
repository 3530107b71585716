"""The page of joint meetings: every button that changes something, pressed; what each role is shown."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlmodel import select
from streamlit.testing.v1 import AppTest

from core import clock, follower, store
from core.meeting_words import MeetingState, Presence, Progress
from core.meetings.tables import AgendaItem, Attendance, ItemCase, Meeting, Resolution, Series, SeriesMember
from core.store import Store
from core.words import Severity
from pages.ui import navigation
from tests.accounts import cookie, enrol, token_of
from tests.cast import WULIPU_3, Street, fill


@pytest.fixture
def here(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """The store of this process, with the cast and three red cases in it."""
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    store.current.cache_clear()
    follower.current.cache_clear()
    with store.current().writing() as db:
        fill(db)
    street = Street(store.current())
    for at, category in (("n1", "E0102"), ("s1", "E0102"), ("n2", WULIPU_3)):
        street.report(category, at, severity=Severity.RED, when=clock.now() - timedelta(hours=2))
    yield store.current()
    if follower.current.cache_info().currsize:
        follower.current().stop()
    store.current().close()
    store.current.cache_clear()
    follower.current.cache_clear()


def opened(phase: str = "") -> AppTest:
    """The page, in the phase asked for."""
    page = AppTest.from_file(str(navigation.PAGES / "meetings.py"), default_timeout=60)
    if phase:
        page.session_state["phase"] = phase
    page.run()
    assert not page.exception, page.exception
    return page


def press(page: AppTest, key: str) -> AppTest:
    """Press a button by its key, or by the caption of a form."""
    button = next(one for one in page.button if one.key == key or one.label == key)
    button.click().run()
    assert not page.exception, page.exception
    return page


def one(here: Store, table: type) -> list:
    with here.reading() as db:
        return list(db.exec(select(table)))


def test_a_meeting_from_an_empty_series_to_a_signed_resolution_in_the_next(here: Store) -> None:
    with cookie(token_of(here, enrol(here), clock.real_now())):
        page = opened()
        page.text_input(key="series_venue").set_value("三楼会议室")
        page.text_input(key="series_chair").set_value("王主任")
        press(page, "series_found")
        assert [row.venue for row in one(here, Series)] == ["三楼会议室"]
        page = opened()
        page.text_input(key="member_name").set_value("张代表")
        press(page, "添加参会人")
        assert [row.name for row in one(here, SeriesMember)] == ["张代表"]
        press(opened(), "build")
        assert [row.state for row in one(here, Meeting)] == [MeetingState.PREPARED]
        press(opened(), "discard")
        assert one(here, Meeting) == []
        press(opened(), "build")
        first, second, third = (row.id for row in one(here, AgendaItem))
        press(opened(), f"down_{first}")
        press(opened(), f"up_{first}")
        page = opened()
        page.text_area(key=f"asked_{first}").set_value("定牵头单位")
        press(page, next(b.key for b in page.button if b.label == "保存" and b.key and f"ask_{first}" in b.key))
        page = opened()
        page.number_input(key=f"place_{first}").set_value(3)
        press(page, f"put_{first}")
        assert [row.id for row in sorted(one(here, AgendaItem), key=lambda row: row.ordinal)] == [second, third, first]
        page = opened()
        page.selectbox(key=f"into_{first}").select_index(0)
        press(page, f"merge_{first}")
        page = opened()
        page.text_input(key=f"why_{third}").set_value("材料未齐")
        press(page, f"drop_{third}")
        assert {row.id: row.dropped for row in one(here, AgendaItem)} == {second: None, third: "材料未齐"}
        press(opened(), "fix")
        page = press(opened("会中"), "begin")
        (person,) = one(here, Attendance)
        for presence in (Presence.ABSENT, Presence.EXCUSED, None):  # a second tap takes it back
            press(opened("会中"), f"{presence or Presence.EXCUSED}_{person.id}")
            assert one(here, Attendance)[0].presence == presence
        press(opened("会中"), "mark_rest")
        assert one(here, Attendance)[0].presence == Presence.PRESENT
        assert "mark_rest" not in {button.key for button in opened("会中").button}
        page = opened("会中")
        page.text_area(key=f"resolve_text_{second}").set_value("三日内清运")
        page.text_input(key=f"resolve_person_{second}").set_value("李站长")
        page.selectbox(key=f"resolve_unit_{second}").select_index(0)
        press(page, "记录议定事项")
        (row,) = one(here, Resolution)
        due_at = row.due_at
        for day, is_late in ((clock.real_now() - timedelta(days=3), True), (due_at, False)):
            with here.writing() as db:
                db.get_one(Resolution, row.id).due_at = day
            assert is_late == ("逾期 3 天" in " ".join(each.proto.body for each in opened("会中").get("html")))
        press(opened("会中"), "end")
        assert one(here, Meeting)[0].state == MeetingState.ENDED
        page = opened("会后")
        page.text_input(key=f"progress_note_{row.id}").set_value("已进场")
        press(page, f"tell_{row.id}")
        assert one(here, Resolution)[0].progress_note == "已进场"
        press(opened("会后"), f"sign_{row.id}")
        assert one(here, Resolution)[0].signed_at is None  # without evidence
        page = opened("会后")
        page.text_input(key=f"evidence_{row.id}").set_value("照片 3 张")
        press(page, f"sign_{row.id}")
        assert [r.progress for r in one(here, Resolution)] == [Progress.DONE]
        press(opened(), "build")
        assert any(item.reviews_id == row.id for item in one(here, AgendaItem))
        shown = " ".join(element.proto.body for element in opened("年度").get("html"))
        assert "议定 1 项，已销号 1 项（按期 1 项），未销号 0 项，无逾期" in shown
        assert "1 / 1" in shown
        assert "100.0%" not in shown  # of one


def test_an_item_is_put_off_promoted_settled_or_reviewed_on_the_page(here: Store) -> None:
    with cookie(token_of(here, enrol(here), clock.real_now())):
        press(opened(), "series_found")
        press(opened(), "build")
        press(opened("会中"), "begin")
        (meeting,) = one(here, Meeting)
        ids = [row.id for row in one(here, AgendaItem)]
        for number, (item, outcome) in enumerate(zip(ids, ("deferred", "promoted", "settled"), strict=True)):
            page = opened("会中")
            page.session_state[f"meeting_item_{meeting.id}"] = number
            page.run()
            page.text_input(key=f"end_note_{item}").set_value("需再议")
            press(page, f"{outcome}_{item}")
        assert [row.outcome for row in one(here, AgendaItem)] == ["deferred", "promoted", "settled"]
        page = opened("会中")
        press(page, "item_next")
        press(page, "item_before")
        jump = next(box for box in page.selectbox if str(box.key).startswith(f"meeting_item_{meeting.id}_to_"))
        assert all(option.endswith("✓") for option in jump.options)
        jump.select_index(2).run()
        assert page.session_state[f"meeting_item_{meeting.id}"] == 2


def test_the_screen_is_the_projectors_alone_until_it_is_left(here: Store) -> None:
    with cookie(token_of(here, enrol(here), clock.real_now())):
        press(opened(), "series_found")
        press(opened(), "build")
        press(opened("会中"), "begin")
        page = press(opened("会中"), "projector")
        assert {button.key for button in page.button} == {"item_before", "item_next", "projector"}
        shown = " ".join(element.proto.body for element in page.get("html"))
        assert "1 / 3" in shown
        assert "会议 <b>0 / 90</b>" in shown
        assert "end" in {button.key for button in press(page, "projector").button}


def test_what_is_left_out_is_listed_with_the_reason_and_can_be_put_on_the_agenda(here: Store) -> None:
    with cookie(token_of(here, enrol(here), clock.real_now())):
        page = opened()
        page.number_input(key="series_minutes").set_value(10)
        press(page, "series_found")
        page = press(opened(), "build")
        assert "必议而未列入 2 项" in {expander.label for expander in page.expander}
        assert len(one(here, AgendaItem)) == 1
        press(page, "add_must_0")
        assert len(one(here, AgendaItem)) == 2
        page = opened()
        assert "得分 40" in " ".join(element.proto.body for element in page.get("html"))
        assert "1 × 40，最多 40" in " ".join(element.proto.body for element in page.get("html"))


def test_what_weighs_little_and_a_case_by_its_number_are_put_on_the_agenda(here: Store) -> None:
    street = Street(here)
    waiting = street.report(WULIPU_3, "s1", when=clock.now() - timedelta(hours=80))
    plain = street.report("E0101", "n2", when=clock.now())
    number = street.case(plain).number
    with cookie(token_of(here, enrol(here), clock.real_now())):
        press(opened(), "series_found")
        page = press(opened(), "build")
        listed = {expander.label for expander in page.expander}
        assert "其余未列入 1 项" in listed, listed
        press(page, "add_low_0")
        on_agenda = {row.case_id for row in one(here, ItemCase)}
        assert waiting in on_agenda
        assert plain not in on_agenda
        for typed, count in ((number, 5), (number, 5), ("2611-99999", 5)):  # on it already, and no such case
            page = opened()
            page.text_input(key="add_number").set_value(typed)
            press(page, "add")
            assert len(one(here, AgendaItem)) == count
        assert plain in {row.case_id for row in one(here, ItemCase)}


def test_two_people_record_on_their_own_pages_and_of_two_on_one_item_the_second_is_told(here: Store) -> None:
    officer, leader = enrol(here), enrol(here, "leader", "lingdao")
    tokens = [token_of(here, user, clock.real_now()) for user in (officer, leader)]
    with cookie(tokens[0]):
        press(opened(), "series_found")
        press(opened(), "build")
        press(opened("会中"), "begin")
        first, second, _ = (row.id for row in one(here, AgendaItem))
        mine = filled(opened("会中"), first, "三日内清运")
    with cookie(tokens[1]):
        theirs = filled(opened("会中"), first, "五日内清运")
        other = press(opened("会中"), "item_next")
        filled(other, second, "十日内修复")
    with cookie(tokens[0]):
        press(mine, "记录议定事项")
    with cookie(tokens[1]):
        press(other, "记录议定事项")
        press(theirs, "记录议定事项")
    assert [warning.value for warning in theirs.warning] == ["此议题刚被他人修改，请核对后再试"]
    assert sorted(row.text for row in one(here, Resolution)) == ["三日内清运", "十日内修复"]


def filled(page: AppTest, item_id: int, text: str) -> AppTest:
    """The page with a resolution typed and not yet recorded."""
    page.text_area(key=f"resolve_text_{item_id}").set_value(text)
    page.text_input(key=f"resolve_person_{item_id}").set_value("李站长")
    page.text_input(key=f"resolve_boss_{item_id}").set_value("王主任")
    return page


def test_a_liaison_is_shown_the_items_of_the_unit_and_told_when_there_are_none(here: Store) -> None:
    with cookie(token_of(here, enrol(here), clock.real_now())):
        press(opened(), "series_found")
        press(opened(), "build")
        press(opened("会中"), "begin")
        page = filled(opened("会中"), one(here, AgendaItem)[0].id, "三日内送电")
        page.selectbox(key=f"resolve_unit_{one(here, AgendaItem)[0].id}").select_index(0)
        press(page, "记录议定事项")
    for name, login, sees in (("liaison of power", "dian", True), ("liaison of water", "shui", False)):
        with cookie(token_of(here, enrol(here, name, login), clock.real_now())):
            page = opened("会前")
            shown = " ".join(element.proto.body for element in page.get("html"))
            assert ("本次会议没有涉及贵单位的议题" in shown) != sees
            assert shown.count('<h3 class="item">') == sees
            assert not {button.key for button in page.button} & {"build", "fix", "discard"}


def test_a_grid_head_prepares_the_weekly_meeting_of_the_grid(here: Store) -> None:
    with cookie(token_of(here, enrol(here, "head of n1", "wangge"), clock.real_now())):
        page = opened()
        assert page.selectbox(key="series_kind").options == ["网格党小组例会"]
        press(page, "series_found")
        press(opened(), "build")
        (item,) = one(here, AgendaItem)
        page = opened()
        assert {"fix", "discard", f"up_{item.id}", f"drop_{item.id}"} <= {button.key for button in page.button}
    with cookie(token_of(here, enrol(here, "head of s1", "bieren"), clock.real_now())):
        assert not {button.key for button in opened().button} & {"fix", "build", f"drop_{item.id}"}


def test_a_leader_reads_and_decides_and_does_not_prepare(here: Store) -> None:
    with cookie(token_of(here, enrol(here), clock.real_now())):
        press(opened(), "series_found")
        press(opened(), "build")
    with cookie(token_of(here, enrol(here, "leader", "lingdao"), clock.real_now())):
        keys = {button.key for button in opened().button}
        assert not keys.intersection({"fix", "discard", "build", "series_found"})
        assert "begin" in {button.key for button in opened("会中").button}
    with cookie(token_of(here, enrol(here, "liaison of power", "lianluo"), clock.real_now())):
        assert not {button.key for button in opened("会中").button} & {"begin", "end"}
