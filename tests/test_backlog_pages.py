"""My backlog and the case file as people press them, each in their role."""

import re
from collections.abc import Iterator

import pytest
from sqlmodel import col, select
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

import app
from core import clock, follower, store, whistles
from core.accounts import sessions
from core.accounts.audit import Asker
from core.accounts.tables import AuditEvent
from core.cases import attachments
from core.cases.backlog import LastLook
from core.diary import DiaryEntry
from core.errors import Refused
from core.photos import cleaned
from core.whistles import Whistle, WhistleAnswer
from core.words import PhotoKind, Request, Stage, Verb, WhistleKind
from pages.ui import dossier_view, navigation, session
from pages.ui.session import COOKIE
from tests.accounts import cookie, token_of
from tests.cast import DAY, HOUR, POWER, RULES, WHO, WULIPU_1, ZHANQIAN, Street, fill, loop, move
from tests.test_photos import picture
from tests.test_side_steps import asked

HEAD, NORTH, POWERS, OFFICER = "head of n1", "secretary of north", "liaison of power", "officer"


@pytest.fixture
def here(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Street]:
    """The street in the store of this process."""
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    store.current.cache_clear()
    follower.current.cache_clear()
    with store.current().writing() as db:
        fill(db)
    yield Street(store.current())
    if follower.current.cache_info().currsize:
        follower.current().stop()
    store.current().close()
    store.current.cache_clear()
    follower.current.cache_clear()


def opened(here: Street, name: str, file: str = "backlog", **address: str) -> AppTest:
    page = AppTest.from_file(str(navigation.PAGES / f"{file}.py"), default_timeout=60)
    for key, value in address.items():
        page.query_params[key] = value
    with cookie(token_of(here.store, WHO[name].user_id, clock.real_now())):
        return page.run()


def drawn_on(page: AppTest) -> str:
    """Everything drawn as HTML."""
    return "".join(str(getattr(element, "value", "")) for element in page.get("html"))


def press(here: Street, name: str, page: AppTest, key: str) -> AppTest:
    with cookie(token_of(here.store, WHO[name].user_id, clock.real_now())):
        page.button(key=key).click().run()
    assert not page.exception, page.exception
    return page


def stage(here: Street, case_id: int) -> str:
    return str(here.case(case_id).stage)


BY_WHOM = {  # who presses what on a case that has come so far
    Verb.ACCEPT: (Verb.REPORT, OFFICER),
    Verb.TAKE_ON: (Verb.DISPATCH, POWERS),
    Verb.ARRIVE: (Verb.TAKE_ON, POWERS),
    Verb.CHECK: (Verb.ANSWER, HEAD),
    Verb.CLOSE: (Verb.CHECK, OFFICER),
}


@pytest.mark.parametrize("verb", BY_WHOM)
def test_a_step_that_asks_nothing_is_one_tap(here: Street, verb: Verb) -> None:
    until, name = BY_WHOM[verb]
    since = clock.now() - DAY
    case_id = here.report(when=since)
    here.take(case_id, *loop(since, until=until)[1:])
    page = press(here, name, opened(here, name), f"take_{verb}")
    assert here.events(case_id)[-1].verb == verb
    assert [row.value for row in page.success]


FORMS = {  # steps that ask for something: how far the case has come, who, and what else is typed
    Verb.SELF_HANDLE: (Verb.REPORT, HEAD),
    Verb.RESOLVE: (Verb.ARRIVE, POWERS),
    Verb.ANSWER: (Verb.RESOLVE, POWERS),
    Verb.REWORK: (Verb.ANSWER, HEAD),
    Verb.CHASE: (Verb.ARRIVE, NORTH),
    Verb.DISPATCH: (Verb.ACCEPT, OFFICER),
    Verb.ASK_EXTENSION: (Verb.ARRIVE, POWERS),
    Verb.ASK_SUSPENSION: (Verb.ARRIVE, POWERS),
    Verb.ASK_RETURN: (Verb.ARRIVE, POWERS),
    Verb.RETURN_WRONG: (Verb.ARRIVE, POWERS),
    Verb.SUPERVISE: (Verb.ARRIVE, "leader"),
    Verb.VOID: (Verb.REPORT, OFFICER),
    Verb.REFUSE: (Verb.REPORT, OFFICER),
    Verb.CORRECT: (Verb.REPORT, OFFICER),
    Verb.MERGE: (Verb.REPORT, OFFICER),
}


@pytest.mark.parametrize("verb", FORMS)
def test_the_form_of_a_step_asks_for_what_it_needs_and_hands_it_in(here: Street, verb: Verb) -> None:
    until, name = FORMS[verb]
    since = clock.now() - HOUR * 3
    case_id = here.report(ZHANQIAN, when=since)
    here.take(case_id, *loop(since, until=until)[1:])
    other = here.report(when=since)
    page = opened(here, name, case=str(case_id), step=verb.value)
    assert not page.exception
    with cookie(token_of(here.store, WHO[name].user_id, clock.real_now())):
        page.text_area(key=f"note_{case_id}_{verb}").set_value("现场照办")
        if verb is Verb.MERGE:
            page.text_input(key="other").set_value(here.case(other).number)
        if verb is Verb.CORRECT:
            page.selectbox(key="category").select_index(0)
        page.button(key="hand_in").click().run()
    assert not page.exception
    assert not page.warning, [row.value for row in page.warning]
    event = here.events(case_id)[-1]
    assert (event.verb, event.note) == (verb, "现场照办")
    assert (event.hours is not None) == (verb in (Verb.ASK_EXTENSION, Verb.SUPERVISE))


def test_what_was_chosen_in_a_form_comes_back_from_the_address(here: Street) -> None:
    since = clock.now() - HOUR * 3
    case_id = here.report(ZHANQIAN, when=since)
    here.take(case_id, *loop(since, until=Verb.ARRIVE)[1:])
    page = opened(here, POWERS, case=str(case_id), step=Verb.ASK_EXTENSION.value, hours="5")
    assert not page.exception
    assert page.number_input(key="hours").value == 5


def test_a_form_without_its_note_is_refused_and_nothing_is_lost(here: Street) -> None:
    case_id = here.report()
    page = opened(here, HEAD, case=str(case_id), step="self_handle")
    press(here, HEAD, page, "hand_in")
    assert [row.value for row in page.warning] == ["执行“自行处置”须填写说明"]
    assert here.case(case_id).version == 1


APPROVALS = {
    Verb.APPROVE_EXTENSION: (Request.EXTENSION, Verb.ASK_EXTENSION),
    Verb.APPROVE_SUSPENSION: (Request.SUSPENSION, Verb.ASK_SUSPENSION),
    Verb.APPROVE_RETURN: (Request.RETURN, Verb.ASK_RETURN),
}


@pytest.mark.parametrize("verb", APPROVALS)
@pytest.mark.parametrize("name", [OFFICER, "leader"])
def test_an_approver_answers_what_waits(here: Street, verb: Verb, name: str) -> None:
    since = clock.now() - HOUR * 3
    case_id = here.report(ZHANQIAN, when=since)
    here.take(case_id, *loop(since, until=Verb.ARRIVE)[1:])
    at = since + HOUR
    here.take(case_id, asked(APPROVALS[verb][1], POWERS, occurred_at=at, recorded_at=at))
    page = press(here, name, opened(here, name, show="approval"), f"take_{verb}")
    assert here.events(case_id)[-1].verb == verb
    assert here.events(case_id)[-1].by_id == WHO[name].user_id
    assert not page.exception
    ledger = opened(here, name, lane="ledger")
    assert not ledger.exception
    assert drawn_on(ledger).count('<table class="shares">') == 2


def test_a_suspended_case_is_resumed(here: Street) -> None:
    since = clock.now() - HOUR * 3
    case_id = here.report(ZHANQIAN, when=since)
    here.take(case_id, *loop(since, until=Verb.ARRIVE)[1:])
    here.take(case_id, move(Verb.ASK_SUSPENSION, POWERS, since + HOUR, note="等材料"))
    here.take(case_id, move(Verb.APPROVE_SUSPENSION, OFFICER, since + HOUR))
    press(here, OFFICER, opened(here, OFFICER, show="waiting"), f"take_{Verb.RESUME}")
    assert here.case(case_id).suspended_at is None


@pytest.mark.parametrize("verb", [Verb.RATE_SATISFIED, Verb.RATE_MOSTLY, Verb.REOPEN, Verb.BRING_TO_MEETING])
def test_the_secretary_calls_back_and_records_the_verdict(here: Street, verb: Verb) -> None:
    since = clock.now() - DAY
    case_id = here.report(when=since, reporter_name="张三", reporter_phone="13800001234")
    here.take(case_id, *loop(since)[1:])
    assert not opened(here, NORTH, lane="calls").exception
    page = opened(here, NORTH, "case", case=str(case_id))
    key = f"take_{verb}"
    press(here, NORTH, page, key)
    if verb in (Verb.REOPEN, Verb.BRING_TO_MEETING):
        with cookie(token_of(here.store, WHO[NORTH].user_id, clock.real_now())):
            page.text_area(key=f"note_{case_id}_{verb}").set_value("又坏了")
            page.button(key="hand_in").click().run()
    assert here.events(case_id)[-1].verb == verb
    assert stage(here, case_id) == (Stage.ACCEPTED if verb is Verb.REOPEN else Stage.CLOSED)


def test_the_reporter_is_unmasked_for_a_reason_which_is_audited(here: Street) -> None:
    case_id = here.report(reporter_name="张三丰", reporter_phone="13800001234")
    page = opened(here, HEAD, "case", case=str(case_id))
    drawn = drawn_on(page)
    assert "张*" in drawn
    assert "13800001234" not in drawn
    with cookie(token_of(here.store, WHO[HEAD].user_id, clock.real_now())):
        page.text_input(key="unmask_reason").set_value("约定上门时间")
        next(button for button in page.button if button.label == "显示姓名电话").click().run()
    assert "13800001234" in drawn_on(page)
    with here.store.reading() as db:
        row = db.exec(select(AuditEvent).order_by(col(AuditEvent.ordinal).desc())).first()
    assert row is not None
    assert (row.action, row.detail) == ("unmask_reporter", "约定上门时间")


def test_a_line_of_the_diary_takes_two_taps(here: Street) -> None:
    page = opened(here, HEAD, lane="diary")
    press(here, HEAD, page, "diary_save")
    press(here, HEAD, page, "diary_save")
    with here.store.reading() as db:
        rows = db.exec(select(DiaryEntry)).all()
    assert [row.kind for row in rows] == ["patrol", "patrol"]  # two lines: each save has a key of its own


def test_a_whistle_is_blown_from_a_case(here: Street) -> None:
    case_id = here.report()
    page = opened(here, HEAD, case=str(case_id))
    with cookie(token_of(here.store, WHO[HEAD].user_id, clock.real_now())):
        page.multiselect(key="whistle_units").set_value([POWER])
        page.text_area(key=f"whistle_{case_id}").set_value("请到场")
        page.button(key="whistle_blow").click().run()
    assert not page.exception
    with here.store.reading() as db:
        assert db.exec(select(Whistle.case_id)).all() == [case_id]


def test_a_share_above_its_ceiling_is_marked(here: Street) -> None:
    since = clock.now() - HOUR * 3
    case_id = here.report(ZHANQIAN, when=since)
    here.take(case_id, *loop(since, until=Verb.ARRIVE)[1:])
    here.take(case_id, move(Verb.RETURN_WRONG, POWERS, since + HOUR, note="不归我管"))
    drawn = drawn_on(opened(here, OFFICER, lane="ledger"))
    assert '<td class="above">100.0%<small>超限</small></td>' in drawn
    assert "1 个超限" in drawn


def test_a_liaison_reports_for_duty_on_a_whistle(here: Street) -> None:
    case_id = here.report()
    with here.store.writing() as db:
        asker = Asker(WHO[HEAD], "test", clock.now())
        whistles.blow(db, asker, WhistleKind.DAILY, [POWER], "请到场", RULES, now=clock.now(), case_id=case_id)
    page = opened(here, POWERS, lane="whistles")
    with cookie(token_of(here.store, WHO[POWERS].user_id, clock.real_now())):
        page.text_area(key="answer_1").set_value("已派人")
        page.button(key="report_1").click().run()
    assert not page.exception
    with here.store.reading() as db:
        (row,) = db.exec(select(WhistleAnswer)).all()
    assert (row.unit_id, row.note, row.by_id) == (POWER, "已派人", WHO[POWERS].user_id)
    assert not [button for button in page.button if button.key == "report_1"]


def test_a_secretary_knocks_at_the_doors_of_a_grid_in_one_tap(here: Street) -> None:
    page = opened(here, NORTH, lane="diary")
    grid = next(button for button in page.button if (button.key or "").startswith("knock_"))
    press(here, NORTH, page, grid.key or "")
    with here.store.reading() as db:
        (row,) = db.exec(select(DiaryEntry)).all()
    assert (row.kind, f"knock_{row.place_id}") == ("knock", grid.key)
    assert not any((button.key or "").startswith("knock_") for button in opened(here, HEAD, lane="diary").button)


def test_the_sheet_is_written_for_who_is_still_signed_in_when_it_is_asked_for(here: Street) -> None:
    case_id = here.report()
    token = token_of(here.store, WHO[HEAD].user_id, clock.real_now())
    with cookie(token):
        write = dossier_view.written(session.asker_later(), case_id, is_demo=False)
    assert write().startswith(b"PK")
    with here.store.writing() as db:
        sessions.end_all(db, WHO[HEAD].user_id, clock.real_now())
    with pytest.raises(Refused):
        write()


def test_the_map_of_a_case_is_sent_to_who_may_see_it(here: Street) -> None:
    case_id, client = here.report(), TestClient(app.app)
    answers = {}
    for name in (HEAD, "head of s1", "wall"):
        token = token_of(here.store, WHO[name].user_id, clock.real_now())
        answers[name] = client.get(f"/cases/{case_id}/map", cookies={COOKIE: token})
    assert answers.pop(HEAD).content.startswith(b"\x89PNG")
    assert {answer.status_code for answer in answers.values()} == {404}


def test_everything_is_marked_as_seen(here: Street) -> None:
    here.report()
    press(here, HEAD, opened(here, HEAD), "seen")
    with here.store.reading() as db:
        assert db.get(LastLook, WHO[HEAD].user_id)


def test_every_heading_counts_the_rows_below_it_the_chosen_case_among_them(here: Street) -> None:
    since = clock.now() - 3 * HOUR
    for until in (Verb.REPORT, Verb.DISPATCH, Verb.ARRIVE, Verb.ANSWER):
        here.take(here.report(ZHANQIAN, when=since), *loop(since, until=until)[1:])
    here.report(when=since - 2 * DAY)
    for name in (HEAD, NORTH, POWERS, OFFICER):
        drawn = drawn_on(opened(here, name))
        _, *groups = drawn.split('<h2 class="section">')
        assert groups
        for group in groups:
            count = re.match(r"[^<]*<b>(\d+)</b>", group)
            assert count
            assert int(count[1]) == group.count('<article class="case-row">')
        assert drawn.count('<article class="case-card">') == 1


def test_nobody_is_offered_to_ring_themselves_up(here: Street) -> None:
    since = clock.now() - HOUR
    case_id = here.report(ZHANQIAN, when=since)
    here.take(case_id, *loop(since, until=Verb.TAKE_ON)[1:])
    offered = {(name, file): "打电话" in drawn_on(opened(here, name, file, case=str(case_id)))
               for name in (HEAD, POWERS) for file in ("backlog", "case")}  # fmt: skip
    assert offered == {
        (HEAD, "backlog"): True,
        (HEAD, "case"): True,
        (POWERS, "backlog"): False,
        (POWERS, "case"): False,
    }


def test_other_case_files_are_not_there(here: Street) -> None:
    case_id = here.report(at="s1")
    for asked_for in (str(case_id), here.case(case_id).number, "999", "x' OR 1=1"):
        page = opened(here, HEAD, "case", case=asked_for)
        assert not page.exception
        assert page.title[0].value == "案卷"


def test_what_residents_wrote_is_text_on_both_pages(here: Street) -> None:
    hostile = '<img src=x onerror="alert(1)">'
    case_id = here.report(WULIPU_1, title=hostile, text=hostile, address=hostile)
    for file in ("backlog", "case"):
        page = opened(here, HEAD, file, case=str(case_id))
        assert not page.exception
        assert hostile not in drawn_on(page)


def test_a_photo_is_sent_to_who_may_see_its_case_and_to_nobody_else(here: Street) -> None:
    case_id, photo = here.report(), cleaned(picture())
    with here.store.writing() as db:
        attachments.attach(db, WHO[HEAD], case_id, PhotoKind.BEFORE, [photo], clock.now())
        photo_id = attachments.photos_of(db, case_id)[0].id
    client = TestClient(app.app)
    answers = {}
    for name in (HEAD, "head of s1", "wall", POWERS):
        token = token_of(here.store, WHO[name].user_id, clock.real_now())
        answers[name] = client.get(f"/photos/{photo_id}/full", cookies={COOKIE: token})
    assert answers.pop(HEAD).content == photo.body
    assert {answer.status_code for answer in answers.values()} == {404}
    assert client.get(f"/photos/{photo_id}/full", cookies={COOKIE: ""}).status_code == 404
    assert not opened(here, HEAD, "case", case=str(case_id)).exception
