"""Where a report is: a place from what somebody types, or from a point of the map."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from core import places
from core.places import Gazetteer, Node, Place, Spot, Tree
from core.spelling import BEGINS, WHOLE, fit, folded, spelling
from core.words import Level

MOST_FOUND = 8
NUMBERED = re.compile(r"(\d+)(?:号楼|栋|座|#)")  # all of them are 幢 here
COUNTED = re.compile(r"([一二三四五六七八九]?十?[一二三四五六七八九]?)(?=号楼|栋|座|幢|号|单元)")
DIGITS = {character: number for number, character in enumerate("零一二三四五六七八九")}
COMPOUND = re.compile(r"^(\D{2,}?)\d+幢$")


@dataclass(frozen=True, slots=True)
class Found:
    """A place as it is offered: its name, where it lies, and the spot a case there would have.

    Units: lon, lat in WGS84; of a place without a point None.
    """

    key: str
    name: str
    within: str  # community and grid
    spot: Spot | None  # None: too large for a case, a grid must be named
    lon: float | None
    lat: float | None


@dataclass(frozen=True, slots=True)
class _Entry:
    found: Found
    names: tuple[str, ...]
    rank: int  # of equal fits the larger place first


@dataclass(frozen=True)
class Finder:
    """Finds places by name and by point; built once and asked while somebody types."""

    entries: Sequence[_Entry]
    gazetteer: Gazetteer

    def named(self, typed: str, most: int = MOST_FOUND) -> list[Found]:
        """The places that `typed` may mean, the likeliest first; an address may say more than the name of a place."""
        word = plain(typed)
        if not word:
            return []
        fits = ((_fit(word, entry), entry) for entry in self.entries)
        best = sorted(
            (grade, entry.rank, len(entry.found.name), entry.found.key, entry) for grade, entry in fits if grade
        )
        return [entry.found for *_, entry in best[:most]]

    def at(self, lon: float, lat: float) -> Found | None:
        """The place of a point of the map; None outside every grid."""
        spot = self.gazetteer.spot(lon, lat)
        if spot is None:
            return None
        known = next((e.found for e in self.entries if e.found.key == str(spot.place_id)), None)
        name = known.name if known else spot.grid.name
        return Found(f"{lon:.6f},{lat:.6f}", name, known.within if known else "", spot, lon, lat)


def plain(typed: str) -> str:
    """What was typed in one spelling: folded, numbers in digits, every kind of building 幢."""
    text = folded(typed)
    return NUMBERED.sub(r"\1幢", COUNTED.sub(lambda found: _number(found[1]), text))


def _number(characters: str) -> str:
    """十二 as 12, up to ninety-nine."""
    if "十" not in characters:
        return "".join(str(DIGITS[one]) for one in characters)
    tens, _, ones = characters.partition("十")
    return str(10 * DIGITS.get(tens, 1) + DIGITS.get(ones, 0))


Grade = tuple[int, int]


def _fit(word: str, entry: _Entry) -> Grade | None:
    """How well a word names a place, the smaller the better: the place within the word, or the word for the place."""
    grades = [grade for name in entry.names if (grade := _fit_name(word, name)) is not None]
    return min(grades, default=None)


def _fit_name(word: str, name: str) -> Grade | None:
    if len(name) > 1 and name in word and name != word:  # an address that goes on: …3幢2单元
        return BEGINS, -len(name)
    grade = fit(word, name)
    return None if grade is None else (grade, 0 if grade == WHOLE else 1)


def finder(db: Session, at: datetime) -> Finder:
    """The places valid at `at`, ready to be found."""
    tree, gazetteer = places.tree(db, at), places.gazetteer(db, at)
    columns = (Place.id, Place.name, Place.address, Place.path, Place.lon, Place.lat, Place.parent_id)
    rows = db.execute(
        select(*map(col, columns)).where(Place.level == Level.BUILDING, *places.valid(at)).order_by(Place.code)
    )
    buildings = [_Building(*row) for row in rows]
    entries = [*(_above(node, tree) for node in tree.nodes.values()), *_compounds(buildings, tree)]
    entries += (entry for building in buildings if (entry := _of_building(building, tree)))
    for entry in entries:
        for name in entry.names:
            spelling(name)  # so that nobody waits for it while typing
    return Finder(entries, gazetteer)


@dataclass(frozen=True, slots=True)
class _Building:
    id: int
    name: str
    address: str | None
    path: str
    lon: float | None
    lat: float | None
    parent_id: int | None

    @property
    def compound(self) -> str | None:
        found = COMPOUND.match(plain(self.name))
        return found[1] if found else None


def _above(node: Node, tree: Tree) -> _Entry:
    spot = Spot(node) if node.level is Level.GRID else None
    within = " › ".join(above.name for above in tree.trail(node)[1:-1])
    named = (plain(node.name), *([plain(node.name + "网格")] if node.level is Level.GRID else ()))
    rank = list(Level).index(node.level)
    return _Entry(Found(str(node.id), node.name, within, spot, node.lon, node.lat), named, rank)


def _of_building(building: _Building, tree: Tree) -> _Entry | None:
    grid = tree.nodes.get(building.parent_id or 0)
    if grid is None or grid.level is not Level.GRID:
        return None
    spot = Spot(grid, building.id, building.path)
    names = dict.fromkeys(plain(name) for name in (building.name, building.address or "") if name)
    found = Found(str(building.id), building.name, _within(grid, tree), spot, building.lon, building.lat)
    return _Entry(found, tuple(names), 6)


def _compounds(buildings: Iterable[_Building], tree: Tree) -> Iterable[_Entry]:
    """A compound is what buildings of one grid share of their names: 北塘小区 of 北塘小区1幢."""
    members: dict[tuple[int, str], list[_Building]] = {}
    for building in buildings:
        if building.compound and building.parent_id in tree.nodes:
            members.setdefault((building.parent_id, building.compound), []).append(building)
    for (grid_id, name), found in members.items():
        grid = tree.nodes[grid_id]
        placed = [(one.lon, one.lat) for one in found if one.lon is not None and one.lat is not None]
        lon, lat = (sum(one) / len(placed) for one in zip(*placed, strict=True)) if placed else (None, None)
        address = plain(found[0].address or "").partition(name)[0]
        names = (name, *([address + name] if address else ()))
        yield _Entry(Found(f"{grid_id}:{name}", name, _within(grid, tree), Spot(grid), lon, lat), names, 5)


def _within(grid: Node, tree: Tree) -> str:
    return " › ".join(place.name for place in tree.trail(grid)[1:])
