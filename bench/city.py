"""A city under one root: the demo street's communities many times over, with a long history and many open cases."""

from typing import Any

import sqlalchemy as sa

from bench import longer
from bench.longer import APART_DAYS, _connected, _earlier, _table

COPIES = 67  # of 32 grids: 2,144, as many as the largest city in the reports has
OPEN = 60_000
TABLES = ("case_file", "case_clock", "tally")


def grow(url: str, cases: int) -> None:
    """Make the demo store at `url` a city of `cases` closed cases, the older ones 400 days before the newer.

    The copies have no events, and of their clocks only the final ones: the figures read no others.
    """
    with _connected(url) as db:
        place, case = _table("place").c, _table("case_file").c
        ids = {name: db.scalar(sa.select(sa.func.max(_table(name).c.id))) for name in ("place", *TABLES[:2])}
        closed = db.scalars(sa.select(case.id).where(case.ended_at.is_not(None)).order_by(case.id)).all()
        rows = [dict(row) for row in db.execute(sa.select(*place)).mappings()]
        wanted = cases - len(closed)
        for number in range(1, 2 * COPIES):
            if number < COPIES:
                db.execute(sa.insert(_table("place")), _places(rows, number, ids["place"]))
            if wanted > 0 and number != COPIES:
                last = closed[min(wanted, len(closed)) - 1]
                _copy(db, number, number % COPIES, ids, last, APART_DAYS * (number // COPIES))
                wanted -= len(closed)
    longer.multiply_open(url, OPEN)


def _places(rows: list[dict[str, Any]], number: int, most: int) -> list[dict[str, Any]]:
    """The places below the root once more, in communities of their own."""
    root = next(row for row in rows if row["parent_id"] is None)
    return [_place(row, root, number, most) for row in rows if row is not root]


def _place(row: dict[str, Any], root: dict[str, Any], number: int, most: int) -> dict[str, Any]:
    def moved(place_id: int) -> int:
        return place_id if place_id == root["id"] else place_id + number * most

    path = "/".join(str(moved(int(part))) for part in row["path"].strip("/").split("/"))
    code = f"{row['code'][:9]}{int(row['code'][9:12]) + 4 * number:03}{row['code'][12:]}"
    parent = moved(row["parent_id"])
    return row | {"id": moved(row["id"]), "parent_id": parent, "path": f"/{path}/", "code": code}


def _copy(db: sa.Connection, number: int, area: int, ids: dict[str, int], last: int, days: int) -> None:
    """Copy `number` of the closed cases up to `last`, in the area of that number, `days` earlier."""
    case, clock, tally = (_table(name) for name in TABLES)
    which = {
        "case_file": case.c.ended_at.is_not(None) & (case.c.id <= last),
        "case_clock": clock.c.is_final
        & clock.c.case_id.in_(sa.select(case.c.id).where(case.c.ended_at.is_not(None) & (case.c.id <= last))),
        "tally": tally.c.grid_id <= ids["place"],
    }
    for table in (case, clock, tally):
        query = sa.select(*(_value(db, column, number, area, ids, days) for column in table.c))
        query = query.where(which[table.name])
        if table.name == "tally" and days:
            query = query.where(tally.c.day > db.scalar(sa.select(sa.func.max(tally.c.day))) - sa.literal(0))
        db.execute(sa.insert(table).from_select([column.name for column in table.c], query))


def _value(
    db: sa.Connection, column: sa.Column[Any], number: int, area: int, ids: dict[str, int], days: int
) -> sa.ColumnElement[Any]:
    raise NotImplementedError
