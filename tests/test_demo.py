"""The demo world: its shape at any moment, that it is the same each time, and life in it."""

import shutil
import sqlite3
import statistics
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from threading import Event, Thread

import pytest
import shapely
from sqlmodel import Session, col, func, select

from core import calendars, places, rules
from core.cases import commands
from core.cases.commands import clock_of
from core.cases.step_table import MAIN
from core.cases.steps import STEPS, Move, event_hash
from core.cases.tables import Case, CaseClock, CaseEvent, Reporter
from core.clock import hour_start, local
from core.demo import simulate, stories
from core.demo.ground import features
from core.demo.load import load_demo
from core.demo.simulate import Report, World
from core.demo.stories import words
from core.errors import Refused
from core.figures import DayFigure, HourFigure
from core.limits import running_state
from core.meetings.tables import Resolution
from core.people import Appointment, User, principal
from core.places import Place, gazetteer
from core.store import Store, is_demo
from core.units import Unit
from core.words import ENDED, ClockState, Level, Role, Severity, Source, Stage, Verb
from tests.browser import until
from tests.demo_street import first_officer

NOW = datetime(2026, 11, 18, 3, 10, tzinfo=UTC)  # a Wednesday, 11:10 in the street
RULES = rules.current()


@pytest.fixture(scope="session")
def demo_file(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the demo as of NOW, to read or to copy."""
    return _loaded(migrated_sqlite, tmp_path_factory.mktemp("demo") / "demo.db", NOW)


@pytest.fixture(scope="session")
def demo(demo_file: Path) -> Iterator[Store]:
    """The demo, for reading only."""
    store = Store(f"sqlite:///{demo_file}")
    yield store
    store.close()


@pytest.fixture
def db(demo: Store) -> Iterator[Session]:
    """A reading session on the demo."""
    with demo.reading() as session:
        yield session


@pytest.fixture(scope="session")
def cases(demo: Store) -> list[Case]:
    """Every case of the demo."""
    with demo.reading() as session:
        return _cases(session)


@pytest.fixture
def own_demo(demo_file: Path, tmp_path: Path) -> Iterator[Store]:
    """A copy of the demo to work in."""
    store = Store(f"sqlite:///{shutil.copy(demo_file, tmp_path / 'own.db')}")
    yield store
    store.close()


def _loaded(migrated: Path, path: Path, now: datetime, seed: int = 13710) -> Path:
    shutil.copy(migrated, path)
    store = Store(f"sqlite:///{path}")
    load_demo(store, now, seed)
    store.close()  # the last connection brings the log into the file, so that a copy of the file is whole
    return path


def _cases(db: Session) -> list[Case]:
    return list(db.exec(select(Case).order_by(col(Case.id))))


def _share(rows: list[Case], holds: Callable[[Case], bool]) -> float:
    return sum(map(holds, rows)) / len(rows)


def _states(cases: list[Case], now: datetime) -> Counter[ClockState]:
    due = [case.due_at for case in cases if case.due_at and case.ended_at is None]
    return Counter(running_state(at, now, RULES.due_soon) for at in due)


# The street and its people.


def test_every_place_of_the_files_is_stored_below_its_parent(db: Session) -> None:
    rows = {row.code: row for row in db.exec(select(Place))}
    assert Counter(row.level for row in rows.values()) == Counter(
        {"street": 1, "community": 4, "grid": 32, "building": len(features("buildings"))}
    )
    for row in rows.values():
        parent = rows[row.code[:-3]] if row.level != "street" else None
        assert row.parent_id == (parent.id if parent else None)
        assert row.path == f"{parent.path if parent else '/'}{row.id}/"
        places.check_code(row.code, Level(row.level), parent.code if parent else None)
        label = shapely.from_wkt(f"POINT({row.lon} {row.lat})")
        assert shapely.intersects(shapely.from_wkb(row.geometry), label)


def test_every_sector_has_a_unit_and_every_unit_a_liaison(db: Session) -> None:
    units = db.exec(select(Unit)).all()
    assert {unit.sector for unit in units} == set(RULES.sectors)
    liaisons = db.exec(select(Appointment.unit_id).where(Appointment.role == Role.LIAISON)).all()
    assert sorted(filter(None, liaisons)) == sorted(unit.id or 0 for unit in units)
    assert all(unit.duty_phone.startswith("0000-") for unit in units)


def test_thirty_heads_hold_thirty_two_grids_and_the_street_has_its_people(db: Session) -> None:
    posts = db.exec(select(Appointment.role, Appointment.user_id, Appointment.place_id)).all()
    people = {role: {user for r, user, _ in posts if r == role} for role in Role}
    grids = [place for role, _, place in posts if role == Role.GRID_HEAD]
    assert (len(people[Role.GRID_HEAD]), len(grids), len(set(grids))) == (30, 32, 32)
    numbers = {role: len(people[role]) for role in (Role.DUTY_OFFICER, Role.LEADER, Role.SECRETARY, Role.ADMINISTRATOR)}
    assert numbers == {Role.DUTY_OFFICER: 6, Role.LEADER: 2, Role.SECRETARY: 4, Role.ADMINISTRATOR: 1}
    assert len({user.name for user in db.exec(select(User))}) == len(db.exec(select(User)).all())
    assert first_officer(db, local(NOW).date()).grants


def test_resolutions_fall_due_when_their_words_say_by_working_days(db: Session) -> None:
    said = {"两个工作日内": 2, "一周内": 5, "十个工作日内": 10}
    found, calendar = db.exec(select(Resolution)).all(), RULES.calendars[calendars.WORKING]
    assert {days for one in found for words, days in said.items() if words in one.text} == set(said.values())
    for one in found:
        assert [days for words, days in said.items() if words in one.text] == [one.days]
        assert calendars.counted(calendar, one.decided_at, one.due_at) == one.days * calendar.day
        assert calendars.is_working_day(local(one.due_at).date())


def test_the_store_says_that_it_is_a_demo(db: Session) -> None:
    assert is_demo(db)


# The year.


def test_a_year_has_exactly_9300_cases_none_of_them_from_the_future(db: Session, cases: list[Case]) -> None:
    assert len(cases) == 9_300
    assert min(case.reported_at for case in cases) > NOW - timedelta(days=365)
    assert db.exec(select(func.max(CaseEvent.recorded_at))).one() <= NOW


def test_most_cases_are_closed_and_three_quarters_of_the_promises_kept(db: Session, cases: list[Case]) -> None:
    assert 0.93 <= _share(cases, lambda c: c.stage == Stage.CLOSED) <= 0.96
    assert 0.02 <= _share(cases, lambda c: c.stage == Stage.VOIDED) <= 0.05
    final = [clock_of(row) for row in db.exec(select(CaseClock).where(CaseClock.is_final))]
    settled = [c for c in final if c.cancelled_at is None and (c.met_at or c.due_at < NOW)]
    assert 0.74 <= sum(c.is_kept for c in settled) / len(settled) <= 0.78
    handled = db.exec(select(func.count()).where(CaseEvent.verb == Verb.SELF_HANDLE)).one()
    assert 0.32 <= handled / len(cases) <= 0.39


MOMENTS = [
    NOW,
    datetime(2026, 7, 11, 18, 40, tzinfo=UTC),  # the middle of a summer night
    datetime(2027, 2, 20, 1, 0, tzinfo=UTC),  # after Spring Festival
]


@pytest.mark.parametrize("now", MOMENTS, ids=lambda now: f"{now:%m-%d}")
def test_the_picture_at_any_moment_is_a_busy_street(
    now: datetime, demo_file: Path, migrated_sqlite: Path, tmp_path: Path
) -> None:
    path = demo_file if now == NOW else _loaded(migrated_sqlite, tmp_path / "then.db", now)
    store = Store(f"sqlite:///{path}")
    with store.reading() as db:
        cases = _cases(db)
    store.close()
    still_open = [case for case in cases if case.ended_at is None]
    states = _states(cases, now)
    assert len(cases) == 9_300
    assert 120 <= len(still_open) <= 250
    assert 5 <= states[ClockState.OVERDUE] <= 15
    assert 8 <= states[ClockState.DUE_SOON] <= 20
    assert len({case.stage for case in still_open}) >= 6
    weeks = Counter((now - case.reported_at) // timedelta(days=7) for case in cases)
    assert 0.7 <= weeks[0] / statistics.median(weeks[n] for n in range(52)) <= 1.4


def test_days_have_two_peaks_and_quiet_nights(cases: list[Case]) -> None:
    hours = Counter(local(case.reported_at).hour for case in cases)
    assert max(hours, key=lambda hour: hours[hour]) in (8, 9, 10)
    assert hours[15] > hours[12] * 1.3
    assert hours[20] > hours[22]
    assert sum(hours[hour] for hour in range(6)) < 0.05 * sum(hours.values())


def test_noise_at_night_is_reported_at_night(cases: list[Case]) -> None:
    hours = [local(case.reported_at).hour for case in cases if case.category in ("R0401", "R0402")]
    assert sum(hour >= 19 or hour < 5 for hour in hours) > 0.6 * len(hours)


def test_weekends_are_quieter(cases: list[Case]) -> None:
    days = Counter(local(case.reported_at).weekday() for case in cases)
    assert 0.65 <= (days[5] + days[6]) / 2 / statistics.mean(days[n] for n in range(5)) <= 0.85


@pytest.mark.parametrize(
    ("category", "months", "least"),
    [
        ("R0201", {11, 12, 1, 2, 3}, 0.97),  # rooms too cold
        ("E0406", {5, 6, 7, 8, 9}, 0.6),  # water on the road
        ("E0407", {12, 1, 2}, 0.9),  # ice
        ("R0403", {5, 6, 7, 8, 9}, 0.5),  # dancing in the square
    ],
)
def test_seasons_show(cases: list[Case], category: str, months: set[int], least: float) -> None:
    found = [local(case.reported_at).month for case in cases if case.category == category]
    assert len(found) >= 10
    assert sum(month in months for month in found) / len(found) >= least


def test_severities_are_mostly_blue_and_yellow(cases: list[Case]) -> None:
    assert 0.06 <= _share(cases, lambda c: c.severity == Severity.ORANGE) <= 0.1
    assert 0.01 <= _share(cases, lambda c: c.severity == Severity.RED) <= 0.03
    assert {case.category for case in cases} == set(RULES.categories)
    assert {case.source for case in cases} == set(Source)


# Where and in which words.


def test_points_lie_in_the_grid_of_their_case_and_do_not_coincide(db: Session, cases: list[Case]) -> None:
    where = gazetteer(db, NOW)
    shapes = {node.id: shape for node, shape in zip(where.nodes, where.shapes, strict=True)}
    points = [(shapes[case.grid_id], case.lon, case.lat) for case in cases if case.lon and case.lat]
    assert len(points) == len(cases)
    assert all(shapely.intersects_xy(*point) for point in points)
    assert len({(case.lon, case.lat) for case in cases}) > 0.98 * len(cases)


def test_cases_happen_where_such_things_happen(cases: list[Case]) -> None:
    kinds = {f["properties"]["address"]: f["properties"]["kind"] for f in features("spots")}
    shared = Counter(f["properties"]["address"] for f in features("spots"))
    told = {story.category: story for story in words(RULES).stories}
    for case in cases:
        assert shared[case.address] > 1 or kinds[case.address] in told[case.category].where


def test_some_places_are_trouble_again_and_again(cases: list[Case]) -> None:
    spots = Counter(case.address for case in cases).most_common()
    assert sum(number for _, number in spots[: len(spots) // 20]) > 0.15 * 9_300


def test_titles_are_short_and_varied(cases: list[Case]) -> None:
    assert max(len(case.title) for case in cases) <= 18
    assert not any("{" in case.title + case.text for case in cases)
    assert len({case.title for case in cases}) > 350
    assert len({case.text for case in cases}) > 6_000


def test_every_category_is_told_in_at_least_three_ways() -> None:
    assert all(len(story.said) >= 3 for story in words(RULES).stories)


def test_reporters_are_invented_and_hotline_cases_carry_their_number(db: Session, cases: list[Case]) -> None:
    reporters = {row.case_id: row for row in db.exec(select(Reporter))}
    assert all(row.name and len(row.phone) == 11 and row.phone.startswith("100") for row in reporters.values())
    for case in cases:
        asked = case.source in (Source.RESIDENT, Source.HOTLINE, Source.PHONE)
        assert (case.id in reporters) == asked
        assert bool(case.external_number) == (case.source == Source.HOTLINE)


# Every step is one that people could have taken.


def test_every_step_was_taken_by_somebody_who_may_and_the_chain_holds(db: Session, cases: list[Case]) -> None:
    by_id = {case.id: case for case in cases}
    people = {user.id: principal(db, user.id or 0, local(NOW).date()) for user in db.exec(select(User))}
    chains: dict[int, tuple[str, int]] = {}
    last: datetime | None = None
    for event in db.exec(select(CaseEvent).order_by(col(CaseEvent.seq))):
        who, case = people[event.by_id], by_id[event.case_id]
        assert who is not None
        verb = Verb(event.verb)
        path_ok = who.may(STEPS[verb].who, case.path, case.unit_id) or event.on_behalf_of == case.unit_id
        assert path_ok
        chain, ordinal = chains.get(event.case_id, ("", 0))
        move = Move(verb, who, event.occurred_at, event.recorded_at, event.unit_id, event.note, event.on_behalf_of)
        if verb is Verb.DISPATCH:
            assert event.given is not None
            move = replace(move, called=event.given["called"])
        before = Stage(event.from_stage) if event.from_stage else None
        assert event.ordinal == ordinal + 1
        assert event.hash == event_hash(chain, event.case_id, event.ordinal, before, Stage(event.to_stage), move)
        chains[event.case_id] = event.hash, event.ordinal
        assert last is None or event.recorded_at >= last
        last = event.recorded_at
    assert all(chains[case.id or 0] == (case.chain, case.version) for case in cases)


def test_units_are_mostly_recorded_by_phone_minutes_later(db: Session) -> None:
    told = db.exec(select(CaseEvent).where(col(CaseEvent.verb).in_(["take_on", "arrive", "resolve", "answer"]))).all()
    assert 0.65 <= sum(event.on_behalf_of is not None for event in told) / len(told) <= 0.8
    delay = statistics.median((event.recorded_at - event.occurred_at) / timedelta(minutes=1) for event in told)
    assert 3 <= delay <= 15


def test_the_figures_equal_the_raw_rows(db: Session, cases: list[Case]) -> None:
    came = Counter((hour_start(case.reported_at), case.grid_id) for case in cases)
    grid_of = {case.id: case.grid_id for case in cases}
    moved = db.exec(select(CaseEvent).where(CaseEvent.from_stage != CaseEvent.to_stage)).all()
    ended = Counter(
        (hour_start(event.occurred_at), grid_of[event.case_id], event.to_stage)
        for event in moved
        if event.to_stage in ENDED
    )
    hours = db.exec(select(HourFigure)).all()
    assert {(row.hour, row.grid_id): row.reported for row in hours if row.reported} == came
    flows = {(row.hour, row.grid_id, Stage.CLOSED): row.closed for row in hours if row.closed}
    flows |= {(row.hour, row.grid_id, Stage.VOIDED): row.voided for row in hours if row.voided}
    assert flows == ended
    came_back = Counter((hour_start(e.occurred_at), grid_of[e.case_id]) for e in moved if e.verb == Verb.REOPEN)
    assert {(row.hour, row.grid_id): row.reopened for row in hours if row.reopened} == came_back
    assert _stored_promises(db) == _promises(db, {case.id or 0: case for case in cases})


def test_residents_are_called_back_and_most_are_content(db: Session, cases: list[Case]) -> None:
    raw = Counter(Verb(e.verb) for e in db.exec(select(CaseEvent)) if STEPS[Verb(e.verb)].verdict)
    kept = db.exec(select(func.sum(DayFigure.replied), func.sum(DayFigure.satisfied))).one()
    assert kept == (raw.total(), raw[Verb.RATE_SATISFIED] + raw[Verb.RATE_MOSTLY])
    assert raw.total() > 1_500
    assert 0.85 <= kept[1] / kept[0] <= 0.95
    assert min(raw[verb] for verb in (Verb.REOPEN, Verb.BRING_TO_MEETING)) > 20


def _stored_promises(db: Session) -> Counter[tuple[object, ...]]:
    found: Counter[tuple[object, ...]] = Counter()
    for row in db.exec(select(DayFigure)):
        key = (row.day, row.grid_id, row.category)
        found.update({(*key, "reported"): row.reported, (*key, "promised"): row.promised, (*key, "kept"): row.kept})
    return +found


def _promises(db: Session, cases: dict[int, Case]) -> Counter[tuple[object, ...]]:
    found: Counter[tuple[object, ...]] = Counter(
        (local(case.reported_at).date(), case.grid_id, case.category, "reported") for case in cases.values()
    )
    is_asked = (CaseClock.is_final, col(CaseClock.cancelled_at).is_(None), col(CaseClock.superseded_at).is_(None))
    for row in db.exec(select(CaseClock).where(*is_asked)):
        key = (local(row.due_at).date(), cases[row.case_id].grid_id, cases[row.case_id].category)
        found.update([(*key, "promised"), *([(*key, "kept")] if clock_of(row).is_kept else [])])
    return found


# The same each time, and only into an empty store.


def test_the_same_seed_and_moment_give_the_same_rows(demo_file: Path, migrated_sqlite: Path, tmp_path: Path) -> None:
    again = _loaded(migrated_sqlite, tmp_path / "again.db", NOW)
    with closing(sqlite3.connect(demo_file)) as first, closing(sqlite3.connect(again)) as second:
        assert list(first.iterdump()) == list(second.iterdump())


def test_a_store_with_places_in_it_is_refused(own_demo: Store) -> None:
    with pytest.raises(Refused, match="empty"):
        load_demo(own_demo, NOW)


def test_the_demo_loads_into_postgresql_and_takes_new_cases_after_it(postgres_url: str) -> None:
    store = Store(postgres_url)
    assert load_demo(store, NOW) == 9_300
    here = simulate.world(store, NOW)
    own: dict[int, int] = {}
    done = [_one_action(store, here, own, Random(n), NOW + timedelta(minutes=n)) for n in range(20)]
    assert all(done)
    store.close()


# The simulator.


def _one_action(store: Store, here: World, own: dict[int, int], rng: Random, now: datetime) -> bool:
    action = simulate.next_action(here, simulate.open_cases(store), own, rng, now)
    return simulate.act(store, here, action, own)


def test_the_simulator_refuses_a_store_that_is_no_demo(sqlite_url: str) -> None:
    store = Store(sqlite_url)
    with pytest.raises(Refused, match="demo"):
        simulate.run(store, stop=Event())
    store.close()


def test_three_hundred_actions_keep_the_street_busy(own_demo: Store) -> None:
    here, own, rng, now = simulate.world(own_demo, NOW), dict[int, int](), Random(1), NOW
    seen: Counter[str] = Counter()
    for _ in range(300):
        now += timedelta(seconds=rng.uniform(4, 8))
        action = simulate.next_action(here, simulate.open_cases(own_demo), own, rng, now)
        assert simulate.act(own_demo, here, action, own)
        seen["report" if isinstance(action, Report) else action.move.verb] += 1
        cases = list(simulate.open_cases(own_demo))
        assert 120 <= len(cases) <= 250
        assert 2 <= _states(cases, now)[ClockState.OVERDUE] <= 20
    assert 30 <= seen["report"] <= 90
    assert set(seen) >= {"report", *MAIN}


def test_the_simulator_leaves_a_case_alone_after_a_person_moved_it(own_demo: Store) -> None:
    here = simulate.world(own_demo, NOW)
    own: dict[int, int] = {}
    with own_demo.writing() as db:
        me = first_officer(db, local(NOW).date())
        facts = stories.facts(words(RULES).stories[0], here.ground, NOW, Random(3))
        by_hand = commands.report(db, me, facts, RULES, at=NOW, now=NOW).id
    one = [case for case in simulate.open_cases(own_demo) if case.id == by_hand]
    soon, later = NOW + timedelta(minutes=9), NOW + timedelta(minutes=11)
    assert all(isinstance(simulate.next_action(here, one, own, Random(n), soon), Report) for n in range(40))
    assert not all(isinstance(simulate.next_action(here, one, own, Random(n), later), Report) for n in range(40))


def test_a_case_that_somebody_else_has_moved_is_not_moved_by_the_simulator(own_demo: Store) -> None:
    here, own = simulate.world(own_demo, NOW), dict[int, int]()
    cases = simulate.open_cases(own_demo)
    actions = (simulate.next_action(here, cases, own, Random(n), NOW) for n in range(99))
    step = next(action for action in actions if not isinstance(action, Report))
    assert simulate.act(own_demo, here, step, own)
    assert not simulate.act(own_demo, here, step, own)


def test_the_simulator_reports_nothing_in_a_grid_that_has_ended(own_demo: Store) -> None:
    with own_demo.writing() as db:
        ended = db.exec(select(Place).where(Place.level == Level.GRID)).all()[0]
        ended.valid_to = NOW - timedelta(days=1)
    spots = simulate.world(own_demo, NOW).ground.spots.values()
    grids = {spot.spot.grid.code for found, _ in spots for spot in found}
    assert grids
    assert ended.code not in grids


def test_the_simulator_lives_in_a_thread_until_it_is_stopped(own_demo: Store) -> None:
    stop = Event()
    thread = Thread(target=simulate.run, args=(own_demo, 600.0, stop))
    before = _events(own_demo)
    thread.start()
    until(lambda: _events(own_demo) > before, "something has happened")
    assert thread.is_alive()
    stop.set()
    thread.join(60)
    assert not thread.is_alive()


def _events(store: Store) -> int:
    with store.reading() as db:
        return db.exec(select(func.count()).select_from(CaseEvent)).one()
