"""The card of a place: who heads it, which organisations it belongs to, what of interest stands in it."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlmodel import Session, col

from core.drill.view import View
from core.organisations import Organisation, organisations_of
from core.people import Appointment, User
from core.place_words import OrganisationKind, PointKind
from core.places import Place
from core.points import points_in
from core.words import Role

SHOWN = (Role.LEADER, Role.SECRETARY, Role.GRID_HEAD)


@dataclass(frozen=True, slots=True)
class Held:
    """Who is appointed to the place or to one above it."""

    name: str
    role: Role
    place: str
    from_on: date


@dataclass(frozen=True, slots=True)
class Bound:
    """An organisation, and the place that it is bound to."""

    organisation: Organisation
    place: str


@dataclass(frozen=True)
class Card:
    """What is known of a place besides its figures."""

    people: tuple[Held, ...]
    party: tuple[Bound, ...]
    property: tuple[Bound, ...]
    points: Counter[PointKind]


def card(db: Session, seen: View, on: date) -> Card:
    """The card of the place of a view on the day `on`; three queries."""
    ids = [step.id for step in seen.trail] + [seen.place.id or 0]
    bound = [Bound(organisation, place.name) for organisation, place in organisations_of(db, ids)]
    points = points_in(db, list(seen.scope.grid_ids))
    return Card(
        tuple(_people(db, ids, on)),
        tuple(one for one in bound if one.organisation.kind == OrganisationKind.PARTY),
        tuple(one for one in bound if one.organisation.kind == OrganisationKind.PROPERTY),
        Counter(PointKind(point.kind) for point in points),
    )


def _people(db: Session, ids: list[int], on: date) -> list[Held]:
    """The heads of the place and of those above it, the nearest first."""
    rows = db.execute(
        select(*map(col, (User.name, Appointment.role, Place.name, Appointment.from_on)))
        .join(Appointment, col(Appointment.user_id) == User.id)
        .join(Place, col(Place.id) == Appointment.place_id)
        .where(col(Place.id).in_(ids), col(Appointment.role).in_(SHOWN), Appointment.holds_on(on), col(User.is_active))
        .order_by(col(Place.path).desc(), col(Appointment.from_on))
    )
    return [Held(name, Role(role), place, from_on) for name, role, place, from_on in rows]
