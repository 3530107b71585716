"""Promises at moments, as tables of dates: Shanghai time on the left, so that a day is a day of the street."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import limits
from core.clock import SHANGHAI, day_start, hour_start, local
from core.limits import Clock
from core.words import ClockState

SOON = timedelta(hours=2)
R, S, O, MET, MISSED, GONE = ClockState  # noqa: E741 - one letter each keeps the table readable


def shanghai(text: str) -> datetime:
    """A moment as people on the street write it: 2025-11-19 12:00:00."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


def promise(hours: float = 24, at: str = "2025-11-19 12:00:00", *, is_final: bool = True) -> Clock:
    return limits.started("closed", hours, shanghai(at), is_final=is_final)


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2025-11-19 12:00:00", 24, "2025-11-20 12:00:00"),  # 13710: an event, one day
        ("2025-11-19 12:00:00", 72, "2025-11-22 12:00:00"),  # a part, three days
        ("2025-11-19 12:00:00", 168, "2025-11-26 12:00:00"),  # difficult, seven days
        ("2025-11-19 23:30:00", 3, "2025-11-20 02:30:00"),  # over midnight
        ("2025-12-31 23:59:59", 24, "2026-01-01 23:59:59"),  # over new year
        ("2024-02-28 12:00:00", 24, "2024-02-29 12:00:00"),  # a leap year
        ("2025-11-21 18:00:00", 48, "2025-11-23 18:00:00"),  # a weekend counts: the natural calendar
        ("2025-11-19 12:00:00", 0.5, "2025-11-19 12:30:00"),  # half an hour
    ],
)
def test_a_promise_falls_due_after_its_hours_round_the_clock(start: str, hours: float, due: str) -> None:
    assert limits.due_at(shanghai(start), hours) == shanghai(due)


@pytest.mark.parametrize(
    ("now", "stands"),
    [
        ("2025-11-19 12:00:00", R),
        ("2025-11-20 09:59:59", R),  # two hours and a second are left
        ("2025-11-20 10:00:00", S),  # two hours are left
        ("2025-11-20 11:59:59", S),
        ("2025-11-20 12:00:00", S),  # at its due time it is not yet overdue
        ("2025-11-20 12:00:01", O),
        ("2025-12-20 12:00:00", O),
    ],
)
def test_a_promise_until_noon_tomorrow_stands_so_at_each_moment(now: str, stands: ClockState) -> None:
    assert promise().state(shanghai(now), SOON) is stands
    assert limits.running_state(promise().due_at, shanghai(now), SOON) is stands


@pytest.mark.parametrize(
    ("met", "stands", "is_kept"),
    [
        ("2025-11-19 12:00:00", MET, True),
        ("2025-11-20 12:00:00", MET, True),  # at its due time it is in time
        ("2025-11-20 12:00:01", MISSED, False),
    ],
)
def test_a_promise_met_is_kept_or_missed_for_good(met: str, stands: ClockState, is_kept: bool) -> None:
    (clock,) = limits.met((promise(),), ["closed"], shanghai(met))
    assert clock.is_kept is is_kept
    assert not clock.is_running
    for now in ("2025-11-19 12:00:00", "2026-11-19 12:00:00"):
        assert clock.state(shanghai(now), SOON) is stands


def test_a_cancelled_promise_is_neither_kept_nor_overdue() -> None:
    (clock,) = limits.cancelled((promise(),), shanghai("2025-11-19 13:00:00"))
    assert clock.state(shanghai("2026-01-01 00:00:00"), SOON) is GONE
    assert not clock.is_running
    assert not clock.is_kept
    assert limits.final((clock,)) is None


def test_only_running_promises_of_that_name_are_met_or_cancelled() -> None:
    first, second = shanghai("2025-11-19 13:00:00"), shanghai("2025-11-19 14:00:00")
    clocks = (limits.started("on_site", 3, first, is_final=False), promise())
    once = limits.met(clocks, ["on_site"], first)
    assert [clock.met_at for clock in once] == [first, None]
    assert limits.met(once, ["on_site"], second) == once  # what was kept once is not kept again
    assert [clock.cancelled_at for clock in limits.cancelled(once, second)] == [None, second]


def test_next_due_is_the_running_promise_that_falls_due_first() -> None:
    long, short = promise(48), promise(3, is_final=False)
    assert limits.next_due((long, short)) == short
    assert limits.next_due(limits.cancelled((long, short), long.due_at)) is None
    assert limits.next_due(()) is None


@pytest.mark.parametrize(
    ("moment", "midnight"),
    [
        ("2025-11-19T15:59:59+00:00", "2025-11-19 00:00:00"),  # a second before midnight in Shanghai
        ("2025-11-19T16:00:00+00:00", "2025-11-20 00:00:00"),  # midnight in Shanghai, 16:00 UTC
        ("2025-11-20T15:59:59+00:00", "2025-11-20 00:00:00"),
    ],
)
def test_a_day_begins_at_midnight_in_shanghai(moment: str, midnight: str) -> None:
    assert day_start(datetime.fromisoformat(moment)) == shanghai(midnight)
    assert local(datetime.fromisoformat(moment)).date().isoformat() == midnight[:10]


def test_an_hour_begins_at_its_full_hour() -> None:
    assert hour_start(shanghai("2025-11-19 12:59:59")) == shanghai("2025-11-19 12:00:00")


moments = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)).map(lambda found: found.replace(tzinfo=UTC))  # noqa: DTZ001


@given(moments, st.floats(0.01, 1000), st.floats(-2000, 2000))
def test_a_promise_is_overdue_exactly_when_its_due_time_is_past(start: datetime, hours: float, after: float) -> None:
    due, now = limits.due_at(start, hours), start + timedelta(hours=after)
    state = limits.running_state(due, now, SOON)
    assert (state is O) == (now > due)
    assert (state is S) == (due - SOON <= now <= due)
