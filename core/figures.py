"""Figures over periods as rollups, kept up in the transaction of each event: nothing live grows with history."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, Session, SQLModel, col, select

from core import limits
from core.cases.clocks import Done
from core.cases.steps import STEPS, CaseState, Correction
from core.cases.tables import Case
from core.clock import hour_start, local
from core.limits import Clock
from core.words import Stage, Verb, Verdict


class HourFigure(SQLModel, table=True):
    """What came in and went out of a grid in one hour.

    Units: `hour` is the start of the hour, aware UTC.
    """

    __tablename__ = "hour_figure"
    hour: datetime = Field(primary_key=True)
    grid_id: int = Field(primary_key=True, foreign_key="place.id")
    reported: int = 0
    closed: int = 0
    voided: int = 0
    reopened: int = 0  # open again after all: the resident was not satisfied


class DayFigure(SQLModel, table=True):
    """What a grid received and promised in one category on one day, and what residents said on it.

    Units: `day` is a day of Asia/Shanghai; `promised` and `kept` stand at the day on which the promise falls due,
    `replied` and `satisfied` (mostly satisfied among them) at the day of the call.
    """

    __tablename__ = "day_figure"
    day: date = Field(primary_key=True)
    grid_id: int = Field(primary_key=True, foreign_key="place.id")
    category: str = Field(primary_key=True, max_length=40)
    reported: int = 0
    promised: int = 0
    kept: int = 0
    replied: int = 0
    satisfied: int = 0


class HourKey(NamedTuple):
    """One figure of one hour."""

    hour: datetime
    grid_id: int
    name: str


class DayKey(NamedTuple):
    """One figure of one day."""

    day: date
    grid_id: int
    category: str
    name: str


Deltas = Counter[HourKey | DayKey]
_MODELS: dict[type[HourKey] | type[DayKey], type[SQLModel]] = {HourKey: HourFigure, DayKey: DayFigure}
_BLANK = {kind: dict.fromkeys(model.model_fields, 0) for kind, model in _MODELS.items()}
FLOWS = {
    Stage.REPORTED: "reported",
    Stage.CLOSED: "closed",
    **dict.fromkeys((Stage.VOIDED, Stage.REFUSED, Stage.MERGED), "voided"),  # gone without a result
}


def deltas(
    before: CaseState, after: CaseState, grid_id: int, category: str, correction: Correction | None = None
) -> Deltas:
    """What the step from `before` to `after` adds to the figures; a withdrawn promise counts -1.

    `grid_id` and `category` are those of the case after the step; what a correction was told before moves away.
    """
    found: Deltas = Counter()
    now = (grid_id, category)
    was = (correction.was.grid_id, correction.was.category) if correction else now
    found.update(_counted(after.history[-1], *now))
    if was != now:  # what happened counts at the place and in the category the case is known to be of
        for done in before.history:
            found.update(_counted(done, *now))
            found.subtract(_counted(done, *was))
    for state, sign, (grid, code) in ((before, -1, was), (after, 1, now)):
        clock = limits.final(state.clocks)
        for name in _promise(clock):
            found[DayKey(local(clock.due_at).date(), grid, code, name)] += sign  # type: ignore[union-attr]
    return found


def _counted(done: Done, grid_id: int, category: str) -> Iterator[HourKey | DayKey]:
    """The figures to which a step adds one."""
    step, day = STEPS[done.verb], local(done.at).date()
    if name := "reopened" if done.verb is Verb.REOPEN else FLOWS.get(step.after) if step.after else None:
        yield HourKey(hour_start(done.at), grid_id, name)
    if done.verb is Verb.REPORT:
        yield DayKey(day, grid_id, category, "reported")
    if step.verdict:
        yield DayKey(day, grid_id, category, "replied")
        if step.verdict is not Verdict.NOT_SATISFIED:
            yield DayKey(day, grid_id, category, "satisfied")


def _promise(clock: Clock | None) -> tuple[str, ...]:
    if clock is None or clock.is_open_ended:  # suspended: it falls due on no known day
        return ()
    return ("promised", "kept") if clock.is_kept else ("promised",)


def add(db: Session, changes: Deltas) -> None:
    """Add `changes` to the stored figures."""
    for table, rows in _rows(changes):
        if rows:
            _upsert(db, table, rows)


def _rows(changes: Deltas) -> Iterable[tuple[Table, list[dict[str, Any]]]]:
    """The changes as one row a key, zero for what does not change."""
    found: dict[type[HourKey] | type[DayKey], dict[tuple[object, ...], dict[str, Any]]] = {HourKey: {}, DayKey: {}}
    for key, number in changes.items():
        if number:
            row = found[type(key)].setdefault(key[:-1], _BLANK[type(key)] | key._asdict())
            row[key.name] += number
    return [
        (_table(model), [{name: row[name] for name in model.model_fields} for row in found[kind].values()])
        for kind, model in _MODELS.items()
    ]


def _upsert(db: Session, table: Table, rows: list[dict[str, Any]]) -> None:
    dialect = sqlite if db.get_bind().dialect.name == "sqlite" else postgresql
    statement = dialect.insert(table)
    keys = [column.name for column in table.primary_key]
    added: Mapping[str, Any] = {
        column.name: column + statement.excluded[column.name] for column in table.columns if column.name not in keys
    }
    db.connection().execute(statement.on_conflict_do_update(index_elements=keys, set_=added), rows)


def _table(model: type[SQLModel]) -> Table:
    return model.__table__  # type: ignore[attr-defined, no-any-return]


WINDOW = timedelta(days=57)  # eight same weekdays back, and the day around them
SAMPLE = 5_000  # resolved cases at most behind the medians of units


class Hour(NamedTuple):
    """The flows of one grid in one hour."""

    hour: datetime
    reported: int
    closed: int
    voided: int
    reopened: int = 0


class Day(NamedTuple):
    """Reports, promises and verdicts of one grid and category on one day."""

    day: date
    category: str
    reported: int
    promised: int
    kept: int
    replied: int = 0
    satisfied: int = 0


@dataclass(frozen=True)
class Window:
    """The figures of the last weeks, by grid, as the live picture holds them."""

    hours: Mapping[int, tuple[Hour, ...]]
    days: Mapping[int, tuple[Day, ...]]
    unit_hours: Mapping[int, tuple[float, ...]]  # by unit: hours from dispatch to resolution, last 28 days


def window(db: Session, now: datetime) -> Window:
    """The figures of the last weeks up to `now`."""
    return Window(_hours(db, now, None), _days(db, now, None), _unit_hours(db, now))


def refreshed(old: Window, db: Session, now: datetime, grids: set[int]) -> Window:
    """The window after something happened in `grids`; only their rows are read again."""
    hours = {**old.hours, **dict.fromkeys(grids, ()), **_hours(db, now, grids)}
    days = {**old.days, **dict.fromkeys(grids, ()), **_days(db, now, grids)}
    return replace(old, hours=hours, days=days)


def _hours(db: Session, now: datetime, grids: set[int] | None) -> dict[int, tuple[Hour, ...]]:
    f = HourFigure
    columns = (f.grid_id, f.hour, f.reported, f.closed, f.voided, f.reopened)
    query = select(*map(col, columns)).where(f.hour >= now - WINDOW)
    return _by_grid(db, query, f, grids, Hour)


def _days(db: Session, now: datetime, grids: set[int] | None) -> dict[int, tuple[Day, ...]]:
    f = DayFigure
    first = local(now - WINDOW).date()
    columns = (f.grid_id, f.day, f.category, f.reported, f.promised, f.kept, f.replied, f.satisfied)
    query = select(*map(col, columns)).where(f.day >= first)
    return _by_grid(db, query, f, grids, Day)


def _by_grid(db: Session, query: Any, table: Any, grids: set[int] | None, row_type: Any) -> dict[int, tuple[Any, ...]]:
    if grids is not None:
        query = query.where(col(table.grid_id).in_(grids))
    found: dict[int, list[Any]] = {}
    for row in db.execute(query):
        found.setdefault(row[0], []).append(row_type(*row[1:]))
    return {grid: tuple(rows) for grid, rows in found.items()}


def _unit_hours(db: Session, now: datetime) -> dict[int, tuple[float, ...]]:
    """Hours from dispatch to resolution by unit; the newest cases only, so that no history makes it slow."""
    rows = db.execute(
        select(Case.unit_id, Case.dispatched_at, Case.resolved_at)
        .where(col(Case.resolved_at) >= now - timedelta(days=28), col(Case.dispatched_at).is_not(None))
        .order_by(col(Case.resolved_at).desc())
        .limit(SAMPLE)
    )
    found: dict[int, list[float]] = {}
    for unit_id, dispatched_at, resolved_at in rows:
        found.setdefault(unit_id, []).append((resolved_at - dispatched_at).total_seconds() / 3600)
    return {unit: tuple(hours) for unit, hours in found.items()}
