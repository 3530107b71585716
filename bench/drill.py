"""How long a view of a place takes, from a city down to a building, with 1,000,000 cases in history."""

from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from time import perf_counter

from sqlmodel import Session, col, select

from bench import city, stores
from bench.spread import percentile
from core import clock, rules
from core.drill import behind, trends
from core.drill.asked import Filter, Period, period
from core.drill.counts import ABOVE_GRIDS
from core.drill.view import View, view
from core.people import Grant, Principal
from core.place_words import Figure, Grain, Span
from core.places import Place
from core.rules import Rules
from core.store import Store
from core.words import Level, Role, Severity, Source

CASES = 1_000_000
OF_LEVEL = {Level.STREET: 12, Level.COMMUNITY: 12, Level.GRID: 12, Level.BUILDING: 12}  # views
SPANS = (Span.DAYS_30, Span.WEEK, Span.LAST_MONTH)
FIGURES = (Figure.OPEN, Figure.REPORTED, Figure.CLOSED, Figure.ON_TIME)


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
    store, known, now = Store(url), rules.current(), clock.now()
    took: dict[Level, list[float]] = {}
    with store.reading() as db:
        codes = {level: _codes(db, level, count) for level, count in OF_LEVEL.items()}
    for level, code, span, told, figure in _asked(codes, known):
        begun = perf_counter()
        with store.reading() as db:
            _look(db, code, period(span, clock.local(now).date()), told, figure, known)
        took.setdefault(level, []).append(1000 * (perf_counter() - begun))
    store.close()
    every = [one for times in took.values() for one in times]
    return {"drill_p95_ms": percentile(every, 95)} | {
        f"drill_{level.value}_p95_ms": percentile(times, 95) for level, times in took.items()
    }


def _codes(db: Session, level: Level, count: int) -> list[str]:
    """Places of a level, from all over the city."""
    found = db.exec(select(Place.code).where(Place.level == level).order_by(col(Place.code))).all()
    return [found[number * len(found) // count] for number in range(count)]


def _asked(codes: dict[Level, list[str]], known: Rules) -> Iterator[tuple[Level, str, Span, Filter, Figure]]:
    """Every level as often as the others, with and without filters, by turns."""
    filters = cycle(
        [
            *(Filter(), Filter(sector=next(iter(known.sectors))), Filter(), Filter(source=Source.HOTLINE)),
            *(Filter(), Filter(severity=Severity.ORANGE), Filter(category=next(iter(known.categories)))),
        ]
    )
    spans, figures = cycle(SPANS), cycle(FIGURES)
    for level, places in codes.items():
        for code in places:
            yield level, code, next(spans), next(filters), next(figures)


def _look(db: Session, code: str, asked: Period, told: Filter, figure: Figure, known: Rules) -> None:
    """The whole of a view: the row of figures, and by turns what can be opened below it."""
    now = clock.now()
    who = Principal(1, "", (Grant(Role.DUTY_OFFICER, "/"),))
    seen = view(db, who, known, code, asked, told, now=now)
    if figure is Figure.OPEN:
        _trends(db, seen, told, known)
    elif figure is Figure.REPORTED:
        trends.repeated(db, seen.scope, clock.local(now).date(), told, known)
    else:
        behind.behind(db, who, seen.place.path, figure, asked, told, known, now)


def _trends(db: Session, seen: View, told: Filter, known: Rules) -> None:
    inside = seen.place.level not in ABOVE_GRIDS
    trends.course(db, seen.here, seen.scope, seen.period, told, known, Grain.DAY, by_building=inside)
    trends.by_hour(db, seen.scope, seen.period, told, known)
