"""Time limits: clocks as plain values, and how each stands at a moment. Knows nothing of cases."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from operator import attrgetter
from typing import Any, NamedTuple

from core import calendars
from core.calendars import NATURAL, NOTHING, Calendar, Due
from core.words import ClockState


class Pause(NamedTuple):
    """A stretch in which a clock stood still; it still does while there is no `to_at`."""

    from_at: datetime
    to_at: datetime | None
    ordinal: int  # of the event that began it


class ChangeKind(StrEnum):
    """Why a promise was given other hours."""

    EXTENSION = "extension"
    EMERGENCY = "emergency"


class Change(NamedTuple):
    """Hours added to a promise, or taken away, at a moment.

    Units: `by` in time of the clock's calendar.
    """

    kind: ChangeKind
    at: datetime
    by: timedelta
    ordinal: int  # of the event that made it


@dataclass(frozen=True, slots=True)
class Clock:
    """One promise running on one case; what happened to it stays with it.

    Units: aware UTC; `hours` > 0 of the calendar, as first promised.
    """

    name: str  # of the regime: on_site, resolved, answered, checked, closed
    hours: float
    starts_at: datetime
    due_at: datetime
    is_final: bool  # the promise by which "in time" is judged
    met_at: datetime | None = None
    cancelled_at: datetime | None = None
    calendar: str = NATURAL.code
    unit_id: int | None = None  # of the unit whose own clock it is
    pauses: tuple[Pause, ...] = ()
    changes: tuple[Change, ...] = ()
    superseded_at: datetime | None = None  # when a correction put another promise in its place
    is_provisional: bool = False  # the holidays on its way are not published yet
    ordinal: int = 0  # of the event that made the promise
    regime: str = ""  # under which it was made; an order stands under none

    @property
    def is_running(self) -> bool:
        """Whether the promise is still to be kept, be it that its clock stands still."""
        return self.met_at is None and self.cancelled_at is None and self.superseded_at is None

    @property
    def is_kept(self) -> bool:
        """Whether the promise was kept in time."""
        return self.met_at is not None and self.met_at <= self.due_at

    @property
    def paused_at(self) -> datetime | None:
        """Since when the clock stands still, if it does."""
        is_paused = self.is_running and self.pauses and self.pauses[-1].to_at is None
        return self.pauses[-1].from_at if is_paused else None

    @property
    def is_open_ended(self) -> bool:
        """Whether no due time can be named: it stands still and was not overdue before."""
        return self.paused_at is not None and self.paused_at < self.due_at

    @property
    def allowed(self) -> timedelta:
        """The time promised, with what was added and taken away.

        Units: time of the clock's calendar.
        """
        return sum((change.by for change in self.changes), timedelta(hours=self.hours))

    def but(self, **changes: Any) -> "Clock":
        """The same promise with some values changed; what `dataclasses.replace` does in half the time."""
        values = list(_VALUES(self))
        for name, value in changes.items():
            values[_INDEX[name]] = value
        return Clock(*values)

    def left(self, now: datetime) -> timedelta:
        """The time left until it falls due, below zero when it is late; it stands still while the clock does."""
        return self.due_at - (self.paused_at or now)

    def state(self, now: datetime, soon: timedelta) -> ClockState:
        """How the promise stands at `now`; `soon` is how long before the due time it is due soon."""
        if self.superseded_at is not None:
            return ClockState.SUPERSEDED
        if self.cancelled_at is not None:  # a unit that gave the case away late was late
            is_late = self.unit_id is not None and self.cancelled_at > self.due_at
            return ClockState.MISSED if is_late else ClockState.CANCELLED
        if self.met_at is not None:
            return ClockState.MET if self.is_kept else ClockState.MISSED
        return ClockState.PAUSED if self.paused_at else running_state(self.due_at, now, soon)


_INDEX = {field.name: index for index, field in enumerate(fields(Clock))}
_VALUES = attrgetter(*_INDEX)


def running_state(due_at: datetime, now: datetime, soon: timedelta) -> ClockState:
    """How a promise not yet kept stands at `now`: at its due time it is not yet overdue."""
    if now > due_at:
        return ClockState.OVERDUE
    return ClockState.DUE_SOON if due_at - now <= soon else ClockState.RUNNING


def shown_state(
    due_at: datetime | None, suspended_at: datetime | None, now: datetime, soon: timedelta
) -> ClockState | None:
    """How a case stands in lists and on the wall: suspended, or by the promise that falls due first; None without."""
    if suspended_at:
        return ClockState.PAUSED
    return running_state(due_at, now, soon) if due_at else None


def due_at(start: datetime, hours: float, calendar: Calendar = NATURAL) -> datetime:
    """When a promise of `hours` made at `start` falls due.

    Units: aware UTC; hours of the calendar.
    """
    return calendars.add_hours(calendar, start, hours).at


def due(calendar: Calendar, start: datetime, allowed: timedelta, pauses: Iterable[Pause] = ()) -> Due:
    """When `allowed` has been counted since `start` outside the pauses; a pause without end is not waited for."""
    at, left = start, allowed
    for pause in pauses:
        passed = calendars.counted(calendar, at, pause.from_at)
        if passed >= left or pause.to_at is None:
            break
        at, left = pause.to_at, left - passed
    return calendars.add(calendar, at, left)


def counted(clock: Clock, until: datetime, calendar: Calendar) -> timedelta:
    """How much of a promise's time has been used at `until`: what its calendar counts outside the pauses."""
    at, used = clock.starts_at, NOTHING
    for pause in clock.pauses:
        used += calendars.counted(calendar, at, min(pause.from_at, until))
        at = until if pause.to_at is None else max(pause.to_at, at)
    return used + calendars.counted(calendar, at, until)


def started(
    name: str,
    hours: float,
    at: datetime,
    *,
    is_final: bool,
    calendar: Calendar = NATURAL,
    unit_id: int | None = None,
    ordinal: int = 0,
    regime: str = "",
) -> Clock:
    """A clock that begins to run at `at`."""
    found = calendars.add_hours(calendar, at, hours)
    return Clock(
        name, hours, at, found.at, is_final, None, None, calendar.code, unit_id, (), (), None, found.is_provisional,
        ordinal, regime,
    )  # fmt: skip


def reckoned(clock: Clock, calendar: Calendar) -> Clock:
    """The clock with its due time reckoned anew from everything that is known of it."""
    return _reckoned(clock, calendar, clock.pauses, clock.changes)


def _reckoned(clock: Clock, calendar: Calendar, pauses: tuple[Pause, ...], changes: tuple[Change, ...]) -> Clock:
    allowed = timedelta(hours=clock.hours)
    for change in changes:
        allowed += change.by
    found = due(calendar, clock.starts_at, allowed, pauses)
    return clock.but(due_at=found.at, is_provisional=found.is_provisional, pauses=pauses, changes=changes)


def changed(clock: Clock, change: Change, calendar: Calendar) -> Clock:
    """The clock after its hours were changed."""
    return _reckoned(clock, calendar, clock.pauses, (*clock.changes, change))


def paused(clock: Clock, at: datetime, ordinal: int) -> Clock:
    """The clock after it was made to stand still."""
    return clock.but(pauses=(*clock.pauses, Pause(at, None, ordinal)))


def resumed(clock: Clock, at: datetime, calendar: Calendar) -> Clock:
    """The clock after it began to run again."""
    *before, last = clock.pauses
    return _reckoned(clock, calendar, (*before, last._replace(to_at=at)), clock.changes)


def superseded(clocks: Iterable[Clock], at: datetime) -> tuple[Clock, ...]:
    """The clocks after a correction: those not ended are kept as what they were."""
    return tuple(
        c if c.cancelled_at or c.superseded_at else c.but(pauses=_ended(c, at), superseded_at=at) for c in clocks
    )


def met(clocks: Iterable[Clock], names: Iterable[str], at: datetime) -> tuple[Clock, ...]:
    """The clocks after the promises called `names` were kept at `at`."""
    kept = set(names)
    return tuple(c.but(pauses=_ended(c, at), met_at=at) if c.name in kept and c.is_running else c for c in clocks)


def cancelled(clocks: Iterable[Clock], at: datetime) -> tuple[Clock, ...]:
    """The clocks after the case ended without a result at `at`."""
    return tuple(c.but(pauses=_ended(c, at), cancelled_at=at) if c.is_running else c for c in clocks)


def _ended(clock: Clock, at: datetime) -> tuple[Pause, ...]:
    """Its pauses, the last of them ended with the clock."""
    return tuple(pause._replace(to_at=at) if pause.to_at is None else pause for pause in clock.pauses)


def as_of(clock: Clock, moment: datetime, calendar: Calendar) -> Clock | None:
    """The clock as it stood after everything that happened up to `moment`; None before it was made."""
    if clock.starts_at > moment:
        return None
    then = clock.but(
        met_at=_by(clock.met_at, moment),
        cancelled_at=_by(clock.cancelled_at, moment),
        superseded_at=_by(clock.superseded_at, moment),
    )
    pauses = tuple(_as_of(pause, moment) for pause in clock.pauses if pause.from_at <= moment)
    changes = tuple(change for change in clock.changes if change.at <= moment)
    if changes == clock.changes and pauses == clock.pauses:
        return then
    return _reckoned(then, calendar, pauses, changes)


def _by(at: datetime | None, moment: datetime) -> datetime | None:
    return at if at is not None and at <= moment else None


def _as_of(pause: Pause, moment: datetime) -> Pause:
    return pause if pause.to_at is None or pause.to_at <= moment else pause._replace(to_at=None)


def next_due(clocks: Iterable[Clock]) -> Clock | None:
    """The running clock that falls due first; one that stands still falls due at no time."""
    return min((c for c in clocks if c.is_running and not c.paused_at), key=lambda c: c.due_at, default=None)


def final(clocks: Iterable[Clock]) -> Clock | None:
    """The promise by which the case is judged, if one was made and neither cancelled nor superseded."""
    return next((c for c in clocks if c.is_final and c.cancelled_at is None and c.superseded_at is None), None)
