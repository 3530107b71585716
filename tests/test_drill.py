"""From the street to a building: the same figures at every level, against the raw rows."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from importlib import import_module
from itertools import pairwise

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite
from sqlmodel import Session, select

from core import places as places_of
from core import points
from core.cases import bulk, commands
from core.cases.bulk import Draft
from core.cases.commands import clock_of
from core.cases.tables import Case, CaseClock, CaseEvent
from core.clock import local
from core.drill import behind, border, counts, trends
from core.drill.asked import Filter, Period, period
from core.drill.numbers import Numbers, median_hours, shortfall, total
from core.drill.opened import Asked, opened
from core.drill.view import View, view
from core.errors import NotFound, Refused
from core.liaison_words import Coverage
from core.liaisons import lookup
from core.liaisons.tables import Liaison, LiaisonPlace
from core.organisations import Organisation, PlaceOrganisation
from core.place_words import Figure, Grain, OrganisationKind, PointKind, Section, Span
from core.places import Place
from core.store import Store
from core.tallies import AREA_TALLY, BANDS, BANDS_H, NO_BAND, NO_HOUR, NUMBERS, Tally, band
from core.words import CaseClass, Level, Role, Severity, Source, Stage, Verb
from tests.accounts import asker, audited
from tests.cast import (
    DAY,
    HOUR,
    ID,
    MINUTE,
    NOON,
    POWER,
    RULES,
    STREET,
    TODAY,
    WHO,
    WULIPU_1,
    WULIPU_3,
    WULIPU_7,
    ZHANQIAN,
    Street,
    move,
    path_of,
    spot_of,
    stories,
)

MONTH = Period(TODAY - 29 * DAY, TODAY)
CODE = {name: code for name, code, *_ in STREET}
ALL = Filter()


def look(
    street: Street, name: str, asked: Period = MONTH, told: Filter = ALL, who: str = "officer", now: datetime = NOON
) -> View:
    """The view of a place of the small street."""
    with street.store.reading() as db:
        return view(db, WHO[who], RULES, CODE[name], asked, told, now=now)


def tallied(db: Session) -> Counter[tuple[object, ...]]:
    """The tallies as the store keeps them, without the zeros."""
    keys = ("grid_id", "day", "place_id", "category", "source", "severity", "hour", "band")
    found: Counter[tuple[object, ...]] = Counter()
    for row in db.exec(select(Tally)):
        for name in NUMBERS:
            found[(*(getattr(row, key) for key in keys), name)] += getattr(row, name)
    return Counter({key: number for key, number in found.items() if number})


COUNTED = {
    **dict.fromkeys((Verb.CLOSE, Verb.SELF_HANDLE), ("closed",)),  # once more after it was reopened
    **dict.fromkeys((Verb.RATE_SATISFIED, Verb.RATE_MOSTLY), ("replied", "satisfied")),
    **dict.fromkeys((Verb.REOPEN, Verb.BRING_TO_MEETING), ("replied",)),
    Verb.REWORK: ("reworked",),
}


def retold(db: Session) -> Counter[tuple[object, ...]]:
    """The tallies counted anew from cases, events and clocks, as if no rollup existed."""
    found: Counter[tuple[object, ...]] = Counter()
    cases = {case.id: case for case in db.exec(select(Case))}

    def count(case: Case, at: datetime, name: str, hour: int = NO_HOUR, took: int = NO_BAND) -> None:
        key = (case.grid_id, local(at).date(), case.place_id, case.category, case.source, case.severity, hour, took)
        found[(*key, name)] += 1

    for case in cases.values():
        count(case, case.reported_at, "reported", hour=local(case.reported_at).hour)
        if case.ended_at and case.stage != Stage.CLOSED:
            count(case, case.ended_at, "gone")
    for event in db.exec(select(CaseEvent)):
        case = cases[event.case_id]
        took = band(event.occurred_at - case.reported_at) if "closed" in COUNTED.get(event.verb, ()) else NO_BAND
        for name in COUNTED.get(event.verb, ()):
            count(case, event.occurred_at, name, took=took)
    for row in db.exec(select(CaseClock).where(CaseClock.is_final)):
        clock = clock_of(row)
        if clock.cancelled_at or clock.superseded_at or clock.is_open_ended:
            continue
        case = cases[row.case_id]
        count(case, clock.due_at, "promised")
        if clock.met_at:
            count(case, clock.due_at, "settled")
        if clock.is_kept:
            count(case, clock.due_at, "kept")
    return found


def by_hand(db: Session, path: str, asked: Period, told: Filter, now: datetime) -> Numbers:
    """The numbers of a place from the raw rows of its cases, one by one."""
    numbers = Numbers()
    codes = told.categories(RULES)
    for case in db.exec(select(Case)):
        fits = (
            case.path.startswith(path)
            and (codes is None or case.category in codes)
            and told.source in (None, case.source)
            and told.severity in (None, case.severity)
        )
        if fits:
            clocks = [clock_of(row) for row in db.exec(select(CaseClock).where(CaseClock.case_id == case.id))]
            numbers += _one(case, [clock for clock in clocks if clock.unit_id is None], asked, told, now)
    return numbers


def _one(case: Case, clocks: list, asked: Period, told: Filter, now: datetime) -> Numbers:
    def within(at: datetime | None) -> int:
        return int(at is not None and asked.start <= at < asked.end)

    is_open = case.ended_at is None and told.stage in (None, case.stage)
    soon = case.due_at is not None and now <= case.due_at <= now + RULES.due_soon
    closed = within(case.ended_at) * (case.stage == Stage.CLOSED)
    took = band(case.ended_at - case.reported_at) if case.ended_at else 0
    judged = [c for c in clocks if c.is_final and not c.cancelled_at and not c.superseded_at and within(c.due_at)]
    return Numbers(
        open=int(is_open),
        overdue=int(is_open and case.due_at is not None and case.due_at < now),
        due_soon=int(is_open and soon),
        pending=sum(c.met_at is None and c.due_at >= now for c in judged),
        reported=within(case.reported_at),
        closed=closed,
        gone=within(case.ended_at) - closed,
        promised=len(judged),
        settled=sum(c.met_at is not None for c in judged),
        kept=sum(c.is_kept for c in judged),
        bands=tuple(closed * (number == took) for number in range(len(BANDS_H) + 1)),
    )


filters = st.builds(
    Filter,
    case_class=st.sampled_from([None, None, CaseClass.EVENT]),
    category=st.sampled_from([None, None, WULIPU_1, ZHANQIAN]),
    sector=st.sampled_from([None, None, RULES.categories[WULIPU_3].sector]),
    source=st.sampled_from([None, None, Source.PHONE, Source.HOTLINE]),
    severity=st.sampled_from([None, None, Severity.RED]),
    stage=st.sampled_from([None, None, Stage.DISPATCHED]),
)
periods = st.builds(
    lambda back, days: Period(TODAY - (back + days) * DAY, TODAY - back * DAY), st.integers(0, 6), st.integers(0, 20)
)


@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(told=stories(NOON), asked=periods, only=filters)
def test_after_any_history_every_level_says_what_its_raw_rows_say(
    street: Street, told: list[Draft], asked: Period, only: Filter
) -> None:
    """The store keeps the histories of all examples; children and what belongs to none of them sum to their parent."""
    with street.store.writing() as db:
        bulk.write(db, told, RULES)
    with street.store.reading() as db:
        assert tallied(db) == retold(db)
        assert areas_tallied(db) == areas_retold(db)
        for name in ("street", "north", "south", "n1", "s2", "house", "shop"):
            seen = view(db, WHO["officer"], RULES, CODE[name], asked, only, now=NOON, medians=True)
            assert seen.now == by_hand(db, path_of(name), asked, only, NOON), name
            assert replace_open(seen.before) == replace_open(by_hand(db, path_of(name), asked.before, only, NOON))
            assert total(line.now for line in seen.lines) == seen.now
            by_building = name not in ("street", "north", "south")
            sparks = trends.sparks(db, seen.here, seen.scope, asked, only, RULES, by_building=by_building)
            reported = {line.place.id: line.now.reported for line in seen.lines if line.place}
            assert {child: sum(steps) for child, steps in sparks.items()} == reported
            months = trends.course(db, seen.scope, asked, only, RULES, Grain.MONTH)
            assert (sum(months.reported), sum(months.closed)) == (seen.now.reported, seen.now.closed)
            if name != "street":
                above = next(row[3] for row in STREET if row[0] == name)
                assert seen.above == view(db, WHO["officer"], RULES, CODE[above or ""], asked, only, now=NOON).now


def replace_open(numbers: Numbers) -> tuple[object, ...]:
    """The numbers without what is known of this moment only."""
    return tuple(getattr(numbers, name) for name in (*NUMBERS, "bands"))


def areas_tallied(db: Session) -> Counter[tuple[object, ...]]:
    """The tallies of streets and what lies directly in them as the store keeps them, without the zeros."""
    found: Counter[tuple[object, ...]] = Counter()
    for row in db.execute(sa.select(AREA_TALLY)).mappings():
        key = (row["within_id"], row["facet"], row["day"], row["place_id"])
        found.update({(*key, name): row[name] for name in (*NUMBERS, *BANDS) if row[name]})
    return found


def areas_retold(db: Session) -> Counter[tuple[object, ...]]:
    """The same summed up from the finest tallies."""
    found: Counter[tuple[object, ...]] = Counter()
    paths: dict[object, str] = {place.id: place.path for place in db.exec(select(Place))}
    for (grid, day, _, category, source, severity, _, closed_in, name), number in tallied(db).items():
        street, within, *_ = map(int, paths[grid].strip("/").split("/"))
        for around, place in ((0, street), (street, within)):
            for told in ("", f"category:{category}", f"source:{source}", f"severity:{severity}"):
                found[around, told, day, place, name] += number
                if closed_in != NO_BAND:
                    found[around, told, day, place, f"band_{closed_in}"] += number
    return found


@settings(max_examples=6, suppress_health_check=list(HealthCheck))
@given(told=stories(NOON))
def test_tallies_that_were_lost_are_told_anew_from_the_cases(street: Street, told: list[Draft]) -> None:
    """As the migration does for a store whose cases are older than its tallies."""
    migration = import_module("core.migrations.versions.0007_area_tallies")
    with street.store.writing() as db:
        bulk.write(db, told, RULES)
        kept = tallied(db), areas_tallied(db)
        db.execute(sa.delete(Tally))
        db.execute(sa.delete(AREA_TALLY))
        migration.refill(db.connection())
        assert (tallied(db), areas_tallied(db)) == kept


def test_a_suspended_promise_is_told_anew_as_it_was_kept(street: Street) -> None:
    migration = import_module("core.migrations.versions.0007_area_tallies")
    case = street.brought_to(Verb.TAKE_ON, ZHANQIAN)
    street.take(case, move(Verb.ASK_SUSPENSION, "liaison of power", NOON + HOUR, note="等材料", hours=48))
    street.take(case, move(Verb.APPROVE_SUSPENSION, "officer", NOON + HOUR + MINUTE))
    for verb in (Verb.RATE_SATISFIED, Verb.REOPEN):
        rated = street.report(at="house")
        street.take(rated, move(Verb.SELF_HANDLE, "head of n1", NOON + HOUR))
        street.take(rated, move(verb, "officer", NOON + 2 * HOUR, note="还在漏"))
    with street.store.writing() as db:
        kept = tallied(db), areas_tallied(db)
        migration.refill(db.connection())
        assert (tallied(db), areas_tallied(db)) == kept
        assert kept[1] == areas_retold(db)


def test_one_command_at_a_time_the_tallies_follow(street: Street) -> None:
    case = street.brought_to(Verb.ANSWER, ZHANQIAN)
    street.take(case, move(Verb.REWORK, "head of n1", NOON + 2 * HOUR, note="没有修好"))
    other = street.report(at="house")
    with street.store.writing() as db:
        correction = move(Verb.CORRECT, at=NOON + HOUR, note="在隔壁")
        commands.correct(db, WHO["officer"], other, correction, RULES, category=WULIPU_7, spot=spot_of("n2"))
    with street.store.writing() as db:
        again = move(Verb.CORRECT, at=NOON + 3 * HOUR, note="在楼内")
        commands.correct(db, WHO["officer"], case, again, RULES, spot=spot_of("house"))
    street.take(street.report(), move(Verb.VOID, at=NOON + MINUTE))
    with street.store.reading() as db:
        assert tallied(db) == retold(db)
        assert areas_tallied(db) == areas_retold(db)
    assert look(street, "house", now=NOON + 4 * HOUR).now.reworked == 1


def test_what_residents_say_counts_where_the_case_is(street: Street) -> None:
    for verb in (Verb.RATE_SATISFIED, Verb.RATE_MOSTLY, Verb.REOPEN):
        case = street.report(at="house")
        street.take(case, move(Verb.SELF_HANDLE, "head of n1", NOON + HOUR))
        street.take(case, move(verb, "officer", NOON + 2 * HOUR, note="还在漏"))
    with street.store.writing() as db:  # the reopened one was next door all the time
        correction = move(Verb.CORRECT, at=NOON + 3 * HOUR, note="在隔壁")
        commands.correct(db, WHO["officer"], case, correction, RULES, spot=spot_of("n2"))
    with street.store.reading() as db:
        assert tallied(db) == retold(db)
    now = NOON + 4 * HOUR
    rates = {name: look(street, name, now=now).now.value(Figure.SATISFIED) for name in ("street", "house", "n2", "s1")}
    assert {name: (rate.numerator, rate.denominator) for name, rate in rates.items()} == {
        "street": (2, 3), "house": (2, 2), "n2": (0, 1), "s1": (0, 0),
    }  # fmt: skip
    assert look(street, "street", now=now).now.closed == 3


def test_what_belongs_to_no_child_is_a_line_of_its_own(street: Street) -> None:
    street.report(at="n1")
    street.report(at="house")
    lines = {line.place.name if line.place else None: line.now.open for line in look(street, "n1").lines}
    assert lines == {"house": 1, None: 1}
    assert {line.place.name: line.now.open for line in look(street, "north").lines if line.place} == {"n1": 2, "n2": 0}


def test_open_and_overdue_cases_are_in_the_denominator(street: Street) -> None:
    late, kept = street.report(WULIPU_1, when=NOON - 2 * DAY), street.report(WULIPU_1, when=NOON - 2 * DAY)
    street.take(kept, move(Verb.SELF_HANDLE, "head of n1", NOON - DAY - HOUR))
    street.report(WULIPU_1, when=NOON - DAY + HOUR)  # due in an hour: may still be kept
    rate = look(street, "street").now.value(Figure.ON_TIME)
    assert (rate.numerator, rate.denominator, rate.value) == (1, 2, 0.5)
    assert look(street, "street", now=NOON + 2 * HOUR).now.value(Figure.ON_TIME).denominator == 3
    with street.store.reading() as db:
        told = behind.behind(db, WHO["officer"], path_of("street"), Figure.ON_TIME, MONTH, ALL, RULES, NOON)
    assert [case.id for case in told] == [late]


def test_a_place_where_nothing_happened_says_so(street: Street) -> None:
    seen = look(street, "s2")
    assert seen.now == Numbers()
    assert seen.lines == ()
    assert [seen.now.value(figure).value for figure in (Figure.ON_TIME, Figure.REWORKED, Figure.MEDIAN)] == [None] * 3


def test_a_median_lies_in_its_band() -> None:
    def bands(*hours: float) -> tuple[int, ...]:
        counted = Counter(band(timedelta(hours=hour)) for hour in hours)
        return tuple(counted[number] for number in range(len(BANDS_H) + 1))

    assert median_hours(bands()) is None
    assert 1 <= (median_hours(bands(0.2, 1.5, 30)) or 0) <= 2
    assert 24 <= (median_hours(bands(25, 26, 27)) or 0) <= 36
    assert (median_hours(bands(2000)) or 0) > BANDS_H[-1]
    assert band(timedelta(hours=24)) == band(timedelta(hours=23)) != band(timedelta(hours=24, seconds=1))


@pytest.mark.parametrize(
    ("who", "name", "has_parent"),
    [
        ("officer", "street", False),
        ("officer", "house", True),
        ("secretary of north", "north", False),
        ("secretary of north", "n2", True),
        ("head of n1", "n1", False),
        ("head of n1", "house", True),
    ],
)
def test_each_role_reads_its_own_places(street: Street, who: str, name: str, has_parent: bool) -> None:
    assert (look(street, name, who=who).above is not None) == has_parent


@pytest.mark.parametrize(
    ("who", "name"),
    [
        ("head of n1", "north"),
        ("head of n1", "shop"),
        ("secretary of north", "street"),
        ("officer of the other street", "house"),
        ("liaison of power", "street"),
        ("wall", "street"),
        ("administrator", "street"),
        ("stranger", "n1"),
    ],
)
def test_what_is_not_ones_own_is_not_found(street: Street, who: str, name: str) -> None:
    with pytest.raises(NotFound):
        look(street, name, who=who)


def test_an_unknown_code_is_not_found(street: Street) -> None:
    for code in ("", "nonsense", "990101001001001999", CODE["n1"] + "/"):
        with street.store.reading() as db, pytest.raises(NotFound):
            view(db, WHO["officer"], RULES, code, MONTH, ALL, now=NOON)


def test_a_list_holds_what_its_figure_counts_and_only_what_may_be_seen(street: Street) -> None:
    for name in ("n1", "house", "n2"):
        street.report(WULIPU_1, name, when=NOON - 2 * DAY)
    closed = street.report(WULIPU_3, "n1", when=NOON - DAY)
    street.take(closed, move(Verb.SELF_HANDLE, "head of n1", NOON - HOUR))
    worked = street.brought_to(Verb.ANSWER, ZHANQIAN, when=NOON - 3 * HOUR)
    street.take(worked, move(Verb.REWORK, "head of n1", NOON - HOUR, note="没有修好"))
    for name in ("street", "north", "n1", "house"):
        numbers = look(street, name).now
        counted = {
            Figure.OPEN: numbers.open,
            Figure.OVERDUE: numbers.overdue,
            Figure.DUE_SOON: numbers.due_soon,
            Figure.REPORTED: numbers.reported,
            Figure.CLOSED: numbers.closed,
            Figure.ON_TIME: numbers.due - numbers.kept,
            Figure.REWORKED: numbers.reworked,
            Figure.MEDIAN: sum(numbers.bands),
        }
        with street.store.reading() as db:
            for figure, count in counted.items():
                arguments = (path_of(name), figure, MONTH, ALL, RULES, NOON)
                assert len(behind.behind(db, WHO["officer"], *arguments)) == count, (name, figure)
                assert behind.behind(db, WHO["officer of the other street"], *arguments) == []


def test_a_report_on_the_past_uses_the_grids_of_that_time(street: Street) -> None:
    """n1 is cut off on the 10th: what was counted there stays in the community, and in none of its grids of today."""
    street.report(WULIPU_1, "n1", when=NOON - 20 * DAY)
    cut = NOON - 9 * DAY
    with street.store.writing() as db:
        db.get_one(Place, ID["n1"]).valid_to = cut
        new = Place(code="990101001001003", name="n3", level=Level.GRID, parent_id=ID["north"], path="", valid_from=cut)
        db.add(new)
        db.flush()
        new.path = f"{path_of('north')}{new.id}/"
    past, today = Period(TODAY - 29 * DAY, TODAY - 15 * DAY), MONTH
    assert [line.place.name for line in look(street, "north", past).lines if line.place] == ["n1", "n2"]
    seen = look(street, "north", today)
    assert [(line.place and line.place.name, line.now.reported) for line in seen.lines] == [
        ("n2", 0), ("n3", 0), (None, 1),
    ]  # fmt: skip
    changed = seen.ground.redrawn_below(path_of("north"), today.start)
    assert [(one.node.name, one.from_at, one.to_at) for one in changed] == [("n1", None, cut), ("n3", cut, None)]
    assert look(street, "n1", past).now.reported == 1
    with pytest.raises(NotFound):
        look(street, "n1", today)


def test_courses_hours_and_repeated_trouble(street: Street) -> None:
    for back in (1, 2, 3):
        street.report(WULIPU_1, "house", when=NOON - back * DAY)
    street.report(ZHANQIAN, "n1", when=NOON - 8 * DAY)
    seen = look(street, "n1")
    with street.store.reading() as db:
        days = trends.course(db, seen.scope, MONTH, ALL, RULES, Grain.DAY)
        weeks = trends.course(db, seen.scope, MONTH, ALL, RULES, Grain.WEEK)
        sparks = trends.sparks(db, seen.here, seen.scope, MONTH, ALL, RULES, by_building=True)
        hours = trends.by_hour(db, seen.scope, MONTH, ALL, RULES)
        again = trends.repeated(db, seen.scope, TODAY, ALL, RULES)
    assert (len(days.starts), sum(days.reported), days.reported[-4:]) == (30, 4, (1, 1, 1, 0))
    assert sparks[ID["house"]] == (0,) * 8 + (1, 2)
    assert all(start.weekday() == 0 for start in weeks.starts)
    assert sum(weeks.reported) == 4
    assert {code: hours[12] for code, hours in hours.items()} == {WULIPU_1: 3, ZHANQIAN: 1}
    assert [(one.place_id, one.category, one.count) for one in again] == [(ID["house"], WULIPU_1, 3)]


@pytest.mark.parametrize(
    ("kept", "due", "others", "of", "points"),
    [(4, 11, 508, 679, 38.5), (14, 19, 69, 87, None), (158, 219, 508, 679, None), (600, 900, 800, 900, 22.2)],
)
def test_a_share_is_plainly_worse_where_chance_would_not_make_it_so(
    kept: int, due: int, others: int, of: int, points: float | None
) -> None:
    ours, theirs = Numbers(promised=due, kept=kept), Numbers(promised=of, kept=others)
    gap = shortfall(ours.value(Figure.ON_TIME), theirs.value(Figure.ON_TIME), Figure.ON_TIME)
    assert (gap and round(100 * gap, 1)) == points
    assert shortfall(theirs.value(Figure.ON_TIME), ours.value(Figure.ON_TIME), Figure.ON_TIME) is None
    ours, theirs = Numbers(promised=due, reworked=kept), Numbers(promised=of, reworked=others)
    turned = shortfall(theirs.value(Figure.REWORKED), ours.value(Figure.REWORKED), Figure.REWORKED)
    assert turned == gap  # of rework the more is the worse
    assert shortfall(Numbers().value(Figure.ON_TIME), theirs.value(Figure.ON_TIME), Figure.ON_TIME) is None


@given(days=st.integers(1, 400))
def test_a_spark_line_has_a_few_steps_of_about_one_length(days: int) -> None:
    period = Period(TODAY - (days - 1) * DAY, TODAY)
    starts = [*trends.spread(period), TODAY + DAY]
    lengths = [(after - start).days for start, after in pairwise(starts)]
    assert (starts[0], len(lengths)) == (period.first, min(days, trends.SPARKS))
    assert max(lengths) - min(lengths) <= 1


def test_what_is_open_is_read_from_its_own_index_however_long_the_history(sqlite_url: str) -> None:
    """SQLite keeps no statistics: a wrong index costs a place with few open cases as much as the whole city."""
    store = Store(sqlite_url)
    query = counts.open_now(WHO["officer"], "/1/2/", ALL, RULES, NOON, by_building=True)
    plain = str(query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
    with store.reading() as db:
        plan = " ".join(row.detail for row in db.execute(sa.text(f"EXPLAIN QUERY PLAN {plain}")))
    store.close()
    assert "USING COVERING INDEX ix_case_open_counts (path>? AND path<?)" in plan


@pytest.mark.parametrize(
    ("span", "today", "first", "last", "before"),
    [
        (Span.TODAY, "2026-03-01", "2026-03-01", "2026-03-01", "2026-02-28"),
        (Span.WEEK, "2026-03-03", "2026-02-25", "2026-03-03", "2026-02-18"),
        (Span.MONTH, "2026-03-10", "2026-03-01", "2026-03-10", "2026-02-19"),
        (Span.LAST_MONTH, "2026-03-10", "2026-02-01", "2026-02-28", "2026-01-01"),
        (Span.LAST_MONTH, "2026-01-05", "2025-12-01", "2025-12-31", "2025-11-01"),
        (Span.YEAR, "2026-03-10", "2025-03-11", "2026-03-10", "2024-03-11"),
    ],
)
def test_periods(span: Span, today: str, first: str, last: str, before: str) -> None:
    found = period(span, date.fromisoformat(today))
    assert (found.first.isoformat(), found.last.isoformat(), found.before.first.isoformat()) == (first, last, before)


@contextmanager
def counted(db: Session) -> Iterator[list[str]]:
    """The statements that a session sends."""
    sent: list[str] = []
    engine = db.get_bind().engine

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith("PRAGMA"):
            sent.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    yield sent
    sa.event.remove(engine, "before_cursor_execute", note)


def test_the_figures_of_a_place_take_three_queries(street: Street) -> None:
    street.report(at="house")
    for name in ("street", "north", "n1", "house"):
        with street.store.reading() as db, counted(db) as sent:
            view(db, WHO["officer"], RULES, CODE[name], MONTH, ALL, now=NOON)
        assert len([one for one in sent if one.startswith(("SELECT", "WITH"))]) == 3, sent


def claims_below(db: Session, name: str, who: str = "officer") -> dict[int, tuple[int, ...]]:
    """The open cases at or below a place with the other grids that claim them."""
    found = behind.behind(db, WHO[who], path_of(name), Figure.OPEN, MONTH, ALL, RULES, NOON + HOUR)
    assert all(case.promise in {clock.name for clock in RULES.regimes[case.regime].clock} for case in found)
    return {case.id: case.claims for case in found}


def test_the_lead_of_a_border_case_is_changed_with_a_reason(street: Street) -> None:
    spot = replace(spot_of("s1"), also=(ID["s2"],))
    case = street.report(at="s1", spot=spot)
    officer = asker("officer", NOON + HOUR)
    with street.store.reading() as db:
        assert claims_below(db, "south") == {case: (ID["s2"],)}
        assert claims_below(db, "south", "head of n1") == {}
    for grid, reason, by in (
        (ID["n1"], "更近", officer),
        (ID["s2"], " ", officer),
        (ID["s2"], "更近", asker("head of s1")),
    ):
        with street.store.writing() as db, pytest.raises(Refused):
            border.change_lead(db, by, case, grid, reason, RULES, NOON + HOUR)
    with street.store.writing() as db:
        border.change_lead(db, officer, case, ID["s2"], "更近", RULES, NOON + HOUR)
    with street.store.reading() as db:
        assert claims_below(db, "street") == {case: (ID["s1"],)}
        assert tallied(db) == retold(db)
    assert [look(street, name, now=NOON + HOUR).now.open for name in ("s1", "s2", "south")] == [0, 1, 1]
    assert [(row.action, row.detail) for row in audited(street)] == [("correct_case", f"lead {CODE['s2']}")]


def test_a_card_names_heads_organisations_and_points(street: Street) -> None:
    with street.store.writing() as db:
        for kind, name, places in (
            (OrganisationKind.PARTY, "街道党工委", ["street"]),
            (OrganisationKind.PARTY, "一支部", ["n1", "n2"]),
            (OrganisationKind.PARTY, "二支部", ["n1"]),
            (OrganisationKind.PROPERTY, "和居物业", ["n1"]),
        ):
            db.add(organisation := Organisation(kind=kind, name=name, phone="0000-1"))
            db.flush()
            db.add_all(PlaceOrganisation(place_id=ID[at], organisation_id=organisation.id or 0) for at in places)
        gazetteer = places_of.gazetteer(db, NOON)
        points.draw(db, WHO["administrator"], gazetteer, PointKind.CAMERA, "东门", 0.2, 0.2)
        for who, name, lon in (("officer", "东门", 0.2), ("administrator", "", 0.2), ("administrator", "远处", 50.0)):
            with pytest.raises(Refused):
                points.draw(db, WHO[who], gazetteer, PointKind.CAMERA, name, lon, 0.2)
        db.add(Liaison(unit_id=POWER, name="张电", from_on=TODAY - DAY, verified_on=TODAY, calendar="natural"))
        db.flush()
        db.add(LiaisonPlace(liaison_id=1, place_id=ID["north"], from_on=TODAY - DAY))
        lookup.renew(db)
    asked = Asked(CODE["house"], MONTH, ALL, Figure.OPEN, Section.CARD, Grain.DAY, ())
    with street.store.reading() as db:
        found = opened(db, WHO["officer"], RULES, asked, NOON).card
        strangers = opened(db, WHO["head of n1"], RULES, asked, NOON).card
    assert found is not None
    assert strangers is not None
    assert [(one.name, one.what) for one in found.people] == [
        ("head of n1", Role.GRID_HEAD), ("secretary of north", Role.SECRETARY), ("leader", Role.LEADER),
    ]  # fmt: skip
    assert [one.name for one in found.party] == ["街道党工委", "一支部", "二支部"]
    assert [(one.name, one.phone) for one in found.property] == [("和居物业", "0000-1")]
    assert found.points == {PointKind.CAMERA: 1}
    power = next(one for one in found.served if one.unit == "供电所")
    assert (power.coverage, power.name, power.phone) == (Coverage.FROM_ABOVE, "张电", "6316 0001")
    assert [one.coverage for one in found.served][:1] == [Coverage.GAP]
    assert len(found.served) == len(RULES.sectors)


@pytest.mark.parametrize("section", list(Section))
def test_a_whole_screen_asks_the_store_at_most_six_times(street: Street, section: Section) -> None:
    """At every level, with filters, with every layer of points, and with the medians of the children."""
    street.report(at="house")
    with street.store.reading() as db:
        lookup.directory(db, RULES)  # read once for each of its versions, by the first who asks
    only = Filter(category=WULIPU_1, source=Source.PHONE)
    for name in ("street", "north", "n1", "house"):
        for told, figure in ((ALL, Figure.OPEN), (only, Figure.MEDIAN)):
            asked = Asked(CODE[name], MONTH, told, figure, section, Grain.DAY, tuple(PointKind))
            with street.store.reading() as db, counted(db) as sent:
                opened(db, WHO["officer"], RULES, asked, NOON)
            assert 3 < len([one for one in sent if one.startswith(("SELECT", "WITH"))]) <= 6, sent
