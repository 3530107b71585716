"""Whether a long history makes the live screens slower, and how soon a process shows very many open cases."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter

import sqlalchemy as sa
from sqlmodel import Session

from bench import longer, readings, stores
from core import clock, layers
from core.demo import simulate
from core.follower import Follower
from core.store import Store
from core.wall import picture
from core.words import Measure
from pages.ui import panels

SHORT, LONG, MANY_OPEN = 10_000, 1_000_000, 60_000
ROUNDS, START_ROUNDS = 9, 3


def on_sqlite(folder: Path) -> dict[str, float]:
    """The wall and the pages with 1,000,000 cases in history against 10,000, on SQLite."""
    found = _ratios([stores.url_of(longer.history(folder, cases)) for cases in (SHORT, LONG)])
    return {"screen_history_ratio": max(found.values())} | {f"screen_history_{k}_ratio": v for k, v in found.items()}


def on_postgresql(_folder: Path) -> dict[str, float]:
    """The same on PostgreSQL: two databases of one server; the copies have no events, which would take minutes."""
    with stores.postgresql() as url:
        stores.load(url)
        urls = [_second_database(url, f"history_{cases}") for cases in (SHORT, LONG)]
        for one, cases in zip(urls, (SHORT, LONG), strict=True):
            longer.lengthen(one, cases, ("case_file", "case_clock"))
        return {"screen_history_ratio_postgresql": max(_ratios(urls).values())}


def board_start(folder: Path) -> dict[str, float]:
    """How long a process takes to its first picture of 60,000 open cases."""
    url = stores.url_of(stores.demo(folder, "many-open"))
    longer.multiply_open(url, MANY_OPEN)
    store = Store(url)
    took = [_seconds(lambda: Follower(store)) for _ in range(START_ROUNDS)]
    open_cases = len(Follower(store).board.cases)
    store.close()
    if open_cases != MANY_OPEN:
        raise RuntimeError(f"{open_cases} open cases")
    return {"board_start_60k_s": median(took)}


def _ratios(urls: Sequence[str]) -> dict[str, float]:
    """What the screens cost in the second store ÷ in the first: start, refresh, poll after an event; pages."""
    walls = [_Wall(url) for url in urls]
    took: dict[str, tuple[list[float], list[float]]] = {}
    for turn in range(ROUNDS):  # by turns and in turned order, so that both see the same noise
        for place, wall in list(enumerate(walls))[:: (-1) ** turn]:
            for name, seconds in wall.measured().items():
                took.setdefault(name, ([], []))[place].append(seconds)
    for wall in walls:
        wall.store.close()
    return {name: median(long) / median(short) for name, (short, long) in took.items()}


class _Wall:
    """The wall over one store, without a browser."""

    def __init__(self, url: str) -> None:
        self.store = Store(url)
        self.follower = Follower(self.store, coalesce_s=0)
        self._world, self._rng = simulate.world(self.store, clock.now()), Random(1)
        with self.store.reading() as db:
            self._asked = readings.asked(db)

    def measured(self) -> dict[str, float]:
        """Seconds of each part, once."""
        self._report()
        return {
            "start": _seconds(lambda: Follower(self.store)),
            "poll": _seconds(self.follower.poll),
            "refresh": _seconds(self._refresh),
            **{name: _seconds(partial(self._read, page)) for name, page in readings.PAGES.items()},
        }

    def _read(self, page: Callable[[Session, readings.Asked], None]) -> None:
        with self.store.reading() as db:
            page(db, self._asked)

    def _report(self) -> None:
        """A new case: where nothing is open, the simulator's next action is a report."""
        simulate.act(self.store, self._world, simulate.next_action(self._world, [], {}, self._rng, clock.now()), {})

    def _refresh(self) -> None:
        board = self.follower.board
        assert board.tree.root is not None
        panels.render(picture(board, board.tree.root), "zh_CN")
        for name in board.layer_versions:
            layers.layer_json(board, name, Measure.OPEN)


def _seconds(work: Callable[[], object]) -> float:
    begun = perf_counter()
    work()
    return perf_counter() - begun


def _second_database(url: str, name: str) -> str:
    original = sa.make_url(url)
    engine = sa.create_engine(original.set(database="template1"), isolation_level="AUTOCOMMIT")
    with engine.connect() as db:
        db.exec_driver_sql(f'CREATE DATABASE "{name}" TEMPLATE "{original.database}"')
    engine.dispose()
    return original.set(database=name).render_as_string(hide_password=False)
