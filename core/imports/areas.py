"""Plans the import of places and buildings: who is whose parent, which codes they get, what overlaps."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlmodel import Session, col, select

from core import coordinates
from core.errors import Refused
from core.imports import cells, shapes
from core.imports.cells import Unfit
from core.imports.mapping import Areas, Buildings, Mapping
from core.imports.plan import Border, Plan, Remark, extent_warning
from core.imports.reading import Row
from core.places import Gazetteer, Place, Spot, check_code, gazetteer, valid
from core.words import GridKind, Level

PARENTS = {Level.COMMUNITY: Level.STREET, Level.GRID: Level.COMMUNITY, Level.MICRO_GRID: Level.GRID}
NUMBERS = 999  # three digits
MOST_NAME = 80


@dataclass(frozen=True, slots=True)
class PlannedPlace:
    """A place to be written; its code may still be to be given.

    Units: WGS84; lon and lat are a point inside.
    """

    where: str
    level: Level
    parent_code: str
    code: str
    external_code: str | None
    name: str
    lon: float
    lat: float
    shape: BaseGeometry | None
    kind: GridKind | None = None
    address: str | None = None
    households: int | None = None
    residents: int | None = None
    floors: int | None = None

    @property
    def label(self) -> str:
        """How the report calls it."""
        return f"{self.code} {self.name} ({self.where})"


class Known:
    """The places of one street that the store holds already."""

    def __init__(self, db: Session, street_code: str, at: datetime) -> None:
        query = select(Place).where(col(Place.code).startswith(street_code), *valid(at))
        self.places = list(db.exec(query.order_by(col(Place.code))))
        self.codes = {place.code for place in self.places}
        self.external = {(place.level, place.external_code) for place in self.places if place.external_code}

    def called(self, word: str, level: Level) -> str | None:
        """The code of the place that has `word` as its code, else its external code, else its name."""
        peers = [place for place in self.places if place.level == level]
        for name in ("code", "external_code", "name"):
            if found := [place.code for place in peers if getattr(place, name) == word]:
                return found[0] if len(found) == 1 else None
        return None

    def drawn(self, level: Level) -> list[tuple[str, BaseGeometry]]:
        """The labels and shapes of a level."""
        found = [place for place in self.places if place.level == level and place.geometry]
        outlines = shapely.from_wkb([place.geometry for place in found])
        return [(f"{place.code} {place.name}", shape) for place, shape in zip(found, outlines, strict=True)]


def plan_places(db: Session, rows: Sequence[Row], mapping: Mapping, at: datetime) -> Plan[PlannedPlace]:
    """The plan for communities, grids or micro-grids."""
    part = mapping.places
    assert part is not None
    known, plan, found = Known(db, mapping.street.code, at), Plan[PlannedPlace](len(rows)), []
    for row, shape in zip(rows, shapes.converted(rows, mapping.coordinate_system), strict=True):
        try:
            found.append(_area(row, shape, part, mapping, known, plan))
        except Unfit as unfit:
            plan.refused.append(Remark(row.where, str(unfit)))
    return _completed(plan, found, known, mapping, part.level)


def plan_buildings(db: Session, rows: Sequence[Row], mapping: Mapping, at: datetime) -> Plan[PlannedPlace]:
    """The plan for buildings, each in the stored grid that holds a point inside it."""
    part = mapping.buildings
    assert part is not None
    known, plan, found = Known(db, mapping.street.code, at), Plan[PlannedPlace](len(rows)), []
    for row, shape in zip(rows, shapes.converted(rows, mapping.coordinate_system), strict=True):
        try:
            found.append(_building(row, shape, part, mapping, plan))
        except Unfit as unfit:
            plan.refused.append(Remark(row.where, str(unfit)))
    placed = _placed(found, gazetteer(db, at), mapping, plan)
    return _completed(plan, placed, known, mapping, Level.BUILDING)


def _area(
    row: Row, shape: BaseGeometry | None, part: Areas, mapping: Mapping, known: Known, plan: Plan[PlannedPlace]
) -> PlannedPlace:
    outline = _outline(row, shape, plan)
    place = _place(row, part, part.level, shapes.point_in(outline), outline, plan)
    if not place.name:
        raise Unfit("no name")
    return replace(place, kind=part.kind, parent_code=_parent(row, part, mapping, known))


def _building(
    row: Row, shape: BaseGeometry | None, part: Buildings, mapping: Mapping, plan: Plan[PlannedPlace]
) -> PlannedPlace:
    outline = _outline(row, shape, plan) if shape is not None else None
    point = shapes.point_in(outline) if outline is not None else _point(row, part, mapping)
    address = " ".join(filter(None, (cells.line(row, column, 120) for column in part.address)))
    if len(address) > 120:
        raise Unfit(f"the address has {len(address)} characters, more than 120")
    place = _place(row, part, Level.BUILDING, point, outline, plan)
    return replace(place, address=address or None, floors=cells.count(row, part.floors))


def _place(
    row: Row,
    part: Areas | Buildings,
    level: Level,
    point: tuple[float, float],
    outline: BaseGeometry | None,
    plan: Plan[PlannedPlace],
) -> PlannedPlace:
    if row.flaw:
        raise Unfit(row.flaw)
    return PlannedPlace(
        where=row.where,
        level=level,
        parent_code="",
        code=cells.line(row, part.code, 18),
        external_code=cells.line(row, part.external_code, 80) or None,
        name=_name(row, part, plan),
        lon=point[0],
        lat=point[1],
        shape=outline,
        households=cells.count(row, part.households),
        residents=cells.count(row, part.residents),
    )


def _name(row: Row, part: Areas | Buildings, plan: Plan[PlannedPlace]) -> str:
    name = cells.line(row, part.name, cells.MOST_TEXT)
    if len(name) <= MOST_NAME:
        return name
    plan.repaired.append(Remark(row.where, f"name cut from {len(name)} to {MOST_NAME} characters"))
    return name[: MOST_NAME - 1] + "…"


def _outline(row: Row, shape: BaseGeometry | None, plan: Plan[PlannedPlace]) -> BaseGeometry:
    if row.flaw:
        raise Unfit(row.flaw)
    outline, repaired = shapes.area(shape)
    if repaired:
        plan.repaired.append(Remark(row.where, repaired))
    return outline


def _point(row: Row, part: Buildings, mapping: Mapping) -> tuple[float, float]:
    x, y = cells.number(row, part.lon), cells.number(row, part.lat)
    if x is None or y is None:
        raise Unfit(row.flaw or "no shape and no point")
    lon, lat = coordinates.to_wgs84(np.array([(x, y)]), mapping.coordinate_system)[0]
    shapes.check_point(lon, lat)
    return float(lon), float(lat)


def _parent(row: Row, part: Areas, mapping: Mapping, known: Known) -> str:
    if part.parent is None:
        return mapping.roots[0 if part.level == Level.COMMUNITY else 1].code
    word = cells.line(row, part.parent, 80)
    if found := known.called(word, PARENTS[part.level]):
        return found
    raise Unfit(f"unknown place: {word!r} is not the code, external code or name of one {PARENTS[part.level]}")


def _placed(
    found: Sequence[PlannedPlace], grids: Gazetteer, mapping: Mapping, plan: Plan[PlannedPlace]
) -> list[PlannedPlace]:
    placed = []
    spots = grids.spots(np.array([(place.lon, place.lat) for place in found]).reshape(-1, 2))
    for place, spot in zip(found, spots, strict=True):
        if spot is None or not spot.grid.code.startswith(mapping.street.code):
            plan.refused.append(Remark(place.where, "outside every grid"))
            continue
        placed.append(replace(place, parent_code=spot.grid.code))
        if spot.also:
            plan.border.append(border(place.where, spot, grids))
    return placed


def border(where: str, spot: Spot, grids: Gazetteer) -> Border:
    """A border case as the report tells it."""
    names = {node.id: node.code for node in grids.nodes}
    return Border(where, spot.grid.code, tuple(names[grid] for grid in spot.also))


def _completed(
    plan: Plan[PlannedPlace], found: Sequence[PlannedPlace], known: Known, mapping: Mapping, level: Level
) -> Plan[PlannedPlace]:
    new = _unknown(plan, found, known)
    plan.taken = _numbered(plan, new, known, mapping)
    plan.warnings += extent_warning(np.array([(place.lon, place.lat) for place in found]).reshape(-1, 2), mapping)
    drawn = [(place.label, place.shape) for place in plan.taken if place.shape is not None]
    plan.overlaps = shapes.overlaps(drawn, known.drawn(level))
    return plan


def _unknown(plan: Plan[PlannedPlace], found: Iterable[PlannedPlace], known: Known) -> list[PlannedPlace]:
    """What is neither in the store nor earlier in the file."""
    seen: set[str] = set()
    new = []
    for place in found:
        number = place.external_code or place.code
        if not number:
            plan.refused.append(Remark(place.where, "no number"))
        elif (place.level, place.external_code) in known.external or place.code in known.codes:
            plan.left_out.append(Remark(place.where, f"already here: {number}"))
        elif seen & {number, place.code} - {""}:
            plan.refused.append(Remark(place.where, f"duplicate number: {number}"))
        else:
            new.append(place)
        seen |= {number, place.code}
    return new


def _numbered(
    plan: Plan[PlannedPlace], new: Sequence[PlannedPlace], known: Known, mapping: Mapping
) -> list[PlannedPlace]:
    """Every place with a code: the source's where it has one and it is right, else the next of its parent."""
    numbered = []
    for place in (place for place in new if place.code):
        try:
            check_code(place.code, place.level, place.parent_code)
            numbered.append(place)
        except Refused as refused:
            plan.refused.append(Remark(place.where, f"wrong code: {refused}"))
    last = _last_numbers([*known.codes, *(place.code for place in numbered)])
    uncoded = [(place, place.lon, place.lat, _height(place)) for place in new if not place.code]
    for place in shapes.in_reading_order(uncoded):
        last[place.parent_code] = number = last.get(place.parent_code, 0) + 1
        if number > NUMBERS:
            plan.refused.append(Remark(place.where, f"no code left: {place.parent_code} has {NUMBERS} already"))
        else:
            numbered.append(replace(place, code=f"{place.parent_code}{number:03d}"))
    return [_named(place, mapping) for place in numbered]


def _last_numbers(codes: Iterable[str]) -> dict[str, int]:
    """The highest number given so far below each code."""
    last: dict[str, int] = {}
    for code in codes:
        last[code[:-3]] = max(last.get(code[:-3], 0), int(code[-3:]))
    return last


def _named(place: PlannedPlace, mapping: Mapping) -> PlannedPlace:
    if place.name or mapping.buildings is None:
        return place
    return replace(place, name=place.address or mapping.buildings.unnamed.replace("{number}", place.code[-3:]))


def _height(place: PlannedPlace) -> float:
    return float(place.shape.bounds[3] - place.shape.bounds[1]) if place.shape is not None else 0.0
