"""Calendars: which time counts towards a promise; natural (round the clock) or working (shifts, holidays)."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, cached_property
from typing import Literal, NamedTuple

from chinese_calendar.constants import holidays, workdays

from core.clock import SHANGHAI, local
from core.language import N_

DAY = timedelta(days=1)
NOTHING = timedelta()
LAST_YEAR = max(day.year for day in holidays)  # the last one whose holidays were published with the library
SATURDAY = 5
SURE_UNTIL = (12, 24)  # of the last year: the notice for a new year has moved days of the week before it

WEEKEND, OFF_DUTY = N_("Weekend"), N_("Outside working hours")
HOLIDAYS = (
    N_("New Year's Day"),
    N_("Spring Festival"),
    N_("Tomb-sweeping Day"),
    N_("Labour Day"),
    N_("Dragon Boat Festival"),
    N_("Mid-autumn Festival"),
    N_("National Day"),
)


class Shift(NamedTuple):
    """A stretch of work, minutes after midnight of the day it belongs to; `ends` past 24:00 lies on the next day."""

    begins: int
    ends: int


@dataclass(frozen=True)
class Calendar:
    """Which time counts; a shift that crosses midnight belongs to the day on which it begins.

    `last_year`: beyond it weekends alone are known, and what depends on it is provisional.
    """

    code: str
    name: str
    days: Literal["every", "working"]
    shifts: tuple[Shift, ...]
    last_year: int = LAST_YEAR

    @cached_property
    def day(self) -> timedelta:
        """The time that counts on one full day."""
        return timedelta(minutes=sum(shift.ends - shift.begins for shift in self.shifts))

    @cached_property
    def is_natural(self) -> bool:
        """Whether all time counts."""
        return self.days == "every" and self.day == DAY


NATURAL = Calendar("natural", "自然日", "every", (Shift(0, 24 * 60),))


class Due(NamedTuple):
    """When a promise falls due; provisional while the holidays on the way are not published."""

    at: datetime
    is_provisional: bool


class Span(NamedTuple):
    """A stretch of time that counts, or does not and why.

    Units: aware UTC.
    """

    kind: Literal["counted", "skipped"]
    from_at: datetime
    to_at: datetime
    reason: str = ""  # a message id

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.to_at - self.from_at


class _Year(NamedTuple):
    """The counted stretches that begin in one year, in order, and what has been counted before each."""

    begins: list[datetime]
    ends: list[datetime]
    before: list[timedelta]
    total: timedelta


def add_hours(calendar: Calendar, start: datetime, hours: float) -> Due:
    """When `hours` of the calendar have been counted since `start`.

    Units: aware UTC.
    """
    return add(calendar, start, timedelta(hours=hours))


def add(calendar: Calendar, start: datetime, length: timedelta) -> Due:
    """When `length` of the calendar has been counted since `start`: the first such moment.

    Units: aware UTC.
    """
    if calendar.is_natural:
        return Due(start + length, is_provisional=False)
    year, counted = _place(calendar, start)
    wanted = counted + length
    while wanted > (table := _year(calendar, year)).total:
        wanted -= table.total
        year += 1
    index = max(bisect_right(table.before, wanted) - 1, 0)
    if index and table.before[index] == wanted:  # the end of the stretch before, not the beginning of this one
        index -= 1
    found = max(table.begins[index] + (wanted - table.before[index]), start)
    return Due(found, is_provisional=_is_provisional(calendar, found))


def counted(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """How much of the time from `start` to `end` counts; nothing when they are the other way round."""
    if end <= start:
        return NOTHING
    if calendar.is_natural:
        return end - start
    (first, before), (last, after) = _place(calendar, start), _place(calendar, end)
    return sum((_year(calendar, year).total for year in range(first, last)), after - before)


def counts(calendar: Calendar, at: datetime) -> bool:
    """Whether the time at `at` counts; the end of a stretch no longer does."""
    return calendar.is_natural or counted(calendar, at, at + timedelta(microseconds=1)) > NOTHING


def spans(calendar: Calendar, start: datetime, end: datetime) -> tuple[Span, ...]:
    """The time from `start` to `end` without a gap: what counts, what does not and why."""
    if calendar.is_natural:
        return (Span("counted", start, end),) if start < end else ()
    return tuple(_merged(_spans(calendar, start, end)))


def is_working_day(day: date, last_year: int = LAST_YEAR) -> bool:
    """Whether people work on `day`; past the last published year, whether it is no weekend."""
    if day.year > last_year:
        return day.weekday() < SATURDAY
    return day in workdays or (day.weekday() < SATURDAY and day not in holidays)


def _is_provisional(calendar: Calendar, moment: datetime) -> bool:
    return calendar.days == "working" and local(moment).date() > date(calendar.last_year, *SURE_UNTIL)


def _place(calendar: Calendar, moment: datetime) -> tuple[int, timedelta]:
    """The year whose stretches `moment` lies among, and what of them has been counted by then."""
    year = moment.astimezone(SHANGHAI).year
    table = _year(calendar, year)
    if moment < table.begins[0]:  # before the first stretch of the year, or in one that began on the last day before
        year -= 1
        table = _year(calendar, year)
    index = bisect_right(table.begins, moment) - 1
    return year, table.before[index] + min(moment, table.ends[index]) - table.begins[index]


@cache
def _year(calendar: Calendar, year: int) -> _Year:
    begins, ends, before, total = list[datetime](), list[datetime](), list[timedelta](), NOTHING
    for number in range(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal()):
        for begin, end in _of_day(calendar, date.fromordinal(number)):
            begins.append(begin)
            ends.append(end)
            before.append(total)
            total += end - begin
    return _Year(begins, ends, before, total)


def _of_day(calendar: Calendar, day: date) -> Iterator[tuple[datetime, datetime]]:
    if calendar.days == "every" or is_working_day(day, calendar.last_year):
        midnight = _midnight(day)
        for shift in calendar.shifts:
            yield midnight + timedelta(minutes=shift.begins), midnight + timedelta(minutes=shift.ends)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI).astimezone(UTC)


def _spans(calendar: Calendar, start: datetime, end: datetime) -> Iterator[Span]:
    at = start
    for number in range(local(start).toordinal() - 1, local(end).toordinal() + 1):
        for begin, finish in _of_day(calendar, date.fromordinal(number)):
            if max(at, begin) < min(finish, end):
                yield from _skipped(calendar, at, begin)
                yield Span("counted", max(at, begin), min(finish, end))
                at = min(finish, end)
    yield from _skipped(calendar, at, end)


def _skipped(calendar: Calendar, start: datetime, end: datetime) -> Iterator[Span]:
    """What does not count, cut at midnight, so that each part has one reason."""
    while start < end:
        day = local(start).date()
        until = min(_midnight(day + DAY), end)
        yield Span("skipped", start, until, _reason(calendar, day))
        start = until


def _reason(calendar: Calendar, day: date) -> str:
    if calendar.days == "every" or is_working_day(day, calendar.last_year):
        return OFF_DUTY
    return holidays.get(day, WEEKEND) if day.year <= calendar.last_year else WEEKEND


def _merged(found: Iterator[Span]) -> Iterator[Span]:
    last = next(found, None)
    for span in found:
        assert last is not None
        if (span.kind, span.reason) == (last.kind, last.reason):
            last = last._replace(to_at=span.to_at)
        else:
            yield last
            last = span
    if last is not None:
        yield last
