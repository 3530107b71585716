"""Why a promise is late, in a sentence and a table that add up, by the working calendar and while years are unknown."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from core import limits
from core.calendars import LAST_YEAR, NOTHING
from core.cases import commands, upkeep
from core.cases import why as accounts
from core.cases.queries import events_of
from core.cases.rows import clock_of
from core.cases.steps import Move
from core.cases.why import RowKind, why
from core.clock import SHANGHAI, local
from core.limits import Change, ChangeKind, Clock
from core.promises import Assignment
from core.rules import Rules
from core.words import Source, Verb
from tests.cast import HOUR, MINUTE, RULES, WHO, WULIPU_1, Street, facts, move
from tests.test_side_steps import asked

WORKING = RULES.calendars["working"]
HOTLINE = RULES.model_copy(update={"assignments": (Assignment(source=Source.HOTLINE, regime="hotline_12345"),)})


def knowing(last_year: int) -> Rules:
    """The rules with a library that knows the holidays up to a year."""
    calendars = {code: replace(calendar, last_year=last_year) for code, calendar in HOTLINE.calendars.items()}
    return HOTLINE.model_copy(update={"calendars": calendars})


def shanghai(text: str) -> datetime:
    """A moment as people on the street write it."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


def reported(street: Street, at: str, rules: Rules = HOTLINE) -> int:
    """A case of the hotline, reported, accepted and dispatched in ten minutes."""
    start = shanghai(at)
    with street.store.writing() as db:
        found = facts(WULIPU_1, source=Source.HOTLINE)
        case = commands.report(db, WHO["officer"], found, rules, at=start, now=start)
        assert case.id is not None
        moves = [move(Verb.ACCEPT, at=start + 5 * MINUTE), move(Verb.DISPATCH, at=start + 10 * MINUTE)]
        moves += [move(verb, "liaison of power", start + 15 * MINUTE) for verb in (Verb.TAKE_ON, Verb.ARRIVE)]
        take(db, case.id, moves, rules)
    return case.id


def take(db: Session, case_id: int, moves: list[Move], rules: Rules) -> None:
    """Steps on a case, in one transaction."""
    for one in moves:
        commands.take(db, one.by, case_id, one, rules)


def at(verb: Verb, by: str, moment: str, **more: object) -> Move:
    """A side step at a moment of the street."""
    when = shanghai(moment)
    return asked(verb, by, NOTHING, occurred_at=when, recorded_at=when, **more)


def test_the_whole_account_of_a_hotline_case(street: Street) -> None:
    """Five working days from Friday 18 September 2026, 17:00, over a worked Sunday; two days more; suspended."""
    case_id = reported(street, "2026-09-18 17:00")
    with street.store.writing() as db:
        ask, grant = Verb.ASK_EXTENSION, Verb.APPROVE_EXTENSION
        steps = [
            at(ask, "liaison of power", "2026-09-21 09:00", hours=15.0, note="等配件"),
            at(grant, "officer", "2026-09-21 10:00", note="同意"),
            at(Verb.ASK_SUSPENSION, "liaison of power", "2026-09-22 09:00", note="待上游停水"),
            at(Verb.APPROVE_SUSPENSION, "leader", "2026-09-22 10:30", note="同意挂账"),
            at(Verb.RESUME, "leader", "2026-09-24 16:00", note="已停水"),
        ]
        take(db, case_id, steps, HOTLINE)
    with street.store.reading() as db:
        (row,) = commands.clocks_of(db, case_id)
        events, clock = events_of(db, case_id), clock_of(row)
    told = why(clock, events, shanghai("2026-10-10 09:00"), HOTLINE, row.rule_version)
    # 52.5 hours: an hour on Friday, 7.5 on Sunday and Monday each, two on Tuesday; then from Thursday 16:00 on, over
    # Mid-autumn Festival (25 to 27 September) to Wednesday 30 September: 2 + 3 × 7.5; 10 are left for 8 and 9 October
    assert local(clock.due_at) == local(shanghai("2026-10-09 11:00"))
    assert (told.sentence, told.allowed, told.is_provisional) == (accounts.LATE, 52.5 * HOUR, False)
    assert told.values["late"] == 22 * HOUR
    assert told.rule_version == HOTLINE.version
    assert told.paused == timedelta(days=2, hours=5, minutes=30)
    assert told.counted + told.skipped + told.paused == told.elapsed == shanghai("2026-10-10 09:00") - clock.starts_at
    assert told.counted == 52.5 * HOUR + 5 * HOUR + HOUR / 2  # Friday after 11:00, Saturday's first half hour
    reasons = [row.reason for row in told.rows if row.reason and row.reason != "Outside working hours"]
    assert reasons == ["Weekend", "Mid-autumn Festival", "National Day"]
    changes = [(row.kind, row.by_id, row.note) for row in told.rows if row.verb]
    officer, leader = WHO["officer"].user_id, WHO["leader"].user_id
    assert changes == [
        (RowKind.STARTED, officer, None),
        (RowKind.EXTENSION, officer, "同意"),
        (RowKind.PAUSED, leader, "同意挂账"),
    ]


@pytest.mark.parametrize(
    ("moment", "sentence"),
    [
        ("2026-11-18 10:00", accounts.RUNS),
        ("2026-11-20 12:00", accounts.RUNS),  # at its due time it is not yet late
        ("2026-11-20 12:01", accounts.LATE),
    ],
)
def test_the_sentence_says_how_it_stands(moment: str, sentence: str) -> None:
    clock = limits.started("closed", 18.5, shanghai("2026-11-18 08:30"), is_final=True, calendar=WORKING)
    assert why(clock, (), shanghai(moment), RULES).sentence == sentence
    met = replace(clock, met_at=shanghai(moment))
    assert why(met, (), shanghai("2027-01-01 00:00"), RULES).sentence == (
        accounts.KEPT if sentence == accounts.RUNS else accounts.LATE
    )
    gone = replace(clock, superseded_at=shanghai(moment))
    assert why(gone, (), shanghai("2027-01-01 00:00"), RULES).sentence == accounts.GONE
    still = limits.paused(clock, shanghai("2026-11-18 09:00"), 1)
    assert why(still, (), shanghai(moment), RULES).sentence == accounts.STILL


calendars = st.sampled_from(sorted(RULES.calendars))
lengths = st.timedeltas(NOTHING, timedelta(days=20))
starts = st.datetimes(datetime(2025, 9, 1), datetime(2026, 12, 31)).map(lambda m: m.replace(tzinfo=UTC))  # noqa: DTZ001


@st.composite
def histories(draw: st.DrawFn) -> tuple[Clock, datetime]:
    """A clock of any calendar that was extended, shortened, suspended and resumed, and a moment to ask at."""
    calendar = RULES.calendars[draw(calendars)]
    now = draw(starts)
    clock = limits.started("closed", draw(st.floats(0.01, 200)), now, is_final=True, calendar=calendar)
    for number, (does, length) in enumerate(draw(st.lists(st.tuples(st.integers(0, 2), lengths), max_size=8)), 2):
        now += length
        if does == 0:
            by = min(draw(lengths), timedelta(days=5)) - timedelta(days=1)
            if clock.allowed + by > limits.counted(clock, now, calendar):
                clock = limits.changed(clock, Change(ChangeKind.EXTENSION, now, by, number), calendar)
        elif clock.paused_at:
            clock = limits.resumed(clock, now, calendar)
        else:
            clock = limits.paused(clock, now, number)
    return clock, now + draw(lengths)


@settings(max_examples=300)
@given(histories())
def test_counted_skipped_and_paused_are_all_that_has_passed(found: tuple[Clock, datetime]) -> None:
    clock, now = found
    calendar = RULES.calendars[clock.calendar]
    told = why(clock, (), now, RULES)
    assert told.counted + told.skipped + told.paused == told.elapsed == now - clock.starts_at
    assert told.counted == limits.counted(clock, now, calendar)
    if not clock.paused_at:
        assert limits.counted(clock, clock.due_at, calendar) == told.allowed
        assert (told.counted > told.allowed) <= (now > clock.due_at)


@settings(max_examples=300)
@given(histories(), lengths)
def test_a_clock_as_it_was_knows_nothing_of_what_came_after(found: tuple[Clock, datetime], later: timedelta) -> None:
    clock, now = found
    calendar = RULES.calendars[clock.calendar]
    after = limits.resumed(clock, now, calendar) if clock.paused_at else limits.paused(clock, now, 99)
    if later:
        ended = replace(after, met_at=now + later) if not after.paused_at else after
        assert limits.as_of(ended, now - timedelta(microseconds=1), calendar) == limits.as_of(
            clock, now - timedelta(microseconds=1), calendar
        )
    assert limits.as_of(clock, clock.starts_at - timedelta(microseconds=1), calendar) is None


def test_registering_never_fails_past_the_last_published_year_and_is_reckoned_anew_when_it_arrives(
    street: Street,
) -> None:
    case_id = reported(street, "2026-02-13 17:00", knowing(2025))  # before Spring Festival, of which nothing is known
    with street.store.reading() as db:
        (before,) = commands.clocks_of(db, case_id)
        gap = upkeep.calendar_gap(db, shanghai("2026-02-13 18:00"))
    assert (before.is_provisional, local(before.due_at)) == (True, local(shanghai("2026-02-20 17:00")))
    assert gap is not None
    assert gap.provisional == 2  # the case's clock and the unit's
    now = shanghai("2026-02-15 09:00")
    with street.store.writing() as db:
        assert upkeep.reckon(db, knowing(2025), now) == 0  # nothing new is known
        assert upkeep.reckon(db, HOTLINE, now) == 1
        assert upkeep.reckon(db, HOTLINE, now) == 0
    with street.store.reading() as db:
        old, new = commands.clocks_of(db, case_id)
    assert (old.due_at, old.superseded_at) == (before.due_at, now)
    assert (new.is_provisional, local(new.due_at)) == (False, local(shanghai("2026-02-27 17:00")))
    assert street.case(case_id).due_at == new.due_at
    assert street.events(case_id)[-1].verb == Verb.RECKON


def test_a_case_registered_next_month_is_provisional(street: Street) -> None:
    case_id = reported(street, f"{LAST_YEAR}-12-30 10:00")
    assert street.clocks(case_id)["completed"].is_provisional
    assert street.case(case_id).due_at is not None
