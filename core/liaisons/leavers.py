"""Somebody leaves a post: the appointment ends, and with it the entry in the directory, in one act."""

from datetime import date
from typing import NamedTuple

from sqlmodel import Session

from core.accounts import staff
from core.accounts.audit import Asker
from core.liaisons import commands, lookup
from core.liaisons.commands import Entry
from core.liaisons.directory import Contact
from core.people import Appointment, User
from core.rules import Rules
from core.words import Role


class Left(NamedTuple):
    """What somebody's leaving has moved: open cases of the post, and of them the dispatches to that very person."""

    cases: list[str]
    dispatches: list[str]
    was_listed: bool  # in the directory of liaisons


def end_appointment(
    db: Session, by: Asker, appointment_id: int, last_on: date, successor_id: int | None, rules: Rules
) -> Left:
    """End an appointment as `staff.end_appointment` does, and see a liaison off in the directory as well.

    The entry is the one of the same name in the unit; the successor takes over its places and open dispatches, and is
    entered where the unit does not know the name yet.
    Raises: NotFound; Refused, when open cases or dispatches would be left to nobody.
    """
    numbers = staff.end_appointment(db, by, appointment_id, last_on, successor_id)
    post = db.get_one(Appointment, appointment_id)
    entry = _entry(db, post.user_id, post.unit_id, last_on, rules) if post.role == Role.LIAISON else None
    if entry is None:
        return Left(numbers, [], False)
    heir = _heir(db, by, entry, successor_id, last_on, rules) if successor_id is not None else None
    return Left(numbers, commands.see_off(db, by, entry.id, last_on, heir, rules), True)


def _entry(db: Session, user_id: int, unit_id: int | None, on: date, rules: Rules) -> Contact | None:
    """The liaison of a unit who is called as a user is; people and directory know each other by name only."""
    name = db.get_one(User, user_id).name
    staff_then = lookup.directory(db, rules).staff({unit_id or 0}, on)
    return next((one for one in staff_then if one.name == name), None)


def _heir(db: Session, by: Asker, entry: Contact, successor_id: int, last_on: date, rules: Rules) -> int:
    known = _entry(db, successor_id, entry.unit_id, last_on, rules)
    if known is not None:
        return known.id
    calendar = entry.hours.code if entry.hours else "working"
    new = Entry(db.get_one(User, successor_id).name, entry.role, entry.duty_phone, calendar=calendar)
    return commands.add(db, by, entry.unit_id, new, [], rules)
