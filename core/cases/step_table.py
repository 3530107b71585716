"""The steps of a case as one table: from where to where, by whom, what they ask for, what they do to the clocks."""

from dataclasses import dataclass
from enum import StrEnum

from core.words import Permission, Request, Stage, Verb, Verdict


class Need(StrEnum):
    """What a step asks for."""

    NOTE = "note"
    UNIT = "unit"
    HOURS = "hours"
    CASE = "case"
    FACTS = "facts"


class Effect(StrEnum):
    """What a step does to clocks that run, beyond what the regime says."""

    EXTEND = "extend"
    PAUSE = "pause"
    RESUME = "resume"
    CORRECT = "correct"
    SUPERVISE = "supervise"
    SHORTEN = "shorten"
    RECKON = "reckon"
    REOPEN = "reopen"


@dataclass(frozen=True, slots=True)
class Step:
    """A legal change of a case.

    Which promises a step starts and keeps is said by the regime, in `data/rules/regimes.toml`.
    """

    verb: Verb
    before: frozenset[Stage | None]
    after: Stage | None  # None: the stage stays what it is
    who: Permission
    needs: frozenset[Need] = frozenset()
    effect: Effect | None = None
    asks: Request | None = None  # what it asks leave for
    settles: frozenset[Request] = frozenset()  # which requests it answers
    who_again: Permission | None = None  # who, once such leave has been given before
    while_suspended: bool = False
    verdict: Verdict | None = None  # what the resident said, when called back

    @property
    def gives(self) -> bool:
        """Whether a unit gets the case by it: its own clock starts."""
        return self.verb in (Verb.DISPATCH, Verb.REWORK)

    @property
    def takes(self) -> bool:
        """Whether no unit has the case after it: the clock of one that had it stops."""
        return self.verb in (Verb.RETURN_WRONG, Verb.APPROVE_RETURN, Verb.REOPEN)

    @property
    def is_side_step(self) -> bool:
        """Whether it leads off the way from the report to the end."""
        return self.verb not in MAIN


P, S, V, N, R = Permission, Stage, Verb, Need, Request
MAIN = (V.REPORT, V.ACCEPT, V.DISPATCH, V.TAKE_ON, V.ARRIVE, V.RESOLVE, V.ANSWER, V.CHECK, V.CLOSE, V.SELF_HANDLE)
WORKED_ON = (S.DISPATCHED, S.TAKEN_ON, S.ON_SITE)  # by a unit
UNSOLVED = (S.REPORTED, S.ACCEPTED, *WORKED_ON)
WITH_UNIT = (*WORKED_ON, S.RESOLVED, S.ANSWERED)
OPEN = (*UNSOLVED, S.RESOLVED, S.ANSWERED, S.CHECKED)


def _step(
    verb: Verb,
    before: tuple[Stage | None, ...],
    after: Stage | None,
    who: Permission,
    *needs: Need,
    effect: Effect | None = None,
    asks: Request | None = None,
    settles: tuple[Request, ...] = (),
    who_again: Permission | None = None,
    while_suspended: bool = False,
    verdict: Verdict | None = None,
) -> Step:
    return Step(
        verb, frozenset(before), after, who, frozenset(needs), effect, asks, frozenset(settles), who_again,
        while_suspended, verdict,
    )  # fmt: skip


STEPS: dict[Verb, Step] = {
    step.verb: step
    for step in (
        _step(V.REPORT, (None,), S.REPORTED, P.REPORT),
        _step(V.ACCEPT, (S.REPORTED,), S.ACCEPTED, P.INTAKE),
        _step(V.DISPATCH, (S.ACCEPTED,), S.DISPATCHED, P.DISPATCH, N.UNIT),
        _step(V.TAKE_ON, (S.DISPATCHED,), S.TAKEN_ON, P.WORK_FOR_UNIT),
        _step(V.ARRIVE, (S.TAKEN_ON,), S.ON_SITE, P.WORK_FOR_UNIT),
        _step(V.RESOLVE, (S.ON_SITE,), S.RESOLVED, P.WORK_FOR_UNIT, N.NOTE),
        _step(V.ANSWER, (S.RESOLVED,), S.ANSWERED, P.WORK_FOR_UNIT, N.NOTE),
        _step(V.CHECK, (S.ANSWERED,), S.CHECKED, P.CHECK),
        _step(V.CLOSE, (S.CHECKED,), S.CLOSED, P.INTAKE),
        _step(V.SELF_HANDLE, (S.REPORTED, S.ACCEPTED), S.CLOSED, P.SELF_HANDLE, N.NOTE),
        # off the way: each with a reason and an approver
        _step(V.VOID, UNSOLVED, S.VOIDED, P.VOID, N.NOTE, while_suspended=True),
        _step(V.REFUSE, (S.REPORTED,), S.REFUSED, P.INTAKE, N.NOTE),
        _step(V.MERGE, UNSOLVED, S.MERGED, P.INTAKE, N.NOTE, N.CASE, while_suspended=True),
        _step(V.CORRECT, OPEN, None, P.CORRECT, N.NOTE, N.FACTS, effect=Effect.CORRECT, while_suspended=True),
        _step(V.RETURN_WRONG, WORKED_ON, S.ACCEPTED, P.WORK_FOR_UNIT, N.NOTE),
        _step(V.REWORK, (S.ANSWERED,), S.TAKEN_ON, P.CHECK, N.NOTE),
        # asked by the unit, answered by an approver
        _step(V.ASK_RETURN, WORKED_ON, None, P.WORK_FOR_UNIT, N.NOTE, asks=R.RETURN),
        _step(V.APPROVE_RETURN, WORKED_ON, S.ACCEPTED, P.APPROVE, settles=(R.RETURN,)),
        _step(V.ASK_EXTENSION, WORKED_ON, None, P.WORK_FOR_UNIT, N.NOTE, N.HOURS, asks=R.EXTENSION),
        _step(
            V.APPROVE_EXTENSION, WORKED_ON, None, P.APPROVE,
            effect=Effect.EXTEND, settles=(R.EXTENSION,), who_again=P.APPROVE_HIGHER,
        ),
        _step(V.ASK_SUSPENSION, WORKED_ON, None, P.WORK_FOR_UNIT, N.NOTE, asks=R.SUSPENSION),
        _step(V.APPROVE_SUSPENSION, WORKED_ON, None, P.APPROVE, effect=Effect.PAUSE, settles=(R.SUSPENSION,)),
        _step(V.DECLINE, WORKED_ON, None, P.APPROVE, N.NOTE, settles=tuple(R)),
        _step(V.RESUME, WORKED_ON, None, P.APPROVE, effect=Effect.RESUME, while_suspended=True),
        # orders and answers
        _step(V.CHASE, WITH_UNIT, None, P.CHASE, N.NOTE, while_suspended=True),
        _step(
            V.SUPERVISE, WITH_UNIT, None, P.SUPERVISE, N.NOTE, N.HOURS, effect=Effect.SUPERVISE, while_suspended=True
        ),
        _step(V.REPLY, WITH_UNIT, None, P.WORK_FOR_UNIT, N.NOTE, while_suspended=True),
        # the resident's verdict, by call-back
        _step(V.RATE_SATISFIED, (S.CLOSED,), None, P.CALL_BACK, verdict=Verdict.SATISFIED),
        _step(V.RATE_MOSTLY, (S.CLOSED,), None, P.CALL_BACK, verdict=Verdict.MOSTLY_SATISFIED),
        _step(
            V.REOPEN, (S.CLOSED,), S.ACCEPTED, P.CALL_BACK, N.NOTE,
            effect=Effect.REOPEN, verdict=Verdict.NOT_SATISFIED,
        ),
        _step(V.BRING_TO_MEETING, (S.CLOSED,), None, P.CALL_BACK, N.NOTE, verdict=Verdict.NOT_SATISFIED),
        # by the system
        _step(V.ESCALATE, OPEN, None, P.UPKEEP),
        _step(V.SHORTEN, OPEN, None, P.UPKEEP, effect=Effect.SHORTEN, while_suspended=True),
        _step(V.RECKON, OPEN, None, P.UPKEEP, effect=Effect.RECKON, while_suspended=True),
    )
}  # fmt: skip
