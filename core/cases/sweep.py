"""One step of the system on many open cases at once: events, clocks and figures in bulk."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, update
from sqlmodel import Session, col, select

from core import figures, store, tallies
from core.cases.rows import clock_columns, columns_after, event_columns, kind_of, state_of, what_became
from core.cases.steps import CaseState, Move, decide
from core.cases.tables import Case, CaseClock, CaseEvent
from core.figures import Deltas
from core.people import Principal
from core.places import below
from core.rules import Rules
from core.words import Verb

# what such a step may change; the rest of the row is left alone
CHANGED = ("version", "moved_at", "clock_from", "due_at", "final_due_at", "unit_due_at", "escalated")
CHUNK = 10_000
Row = dict[str, Any]


def open_below(db: Session, path: str) -> list[Case]:
    """The open cases at or below a place."""
    low, high = below(path)
    query = select(Case).where(col(Case.ended_at).is_(None), col(Case.path) >= low, col(Case.path) < high)
    return list(db.exec(query.order_by(col(Case.id)).with_for_update()))


def sweep(db: Session, cases: Sequence[Case], rules: Rules, move_on: Callable[[Case], Move]) -> int:
    """Take a step of the system on every case whose clocks it changes; the caller locks events, then cases.

    Returns: the number of events recorded.
    """
    clocks = running_clocks(db, [case.id for case in cases if case.id is not None])
    changes: Deltas = Deltas()
    places = tallies.Deltas()
    events: list[Row] = []
    cases_after: list[Row] = []
    clocks_after: list[Row] = []
    new_clocks: list[Row] = []
    for case in cases:
        assert case.id is not None
        rows, move = clocks.get(case.id, ()), move_on(case)
        before = state_of(case, rows, rules)
        after = decide(before, move, rules)
        if after.clocks == before.clocks and after.unit_clocks == before.unit_clocks and move.level is None:
            continue
        event = event_columns(case.id, case.chain, before, after, move)
        events.append(event)
        columns = columns_after(after, move)
        cases_after.append(
            {"id": case.id, "chain": event["hash"]} | {key: columns[key] for key in CHANGED if key in columns}
        )
        changes.update(figures.deltas(before, after, case.grid_id, case.category))
        places.update(tallies.deltas(before, after, kind_of(case)))
        _keep(case.id, before, after, rows, rules, clocks_after, new_clocks)
    _write(db, events, cases_after, clocks_after, new_clocks)
    figures.add(db, changes)
    tallies.add(db, places)
    return len(events)


def _keep(
    case_id: int, before: CaseState, after: CaseState, rows: Iterable[CaseClock], rules: Rules,
    changed: list[Row], new: list[Row],
) -> None:  # fmt: skip
    ids = {(row.ordinal, row.name): row.id for row in rows}
    same = {*before.clocks, *before.unit_clocks}
    for clock in (*after.clocks, *after.unit_clocks):
        if clock in same:
            continue
        if known := ids.get((clock.ordinal, clock.name)):
            changed.append({"id": known, **what_became(clock)})
        else:
            new.append(clock_columns(case_id, clock, rules))


def _write(db: Session, events: list[Row], cases: list[Row], changed: list[Row], new: list[Row]) -> None:
    for start in range(0, len(events), CHUNK):
        db.connection().execute(insert(CaseEvent), events[start : start + CHUNK])
    if cases:
        db.execute(update(Case), cases)
    if changed:
        db.execute(update(CaseClock), changed)
    if new:
        db.connection().execute(insert(CaseClock), new)


def running_clocks(db: Session, case_ids: Sequence[int]) -> dict[int, list[CaseClock]]:
    """The clocks of cases that are still to be kept, by case."""
    found: dict[int, list[CaseClock]] = {}
    for start in range(0, len(case_ids), CHUNK):
        query = select(CaseClock).where(
            col(CaseClock.case_id).in_(case_ids[start : start + CHUNK]),
            *(col(ended).is_(None) for ended in (CaseClock.met_at, CaseClock.cancelled_at, CaseClock.superseded_at)),
        )
        for row in db.exec(query.order_by(col(CaseClock.id)).execution_options(populate_existing=True)):
            found.setdefault(row.case_id, []).append(row)
    return found


def locked(db: Session, path: str = "/") -> list[Case]:
    """The open cases below a place, held for a sweep: events first, then cases, as every writer does."""
    store.number_in_commit_order(db)
    return open_below(db, path)


def by_system(verb: Verb, who: Principal, case: Case, now: datetime, **more: Any) -> Move:
    """A step of the system at this moment; not before the last step, should the clock of another host be ahead."""
    at = max(now, case.moved_at)
    return Move(verb, who, occurred_at=at, recorded_at=at, **more)
