"""The duty desk, every button pressed by those whose it is; what is typed stays when something is refused."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlmodel import col, select
from streamlit.testing.v1 import AppTest

from core import clock, follower, store
from core.cases.queries import reports_of
from core.cases.steps import Move
from core.cases.tables import Case, CaseEvent, Emergency
from core.handover.tables import ShiftEntry
from core.liaisons.tables import Liaison
from core.store import Store
from core.whistles import Whistle, WhistleAnswer
from core.words import Source, Stage, Verb
from pages.ui import desk, navigation
from tests.accounts import cookie, token_of
from tests.cast import ID, POWER, RULES, WATER, WHO, WULIPU_1, Street, fill

MINUTE = timedelta(minutes=1)
REPORTED = "楼下垃圾桶满了，垃圾没人清运"


@pytest.fixture
def here(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Street]:
    """The small street as the store of this process."""
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    forget()
    with store.current().writing() as db:
        fill(db)
    yield Street(store.current())
    if follower.current.cache_info().currsize:
        follower.current().stop()
    store.current().close()
    forget()


def forget() -> None:
    """Let the next store be the one of this process."""
    for kept in (store.current, follower.current):
        kept.cache_clear()
    desk.finder.clear()
    desk.lexicon.clear()


def seat(of: Store, name: str = "officer") -> AppTest:
    """The desk with one of the cast at it; run it inside `cookie`."""
    page = AppTest.from_file(str(navigation.PAGES / "duty.py"), default_timeout=60).run()
    assert not page.exception, page.exception
    return page


def sitting(of: Street, name: str = "officer") -> str:
    return token_of(of.store, WHO[name].user_id, clock.real_now())


def field(page: AppTest, name: str) -> str:
    """The key of a field that is emptied after each act."""
    return f"{name}_{page.session_state[desk.ROUND]}" if desk.ROUND in page.session_state else f"{name}_0"


def drawn(page: AppTest) -> str:
    """Everything that is drawn as HTML."""
    return "".join(str(one.value) for one in page.get("html"))  # type: ignore[union-attr]


def type_report(page: AppTest, at: str = "house") -> None:
    page.text_area(key=field(page, "report_text")).set_value(REPORTED).run()
    page.text_input(key=field(page, "report_place")).set_value(at).run()


def event_now(street: Street, case_id: int) -> CaseEvent:
    return street.events(case_id)[-1]


def recent(street: Street, until: Verb = Verb.REPORT) -> int:
    """A case that was reported just now and has come as far as `until`."""
    now = clock.now() - 3 * MINUTE
    case_id = street.report(when=now, text=REPORTED)
    for verb in (Verb.ACCEPT, Verb.DISPATCH):
        if until is Verb.REPORT:
            break
        street.take(case_id, Move(verb, WHO["officer"], now, now, unit_id=POWER if verb is Verb.DISPATCH else None))
        if verb is until:
            break
    return case_id


def choose(page: AppTest, case_id: int) -> None:
    """Show a case, as a touch on its row does."""
    page.session_state[desk.CASE], page.session_state[desk.GO] = case_id, desk.HANDLE
    page.run()


def test_a_report_is_typed_and_what_follows_is_shown_before_it_is_saved(here: Street) -> None:
    with cookie(sitting(here)):
        page = seat(here.store)
        type_report(page)
        category = next(box for box in page.selectbox if box.label == "类别")
        assert RULES.categories[category.value].name in ("暴露垃圾", "积存垃圾渣土")  # type: ignore[index]
        html = drawn(page)
        assert "环卫" in html
        assert "6316 0003" in html
        page.button(key="report_save").click().run()
        assert not page.exception
    with here.store.reading() as db:
        case = db.exec(select(Case)).one()
    assert (case.title, case.place_id, case.source) == ("楼下垃圾桶满了", ID["house"], Source.PHONE)
    assert page.session_state[desk.CASE] == case.id


def test_a_duplicate_is_shown_and_one_button_attaches_the_report(here: Street) -> None:
    known = here.report(WULIPU_1, "house", when=clock.now() - 3 * MINUTE, text=REPORTED)
    with cookie(sitting(here)):
        page = seat(here.store)
        type_report(page)
        page.button(key=f"twin_attach_{known}").click().run()
        assert not page.exception
    with here.store.reading() as db:
        assert reports_of(db, known) == 2


@pytest.mark.parametrize(
    ("until", "verb", "stage"),
    [
        (Verb.REPORT, Verb.ACCEPT, Stage.ACCEPTED),
        (Verb.ACCEPT, Verb.DISPATCH, Stage.DISPATCHED),
        (Verb.DISPATCH, Verb.TAKE_ON, Stage.TAKEN_ON),
    ],
)
def test_a_step_is_one_button_and_one_for_a_unit_is_recorded_on_its_behalf(
    here: Street, until: Verb, verb: Verb, stage: Stage
) -> None:
    case_id = recent(here, until)
    with cookie(sitting(here)):
        page = seat(here.store)
        choose(page, case_id)
        page.button(key=f"step_{verb}").click().run()
        assert not page.exception
    assert here.case(case_id).stage == stage
    assert event_now(here, case_id).on_behalf_of == (POWER if verb is Verb.TAKE_ON else None)


def test_a_chase_needs_a_note_and_says_so(here: Street) -> None:
    case_id = recent(here, Verb.DISPATCH)
    with cookie(sitting(here)):
        page = seat(here.store)
        choose(page, case_id)
        page.button(key="step_chase").click().run()
        assert [one.value for one in page.warning] == ["执行“催办”须填写说明"]
        page.text_input(key=field(page, f"step_note_{case_id}")).set_value("请尽快到场").run()
        page.button(key="step_chase").click().run()
    assert (event_now(here, case_id).verb, event_now(here, case_id).note) == (Verb.CHASE, "请尽快到场")


def test_the_hours_of_an_order_stand_beside_its_button_and_the_promise_has_its_name(here: Street) -> None:
    case_id = recent(here, Verb.DISPATCH)
    with cookie(sitting(here, "leader")):
        page = seat(here.store)
        choose(page, case_id)
        assert page.text_input(key=field(page, f"step_note_{case_id}")).label == "说明（催办、督办须填写，其余可不填）"
        case = here.case(case_id)
        own = next(clock for clock in RULES.regimes[case.regime].clock if clock.label in drawn(page))
        assert f"{own.label} 剩" in drawn(page)
        page.text_input(key=field(page, f"step_note_{case_id}")).set_value("今晚修好").run()
        page.number_input(key=field(page, f"step_hours_supervise_{case_id}")).set_value(4.0).run()
        page.button(key="step_supervise").click().run()
        assert not page.exception
    assert (event_now(here, case_id).verb, event_now(here, case_id).note) == (Verb.SUPERVISE, "今晚修好")


def test_helpers_of_a_dispatch_are_called_by_a_whistle(here: Street) -> None:
    case_id = recent(here, Verb.ACCEPT)
    with cookie(sitting(here)):
        page = seat(here.store)
        choose(page, case_id)
        page.selectbox(key=field(page, f"step_unit_{case_id}")).set_value(POWER).run()
        page.multiselect(key=field(page, f"step_helpers_{case_id}")).set_value([WATER]).run()
        page.button(key="step_dispatch").click().run()
        assert not page.exception
    with here.store.reading() as db:
        assert [row.unit_id for row in db.exec(select(WhistleAnswer))] == [WATER]
    assert here.case(case_id).unit_id == POWER


def test_of_two_officers_one_succeeds_and_the_other_sees_what_happened_and_loses_nothing(here: Street) -> None:
    case_id = recent(here)
    with cookie(sitting(here)):
        page = seat(here.store)
        choose(page, case_id)
        note = field(page, f"step_note_{case_id}")
        page.text_input(key=note).set_value("重复反映").run()
        now = clock.now()
        here.take(case_id, Move(Verb.ACCEPT, WHO["officer"], now, now))  # the other one is faster
        page.button(key="step_void").click().run()
        assert not page.exception
        assert [one.value for one in page.warning] == ["此案件刚刚已被他人办理，请刷新后再试"]
        assert any("受理" in one.value for one in page.info)
        assert page.text_input(key=note).value == "重复反映"
    assert here.case(case_id).stage == Stage.ACCEPTED


def test_the_queues_show_what_waits_and_a_row_opens_the_case(here: Street) -> None:
    case_id = recent(here)
    with cookie(sitting(here)):
        page = seat(here.store)
        assert any("待受理 1" in str(option) for option in page.get("button_group")[0].options)  # type: ignore[union-attr]
        page.button(key=f"duty_{case_id}").click().run()
        assert page.session_state[desk.CASE] == case_id


def test_a_whistle_is_blown_answered_and_withdrawn(here: Street) -> None:
    with cookie(sitting(here)):
        page = seat(here.store)
        page.session_state[desk.GO] = desk.WHISTLES
        page.run()
        assert page.button(key="whistle_blow").disabled  # until a grid and a unit are chosen
        for _round in range(2):
            page.selectbox(key=field(page, "whistle_grid")).set_value(ID["n1"]).run()
            page.multiselect(key=field(page, "whistle_units")).set_value([POWER]).run()
            page.text_input(key=field(page, "whistle_text")).set_value("请到场").run()
            page.button(key="whistle_blow").click().run()
            assert not page.exception
        page.text_input(key=field(page, "call_note_1")).set_value("已到").run()
        page.button(key="call_answer_1").click().run()
        page.text_input(key=field(page, "call_note_2")).set_value("误吹").run()
        page.button(key="call_withdraw_2").click().run()
        assert not page.exception
    with here.store.reading() as db:
        first, second = db.exec(select(Whistle).order_by(col(Whistle.id)))
    assert (first.ended_at is not None, first.withdrawn, second.withdrawn) == (True, None, "误吹")


def test_a_shift_is_written_handed_over_and_taken_over(here: Street) -> None:
    with cookie(sitting(here)):
        page = seat(here.store)
        page.session_state[desk.GO] = desk.SHIFT
        page.run()
        page.text_input(key=field(page, "shift_text")).set_value("市应急局来电").run()
        page.button(key="shift_write").click().run()
        page.text_input(key=field(page, "shift_remarks")).set_value("注意大屏").run()
        page.button(key="shift_hand_over").click().run()
        assert any("等待接班人员签字" in one.value for one in page.warning)
        page.button(key="shift_take_over").click().run()
        assert "须由接班人员签字，交班人员不能自行签收" in [one.value for one in page.warning]
    with here.store.reading() as db:
        assert [row.kind for row in db.exec(select(ShiftEntry).order_by(col(ShiftEntry.ordinal)))] == [
            "call",
            "handed_over",
        ]


def test_a_leader_declares_and_ends_an_emergency_and_an_officer_sees_it(here: Street) -> None:
    with here.store.writing() as db:
        since = clock.real_now().date() - timedelta(days=2)
        db.add(Liaison(unit_id=POWER, name="leader", mobile="10012345678", calendar="natural", from_on=since))
    with cookie(sitting(here, "leader")):
        page = seat(here.store)
        assert "report_save" not in {button.key for button in page.button}
        choose(page, recent(here))
        assert "下一步 受理，由值班员办理" in drawn(page)
        page.session_state[desk.GO] = desk.EMERGENCY
        page.run()
        page.text_input(key=field(page, "emergency_reason")).set_value("暴雨红色预警").run()
        page.button(key="emergency_declare").click().run()
        assert not page.exception
    with cookie(sitting(here)):
        officer = seat(here.store)
        officer.session_state[desk.GO] = desk.EMERGENCY
        officer.run()
        assert "应急状态 · 已启动" in drawn(officer)
        assert '<b>leader</b><a class="tel" href="tel:10012345678"' in drawn(officer)  # who may declare and end it
        named, folded = drawn(officer).split('<details class="rooms">')
        assert "<b>leader</b><a" in named.rpartition("今晚值守")[2]
        assert "个单位打值班室</summary>" in folded
        assert "leader" not in folded
        assert '<td class="">3 小时</td><td class="">1.5 小时</td>' in drawn(officer)
        assert "事件 24、部件 72、疑难 168 小时" in drawn(officer)  # which hours are whose, and the unit once
        assert "事件 12、部件 36、疑难 84 小时" in drawn(officer)
        assert any("暴雨红色预警" in one.value for one in officer.warning)
        assert "emergency_end_1" not in {button.key for button in officer.button}
    with cookie(sitting(here, "leader")):
        page.button(key="emergency_end_1").click().run()
    with here.store.reading() as db:
        assert db.exec(select(Emergency)).one().to_at is not None


def test_a_moment_is_typed_as_a_time_of_day() -> None:
    now = clock.now().replace(hour=6, minute=0, second=0, microsecond=0)  # 14:00 in Shanghai
    assert desk.moment("", now) == now
    assert desk.moment("13:45", now) == now - timedelta(minutes=15)
    assert desk.moment("1345", now) == now - timedelta(minutes=15)
    assert desk.moment("14：10", now) == now - timedelta(hours=23, minutes=50)  # still to come: yesterday
    assert desk.moment("25:00", now) is None
