"""Finding a place by what somebody types: characters, pinyin, initials, or its code."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import and_, false, or_
from sqlmodel import Session, col, select

from core import spelling
from core.people import Principal
from core.places import Node, Place, Tree, below, node_of, valid
from core.words import Level, Permission

MOST = 8
SHORTEST_CODE = 2


def matches(db: Session, who: Principal, tree: Tree, near: Iterable[Place], typed: str, at: datetime) -> list[Node]:
    """The places that `typed` may mean, the best first: above buildings and those `near` in any spelling.

    Buildings farther away are found by the characters of their names and addresses, or by code; one query.
    """
    word = spelling.folded(typed)
    if not word:
        return []
    known = [*tree.nodes.values(), *(node_of(place) for place in near), *_buildings(db, who, typed.strip(), at)]
    allowed = {node.id: node for node in known if who.may(Permission.READ_FIGURES, node.path)}
    ranked = [
        (rank, len(node.path), node.code, node.id) for node in allowed.values() if (rank := _rank(word, node)) < 9
    ]
    return [allowed[place] for *_, place in sorted(ranked)[:MOST]]


def _rank(word: str, node: Node) -> int:
    """How well a word names a place, the smaller the better; 9 if not at all."""
    if word.isdigit() and len(word) >= SHORTEST_CODE and (node.code == word or node.code.startswith(word)):
        return spelling.WHOLE if node.code == word else spelling.BEGINS
    if word == node.short_code:
        return spelling.WHOLE
    fit = spelling.fit(word, node.name)
    return 9 if fit is None else fit


def _buildings(db: Session, who: Principal, typed: str, at: datetime) -> list[Node]:
    ranges = [below(path) for path in who.paths(Permission.READ_FIGURES)]
    named = col(Place.name).contains(typed, autoescape=True) | col(Place.code).startswith(typed, autoescape=True)
    own = or_(false(), *(and_(col(Place.path) >= low, col(Place.path) < high) for low, high in ranges))
    query = select(Place).where(Place.level == Level.BUILDING, named, own, *valid(at))
    return [node_of(row) for row in db.exec(query.order_by(Place.code).limit(MOST))]
