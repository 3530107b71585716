"""A liaison's card as somebody may see it: mobiles are masked without the right to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from core.clock import local
from core.errors import NotFound
from core.language import N_
from core.liaison_words import Why
from core.liaisons.directory import READINESS, Contact, Directory
from core.people import Principal
from core.places import Node
from core.words import Permission


@dataclass(frozen=True, slots=True)
class Card:
    """What is shown of a liaison."""

    id: int
    name: str
    role: str
    unit_id: int
    unit: str
    sector: str
    duty_phone: str
    mobile: str  # masked, or whole for those who may
    is_masked: bool
    hours: str
    is_all_hours: bool
    presence: Why  # there in person, or not
    turn_ends_at: datetime | None  # of the turn on the roster that holds now; its hours may be none of the usual ones
    leave_until: date | None
    stand_in: str
    deputy: str
    deputy_phone: str
    places: tuple[Node, ...]  # named for; those that were asked for come first
    beyond: tuple[Node, ...]  # asked for, and answered by the roster or for somebody else
    verified_on: date | None
    is_stale: bool
    may_edit: bool

    @property
    def is_present(self) -> bool:
        """Whether the liaison is on duty now."""
        return self.presence in READINESS


def card(directory: Directory, who: Principal, liaison_id: int, at: datetime, asked: Sequence[Node] = ()) -> Card:
    """The card of a liaison who answers for a place of `who`, or for one around it.

    `asked` are the places for which this liaison was found.
    Raises: NotFound, also for one who may not be seen.
    """
    contact, on = directory.contacts.get(liaison_id), local(at).date()
    if contact is None or not contact.holds_on(on) or not is_seen(directory, who, contact, on):
        raise NotFound(N_("There is no such liaison"))
    office = directory.offices[contact.unit_id]
    seat = directory.places[office.place_id].path
    may_read = who.may(Permission.READ_MOBILES, seat)
    absence, sector = contact.absence(on), directory.sectors.get(office.sector)
    stand_in = directory.contacts.get((absence and absence.stand_in_id) or 0)
    deputy = directory.contacts.get(contact.deputy_id or 0)
    presence, places = directory.presence(contact, at), _near_first(directory, contact.places_on(on), asked)
    return Card(
        id=contact.id,
        name=contact.name,
        role=contact.role,
        unit_id=office.id,
        unit=office.name,
        sector=sector.name if sector else office.sector,
        duty_phone=directory.phone(contact),
        mobile=contact.mobile if may_read else masked(contact.mobile),
        is_masked=not may_read,
        hours=contact.hours.name if contact.hours else "",
        is_all_hours=contact.hours is not None and contact.hours.is_natural,
        presence=presence,
        turn_ends_at=directory.turn_ends_at(contact, at) if presence is Why.ROSTERED else None,
        leave_until=absence.to_on if absence else None,
        stand_in=stand_in.name if stand_in else "",
        deputy=deputy.name if deputy else "",
        deputy_phone=directory.phone(deputy) if deputy else "",
        places=places,
        beyond=tuple(one for one in asked if not any(one.path.startswith(held.path) for held in places)),
        verified_on=contact.verified_on,
        is_stale=contact.is_stale(on),
        may_edit=who.may(Permission.EDIT_DIRECTORY, seat),
    )


def _near_first(directory: Directory, ids: Sequence[int], asked: Sequence[Node]) -> tuple[Node, ...]:
    """The places of these ids; those around a place of `asked`, or within one, before all others."""
    places = [directory.places[one] for one in ids if one in directory.places]
    near = {
        place.id for place in places for one in asked
        if one.path.startswith(place.path) or place.path.startswith(one.path)
    }  # fmt: skip
    return tuple(sorted(places, key=lambda place: place.id not in near))


def phone_of(directory: Directory, who: Principal, name: str, at: datetime) -> str:
    """The number of the one person of that name whom `who` may see: the mobile for those who may read it.

    Returns: an empty text, where nobody or more than one is called so.
    """
    on = local(at).date()
    named = [one for one in directory.contacts.values() if one.name == name and one.holds_on(on)]
    found = [card(directory, who, one.id, at) for one in named if is_seen(directory, who, one, on)]
    if len(found) != 1:
        return ""
    return found[0].duty_phone if found[0].is_masked else found[0].mobile or found[0].duty_phone


def is_seen(directory: Directory, who: Principal, contact: Contact, on: date) -> bool:
    """Whether a liaison answers for a place that `who` may look up, or for one that it lies in."""
    scope = who.paths(Permission.LOOK_UP)
    ids = (*contact.places_on(on), directory.offices[contact.unit_id].place_id)
    paths = [directory.places[one].path for one in ids if one in directory.places]
    return any(path.startswith(top) or top.startswith(path) for path in paths for top in scope)


def masked(phone: str) -> str:
    """100****1234 — the first three and the last four; of a shorter number nothing."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 11 else "****" if phone else ""
