"""The directory in memory: everybody who answers, at which places and when; who answers now is read off it."""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from core import calendars
from core.calendars import Calendar
from core.clock import local
from core.liaison_words import Coverage, Rung, Why
from core.liaisons.answer import Answer, Tried
from core.places import Node
from core.rules import Sector

STALE_AFTER = timedelta(days=90)
LONGEST_TURN = timedelta(days=31)
READINESS = (Why.ROSTERED, Why.STANDS_IN, Why.IN_HOURS)  # who is present, the readiest first


@dataclass(frozen=True, slots=True)
class Office:
    """A unit as the directory knows it."""

    id: int
    name: str
    sector: str
    duty_phone: str
    place_id: int


@dataclass(frozen=True, slots=True)
class Post:
    """A place that a liaison answers for, from a day to a day."""

    place_id: int
    from_on: date
    to_on: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether it counts on a day."""
        return self.from_on <= day and (self.to_on is None or day <= self.to_on)


@dataclass(frozen=True, slots=True)
class Absence:
    """Days of leave, the last one included, and who stands in."""

    from_on: date
    to_on: date
    stand_in_id: int | None = None
    id: int = 0  # of its row


@dataclass(frozen=True, slots=True)
class Turn:
    """A stretch of the roster.

    Units: aware UTC; `to_at` not included.
    """

    liaison_id: int
    from_at: datetime
    to_at: datetime
    id: int = 0  # of its row


@dataclass(frozen=True, slots=True)
class Contact:
    """A liaison as the directory knows it; `hours` is None where the rules no longer know the calendar."""

    id: int
    unit_id: int
    name: str
    from_on: date
    to_on: date | None = None
    role: str = ""
    duty_phone: str = ""
    mobile: str = ""
    deputy_id: int | None = None
    hours: Calendar | None = None
    successor_id: int | None = None
    verified_on: date | None = None
    posts: tuple[Post, ...] = ()
    leave: tuple[Absence, ...] = ()

    def holds_on(self, day: date) -> bool:
        """Whether the liaison is in the directory on a day."""
        return self.from_on <= day and (self.to_on is None or day <= self.to_on)

    def absence(self, day: date) -> Absence | None:
        """The leave that holds on a day."""
        return next((one for one in self.leave if one.from_on <= day <= one.to_on), None)

    def is_stale(self, day: date) -> bool:
        """Whether nobody has verified the entry for 90 days."""
        return self.verified_on is None or day - self.verified_on > STALE_AFTER

    def places_on(self, day: date) -> tuple[int, ...]:
        """The ids of the places answered for on a day."""
        return tuple(post.place_id for post in self.posts if post.holds_on(day))


class Cover(NamedTuple):
    """Whether somebody is named for a sector at a place, where on the way up, and who.

    A duty room has a phone and names nobody; a gap has not even that.
    """

    how: Coverage
    place: Node | None = None
    contacts: tuple[Contact, ...] = ()


@dataclass(frozen=True, eq=False)
class Directory:
    """Sectors, units, liaisons and places of one version of the store; equal to itself only."""

    version: str
    sectors: Mapping[str, Sector]
    places: Mapping[int, Node]
    ended: Mapping[int, datetime]  # places that end or have ended, and when
    offices: Mapping[int, Office]
    contacts: Mapping[int, Contact]
    turns: Mapping[int, tuple[Turn, ...]] = field(repr=False)  # by id of the unit
    named: Mapping[tuple[str, int], tuple[int, ...]] = field(init=False, repr=False)  # sector, place → liaisons
    seated: Mapping[tuple[str, int], tuple[int, ...]] = field(init=False, repr=False)  # sector, place → units

    def __post_init__(self) -> None:
        posts = ((c, post) for c in self.contacts.values() for post in c.posts)
        by_post = ((self.offices[c.unit_id].sector, post.place_id, c.id) for c, post in posts)
        by_seat = ((one.sector, one.place_id, one.id) for one in self.offices.values())
        object.__setattr__(self, "named", _grouped(by_post))
        object.__setattr__(self, "seated", _grouped(by_seat))

    def answer(self, sector: str, path: str, at: datetime, unit_id: int | None = None) -> Answer:
        """Who answers for `sector` at the place `path` at `at`, and how that was found; within one unit if it is given.

        A unit is asked for its own sector: a case may have been dispatched to another one than its category's.
        From the place upward the nearest who is present; else a deputy of those tried; else the unit's duty phone.
        Units: `at` aware.
        """
        office = self.offices.get(unit_id or 0)
        sector = office.sector if office else sector
        tried: list[Tried] = []
        asked: list[Contact] = []
        for place in self.above(path):
            here = [(c, *self._presence(c, at)) for c in self._candidates(sector, place.id, at, unit_id)]
            asked += [c for c, *_ in here]
            present = sorted(((c, why) for _, why, c in here if c), key=lambda pair: self._rank(*pair))
            if present:
                away = (c.name for c, why, _ in here if why is Why.STANDS_IN)
                tried += [Tried(Rung(place.level), place.name, name, Why.ON_LEAVE) for name in away]
                return self._answer(sector, path, at, tried, Rung(place.level), place, present)
            missing = [Tried(Rung(place.level), place.name, c.name, why) for c, why, _ in here]
            tried += missing or [Tried(Rung(place.level), place.name, "", Why.NOBODY)]
        deputies = [c for c in self._deputies(asked, unit_id) if self.is_present(c, at)]
        if deputies:
            first = [(deputies[0], Why.DEPUTIZES)]
            return self._answer(sector, path, at, tried, Rung.DEPUTY, None, first)
        return self._duty_room(sector, path, at, tried, asked, unit_id)

    def cover(self, sector: str, path: str, on: date) -> Cover:
        """Who is named for `sector` at the place `path` on a day, at the place itself or else the nearest above it."""
        stale: Cover | None = None
        for depth, place in enumerate(self.above(path)):
            held = [self.contacts[i] for i in self.named.get((sector, place.id), ()) if self._holds(i, place.id, on)]
            if fresh := tuple(contact for contact in held if not contact.is_stale(on)):
                return Cover(Coverage.FROM_ABOVE if depth else Coverage.COVERED, place, fresh)
            stale = stale or (Cover(Coverage.STALE, place, tuple(held)) if held else None)
        rings = self._office(sector, path, (), None)
        return stale or Cover(Coverage.DUTY_ROOM if rings else Coverage.GAP)

    def staff(self, unit_ids: Collection[int], on: date) -> list[Contact]:
        """Who is in the directory on a day for one of some units, as entered."""
        return [one for one in self.contacts.values() if one.unit_id in unit_ids and one.holds_on(on)]

    def above(self, path: str) -> Iterator[Node]:
        """The places of a path, the nearest first."""
        ids = (int(part) for part in reversed(path.strip("/").split("/")) if part)
        return (self.places[one] for one in ids if one in self.places)

    def heir(self, liaison_id: int) -> Contact | None:
        """The liaison, or whoever took over from it, and from that one."""
        seen: set[int] = set()
        found = self.contacts.get(liaison_id)
        while found and found.successor_id and found.id not in seen:
            seen.add(found.id)
            found = self.contacts.get(found.successor_id)
        return found

    def phone(self, contact: Contact) -> str:
        """The duty phone of a liaison, else that of the unit."""
        return contact.duty_phone or self.offices[contact.unit_id].duty_phone

    def on_turn(self, unit_id: int, at: datetime) -> tuple[Turn, ...]:
        """The stretches of a unit's roster that hold at `at`; of a long roster only the few near `at` are looked at."""
        turns = self.turns.get(unit_id, ())
        first, end = (bisect_right(turns, moment, key=_begin) for moment in (at - LONGEST_TURN, at))
        return tuple(turn for turn in turns[max(first - 1, 0) : end] if at < turn.to_at)

    def turn_ends_at(self, contact: Contact, at: datetime) -> datetime | None:
        """When the turn of a liaison ends that holds at `at`."""
        return max(
            (one.to_at for one in self.on_turn(contact.unit_id, at) if one.liaison_id == contact.id), default=None
        )

    def rostered(self, at: datetime) -> dict[int, str]:
        """The names on the roster at `at`, by id of the unit; of those on leave none."""
        found = {}
        for unit in self.turns:
            contacts = (self.contacts[turn.liaison_id] for turn in self.on_turn(unit, at))
            if names := dict.fromkeys(one.name for one in contacts if self.is_present(one, at)):
                found[unit] = "、".join(names)
        return found

    def is_present(self, contact: Contact, at: datetime) -> bool:
        """Whether a liaison is there in person at `at`: in hours or on the roster, and not on leave."""
        return self.presence(contact, at) in READINESS

    def presence(self, contact: Contact, at: datetime) -> Why:
        """Why a liaison is there in person at `at`, or is not: on leave, else on the roster, else in hours."""
        return Why.ON_LEAVE if contact.absence(local(at).date()) else self._own_presence(contact, at)

    def _holds(self, liaison_id: int, place_id: int, on: date) -> bool:
        contact = self.contacts[liaison_id]
        return contact.holds_on(on) and place_id in contact.places_on(on)

    def _candidates(self, sector: str, place_id: int, at: datetime, unit_id: int | None) -> list[Contact]:
        """Who is named for exactly this place, and who is on the roster of a unit whose area it is."""
        on = local(at).date()
        named = [i for i in self.named.get((sector, place_id), ()) if self._holds(i, place_id, on)]
        rostered = [t.liaison_id for u in self.seated.get((sector, place_id), ()) for t in self.on_turn(u, at)]
        found = (self.contacts[i] for i in dict.fromkeys([*named, *rostered]) if i in self.contacts)
        return [c for c in found if c.holds_on(on) and unit_id in (None, c.unit_id)]

    def _presence(self, contact: Contact, at: datetime) -> tuple[Why, Contact | None]:
        """Whether a liaison answers at `at`, and who then does: the liaison, or the one who stands in."""
        absence = contact.absence(local(at).date())
        if absence is None:
            why = self._own_presence(contact, at)
            return why, contact if why in READINESS else None
        stand_in = self.contacts.get(absence.stand_in_id or 0)
        is_there = stand_in is not None and self.is_present(stand_in, at)
        return (Why.STANDS_IN, stand_in) if is_there else (Why.ON_LEAVE, None)

    def _own_presence(self, contact: Contact, at: datetime) -> Why:
        if not contact.holds_on(local(at).date()):
            return Why.OFF_DUTY
        if self.turn_ends_at(contact, at):
            return Why.ROSTERED
        return Why.IN_HOURS if contact.hours and calendars.counts(contact.hours, at) else Why.OFF_DUTY

    def _rank(self, contact: Contact, why: Why) -> tuple[int, int, int]:
        """Of several at one place: the one on the roster, then the one verified last, then the first entered."""
        verified = contact.verified_on.toordinal() if contact.verified_on else 0
        return READINESS.index(why), -verified, contact.id

    def _deputies(self, asked: Iterable[Contact], unit_id: int | None) -> list[Contact]:
        ids = dict.fromkeys(contact.deputy_id for contact in asked if contact.deputy_id)
        found = (self.contacts[i] for i in ids if i in self.contacts)
        return [contact for contact in found if unit_id in (None, contact.unit_id)]

    def _answer(
        self, sector: str, path: str, at: datetime, tried: list[Tried], rung: Rung, place: Node | None,
        present: list[tuple[Contact, Why]],
    ) -> Answer:  # fmt: skip
        (chosen, why), *others = present
        office = self.offices[chosen.unit_id]
        way = (*tried, Tried(rung, place.name if place else office.name, chosen.name, why))
        also = tuple(dict.fromkeys(c.name for c, _ in others if c.id != chosen.id))
        return Answer(
            sector, path, at, way, also, office.id, office.name, chosen.id, chosen.name, chosen.role,
            self.phone(chosen), chosen.is_stale(local(at).date()),
        )  # fmt: skip

    def _duty_room(
        self, sector: str, path: str, at: datetime, tried: list[Tried], asked: list[Contact], unit_id: int | None
    ) -> Answer:
        office = self._office(sector, path, asked, unit_id)
        if office is None:
            return Answer(sector, path, at, (*tried, Tried(Rung.UNIT, "", "", Why.NOBODY)))
        way = (*tried, Tried(Rung.UNIT, office.name, "", Why.DUTY_PHONE))
        return Answer(sector, path, at, way, (), office.id, office.name, phone=office.duty_phone)

    def _office(self, sector: str, path: str, asked: Iterable[Contact], unit_id: int | None) -> Office | None:
        """The unit whose phone is rung: the given one, the nearest liaison's, or the one with the nearest area."""
        if unit_id is not None:
            return self.offices.get(unit_id)
        near = (unit for place in self.above(path) for unit in self.seated.get((sector, place.id), ()))
        found = (self.offices[i] for i in (*(contact.unit_id for contact in asked), *near))
        return next((office for office in found if office.duty_phone), None)


def _begin(turn: Turn) -> datetime:
    return turn.from_at


def _grouped(rows: Iterable[tuple[str, int, int]]) -> dict[tuple[str, int], tuple[int, ...]]:
    found: dict[tuple[str, int], list[int]] = {}
    for sector, place_id, one in rows:
        found.setdefault((sector, place_id), []).append(one)
    return {key: tuple(dict.fromkeys(ids)) for key, ids in found.items()}
