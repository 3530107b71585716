"""The hours before now: some requests were dispatched so that a promise on them falls due within the next two hours.

A street with 25 cases a day has about three such cases at a time; the demo shows a busier moment, whatever the hour.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from core.demo import timetable
from core.demo.timetable import Course, Limits, Plan, Stop
from core.rules import Rules
from core.words import Verb

WANTED = 13
NEXT_MINUTES = (8, 108)  # from now until a pressed promise falls due
WORKED = (Verb.ARRIVE, Verb.RESOLVE, Verb.ANSWER, Verb.CHECK)


@dataclass(frozen=True, slots=True)
class _Press:
    """How a case can be brought under pressure, and how long it then waited for its dispatch."""

    place: int
    stops: tuple[Stop, ...]
    waited: timedelta


def pressed(plans: Sequence[Plan], rules: Rules, now: datetime, rng: Random) -> list[Plan]:
    """The plans, some of the last days changed so that about thirteen cases are due soon at `now`."""
    limits = [timetable.limits_of(rules.categories[plan.facts.category], rules) for plan in plans]
    soon = sum(_is_due_soon(*pair, now, rules.due_soon) for pair in zip(plans, limits, strict=True))
    ways = [
        way
        for place, (plan, limit) in enumerate(zip(plans, limits, strict=True))
        if _can_be_pressed(plan, limit, now, rules.due_soon) and (way := _way(place, plan, limit, now, rng))
    ]
    changed = list(plans)
    for way in sorted(ways, key=lambda way: way.waited)[: max(0, WANTED - soon)]:
        changed[way.place] = replace(plans[way.place], stops=way.stops)
    return changed


def overdue(plans: Sequence[Plan], rules: Rules, now: datetime) -> int:
    """How many of the plans have a promise that is overdue at `now`."""
    due = (_due(plan, timetable.limits_of(rules.categories[plan.facts.category], rules), now) for plan in plans)
    return sum(min(found, default=now) < now for found in due)


def _is_due_soon(plan: Plan, limits: Limits, now: datetime, soon: timedelta) -> bool:
    due = [at for at in _due(plan, limits, now) if at >= now]
    return bool(due) and min(due) - now <= soon


def _due(plan: Plan, limits: Limits, now: datetime) -> list[datetime]:
    """When the promises made and not kept by `now` fall due."""
    done = {verb: at for verb, at in plan.stops if at <= now}
    ended = {Verb.CLOSE, Verb.SELF_HANDLE, Verb.VOID} & set(done)
    if ended or limits.starts_on not in done:
        return []
    start = done[limits.starts_on]
    return [start + timedelta(hours=hours) for verb, hours in limits.by_verb.items() if verb not in done]


def _can_be_pressed(plan: Plan, limits: Limits, now: datetime, soon: timedelta) -> bool:
    """Whether a case goes the whole loop, by promises of its dispatch, and is in time now."""
    is_request = plan.course is Course.LOOP and limits.starts_on is Verb.DISPATCH
    is_recent = plan.stops[1][1] > now - timedelta(days=4)
    return is_request and is_recent and all(at > now + soon for at in _due(plan, limits, now))


def _way(place: int, plan: Plan, limits: Limits, now: datetime, rng: Random) -> _Press | None:
    """The steps taken so far under the promise whose dispatch comes soonest after the acceptance."""
    accepted = plan.stops[1][1]
    left = timedelta(minutes=rng.uniform(*NEXT_MINUTES))
    starts = {verb: now + left - timedelta(hours=limits.by_verb[verb]) for verb in WORKED}
    later = [(at, verb) for verb, at in starts.items() if at > accepted]
    if not later:
        return None
    dispatched, pressing = min(later)
    stops = (*plan.stops[:2], *_steps_before(pressing, limits, dispatched, rng))
    return _Press(place, stops, waited=dispatched - accepted)


def _steps_before(pressing: Verb, limits: Limits, dispatched: datetime, rng: Random) -> list[Stop]:
    stops = [(Verb.DISPATCH, dispatched), (Verb.TAKE_ON, dispatched + timedelta(minutes=rng.uniform(4, 20)))]
    for verb in WORKED[: WORKED.index(pressing)]:
        last, due = stops[-1][1], dispatched + timedelta(hours=limits.by_verb[verb])
        stops.append((verb, last + (due - last) * rng.uniform(0.3, 0.9)))
    return stops
