"""The follower: one thread a process that reads new events and publishes the next picture."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import cache, partial
from time import monotonic

import structlog
from sqlalchemy import func
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select

from core import clock, figures, layers, places, rules, store
from core.board import Board, Ground, Tally, first_board, next_board
from core.cases import emergency
from core.cases.queries import open_cases
from core.cases.tables import Case, CaseEvent, Emergency
from core.desk_words import ShiftKind
from core.handover import log as shifts
from core.handover.tables import ShiftEntry
from core.liaisons import lookup
from core.store import Store
from core.units import units

GLIMPSE_S = 0.03
POLL_S = 0.15  # where a glimpse tells nothing; a poll takes a millisecond
REST_S = 0.5  # where it does: for the clocks, and to know that the store still answers
COALESCE_S = 0.5
STALE_AFTER_S = 10.0
BATCH = 5_000  # events read at once
log = structlog.get_logger()


class Follower:
    """Follows the events of a store and holds the newest picture; tells subscribers when it changes."""

    def __init__(self, of: Store, *, coalesce_s: float = COALESCE_S, stale_after_s: float = STALE_AFTER_S) -> None:
        self._store, self._coalesce_s, self._stale_after_s = of, coalesce_s, stale_after_s
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._subscribers: set[Callable[[], None]] = set()
        self._changed = self._cases_changed = False  # something is known that no picture shows yet
        self._published_s = self._read_s = monotonic()
        self.read_at = clock.now()  # when the store last answered
        self._was_stale = False  # as the subscribers were told
        with of.reading() as db:
            self.board: Board = self._loaded(db, clock.now())

    def start(self) -> None:
        """Begin to follow; a second call does nothing."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="follower", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the thread and wait for it."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Have `callback` called, from the follower's thread, after each publication or change of staleness.

        Returns: the function that ends the subscription.
        """
        self._subscribers.add(callback)
        return lambda: self._subscribers.discard(callback)

    @property
    def stale_since(self) -> datetime | None:
        """When the store last answered, if that is too long ago; true even while a read hangs."""
        is_late = self._thread is not None and monotonic() - self._read_s >= self._stale_after_s
        return self.read_at if is_late else None

    def poll(self) -> None:
        """Read what is new, let the clocks turn, and publish when that changes the picture."""
        now = clock.now()
        with self._store.reading() as db:
            if clock.hour_start(now) != clock.hour_start(self._window_at) or _newest_ground(db) != self._newest_ground:
                self._renew(db, now)
            while self._follow(db, now) == BATCH:
                pass
        if self._tally.turn(now):
            self._changed = self._cases_changed = True
        if self._is_due():
            self._publish(now)
        self._read_s, self.read_at = monotonic(), now

    def _run(self) -> None:
        rest_s, polled_s = REST_S if self._store.is_sqlite else POLL_S, monotonic()
        with self._store.glimpsing() as is_written:
            while not self._stop.wait(GLIMPSE_S):
                try:
                    if is_written() or monotonic() - polled_s >= rest_s or self._is_due():
                        polled_s = monotonic()
                        self.poll()
                except Exception as error:  # a dead thread would leave a picture that looks alive: go on, grow stale
                    log.warning("not_read", error=type(error).__name__, exc_info=not isinstance(error, SQLAlchemyError))
                    self._stop.wait(POLL_S)
                if (is_stale := self.stale_since is not None) != self._was_stale:
                    self._was_stale = is_stale
                    self._tell()

    def _is_due(self) -> bool:
        """Whether something that is known may be published by now."""
        return self._changed and monotonic() - self._published_s >= self._coalesce_s

    def _loaded(self, db: Session, now: datetime) -> Board:
        """The first picture: everything that is open, and the number of the last event before it was read."""
        in_force = rules.current()
        self._seq = db.exec(select(func.max(CaseEvent.seq))).one() or 0
        self._window, self._window_at = figures.window(db, now), now
        self._newest_ground = _newest_ground(db)
        self._tally = Tally(in_force.due_soon)
        for case in open_cases(db):
            self._tally.put(case, now)
        board = first_board(self._tally, in_force, _ground(db, now), self._window, at=now, is_demo=store.is_demo(db))
        return board.under(emergency.in_force(db))

    def _follow(self, db: Session, now: datetime) -> int:
        """Take in the next events, in the order in which they were committed.

        Returns: how many there were.
        """
        events = db.execute(
            select(CaseEvent.seq, CaseEvent.case_id, Case.grid_id, CaseEvent.given)
            .join(Case, col(Case.id) == CaseEvent.case_id)
            .where(col(CaseEvent.seq) > self._seq)
            .order_by(col(CaseEvent.seq))
            .limit(BATCH)
        ).all()
        if events:
            left = {given["was"]["grid_id"] for *_, given in events if given and "was" in given}  # by a correction
            self._take_in(db, {event[1] for event in events}, {event[2] for event in events} | left, now)
            self._seq = events[-1][0]
            self._changed = self._cases_changed = True
        return len(events)

    def _take_in(self, db: Session, case_ids: set[int], grids: set[int], now: datetime) -> None:
        still_open = open_cases(db, sorted(case_ids))
        for case_id in case_ids - {case.id for case in still_open}:
            self._tally.drop(case_id)
        for case in still_open:
            self._tally.put(case, now)
        self._window = figures.refreshed(self._window, db, now, grids)

    def _renew(self, db: Session, now: datetime) -> None:
        """Read anew, once an hour and when they change, what changes seldom: places, units, figures, emergencies."""
        newest, ground, window = _newest_ground(db), _ground(db, now), figures.window(db, now)
        is_demo = store.is_demo(db)  # a demo may come into an empty store
        self.board = replace(self.board.over(ground), is_demo=is_demo).under(emergency.in_force(db))
        self._newest_ground, self._window, self._window_at = newest, window, now
        self._changed = True

    def _publish(self, now: datetime) -> None:
        self.board = next_board(self.board, self._tally, self._window, now, cases_changed=self._cases_changed)
        self._changed = self._cases_changed = False
        self._published_s = monotonic()
        self._tell()

    def _tell(self) -> None:
        for callback in tuple(self._subscribers):
            try:
                callback()
            except Exception:  # one that fails keeps neither the others from being told nor the thread from going on
                log.warning("not_told", exc_info=True)


def _ground(db: Session, now: datetime) -> Ground:
    by_id = {unit.id: unit for unit in units(db) if unit.id is not None}
    on_duty = lookup.directory(db, rules.current()).rostered(now)
    outlines = places.outlines(db, now)
    signs = partial(layers.street_signs, db, now)
    return Ground(places.tree(db, now), outlines, by_id, on_duty, shifts.on_shift(db, now), signs)


def _newest_ground(db: Session) -> tuple[object, ...]:
    """What changes with the places, the directory, emergencies and shifts that begin or end; read at every poll."""
    emergencies = select(func.count(col(Emergency.id)), func.count(col(Emergency.to_at)))
    taken_over = select(func.max(ShiftEntry.ordinal)).where(ShiftEntry.kind == ShiftKind.TAKEN_OVER)
    return lookup.version(db), *db.execute(emergencies).one(), db.execute(taken_over).scalar()


@cache
def current() -> Follower:
    """The follower of this process's store, started; where the imported world stands still, so does the clock."""
    with store.current().reading() as db:
        clock.stand_still_at(store.standing_at(db))
    follower = Follower(store.current())
    follower.start()
    return follower
