"""The page “who answers”: what each role sees of it, and every button that changes something."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select
from streamlit.testing.v1 import AppTest

from core import clock
from core.accounts.audit import Asker
from core.accounts.tables import AuditEvent
from core.clock import local
from core.liaisons import commands, lookup
from core.liaisons.commands import Entry
from core.liaisons.tables import Liaison, LiaisonImport, LiaisonLeave, LiaisonPlace, RosterRow
from core.store import Store
from core.words import Verb
from tests.accounts import cookie, token_of
from tests.cast import ID, POWER, RULES, WHO, Street, loop
from tests.demo_street import this_process_over
from tests.test_liaisons_tables import workbook

PAGE = str(Path(__file__).parents[1] / "pages" / "liaisons.py")
MOBILE = "10012345678"


@pytest.fixture
def here(sqlite_url: str) -> Iterator[Store]:
    """The store of this process with the cast and two liaisons of power, both around the clock."""
    from tests.cast import fill

    with this_process_over(sqlite_url):
        store = Store(sqlite_url)
        with store.writing() as db:
            fill(db)
        with store.writing() as db:
            by = Asker(WHO["officer"], "", clock.now())
            entry = Entry("甲", "所长", "6316 0009", MOBILE, "natural")
            commands.add(db, by, POWER, entry, [ID["street"]], RULES)
            commands.add(db, by, POWER, Entry("乙", mobile=MOBILE, calendar="natural"), [], RULES)
        yield store
        store.close()


def opened() -> AppTest:
    """The page, for whoever the cookie names."""
    return AppTest.from_file(PAGE, default_timeout=30).run()


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
    assert "超过 90 天未核实" in shown(page)
    page.button(key="verified").click().run()
    assert rows(here, Liaison)[0].verified_on == local(clock.now()).date()
    assert '<em class="stale">' not in shown(page)


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
    assert [tab.label for tab in page.tabs] == ["查找", "覆盖", "今晚值守", "时效"]


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


def test_a_gap_is_filled_from_the_matrix(page: AppTest, here: Store) -> None:
    assert "缺" in shown(page)
    gap = next(one for one in page.selectbox(key="gap").options if "供水" in one)
    page.selectbox(key="gap").select(gap).run()
    assert page.selectbox(key="gap_liaison").options == []  # nobody of the water unit is in the directory
    with here.writing() as db:
        by = Asker(WHO["officer"], "", clock.now())
        commands.add(db, by, 2, Entry("水一", calendar="natural"), [], RULES)
    page.run()
    page.selectbox(key="gap_liaison").select("水一 · 供水站").run()
    press(page, "补上")
    assert "现负责" in page.success[0].value
    assert len(rows(here, LiaisonPlace)) == 2


def test_the_night_is_shown_and_comes_as_one_page(page: AppTest) -> None:
    assert "供电所" in shown(page)
    assert [one.label for one in found(page, "download_button")] == ["打印一页（Word）"]


def test_somebody_is_entered_sent_on_leave_put_on_the_roster_and_seen_off(page: AppTest, here: Store) -> None:
    page.text_input(key="new_name").set_value("丙")
    page.multiselect(key="new_places").select("n1")
    press(page, "登记")
    assert rows(here, Liaison)[-1].name == "丙"
    page.selectbox(key="leave_who").select("甲")
    page.selectbox(key="leave_other").select("乙")
    press(page, "登记请假")
    assert [(row.liaison_id, row.stand_in_id) for row in rows(here, LiaisonLeave)] == [(1, 2)]
    page.selectbox(key="turn_who").select("乙")
    press(page, "排班")
    assert [row.liaison_id for row in rows(here, RosterRow)] == [2]
    page.selectbox(key="leaver").select("丙")
    page.selectbox(key="leaver_heir").select("甲")
    press(page, "结束并移交")
    assert rows(here, Liaison)[-1].successor_id == 1
    acts = [row.action for row in _audited(here)]
    assert acts == ["edit_directory"] * 6


def test_a_table_is_looked_at_taken_and_undone(page: AppTest, here: Store) -> None:
    content = workbook(("供电所", "丁", MOBILE, "n1"), ("供气所", "戊", "", "n1"))
    found(page, "file_uploader")[0].set_value(("名单.xlsx", content, "application/octet-stream")).run()
    assert "本辖区没有单位“供气所”" in shown(page)
    assert len(rows(here, Liaison)) == 2
    press(page, "导入 1 行")
    assert [row.name for row in rows(here, Liaison)][-1] == "丁"
    press(page, "撤销")
    assert rows(here, LiaisonImport)[0].undone_at is not None
    assert rows(here, Liaison)[-1].to_on < rows(here, Liaison)[-1].from_on


def test_the_export_is_prepared_on_asking_and_audited(page: AppTest, here: Store) -> None:
    press(page, "准备导出")
    assert "下载" in [one.label for one in found(page, "download_button")]
    assert [row.action for row in _audited(here)][-1] == "export_directory"


def test_times_are_told_by_unit_and_by_sector(here: Store) -> None:
    street, now = Street(here), clock.now() - timedelta(hours=3)
    street.take(street.report(when=now), *loop(now, until=Verb.ARRIVE)[1:])
    with cookie(token_of(here, WHO["liaison of power"].user_id, clock.real_now())):
        page = opened()
        assert "中位 5 分钟" in shown(page)
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
