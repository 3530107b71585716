"""Commands on cases: report one, take a step. Each is one appended event in the caller's transaction."""

from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex
from typing import Any

from sqlmodel import Session, col, select

from core import figures, limits, store
from core.cases.queries import visible_to
from core.cases.steps import CaseState, Move, decide, event_hash
from core.cases.tables import Case, CaseCandidate, CaseClock, CaseEvent, Reporter
from core.clock import local
from core.errors import NotFound, Refused
from core.language import N_
from core.limits import Clock
from core.people import Principal
from core.places import Spot
from core.rules import Rules
from core.units import Unit
from core.words import ENDED, Severity, Source, Stage, Verb


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a case when it is reported.

    Units: lon, lat in WGS84; None when only the place is known.
    """

    category: str
    source: Source
    spot: Spot
    title: str = ""
    text: str = ""
    severity: Severity | None = None  # None: the category's
    lon: float | None = None
    lat: float | None = None
    address: str = ""
    external_number: str | None = None
    reporter_name: str = ""
    reporter_phone: str = ""


def unreported(facts: Facts, rules: Rules) -> CaseState:
    """The state from which a report starts."""
    category = rules.categories[facts.category]
    return CaseState(path=facts.spot.path, regime=category.regime, grade=category.grade)


def report(db: Session, who: Principal, facts: Facts, rules: Rules, *, at: datetime, now: datetime) -> Case:
    """Open a case from a report that was made at `at`.

    Raises: Refused, when the category is unknown, the text too long, or `who` may not report here.
    """
    _check_facts(facts, rules)
    move = Move(Verb.REPORT, who, occurred_at=at, recorded_at=now)
    before = unreported(facts, rules)
    after = decide(before, move, rules)
    store.number_in_commit_order(db)
    case = Case(number="", **first_columns(facts, rules, after, at), **columns_after(after, move))
    case.number = f"new-{token_hex(8)}"  # unique until the id is known
    db.add(case)
    db.flush()
    assert case.id is not None
    case.number = case_number(case.id, at)
    db.add_all(_attached(facts, case.id))
    _record(db, case, before, after, move, rules)
    return case


def take(db: Session, who: Principal, case_id: int, move: Move, rules: Rules) -> CaseEvent:
    """Take one step on the case as it is stored now.

    Raises: NotFound, when `who` may not see the case; Refused, when the rules do not allow the step.
    """
    store.number_in_commit_order(db)  # before the case is locked: two locks taken in two orders would be a deadlock
    # as stored now, even when this session has read the case before another one moved it
    query = select(Case).where(Case.id == case_id, visible_to(who)).execution_options(populate_existing=True)
    case = db.exec(query.with_for_update()).first()
    if case is None:
        raise NotFound(N_("There is no such case"))
    _check_unit(db, move)
    before = state_of(case, clocks_of(db, case_id), rules)
    after = decide(before, move, rules)
    for name, value in columns_after(after, move).items():
        setattr(case, name, value)
    return _record(db, case, before, after, move, rules)


def state_of(case: Case, clocks: list[CaseClock], rules: Rules) -> CaseState:
    """A stored case as a decision sees it."""
    return CaseState(
        path=case.path,
        regime=case.regime,
        grade=rules.categories[case.category].grade,
        stage=Stage(case.stage),
        unit_id=case.unit_id,
        clocks=tuple(clock_of(row) for row in clocks),
        version=case.version,
        moved_at=case.moved_at,
    )


def clocks_of(db: Session, case_id: int) -> list[CaseClock]:
    """The promises made on a case, in the order in which they were made."""
    query = select(CaseClock).where(CaseClock.case_id == case_id).order_by(col(CaseClock.id))
    return list(db.exec(query.execution_options(populate_existing=True)))


def clock_of(row: CaseClock) -> Clock:
    """A stored promise as a value."""
    return Clock(row.name, row.hours, row.starts_at, row.due_at, row.is_final, row.met_at, row.cancelled_at)


def case_number(case_id: int, reported_at: datetime) -> str:
    """The number people read out: year and month of the report, then a running number."""
    return f"{local(reported_at):%y%m}-{case_id:05d}"


def first_columns(facts: Facts, rules: Rules, state: CaseState, reported_at: datetime) -> dict[str, Any]:
    """The columns of a new case that later steps leave alone."""
    category = rules.categories[facts.category]
    return {
        "case_class": rules.case_class(facts.category),
        "category": facts.category,
        "source": facts.source,
        "external_number": facts.external_number,
        "severity": facts.severity or category.severity,
        "title": facts.title or category.name,
        "text": facts.text,
        "place_id": facts.spot.place_id,
        "grid_id": facts.spot.grid.id,
        "path": facts.spot.path,
        "lon": facts.lon,
        "lat": facts.lat,
        "address": facts.address,
        "regime": state.regime,
        "reported_at": reported_at,
    }


def columns_after(state: CaseState, move: Move) -> dict[str, Any]:
    """The columns of a case that a step sets."""
    clock, final = limits.next_due(state.clocks), limits.final(state.clocks)
    columns: dict[str, Any] = {
        "stage": state.stage,
        "unit_id": state.unit_id,
        "version": state.version,
        "moved_at": move.occurred_at,
        "clock_from": clock.starts_at if clock else None,
        "due_at": clock.due_at if clock else None,
        "final_due_at": final.due_at if final and final.is_running else None,
    }
    if stamp := {Verb.DISPATCH: "dispatched_at", Verb.RESOLVE: "resolved_at"}.get(move.verb):
        columns[stamp] = move.occurred_at
    if state.stage in ENDED:
        columns["ended_at"] = move.occurred_at
    return columns


def event_columns(case_id: int, chain: str, before: CaseState, after: CaseState, move: Move) -> dict[str, Any]:
    """The columns of the event that records a step; `chain` is the hash of the event before it."""
    assert after.stage is not None
    return {
        "case_id": case_id,
        "ordinal": after.version,
        "verb": move.verb,
        "from_stage": before.stage,
        "to_stage": after.stage,
        "occurred_at": move.occurred_at,
        "recorded_at": move.recorded_at,
        "by_id": move.by.user_id,
        "on_behalf_of": move.on_behalf_of,
        "unit_id": move.unit_id,
        "note": move.note,
        "hash": event_hash(chain, case_id, after.version, before.stage, after.stage, move),
    }


def clock_columns(case_id: int, clock: Clock, regime: str, rules: Rules) -> dict[str, Any]:
    """The columns of a promise."""
    return {
        "case_id": case_id,
        "name": clock.name,
        "regime": regime,
        "rule_version": rules.version,
        "hours": clock.hours,
        "starts_at": clock.starts_at,
        "due_at": clock.due_at,
        "is_final": clock.is_final,
        "met_at": clock.met_at,
        "cancelled_at": clock.cancelled_at,
    }


def _check_facts(facts: Facts, rules: Rules) -> None:
    if facts.category not in rules.categories:
        raise Refused(N_("There is no category {code}"), code=facts.category)
    if len(facts.title) > 120 or len(facts.address) > 200:
        raise Refused(N_("The title may have 120 characters and the address 200"))
    if max(len(facts.reporter_name), len(facts.reporter_phone)) > 40 or len(facts.external_number or "") > 80:
        raise Refused(N_("The name and the phone of a reporter may have 40 characters, an outside number 80"))


def _check_unit(db: Session, move: Move) -> None:
    if move.unit_id is not None and db.get(Unit, move.unit_id) is None:
        raise Refused(N_("There is no such unit"))


def _attached(facts: Facts, case_id: int) -> list[Reporter | CaseCandidate]:
    rows: list[Reporter | CaseCandidate] = [CaseCandidate(case_id=case_id, grid_id=grid) for grid in facts.spot.also]
    if facts.reporter_name or facts.reporter_phone:
        rows.append(Reporter(case_id=case_id, name=facts.reporter_name, phone=facts.reporter_phone))
    return rows


def _record(db: Session, case: Case, before: CaseState, after: CaseState, move: Move, rules: Rules) -> CaseEvent:
    """Append the event, keep the clocks and the figures up; all in the caller's transaction."""
    assert case.id is not None
    event = CaseEvent(**event_columns(case.id, case.chain, before, after, move))
    case.chain = event.hash
    db.add(event)
    stored = {row.name: row for row in clocks_of(db, case.id)} if before.clocks else {}
    for clock in after.clocks:
        if row := stored.get(clock.name):
            row.met_at, row.cancelled_at = clock.met_at, clock.cancelled_at
        else:
            db.add(CaseClock(**clock_columns(case.id, clock, after.regime, rules)))
    db.flush()
    figures.add(db, figures.deltas(before, after, case.grid_id, case.category))
    return event
