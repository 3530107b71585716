"""What happened where, by day, hour, category, source and severity: the rollup under every drill-down.

Kept up in the transaction of each event. Only the place of a case has rows, so whatever lies above is a sum of them.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import String
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
OTHERS = {Verb.REWORK: "reworked", **dict.fromkeys((Verb.VOID, Verb.REFUSE, Verb.MERGE), "gone")}


class Tally(SQLModel, table=True):
    """What happened at one place in one day to cases of one kind.

    Units: `day` of Asia/Shanghai; `promised`, `settled` and `kept` stand at the day on which the promise falls due;
    `hour` is that of a report, `band` that of a closure (see `BANDS_H`), -1 for everything else.
    """

    __tablename__ = "tally"
    # clustered by grid and day: what a view reads lies together
    __table_args__ = {"sqlite_with_rowid": False}
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


class Kind(NamedTuple):
    """Where a case counts, and as what."""

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
    severity = told.severity or kind.severity
    return kind._replace(grid_id=told.grid_id, place_id=told.place_id, category=told.category, severity=severity)


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


def add(db: Session, changes: Deltas) -> None:
    """Add `changes` to the stored rows."""
    rows = list(_rows(changes))
    if not rows:
        return
    table = Tally.__table__  # type: ignore[attr-defined]
    dialect = sqlite if db.get_bind().dialect.name == "sqlite" else postgresql
    statement = dialect.insert(table)
    summed = {name: table.c[name] + statement.excluded[name] for name in NUMBERS}
    db.connection().execute(statement.on_conflict_do_update(index_elements=table.primary_key, set_=summed), rows)


def _rows(changes: Deltas) -> Iterable[dict[str, Any]]:
    """The changes as one row a key, zero for what does not change."""
    found: dict[tuple[object, ...], dict[str, Any]] = {}
    for key, number in changes.items():
        if number:
            blank = {**key.kind._asdict(), "day": key.day, "hour": key.hour, "band": key.band}
            found.setdefault(key[:4], blank | dict.fromkeys(NUMBERS, 0))[key.name] += number
    return found.values()
