"""The store: the same tables on both databases, transactions that hold or are undone, and reads of one moment."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import func, insert, text
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlmodel import Session, SQLModel, select

from core import store
from core.cases import commands
from core.people import User
from core.store import Setting, Store
from core.words import Verb
from tests.cast import NOON, RULES, WHO, Street, facts, move, together


@pytest.fixture
def here(store_url: str) -> Store:
    """A migrated store without anything in it."""
    return Store(store_url)


def test_the_migrations_make_exactly_the_tables_of_the_code(here: Store) -> None:
    with here.writing() as db:
        found = compare_metadata(MigrationContext.configure(db.connection()), SQLModel.metadata)
    assert found == []


def test_to_migrate_twice_changes_nothing(here: Store) -> None:
    with here.writing() as db:
        db.add(User(name="值班员"))
    here.migrate()
    with here.reading() as db:
        assert db.exec(select(User.name)).all() == ["值班员"]


def test_several_processes_may_migrate_an_empty_store_at_once(empty_url: str) -> None:
    command = [sys.executable, "-c", "from core import store; store.current().migrate()"]
    running = [subprocess.Popen(command, env=os.environ | {"DATABASE_URL": empty_url}) for _ in range(2)]
    assert [one.wait() for one in running] == [0, 0]
    here = Store(empty_url)
    with here.reading() as db:
        assert store.is_empty(db)
    here.close()


def test_what_is_written_in_a_block_that_fails_is_undone(here: Store) -> None:
    with pytest.raises(ZeroDivisionError), here.writing() as db:
        _then_fail(db.connection().execute(insert(User).values(name="值班员", is_active=True)))
    with here.reading() as db:
        assert db.exec(select(func.count()).select_from(User)).one() == 0


def test_a_move_is_undone_with_its_event_clocks_and_figures(street: Street) -> None:
    case = street.report()
    before = counts(street.store)
    with pytest.raises(ZeroDivisionError), street.store.writing() as db:
        _then_fail(
            commands.report(db, WHO["officer"], facts(), RULES, at=NOON, now=NOON),
            commands.take(db, WHO["officer"], case, move(Verb.ACCEPT), RULES),
        )
    assert counts(street.store) == before
    assert street.case(case).stage == "reported"


def _then_fail(*_done: object) -> None:
    raise ZeroDivisionError


def counts(of: Store) -> dict[str, int]:
    with of.reading() as db:
        tables = SQLModel.metadata.tables
        return {name: db.execute(select(func.count()).select_from(tables[name])).scalar_one() for name in tables}


def test_reading_sees_one_moment(here: Store) -> None:
    with here.reading() as db:
        assert db.exec(select(func.count()).select_from(User)).one() == 0
        with here.writing() as other:
            other.add(User(name="值班员"))
        assert db.exec(select(func.count()).select_from(User)).one() == 0
    with here.reading() as db:
        assert db.exec(select(func.count()).select_from(User)).one() == 1


def test_reading_changes_nothing(here: Store) -> None:
    with pytest.raises(SQLAlchemyError), here.reading() as db:
        db.connection().execute(insert(User).values(name="值班员", is_active=True))
    with here.writing() as db:  # the connection goes back fit for writing
        db.add(User(name="值班员"))
    with here.reading() as db:
        assert db.exec(select(func.count()).select_from(User)).one() == 1


def test_a_glimpse_says_whether_somebody_has_written(here: Store) -> None:
    with here.glimpsing() as is_written:
        is_written()
        assert not is_written()
        with here.writing() as db:
            db.add(User(name="值班员"))
        assert is_written() is here.is_sqlite
        with here.reading() as db:
            assert db.exec(select(User.name)).all() == ["值班员"]
        assert not is_written()


def test_moments_come_back_in_utc_to_the_microsecond(street: Street) -> None:
    shanghai = datetime(2025, 11, 19, 12, 0, 0, 123456, tzinfo=timezone(timedelta(hours=8)))
    stored = street.case(street.report(when=shanghai)).reported_at
    assert stored == shanghai
    assert stored.tzinfo is UTC


def test_a_moment_without_a_zone_is_refused(street: Street) -> None:
    with pytest.raises((SQLAlchemyError, TypeError)):
        street.report(when=datetime(2025, 11, 19, 12))  # noqa: DTZ001


def test_a_row_that_refers_to_nothing_is_refused(street: Street) -> None:
    with pytest.raises(IntegrityError), street.store.writing() as db:
        db.execute(text("INSERT INTO case_candidate (case_id, grid_id) VALUES (1, 1)"))


def test_the_store_remembers_and_forgets_nothing(here: Store) -> None:
    with here.writing() as db:
        assert store.is_empty(db)
        assert not store.is_demo(db)
        assert store.setting(db, "is_demo") is None
        store.remember(db, "is_demo", "no")
    with here.writing() as db:
        store.remember(db, "is_demo", "yes")
    with here.reading() as db:
        assert store.is_demo(db)
        assert db.exec(select(func.count()).select_from(Setting)).one() == 1


def test_sqlite_is_durable_and_lets_readers_and_one_writer_work_at_once(sqlite_url: str) -> None:
    here = Store(sqlite_url)
    pragmas = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    with here.reading() as db:
        found = [db.execute(text(f"PRAGMA {name}")).scalar_one() for name in pragmas]
    assert found == ["wal", 2, 1, 30_000]  # 2 is FULL
    here.close()


def test_a_writer_on_sqlite_holds_the_lock_from_its_first_statement(sqlite_url: str) -> None:
    here = Store(sqlite_url)
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), timeout=0, isolation_level=None)) as other:
        with here.writing() as db:
            db.execute(text("SELECT 1"))  # reads only, so far
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("BEGIN IMMEDIATE")
        other.execute("BEGIN IMMEDIATE")
    here.close()


def test_no_update_is_lost_between_reading_and_writing(here: Store) -> None:
    with here.writing() as db:
        store.remember(db, "count", "0")

    def count_up() -> None:
        for _ in range(20):
            with here.writing() as db:
                store.number_in_commit_order(db)
                store.remember(db, "count", str(int(store.setting(db, "count") or 0) + 1))

    assert together(*[count_up] * 4) == [None] * 4
    with here.reading() as db:
        assert store.setting(db, "count") == "80"
    here.close()


def test_the_url_of_postgresql_means_psycopg_3() -> None:
    for url in ("postgresql://h/d", "postgres://h/d", "postgresql+psycopg://h/d"):
        assert Store(url).url == "postgresql+psycopg://h/d"


def test_a_store_in_a_folder_that_is_not_there_makes_it(tmp_path: Path) -> None:
    here = Store(f"sqlite:///{tmp_path / 'var' / 'deep' / 'store.db'}")
    here.migrate()
    with here.reading() as db:
        assert isinstance(db, Session)
        assert store.is_empty(db)
    here.close()
