"""When the steps of an invented case happen: quick or slow, by day where people can choose, in time or late."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from random import Random

from core.cases.commands import Facts
from core.clock import local
from core.rules import Category, Rules
from core.words import Verb

Stop = tuple[Verb, datetime]

KEPT = 0.62  # share of dispatched cases finished in time
KEPT_IN_GRID = 0.96
VOIDED = 0.035
LATE_ON_SITE = 0.03
MEAN_LATE_HOURS = 36.0
MOST_LATE_HOURS = 110.0
WATCH_DAYS = (5.0, 30.0, 16.0)  # a checked request is closed when nothing has come back: least, most, mode
WORKING_HOURS = range(7, 21)
REACHED = 0.6  # share of reporters who are called back and answer
VERDICTS = {Verb.RATE_SATISFIED: 0.72, Verb.RATE_MOSTLY: 0.19, Verb.REOPEN: 0.06, Verb.BRING_TO_MEETING: 0.03}
SETTLED = timedelta(days=21)  # what was reopened has run its course again by now


class Course(Enum):
    """How a case goes."""

    IN_GRID = "in_grid"
    LOOP = "loop"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class Plan:
    """A case to its end: what is known of it, how it goes, and when."""

    facts: Facts
    course: Course
    stops: tuple[Stop, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """The promises a category makes, as far as a timetable must know them.

    Units: hours from the start of each promise.
    """

    starts_on: Verb
    final: float
    by_verb: dict[Verb, float]


def limits_of(category: Category, rules: Rules) -> Limits:
    """The promises of a category by the verb that keeps them."""
    promises = rules.regimes[category.regime].clock
    final = next(p for p in promises if p.is_final)
    hours = {verb: p.hours_for(category.grade) for p in promises for verb in p.met_on}
    return Limits(final.starts_on, final.hours_for(category.grade), hours)


def course(handled_in_grid: float, rng: Random) -> Course:
    """How a case of a story goes."""
    if rng.random() < VOIDED:
        return Course.VOID
    return Course.IN_GRID if rng.random() < handled_in_grid else Course.LOOP


def timetable(course: Course, limits: Limits, at: datetime, rng: Random) -> list[Stop]:
    """Every step of a case reported at `at`, to its end."""
    if course is Course.IN_GRID:
        return _in_grid(limits, at, rng)
    accepted = at + _minutes(rng, 2, 22)
    dispatched = accepted + _minutes(rng, 2, 75)
    stops = [(Verb.REPORT, at), (Verb.ACCEPT, accepted), *loop(limits, at, dispatched, rng)]
    if course is Course.LOOP:
        return stops
    kept = rng.choice((1, 2, 2, 2, 4, 5))
    after = stops[kept - 1][1] + _minutes(rng, 10, 600)
    return [*stops[:kept], (Verb.VOID, after)]


def loop(limits: Limits, at: datetime, dispatched: datetime, rng: Random) -> list[Stop]:
    """The steps from the dispatch to the end; `at` is when the case was reported."""
    by_dispatch = limits.starts_on is Verb.DISPATCH
    done = _finished(limits, dispatched if by_dispatch else at, dispatched, rng)
    taken_on = dispatched + _minutes(rng, 4, 45)
    arrived = dispatched + _on_site_after(limits, done - dispatched, rng)
    spent = done - arrived
    resolved = arrived + spent * rng.uniform(0.2, 0.48)
    answered = resolved + (done - resolved) * rng.uniform(0.15, 0.5)
    checked, closed = (done, _watched(done, rng)) if by_dispatch else (answered + (done - answered) / 2, done)
    return [
        (Verb.DISPATCH, dispatched),
        (Verb.TAKE_ON, min(taken_on, arrived)),
        (Verb.ARRIVE, arrived),
        (Verb.RESOLVE, resolved),
        (Verb.ANSWER, answered),
        (Verb.CHECK, checked),
        (Verb.CLOSE, closed),
    ]


def called_back(stops: Sequence[Stop], limits: Limits, now: datetime, rng: Random) -> list[Stop]:
    """What the reporter says of a case closed days ago, and for the unsatisfied the loop once more."""
    verb, closed = stops[-1]
    if verb not in (Verb.CLOSE, Verb.SELF_HANDLE) or rng.random() > REACHED:
        return []
    called = _by_day(lambda: closed + timedelta(hours=rng.triangular(4, 90, 26)), rng)
    said = rng.choices(list(VERDICTS), list(VERDICTS.values()))[0]
    if said is not Verb.REOPEN:
        return [(said, called)]
    if called > now - SETTLED:
        return [(Verb.BRING_TO_MEETING, called)]
    again = loop(limits, called, called + _minutes(rng, 10, 75), rng)
    return [(said, called), *again]


def _finished(limits: Limits, start: datetime, dispatched: datetime, rng: Random) -> datetime:
    """When the final promise is kept, or how late it is."""
    due = start + timedelta(hours=limits.final)
    if rng.random() < KEPT:
        span = due - dispatched
        return _by_day(lambda: dispatched + span * rng.betavariate(5.0, 1.3) * 0.995, rng)
    return _by_day(lambda: due + timedelta(hours=min(MOST_LATE_HOURS, rng.expovariate(1 / MEAN_LATE_HOURS))), rng)


def _on_site_after(limits: Limits, whole: timedelta, rng: Random) -> timedelta:
    """How long a unit takes to be on site: before the promise of its own, if there is one."""
    if promised := limits.by_verb.get(Verb.ARRIVE):
        late = rng.random() < LATE_ON_SITE
        wanted = timedelta(hours=promised * (rng.uniform(1.02, 1.5) if late else rng.uniform(0.15, 0.98)))
    else:
        wanted = whole * rng.uniform(0.1, 0.4)
    return min(wanted, whole * 0.6)


def _watched(checked: datetime, rng: Random) -> datetime:
    return _by_day(lambda: checked + timedelta(days=rng.triangular(*WATCH_DAYS)), rng)


def _in_grid(limits: Limits, at: datetime, rng: Random) -> list[Stop]:
    """Handled on the spot or accepted first; without a promise, talks between neighbours take days."""
    if limits.starts_on is Verb.DISPATCH:
        accepted = at + _minutes(rng, 2, 22)
        done = _by_day(lambda: accepted + timedelta(hours=rng.triangular(1, 130, 20)), rng)
        return [(Verb.REPORT, at), (Verb.ACCEPT, accepted), (Verb.SELF_HANDLE, done)]
    share = rng.betavariate(1.2, 3) if rng.random() < KEPT_IN_GRID else rng.uniform(1.02, 1.8)
    done = at + max(timedelta(minutes=6), timedelta(hours=min(limits.final, 72)) * share)
    return [(Verb.REPORT, at), (Verb.SELF_HANDLE, done)]


def _by_day(draw: Callable[[], datetime], rng: Random) -> datetime:
    """A drawn moment, drawn again a few times while it falls into the night."""
    for _ in range(rng.randint(3, 8)):
        if local(drawn := draw()).hour in WORKING_HOURS:
            break
    return drawn


def _minutes(rng: Random, least: float, most: float) -> timedelta:
    return timedelta(minutes=rng.uniform(least, most))
