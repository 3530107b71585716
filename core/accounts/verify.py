"""Whether the chains hold: the events of every case, the audit, and the log of the shifts."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from itertools import groupby

from sqlmodel import Session, col, select

from core import chain
from core.accounts import audit
from core.cases.rows import move_of
from core.cases.steps import event_hash
from core.cases.tables import Case, CaseEvent
from core.chain import Breach, Entry, Head
from core.handover import commands as handover
from core.words import Stage


@dataclass(frozen=True, slots=True)
class Report:
    """What was looked at and what does not hold.

    Breaches come with the number of their case; those of the audit and of the shifts with none.
    """

    cases: int
    events: int
    audit: Head
    breaches: tuple[tuple[str | None, Breach], ...]


def verified(db: Session) -> Report:
    """Go through the three kinds of chains from the first row to the last."""
    rows = db.execute(select(col(Case.id), col(Case.number), col(Case.version), col(Case.chain)))
    heads = {case_id: (number, Head(version, last)) for case_id, number, version, last in rows}
    found: list[tuple[str | None, Breach]] = []
    counted, met = 0, set()
    for case_id, events in groupby(_events(db), lambda event: event.case_id):
        number, head = heads[case_id]
        entries = [Entry(row.ordinal, partial(_rehash, row), row.hash) for row in events]
        found += ((number, breach) for breach in chain.breaches(entries, head))
        counted += len(entries)
        met.add(case_id)
    for number, head in (heads[case_id] for case_id in heads.keys() - met):
        found += ((number, breach) for breach in chain.breaches((), head))
    entries_of_audit, audit_head = audit.links(db)
    found += ((None, breach) for breach in chain.breaches(entries_of_audit, audit_head))
    found += ((None, breach) for breach in chain.breaches(*handover.links(db)))
    return Report(len(heads), counted, audit_head, tuple(found))


def _events(db: Session) -> Iterable[CaseEvent]:
    query = select(CaseEvent).order_by(col(CaseEvent.case_id), col(CaseEvent.ordinal))
    return db.exec(query.execution_options(yield_per=1000))


def _rehash(event: CaseEvent, previous: str) -> str:
    """What the hash of a stored event should be: the move it keeps, hashed as when it was made."""
    before = Stage(event.from_stage) if event.from_stage else None
    return event_hash(previous, event.case_id, event.ordinal, before, Stage(event.to_stage), move_of(event))
