"""Whatever people do off the way, on real stores: figures agree, the past can be told, every account adds up."""

from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random

import pytest
from sqlmodel import Session, col, select

from core import limits, people
from core.accounts.verify import verified
from core.board import Tally
from core.calendars import NOTHING
from core.cases import commands, emergency, ledger, past, upkeep
from core.cases.queries import events_of, open_cases, reports_of
from core.cases.rows import clock_of, move_of, state_of
from core.cases.steps import STEPS, CaseState, Move, event_hash
from core.cases.tables import Case, CaseClock, CaseEvent
from core.cases.why import RowKind, why
from core.clock import hour_start, local
from core.errors import NotFound, Refused
from core.figures import FLOWS, DayKey, HourKey
from core.words import ENDED, ClockState, Request, Stage, Verb
from tests.cast import (
    DAY,
    HOUR,
    MINUTE,
    NOON,
    POWER,
    RULES,
    WATER,
    WHO,
    WULIPU_1,
    WULIPU_7,
    ZHANQIAN,
    Street,
    loop,
    move,
    path_of,
    rollups,
    spot_of,
)
from tests.test_side_steps import asked, leave

V = Verb
OFFICER, POWERS, LEADER = "officer", "liaison of power", "leader"
CATEGORIES = (WULIPU_1, WULIPU_7, ZHANQIAN)
SOON = timedelta(hours=2)
SAID = {
    V.REPORT: ("reported",),
    V.RATE_SATISFIED: ("replied", "satisfied"),
    V.RATE_MOSTLY: ("replied", "satisfied"),
    V.REOPEN: ("replied",),
    V.BRING_TO_MEETING: ("replied",),
}


def recounted(db: Session) -> Counter[HourKey | DayKey]:
    """The figures counted anew from the raw rows, as if no rollup existed."""
    found: Counter[HourKey | DayKey] = Counter()
    cases = {case.id: case for case in db.exec(select(Case))}
    for event in db.exec(select(CaseEvent)):
        case = cases[event.case_id]
        if event.from_stage != event.to_stage and (name := FLOWS.get(Stage(event.to_stage))):
            found[HourKey(hour_start(event.occurred_at), case.grid_id, name)] += 1
        if event.verb == V.REOPEN:
            found[HourKey(hour_start(event.occurred_at), case.grid_id, "reopened")] += 1
        for name in SAID.get(Verb(event.verb), ()):
            found[DayKey(local(event.occurred_at).date(), case.grid_id, case.category, name)] += 1
    for row in db.exec(select(CaseClock).where(CaseClock.is_final)):
        case, clock = cases[row.case_id], clock_of(row)
        if clock.cancelled_at or clock.superseded_at or clock.is_open_ended:
            continue
        for name in ("promised", "kept") if clock.is_kept else ("promised",):
            found[DayKey(local(clock.due_at).date(), case.grid_id, case.category, name)] += 1
    return found


def stored(db: Session, case_id: int) -> CaseState:
    """A case as it is stored, with all of its past."""
    case = db.get(Case, case_id, populate_existing=True)
    assert case is not None
    rows = [*commands.clocks_of(db, case_id), *commands.unit_clocks_of(db, case_id)]
    return state_of(case, rows, RULES, events_of(db, case_id))


class Walk:
    """People who take any step they may, one after another, on a few cases."""

    def __init__(self, street: Street, seed: int) -> None:
        self.street, self.rng, self.now = street, Random(seed), NOON
        self.cases: list[int] = []
        self.open: list[int] = []
        self.seen: list[tuple[int, datetime, CaseState]] = []  # case, when, as it was stored then
        self.verbs: Counter[Verb] = Counter()
        self.emergency: int | None = None

    def step(self) -> None:
        """A report, an emergency's begin or end, or a step on a case."""
        minutes = self.rng.choices((1, 7, 20, 60, 400, 2000), (3, 3, 3, 2, 1, 0.3))[0]
        self.now += timedelta(minutes=minutes, microseconds=self.rng.randrange(10**6))
        chance = self.rng.random()
        if len(self.cases) < 3 or chance < 0.06:
            case = self.street.report(self.rng.choice(CATEGORIES), self.rng.choice(("n1", "n2")), when=self.now)
            self.cases.append(case)
        elif chance < 0.1:
            self._turn_emergency()
        else:
            self._move(self.rng.choice(self.cases))
        self._look()

    def _turn_emergency(self) -> None:
        with self.street.store.writing() as db:
            if self.emergency is None:
                self.emergency = emergency.declare(db, WHO[LEADER], path_of("street"), "暴雨", RULES, now=self.now).id
            else:
                emergency.end(db, WHO[LEADER], self.emergency, now=self.now)
                self.emergency = None

    def _move(self, case_id: int) -> None:
        with self.street.store.reading() as db:
            case = stored(db, case_id)
        verbs = [v for v, step in STEPS.items() if case.stage in step.before and step.who.name != "UPKEEP"]
        for verb in sorted(verbs, key=self._turn):
            try:
                with self.street.store.writing() as db:
                    self._take(db, case_id, case, verb)
            except Refused:
                continue
            self.verbs[verb] += 1
            return

    def _turn(self, verb: Verb) -> tuple[bool, float]:
        """What has been done least goes first, and what ends a case seldom."""
        return STEPS[verb].after in ENDED and self.rng.random() < 0.9, self.verbs[verb] + 2 * self.rng.random()

    def _take(self, db: Session, case_id: int, case: CaseState, verb: Verb) -> None:
        one = self._asked(case, verb)
        if verb is V.CORRECT:
            where = spot_of(self.rng.choice(("n1", "n2")))
            code = self.rng.choice(CATEGORIES)
            commands.correct(db, one.by, case_id, one, RULES, category=code, spot=where)
        else:
            commands.take(db, one.by, case_id, one, RULES)

    def _asked(self, case: CaseState, verb: Verb) -> Move:
        hours = round(self.rng.uniform(0.1, 90), 3)
        named = case.unit_id if STEPS[verb].who.name == "WORK_FOR_UNIT" else None
        by = {V.SELF_HANDLE: "secretary of north", V.SUPERVISE: LEADER, V.APPROVE_EXTENSION: LEADER}.get(verb, OFFICER)
        return Move(
            verb, WHO[by], self.now, self.now, unit_id=self.rng.choice((POWER, WATER)) if verb is V.DISPATCH else None,
            note="原因", on_behalf_of=named, hours=hours if "hours" in STEPS[verb].needs else None,
            other_id=self.rng.choice(self.cases) if verb is V.MERGE else None,
        )  # fmt: skip

    def _look(self) -> None:
        with self.street.store.reading() as db:
            self.seen += [(case_id, self.now, stored(db, case_id)) for case_id in self.open]
        self.open = [case_id for case_id, _, state in self.seen[-len(self.open) :] if state.stage not in ENDED]


@pytest.mark.parametrize("seed", [7, 8])
def test_whatever_people_do_figures_past_and_accounts_agree(street: Street, seed: int) -> None:
    walk = Walk(street, seed)
    for _ in range(300):
        walk.step()
    with street.store.reading() as db:
        assert rollups(db) == recounted(db)
        for case_id in walk.cases:
            check_case(db, case_id)
        check_past(db, walk)
        assert verified(db).breaches == ()
    missed = {verb for verb, step in STEPS.items() if step.who.name != "UPKEEP"} - {V.REPORT, *walk.verbs}
    assert len(missed) <= 3, missed


def check_case(db: Session, case_id: int) -> None:
    """Row, clocks, replay, hashes and accounts of one case say the same."""
    case, events, state = db.get(Case, case_id), events_of(db, case_id), stored(db, case_id)
    assert case is not None
    assert past.replayed(case, events, RULES) == state
    due, final, unit = limits.next_due(state.clocks), limits.final(state.clocks), limits.next_due(state.unit_clocks)
    assert (case.due_at, case.unit_due_at) == (due and due.due_at, unit and unit.due_at)
    runs = final is not None and final.is_running and not final.paused_at
    assert case.final_due_at == (final.due_at if final and runs else None)
    is_open = state.stage not in ENDED
    assert (case.suspended_at, case.request) == ((state.suspended_at, state.request) if is_open else (None, None))
    assert case.suspended_at is None or case.due_at is None
    chain = ""
    for event in events:
        before = Stage(event.from_stage) if event.from_stage else None
        chain = event_hash(chain, case_id, event.ordinal, before, Stage(event.to_stage), move_of(event))
        assert chain == event.hash
    assert case.chain == chain
    for clock in (*state.clocks, *state.unit_clocks):
        check_account(clock, events, state)


def check_account(clock: limits.Clock, events: list[CaseEvent], state: CaseState) -> None:
    """The account of a clock adds up at every moment, without a gap; late is what counts beyond what was allowed."""
    assert state.moved_at is not None
    for now in (clock.starts_at, clock.due_at, state.moved_at, state.moved_at + 3 * DAY + timedelta(microseconds=7)):
        told = why(clock, events, now, RULES)
        assert told.counted + told.skipped + told.paused == told.elapsed
        stretches = [row for row in told.rows if row.kind in (RowKind.COUNTED, RowKind.SKIPPED, RowKind.PAUSED)]
        assert all(one.to_at == other.from_at for one, other in pairwise(stretches))
        calendar = RULES.calendars[clock.calendar]
        assert told.counted == limits.counted(clock, clock.starts_at + told.elapsed, calendar)
        assert told.allowed == timedelta(hours=clock.hours) + sum((c.by for c in clock.changes), NOTHING)
        assert all(row.by_id for row in told.rows if row.kind in (RowKind.PAUSED, RowKind.EXTENSION, RowKind.STARTED))
        if clock.is_running and not clock.paused_at and now >= clock.starts_at:
            assert (now > clock.due_at) == (told.counted > told.allowed)  # round the clock


def check_past(db: Session, walk: Walk) -> None:
    """The events tell of every moment what was stored at it."""
    for case_id, moment, was in walk.seen:
        case, events = db.get(Case, case_id), events_of(db, case_id)
        assert case is not None
        then = past.then(case, events, RULES, moment)
        assert then is not None
        assert (then.stage, then.unit_id, then.path, then.suspended_at) == (
            was.stage, was.unit_id, was.path, was.suspended_at
        )  # fmt: skip
        assert (then.clocks, then.unit_clocks) == (was.clocks, was.unit_clocks)
        clocks = past.stored_then(stored(db, case_id).clocks, events, RULES, moment)
        assert set(clocks) == set(was.clocks)
        now_due = limits.next_due(was.clocks)
        if was.stage not in ENDED and not was.suspended_at:
            assert then.state(moment, SOON) == (now_due.state(moment, SOON) if now_due else None)
        assert past.then(case, events, RULES, NOON - DAY) is None


def test_the_badge_of_a_suspended_case_truly_stops(street: Street) -> None:
    case_id = street.brought_to(V.ARRIVE)
    street.take(case_id, *leave_suspended())
    with street.store.reading() as db:
        (case,) = open_cases(db)
    assert (case.due_at, case.final_due_at, case.unit_due_at) == (None, None, None)
    assert case.suspended_at == NOON + HOUR + MINUTE
    tally = Tally(SOON)
    tally.put(case, NOON + 2 * HOUR)
    assert tally.states[case_id] is ClockState.PAUSED
    tally.turn(NOON + 100 * DAY)
    assert tally.states[case_id] is ClockState.PAUSED
    assert next(iter(tally.counts.values())).overdue == 0


def leave_suspended() -> tuple[Move, Move]:
    """A unit asks for a suspension an hour after the report, and gets it."""
    return leave(Request.SUSPENSION, HOUR)


def test_a_duplicate_is_merged_and_its_reports_are_counted(street: Street) -> None:
    first, second, third, alone = (street.report() for _ in range(4))
    street.take(third, asked(V.MERGE, other_id=second))
    street.take(second, asked(V.MERGE, other_id=first))
    with street.store.reading() as db:
        assert [reports_of(db, case) for case in (first, second, third, alone)] == [3, 2, 1, 1]
    assert street.case(second).stage == Stage.MERGED
    for other in (alone, second, 999):  # itself, one that has ended, none
        with pytest.raises(Refused):
            street.take(alone, asked(V.MERGE, other_id=other))


def test_a_case_is_not_merged_into_one_that_its_merger_may_not_see(street: Street) -> None:
    case, hidden = street.report(), street.report(at="f1")
    with pytest.raises(NotFound):
        street.take(case, asked(V.MERGE, other_id=hidden))


def test_a_corrected_place_moves_the_case_and_its_figures(street: Street) -> None:
    case_id = street.brought_to(V.DISPATCH)
    with street.store.writing() as db:
        commands.correct(
            db, WHO[OFFICER], case_id, asked(V.CORRECT, after=HOUR), RULES, spot=spot_of("s1"), lon=2.2, lat=0.2
        )
    case = street.case(case_id)
    assert (case.path, case.grid_id, case.lon) == (path_of("s1"), spot_of("s1").grid.id, 2.2)
    assert case.category == WULIPU_1
    (event,) = [event for event in street.events(case_id) if event.verb == V.CORRECT]
    assert event.given is not None
    assert (event.given["was"]["path"], event.given["now"]["path"]) == (path_of("n1"), path_of("s1"))
    with street.store.reading() as db:
        assert rollups(db) == recounted(db)


def test_the_ledger_names_who_asked_who_approved_and_why(street: Street) -> None:
    case_id = street.brought_to(V.ARRIVE)
    street.take(case_id, *leave(Request.EXTENSION, HOUR, hours=12), asked(V.CHASE, LEADER, 2 * HOUR))
    street.take(case_id, asked(V.ASK_RETURN, POWERS, 3 * HOUR), asked(V.DECLINE, LEADER, 4 * HOUR, note="属于本职"))
    street.take(case_id, asked(V.ASK_SUSPENSION, POWERS, 5 * HOUR))
    with street.store.reading() as db:
        found = ledger.ledger(db, WHO[LEADER], NOON, NOON + DAY)
        assert ledger.ledger(db, WHO["head of s1"], NOON, NOON + DAY) == []
        assert [entry.verb for entry in ledger.ledger(db, WHO[LEADER], NOON, NOON + DAY, [V.CHASE])] == [V.CHASE]
    told = [(e.verb, e.by_id, e.reason, e.hours, e.answer, e.approver_id, e.granted, e.remark) for e in found]
    power, officer, leader = (WHO[name].user_id for name in (POWERS, OFFICER, LEADER))
    assert told == [
        (V.ASK_SUSPENSION, power, "原因", None, None, None, None, None),
        (V.ASK_RETURN, power, "原因", None, V.DECLINE, leader, None, "属于本职"),
        (V.CHASE, leader, "原因", None, None, leader, None, None),
        (V.ASK_EXTENSION, power, "原因", 12, V.APPROVE_EXTENSION, officer, 12, None),
    ]


def test_an_emergency_shortens_what_runs_from_its_start_and_what_begins_in_it(street: Street) -> None:
    before, elsewhere = street.brought_to(V.DISPATCH), street.report(at="f1")
    at = NOON + 4 * HOUR
    with street.store.writing() as db:
        row = emergency.declare(db, WHO[LEADER], path_of("street"), "暴雨红色预警", RULES, now=at)
    assert street.case(before).due_at == at + 10 * HOUR
    assert street.case(elsewhere).due_at == NOON + DAY
    during = street.report(when=at + HOUR)
    assert street.case(during).due_at == at + HOUR + 12 * HOUR
    with street.store.writing() as db:
        with pytest.raises(Refused, match="already"):
            emergency.declare(db, WHO[LEADER], path_of("n1"), "又一次", RULES, now=at + HOUR)
        emergency.end(db, WHO[LEADER], row.id or 0, now=at + 2 * HOUR)
    after = street.report(when=at + 3 * HOUR)
    assert street.case(after).due_at == at + 3 * HOUR + DAY
    assert street.case(before).due_at == at + 10 * HOUR  # what was promised in it stays promised
    (event,) = [event for event in street.events(before) if event.verb == V.SHORTEN]
    assert event.note == "暴雨红色预警"
    with street.store.reading() as db:
        assert rollups(db) == recounted(db)
        check_case(db, before)


@pytest.mark.parametrize("name", [OFFICER, "head of n1", POWERS, "administrator", "officer of the other street"])
def test_only_a_leader_declares_an_emergency(street: Street, name: str) -> None:
    with pytest.raises(Refused), street.store.writing() as db:
        emergency.declare(db, WHO[name], path_of("street"), "暴雨", RULES, now=NOON)


def test_silence_on_an_overdue_case_is_escalated_level_by_level_until_somebody_moves_it(street: Street) -> None:
    case_id = street.brought_to(V.DISPATCH)
    hours, levels = [], []
    for hour in range(24, 24 + 60):
        with street.store.writing() as db:
            if upkeep.upkeep(db, RULES, NOON + hour * HOUR + MINUTE).escalated:
                hours.append(hour - 24)
                levels.append(street.case(case_id).escalated + 1)
    assert (hours, levels) == ([4, 16, 40], [1, 2, 3])  # 4 hours late, 12 more, 24 more; then there is no higher level
    street.take(case_id, move(V.TAKE_ON, POWERS, NOON + 90 * HOUR))
    assert street.case(case_id).escalated == 0
    with street.store.writing() as db:
        assert upkeep.upkeep(db, RULES, NOON + 93 * HOUR).escalated == 0
        assert upkeep.upkeep(db, RULES, NOON + 95 * HOUR).escalated == 1
    assert {event.by_id for event in street.events(case_id) if event.verb == V.ESCALATE} == {system_id(street)}


def system_id(street: Street) -> int:
    with street.store.reading() as db:
        return people.system(db).user_id


def test_no_suspended_case_escalates(street: Street) -> None:
    case_id = street.brought_to(V.ARRIVE)
    street.take(case_id, *leave_suspended())
    with street.store.writing() as db:
        assert upkeep.upkeep(db, RULES, NOON + 100 * DAY).escalated == 0


def test_a_step_of_the_system_is_not_open_to_people(street: Street) -> None:
    case_id = street.report()
    for verb in (V.ESCALATE, V.SHORTEN, V.RECKON):
        for name in WHO:
            with pytest.raises(Refused):
                street.take(case_id, asked(verb, name))


def test_the_loop_of_the_tests_makes_one_clock_of_the_unit(street: Street) -> None:
    case_id = street.report()
    street.take(case_id, *loop()[1:])
    with street.store.reading() as db:
        (clock,) = commands.unit_clocks_of(db, case_id)
        assert (clock.name, clock.unit_id, clock.met_at) == ("unit", POWER, NOON + 90 * MINUTE)
        numbers = db.exec(select(CaseClock.ordinal).where(CaseClock.case_id == case_id).order_by(col(CaseClock.id)))
        assert list(numbers) == [1, 3]
