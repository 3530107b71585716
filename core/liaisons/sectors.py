"""Sectors as this street calls them: those of the rules, renamed, added to or retired by rows that are only appended.

A sector's code never changes: units, cases and dispatches of the past refer to it, whatever it is called.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from core.accounts import audit
from core.accounts.audit import Asker
from core.errors import NotFound, Refused
from core.language import N_
from core.liaisons import lookup
from core.liaisons.tables import SectorEdit
from core.people import Principal
from core.places import Place
from core.rules import Rules, Sector
from core.units import Unit
from core.words import Action, Permission

LONGEST = 40


@dataclass(frozen=True, slots=True)
class Known:
    """A sector with what it was called before, and what still refers to it."""

    sector: Sector
    before: tuple[str, ...]
    units: int
    categories: tuple[str, ...]  # names of those that go to it


def known(db: Session, rules: Rules) -> list[Known]:
    """Every sector, in the order of the rules and then as added."""
    rows = list(db.exec(select(SectorEdit).order_by(col(SectorEdit.id))))
    units = Counter(db.exec(select(Unit.sector)))
    return [
        Known(one, _names_before(one, rows, rules), units[code], _led(code, rules))
        for code, one in lookup.directory(db, rules).sectors.items()
    ]


def may_edit(db: Session, who: Principal) -> bool:
    """Whether somebody may change sectors: they hold for the whole store, so only who administers all of it."""
    tops = db.exec(select(Place.path).where(col(Place.parent_id).is_(None)))
    return all(who.may(Permission.ADMINISTER, path) for path in tops)


def add(db: Session, by: Asker, name: str, rules: Rules) -> str:
    """Add a sector of the street's own.

    Returns: its code.
    Raises: Refused.
    """
    _check(db, by)
    sectors = lookup.directory(db, rules).sectors
    number = next(number for number in range(1, len(sectors) + 2) if f"local_{number}" not in sectors)
    code = f"local_{number}"
    _write(db, by, code, _free(name, sectors.values()), None)
    return code


def rename(db: Session, by: Asker, code: str, name: str, rules: Rules) -> None:
    """Call a sector otherwise from now on.

    Raises: NotFound, Refused.
    """
    _check(db, by)
    sectors = lookup.directory(db, rules).sectors
    one = _one(sectors.get(code))
    _write(db, by, code, _free(name, sectors.values()), one.to_on)


def retire(db: Session, by: Asker, code: str, to_on: date | None, rules: Rules) -> None:
    """Have a sector end with the day `to_on`; None takes it back into use.

    Raises: NotFound; Refused, while categories of cases still go to it.
    """
    _check(db, by)
    one = _one(lookup.directory(db, rules).sectors.get(code))
    led = _led(code, rules)
    if to_on is not None and led:
        words = N_("{count} categories still go to this sector ({first} …): change them in the rules first")
        raise Refused(words, count=len(led), first=led[0])
    _write(db, by, code, one.name, to_on)


def _led(code: str, rules: Rules) -> tuple[str, ...]:
    """The categories whose cases go to a sector."""
    return tuple(category.name for category in rules.categories.values() if category.sector == code)


def _check(db: Session, by: Asker) -> None:
    if not may_edit(db, by.who):
        raise Refused(N_("Sectors hold for all places: only who administers all of them may change them"))


def _one(found: Sector | None) -> Sector:
    if found is None:
        raise NotFound(N_("There is no such sector"))
    return found


def _free(name: str, sectors: Iterable[Sector]) -> str:
    name = " ".join(name.split())
    if not 1 <= len(name) <= LONGEST:
        raise Refused(N_("The name has 1 to 40 characters"))
    if name in {one.name for one in sectors}:
        raise Refused(N_("There is a sector of this name already"))
    return name


def _write(db: Session, by: Asker, code: str, name: str, to_on: date | None) -> None:
    db.add(SectorEdit(code=code, name=name, to_on=to_on, at=by.at, by_id=by.who.user_id))
    db.flush()
    audit.record(db, Action.EDIT_DIRECTORY, f"sector {code}", by=by, detail=f"{name} – {to_on or ''}")
    lookup.renew(db)


def _names_before(one: Sector, rows: Iterable[SectorEdit], rules: Rules) -> tuple[str, ...]:
    first = [rules.sectors[one.code].name] if one.code in rules.sectors else []
    names = dict.fromkeys([*first, *(row.name for row in rows if row.code == one.code)])
    return tuple(name for name in names if name != one.name)
