"""Cases, events and clocks as rows: what of a state and a move is stored, and how it is read back."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from core import limits
from core.cases.clocks import Done, History
from core.cases.step_table import STEPS
from core.cases.steps import TOLD, CaseState, Correction, Known, Move, event_hash, known_from
from core.cases.tables import Case, CaseClock, CaseEvent
from core.clock import local
from core.liaisons.directory import Directory
from core.limits import Change, ChangeKind, Clock, Pause
from core.people import Principal
from core.places import Spot
from core.rules import Rules
from core.tallies import Kind
from core.words import ENDED, Permission, Severity, Source, Stage, Verb

STAMPS = {Verb.DISPATCH: "dispatched_at", Verb.RESOLVE: "resolved_at"}
RETURNS = (Verb.RETURN_WRONG, Verb.APPROVE_RETURN)
UNDONE = {
    Verb.REWORK: ("resolved_at",),
    Verb.RETURN_WRONG: ("dispatched_at",),
    Verb.APPROVE_RETURN: ("dispatched_at",),
    Verb.REOPEN: ("dispatched_at", "resolved_at", "ended_at"),
}


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
    regime = rules.regime_for(facts.category, facts.source, facts.spot.grid.code).regime
    return CaseState(path=facts.spot.path, regime=regime, grade=category.grade)


def state_of(case: Case, clocks: Iterable[CaseClock], rules: Rules, events: Iterable[CaseEvent] = ()) -> CaseState:
    """A stored case as a decision sees it; of cases in lists the events, and with them requests, are left out."""
    found = [clock_of(row) for row in clocks]
    return CaseState(
        path=case.path,
        regime=case.regime,
        grade=rules.categories[case.category].grade,
        stage=Stage(case.stage),
        unit_id=case.unit_id,
        clocks=tuple(clock for clock in found if clock.unit_id is None),
        version=case.version,
        moved_at=case.moved_at,
        unit_clocks=tuple(clock for clock in found if clock.unit_id is not None),
        history=history_of(events),
    )


def history_of(events: Iterable[CaseEvent]) -> History:
    """The steps of a case as far as clocks depend on them."""
    return tuple(_done(event) for event in events)


def _done(event: CaseEvent) -> Done:
    given = event.given or {}
    is_anew = "now" in given and any(given["was"][name] != given["now"][name] for name in ("regime", "grade"))
    return Done(
        Verb(event.verb), event.occurred_at, event.unit_id, event.hours, bool(given.get("emergency")), is_anew
    )  # fmt: skip


def move_of(event: CaseEvent) -> Move:
    """An event as the move that it records; by whom, but not what they were allowed."""
    given = event.given or {}
    correction = Correction(known_from(given["was"]), known_from(given["now"])) if "now" in given else None
    return Move(
        Verb(event.verb), Principal(event.by_id, "", ()), event.occurred_at, event.recorded_at, event.unit_id,
        event.note, event.on_behalf_of, None, event.hours, given.get("into"), given.get("level"),
        bool(given.get("emergency")), correction, given.get("resolution"),
        given.get("called"),
    )  # fmt: skip


def with_called(move: Move, path: str, directory: Directory) -> Move:
    """A dispatch with who of the unit answers at that place and moment: the record tells why that one was rung."""
    office = directory.offices.get(move.unit_id or 0)
    if office is None:
        return move
    return replace(move, called=directory.answer(office.sector, path, move.occurred_at, office.id).record)


def known(case: Case, rules: Rules, also: Iterable[int] = ()) -> Known:
    """What a stored case is taken for."""
    grade = rules.categories[case.category].grade
    return Known(
        case.category, case.case_class, case.regime, grade, case.place_id, case.grid_id, case.path, case.lon, case.lat,
        case.address, tuple(also), case.severity, case.title, case.text, case.external_number, case.source,
    )  # fmt: skip


def kind_of(case: Case) -> Kind:
    """Where a stored case counts, and as what."""
    return Kind(case.path, case.grid_id, case.place_id, case.category, case.source, case.severity)


def known_at_report(case: Case, events: Iterable[CaseEvent], rules: Rules) -> Known:
    """What a case was taken for before the first correction among `events`; without one, what it is taken for now."""
    said = next((event.given["was"] for event in events if event.given and "was" in event.given), None)
    return known_from(said) if said else known(case, rules)


def clock_of(row: CaseClock) -> Clock:
    """A stored promise as a value."""
    return Clock(
        row.name, row.hours, row.starts_at, row.due_at, row.is_final, row.met_at, row.cancelled_at, row.calendar,
        row.unit_id, _pauses(row.pauses), _changes(row.changes), row.superseded_at, row.is_provisional, row.ordinal,
        row.regime,
    )  # fmt: skip


def _pauses(rows: list[list[Any]] | None) -> tuple[Pause, ...]:
    return tuple(Pause(_moment(begin), _moment(end) if end else None, ordinal) for begin, end, ordinal in rows or ())


def _changes(rows: list[list[Any]] | None) -> tuple[Change, ...]:
    return tuple(
        Change(ChangeKind(kind), _moment(at), timedelta(microseconds=by), ordinal)
        for kind, at, by, ordinal in rows or ()
    )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


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
    of_unit = limits.next_due(state.unit_clocks)
    columns: dict[str, Any] = {
        "stage": state.stage,
        "unit_id": state.unit_id,
        "version": state.version,
        "moved_at": move.occurred_at,
        "clock_from": clock.starts_at if clock else None,
        "due_at": clock.due_at if clock else None,
        "final_due_at": final.due_at if final and final.is_running and not final.paused_at else None,
        "suspended_at": None if state.stage in ENDED else state.suspended_at,
        "unit_due_at": of_unit.due_at if of_unit else None,
        "request": None if state.stage in ENDED else state.request,
        "verdict": state.verdict,
        "returns": sum(done.verb in RETURNS for done in state.history),
    }
    if STEPS[move.verb].who is not Permission.UPKEEP:
        columns["escalated"] = 0  # somebody has broken the silence
    elif move.level is not None:
        columns["escalated"] = move.level
    if stamp := STAMPS.get(move.verb):
        columns[stamp] = move.occurred_at
    columns |= dict.fromkeys(UNDONE.get(move.verb, ()))
    if STEPS[move.verb].after in ENDED:
        columns["ended_at"] = move.occurred_at
    return columns | (_corrected(move.correction.now) if move.correction else {})


def _corrected(now: Known) -> dict[str, Any]:
    names = ("category", "case_class", "regime", "place_id", "grid_id", "path", "lon", "lat", "address")
    told = (name for name in TOLD if getattr(now, name) is not None)
    return {name: getattr(now, name) for name in (*names, *told)}


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
        "hours": move.hours,
        "given": move.given,
        "hash": event_hash(chain, case_id, after.version, before.stage, after.stage, move),
    }


def clock_columns(case_id: int, clock: Clock, rules: Rules) -> dict[str, Any]:
    """The columns of a promise."""
    return {
        "case_id": case_id,
        "name": clock.name,
        "regime": clock.regime,
        "rule_version": rules.version,
        "hours": clock.hours,
        "starts_at": clock.starts_at,
        "is_final": clock.is_final,
        "calendar": clock.calendar,
        "unit_id": clock.unit_id,
        "ordinal": clock.ordinal,
        **what_became(clock),
    }


def what_became(clock: Clock) -> dict[str, Any]:
    """The columns of a promise that later steps set."""
    pauses = [[p.from_at.isoformat(), p.to_at.isoformat() if p.to_at else None, p.ordinal] for p in clock.pauses]
    changes = [[c.kind, c.at.isoformat(), c.by // timedelta(microseconds=1), c.ordinal] for c in clock.changes]
    return {
        "due_at": clock.due_at,
        "met_at": clock.met_at,
        "cancelled_at": clock.cancelled_at,
        "superseded_at": clock.superseded_at,
        "is_provisional": clock.is_provisional,
        "pauses": pauses or None,
        "changes": changes or None,
    }
