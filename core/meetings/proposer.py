"""The agenda that a meeting is proposed: a pure function of cases, resolutions, rules and now; it explains itself.

Units: aware UTC; minutes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache, partial
from typing import Any, NamedTuple

from core.meeting_words import Cause, Progress
from core.meetings.kinds import Kind, MeetingRules
from core.words import Severity

DAY = timedelta(days=1)
GRID_DEPTH = 3  # street, community, grid


class CaseFacts(NamedTuple):
    """What the proposer knows of a case; everything is counted elsewhere."""

    id: int
    category: str
    severity: str
    path: str
    unit_id: int | None = None
    clock_from: datetime | None = None  # of the promise that falls due first
    due_at: datetime | None = None
    suspended_at: datetime | None = None
    is_open: bool = True
    is_solved: bool = False  # checked on site, and not closed yet: nothing is left to decide
    departments: tuple[int, ...] = ()  # every unit that had it
    # counts, as `COUNTED` reads them
    returned: int = 0  # or reworked
    reports: int = 1  # of the same thing in 30 days
    unsatisfied: int = 0
    whistles: int = 0  # for a tough case
    promoted: int = 0  # meetings below at which it stayed unsolved
    carried: int = 0  # times it was dropped or put off here
    not_done: int = 0  # resolutions of other meetings past their date


class Pledge(NamedTuple):
    """A resolution of an earlier meeting of the series that has not been signed off."""

    id: int
    progress: Progress
    due_at: datetime
    unit_ids: tuple[int, ...] = ()  # the lead first
    case_ids: tuple[int, ...] = ()


class Part(NamedTuple):
    """What one cause adds to a score."""

    cause: Cause
    amount: float
    points: float


class WhyOut(StrEnum):
    """Why something was left out."""

    TIME = "time"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Item:
    """A proposed item: like cases of one area, or the progress of one resolution."""

    case_ids: tuple[int, ...]
    category: str
    area: str  # the path of the place the cases have in common
    unit_ids: tuple[int, ...]  # who must attend, the lead first
    minutes: int
    parts: tuple[Part, ...] = ()
    is_must: bool = False
    resolution_id: int | None = None
    out: WhyOut | None = None

    @property
    def score(self) -> float:
        """The points of its parts."""
        return sum(part.points for part in self.parts)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What fits into the time box, in order, and what does not, with the reason."""

    items: tuple[Item, ...]
    left_out: tuple[Item, ...]

    @property
    def minutes(self) -> int:
        """How long it takes."""
        return sum(item.minutes for item in self.items)


def propose(
    cases: Iterable[CaseFacts],
    pledges: Iterable[Pledge],
    kind: Kind,
    rules: MeetingRules,
    now: datetime,
    *,
    minutes: int | None = None,
    depth: int = 1,
) -> Proposal:
    """The agenda of a meeting of `kind` with `minutes` to spend, of a place at `depth` (1: a street).

    Resolutions of earlier meetings come first, then the cases that cannot be passed over, then the weightiest;
    of what is solved and not closed yet no new item is made.
    """
    cases, left = list(cases), kind.minutes if minutes is None else minutes
    still = {case.id: case for case in cases if case.is_open}
    reviews, left, without_time = _reviews(pledges, still, rules, left)
    taken = {case_id for item in (*reviews, *without_time) for case_id in item.case_ids}
    unsolved = (case for case in still.values() if not case.is_solved and case.id not in taken)
    groups = _groups(unsolved, kind, rules, now, depth)
    chosen: list[Item] = []
    musts, others = list(without_time), list[Item]()
    for item in groups:
        if (item.is_must or item.score >= kind.least) and item.minutes <= left:
            chosen.append(item)
            left -= item.minutes
        elif item.is_must:
            musts.append(replace(item, out=WhyOut.TIME))
        elif len(others) < rules.tell_again:
            others.append(replace(item, out=WhyOut.TIME if item.score >= kind.least else WhyOut.LOW))
    return Proposal((*reviews, *in_order(chosen)), (*musts, *others))


def in_order(items: Sequence[Item]) -> list[Item]:
    """The items by unit, so that nobody sits through everything; the unit with the gravest item first."""
    best: dict[int, tuple[bool, float]] = {}
    for item in items:
        unit = _lead(item)
        best[unit] = max(best.get(unit, (False, 0.0)), (item.is_must, item.score))

    def rank(item: Item) -> tuple[bool, float, int, bool, float, tuple[int, ...]]:
        is_must, score = best[_lead(item)]
        return not is_must, -score, _lead(item), not item.is_must, -item.score, item.case_ids

    return sorted(items, key=rank)


def _lead(item: Item) -> int:
    return item.unit_ids[0] if item.unit_ids else 0


def parts_of(case: CaseFacts, rules: MeetingRules, now: datetime) -> tuple[Part, ...]:
    """What speaks for a case: each cause that counts, its amount and its points."""
    return tuple(
        Part(cause, amount, reason.worth(amount))
        for cause, amount in _amounts(case, now)
        if amount >= (reason := rules.reasons[cause]).since
    )


def _amounts(case: CaseFacts, now: datetime) -> list[tuple[Cause, float]]:
    """Every cause with more than nothing to say; called for each open case, so nothing is looked up twice."""
    found: list[tuple[Cause, float]] = []
    counts: Any = case[FIRST_COUNT:]
    if counts != NOTHING_COUNTED:
        found += [(cause, count) for cause, count in zip(COUNTED, counts, strict=True) if count]
    if case.departments:
        found.append((Cause.DEPARTMENTS, len(case.departments)))
    if case.severity == RED:
        found.append((Cause.RED, 1))
    if case.suspended_at is not None and case.suspended_at < now:
        found.append((Cause.SUSPENDED, (now - case.suspended_at) / DAY))
    if case.due_at is not None and case.clock_from is not None and case.clock_from < case.due_at < now:
        found.append((Cause.OVERDUE, (now - case.clock_from) / (case.due_at - case.clock_from)))
    return found


RED = Severity.RED.value
FIRST_COUNT = CaseFacts._fields.index("returned")
NOTHING_COUNTED = (0, 1, 0, 0, 0, 0, 0)
COUNTED = (  # in the order of the fields
    *(Cause.RETURNED, Cause.REPORTS, Cause.UNSATISFIED, Cause.WHISTLE),
    *(Cause.PROMOTED, Cause.CARRIED, Cause.NOT_DONE),
)
_RANK = {Progress.OVERDUE: 0, Progress.NOT_STARTED: 1, Progress.UNDER_WAY: 2, Progress.SUSPENDED: 3, Progress.DONE: 4}


def _reviews(
    pledges: Iterable[Pledge], still: dict[int, CaseFacts], rules: MeetingRules, left: int
) -> tuple[list[Item], int, list[Item]]:
    """The progress of earlier resolutions, what is late first; the time left; and those there is no time for."""
    found, out, seen = list[Item](), list[Item](), set[int]()
    for pledge in sorted(pledges, key=lambda pledge: (_RANK[pledge.progress], pledge.due_at, pledge.id)):
        cases = tuple(dict.fromkeys(n for n in pledge.case_ids if n in still and n not in seen))
        seen.update(cases)
        first = still[cases[0]] if cases else None
        item = Item(
            cases, first.category if first else "", first.path if first else "", pledge.unit_ids,
            rules.review_minutes, is_must=pledge.progress is not Progress.DONE, resolution_id=pledge.id,
        )  # fmt: skip
        if item.minutes <= left:
            found.append(item)
            left -= item.minutes
        else:
            out.append(replace(item, out=WhyOut.TIME))
    return found, left, out


Weighed = tuple[float, CaseFacts, list[tuple[Cause, float]]]  # the weight negative: the gravest sorts first


def _groups(cases: Iterable[CaseFacts], kind: Kind, rules: MeetingRules, now: datetime, depth: int) -> list[Item]:
    """Like cases of one area as items, what cannot be passed over first, then by score."""
    alike: dict[tuple[str, str], list[Weighed]] = {}
    area_of = cache(partial(_area, depth=depth))
    worth = {id(cause): (reason.since, reason.points, reason.most) for cause, reason in rules.reasons.items()}
    for case in cases:
        weight, counted = 0.0, []
        for said in _amounts(case, now):
            since, points, most = worth[id(said[0])]  # an enumeration's own hash is slow, and there are many cases
            if said[1] >= since:
                weight -= min(most, points * said[1])
                counted.append(said)
        if counted:
            alike.setdefault((case.category, area_of(case.path)), []).append((weight, case, counted))
    items = [
        _item(group[first : first + rules.cases_per_item], kind, rules, area)
        for (_, area), group in alike.items()
        for first in range(0, len(_sorted(group)), rules.cases_per_item)
    ]
    return sorted(items, key=lambda item: (not item.is_must, -item.score, item.case_ids))


def _sorted(group: list[Weighed]) -> list[Weighed]:
    group.sort(key=lambda weighed: (weighed[0], weighed[1].id))
    return group


def _area(path: str, depth: int) -> str:
    """The place just below that of the meeting in which a case lies; of a grid the grid itself."""
    return "/".join(path.split("/")[: min(depth + 1, GRID_DEPTH) + 1]) + "/"


def _item(group: Sequence[Weighed], kind: Kind, rules: MeetingRules, area: str) -> Item:
    """An item weighs as much as the gravest of its cases does for each cause."""
    gravest: dict[Cause, float] = {}
    for cause, amount in (said for _, _, counted in group for said in counted):
        gravest[cause] = max(amount, gravest.get(cause, 0))
    parts = [Part(cause, amount, rules.reasons[cause].worth(amount)) for cause, amount in gravest.items()]
    units = dict.fromkeys(
        unit for _, case, _ in group for unit in (case.unit_id, *case.departments) if unit is not None
    )
    first = group[0][1]
    return Item(
        case_ids=tuple(case.id for _, case, _ in group),
        category=first.category,
        area=area if len(group) > 1 else first.path,
        unit_ids=tuple(units),
        minutes=rules.item_minutes(kind, len(group)),
        parts=tuple(sorted(parts, key=lambda part: (-part.points, part.cause))),
        is_must=any(rules.reasons[part.cause].is_must(part.amount) for part in parts),
    )
