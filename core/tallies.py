"""What happened where, by day, hour, category, source and severity: the rollup under every drill-down.

Kept up in the transaction of each event. The finest rows are those of the place of a case, and whatever lies above is a
sum of them; a street and what lies directly in it have sums of their own, for one filter at a time.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import NamedTuple

from sqlalchemy import Column, Date, Executable, Index, Integer, String, Table, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, Session, SQLModel

from core import limits
from core.cases.clocks import Done
from core.cases.steps import STEPS, CaseState, Correction
from core.clock import local
from core.words import Severity, Source, Stage, Verb, Verdict

# upper ends of the bands of the time from report to closure, in hours; the last band has no end
BANDS_H = (0.5, 1, 2, 3, 4, 6, 8, 12, 18, 24, 36, 48, 72, 96, 120, 168, 240, 336, 720)
NO_HOUR, NO_BAND = -1, -1
NUMBERS = ("reported", "closed", "gone", "promised", "settled", "kept", "reworked", "replied", "satisfied")
BANDS = tuple(f"band_{number}" for number in range(len(BANDS_H) + 1))
FACETS = ("category", "source", "severity")
OTHERS = {Verb.REWORK: "reworked", **dict.fromkeys((Verb.VOID, Verb.REFUSE, Verb.MERGE), "gone")}


class Tally(SQLModel, table=True):
    """What happened at one place in one day to cases of one kind.

    Units: `day` of Asia/Shanghai; `promised`, `settled` and `kept` stand at the day on which the promise falls due;
    `hour` is that of a report, `band` that of a closure (see `BANDS_H`), -1 for everything else.
    """

    __tablename__ = "tally"
    __table_args__ = (
        Index(  # reports alone, for the places where the same trouble comes again: no row is fetched for it
            "ix_tally_reported",
            *("day", "grid_id", "place_id", "category", "source", "severity", "hour", "reported"),
            sqlite_where=text("hour >= 0"),
            postgresql_where=text("hour >= 0"),
        ),
        {"sqlite_with_rowid": False},  # clustered by grid and day: what a view reads lies together
    )
    grid_id: int = Field(primary_key=True, foreign_key="place.id")
    day: date = Field(primary_key=True)
    place_id: int = Field(primary_key=True)  # the building, or the grid again where there is none
    category: str = Field(primary_key=True, max_length=40)
    source: Source = Field(primary_key=True, sa_type=String(16))
    severity: Severity = Field(primary_key=True, sa_type=String(8))
    hour: int = Field(primary_key=True)
    band: int = Field(primary_key=True)
    reported: int = 0
    closed: int = 0
    gone: int = 0  # ended without a result
    promised: int = 0
    settled: int = 0  # promises that were met, be it late
    kept: int = 0
    reworked: int = 0
    replied: int = 0  # residents called back, at the day of the call
    satisfied: int = 0  # mostly satisfied ones among them


AREA_TALLY = Table(
    "area_tally",  # a table and no model: its columns follow the bands
    SQLModel.metadata,
    # clustered so that a street in a period is read in one go, beside what lies directly in it
    Column("within_id", Integer, primary_key=True, autoincrement=False),  # the street around it, 0 around a street
    Column("facet", String(60), primary_key=True),  # see `facets`
    Column("day", Date, primary_key=True),
    Column("place_id", Integer, primary_key=True, autoincrement=False),
    *(Column(name, Integer, nullable=False) for name in (*NUMBERS, *BANDS)),
    sqlite_with_rowid=False,
)


class Kind(NamedTuple):
    """Where a case counts, and as what."""

    path: str
    grid_id: int
    place_id: int
    category: str
    source: str
    severity: str


class Key(NamedTuple):
    """One number of one row."""

    kind: Kind
    day: date
    hour: int
    band: int
    name: str


Deltas = Counter[Key]


def band(took: timedelta) -> int:
    """The band into which a time from report to closure falls."""
    return bisect_left(BANDS_H, took / timedelta(hours=1))


def deltas(before: CaseState, after: CaseState, kind: Kind, correction: Correction | None = None) -> Deltas:
    """What the step from `before` to `after` adds; `kind` is that of the case after the step.

    What a correction moves away was counted at another place or as another kind, and is taken back there.
    """
    found: Deltas = Counter()
    reported_at, was = after.history[0].at, _kind_before(kind, correction)
    found.update(_counted(after.history[-1], reported_at, kind))
    if was != kind:
        for done in before.history:
            found.update(_counted(done, reported_at, kind))
            found.subtract(_counted(done, reported_at, was))
    found.subtract(_promise(before, was))
    found.update(_promise(after, kind))
    return found


def _kind_before(kind: Kind, correction: Correction | None) -> Kind:
    if correction is None:
        return kind
    told = correction.was
    return Kind(
        told.path, told.grid_id, told.place_id, told.category, told.source or kind.source,
        told.severity or kind.severity,
    )  # fmt: skip


def _counted(done: Done, reported_at: datetime, kind: Kind) -> Iterator[Key]:
    """The numbers to which a step adds one."""
    step, moment = STEPS[done.verb], local(done.at)
    if done.verb is Verb.REPORT:
        yield Key(kind, moment.date(), moment.hour, NO_BAND, "reported")
    elif step.after is Stage.CLOSED:
        yield Key(kind, moment.date(), NO_HOUR, band(done.at - reported_at), "closed")
    elif name := OTHERS.get(done.verb):
        yield Key(kind, moment.date(), NO_HOUR, NO_BAND, name)
    if step.verdict:
        yield Key(kind, moment.date(), NO_HOUR, NO_BAND, "replied")
        if step.verdict is not Verdict.NOT_SATISFIED:
            yield Key(kind, moment.date(), NO_HOUR, NO_BAND, "satisfied")


def _promise(state: CaseState, kind: Kind) -> Iterator[Key]:
    clock = limits.final(state.clocks)
    if clock is None or clock.is_open_ended:  # suspended: it falls due on no known day
        return
    names = ("promised", *(["settled"] if clock.met_at else []), *(["kept"] if clock.is_kept else []))
    yield from (Key(kind, local(clock.due_at).date(), NO_HOUR, NO_BAND, name) for name in names)


def facet(name: str, value: str) -> str:
    """What an area tally is narrowed to."""
    return f"{name}:{value}"


def facets(kind: Kind) -> tuple[str, ...]:
    """The area tallies that count a case: that of all, and one for each filter there is."""
    return ("", *(facet(name, getattr(kind, name)) for name in FACETS))


def areas(path: str) -> list[tuple[int, int]]:
    """The street of a path and what lies directly in it, each after what is around it."""
    street, *below = map(int, path.strip("/").split("/"))
    return [(0, street), *((street, place) for place in below[:1])]


def add(db: Session, changes: Deltas) -> None:
    """Add `changes` to the stored rows."""
    fine: _Rows = defaultdict(Counter)
    coarse: _Rows = defaultdict(Counter)
    wide: Deltas = Counter()  # most cases of a day in one community add to the same rows: they are put together first
    for key, number in changes.items():
        if number:
            kind = key.kind
            own = (kind.grid_id, key.day, kind.place_id, kind.category, kind.source, kind.severity, key.hour, key.band)
            fine[own][key.name] += number
            wide[_widened(key)] += number
    for key, number in wide.items():
        if number:
            _count(coarse, key, number)
    _write(db, Tally.__table__, fine, NUMBERS)  # type: ignore[attr-defined]
    _write(db, AREA_TALLY, coarse, (*NUMBERS, *BANDS))


_Rows = defaultdict[tuple[object, ...], Counter[str]]  # by primary key in the order of its columns


def _widened(key: Key) -> Key:
    """The key as far as area tallies tell it apart: without the hour, the grid and what lies in it."""
    kind = key.kind
    area = "/".join(kind.path.split("/", 3)[:3])
    return Key(Kind(area, 0, 0, kind.category, kind.source, kind.severity), key.day, NO_HOUR, key.band, key.name)


def _count(coarse: _Rows, key: Key, number: int) -> None:
    for within, place in areas(key.kind.path):
        for told in facets(key.kind):
            row = coarse[within, told, key.day, place]
            row[key.name] += number
            if key.band != NO_BAND:
                row[BANDS[key.band]] += number


def _write(db: Session, table: Table, rows: _Rows, numbers: Sequence[str]) -> None:
    if not rows:
        return
    keys = [column.name for column in table.primary_key]
    values = [
        dict(zip(keys, key, strict=True)) | {name: counted[name] for name in numbers} for key, counted in rows.items()
    ]
    db.connection().execute(_upsert(table, db.get_bind().dialect.name, tuple(numbers)), values)


@cache
def _upsert(table: Table, dialect: str, numbers: tuple[str, ...]) -> Executable:
    """The statement that adds to rows; built once, for building it takes longer than running it."""
    statement = (sqlite if dialect == "sqlite" else postgresql).insert(table)
    summed = {name: table.c[name] + statement.excluded[name] for name in numbers}
    upsert: Executable = statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=summed)
    return upsert
