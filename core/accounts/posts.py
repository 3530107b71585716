"""Posts: what one can be appointed to, who holds one, and the open cases that wait for its holder."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from core.cases.tables import Case
from core.people import Appointment
from core.places import Place, below
from core.words import Role


@dataclass(frozen=True, slots=True)
class Post:
    """A role at a place; a liaison's is for a unit."""

    role: Role
    place_id: int
    unit_id: int | None = None

    @classmethod
    def of(cls, row: Appointment) -> "Post":
        """The post of an appointment."""
        return cls(Role(row.role), row.place_id, row.unit_id)

    def columns(self) -> Mapping[str, Any]:
        """The post as columns of an appointment."""
        return {"role": self.role, "place_id": self.place_id, "unit_id": self.unit_id}


def open_cases_of(db: Session, post: Post) -> list[str]:
    """The numbers of the open cases that wait for whoever holds `post`, the oldest first."""
    low, high = below(db.get_one(Place, post.place_id).path)
    query = select(Case.number).where(col(Case.ended_at).is_(None), col(Case.path) >= low, col(Case.path) < high)
    if post.role is Role.LIAISON:
        query = query.where(Case.unit_id == post.unit_id)
    return list(db.exec(query.order_by(col(Case.reported_at), col(Case.id))))


def held_elsewhere(db: Session, post: Post, user_id: int, on: date) -> bool:
    """Whether somebody other than `user_id` holds `post` on the day `on`."""
    query = select(Appointment.id).where(
        Appointment.user_id != user_id,
        Appointment.role == post.role,
        Appointment.place_id == post.place_id,
        Appointment.unit_id == post.unit_id,
        Appointment.from_on <= on,
        (col(Appointment.to_on).is_(None)) | (col(Appointment.to_on) >= on),
    )
    return db.exec(query).first() is not None
