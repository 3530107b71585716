"""How a place went on: by day, week or month, by category and hour, and where the same trouble comes again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal, select
from sqlmodel import Session, col

from core.drill import counts
from core.drill.asked import Filter, Period
from core.drill.counts import Scope
from core.drill.ground import Around
from core.place_words import Grain
from core.places import Place
from core.rules import Rules
from core.tallies import AREA_TALLY, Tally

REPEATED, REPEATED_DAYS = 3, 90  # reports of the same category at one building, within days
ROWS = 12  # categories of the heat map
SPARKS = 10  # steps of a spark line
MOST = 100  # buildings with repeated trouble


@dataclass(frozen=True)
class Course:
    """Reports and closures by step of a period.

    Units: `starts` are first days of the steps.
    """

    starts: tuple[date, ...]
    reported: tuple[int, ...]
    closed: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Repeated:
    """The same trouble at one building again and again."""

    place_id: int
    code: str
    name: str
    category: str
    count: int


def course(db: Session, own: Scope, period: Period, told: Filter, rules: Rules, step: Grain) -> Course:
    """How reports and closures went over `period`; one query."""
    facets, starts = told.facets(rules), _starts(period, step)
    table: Any = Tally
    which = [own.condition(), *told.conditions(Tally, rules)]
    if own.street_id and facets is not None:
        table = AREA_TALLY.c
        which = [counts.of_street(own.street_id), table.facet.in_(facets)]
    # by day as they are kept, by longer steps summed up by the database
    start = table.day if step is Grain.DAY else _step_of(table.day, starts)
    query = select(start, func.sum(table.reported), func.sum(table.closed)).group_by(start)
    rows = _in(db, query, which, table, period)
    found = {(at - starts[0]).days if step is Grain.DAY else at: flows for at, *flows in rows}
    reported, closed = zip(*(found.get(number, (0, 0)) for number in range(len(starts))), strict=True)
    return Course(starts, reported, closed)


def sparks(
    db: Session, here: Around, own: Scope, period: Period, told: Filter, rules: Rules, *, by_building: bool
) -> dict[int, tuple[int, ...]]:
    """Reports of each child in a few steps of `period`, all of about one length; one query."""
    facets, starts = told.facets(rules), spread(period)
    table: Any = Tally
    key: Any = col(Tally.place_id if by_building else Tally.grid_id)
    which = [own.reports(), *told.conditions(Tally, rules)]
    if own.street_id and facets is not None:
        table, key = AREA_TALLY.c, AREA_TALLY.c.place_id
        which = [counts.in_street(own.street_id), table.facet.in_(facets)]
    step = _step_of(table.day, starts)
    query = select(key, step, func.sum(table.reported)).group_by(key, step)
    found: dict[int, list[int]] = {child.id or 0: [0] * len(starts) for child in here.children}
    for place, number, count in _in(db, query, which, table, period):
        if child := here.child_of.get(place):
            found[child][number] += count
    return {child: tuple(steps) for child, steps in found.items()}


def _in(db: Session, query: Any, which: Sequence[ColumnElement[bool]], table: Any, period: Period) -> Any:
    return db.execute(query.where(*which, *counts.days(table.day, period))).all()


def _step_of(day: Any, starts: Sequence[date]) -> ColumnElement[int]:
    """The number of the step in which a day of the period lies; the database sums it up."""
    if len(starts) == 1:
        return literal(0)
    return case(*((day < after, number) for number, after in enumerate(starts[1:])), else_=len(starts) - 1)


def spread(period: Period) -> tuple[date, ...]:
    """The first days of the steps of a spark line; by the day a small place would be all up and down."""
    steps = min(period.days, SPARKS)
    return tuple(period.first + timedelta(days=period.days * number // steps) for number in range(steps))


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
    keys = col(Tally.category), col(Tally.hour)
    query = select(*keys, func.sum(col(Tally.reported))).group_by(*keys)
    which = [own.reports(), *told.conditions(Tally, rules)]
    found: dict[str, list[int]] = {}
    for category, hour, count in _in(db, query, which, Tally, period):
        found.setdefault(category, [0] * 24)[hour] += count
    ranked = sorted(found.items(), key=lambda row: (-sum(row[1]), row[0]))
    return {category: tuple(hours) for category, hours in ranked[:ROWS] if any(hours)}


def repeated(db: Session, own: Scope, today: date, told: Filter, rules: Rules) -> list[Repeated]:
    """Buildings with reports of the same category again and again in the last 90 days, the most first; one query."""
    keys, count = (col(Tally.place_id), col(Tally.category)), func.sum(col(Tally.reported)).label("count")
    lately = Period(today - timedelta(days=REPEATED_DAYS - 1), today)
    often = (
        select(*keys, count)
        .where(own.reports(), *counts.days(col(Tally.day), lately), *told.conditions(Tally, rules))
        .where(col(Tally.place_id) != col(Tally.grid_id))
        .group_by(*keys).having(count >= REPEATED).order_by(count.desc(), *keys).limit(MOST)
    ).subquery().c  # fmt: skip
    named = select(often.place_id, col(Place.code), col(Place.name), often.category, often.count)
    named = named.where(col(Place.id) == often.place_id)
    rows = db.execute(named.order_by(often.count.desc(), often.place_id, often.category))
    return [Repeated(*row) for row in rows]
