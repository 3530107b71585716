"""What the duty officer does: register a report, attach it to a known case, dispatch, declare an emergency."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from core import whistles
from core.accounts import audit
from core.accounts.audit import Asker
from core.cases import commands, emergency
from core.cases.queries import case_seen_by
from core.cases.rows import Facts, unreported
from core.cases.steps import Move, moved
from core.cases.tables import Case, CaseEvent, Emergency
from core.cases.taking import case_numbered
from core.errors import NotFound, Refused
from core.language import N_
from core.limits import Clock
from core.people import Principal
from core.places import Place
from core.promises import Chosen, Promise
from core.rules import Rules
from core.units import Unit
from core.words import Action, Verb, WhistleKind

TITLE = 24  # characters of the text that make a title


@dataclass(frozen=True, slots=True)
class Outlook:
    """What would follow from a report: who is responsible, under which promises."""

    sector: str
    regime: Chosen
    clocks: tuple[Clock, ...]  # that begin with the report
    later: tuple[Promise, ...]  # that begin with a later step
    units: tuple[Unit, ...]  # that could get it, the one with the smallest area first


def outlook(db: Session, who: Principal, facts: Facts, rules: Rules, *, now: datetime) -> Outlook:
    """What would follow from a report that is not yet saved."""
    state = unreported(facts, rules)
    after = moved(state, Move(Verb.REPORT, who, occurred_at=now, recorded_at=now), rules)
    chosen = rules.regime_for(facts.category, facts.source, facts.spot.grid.code)
    later = tuple(p for p in rules.regimes[chosen.regime].clock if p.starts_on is not Verb.REPORT)
    sector = rules.categories[facts.category].sector
    return Outlook(sector, chosen, after.clocks, later, tuple(units_for(db, sector, facts.spot.path)))


def units_for(db: Session, sector: str, path: str) -> list[Unit]:
    """The units of a sector that answer for a place, the one with the smallest area first."""
    rows = db.execute(select(Unit, Place.path).join(Place, col(Place.id) == Unit.place_id).where(Unit.sector == sector))
    covering = sorted(
        ((-len(over), unit.name, unit) for unit, over in rows if path.startswith(over)), key=lambda r: r[:2]
    )
    return [unit for *_, unit in covering]


def title_of(text: str) -> str:
    """The beginning of a text, up to its first stop, as a title."""
    first = next((part for part in text.replace("。", "\n").replace("，", "\n").splitlines() if part.strip()), "")
    return first.strip()[:TITLE]


def register(db: Session, asker: Asker, facts: Facts, rules: Rules, *, at: datetime, now: datetime) -> Case:
    """Open a case from a report, under a title taken from its text.

    Raises: Refused, in the user's words.
    """
    if not facts.text.strip():
        raise Refused(N_("Write down what is reported"))
    facts = replace(facts, title=facts.title or title_of(facts.text))
    case = commands.report(db, asker.who, facts, rules, at=at, now=now)
    audit.record(db, Action.REGISTER, f"case {case.number}", by=asker)
    return case


def attach(
    db: Session, asker: Asker, facts: Facts, into_id: int, rules: Rules, *, at: datetime, now: datetime
) -> Case:  # fmt: skip
    """Register a report and merge it into an open case that is the same: it is counted, and keeps who reported it.

    Raises: NotFound, Refused, in the user's words.
    """
    known = case_seen_by(db, asker.who, into_id)
    if known is None:
        raise NotFound(N_("There is no such case"))
    case = register(db, asker, facts, rules, at=at, now=now)
    assert case.id is not None
    move = Move(Verb.MERGE, asker.who, occurred_at=at, recorded_at=now, note=f"→ {known.number}", other_id=into_id)
    commands.take(db, asker.who, case.id, move, rules)
    return case


def take_step(db: Session, asker: Asker, case_id: int, move: Move, rules: Rules) -> CaseEvent:
    """Take a step on a case; its event, in the chain of the case, is the record.

    Raises: NotFound, Refused, in the user's words.
    """
    return commands.take(db, asker.who, case_id, move, rules)


def correct(db: Session, asker: Asker, case_id: int, move: Move, rules: Rules, **changes: Any) -> CaseEvent:
    """Correct what was written down of a case; a title that was the beginning of the text follows it.

    `changes` are those of `core.cases.commands.correct`.
    Raises: NotFound, Refused, in the user's words.
    """
    case = case_seen_by(db, asker.who, case_id)
    text = changes.get("text")
    if text is not None and not text.strip():
        raise Refused(N_("Write down what is reported"))
    if text is not None and case is not None and case.title == title_of(case.text):
        changes["title"] = title_of(text)
    return commands.correct(db, asker.who, case_id, move, rules, **changes)


def merge(db: Session, asker: Asker, case_id: int, move: Move, number: str, rules: Rules) -> int:
    """Merge a case into the open one that people call by `number`, since both are the same.

    Returns: the id of that case.
    Raises: NotFound, Refused, in the user's words.
    """
    into_id = case_numbered(db, asker.who, number)
    said = replace(move, other_id=into_id, note=move.note or f"→ {number.strip()}")
    commands.take(db, asker.who, case_id, said, rules)
    return into_id


def dispatch(db: Session, asker: Asker, case_id: int, move: Move, helpers: Sequence[int], rules: Rules) -> CaseEvent:
    """Dispatch a case to the unit of `move`, which stays responsible, and call other units to help it by a whistle.

    Raises: NotFound, Refused, in the user's words.
    """
    event = commands.take(db, asker.who, case_id, move, rules)
    called = [unit for unit in helpers if unit != move.unit_id]
    if called:
        lead = db.get_one(Unit, move.unit_id)
        asked = move.note or f"{case_seen_by(db, asker.who, case_id).title} · {lead.name}"  # type: ignore[union-attr]
        whistles.blow(db, asker, WhistleKind.DAILY, called, asked, rules, now=move.recorded_at, case_id=case_id)
    return event


def declare_emergency(db: Session, asker: Asker, path: str, reason: str, rules: Rules, *, now: datetime) -> Emergency:
    """Begin emergency mode, audited.

    Raises: Refused, in the user's words.
    """
    row = emergency.declare(db, asker.who, path, reason, rules, now=now)
    audit.record(db, Action.EMERGENCY, f"emergency {row.id}", by=asker, detail=reason)
    return row


def end_emergency(db: Session, asker: Asker, emergency_id: int, *, now: datetime) -> Emergency:
    """End emergency mode, audited.

    Raises: NotFound, Refused, in the user's words.
    """
    row = emergency.end(db, asker.who, emergency_id, now=now)
    audit.record(db, Action.EMERGENCY, f"emergency {row.id}", by=asker, detail="-")
    return row
