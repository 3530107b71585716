"""How many commands a second a store takes, one transaction each, and how long the demo takes to load."""

from collections.abc import Sequence
from pathlib import Path
from time import monotonic

from bench import stores
from core import clock, rules
from core.cases import commands
from core.cases.bulk import Draft
from core.demo import cast, ground, history, stories
from core.demo.author import Author
from core.demo.load import SEED
from core.rules import Rules
from core.store import Store

MEASURED_S = 10


def on_sqlite(folder: Path) -> dict[str, float]:
    """Reports and steps a second on SQLite with durable commits."""
    return {"commands_per_s_sqlite": _per_second(stores.url_of(stores.demo(folder, "commands")))}


def on_postgresql(_folder: Path) -> dict[str, float]:
    """The same on PostgreSQL with its default durability."""
    with stores.postgresql() as url:
        stores.load(url)
        return {"commands_per_s_postgresql": _per_second(url)}


def demo_load(folder: Path) -> dict[str, float]:
    """The demo street with its year of history into an empty SQLite store."""
    path = folder / "empty.db"
    path.unlink(missing_ok=True)
    return {"demo_load_s": stores.load(stores.url_of(path))}


def _per_second(url: str) -> float:
    store, current = Store(url), rules.current()
    waiting = _drafts(store, current)
    done, begun = 0, monotonic()
    for draft in waiting:
        done += _play(store, draft, current)
        if monotonic() - begun > MEASURED_S:
            break
    took = monotonic() - begun
    store.close()
    return done / took


def _drafts(store: Store, current: Rules) -> Sequence[Draft]:
    """The cases of another year, with the mix of steps that the demo has."""
    now = clock.now()
    with store.reading() as db:
        author = Author(cast.cast(db, clock.local(now).date()), stories.words(current), current)
        return history.drafts(author, ground.ground(db, now, SEED), now, SEED + 1)


def _play(store: Store, draft: Draft, current: Rules) -> int:
    """Report one case and take its steps.

    Returns: the number of commands.
    """
    first, *steps = draft.moves
    with store.writing() as db:
        case = commands.report(db, first.by, draft.facts, current, at=first.occurred_at, now=first.recorded_at)
    assert case.id is not None
    for move in steps:
        with store.writing() as db:
            commands.take(db, move.by, case.id, move, current)
    return len(draft.moves)
