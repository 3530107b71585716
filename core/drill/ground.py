"""The places of a moment, past or present: the tree above buildings, what lies in a place, and what was redrawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from core.people import Principal
from core.places import Node, Place, Tree, below, planted, valid
from core.words import Level, Permission

HOLDS_BUILDINGS = (Level.GRID, Level.MICRO_GRID)
ABOVE_BUILDINGS = [level for level in Level if level is not Level.BUILDING]  # named, for the index
GRID_CODE = 15  # digits


@dataclass(frozen=True, slots=True)
class Redrawn:
    """A place above buildings that began or ended to hold at a moment."""

    node: Node
    from_at: datetime | None
    to_at: datetime | None


@dataclass(frozen=True)
class Ground:
    """The tree as it held at a moment, and every grid there ever was."""

    tree: Tree
    grids: tuple[Node, ...]  # of any time: what was counted there still counts above
    redrawn: tuple[Redrawn, ...]

    def grids_below(self, path: str) -> list[Node]:
        """The grids at or below `path`, those of other times too."""
        return [grid for grid in self.grids if grid.path.startswith(path)]

    def redrawn_below(self, path: str, since: datetime) -> list[Redrawn]:
        """What began or ended to hold below `path` from `since` on, the newest first."""
        found = [r for r in self.redrawn if r.node.path.startswith(path) and _changed(r) >= since]
        return sorted(found, key=_changed, reverse=True)


def _changed(redrawn: Redrawn) -> datetime:
    return max(moment for moment in (redrawn.from_at, redrawn.to_at) if moment)


def ground(db: Session, at: datetime) -> Ground:
    """The ground as it held at `at`; one query."""
    columns = (Place.id, Place.code, Place.name, Place.level, Place.parent_id, Place.path, Place.lon, Place.lat)
    query = select(*map(col, (*columns, Place.valid_from, Place.valid_to))).where(col(Place.level).in_(ABOVE_BUILDINGS))
    rows = [
        Redrawn(Node(r[0], r[1], r[2], Level(r[3]), *r[4:8]), r[8], r[9])
        for r in db.execute(query.order_by(Place.code))
    ]
    holding = [r.node for r in rows if (not r.from_at or r.from_at <= at) and (not r.to_at or r.to_at > at)]
    return Ground(
        planted(holding),
        tuple(r.node for r in rows if r.node.level is Level.GRID),
        tuple(r for r in rows if r.from_at or r.to_at),
    )


@dataclass(frozen=True)
class Around:
    """A place with what lies directly in it."""

    place: Place
    parent: Node | None  # a micro-grid is passed over
    children: tuple[Place, ...]
    beside: tuple[Place, ...]  # of a building: those of the same grid, itself among them
    child_of: dict[int, int]  # by id of whatever lies below: the child it lies in


def around(db: Session, ground: Ground, code: str, at: datetime) -> Around | None:
    """The place called `code` at the moment `at` of `ground`, with its children; one query."""
    node = ground.tree.by_code.get(code) or ground.tree.by_code.get(code[:GRID_CODE])
    if node is None:
        return None
    rows = _rows(db, node, at)
    place = next((row for row in rows if row.code == code), None)
    if place is None:
        return None
    assert place.id is not None
    children = tuple(row for row in rows if row.parent_id == place.id)
    ids = {child.id for child in children}
    paths = {row.id or 0: row.path for row in rows}
    paths |= {grid.id: grid.path for grid in ground.grids}  # one of another time lies in a community that still holds
    child_of = {key: child for key, path in paths.items() if (child := _child(path, place.path)) in ids}
    above = [step for step in ground.tree.trail(node) if step.id != place.id and step.level is not Level.MICRO_GRID]
    beside = tuple(row for row in rows if row.level == Level.BUILDING) if place.level == Level.BUILDING else ()
    return Around(place, above[-1] if above else None, children, beside, child_of)


def _rows(db: Session, node: Node, at: datetime) -> Sequence[Place]:
    """A place with its children, or a grid with everything in it; in the order of their codes."""
    if node.level in HOLDS_BUILDINGS:
        low, high = below(node.path)
        which = (col(Place.path) >= low) & (col(Place.path) < high)
    else:
        which = (col(Place.id) == node.id) | (col(Place.parent_id) == node.id)
    return db.exec(select(Place).where(which, *valid(at)).order_by(Place.code)).all()


def _child(path: str, above: str) -> int:
    """The id in `path` that comes right below `above`; 0 where none does."""
    if not path.startswith(above) or path == above:
        return 0
    return int(path[len(above) :].partition("/")[0])


def first_place(tree: Tree, who: Principal) -> Node | None:
    """Where somebody begins: the highest place whose figures they may read."""
    paths = sorted(who.paths(Permission.READ_FIGURES), key=len)
    nodes = (tree.nodes.get(int(path.rstrip("/").rpartition("/")[2])) for path in paths)
    return next(filter(None, nodes), None)
