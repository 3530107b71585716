"""The ledger of side steps: who asked, who approved, why, how much; read from the events, so nothing is left out."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select

from core.cases.queries import visible_to
from core.cases.step_table import STEPS
from core.cases.tables import Case, CaseEvent
from core.people import Principal
from core.words import Permission, Request, Verb, Verdict

KEPT = tuple(
    step.verb for step in STEPS.values() if step.is_side_step and step.verdict in (None, Verdict.NOT_SATISFIED)
)

LEAVE = {step.verb: step.asks for step in STEPS.values() if step.asks}


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
    unit_id: int | None = None  # who had the case when it was asked for or done
    grid_id: int = 0


@dataclass(frozen=True, slots=True)
class Share:
    """How much of what somebody was given they returned, had extended or suspended.

    Units: `of` whom by unit id or grid id; `given` cases; counts of requests granted.
    """

    of: int
    given: int
    granted: Mapping[Request, int]

    def share(self, request: Request) -> float | None:
        """Granted ÷ given; None when nothing was given."""
        return self.granted[request] / self.given if self.given else None

    def above(self, ceilings: Mapping[Request, float]) -> tuple[Request, ...]:
        """The requests whose share lies above its ceiling."""
        return tuple(r for r, most in ceilings.items() if (found := self.share(r)) is not None and found > most)


def ledger(
    db: Session, who: Principal, since: datetime, until: datetime, verbs: Collection[Verb] = KEPT
) -> list[Entry]:
    """The side steps taken from `since` to `until` that `who` may see, the newest first."""
    recent = select(CaseEvent.case_id).where(
        CaseEvent.occurred_at >= since, CaseEvent.occurred_at < until, col(CaseEvent.verb).in_(KEPT)
    )
    entries = _read(db, visible_to(who), col(CaseEvent.case_id).in_(recent))
    found = [e for e in entries if since <= e.at < until and e.verb in verbs]
    return sorted(found, key=lambda entry: entry.at, reverse=True)


def ledger_of(db: Session, case_id: int) -> list[Entry]:
    """The side steps of one case that the asker has been shown to see, the first first."""
    return list(_read(db, col(CaseEvent.case_id) == case_id))


def shares(db: Session, who: Principal, since: datetime, until: datetime) -> tuple[list[Share], list[Share]]:
    """What was given from `since` to `until` and what of the requests made then was granted: by unit, and by grid."""
    given = db.execute(
        select(CaseEvent.unit_id, Case.grid_id, func.count())
        .join(Case, col(Case.id) == CaseEvent.case_id)
        .where(visible_to(who), CaseEvent.verb == Verb.DISPATCH)
        .where(CaseEvent.occurred_at >= since, CaseEvent.occurred_at < until)
        .group_by(col(CaseEvent.unit_id), col(Case.grid_id))
    ).all()
    granted = [e for e in ledger(db, who, since, until, (*LEAVE, Verb.RETURN_WRONG)) if is_granted(e)]
    by_unit = _shares([(unit, n) for unit, _, n in given], [(e.unit_id, e.verb) for e in granted])
    by_grid = _shares([(grid, n) for _, grid, n in given], [(e.grid_id, e.verb) for e in granted])
    return by_unit, by_grid


def is_granted(entry: Entry) -> bool:
    """Whether what was asked for was given, or needed no asking."""
    return entry.verb is Verb.RETURN_WRONG or entry.answer not in (None, Verb.DECLINE)


def _shares(given: Iterable[tuple[int | None, int]], granted: Iterable[tuple[int | None, Verb]]) -> list[Share]:
    counts, asked = Counter[int](), Counter[tuple[int, Request]]()
    for of, number in given:
        counts[of or 0] += number
    for of, verb in granted:
        asked[of or 0, LEAVE.get(verb, Request.RETURN)] += 1
    everybody = sorted({*counts, *(of for of, _ in asked)} - {0}, key=lambda of: -counts[of])
    return [Share(of, counts[of], {request: asked[of, request] for request in Request}) for of in everybody]


def _read(db: Session, *conditions: ColumnElement[bool]) -> Iterator[Entry]:
    query = (
        select(CaseEvent, Case.number, Case.grid_id)
        .join(Case, col(Case.id) == CaseEvent.case_id)
        .where(*conditions, col(CaseEvent.verb).in_((*KEPT, Verb.DISPATCH)))
        .order_by(col(CaseEvent.case_id), col(CaseEvent.ordinal))
    )
    return _entries(_held(db.exec(query)))


def _held(rows: Iterable[tuple[CaseEvent, str, int]]) -> Iterator[tuple[CaseEvent, Entry]]:
    """Each side step with the unit that had the case then."""
    case_id, unit_id = 0, None
    for event, number, grid_id in rows:
        unit_id = unit_id if event.case_id == case_id else None
        case_id = event.case_id
        if event.verb == Verb.DISPATCH:
            unit_id = event.unit_id
        else:
            yield event, _entry(event, number, unit_id, grid_id)


def _entries(rows: Iterable[tuple[CaseEvent, Entry]]) -> Iterator[Entry]:
    """A request waits for its answer; the next one, or another case, shows that none came."""
    asked: Entry | None = None
    for event, entry in rows:
        step = STEPS[Verb(event.verb)]
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


def _entry(event: CaseEvent, number: str, unit_id: int | None, grid_id: int) -> Entry:
    return Entry(
        event.case_id, number, Verb(event.verb), event.occurred_at, event.by_id, event.on_behalf_of, event.note,
        event.hours, unit_id=unit_id, grid_id=grid_id,
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
