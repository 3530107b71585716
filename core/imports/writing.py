"""Writes plans: in the caller's transaction, by the same events as the commands."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import shapely
from sqlalchemy import func, insert
from sqlmodel import Session, col, select

from core.cases.bulk import Draft, write
from core.cases.steps import Move
from core.cases.tables import Case
from core.clock import local
from core.errors import Refused
from core.imports.areas import PlannedPlace
from core.imports.mapping import Mapping, OwnerUnit
from core.imports.plan import Plan
from core.imports.requests import PlannedCase
from core.imports.shapes import point_in
from core.imports.tables import ImportBatch, ImportedCase
from core.language import N_
from core.people import Appointment, Grant, Principal, User
from core.places import Place
from core.rules import Rules
from core.units import Unit
from core.words import Level, Role

IMPORTER = "导入"
ROLES = (Role.DUTY_OFFICER, Role.SECRETARY)  # what reporting, receiving, dispatching, handling and voiding take


@dataclass(frozen=True, slots=True)
class Origin:
    """Where rows come from, as the store remembers it."""

    kind: str
    file: str
    sha256: str
    mapping: str


def write_places(db: Session, plan: Plan[PlannedPlace], mapping: Mapping, origin: Origin, now: datetime) -> ImportBatch:
    """Write the taken places of a plan, and above them the street and community where they are missing."""
    parents = {root.code: root for root in _roots(db, mapping)}
    wanted = {place.parent_code for place in plan.taken} - parents.keys()
    for some in range(0, len(wanted), 500):
        codes = sorted(wanted)[some : some + 500]
        parents |= {row.code: row for row in db.exec(select(Place).where(col(Place.code).in_(codes)))}
    _add(db, [(_row(place), parents[place.parent_code]) for place in plan.taken])
    _outline(db, [root for root in parents.values() if root.geometry is None and root.level != Level.GRID])
    return _remember(db, plan, mapping, origin, now)


def write_cases(
    db: Session, plan: Plan[PlannedCase], mapping: Mapping, origin: Origin, rules: Rules, *, now: datetime, at: datetime
) -> ImportBatch:
    """Write the taken cases of a plan with their events.

    Units: aware UTC; `now` is when the events are recorded, the last moment of the world that the store shows;
    `at` is when the import is really made.
    """
    street = street_of(db, mapping)
    mover = _importer(db, street, local(at).date())
    units = _units(db, plan, mapping, street)
    batch = _remember(db, plan, mapping, origin, at)
    last = db.exec(select(func.max(Case.id))).one() or 0
    write(db, (_draft(case, mover, units, now) for case in plan.taken), rules)
    ids = db.exec(select(Case.id).where(col(Case.id) > last))
    if plan.taken:
        db.connection().execute(insert(ImportedCase), [{"case_id": case_id, "batch_id": batch.id} for case_id in ids])
    return batch


def street_of(db: Session, mapping: Mapping) -> Place:
    """The street of a mapping.

    Raises: Refused, when it is not there yet.
    """
    street = db.exec(select(Place).where(Place.code == mapping.street.code)).first()
    if street is None:
        raise Refused(N_("There is no street {code}: import its grids first"), code=mapping.street.code)
    return street


def _roots(db: Session, mapping: Mapping) -> list[Place]:
    roots: list[Place] = []
    for root, level in zip(mapping.roots, (Level.STREET, Level.COMMUNITY), strict=False):
        row = db.exec(select(Place).where(Place.code == root.code)).first()
        if row is None:
            row = Place(code=root.code, name=root.name, level=level, path="")
            _add(db, [(row, roots[-1] if roots else None)])
        roots.append(row)
    return roots


def _row(place: PlannedPlace) -> Place:
    return Place(
        code=place.code,
        external_code=place.external_code,
        name=place.name,
        level=place.level,
        kind=place.kind,
        path="",
        address=place.address,
        households=place.households,
        residents=place.residents,
        floors=place.floors,
        lon=place.lon,
        lat=place.lat,
        geometry=shapely.to_wkb(place.shape) if place.shape is not None else None,
    )


def _add(db: Session, rows: Sequence[tuple[Place, Place | None]]) -> None:
    """Store places below their parents; a path holds the place's own id, which the store gives."""
    for row, parent in rows:
        row.parent_id = parent.id if parent else None
        db.add(row)
    db.flush()
    for row, parent in rows:
        row.path = f"{parent.path if parent else '/'}{row.id}/"
    db.flush()


def _outline(db: Session, places: Iterable[Place]) -> None:
    """Give a place without a shape the union of its children's: communities first, then the street."""
    for place in sorted(places, key=lambda place: place.code, reverse=True):
        drawn = select(Place.geometry).where(Place.parent_id == place.id, col(Place.geometry).is_not(None))
        if outlines := list(db.exec(drawn)):
            shape = shapely.union_all(shapely.from_wkb(outlines))
            place.geometry = shapely.to_wkb(shape)
            place.lon, place.lat = point_in(shape)
            db.flush()


def _importer(db: Session, street: Place, day: date) -> Principal:
    """Who moves imported cases: an account at which nobody signs in, appointed for the day of the import only."""
    user = db.exec(select(User).where(User.name == IMPORTER, col(User.is_active).is_(False))).first()
    if user is None:
        user = User(name=IMPORTER, is_active=False)
        db.add(user)
        db.flush()
    assert user.id is not None
    assert street.id is not None
    held = select(Appointment).where(
        Appointment.user_id == user.id, Appointment.place_id == street.id, Appointment.from_on == day
    )
    for role in set(ROLES) - {Role(row.role) for row in db.exec(held)}:
        db.add(Appointment(user_id=user.id, role=role, place_id=street.id, from_on=day, to_on=day))
    return Principal(user.id, user.name, tuple(Grant(role, street.path) for role in ROLES))


def _units(db: Session, plan: Plan[PlannedCase], mapping: Mapping, street: Place) -> dict[str, int]:
    """The ids of the units that cases are dispatched to, made where they are missing."""
    owners = {move.owner for case in plan.taken for move in case.moves if move.owner}
    found: dict[str, int] = {}
    for word in sorted(owners):
        assert mapping.cases is not None
        assert mapping.cases.owner is not None
        assert street.id is not None
        found[word] = _unit(db, mapping.cases.owner.units[word], street.id)
    return found


def _unit(db: Session, owner: OwnerUnit, street_id: int) -> int:
    same = (Unit.name == owner.name, Unit.sector == owner.sector, Unit.place_id == street_id)
    unit = db.exec(select(Unit).where(*same)).first()
    if unit is None:
        unit = Unit(name=owner.name, sector=owner.sector, duty_phone=owner.duty_phone, place_id=street_id)
        db.add(unit)
        db.flush()
    assert unit.id is not None
    return unit.id


def _draft(case: PlannedCase, mover: Principal, units: dict[str, int], now: datetime) -> Draft:
    moves = [
        Move(m.verb, mover, occurred_at=m.at, recorded_at=now, unit_id=units[m.owner] if m.owner else None, note=m.note)
        for m in case.moves
    ]
    return Draft(case.facts, moves)


def _remember(
    db: Session, plan: Plan[PlannedPlace] | Plan[PlannedCase], mapping: Mapping, origin: Origin, at: datetime
) -> ImportBatch:
    batch = ImportBatch(
        kind=origin.kind,
        file=origin.file[-200:],
        sha256=origin.sha256,
        mapping=origin.mapping[-200:],
        system=mapping.system,
        taken=len(plan.taken),
        refused=len(plan.refused),
        at=at,
    )
    db.add(batch)
    db.flush()
    return batch
