"""How a place went on: by day, week or month, by category and hour, and where the same trouble comes again."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal, select
from sqlmodel import Session, col

from core.drill.asked import Filter, Period
from core.drill.counts import Scope
from core.drill.ground import Around
from core.place_words import Grain
from core.places import Place
from core.rules import Rules
from core.tallies import AREA_TALLY, Tally

REPEATED, REPEATED_DAYS = 3, 90  # reports of the same category at one building, within days
ROWS = 12  # categories of the heat map


@dataclass(frozen=True)
class Course:
    """Reports and closures by step of a period: of the place, and reports of each child.

    Units: `starts` are first days of the steps.
    """

    starts: tuple[date, ...]
    reported: tuple[int, ...]
    closed: tuple[int, ...]
    of_child: Mapping[int, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Repeated:
    """The same trouble at one building again and again."""

    place_id: int
    code: str
    name: str
    category: str
    count: int


def course(
    db: Session,
    here: Around,
    own: Scope,
    period: Period,
    told: Filter,
    rules: Rules,
    step: Grain,
    *,
    by_building: bool,
) -> Course:
    """How reports and closures went over `period`; one query."""
    starts = _starts(period, step)
    facets = told.facets(rules)
    if own.street_id and facets is not None:
        table: Any = AREA_TALLY.c
        key, which = table.place_id, [table.within_id == own.street_id, table.facet.in_(facets)]
    else:
        table = Tally
        key = col(Tally.place_id if by_building else Tally.grid_id)
        which = [own.condition(), *told.conditions(Tally, rules)]
    # by day as they are kept, by longer steps summed up by the database
    start = table.day if step is Grain.DAY else _step_of(table.day, starts)
    query = select(key, start, func.sum(table.reported), func.sum(table.closed))
    query = query.where(*which, table.day >= period.first, table.day <= period.last).group_by(key, start)
    return _course(db.execute(query), here, starts)


def _course(rows: Any, here: Around, starts: Sequence[date]) -> Course:
    reported, closed, of_all = Counter[tuple[int, int]](), Counter[int](), Counter[int]()
    for place, start, came, went in rows:
        number = (start - starts[0]).days if isinstance(start, date) else start
        reported[here.child_of.get(place, 0), number] += came
        of_all[number] += came
        closed[number] += went
    numbers = range(len(starts))
    children = {child.id or 0: tuple(reported[child.id or 0, n] for n in numbers) for child in here.children}
    return Course(tuple(starts), tuple(of_all[n] for n in numbers), tuple(closed[n] for n in numbers), children)


def _step_of(day: Any, starts: Sequence[date]) -> ColumnElement[int]:
    """The number of the step in which a day of the period lies; the database sums it up."""
    if len(starts) == 1:
        return literal(0)
    return case(*((day < after, number) for number, after in enumerate(starts[1:])), else_=len(starts) - 1)


def begins(day: date, step: Grain) -> date:
    """The first day of the step in which `day` lies; weeks begin on Mondays."""
    if step is Grain.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if step is Grain.MONTH else day


def _starts(period: Period, step: Grain) -> tuple[date, ...]:
    days = (period.first + timedelta(days=number) for number in range(period.days))
    return tuple(dict.fromkeys(begins(day, step) for day in days))


def by_hour(db: Session, own: Scope, period: Period, told: Filter, rules: Rules) -> dict[str, tuple[int, ...]]:
    """Reports by category and hour of the day, the categories with most of them first; one query."""
    query = select(col(Tally.category), col(Tally.hour), func.sum(col(Tally.reported))).where(
        own.condition(), col(Tally.day) >= period.first, col(Tally.day) <= period.last, col(Tally.hour) >= 0,
        *told.conditions(Tally, rules),
    )  # fmt: skip
    found: dict[str, list[int]] = {}
    for category, hour, count in db.execute(query.group_by(col(Tally.category), col(Tally.hour))):
        found.setdefault(category, [0] * 24)[hour] += count
    ranked = sorted(found.items(), key=lambda row: (-sum(row[1]), row[0]))
    return {category: tuple(hours) for category, hours in ranked[:ROWS] if any(hours)}


def repeated(db: Session, own: Scope, today: date, told: Filter, rules: Rules) -> list[Repeated]:
    """Buildings with reports of the same category again and again in the last 90 days, the most first; one query."""
    count = func.sum(col(Tally.reported))
    first = today - timedelta(days=REPEATED_DAYS - 1)
    query = select(col(Tally.place_id), col(Place.code), col(Place.name), col(Tally.category), count).where(
        col(Place.id) == col(Tally.place_id),
        own.condition(), col(Tally.day) >= first, col(Tally.day) <= today, col(Tally.place_id) != col(Tally.grid_id),
        col(Tally.hour) >= 0, *told.conditions(Tally, rules),
    )  # fmt: skip
    query = query.group_by(col(Tally.place_id), col(Place.code), col(Place.name), col(Tally.category)).having(
        count >= REPEATED
    )
    rows = db.execute(query.order_by(count.desc(), col(Tally.place_id), col(Tally.category)).limit(100))
    return [Repeated(*row) for row in rows]
