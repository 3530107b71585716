"""Plans the import of cases: the smallest honest chain of legal steps that the source proves."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlmodel import Session, col, select

from core import coordinates
from core.cases.commands import Facts
from core.cases.tables import Case
from core.imports import cells, shapes
from core.imports.areas import border
from core.imports.cells import Unfit
from core.imports.mapping import Cases, CodeTable, Mapping, V
from core.imports.plan import Plan, Remark, extent_warning
from core.imports.reading import Row
from core.imports.tables import ImportBatch, ImportedCase
from core.places import Gazetteer, Place, Spot, gazetteer, node_of, tree, valid
from core.words import ENDED, Level, Source, Stage, Verb

NUMBERS_A_QUERY = 500
AFTER = "after the moment at which the world stands still"


@dataclass(frozen=True, slots=True)
class PlannedMove:
    """A step to be written; `owner` is the source's word for the unit.

    Units: aware UTC.
    """

    verb: Verb
    at: datetime
    note: str | None = None
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class PlannedCase:
    """A case to be written with its steps."""

    where: str
    facts: Facts
    moves: tuple[PlannedMove, ...]


@dataclass(frozen=True, slots=True)
class _Said:
    """What a row says, before its place is known."""

    where: str
    number: str
    row: Row
    created: datetime
    stage: Stage
    ended: datetime | None
    status: str
    owner: str
    point: tuple[float, float] | None  # in the source's system


class _LeftOut(Exception):  # noqa: N818
    """Why a row is rightly not taken."""


def plan_cases(
    db: Session, rows: Sequence[Row], mapping: Mapping, *, now: datetime, stands_still: bool
) -> Plan[PlannedCase]:
    """The plan for cases as they stood at `now`, the last moment of the world that the store shows.

    Units: `now` in aware UTC.
    """
    part = mapping.cases
    assert part is not None
    plan: Plan[PlannedCase] = Plan(len(rows))
    said = _once(db, list(_heard(rows, part, mapping, plan, now, stands_still)), mapping, plan)
    points = _points(said, mapping)
    plan.warnings += extent_warning(points[~np.isnan(points[:, 0])], mapping)
    grids = gazetteer(db, now)
    spots = grids.spots(np.nan_to_num(points, nan=999.0))  # no point: outside everything
    named = _Named(db, now)
    for one, point, spot in zip(said, points.tolist(), spots, strict=True):
        try:
            _take(plan, one, point, spot, grids, named, mapping)
        except Unfit as unfit:
            plan.refused.append(Remark(one.where, str(unfit)))
    return plan


def _heard(
    rows: Iterable[Row], part: Cases, mapping: Mapping, plan: Plan[PlannedCase], now: datetime, stands_still: bool
) -> Iterable[_Said]:
    for row in rows:
        try:
            yield _said(row, part, mapping, now, stands_still)
        except Unfit as unfit:
            plan.refused.append(Remark(row.where, str(unfit)))
        except _LeftOut as reason:
            plan.left_out.append(Remark(row.where, str(reason)))


def _said(row: Row, part: Cases, mapping: Mapping, now: datetime, stands_still: bool) -> _Said:
    if row.flaw:
        raise Unfit(row.flaw)
    number = cells.line(row, part.number, 80)
    created = cells.moment(row, part.created, part.time_formats, mapping.zone)
    if not number or created is None:
        raise Unfit("no number" if not number else "bad date: no moment of creation")
    if created > now:
        raise _LeftOut(AFTER) if stands_still else Unfit("created in the future")
    stage, status = _stage(row, part)
    ended = _ended(row, part, mapping, created, stage)
    if ended is not None and ended > now:
        if not stands_still:
            raise Unfit("closed in the future")
        stage, ended = part.still_open, None
    owner = cells.line(row, part.owner.column, 80) if part.owner else ""
    return _Said(row.where, number, row, created, stage, ended, status, owner, _point(row, part))


def _stage(row: Row, part: Cases) -> tuple[Stage, str]:
    """The stage that the source proves, and its own word for it."""
    if part.status is None:
        closed = cells.line(row, part.closed, 80)
        return (Stage.CLOSED, "") if closed else (Stage.REPORTED, "")
    return _ours(row, part.status, "status"), cells.line(row, part.status.column, 80)


def _ended(row: Row, part: Cases, mapping: Mapping, created: datetime, stage: Stage) -> datetime | None:
    """When an ended case ended: as the source says, or when the source last touched it."""
    if stage not in ENDED:
        return None
    ended = cells.moment(row, part.closed, part.time_formats, mapping.zone)
    ended = ended or cells.moment(row, part.updated, part.time_formats, mapping.zone)
    if ended is None:
        raise Unfit("bad date: closed, but no moment of closing")
    if ended < created:
        raise Unfit("closed before created")
    return ended


def _point(row: Row, part: Cases) -> tuple[float, float] | None:
    x, y = cells.number(row, part.lon), cells.number(row, part.lat)
    return None if x is None or y is None else (x, y)


def _ours(row: Row, table: CodeTable[V], kind: str) -> V:
    word = cells.line(row, table.column, 80)
    found = table.ours(word)
    if found is None:
        raise Unfit(f"unknown {kind}: {word!r}")
    return found


def _once(db: Session, said: Sequence[_Said], mapping: Mapping, plan: Plan[PlannedCase]) -> list[_Said]:
    """What is neither in the store nor earlier in the file."""
    stored, seen, new = _stored(db, [one.number for one in said], mapping), set[str](), []
    for one in said:
        if one.number in stored:
            plan.left_out.append(Remark(one.where, f"already here: {one.number}"))
        elif one.number in seen:
            plan.refused.append(Remark(one.where, f"duplicate number: {one.number}"))
        else:
            new.append(one)
        seen.add(one.number)
    return new


def _stored(db: Session, numbers: Sequence[str], mapping: Mapping) -> set[str]:
    """The numbers that the store holds: from this system, or reported by hand through a channel of it."""
    assert mapping.cases is not None
    channels = {*mapping.cases.source.table.values(), mapping.cases.source.default}
    query = (
        select(Case.external_number, Case.source, ImportBatch.system)
        .join(ImportedCase, col(ImportedCase.case_id) == Case.id, isouter=True)
        .join(ImportBatch, col(ImportBatch.id) == ImportedCase.batch_id, isouter=True)
    )
    found: set[str] = set()
    for start in range(0, len(numbers), NUMBERS_A_QUERY):
        some = numbers[start : start + NUMBERS_A_QUERY]
        for number, source, system in db.exec(query.where(col(Case.external_number).in_(some))):
            if system == mapping.system or (system is None and source in channels):
                found.add(str(number))
    return found


def _points(said: Sequence[_Said], mapping: Mapping) -> coordinates.Points:
    """The points in WGS84, NaN where there is none."""
    points = np.array([one.point or (np.nan, np.nan) for one in said], dtype=np.float64).reshape(-1, 2)
    there = ~np.isnan(points[:, 0])
    points[there] = coordinates.to_wgs84(points[there], mapping.coordinate_system)
    return points


class _Named:
    """Grids by code, external code and name."""

    def __init__(self, db: Session, at: datetime) -> None:
        self.street = {node.code: node for node in tree(db, at).children.get(None, ())}
        rows = db.exec(select(Place).where(Place.level == Level.GRID, *valid(at)).order_by(col(Place.code)))
        self.grids: dict[str, Spot | None] = {}
        for row in rows:
            for word in {row.code, row.external_code, row.name} - {None, ""}:
                self.grids[str(word)] = None if word in self.grids else Spot(node_of(row))

    def spot(self, word: str) -> Spot:
        """The grid called `word`; a word for several is as good as none."""
        if not word:
            raise Unfit("unknown place: neither a point nor a grid")
        if found := self.grids.get(word):
            return found
        raise Unfit(f"unknown place: {word!r} is not the code, external code or name of one grid")


def _take(
    plan: Plan[PlannedCase],
    one: _Said,
    point: Sequence[float],
    spot: Spot | None,
    grids: Gazetteer,
    named: _Named,
    mapping: Mapping,
) -> None:
    part = mapping.cases
    assert part is not None
    if one.point is None:
        spot = named.spot(cells.line(one.row, part.grid, 80))
    else:
        shapes.check_point(*point)
    if spot is None or not spot.grid.code.startswith(mapping.street.code):
        raise Unfit("outside every grid")
    facts = _facts(one, part, spot, point if one.point is not None else (None, None))
    plan.taken.append(PlannedCase(one.where, facts, tuple(_moves(one, part, mapping.system))))
    if spot.also:
        plan.border.append(border(one.where, spot, grids))


def _facts(one: _Said, part: Cases, spot: Spot, point: Sequence[float | None]) -> Facts:
    return Facts(
        category=_ours(one.row, part.category, "category"),
        source=Source(_ours(one.row, part.source, "source")),
        spot=spot,
        title=cells.line(one.row, part.title, 120),
        text=cells.text(one.row, part.text),
        address=cells.line(one.row, part.address, 200),
        lon=point[0],
        lat=point[1],
        external_number=one.number,
        reporter_name=cells.line(one.row, part.reporter_name, 40),
        reporter_phone=cells.line(one.row, part.reporter_phone, 40),
    )


def _moves(one: _Said, part: Cases, system: str) -> Iterable[PlannedMove]:
    """Reported when created; an open case as far as its stage proves, an ended one in a single step more.

    docs/imports.md says why an ended case shows neither a dispatch nor a visit.
    """
    yield PlannedMove(Verb.REPORT, one.created)
    if one.ended is not None:
        verb = Verb.VOID if one.stage is Stage.VOIDED else Verb.SELF_HANDLE
        yield PlannedMove(verb, one.ended, _note(one, system))
        return
    if one.stage in (Stage.ACCEPTED, Stage.DISPATCHED):
        yield PlannedMove(Verb.ACCEPT, one.created)
    if one.stage is Stage.DISPATCHED and one.owner:
        if part.owner is None or one.owner not in part.owner.units:
            raise Unfit(f"unknown owner: {one.owner!r}")
        yield PlannedMove(Verb.DISPATCH, one.created, owner=one.owner)


def _note(one: _Said, system: str) -> str:
    words = [f"导入自 {system}", f"来源状态“{one.status}”" if one.status else "来源已办结"]
    return "，".join([*words, f"来源承办单位“{one.owner}”"] if one.owner else words)
