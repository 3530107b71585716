"""What the proposer is told: the open cases of a place with what is counted about each, and earlier resolutions."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_
from sqlmodel import Session, col, select

from core.cases.queries import visible_to
from core.cases.tables import Case, CaseEvent
from core.meeting_words import ItemOutcome, MeetingState
from core.meetings.kinds import MeetingRules
from core.meetings.proposer import CaseFacts, Pledge
from core.meetings.tables import AgendaItem, ItemCase, Meeting, Resolution, Series
from core.people import Principal
from core.places import below
from core.whistles import Whistle
from core.words import Stage, Verb, Verdict, WhistleKind

RECENT = timedelta(days=30)
BROUGHT = 2 * RECENT  # since the closing: residents are asked for a month, and a community meets every month
NOT_SATISFIED = (Verb.REOPEN, Verb.BRING_TO_MEETING)
GIVEN_BACK = (Verb.RETURN_WRONG, Verb.APPROVE_RETURN, Verb.REWORK)
COLUMNS: Any = (
    Case.id, Case.category, Case.severity, Case.path, Case.unit_id, Case.clock_from, Case.due_at, Case.suspended_at,
    Case.place_id, Case.ended_at, Case.stage,
)  # fmt: skip
NO_COUNTS = tuple(CaseFacts._field_defaults.values())[4:]
Counts = Mapping[int, int]


def candidates(
    db: Session,
    who: Principal,
    series: Series,
    rules: MeetingRules,
    now: datetime,
    *,
    only: Sequence[int] | None = None,
) -> list[CaseFacts]:
    """The open cases at or below the place of a series that `who` may see, and those brought back by a resident."""
    within = and_(visible_to(who), _below(series), or_(col(Case.ended_at).is_(None), _brought(now)))
    if only is not None:
        within = and_(within, col(Case.id).in_(only))
    returned = _counts(db, _events(func.count(), within).where(col(CaseEvent.verb).in_(GIVEN_BACK)))
    departments = _departments(db, within)
    reports = _reports(db, series, now)
    unsatisfied = _counts(db, _events(func.count(), within).where(col(CaseEvent.verb).in_(NOT_SATISFIED)))
    whistles = _counts(db, _whistles(within))
    last, promoted = _last(db, series), _promoted(db, series, rules)
    carried = {case_id: item.times + 1 for case_id, item in last.items() if _is_put_off(item)}
    gone_up = {case_id for case_id, item in last.items() if item.outcome == ItemOutcome.PROMOTED}
    dealt_with = {case_id for case_id in last if case_id not in carried}
    not_done = _counts(db, _not_done(series, within, now))
    return [
        CaseFacts._make(row[:8] + NO_COUNTS)._replace(
            is_solved=row[10] == Stage.CHECKED,
            departments=departments.get(row[0], ()),
            returned=returned.get(row[0], 0),
            reports=reports.get((row[8], row[1]), 1),
            unsatisfied=unsatisfied.get(row[0], 0),
            whistles=whistles.get(row[0], 0),
            promoted=promoted.get(row[0], 0),
            carried=carried.get(row[0], 0),
            not_done=not_done.get(row[0], 0),
        )
        for row in db.execute(select(*map(col, COLUMNS)).where(within).order_by(col(Case.id)))
        if row[0] not in gone_up and not (row[9] and row[0] in dealt_with)  # an ended case is dealt with once
    ]


def pledges(db: Session, series: Series, now: datetime) -> list[Pledge]:
    """The resolutions of the series still to be signed off, and those signed off since its last meeting."""
    last = db.exec(select(func.max(Meeting.ended_at)).where(Meeting.series_id == series.id)).one()
    query = select(Resolution).where(
        Resolution.series_id == series.id,
        col(Resolution.is_promoted).is_(False),
        col(Resolution.signed_at).is_(None) | (col(Resolution.signed_at) >= (last or now)),
    )
    found = db.exec(query).all()
    cases: dict[int, list[int]] = defaultdict(list)
    of_items = select(ItemCase).where(col(ItemCase.item_id).in_([row.item_id for row in found]))
    for row in db.exec(of_items.order_by(col(ItemCase.case_id))):
        cases[row.item_id].append(row.case_id)
    return [
        Pledge(row.id or 0, row.progress_at(now), row.due_at, units_of(row), tuple(cases[row.item_id])) for row in found
    ]


def units_of(resolution: Resolution) -> tuple[int, ...]:
    """The units of a resolution, the lead first."""
    lead = [] if resolution.lead_unit_id is None else [resolution.lead_unit_id]
    return tuple(dict.fromkeys([*lead, *resolution.co_unit_ids]))


def _below(series: Series) -> ColumnElement[bool]:
    low, high = below(series.path)
    return and_(col(Case.path) >= low, col(Case.path) < high)


def _brought(now: datetime) -> ColumnElement[bool]:
    """Closed, but by the resident's word not over: of late, or on an agenda already."""
    listed = col(Case.id).in_(select(ItemCase.case_id))
    unsatisfied = and_(col(Case.stage) == Stage.CLOSED, col(Case.verdict) == Verdict.NOT_SATISFIED)
    return and_(unsatisfied, or_(col(Case.ended_at) >= now - BROUGHT, listed))


def _counts(db: Session, query: Any) -> Counts:
    return dict(tuple(row) for row in db.execute(query))


def _events(measure: ColumnElement[int], within: ColumnElement[bool]) -> Any:
    joined: Any = select(CaseEvent.case_id, measure).join(Case, col(Case.id) == CaseEvent.case_id)
    return joined.where(within).group_by(col(CaseEvent.case_id))


def _departments(db: Session, within: ColumnElement[bool]) -> dict[int, tuple[int, ...]]:
    """Every unit that had a case, of cases that more than one unit had."""
    units = func.count(func.distinct(CaseEvent.unit_id))
    several = _events(units, within).where(CaseEvent.verb == Verb.DISPATCH).having(units > 1).subquery()
    rows = db.execute(
        select(CaseEvent.case_id, CaseEvent.unit_id)
        .join(several, several.c.case_id == CaseEvent.case_id)
        .where(CaseEvent.verb == Verb.DISPATCH)
        .order_by(col(CaseEvent.seq))
    )
    found: dict[int, dict[int, None]] = defaultdict(dict)
    for case_id, unit_id in rows:
        found[case_id][unit_id] = None
    return {case_id: tuple(units) for case_id, units in found.items()}


def _reports(db: Session, series: Series, now: datetime) -> dict[tuple[int, str], int]:
    """How often the same thing was reported at the same place lately, open or not."""
    query = (
        select(Case.place_id, Case.category, func.count())
        .where(_below(series), Case.reported_at >= now - RECENT)
        .group_by(col(Case.place_id), col(Case.category))
        .having(func.count() > 1)
    )
    return {(place_id, category): count for place_id, category, count in db.execute(query)}


def _whistles(within: ColumnElement[bool]) -> Any:
    joined: Any = select(Whistle.case_id, func.count()).join(Case, col(Case.id) == Whistle.case_id)
    tough = joined.where(within, Whistle.kind == WhistleKind.TOUGH, col(Whistle.withdrawn).is_(None))
    return tough.group_by(col(Whistle.case_id))


def _last(db: Session, series: Series) -> dict[int, AgendaItem]:
    """The item in which each case stood at the last meeting of the series that had it."""
    rows = db.execute(_of_meetings().where(Meeting.series_id == series.id).order_by(col(Meeting.number)))
    return {case_id: item for case_id, item, _ in rows}


def _is_put_off(item: AgendaItem) -> bool:
    return item.dropped is not None or item.outcome in (ItemOutcome.DEFERRED, None)


def _promoted(db: Session, series: Series, rules: MeetingRules) -> Counts:
    """Cases taken up from meetings below, which no meeting of this series has had since."""
    from_below = [kind.code for kind in rules.kinds.values() if kind.next == series.kind]
    low, high = below(series.path)
    ups: Any = (
        _of_meetings()
        .join(Series, col(Series.id) == Meeting.series_id)
        .where(col(Series.kind).in_(from_below), Series.path >= low, Series.path < high)
        .where(AgendaItem.outcome == ItemOutcome.PROMOTED)
    )
    here = _of_meetings().where(Meeting.series_id == series.id)
    seen: dict[int, datetime] = {}
    for case_id, _item, meeting in db.execute(here):
        seen[case_id] = max(meeting.begins_at, seen.get(case_id, meeting.begins_at))
    return {
        case_id: item.times + 1
        for case_id, item, meeting in db.execute(ups)
        if case_id not in seen or seen[case_id] < meeting.begins_at
    }


def _of_meetings() -> Any:
    """Cases with the items they stood in, at meetings that were held."""
    return (
        select(ItemCase.case_id, AgendaItem, Meeting)
        .join(AgendaItem, col(AgendaItem.id) == ItemCase.item_id)
        .join(Meeting, col(Meeting.id) == ItemCase.meeting_id)
        .where(Meeting.state == MeetingState.ENDED)
    )


def _not_done(series: Series, within: ColumnElement[bool], now: datetime) -> Any:
    return (
        select(ItemCase.case_id, func.count())
        .join(Resolution, col(Resolution.item_id) == ItemCase.item_id)
        .join(Case, col(Case.id) == ItemCase.case_id)
        .where(within, Resolution.series_id != series.id, col(Resolution.signed_at).is_(None), Resolution.due_at < now)
        .group_by(col(ItemCase.case_id))
    )
