"""Who takes which step in the demo, what they note, and when they type it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from core.cases.steps import Move
from core.demo.cast import Cast
from core.demo.stories import Words
from core.demo.timetable import Stop
from core.people import Principal
from core.rules import Rules
from core.words import Source, Verb

BY_PHONE = 0.72  # share of a unit's steps that the officer records on its behalf
UNIT_VERBS = frozenset({Verb.TAKE_ON, Verb.ARRIVE, Verb.RESOLVE, Verb.ANSWER})
OFFICER_VERBS = frozenset({Verb.ACCEPT, Verb.DISPATCH, Verb.CLOSE, Verb.VOID})
BY_HEAD = {Verb.SELF_HANDLE: 0.9, Verb.CHECK: 0.7}  # the others: the secretary, who calls residents back too
BY_OFFICER = 0.2  # share of checks by photo or call


@dataclass(frozen=True, slots=True)
class Subject:
    """A case as far as it says who may work on it."""

    category: str
    source: Source
    path: str
    grid_id: int
    unit_id: int | None = None  # None: not yet dispatched


@dataclass(frozen=True)
class Author:
    """Who writes the steps down: the people, their words, the rules."""

    cast: Cast
    words: Words
    rules: Rules

    def moves(self, subject: Subject, stops: Iterable[Stop], now: datetime, rng: Random) -> list[Move]:
        """The steps recorded by `now`, each by somebody who may take it."""
        found: list[Move] = []
        for verb, at in stops:
            last = found[-1].recorded_at if found else at
            recorded_at = max(last, at + _typing_delay(verb, rng))
            if recorded_at > now and found:
                break
            found.append(self.move(subject, verb, at, min(recorded_at, now), rng))
        return found

    def move(self, subject: Subject, verb: Verb, at: datetime, recorded_at: datetime, rng: Random) -> Move:
        """A step at `at`, typed at `recorded_at`."""
        unit = subject.unit_id or self._unit(subject)
        by_phone = verb in UNIT_VERBS and rng.random() < BY_PHONE
        return Move(
            verb,
            self.cast.officer(recorded_at) if by_phone else self._doer(subject, verb, unit, recorded_at, rng),
            at,
            recorded_at,
            unit_id=unit if verb is Verb.DISPATCH else None,
            note=self._note(subject, verb, rng),
            on_behalf_of=unit if by_phone else None,
        )

    def reporter(self, subject: Subject, at: datetime) -> Principal:
        """Who types a report: on patrol the head of the grid, else the officer on watch."""
        return self.cast.heads[subject.grid_id] if subject.source is Source.PATROL else self.cast.officer(at)

    def _unit(self, subject: Subject) -> int:
        return self.cast.unit(self.rules.categories[subject.category].sector, subject.path)

    def _note(self, subject: Subject, verb: Verb, rng: Random) -> str | None:
        key = {
            Verb.RESOLVE: self.rules.categories[subject.category].sector,
            Verb.ANSWER: "answer",
            Verb.SELF_HANDLE: "self",
            Verb.VOID: "void",
            Verb.REOPEN: "not_satisfied",
            Verb.BRING_TO_MEETING: "not_satisfied",
        }.get(verb)
        return rng.choice(self.words.notes[key]) if key else None

    def _doer(self, subject: Subject, verb: Verb, unit: int, at: datetime, rng: Random) -> Principal:
        if verb is Verb.REPORT:
            return self.reporter(subject, at)
        if verb in UNIT_VERBS:
            return self.cast.liaisons[unit]
        if verb in OFFICER_VERBS or (verb is Verb.CHECK and rng.random() < BY_OFFICER):
            return self.cast.officer(at)
        by_head = rng.random() < BY_HEAD.get(verb, 0)
        return self.cast.heads[subject.grid_id] if by_head else self.cast.secretary(subject.path)


def _typing_delay(verb: Verb, rng: Random) -> timedelta:
    """Officers type their own steps as they take them; what is told by phone or on foot is typed later."""
    most = 0.8 if verb in OFFICER_VERBS else 4 if verb is Verb.REPORT else 18
    return timedelta(minutes=rng.uniform(0.1, most))
