"""What an import costs above writing the same rows: 10,000 cases from a CSV file into the demo street."""

import csv
from datetime import timedelta
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

from bench import stores
from core import clock, rules
from core.demo import ground
from core.demo.load import SEED
from core.imports.run import Job, Kind, run
from core.store import Store

ROWS, ROUNDS = 10_000, 3
TIME = "%Y-%m-%d %H:%M:%S"
STILL_OPEN = 0.06
MAPPING = """
system = "bench"
coordinate_system = "WGS84"
extent = [112.4, 32.9, 112.7, 33.1]

[street]
code = "990101001"
name = "云汀街道"

[cases]
number = "编号"
created = "上报时间"
closed = "结案时间"
title = "标题"
address = "地址"
lon = "经度"
lat = "纬度"
reporter_name = "上报人"
reporter_phone = "电话"

[cases.category]
column = "类别"
default = "E0102"

[cases.source]
default = "hotline"
"""

Rows = dict[str, list[dict[str, Any]]]


def cases(folder: Path) -> dict[str, float]:
    """The import of 10,000 rows ÷ a raw bulk insert of the very rows it wrote, both into a street without cases."""
    file, mapping = folder / "cases.csv", folder / "bench.toml"
    mapping.write_text(MAPPING, encoding="utf-8")
    _write_csv(file, Store(stores.url_of(stores.street(folder, "import"))))
    imported, inserted = [], []
    for _round in range(ROUNDS):
        store = Store(stores.url_of(stores.street(folder, "import")))
        before = _rows(store)
        imported.append(_import(store, file, mapping))
        added = {name: [row for row in rows if row not in before[name]] for name, rows in _rows(store).items()}
        inserted.append(_insert(Store(stores.url_of(stores.street(folder, "raw"))), added))
        store.close()
    return {"import_10k_s": median(imported), "import_ratio": median(imported) / median(inserted)}


def _write_csv(file: Path, store: Store) -> None:
    """A year of requests at the spots of the street; most were closed within days."""
    rng, now = Random(1), clock.now()
    with store.reading() as db:
        here = ground.ground(db, now, SEED)
    with file.open("w", encoding="utf-8", newline="") as out:
        lines = csv.writer(out)
        lines.writerow(["编号", "上报时间", "结案时间", "标题", "地址", "经度", "纬度", "上报人", "电话", "类别"])
        for number in range(ROWS):
            spot = here.pick(list(here.spots), rng)
            at = clock.local(now - timedelta(hours=rng.uniform(200, 24 * 365)))
            closed = "" if rng.random() < STILL_OPEN else f"{at + timedelta(hours=rng.uniform(1, 150)):{TIME}}"
            who = ("张三", f"138{number:08d}")
            lines.writerow(
                [number, f"{at:{TIME}}", closed, "路灯不亮", spot.address, spot.lon, spot.lat, *who, "E0102"]
            )


def _import(store: Store, file: Path, mapping: Path) -> float:
    begun = perf_counter()
    outcome = run(store, Job(Kind.CASES, file, mapping), rules.current())
    took = perf_counter() - begun
    if not outcome.written or len(outcome.plan.taken) != ROWS:
        raise RuntimeError(f"{len(outcome.plan.taken)} of {ROWS} rows imported: {outcome.plan.refused[:3]}")
    return took


def _rows(store: Store) -> Rows:
    """Every row of every table."""
    with store.reading() as db:
        found = {t.name: db.connection().execute(sa.select(t)).mappings() for t in SQLModel.metadata.sorted_tables}
        return {name: [dict(row) for row in rows] for name, rows in found.items()}


def _insert(store: Store, rows: Rows) -> float:
    """Write rows that are ready: one transaction, one statement a table."""
    begun = perf_counter()
    with store.writing() as db:
        for table in SQLModel.metadata.sorted_tables:
            if rows[table.name]:
                db.connection().execute(sa.insert(table), rows[table.name])
    took = perf_counter() - begun
    store.close()
    return took
