"""How long a view of a place takes, from a city down to a building, with 1,000,000 cases in history."""

from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from time import perf_counter

from sqlmodel import Session, col, select

from bench import city, stores
from bench.spread import percentile
from core import clock, rules
from core.drill.asked import Filter, period
from core.drill.opened import Asked, opened
from core.liaisons import lookup
from core.people import Grant, Principal
from core.place_words import Figure, Grain, Section, Span
from core.places import Place
from core.rules import Rules
from core.store import Store
from core.words import Level, Role, Severity, Source

CASES = 1_000_000
OF_LEVEL = {Level.STREET: 12, Level.COMMUNITY: 12, Level.GRID: 12, Level.BUILDING: 12}  # views
SPANS = (Span.DAYS_30, Span.WEEK, Span.LAST_MONTH)  # the usual questions
FIGURES = (Figure.OPEN, Figure.REPORTED, Figure.CLOSED, Figure.ON_TIME, Figure.MEDIAN)


def on_sqlite(folder: Path) -> dict[str, float]:
    """The drill-down of a city on SQLite."""
    url = stores.url_of(stores.demo(folder, "city"))
    city.grow(url, CASES)
    found = _measured(url)
    stores.demo(folder, "city")  # give back the gigabytes
    return found


def on_postgresql(_folder: Path) -> dict[str, float]:
    """The same on PostgreSQL."""
    with stores.postgresql() as url:
        stores.load(url)
        city.grow(url, CASES)
        return {f"{name}_postgresql": value for name, value in _measured(url).items()}


def _measured(url: str) -> dict[str, float]:
    store, known = Store(url), rules.current()
    with store.reading() as db:
        codes = {level: _codes(db, level, count) for level, count in OF_LEVEL.items()}
        lookup.directory(db, known)  # a process reads it once for each of its versions
    took = {
        level: [_seconds(store, asked, known) for asked in _asked(places, known)] for level, places in codes.items()
    }
    rare = [_seconds(store, asked, known) for places in codes.values() for asked in _rarely_asked(places, known)]
    store.close()
    every = [one for times in took.values() for one in times]
    return (
        {"drill_p95_ms": _p95_ms(every)}
        | {f"drill_{level.value}_p95_ms": _p95_ms(times) for level, times in took.items()}
        | {"drill_year_or_two_filters_p95_ms": _p95_ms(rare)}
    )


def _p95_ms(seconds: list[float]) -> float:
    return 1000 * percentile(seconds, 95)


def _seconds(store: Store, asked: Asked, known: Rules) -> float:
    """How long the whole of a screen takes: figures, children, and what is open below them."""
    who = Principal(1, "", (Grant(Role.DUTY_OFFICER, "/"),))
    begun = perf_counter()
    with store.reading() as db:
        opened(db, who, known, asked, clock.now())
    return perf_counter() - begun


def _codes(db: Session, level: Level, count: int) -> list[str]:
    """Places of a level, from all over the city."""
    found = db.exec(select(Place.code).where(Place.level == level).order_by(col(Place.code))).all()
    return [found[number * len(found) // count] for number in range(count)]


def _asked(places: list[str], known: Rules) -> Iterator[Asked]:
    """Every place, by turns in every section, with and without a filter."""
    filters = cycle(
        [
            *(Filter(), Filter(sector=next(iter(known.sectors))), Filter(), Filter(source=Source.HOTLINE)),
            *(Filter(), Filter(severity=Severity.ORANGE), Filter(category=next(iter(known.categories)))),
        ]
    )
    return _turns(places, cycle(SPANS), filters)


def _rarely_asked(places: list[str], known: Rules) -> Iterator[Asked]:
    """A whole year, or two filters at once, which no sums are kept of."""
    two = Filter(source=Source.HOTLINE, severity=Severity.ORANGE)
    return _turns(places, cycle((Span.YEAR, Span.DAYS_90)), cycle((Filter(), two)))


def _turns(places: list[str], spans: Iterator[Span], filters: Iterator[Filter]) -> Iterator[Asked]:
    figures, steps, today = cycle(FIGURES), cycle(Grain), clock.local(clock.now()).date()
    for place, section in zip(places, cycle(Section), strict=False):
        span, told = next(spans), next(filters)
        yield Asked(place, period(span, today), told, next(figures), section, next(steps), ())
