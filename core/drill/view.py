"""What a screen says about a place: the row of figures at every level, beside the parent and the period before."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from core.drill import counts
from core.drill.asked import Filter, Period
from core.drill.counts import ABOVE_GRIDS, ByPlace, Scope
from core.drill.ground import Around, Ground, around, ground
from core.drill.numbers import Numbers, total
from core.errors import NotFound
from core.language import N_
from core.people import Principal
from core.places import Node, Place
from core.rules import Rules
from core.words import GridKind, Level, Permission


@dataclass(frozen=True)
class Line:
    """A child with its numbers; `place` is None for what belongs to no child."""

    place: Place | None
    now: Numbers


@dataclass(frozen=True)
class View:
    """A place with its numbers in a period."""

    ground: Ground
    here: Around
    scope: Scope
    period: Period
    told: Filter
    now: Numbers
    before: Numbers  # of the period before; what is open is not known of it
    above: Numbers | None  # of the parent; None where there is none, or the asker may not read it
    lines: tuple[Line, ...]

    @property
    def place(self) -> Place:
        """The place itself."""
        return self.here.place

    @property
    def kind(self) -> GridKind | Level:
        """What the place is: the kind of a grid, else its level."""
        return GridKind(self.place.kind) if self.place.kind else Level(self.place.level)

    @property
    def trail(self) -> tuple[Node, ...]:
        """The way from the top down to the place, without the place itself."""
        nodes = self.ground.tree.nodes
        steps = [nodes.get(int(part)) for part in self.place.path.strip("/").split("/")[:-1]]
        return tuple(step for step in steps if step)


def view(
    db: Session, who: Principal, rules: Rules, code: str, period: Period, told: Filter, *, now: datetime,
    medians: bool = False,
) -> View:  # fmt: skip
    """The place called `code` with its numbers, and with `medians` of its children too; three queries.

    Raises: NotFound, when it did not exist at the end of the period, or `who` may not read its figures.
    """
    at = period.seen_at(now)
    then = ground(db, at)
    here = around(db, then, code, at)
    if here is None or not who.may(Permission.READ_FIGURES, here.place.path):
        raise NotFound(N_("There is no such place"))
    parent = here.parent if here.parent and who.may(Permission.READ_FIGURES, here.parent.path) else None
    own = counts.scope(then, here)
    over = counts.whole(then, parent) if parent else None
    inside = here.place.level not in ABOVE_GRIDS
    path = parent.path if parent else here.place.path
    is_running = period.end > now
    found = counts.counts(
        db, counts.open_now(who, path, told, rules, now, by_building=inside), own, over, told, rules,
        period, by_building=inside, bands_by_place=medians,
    )  # fmt: skip
    past, still = found.own, found.still
    open_here = _by_place(still, own, is_running=is_running)
    open_above = total(_by_place(still, over, is_running=is_running).values()) if over else Numbers()
    together = past.pop(0, Numbers())  # bands of no place in particular
    lines = _lines(here, _added(past, open_here))
    now_here = together + total(line.now for line in lines)
    return View(
        then, here, own, period, told, now_here, found.before, open_above + found.above if over else None, lines
    )


def _by_place(still: dict[tuple[int, int], Numbers], own: Scope, *, is_running: bool) -> ByPlace:
    """What is open at the place; promises of today are pending only in a period that holds today."""
    found: ByPlace = {}
    for (grid, place), one in still.items():
        if own.holds(grid, place):
            found[place] = found.get(place, Numbers()) + replace(one, pending=one.pending * is_running)
    return found


def _added(one: ByPlace, other: ByPlace) -> ByPlace:
    return {key: one.get(key, Numbers()) + other.get(key, Numbers()) for key in one.keys() | other.keys()}


def _lines(here: Around, numbers: ByPlace) -> tuple[Line, ...]:
    """The children in the order of their codes, and what belongs to none of them if there is any."""
    of_child, of_none = counts.folded(numbers, here.child_of)
    lines = [Line(child, of_child.get(child.id or 0, Numbers())) for child in here.children]
    return (*lines, *([Line(None, of_none)] if of_none != Numbers() else []))
