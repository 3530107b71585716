"""Which entries of the directory should be verified first: those on which the most grids hang."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from core.liaisons.directory import Contact, Directory
from core.words import Level


class Doubtful(NamedTuple):
    """An entry unverified for 90 days, and for how many grids it is named; a smaller place counts as one."""

    contact: Contact
    grids: int


def doubtful(directory: Directory, scope: Sequence[str], on: date) -> list[Doubtful]:
    """The stale entries of units seated within `scope` (paths) that are named for a place; the most grids first."""
    grids = (node for node in directory.places.values() if node.level is Level.GRID)
    below = Counter(int(part) for grid in grids for part in grid.path.strip("/").split("/"))
    found = [
        Doubtful(one, sum(max(below[place], 1) for place in one.places_on(on)))
        for one in directory.contacts.values()
        if one.holds_on(on) and one.is_stale(on) and _is_seated(directory, one, scope)
    ]
    named = [one for one in found if one.grids]
    return sorted(named, key=lambda one: (-one.grids, one.contact.verified_on or date.min, one.contact.id))


def _is_seated(directory: Directory, contact: Contact, scope: Sequence[str]) -> bool:
    seat = directory.places.get(directory.offices[contact.unit_id].place_id)
    return seat is not None and any(seat.path.startswith(top) for top in scope)
