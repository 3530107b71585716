"""A year of the demo street: every case with all its steps, each taken by somebody who may."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from core.cases.bulk import Draft
from core.cases.commands import Facts
from core.demo import pressure, rhythm, stories, timetable
from core.demo.author import Author, Subject
from core.demo.ground import Ground
from core.demo.stories import Story
from core.demo.timetable import Plan
from core.rules import Rules

CASES = 9_300  # of one street in a year (R0)
SPAN = timedelta(days=365)
RECENT = timedelta(days=14)
OVERDUE = range(7, 13)
ATTEMPTS = 40

Told = tuple[datetime, Story]


def drafts(author: Author, ground: Ground, now: datetime, seed: int) -> list[Draft]:
    """The cases of the year before `now`, oldest first.

    Units: aware UTC.
    """
    told = rhythm.moments(author.words.stories, now - SPAN, now, CASES, Random(f"history {seed}"))
    older = [pair for pair in told if pair[0] <= now - RECENT]
    plans = _plans(author.rules, ground, older, Random(f"older {seed}"))
    plans += _believable(author.rules, ground, told[len(older) :], now, seed)
    pressed = pressure.pressed(plans, author.rules, now, Random(f"pressure {seed}"))
    judged = _judged(pressed, author.rules, now, Random(f"verdicts {seed}"))
    rng = Random(f"moves {seed}")
    return [Draft(plan.facts, author.moves(subject(plan.facts), plan.stops, now, rng)) for plan in judged]


def subject(facts: Facts) -> Subject:
    """A reported case as far as it says who may work on it."""
    return Subject(facts.category, facts.source, facts.spot.path, facts.spot.grid.id)


def _judged(plans: Iterable[Plan], rules: Rules, now: datetime, rng: Random) -> list[Plan]:
    """The plans, and what the reporters say of those that were closed."""
    return [
        replace(plan, stops=(*plan.stops, *timetable.called_back(plan.stops, limits, now, rng)))
        if plan.facts.reporter_phone
        else plan
        for plan in plans
        for limits in [timetable.limits_of(rules.categories[plan.facts.category], rules)]
    ]


def _believable(rules: Rules, ground: Ground, told: Sequence[Told], now: datetime, seed: int) -> list[Plan]:
    """The last weeks, drawn again while chance leaves too few or too many cases overdue at `now`."""
    for attempt in range(ATTEMPTS):
        plans = _plans(rules, ground, told, Random(f"recent {seed} {attempt}"))
        if pressure.overdue(plans, rules, now) in OVERDUE:
            break
    return plans


def _plans(rules: Rules, ground: Ground, told: Iterable[Told], rng: Random) -> list[Plan]:
    return [_plan(rules, ground, story, at, rng) for at, story in told]


def _plan(rules: Rules, ground: Ground, story: Story, at: datetime, rng: Random) -> Plan:
    facts = stories.facts(story, ground, at, rng)
    limits = timetable.limits_of(rules.categories[story.category], rules)
    course = timetable.course(story.handled_in_grid, rng)
    return Plan(facts, course, tuple(timetable.timetable(course, limits, at, rng)))
