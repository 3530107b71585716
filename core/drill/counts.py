"""The numbers of a place, its children and its parent: open cases from their index, the past from the tallies."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, select, true, union_all
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

HERE, ABOVE, OPEN = 0, 1, 2  # which part of the answer a row belongs to
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
    keys = (col(Case.grid_id), col(Case.place_id if by_building else Case.grid_id))
    sums = [func.sum(case((mark, 1), else_=0)) for mark in marks]
    zeros = _zeros(KINDS + len(BANDS) - len(marks))
    columns: list[Any] = [literal(OPEN), *keys, literal(NO_BAND), *sums, *zeros]
    return (
        select(*columns)
        .where(col(Case.path) >= low, col(Case.path) < high, visible_to(who), col(Case.ended_at).is_(None))
        .where(*told.conditions(Case, rules))
        .group_by(*dict.fromkeys(keys))
    )


@dataclass(frozen=True)
class Counts:
    """What was counted: open cases by grid and place, and what happened in two periods, the later one first."""

    still: dict[tuple[int, int], Numbers]
    own: tuple[ByPlace, ByPlace]
    above: tuple[Numbers, Numbers]


def counts(
    db: Session, still: Select[Any], here: Scope, above: Scope | None, told: Filter, rules: Rules,
    periods: tuple[Period, Period], *, by_building: bool, bands_by_place: bool,
) -> Counts:  # fmt: skip
    """What is `still` open, and what happened in two periods that follow each other, here and above it; one query.

    Without `bands_by_place` the bands of closures stand at place 0 together: ten times fewer rows, but no medians of
    children.
    """
    key: Any = col(Tally.place_id if by_building else Tally.grid_id)
    none: Any = literal(0)
    facets = told.facets(rules)
    parts = [still]
    if here.street_id and facets is not None:
        parts += _street(here.street_id, facets, periods, bands_by_place=bands_by_place)
    else:
        parts.append(_sums(HERE, key, here, told, rules, periods))
        parts.append(_bands(HERE, key if bands_by_place else none, here, told, rules, periods))
    if above and above.street_id and facets is not None:
        parts.append(_area(ABOVE, none, _itself(above.street_id), facets, periods, NUMBERS, BANDS))
    elif above:
        parts += [part(ABOVE, none, above, told, rules, periods) for part in (_sums, _bands)]
    return _counts(db.execute(union_all(*parts)))


def _counts(rows: Any) -> Counts:
    found: dict[tuple[int, int, int], _Counted] = {}
    still: dict[tuple[int, int], Numbers] = {}
    for part, first, place, band, *sums in rows:
        if part == OPEN:
            still[first, place] = Numbers(*sums[:MARKS])
            continue
        counted = found.setdefault((part, first, place), _Counted())
        if band == NO_BAND:
            counted.sums, counted.bands = sums[:KINDS], sums[KINDS:]
        else:
            counted.bands[band] = sums[0]
    own: tuple[ByPlace, ByPlace] = {}, {}
    over = [Numbers(), Numbers()]
    for (part, is_before, place), counted in found.items():
        if part == ABOVE:
            over[is_before] = counted.numbers()
        else:
            own[is_before][place] = counted.numbers()
    return Counts(still, own, (over[0], over[1]))


@dataclass
class _Counted:
    """The rows of one place in one period, put together."""

    sums: list[int] = field(default_factory=lambda: [0] * len(NUMBERS))
    bands: list[int] = field(default_factory=lambda: list(NO_BANDS))

    def numbers(self) -> Numbers:
        return Numbers(
            **dict(zip(NUMBERS, self.sums, strict=True)), bands=tuple(self.bands) if any(self.bands) else NO_BANDS
        )


def _sums(part: int, key: Any, which: Scope, told: Filter, rules: Rules, periods: tuple[Period, Period]) -> Select[Any]:
    sums = [func.sum(col(getattr(Tally, name))) for name in NUMBERS]
    keys = [_is_before(col(Tally.day), periods), key.label("place")]
    query = select(literal(part), *keys, literal(NO_BAND).label("band"), *sums, *_zeros(len(BANDS)))
    return query.where(which.condition(), _days(col(Tally.day), periods), *told.conditions(Tally, rules)).group_by(
        *keys
    )


def _bands(
    part: int, key: Any, which: Scope, told: Filter, rules: Rules, periods: tuple[Period, Period]
) -> Select[Any]:
    keys = [_is_before(col(Tally.day), periods), key.label("place"), col(Tally.band).label("band")]
    query = select(literal(part), *keys, func.sum(col(Tally.closed)), *_zeros(KINDS - 1 + len(BANDS)))
    in_bands = col(Tally.band) != NO_BAND
    days = _days(col(Tally.day), periods)
    return query.where(which.condition(), days, in_bands, *told.conditions(Tally, rules)).group_by(*keys)


def _street(
    street_id: int, facets: Sequence[str], periods: tuple[Period, Period], *, bands_by_place: bool
) -> list[Select[Any]]:
    """What lies directly in a street, from its own sums."""
    within = AREA_TALLY.c.within_id == street_id
    if bands_by_place:
        return [_area(HERE, AREA_TALLY.c.place_id, within, facets, periods, NUMBERS, BANDS)]
    return [
        _area(HERE, AREA_TALLY.c.place_id, within, facets, periods, NUMBERS, ()),
        _area(HERE, literal(0), _itself(street_id), facets, periods, (), BANDS),
    ]


def _area(
    part: int, key: Any, which: ColumnElement[bool], facets: Sequence[str], periods: tuple[Period, Period],
    numbers: Sequence[str], bands: Sequence[str],
) -> Select[Any]:  # fmt: skip
    """Those `numbers` and `bands` of area tallies, zero for the others."""
    table = AREA_TALLY.c
    sums = [
        func.sum(table[name]) if name in wanted else literal(0)
        for names, wanted in ((NUMBERS, numbers), (BANDS, bands))
        for name in names
    ]
    keys = [_is_before(table.day, periods), key.label("place")]
    query = select(literal(part), *keys, literal(NO_BAND).label("band"), *sums)
    return query.where(which, table.facet.in_(facets), _days(table.day, periods)).group_by(*keys)


def _itself(street_id: int) -> ColumnElement[bool]:
    return and_(AREA_TALLY.c.within_id == 0, AREA_TALLY.c.place_id == street_id)


def _zeros(count: int) -> list[Any]:
    return [literal(0)] * count


def _is_before(day: Any, periods: tuple[Period, Period]) -> Any:
    return case((day < periods[0].first, 1), else_=0).label("is_before")


def _days(day: Any, periods: tuple[Period, Period]) -> ColumnElement[bool]:
    """Both periods as one range, for they touch."""
    later, before = periods
    return and_(day >= before.first, day <= later.last)


def folded(numbers: ByPlace, child_of: dict[int, int]) -> tuple[dict[int, Numbers], Numbers]:
    """The numbers by child, and those of cases that belong to no child."""
    found: dict[int, list[Numbers]] = {}
    for place, one in numbers.items():
        found.setdefault(child_of.get(place, 0), []).append(one)
    of_none = total(found.pop(0, []))
    return {child: total(each) for child, each in found.items()}, of_none
