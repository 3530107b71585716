"""The card of a place: who heads it, which organisations it belongs to, who answers for it, what stands in it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, Integer, Select, literal, null, select, type_coerce, union_all
from sqlmodel import Session, col

from core.clock import local
from core.drill.view import View
from core.liaison_words import Coverage
from core.liaisons import lookup
from core.organisations import Organisation, PlaceOrganisation
from core.people import Appointment, Principal, User
from core.place_words import OrganisationKind, PointKind
from core.places import Place
from core.points import PointOfInterest
from core.rules import Rules
from core.words import Permission, Role

SHOWN = (Role.LEADER, Role.SECRETARY, Role.GRID_HEAD)


@dataclass(frozen=True, slots=True)
class Bound:
    """A person or an organisation, and the place to which it is bound."""

    what: Role | OrganisationKind
    name: str
    place: str
    from_on: date | None = None  # of an appointment
    members: int | None = None
    phone: str = ""  # of an office, never of a person


@dataclass(frozen=True, slots=True)
class Served:
    """Who answers for a sector here now; without a name the duty room, without a unit nobody."""

    sector: str
    coverage: Coverage
    name: str
    unit: str
    phone: str


@dataclass(frozen=True)
class Card:
    """What is known of a place besides its figures."""

    people: tuple[Bound, ...]  # the nearest first
    party: tuple[Bound, ...]  # from the street down
    property: tuple[Bound, ...]
    served: tuple[Served, ...]  # what nobody is named for comes first
    points: Counter[PointKind]


def card(
    db: Session, who: Principal, seen: View, points: Iterable[PointOfInterest], rules: Rules, now: datetime
) -> Card:
    """The card of the place of a view; two queries."""
    ids = [step.id for step in seen.trail] + [seen.place.id or 0]
    bound = _bound(db, ids, local(now).date())
    named = [one for one in bound if isinstance(one.what, Role)]
    return Card(
        tuple(reversed(named)),
        tuple(one for one in bound if one.what is OrganisationKind.PARTY),
        tuple(one for one in bound if one.what is OrganisationKind.PROPERTY),
        tuple(_served(db, seen.place.path, rules, now)) if who.paths(Permission.LOOK_UP) else (),
        Counter(PointKind(point.kind) for point in points),
    )


def _bound(db: Session, ids: Sequence[int], on: date) -> list[Bound]:
    """Whom and what any of these places has, from the street down, then by name; one query."""
    people = _row(Appointment.role, User.name, Appointment.from_on, type_coerce(null(), Integer), literal(""))
    people = people.join(User, col(User.id) == col(Appointment.user_id))
    people = people.join(Place, col(Place.id) == Appointment.place_id)
    people = people.where(col(Appointment.role).in_(SHOWN), Appointment.holds_on(on), col(User.is_active))
    of_all: tuple[Any, ...] = (Organisation.members, Organisation.phone)
    offices = _row(Organisation.kind, Organisation.name, type_coerce(null(), Date), *of_all)
    offices = offices.join(PlaceOrganisation, col(PlaceOrganisation.organisation_id) == Organisation.id)
    offices = offices.join(Place, col(Place.id) == PlaceOrganisation.place_id)
    both = union_all(*(part.where(col(Place.id).in_(ids)) for part in (people, offices))).subquery()
    rows = db.execute(select(both).order_by(both.c.path, both.c.name))
    kinds = {word.value: word for word in (*SHOWN, *OrganisationKind)}
    return [Bound(kinds[row.what], row.name, row.place, row.from_on, row.members, row.phone) for row in rows]


def _row(what: Any, name: Any, from_on: Any, members: Any, phone: Any) -> Select[Any]:
    names = ("what", "name", "from_on", "members", "phone", "place", "path")
    columns = (what, name, from_on, members, phone, Place.name, Place.path)
    return select(*(column.label(label) for column, label in zip(columns, names, strict=True)))


def _served(db: Session, path: str, rules: Rules, now: datetime) -> list[Served]:
    directory = lookup.directory(db, rules)
    found = []
    for code, sector in directory.sectors.items():
        answer = directory.answer(code, path, now)
        coverage = directory.cover(code, path, local(now).date()).how
        found.append(Served(sector.name, coverage, answer.name, answer.unit, answer.phone))
    return sorted(found, key=lambda one: one.coverage not in (Coverage.GAP, Coverage.DUTY_ROOM))
