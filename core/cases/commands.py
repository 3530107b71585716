"""Commands on cases: report one, take a step. Each is one appended event in the caller's transaction."""

from dataclasses import replace
from datetime import datetime
from secrets import token_hex
from typing import Unpack

from sqlmodel import Session, col, delete, select

from core import figures, store, tallies
from core.cases.queries import events_of, is_emergency, visible_to
from core.cases.rows import Facts as Facts
from core.cases.rows import (
    case_number,
    clock_columns,
    columns_after,
    event_columns,
    first_columns,
    kind_of,
    known,
    what_became,
    with_called,
)
from core.cases.rows import clock_of as clock_of
from core.cases.rows import state_of as state_of
from core.cases.rows import unreported as unreported
from core.cases.steps import CaseState, Correction, Move, Told, decide
from core.cases.tables import Case, CaseCandidate, CaseClock, CaseEvent, CaseLink, Reporter
from core.errors import NotFound, Refused
from core.language import N_
from core.liaisons import lookup
from core.people import Principal
from core.places import Place, Spot
from core.rules import Rules
from core.units import Unit
from core.words import ENDED, Source, Verb


def report(db: Session, who: Principal, facts: Facts, rules: Rules, *, at: datetime, now: datetime) -> Case:
    """Open a case from a report that was made at `at`.

    Raises: Refused, when the category is unknown, the text too long, or `who` may not report here.
    """
    _check_facts(facts, rules)
    during = is_emergency(db, facts.spot.path, at)
    move = Move(Verb.REPORT, who, occurred_at=at, recorded_at=now, is_emergency=during)
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
    case = _locked(db, who, case_id)
    _check_unit(db, move)
    _check_other(db, who, case, move)
    before = state_of(case, _rows_of(db, case_id), rules, events_of(db, case_id))
    move = replace(move, is_emergency=is_emergency(db, case.path, move.occurred_at))
    if move.unit_id is not None:
        move = with_called(move, case.path, lookup.directory(db, rules))
    after = decide(before, move, rules)
    for name, value in columns_after(after, move).items():
        setattr(case, name, value)
    return _record(db, case, before, after, move, rules)


def correct(
    db: Session, who: Principal, case_id: int, move: Move, rules: Rules, *, category: str | None = None,
    spot: Spot | None = None, lon: float | None = None, lat: float | None = None, address: str | None = None,
    **told: Unpack[Told],
) -> CaseEvent:  # fmt: skip
    """Take the step that corrects a case; the figures of its report move with it.

    `told` is what of how it is told is to be another.

    Units: lon, lat in WGS84.
    Raises: NotFound, Refused, as `take` does.
    """
    store.number_in_commit_order(db)  # before the case is locked, as in `take`
    case = _locked(db, who, case_id)
    if category is not None and category not in rules.categories:
        raise Refused(N_("There is no category {code}"), code=category)
    if told.get("source", case.source) not in set(Source):
        raise Refused(N_("There is no source {code}"), code=told["source"])
    was = known(case, rules, candidates_of(db, case_id))
    now = was
    if spot:
        now = replace(
            now, place_id=spot.place_id, grid_id=spot.grid.id, path=spot.path, lon=lon, lat=lat,
            address=was.address if address is None else address, also=spot.also,
        )  # fmt: skip
    code = category or was.category
    regime = rules.regime_for(code, told.get("source", case.source), _grid_code(db, now.grid_id)).regime
    if category or regime != was.regime:
        grade = rules.categories[code].grade
        now = replace(now, category=code, case_class=rules.case_class(code), regime=regime, grade=grade)
    _check_lengths(title=told.get("title", ""), address=now.address, number=told.get("external_number", ""))
    now = replace(now, **told)
    return take(db, who, case_id, replace(move, correction=Correction(was, now)), rules)


def clocks_of(db: Session, case_id: int) -> list[CaseClock]:
    """The promises made on a case, in the order in which they were made; without those of its units."""
    return [row for row in _rows_of(db, case_id) if row.unit_id is None]


def unit_clocks_of(db: Session, case_id: int) -> list[CaseClock]:
    """The clocks of the units that have or had the case, in the order in which they began."""
    return [row for row in _rows_of(db, case_id) if row.unit_id is not None]


def candidates_of(db: Session, case_id: int) -> list[int]:
    """The grids that also claim the point of a border case."""
    query = select(CaseCandidate.grid_id).where(CaseCandidate.case_id == case_id)
    return list(db.exec(query.order_by(col(CaseCandidate.grid_id))))


def _rows_of(db: Session, case_id: int) -> list[CaseClock]:
    query = select(CaseClock).where(CaseClock.case_id == case_id).order_by(col(CaseClock.id))
    return list(db.exec(query.execution_options(populate_existing=True)))


def _locked(db: Session, who: Principal, case_id: int) -> Case:
    query = select(Case).where(Case.id == case_id, visible_to(who)).execution_options(populate_existing=True)
    case = db.exec(query.with_for_update()).first()
    if case is None:
        raise NotFound(N_("There is no such case"))
    return case


def _grid_code(db: Session, grid_id: int) -> str:
    return db.exec(select(Place.code).where(Place.id == grid_id)).one()


def _check_facts(facts: Facts, rules: Rules) -> None:
    if facts.category not in rules.categories:
        raise Refused(N_("There is no category {code}"), code=facts.category)
    _check_lengths(facts.title, facts.address, facts.external_number or "", facts.reporter_name, facts.reporter_phone)


def _check_lengths(title: str, address: str, number: str, *reporter: str) -> None:
    if len(title) > 120 or len(address) > 200:
        raise Refused(N_("The title may have 120 characters and the address 200"))
    if any(len(said) > 40 for said in reporter) or len(number) > 80:
        raise Refused(N_("The name and the phone of a reporter may have 40 characters, an outside number 80"))


def _check_unit(db: Session, move: Move) -> None:
    if move.unit_id is not None and db.get(Unit, move.unit_id) is None:
        raise Refused(N_("There is no such unit"))


def _check_other(db: Session, who: Principal, case: Case, move: Move) -> None:
    """A case is merged into one that is open and that its merger may see."""
    if move.other_id is None:
        return
    other = db.exec(select(Case).where(Case.id == move.other_id, visible_to(who))).first()
    if other is None:
        raise NotFound(N_("There is no such case"))
    if other.id == case.id or other.stage in ENDED:
        raise Refused(N_("A case is merged into another one that is open"))


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
    _keep_clocks(db, case.id, before, after, rules)
    if move.other_id is not None:
        db.add(CaseLink(case_id=case.id, into_id=move.other_id))
    if move.correction and move.correction.was.also != move.correction.now.also:
        db.exec(delete(CaseCandidate).where(col(CaseCandidate.case_id) == case.id))
        db.add_all(CaseCandidate(case_id=case.id, grid_id=grid) for grid in move.correction.now.also)
    db.flush()
    figures.add(db, figures.deltas(before, after, case.grid_id, case.category, move.correction))
    tallies.add(db, tallies.deltas(before, after, kind_of(case), move.correction))
    return event


def _keep_clocks(db: Session, case_id: int, before: CaseState, after: CaseState, rules: Rules) -> None:
    """Store the clocks that the step made or changed."""
    was = {(clock.ordinal, clock.name): clock for clock in (*before.clocks, *before.unit_clocks)}
    changed = [clock for clock in (*after.clocks, *after.unit_clocks) if was.get((clock.ordinal, clock.name)) != clock]
    rows = {(row.ordinal, row.name): row for row in _rows_of(db, case_id)} if was and changed else {}
    for clock in changed:
        if row := rows.get((clock.ordinal, clock.name)):
            for name, value in what_became(clock).items():
                setattr(row, name, value)
        else:
            db.add(CaseClock(**clock_columns(case_id, clock, rules)))
