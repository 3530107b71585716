"""The numbers of a place, its children and its parent: open cases from their index, the past from the tallies."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, case, cast, func, literal, select, true, union_all
from sqlmodel import Session, col

from core.cases.queries import visible_to
from core.cases.tables import Case
from core.drill.asked import Filter, Period, day_end
from core.drill.ground import Around, Ground
from core.drill.numbers import NO_BANDS, Numbers, total
from core.people import Principal
from core.places import Node, below, node_of
from core.rules import Rules
from core.tallies import AREA_TALLY, BANDS, NO_BAND, NUMBERS, Tally
from core.words import Level

OPEN, HERE, BEFORE, ABOVE = range(4)  # which part of the answer a row belongs to
MARKS = 4  # what is counted of open cases
KINDS = len(NUMBERS)
ABOVE_GRIDS = (Level.STREET, Level.COMMUNITY)
ByPlace = dict[int, Numbers]  # by grid; within a grid by building, or by the grid where there is none


@dataclass(frozen=True)
class Scope:
    """Which rows belong to a place."""

    grid_ids: frozenset[int]
    place_ids: frozenset[int] | None = None  # None: everything in these grids
    street_id: int | None = None  # of a street, whose sums are kept

    def holds(self, grid_id: int, place_id: int) -> bool:
        """Whether a case of this grid and place belongs to it."""
        return grid_id in self.grid_ids and (self.place_ids is None or place_id in self.place_ids)

    def condition(self) -> ColumnElement[bool]:
        """The same for tallies."""
        within = col(Tally.grid_id).in_(self.grid_ids)
        return within if self.place_ids is None else and_(within, col(Tally.place_id).in_(self.place_ids))

    def reports(self) -> ColumnElement[bool]:
        """The same for reports alone; those of a street are found by their day, in an index, and not grid by grid."""
        by_day = func.coalesce(Tally.grid_id, Tally.grid_id).in_(self.grid_ids)
        return and_(by_day if self.street_id else self.condition(), col(Tally.hour) >= 0)


def scope(ground: Ground, here: Around) -> Scope:
    """The rows of the place itself."""
    place = here.place
    if place.level in (*ABOVE_GRIDS, Level.GRID):
        return whole(ground, node_of(place))
    grids = frozenset(grid.id for grid in ground.grids if place.path.startswith(grid.path))
    return Scope(grids, frozenset((place.id or 0, *here.child_of)))


def whole(ground: Ground, node: Node) -> Scope:
    """The rows of a grid, or of a place above grids."""
    grids = frozenset(grid.id for grid in ground.grids_below(node.path))
    return Scope(grids, street_id=node.id if node.level is Level.STREET else None)


def open_now(who: Principal, path: str, told: Filter, rules: Rules, now: datetime, *, by_building: bool) -> Select[Any]:
    """What is open at or below `path` by grid and place, the place being the grid unless `by_building`."""
    low, high = below(path)
    narrowed = col(Case.stage) == told.stage if told.stage else true()
    runs = and_(narrowed, col(Case.suspended_at).is_(None))
    marks = (
        narrowed,
        and_(runs, col(Case.due_at) < now),
        and_(runs, col(Case.due_at) >= now, col(Case.due_at) <= now + rules.due_soon),
        and_(col(Case.final_due_at) >= now, col(Case.final_due_at) < day_end(now)),
    )
    keys = (col(Case.place_id if by_building else Case.grid_id), col(Case.grid_id))
    sums = [func.sum(case((mark, 1), else_=0)) for mark in marks]
    zeros = _zeros(KINDS + len(BANDS) - len(marks))
    columns: list[Any] = [literal(OPEN), *keys, *sums, *zeros]
    return (
        select(*columns)
        .where(col(Case.path) >= low, col(Case.path) < high, visible_to(who), col(Case.ended_at).is_(None))
        .where(*told.conditions(Case, rules))
        .group_by(*dict.fromkeys(keys))
    )


@dataclass(frozen=True)
class Counts:
    """What was counted: open cases by grid and place, what happened by place, and all of it before and above."""

    still: dict[tuple[int, int], Numbers]
    own: ByPlace
    before: Numbers
    above: Numbers


def counts(
    db: Session, still: Select[Any], here: Scope, above: Scope | None, told: Filter, rules: Rules, period: Period, *,
    by_building: bool, bands_by_place: bool,
) -> Counts:  # fmt: skip
    """What is `still` open, and what happened in the period: here, here in the period before, and above; one query.

    Without `bands_by_place` the bands of closures stand at place 0 together: ten times fewer rows, but no medians of
    children.
    """
    key = col(Tally.place_id if by_building else Tally.grid_id)
    parts = [still, *_happened(HERE, here, period, told, rules, key, bands_by_place=bands_by_place)]
    parts += _happened(BEFORE, here, period.before, told, rules)
    if above:
        parts += _happened(ABOVE, above, period, told, rules)
    return _counts(db.execute(union_all(*parts)))


def _counts(rows: Any) -> Counts:
    found: dict[tuple[int, int], _Counted] = {}
    still: dict[tuple[int, int], Numbers] = {}
    for part, place, other, *sums in rows:
        if part == OPEN:
            still[other, place] = Numbers(*sums[:MARKS])
            continue
        counted = found.setdefault((part, place), _Counted())
        if other == NO_BAND:
            counted.sums, counted.bands = sums[:KINDS], sums[KINDS:]
        else:
            counted.bands[other] = sums[0]
    own = {place: counted.numbers() for (part, place), counted in found.items() if part == HERE}
    before, above = (found.get((part, 0), _Counted()).numbers() for part in (BEFORE, ABOVE))
    return Counts(still, own, before, above)


@dataclass
class _Counted:
    """The rows of one place in one period, put together."""

    sums: list[int] = field(default_factory=lambda: [0] * len(NUMBERS))
    bands: list[int] = field(default_factory=lambda: list(NO_BANDS))

    def numbers(self) -> Numbers:
        return Numbers(
            **dict(zip(NUMBERS, self.sums, strict=True)), bands=tuple(self.bands) if any(self.bands) else NO_BANDS
        )


def _happened(
    part: int, which: Scope, period: Period, told: Filter, rules: Rules, key: Any = None, *,
    bands_by_place: bool = False,
) -> list[Select[Any]]:  # fmt: skip
    """What happened by the place that `key` names, or all at place 0; from the sums of a street where they are kept."""
    facets = told.facets(rules)
    if not which.street_id or facets is None:
        return _summed(
            part, which, period, told, rules, literal(0) if key is None else key, bands_by_place=bands_by_place
        )
    itself, within, key_within = of_street(which.street_id), in_street(which.street_id), AREA_TALLY.c.place_id
    if key is None:
        return [_area(part, literal(0), itself, facets, period, NUMBERS, BANDS)]
    if bands_by_place:
        return [_area(part, key_within, within, facets, period, NUMBERS, BANDS)]
    return [
        _area(part, key_within, within, facets, period, NUMBERS, ()),
        _area(part, literal(0), itself, facets, period, (), BANDS),
    ]


def _summed(
    part: int, which: Scope, period: Period, told: Filter, rules: Rules, key: Any, *, bands_by_place: bool
) -> list[Select[Any]]:
    """The numbers by place and the bands, both from one pass over the tallies."""
    keys = [key.label("place"), col(Tally.band)]
    sums = [func.sum(col(getattr(Tally, name))).label(name) for name in NUMBERS]
    where = (which.condition(), *days(col(Tally.day), period), *told.conditions(Tally, rules))
    read = select(*keys, *sums).where(*where).group_by(*keys).cte().c
    numbers = select(literal(part), read.place, literal(NO_BAND), *(_whole(read[name]) for name in NUMBERS))
    numbers = numbers.add_columns(*_zeros(len(BANDS))).group_by(read.place)
    place = read.place if bands_by_place else literal(0).label("all")
    bands = select(literal(part), place, read.band, _whole(read.closed), *_zeros(KINDS - 1 + len(BANDS)))
    return [numbers, bands.where(read.band != NO_BAND).group_by(place, read.band)]


def _whole(summed: Any) -> Any:
    """The sum of sums as a whole number, of which PostgreSQL makes a decimal one."""
    return cast(func.sum(summed), Integer)


def of_street(street_id: int) -> ColumnElement[bool]:
    """The sums of a street."""
    return and_(AREA_TALLY.c.within_id == 0, AREA_TALLY.c.place_id == street_id)


def in_street(street_id: int) -> ColumnElement[bool]:
    """The sums of what lies directly in a street."""
    return AREA_TALLY.c.within_id == street_id


def _area(
    part: int, key: Any, which: ColumnElement[bool], facets: Sequence[str], period: Period,
    numbers: Sequence[str], bands: Sequence[str],
) -> Select[Any]:  # fmt: skip
    """Those `numbers` and `bands` of area tallies, zero for the others."""
    table, place = AREA_TALLY.c, key.label("place")
    sums = [
        func.sum(table[name]) if name in wanted else literal(0)
        for names, wanted in ((NUMBERS, numbers), (BANDS, bands))
        for name in names
    ]
    query = select(literal(part), place, literal(NO_BAND), *sums)
    return query.where(which, table.facet.in_(facets), *days(table.day, period)).group_by(place)


def days(day: Any, period: Period) -> tuple[ColumnElement[bool], ...]:
    """Whether a day lies in the period."""
    return (day >= period.first, day <= period.last)


def _zeros(count: int) -> list[Any]:
    return [literal(0)] * count


def folded(numbers: ByPlace, child_of: dict[int, int]) -> tuple[dict[int, Numbers], Numbers]:
    """The numbers by child, and those of cases that belong to no child."""
    found: dict[int, list[Numbers]] = {}
    for place, one in numbers.items():
        found.setdefault(child_of.get(place, 0), []).append(one)
    of_none = total(found.pop(0, []))
    return {child: total(each) for child, each in found.items()}, of_none
