"""Time limits: clocks as plain values, and how each stands at a moment. Knows nothing of cases."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.words import ClockState


@dataclass(frozen=True, slots=True)
class Clock:
    """One promise running on one case.

    Units: aware UTC; `hours` > 0, counted in the natural calendar (24 × 7).
    """

    name: str  # of the regime: on_site, resolved, answered, checked, closed
    hours: float
    starts_at: datetime
    due_at: datetime
    is_final: bool  # the promise by which "in time" is judged
    met_at: datetime | None = None
    cancelled_at: datetime | None = None

    @property
    def is_running(self) -> bool:
        """Whether the promise is still to be kept."""
        return self.met_at is None and self.cancelled_at is None

    @property
    def is_kept(self) -> bool:
        """Whether the promise was kept in time."""
        return self.met_at is not None and self.met_at <= self.due_at

    def state(self, now: datetime, soon: timedelta) -> ClockState:
        """How the promise stands at `now`; `soon` is how long before the due time it is due soon."""
        if self.cancelled_at is not None:
            return ClockState.CANCELLED
        if self.met_at is not None:
            return ClockState.MET if self.is_kept else ClockState.MISSED
        return running_state(self.due_at, now, soon)


def running_state(due_at: datetime, now: datetime, soon: timedelta) -> ClockState:
    """How a promise not yet kept stands at `now`: at its due time it is not yet overdue."""
    if now > due_at:
        return ClockState.OVERDUE
    return ClockState.DUE_SOON if due_at - now <= soon else ClockState.RUNNING


def due_at(start: datetime, hours: float) -> datetime:
    """When a promise of `hours` made at `start` falls due, natural calendar.

    Units: aware UTC.
    """
    return start + timedelta(hours=hours)


def started(name: str, hours: float, at: datetime, *, is_final: bool) -> Clock:
    """A clock that begins to run at `at`."""
    return Clock(name=name, hours=hours, starts_at=at, due_at=due_at(at, hours), is_final=is_final)


def met(clocks: Iterable[Clock], names: Iterable[str], at: datetime) -> tuple[Clock, ...]:
    """The clocks after the promises called `names` were kept at `at`."""
    kept = set(names)
    return tuple(replace(c, met_at=at) if c.name in kept and c.is_running else c for c in clocks)


def cancelled(clocks: Iterable[Clock], at: datetime) -> tuple[Clock, ...]:
    """The clocks after the case ended without a result at `at`."""
    return tuple(replace(c, cancelled_at=at) if c.is_running else c for c in clocks)


def next_due(clocks: Iterable[Clock]) -> Clock | None:
    """The running clock that falls due first."""
    return min((c for c in clocks if c.is_running), key=lambda c: c.due_at, default=None)


def final(clocks: Iterable[Clock]) -> Clock | None:
    """The promise by which the case is judged, if one was made and not cancelled."""
    return next((c for c in clocks if c.is_final and c.cancelled_at is None), None)
