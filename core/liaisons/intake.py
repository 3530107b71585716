"""An office's table into the directory: a plan to be looked at, applied in one transaction, undone in one act."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlmodel import Session, col, select

from core.accounts import audit
from core.accounts.audit import Asker
from core.clock import local
from core.errors import NotFound, Refused
from core.language import N_
from core.liaisons import lookup, phones, sheet, wording
from core.liaisons.directory import Contact, Directory, Office
from core.liaisons.sheet import Line
from core.liaisons.tables import Liaison, LiaisonImport, LiaisonPlace
from core.people import Principal
from core.places import Node
from core.rules import Rules
from core.spelling import folded
from core.words import Action, Level, Permission

DAY = timedelta(days=1)
CELLS = ("role", "duty_phone", "mobile")


class Fate(StrEnum):
    """What becomes of a line."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Planned:
    """A line of the table as it was understood; `reason` says why it is not taken."""

    line: int
    fate: Fate
    unit: str
    name: str
    words: str
    places: tuple[Node, ...] = ()
    reason: Refused | None = None
    unit_id: int | None = None
    liaison_id: int | None = None  # of the entry that it is about
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a file would do to one version of the directory."""

    file: str
    sha256: str
    version: str
    rows: tuple[Planned, ...]

    def of(self, *fates: Fate) -> list[Planned]:
        """The lines with one of these fates."""
        return [row for row in self.rows if row.fate in fates]


def planned(directory: Directory, who: Principal, file: str, content: bytes, asker: Asker, rules: Rules) -> Plan:
    """What the table in `content` would do; nothing is written.

    Raises: Refused, when the file cannot be read.
    """
    reader = _Reader(directory, who, asker, rules)
    rows = tuple(reader.row(line) for line in sheet.read(content))
    return Plan(file[:200], hashlib.sha256(content).hexdigest(), directory.version, rows)


class _Reader:
    """Understands the lines of one table, one after the other."""

    def __init__(self, directory: Directory, who: Principal, asker: Asker, rules: Rules) -> None:
        self.directory, self.rules, self.on = directory, rules, local(asker.at).date()
        places = directory.places
        self._places = [p for p in places.values() if _is_known(directory, p, who, asker)]
        self._offices = {
            folded(one.name): one
            for one in directory.offices.values()
            if one.place_id in places and who.may(Permission.EDIT_DIRECTORY, places[one.place_id].path)
        }
        present = (c for c in directory.contacts.values() if c.holds_on(self.on))
        self._known = {(c.unit_id, folded(c.name)): c for c in present}
        self._seen: dict[tuple[int, str], int] = {}

    def row(self, line: Line) -> Planned:
        cells = line.cells
        unit, name, words = cells["unit"], cells["name"], cells["places"]
        office, read = self._offices.get(folded(unit)), wording.read(words, self._places)
        reason = self._flaw(line, office, read)
        if reason or office is None:
            return Planned(line.number, Fate.REFUSED, unit, name, words, read.places, reason)
        known = self._known.get((office.id, folded(name)))
        values = self._values(cells, known)
        fate = self._fate(known, values, read.places)
        return Planned(
            line.number,
            fate,
            office.name,
            name,
            words,
            read.places,
            None,
            office.id,
            known.id if known else None,
            values,
        )

    def _flaw(self, line: Line, office: Office | None, read: wording.Read) -> Refused | None:
        """Why a line is not taken."""
        cells = line.cells
        if not cells["unit"]:
            return Refused(N_("The unit is missing"))
        if office is None:
            return Refused(N_("There is no unit “{unit}” here"), unit=cells["unit"])
        if not cells["name"] or max(len(cells["name"]), *(len(cells.get(name, "")) for name in CELLS)) > 40:
            return Refused(N_("The name is missing, or a cell has more than 40 characters"))
        key = office.id, folded(cells["name"])
        first = self._seen.setdefault(key, line.number)
        if first != line.number:
            return Refused(N_("The same person stands in line {line}"), line=first)
        if more := phones.read(cells.get("mobile", ""), cells.get("duty_phone", "")).more:
            return Refused(N_("More than two phone numbers: {words}"), words="、".join(more))
        if read.unread:
            return Refused(N_("Not understood as a place: {words}"), words="、".join(read.unread))
        return None if read.places else Refused(N_("No place is named"))

    def _values(self, cells: dict[str, str], known: Contact | None) -> dict[str, Any]:
        """What is to be written: an empty cell leaves what is known."""
        found = phones.read(cells.get("mobile", ""), cells.get("duty_phone", ""))
        told = {"role": cells.get("role", ""), "duty_phone": found.other, "mobile": found.mobile}
        values: dict[str, Any] = {name: value for name, value in told.items() if value}
        hours = cells.get("hours", "")
        by_name = {calendar.name: code for code, calendar in self.rules.calendars.items()}
        if "24" in hours or "全天" in hours:
            values["calendar"] = "natural"
        elif hours or known is None:
            values["calendar"] = by_name.get(hours, "working")
        return values

    def _fate(self, known: Contact | None, values: dict[str, Any], places: Sequence[Node]) -> Fate:
        if known is None:
            return Fate.NEW
        now = {name: getattr(known, name) for name in CELLS} | {"calendar": known.hours.code if known.hours else ""}
        held = set(known.places_on(self.on))
        is_same = all(now[name] == value for name, value in values.items()) and {p.id for p in places} <= held
        return Fate.SAME if is_same else Fate.CHANGED


def apply(db: Session, by: Asker, plan: Plan, rules: Rules) -> int:
    """Write what is new and what changed, all in the caller's transaction; lines that were refused are left out.

    Returns: the id of the import.
    Raises: Refused, when the directory is no longer the one that was planned for, or nothing would change.
    """
    directory, taken = lookup.directory(db, rules), plan.of(Fate.NEW, Fate.CHANGED)
    if directory.version != plan.version:
        raise Refused(N_("The directory has changed in the meantime: look at the file again"))
    if not taken:
        raise Refused(N_("There is nothing in this file to be taken"))
    _check_rights(directory, by.who, taken)
    refused = len(plan.of(Fate.REFUSED))
    batch = LiaisonImport(
        file=plan.file,
        sha256=plan.sha256,
        at=by.at,
        by_id=by.who.user_id,
        taken=len(taken),
        refused=refused,
        changed=[],
    )
    db.add(batch)
    db.flush()
    assert batch.id is not None
    batch.changed = [was for row in taken if (was := _take(db, by, directory, row, batch.id))]
    audit.record(db, Action.IMPORT_DIRECTORY, plan.file, by=by, detail=f"{len(taken)} + {refused}")
    lookup.renew(db)
    db.flush()
    return batch.id


def _take(db: Session, by: Asker, directory: Directory, row: Planned, batch_id: int) -> dict[str, Any] | None:
    """Write one line.

    Returns: of an entry that was there, what it was and what it is.
    """
    today = local(by.at).date()
    known = db.get(Liaison, row.liaison_id) if row.liaison_id else None
    if known is None:
        assert row.unit_id is not None
        new = Liaison(
            unit_id=row.unit_id, name=row.name, from_on=today, verified_on=today, batch_id=batch_id, **row.values
        )
        db.add(new)
        db.flush()
    was = {name: getattr(known, name) for name in row.values} if known else {}
    for name, value in row.values.items() if known else ():
        setattr(known, name, value)
    one = (known or new).id
    assert one is not None
    held = directory.contacts[one].places_on(today) if known else ()
    for place in row.places:
        if place.id not in held:
            db.add(LiaisonPlace(liaison_id=one, place_id=place.id, from_on=today, batch_id=batch_id))
    return {"id": one, "was": was, "now": row.values} if known and was != row.values else None


def undo(db: Session, by: Asker, batch_id: int, rules: Rules) -> None:
    """Take back an import: its entries and places have never held, and what it changed is as before.

    A value that somebody has changed since is left alone. The rows stay, and say whose they were.
    Raises: NotFound; Refused, when it was undone before.
    """
    batch = db.exec(select(LiaisonImport).where(LiaisonImport.id == batch_id).with_for_update()).first()
    if batch is None or not by.who.paths(Permission.EDIT_DIRECTORY):
        raise NotFound(N_("There is no such import"))
    if batch.undone_at is not None:
        raise Refused(N_("This import has been undone already"))
    liaisons = db.exec(select(Liaison).where(Liaison.batch_id == batch_id)).all()
    posts = db.exec(select(LiaisonPlace).where(LiaisonPlace.batch_id == batch_id)).all()
    _check_area(db, by.who, lookup.directory(db, rules), [*(row.unit_id for row in liaisons)], batch)
    rows: list[Liaison | LiaisonPlace] = [*liaisons, *posts]
    for row in rows:
        row.to_on = row.from_on - DAY
    for entry in batch.changed:
        known = db.get_one(Liaison, entry["id"])
        for name, value in entry["was"].items():
            if getattr(known, name) == entry["now"][name]:
                setattr(known, name, value)
    batch.undone_at = by.at
    audit.record(db, Action.UNDO_IMPORT, batch.file, by=by, detail=f"{len(liaisons)} + {len(batch.changed)}")
    lookup.renew(db)


def imports(db: Session, most: int = 5) -> list[LiaisonImport]:
    """The last imports, the newest first."""
    return list(db.exec(select(LiaisonImport).order_by(col(LiaisonImport.id).desc()).limit(most)))


def exported(db: Session, by: Asker, rules: Rules) -> bytes:
    """The directory of today at the places of the asker, as an Excel file that can be imported again.

    Raises: Refused.
    """
    directory, on = lookup.directory(db, rules), local(by.at).date()
    if not by.who.paths(Permission.EDIT_DIRECTORY):
        raise Refused(N_("You may not do this"))
    known = [place for place in directory.places.values() if _is_known(directory, place, by.who, by)]
    present = [c for c in directory.contacts.values() if c.holds_on(on) and _edits(directory, by.who, c.unit_id)]
    audit.record(db, Action.EXPORT_DIRECTORY, "", by=by, detail=str(len(present)))
    return sheet.written(_cells(directory, contact, known, contact.places_on(on)) for contact in present)


def _cells(directory: Directory, contact: Contact, known: Sequence[Node], places: Sequence[int]) -> tuple[str, ...]:
    office = directory.offices[contact.unit_id]
    sector = directory.sectors.get(office.sector)
    hours = contact.hours
    return (
        sector.name if sector else office.sector, office.name, contact.name, contact.role, contact.duty_phone,
        contact.mobile, wording.written([directory.places[one] for one in places if one in directory.places], known),
        "24小时" if hours and hours.is_natural else hours.name if hours else "",
    )  # fmt: skip


def _is_known(directory: Directory, place: Node, who: Principal, asker: Asker) -> bool:
    """Whether a place may stand in a table of the asker: places of today down to the grids, no buildings."""
    is_over = place.id in directory.ended and directory.ended[place.id] <= asker.at
    return place.level is not Level.BUILDING and not is_over and who.may(Permission.EDIT_DIRECTORY, place.path)


def _edits(directory: Directory, who: Principal, unit_id: int) -> bool:
    seat = directory.places.get(directory.offices[unit_id].place_id)
    return seat is not None and who.may(Permission.EDIT_DIRECTORY, seat.path)


def _check_rights(directory: Directory, who: Principal, rows: Sequence[Planned]) -> None:
    """The plan came from a page: what it says is checked again."""
    for row in rows:
        places = [directory.places.get(place.id) for place in row.places]
        known = directory.contacts.get(row.liaison_id or 0)
        unit = row.unit_id or 0
        is_ours = (
            unit in directory.offices and (known is None or known.unit_id == unit) and _edits(directory, who, unit)
        )
        if not is_ours or any(p is None or not who.may(Permission.EDIT_DIRECTORY, p.path) for p in places):
            raise NotFound(N_("There is no such unit"))


def _check_area(db: Session, who: Principal, directory: Directory, units: list[int], batch: LiaisonImport) -> None:
    changed = [directory.contacts[entry["id"]].unit_id for entry in batch.changed]
    if not all(_edits(directory, who, unit) for unit in {*units, *changed}):
        raise NotFound(N_("There is no such import"))
