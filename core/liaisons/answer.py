"""Who answers, and the way on which that was found: a value to be shown, and to be stored with a dispatch."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.liaison_words import Rung, Why


@dataclass(frozen=True, slots=True)
class Tried:
    """One rung on the way: where, who was found there, and why that one answers or does not."""

    rung: Rung
    place: str  # the name of the place; of a deputy and of a duty phone the unit's
    who: str
    why: Why


@dataclass(frozen=True, slots=True)
class Answer:
    """Who answers for a sector at a place at a moment.

    `unit_id` None: nobody does. `liaison_id` None: the duty room of the unit.
    """

    sector: str
    path: str
    at: datetime
    way: tuple[Tried, ...]  # the nearest first; the last one is the answer
    also: tuple[str, ...] = ()  # who would have answered just as well
    unit_id: int | None = None
    unit: str = ""
    liaison_id: int | None = None
    name: str = ""
    role: str = ""
    phone: str = ""
    is_stale: bool = False

    @property
    def why(self) -> Why:
        """Why this one answers."""
        return self.way[-1].why

    @property
    def record(self) -> dict[str, Any]:
        """What a dispatch keeps: names as they are now and no phone numbers; plain JSON."""
        way = [[str(one.rung), one.place, one.who, str(one.why)] for one in self.way]
        return {
            "sector": self.sector, "unit": self.unit_id, "liaison": self.liaison_id, "name": self.name,
            "way": way, "also": list(self.also),
        }  # fmt: skip


def recorded_way(record: Mapping[str, Any]) -> tuple[Tried, ...]:
    """The way on which a recorded dispatch found its person."""
    return tuple(Tried(Rung(rung), place, who, Why(why)) for rung, place, who, why in record["way"])
