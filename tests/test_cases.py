"""Commands on stored cases: one appended event a move, moves at once, and what is always true of a case."""

import re
import shutil
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlmodel import Session, SQLModel, col, select

from core import rules
from core.cases import bulk, commands
from core.cases.bulk import Draft
from core.cases.queries import case_seen_by
from core.cases.rows import move_of
from core.cases.step_table import MAIN
from core.cases.steps import STEPS, event_hash
from core.cases.tables import Case, CaseCandidate, CaseEvent, Reporter
from core.errors import Refused
from core.store import Store
from core.words import ENDED, CaseClass, Severity, Source, Stage, Verb
from tests.cast import (
    DAY,
    HOUR,
    ID,
    MINUTE,
    NOON,
    POWER,
    RULES,
    WATER,
    WHO,
    WULIPU_1,
    WULIPU_3,
    ZHANQIAN,
    Street,
    facts,
    fill,
    loop,
    move,
    path_of,
    recount,
    rollups,
    spot_of,
    together,
)


def is_intact(events: Sequence[CaseEvent]) -> bool:
    """Whether the hashes of a case's events still follow from what the events say."""
    chain = ""
    for e in events:
        said = move_of(e)
        before = Stage(e.from_stage) if e.from_stage else None
        chain = event_hash(chain, e.case_id, e.ordinal, before, Stage(e.to_stage), said)
        if chain != e.hash:
            return False
    return True


def check_case(street: Street, case_id: int) -> None:
    """What is true of every case after every move."""
    case, events, clocks = street.case(case_id), street.events(case_id), street.clocks(case_id)
    assert [e.ordinal for e in events] == list(range(1, case.version + 1))
    assert events[-1].to_stage == case.stage
    assert [e.from_stage for e in events] == [None, *(e.to_stage for e in events[:-1])]
    assert is_intact(events)
    assert case.chain == events[-1].hash
    happened = [e.occurred_at for e in events]
    assert happened == sorted(happened)
    assert all(e.occurred_at <= e.recorded_at for e in events)
    assert (case.reported_at, case.moved_at) == (happened[0], happened[-1])
    assert case.ended_at == (happened[-1] if case.stage in ENDED else None)
    assert not [c for c in clocks.values() if c.met_at and c.cancelled_at]
    running = [c for c in clocks.values() if not c.met_at and not c.cancelled_at]
    assert not (running and case.stage in ENDED)
    first = min(running, key=lambda c: c.due_at, default=None)
    assert (case.due_at, case.clock_from) == ((first.due_at, first.starts_at) if first else (None, None))
    assert case.final_due_at == next((c.due_at for c in running if c.is_final), None)
    assert all(c.due_at == c.starts_at + c.hours * HOUR for c in clocks.values())
    assert all(c.rule_version == RULES.version and c.regime == case.regime for c in clocks.values())


def check_figures(street: Street) -> None:
    with street.store.reading() as db:
        assert rollups(db) == recount(db)


def test_a_report_is_one_case_and_one_event(street: Street) -> None:
    typed = NOON + 10 * MINUTE
    with street.store.writing() as db:
        found = facts(
            ZHANQIAN, "house", title="水管爆裂", text="楼下积水", address="阳光小区 3 号楼", external_number="12345-7"
        )
        case = commands.report(db, WHO["secretary of north"], found, RULES, at=NOON, now=typed)
    assert case.id is not None
    stored = street.case(case.id)
    assert (stored.number, stored.version, stored.stage) == (f"2511-{case.id:05d}", 1, Stage.REPORTED)
    assert (stored.category, stored.case_class, stored.source) == (ZHANQIAN, CaseClass.EVENT, Source.PHONE)
    assert (stored.title, stored.text, stored.external_number) == ("水管爆裂", "楼下积水", "12345-7")
    assert (stored.place_id, stored.grid_id, stored.path) == (ID["house"], ID["n1"], path_of("house"))
    assert (stored.lon, stored.lat, stored.address) == (0.5, 0.5, "阳光小区 3 号楼")
    assert stored.severity == RULES.categories[ZHANQIAN].severity
    (event,) = street.events(case.id)
    assert (event.verb, event.from_stage, event.to_stage) == (Verb.REPORT, None, Stage.REPORTED)
    assert (event.occurred_at, event.recorded_at) == (NOON, typed)
    assert (event.by_id, event.on_behalf_of) == (WHO["secretary of north"].user_id, None)
    check_case(street, case.id)
    check_figures(street)


def test_what_is_not_said_comes_from_the_category(street: Street) -> None:
    case = street.case(street.report(WULIPU_3))
    assert (case.title, case.severity) == (RULES.categories[WULIPU_3].name, RULES.categories[WULIPU_3].severity)
    assert street.case(street.report(WULIPU_3, severity=Severity.RED)).severity == Severity.RED


def test_the_reporter_and_the_other_grids_of_a_border_case_are_kept_apart(street: Street) -> None:
    border = replace(spot_of("n1"), also=(ID["n2"], ID["s1"]))
    case = street.report(spot=border, reporter_name="张伟", reporter_phone="13812341234")
    nobody = street.report()
    with street.store.reading() as db:
        assert [(r.case_id, r.name, r.phone) for r in db.exec(select(Reporter))] == [(case, "张伟", "13812341234")]
        found = db.exec(select(CaseCandidate).order_by(col(CaseCandidate.grid_id))).all()
        assert [(row.case_id, row.grid_id) for row in found] == [(case, ID["n2"]), (case, ID["s1"])]
    assert nobody != case


@pytest.mark.parametrize(
    "wrong",
    [
        {"category": "X99"},
        {"title": "长" * 121},
        {"address": "长" * 201},
        {"reporter_name": "长" * 41},
        {"reporter_phone": "1" * 41},
        {"external_number": "1" * 81},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_report_that_does_not_fit_is_refused_in_words(street: Street, wrong: dict[str, str]) -> None:
    with pytest.raises(Refused), street.store.writing() as db:
        commands.report(db, WHO["officer"], replace(facts(), **wrong), RULES, at=NOON, now=NOON)  # type: ignore[arg-type]


@pytest.mark.parametrize(("by", "at"), [("stranger", "n1"), ("head of n1", "s1"), ("officer", "f1"), ("leader", "n1")])
def test_nobody_reports_where_they_may_not(street: Street, by: str, at: str) -> None:
    with pytest.raises(Refused), street.store.writing() as db:
        commands.report(db, WHO[by], facts(at=at), RULES, at=NOON, now=NOON)
    with street.store.reading() as db:
        assert db.exec(select(Case)).all() == []


@pytest.mark.parametrize("category", [WULIPU_1, ZHANQIAN])
def test_the_whole_loop_is_nine_events_with_two_moments_and_two_names(street: Street, category: str) -> None:
    case = street.report(category)
    for one in loop()[1:]:
        street.take(case, replace(one, recorded_at=one.occurred_at + MINUTE))
        check_case(street, case)
    events = street.events(case)
    assert [e.verb for e in events] == [one.verb for one in loop()]
    assert [e.by_id for e in events] == [one.by.user_id for one in loop()]
    assert [e.recorded_at - e.occurred_at for e in events] == [timedelta(0), *[MINUTE] * 8]
    stored = street.case(case)
    assert (stored.dispatched_at, stored.resolved_at, stored.unit_id) == (NOON + 10 * MINUTE, NOON + HOUR, POWER)
    check_figures(street)


def test_what_a_unit_says_by_phone_is_recorded_in_its_name_by_the_officer(street: Street) -> None:
    case = street.brought_to(Verb.DISPATCH)
    at = NOON + HOUR
    with pytest.raises(Refused, match="State the unit"):
        street.take(case, move(Verb.TAKE_ON, at=at))
    with pytest.raises(Refused):
        street.take(case, move(Verb.TAKE_ON, at=at, on_behalf_of=WATER))
    street.take(case, move(Verb.TAKE_ON, at=at, recorded_at=at + 5 * MINUTE, on_behalf_of=POWER))
    event = street.events(case)[-1]
    assert (event.by_id, event.on_behalf_of) == (WHO["officer"].user_id, POWER)
    assert (event.occurred_at, event.recorded_at) == (at, at + 5 * MINUTE)


def test_a_refused_move_leaves_no_trace(street: Street) -> None:
    case = street.report()
    wrong = (
        move(Verb.CLOSE, at=NOON + HOUR),
        move(Verb.ACCEPT, at=NOON + HOUR, recorded_at=NOON),  # not yet happened
        move(Verb.ACCEPT, at=NOON - MINUTE, recorded_at=NOON + HOUR),  # before the report
        move(Verb.ACCEPT, "head of n1", NOON + HOUR),
        move(Verb.VOID, at=NOON + HOUR, note=" "),
    )
    for one in wrong:
        with pytest.raises(Refused):
            street.take(case, one)
    assert len(street.events(case)) == 1
    check_case(street, case)
    check_figures(street)


def test_a_dispatch_to_a_unit_that_does_not_exist_is_refused_in_words(street: Street) -> None:
    case = street.brought_to(Verb.ACCEPT)
    with pytest.raises(Refused, match="no such unit"):
        street.take(case, move(Verb.DISPATCH, at=NOON + HOUR, unit_id=999))


@pytest.mark.parametrize("field", ["note", "occurred_at", "by_id", "verb"])
def test_an_edited_past_shows(street: Street, field: str) -> None:
    case = street.brought_to(Verb.RESOLVE)
    edits = {"note": "没处理", "occurred_at": NOON, "by_id": WHO["leader"].user_id, "verb": Verb.VOID}
    assert is_intact(street.events(case))
    with street.store.writing() as db:
        event = db.exec(select(CaseEvent).where(CaseEvent.case_id == case, CaseEvent.ordinal == 6)).one()
        setattr(event, field, edits[field])
    assert not is_intact(street.events(case))


def test_editing_the_rules_does_not_change_an_old_promise(street: Street, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(rules.RULES, tmp_path / "rules"))
    path = folder / "regimes.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("event = 24,", "event = 12,").replace("= 48", "= 40"))
    edited = rules.load(folder)
    old, dispatched, waiting = street.report(), street.brought_to(Verb.DISPATCH, ZHANQIAN), street.report(ZHANQIAN)
    with street.store.writing() as db:
        for one in loop(until=Verb.DISPATCH)[1:]:
            commands.take(db, one.by, waiting, one, edited)
            if one.verb is Verb.ACCEPT:
                commands.take(db, one.by, old, one, edited)
        commands.take(db, WHO["liaison of power"], dispatched, loop(until=Verb.TAKE_ON)[-1], edited)
        new = commands.report(db, WHO["officer"], facts(), edited, at=NOON, now=NOON)
    assert new.id is not None
    promises = {
        name: [(c.hours, c.rule_version, c.due_at) for c in street.clocks(case).values() if c.is_final]
        for name, case in (("old", old), ("dispatched", dispatched), ("waiting", waiting), ("new", new.id))
    }
    began = NOON + 10 * MINUTE
    assert promises == {
        "old": [(24, RULES.version, NOON + DAY)],
        "new": [(12, edited.version, NOON + 12 * HOUR)],
        "dispatched": [(48, RULES.version, began + 48 * HOUR)],
        "waiting": [(40, edited.version, began + 40 * HOUR)],  # promised after the edit
    }


# Moves at once


@pytest.mark.parametrize("seen_version", [None, 1])
def test_of_two_moves_at_once_one_wins_and_the_other_is_told(street: Street, seen_version: int | None) -> None:
    for turn in range(10):
        case = street.report()
        verbs = (Verb.ACCEPT, Verb.VOID if seen_version else Verb.ACCEPT)
        moves = [move(verb, at=NOON + turn * MINUTE, seen_version=seen_version) for verb in verbs]
        answers = together(*(lambda one=one, case=case: street.take(case, one) for one in moves))
        (refusal,) = [answer for answer in answers if answer is not None]
        assert type(refusal) is Refused, refusal
        assert re.search("meantime" if seen_version else "cannot take the step", str(refusal))
        assert len(street.events(case)) == 2
        check_case(street, case)
    check_figures(street)


def test_a_step_is_decided_on_the_case_as_stored_now_and_not_as_read_before(postgres_url: str) -> None:
    """On SQLite nobody else writes once a writing session has begun."""
    store = Store(postgres_url)
    street = _filled(store)
    case = street.report()
    with pytest.raises(Refused, match="cannot take the step"), store.writing() as db:
        _step_after_another(street, db, case)
    check_case(street, case)
    store.close()


def _step_after_another(street: Street, db: Session, case: int) -> None:
    read = case_seen_by(db, WHO["officer"], case)
    street.take(case, move(Verb.ACCEPT))
    commands.take(db, WHO["officer"], case, move(Verb.ACCEPT), RULES)
    assert read is not None  # and was kept until here


def _filled(store: Store) -> Street:
    with store.writing() as db:
        fill(db)
    return Street(store)


def test_two_who_each_move_two_cases_in_opposite_order_do_not_lock_each_other_out(street: Street) -> None:
    cases = street.report(), street.report()

    def accept(order: Sequence[int]) -> None:
        with street.store.writing() as db:
            for case in order:
                commands.take(db, WHO["officer"], case, move(Verb.ACCEPT), RULES)
                time.sleep(0.1)

    answers = together(lambda: accept(cases), lambda: accept(cases[::-1]))
    assert [type(answer) for answer in answers if answer is not None] == [Refused], answers
    for case in cases:
        assert street.case(case).version == 2
        check_case(street, case)


def unread(street: Street, last: int) -> list[int]:
    with street.store.reading() as db:
        return list(db.exec(select(CaseEvent.seq).where(col(CaseEvent.seq) > last).order_by(col(CaseEvent.seq))))  # type: ignore[arg-type]


def test_an_event_never_appears_behind_one_that_was_read_already(street: Street) -> None:
    """A transaction that began first may end last; its event must not get the lower number and appear later.

    Tried by hand with an empty `number_in_commit_order`: on PostgreSQL the reader meets number 2, number 1 appears
    behind it, and this test and the next fail; on SQLite both pass, since it has one writer at a time.
    """
    seen: list[int] = []
    with street.store.writing() as slow:
        commands.report(slow, WHO["officer"], facts(), RULES, at=NOON, now=NOON)
        quick = Thread(target=lambda: street.report(at="s1"))  # in another grid: no row of figures makes it wait
        quick.start()
        time.sleep(0.4)
        seen += unread(street, 0)
    quick.join()
    seen += unread(street, max(seen, default=0))
    assert seen == unread(street, 0)
    assert len(seen) == 2


def test_in_a_storm_of_reports_and_moves_no_update_is_lost_and_a_reader_misses_nothing(street: Street) -> None:
    workers, each = 6, 12
    seen: list[int] = []
    done: list[bool] = []

    def work() -> None:
        try:
            for number in range(each):
                case = street.report(WULIPU_1 if number % 2 else ZHANQIAN)
                street.take(case, *loop(until=Verb.DISPATCH)[1:])
        finally:
            done.append(True)

    def read() -> None:
        are_done = False
        while not are_done:
            are_done = len(done) == workers  # and once more after that
            seen.extend(unread(street, max(seen, default=0)))

    answers = together(*[work] * workers, read)
    assert answers == [None] * (workers + 1)
    assert seen == sorted(set(seen)) == unread(street, 0)
    with street.store.reading() as db:
        assert [case.version for case in db.exec(select(Case))] == [3] * workers * each
    check_figures(street)


# Whatever people do


VERBS = st.sampled_from(list(Verb))
PEOPLE = st.sampled_from(sorted(WHO))


class AnyMoves(RuleBasedStateMachine):
    """People report and try any move; the store holds several runs, each checks its own cases."""

    street: Street

    def __init__(self) -> None:
        super().__init__()
        self.cases: list[int] = []
        self.touched: int | None = None

    @rule(
        category=st.sampled_from([WULIPU_1, WULIPU_3, ZHANQIAN]),
        at=st.sampled_from(["n1", "n2", "house", "s1"]),
        hours=st.integers(0, 100),
    )
    def report(self, category: str, at: str, hours: int) -> None:
        self.touched = self.street.report(category, at, when=NOON - hours * HOUR)
        self.cases.append(self.touched)

    @precondition(lambda self: self.cases)
    @rule(
        pick=st.integers(0, 99),
        verb=VERBS,
        by=PEOPLE,
        minutes=st.integers(-5, 3000),
        delay=st.integers(-5, 60),
        named=st.sampled_from([None, POWER, WATER]),
    )
    def try_anything(self, pick: int, verb: Verb, by: str, minutes: int, delay: int, named: int | None) -> None:
        case = self.street.case(self.cases[pick % len(self.cases)])
        at = case.moved_at + minutes * MINUTE
        asked = move(verb, by, at, recorded_at=at + delay * MINUTE, on_behalf_of=named)
        assert case.id is not None
        self.touched = case.id
        try:
            self.street.take(case.id, asked)
        except Refused:
            assert self.street.case(case.id) == case
        else:
            assert self.street.case(case.id).version == case.version + 1

    @precondition(lambda self: self.cases)
    @rule(pick=st.integers(0, 99), which=st.integers(0, 9), minutes=st.integers(0, 3000))
    def go_on(self, pick: int, which: int, minutes: int) -> None:
        case = self.street.case(self.cases[pick % len(self.cases)])
        assert case.id is not None
        legal = [verb for verb in (*MAIN, Verb.VOID) if case.stage in STEPS[verb].before]
        if not legal:
            return
        verb = legal[which % len(legal)]
        by = {Verb.SELF_HANDLE: "head of s1" if case.grid_id == ID["s1"] else "secretary of north"}.get(verb, "officer")
        named = case.unit_id if verb in (Verb.TAKE_ON, Verb.ARRIVE, Verb.RESOLVE, Verb.ANSWER) else None
        self.touched = case.id
        self.street.take(case.id, move(verb, by, case.moved_at + minutes * MINUTE, on_behalf_of=named))
        assert self.street.case(case.id).version == case.version + 1

    @invariant()
    def what_was_touched_is_whole(self) -> None:
        if self.touched is not None:
            check_case(self.street, self.touched)
            self.touched = None

    def teardown(self) -> None:
        check_figures(self.street)


def test_whatever_people_do_cases_stay_whole_and_figures_agree(street: Street) -> None:
    machine = type("AnyMovesHere", (AnyMoves,), {"street": street})
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        machine, settings=settings(max_examples=20, stateful_step_count=25, suppress_health_check=checks)
    )


# Many cases at once


def differences(one: SQLModel, other: SQLModel) -> set[str]:
    """The columns in which two rows differ."""
    return {name for name in type(one).model_fields if getattr(one, name) != getattr(other, name)}


def test_cases_written_in_bulk_are_those_that_commands_would_write(street: Street) -> None:
    stories = [(WULIPU_1, Verb.CLOSE), (ZHANQIAN, Verb.CHECK), (WULIPU_3, Verb.REPORT), (ZHANQIAN, Verb.ARRIVE)]
    single = [street.brought_to(until, category) for category, until in stories]
    void = move(Verb.VOID, at=NOON + DAY)
    street.take(single[3], void)
    drafts = [Draft(facts(category), loop(until=until)) for category, until in stories]
    drafts[3].moves.append(void)  # type: ignore[attr-defined]
    with street.store.writing() as db:
        assert bulk.write(db, drafts, RULES) == len(stories)
    for number, one in enumerate(single):
        other = one + len(stories)
        check_case(street, other)
        assert differences(street.case(one), street.case(other)) == {"id", "number", "chain"}, stories[number]
        for mine, its in zip(street.events(one), street.events(other), strict=True):
            assert differences(mine, its) == {"seq", "case_id", "hash"}
        for clock, twin in zip(street.clocks(one).values(), street.clocks(other).values(), strict=True):
            assert differences(clock, twin) == {"id", "case_id"}
    check_figures(street)


def test_work_goes_on_after_a_bulk_as_if_it_had_been_commands(street: Street) -> None:
    first = street.report()
    with street.store.writing() as db:
        bulk.write(db, [Draft(facts(reporter_name="张伟"), loop(until=Verb.ACCEPT)) for _ in range(5)], RULES)
    last = street.report()
    street.take(last, move(Verb.ACCEPT))
    assert last == first + 6
    seqs = unread(street, 0)
    assert seqs == list(range(seqs[0], seqs[0] + 13))
    check_figures(street)


def test_events_in_bulk_are_numbered_as_they_were_recorded(street: Street) -> None:
    early, late = loop(NOON - DAY, until=Verb.ACCEPT), loop(NOON, until=Verb.ACCEPT)
    with street.store.writing() as db:
        bulk.write(db, [Draft(facts(), late), Draft(facts(), early)], RULES)
        recorded = list(db.exec(select(CaseEvent.recorded_at).order_by(col(CaseEvent.seq))))
    assert recorded == sorted(recorded)


def test_one_wrong_move_undoes_a_whole_bulk(street: Street) -> None:
    wrong = [*loop(until=Verb.ACCEPT), move(Verb.CLOSE, at=NOON + DAY)]
    with pytest.raises(Refused), street.store.writing() as db:
        bulk.write(db, [Draft(facts(), loop()), Draft(facts(), wrong)], RULES)
    with street.store.reading() as db:
        assert db.exec(select(Case)).all() == []
    check_figures(street)


def test_nothing_in_bulk_is_no_trouble(street: Street) -> None:
    with street.store.writing() as db:
        assert bulk.write(db, [], RULES) == 0
    assert street.report()
