"""The loop as one table: who may take which step when, what it asks for, and what becomes of the clocks."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from core import limits
from core.cases.step_table import MAIN
from core.cases.steps import STEPS, CaseState, Move, decide, event_hash, may_take, steps_open_to
from core.errors import Refused
from core.language import translator
from core.words import ENDED, Stage, Verb
from tests.cast import (
    CAST,
    DAY,
    HOUR,
    LOOP,
    MINUTE,
    NOON,
    POWER,
    RULES,
    WATER,
    WHO,
    WULIPU_1,
    WULIPU_3,
    WULIPU_7,
    ZHANQIAN,
    loop,
    move,
    state,
)

OFFICER, POWERS, N1, NORTH = "officer", "liaison of power", "head of n1", "secretary of north"
UNIT_VERBS = {Verb.TAKE_ON, Verb.ARRIVE, Verb.RESOLVE, Verb.ANSWER}

# The loop in the words of its people. Of a case in n1 that the unit of power has:
# verb, from, to, who of the cast may
LEGAL: tuple[tuple[Verb, set[Stage | None], Stage, set[str]], ...] = (
    (Verb.REPORT, {None}, Stage.REPORTED, {OFFICER, N1, NORTH}),
    (Verb.ACCEPT, {Stage.REPORTED}, Stage.ACCEPTED, {OFFICER}),
    (Verb.DISPATCH, {Stage.ACCEPTED}, Stage.DISPATCHED, {OFFICER}),
    (Verb.TAKE_ON, {Stage.DISPATCHED}, Stage.TAKEN_ON, {POWERS, OFFICER}),
    (Verb.ARRIVE, {Stage.TAKEN_ON}, Stage.ON_SITE, {POWERS, OFFICER}),
    (Verb.RESOLVE, {Stage.ON_SITE}, Stage.RESOLVED, {POWERS, OFFICER}),
    (Verb.ANSWER, {Stage.RESOLVED}, Stage.ANSWERED, {POWERS, OFFICER}),
    (Verb.CHECK, {Stage.ANSWERED}, Stage.CHECKED, {OFFICER, N1, NORTH}),
    (Verb.CLOSE, {Stage.CHECKED}, Stage.CLOSED, {OFFICER}),
    (Verb.SELF_HANDLE, {Stage.REPORTED, Stage.ACCEPTED}, Stage.CLOSED, {N1, NORTH}),
    (
        Verb.VOID,
        {Stage.REPORTED, Stage.ACCEPTED, Stage.DISPATCHED, Stage.TAKEN_ON, Stage.ON_SITE},
        Stage.VOIDED,
        {OFFICER},
    ),
)
STAGES: tuple[Stage | None, ...] = (None, *Stage)


def asked_by(name: str, verb: Verb) -> Move:
    """The move as one of the cast would make it: an officer names the unit that rang up."""
    return move(verb, name, on_behalf_of=POWER if name == OFFICER and verb in UNIT_VERBS else None)


def taken(case: CaseState, asked: Move) -> CaseState | None:
    try:
        return decide(case, asked, RULES)
    except Refused:
        return None


@pytest.mark.parametrize("stage", STAGES, ids=str)
@pytest.mark.parametrize(("verb", "before", "after", "who"), LEGAL, ids=[row[0] for row in LEGAL])
def test_a_step_is_taken_exactly_from_its_stages_and_by_its_people(
    stage: Stage | None, verb: Verb, before: set[Stage | None], after: Stage, who: set[str]
) -> None:
    case = state(stage)
    results = {name: taken(case, asked_by(name, verb)) for name, *_ in CAST}
    assert {name for name, result in results.items() if result} == (who if stage in before else set())
    for result in filter(None, results.values()):
        assert result.stage is after
        assert result.version == case.version + 1
        assert result.moved_at == NOON
        assert result.unit_id == POWER if stage or verb is Verb.DISPATCH else result.unit_id is None


def test_the_table_knows_every_verb_and_leads_to_every_stage() -> None:
    assert set(STEPS) == set(Verb)
    assert {row[0] for row in LEGAL} == {*MAIN, Verb.VOID}  # the others are held against tests/test_side_steps.py
    assert {step.after for step in STEPS.values() if step.after} == set(Stage)


def test_only_the_resident_leads_out_of_an_end() -> None:
    after_the_end = [step for step in STEPS.values() if step.before & ENDED]
    assert after_the_end
    assert all(step.before == {Stage.CLOSED} and step.verdict for step in after_the_end)
    assert [step.verb for step in after_the_end if step.after] == [Verb.REOPEN]


@pytest.mark.parametrize("stage", STAGES, ids=str)
@pytest.mark.parametrize("name", [name for name, *_ in CAST])
def test_the_steps_offered_are_those_that_would_be_taken(stage: Stage | None, name: str) -> None:
    case = state(stage)
    offered = [step.verb for step in steps_open_to(case, WHO[name]) if step.verb in MAIN]
    assert offered == [verb for verb in MAIN if taken(case, asked_by(name, verb))]


@pytest.mark.parametrize("verb", sorted(UNIT_VERBS))
def test_another_place_or_another_unit_changes_who_may(verb: Verb) -> None:
    step = STEPS[verb]
    at_s1 = replace(state(Stage.ON_SITE, at="s1"), stage=next(iter(step.before)))
    of_water = replace(at_s1, unit_id=WATER)
    assert may_take(at_s1, step, WHO["liaison of power"])
    assert not may_take(of_water, step, WHO["liaison of power"])
    assert may_take(of_water, step, WHO["liaison of water"])
    assert not may_take(at_s1, step, WHO["head of s1"])
    assert not may_take(at_s1, step, WHO["officer of the other street"])


@pytest.mark.parametrize("verb", sorted(UNIT_VERBS))
@pytest.mark.parametrize(("named", "is_taken"), [(POWER, True), (None, False), (WATER, False)])
def test_an_officer_records_for_a_unit_only_when_naming_the_one_that_has_the_case(
    verb: Verb, named: int | None, is_taken: bool
) -> None:
    case = replace(state(Stage.ON_SITE), stage=next(iter(STEPS[verb].before)))
    assert bool(taken(case, move(verb, OFFICER, on_behalf_of=named))) is is_taken


def test_a_unit_does_not_speak_for_another_one() -> None:
    with pytest.raises(Refused):
        decide(state(Stage.ON_SITE), move(Verb.RESOLVE, POWERS, on_behalf_of=WATER), RULES)


def test_only_steps_of_units_are_recorded_on_behalf_of_one() -> None:
    with pytest.raises(Refused):
        decide(state(Stage.ANSWERED), move(Verb.CHECK, OFFICER, on_behalf_of=POWER), RULES)


@pytest.mark.parametrize(
    ("occurred_at", "recorded_at", "is_taken"),
    [
        (NOON, NOON, True),
        (NOON - timedelta(seconds=30), NOON, True),  # typed half a minute later
        (NOON - MINUTE, NOON, True),  # at the moment of the step before
        (NOON - MINUTE - timedelta(microseconds=1), NOON, False),  # before the step before
        (NOON - DAY, NOON, False),
        (NOON + timedelta(microseconds=1), NOON, False),  # not yet happened
        (NOON + DAY, NOON, False),
    ],
)
def test_a_step_happens_after_the_one_before_and_not_in_the_future(
    occurred_at: datetime, recorded_at: datetime, is_taken: bool
) -> None:
    asked = move(Verb.ACCEPT, occurred_at=occurred_at, recorded_at=recorded_at)
    assert bool(taken(state(Stage.REPORTED), asked)) is is_taken


def test_a_report_may_be_typed_long_after_it_was_made_but_not_before() -> None:
    assert taken(state(None), move(Verb.REPORT, occurred_at=NOON - 30 * DAY, recorded_at=NOON))
    assert not taken(state(None), move(Verb.REPORT, occurred_at=NOON + MINUTE, recorded_at=NOON))


@pytest.mark.parametrize("verb", [Verb.RESOLVE, Verb.ANSWER, Verb.SELF_HANDLE, Verb.VOID])
@pytest.mark.parametrize("note", [None, "", "  \n"])
def test_a_step_that_asks_for_a_note_is_refused_without_one(verb: Verb, note: str | None) -> None:
    case = replace(state(Stage.REPORTED), stage=next(iter(STEPS[verb].before)))
    by = {Verb.SELF_HANDLE: N1, Verb.VOID: OFFICER}.get(verb, POWERS)
    assert taken(case, move(verb, by))
    with pytest.raises(Refused, match="needs a note"):
        decide(case, move(verb, by, note=note), RULES)


def test_a_dispatch_without_a_unit_is_refused() -> None:
    with pytest.raises(Refused, match="needs a unit"):
        decide(state(Stage.ACCEPTED), move(Verb.DISPATCH, unit_id=None), RULES)


def test_who_looked_at_an_older_version_is_told_so() -> None:
    case = state(Stage.REPORTED)
    assert taken(case, move(Verb.ACCEPT, seen_version=1))
    with pytest.raises(Refused, match="in the meantime"):
        decide(case, move(Verb.ACCEPT, seen_version=0), RULES)


def test_a_refusal_names_stage_and_verb_in_words() -> None:
    with pytest.raises(Refused, match="“Closed” cannot take the step “Accept”") as caught:
        decide(state(Stage.CLOSED), move(Verb.ACCEPT), RULES)
    assert caught.value.said(translator("zh_CN")) == "“已结案”的案件不能执行“受理”"


def after_loop(category: str, until: Verb) -> CaseState:
    case = state(None, category=category)
    for one in loop(until=until):
        case = decide(case, one, RULES)
    return case


def hours_of(case: CaseState) -> dict[str, tuple[float, float, float | None]]:
    """By clock: when it began and falls due, in hours after the report, and after how many minutes it was met."""
    return {
        c.name: (
            (c.starts_at - NOON) / HOUR,
            (c.due_at - c.starts_at) / HOUR,
            (c.met_at - NOON) / MINUTE if c.met_at else None,
        )
        for c in case.clocks
    }


@pytest.mark.parametrize(("category", "hours"), [(WULIPU_1, 24), (WULIPU_3, 72), (WULIPU_7, 168)])
def test_13710_runs_from_the_report_to_the_end(category: str, hours: int) -> None:
    assert hours_of(after_loop(category, Verb.REPORT)) == {"closed": (0, hours, None)}
    assert hours_of(after_loop(category, Verb.CHECK)) == {"closed": (0, hours, None)}
    assert hours_of(after_loop(category, Verb.CLOSE)) == {"closed": (0, hours, 150)}


def test_zhanqian_runs_four_clocks_from_the_dispatch() -> None:
    assert hours_of(after_loop(ZHANQIAN, Verb.ACCEPT)) == {}
    begun = 10 / 60
    assert hours_of(after_loop(ZHANQIAN, Verb.RESOLVE)) == {
        "on_site": (begun, 3, 30),
        "resolved": (begun, 24, 60),
        "answered": (begun, 36, None),
        "checked": (begun, 48, None),
    }
    met = [clock.met_at for clock in after_loop(ZHANQIAN, Verb.CHECK).clocks]
    assert met == [NOON + minutes * MINUTE for minutes in (30, 60, 90, 120)]


def test_a_case_handled_in_the_grid_keeps_its_promise_at_once() -> None:
    case = decide(after_loop(WULIPU_1, Verb.REPORT), move(Verb.SELF_HANDLE, N1, NOON + HOUR), RULES)
    assert hours_of(case) == {"closed": (0, 24, 60)}


@pytest.mark.parametrize("category", [WULIPU_1, ZHANQIAN])
def test_a_voided_case_cancels_what_still_runs_and_keeps_what_was_met(category: str) -> None:
    before = after_loop(category, Verb.ARRIVE)
    case = decide(before, move(Verb.VOID, at=NOON + HOUR), RULES)
    for clock, was in zip(case.clocks, before.clocks, strict=True):
        assert clock.met_at == was.met_at
        assert clock.cancelled_at == (None if was.met_at else NOON + HOUR)
    assert limits.final(case.clocks) is None


def test_no_case_that_has_ended_has_a_running_clock() -> None:
    for category in (WULIPU_1, ZHANQIAN):
        assert limits.next_due(after_loop(category, Verb.CLOSE).clocks) is None


def hash_of(previous: str = "", case_id: int = 7, ordinal: int = 2, by: str = OFFICER, **more: object) -> str:
    said: dict[str, object] = {"note": "好", "unit_id": WATER, "on_behalf_of": POWER, **more}
    asked = move(Verb.ACCEPT, by, NOON, **said)
    return event_hash(previous, case_id, ordinal, Stage.REPORTED, Stage.ACCEPTED, asked)


CHANGES: dict[str, str] = {
    "the hash before": hash_of(previous="0" * 64),
    "the case": hash_of(case_id=8),
    "the ordinal": hash_of(ordinal=3),
    "when it happened": hash_of(occurred_at=NOON - timedelta(microseconds=1)),
    "when it was typed": hash_of(recorded_at=NOON + timedelta(microseconds=1)),
    "by whom": hash_of(by="leader"),
    "on whose behalf": hash_of(on_behalf_of=None),
    "the unit": hash_of(unit_id=POWER),
    "the note": hash_of(note="好。"),
    "the stages": event_hash("", 7, 2, Stage.ACCEPTED, Stage.DISPATCHED, move(Verb.ACCEPT, note="好", unit_id=WATER)),
}


@pytest.mark.parametrize("changed", CHANGES.values(), ids=list(CHANGES))
def test_the_hash_of_an_event_tells_any_change(changed: str) -> None:
    assert len(changed) == 64
    assert changed != hash_of()
    assert hash_of() == hash_of()


def test_the_loop_of_the_tests_is_the_loop_of_the_table() -> None:
    assert [verb for verb, *_ in LOOP] == [verb for verb in MAIN if verb is not Verb.SELF_HANDLE]
