"""The follower on real stores: events of anyone, clocks without events, a store that fails and comes back."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
import shapely
from sqlalchemy import text

from core import clock
from core.board import Board, Counts
from core.cases import bulk
from core.cases.bulk import Draft
from core.follower import BATCH, COALESCE_S, POLL_S, Follower
from core.places import Place
from core.store import Store
from core.units import Unit
from core.words import ClockState, Level, Verb
from tests.cast import (
    HOUR,
    ID,
    MINUTE,
    NOON,
    POWER,
    RULES,
    WULIPU_1,
    ZHANQIAN,
    Street,
    facts,
    fill,
    loop,
    move,
    path_of,
    recount,
    together,
)

StandStill = Callable[[datetime], None]


def until(is_so: Callable[[], object], within_s: float = 60) -> None:
    """Wait until it is so."""
    end = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def eager(street: Street) -> Follower:
    """A follower that publishes at once; its `poll` is called by hand."""
    return Follower(street.store, coalesce_s=0)


@pytest.fixture
def running(street: Street) -> Iterator[Follower]:
    """A follower with its own thread."""
    found = Follower(street.store, coalesce_s=0, stale_after_s=1)
    found.start()
    yield found
    found.stop()


def agrees(follower: Follower, street: Street) -> bool:
    """Whether the picture is the one that a new follower makes from nothing."""
    return seen(follower.board) == seen(Follower(street.store).board)


def seen(board: Board) -> tuple[object, ...]:
    """What a picture says, without the places of which there is nothing to say."""
    counts = {place: found for place, found in board.counts.items() if found != Counts()}
    hours = {grid: sorted(rows) for grid, rows in board.window.hours.items() if rows}
    days = {grid: sorted(rows) for grid, rows in board.window.days.items() if rows}
    return board.cases, board.states, board.newest, board.watched, counts, hours, days


def test_a_report_a_move_and_an_end_change_the_picture(street: Street, stand_still: StandStill) -> None:
    stand_still(NOON)
    follower = eager(street)
    assert (follower.board.version, follower.board.cases) == (1, {})
    case = street.report()
    follower.poll()
    assert (follower.board.version, list(follower.board.cases)) == (2, [case])
    stand_still(NOON + HOUR)
    street.take(case, *loop(until=Verb.DISPATCH)[1:])
    follower.poll()
    assert follower.board.cases[case].unit_id == POWER
    assert agrees(follower, street)
    street.take(case, move(Verb.VOID, at=NOON + HOUR))
    follower.poll()
    assert follower.board.cases == {}
    assert agrees(follower, street)


def test_a_quiet_store_makes_no_new_picture(street: Street, stand_still: StandStill) -> None:
    stand_still(NOON)
    street.report()
    follower = eager(street)
    board = follower.board
    for _ in range(3):
        follower.poll()
    assert follower.board is board


def test_a_clock_turns_without_any_event(street: Street, stand_still: StandStill) -> None:
    stand_still(NOON)
    case = street.report()
    follower = eager(street)
    stood = []
    for hours, extra in ((21, 0), (22, 0), (24, 0), (24, 1)):
        stand_still(NOON + hours * HOUR + extra * MINUTE)
        follower.poll()
        stood.append((follower.board.states[case], follower.board.counts[ID["street"]]))
    assert stood == [
        (ClockState.RUNNING, Counts(1, 0, 0)),
        (ClockState.DUE_SOON, Counts(1, 0, 1)),
        (ClockState.DUE_SOON, Counts(1, 0, 1)),  # at its due time it is not yet overdue
        (ClockState.OVERDUE, Counts(1, 1, 0)),
    ]
    assert agrees(follower, street)


def test_the_picture_of_the_next_hour_has_a_new_window(street: Street, stand_still: StandStill) -> None:
    stand_still(NOON)
    follower = eager(street)
    before = follower.board.layer_versions
    stand_still(NOON + HOUR)
    follower.poll()
    assert (follower.board.version, follower.board.at) == (2, NOON + HOUR)
    assert follower.board.layer_versions == before  # nothing looks otherwise


def test_pictures_are_published_half_a_second_apart(street: Street, stand_still: StandStill) -> None:
    """From before the one to after the next: a stall between a picture and its note takes nothing from either."""
    stand_still(NOON)
    follower = Follower(street.store)
    told: list[tuple[float, float]] = []
    versions: list[int] = []

    def goes_on() -> bool:
        street.report()
        polled_s, version = time.monotonic(), len(versions)
        follower.poll()
        if len(versions) > version:
            told.append((polled_s, time.monotonic()))
        return len(told) == 4

    follower.subscribe(lambda: versions.append(follower.board.version))
    until(goes_on)
    assert versions == [2, 3, 4, 5]
    assert min(later[1] - before[0] for before, later in pairwise(told)) >= COALESCE_S
    time.sleep(COALESCE_S)
    follower.poll()
    assert agrees(follower, street)


def test_what_a_second_process_writes_is_seen(street: Street, running: Follower, store_url: str) -> None:
    script = (
        "import sys; from core.store import Store; from tests.cast import Street; Street(Store(sys.argv[1])).report()"
    )
    subprocess.run([sys.executable, "-c", script, store_url], check=True, env=dict(os.environ))
    until(lambda: len(running.board.cases) == 1)


def test_a_subscriber_is_told_until_it_leaves(street: Street) -> None:
    follower = eager(street)
    told: list[int] = []
    leave = follower.subscribe(lambda: told.append(follower.board.version))
    street.report()
    follower.poll()
    leave()
    leave()
    street.report()
    follower.poll()
    assert told == [2]


def fail() -> None:
    raise RuntimeError


def test_a_subscriber_that_fails_does_not_stop_the_follower(street: Street, running: Follower) -> None:
    leave = running.subscribe(fail)
    street.report()
    until(lambda: len(running.board.cases) == 1)
    leave()
    street.report()
    until(lambda: len(running.board.cases) == 2)
    until(lambda: running.stale_since is None)


def test_in_a_storm_the_follower_misses_nothing(street: Street, running: Follower, stand_still: StandStill) -> None:
    stand_still(NOON)

    def work() -> None:
        for number in range(8):
            case = street.report(WULIPU_1 if number % 2 else ZHANQIAN, "n1" if number % 3 else "s1")
            verb = Verb.VOID if number % 4 == 0 else Verb.ACCEPT
            street.take(case, move(verb))

    assert together(*[work] * 6) == [None] * 6
    until(lambda: len(running.board.cases) == 36 and agrees(running, street))
    with street.store.reading() as db:
        assert sum(recount(db).values()) > 0


def test_a_bulk_of_many_events_is_followed(street: Street, stand_still: StandStill) -> None:
    stand_still(NOON + HOUR)
    follower = eager(street)
    with street.store.writing() as db:
        bulk.write(db, [Draft(facts(), loop(until=Verb.REPORT)) for _ in range(BATCH + 1)], RULES)
    follower.poll()  # more than are read at once
    assert len(follower.board.cases) == BATCH + 1
    assert agrees(follower, street)


def test_places_and_units_imported_while_running_are_followed(street: Street) -> None:
    follower = eager(street)
    with street.store.writing() as db:
        square, path = shapely.to_wkb(shapely.box(5, 0, 6, 1)), path_of("north") + "50/"
        place = Place(id=50, code="990101001001003", name="n3", level=Level.GRID, parent_id=ID["north"], path=path)
        place.geometry, place.lon, place.lat = square, 5.5, 0.5
        db.add(place)
        db.add(Unit(id=60, name="燃气站", sector="gas", duty_phone="1", place_id=ID["street"]))
    before = follower.board.layer_versions
    follower.poll()
    assert 50 in follower.board.tree.nodes
    assert 50 in follower.board.outlines
    assert 60 in follower.board.units
    assert all(number != before[name] for name, number in follower.board.layer_versions.items())
    board = follower.board
    follower.poll()
    assert follower.board is board


def test_a_follower_starts_on_an_empty_store_and_sees_the_first_import(store_url: str) -> None:
    here = Store(store_url)
    follower = Follower(here, coalesce_s=0)
    assert follower.board.tree.root is None
    assert (follower.board.cases, follower.board.watched, follower.board.newest) == ({}, None, ())
    with here.writing() as db:
        fill(db)
    follower.poll()
    assert follower.board.tree.root is not None
    assert Street(here).report()
    follower.poll()
    assert len(follower.board.cases) == 1
    here.close()


def test_a_store_that_fails_leaves_the_last_picture_and_says_since_when(street: Street, running: Follower) -> None:
    """The table that is followed is renamed: on either database every read fails until it is back."""
    case = street.report()
    until(lambda: case in running.board.cases)
    told: list[datetime | None] = []
    told_at: list[datetime] = []

    def note() -> None:
        told.append(running.stale_since)
        told_at.append(clock.now())

    running.subscribe(note)
    running.subscribe(fail)  # one that fails keeps neither the others nor the thread from going on
    with street.store.writing() as db:
        db.execute(text("ALTER TABLE case_event RENAME TO away"))
    until(lambda: told and told[-1])
    since = running.stale_since
    assert since is not None
    assert told[-1] == since
    assert told_at[-1] - since >= timedelta(seconds=1)  # after the last answer
    assert list(running.board.cases) == [case]
    with street.store.writing() as db:
        db.execute(text("ALTER TABLE away RENAME TO case_event"))
    until(lambda: running.stale_since is None)
    until(lambda: told[-1] is None)
    assert all(bool(one) != bool(next_one) for one, next_one in pairwise(told))  # of each change once
    other = street.report()
    until(lambda: other in running.board.cases)


def test_a_dropped_connection_is_taken_up_again(postgres_url: str) -> None:
    here, other = Store(postgres_url), Store(postgres_url)
    with here.writing() as db:
        fill(db)
    follower = Follower(here, coalesce_s=0)
    follower.start()
    name = postgres_url.rsplit("/", 1)[1].split("?")[0]
    drop = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :n AND pid <> pg_backend_pid()")
    with other.writing() as db:
        db.execute(drop, {"n": name})
    case = Street(other).report()
    until(lambda: case in follower.board.cases)
    assert follower.stale_since is None
    follower.stop()
    here.close()
    other.close()


def test_a_read_that_hangs_is_stale_too(postgres_url: str) -> None:
    """A table locked against reading: the follower waits inside its read, and still the picture says it is old."""
    here, other = Store(postgres_url), Store(postgres_url)
    follower = Follower(here, coalesce_s=0, stale_after_s=0.5)
    follower.start()
    with other.writing() as db:
        db.execute(text("LOCK TABLE case_event IN ACCESS EXCLUSIVE MODE"))
        until(lambda: follower.stale_since)
    until(lambda: follower.stale_since is None)
    follower.stop()
    here.close()
    other.close()


def test_to_start_twice_is_one_thread_and_stop_ends_it(street: Street) -> None:
    follower = eager(street)
    follower.start()
    follower.start()
    follower.stop()
    case = street.report()
    time.sleep(3 * POLL_S)
    assert case not in follower.board.cases
