"""Life in a demo store: residents report and staff work, through the same commands as people.

Pace 1 is a step every 4 to 8 s, about 85 times the street's own rate: 9,300 cases of 6.5 steps a year are one step in
520 s, pace 0.012. The promises keep their real hours, so that nearly all are kept; some cases lie until their promise
is nearly, or really, overdue.
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from threading import Event

import structlog
from sqlalchemy.exc import OperationalError
from sqlmodel import col, select

from core import clock, rules, store
from core.cases import commands
from core.cases.commands import Facts
from core.cases.steps import Move
from core.cases.tables import Case
from core.clock import local
from core.demo import cast, ground, history, rhythm, stories
from core.demo.author import Author, Subject
from core.demo.ground import Ground
from core.demo.load import SEED
from core.errors import Refused
from core.language import N_
from core.limits import running_state
from core.people import Principal
from core.rules import Rules
from core.store import Store
from core.words import ClockState, Stage, Verb

SECONDS_APART = 6.1  # between two steps, at pace 1
UNEVEN = (0.65, 1.35)

MOST_OPEN, USUAL_OPEN = 250, 185
STEPS_PER_CASE = 6.5
LEAST_OVERDUE, LEAST_SOON = 7, 11  # staff leave as many lying
HANDS_OFF = timedelta(minutes=10)  # after a step by a person
SLOW_HOURS = 0.3  # of a promise of h hours, the share SLOW_HOURS / h is left until its end
MISSED = 0.5  # share of the slow ones
VOIDED = 0.04

# How readily a case is taken up; what stands in a stage is the inverse of it.
READINESS = {
    Stage.REPORTED: 6.0,
    Stage.ACCEPTED: 6.0,
    Stage.DISPATCHED: 4.0,
    Stage.TAKEN_ON: 3.0,
    Stage.ON_SITE: 2.0,
    Stage.RESOLVED: 2.0,
    Stage.ANSWERED: 2.0,
    Stage.CHECKED: 0.3,
}
NEXT = {
    Stage.ACCEPTED: Verb.DISPATCH,
    Stage.DISPATCHED: Verb.TAKE_ON,
    Stage.TAKEN_ON: Verb.ARRIVE,
    Stage.ON_SITE: Verb.RESOLVE,
    Stage.RESOLVED: Verb.ANSWER,
    Stage.ANSWERED: Verb.CHECK,
    Stage.CHECKED: Verb.CLOSE,
}


@dataclass(frozen=True)
class World:
    """What the simulator knows: the people and their words, and where things happen."""

    author: Author
    ground: Ground

    @property
    def rules(self) -> Rules:
        """The rules by which everybody works."""
        return self.author.rules


@dataclass(frozen=True, slots=True)
class Report:
    """Somebody reports a new case."""

    by: Principal
    facts: Facts
    at: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """Somebody takes a step on a case, as it was seen."""

    case_id: int
    move: Move


Action = Report | Step


def run(target: Store, pace: float = 1.0, stop: Event | None = None, seed: int = SEED) -> None:
    """Live in the demo store until `stop` is set.

    Units: `pace` 1 is a step every 4 to 8 s, 2 twice as many.
    Raises: Refused, when the store holds no demo.
    """
    stop = stop or Event()
    now = clock.now()
    own: dict[int, int] = {}
    here, rng = world(target, now, seed), Random(f"simulate {seed} {now.isoformat()}")
    while not stop.wait(rng.uniform(*UNEVEN) * SECONDS_APART / pace):
        try:
            now = clock.now()
            act(target, here, next_action(here, open_cases(target), own, rng, now), own)
        except OperationalError as error:
            structlog.get_logger().warning("the simulator waits for the store", error=str(error.orig))


def world(target: Store, now: datetime, seed: int = SEED) -> World:
    """The people and places of a demo store.

    Raises: Refused, when the store holds no demo.
    """
    current = rules.current()
    with target.reading() as db:
        if not store.is_demo(db):
            raise Refused(N_("The simulator works in a demo store only"))
        author = Author(cast.cast(db, local(now).date()), stories.words(current), current)
        return World(author, ground.ground(db, now, seed))


def open_cases(target: Store) -> Sequence[Case]:
    """The open cases as stored now."""
    with target.reading() as db:
        return db.exec(select(Case).where(col(Case.ended_at).is_(None)).order_by(col(Case.id))).all()


def next_action(here: World, cases: Sequence[Case], own: Mapping[int, int], rng: Random, now: datetime) -> Action:
    """What happens next: a report, or a step on one of `cases`; `own` are the versions the simulator left behind."""
    room = max(0.0, (MOST_OPEN - len(cases)) / (MOST_OPEN - USUAL_OPEN))
    ready = _ready(cases, own, here.rules, now)
    if not ready or rng.random() < room / STEPS_PER_CASE:
        return _report(here, rng, now)
    case = rng.choices(ready, [READINESS[Stage(case.stage)] for case in ready])[0]
    return _step(here, case, rng, now)


def act(target: Store, here: World, action: Action, own: dict[int, int]) -> bool:
    """Do it, and remember the version left behind in `own`; False when somebody else was quicker."""
    try:
        with target.writing() as db:
            match action:
                case Report(by, facts, at, recorded_at):
                    case = commands.report(db, by, facts, here.rules, at=at, now=recorded_at)
                    case_id, version = case.id or 0, case.version
                case Step(case_id, move):
                    version = commands.take(db, move.by, case_id, move, here.rules).ordinal
    except Refused:
        return False
    own[case_id] = version
    return True


def _report(here: World, rng: Random, now: datetime) -> Report:
    at = now - timedelta(seconds=rng.uniform(3, 40))
    hour, day = local(now).hour, local(now).date()
    told = here.author.words.stories
    likely = [rhythm.weight(story, day) * rhythm.HOURS[story.hours][hour] for story in told]
    facts = stories.facts(rng.choices(told, likely)[0], here.ground, at, rng)
    return Report(here.author.reporter(history.subject(facts), now), facts, at, now)


def _step(here: World, case: Case, rng: Random, now: datetime) -> Step:
    assert case.id is not None
    subject = Subject(case.category, case.source, case.path, case.grid_id, case.unit_id)
    at = max(case.moved_at, now - timedelta(seconds=rng.uniform(0, 90)))
    move = here.author.move(subject, _verb(here, case, rng), at, now, rng)
    return Step(case.id, replace(move, seen_version=case.version))


def _verb(here: World, case: Case, rng: Random) -> Verb:
    """The next step; whether a case stays in the grid is its lot from the beginning."""
    if case.stage not in (Stage.REPORTED, Stage.ACCEPTED):
        return NEXT[Stage(case.stage)]
    if rng.random() < VOIDED / 2:
        return Verb.VOID
    story = next(story for story in here.author.words.stories if story.category == case.category)
    if _lot(case, "grid") < story.handled_in_grid:
        return Verb.SELF_HANDLE
    return Verb.ACCEPT if case.stage == Stage.REPORTED else Verb.DISPATCH


def _ready(cases: Sequence[Case], own: Mapping[int, int], rules: Rules, now: datetime) -> list[Case]:
    """The cases that somebody would take up now."""
    states = [running_state(case.due_at, now, rules.due_soon) if case.due_at else None for case in cases]
    enough_overdue = states.count(ClockState.OVERDUE) > LEAST_OVERDUE
    enough_soon = states.count(ClockState.DUE_SOON) > LEAST_SOON
    return [
        case
        for case, state in zip(cases, states, strict=True)
        if not _is_in_hands(case, own, now)
        and (state is not ClockState.OVERDUE or enough_overdue)
        and not (state is ClockState.DUE_SOON and not enough_soon and now < _last_minute(case))
        and not _is_slow(case, now)
    ]


def _is_in_hands(case: Case, own: Mapping[int, int], now: datetime) -> bool:
    """Whether somebody else has moved the case just now."""
    return own.get(case.id or 0) != case.version and now - case.moved_at < HANDS_OFF


def _is_slow(case: Case, now: datetime) -> bool:
    """Whether the case lies until its promise nearly, or really, falls due."""
    if case.due_at is None or case.clock_from is None or case.stage in (Stage.REPORTED, Stage.ACCEPTED):
        return False
    slow = SLOW_HOURS / ((case.due_at - case.clock_from) / timedelta(hours=1))
    lot = _lot(case, case.stage)
    return lot < slow and now < (case.due_at if lot < slow * MISSED else _last_minute(case))


def _last_minute(case: Case) -> datetime:
    """When those who work to the deadline begin."""
    assert case.due_at is not None
    return case.due_at - timedelta(minutes=5 + 30 * _lot(case, "last minute"))


def _lot(case: Case, about: str) -> float:
    """A number from 0 to 1 that a case keeps."""
    return zlib.crc32(f"{case.id} {about}".encode()) / 2**32
