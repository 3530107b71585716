"""One box: sector, unit, name, place or building, in characters, pinyin or initials, in any order; at typing speed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from heapq import nsmallest
from itertools import islice
from operator import itemgetter
from typing import Literal

from core.clock import local
from core.liaisons.answer import Answer
from core.liaisons.directory import Contact, Directory
from core.places import Node
from core.spelling import fit, folded, spelling
from core.words import Level

MOST_ANSWERS, MOST_PEOPLE = 14, 12
KEPT_WORDS = 4_096  # typed lately: while somebody types on, the words before are known

Kind = Literal["sectors", "units", "people", "places"]
Code = str | int
Near = tuple[int, str]  # how deep a place lies, and its code


@dataclass(frozen=True, slots=True)
class Fits:
    """What a word names, and how well: the smaller the better."""

    sectors: dict[str, int]
    units: dict[int, int]
    people: dict[int, int]
    places: dict[int, int]
    meant: dict[str, int]  # sectors named by their own name or by that of a unit


@dataclass(frozen=True, slots=True)
class Row:
    """Who answers for one sector at one place, and at the others for which it was found on the same way."""

    place: Node
    answer: Answer
    also: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What was typed for: answers, the likeliest first, people known by name or unit, and words that name nothing.

    `others` are answers for what was not asked; only where nothing fits all that was typed.
    """

    answers: tuple[Row, ...] = ()
    people: tuple[Contact, ...] = ()
    unknown: tuple[str, ...] = ()
    others: tuple[Row, ...] = ()


class Index:
    """The names of one version of the directory, by each letter they hold."""

    def __init__(self, directory: Directory) -> None:
        self.directory = directory
        self._by_letter: dict[str, list[tuple[Kind, Code, str]]] = {}
        for kind, code, name in _names(directory):
            known = spelling(name)
            for letter in set(known.characters + known.initials):
                self._by_letter.setdefault(letter, []).append((kind, code, name))
        self.fits = lru_cache(KEPT_WORDS)(self._fits)

    def _fits(self, word: str) -> Fits | None:
        found: dict[Kind, dict[Code, int]] = {"sectors": {}, "units": {}, "people": {}, "places": {}}
        for kind, code, name in self._by_letter.get(word[:1], ()):
            how = fit(word, name)
            if how is not None:
                found[kind][code] = min(how, found[kind].get(code, how))
        meant = dict(found["sectors"])
        for unit, how in found["units"].items():
            sector = self.directory.offices[int(unit)].sector
            meant[sector] = min(how, meant.get(sector, how))
        return Fits(**found, meant=meant) if any(found.values()) else None  # type: ignore[arg-type]

    def search(self, typed: str, scope: Sequence[str], at: datetime) -> Found:
        """Who answers for what was typed, at the places of `scope` (paths) and below, at `at`.

        Without a place it is asked for the places of `scope` themselves, without a sector for all sectors; so nothing
        typed is answered too. Words that name nothing are told, and the others are searched for.
        Units: `at` aware.
        """
        known = {word: self.fits(folded(word)) for word in typed.split()}
        words = [fits for fits in known.values() if fits]
        pairs = self._pairs(words, scope, at)
        rows = [Row(place, self.directory.answer(sector, place.path, at)) for sector, place in pairs]
        unknown = tuple(word for word, fits in known.items() if not fits)
        return Found(tuple(_telling(rows)), self._people(words, scope, local(at).date()), unknown)

    def nearest(self, typed: str, scope: Sequence[str], at: datetime) -> Found:
        """What is shown where nothing fits all that was typed: what the words for sectors find, beside it all others.

        Where no word names a sector, one that names a unit means the unit's. The other words are told as unknown;
        without a word for a sector all sectors are the answer.
        Units: `at` aware.
        """
        known = {word: self.fits(folded(word)) for word in typed.split()}
        named = {word: fits for word, fits in known.items() if fits}
        meant = [word for word, fits in named.items() if fits.sectors] or [w for w, fits in named.items() if fits.meant]
        rest = tuple(word for word in known if word not in meant)
        asked = dict.fromkeys(row for word in meant for row in self.search(word, scope, at).answers)
        every, sectors = self.search("", scope, at).answers, {row.answer.sector for row in asked}
        if not asked:
            return Found(every, (), rest)
        others = tuple(row for row in every if row.answer.sector not in sectors)
        return Found(tuple(islice(asked, MOST_ANSWERS)), (), rest, others)

    def _pairs(self, words: Sequence[Fits], scope: Sequence[str], at: datetime) -> list[tuple[str, Node]]:
        """The likeliest pairs of sector and place."""
        scored: list[tuple[tuple[int, Near], str, Node]] = []
        for sector in self._in_use(at):
            rest = [word for word in words if sector not in word.meant]
            if len(rest) < len(words):
                score = sum(word.meant.get(sector, 0) for word in words)
                scored += [((score + s, near), sector, place) for s, near, place in self._places(rest, scope, at)]
        best = self._places(words, scope, at)[:1]
        scored += [((s, near), sector, place) for s, near, place in best for sector in self._in_use(at)]
        pairs = ((sector, place) for _, sector, place in sorted(scored, key=itemgetter(0)))
        unique = dict.fromkeys((sector, place.id) for sector, place in pairs)
        return [(sector, self.directory.places[place]) for sector, place in islice(unique, MOST_ANSWERS)]

    def _in_use(self, at: datetime) -> list[str]:
        on = local(at).date()
        return [code for code, sector in self.directory.sectors.items() if sector.holds_on(on)]

    def _places(self, words: Sequence[Fits], scope: Sequence[str], at: datetime) -> list[tuple[int, Near, Node]]:
        """The places that all of `words` name, the best first, large before small; without words, those of `scope`."""
        ids = set.intersection(*(set(word.places) for word in words)) if words else self._tops(scope)
        found = []
        for node in map(self.directory.places.__getitem__, ids):
            if _lies_in(node.path, scope) and not self._is_over(node, at):
                score = sum(word.places[node.id] for word in words)
                found.append((score, (node.path.count("/"), node.code), node))
        return nsmallest(MOST_ANSWERS, found, key=itemgetter(0, 1))

    def _tops(self, scope: Sequence[str]) -> set[int]:
        return {node.id for path in scope for node in islice(self.directory.above(path), 1)}

    def _is_over(self, node: Node, at: datetime) -> bool:
        return node.id in self.directory.ended and self.directory.ended[node.id] <= at

    def _people(self, words: Sequence[Fits], scope: Sequence[str], on: date) -> tuple[Contact, ...]:
        """Those whose name or unit is among the words; every other word names their sector or a place of theirs."""
        found = []
        for contact in self._named(words):
            hows = [self._how(word, contact, on) for word in words]
            if contact.holds_on(on) and None not in hows and self._is_near(contact, scope, on):
                found.append((sum(how or 0 for how in hows), contact.id, contact))
        return tuple(contact for *_, contact in nsmallest(MOST_PEOPLE, found, key=itemgetter(0, 1)))

    def _named(self, words: Sequence[Fits]) -> list[Contact]:
        ids = {one for word in words for one in word.people}
        units = {one for word in words for one in word.units}
        return [c for c in self.directory.contacts.values() if c.id in ids or c.unit_id in units]

    def _how(self, word: Fits, contact: Contact, on: date) -> int | None:
        sector = self.directory.offices[contact.unit_id].sector
        hows = [word.people.get(contact.id), word.units.get(contact.unit_id), word.sectors.get(sector)]
        hows += [word.places.get(place) for place in contact.places_on(on)]
        return min((how for how in hows if how is not None), default=None)

    def _is_near(self, contact: Contact, scope: Sequence[str], on: date) -> bool:
        """Whether somebody answers for a place within `scope`, or for one that it lies in."""
        ids = (*contact.places_on(on), self.directory.offices[contact.unit_id].place_id)
        paths = [self.directory.places[one].path for one in ids if one in self.directory.places]
        return any(_lies_in(path, scope) or any(top.startswith(path) for top in scope) for path in paths)


def _telling(rows: Sequence[Row]) -> Iterable[Row]:
    """The rows that say something new: a place within one that was shown is left out where the same one answers.

    Places beside each other are told in one row where the same one was found on the same way.
    """
    shown: list[Row] = []
    for row in rows:
        same = [one for one in shown if _whom(one) == _whom(row)]
        if any(row.place.path.startswith(place.path) for one in same for place in (one.place, *one.also)):
            continue
        if beside := next((one for one in same if _way(one) == _way(row)), None):
            shown[shown.index(beside)] = replace(beside, also=(*beside.also, row.place))
        else:
            shown.append(row)
    return shown


def _way(row: Row) -> tuple[int | None, list[tuple[str, str, str]]]:
    return row.place.parent_id, [(one.rung, one.who, one.why) for one in row.answer.way]


def _whom(row: Row) -> tuple[str, int | None, int | None]:
    return row.answer.sector, row.answer.unit_id, row.answer.liaison_id


def _lies_in(path: str, scope: Sequence[str]) -> bool:
    return any(path.startswith(top) for top in scope)


def _names(directory: Directory) -> Iterable[tuple[Kind, Code, str]]:
    for code, sector in directory.sectors.items():
        yield "sectors", code, sector.name
    for office in directory.offices.values():
        yield "units", office.id, office.name
    for contact in directory.contacts.values():
        yield "people", contact.id, contact.name
    for node in directory.places.values():
        for name in _called(node, directory.places):
            yield "places", node.id, name


def _called(node: Node, places: Mapping[int, Node]) -> list[str]:
    """What people call a place: by its name, with that of the place above it, and a grid by its number."""
    above = places.get(node.parent_id or 0)
    found = [node.name]
    if above and node.level not in (Level.STREET, Level.COMMUNITY) and not node.name.startswith(above.name):
        found.append(f"{above.name}{node.name}")
    if above and node.level is Level.GRID:
        found.append(f"{above.name}{int(node.code[-3:])}网格")
    return found


@lru_cache(maxsize=4)
def index(directory: Directory) -> Index:
    """The index of a version of the directory, made when somebody first types."""
    return Index(directory)
