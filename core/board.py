"""The live picture of the open cases: one immutable snapshot a version, kept by one follower a process."""

import heapq
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from core import labels, limits, rules
from core.cases.emergency import InForce
from core.cases.queries import OpenCase
from core.figures import Window
from core.places import Node, Outline, Tree
from core.rules import Rules
from core.units import Unit
from core.words import ClockState, Level, Measure, Severity, Stage

MOMENT = timedelta(microseconds=1)  # at its due time a promise is not yet overdue
NEWEST = 3  # cases that are numbered on the map
MOST_POINTS, CROWDED, PLENTY = 600, 250, 160
FRESH = {minutes: timedelta(minutes=minutes) for minutes in (5, 15, 30)}  # the rings of a new case fade in steps


class Counts(NamedTuple):
    """Open cases of a place; overdue and due soon are among the open."""

    open: int = 0
    overdue: int = 0
    due_soon: int = 0

    def of(self, measure: Measure) -> int:
        """The count that `measure` asks for."""
        return int(getattr(self, measure.value))

    def plus(self, sign: int, state: ClockState | None) -> "Counts":
        """The counts with one case in `state` more (1) or less (-1)."""
        return Counts(
            self.open + sign,
            self.overdue + sign * (state is ClockState.OVERDUE),
            self.due_soon + sign * (state is ClockState.DUE_SOON),
        )


@dataclass(frozen=True)
class Ground:
    """What changes seldom: places, their outlines, and units."""

    tree: Tree
    outlines: Mapping[int, Outline]
    units: Mapping[int, Unit]
    on_duty: Mapping[int, str] = field(default_factory=dict)  # who is on the roster, by id of the unit
    officers: Mapping[str, str] = field(default_factory=dict)  # who has the shift, by path of the desk
    signs: Callable[[], tuple[labels.Sign, ...]] = tuple  # the names of streets; asked only when labels must move


@dataclass(frozen=True)
class Board:
    """Everything the screens show live, at one version."""

    version: int
    at: datetime  # the moment whose clocks it shows
    rules: Rules
    tree: Tree
    outlines: Mapping[int, Outline]  # by place id
    units: Mapping[int, Unit]
    is_demo: bool
    cases: Mapping[int, OpenCase]
    states: Mapping[int, ClockState | None]
    counts: Mapping[int, Counts]  # by place id, street to grid
    newest: tuple[int, ...]  # case ids, the newest first
    watched: int | None  # id of the grid to keep an eye on: most overdue, then most open
    window: Window
    layer_versions: Mapping[str, int]
    ground_version: int = 1  # of the places and their outlines
    on_duty: Mapping[int, str] = field(default_factory=dict)  # who is on the roster, by id of the unit
    officers: Mapping[str, str] = field(default_factory=dict)  # who has the shift, by path of the desk
    signs: tuple[labels.Sign, ...] = ()  # the names of streets
    stands: Mapping[int, labels.Stand] = field(default_factory=dict)  # where a grid's label may be
    spots: Mapping[int, labels.Place] = field(default_factory=dict)  # and where it is
    last_overdue_at: datetime | None = None  # when something was last overdue, if nothing is
    emergencies: tuple[InForce, ...] = ()

    def below(self, node: Node) -> list[OpenCase]:
        """The open cases at or below a place."""
        if self.counts_of(node).open == len(self.cases):
            return list(self.cases.values())
        return [case for case in self.cases.values() if case.path.startswith(node.path)]

    def drawn(self, node: Node | None) -> list[OpenCase]:
        """The open cases of a place, or of all, that a map shows as points.

        Of more than `CROWDED` not those that only wait to be closed, unless they are red; are `PLENTY` left, of the
        yellow and the blue only what is late, due soon or newest. Of more than `MOST_POINTS` only the red, the orange
        and the overdue, of still too many the red, the orange and the newest: the colour of the grids tells the rest.
        """
        located = [case for case in (self.below(node) if node else self.cases.values()) if case.lon is not None]
        if len(located) > CROWDED:
            located = [c for c in located if c.severity is Severity.RED or not self.is_idle(c) or c.id in self.newest]
            if len(located) > PLENTY:
                located = [case for case in located if case.severity.rank <= 1 or self._is_pressing(case)]
        if len(located) > MOST_POINTS:
            grave = [case for case in located if case.severity.rank <= 1]
            milder = [case for case in located if case.severity.rank > 1]
            late = [case for case in milder if self.states[case.id] is ClockState.OVERDUE]
            new = [case for case in milder if case.id in self.newest]
            located = [*grave, *(late if len(grave) + len(late) <= MOST_POINTS else new)]
        return located

    def _is_pressing(self, case: OpenCase) -> bool:
        return self.states[case.id] in (ClockState.OVERDUE, ClockState.DUE_SOON) or case.id in self.newest

    def is_idle(self, case: OpenCase) -> bool:
        """Whether nobody's clock runs: the case waits for its closure."""
        return self.states[case.id] is None and case.stage is Stage.CHECKED

    @property
    def framed(self) -> tuple[str, ...]:
        """The paths of places in an emergency, where it is not that of the whole street."""
        return tuple(each.path for each in self.emergencies if not self.tree.root or each.path != self.tree.root.path)

    def is_aside(self, node: Node) -> bool:
        """Whether there is an emergency in a part of the street, and this place outside it."""
        return bool(self.framed) and not node.path.startswith(self.framed)

    def counts_of(self, node: Node) -> Counts:
        """The counts of a place; zero where nothing is open."""
        return self.counts.get(node.id, Counts())

    def over(self, ground: "Ground") -> "Board":
        """The same picture over places and units that were read anew."""
        is_new = ground.tree != self.tree or ground.outlines != self.outlines
        moved = {name: number + is_new for name, number in self.layer_versions.items()}
        changed = replace(
            self,
            tree=ground.tree,
            outlines=ground.outlines,
            units=ground.units,
            on_duty=ground.on_duty,
            officers=ground.officers,
            layer_versions=moved,
            ground_version=self.ground_version + is_new,
        )
        if not is_new:
            return changed
        signs = ground.signs()
        stands = labels.stands(ground.tree.nodes.values(), ground.outlines, signs)
        changed = replace(changed, signs=signs, stands=stands)
        return replace(changed, spots=_spots(changed))

    def under(self, emergencies: tuple[InForce, ...]) -> "Board":
        """The same picture while these emergencies hold: framed, everything else a step back."""
        is_new = emergencies != self.emergencies
        moved = {name: number + (is_new and name != "labels") for name, number in self.layer_versions.items()}
        return replace(self, emergencies=emergencies, layer_versions=moved)


@dataclass
class Tally:
    """The open cases while they change: counts move with each case, never recounted."""

    soon: timedelta
    cases: dict[int, OpenCase] = field(default_factory=dict)
    states: dict[int, ClockState | None] = field(default_factory=dict)
    counts: dict[int, Counts] = field(default_factory=dict)
    turns: list[tuple[datetime, int]] = field(default_factory=list)  # when a clock changes its state without an event

    def put(self, case: OpenCase, now: datetime) -> None:
        """Take in a case that is open, new or changed."""
        self.drop(case.id)
        state = self._state(case, now)
        self.cases[case.id] = case
        self._count(case, state, 1)
        for moment in self._turns_of(case):
            if moment > now:
                heapq.heappush(self.turns, (moment, case.id))

    def drop(self, case_id: int) -> None:
        """Let go of a case that has ended."""
        if case := self.cases.pop(case_id, None):
            self._count(case, self.states.pop(case_id), -1)

    def turn(self, now: datetime) -> set[int]:
        """Let the clocks reach `now`.

        Returns: the ids of the cases whose picture changed.
        """
        turned = set()
        while self.turns and self.turns[0][0] <= now:
            turned.add(heapq.heappop(self.turns)[1])
        for case_id in turned & self.cases.keys():
            self._recount(self.cases[case_id], now)
        return turned & self.cases.keys()

    def _recount(self, case: OpenCase, now: datetime) -> None:
        state = self._state(case, now)
        if state is not self.states[case.id]:
            self._count(case, self.states[case.id], -1)
            self._count(case, state, 1)

    def _state(self, case: OpenCase, now: datetime) -> ClockState | None:
        return limits.shown_state(case.due_at, case.suspended_at, now, self.soon)

    def _count(self, case: OpenCase, state: ClockState | None, sign: int) -> None:
        if sign > 0:
            self.states[case.id] = state
        for part in case.path.strip("/").split("/"):
            place = int(part)
            self.counts[place] = self.counts.get(place, Counts()).plus(sign, state)

    def _turns_of(self, case: OpenCase) -> Iterable[datetime]:
        yield from (case.reported_at + age for age in FRESH.values())
        if case.due_at:
            yield from (case.due_at - self.soon, case.due_at + MOMENT)


def first_board(tally: Tally, rules: Rules, ground: Ground, window: Window, *, at: datetime, is_demo: bool) -> Board:
    """The first picture, version 1."""
    signs = ground.signs()
    blank = Board(
        version=0,
        at=at,
        rules=rules,
        tree=ground.tree,
        outlines=ground.outlines,
        units=ground.units,
        on_duty=ground.on_duty,
        officers=ground.officers,
        is_demo=is_demo,
        cases={},
        states={},
        counts={},
        newest=(),
        watched=None,
        window=window,
        layer_versions={"grids": 0, "labels": 0, "cases": 0, "frames": 0},
        signs=signs,
        stands=labels.stands(ground.tree.nodes.values(), ground.outlines, signs),
    )
    return next_board(blank, tally, window, at, cases_changed=True)


def next_board(last: Board, tally: Tally, window: Window, now: datetime, *, cases_changed: bool) -> Board:
    """The picture after `last`; a layer gets a new version only when what it shows has changed."""
    counts = dict(tally.counts)
    grids = [node for node in last.tree.nodes.values() if node.level is Level.GRID]
    pairs = [(counts.get(grid.id, Counts()), last.counts_of(grid)) for grid in grids]
    watched = _watched(last.tree, counts)
    recoloured = any(_classes(new) != _classes(old) for new, old in pairs) or watched != last.watched
    newest = heapq.nlargest(NEWEST, tally.cases.values(), key=lambda case: (case.reported_at, case.id))
    board = replace(
        last,
        version=last.version + 1,
        at=now,
        cases=dict(tally.cases),
        states=dict(tally.states),
        counts=counts,
        newest=tuple(case.id for case in newest),
        watched=watched,
        window=window,
        last_overdue_at=_last_overdue(last, counts, now),
    )
    spots = _spots(board)
    relabelled = any(new != old for new, old in pairs) or spots != last.spots
    stirred = spots != last.spots  # what stands clear of the labels moves with them
    moved = {"grids": recoloured, "labels": relabelled, "cases": cases_changed or stirred, "frames": stirred}
    versions = {name: number + moved[name] for name, number in last.layer_versions.items()}
    return replace(board, spots=spots, layer_versions=versions)


def _spots(board: Board) -> dict[int, labels.Place]:
    """Where the labels stand clear of what is open; where too many are, at their usual places."""
    points: list[labels.Point] = []
    for case in board.drawn(None) if len(board.cases) <= MOST_POINTS else ():
        if case.lon is not None and case.lat is not None and not board.is_idle(case):
            late = board.states[case.id] is ClockState.OVERDUE
            grave = late or case.severity is Severity.RED or case.id in board.newest
            points.append((case.lon, case.lat, grave))
    return labels.spots(board.stands, points)


def colour_class(count: int, measure: Measure) -> int:
    """The class 0 to 4 of a count on the map; the breaks are rules, so that colours mean the same every day."""
    return sum(count >= limit for limit in rules.current().breaks.of(measure))


def over_last(count: int, measure: Measure) -> float:
    """How many times the last break a count is, of which colours tell no more; 1 up to there."""
    return max(1.0, count / rules.current().breaks.of(measure)[-1])


def _classes(counts: Counts) -> tuple[int, ...]:
    return tuple(colour_class(counts.of(measure), measure) for measure in Measure)


def _last_overdue(last: Board, counts: Mapping[int, Counts], now: datetime) -> datetime | None:
    root = last.tree.root
    if root is None:
        return None
    was_overdue = last.counts_of(root).overdue  # until this moment, however long no picture was published
    return now if was_overdue or counts.get(root.id, Counts()).overdue else last.last_overdue_at


def _watched(tree: Tree, counts: Mapping[int, Counts]) -> int | None:
    grids = [node.id for node in tree.nodes.values() if node.level is Level.GRID and node.id in counts]
    found = max(grids, key=lambda place: (counts[place].overdue, counts[place].open), default=None)
    return found if found is not None and counts[found].open else None
