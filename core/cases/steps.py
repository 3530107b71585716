"""The pure decision whether and how a step is taken, over the table of steps."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypedDict

from core import calendars, chain
from core.cases import clocks as case_clocks
from core.cases.clocks import Clocks, Done, Ground, History
from core.cases.step_table import STEPS as STEPS
from core.cases.step_table import Need as Need
from core.cases.step_table import Step as Step
from core.errors import Refused
from core.language import N_
from core.limits import Clock
from core.people import Principal
from core.promises import ORDERS, REPLY, Grade
from core.rules import Rules
from core.words import ENDED, CaseClass, Permission, Request, Source, Stage, Verb, Verdict

P = Permission
MOST_HOURS = 24 * 366  # that may be asked for at once


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
    unit_clocks: tuple[Clock, ...] = ()  # of the units that have or had the case
    history: History = ()  # the steps taken so far

    @property
    def suspended_at(self) -> datetime | None:
        """Since when the case is suspended, if it is."""
        return case_clocks.suspended_at(self.history)

    @property
    def request(self) -> Request | None:
        """What the unit has asked for and nobody has answered."""
        asked = case_clocks.pending(self.history)
        return STEPS[asked.verb].asks if asked else None

    @property
    def verdict(self) -> Verdict | None:
        """What the resident has said since the case was closed last."""
        steps = (STEPS[done.verb] for done in reversed(self.history))
        return next((step.verdict for step in steps if step.verdict or step.after in ENDED), None)


class Told(TypedDict, total=False):
    """How a case is told, as far as a correction changes it."""

    severity: str
    title: str
    text: str
    external_number: str
    source: Source


@dataclass(frozen=True, slots=True)
class Known:
    """Where a case is, what it is and how it is told, as far as a correction changes it.

    Units: lon, lat in WGS84.
    """

    category: str
    case_class: CaseClass
    regime: str
    grade: Grade
    place_id: int
    grid_id: int
    path: str
    lon: float | None = None
    lat: float | None = None
    address: str = ""
    also: tuple[int, ...] = ()  # other grids that claim the point
    # None as well in events older than their correction
    severity: str | None = None
    title: str | None = None
    text: str | None = None
    external_number: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    """What a case was taken for, and what it is."""

    was: Known
    now: Known

    @property
    def is_anew(self) -> bool:
        """Whether it leads to other promises."""
        return (self.was.regime, self.was.grade) != (self.now.regime, self.now.grade)


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
    hours: float | None = None  # asked for, granted, or until a reply is due; of the clock's calendar
    other_id: int | None = None  # the case into which this one is merged
    level: int | None = None  # of an escalation
    is_emergency: bool = False  # whether emergency mode held when it happened
    correction: Correction | None = None
    resolution_id: int | None = None  # of a meeting, that orders it
    called: dict[str, Any] | None = (
        None  # of a dispatch: the person who answers and the way to that one, `Answer.record`
    )

    @property
    def done(self) -> Done:
        """The move as far as clocks depend on it."""
        is_anew = self.correction is not None and self.correction.is_anew
        return Done(self.verb, self.occurred_at, self.unit_id, self.hours, self.is_emergency, is_anew)

    @property
    def given(self) -> dict[str, Any] | None:
        """What was said beyond the columns of an event; None when nothing was."""
        found: dict[str, Any] = {
            "into": self.other_id,
            "level": self.level,
            "emergency": self.is_emergency or None,
            "resolution": self.resolution_id,
            "called": self.called,
        }
        if self.correction:
            found["was"], found["now"] = (_said(known) for known in (self.correction.was, self.correction.now))
        return {key: value for key, value in found.items() if value is not None} or None


TOLD = tuple(Told.__annotations__)


def _said(known: Known) -> dict[str, Any]:
    """What is known, as an event holds it: an older event, without what is told, keeps its hash."""
    return {name: value for name in Known.__slots__ if (value := getattr(known, name)) is not None or name not in TOLD}


def known_from(said: Mapping[str, Any]) -> Known:
    """What was known, as an event holds it."""
    return Known(**{**said, "case_class": CaseClass(said["case_class"]), "also": tuple(said["also"])})


def decide(case: CaseState, move: Move, rules: Rules) -> CaseState:
    """The case after `move`.

    Raises: Refused, in the user's words, when the rules do not allow it.
    """
    step = STEPS[move.verb]
    if move.seen_version is not None and move.seen_version != case.version:
        raise Refused(N_("Somebody else has moved this case in the meantime"))
    if obstacle := _obstacle(case, step):
        raise obstacle
    _check_who(case, step, move, rules)
    _check_when(case, move)
    _check_needs(step, move)
    _check_request(case, step, move, rules)
    return moved(case, move, rules)


def moved(case: CaseState, move: Move, rules: Rules) -> CaseState:
    """The case after a move that was allowed; replaying the past asks nobody for leave again."""
    step, done, version = STEPS[move.verb], move.done, case.version + 1
    regime, grade, path, unit_id = case.regime, case.grade, case.path, case.unit_id
    if move.correction:
        regime, grade, path = move.correction.now.regime, move.correction.now.grade, move.correction.now.path
    if Need.UNIT in step.needs:
        unit_id = move.unit_id
    elif step.takes:
        unit_id = None
    ground = Ground(regime, grade, unit_id, version, case.history, rules)
    of_case, of_units = case_clocks.after(Clocks(case.clocks, case.unit_clocks), step, done, ground)
    return replace(
        case,
        path=path,
        regime=regime,
        grade=grade,
        stage=step.after or case.stage,
        unit_id=unit_id,
        clocks=of_case,
        unit_clocks=of_units,
        version=version,
        moved_at=move.occurred_at,
        history=(*case.history, done),
    )


def may_take(case: CaseState, step: Step, who: Principal) -> bool:
    """Whether `who` holds the right to take `step` here, for a unit or as one of it."""
    if step.who is P.WORK_FOR_UNIT and who.may(P.RECORD_FOR_UNIT, case.path):
        return True
    return who.may(_needed(case, step), case.path, case.unit_id)


def steps_open_to(case: CaseState, who: Principal) -> tuple[Step, ...]:
    """The steps that `who` may take on the case now, in the order of the loop; not those that a meeting takes."""
    steps = (step for step in STEPS.values() if Need.RESOLUTION not in step.needs)
    return tuple(step for step in steps if _obstacle(case, step) is None and may_take(case, step, who))


def _needed(case: CaseState, step: Step) -> Permission:
    """The permission a step needs: a higher one, where leave has been given before."""
    is_again = step.who_again is not None and any(done.verb == step.verb for done in case.history)
    return step.who_again if is_again and step.who_again else step.who


def _obstacle(case: CaseState, step: Step) -> Refused | None:
    """Why nobody may take the step on the case as it stands."""
    if case.stage not in step.before:
        said = N_("A case that is “{stage}” cannot take the step “{verb}”")
        return Refused(said, stage=case.stage or "", verb=step.verb)
    if case.suspended_at and not step.while_suspended:
        return Refused(N_("The case is suspended: resume it first"))
    if step.verb is Verb.RESUME and not case.suspended_at:
        return Refused(N_("The case is not suspended"))
    if step.asks and case.request:
        return Refused(N_("A request of the unit is still waiting for an answer"))
    if step.verdict and case.verdict:
        return Refused(N_("The resident has been asked already"))
    if step.settles and case.request not in step.settles:
        return Refused(N_("Nobody has asked for this"))
    if step.verb is Verb.REPLY and not any(clock.name == REPLY and clock.is_running for clock in case.clocks):
        return Refused(N_("No order waits for a reply"))
    return None


def _check_who(case: CaseState, step: Step, move: Move, rules: Rules) -> None:
    if not may_take(case, step, move.by):
        raise Refused(N_("You may not take the step “{verb}” here"), verb=step.verb)
    if move.on_behalf_of is not None and (step.who is not P.WORK_FOR_UNIT or move.on_behalf_of != case.unit_id):
        raise Refused(N_("Only a step of the unit that has the case is recorded on its behalf"))
    works_for_unit = move.by.may(step.who, case.path, case.unit_id)
    if step.who is P.WORK_FOR_UNIT and not works_for_unit and move.on_behalf_of is None:
        raise Refused(N_("State the unit on whose behalf you record this"))
    if move.correction and not move.by.may(step.who, move.correction.now.path):
        raise Refused(N_("You may not take the step “{verb}” here"), verb=step.verb)
    most = rules.regimes[case.regime].extension_up_to
    if step.who_again and most and not move.by.may(step.who_again, case.path, case.unit_id):
        asked = case_clocks.pending(case.history)
        if (move.hours or (asked and asked.hours) or 0) > most.hours_for(case.grade):
            raise Refused(N_("So much more time needs the higher approver"))


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
    if Need.HOURS in step.needs and move.hours is None:
        raise Refused(N_("The step “{verb}” needs hours"), verb=step.verb)
    if move.hours is not None and not 0 < move.hours <= MOST_HOURS:
        raise Refused(N_("Hours lie above 0 and up to {most}"), most=MOST_HOURS)
    if Need.CASE in step.needs and move.other_id is None:
        raise Refused(N_("The step “{verb}” needs the other case"), verb=step.verb)
    if Need.RESOLUTION in step.needs and move.resolution_id is None:
        raise Refused(N_("The step “{verb}” is taken by a meeting"), verb=step.verb)
    if Need.FACTS in step.needs and (move.correction is None or move.correction.was == move.correction.now):
        raise Refused(N_("The step “{verb}” changes nothing yet"), verb=step.verb)


def _check_request(case: CaseState, step: Step, move: Move, rules: Rules) -> None:
    """What the clocks forbid: more time for what is late already, a return after too long."""
    running = [clock for clock in case.clocks if clock.is_running and clock.name not in ORDERS]
    if step.asks is Request.EXTENSION and not any(clock.due_at >= move.occurred_at for clock in running):
        raise Refused(N_("More time is asked for while a promise runs and is not late"))
    within = rules.regimes[case.regime].return_within
    held = next((clock for clock in case.unit_clocks if clock.is_running), None)
    if within and held and (step.verb is Verb.RETURN_WRONG or step.asks is Request.RETURN):
        passed = calendars.counted(rules.calendars[within.calendar], held.starts_at, move.occurred_at)
        if passed > timedelta(hours=within.hours_for(case.grade)):
            raise Refused(N_("The unit has held the case too long to return it"))


def event_hash(previous: str, case_id: int, ordinal: int, before: Stage | None, after: Stage, move: Move) -> str:
    """The hash of an event over what it says and the hash before it: an edited past shows.

    Returns: 64 hexadecimal digits of SHA-256.
    """
    said = [
        case_id, ordinal, move.verb, before, after, move.occurred_at.timestamp(), move.recorded_at.timestamp(),
        move.by.user_id, move.on_behalf_of, move.unit_id, move.note,
    ]  # fmt: skip
    if move.hours is not None or move.given:
        said += [None if move.hours is None else float(move.hours), move.given]
    return chain.link(previous, said)
