"""Calendars as tables of dates: Shanghai time on both sides; what is counted and skipped adds up."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from chinese_calendar.constants import holidays
from hypothesis import example, given
from hypothesis import strategies as st

from core import rules
from core.calendars import HOLIDAYS, LAST_YEAR, NATURAL, NOTHING, Calendar, Shift, add, add_hours, counted, spans
from core.clock import SHANGHAI, local

WORKING = rules.current().calendars["working"]  # 08:30-12:00, 14:00-18:00: 7.5 hours a day
DUTY = rules.current().calendars["duty"]  # 08:00 to 08:00 of the next day, on working days
NIGHT = Calendar("night", "夜班", "working", (Shift(20 * 60, 32 * 60),))  # 20:00 to 08:00 of the next day
EVERY_NIGHT = Calendar("every_night", "每夜", "every", (Shift(22 * 60, 30 * 60),))
ALL = (NATURAL, WORKING, DUTY, NIGHT, EVERY_NIGHT)
FRIDAY, MONDAY = "2026-11-20 ", "2026-11-23 "


def shanghai(text: str) -> datetime:
    """A moment as people on the street write it."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


@pytest.mark.parametrize(
    ("calendar", "start", "hours", "due"),
    [
        # an ordinary week
        (WORKING, "2026-11-18 09:00", 2, "2026-11-18 11:00"),  # within a morning
        (WORKING, "2026-11-18 11:00", 2, "2026-11-18 15:00"),  # over lunch
        (WORKING, "2026-11-18 12:30", 1, "2026-11-18 15:00"),  # made at lunch
        (WORKING, "2026-11-18 08:30", 7.5, "2026-11-18 18:00"),  # a whole day ends with the day
        (WORKING, "2026-11-18 17:59", 0.5, "2026-11-19 08:59"),  # one minute today, 29 tomorrow
        (WORKING, "2026-11-18 23:59", 1, "2026-11-19 09:30"),  # a minute before midnight
        (WORKING, "2026-11-19 00:00", 1, "2026-11-19 09:30"),
        # Friday evening
        (WORKING, FRIDAY + "17:00", 7.5, MONDAY + "17:00"),  # one working day from Friday afternoon
        (WORKING, FRIDAY + "18:00", 1, MONDAY + "09:30"),
        (WORKING, FRIDAY + "20:00", 37.5, "2026-11-27 18:00"),  # five working days of 12345: the next Friday
        (WORKING, FRIDAY + "23:59", 0.5, MONDAY + "09:00"),
        (WORKING, "2026-11-22 15:00", 0.5, MONDAY + "09:00"),  # Sunday afternoon
        # Spring Festival 2026: off from 15 to 23 February; Saturdays 14 and 28 February are worked
        (WORKING, "2026-02-13 17:00", 7.5, "2026-02-14 17:00"),  # Friday to a Saturday that is worked
        (WORKING, "2026-02-14 17:00", 7.5, "2026-02-24 17:00"),  # over the whole festival
        (
            WORKING,
            "2026-02-17 10:00",
            37.5,
            "2026-02-28 18:00",
        ),  # five days end on a Saturday that is worked
        # a Sunday that is worked: 4 January 2026, and 20 September 2026
        (WORKING, "2026-01-03 12:00", 1, "2026-01-04 09:30"),
        (WORKING, "2026-09-19 10:00", 7.5, "2026-09-20 18:00"),
        # National Day 2026: off from 1 to 7 October, Saturday 10 October is worked
        (WORKING, "2026-09-30 17:30", 1, "2026-10-08 09:00"),
        (WORKING, "2026-10-09 17:30", 1, "2026-10-10 09:00"),
        # a watch across midnight belongs to the day on which it begins
        (DUTY, "2026-11-19 20:00", 5, FRIDAY + "01:00"),
        (DUTY, FRIDAY + "20:00", 12, "2026-11-21 08:00"),  # Friday's watch ends on Saturday
        (DUTY, FRIDAY + "20:00", 13, MONDAY + "09:00"),  # and Saturday has none
        (DUTY, "2026-11-21 07:59", 1, MONDAY + "08:59"),
        (DUTY, MONDAY + "07:00", 1, MONDAY + "09:00"),  # Sunday has no watch that would reach Monday's morning
        (NIGHT, "2026-11-18 12:00", 12, "2026-11-19 08:00"),
        (NIGHT, "2026-11-19 03:00", 6, "2026-11-19 21:00"),  # in the watch of the day before
        (NIGHT, FRIDAY + "23:59", 9, MONDAY + "20:59"),
        (EVERY_NIGHT, "2025-12-31 23:00", 9, "2026-01-02 00:00"),
        # round the clock, a weekend and a festival count
        (NATURAL, FRIDAY + "18:00", 48, "2026-11-22 18:00"),
        (NATURAL, "2026-02-16 12:00", 24, "2026-02-17 12:00"),
    ],
)
def test_hours_are_counted_by_the_calendar(calendar: Calendar, start: str, hours: float, due: str) -> None:
    assert local(add_hours(calendar, shanghai(start), hours).at) == local(shanghai(due))


@pytest.mark.parametrize(
    ("start", "due", "is_provisional"),
    [
        ("2026-12-17 17:00", "2026-12-24 17:00", False),
        ("2026-12-18 17:00", "2026-12-25 17:00", True),  # the notice for 2027 may move the last days of 2026
        ("2026-12-28 09:00", "2027-01-04 09:00", True),  # New Year's Day is a Friday: counted, until it is published
        ("2027-02-05 17:00", "2027-02-12 17:00", True),  # Spring Festival 2027, of which nothing is known
        ("2031-11-21 12:00", "2031-11-28 12:00", True),
    ],
)
def test_past_the_last_published_year_weekends_only_and_the_answer_is_provisional(
    start: str, due: str, is_provisional: bool
) -> None:
    calendar = replace(WORKING, last_year=2026)
    assert add_hours(calendar, shanghai(start), 37.5) == (shanghai(due), is_provisional)
    assert not add_hours(NATURAL, shanghai(start), 120).is_provisional


def test_when_the_year_arrives_the_answer_changes_and_is_final() -> None:
    in_2025 = replace(WORKING, last_year=2025)
    start = shanghai("2026-02-13 17:00")  # the Friday before Spring Festival 2026
    assert add_hours(in_2025, start, 7.5) == (shanghai("2026-02-16 17:00"), True)
    assert add_hours(WORKING, start, 7.5) == (shanghai("2026-02-14 17:00"), False)


def test_what_is_skipped_has_its_reason() -> None:
    found = spans(WORKING, shanghai("2026-02-14 11:00"), shanghai("2026-02-24 09:00"))
    told = [(span.kind, str(local(span.from_at))[5:16], str(local(span.to_at))[5:16], span.reason) for span in found]
    assert told == [
        ("counted", "02-14 11:00", "02-14 12:00", ""),
        ("skipped", "02-14 12:00", "02-14 14:00", "Outside working hours"),
        ("counted", "02-14 14:00", "02-14 18:00", ""),
        ("skipped", "02-14 18:00", "02-15 00:00", "Outside working hours"),
        ("skipped", "02-15 00:00", "02-24 00:00", "Spring Festival"),
        ("skipped", "02-24 00:00", "02-24 08:30", "Outside working hours"),
        ("counted", "02-24 08:30", "02-24 09:00", ""),
    ]


def test_a_weekend_is_one_stretch() -> None:
    reasons = [span.reason for span in spans(WORKING, shanghai(FRIDAY + "17:00"), shanghai(MONDAY + "09:00"))]
    assert reasons == ["", "Outside working hours", "Weekend", "Outside working hours", ""]


def test_shanghai_has_no_summer_time_in_the_years_that_are_counted() -> None:
    years = range(2004, LAST_YEAR + 20)
    assert {local(datetime(year, month, 1, tzinfo=UTC)).utcoffset() for year in years for month in range(1, 13)} == {
        timedelta(hours=8)
    }


def test_every_holiday_of_the_library_has_a_name_that_is_translated() -> None:
    assert set(holidays.values()) <= {*HOLIDAYS, "Anti-Fascist 70th Day"}  # once, in 2015


def test_the_library_knows_whole_years() -> None:
    known = {day.year for day in holidays}
    assert known == set(range(2004, LAST_YEAR + 1))
    assert all(date(year, 10, 1) in holidays for year in known)


moments = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1)).map(lambda m: m.replace(tzinfo=UTC))  # noqa: DTZ001
lengths = st.timedeltas(NOTHING, timedelta(hours=400))
some_calendar = st.sampled_from(ALL)


@given(some_calendar, moments, moments)
def test_counted_and_skipped_are_all_of_the_time_between(calendar: Calendar, one: datetime, other: datetime) -> None:
    start, end = min(one, other), max(one, other)
    found = spans(calendar, start, end)
    assert [span.from_at for span in found] == [start, *(span.to_at for span in found)][: len(found)]
    assert (found[-1].to_at == end) if found else start == end
    assert sum((span.length for span in found if span.kind == "counted"), NOTHING) == counted(calendar, start, end)
    assert all(span.from_at < span.to_at for span in found)
    assert all(bool(span.reason) == (span.kind == "skipped") for span in found)


@given(some_calendar, moments, lengths)
@example(WORKING, shanghai("2026-12-31 18:00"), timedelta(hours=7.5))
@example(NIGHT, shanghai("2025-12-31 23:00"), timedelta(hours=9))  # a watch over new year
def test_the_due_time_is_the_first_moment_at_which_so_much_is_counted(
    calendar: Calendar, start: datetime, length: timedelta
) -> None:
    due = add(calendar, start, length).at
    assert counted(calendar, start, due) == length
    assert due == start or counted(calendar, start, due - timedelta(microseconds=1)) < length


@given(some_calendar, moments, lengths, lengths, st.timedeltas(NOTHING, timedelta(days=10)))
def test_later_or_longer_is_never_due_earlier(
    calendar: Calendar, start: datetime, length: timedelta, more: timedelta, later: timedelta
) -> None:
    due = add(calendar, start, length).at
    assert due >= start + length
    assert add(calendar, start, length + more).at >= due
    assert add(calendar, start + later, length).at >= due


@given(some_calendar, moments, lengths, lengths)
def test_counting_in_two_steps_is_counting_at_once(
    calendar: Calendar, start: datetime, first: timedelta, second: timedelta
) -> None:
    once = add(calendar, start, first + second).at
    if second:
        assert add(calendar, add(calendar, start, first).at, second).at == once
