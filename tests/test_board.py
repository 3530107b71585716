"""The live picture against a recount from nothing, whatever comes in, ends, or falls due without anybody's doing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from core import limits
from core.board import (
    CROWDED,
    Board,
    Counts,
    Ground,
    Tally,
    colour_class,
    first_board,
    next_board,
)
from core.cases.queries import OpenCase
from core.figures import Window
from core.layers import layer_json
from core.places import Node, planted
from core.units import Unit
from core.words import ClockState, Level, Measure, Severity, Stage
from tests.cast import DAY, GRIDS, HOUR, ID, MINUTE, NOON, POINT, POWER, RULES, STREET, path_of

SECOND, TICK = timedelta(seconds=1), timedelta(microseconds=1)
EMPTY = Window({}, {}, {})
LAYERS = ("grids", "labels", "cases")


def node(name: str) -> Node:
    _, code, level, parent, _ = next(row for row in STREET if row[0] == name)
    return Node(ID[name], code, name, level, ID[parent] if parent else None, path_of(name), *POINT.get(name, (0, 0)))


NODES = [node(name) for name, _, level, *_ in STREET if level is not Level.BUILDING]
OUTLINES = {
    ID[name]: ([[list(xy) for xy in shape.exterior.coords]],)
    for name, _, level, _, shape in STREET
    if level is Level.GRID and isinstance(shape, shapely.Polygon)
}
GROUND = Ground(
    planted(NODES), OUTLINES, {POWER: Unit(id=POWER, name="供电所", sector="power", duty_phone="1", place_id=1)}
)


def open_case(number: int, at: str = "n1", **more: object) -> OpenCase:
    """An open case of n1, reported at noon and due in a day; `more` overrules."""
    grid = at if at in (*GRIDS, "f1") else "n1"
    known = OpenCase(
        number, f"2511-{number:05d}", "积水", "E0406", Severity.YELLOW, Stage.DISPATCHED, ID[grid], path_of(at),
        POINT[at][0], POINT[at][1], "", POWER, NOON, NOON, NOON + 24 * HOUR, NOON + 24 * HOUR,
    )  # fmt: skip
    return replace(known, **more)  # type: ignore[arg-type]


@dataclass
class Live:
    """The picture as the follower keeps it: what comes in, the turn of the clocks, and then a picture if it changed."""

    now: datetime = NOON

    def __post_init__(self) -> None:
        self.tally = Tally(RULES.due_soon)
        self.board = first_board(self.tally, RULES, GROUND, EMPTY, at=self.now, is_demo=False)

    def at(self, now: datetime, put: Sequence[OpenCase] = (), drop: Sequence[int] = ()) -> Board:
        self.now = now
        for case in put:
            self.tally.put(case, now)
        for number in drop:
            self.tally.drop(number)
        if self.tally.turn(now) or put or drop:
            self.board = next_board(self.board, self.tally, EMPTY, now, cases_changed=True)
        return self.board


def recounted(cases: Mapping[int, OpenCase], now: datetime) -> dict[int, Counts]:
    """The counts of every place, from nothing."""
    found: dict[int, Counts] = {}
    for case in cases.values():
        state = limits.running_state(case.due_at, now, RULES.due_soon) if case.due_at else None
        for part in case.path.strip("/").split("/"):
            found[int(part)] = found.get(int(part), Counts()).plus(1, state)
    return found


def drawn(board: Board) -> dict[tuple[str, Measure], bytes]:
    return {(name, measure): layer_json(board, name, measure) for name in LAYERS for measure in Measure}


numbers = st.integers(1, 8)
spans = st.one_of(
    st.integers(0, 30).map(lambda n: n * MINUTE),
    st.sampled_from([5 * MINUTE, 15 * MINUTE, 30 * MINUTE, 2 * HOUR, 3 * HOUR, 2 * HOUR + TICK, 3 * HOUR + TICK, TICK]),
    st.integers(0, 5).map(lambda n: n * HOUR),
)


@st.composite
def changed_cases(draw: st.DrawFn) -> tuple[int, str, timedelta, timedelta | None, Severity, bool]:
    at = draw(st.sampled_from([*GRIDS, "house", "f1"]))
    limit = draw(st.one_of(st.none(), st.sampled_from([HOUR, 2 * HOUR, 3 * HOUR, 24 * HOUR])))
    return draw(numbers), at, draw(spans), limit, draw(st.sampled_from(list(Severity))), draw(st.booleans())


happenings = st.lists(
    st.tuples(spans, st.lists(changed_cases(), max_size=3), st.lists(numbers, max_size=2)), min_size=1, max_size=12
)


@settings(max_examples=150)
@given(happenings)
def test_counts_and_layers_are_those_of_a_recount_after_anything(
    steps: list[tuple[timedelta, list[tuple[int, str, timedelta, timedelta | None, Severity, bool]], list[int]]],
) -> None:
    live = Live()
    for span, coming, ended in steps:
        now, before = live.now + span, live.board
        cases = []
        for number, at, age, limit, severity, has_point in coming:
            due = None if limit is None else now - age + limit
            point = {} if has_point else {"lon": None, "lat": None}
            cases.append(open_case(number, at, reported_at=now - age, due_at=due, severity=severity, **point))
        board = live.at(now, cases, [number for number in ended if number in live.board.cases])
        assert {place: counts for place, counts in board.counts.items() if counts != Counts()} == recounted(
            board.cases, now
        )
        for place in NODES:
            below = [case for case in board.cases.values() if case.path.startswith(place.path)]
            assert board.counts_of(place).open == len(below)
            assert sorted(case.id for case in board.below(place)) == sorted(case.id for case in below)
        # nothing may look otherwise at this moment than in the picture published for the last change
        assert drawn(replace(board, at=now)) == drawn(board)
        was, now_drawn = drawn(before), drawn(board)
        for name in LAYERS:
            if board.layer_versions[name] == before.layer_versions[name]:
                assert all(was[name, measure] == now_drawn[name, measure] for measure in Measure), name
        for name in ("grids", "labels"):  # these two move only with their content
            if board.layer_versions[name] != before.layer_versions[name]:
                assert any(was[name, measure] != now_drawn[name, measure] for measure in Measure), name


DUE = NOON + 24 * HOUR


@pytest.mark.parametrize(
    ("now", "state"),
    [
        (DUE - 2 * HOUR - TICK, ClockState.RUNNING),
        (DUE - 2 * HOUR, ClockState.DUE_SOON),
        (DUE, ClockState.DUE_SOON),
        (DUE + TICK, ClockState.OVERDUE),
    ],
)
@pytest.mark.parametrize("looked", [(), (DUE - 2 * HOUR,), (DUE,), (DUE - 2 * HOUR - TICK, DUE - TICK, DUE)])
def test_a_clock_turns_to_the_moment_without_an_event(
    now: datetime, state: ClockState, looked: tuple[datetime, ...]
) -> None:
    live = Live()
    live.at(NOON, [open_case(1)])
    for moment in sorted({*looked, now}):
        if moment <= now:
            live.at(moment)
    assert live.board.states[1] is state
    expected = Counts(1, state is ClockState.OVERDUE, state is ClockState.DUE_SOON)
    for name in ("street", "north", "n1"):
        assert live.board.counts_of(node(name)) == expected


def test_a_case_taken_in_at_the_very_moment_of_its_due_time_turns_overdue_later() -> None:
    live = Live()
    assert live.at(DUE, [open_case(1)]).states[1] is ClockState.DUE_SOON
    assert live.at(DUE + SECOND).states[1] is ClockState.OVERDUE


def test_nothing_new_is_no_new_picture() -> None:
    live = Live()
    board = live.at(NOON, [open_case(1)])
    assert live.at(NOON + SECOND) is board
    assert live.at(NOON + 4 * MINUTE) is board


@pytest.mark.parametrize(("age", "fresh"), [(0, 5), (299, 5), (300, 15), (900, 30), (1799, 30), (1800, None)])
def test_the_ring_of_a_new_case_fades_in_steps(age: int, fresh: int | None) -> None:
    live = Live()
    live.at(NOON, [open_case(1)])
    board = live.at(NOON + timedelta(seconds=age))
    said = b"" if fresh is None else f'"fresh_minutes":{fresh}'.encode()
    found = layer_json(board, "cases", Measure.OPEN)
    assert said in found
    assert (b"fresh_minutes" in found) is (fresh is not None)


def test_a_change_moves_only_the_layers_that_show_it() -> None:
    live = Live()
    live.at(NOON, [open_case(number, reported_at=NOON - HOUR) for number in range(1, 7)])

    def moved(*cases: OpenCase) -> set[str]:
        before = live.board.layer_versions
        after = live.at(NOON, cases).layer_versions
        return {name for name in LAYERS if after[name] != before[name]}

    assert moved(open_case(1, stage=Stage.ON_SITE, reported_at=NOON - HOUR)) == {"cases"}
    assert moved(open_case(7, reported_at=NOON - HOUR)) == {"cases", "labels"}  # six and seven are of one colour
    assert moved(*(open_case(n) for n in range(8, 11))) == {"cases", "labels", "grids"}  # ten are of the next


def test_places_read_anew_move_their_layers_only_when_they_differ() -> None:
    live = Live()
    board = live.at(NOON, [open_case(1)])
    same = Ground(planted(NODES), dict(OUTLINES), {})
    assert board.over(same).layer_versions == board.layer_versions
    fewer = Ground(planted(NODES[:-1]), OUTLINES, {})
    after = board.over(fewer).layer_versions
    assert {name for name in LAYERS if after[name] != board.layer_versions[name]} == {"grids", "labels", "cases"}


def test_the_newest_three_are_numbered_and_the_worst_grid_is_watched() -> None:
    live = Live()
    assert live.board.watched is None
    board = live.at(NOON, [open_case(n, "n2", reported_at=NOON - n * HOUR) for n in range(1, 6)])
    assert board.newest == (1, 2, 3)
    assert board.watched == ID["n2"]
    board = live.at(NOON, [open_case(9, "s1", due_at=NOON - HOUR)])  # one that is overdue weighs more than five open
    assert board.newest[0] == 9
    assert board.watched == ID["s1"]
    board = live.at(NOON, drop=[9])
    assert board.watched == ID["n2"]
    assert live.at(NOON, drop=[1, 2, 3, 4, 5]).watched is None


def test_since_when_nothing_is_overdue_is_when_the_last_one_ended() -> None:
    live = Live()
    assert live.board.last_overdue_at is None
    live.at(NOON, [open_case(1, due_at=NOON - HOUR)])
    ended = NOON + 3 * HOUR  # nothing was published in between
    assert live.at(ended, drop=[1]).last_overdue_at == ended
    assert live.at(ended + HOUR, [open_case(2, due_at=ended + 9 * HOUR)]).last_overdue_at == ended


def test_the_other_street_is_not_below_ours() -> None:
    live = Live()
    board = live.at(NOON, [open_case(1, "f1"), open_case(2, "house")])
    assert [case.id for case in board.below(node("street"))] == [2]
    assert [case.id for case in board.below(node("other street"))] == [1]
    assert [board.counts_of(node(name)).open for name in ("street", "north", "n1", "n2", "far", "f1")] == [
        *(1, 1, 1, 0, 1, 1)
    ]


@pytest.mark.parametrize("measure", Measure)
def test_colours_have_five_classes_with_fixed_breaks(measure: Measure) -> None:
    breaks = RULES.breaks.of(measure)
    assert [colour_class(limit, measure) for limit in (0, *breaks)] == [0, 1, 2, 3, 4]
    assert [colour_class(limit - 1, measure) for limit in breaks] == [0, 1, 2, 3]
    assert colour_class(1000, measure) == 4


def test_of_very_many_cases_those_that_only_wait_to_be_closed_are_not_drawn() -> None:
    waiting: dict[str, Any] = {"stage": Stage.CHECKED, "clock_from": None, "due_at": None}
    few = [open_case(number, "n1", **(waiting if number % 2 else {})) for number in range(1, CROWDED + 1)]
    assert len(Live().at(NOON, few).drawn(None)) == CROWDED
    board = Live().at(NOON, [*few, open_case(CROWDED + 1, "n1", **waiting)])
    assert {case.id for case in board.drawn(None)} == {case.id for case in few if case.due_at} | set(board.newest)
    red = open_case(CROWDED + 1, "n1", severity=Severity.RED, reported_at=NOON - DAY, **waiting)
    assert red.id in {case.id for case in Live().at(NOON, [*few, red]).drawn(None)}


def test_of_very_many_cases_in_hand_the_mild_ones_with_time_are_not_drawn() -> None:
    calm = [open_case(number, "n1", severity=Severity.BLUE, due_at=NOON + DAY) for number in range(CROWDED)]
    orange = open_case(CROWDED, "n1", severity=Severity.ORANGE, due_at=NOON + DAY)
    soon = open_case(CROWDED + 1, "n1", severity=Severity.BLUE, due_at=NOON + HOUR)
    late = open_case(CROWDED + 2, "n1", severity=Severity.YELLOW, due_at=NOON - HOUR)
    board = Live().at(NOON, [*calm, orange, soon, late])
    assert {case.id for case in board.drawn(None)} == {orange.id, soon.id, late.id} | set(board.newest)
