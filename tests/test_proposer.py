"""The proposer: what belongs on an agenda, why, and what is always true of a proposal."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import BadFile
from core.meeting_words import Cause, Progress
from core.meetings import kinds
from core.meetings.proposer import CaseFacts, Item, Pledge, Proposal, WhyOut, parts_of, propose
from core.rules import RULES as FOLDER
from core.words import Severity
from tests.cast import DAY, HOUR, NOON, POWER, WATER, path_of

RULES = kinds.current()
STREET, GRID = RULES.kinds["street"], RULES.kinds["grid_group"]
N1, S1 = path_of("n1"), path_of("s1")


def case(number: int = 1, category: str = "E0101", path: str = N1, **more: Any) -> CaseFacts:
    """A case that nothing speaks for, unless `more` does."""
    return CaseFacts(number, category, Severity.BLUE, path)._replace(**more)


def late(times: float) -> dict[str, Any]:
    """A promise of ten hours, used so many times over."""
    return {"clock_from": NOON - 10 * times * HOUR, "due_at": NOON - 10 * (times - 1) * HOUR}


def proposed(*cases: CaseFacts, pledges: tuple[Pledge, ...] = (), minutes: int = 90) -> Proposal:
    return propose(cases, pledges, STREET, RULES, NOON, minutes=minutes)


SPEAKS: list[tuple[dict[str, Any], dict[Cause, float]]] = [
    ({}, {}),
    (late(0.9), {}),
    (late(1.6), {Cause.OVERDUE: 1.6}),
    ({"departments": (1, 2, 3)}, {Cause.DEPARTMENTS: 3}),
    ({"departments": (1,)}, {}),
    ({"returned": 1}, {}),
    ({"returned": 2}, {Cause.RETURNED: 2}),
    ({"suspended_at": NOON - 12 * DAY}, {Cause.SUSPENDED: 12}),
    ({"reports": 2}, {}),
    ({"reports": 5}, {Cause.REPORTS: 5}),
    ({"severity": Severity.RED}, {Cause.RED: 1}),
    ({"unsatisfied": 1}, {Cause.UNSATISFIED: 1}),
    ({"whistles": 1}, {Cause.WHISTLE: 1}),
    ({"promoted": 2}, {Cause.PROMOTED: 2}),
    ({"carried": 1}, {Cause.CARRIED: 1}),
    ({"not_done": 1}, {Cause.NOT_DONE: 1}),
    ({"severity": Severity.RED, **late(2)}, {Cause.RED: 1, Cause.OVERDUE: 2}),
]


@pytest.mark.parametrize(("facts", "expected"), SPEAKS)
def test_what_speaks_for_a_case_is_said_with_its_amount(facts: dict[str, Any], expected: dict[Cause, float]) -> None:
    parts = parts_of(case(**facts), RULES, NOON)
    assert {part.cause: pytest.approx(part.amount) for part in parts} == expected
    assert [part.points for part in parts] == [RULES.reasons[part.cause].worth(part.amount) for part in parts]


def test_every_cause_is_told_of_by_some_case_and_has_a_row_of_the_rules() -> None:
    assert {cause for _, expected in SPEAKS for cause in expected} == set(Cause) == set(RULES.reasons)


def test_a_score_is_the_sum_of_its_parts() -> None:
    (item,) = proposed(case(severity=Severity.RED, **late(1.6))).items
    assert {part.cause: part.points for part in item.parts} == {Cause.RED: 40, Cause.OVERDUE: pytest.approx(32)}
    assert item.score == pytest.approx(72)
    assert item.is_must


def test_like_cases_of_one_community_are_one_item_and_others_are_not() -> None:
    red: dict[str, Any] = {"severity": Severity.RED}
    found = proposed(
        case(1, **red), case(2, path=path_of("n2"), **red), case(3, path=S1, **red), case(4, "P0104", **red)
    )
    assert sorted(item.case_ids for item in found.items) == [(1, 2), (3,), (4,)]
    both = next(item for item in found.items if item.case_ids == (1, 2))
    assert (both.area, both.minutes) == (path_of("north"), 9)


def test_a_large_group_is_cut_into_items_of_at_most_ten_minutes() -> None:
    found = proposed(*(case(number, severity=Severity.RED) for number in range(1, 21)))
    assert [len(item.case_ids) for item in found.items] == [8, 8, 4]
    assert max(item.minutes for item in found.items) == 10


def test_resolutions_of_earlier_meetings_come_first_and_what_is_late_before_the_rest() -> None:
    pledges = tuple(
        Pledge(number, progress, NOON + number * DAY, (WATER,), (number,))
        for number, progress in enumerate((Progress.DONE, Progress.UNDER_WAY, Progress.OVERDUE), 1)
    )
    found = proposed(case(2), case(3), case(9, severity=Severity.RED), pledges=pledges)
    assert [item.resolution_id for item in found.items] == [3, 2, 1, None]
    assert [item.case_ids for item in found.items] == [(3,), (2,), (), (9,)]  # the case of the first has ended


def test_units_sit_together_and_the_one_with_the_gravest_item_comes_first() -> None:
    cases = (
        case(1, "E0101", unit_id=POWER, **late(2)),
        case(2, "E0102", unit_id=WATER, severity=Severity.RED),
        case(3, "E0103", unit_id=POWER, **late(2.5)),
        case(4, "E0104", unit_id=WATER, **late(2)),
    )
    found = proposed(*cases)
    assert [item.unit_ids for item in found.items] == [(WATER,), (WATER,), (POWER,), (POWER,)]
    assert [item.case_ids for item in found.items] == [(2,), (4,), (3,), (1,)]


def test_what_must_come_and_does_not_fit_is_listed_with_the_reason() -> None:
    cases = [case(number, f"E{number:04}", severity=Severity.RED) for number in range(1, 5)]
    found = proposed(*cases, minutes=20)
    assert [len(found.items), len(found.left_out)] == [2, 2]
    assert {item.out for item in found.left_out} == {WhyOut.TIME}
    weak = proposed(case(suspended_at=NOON - DAY))
    assert (weak.items, [item.out for item in weak.left_out]) == ((), [WhyOut.LOW])


amounts = st.fixed_dictionaries(
    {},
    optional={
        "severity": st.sampled_from(list(Severity)),
        "departments": st.lists(st.integers(1, 4), max_size=4, unique=True).map(tuple),
        "returned": st.integers(0, 5),
        "reports": st.integers(1, 9),
        "promoted": st.integers(0, 3),
        "carried": st.integers(0, 2),
        "whistles": st.integers(0, 1),
        "unsatisfied": st.integers(0, 2),
        "is_open": st.booleans(),
        "is_solved": st.booleans(),
        "unit_id": st.sampled_from([None, POWER, WATER]),
        "suspended_at": st.integers(0, 90).map(lambda days: NOON - days * DAY),
    },
)


@st.composite
def situations(draw: st.DrawFn) -> tuple[list[CaseFacts], list[Pledge], int]:
    """Cases, resolutions and a time box."""
    told = draw(st.lists(st.tuples(amounts, st.floats(0, 6), st.sampled_from(["E0101", "P0104"])), max_size=40))
    places = [path_of(name) for name in ("n1", "n2", "s1", "house")]
    cases = [
        case(number, category, places[number % 4], **({**late(times), **facts} if times > 0.1 else facts))
        for number, (facts, times, category) in enumerate(told, 1)
    ]
    pledge = st.builds(
        Pledge,
        st.integers(1, 10_000),
        st.sampled_from(list(Progress)),
        st.integers(-9, 9).map(lambda days: NOON + days * DAY),
        st.just((POWER,)),
        st.lists(st.integers(1, 45), max_size=3).map(tuple),
    )
    return cases, draw(st.lists(pledge, max_size=8, unique_by=lambda one: one.id)), draw(st.integers(0, 120))


@settings(max_examples=150)
@given(situations(), st.sampled_from([STREET, GRID]), st.randoms())
def test_what_is_always_true_of_a_proposal(
    situation: tuple[list[CaseFacts], list[Pledge], int], kind: kinds.Kind, shuffled: object
) -> None:
    cases, pledges, minutes = situation
    found = propose(cases, pledges, kind, RULES, NOON, minutes=minutes)
    assert found.minutes <= minutes
    assert all(item.minutes <= RULES.most_minutes for item in found.items)
    shown = [number for item in (*found.items, *found.left_out) for number in item.case_ids]
    assert len(shown) == len(set(shown))
    ended = {one.id for one in cases if not one.is_open}
    assert not ended.intersection(shown)
    solved = {one.id for one in cases if one.is_solved}
    new = (item for item in (*found.items, *found.left_out) if item.resolution_id is None)
    assert not solved.intersection(number for item in new for number in item.case_ids)
    for one in cases:
        parts = parts_of(one, RULES, NOON)
        if one.is_open and not one.is_solved and any(RULES.reasons[part.cause].is_must(part.amount) for part in parts):
            assert one.id in shown
    assert all(item.out is WhyOut.TIME for item in found.left_out if item.is_must)
    assert {p.id for p in pledges} == {i.resolution_id for i in (*found.items, *found.left_out)} - {None}
    reviewed = [item.resolution_id is not None for item in found.items]
    assert reviewed == sorted(reviewed, reverse=True)
    shuffled.shuffle(cases)  # type: ignore[attr-defined]
    shuffled.shuffle(pledges)  # type: ignore[attr-defined]
    assert propose(cases, pledges, kind, RULES, NOON, minutes=minutes) == found


def test_what_is_left_out_says_all_that_an_item_says() -> None:
    cases = [case(number, f"E{number:04}", severity=Severity.RED, unit_id=POWER) for number in (1, 2)]
    whole, short = proposed(*cases), proposed(*cases, minutes=0)
    assert sorted(short.left_out, key=by_case) == sorted(
        (replace(i, out=WhyOut.TIME) for i in whole.items), key=by_case
    )


def by_case(item: Item) -> tuple[int, ...]:
    return item.case_ids


WRONG = [
    ("most_minutes = 10", "most_minutes = 12", "most_minutes"),
    ('code = "quarterly"', 'code = "street"', "used twice"),
    ('next = "quarterly"', 'next = "monthly"', "not defined"),
    ('cause = "red"\n', 'cause = "blue"\n', "reason.5.cause"),
    ("must = 3", "must = 0.5", "must lies below from"),
    ('cause = "carried"', 'cause = "red"', "used twice"),
]


@pytest.mark.parametrize(("old", "new", "said"), WRONG)
def test_a_mistake_in_the_rules_is_reported_with_file_and_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = (FOLDER / kinds.FILE).read_text("utf-8")
    assert old in text
    (tmp_path / kinds.FILE).write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(BadFile, match=said) as error:
        kinds.load(tmp_path)
    assert error.value.line is not None
    assert error.value.path.name == kinds.FILE


def test_a_cause_without_a_row_is_reported(tmp_path: Path) -> None:
    text = (FOLDER / kinds.FILE).read_text("utf-8")
    (tmp_path / kinds.FILE).write_text(text[: text.rindex("[[reason]]")], "utf-8")
    with pytest.raises(BadFile, match="not_done"):
        kinds.load(tmp_path)


def test_60000_cases_are_weighed_within_the_promise_of_the_bench() -> None:
    """Not a measurement: that 60,000 cases give an agenda at all, and the same one twice."""
    cases = [case(n, f"E{n % 70:04}", N1 if n % 2 else S1, **late(1 + n % 5)) for n in range(1, 60_001)]
    assert propose(cases, (), STREET, RULES, NOON + timedelta()) == propose(reversed(cases), (), STREET, RULES, NOON)
