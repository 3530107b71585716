"""Queries of meetings: what a person may read of them, what changed, and the figures of a year."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any, NamedTuple

from sqlalchemy import case as sql_case
from sqlalchemy import func
from sqlmodel import Session, col, select

from core.cases.attachments import Attachment
from core.cases.queries import visible_to as cases_visible_to
from core.cases.queues import promised
from core.cases.tables import Case, CaseEvent
from core.limits import Clock
from core.meetings import rights
from core.meetings.agenda import items_of
from core.meetings.tables import AgendaItem, Attendance, ItemCase, Meeting, Resolution, Series
from core.people import Principal
from core.units import Unit
from core.words import Permission, PhotoKind, Severity, Stage, Verb


class Step(NamedTuple):
    """A step of a case, as a timeline shows it; no names."""

    at: datetime
    verb: Verb
    note: str | None


@dataclass(frozen=True, slots=True)
class Brief:
    """A case in a few words, with nothing of who reported it."""

    id: int
    number: str
    title: str
    category: str
    severity: Severity
    stage: Stage
    path: str
    address: str
    lon: float | None
    lat: float | None
    unit_id: int | None
    reported_at: datetime
    clock_from: datetime | None
    due_at: datetime | None
    promise: Clock | None  # the one that falls due then
    suspended_at: datetime | None
    steps: tuple[Step, ...]  # the first first
    since_last: int  # steps since the last meeting of the series
    photos: tuple[tuple[PhotoKind, int], ...]  # the last one of each kind, by id


@dataclass(frozen=True, slots=True)
class Line:
    """An item with its cases, what was resolved on it, and the resolution whose progress it hears."""

    item: AgendaItem
    cases: tuple[Brief, ...]
    resolutions: tuple[Resolution, ...]
    reviewed: Resolution | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A meeting as one person may read it."""

    meeting: Meeting
    series: Series
    lines: tuple[Line, ...]
    dropped: tuple[AgendaItem, ...]
    attendance: tuple[Attendance, ...]
    units: dict[int, Unit]
    last_at: datetime | None  # when the meeting before was held

    @property
    def id(self) -> int:
        """The id of the meeting."""
        assert self.meeting.id is not None
        return self.meeting.id

    @property
    def minutes(self) -> int:
        """How long its items take."""
        return sum(line.item.minutes for line in self.lines)

    def begins(self) -> list[datetime]:
        """When each item comes up, so that nobody need sit through everything."""
        before = accumulate((line.item.minutes for line in self.lines), initial=0)
        return [self.meeting.begins_at + timedelta(minutes=gone) for gone in before][: len(self.lines)]

    def called(self) -> list[Unit]:
        """The units that must attend, in the order in which they come up."""
        ids = dict.fromkeys(unit for line in self.lines for unit in line.item.unit_ids)
        return [self.units[unit] for unit in ids if unit in self.units]

    def unit_names(self, ids: Sequence[int]) -> str:
        """The names of units, the lead first."""
        return "、".join(self.units[unit].name for unit in ids if unit in self.units)


class Year(NamedTuple):
    """The resolutions of a unit in a year: how many were made, done in time, carried over, and are open and late.

    `due` are those of which it is known whether they were in time: signed off, or past their date.
    """

    unit_id: int | None
    made: int
    due: int
    in_time: int
    carried: int
    open: int
    late: int


def series_of(db: Session, who: Principal) -> list[Series]:
    """The series that `who` may read, from the street down."""
    return list(db.exec(select(Series).where(rights.visible_to(who)).order_by(Series.path, col(Series.id))))


def meetings_of(db: Session, who: Principal, series_id: int) -> list[Meeting]:
    """The meetings of a series that `who` may read, the newest first."""
    query = select(Meeting).join(Series, col(Series.id) == Meeting.series_id)
    return list(
        db.exec(query.where(rights.visible_to(who), Series.id == series_id).order_by(col(Meeting.number).desc()))
    )


def sheet(db: Session, who: Principal, meeting_id: int) -> Sheet:
    """A meeting with everything on it that `who` may read; a liaison the items of the unit.

    Raises: NotFound.
    """
    meeting = db.get(Meeting, meeting_id)
    series = rights.series_for(db, who, meeting.series_id if meeting else 0, Permission.READ_MEETINGS)
    assert meeting is not None
    resolutions = _resolutions(db, meeting_id)
    items = items_of(db, meeting_id)
    reviewed = _by_id(db, [item.reviews_id for item in items])
    if not rights.reads_all(who, series):
        mine = rights.units_of(who, series)
        items = [item for item in items if not mine.isdisjoint(_units(item, resolutions[item.id or 0]))]
    last = select(func.max(Meeting.begun_at)).where(Meeting.series_id == series.id, Meeting.number < meeting.number)
    last_at = db.exec(last).one()
    cases = _briefs(db, who, [item.id or 0 for item in items], last_at)
    lines = tuple(
        Line(item, cases[item.id or 0], tuple(resolutions[item.id or 0]), reviewed.get(item.reviews_id or 0))
        for item in items
        if item.dropped is None
    )
    people = db.exec(select(Attendance).where(Attendance.meeting_id == meeting_id).order_by(col(Attendance.id))).all()
    units = {unit.id: unit for unit in db.exec(select(Unit)) if unit.id is not None}
    dropped = tuple(item for item in items if item.dropped is not None)
    return Sheet(meeting, series, lines, dropped, tuple(people), units, last_at)


def open_resolutions(db: Session, who: Principal) -> list[Resolution]:
    """The resolutions that `who` may read and nobody has signed off, the first due first; of a liaison the unit's."""
    query = select(Resolution, Series).join(Series, col(Series.id) == Resolution.series_id)
    rows = db.exec(
        query.where(rights.visible_to(who), col(Resolution.signed_at).is_(None)).order_by(col(Resolution.due_at))
    )
    return [
        row
        for row, series in rows
        if rights.reads_all(who, series)
        or not rights.units_of(who, series).isdisjoint({row.lead_unit_id, *row.co_unit_ids})
    ]


def is_called(db: Session, who: Principal, series_id: int) -> bool:
    """Whether the newest meeting of a series has an item for a unit of `who`."""
    newest = meetings_of(db, who, series_id)[:1]
    return any(sheet(db, who, meeting.id or 0).lines for meeting in newest)


def titles(db: Session, rows: Sequence[Resolution]) -> dict[int, str]:
    """What the items were about on which resolutions were made, by item."""
    query = select(AgendaItem.id, AgendaItem.title).where(col(AgendaItem.id).in_({row.item_id for row in rows}))
    return {number or 0: title for number, title in db.exec(query)}


def resolutions_on(db: Session, who: Principal, case_id: int) -> list[Resolution]:
    """What meetings resolved on a case that `who` may see, for its dossier; the newest first."""
    query = (
        select(Resolution)
        .join(ItemCase, col(ItemCase.item_id) == Resolution.item_id)
        .join(Case, col(Case.id) == ItemCase.case_id)
        .where(cases_visible_to(who), Case.id == case_id)
    )
    return list(db.exec(query.order_by(col(Resolution.decided_at).desc())))


def year(db: Session, who: Principal, since: datetime, until: datetime, now: datetime) -> list[Year]:
    """The resolutions made from `since` to `until` by lead unit, of meetings that `who` may read in full."""
    mine = [series.id for series in series_of(db, who) if rights.reads_all(who, series)]
    is_open = col(Resolution.signed_at).is_(None)

    def many(condition: Any) -> Any:
        return func.coalesce(func.sum(sql_case((condition, 1), else_=0)), 0)

    query = (
        select(  # type: ignore[call-overload]
            Resolution.lead_unit_id,
            func.count(),
            many(~is_open | (col(Resolution.due_at) < now)),
            many(col(Resolution.signed_at) <= col(Resolution.due_at)),
            many(col(Resolution.missed) > 0),
            many(is_open),
            many(is_open & (col(Resolution.due_at) < now)),
        )
        .where(col(Resolution.series_id).in_(mine), Resolution.decided_at >= since, Resolution.decided_at < until)
        .group_by(col(Resolution.lead_unit_id))
    )
    return sorted((Year(*row) for row in db.execute(query)), key=lambda found: (-found.made, found.unit_id or 0))


def _resolutions(db: Session, meeting_id: int) -> dict[int, list[Resolution]]:
    found: dict[int, list[Resolution]] = defaultdict(list)
    for row in db.exec(select(Resolution).where(Resolution.meeting_id == meeting_id).order_by(col(Resolution.id))):
        found[row.item_id].append(row)
    return found


def _by_id(db: Session, ids: Sequence[int | None]) -> dict[int, Resolution]:
    wanted = [number for number in ids if number is not None]
    return {row.id or 0: row for row in db.exec(select(Resolution).where(col(Resolution.id).in_(wanted)))}


def _units(item: AgendaItem, resolutions: Sequence[Resolution]) -> set[int | None]:
    return {*item.unit_ids, *(unit for row in resolutions for unit in (row.lead_unit_id, *row.co_unit_ids))}


def _briefs(
    db: Session, who: Principal, item_ids: Sequence[int], last_at: datetime | None
) -> dict[int, tuple[Brief, ...]]:
    """The cases of the items that `who` may see, with their steps."""
    query = select(ItemCase.item_id, Case).join(Case, col(Case.id) == ItemCase.case_id)
    rows = db.exec(query.where(cases_visible_to(who), col(ItemCase.item_id).in_(item_ids)).order_by(col(Case.id))).all()
    steps: dict[int, list[Step]] = defaultdict(list)
    ids = [case.id for _, case in rows]
    for event in db.exec(select(CaseEvent).where(col(CaseEvent.case_id).in_(ids)).order_by(col(CaseEvent.ordinal))):
        steps[event.case_id].append(Step(event.occurred_at, Verb(event.verb), event.note))
    photos, promises = _photos(db, ids), promised(db, ids)
    found: dict[int, list[Brief]] = defaultdict(list)
    for item_id, case in rows:
        number = case.id or 0
        found[item_id].append(_brief(case, steps[number], photos[number], last_at, promises.get(number)))
    return defaultdict(tuple, {item_id: tuple(cases) for item_id, cases in found.items()})


def _photos(db: Session, case_ids: Sequence[int | None]) -> dict[int, list[tuple[PhotoKind, int]]]:
    """The last photo before the work and the last after it, of each case."""
    newest = select(Attachment.case_id, Attachment.kind, func.max(Attachment.id))
    rows = newest.where(col(Attachment.case_id).in_(case_ids)).group_by(col(Attachment.case_id), col(Attachment.kind))
    found: dict[int, list[tuple[PhotoKind, int]]] = defaultdict(list)
    for case_id, kind, photo_id in db.execute(rows):
        found[case_id].append((PhotoKind(kind), photo_id))
    return found


def _brief(
    case: Case, steps: Sequence[Step], photos: Sequence[tuple[PhotoKind, int]], last_at: datetime | None,
    promise: Clock | None,
) -> Brief:  # fmt: skip
    assert case.id is not None
    new = sum(step.at >= last_at for step in steps) if last_at else 0
    return Brief(
        case.id, case.number, case.title, case.category, Severity(case.severity), Stage(case.stage), case.path,
        case.address, case.lon, case.lat, case.unit_id, case.reported_at, case.clock_from, case.due_at,
        promise, case.suspended_at, tuple(steps), new, tuple(sorted(photos, key=lambda one: one[0] is PhotoKind.AFTER)),
    )  # fmt: skip
