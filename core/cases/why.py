"""Why a promise stands as it does: what was counted, what was skipped and paused, who changed it; it adds up."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from core import calendars
from core.calendars import NOTHING, Calendar
from core.cases.tables import CaseEvent
from core.language import N_
from core.limits import ChangeKind, Clock
from core.rules import Rules
from core.words import Verb


class RowKind(StrEnum):
    """What a row of the account says."""

    STARTED = "started"
    COUNTED = "counted"
    SKIPPED = "skipped"
    PAUSED = "paused"
    EXTENSION = "extension"
    EMERGENCY = "emergency"
    DUE = "due"
    MET = "met"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Row:
    """A stretch of time, or a moment at which something happened to the promise.

    Units: aware UTC; `length` of what was counted, skipped or paused, or the time added or taken away.
    """

    kind: RowKind
    from_at: datetime
    to_at: datetime
    length: timedelta = NOTHING
    reason: str = ""  # a message id, of a skipped stretch
    verb: Verb | None = None  # of the event behind it
    by_id: int | None = None  # who did it or approved it
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Why:
    """The account of one promise up to a moment.

    Units: `elapsed` = `counted` + `skipped` + `paused`; `allowed` in time of the calendar.
    """

    sentence: str  # a message id
    values: Mapping[str, object]  # that fill it
    rows: tuple[Row, ...]
    elapsed: timedelta
    counted: timedelta
    skipped: timedelta
    paused: timedelta
    allowed: timedelta
    calendar: str
    regime: str
    rule_version: str
    is_provisional: bool


LATE = N_("Late by {late}, was due {due}")
STILL = N_("Suspended with {left} left")
KEPT = N_("In time, due {due}")
RUNS = N_("{left} left, due {due}")
GONE = N_("No longer asked for")
ENDS = (("met_at", RowKind.MET), ("cancelled_at", RowKind.CANCELLED), ("superseded_at", RowKind.SUPERSEDED))


def why(clock: Clock, events: Iterable[CaseEvent], now: datetime, rules: Rules, rule_version: str = "") -> Why:
    """The account of `clock` from its start until it ended, or until `now`.

    `events` are those of its case; `rule_version` is the one stored with the clock, else that of `rules`.
    """
    by_ordinal = {event.ordinal: event for event in events}
    calendar = rules.calendars[clock.calendar]
    until = max(clock.starts_at, _end(clock) or now)
    stretches = [*_stretches(clock, calendar, until, by_ordinal)]
    sums = {kind: _sum(stretches, kind) for kind in (RowKind.COUNTED, RowKind.SKIPPED, RowKind.PAUSED)}
    sentence = _sentence(clock, until)
    return Why(
        sentence=sentence,
        values=_values(clock, until, sums),
        rows=tuple(sorted((*_moments(clock, until, by_ordinal), *stretches), key=lambda row: row.from_at)),
        elapsed=until - clock.starts_at,
        counted=sums[RowKind.COUNTED],
        skipped=sums[RowKind.SKIPPED],
        paused=sums[RowKind.PAUSED],
        allowed=clock.allowed,
        calendar=calendar.name,
        regime=rules.regimes[clock.regime].name if clock.regime in rules.regimes else clock.regime,
        rule_version=rule_version or rules.version,
        is_provisional=clock.is_provisional,
    )


def _end(clock: Clock) -> datetime | None:
    return clock.met_at or clock.cancelled_at or clock.superseded_at


def _sum(rows: Sequence[Row], kind: RowKind) -> timedelta:
    return sum((row.length for row in rows if row.kind is kind), NOTHING)


def _stretches(clock: Clock, calendar: Calendar, until: datetime, events: Mapping[int, CaseEvent]) -> Iterator[Row]:
    """The whole time from the start, cut where it stops or begins to count."""
    at = clock.starts_at
    for pause in clock.pauses:
        begin, end = max(min(pause.from_at, until), at), max(min(pause.to_at or until, until), at)
        yield from _spans(calendar, at, begin)
        if begin < end:
            yield _row(RowKind.PAUSED, begin, end, events.get(pause.ordinal), end - begin)
        at = end
    yield from _spans(calendar, at, until)


def _spans(calendar: Calendar, start: datetime, end: datetime) -> Iterator[Row]:
    for span in calendars.spans(calendar, start, end):
        yield Row(RowKind(span.kind), span.from_at, span.to_at, span.length, span.reason)


def _moments(clock: Clock, until: datetime, events: Mapping[int, CaseEvent]) -> Iterator[Row]:
    """What happened at a moment: it was made, changed, fell due, ended."""
    yield _row(RowKind.STARTED, clock.starts_at, clock.starts_at, _starter(clock, events))
    for change in clock.changes:
        kind = RowKind.EXTENSION if change.kind is ChangeKind.EXTENSION else RowKind.EMERGENCY
        yield _row(kind, change.at, change.at, events.get(change.ordinal), change.by)
    if clock.due_at <= until:
        yield Row(RowKind.DUE, clock.due_at, clock.due_at)
    for name, kind in ENDS:
        if at := getattr(clock, name):
            yield _row(kind, at, at, next((e for e in events.values() if e.occurred_at == at), None))


def _starter(clock: Clock, events: Mapping[int, CaseEvent]) -> CaseEvent | None:
    """The event at its start; of a promise made by a correction that is an earlier one."""
    made = events.get(clock.ordinal)
    if made is not None and made.occurred_at == clock.starts_at:
        return made
    return next((event for event in events.values() if event.occurred_at == clock.starts_at), made)


def _row(kind: RowKind, start: datetime, end: datetime, event: CaseEvent | None, length: timedelta = NOTHING) -> Row:
    if event is None:
        return Row(kind, start, end, length)
    return Row(kind, start, end, length, verb=Verb(event.verb), by_id=event.by_id, note=event.note)


def _sentence(clock: Clock, until: datetime) -> str:
    if clock.met_at:
        return KEPT if clock.is_kept else LATE
    if clock.superseded_at or (clock.cancelled_at and not (clock.unit_id and clock.cancelled_at > clock.due_at)):
        return GONE
    if clock.paused_at:
        return STILL if clock.is_open_ended else LATE
    return LATE if until > clock.due_at else RUNS


def _values(clock: Clock, until: datetime, sums: Mapping[RowKind, timedelta]) -> dict[str, object]:
    at = clock.paused_at or until
    return {
        "start": clock.starts_at,
        "due": clock.due_at,
        "allowed": clock.allowed,
        "late": max(at - clock.due_at, NOTHING),
        "left": max(clock.allowed - sums[RowKind.COUNTED], NOTHING),
        **{kind.value: length for kind, length in sums.items()},
    }
