"""What the wall says: every sum agrees with every other, nothing is personal, and nothing is invented."""

import json
import pickle
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from statistics import median
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from sqlmodel import select

from core import limits
from core.board import Board
from core.cases import bulk, emergency
from core.cases.bulk import Draft
from core.cases.tables import Case, CaseEvent
from core.clock import local
from core.follower import Follower
from core.layers import layer_json
from core.store import Store, remember
from core.wall import Rate, Wall, picture
from core.words import OPEN_STAGES, ClockState, Measure, Severity, Verb
from tests.cast import (
    DAY,
    GRIDS,
    HOUR,
    ID,
    MINUTE,
    NOON,
    POWER,
    RULES,
    UNITS,
    WATER,
    WHO,
    WULIPU_1,
    WULIPU_3,
    ZHANQIAN,
    Street,
    facts,
    loop,
    move,
    path_of,
    stories,
)

StandStill = Callable[[datetime], None]


def board_of(street: Street) -> Board:
    return Follower(street.store).board


def wall_of(street: Street, at: str = "street") -> Wall:
    board = board_of(street)
    return picture(board, board.tree.nodes[ID[at]])


def check_sums(wall: Wall, board: Board) -> None:
    """Tile, list, map, stages, severities and tables of one place count the same cases."""
    node = board.tree.by_code[wall.trail[-1].code]
    cases = board.below(node)
    assert wall.open == len(cases) == sum(number for _, number in wall.stages) == sum(wall.by_severity.values())
    assert [stage for stage, _ in wall.stages] == list(OPEN_STAGES)
    assert set(wall.by_severity) == set(Severity)
    assert wall.open == sum(line.open for line in wall.children) == wall.hours[-1].open
    assert wall.overdue == sum(line.overdue for line in wall.children)
    assert wall.due_soon == sum(line.due_soon for line in wall.children)
    states = Counter(board.states[case.id] for case in cases)
    assert (wall.overdue, wall.due_soon) == (states[ClockState.OVERDUE], states[ClockState.DUE_SOON])
    assert wall.overdue_red == sum(
        case.severity is Severity.RED for case in cases if board.states[case.id] is ClockState.OVERDUE
    )
    assert sum(line.open for line in wall.units) == sum(case.unit_id is not None for case in cases)
    running = sorted((case.due_at, case.severity.rank, case.id) for case in cases if case.due_at)
    late = [number for *_, number in running if board.states[number] is ClockState.OVERDUE]
    others = [number for *_, number in running if board.states[number] is not ClockState.OVERDUE]
    assert [line.id for line in wall.tightest] == [*late[:14], *others[:14]]
    newest = sorted(cases, key=lambda case: (case.reported_at, case.id), reverse=True)
    assert [line.id for line in wall.newest] == [case.id for case in newest[:20]]
    assert wall.located == sum(case.lon is not None for case in cases)


def check_map(board: Board, street_wall: Wall) -> None:
    """The map shows the numbers of the tables; the neighbour of our street has none in these stories."""
    layers = {measure: layer_json(board, "labels", measure) for measure in Measure}
    for measure, total in ((Measure.OPEN, street_wall.open), (Measure.OVERDUE, street_wall.overdue)):
        assert sum(int(row["count"]) for row in _rows(layers[measure])) == total
    assert len(_rows(layer_json(board, "cases", Measure.OPEN))) == street_wall.located


def _rows(body: bytes) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(body)
    return found


def check_flows(wall: Wall, street: Street) -> None:
    """The bars and days of the whole street against the raw rows."""
    with street.store.reading() as db:
        events = db.exec(select(CaseEvent).join(Case).where(Case.path.startswith("/1/"))).all()
    today = local(wall.now).date()
    for verb_of, said in (("reported", wall.reported_days), ("closed", wall.closed_days)):
        hours = [local(event.occurred_at) for event in events if event.to_stage == verb_of]
        days = Counter(hour.date() for hour in hours if hour.hour <= local(wall.now).hour)
        assert said == tuple(days[today - back * DAY] for back in range(6, -1, -1))
    assert (wall.reported_today, wall.closed_today) == (wall.reported_days[-1], wall.closed_days[-1])
    for bar in wall.hours:
        end = bar.starts_at + HOUR
        gone = [e for e in events if e.to_stage in ("closed", "voided") and e.occurred_at < end]
        come = [e for e in events if e.to_stage == "reported" and e.occurred_at < end]
        assert bar.open == len(come) - len(gone)
        assert bar.reported == sum(e.occurred_at >= bar.starts_at for e in come)
    since = wall.now.replace(minute=0) - 7 * DAY
    if wall.open_change is not None:
        before = sum(1 if e.to_stage == "reported" else -1 for e in events if _flows(e) and e.occurred_at < since)
        assert wall.open_change == wall.open - before


def _flows(event: CaseEvent) -> bool:
    return event.to_stage in ("reported", "closed", "voided")


@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(told=stories(NOON, at_most=25))
def test_all_sums_agree_at_every_place(street: Street, stand_still: StandStill, told: list[Draft]) -> None:
    stand_still(NOON + MINUTE)
    with street.store.writing() as db:
        bulk.write(db, told, RULES)
    board = board_of(street)
    for node in board.tree.nodes.values():
        wall = picture(board, node)
        check_sums(wall, board)
        assert wall.on_time.numerator <= wall.on_time.denominator
        assert all(day.numerator <= day.denominator for day in wall.on_time_days)
    root = board.tree.nodes[ID["street"]]
    check_map(board, picture(board, root))
    check_flows(picture(board, root), street)


def test_nothing_personal_is_on_the_wall(street: Street, stand_still: StandStill) -> None:
    stand_still(NOON)
    told: dict[str, Any] = {
        "reporter_name": "诸葛大名",
        "reporter_phone": "13812341234",
        "text": "请回电 13998765432，诸葛大名",
    }
    case = street.report(ZHANQIAN, "house", **told)
    street.take(case, *[one for one in loop(until=Verb.RESOLVE)[1:] if one.occurred_at <= NOON])
    board = board_of(street)
    for node in board.tree.nodes.values():
        wall = picture(board, node)
        for said in (pickle.dumps(wall).decode("utf-8", "ignore"), repr(asdict(wall)), repr(wall)):
            for secret in ("诸葛", "13812341234", "13998765432", "1234", "请回电"):
                assert secret not in said
    assert "诸葛" not in repr(board)


def test_a_world_that_stands_still_is_shown_at_its_moment(street: Street, stand_still: StandStill) -> None:
    stand_still(NOON)
    street.report(when=NOON - HOUR)
    first, second = wall_of(street), wall_of(street)
    assert first == second
    assert (first.now, first.stands_still, first.reported_today) == (NOON, True, 1)
    assert first.tightest[0].clock is ClockState.RUNNING


def test_a_running_world_says_so(street: Street) -> None:
    assert not wall_of(street).stands_still
    assert not wall_of(street).is_demo
    with street.store.writing() as db:
        remember(db, "is_demo", "yes")
    assert wall_of(street).is_demo


def test_a_store_without_any_place_has_a_board_without_a_root(store_url: str) -> None:
    here = Store(store_url)
    board = Follower(here).board
    assert (board.tree.root, board.cases, board.counts) == (None, {}, {})
    here.close()


def test_a_street_without_a_case_says_nothing_it_does_not_know(street: Street, stand_still: StandStill) -> None:
    stand_still(NOON)
    wall = wall_of(street)
    assert (wall.open, wall.overdue, wall.due_soon, wall.located) == (0, 0, 0, 0)
    assert (wall.open_change, wall.reported_usual, wall.last_overdue_at, wall.watched) == (None, None, None, None)
    assert wall.on_time == Rate(0, 0)
    assert wall.on_time.value is None
    assert (wall.tightest, wall.newest, wall.units, wall.categories) == ((), (), (), ())
    assert [line.open for line in wall.children] == [0] * len(GRIDS)
    assert {line.usual for line in wall.children} == {None}
    assert len(wall.hours) == 24
    assert wall.reported_days == (0,) * 7


def test_the_trail_leads_from_the_street_to_the_place(street: Street) -> None:
    assert [step.name for step in wall_of(street).trail] == ["street"]
    assert [step.name for step in wall_of(street, "s2").trail] == ["street", "south", "s2"]


def test_a_line_says_what_is_needed_to_ring_up(street: Street, stand_still: StandStill) -> None:
    stand_still(NOON + 15 * MINUTE)
    case = street.brought_to(Verb.TAKE_ON, ZHANQIAN)
    (line,) = wall_of(street).tightest
    name, _, phone = UNITS[POWER - 1]
    assert (line.id, line.unit, line.unit_phone, line.mark) == (case, name, phone, 1)
    assert (line.clock_from, line.due_at) == (NOON + 10 * MINUTE, NOON + 10 * MINUTE + 3 * HOUR)
    assert line.clock is ClockState.RUNNING


def test_cases_whose_promise_has_not_begun_are_open_but_not_in_the_list_of_due_times(
    street: Street, stand_still: StandStill
) -> None:
    stand_still(NOON)
    street.report(ZHANQIAN)
    wall = wall_of(street)
    assert (wall.open, wall.tightest, wall.newest[0].clock) == (1, (), None)


def test_units_are_ranked_by_what_they_have_and_say_their_usual_time(street: Street, stand_still: StandStill) -> None:
    stand_still(NOON + DAY)
    for hours in (1, 2, 6):
        case = street.brought_to(Verb.ARRIVE)
        street.take(case, move(Verb.RESOLVE, "liaison of power", NOON + 10 * MINUTE + hours * HOUR))
    street.report()
    other = street.brought_to(Verb.ACCEPT)
    street.take(other, move(Verb.DISPATCH, at=NOON + HOUR, unit_id=WATER))
    power, water = wall_of(street).units
    assert (power.name, power.open, power.sample, power.median_hours) == (UNITS[0][0], 3, 3, median((1, 2, 6)))
    assert (water.name, water.open, water.sample, water.median_hours) == (UNITS[1][0], 1, 0, None)
    assert water.phone == UNITS[1][2]


def test_since_when_nothing_is_overdue_is_said(street: Street, stand_still: StandStill) -> None:
    stand_still(NOON + 2 * DAY)
    case = street.report()
    follower = Follower(street.store, coalesce_s=0)
    assert picture(follower.board, follower.board.tree.nodes[ID["street"]]).overdue == 1
    stand_still(NOON + 3 * DAY)
    street.take(case, move(Verb.VOID, at=NOON + 3 * DAY))
    follower.poll()
    wall = picture(follower.board, follower.board.tree.nodes[ID["street"]])
    assert (wall.overdue, wall.last_overdue_at) == (0, NOON + 3 * DAY)


@pytest.fixture
def eight_weeks(street: Street) -> Street:
    """Every Wednesday at 11:00 for eight weeks: one, two, three … eight reports in n1, each handled on its day."""
    told = []
    for week in range(1, 9):
        at = NOON - week * 7 * DAY - HOUR
        done = move(Verb.SELF_HANDLE, "head of n1", at + 5 * HOUR)
        told += [Draft(facts(WULIPU_3), [move(Verb.REPORT, at=at), done]) for _ in range(week)]
    with street.store.writing() as db:
        bulk.write(db, told, RULES)
    return street


def test_usual_is_the_middle_half_of_the_same_weekdays(eight_weeks: Street, stand_still: StandStill) -> None:
    stand_still(NOON + 30 * MINUTE)
    eight_weeks.report(when=NOON - 30 * MINUTE)
    wall = wall_of(eight_weeks)
    assert wall.reported_today == 1
    assert wall.reported_usual == (2, 6)  # of 1 to 7: of the eighth week not the whole day is known
    eleven = next(bar for bar in wall.hours if bar.starts_at == NOON - HOUR)
    assert (eleven.reported, eleven.usual_low, eleven.usual_high) == (1, 2.75, 6.25)
    n1 = next(line for line in wall.children if line.name == "n1")
    assert n1.open == 1
    assert n1.usual == median(range(1, 9))  # at noon those of eleven were still open


def test_too_few_weeks_say_nothing_of_what_is_usual(street: Street, stand_still: StandStill) -> None:
    stand_still(NOON)
    for week in range(1, 4):
        street.report(when=NOON - week * 7 * DAY)
    assert wall_of(street).reported_usual is None
    assert {bar.usual_low for bar in wall_of(street).hours} == {None}


def test_categories_compare_seven_days_with_the_seven_before(street: Street, stand_still: StandStill) -> None:
    stand_still(NOON)
    for days_ago in (0, 6, 7, 13, 14):
        street.report(WULIPU_1, when=NOON - days_ago * DAY)
    street.report(ZHANQIAN)
    lines = [(line.name, line.now, line.before) for line in wall_of(street).categories]
    assert lines == [(RULES.majors["E01"].name, 2, 2), (RULES.majors["E04"].name, 1, 0)]


def test_a_week_that_is_not_wholly_known_is_not_compared(street: Street, stand_still: StandStill) -> None:
    stand_still(NOON)
    street.report(WULIPU_1, when=NOON - 12 * DAY)
    street.report(WULIPU_1, when=NOON)
    (line,) = wall_of(street).categories
    assert (line.now, line.before) == (1, None)


def test_days_are_compared_up_to_the_same_hour(street: Street, stand_still: StandStill) -> None:
    stand_still(NOON + 30 * MINUTE)
    for before in (HOUR, DAY - 20 * MINUTE, DAY - HOUR):  # yesterday at 12:20 and at 13:00
        street.report(when=NOON - before)
    assert wall_of(street).reported_days == (0, 0, 0, 0, 0, 1, 1)


def test_a_single_grid_is_shown_among_those_beside_it(street: Street) -> None:
    assert {line.name for line in wall_of(street, "s2").siblings} == {"s1", "s2"}
    assert wall_of(street, "south").siblings == ()


def test_the_days_of_the_rate_are_the_seven_before_today(street: Street, stand_still: StandStill) -> None:
    stand_still(NOON)
    street.report(WULIPU_1, when=NOON - 8 * DAY)  # due seven days ago, and still open
    kept = street.report(WULIPU_1, when=NOON - 2 * DAY)
    street.take(kept, move(Verb.SELF_HANDLE, "head of n1", NOON - 2 * DAY))
    street.report(WULIPU_1, when=NOON - DAY)  # due today
    assert wall_of(street).on_time_days == (Rate(0, 1), *[Rate(0, 0)] * 5, Rate(1, 1))


def test_a_promise_stands_on_the_wall_as_limits_say(street: Street, stand_still: StandStill) -> None:
    case = street.report(WULIPU_1)
    due = NOON + DAY
    for now in (due - 2 * HOUR - timedelta(seconds=1), due - 2 * HOUR, due, due + timedelta(seconds=1)):
        stand_still(now)
        wall = wall_of(street)
        (line,) = wall.tightest
        assert line.id == case
        assert line.clock is limits.running_state(due, now, RULES.due_soon)
        assert (wall.overdue, wall.due_soon) == (line.clock is ClockState.OVERDUE, line.clock is ClockState.DUE_SOON)


def test_an_emergency_shows_where_it_holds_and_where_it_is_seen_from(street: Street, stand_still: StandStill) -> None:
    stand_still(NOON)
    follower = Follower(street.store, coalesce_s=0)
    with street.store.writing() as db:
        storm = emergency.declare(db, WHO["leader"], path_of("north"), "暴雨", RULES, now=NOON).id
    follower.poll()
    board = follower.board
    for place, seen in (("street", 1), ("north", 1), ("n1", 1), ("south", 0), ("s1", 0)):
        found = picture(board, board.tree.nodes[ID[place]]).emergencies
        said = [(line.place, line.reason, line.since, line.by, line.open) for line in found]
        assert said == [("north", "暴雨", NOON, WHO["leader"].name, 0)] * seen, place
    with street.store.writing() as db:
        emergency.end(db, WHO["leader"], storm or 0, now=NOON + MINUTE)
    follower.poll()
    assert follower.board.emergencies == ()


def test_what_is_red_and_new_or_just_overdue_is_an_alarm_for_half_an_hour(
    street: Street, stand_still: StandStill
) -> None:
    red = street.report(WULIPU_1, "n1", when=NOON, severity=Severity.RED)
    blue = street.report(WULIPU_1, "s1", when=NOON, severity=Severity.BLUE)
    due = NOON + 24 * HOUR
    for when, keys in (
        (NOON + MINUTE, {f"red-{red}"}),
        (NOON + 31 * MINUTE, set()),
        (due, set()),
        (due + MINUTE, {f"over-{case}-{due:%m%d%H%M}" for case in (red, blue)}),
        (due + 31 * MINUTE, set()),
    ):
        stand_still(when)
        assert {alarm.key for alarm in wall_of(street).alarms} == keys, when
