"""Many cases with their whole histories at once: the same decisions and events as the commands, in bulk inserts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, insert, text
from sqlmodel import Session, SQLModel, select

from core import figures, store, tallies
from core.cases.rows import (
    Facts,
    case_number,
    clock_columns,
    columns_after,
    event_columns,
    first_columns,
    unreported,
    with_called,
)
from core.cases.steps import CaseState, Move, decide
from core.cases.tables import Case, CaseCandidate, CaseClock, CaseEvent, Reporter
from core.figures import Deltas
from core.liaisons import lookup
from core.liaisons.directory import Directory
from core.rules import Rules
from core.tallies import Kind

CHUNK = 10_000
BLANK = {"dispatched_at": None, "resolved_at": None, "ended_at": None}


@dataclass(frozen=True, slots=True)
class Draft:
    """A case to be written: what is known of it, and its moves from the report on."""

    facts: Facts
    moves: Sequence[Move]


@dataclass
class _Rows:
    cases: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    clocks: list[dict[str, Any]] = field(default_factory=list)
    reporters: list[dict[str, Any]] = field(default_factory=list)
    candidates: list[dict[str, Any]] = field(default_factory=list)
    figures: Deltas = field(default_factory=Deltas)
    tallied: tallies.Deltas = field(default_factory=tallies.Deltas)


def write(db: Session, drafts: Iterable[Draft], rules: Rules) -> int:
    """Write `drafts`; events are numbered in the order in which they were recorded.

    Returns: the number of cases written.
    Raises: Refused, when a move of a draft is not allowed; the caller's transaction then undoes all.
    """
    store.number_in_commit_order(db)
    directory = lookup.directory(db, rules)
    first = (db.exec(select(func.max(Case.id))).one() or 0) + 1
    rows = _Rows()
    for case_id, draft in enumerate(drafts, first):
        _add(rows, case_id, draft, rules, directory)
    rows.events.sort(key=lambda row: (row["recorded_at"], row["case_id"], row["ordinal"]))
    seq = (db.exec(select(func.max(CaseEvent.seq))).one() or 0) + 1
    for number, row in enumerate(rows.events, seq):
        row["seq"] = number
    _insert(db, rows)
    return len(rows.cases)


def _add(rows: _Rows, case_id: int, draft: Draft, rules: Rules, directory: Directory) -> None:
    facts, state, chain = draft.facts, unreported(draft.facts, rules), ""
    reported_at = draft.moves[0].occurred_at
    case: dict[str, Any] = {"id": case_id, "number": case_number(case_id, reported_at), **BLANK}
    case |= first_columns(facts, rules, state, reported_at)
    for drafted in draft.moves:
        move = with_called(drafted, state.path, directory)
        after = decide(state, move, rules)
        event = event_columns(case_id, chain, state, after, move)
        rows.events.append(event)
        rows.figures.update(figures.deltas(state, after, case["grid_id"], case["category"], move.correction))
        rows.tallied.update(tallies.deltas(state, after, _kind(case), move.correction))
        case |= columns_after(after, move)
        state, chain = after, event["hash"]
    rows.cases.append(case | {"chain": chain})
    _attach(rows, case_id, facts, state, rules)


def _kind(case: dict[str, Any]) -> Kind:
    return Kind(*(case[name] for name in Kind._fields))


def _attach(rows: _Rows, case_id: int, facts: Facts, state: CaseState, rules: Rules) -> None:
    clocks = (*state.clocks, *state.unit_clocks)
    rows.clocks.extend(clock_columns(case_id, clock, rules) for clock in clocks)
    rows.candidates.extend({"case_id": case_id, "grid_id": grid} for grid in facts.spot.also)
    if facts.reporter_name or facts.reporter_phone:
        rows.reporters.append({"case_id": case_id, "name": facts.reporter_name, "phone": facts.reporter_phone})


def _insert(db: Session, rows: _Rows) -> None:
    tables: tuple[tuple[type[SQLModel], list[dict[str, Any]]], ...] = (
        (Case, rows.cases),
        (CaseEvent, rows.events),
        (CaseClock, rows.clocks),
        (Reporter, rows.reporters),
        (CaseCandidate, rows.candidates),
    )
    for table, found in tables:
        for start in range(0, len(found), CHUNK):
            db.connection().execute(insert(table), found[start : start + CHUNK])
    figures.add(db, rows.figures)
    tallies.add(db, rows.tallied)
    _continue_numbering(db)


def _continue_numbering(db: Session) -> None:
    """PostgreSQL does not notice ids that were given: set its sequences past them."""
    if db.get_bind().dialect.name != "postgresql":
        return
    for statement in (
        "SELECT setval(pg_get_serial_sequence('case_file', 'id'), (SELECT max(id) FROM case_file))",
        "SELECT setval(pg_get_serial_sequence('case_event', 'seq'), (SELECT max(seq) FROM case_event))",
    ):
        db.execute(text(statement))
