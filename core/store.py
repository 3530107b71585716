"""The store: SQLite in one file by default, PostgreSQL by `DATABASE_URL`; reading and writing sessions."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Field, Session, SQLModel

UNREADABLE = SQLAlchemyError  # what is raised while the store cannot be reached
ROOT = Path(__file__).parent.parent
DEFAULT_URL = "sqlite:///var/grid-command.db"
AS_OF = "as_of"  # the setting of an imported world that stands still
LOCK = text("SELECT pg_advisory_xact_lock(13710)")  # one writer of events, or migration, at a time
ONE_MOMENT: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
MIGRATED_WITHIN_MS = 300_000  # how long another process waits that would migrate too
# without them a read over a dead link hangs for a quarter of an hour
TIMEOUTS = {"connect_timeout": 5, "tcp_user_timeout": 10_000}  # s, ms


class Setting(SQLModel, table=True):
    """What a store remembers about itself: whether it is a demo, when its world stands still."""

    __tablename__ = "setting"
    key: str = Field(primary_key=True, max_length=40)
    value: str = Field(max_length=400)


class Store:
    """A database and the two ways into it."""

    def __init__(self, url: str) -> None:
        self.url = _with_driver(url)
        self._writes = _engine(self.url).execution_options(writes=True)
        self._reads = self._writes.execution_options(writes=False, **({} if self.is_sqlite else ONE_MOMENT))

    @property
    def is_sqlite(self) -> bool:
        """Whether the store is one file of this host."""
        return self._writes.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one moment and changes nothing."""
        with Session(self._reads, expire_on_commit=False) as db:
            yield db

    @contextmanager
    def glancing(self) -> Iterator[Connection]:
        """A connection that changes nothing, for one query of columns: half the cost of a session."""
        with self._reads.connect() as connection:
            yield connection

    @contextmanager
    def glimpsing(self) -> Iterator[Callable[[], bool]]:
        """A question that takes microseconds: whether anybody has written since it was last asked.

        On PostgreSQL, where only reading tells, the answer is always no.
        """
        if not self.is_sqlite:
            yield lambda: False
            return
        connection: Any = None  # opened by the first question, and again after one that failed
        last = 0

        def is_written() -> bool:
            nonlocal connection, last
            connection = connection or self._reads.raw_connection()
            try:
                before, last = last, int(connection.cursor().execute("PRAGMA data_version").fetchone()[0])
            except sqlite3.Error:
                connection.close()
                connection = None
                raise
            return last != before

        try:
            yield is_written
        finally:
            if connection:
                connection.close()

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session whose transaction commits at the end of the block and is undone by any exception.

        On SQLite it holds the only write lock from its first statement.
        """
        with Session(self._writes, expire_on_commit=False) as db, db.begin():
            yield db

    def migrate(self) -> None:
        """Bring the tables to the newest version."""
        config = Config(toml_file=ROOT / "pyproject.toml")
        with self._writes.connect() as connection:
            if self.is_sqlite:
                connection.detach()
                connection.connection.cursor().execute(f"PRAGMA busy_timeout={MIGRATED_WITHIN_MS}")
            with connection.begin():  # around all of them: alembic would let another process in after each
                if not self.is_sqlite:  # where the transaction itself holds other writers back
                    connection.execute(LOCK)
                config.attributes["connection"] = connection
                command.upgrade(config, "head")

    def close(self) -> None:
        """Give back every connection."""
        self._writes.dispose()


@cache
def current() -> Store:
    """The store of this process."""
    return Store(os.environ.get("DATABASE_URL") or DEFAULT_URL)


def number_in_commit_order(db: Session) -> None:
    """Hold back other writers of events until this transaction ends.

    A plain sequence lets a later number commit first, and a follower that has passed it never sees the event.
    SQLite has one writer at a time anyway.
    """
    if db.get_bind().dialect.name == "postgresql":
        db.connection().execute(LOCK)


def setting(db: Session, key: str) -> str | None:
    """What the store remembers under `key`."""
    row = db.get(Setting, key)
    return row.value if row else None


def remember(db: Session, key: str, value: str) -> None:
    """Keep `value` under `key`."""
    db.merge(Setting(key=key, value=value))


def standing_at(db: Session) -> datetime | None:
    """The moment at which an imported world stands still; None when time runs.

    Units: aware.
    """
    kept = setting(db, AS_OF)
    return datetime.fromisoformat(kept) if kept else None


def is_empty(db: Session) -> bool:
    """Whether nothing has been put into the store yet."""
    return db.execute(text("SELECT 1 FROM place LIMIT 1")).first() is None


def is_demo(db: Session) -> bool:
    """Whether everything in the store is invented."""
    return setting(db, "is_demo") == "yes"


def _with_driver(url: str) -> str:
    """`postgresql://` means psycopg 3, measured twice as fast as psycopg2."""
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url, pool_size=10, max_overflow=20, pool_pre_ping=True, connect_args=TIMEOUTS)
    if path := make_url(url).database:
        _make_private(Path(path))
    engine = create_engine(url, pool_size=10, max_overflow=20, connect_args={"timeout": 30})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _make_private(path: Path) -> None:
    """A new file may be read by its owner only; what SQLite puts beside it takes over its mode."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.touch(mode=0o600)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    """The driver must not begin transactions by itself: ours say whether they will write."""
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock first: measured, a read that later writes lost 419 of 480 updates."""
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql(f"PRAGMA query_only={'OFF' if writes else 'ON'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
