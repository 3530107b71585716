"""A city under one root: the demo street's communities many times over, with a long history and many open cases."""

from typing import Any

import sqlalchemy as sa
from sqlmodel.sql.sqltypes import UTCDateTime

from bench import longer
from bench.longer import APART_DAYS, _connected, _earlier, _table

COPIES = 67  # of 32 grids: 2,144, as many as the largest city in the reports has
OPEN = 60_000
TABLES = ("case_file", "case_clock", "tally", "area_tally")


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
        _sum_up(db)
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
    case, clock, tally, area_tally = (_table(name) for name in TABLES)
    taken = sa.select(case.c.id).where(case.c.ended_at.is_not(None), case.c.id <= last)
    for table, which in (
        (case, case.c.id.in_(taken)),
        (clock, clock.c.is_final & clock.c.case_id.in_(taken)),
        (tally, tally.c.grid_id <= ids["place"]),
        (area_tally, (area_tally.c.within_id > 0) & (area_tally.c.place_id <= ids["place"])),
    ):
        values = [_value(db, column, number, area, ids, days) for column in table.c]
        db.execute(sa.insert(table).from_select([c.name for c in table.c], sa.select(*values).where(which)))


def _sum_up(db: sa.Connection) -> None:
    """The sums of the city from those of its communities."""
    table = _table("area_tally")
    db.execute(sa.delete(table).where(table.c.within_id == 0))
    keys = [sa.literal(0), table.c.facet, table.c.day, table.c.within_id]
    sums = [sa.func.sum(column) for column in list(table.c)[len(keys) :]]
    whole = sa.select(*keys, *sums).where(table.c.within_id > 0).group_by(*keys[1:])
    db.execute(sa.insert(table).from_select([column.name for column in table.c], whole))


def _value(
    db: sa.Connection, column: sa.Column[Any], number: int, area: int, ids: dict[str, int], days: int
) -> sa.ColumnElement[Any]:
    """What a column holds in a copy: new ids, places of its area, earlier moments, the rest as it is."""
    place = _table("place").alias("copied").c
    match column.name:
        case "id":
            return column + number * ids[column.table.name]
        case "case_id":
            return column + number * ids["case_file"]
        case "grid_id" | "place_id":
            return column + area * ids["place"]
        case "path":
            at = column.table.c.place_id + area * ids["place"]
            return sa.select(place.path).where(place.id == at).scalar_subquery()
        case "number":
            return sa.literal(f"{number}/") + column
        case _ if days and isinstance(column.type, UTCDateTime | sa.Date):
            return _earlier(db, column, days)
    return column
