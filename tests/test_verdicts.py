"""The resident's verdict: who asks, what it does to the case and its promises, and that the figures hold."""

from datetime import datetime

import pytest
from sqlmodel import Session, col, select

from core.cases import bulk, commands, ledger
from core.cases.bulk import Draft
from core.cases.queries import call_backs, open_cases
from core.cases.tables import Case
from core.errors import Refused
from core.figures import DayFigure
from core.follower import Follower
from core.words import ClockState, Stage, Verb, Verdict
from tests.cast import DAY, HOUR, NOON, RULES, WHO, WULIPU_1, ZHANQIAN, Street, facts, loop, move, rollups
from tests.test_promises import recounted

PHONE = "13800001234"
CALLED = NOON + 5 * HOUR
NORTH = "secretary of north"
SAID = {
    Verb.RATE_SATISFIED: Verdict.SATISFIED,
    Verb.RATE_MOSTLY: Verdict.MOSTLY_SATISFIED,
    Verb.REOPEN: Verdict.NOT_SATISFIED,
    Verb.BRING_TO_MEETING: Verdict.NOT_SATISFIED,
}


def replies(db: Session) -> tuple[int, int]:
    rows = db.exec(select(DayFigure)).all()
    return sum(row.replied for row in rows), sum(row.satisfied for row in rows)


def closed(street: Street, category: str = WULIPU_1, when: datetime = NOON, phone: str = "") -> int:
    case_id = street.report(category, when=when, reporter_phone=phone)
    street.take(case_id, *loop(when)[1:])
    return case_id


@pytest.mark.parametrize("verb", SAID)
def test_a_verdict_is_kept_with_who_called_and_when_the_case_ended_stays(street: Street, verb: Verb) -> None:
    case_id = closed(street)
    ended = street.case(case_id).ended_at
    street.take(case_id, move(verb, NORTH, CALLED, note="电话回访"))
    case, event = street.case(case_id), street.events(case_id)[-1]
    assert case.verdict == SAID[verb]
    assert (event.verb, event.by_id, event.occurred_at) == (verb, WHO[NORTH].user_id, CALLED)
    assert (case.stage, case.ended_at) == ((Stage.ACCEPTED, None) if verb is Verb.REOPEN else (Stage.CLOSED, ended))
    with street.store.reading() as db:
        assert replies(db) == (1, SAID[verb] is not Verdict.NOT_SATISFIED)
        assert rollups(db) == recounted(db)


def test_a_resident_is_asked_once_a_closing(street: Street) -> None:
    case_id = closed(street)
    street.take(case_id, move(Verb.RATE_MOSTLY, NORTH, CALLED))
    for verb in SAID:
        with pytest.raises(Refused, match="asked already"):
            street.take(case_id, move(verb, "officer", CALLED + HOUR, note="又问"))


def test_who_handles_cases_does_not_ask_how_content_people_are(street: Street) -> None:
    case_id = closed(street)
    for name in ("head of n1", "leader"):
        with pytest.raises(Refused, match="may not"):
            street.take(case_id, move(Verb.RATE_SATISFIED, name, CALLED))


@pytest.mark.parametrize(("category", "running"), [(WULIPU_1, {"closed"}), (ZHANQIAN, set())])
def test_a_reopened_case_waits_for_a_dispatch_under_new_promises(
    street: Street, category: str, running: set[str]
) -> None:
    case_id = closed(street, category)
    street.take(case_id, move(Verb.REOPEN, NORTH, CALLED, note="复发"))
    case = street.case(case_id)
    assert (case.unit_id, case.dispatched_at, case.resolved_at, case.moved_at) == (None, None, None, CALLED)
    assert case.due_at == (CALLED + DAY if running else None)
    with street.store.reading() as db:
        assert [found.id for found in open_cases(db)] == [case_id]
        rows = commands.clocks_of(db, case_id)
    assert {row.name for row in rows if commands.clock_of(row).is_running} == running
    old = [commands.clock_of(row) for row in rows if row.superseded_at]
    assert old
    assert all(clock.is_kept and clock.state(CALLED, HOUR) is ClockState.SUPERSEDED for clock in old)
    street.take(case_id, *loop(CALLED)[2:], move(Verb.RATE_SATISFIED, NORTH, CALLED + DAY))
    assert street.case(case_id).verdict == Verdict.SATISFIED
    with street.store.reading() as db:
        assert replies(db) == (2, 1)
        assert rollups(db) == recounted(db)


def test_a_reopened_case_that_proves_to_lie_elsewhere_takes_its_whole_past_along(street: Street) -> None:
    case_id = closed(street)
    street.take(case_id, move(Verb.REOPEN, NORTH, CALLED, note="复发"))
    with street.store.writing() as db:
        asked = move(Verb.CORRECT, "officer", CALLED + HOUR, note="分类有误")
        commands.correct(db, WHO["officer"], case_id, asked, RULES, category=ZHANQIAN)
    with street.store.reading() as db:
        assert rollups(db) == recounted(db)
        assert {row.category for row in db.exec(select(DayFigure)) if row.replied} == {ZHANQIAN}


def test_the_wall_takes_a_reopened_case_up_again(street: Street) -> None:
    case_id = closed(street)
    follower = Follower(street.store, coalesce_s=0)
    assert case_id not in follower.board.cases
    street.take(case_id, move(Verb.REOPEN, NORTH, CALLED, note="复发"))
    follower.poll()
    assert case_id in follower.board.cases


def test_written_in_bulk_a_verdict_says_the_same(street: Street) -> None:
    moves = [*loop(), move(Verb.REOPEN, NORTH, CALLED, note="复发"), *loop(CALLED)[2:]]
    moves.append(move(Verb.RATE_MOSTLY, NORTH, CALLED + DAY))
    with street.store.writing() as db:
        bulk.write(db, [Draft(facts(), moves)], RULES)
    with street.store.reading() as db:
        assert replies(db) == (2, 1)
        assert rollups(db) == recounted(db)
        assert db.exec(select(Case.verdict)).all() == [Verdict.MOSTLY_SATISFIED]


def test_the_queue_holds_those_who_wait_longest_first_and_nobody_twice(street: Street) -> None:
    late, early = closed(street, phone=PHONE), closed(street, when=NOON - DAY, phone=PHONE)
    closed(street)  # nobody to call
    street.report(reporter_phone=PHONE)  # not closed
    with street.store.reading() as db:
        assert [case.id for case in call_backs(db, WHO[NORTH], CALLED)] == [early, late]
        assert call_backs(db, WHO["head of n1"], CALLED) == []
        assert call_backs(db, WHO["officer of the other street"], CALLED) == []
        assert call_backs(db, WHO[NORTH], CALLED + 40 * DAY) == []
    street.take(early, move(Verb.RATE_SATISFIED, NORTH, CALLED))
    street.take(late, move(Verb.REOPEN, NORTH, CALLED, note="复发"))
    with street.store.reading() as db:
        assert call_backs(db, WHO[NORTH], CALLED) == []


def test_the_ledger_keeps_the_unsatisfied(street: Street) -> None:
    for verb in SAID:
        street.take(closed(street), move(verb, NORTH, CALLED, note="回访"))
    with street.store.reading() as db:
        kept = ledger.ledger(db, WHO["officer"], NOON, NOON + DAY)
        count = len(db.exec(select(Case.id).where(col(Case.verdict).is_not(None))).all())
    assert {entry.verb for entry in kept} == {Verb.REOPEN, Verb.BRING_TO_MEETING}
    assert count == 4
