"""Off the way from report to end: who may leave it when, what it asks for, and what becomes of the clocks."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from core import limits
from core.calendars import NOTHING
from core.cases.clocks import Done
from core.cases.step_table import MAIN, OPEN, UNSOLVED, WITH_UNIT, WORKED_ON
from core.cases.steps import STEPS, CaseState, Correction, Known, Move, decide, steps_open_to
from core.errors import Refused
from core.limits import Clock
from core.people import Grant, Principal
from core.words import ENDED, CaseClass, ClockState, Request, Role, Stage, Verb
from tests.cast import CAST, DAY, HOUR, ID, MINUTE, NOON, POWER, RULES, WATER, WHO, WULIPU_1, loop, move, path_of, state

V, S = Verb, Stage
OFFICER, POWERS, N1, NORTH, LEADER = "officer", "liaison of power", "head of n1", "secretary of north", "leader"
SYSTEM = "system"
PEOPLE = {**WHO, SYSTEM: Principal(99, SYSTEM, (Grant(Role.SYSTEM, "/"),))}
UNIT, APPROVERS, CHASERS = {POWERS, OFFICER}, {OFFICER, LEADER}, {OFFICER, LEADER, N1, NORTH}
SOON = timedelta(hours=2)
CALLERS = {OFFICER, NORTH}  # of a resident
ANY, RUNNING, STILL = "suspended or not", "not suspended", "suspended"

# The side steps in the words of their people. Of a case in n1 that the unit of power has:
# verb, from, to (None: it stays), who of the cast may, whether the case is suspended, what must have been asked before
LEGAL: tuple[tuple[Verb, Iterable[Stage], Stage | None, set[str], str, set[Request] | None], ...] = (
    (V.VOID, UNSOLVED, S.VOIDED, {OFFICER}, ANY, None),
    (V.REFUSE, (S.REPORTED,), S.REFUSED, {OFFICER}, RUNNING, None),
    (V.MERGE, UNSOLVED, S.MERGED, {OFFICER}, ANY, None),
    (V.CORRECT, OPEN, None, {OFFICER}, ANY, None),
    (V.RETURN_WRONG, WORKED_ON, S.ACCEPTED, UNIT, RUNNING, None),
    (V.REWORK, (S.ANSWERED,), S.TAKEN_ON, {OFFICER, N1, NORTH}, RUNNING, None),
    (V.ASK_RETURN, WORKED_ON, None, UNIT, RUNNING, set()),
    (V.APPROVE_RETURN, WORKED_ON, S.ACCEPTED, APPROVERS, RUNNING, {Request.RETURN}),
    (V.ASK_EXTENSION, WORKED_ON, None, UNIT, RUNNING, set()),
    (V.APPROVE_EXTENSION, WORKED_ON, None, APPROVERS, RUNNING, {Request.EXTENSION}),
    (V.ASK_SUSPENSION, WORKED_ON, None, UNIT, RUNNING, set()),
    (V.APPROVE_SUSPENSION, WORKED_ON, None, APPROVERS, RUNNING, {Request.SUSPENSION}),
    (V.DECLINE, WORKED_ON, None, APPROVERS, RUNNING, set(Request)),
    (V.RESUME, WORKED_ON, None, APPROVERS, STILL, None),
    (V.CHASE, WITH_UNIT, None, CHASERS, ANY, None),
    (V.SUPERVISE, WITH_UNIT, None, {LEADER}, ANY, None),
    (V.ORDER, OPEN, None, {OFFICER, LEADER, N1, NORTH}, ANY, None),
    (V.REPLY, WITH_UNIT, None, UNIT, ANY, None),
    (V.RATE_SATISFIED, (S.CLOSED,), None, CALLERS, RUNNING, None),
    (V.RATE_MOSTLY, (S.CLOSED,), None, CALLERS, RUNNING, None),
    (V.REOPEN, (S.CLOSED,), S.ACCEPTED, CALLERS, RUNNING, None),
    (V.BRING_TO_MEETING, (S.CLOSED,), None, CALLERS, RUNNING, None),
    (V.ESCALATE, OPEN, None, {SYSTEM}, RUNNING, None),
    (V.SHORTEN, OPEN, None, {SYSTEM}, ANY, None),
    (V.RECKON, OPEN, None, {SYSTEM}, ANY, None),
)
FOR_UNIT = {V.RETURN_WRONG, V.ASK_RETURN, V.ASK_EXTENSION, V.ASK_SUSPENSION, V.REPLY}
ASKING = {Request.RETURN: V.ASK_RETURN, Request.EXTENSION: V.ASK_EXTENSION, Request.SUSPENSION: V.ASK_SUSPENSION}


def known(category: str = WULIPU_1, at: str = "n1") -> Known:
    """What a case of the street is taken for."""
    row = RULES.categories[category]
    klass = RULES.case_class(category)
    return Known(category, CaseClass(klass), row.regime, row.grade, ID[at], ID[at], path_of(at))


def correction(category: str = WULIPU_1, at: str = "n2", was: str = WULIPU_1) -> Correction:
    """A case of n1 that lies elsewhere, or is of another category."""
    return Correction(known(was), known(category, at))


def asked(verb: Verb, by: str = OFFICER, after: timedelta = NOTHING, **more: object) -> Move:
    """A side step with all it asks for; an officer names the unit that rang up."""
    needs: dict[str, object] = {
        "note": "原因",
        "hours": 24.0,
        "other_id": 2,
        "correction": correction(),
        "resolution_id": 3,
    }
    names = {"note": "note", "hours": "hours", "case": "other_id", "facts": "correction", "resolution": "resolution_id"}
    given = {names[need]: needs[names[need]] for need in STEPS[verb].needs}
    if by == OFFICER and verb in FOR_UNIT:
        given["on_behalf_of"] = POWER
    return Move(
        verb,
        PEOPLE[by],
        **{"occurred_at": NOON + after, "recorded_at": NOON + after, **given, **more},  # type: ignore[arg-type]
    )


def reply_clock() -> Clock:
    return limits.started("reply", 24, NOON - HOUR, is_final=False)


def standing(stage: Stage, request: Request | None, *, is_suspended: bool) -> CaseState:
    """A case of n1 at a stage, under an order, with or without a request or a suspension."""
    steps = [Verb.ASK_SUSPENSION, Verb.APPROVE_SUSPENSION] if is_suspended else []
    steps += [ASKING[request]] if request else []
    clocks: tuple[Clock, ...] = (limits.started("closed", 24, NOON - HOUR, is_final=True), reply_clock())
    history = tuple(Done(verb, NOON - MINUTE, hours=8) for verb in steps)
    if is_suspended:
        clocks = tuple(limits.paused(clock, NOON - MINUTE, 1) for clock in clocks)
    return replace(state(stage), clocks=clocks, history=history)


def taken(case: CaseState, one: Move) -> CaseState | None:
    try:
        return decide(case, one, RULES)
    except Refused:
        return None


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize(("verb", "before", "after", "who", "when", "requests"), LEGAL, ids=[row[0] for row in LEGAL])
def test_a_side_step_is_taken_exactly_when_and_by_whom_it_may(
    stage: Stage,
    verb: Verb,
    before: Iterable[Stage],
    after: Stage | None,
    who: set[str],
    when: str,
    requests: set[Request] | None,
) -> None:
    for is_suspended, request in product((False, True), (None, *Request)):
        case = standing(stage, request, is_suspended=is_suspended)
        is_time = when in (ANY, STILL if is_suspended else RUNNING)
        is_asked = requests is None or (request in requests if requests else request is None)
        expected = who if stage in before and is_time and is_asked else set()
        results = {name: taken(case, asked(verb, name)) for name in PEOPLE}
        assert {name for name, result in results.items() if result} == expected, (is_suspended, request)
        for result in filter(None, results.values()):
            assert result.stage is (after or stage)
            assert result.version == case.version + 1


def test_the_table_of_the_tests_knows_every_side_step() -> None:
    assert {row[0] for row in LEGAL} == set(Verb) - set(MAIN) == {v for v, step in STEPS.items() if step.is_side_step}


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("is_suspended", [False, True])
def test_every_step_offered_would_be_taken_and_no_other(stage: Stage, is_suspended: bool) -> None:
    for request, (name, who) in product((None, *Request), PEOPLE.items()):
        case = standing(stage, request, is_suspended=is_suspended)
        offered = [step.verb for step in steps_open_to(case, who) if step.is_side_step]
        assert offered == [
            verb for verb in STEPS if verb not in MAIN and verb is not V.ORDER and taken(case, asked(verb, name))
        ]


@pytest.mark.parametrize("verb", [verb for verb in MAIN if verb not in (V.REPORT, V.CHECK, V.CLOSE)])
def test_nobody_works_on_a_suspended_case(verb: Verb) -> None:
    case = standing(next(s for s in Stage if s in STEPS[verb].before), None, is_suspended=True)
    for name, *_ in CAST:
        named: dict[str, object] = (
            {"on_behalf_of": POWER} if name == OFFICER and STEPS[verb].who.name == "WORK_FOR_UNIT" else {}
        )
        assert not taken(case, move(verb, name, NOON, **named))


@pytest.mark.parametrize("verb", [row[0] for row in LEGAL if "note" in STEPS[row[0]].needs])
@pytest.mark.parametrize("note", [None, "", " \n"])
def test_without_a_reason_no_side_step_is_taken(verb: Verb, note: str | None) -> None:
    row = next(row for row in LEGAL if row[0] is verb)
    case = standing(next(iter(row[1])), next(iter(row[5] or ()), None), is_suspended=False)
    by = next(iter(row[3]))
    assert taken(case, asked(verb, by))
    with pytest.raises(Refused, match="needs a note"):
        decide(case, asked(verb, by, note=note), RULES)


def test_whatever_is_not_approved_by_another_asks_for_a_reason() -> None:
    approvals = {V.APPROVE_RETURN, V.APPROVE_EXTENSION, V.APPROVE_SUSPENSION, V.RESUME, V.ESCALATE, V.SHORTEN, V.RECKON}
    praise = {V.RATE_SATISFIED, V.RATE_MOSTLY}
    assert {row[0] for row in LEGAL if "note" not in STEPS[row[0]].needs} == approvals | praise


@pytest.mark.parametrize("hours", [None, 0, -1, float("nan"), float("inf"), 24 * 400])
def test_hours_are_a_number_that_makes_sense(hours: float | None) -> None:
    with pytest.raises(Refused, match="ours"):
        decide(standing(S.ON_SITE, None, is_suspended=False), asked(V.ASK_EXTENSION, POWERS, hours=hours), RULES)


def test_a_merge_names_another_case_and_a_correction_something_else() -> None:
    case = standing(S.REPORTED, None, is_suspended=False)
    with pytest.raises(Refused, match="the other case"):
        decide(case, asked(V.MERGE, other_id=None), RULES)
    for nothing in (None, correction(at="n1")):
        with pytest.raises(Refused, match="changes nothing yet"):
            decide(case, asked(V.CORRECT, correction=nothing), RULES)


def test_a_correction_to_a_place_where_one_may_not_correct_is_refused() -> None:
    with pytest.raises(Refused):
        decide(state(S.REPORTED), asked(V.CORRECT, correction=correction(at="f1")), RULES)


# Clocks, over the loop of the tests: reported at noon, dispatched at 12:10, on site at 12:30


def brought(until: Verb, *more: Move, category: str = WULIPU_1) -> CaseState:
    """A case brought through the loop, and what happened to it then."""
    case = state(None, category=category)
    for one in (*loop(until=until), *more):
        case = decide(case, one, RULES)
    return case


def the(name: str, clocks: tuple[Clock, ...]) -> Clock:
    """The clock of a name that is in force."""
    return [clock for clock in clocks if clock.name == name and not clock.superseded_at][-1]


def leave(request: Request, at: timedelta, by: str = OFFICER, hours: float = 24) -> tuple[Move, Move]:
    """A unit asks for something and gets it a minute later."""
    grants = {Request.RETURN: V.APPROVE_RETURN, Request.EXTENSION: V.APPROVE_EXTENSION}
    answer = grants.get(request, V.APPROVE_SUSPENSION)
    given = {"hours": hours} if request is Request.EXTENSION else {}
    return asked(ASKING[request], POWERS, at, **given), asked(answer, by, at + MINUTE)


def test_a_suspended_clock_stands_still_and_gets_all_of_its_time_back() -> None:
    case = brought(V.ARRIVE, *leave(Request.SUSPENSION, HOUR))
    for clock in (*case.clocks, *case.unit_clocks):
        left = {clock.left(NOON + hours * HOUR) for hours in (2, 20, 200, 2000)}
        assert left == {clock.due_at - (NOON + HOUR + MINUTE)}
        assert {clock.state(NOON + hours * HOUR, SOON) for hours in (2, 2000)} == {ClockState.PAUSED}
    assert limits.next_due(case.clocks) is None
    resumed = decide(case, asked(V.RESUME, OFFICER, 10 * DAY), RULES)
    stood = 10 * DAY - HOUR - MINUTE
    assert the("closed", resumed.clocks).due_at == NOON + DAY + stood
    assert the("unit", resumed.unit_clocks).due_at == NOON + 10 * MINUTE + 20 * HOUR + stood
    assert resumed.suspended_at is None


def test_suspending_what_is_overdue_does_not_mend_it() -> None:
    case = brought(V.ARRIVE, *leave(Request.SUSPENSION, 25 * HOUR))
    assert not the("closed", case.clocks).is_open_ended
    resumed = decide(case, asked(V.RESUME, OFFICER, 10 * DAY), RULES)
    assert the("closed", resumed.clocks).due_at == NOON + DAY


def test_an_extension_moves_every_due_time_and_is_kept_with_its_event() -> None:
    case = brought(V.ARRIVE, *leave(Request.EXTENSION, HOUR, hours=12))
    clock = the("closed", case.clocks)
    assert clock.due_at == NOON + DAY + 12 * HOUR
    assert [(c.kind, c.by, c.at, c.ordinal) for c in clock.changes] == [
        ("extension", 12 * HOUR, NOON + HOUR + MINUTE, case.version)
    ]
    assert clock.hours == 24
    assert the("unit", case.unit_clocks).due_at == NOON + 10 * MINUTE + 32 * HOUR


def test_an_approver_may_grant_less_than_was_asked() -> None:
    ask, _ = leave(Request.EXTENSION, HOUR, hours=48)
    case = brought(V.ARRIVE, ask, asked(V.APPROVE_EXTENSION, OFFICER, 2 * HOUR, hours=6.0))
    assert the("closed", case.clocks).due_at == NOON + DAY + 6 * HOUR


def test_a_second_extension_needs_the_higher_approver() -> None:
    ask, grant = leave(Request.EXTENSION, 3 * HOUR)
    case = brought(V.ARRIVE, *leave(Request.EXTENSION, HOUR), ask)
    with pytest.raises(Refused, match="You may not"):
        decide(case, grant, RULES)
    twice = decide(case, replace(grant, by=WHO[LEADER]), RULES)
    assert the("closed", twice.clocks).due_at == NOON + 3 * DAY


def test_more_than_the_regime_names_needs_the_higher_approver_at_once() -> None:
    case = replace(brought(V.ARRIVE), regime="hotline_12345")
    case = decide(case, asked(V.ASK_EXTENSION, POWERS, HOUR, hours=75.5), RULES)  # ten working days are 75 hours
    with pytest.raises(Refused, match="higher approver"):
        decide(case, asked(V.APPROVE_EXTENSION, OFFICER, 2 * HOUR), RULES)
    assert taken(case, asked(V.APPROVE_EXTENSION, OFFICER, 2 * HOUR, hours=75.0))
    assert taken(case, asked(V.APPROVE_EXTENSION, LEADER, 2 * HOUR))


def test_more_time_is_not_asked_for_when_it_is_late() -> None:
    case = brought(V.ARRIVE)
    assert taken(case, asked(V.ASK_EXTENSION, POWERS, DAY))
    with pytest.raises(Refused, match="not late"):
        decide(case, asked(V.ASK_EXTENSION, POWERS, DAY + timedelta(microseconds=1)), RULES)


def test_what_was_asked_in_time_may_be_granted_late() -> None:
    case = brought(V.ARRIVE, asked(V.ASK_EXTENSION, POWERS, DAY), asked(V.APPROVE_EXTENSION, OFFICER, DAY + HOUR))
    assert the("closed", case.clocks).due_at == NOON + 2 * DAY


def test_a_declined_request_changes_no_clock_and_another_may_follow() -> None:
    before = brought(V.ARRIVE, asked(V.ASK_SUSPENSION, POWERS, HOUR))
    after = decide(before, asked(V.DECLINE, OFFICER, 2 * HOUR), RULES)
    assert after.clocks == before.clocks
    assert after.request is None
    assert taken(after, asked(V.ASK_EXTENSION, POWERS, 3 * HOUR))


def test_a_request_lapses_when_the_unit_has_solved_the_case() -> None:
    case = brought(V.ARRIVE, asked(V.ASK_EXTENSION, POWERS, HOUR), move(V.RESOLVE, POWERS, NOON + 2 * HOUR))
    assert case.request is None


def test_the_next_unit_does_not_pay_for_the_first_ones_delay() -> None:
    returned = brought(V.ARRIVE, asked(V.RETURN_WRONG, POWERS, 19 * HOUR))
    assert returned.stage is S.ACCEPTED
    assert returned.unit_id is None
    case = decide(returned, move(V.DISPATCH, OFFICER, NOON + 20 * HOUR, unit_id=WATER), RULES)
    assert the("closed", case.clocks).due_at == NOON + DAY  # the case's own clock runs on
    first, second = case.unit_clocks
    assert (first.unit_id, first.cancelled_at) == (POWER, NOON + 19 * HOUR)
    assert first.state(NOON + 20 * HOUR, SOON) is ClockState.CANCELLED
    assert (second.unit_id, second.starts_at, second.due_at) == (WATER, NOON + 20 * HOUR, NOON + 40 * HOUR)


def test_a_unit_that_gives_the_case_away_too_late_was_late() -> None:
    case = brought(V.ARRIVE, *leave(Request.RETURN, 22 * HOUR))
    assert case.stage is S.ACCEPTED
    assert case.unit_clocks[0].state(NOON + DAY, SOON) is ClockState.MISSED


def test_a_hotline_case_is_returned_within_two_working_days() -> None:
    case = replace(brought(V.ACCEPT), regime="hotline_12345")
    case = decide(case, move(V.DISPATCH, OFFICER, NOON + HOUR), RULES)  # Wednesday 13:00; two working days are 15 hours
    friday = 2 * DAY + 2 * HOUR  # 14:00: the lunch of Friday ends and nothing is left
    assert taken(case, asked(V.RETURN_WRONG, POWERS, friday))
    with pytest.raises(Refused, match="too long to return"):
        decide(case, asked(V.RETURN_WRONG, POWERS, friday + MINUTE), RULES)


def test_rework_gives_the_unit_a_new_clock_and_the_case_none() -> None:
    case = brought(V.ANSWER, asked(V.REWORK, N1, 3 * HOUR))
    assert case.stage is S.TAKEN_ON
    assert [clock.met_at for clock in case.unit_clocks] == [NOON + 90 * MINUTE, None]
    assert case.unit_clocks[1].starts_at == NOON + 3 * HOUR
    assert [clock.starts_at for clock in case.clocks] == [NOON]


def test_an_order_has_a_reply_due_that_only_a_reply_meets() -> None:
    case = brought(V.ARRIVE, asked(V.SUPERVISE, LEADER, HOUR, hours=2.0))
    assert the("reply", case.clocks).due_at == NOON + 3 * HOUR
    assert limits.next_due(case.clocks) == the("reply", case.clocks)
    resolved = decide(case, move(V.RESOLVE, POWERS, NOON + 2 * HOUR), RULES)
    assert the("reply", resolved.clocks).is_running
    replied = decide(resolved, asked(V.REPLY, POWERS, 2 * HOUR), RULES)
    assert the("reply", replied.clocks).is_kept
    with pytest.raises(Refused, match="No order"):
        decide(replied, asked(V.REPLY, POWERS, 3 * HOUR), RULES)


@pytest.mark.parametrize("verb", [V.CHASE, V.ESCALATE])
def test_a_reminder_changes_no_clock(verb: Verb) -> None:
    before = brought(V.ARRIVE)
    by = SYSTEM if verb is V.ESCALATE else LEADER
    assert decide(before, asked(verb, by, HOUR), RULES).clocks == before.clocks


def test_another_category_makes_other_promises_from_the_first_start_and_keeps_the_old_ones() -> None:
    case = brought(V.ARRIVE)
    other = decide(case, asked(V.CORRECT, OFFICER, HOUR, correction=correction("E0402", "n1")), RULES)
    assert (other.regime, other.path) == ("zhanqian_3_24_36_48", path_of("n1"))
    old = next(clock for clock in other.clocks if clock.superseded_at)
    assert (old.name, old.due_at, old.superseded_at) == ("closed", NOON + DAY, NOON + HOUR)
    assert old.state(NOON + 10 * DAY, SOON) is ClockState.SUPERSEDED
    begun = NOON + 10 * MINUTE
    live = {c.name: (c.starts_at, (c.due_at - begun) / HOUR, c.met_at) for c in other.clocks if not c.superseded_at}
    assert live == {
        "on_site": (begun, 3, NOON + 30 * MINUTE),
        "resolved": (begun, 24, None),
        "answered": (begun, 36, None),
        "checked": (begun, 48, None),
    }
    assert limits.final(other.clocks) == the("checked", other.clocks)
    assert the("unit", other.unit_clocks).due_at == begun + 36 * HOUR


def test_a_correction_of_a_suspended_and_extended_case_keeps_pauses_and_extension() -> None:
    case = brought(V.ARRIVE, *leave(Request.EXTENSION, HOUR, hours=5), *leave(Request.SUSPENSION, 2 * HOUR))
    wrong = asked(V.CORRECT, OFFICER, 3 * HOUR, correction=correction("E0101", "n1"))
    case = decide(decide(case, wrong, RULES), asked(V.RESUME, OFFICER, 4 * HOUR), RULES)
    clock = the("closed", case.clocks)
    assert clock.due_at == NOON + (168 + 5) * HOUR + (2 * HOUR - MINUTE)
    assert next(c for c in case.clocks if c.superseded_at).pauses[0].to_at == NOON + 3 * HOUR


def test_another_place_under_the_same_promises_leaves_the_clocks_alone() -> None:
    before = brought(V.ARRIVE)
    after = decide(before, asked(V.CORRECT, OFFICER, HOUR), RULES)
    assert (after.clocks, after.unit_clocks) == (before.clocks, before.unit_clocks)
    assert after.path == path_of("n2")


def test_in_an_emergency_what_is_left_is_halved_and_says_so() -> None:
    case = brought(V.ARRIVE)
    after = decide(case, asked(V.SHORTEN, SYSTEM, 4 * HOUR, is_emergency=True), RULES)
    clock = the("closed", after.clocks)
    assert clock.due_at == NOON + 14 * HOUR  # 20 hours were left
    assert [(change.kind, change.by) for change in clock.changes] == [("emergency", -10 * HOUR)]
    new = brought(V.ACCEPT, move(V.DISPATCH, OFFICER, NOON + HOUR, is_emergency=True), category="E0402")
    assert (the("checked", new.clocks).due_at - NOON) / HOUR == 25
    assert the("checked", new.clocks).hours == 48


def test_what_is_overdue_is_not_shortened_and_an_order_never() -> None:
    case = brought(V.ARRIVE, asked(V.SUPERVISE, LEADER, DAY))
    after = decide(case, asked(V.SHORTEN, SYSTEM, 25 * HOUR, is_emergency=True), RULES)
    assert after.clocks == case.clocks


def test_no_ended_case_has_a_running_clock_and_a_merged_one_counts_as_gone() -> None:
    for verb in (V.VOID, V.MERGE):
        case = decide(brought(V.ARRIVE, asked(V.SUPERVISE, LEADER, HOUR)), asked(verb, OFFICER, 2 * HOUR), RULES)
        assert case.stage in ENDED
        assert not [clock for clock in (*case.clocks, *case.unit_clocks) if clock.is_running]
        assert limits.final(case.clocks) is None
