"""Units as the directory keeps them: entered and corrected; what was dispatched to one stays with it."""

from dataclasses import dataclass

from sqlmodel import Session

from core.accounts import audit
from core.accounts.audit import Asker
from core.errors import NotFound, Refused
from core.language import N_
from core.liaisons import lookup
from core.places import Place
from core.rules import Rules
from core.units import Unit
from core.words import Action, Permission

LONGEST = 40


@dataclass(frozen=True, slots=True)
class OfficeEntry:
    """What is written down of a unit: its sector by code, its duty phone, and the place it answers for."""

    name: str
    sector: str
    duty_phone: str
    place_id: int


def add(db: Session, by: Asker, entry: OfficeEntry, rules: Rules) -> int:
    """Enter a unit.

    Returns: its id.
    Raises: NotFound, Refused.
    """
    unit = Unit(name="", sector="", duty_phone="", place_id=entry.place_id)
    _write(db, by, unit, entry, rules)
    assert unit.id is not None
    return unit.id


def change(db: Session, by: Asker, unit_id: int, entry: OfficeEntry, rules: Rules) -> None:
    """Correct the entry of a unit.

    Raises: NotFound, Refused.
    """
    unit = db.get(Unit, unit_id)
    if unit is None or not _keeps(db, by, unit.place_id):
        raise NotFound(N_("There is no such unit"))
    _write(db, by, unit, entry, rules)


def _write(db: Session, by: Asker, unit: Unit, entry: OfficeEntry, rules: Rules) -> None:
    if not _keeps(db, by, entry.place_id):
        raise NotFound(N_("There is no such place"))
    directory = lookup.directory(db, rules)
    if entry.sector not in directory.sectors:
        raise NotFound(N_("There is no such sector"))
    name = entry.name.strip()
    if not 1 <= len(name) <= LONGEST or len(entry.duty_phone) > LONGEST:
        raise Refused(N_("The name is missing, or a field has more than {most} characters"), most=LONGEST)
    others = (one for one in directory.offices.values() if one.id != unit.id)
    if any(one.name == name and one.place_id == entry.place_id for one in others):
        raise Refused(N_("There is a unit of this name already"))
    unit.name, unit.sector, unit.duty_phone = name, entry.sector, entry.duty_phone.strip()
    unit.place_id = entry.place_id
    db.add(unit)
    db.flush()
    detail = f"{unit.name}: {unit.sector}, place {unit.place_id}"
    audit.record(db, Action.EDIT_DIRECTORY, f"unit {unit.id}", by=by, detail=detail)
    lookup.renew(db)


def _keeps(db: Session, by: Asker, place_id: int) -> bool:
    place = db.get(Place, place_id)
    return place is not None and by.who.may(Permission.EDIT_DIRECTORY, place.path)
