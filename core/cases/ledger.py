"""The ledger of side steps: who asked, who approved, why, how much; read from the events, so nothing is left out."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session, col, select

from core.cases.queries import visible_to
from core.cases.step_table import STEPS
from core.cases.tables import Case, CaseEvent
from core.people import Principal
from core.words import Permission, Verb, Verdict

KEPT = tuple(
    step.verb for step in STEPS.values() if step.is_side_step and step.verdict in (None, Verdict.NOT_SATISFIED)
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One side step: of a request the asking and its answer together.

    Units: aware UTC; hours of the clock's calendar.
    """

    case_id: int
    number: str
    verb: Verb  # what was asked for or done
    at: datetime
    by_id: int
    on_behalf_of: int | None
    reason: str | None
    hours: float | None = None
    answer: Verb | None = None  # None: not a request, or not answered yet
    answered_at: datetime | None = None
    approver_id: int | None = None  # of what needs no asking whoever did it
    granted: float | None = None
    remark: str | None = None


def ledger(
    db: Session, who: Principal, since: datetime, until: datetime, verbs: Collection[Verb] = KEPT
) -> list[Entry]:
    """The side steps taken from `since` to `until` that `who` may see, the newest first."""
    recent = select(CaseEvent.case_id).where(
        CaseEvent.occurred_at >= since, CaseEvent.occurred_at < until, col(CaseEvent.verb).in_(KEPT)
    )
    query = (
        select(CaseEvent, Case.number)
        .join(Case, col(Case.id) == CaseEvent.case_id)
        .where(visible_to(who), col(CaseEvent.case_id).in_(recent), col(CaseEvent.verb).in_(KEPT))
        .order_by(col(CaseEvent.case_id), col(CaseEvent.ordinal))
    )
    entries = [e for e in _entries(db.exec(query)) if since <= e.at < until and e.verb in verbs]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def _entries(rows: Iterable[tuple[CaseEvent, str]]) -> Iterator[Entry]:
    """A request waits for its answer; the next one, or another case, shows that none came."""
    asked: Entry | None = None
    for event, number in rows:
        step, entry = STEPS[Verb(event.verb)], _entry(event, number)
        if step.settles and asked:
            yield _answered(asked, event)
            asked = None
            continue
        if asked and (step.asks or asked.case_id != event.case_id):
            yield asked
            asked = None
        if step.asks:
            asked = entry
        else:
            is_order = step.who is not Permission.WORK_FOR_UNIT
            yield replace(entry, approver_id=event.by_id) if is_order else entry
    if asked:
        yield asked


def _entry(event: CaseEvent, number: str) -> Entry:
    return Entry(
        event.case_id, number, Verb(event.verb), event.occurred_at, event.by_id, event.on_behalf_of, event.note,
        event.hours,
    )  # fmt: skip


def _answered(asked: Entry, event: CaseEvent) -> Entry:
    is_granted = event.verb != Verb.DECLINE
    return replace(
        asked,
        answer=Verb(event.verb),
        answered_at=event.occurred_at,
        approver_id=event.by_id,
        granted=(event.hours or asked.hours) if is_granted else None,
        remark=event.note,
    )
