"""How fast the one box answers in a city: 2,642 liaisons × 14 sectors × 2,157 grids, typed letter by letter."""

from datetime import timedelta
from pathlib import Path
from random import Random
from time import perf_counter

from sqlalchemy import Connection, insert

from bench import stores
from bench.spread import percentile
from core import clock, rules
from core.clock import local
from core.demo import names
from core.liaisons import lookup, search
from core.liaisons.tables import Liaison, LiaisonPlace
from core.places import Place
from core.store import Store
from core.units import Unit
from core.words import Level

LIAISONS, GRIDS, COMMUNITIES = 2_642, 2_157, 120
QUERIES = 400
FIRST, LAST = "黄长青白云石龙凤金银东西南北中新老大小双", "河江山湖桥塘岭门湾坡庄园井泉巷港洲台口林"


def liaisons(folder: Path) -> dict[str, float]:
    """The time of the server for each letter typed into the box, with the directory in memory; and to read it anew."""
    store = Store(stores.url_of(folder / "city.db"))
    store.migrate()
    now, current, rng = clock.now(), rules.current(), Random(13710)
    with store.writing() as db:
        _settle(db.connection(), list(current.sectors), rng)
    begun = perf_counter()
    with store.reading() as db:
        index = search.index(lookup.directory(db, current))
    read_s = perf_counter() - begun
    took: list[float] = []
    for typed in _typed([one.name for one in index.directory.places.values()], rng):
        begun = perf_counter()
        with store.reading() as db:
            search.index(lookup.directory(db, current)).search(typed, ("/1/",), now)
        took.append(1000 * (perf_counter() - begun))
    store.close()
    return {"liaison_p95_ms": percentile(took, 95), "liaison_p50_ms": percentile(took, 50), "liaison_first_s": read_s}


def _typed(places: list[str], rng: Random) -> list[str]:
    """What stands in the box after each pause of somebody who types a place and a sector in either order."""
    found: list[str] = []
    while len(found) < QUERIES:
        words = [rng.choice(("供水", "gs", "gongdian", "燃气", "xf", "wuye", "环卫")), rng.choice(places)[:4]]
        rng.shuffle(words)
        whole = " ".join(words)
        found += [whole[:end] for end in range(1, len(whole) + 1)]
    return found[:QUERIES]


def _settle(connection: Connection, sectors: list[str], rng: Random) -> None:
    """A city of one root: communities, grids, a unit of each sector for every tenth community, and their people."""
    today = local(clock.now()).date()
    called = [f"{a}{b}" for a in FIRST for b in LAST]
    rng.shuffle(called)
    columns = ("id", "code", "name", "level", "parent_id", "path")
    rows: list[tuple[int, str, str, Level, int | None, str]] = [(1, "210800001", "市中心", Level.STREET, None, "/1/")]
    for number in range(COMMUNITIES):
        name = f"{called[number]}社区"
        rows.append((2 + number, f"210800001{number + 1:03d}", name, Level.COMMUNITY, 1, f"/1/{2 + number}/"))
    for number in range(GRIDS):
        above, order = 2 + number % COMMUNITIES, number // COMMUNITIES + 1
        name, one = f"{called[above - 2]}社区{order}网格", 2 + COMMUNITIES + number
        rows.append((one, f"{rows[above - 1][1]}{order:03d}", name, Level.GRID, above, f"/1/{above}/{one}/"))
    connection.execute(insert(Place), [dict(zip(columns, row, strict=True)) for row in rows])
    seats = [1, *range(2, 2 + COMMUNITIES, 10)]
    units = [
        {"id": 1 + len(seats) * s + n, "name": f"{rows[seat - 1][2]}{sector}", "sector": sector,
         "duty_phone": f"0000-{s:02d}{n:03d}", "place_id": seat}
        for s, sector in enumerate(sectors) for n, seat in enumerate(seats)
    ]  # fmt: skip
    connection.execute(insert(Unit), units)
    since = today - timedelta(days=100)
    people = [
        {"id": n + 1, "unit_id": rng.choice(units)["id"], "name": names.person(rng), "mobile": names.mobile(rng),
         "calendar": rng.choice(("natural", "working")), "from_on": since,
         "verified_on": today - timedelta(days=rng.randrange(120))}
        for n in range(LIAISONS)
    ]  # fmt: skip
    connection.execute(insert(Liaison), people)
    posts = [
        {"liaison_id": n + 1, "place_id": rng.choice(rows)[0], "from_on": since}
        for n in range(LIAISONS) for _ in range(3)
    ]  # fmt: skip
    connection.execute(insert(LiaisonPlace), posts)
