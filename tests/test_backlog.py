"""My backlog and what is done from it: the right cases, the counts of the wall, each step once."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlmodel import col, func, select

from core import diary, limits
from core.accounts.audit import Asker
from core.cases import backlog, ledger, taking
from core.cases.backlog import Show
from core.cases.steps import STEPS
from core.cases.tables import Case, CaseEvent
from core.diary import DiaryEntry
from core.errors import NotFound, Refused
from core.follower import Follower
from core.submissions import Submission
from core.words import DiaryKind, Request, Stage, Verb
from tests.cast import DAY, HOUR, ID, MINUTE, NOON, POWER, RULES, WHO, WULIPU_1, ZHANQIAN, Street, loop, move, together
from tests.test_drill import look
from tests.test_side_steps import asked, leave

LATER = NOON + 2 * DAY
HEAD, NORTH, POWERS = "head of n1", "secretary of north", "liaison of power"


def shown(street: Street, who: str, now: datetime = LATER, show: Show = Show.ALL) -> list[int]:
    with street.store.reading() as db:
        return [t.id for t in backlog.backlog(db, WHO[who], now, RULES, backlog.look(db, WHO[who]), show)]


def counted(street: Street, who: str, now: datetime = LATER) -> dict[Show, int]:
    with street.store.reading() as db:
        return backlog.counts(db, WHO[who], now, backlog.look(db, WHO[who]))


@pytest.fixture
def busy(street: Street) -> Street:
    """Cases of every state: overdue, due today, suspended, asked for, without a promise, elsewhere, ended."""
    street.report(WULIPU_1, when=NOON)  # 1 overdue
    street.report(WULIPU_1, "n2", when=LATER - 23 * HOUR)  # 2 due in an hour
    street.report(WULIPU_1, "s1", when=LATER - HOUR)  # 3 due tomorrow
    suspended = street.brought_to(Verb.ARRIVE, ZHANQIAN)  # 4
    street.take(suspended, *leave(Request.SUSPENSION, HOUR))
    waits = street.brought_to(Verb.ARRIVE, ZHANQIAN, when=LATER - HOUR)  # 5 the unit asks for more time
    street.take(waits, asked(Verb.ASK_EXTENSION, POWERS, LATER - NOON))
    street.brought_to(Verb.ACCEPT, ZHANQIAN)  # 6 without a promise
    street.brought_to(Verb.CLOSE)  # 7
    street.report(at="f1")  # 8
    return street


def test_each_sees_their_own_cases_the_next_deadline_first(busy: Street) -> None:
    assert shown(busy, HEAD) == [1, 5, 4, 6]
    assert shown(busy, NORTH) == [1, 2, 5, 4, 6]
    assert shown(busy, POWERS) == [5, 4]
    assert shown(busy, "officer") == [1, 2, 3, 5, 4, 6]
    assert shown(busy, "officer of the other street") == [8]
    assert shown(busy, "wall") == shown(busy, "stranger") == []


def test_the_filters_show_what_they_count(busy: Street) -> None:
    expected = {Show.OVERDUE: [1], Show.TODAY: [2], Show.WAITING: [5, 4], Show.APPROVAL: [5], Show.CHANGED: []}
    for show, ids in expected.items():
        assert shown(busy, "officer", show=show) == ids
    assert shown(busy, NORTH, show=Show.APPROVAL) == []
    for who in WHO:
        assert counted(busy, who) == {show: len(shown(busy, who, show=show)) for show in Show}


@pytest.mark.parametrize(("who", "place"), [(HEAD, "n1"), (NORTH, "north"), ("officer", "street")])
def test_the_counts_are_those_of_wall_and_drill_down(
    busy: Street, who: str, place: str, stand_still: Callable[[datetime], None]
) -> None:
    for now in (NOON, NOON + DAY, LATER, LATER + HOUR, LATER + HOUR + MINUTE, LATER + 5 * DAY):
        stand_still(now)
        board = Follower(busy.store).board
        found, wall = counted(busy, who, now), board.counts[ID[place]]
        assert (found[Show.ALL], found[Show.OVERDUE]) == (wall.open, wall.overdue)
        figures = look(busy, place, who=who, now=now).now
        assert (found[Show.ALL], found[Show.OVERDUE]) == (figures.open, figures.overdue)
        with busy.store.reading() as db:
            rows = backlog.backlog(db, WHO[who], now, RULES, backlog.Look())
        assert {row.id: row.of_case for row in rows} == {row.id: board.states[row.id] for row in rows}


def test_the_promise_shown_is_the_one_due_first_of_the_case_or_of_its_unit(busy: Street) -> None:
    for now in (NOON + HOUR, LATER, LATER + 5 * DAY):
        with busy.store.reading() as db:
            rows = backlog.backlog(db, WHO["officer"], now, RULES, backlog.Look())
        first: list[datetime | None] = []
        for row in rows:
            case = row.case
            dues = [] if case.suspended_at else [due for due in (case.due_at, case.unit_due_at) if due]
            assert [clock.due_at for clock in row.running] == sorted(dues)
            assert row.due_at == min(dues, default=None)
            if row.due_at:
                assert row.clock is limits.running_state(row.due_at, now, RULES.due_soon)
            first.append(row.due_at)
        assert any(len(row.running) > 1 for row in rows)
        assert first == sorted(first, key=lambda due: (due is None, due))


def test_what_others_changed_since_the_last_look_is_marked(busy: Street) -> None:
    assert shown(busy, HEAD, show=Show.CHANGED) == []  # who never looked is shown everything as it is
    with busy.store.writing() as db:
        backlog.seen(db, Asker(WHO[HEAD], "", LATER), LATER)
    busy.take(1, move(Verb.ACCEPT, at=LATER))
    busy.take(6, move(Verb.SELF_HANDLE, HEAD, LATER))
    busy.report(when=LATER)
    assert shown(busy, HEAD, show=Show.CHANGED) == [1, 9]
    with busy.store.writing() as db:
        backlog.seen(db, Asker(WHO[HEAD], "", LATER), LATER)
    assert shown(busy, HEAD, show=Show.CHANGED) == []


def test_each_case_offers_exactly_the_steps_that_may_be_taken(busy: Street) -> None:
    offered: dict[str, dict[int, set[Verb]]] = {}
    for who in (HEAD, POWERS, "officer"):
        with busy.store.reading() as db:
            rows = backlog.backlog(db, WHO[who], LATER, RULES, backlog.Look())
        offered[who] = {row.id: {step.verb for step in row.steps} for row in rows}
    assert offered[HEAD] == {1: {Verb.SELF_HANDLE}, 5: {Verb.CHASE}, 4: {Verb.CHASE}, 6: {Verb.SELF_HANDLE}}
    assert offered[POWERS] == {5: {Verb.RESOLVE, Verb.RETURN_WRONG}, 4: set()}
    assert {Verb.APPROVE_EXTENSION, Verb.DECLINE} <= offered["officer"][5]
    assert Verb.RESUME in offered["officer"][4]


def test_an_officer_records_for_the_unit_that_has_the_case(busy: Street) -> None:
    with busy.store.reading() as db:
        found = backlog.todo(db, WHO["officer"], LATER, RULES, 5)
        assert backlog.todo(db, WHO["head of s1"], LATER, RULES, 5) is None
    assert found is not None
    assert backlog.main_step(found) == STEPS[Verb.RESOLVE]
    assert taking.on_behalf_of(found.case.path, POWER, STEPS[Verb.RESOLVE], WHO["officer"]) == POWER
    assert taking.on_behalf_of(found.case.path, POWER, STEPS[Verb.RESOLVE], WHO[POWERS]) is None
    assert taking.on_behalf_of(found.case.path, POWER, STEPS[Verb.CHECK], WHO["officer"]) is None


# A repeated tap, a replay


def hand_in(street: Street, case_id: int, key: str, verb: Verb = Verb.SELF_HANDLE) -> CaseEvent | None:
    with street.store.writing() as db:
        one = move(verb, HEAD, NOON + HOUR)
        return taking.take_once(db, WHO[HEAD], case_id, one, RULES, key=key)


def test_a_step_handed_in_twice_is_taken_once(street: Street) -> None:
    case_id = street.report()
    assert hand_in(street, case_id, "tap")
    assert hand_in(street, case_id, "tap") is None
    assert street.case(case_id).version == 2


def test_of_two_taps_at_the_same_moment_one_counts(street: Street) -> None:
    case_id = street.report()
    results = together(*[lambda: hand_in(street, case_id, "tap")] * 4)
    assert sorted(type(result).__name__ for result in results) == ["CaseEvent", "NoneType", "NoneType", "NoneType"]
    assert street.case(case_id).version == 2


def test_a_refused_step_may_be_handed_in_again_under_its_key(street: Street) -> None:
    case_id = street.report()
    with pytest.raises(Refused):
        hand_in(street, case_id, "tap", Verb.CHECK)
    assert hand_in(street, case_id, "tap")


def test_a_key_is_ones_own(street: Street) -> None:
    first, second = street.report(), street.report()
    assert hand_in(street, first, "tap")
    with street.store.writing() as db:
        one = move(Verb.SELF_HANDLE, NORTH, NOON + HOUR)
        assert taking.take_once(db, WHO[NORTH], second, one, RULES, key="tap")
        assert db.exec(select(func.count()).select_from(Submission)).one() == 2


def test_a_case_is_found_by_the_number_people_call_it_by(street: Street) -> None:
    case_id = street.report()
    number = street.case(case_id).number
    with street.store.reading() as db:
        assert taking.case_numbered(db, WHO[HEAD], f" {number} ") == case_id
        with pytest.raises(NotFound):
            taking.case_numbered(db, WHO["head of s1"], number)


# The diary


def test_a_line_of_the_diary_is_written_once_and_read_by_who_keeps_it(street: Street) -> None:
    def write(place: str, who: str = HEAD, key: str = "tap", after: timedelta = timedelta()) -> DiaryEntry | None:
        with street.store.writing() as db:
            return diary.note_down(
                db,
                Asker(WHO[who], "", NOON),
                DiaryKind.VISIT,
                ID[place],
                " 张大爷家灯坏了 ",
                key=key,
                at=NOON + after,
                now=NOON,
            )

    assert write("n1")
    assert write("n1") is None
    assert write("north", NORTH, "knock")
    for place, who in (("n2", HEAD), ("n1", "officer"), ("f1", NORTH)):
        with pytest.raises(NotFound):
            write(place, who, "other")
    with pytest.raises(Refused):
        write("n1", key="future", after=MINUTE)
    with street.store.reading() as db:
        assert [line.place for line in diary.diary(db, WHO[NORTH], NOON - DAY)] == ["north", "n1"]
        assert [(line.name, line.entry.text) for line in diary.diary(db, WHO[HEAD], NOON - DAY)] == [
            (HEAD, "张大爷家灯坏了")
        ]
        assert diary.diary(db, WHO["officer"], NOON - DAY) == diary.diary(db, WHO[HEAD], NOON + MINUTE) == []


def test_doors_where_nobody_has_knocked_for_longest_come_first(street: Street) -> None:
    with street.store.writing() as db:
        for number, (place, kind) in enumerate((("n2", DiaryKind.KNOCK), ("n1", DiaryKind.VISIT))):
            diary.note_down(db, Asker(WHO[NORTH], "", NOON), kind, ID[place], key=f"{number}", at=NOON, now=NOON)
    with street.store.reading() as db:
        assert [(name, at) for _, name, at in diary.knocks(db, WHO[NORTH])] == [("n1", None), ("n2", NOON)]
        assert [name for _, name, _ in diary.knocks(db, WHO[HEAD])] == ["n1"]
        assert diary.knocks(db, WHO["officer"]) == []


# Shares and their ceilings


def test_shares_of_leave_are_counted_by_unit_and_by_grid(street: Street) -> None:
    given = [street.brought_to(Verb.ARRIVE, ZHANQIAN) for _ in range(4)]
    street.take(given[0], *leave(Request.EXTENSION, HOUR))
    street.take(given[1], *leave(Request.SUSPENSION, HOUR))
    street.take(given[2], move(Verb.RETURN_WRONG, POWERS, NOON + HOUR, note="不归我管"))
    street.take(given[3], asked(Verb.ASK_EXTENSION, POWERS, HOUR), asked(Verb.DECLINE, after=2 * HOUR))
    with street.store.reading() as db:
        by_unit, by_grid = ledger.shares(db, WHO["officer"], NOON, NOON + DAY)
        assert ledger.shares(db, WHO["officer"], NOON + DAY, NOON + 2 * DAY) == ([], [])
        assert [row.of for row in ledger.shares(db, WHO["head of s1"], NOON, NOON + DAY)[1]] == []
    for row, of in ((by_unit[0], POWER), (by_grid[0], ID["n1"])):
        assert (row.of, row.given) == (of, 4)
        assert row.granted == {Request.RETURN: 1, Request.EXTENSION: 1, Request.SUSPENSION: 1}
        assert row.share(Request.EXTENSION) == 0.25
        assert row.above({Request.EXTENSION: 0.25, Request.RETURN: 0.2}) == (Request.RETURN,)
    assert ledger.Share(1, 0, {}).share(Request.RETURN) is None
    assert set(RULES.ceilings) == set(Request)


def test_a_return_counts_for_the_unit_that_had_the_case(street: Street) -> None:
    case_id = street.brought_to(Verb.ARRIVE)
    street.take(case_id, *leave(Request.RETURN, HOUR))
    assert street.case(case_id).unit_id is None
    with street.store.reading() as db:
        (entry,) = ledger.ledger_of(db, case_id)
    assert (entry.unit_id, entry.grid_id, entry.answer) == (POWER, ID["n1"], Verb.APPROVE_RETURN)


def test_the_loop_still_ends(street: Street) -> None:
    case_id = street.report()
    for number, one in enumerate(loop()[1:]):
        with street.store.writing() as db:
            assert taking.take_once(db, one.by, case_id, one, RULES, key=f"{number}")
    assert street.case(case_id).stage == Stage.CLOSED
    with street.store.reading() as db:
        assert db.exec(select(func.count()).where(col(Case.ended_at).is_not(None))).one() == 1
