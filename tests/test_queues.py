"""The queues of the desk: what waits for what, the same numbers as on the wall, and only what one may see."""

import pytest
from sqlmodel import Session

from core.board import Ground, Tally, first_board
from core.cases import queues
from core.cases.queries import open_cases
from core.cases.tables import Case
from core.desk_words import Abnormality, Queue
from core.figures import window
from core.places import tree
from core.units import Unit
from core.words import Stage, Verb
from tests.cast import DAY, HOUR, ID, MINUTE, NOON, RULES, WATER, WHO, WULIPU_7, Street, move

LATER = NOON + 2 * HOUR
UNTIL = {
    Queue.TO_ACCEPT: Verb.REPORT,
    Queue.TO_DISPATCH: Verb.ACCEPT,
    Queue.TO_CHECK: Verb.ANSWER,
    Queue.TO_CLOSE: Verb.CHECK,
}
ENFORCEMENT = RULES.categories[WULIPU_7].sector  # no unit of the cast


def waiting(db: Session, name: Queue, who: str = "officer", now: object = LATER) -> list[int]:
    return [row.id for row in queues.queue(db, WHO[who], name, RULES, now=now)]  # type: ignore[arg-type]


@pytest.mark.parametrize(("name", "until"), UNTIL.items())
def test_a_case_waits_in_the_queue_of_its_stage(street: Street, name: Queue, until: Verb) -> None:
    case = street.brought_to(until)
    with street.store.reading() as db:
        assert waiting(db, name) == [case]
        counted = queues.counts(db, WHO["officer"], RULES, now=LATER)
    stages = {queue: counted.queues[queue] for queue in UNTIL}
    assert stages == {queue: int(queue is name) for queue in UNTIL}
    assert counted.open == 1


def test_a_request_of_a_unit_waits_to_be_decided(street: Street) -> None:
    case = street.brought_to(Verb.TAKE_ON)
    street.take(case, move(Verb.ASK_RETURN, "liaison of power", NOON + HOUR, note="不归我们管"))
    with street.store.reading() as db:
        assert waiting(db, Queue.TO_DECIDE) == [case]
    street.take(case, move(Verb.DECLINE, at=NOON + HOUR, note="请继续办"))
    with street.store.reading() as db:
        assert waiting(db, Queue.TO_DECIDE) == []


def test_what_a_unit_has_too_long_is_to_be_chased(street: Street) -> None:
    case = street.brought_to(Verb.TAKE_ON)
    with street.store.reading() as db:
        assert waiting(db, Queue.TO_CHASE) == []
        assert waiting(db, Queue.TO_CHASE, now=NOON + 21 * HOUR) == [case]  # the unit's own time is over
        (row,) = queues.queue(db, WHO["officer"], Queue.TO_CHASE, RULES, now=NOON + 25 * HOUR)
        assert queues.counts(db, WHO["officer"], RULES, now=NOON + 25 * HOUR).overdue == 1
    assert (row.stage, row.abnormal, row.clock) == (Stage.TAKEN_ON, (), "overdue")


def test_a_closed_case_with_a_phone_is_to_be_called_back(street: Street) -> None:
    with_phone = street.report(reporter_name="张伟", reporter_phone="13812341234")
    without = street.report()
    for case in (with_phone, without):
        street.take(case, move(Verb.SELF_HANDLE, "head of n1", NOON + HOUR))
    with street.store.reading() as db:
        assert waiting(db, Queue.TO_CALL_BACK) == [with_phone]
        assert queues.counts(db, WHO["officer"], RULES, now=LATER).queues[Queue.TO_CALL_BACK] == 1
        assert waiting(db, Queue.TO_CALL_BACK, "leader") == []
        assert waiting(db, Queue.TO_CALL_BACK, now=NOON + 40 * DAY) == []


def test_what_does_not_go_its_way_by_itself_is_abnormal_with_the_reason(street: Street) -> None:
    with street.store.writing() as db:
        db.add(Unit(name="城管", sector=ENFORCEMENT, duty_phone="1", place_id=ID["n1"]))
    placeless = street.report(lon=None, lat=None)
    street.report(WULIPU_7)
    ownerless = street.report(WULIPU_7, "s1")
    twice = street.report()
    silent = street.report()
    street.take(twice, move(Verb.ACCEPT, at=NOON))
    for _round in range(2):
        street.take(
            twice,
            move(Verb.DISPATCH, at=NOON + MINUTE, unit_id=WATER),
            move(Verb.RETURN_WRONG, "liaison of water", NOON + MINUTE, note="不归我们管"),
        )
    with street.store.writing() as db:
        db.get_one(Case, silent).escalated = 1
    with street.store.reading() as db:
        found = queues.queue(db, WHO["officer"], Queue.ABNORMAL, RULES, now=LATER)
        counted = queues.counts(db, WHO["officer"], RULES, now=LATER).queues[Queue.ABNORMAL]
    assert {row.id: row.abnormal for row in found} == {
        placeless: (Abnormality.NO_PLACE,),
        ownerless: (Abnormality.NO_OWNER,),
        twice: (Abnormality.REFUSED_TWICE,),
        silent: (Abnormality.SILENT,),
    }
    assert counted == 4
    street.take(twice, move(Verb.DISPATCH, at=NOON + HOUR, unit_id=WATER))
    assert street.case(twice).returns == 2


def test_the_counts_are_those_of_the_wall(street: Street) -> None:
    for until in (Verb.REPORT, Verb.ACCEPT, Verb.DISPATCH, Verb.TAKE_ON, Verb.ANSWER, Verb.CHECK, Verb.CLOSE):
        street.brought_to(until)
        street.report(at="s1", when=NOON - 2 * DAY)
    now = NOON + 23 * HOUR
    with street.store.reading() as db:
        counted = queues.counts(db, WHO["officer"], RULES, now=now)
        tally = Tally(RULES.due_soon)
        for case in open_cases(db):
            tally.put(case, now)
        ground = Ground(tree(db, now), {}, {})
        board = first_board(tally, RULES, ground, window(db, now), at=now, is_demo=False)
    root = board.tree.nodes[ID["street"]]
    assert (counted.open, counted.overdue) == (board.counts_of(root).open, board.counts_of(root).overdue)
    stages = [case.stage for case in board.cases.values()]
    assert counted.queues[Queue.TO_ACCEPT] == stages.count(Stage.REPORTED)
    assert counted.queues[Queue.TO_DISPATCH] == stages.count(Stage.ACCEPTED)
    assert counted.overdue == 7


def test_nobody_sees_more_than_they_may(street: Street) -> None:
    street.report()
    here, there = street.report(at="s1"), street.report(at="f1")
    with street.store.reading() as db:
        assert waiting(db, Queue.TO_ACCEPT, "head of s1") == [here]
        assert waiting(db, Queue.TO_ACCEPT, "officer of the other street") == [there]
        for name in ("stranger", "wall", "administrator"):
            assert waiting(db, Queue.TO_ACCEPT, name) == []
            assert queues.counts(db, WHO[name], RULES, now=LATER).open == 0
