"""Figures kept up with the events against a recount from the raw rows, and what they mean."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from core import figures
from core.cases import bulk
from core.cases.bulk import Draft
from core.figures import DayFigure, HourFigure, Window
from core.follower import Follower
from core.wall import Rate, trends
from core.words import Verb
from tests.cast import (
    DAY,
    HOUR,
    ID,
    MINUTE,
    NOON,
    POWER,
    RULES,
    TODAY,
    WULIPU_1,
    WULIPU_3,
    ZHANQIAN,
    Street,
    move,
    recount,
    rollups,
    stories,
)

StandStill = Callable[[datetime], None]


def days(street: Street) -> dict[date, tuple[int, int, int]]:
    """Reported, promised and kept by day of Shanghai, zeros left out."""
    found: dict[date, tuple[int, int, int]] = {}
    with street.store.reading() as db:
        for row in db.exec(select(DayFigure)):
            reported, promised, kept = found.get(row.day, (0, 0, 0))
            found[row.day] = (reported + row.reported, promised + row.promised, kept + row.kept)
    return {day: said for day, said in found.items() if any(said)}


def on_time(street: Street, now: datetime, stand_still: StandStill, at: str = "street") -> Rate:
    """The rate of the month as the wall would say it at `now`."""
    stand_still(now)
    board = Follower(street.store).board
    node = board.tree.nodes[ID[at]]
    return trends.on_time(board, node, board.below(node))


def test_a_promise_counts_on_the_day_it_falls_due(street: Street) -> None:
    street.report(WULIPU_1)
    street.report(WULIPU_3)
    assert days(street) == {TODAY: (2, 0, 0), TODAY + DAY: (0, 1, 0), TODAY + 3 * DAY: (0, 1, 0)}


def test_an_early_closure_counts_on_its_due_day(street: Street, stand_still: StandStill) -> None:
    case = street.report(WULIPU_3)
    street.take(case, move(Verb.SELF_HANDLE, "head of n1", NOON + HOUR))
    assert days(street) == {TODAY: (1, 0, 0), TODAY + 3 * DAY: (0, 1, 1)}
    assert on_time(street, NOON + DAY, stand_still) == Rate(0, 0)
    assert on_time(street, NOON + 3 * DAY, stand_still) == Rate(1, 1)


def test_a_late_closure_is_a_promise_not_kept(street: Street) -> None:
    case = street.report(WULIPU_1)
    street.take(case, move(Verb.SELF_HANDLE, "head of n1", NOON + DAY + timedelta(seconds=1)))
    assert days(street) == {TODAY: (1, 0, 0), TODAY + DAY: (0, 1, 0)}


def test_a_closure_at_the_very_due_time_is_kept(street: Street) -> None:
    case = street.report(WULIPU_1)
    street.take(case, move(Verb.SELF_HANDLE, "head of n1", NOON + DAY))
    assert days(street) == {TODAY: (1, 0, 0), TODAY + DAY: (0, 1, 1)}


def test_the_promise_of_a_voided_case_leaves(street: Street, stand_still: StandStill) -> None:
    case = street.report(WULIPU_1)
    street.report(WULIPU_1)
    assert days(street)[TODAY + DAY] == (0, 2, 0)
    street.take(case, move(Verb.VOID, at=NOON + 2 * DAY))  # even when it was overdue
    assert days(street)[TODAY + DAY] == (0, 1, 0)
    assert on_time(street, NOON + 3 * DAY, stand_still) == Rate(0, 1)


def test_an_open_overdue_case_is_in_the_denominator(street: Street, stand_still: StandStill) -> None:
    street.report(WULIPU_1)
    closed = street.report(WULIPU_1)
    street.take(closed, move(Verb.SELF_HANDLE, "head of n1", NOON + HOUR))
    assert on_time(street, NOON + DAY - MINUTE, stand_still) == Rate(1, 1)  # the other one may still be kept
    assert on_time(street, NOON + DAY, stand_still) == Rate(1, 1)  # at its due time it is not yet overdue
    assert on_time(street, NOON + DAY + MINUTE, stand_still) == Rate(1, 2)
    assert on_time(street, NOON + 5 * DAY, stand_still) == Rate(1, 2)


def test_a_promise_kept_on_a_case_still_open_is_settled(street: Street, stand_still: StandStill) -> None:
    """站前 is judged by the check; the case stays open until it is closed, and its due time is still ahead."""
    street.brought_to(Verb.CHECK, ZHANQIAN, when=NOON - 2 * DAY)
    street.brought_to(Verb.CHECK, ZHANQIAN, when=NOON - 2 * DAY + 2 * HOUR)
    assert on_time(street, NOON, stand_still) == Rate(2, 2)


def test_the_month_begins_on_its_first_day(street: Street, stand_still: StandStill) -> None:
    street.report(WULIPU_1, when=NOON - 20 * DAY)  # due on the 31st of October
    street.report(WULIPU_1, when=NOON - 19 * DAY)  # due on the 1st of November
    assert on_time(street, NOON, stand_still) == Rate(0, 1)


def test_a_grid_and_a_community_have_the_rate_of_their_own_cases(street: Street, stand_still: StandStill) -> None:
    street.report(WULIPU_1, "n2", when=NOON - 2 * DAY)
    handled = street.report(WULIPU_1, "n1", when=NOON - 2 * DAY)
    street.take(handled, move(Verb.SELF_HANDLE, "head of n1", NOON - 2 * DAY))
    street.report(WULIPU_1, "f1", when=NOON - 2 * DAY)
    rates = {name: on_time(street, NOON, stand_still, name) for name in ("street", "north", "south", "n1", "n2")}
    whole = Rate(1, 2)
    assert rates == {"street": whole, "north": whole, "south": Rate(0, 0), "n1": Rate(1, 1), "n2": Rate(0, 1)}
    assert rates["south"].value is None
    assert rates["north"].value == 0.5


@pytest.mark.parametrize(
    ("reported_at", "day"),
    [
        (datetime.fromisoformat("2025-11-19T15:59:59+00:00"), date(2025, 11, 19)),  # a second before midnight
        (datetime.fromisoformat("2025-11-19T16:00:00+00:00"), date(2025, 11, 20)),  # midnight in Shanghai
    ],
)
def test_a_day_ends_at_midnight_in_shanghai(street: Street, reported_at: datetime, day: date) -> None:
    street.report(WULIPU_1, when=reported_at)
    assert days(street) == {day: (1, 0, 0), day + DAY: (0, 1, 0)}


def test_flows_count_in_the_hour_in_which_they_happened(street: Street) -> None:
    case = street.report(when=NOON + 59 * MINUTE)
    street.take(case, move(Verb.SELF_HANDLE, "head of n1", NOON + HOUR, recorded_at=NOON + 5 * HOUR))
    voided = street.report(when=NOON)
    street.take(voided, move(Verb.VOID, at=NOON + MINUTE))
    with street.store.reading() as db:
        rows = db.exec(select(HourFigure).order_by(col(HourFigure.hour))).all()
    assert [(r.hour, r.reported, r.closed, r.voided) for r in rows] == [(NOON, 2, 0, 1), (NOON + HOUR, 0, 1, 0)]


def test_the_hours_of_a_unit_run_from_dispatch_to_resolution(street: Street) -> None:
    for when in (NOON - DAY, NOON - 40 * DAY):  # the second is too old to count
        street.brought_to(Verb.RESOLVE, when=when)
    street.brought_to(Verb.ARRIVE)
    with street.store.reading() as db:
        found = figures.window(db, NOON).unit_hours
    assert [(unit, round(hours * 60)) for unit, (hours,) in found.items()] == [(POWER, 50)]


def test_a_window_refreshed_is_a_window_read_anew(street: Street) -> None:
    def said(window: Window) -> tuple[object, object]:
        hours = {grid: sorted(rows) for grid, rows in window.hours.items() if rows}
        return hours, {grid: sorted(rows) for grid, rows in window.days.items() if rows}

    case = street.report(at="n2")
    with street.store.reading() as db:
        window = figures.window(db, NOON)
    street.report(at="s1")
    street.take(case, move(Verb.VOID))
    with street.store.reading() as db:
        part = figures.refreshed(window, db, NOON, {ID["s1"]})
        whole = figures.refreshed(part, db, NOON, {ID["n2"]})
        assert said(part) != said(whole) == said(figures.window(db, NOON))


def test_the_window_ends_before_history_does(street: Street) -> None:
    street.report(when=NOON - 400 * DAY)
    with street.store.reading() as db:
        window = figures.window(db, NOON)
    assert window == Window({}, {}, {})


@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(told=stories(NOON), until=st.sampled_from([Verb.REPORT, Verb.CHECK, Verb.CLOSE]))
def test_after_any_history_the_figures_are_those_of_a_recount(street: Street, told: list[Draft], until: Verb) -> None:
    """The store keeps the histories of all examples: each adds to figures that are there already."""
    with street.store.writing() as db:
        bulk.write(db, told, RULES)
    street.brought_to(until, ZHANQIAN)
    with street.store.reading() as db:
        assert rollups(db) == recount(db)
