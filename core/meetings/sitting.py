"""During and after the meeting: who is there, what is resolved, how it acts on cases, and what comes back."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlmodel import Session, col, select, update

from core import calendars
from core.accounts import audit
from core.accounts.audit import Asker
from core.calendars import WORKING
from core.cases import commands
from core.cases.queries import case_seen_by
from core.cases.step_table import WITH_UNIT
from core.cases.steps import Move
from core.cases.tables import Case
from core.errors import NotFound, Refused
from core.language import N_
from core.meeting_words import ItemOutcome, MeetingState, Presence, Progress
from core.meetings import kinds, rights
from core.meetings.agenda import check_seen, items_of
from core.meetings.tables import AgendaItem, Attendance, ItemCase, Meeting, Resolution
from core.rules import Rules
from core.units import Unit
from core.words import Action, Permission, Stage, Verb

P, S = Permission, MeetingState
HELD = (S.PREPARED, S.FROZEN, S.UNDER_WAY)
MOST_DAYS = 250  # a year of work


@dataclass(frozen=True, slots=True)
class Decision:
    """A resolution as it is recorded.

    Units: `days` of work, counted by the office's calendar.
    """

    text: str
    person: str
    days: float
    supervisor: str
    lead_unit_id: int | None = None
    co_unit_ids: tuple[int, ...] = ()
    is_supervised: bool = False  # as an order from above too, with a reply due


class Acted(NamedTuple):
    """What a resolution did to its cases at once: how many each."""

    ordered: int = 0
    dispatched: int = 0
    supervised: int = 0
    waiting: int = 0  # for the office to dispatch them


def begin(db: Session, by: Asker, meeting_id: int, *, now: datetime) -> Meeting:
    """Open the meeting; its running clock begins.

    Raises: NotFound, Refused.
    """
    meeting, _ = rights.meeting_for(db, by.who, meeting_id, P.DECIDE_AT_MEETING, S.PREPARED, S.FROZEN)
    meeting.state, meeting.begun_at = S.UNDER_WAY, now
    _expect_units(db, meeting_id)
    audit.record(db, Action.MARK_ATTENDANCE, f"meeting {meeting_id}", by=by, detail="begun")
    return meeting


def mark(db: Session, by: Asker, attendance_id: int, presence: Presence | None) -> None:
    """Mark whether somebody is there.

    Raises: NotFound, Refused.
    """
    row = db.get(Attendance, attendance_id)
    if row is None:
        raise NotFound(N_("There is no such meeting"))
    rights.meeting_for(db, by.who, row.meeting_id, P.DECIDE_AT_MEETING, *HELD)
    row.presence = presence
    audit.record(db, Action.MARK_ATTENDANCE, f"meeting {row.meeting_id}", by=by, detail=f"{row.name}: {presence}")


def mark_rest(db: Session, by: Asker, meeting_id: int) -> None:
    """Mark everybody who has not been marked yet as present.

    Raises: NotFound, Refused.
    """
    rights.meeting_for(db, by.who, meeting_id, P.DECIDE_AT_MEETING, *HELD)
    rest = update(Attendance).where(col(Attendance.meeting_id) == meeting_id, col(Attendance.presence).is_(None))
    db.exec(rest.values(presence=Presence.PRESENT))
    audit.record(db, Action.MARK_ATTENDANCE, f"meeting {meeting_id}", by=by, detail="the rest: present")


def resolve(
    db: Session, by: Asker, item_id: int, decision: Decision, rules: Rules, seen_version: int, *, now: datetime
) -> tuple[Resolution, Acted]:
    """Record what is resolved on an item; it acts on the item's cases in the same transaction.

    Raises: NotFound, Refused, when a field is missing or somebody else has decided in the meantime.
    """
    item, meeting, series = rights.item_for(db, by.who, item_id, P.DECIDE_AT_MEETING, S.UNDER_WAY)
    check_seen(item.version, seen_version)
    _check(db, decision)
    calendar = rules.calendars[WORKING]
    hours = decision.days * calendar.day / timedelta(hours=1)
    assert series.id is not None
    assert meeting.id is not None
    row = Resolution(
        series_id=series.id, meeting_id=meeting.id, item_id=item_id, text=decision.text.strip(),
        lead_unit_id=decision.lead_unit_id, person=decision.person.strip(), co_unit_ids=list(decision.co_unit_ids),
        days=decision.days, decided_at=now, due_at=calendars.add_hours(calendar, now, hours).at,
        supervisor=decision.supervisor.strip(), by_id=by.who.user_id, progress=Progress.NOT_STARTED,
    )  # fmt: skip
    db.add(row)
    db.flush()
    item.outcome, item.version = ItemOutcome.RESOLVED, item.version + 1
    acted = _act(db, by, row, hours, decision, rules, now)
    audit.record(db, Action.DECIDE_ITEM, f"item {item_id}", by=by, detail=f"resolution {row.id}")
    return row, acted


def conclude(db: Session, by: Asker, item_id: int, outcome: ItemOutcome, note: str, seen_version: int) -> None:
    """End an item without a new resolution: put it off, take it to the next level, settle it, or note its progress.

    Raises: NotFound, Refused.
    """
    item, _, series = rights.item_for(db, by.who, item_id, P.DECIDE_AT_MEETING, S.UNDER_WAY)
    check_seen(item.version, seen_version)
    if outcome is ItemOutcome.RESOLVED or (outcome is ItemOutcome.REVIEWED and item.reviews_id is None):
        raise Refused(N_("This is not how such an item ends"))
    if outcome is ItemOutcome.PROMOTED and kinds.current().kinds[series.kind].next is None:
        raise Refused(N_("There is no level above this meeting"))
    if outcome is not ItemOutcome.REVIEWED and not note.strip():
        raise Refused(N_("Say why, in up to {most} characters"), most=400)
    item.outcome, item.outcome_note, item.version = outcome, note.strip()[:400], item.version + 1
    if outcome is ItemOutcome.PROMOTED and item.reviews_id is not None:
        db.get_one(Resolution, item.reviews_id).is_promoted = True
    audit.record(db, Action.DECIDE_ITEM, f"item {item_id}", by=by, detail=outcome)


def end(db: Session, by: Asker, meeting_id: int, *, now: datetime) -> Meeting:
    """End the meeting: what was not decided is put off, and what stayed unsolved too often goes to the next level.

    Raises: NotFound, Refused.
    """
    meeting, series = rights.meeting_for(db, by.who, meeting_id, P.DECIDE_AT_MEETING, S.UNDER_WAY)
    rules = kinds.current()
    has_next = rules.kinds[series.kind].next is not None
    for item in items_of(db, meeting_id):
        if item.dropped is None:
            _close(db, item, rules.promote_after, now, has_next=has_next)
    meeting.state, meeting.ended_at = S.ENDED, now
    audit.record(db, Action.END_MEETING, f"meeting {meeting_id}", by=by)
    return meeting


def tell(db: Session, by: Asker, resolution_id: int, progress: Progress, note: str) -> None:
    """Say how a resolution stands: who prepares the meetings, or a liaison of its units.

    Raises: NotFound, Refused.
    """
    row = rights.resolution_for(db, by.who, resolution_id)
    if row.signed_at is not None:
        raise Refused(N_("The resolution has been signed off"))
    if progress is Progress.OVERDUE:
        raise Refused(N_("Whether it is past its date is told by the date"))
    row.progress, row.progress_note, row.version = progress, note.strip()[:400], row.version + 1
    audit.record(db, Action.TELL_PROGRESS, f"resolution {resolution_id}", by=by, detail=progress)


def sign_off(db: Session, by: Asker, resolution_id: int, evidence: str, *, now: datetime) -> None:
    """Strike a resolution from the list; it needs evidence.

    Raises: NotFound, Refused.
    """
    row = rights.resolution_for(db, by.who, resolution_id)
    rights.series_for(db, by.who, row.series_id, P.PREPARE_MEETING)  # a liaison tells, and does not sign
    if row.signed_at is not None:
        raise Refused(N_("The resolution has been signed off"))
    if not evidence.strip():
        raise Refused(N_("Signing off needs evidence"))
    row.progress, row.signed_at, row.signed_by_id = Progress.DONE, now, by.who.user_id
    row.evidence, row.version = evidence.strip()[:400], row.version + 1
    audit.record(db, Action.SIGN_OFF, f"resolution {resolution_id}", by=by)


def _expect_units(db: Session, meeting_id: int) -> None:
    """The units that the agenda calls are expected too, unless somebody of theirs already is."""
    here = db.exec(select(Attendance.unit_id).where(Attendance.meeting_id == meeting_id)).all()
    called = dict.fromkeys(u for item in items_of(db, meeting_id) if item.dropped is None for u in item.unit_ids)
    for unit_id in called:
        if unit_id not in here:
            unit = db.get_one(Unit, unit_id)
            db.add(Attendance(meeting_id=meeting_id, name=unit.name[:40], unit_id=unit_id))


def _check(db: Session, decision: Decision) -> None:
    if not all(text.strip() for text in (decision.text, decision.person, decision.supervisor)):
        raise Refused(N_("A resolution says what, who answers for it, by when and who supervises it"))
    if len(decision.text) > 400 or max(len(decision.person), len(decision.supervisor)) > 40:
        raise Refused(N_("A resolution has up to 400 characters, a name 40"))
    if not 0 < decision.days <= MOST_DAYS:
        raise Refused(N_("The deadline lies 1 to {most} working days ahead"), most=MOST_DAYS)
    units = {unit for unit in (decision.lead_unit_id, *decision.co_unit_ids) if unit is not None}
    if len(db.exec(select(Unit.id).where(col(Unit.id).in_(units))).all()) != len(units):
        raise Refused(N_("There is no such unit"))


def _act(
    db: Session, by: Asker, row: Resolution, hours: float, decision: Decision, rules: Rules, now: datetime
) -> Acted:
    """Each open case gets the date of the resolution, and where the asker may, its unit and an order."""
    acted = Acted()
    assert row.id is not None
    for case_id in db.exec(select(ItemCase.case_id).where(ItemCase.item_id == row.item_id)).all():
        case = case_seen_by(db, by.who, case_id)
        if case is None or case.ended_at is not None:
            continue
        move = Move(Verb.ORDER, by.who, now, now, note=row.text, hours=hours, resolution_id=row.id)
        commands.take(db, by.who, case_id, move, rules)
        given = _dispatch(db, by, case, row, rules, now)
        is_supervised = decision.is_supervised and case.stage in WITH_UNIT and by.who.may(P.SUPERVISE, case.path)
        if is_supervised:
            order = replace(move, verb=Verb.SUPERVISE, resolution_id=None)
            commands.take(db, by.who, case_id, order, rules)
        is_waiting = row.lead_unit_id is not None and case.stage in (Stage.REPORTED, Stage.ACCEPTED)
        acted = Acted(
            acted.ordered + 1, acted.dispatched + given, acted.supervised + is_supervised, acted.waiting + is_waiting
        )
    return acted


def _dispatch(db: Session, by: Asker, case: Case, row: Resolution, rules: Rules, now: datetime) -> bool:
    """Give a case that no unit has to the lead unit, by whoever may; one that a unit has keeps it."""
    may = by.who.may(P.DISPATCH, case.path) and by.who.may(P.INTAKE, case.path)
    if row.lead_unit_id is None or not may or case.stage not in (Stage.REPORTED, Stage.ACCEPTED):
        return False
    assert case.id is not None
    if case.stage == Stage.REPORTED:
        commands.take(db, by.who, case.id, Move(Verb.ACCEPT, by.who, now, now, note=row.text), rules)
    move = Move(Verb.DISPATCH, by.who, now, now, unit_id=row.lead_unit_id, note=row.text)
    commands.take(db, by.who, case.id, move, rules)
    return True


def _close(db: Session, item: AgendaItem, promote_after: int, now: datetime, *, has_next: bool) -> None:
    """What becomes of an item when the meeting ends."""
    resolution = db.get(Resolution, item.reviews_id) if item.reviews_id is not None else None
    is_late = resolution is not None and resolution.signed_at is None and resolution.progress_at(now) != Progress.DONE
    if resolution is not None and is_late:
        resolution.missed += 1
    item.outcome = item.outcome or (ItemOutcome.REVIEWED if resolution else ItemOutcome.DEFERRED)
    is_unsolved = is_late or item.outcome is ItemOutcome.DEFERRED
    if is_unsolved and has_next and item.outcome is not ItemOutcome.PROMOTED and item.times + 1 >= promote_after:
        item.outcome = ItemOutcome.PROMOTED
        if resolution is not None:
            resolution.is_promoted = True
