"""Before the meeting: build the next agenda of a series, change it, and fix it as a version."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, delete, func, select

from core.accounts import audit
from core.accounts.audit import Asker
from core.cases.tables import Case
from core.cases.taking import case_numbered
from core.errors import NotFound, Refused
from core.language import N_
from core.meeting_words import ItemKind, MeetingState
from core.meetings import candidates, kinds, rights
from core.meetings.proposer import CaseFacts, Item, Proposal, parts_of, propose
from core.meetings.tables import (
    AgendaItem,
    Attendance,
    ItemCase,
    Meeting,
    Resolution,
    Series,
    SeriesMember,
)
from core.places import Place
from core.rules import Rules
from core.words import Action, Permission

P, S = Permission, MeetingState
OPEN = (S.PREPARED, S.FROZEN)
COUNT = re.compile(r"（\d+ 件）$")  # at the end of the title of several cases


def proposal(
    db: Session, by: Asker, series: Series, now: datetime, minutes: int
) -> tuple[Proposal, dict[int, CaseFacts]]:
    """What the next meeting of a series is proposed, and the cases behind it."""
    rules = kinds.current()
    facts = candidates.candidates(db, by.who, series, rules, now)
    pledges = candidates.pledges(db, series, now)
    depth = series.path.strip("/").count("/") + 1
    made = propose(facts, pledges, rules.kinds[series.kind], rules, now, minutes=minutes, depth=depth)
    return made, {fact.id: fact for fact in facts}


def build(db: Session, by: Asker, series_id: int, begins_at: datetime, rules: Rules, *, now: datetime) -> Meeting:
    """Prepare the next meeting of a series with the agenda that the rules propose.

    Raises: NotFound, Refused, when the meeting before it has not ended.
    """
    series = rights.series_for(db, by.who, series_id, P.PREPARE_MEETING)
    db.exec(select(Series).where(Series.id == series_id).with_for_update()).one()  # one at a time: numbers follow
    last = db.exec(
        select(Meeting).where(Meeting.series_id == series_id).order_by(col(Meeting.number).desc()).limit(1)
    ).first()
    if last and last.state != S.ENDED:
        raise Refused(N_("The meeting before has not ended yet"))
    made, facts = proposal(db, by, series, now, series.minutes)
    meeting = Meeting(
        series_id=series_id, number=last.number + 1 if last else 1, begins_at=begins_at, minutes=series.minutes,
        state=S.PREPARED, rule_version=rules.version, built_at=now,
        left_out=[_said(item) | {"title": _title(db, item, rules)} for item in made.left_out],
    )  # fmt: skip
    db.add(meeting)
    db.flush()
    assert meeting.id is not None
    for ordinal, item in enumerate(made.items, 1):
        times = max((facts[n].carried or facts[n].promoted for n in item.case_ids), default=0)
        if item.resolution_id is not None:
            times = db.get_one(Resolution, item.resolution_id).missed
        _write(db, meeting.id, ordinal, item, _title(db, item, rules), times)
    for member in db.exec(
        select(SeriesMember).where(SeriesMember.series_id == series_id).order_by(col(SeriesMember.id))
    ):
        db.add(_expected(meeting.id, member))
    audit.record(db, Action.BUILD_AGENDA, f"meeting {meeting.id}", by=by, detail=series.name)
    return meeting


def discard(db: Session, by: Asker, meeting_id: int) -> None:
    """Take back a meeting that was prepared and never fixed, to build it anew.

    Raises: NotFound, Refused.
    """
    meeting, _ = rights.meeting_for(db, by.who, meeting_id, P.PREPARE_MEETING, S.PREPARED)
    for table in (ItemCase, AgendaItem, Attendance):
        db.exec(delete(table).where(col(table.meeting_id) == meeting_id))
    db.delete(meeting)
    audit.record(db, Action.BUILD_AGENDA, f"meeting {meeting_id}", by=by, detail="discarded")


def add(db: Session, by: Asker, meeting_id: int, case_ids: Sequence[int], rules: Rules, *, now: datetime) -> AgendaItem:
    """Put open cases on the agenda as one more item, at its end.

    Raises: NotFound, Refused, when a case is closed, elsewhere, or on the agenda already.
    """
    _, series = rights.meeting_for(db, by.who, meeting_id, P.PREPARE_MEETING, *OPEN)
    meeting_rules = kinds.current()
    facts = {f.id: f for f in candidates.candidates(db, by.who, series, meeting_rules, now, only=case_ids)}
    if not facts or len(facts) != len(set(case_ids)):
        raise NotFound(N_("There is no such case"))
    taken = select(ItemCase.case_id).where(ItemCase.meeting_id == meeting_id, col(ItemCase.case_id).in_(case_ids))
    if db.exec(taken).first() is not None:
        raise Refused(N_("The case is on this agenda already"))
    first = facts[case_ids[0]]
    units = dict.fromkeys(u for f in facts.values() for u in (f.unit_id, *f.departments) if u is not None)
    item = Item(
        tuple(facts), first.category, series.path if len(facts) > 1 else first.path, tuple(units),
        meeting_rules.item_minutes(meeting_rules.kinds[series.kind], len(facts)), parts_of(first, meeting_rules, now),
    )  # fmt: skip
    row = _write(db, meeting_id, _last_ordinal(db, meeting_id) + 1, item, _title(db, item, rules), 0)
    audit.record(db, Action.CHANGE_AGENDA, f"meeting {meeting_id}", by=by, detail=f"added {sorted(facts)}")
    return row


def add_numbered(db: Session, by: Asker, meeting_id: int, number: str, rules: Rules, *, now: datetime) -> AgendaItem:
    """Put the open case of this number on the agenda, whatever the rules say of it.

    Raises: NotFound, Refused.
    """
    return add(db, by, meeting_id, [case_numbered(db, by.who, number.strip())], rules, now=now)


def drop(db: Session, by: Asker, item_id: int, reason: str) -> None:
    """Take an item off the agenda with a reason; its cases come back next time.

    Raises: NotFound, Refused.
    """
    item, meeting, _ = rights.item_for(db, by.who, item_id, P.PREPARE_MEETING, *OPEN)
    if not 0 < len(reason.strip()) <= 200:
        raise Refused(N_("Say why, in up to {most} characters"), most=200)
    item.dropped, item.version = reason.strip(), item.version + 1
    audit.record(db, Action.CHANGE_AGENDA, f"meeting {meeting.id}", by=by, detail=f"dropped item {item_id}")


def merge(db: Session, by: Asker, item_id: int, into_id: int) -> None:
    """Make one item of two of the same agenda.

    Raises: NotFound, Refused.
    """
    item, meeting, series = rights.item_for(db, by.who, item_id, P.PREPARE_MEETING, *OPEN)
    into, other, _ = rights.item_for(db, by.who, into_id, P.PREPARE_MEETING, *OPEN)
    if other.id != meeting.id or item_id == into_id or item.reviews_id or into.reviews_id:
        raise Refused(N_("Two items with cases of the same agenda are merged"))
    for row in db.exec(select(ItemCase).where(ItemCase.item_id == item_id)).all():
        db.delete(row)
        db.flush()
        db.add(ItemCase(item_id=into_id, case_id=row.case_id, meeting_id=row.meeting_id))
    cases = db.exec(select(func.count()).select_from(ItemCase).where(ItemCase.item_id == into_id)).one()
    meeting_rules = kinds.current()
    into.title = f"{COUNT.sub('', into.title)[:110]}（{cases} 件）"
    into.minutes = meeting_rules.item_minutes(meeting_rules.kinds[series.kind], cases)
    gravest = {part["cause"]: part for part in sorted((*item.parts, *into.parts), key=lambda part: part["amount"])}
    into.parts = sorted(gravest.values(), key=lambda part: -part["points"])
    into.score, into.is_must = sum(part["points"] for part in into.parts), into.is_must or item.is_must
    into.unit_ids = list(dict.fromkeys([*into.unit_ids, *item.unit_ids]))
    into.times, into.version = max(into.times, item.times), into.version + 1
    db.delete(item)
    audit.record(
        db, Action.CHANGE_AGENDA, f"meeting {meeting.id}", by=by, detail=f"merged item {item_id} into {into_id}"
    )


def put(db: Session, by: Asker, item_id: int, place: int) -> None:
    """Put an item at another place of the order, the first being 1.

    Raises: NotFound, Refused.
    """
    item, meeting, _ = rights.item_for(db, by.who, item_id, P.PREPARE_MEETING, *OPEN)
    assert meeting.id is not None
    shown = [row for row in items_of(db, meeting.id) if row.dropped is None]
    numbers = [row.ordinal for row in shown]  # those of dropped items stay free, so that nothing else changes
    if item.dropped is not None:
        raise NotFound(N_("There is no such item"))
    shown.remove(item)
    shown.insert(max(0, place - 1), item)
    for number, row in zip(numbers, shown, strict=True):
        row.ordinal = number
    audit.record(db, Action.CHANGE_AGENDA, f"meeting {meeting.id}", by=by, detail=f"item {item_id} is number {place}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of whom in an item."""

    title: str
    kind: ItemKind
    minutes: int
    asked: str
    proposal: str
    unit_ids: tuple[int, ...]


def ask(db: Session, by: Asker, item_id: int, wanted: Wanted, seen_version: int) -> None:
    """Set what is asked of whom in an item.

    Raises: NotFound, Refused, when somebody else has changed the item since `seen_version`.
    """
    item, meeting, _ = rights.item_for(db, by.who, item_id, P.PREPARE_MEETING, *OPEN)
    check_seen(item.version, seen_version)
    most = kinds.current().most_minutes
    if not 0 < wanted.minutes <= most:
        raise Refused(N_("An item takes 1 to {most} minutes"), most=most)
    if not 0 < len(wanted.title.strip()) <= 120 or len(wanted.asked) > 400 or len(wanted.proposal) > 2000:
        raise Refused(N_("The title has up to 120 characters, what is asked 400, the papers 2,000"))
    item.title, item.kind, item.minutes = wanted.title.strip(), wanted.kind, wanted.minutes
    item.asked, item.proposal, item.unit_ids = wanted.asked, wanted.proposal, list(wanted.unit_ids)
    item.version += 1
    audit.record(db, Action.CHANGE_AGENDA, f"meeting {meeting.id}", by=by, detail=f"item {item_id}")


def items_of(db: Session, meeting_id: int) -> list[AgendaItem]:
    """The items of an agenda in their order, with those that were dropped."""
    return list(
        db.exec(select(AgendaItem).where(AgendaItem.meeting_id == meeting_id).order_by(col(AgendaItem.ordinal)))
    )


def check_seen(version: int, seen: int) -> None:
    """Refuse a change by somebody who was looking at an older version.

    Raises: Refused.
    """
    if version != seen:
        raise Refused(N_("Somebody else has changed this item in the meantime"))


def _last_ordinal(db: Session, meeting_id: int) -> int:
    return max((row.ordinal for row in items_of(db, meeting_id)), default=0)


def _write(db: Session, meeting_id: int, ordinal: int, item: Item, title: str, times: int) -> AgendaItem:
    is_review = item.resolution_id is not None
    asked = kinds.current().reasons[item.parts[0].cause].asks if item.parts else ""
    row = AgendaItem(
        meeting_id=meeting_id, ordinal=ordinal, title=title[:120], minutes=item.minutes, score=round(item.score, 1),
        kind=ItemKind.HEARING if is_review else ItemKind.COORDINATION if len(item.unit_ids) > 1 else ItemKind.DECISION,
        parts=_said(item)["parts"], is_must=item.is_must, unit_ids=list(item.unit_ids),
        reviews_id=item.resolution_id, times=times, asked=asked,
    )  # fmt: skip
    db.add(row)
    db.flush()
    assert row.id is not None
    db.add_all(ItemCase(item_id=row.id, case_id=case_id, meeting_id=meeting_id) for case_id in item.case_ids)
    return row


def _said(item: Item) -> dict[str, Any]:
    parts = [{"cause": p.cause, "amount": round(p.amount, 2), "points": round(p.points, 1)} for p in item.parts]
    return {
        "case_ids": list(item.case_ids), "category": item.category, "minutes": item.minutes, "parts": parts,
        "is_must": item.is_must, "resolution_id": item.resolution_id, "out": item.out,
    }  # fmt: skip


def _title(db: Session, item: Item, rules: Rules) -> str:
    """Of one case its own title, of several place, category and how many, of a resolution what it was about, too."""
    if item.resolution_id is not None:
        resolution = db.get_one(Resolution, item.resolution_id)
        return f"{_first(db, resolution).title}：{resolution.text}"
    if len(item.case_ids) == 1:
        return db.get_one(Case, item.case_ids[0]).title
    place = db.get_one(Place, int(item.area.strip("/").rpartition("/")[2]))
    return f"{place.name}：{rules.categories[item.category].name}（{len(item.case_ids)} 件）"


def _first(db: Session, resolution: Resolution) -> AgendaItem:
    """The item from which a matter came, however often it was heard and resolved upon since."""
    item = db.get_one(AgendaItem, resolution.item_id)
    return item if item.reviews_id is None else _first(db, db.get_one(Resolution, item.reviews_id))


def _expected(meeting_id: int, member: SeriesMember) -> Attendance:
    return Attendance(
        meeting_id=meeting_id, name=member.name, post=member.post, unit_id=member.unit_id,
        is_observer=member.is_observer,
    )  # fmt: skip
