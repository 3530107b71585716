"""The figures of the wall over hours, days and weeks, from the window of rollups; pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median, quantiles

from core.board import Board
from core.cases.queries import OpenCase
from core.clock import day_start, hour_start, local
from core.figures import Hour, Window
from core.places import Node
from core.wall.view import CategoryLine, HourBar, Rate

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
WEEKS = 8  # same weekdays behind what is usual
DAYS = 7  # of a spark line
CATEGORIES = 8


@dataclass(frozen=True)
class Flows:
    """What came in and went out: by hour, by day, and against what is usual."""

    hours: tuple[HourBar, ...]
    reported_days: tuple[int, ...]
    closed_days: tuple[int, ...]
    reported_usual: tuple[int, int] | None
    open_change: int | None

    @classmethod
    def of(cls, window: Window, grids: Iterable[Node], now: datetime, open_now: int) -> "Flows":
        """The flows of `grids` up to `now`, where `open_now` cases are open."""
        rows = [row for grid in grids for row in window.hours.get(grid.id, ())]
        reported, closed, gone = _sums(rows)
        first = min(reported, default=now)
        return cls(
            hours=_hour_bars(reported, closed, gone, now, open_now, first),
            reported_days=_days(reported, now),
            closed_days=_days(closed, now),
            reported_usual=_usual_today(reported, now, first),
            open_change=_change(reported, gone, now) if first <= now - WEEK else None,
        )


Sums = Counter[datetime]


def _sums(rows: Iterable[Hour]) -> tuple[Sums, Sums, Sums]:
    """Reported, closed, and gone (closed or voided, less what came back) by hour."""
    reported, closed, gone = Sums(), Sums(), Sums()
    for row in rows:
        reported[row.hour] += row.reported
        closed[row.hour] += row.closed
        gone[row.hour] += row.closed + row.voided - row.reopened
    return reported, closed, gone


def _hour_bars(
    reported: Sums, closed: Sums, gone: Sums, now: datetime, open_now: int, first: datetime
) -> tuple[HourBar, ...]:
    bars: list[HourBar] = []
    still_open = open_now
    for back in range(24):
        hour = hour_start(now) - back * HOUR
        low, high = _band([reported[hour - week * WEEK] for week in _weeks(hour, first)])
        bars.append(HourBar(hour, reported[hour], closed[hour], still_open, low, high))
        still_open += gone[hour] - reported[hour]
    return tuple(reversed(bars))


def _weeks(moment: datetime, first: datetime) -> list[int]:
    """How many weeks back the same hour is still within what is known."""
    return [week for week in range(1, WEEKS + 1) if moment - week * WEEK >= first]


def _band(values: list[int]) -> tuple[float | None, float | None]:
    """The middle half of `values`: P25 and P75; of fewer than four nothing is said."""
    if len(values) < 4:
        return None, None
    low, _, high = quantiles(values, n=4, method="inclusive")
    return low, high


def _days(sums: Sums, now: datetime) -> tuple[int, ...]:
    """The totals of the last days, today last: each from midnight up to and with the hour of `now`."""
    midnight, hours = day_start(now), range(local(now).hour + 1)
    starts = [midnight - back * DAY for back in reversed(range(DAYS))]
    return tuple(sum(sums[start + hour * HOUR] for hour in hours) for start in starts)


def _usual_today(reported: Sums, now: datetime, first: datetime) -> tuple[int, int] | None:
    """The usual range of reports from midnight to this hour on the same weekdays before."""
    start = day_start(now)
    past = [(start - week * WEEK, now - week * WEEK) for week in _weeks(start, first)]
    low, high = _band([sum(n for hour, n in reported.items() if begin <= hour < end) for begin, end in past])
    return None if low is None or high is None else (round(low), round(high))


def _change(reported: Sums, gone: Sums, now: datetime) -> int:
    """Open cases now against the same hour a week ago: what came in since, less what went out."""
    since = hour_start(now) - WEEK
    return sum(n for hour, n in reported.items() if hour >= since) - sum(n for hour, n in gone.items() if hour >= since)


def usual_open(board: Board, grids: Iterable[Node]) -> dict[int, float]:
    """The median of open cases by grid at this hour of the last eight same weekdays, counted back from now."""
    return {grid.id: usual for grid in grids if (usual := _usual_open(board, grid)) is not None}


def _usual_open(board: Board, grid: Node) -> float | None:
    rows = board.window.hours.get(grid.id, ())
    if not rows:
        return None
    first, now = min(row.hour for row in rows), hour_start(board.at)
    nets = [sum(_net(row) for row in rows if row.hour >= now - week * WEEK) for week in _weeks(now, first)]
    return median(board.counts_of(grid).open - net for net in nets) if nets else None


def _net(row: Hour) -> int:
    return row.reported - row.closed - row.voided + row.reopened


def on_time(board: Board, node: Node, cases: Iterable[OpenCase]) -> Rate:
    """Promises of this month kept ÷ settled: due this month up to today, less those of today that still run.

    An open case past its due time is in the denominator.
    """
    today = local(board.at).date()
    kept, promised = _promises(board, node, today.replace(day=1), today)
    return Rate(kept, promised - _still_running(board, cases, today))


def _still_running(board: Board, cases: Iterable[OpenCase], today: date) -> int:
    return sum(
        1
        for case in cases
        if case.final_due_at and case.final_due_at >= board.at and local(case.final_due_at).date() == today
    )


def on_time_days(board: Board, node: Node) -> tuple[Rate, ...]:
    """The same rate by day for the seven days before today."""
    today = local(board.at).date()
    days = (today - back * DAY for back in range(DAYS, 0, -1))
    return tuple(Rate(*_promises(board, node, day, day)) for day in days)


def _promises(board: Board, node: Node, first: date, last: date) -> tuple[int, int]:
    """Promises that fall due from `first` to `last`: kept, made."""
    kept = promised = 0
    for grid in board.tree.grids(node):
        for row in board.window.days.get(grid.id, ()):
            if first <= row.day <= last:
                kept += row.kept
                promised += row.promised
    return kept, promised


def categories(board: Board, node: Node) -> tuple[CategoryLine, ...]:
    """The major categories with most reports in the last seven days, and the seven before."""
    today = local(board.at).date()
    now, before = Counter[str](), Counter[str]()
    for grid in board.tree.grids(node):
        for row in board.window.days.get(grid.id, ()):
            age = (today - row.day).days
            if 0 <= age < 14:
                (now if age < 7 else before)[_major(board, row.category)] += row.reported
    is_known = _reaches_back(board, today - 13 * DAY)
    top = now.most_common(CATEGORIES)
    return tuple(CategoryLine(name, number, before[name] if is_known else None) for name, number in top)


def _reaches_back(board: Board, day: date) -> bool:
    """Whether anything is known of `day` or before: a week of which the start is missing is not compared."""
    return any(row.day <= day for rows in board.window.days.values() for row in rows)


def _major(board: Board, category: str) -> str:
    found = board.rules.categories.get(category)
    return board.rules.majors[found.major].name if found else category
