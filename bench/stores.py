"""Stores to measure on: the demo street, loaded once a run and copied."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from core import clock
from core.demo.load import load_demo
from core.store import Store


def demo(folder: Path, name: str) -> str:
    """The URL of a fresh copy of the demo street on SQLite."""
    original = folder / "demo.db"
    if not original.exists():
        store = Store(f"sqlite:///{original}")
        store.migrate()
        load_demo(store, clock.now())
        store.close()
        with closing(sqlite3.connect(original)) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    path = folder / f"{name}.db"
    path.unlink(missing_ok=True)
    return f"sqlite:///{shutil.copy(original, path)}"
