"""What a step does to the clocks of a case and of its units: pure, the same for taking, replaying and what-if."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from core import limits
from core.calendars import Calendar
from core.cases.step_table import STEPS, Effect, Step
from core.limits import Change, ChangeKind, Clock
from core.promises import REPLY, UNIT, Grade, Length
from core.rules import Rules
from core.words import ENDED, Stage, Verb


class Done(NamedTuple):
    """A step taken, as far as clocks depend on it.

    Units: aware UTC; hours as asked for or granted.
    """

    verb: Verb
    at: datetime
    unit_id: int | None = None
    hours: float | None = None
    is_emergency: bool = False
    is_anew: bool = False  # a correction that leads to other promises


History = tuple[Done, ...]


class Clocks(NamedTuple):
    """The promises on a case: its own, and those of the units that had it."""

    of_case: tuple[Clock, ...] = ()
    of_units: tuple[Clock, ...] = ()


class Ground(NamedTuple):
    """What the clocks of a case stand on when a step is taken."""

    regime: str
    grade: Grade
    unit_id: int | None  # who has the case after the step
    ordinal: int  # of the step
    history: History  # before the step
    rules: Rules

    def calendar(self, clock: Clock | Length) -> Calendar:
        """The calendar a clock is counted by."""
        return self.rules.calendars[clock.calendar]


def after(clocks: Clocks, step: Step, done: Done, ground: Ground) -> Clocks:
    """The clocks after a step: first what it keeps, then what it ends or begins, then what it changes."""
    regime = ground.rules.regimes[ground.regime]
    names = [p.name for p in regime.clock if step.verb in p.met_on]
    of_case, of_units = clocks
    if names:
        of_case = limits.met(of_case, names, done.at)
    if step.verb is Verb.REPLY:
        of_case = limits.met(of_case, (REPLY,), done.at)
    if of_units and regime.unit and step.verb in regime.unit.met_on:
        of_units = limits.met(of_units, (UNIT,), done.at)
    if step.after in ENDED:
        return Clocks(limits.cancelled(of_case, done.at), limits.cancelled(of_units, done.at))
    if step.takes or step.gives:
        of_units = limits.cancelled(of_units, done.at)
    found = Clocks((*of_case, *_begun(of_case, step, done, ground)), (*of_units, *_of_unit(step, done, ground)))
    return EFFECTS[step.effect](found, done, ground) if step.effect else found


def of_history(history: History, regime: str, grade: Grade, rules: Rules) -> Clocks:
    """The clocks a case would have if all of its history had stood under one regime and these rules."""
    clocks, unit_id = Clocks(), None
    for ordinal, done in enumerate(history, 1):
        step = STEPS[done.verb]
        unit_id = done.unit_id if step.verb is Verb.DISPATCH else None if step.takes else unit_id
        if step.effect not in (Effect.CORRECT, Effect.RECKON):
            ground = Ground(regime, grade, unit_id, ordinal, history[: ordinal - 1], rules)
            clocks = after(clocks, step, done, ground)
    return clocks


def suspended_at(history: History) -> datetime | None:
    """Since when the case is suspended, if it is."""
    last = next((d for d in reversed(history) if STEPS[d.verb].effect in (Effect.PAUSE, Effect.RESUME)), None)
    return last.at if last and STEPS[last.verb].effect is Effect.PAUSE else None


def pending(history: History) -> Done | None:
    """The request of the unit that waits for an answer; it lapses when the unit has solved the case or lost it."""
    found: Done | None = None
    for done in history:
        step = STEPS[done.verb]
        if step.asks:
            found = done
        elif step.settles or step.after in (Stage.ACCEPTED, Stage.RESOLVED):
            found = None
    return found


def _begun(clocks: tuple[Clock, ...], step: Step, done: Done, ground: Ground) -> Iterable[Clock]:
    """The promises of the regime that a step makes; one made before runs on over a second dispatch."""
    promises = [p for p in ground.rules.regimes[ground.regime].clock if p.starts_on == step.verb]
    if not promises:
        return
    made = {c.name for c in clocks if c.superseded_at is None and c.cancelled_at is None}
    for promise in promises:
        if promise.name not in made:
            yield _started(promise, promise.name, done, ground, is_final=promise.is_final)


def _of_unit(step: Step, done: Done, ground: Ground) -> Iterable[Clock]:
    time = ground.rules.regimes[ground.regime].unit
    if step.gives and time:
        yield _started(time, UNIT, done, ground, unit_id=ground.unit_id)


def _started(
    length: Length, name: str, done: Done, ground: Ground, *, is_final: bool = False, unit_id: int | None = None
) -> Clock:
    calendar = ground.calendar(length)
    clock = limits.started(
        name, length.hours_for(ground.grade), done.at,
        is_final=is_final, calendar=calendar, unit_id=unit_id, ordinal=ground.ordinal, regime=ground.regime,
    )  # fmt: skip
    return _shortened(clock, done.at, ground) if done.is_emergency else clock


def _shortened(clock: Clock, at: datetime, ground: Ground) -> Clock:
    """What is left of a promise, cut for the emergency: to hours of its own, or by the factor of the mode."""
    calendar = ground.calendar(clock)
    left = clock.allowed - limits.counted(clock, at, calendar)
    promise = next((p for p in ground.rules.regimes[ground.regime].clock if p.name == clock.name), None)
    if left.total_seconds() <= 0 or (promise is None and clock.name != UNIT):
        return clock
    kept = left * ground.rules.emergency.factor
    if promise and promise.emergency_hours:
        kept = min(left, timedelta(hours=promise.emergency_hours))
    return limits.changed(clock, Change(ChangeKind.EMERGENCY, at, kept - left, ground.ordinal), calendar)


def _each(clocks: Clocks, change: Callable[[Clock], Clock]) -> Clocks:
    """The clocks with every one that is still to be kept changed."""
    return Clocks(*(tuple(change(c) if c.is_running else c for c in found) for found in clocks))


def _extend(clocks: Clocks, done: Done, ground: Ground) -> Clocks:
    """More time for every promise that was not yet late when the unit asked."""
    asked = pending(ground.history)
    assert asked is not None
    hours = done.hours or asked.hours
    assert hours is not None
    change = Change(ChangeKind.EXTENSION, done.at, timedelta(hours=hours), ground.ordinal)

    def extended(clock: Clock) -> Clock:
        is_late = clock.due_at < asked.at or clock.name == REPLY
        return clock if is_late else limits.changed(clock, change, ground.calendar(clock))

    return _each(clocks, extended)


def _pause(clocks: Clocks, done: Done, ground: Ground) -> Clocks:
    return _each(clocks, lambda clock: limits.paused(clock, done.at, ground.ordinal))


def _resume(clocks: Clocks, done: Done, ground: Ground) -> Clocks:
    return _each(clocks, lambda clock: limits.resumed(clock, done.at, ground.calendar(clock)))


def _supervise(clocks: Clocks, done: Done, ground: Ground) -> Clocks:
    """An order has a reply due, by the hours its giver names."""
    assert done.hours is not None
    clock = limits.started(REPLY, done.hours, done.at, is_final=False, ordinal=ground.ordinal)
    if suspended_at(ground.history):
        clock = limits.paused(clock, done.at, ground.ordinal)
    return Clocks((*clocks.of_case, clock), clocks.of_units)


def _shorten(clocks: Clocks, done: Done, ground: Ground) -> Clocks:
    return _each(clocks, lambda clock: _shortened(clock, done.at, ground))


def _reckon(clocks: Clocks, done: Done, ground: Ground) -> Clocks:
    """Provisional promises by the holidays known now; what they said before is kept."""
    return Clocks(*(_reckoned(found, done.at, ground) for found in clocks))


def _reckoned(clocks: tuple[Clock, ...], at: datetime, ground: Ground) -> tuple[Clock, ...]:
    old, new = list(clocks), list[Clock]()
    for index, clock in enumerate(clocks):
        if clock.is_running and clock.is_provisional:
            anew = limits.reckoned(clock, ground.calendar(clock))
            if anew != clock:
                (old[index],) = limits.superseded((clock,), at)
                new.append(anew.but(ordinal=ground.ordinal))
    return (*old, *new)


def _correct(clocks: Clocks, done: Done, ground: Ground) -> Clocks:
    """Other promises, as if they had been made from the beginning; the old ones are kept as superseded."""
    if not done.is_anew:
        return clocks
    anew = of_history(ground.history, ground.regime, ground.grade, ground.rules)
    old = tuple(c if c.name == REPLY else limits.superseded((c,), done.at)[0] for c in clocks.of_case)
    of_case = [c for c in anew.of_case if c.name != REPLY and not c.cancelled_at and not c.superseded_at]
    new = tuple(c.but(ordinal=ground.ordinal) for c in of_case)
    running = [c for c in clocks.of_units if c.is_running]
    of_unit = [c.but(ordinal=ground.ordinal) for c in anew.of_units if c.is_running] if running else []
    units = tuple(limits.superseded((c,), done.at)[0] if c.is_running else c for c in clocks.of_units)
    return Clocks((*old, *new), (*units, *of_unit))


def _reopen(clocks: Clocks, done: Done, ground: Ground) -> Clocks:
    """The promises that led to an unsatisfied resident are kept as what they were; others are made in their place.

    Those of the report and of the acceptance begin now, those of the dispatch with the next one.
    """
    old = limits.superseded(clocks.of_case, done.at)
    promises = [p for p in ground.rules.regimes[ground.regime].clock if p.starts_on in (Verb.REPORT, Verb.ACCEPT)]
    new = tuple(_started(p, p.name, done, ground, is_final=p.is_final) for p in promises)
    return Clocks((*old, *new), clocks.of_units)


EFFECTS: dict[Effect, Callable[[Clocks, Done, Ground], Clocks]] = {
    Effect.EXTEND: _extend,
    Effect.PAUSE: _pause,
    Effect.RESUME: _resume,
    Effect.CORRECT: _correct,
    Effect.SUPERVISE: _supervise,
    Effect.SHORTEN: _shorten,
    Effect.RECKON: _reckon,
    Effect.REOPEN: _reopen,
}
