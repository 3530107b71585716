"""What happened in a shift, told by the events themselves, with what waits when it ends."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select

from core.cases.queries import visible_to
from core.cases.queues import promised
from core.cases.tables import Case, CaseEvent, Emergency
from core.clock import day_start
from core.desk_words import ShiftKind
from core.handover.tables import ShiftEntry
from core.limits import Clock
from core.people import Principal
from core.units import Unit
from core.whistles import open_whistles, whistles_between
from core.words import ENDED, Severity, Stage, Verb

BEGINS = timedelta(hours=8)  # a shift lasts from 08:00 to 08:00
SHIFT, RELIEF = timedelta(hours=24), timedelta(hours=2)  # and is handed over soon after
LISTED = 200  # undone cases and calls that a handover names one by one
BY_HAND = tuple(kind for kind in ShiftKind if kind not in (ShiftKind.HANDED_OVER, ShiftKind.TAKEN_OVER))


@dataclass(frozen=True, slots=True)
class Undone:
    """An open case that the next officer must know of: what comes next, and when.

    Units: aware UTC as text in ISO 8601, as it is signed.
    """

    number: str
    title: str
    severity: Severity
    stage: Stage
    unit: str
    due_at: str | None
    regime: str = ""  # under which the promise was made that falls due then
    promise: str = ""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something in the log: when, of what kind, about which case, and what was said.

    Units: aware UTC as text in ISO 8601, as it is signed.
    """

    at: str
    kind: str  # a verb of cases, or a kind of entry
    number: str
    text: str


@dataclass(frozen=True, slots=True)
class Log:
    """A shift as it stands: since when, what came and went, what was said, what is undone."""

    since: datetime
    until: datetime
    received: int
    closed: int
    open: int
    overdue: int
    became_overdue: int
    whistles: int
    whistles_open: int
    calls: tuple[Happening, ...]  # steps that units told by phone, and the officer's own
    entries: tuple[Happening, ...]  # instructions, orders of leaders, equipment, weather, notes
    undone: tuple[Undone, ...]
    pressing: int  # how many are undone, those beyond the list with them

    def signed(self) -> dict[str, Any]:
        """The log as plain values, to be kept with a signature."""
        return asdict(self) | {"since": self.since.isoformat(), "until": self.until.isoformat()}


def log(db: Session, who: Principal, path: str, *, now: datetime) -> Log:
    """The shift at the desk of `path` up to now: it began when the last one was taken over, else at 08:00."""
    return log_between(db, who, path, began(db, path, now), now)


def began(db: Session, path: str, now: datetime) -> datetime:
    """When the shift began: at the handover that was last signed by both, before the first one at 08:00."""
    last = db.exec(
        select(ShiftEntry)
        .where(ShiftEntry.path == path, col(ShiftEntry.kind).in_((ShiftKind.HANDED_OVER, ShiftKind.TAKEN_OVER)))
        .order_by(col(ShiftEntry.ordinal).desc())
    ).first()
    if last is None or last.given is None:
        return day_start(now - BEGINS - RELIEF) + BEGINS
    if last.kind == ShiftKind.HANDED_OVER:  # not relieved yet
        return datetime.fromisoformat(last.given["since"])
    return db.get_one(ShiftEntry, last.given["handover"]).at


def on_shift(db: Session, now: datetime) -> dict[str, str]:
    """Who has the shift at each desk, by its path: who took it over last, unless that is longer ago than a shift."""
    rows = db.exec(
        select(ShiftEntry)
        .where(ShiftEntry.kind == ShiftKind.TAKEN_OVER, col(ShiftEntry.at) > now - SHIFT - RELIEF)
        .order_by(col(ShiftEntry.ordinal))
    )
    return {row.path: row.by_name for row in rows}


def log_between(db: Session, who: Principal, path: str, since: datetime, until: datetime) -> Log:
    """What happened from `since` to `until`, and what is open now."""
    flows = dict(db.execute(_happened(who, since, until)).all())
    late = (visible_to(who), col(Case.ended_at).is_(None), col(Case.due_at) < until)
    total, overdue, became = (_count(db, *found) for found in (late[:2], late, (*late, col(Case.due_at) >= since)))
    entries = list(db.exec(_entries(path, since, until)))
    blown = whistles_between(db, who, since, until)
    return Log(
        since, until, flows.get(Verb.REPORT, 0), flows.get(Verb.CLOSE, 0) + flows.get(Verb.SELF_HANDLE, 0), total,
        overdue, became, len(blown), len(open_whistles(db, who)),
        tuple(sorted((*_phoned(db, who, since, until), *_of(entries, (ShiftKind.CALL,))), key=lambda one: one.at)),
        tuple(sorted((*_orders(db, who, since, until), *_of(entries, BY_HAND[1:])), key=lambda one: one.at)),
        undone(db, who, until), _count(db, *_pressing(who, until)),
    )  # fmt: skip


def _happened(who: Principal, since: datetime, until: datetime) -> Any:
    """How often each step was taken; all of them, for the moments are the narrower choice."""
    return (
        select(CaseEvent.verb, func.count())
        .join(Case, col(Case.id) == CaseEvent.case_id)
        .where(
            visible_to(who),
            col(CaseEvent.recorded_at) >= since,
            col(CaseEvent.recorded_at) < until,
        )
        .group_by(col(CaseEvent.verb))
    )


def _told(who: Principal, since: datetime, until: datetime) -> Any:
    return (
        select(CaseEvent, Case.number, Unit.name)
        .join(Case, col(Case.id) == CaseEvent.case_id)
        .join(Unit, col(Unit.id) == CaseEvent.on_behalf_of, isouter=True)
        .where(visible_to(who), col(CaseEvent.recorded_at) >= since, col(CaseEvent.recorded_at) < until)
        .order_by(col(CaseEvent.seq).desc())
        .limit(LISTED)
    )


def _phoned(db: Session, who: Principal, since: datetime, until: datetime) -> list[Happening]:
    rows = db.execute(_told(who, since, until).where(col(CaseEvent.on_behalf_of).is_not(None)))
    return [
        Happening(e.occurred_at.isoformat(), e.verb, number, f"{unit or ''} {e.note or ''}".strip())
        for e, number, unit in rows
    ]


def _orders(db: Session, who: Principal, since: datetime, until: datetime) -> list[Happening]:
    rows = db.execute(_told(who, since, until).where(CaseEvent.verb == Verb.SUPERVISE))
    found = [Happening(e.occurred_at.isoformat(), e.verb, number, e.note or "") for e, number, _unit in rows]
    modes = db.exec(select(Emergency).where(Emergency.from_at >= since, Emergency.from_at < until))
    return found + [Happening(row.from_at.isoformat(), "emergency", "", row.reason) for row in modes]


def _entries(path: str, since: datetime, until: datetime) -> Any:
    within = (ShiftEntry.path == path, ShiftEntry.recorded_at >= since, ShiftEntry.recorded_at <= until)
    return select(ShiftEntry).where(*within, col(ShiftEntry.kind).in_(BY_HAND)).order_by(col(ShiftEntry.ordinal))


def _of(entries: Sequence[ShiftEntry], kinds: Sequence[ShiftKind]) -> list[Happening]:
    return [Happening(e.at.isoformat(), e.kind, e.by_name, e.text) for e in entries if e.kind in kinds]


def _pressing(who: Principal, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Which cases are named at a handover: overdue or due within the next shift, and the grave ones."""
    presses = (col(Case.due_at) < now + timedelta(days=1)) | col(Case.severity).in_((Severity.RED, Severity.ORANGE))
    return visible_to(who), col(Case.ended_at).is_(None), col(Case.stage).not_in(ENDED), presses


def _count(db: Session, *conditions: ColumnElement[bool]) -> int:
    return int(db.execute(select(func.count()).select_from(Case).where(*conditions)).scalar_one())


def undone(db: Session, who: Principal, now: datetime) -> tuple[Undone, ...]:
    """The open cases to be named at a handover, the first due first."""
    rows = db.execute(
        select(Case, Unit.name)
        .join(Unit, col(Unit.id) == Case.unit_id, isouter=True)
        .where(*_pressing(who, now))
        .order_by(col(Case.due_at).is_(None), col(Case.due_at), col(Case.id))
        .limit(LISTED)
    )
    found = rows.all()
    promises = promised(db, [case.id for case, _unit in found])
    return tuple(_undone(case, unit or "", promises.get(case.id)) for case, unit in found)


def _undone(case: Case, unit: str, promise: Clock | None) -> Undone:
    due_at = case.due_at.isoformat() if case.due_at else None
    named = (promise.regime, promise.name) if promise else ("", "")
    return Undone(case.number, case.title, Severity(case.severity), Stage(case.stage), unit, due_at, *named)
