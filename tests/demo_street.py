"""The demo street without its year of history: its places and people, and cases as a test wants them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import streamlit as st
from sqlmodel import Session, col, func, select

from core import clock, follower, places, rules, store
from core.cases import commands, queries
from core.cases.commands import Facts
from core.cases.steps import Move
from core.cases.tables import CaseEvent
from core.clock import local
from core.demo import population
from core.demo.load import SEED
from core.people import Appointment, Principal, principal
from core.places import Node, Outline, Spot
from core.store import Store
from core.words import Level, Role, Severity, Source, Verb
from pages.ui import sources
from pages.ui.kept import Kept
from tests.accounts import token_of

RULES = rules.current()
IN_A_DAY, IN_A_WEEK = "E0102", "E0101"  # categories by their promise, which runs from the report
SETTLED = timedelta(minutes=40)  # a case this old is no news: nothing about it turns while a test runs
REPORTER, PHONE = "欧阳见微", "13912345678"


@dataclass(frozen=True)
class DemoStreet:
    """A demo store and the people and grids in it."""

    store: Store
    officer: Principal
    token: str  # of a session of the officer
    grids: tuple[Node, ...]
    outlines: dict[int, Outline]

    def report(self, grid: Node, age: timedelta = SETTLED, category: str = IN_A_DAY, **more: object) -> int:
        """A case reported `age` ago where the label of `grid` stands."""
        known = {"source": Source.PHONE, "lon": grid.lon, "lat": grid.lat} | more
        now = clock.now()
        with self.store.writing() as db:
            facts = Facts(category, spot=Spot(grid), **known)  # type: ignore[arg-type]
            case = commands.report(db, self.officer, facts, RULES, at=now - age, now=now)
        assert case.id is not None
        return case.id

    def take(self, case_id: int, verb: Verb, **more: object) -> None:
        """A step on a case, by the officer, now."""
        move = Move(verb, self.officer, occurred_at=clock.now(), recorded_at=clock.now(), **more)  # type: ignore[arg-type]
        with self.store.writing() as db:
            commands.take(db, self.officer, case_id, move, RULES)

    def open_cases(self) -> int:
        """How many cases are open."""
        with self.store.reading() as db:
            return len(queries.open_cases(db))

    def events(self) -> int:
        """How many events the store holds."""
        with self.store.reading() as db:
            return db.exec(select(func.count()).select_from(CaseEvent)).one()


def settle(path: Path, as_of: datetime | None = None) -> DemoStreet:
    """Found the street in an empty, migrated SQLite file; its world stands still at `as_of`, if that is given."""
    here = Store(f"sqlite:///{path}")
    now = as_of or clock.now()
    with here.writing() as db:
        store.remember(db, "is_demo", "yes")
        store.remember(db, "basemap", "data/demo/basemap.geojson")
        if as_of:
            store.remember(db, store.AS_OF, as_of.isoformat())
        population.settle(db, local(now).date(), SEED)
    with here.reading() as db:
        officer = first_officer(db, local(now).date())
        tree = places.tree(db, now)
        outlines = places.outlines(db, now)
    grids = tuple(node for node in tree.nodes.values() if node.level is Level.GRID)
    return DemoStreet(here, officer, token_of(here, officer.user_id, clock.real_now()), grids, outlines)


def first_officer(db: Session, on: date) -> Principal:
    """The first duty officer of the demo."""
    appointed = select(Appointment.user_id).where(Appointment.role == Role.DUTY_OFFICER)
    found = principal(db, db.exec(appointed.order_by(col(Appointment.id))).first() or 0, on)
    assert found is not None
    return found


def enliven(street: DemoStreet) -> None:
    """Sixty cases of every severity and clock, none of which turns within the next half hour."""
    hours = (1, 3, 8, 15, 23, 26, 50)  # of a promise of a day: running, due soon, overdue
    for number in range(60):
        grid = street.grids[(number * 5) % len(street.grids)]
        age = timedelta(hours=hours[number % len(hours)], minutes=-10)
        severity = list(Severity)[number % 4]
        who = {"reporter_name": REPORTER, "reporter_phone": PHONE, "text": f"{REPORTER} {PHONE}"}
        category = IN_A_DAY if number % 3 else IN_A_WEEK
        case_id = street.report(grid, age, category, severity=severity, **who)
        if number % 2:
            street.take(case_id, Verb.ACCEPT)
        if number % 4 == 3:
            street.take(case_id, Verb.DISPATCH, unit_id=1 + number % 9)
    for _ in range(3):
        street.report(street.grids[0], timedelta(hours=30))  # the one to watch, whatever a test adds


@contextmanager
def this_process_over(store_url: str) -> Iterator[None]:
    """Let routes and pages in this process read the store at `store_url`, as a server's would."""
    kept = (store.current, follower.current, sources._parts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", store_url)
        patch.setattr(sources, "_live", Kept(64))
        for each in kept:
            each.cache_clear()
        st.cache_resource.clear()  # the panels of a version, which another store may have had as well
        yield
        follower.current().stop()
        store.current().close()
    for each in kept:
        each.cache_clear()
    clock.stand_still_at(None)
