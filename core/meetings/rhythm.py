"""When the next meeting of a series falls: by its rhythm, and on a working day; pure."""

from collections.abc import Iterator
from datetime import date, timedelta

from core.calendars import is_working_day
from core.meeting_words import Rhythm

DAY = timedelta(days=1)
WEEK = 7 * DAY
MONTHS = {Rhythm.MONTHLY: 1, Rhythm.QUARTERLY: 3}


def next_on(rhythm: Rhythm, weekday: int, week: int, after: date) -> date | None:
    """The first day after `after` on which a series meets; None for one that meets as needed.

    `weekday` 0 is Monday; `week` is the how-manieth such day of a month, or of the first month of a quarter.
    A meeting that would fall on a day off is held on the next working day.
    """
    if rhythm is Rhythm.AS_NEEDED:
        return None
    days = _weekly(weekday, after) if rhythm is Rhythm.WEEKLY else _by_month(MONTHS[rhythm], weekday, week, after)
    return next(found for day in days if (found := worked_from(day)) > after)


def worked_from(day: date) -> date:
    """`day`, or the first working day after it."""
    while not is_working_day(day):
        day += DAY
    return day


def notice_on(day: date, days: int) -> date:
    """When the papers of a meeting on `day` go out: `days` before, and on a working day."""
    found = day - days * DAY
    while not is_working_day(found):
        found -= DAY
    return found


def _weekly(weekday: int, after: date) -> Iterator[date]:
    day = after - 2 * WEEK  # one that fell on a long holiday may still be to come
    day += (weekday - day.weekday()) % 7 * DAY
    while True:
        yield day
        day += WEEK


def _by_month(months: int, weekday: int, week: int, after: date) -> Iterator[date]:
    count = (after.year * 12 + after.month - 1) // months * months - months
    while True:
        first = date(count // 12, count % 12 + 1, 1)
        yield first + ((weekday - first.weekday()) % 7 + 7 * (week - 1)) * DAY
        count += months
