"""The page “who answers”: what each role sees of it, and every button that changes something."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

import app
from core import clock
from core.accounts.audit import Asker
from core.accounts.tables import AuditEvent
from core.clock import local
from core.liaisons import commands, lookup
from core.liaisons.commands import Entry
from core.liaisons.tables import Liaison, LiaisonImport, LiaisonLeave, LiaisonPlace, RosterRow, SectorEdit
from core.people import Appointment
from core.store import Store
from core.units import Unit
from core.words import Role, Verb
from pages.ui.session import COOKIE
from tests.accounts import cookie, token_of
from tests.cast import ID, POWER, RULES, WATER, WHO, Street, loop
from tests.demo_street import this_process_over
from tests.test_liaisons_tables import workbook

PAGE = str(Path(__file__).parents[1] / "pages" / "liaisons.py")
MOBILE = "10012345678"
STAFF, SECTORS, TABLES = "人员与排班", "行业与单位", "导入导出"


@pytest.fixture
def here(sqlite_url: str) -> Iterator[Store]:
    """The store of this process with the cast and two liaisons of power, both around the clock."""
    from tests.cast import fill

    with this_process_over(sqlite_url):
        store = Store(sqlite_url)
        with store.writing() as db:
            fill(db)
        with store.writing() as db:
            by = Asker(WHO["officer"], "", clock.now() - timedelta(days=1))  # cases of some hours ago know them too
            entry = Entry("甲", "所长", "6316 0009", MOBILE, "natural")
            commands.add(db, by, POWER, entry, [ID["street"]], RULES)
            commands.add(db, by, POWER, Entry("乙", mobile=MOBILE, calendar="natural"), [], RULES)
        yield store
        store.close()


def opened(part: str = "") -> AppTest:
    """The page, for whoever the cookie names, at one of its parts."""
    page = AppTest.from_file(PAGE, default_timeout=60)
    if part:
        page.session_state["liaison_part"] = part
    return page.run()


def turn_to(page: AppTest, part: str) -> AppTest:
    """Another part of the page."""
    page.session_state["liaison_part"] = part
    return page.run()


@pytest.fixture
def page(here: Store) -> Iterator[AppTest]:
    """The page of the duty officer."""
    with cookie(token_of(here, WHO["officer"].user_id, clock.real_now())):
        yield opened()


def shown(page: AppTest) -> str:
    """Everything on a page that is HTML of ours."""
    assert not page.exception, page.exception
    return "\n".join(str(part.proto.body) for part in found(page, "html"))


def found(page: AppTest, kind: str) -> Any:
    """The elements of a kind that AppTest has no attribute for."""
    return page.get(kind)


def touch(page: AppTest, sector: str, place: str) -> AppTest:
    """A cell of the matrix, as the browser reports it."""
    page.session_state["matrix_cell"] = sector, ID[place]
    return turn_to(page, "覆盖")


def press(page: AppTest, label: str) -> AppTest:
    """Press the one button of this label."""
    (button,) = [one for one in page.button if one.label == label]
    return button.click().run()


def rows(here: Store, table: Any) -> list[Any]:
    """What a table holds."""
    with here.reading() as db:
        return list(db.exec(select(table).order_by(col(table.id))))


def test_what_is_typed_is_answered_with_phone_and_way(page: AppTest) -> None:
    page.text_input(key="liaison_typed").set_value("n1 供电").run()
    said = shown(page)
    assert "甲" in said
    assert 'href="tel:63160009"' in said
    assert "网格</span> 未指定人员" in said
    assert "街道</span> 甲 当前在岗" in said


def test_the_card_shows_the_mobile_and_is_verified_in_one_tap(page: AppTest, here: Store) -> None:
    with here.writing() as db:
        db.get_one(Liaison, 1).verified_on = None
        lookup.renew(db)
    page.text_input(key="liaison_typed").set_value("供电").run()
    page.button(key="answer_0").click().run()
    assert f"tel:{MOBILE}" in shown(page)
    assert 'src="/liaisons/1/map"' in shown(page)
    assert "超过 90 天未核实" in shown(page)
    page.button(key="verified").click().run()
    assert rows(here, Liaison)[0].verified_on == local(clock.now()).date()
    assert '<em class="stale">' not in shown(page)


def test_the_map_of_a_liaisons_places_is_sent_to_who_may_look_them_up(here: Store) -> None:
    client, answers = TestClient(app.app), {}
    asked = f"2/map?place={ID['n1']}&place=x"  # the second has no place but the one that was asked for
    for name, path in (
        ("officer", "1/map"),
        ("officer", asked),
        ("officer", "2/map"),
        ("officer", "99/map"),
        ("wall", "1/map"),
    ):
        token = token_of(here, WHO[name].user_id, clock.real_now())
        answers[name, path] = client.get(f"/liaisons/{path}", cookies={COOKIE: token})
    for path in ("1/map", asked):
        assert answers.pop(("officer", path)).content.startswith(b"\x89PNG")
    assert {answer.status_code for answer in answers.values()} == {404}


@pytest.mark.parametrize(("name", "reads"), [("leader", True), ("head of n1", False), ("liaison of power", False)])
def test_a_mobile_is_masked_without_the_right_and_nothing_can_be_edited(here: Store, name: str, reads: bool) -> None:
    with cookie(token_of(here, WHO[name].user_id, clock.real_now())):
        page = opened()
        page.text_input(key="liaison_typed").set_value("供电").run()
        page.button(key="answer_0").click().run()
        said = shown(page)
    assert (MOBILE in said) == reads
    assert ("100****5678" in said) != reads
    assert "verified" not in {one.key for one in page.button}
    assert [tab.label for tab in page.tabs] == ["查找", "覆盖", "今晚值守", "响应时效"]


def test_a_liaison_is_given_open_dispatches_in_words_without_the_reporter(here: Store) -> None:
    street, now = Street(here), clock.now() - timedelta(hours=3)
    case = street.report(when=now, reporter_name="欧阳见微", reporter_phone="13912345678", text="欧阳见微报")
    street.take(case, *loop(now, until=Verb.TAKE_ON)[1:])
    with cookie(token_of(here, WHO["officer"].user_id, clock.real_now())):
        page = opened()
        page.text_input(key="liaison_typed").set_value("甲").run()
        page.button(key="person_1").click().run()
        (words,) = [one.value for one in page.code]
    assert street.case(case).number in words
    assert "欧阳" not in words + shown(page)
    assert "139" not in words


def test_a_gap_is_filled_from_its_cell(page: AppTest, here: Store) -> None:
    with here.writing() as db:
        by = Asker(WHO["officer"], "", clock.now())
        commands.add(db, by, WATER, Entry("水一", calendar="natural"), [], RULES)
    touch(page, "water", "n1")
    assert "网格</span> 未指定人员" in shown(page)  # who answers meanwhile, and on which way
    assert page.selectbox(key="cell_liaison").options == ["水一 · 供水站"]
    press(page, "补上")
    assert page.success[0].value == "水一 现负责 n1。"
    assert [(row.liaison_id, row.place_id) for row in rows(here, LiaisonPlace)] == [(1, ID["street"]), (3, ID["n1"])]
    assert "cell_liaison" not in {one.key for one in page.selectbox}  # the cell is closed


def test_somebody_new_is_entered_from_a_cell_and_a_refusal_is_said_there(page: AppTest, here: Store) -> None:
    touch(page, "water", "north")
    press(page, "登记")
    assert page.warning[0].value == "名称须为 1 至 40 个字符"
    page.text_input(key="cell_name").set_value("水二")
    press(page, "登记")
    assert page.success[0].value == "水二 现负责 north。"
    assert rows(here, Liaison)[-1].unit_id == WATER


def test_in_a_cell_an_entry_is_verified_and_a_place_given_back(page: AppTest, here: Store) -> None:
    with here.writing() as db:
        db.get_one(Liaison, 1).verified_on = None
        lookup.renew(db)
    touch(page, "power", "street")
    page.button(key="cell_verify_1").click().run()
    assert rows(here, Liaison)[0].verified_on == local(clock.now()).date()
    touch(page, "power", "street")
    page.button(key="cell_release_1").click().run()
    assert page.success[0].value == "甲 不再负责 street。"
    assert rows(here, LiaisonPlace)[0].to_on is not None


def test_a_sector_without_a_unit_says_so_in_its_cell_and_a_leader_only_reads(page: AppTest, here: Store) -> None:
    touch(page, "gas", "n1")
    assert "这个行业还没有单位" in shown(page)
    with cookie(token_of(here, WHO["leader"].user_id, clock.real_now())):
        read = touch(opened(), "power", "n1")
        assert "街道</span> 甲 当前在岗" in shown(read)
        assert [one.key for one in read.button] == []


def test_the_night_is_shown_and_comes_as_one_page(page: AppTest) -> None:
    turn_to(page, "今晚值守")
    assert "供电所" in shown(page)
    assert [one.label for one in found(page, "download_button")] == ["打印一页（Word）"]


def test_somebody_is_entered_sent_on_leave_put_on_the_roster_and_seen_off(page: AppTest, here: Store) -> None:
    turn_to(page, STAFF)
    page.text_input(key="new_name").set_value("丙")
    page.multiselect(key="new_places").select("n1")
    press(page, "登记")
    assert rows(here, Liaison)[-1].name == "丙"
    page.button(key="staff_1").click().run()
    page.selectbox(key="leave_other").select("乙")
    press(page, "登记请假")
    assert [(row.liaison_id, row.stand_in_id) for row in rows(here, LiaisonLeave)] == [(1, 2)]
    page.button(key="staff_2").click().run()
    press(page, "排班")
    (turn,) = rows(here, RosterRow)
    assert (turn.liaison_id, turn.to_at - turn.from_at) == (2, timedelta(hours=14))
    page.button(key="staff_3").click().run()
    page.selectbox(key="leaver_heir").select("甲")
    press(page, "结束并移交")
    assert rows(here, Liaison)[-1].successor_id == 1
    acts = [row.action for row in _audited(here)]
    assert acts == ["edit_directory"] * 6


def test_an_entry_is_corrected_and_what_makes_no_sense_is_refused_in_words(page: AppTest, here: Store) -> None:
    turn_to(page, STAFF)
    page.text_input(key="entry_1_name").set_value(" ")
    press(page, "保存资料")
    assert page.warning[0].value == "名称须为 1 至 40 个字符"
    page.text_input(key="entry_1_name").set_value("甲甲")
    page.text_input(key="entry_1_phone").set_value("6316 0010")
    page.selectbox(key="entry_1_hours").select("工作日")
    page.selectbox(key="entry_1_deputy").select("乙")
    press(page, "保存资料")
    assert page.success[0].value == "甲甲：资料已更正。"
    first = rows(here, Liaison)[0]
    assert (first.name, first.duty_phone, first.calendar, first.deputy_id) == ("甲甲", "6316 0010", "working", 2)
    assert (first.mobile, first.role) == (MOBILE, "所长")  # what nobody touched


def test_places_are_added_and_given_back(page: AppTest, here: Store) -> None:
    turn_to(page, STAFF)
    page.selectbox(key="more_1").select("n2").run()
    press(page, "加上")
    assert page.success[0].value == "甲 现负责 n2。"
    page.button(key=f"release_1_{ID['n2']}").click().run()
    assert page.success[0].value == "甲 不再负责 n2。"
    assert [one.key for one in page.button if str(one.key).startswith("release_")] == [f"release_1_{ID['street']}"]


def test_a_leave_is_ended_and_one_that_cannot_be_is_refused(page: AppTest, here: Store) -> None:
    today = local(clock.now()).date()
    turn_to(page, STAFF)
    page.date_input(key="leave_from").set_value(today + timedelta(days=2))
    press(page, "登记请假")
    assert page.warning[0].value == "请假结束不能早于开始"
    with here.writing() as db:
        by = Asker(WHO["officer"], "", clock.now())
        commands.grant_leave(db, by, 1, today - timedelta(days=1), today + timedelta(days=3), 2)
    page.run()
    page.button(key="leave_1").click().run()
    assert page.success[0].value == "甲 已销假。"
    assert rows(here, LiaisonLeave)[0].to_on == today - timedelta(days=1)


def test_a_turn_shows_on_the_card_and_is_taken_off_the_roster(page: AppTest, here: Store) -> None:
    now = clock.now()
    with here.writing() as db:
        commands.put_on_roster(db, Asker(WHO["officer"], "", now), 1, now, now + timedelta(hours=9))
        commands.put_on_roster(db, Asker(WHO["officer"], "", now), 2, now, now + timedelta(hours=9))
        db.get_one(Liaison, 2).verified_on = local(now).date() + timedelta(days=1)  # goes before the other
    page.text_input(key="liaison_typed").set_value("供电 n1").run()
    page.button(key="answer_0").click().run()
    said, until = shown(page), local(now + timedelta(hours=9))
    assert '<em class="on">当前排班在岗</em>' in said
    assert f"24 小时值守；本次排班至 {until.month}月{until.day}日 {until:%H:%M}" in said
    assert "n1（本次排班）" in said
    assert f'src="/liaisons/2/map?place={ID["n1"]}"' in said
    turn_to(page, STAFF)
    page.button(key="turn_1").click().run()
    assert page.success[0].value == "甲 的这一班已撤下。"
    assert rows(here, RosterRow)[0].cancelled_at is not None


def test_a_unit_is_entered_corrected_and_a_second_of_the_name_refused(page: AppTest, here: Store) -> None:
    turn_to(page, SECTORS)
    page.text_input(key="office_new_name").set_value("供气所")
    page.selectbox(key="office_new_sector").select("燃气")
    page.text_input(key="office_new_phone").set_value("6316 0020")
    press(page, "登记单位")
    gas = rows(here, Unit)[-1]
    assert (gas.name, gas.sector, gas.duty_phone, gas.place_id) == ("供气所", "gas", "6316 0020", ID["street"])
    page.text_input(key="office_new_name").set_value("供气所")
    press(page, "登记单位")
    assert page.warning[0].value == "已有同名单位"
    page.selectbox(key="office").select("供电所").run()
    page.text_input(key="office_1_phone").set_value("6316 0099")
    press(page, "保存单位")
    assert rows(here, Unit)[0].duty_phone == "6316 0099"


def test_sectors_are_renamed_added_and_retired_by_who_administers_everything(page: AppTest, here: Store) -> None:
    turn_to(page, SECTORS)
    assert "由管理全部辖区的管理员修改" in shown(page)
    assert "add_sector_name" not in {one.key for one in page.text_input}
    governor = WHO["administrator"].user_id
    with here.writing() as db:
        other = Appointment(
            user_id=governor, role=Role.ADMINISTRATOR, place_id=ID["other street"], from_on=date(2020, 1, 1)
        )
        db.add(other)
    with cookie(token_of(here, governor, clock.real_now())):
        all_of_it = opened(SECTORS)
        all_of_it.text_input(key="rename_power_name").set_value("供水")
        press(all_of_it, "改名")
        assert all_of_it.warning[0].value == "已有同名服务行业"
        all_of_it.text_input(key="rename_power_name").set_value("电力")
        press(all_of_it, "改名")
        assert '<td class="">电力</td><td class="">供电</td>' in shown(all_of_it)
        assert "retire_power_on" not in {one.key for one in found(all_of_it, "date_input")}  # it says why, and how
        assert "暂不能停用" in shown(all_of_it)
        all_of_it.text_input(key="add_sector_name").set_value("教育")
        press(all_of_it, "新增行业")
        all_of_it.selectbox(key="sector").select("教育").run()
        press(all_of_it, "停用")
        assert "用到" in all_of_it.success[0].value
        press(all_of_it, "恢复使用")
        assert all_of_it.success[0].value == "教育 已恢复使用。"
    kept = [(row.code, row.name, row.to_on is None) for row in rows(here, SectorEdit)]
    assert kept == [
        ("power", "电力", True), ("local_1", "教育", True), ("local_1", "教育", False), ("local_1", "教育", True)
    ]  # fmt: skip


def test_a_table_is_looked_at_taken_and_undone(page: AppTest, here: Store) -> None:
    content = workbook(("供电所", "丁", MOBILE, "n1"), ("供气所", "戊", "", "n1"))
    turn_to(page, TABLES)
    found(page, "file_uploader")[0].set_value(("名单.xlsx", content, "application/octet-stream")).run()
    assert "本辖区没有单位“供气所”" in shown(page)
    assert len(rows(here, Liaison)) == 2
    press(page, "导入 1 行")
    assert [row.name for row in rows(here, Liaison)][-1] == "丁"
    press(page, "撤销")
    assert rows(here, LiaisonImport)[0].undone_at is not None
    assert rows(here, Liaison)[-1].to_on < rows(here, Liaison)[-1].from_on


def test_the_export_is_prepared_on_asking_and_audited(page: AppTest, here: Store) -> None:
    turn_to(page, TABLES)
    press(page, "生成导出文件")
    assert "下载" in [one.label for one in found(page, "download_button")]
    assert [row.action for row in _audited(here)][-1] == "export_directory"


def test_times_are_told_by_unit_and_by_sector(here: Store) -> None:
    street, now = Street(here), clock.now() - timedelta(hours=3)
    street.take(street.report(when=now), *loop(now, until=Verb.ARRIVE)[1:])
    with cookie(token_of(here, WHO["liaison of power"].user_id, clock.real_now())):
        page = opened("响应时效")
        assert "到场九成内" in shown(page)
        assert "5 分钟" in shown(page)
        found(page, "button_group")[0].set_value(["方面"]).run()
        assert "供电" in shown(page)


def test_hostile_names_are_text(here: Store) -> None:
    with here.writing() as db:
        by = Asker(WHO["officer"], "", clock.now())
        entry = Entry("<img src=x onerror=1>", role="![x](//e)", calendar="natural")
        commands.add(db, by, POWER, entry, [ID["n1"]], RULES)
    with cookie(token_of(here, WHO["officer"].user_id, clock.real_now())):
        page = opened()
        page.text_input(key="liaison_typed").set_value("n1 供电").run()
        page.button(key="answer_0").click().run()
        assert "<img src=x" not in shown(page)
        assert "&lt;img src=x" in shown(page)


def _audited(here: Store) -> list[AuditEvent]:
    with here.reading() as db:
        return list(db.exec(select(AuditEvent).order_by(col(AuditEvent.ordinal))))


ELSEWHERE = Path(__file__).parents[1] / "pages"


def other_page(file: str, **query: str) -> AppTest:
    """Another page, at an address."""
    page = AppTest.from_file(str(ELSEWHERE / f"{file}.py"), default_timeout=60)
    for name, value in query.items():
        page.query_params[name] = value
    return page.run()


def test_ending_a_liaisons_appointment_ends_the_entry_too_and_says_what_moved(here: Store) -> None:
    street, now = Street(here), clock.now() - timedelta(hours=3)
    with here.writing() as db:
        leaver = db.get_one(Liaison, 1)
        leaver.name = "liaison of power"
        lookup.renew(db)
    street.take(street.report(when=now), *loop(now, until=Verb.TAKE_ON)[1:])
    with cookie(token_of(here, WHO["administrator"].user_id, clock.real_now())):
        page = other_page("administration")
        person = next(one for one in page.selectbox(key="person").options if one.startswith("liaison of power"))
        page.selectbox(key="person").select(person).run()
        press(page, "结束并移交")
        assert any("请指定接任人" in one.value for one in page.warning)  # nothing is left to nobody
        page.selectbox(key="successor").select("stranger")
        press(page, "结束并移交")
        assert "通讯录条目同时结束，1 件在办派单随之移交" in page.success[0].value
    first, *_, heir = rows(here, Liaison)
    assert (first.successor_id, heir.name) == (heir.id, "stranger")
    assert first.to_on == local(clock.now()).date()


def test_the_case_file_tells_who_answers_how_it_was_found_and_words_to_send(here: Store) -> None:
    street, now = Street(here), clock.now() - timedelta(hours=3)
    case = street.report(when=now, reporter_name="欧阳见微", reporter_phone="13912345678", text="欧阳见微报")
    street.take(case, *loop(now, until=Verb.TAKE_ON)[1:])
    with cookie(token_of(here, WHO["officer"].user_id, clock.real_now())):
        page = other_page("case", case=str(case))
        said = shown(page)
        (words,) = [one.value for one in page.code]
    assert "街道</span> 甲 当前在岗" in said  # now
    assert "通知：网格 未指定人员 › 社区 未指定人员 › 街道 甲 当前在岗" in said  # when it was dispatched
    assert street.case(case).number in words
    assert "欧阳" not in words
    assert "139" not in words
