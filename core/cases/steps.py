"""The steps of a case as one table, and the pure decision whether and how a step is taken."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from core import chain, limits
from core.errors import Refused
from core.language import N_
from core.limits import Clock
from core.people import Principal
from core.rules import Grade, Rules
from core.words import ENDED, Permission, Stage, Verb


class Need(StrEnum):
    """What a step asks for."""

    NOTE = "note"
    UNIT = "unit"


@dataclass(frozen=True, slots=True)
class Step:
    """A legal change of a case: from where to where, by whom, and what it asks for.

    Which clocks a step starts and keeps is said by the regime, in `data/rules/regimes.toml`.
    """

    verb: Verb
    before: frozenset[Stage | None]
    after: Stage
    who: Permission
    needs: frozenset[Need] = frozenset()


def _step(verb: Verb, before: tuple[Stage | None, ...], after: Stage, who: Permission, *needs: Need) -> Step:
    return Step(verb, frozenset(before), after, who, frozenset(needs))


P, S, V = Permission, Stage, Verb
STEPS: dict[Verb, Step] = {
    step.verb: step
    for step in (
        _step(V.REPORT, (None,), S.REPORTED, P.REPORT),
        _step(V.ACCEPT, (S.REPORTED,), S.ACCEPTED, P.INTAKE),
        _step(V.DISPATCH, (S.ACCEPTED,), S.DISPATCHED, P.DISPATCH, Need.UNIT),
        _step(V.TAKE_ON, (S.DISPATCHED,), S.TAKEN_ON, P.WORK_FOR_UNIT),
        _step(V.ARRIVE, (S.TAKEN_ON,), S.ON_SITE, P.WORK_FOR_UNIT),
        _step(V.RESOLVE, (S.ON_SITE,), S.RESOLVED, P.WORK_FOR_UNIT, Need.NOTE),
        _step(V.ANSWER, (S.RESOLVED,), S.ANSWERED, P.WORK_FOR_UNIT, Need.NOTE),
        _step(V.CHECK, (S.ANSWERED,), S.CHECKED, P.CHECK),
        _step(V.CLOSE, (S.CHECKED,), S.CLOSED, P.INTAKE),
        _step(V.SELF_HANDLE, (S.REPORTED, S.ACCEPTED), S.CLOSED, P.SELF_HANDLE, Need.NOTE),
        _step(V.VOID, (S.REPORTED, S.ACCEPTED, S.DISPATCHED, S.TAKEN_ON, S.ON_SITE), S.VOIDED, P.VOID, Need.NOTE),
    )
}


@dataclass(frozen=True, slots=True)
class CaseState:
    """What a decision must know of a case."""

    path: str
    regime: str
    grade: Grade
    stage: Stage | None = None  # None: not yet reported
    unit_id: int | None = None
    clocks: tuple[Clock, ...] = ()
    version: int = 0
    moved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """What somebody asks for.

    Units: aware UTC; `occurred_at` is when it happened, `recorded_at` when it was typed.
    """

    verb: Verb
    by: Principal
    occurred_at: datetime
    recorded_at: datetime
    unit_id: int | None = None
    note: str | None = None
    on_behalf_of: int | None = None  # the unit that said so by phone
    seen_version: int | None = None  # what the asker was looking at


def decide(case: CaseState, move: Move, rules: Rules) -> CaseState:
    """The case after `move`.

    Raises: Refused, in the user's words, when the rules do not allow it.
    """
    step = STEPS[move.verb]
    if move.seen_version is not None and move.seen_version != case.version:
        raise Refused(N_("Somebody else has moved this case in the meantime"))
    if case.stage not in step.before:
        raise Refused(
            N_("A case that is “{stage}” cannot take the step “{verb}”"), stage=case.stage or "", verb=move.verb
        )
    _check_who(case, step, move)
    _check_when(case, move)
    _check_needs(step, move)
    return replace(
        case,
        stage=step.after,
        unit_id=move.unit_id if Need.UNIT in step.needs else case.unit_id,
        clocks=_clocks_after(case, step, move, rules),
        version=case.version + 1,
        moved_at=move.occurred_at,
    )


def may_take(case: CaseState, step: Step, who: Principal) -> bool:
    """Whether `who` holds the right to take `step` here, for a unit or as one of it."""
    if step.who is P.WORK_FOR_UNIT and who.may(P.RECORD_FOR_UNIT, case.path):
        return True
    return who.may(step.who, case.path, case.unit_id)


def steps_open_to(case: CaseState, who: Principal) -> tuple[Step, ...]:
    """The steps that `who` may take on the case now, in the order of the loop."""
    return tuple(step for step in STEPS.values() if case.stage in step.before and may_take(case, step, who))


def _check_who(case: CaseState, step: Step, move: Move) -> None:
    if not may_take(case, step, move.by):
        raise Refused(N_("You may not take the step “{verb}” here"), verb=step.verb)
    if move.on_behalf_of is not None and (step.who is not P.WORK_FOR_UNIT or move.on_behalf_of != case.unit_id):
        raise Refused(N_("Only a step of the unit that has the case is recorded on its behalf"))
    works_for_unit = move.by.may(step.who, case.path, case.unit_id)
    if step.who is P.WORK_FOR_UNIT and not works_for_unit and move.on_behalf_of is None:
        raise Refused(N_("State the unit on whose behalf you record this"))


def _check_when(case: CaseState, move: Move) -> None:
    if move.occurred_at > move.recorded_at:
        raise Refused(N_("What has not happened yet cannot be recorded"))
    if case.moved_at is not None and move.occurred_at < case.moved_at:
        raise Refused(N_("This cannot have happened before the step before it"))


def _check_needs(step: Step, move: Move) -> None:
    if Need.NOTE in step.needs and not (move.note or "").strip():
        raise Refused(N_("The step “{verb}” needs a note"), verb=step.verb)
    if Need.UNIT in step.needs and move.unit_id is None:
        raise Refused(N_("The step “{verb}” needs a unit"), verb=step.verb)


def _clocks_after(case: CaseState, step: Step, move: Move, rules: Rules) -> tuple[Clock, ...]:
    promises = rules.regimes[case.regime].clock
    clocks = limits.met(case.clocks, (p.name for p in promises if step.verb in p.met_on), move.occurred_at)
    if step.after in ENDED:
        return limits.cancelled(clocks, move.occurred_at)
    begun = (
        limits.started(p.name, p.hours_for(case.grade), move.occurred_at, is_final=p.is_final)
        for p in promises
        if p.starts_on == step.verb
    )
    return (*clocks, *begun)


def event_hash(previous: str, case_id: int, ordinal: int, before: Stage | None, after: Stage, move: Move) -> str:
    """The hash of an event over what it says and the hash before it: an edited past shows.

    Returns: 64 hexadecimal digits of SHA-256.
    """
    said = [
        case_id, ordinal, move.verb, before, after, move.occurred_at.timestamp(), move.recorded_at.timestamp(),
        move.by.user_id, move.on_behalf_of, move.unit_id, move.note,
    ]  # fmt: skip
    return chain.link(previous, said)
