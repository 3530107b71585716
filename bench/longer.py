"""Stores with more in them, by copying what the demo has: a longer history, or more open cases."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

import core.cases.tables
import core.figures
import core.tallies  # noqa: F401
from bench import stores

APART_DAYS = 400  # the figures of a year reach over its end: promises fall due later
WITH_CASES = ("case_file", "case_event", "case_clock", "reporter")
FIGURES = ("hour_figure", "day_figure", "tally", "area_tally")
FAST = {
    "sqlite": ("PRAGMA journal_mode=OFF", "PRAGMA synchronous=OFF", "PRAGMA cache_size=-400000"),
    "postgresql": ("SET session_replication_role = replica", "SET synchronous_commit = off"),
}
DONE = {
    "sqlite": ("PRAGMA journal_mode=WAL",),
    "postgresql": (
        "SELECT setval(pg_get_serial_sequence('case_file', 'id'), (SELECT max(id) FROM case_file))",
        "SELECT setval(pg_get_serial_sequence('case_clock', 'id'), (SELECT max(id) FROM case_clock))",
        "SELECT setval(pg_get_serial_sequence('case_event', 'seq'), (SELECT max(seq) FROM case_event))",
        "ANALYZE",  # which PostgreSQL would do by itself later
    ),
}


def lengthen(url: str, cases: int, tables: Sequence[str] = WITH_CASES) -> None:
    """Copy the closed cases, what `tables` hold of them, and the figures until there are `cases`.

    Copy k lies 400 k days before the original.
    """
    case = _table("case_file").c
    with _connected(url) as db:
        closed = db.scalars(sa.select(case.id).where(case.ended_at.is_not(None)).order_by(case.id)).all()
        steps = {name: _step(db, name) for name in WITH_CASES}
        for copy, count in _copies(len(closed), cases):
            which = sa.select(case.id).where(case.ended_at.is_not(None), case.id <= closed[count - 1])
            for name in tables:
                db.execute(_copy(db, name, copy, steps, which))
            for name in FIGURES:
                db.execute(_copy(db, name, copy, steps, None))
        there = db.scalar(sa.select(sa.func.count()).where(case.ended_at.is_not(None)))
        if there != cases:
            raise RuntimeError(f"{there} closed cases instead of {cases}")


def history(folder: Path, cases: int) -> Path:
    """The demo street with so many closed cases, made once for all that measure on it."""
    path = folder / f"history-{cases}.db"
    if not path.exists():
        lengthen(stores.url_of(stores.demo(folder, path.stem)), cases)
    return path


def multiply_open(url: str, cases: int) -> None:
    """Copy the open cases with their clocks, as they are, until there are `cases`."""
    case = _table("case_file").c
    with _connected(url) as db:
        still_open = db.scalars(sa.select(case.id).where(case.ended_at.is_(None)).order_by(case.id)).all()
        steps = {name: _step(db, name) for name in WITH_CASES}
        for copy, count in _copies(len(still_open), cases):
            which = sa.select(case.id).where(case.id.in_(still_open[:count]))
            for name in ("case_file", "case_clock"):
                db.execute(_copy(db, name, copy, steps, which, apart_days=0))


def _copies(there: int, wanted: int) -> Iterator[tuple[int, int]]:
    """The number of each further copy, and how many cases it takes."""
    copy = 0
    while (wanted := wanted - there) > 0:
        yield (copy := copy + 1), min(there, wanted)


@contextmanager
def _connected(url: str) -> Iterator[sa.Connection]:
    """A connection of the quickest kind: what it writes is thrown away."""
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as db:
        _run(db, FAST[db.dialect.name])
        yield db
        _run(db, DONE[db.dialect.name])
    engine.dispose()


def _run(db: sa.Connection, statements: Sequence[str]) -> None:
    for statement in statements:
        db.exec_driver_sql(statement)


def _table(name: str) -> sa.Table:
    return SQLModel.metadata.tables[name]


def _step(db: sa.Connection, name: str) -> int:
    """How far apart the numbers of two copies lie: past the largest there is."""
    column = _table(name).c["case_id" if name == "reporter" else "seq" if name == "case_event" else "id"]
    largest: int = db.scalar(sa.select(sa.func.max(column))) or 0
    return largest


def _copy(
    db: sa.Connection,
    name: str,
    copy: int,
    steps: dict[str, int],
    which: sa.Select[tuple[int]] | None,
    *,
    apart_days: int = APART_DAYS,
) -> sa.Insert:
    """The statement that writes copy `copy` of a table's rows; `which` are the ids of the cases to take."""
    table = _table(name)
    query = sa.select(*(_value(db, column, copy, steps, copy * apart_days) for column in table.c))
    if which is not None:
        query = query.where(table.c["id" if name == "case_file" else "case_id"].in_(which))
    else:  # of the figures the original's only: the copies lie before it
        first = table.c["day" if "day" in table.c else "hour"]
        newest = db.scalar(sa.select(sa.func.max(first)))
        query = query.where(first > newest - timedelta(days=APART_DAYS))
    return sa.insert(table).from_select([column.name for column in table.c], query)


def _value(
    db: sa.Connection, column: sa.Column[Any], copy: int, steps: dict[str, int], days: int
) -> sa.ColumnElement[Any]:
    """What a column holds in a copy: numbers past the original's, moments `days` earlier, the rest as it is."""
    name = column.table.name
    if column.name in ("id", "seq"):
        return column + copy * steps[name]
    if column.name == "case_id":
        return column + copy * steps["case_file"]
    if column.name == "number":
        return sa.literal(f"{copy}/") + column
    if isinstance(column.type, UTCDateTime | sa.Date) and days:
        return _earlier(db, column, days)
    return column


def _earlier(db: sa.Connection, column: sa.Column[Any], days: int) -> sa.ColumnElement[Any]:
    has_time = isinstance(column.type, UTCDateTime)
    if db.dialect.name == "postgresql":
        raw = sa.type_coerce(column, sa.DateTime(timezone=True) if has_time else sa.Date())
        return raw - sa.literal(timedelta(days=days)) if has_time else sa.type_coerce(raw - days, sa.Date())
    form = "%Y-%m-%d %H:%M:%f000" if has_time else "%Y-%m-%d"  # as SQLAlchemy writes them
    return sa.func.strftime(form, column, f"-{days} days", type_=column.type)
