"""Every act of the desk by its button: the whole way of a case with its side steps, corrections, whistles, news."""

from datetime import datetime, timedelta

import pytest
from sqlmodel import col, select
from streamlit.testing.v1 import AppTest

from core import clock
from core.accounts.audit import Asker
from core.accounts.tables import AuditEvent
from core.cases import reporter
from core.cases.queries import reports_of
from core.cases.steps import STEPS, Move
from core.cases.tables import Case, Reporter
from core.clock import local
from core.errors import Refused
from core.people import PERMISSIONS
from core.whistles import Whistle, WhistleAnswer
from core.words import Permission, Role, Severity, Source, Stage, Verb, WhistleKind
from pages.ui import desk, desk_queue
from tests.accounts import cookie
from tests.cast import ID, POWER, RULES, WATER, WHO, WULIPU_7, Street
from tests.test_duty_page import MINUTE, REPORTED, choose, field, here, recent, seat, sitting  # noqa: F401 - fixture

V = Verb
# every step that an officer may take, in an order in which each is open when its turn comes
WHOLE_WAY = (
    *(V.ACCEPT, V.DISPATCH, V.RETURN_WRONG, V.DISPATCH, V.TAKE_ON, V.ASK_RETURN, V.DECLINE),
    *(V.ASK_EXTENSION, V.APPROVE_EXTENSION, V.ASK_SUSPENSION, V.APPROVE_SUSPENSION, V.RESUME, V.CHASE),
    *(V.ARRIVE, V.RESOLVE, V.ANSWER, V.REWORK, V.ARRIVE, V.RESOLVE, V.ANSWER, V.CHECK, V.CLOSE, V.REOPEN),
    *(V.DISPATCH, V.ASK_RETURN, V.APPROVE_RETURN, V.VOID),
)
ENDS = {V.REFUSE: V.REPORT, V.RATE_SATISFIED: V.CLOSE, V.RATE_MOSTLY: V.CLOSE, V.BRING_TO_MEETING: V.CLOSE}
ELSEWHERE = {V.REPORT, V.CORRECT, V.MERGE, V.REPLY}  # a form of their own, or upon an order: below


def press(page: AppTest, case_id: int, verb: Verb) -> None:
    """Take a step as the desk offers it, with a note and hours where there is a field for them."""
    page.text_input(key=field(page, f"step_note_{case_id}")).set_value("已电话核实")
    for box in page.number_input:
        box.set_value(24)
    page.button(key=f"step_{verb}").click().run()
    assert not page.exception
    assert [one.value for one in page.warning] == []


def closed(street: Street) -> int:
    """A case that was closed a minute ago."""
    now = clock.now() - 2 * MINUTE
    case_id = street.report(when=now, text=REPORTED)
    street.take(case_id, Move(V.SELF_HANDLE, WHO["head of n1"], now, now, note="已清理"))
    return case_id


def test_every_step_of_an_officer_is_pressed_once_on_the_way_of_one_case(here: Street) -> None:  # noqa: F811
    case_id = recent(here)
    with cookie(sitting(here)):
        page = seat(here.store)
        choose(page, case_id)
        for verb in WHOLE_WAY:
            press(page, case_id, verb)
    events = here.events(case_id)
    assert [event.verb for event in events] == [V.REPORT, *WHOLE_WAY]
    for_unit = {event.verb for event in events if event.on_behalf_of}
    assert for_unit == {event.verb for event in events if STEPS[Verb(event.verb)].who is Permission.WORK_FOR_UNIT}
    rights = PERMISSIONS[Role.DUTY_OFFICER] | {Permission.WORK_FOR_UNIT}
    may = {step.verb for step in STEPS.values() if step.who in rights and step.verb is not V.ORDER}
    assert may == {*WHOLE_WAY, *ENDS, *ELSEWHERE}


@pytest.mark.parametrize(("verb", "until"), ENDS.items())
def test_a_case_is_refused_and_a_resident_rates_what_was_closed(here: Street, verb: Verb, until: Verb) -> None:  # noqa: F811
    case_id = recent(here) if until is V.REPORT else closed(here)
    with cookie(sitting(here)):
        page = seat(here.store)
        choose(page, case_id)
        press(page, case_id, verb)
    assert here.events(case_id)[-1].verb == verb


def test_a_leader_supervises_and_the_officer_records_the_reply_of_the_unit(here: Street) -> None:  # noqa: F811
    case_id = recent(here, V.DISPATCH)
    with cookie(sitting(here, "leader")):
        page = seat(here.store)
        choose(page, case_id)
        press(page, case_id, V.SUPERVISE)
    with cookie(sitting(here)):
        page = seat(here.store)
        choose(page, case_id)
        press(page, case_id, V.REPLY)
    supervised, replied = here.events(case_id)[-2:]
    assert (supervised.verb, supervised.hours, replied.verb, replied.on_behalf_of) == (V.SUPERVISE, 24, V.REPLY, POWER)


def test_what_a_unit_says_by_phone_has_the_time_at_which_it_happened(here: Street) -> None:  # noqa: F811
    case_id = recent(here, V.DISPATCH)
    told = (local(clock.now()) - timedelta(minutes=1)).replace(second=0, microsecond=0)
    when = f"step_at_{case_id}"
    with cookie(sitting(here)):
        page = seat(here.store)
        choose(page, case_id)
        page.text_input(key=field(page, when)).set_value("25:00").run()
        assert [one.value for one in page.warning] == ["请按 14:05 的格式填写时间"]
        assert page.button(key="step_take_on").disabled
        page.text_input(key=field(page, when)).set_value(f"{told:%H:%M}").run()
        page.button(key="step_take_on").click().run()
    event = here.events(case_id)[-1]
    assert (event.verb, local(event.occurred_at), event.on_behalf_of) == (V.TAKE_ON, told, POWER)
    assert event.recorded_at > event.occurred_at


def open_part(page: AppTest, verb: Verb, case_id: int) -> None:
    """Choose a case, and open the form of a step that has one of its own."""
    choose(page, case_id)
    page.session_state[field(page, f"part_{verb}_{case_id}")] = True
    page.run()
    assert not page.exception


def test_a_case_is_corrected_in_its_fields_and_a_refusal_says_why_and_keeps_them(here: Street) -> None:  # noqa: F811
    case_id = recent(here)
    with cookie(sitting(here)):
        page = seat(here.store)
        open_part(page, V.CORRECT, case_id)
        page.button(key="step_correct").click().run()
        assert [one.value for one in page.warning] == ["执行“更正”须填写说明"]
        page.text_input(key=field(page, f"step_note_{case_id}")).set_value("来电人更正").run()
        page.button(key="step_correct").click().run()
        assert [one.value for one in page.warning] == ["执行“更正”须先改动至少一项内容"]
        page.text_area(key=field(page, f"correct_text_{case_id}")).set_value("巷内加盖二层砖房")
        page.text_input(key=field(page, f"correct_outside_{case_id}")).set_value("12345-2")
        page.text_input(key=field(page, f"correct_place_{case_id}")).set_value("n2")
        page.selectbox(key=field(page, f"correct_category_{case_id}")).set_value(WULIPU_7)
        page.selectbox(key=field(page, f"correct_source_{case_id}")).set_value(Source.HOTLINE)
        page.session_state[field(page, f"correct_severity_{case_id}")] = Severity.ORANGE
        page.button(key="step_correct").click().run()
        assert not page.exception
        assert [one.value for one in page.warning] == []
        html = "".join(str(one.value) for one in page.get("html"))  # type: ignore[union-attr]
        assert "类别、等级、地点、反映内容、外部编号、来源" in html
    case = here.case(case_id)
    assert (case.text, case.external_number, case.grid_id) == ("巷内加盖二层砖房", "12345-2", ID["n2"])
    assert (case.category, case.severity, case.source) == (WULIPU_7, "orange", Source.HOTLINE)


def test_the_reporter_is_corrected_by_who_may_see_it_and_no_record_tells_it(here: Street) -> None:  # noqa: F811
    case_id = recent(here)
    with cookie(sitting(here)):
        page = seat(here.store)
        open_part(page, V.CORRECT, case_id)
        page.button(key="correct_reporter").click().run()
        assert [one.value for one in page.warning] == ["请填写反映人姓名或电话，不超过 40 个字符"]
        page.text_input(key=field(page, f"correct_reporter_{case_id}")).set_value("欧阳见微")
        page.text_input(key=field(page, f"correct_phone_{case_id}")).set_value("13912345678")
        page.button(key="correct_reporter").click().run()
        assert not page.exception
    with here.store.reading() as db:
        assert (db.get_one(Reporter, case_id).name, db.get_one(Reporter, case_id).phone) == ("欧阳见微", "13912345678")
        told = "".join(f"{row.action} {row.subject} {row.detail}" for row in db.exec(select(AuditEvent)))
        assert "reporter" in told
        assert "欧阳" not in told + "".join(str(event.given) for event in here.events(case_id))
        leader = Asker(WHO["head of n1"], "", clock.now())
        with pytest.raises(Refused):
            reporter.correct(db, leader, case_id, "甲", "")


def test_a_correction_upon_an_older_sight_is_refused_and_keeps_what_was_typed(here: Street) -> None:  # noqa: F811
    case_id = recent(here)
    with cookie(sitting(here)):
        page = seat(here.store)
        open_part(page, V.CORRECT, case_id)
        text = field(page, f"correct_text_{case_id}")
        page.text_input(key=field(page, f"step_note_{case_id}")).set_value("来电人更正")
        page.text_area(key=text).set_value("巷内加盖二层砖房").run()
        now = clock.now()
        here.take(case_id, Move(V.ACCEPT, WHO["officer"], now, now))
        page.button(key="step_correct").click().run()
        assert [one.value for one in page.warning] == ["此案件刚刚已被他人办理，请刷新后再试"]
        assert page.text_area(key=text).value == "巷内加盖二层砖房"
        page.button(key="step_correct").click().run()
    assert here.case(case_id).text == "巷内加盖二层砖房"


def test_a_duplicate_found_after_saving_is_merged_by_one_button_or_by_its_number(here: Street) -> None:  # noqa: F811
    known, one, another = recent(here), recent(here), recent(here)
    with cookie(sitting(here)):
        page = seat(here.store)
        open_part(page, V.MERGE, one)
        page.button(key=f"merge_into_{known}").click().run()
        assert not page.exception
        assert page.session_state[desk.CASE] == known
        open_part(page, V.MERGE, another)
        number = field(page, f"merge_number_{another}")
        page.text_input(key=number).set_value(here.case(one).number).run()
        page.button(key="step_merge").click().run()
        assert [said.value for said in page.warning] == ["只能并入另一件尚未办结的案件"]
        assert page.text_input(key=number).value == here.case(one).number
        page.text_input(key=number).set_value(here.case(known).number).run()
        page.button(key="step_merge").click().run()
        assert not page.exception
    with here.store.reading() as db:
        assert reports_of(db, known) == 3
        stages = dict(db.execute(select(Case.id, Case.stage)).all())
    assert stages == {known: Stage.REPORTED, one: Stage.MERGED, another: Stage.MERGED}


def test_a_whistle_of_each_kind_calls_several_units_and_each_answers_on_its_own_clock(here: Street) -> None:  # noqa: F811
    with cookie(sitting(here)):
        page = seat(here.store)
        page.session_state[desk.GO] = desk.WHISTLES
        page.run()
        for kind in WhistleKind:
            page.selectbox(key="whistle_kind").set_value(kind)
            page.selectbox(key=field(page, "whistle_grid")).set_value(ID["n1"])
            page.multiselect(key=field(page, "whistle_units")).set_value([POWER, WATER])
            page.text_input(key=field(page, "whistle_text")).set_value("请到场").run()
            page.button(key="whistle_blow").click().run()
            assert not page.exception
        for unit in (WATER, POWER):
            page.selectbox(key=field(page, "call_unit_1")).set_value(unit)
            page.text_input(key=field(page, "call_note_1")).set_value("已到场").run()
            page.button(key="call_answer_1").click().run()
            assert not page.exception
        page.button(key="call_withdraw_2").click().run()
        assert [said.value for said in page.warning] == ["请说明为何撤回吹哨"]
    with here.store.reading() as db:
        whistles = db.exec(select(Whistle).order_by(col(Whistle.id))).all()
        answers = db.exec(select(WhistleAnswer).order_by(col(WhistleAnswer.whistle_id))).all()
    assert [one.kind for one in whistles] == list(WhistleKind)
    assert [one.ended_at is not None for one in whistles] == [True, False, False]
    times = {one.id: one.blown_at for one in whistles}
    within = [(row.due_at - times[row.whistle_id]) / timedelta(hours=1) for row in answers]
    assert (within[:2], within[-2:]) == ([24, 24], [0.5, 0.5])
    assert all(hours >= 24 for hours in within[2:4])  # three working days
    assert RULES.whistles[WhistleKind.TOUGH].calendar == "working"


def test_what_is_new_or_newly_overdue_is_counted_until_it_is_acknowledged(here: Street) -> None:  # noqa: F811
    with cookie(sitting(here)):
        page = seat(here.store)
        assert "duty_noted" not in {button.key for button in page.button}
        page.session_state[desk_queue.SEEN] = clock.now() - 5 * MINUTE
        fresh(here, recent(here))
        page.run()
        assert any("新到 1 件" in str(one.value) for one in page.get("html"))  # type: ignore[union-attr]
        page.button(key="duty_noted").click().run()
        assert not page.exception
        assert "duty_noted" not in {button.key for button in page.button}
        assert isinstance(page.session_state[desk_queue.SEEN], datetime)


def fresh(street: Street, case_id: int) -> None:
    """Wait until the live picture of this process holds a case."""
    from core import follower
    from tests.browser import until

    until(lambda: case_id in follower.current().board.cases, "the board has the case")


@pytest.mark.parametrize("name", ["liaison of power", "head of n1", "secretary of north", "administrator", "wall"])
def test_nobody_else_gets_the_desk(here: Street, name: str) -> None:  # noqa: F811
    recent(here, V.DISPATCH)
    with cookie(sitting(here, name)):
        page = seat(here.store)
        assert list(page.button) == []
        assert [one.value for one in page.info] == ["您没有查看此页的权限，请从上方选择其他页面，或请管理员为您任命。"]
