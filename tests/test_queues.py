"""The queues of the desk: what waits for what, the same numbers as on the wall, and only what one may see."""

from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from core.board import Ground, Tally, first_board
from core.cases import bulk, queues
from core.cases.bulk import Draft
from core.cases.queries import open_cases
from core.cases.step_table import WORKED_ON
from core.cases.tables import Case, Reporter
from core.desk_words import Abnormality, Queue
from core.figures import window
from core.places import tree
from core.units import Unit
from core.wall.picture import picture
from core.wall.view import Wall
from core.words import Stage, Verb
from tests.cast import DAY, HOUR, ID, MINUTE, NOON, RULES, UNITS, WATER, WHO, WULIPU_7, Street, move, stories

LATER = NOON + 2 * HOUR
UNTIL = {
    Queue.TO_ACCEPT: Verb.REPORT,
    Queue.TO_DISPATCH: Verb.ACCEPT,
    Queue.TO_CHECK: Verb.ANSWER,
    Queue.TO_CLOSE: Verb.CHECK,
}
STAGE_OF = {
    Queue.TO_ACCEPT: Stage.REPORTED,
    Queue.TO_DISPATCH: Stage.ACCEPTED,
    Queue.TO_CHECK: Stage.ANSWERED,
    Queue.TO_CLOSE: Stage.CHECKED,
}
OWNED = {sector for _, sector, _ in UNITS}
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
        assert queues.counts(db, WHO["officer"], RULES, now=NOON + 25 * HOUR).queues[Queue.OVERDUE] == 1
    assert (row.stage, row.abnormal, row.clock) == (Stage.TAKEN_ON, (), "overdue")
    assert row.promise is not None  # the case's own and not that of the unit, whose time ran out before
    assert (row.promise.unit_id, row.promise.due_at) == (None, row.due_at)


def test_a_closed_case_with_a_phone_is_to_be_called_back(street: Street) -> None:
    with_phone = street.report(reporter_name="张伟", reporter_phone="13812341234")
    without = street.report()
    for case in (with_phone, without):
        street.take(case, move(Verb.SELF_HANDLE, "head of n1", NOON + HOUR))
    with street.store.reading() as db:
        assert waiting(db, Queue.TO_CALL_BACK) == [with_phone]
        assert queues.counts(db, WHO["officer"], RULES, now=LATER).queues[Queue.TO_CALL_BACK] == 1
        assert waiting(db, Queue.TO_CALL_BACK, "leader") == []
        assert Queue.TO_CALL_BACK not in queues.counts(db, WHO["leader"], RULES, now=LATER).queues  # no step of theirs
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


def wall(db: Session, now: datetime) -> Wall:
    """What the wall of the street shows, from the rows of the open cases."""
    tally = Tally(RULES.due_soon)
    for case in open_cases(db):
        tally.put(case, now)
    board = first_board(tally, RULES, Ground(tree(db, now), {}, {}), window(db, now), at=now, is_demo=False)
    return picture(board, board.tree.nodes[ID["street"]])


def reasons(case: Case) -> tuple[Abnormality, ...]:
    """Why a case of the cast's street is abnormal, told from its row alone."""
    is_unsolved = case.stage in (Stage.REPORTED, Stage.ACCEPTED, *WORKED_ON)
    is_unsent = case.stage in (Stage.REPORTED, Stage.ACCEPTED)
    held = {
        Abnormality.NO_PLACE: is_unsolved and case.place_id == case.grid_id and case.lon is None and not case.address,
        Abnormality.NO_OWNER: is_unsent and RULES.categories[case.category].sector not in OWNED,
        Abnormality.REFUSED_TWICE: is_unsolved and case.returns >= 2,
        Abnormality.SILENT: case.escalated > 0,
    }
    return tuple(why for why, is_so in held.items() if is_so)


def waits_in(case: Case, has_phone: bool, now: datetime) -> set[Queue]:
    """The queues of a case, told from its row alone."""
    if case.ended_at:
        is_due = case.stage == Stage.CLOSED and has_phone and not case.verdict and case.ended_at >= now - 30 * DAY
        return {Queue.TO_CALL_BACK} if is_due else set()
    is_late = any(due and due < now for due in (case.due_at, case.unit_due_at))
    held = {
        **{queue: case.stage == stage for queue, stage in STAGE_OF.items()},
        Queue.OVERDUE: case.due_at is not None and case.due_at < now,
        Queue.DUE_SOON: case.due_at is not None and now <= case.due_at <= now + RULES.due_soon,
        Queue.TO_DECIDE: case.request is not None,
        Queue.TO_CHASE: case.stage in (*WORKED_ON, Stage.RESOLVED) and is_late,
        Queue.ABNORMAL: bool(reasons(case)),
    }
    return {queue for queue, is_so in held.items() if is_so}


SPOILT = st.fixed_dictionaries(
    {"escalated": st.integers(0, 1), "returns": st.integers(0, 3), "request": st.sampled_from([None, "extension"])}
)


@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(told=stories(NOON), spoilt=st.lists(SPOILT, min_size=12, max_size=12), phones=st.integers(0, 2**12 - 1))
def test_after_any_history_every_queue_holds_what_the_rows_say_and_counts_as_the_wall_does(
    street: Street, told: list[Draft], spoilt: list[dict[str, object]], phones: int
) -> None:
    """The store keeps the histories of all examples."""
    with street.store.writing() as db:
        known = set(db.exec(select(Case.id)))
        bulk.write(db, told, RULES)
        for number, case in enumerate(db.exec(select(Case).where(col(Case.id).not_in(known))).all()):
            for name, value in spoilt[number].items() if not case.ended_at else ():
                setattr(case, name, value)
            if phones >> number & 1:
                db.add(Reporter(case_id=case.id or 0, phone="13812341234"))
    with street.store.reading() as db:
        cases, called = {case.id: case for case in db.exec(select(Case))}, set(db.exec(select(Reporter.case_id)))
        counted, shown = queues.counts(db, WHO["officer"], RULES, now=LATER), wall(db, LATER)
        for name in Queue:
            rows = queues.queue(db, WHO["officer"], name, RULES, now=LATER, most=len(cases))
            expected = {key for key, case in cases.items() if name in waits_in(case, key in called, LATER)}
            assert {row.id for row in rows} == expected, name
            assert counted.queues[name] == len(rows)
            assert all(row.abnormal == reasons(cases[row.id]) for row in rows if not cases[row.id].ended_at)
    late = counted.queues[Queue.OVERDUE], counted.queues[Queue.DUE_SOON]
    assert (counted.open, *late) == (shown.open, shown.overdue, shown.due_soon)
    stages = dict(shown.stages)
    assert {queue: counted.queues[queue] for queue in STAGE_OF} == {
        queue: stages.get(stage, 0) for queue, stage in STAGE_OF.items()
    }


def test_nobody_sees_more_than_they_may(street: Street) -> None:
    street.report()
    here, there = street.report(at="s1"), street.report(at="f1")
    with street.store.reading() as db:
        assert waiting(db, Queue.TO_ACCEPT, "head of s1") == [here]
        assert waiting(db, Queue.TO_ACCEPT, "officer of the other street") == [there]
        for name in ("stranger", "wall", "administrator"):
            assert waiting(db, Queue.TO_ACCEPT, name) == []
            assert queues.counts(db, WHO[name], RULES, now=LATER).open == 0
