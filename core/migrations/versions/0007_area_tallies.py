"""Tallies of streets and of what lies directly in them; all tallies told anew from the cases, for 0006 did not."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

revision = "0007"
down_revision = "0006"

NUMBERS = ("reported", "closed", "gone", "promised", "settled", "kept", "reworked", "replied", "satisfied")
ENDS_H = (0.5, 1, 2, 3, 4, 6, 8, 12, 18, 24, 36, 48, 72, 96, 120, 168, 240, 336, 720)
BANDS = tuple(f"band_{number}" for number in range(len(ENDS_H) + 1))
FACETS = ("category", "source", "severity")
REPORTS = ("day", "grid_id", "place_id", "category", "source", "severity", "hour", "reported")
BROKEN = "is_final AND (met_at IS NULL OR met_at > due_at) AND cancelled_at IS NULL AND superseded_at IS NULL"
# what each step adds one to; whatever else happens adds nothing
STEPS = {
    "close": ("closed",),
    "self_handle": ("closed",),
    "rework": ("reworked",),
    "void": ("gone",),
    "refuse": ("gone",),
    "merge": ("gone",),
    "rate_satisfied": ("replied", "satisfied"),
    "rate_mostly": ("replied", "satisfied"),
    "reopen": ("replied",),
    "bring_to_meeting": ("replied",),
}
LOCAL = {  # day, hour and microseconds between, of moments as each database keeps them; China has no summer time
    "sqlite": (
        "date({}, '+8 hours')",
        "CAST(strftime('%H', {}, '+8 hours') AS INTEGER)",
        "(strftime('%s', {0}) - strftime('%s', {1})) * 1000000 + substr({0}, 21, 6) - substr({1}, 21, 6)",
    ),
    "postgresql": (
        "CAST({} AT TIME ZONE 'Asia/Shanghai' AS date)",
        "CAST(extract(hour FROM {} AT TIME ZONE 'Asia/Shanghai') AS integer)",
        "extract(epoch FROM {} - {}) * 1000000",
    ),
}


def upgrade() -> None:
    """Apply this version."""
    op.create_table(
        "area_tally",
        sa.Column("within_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("facet", AutoString(length=60), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("place_id", sa.Integer(), autoincrement=False, nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in (*NUMBERS, *BANDS)),
        sa.PrimaryKeyConstraint("within_id", "facet", "day", "place_id"),
        sqlite_with_rowid=False,
    )
    refill(op.get_bind())
    _index("ix_tally_reported", "tally", REPORTS, "hour >= 0")
    op.drop_index("ix_clock_final", table_name="case_clock")
    _index("ix_clock_broken", "case_clock", ("due_at", "case_id"), BROKEN)
    _index("ix_case_not_satisfied", "case_file", ("ended_at",), "verdict = 'not_satisfied'")


def _index(name: str, table: str, columns: tuple[str, ...], which: str) -> None:
    op.create_index(name, table, list(columns), sqlite_where=sa.text(which), postgresql_where=sa.text(which))


def refill(db: sa.Connection) -> None:
    """Tell all tallies anew from cases, events and clocks."""
    db.execute(sa.text("DELETE FROM tally"))
    db.execute(sa.text(_from_cases(db.dialect.name)))
    refill_areas(db)


def refill_areas(db: sa.Connection) -> None:
    """Sum the tallies of cases up: to what lies directly in a street, and from there to the street."""
    db.execute(sa.text("DELETE FROM area_tally"))
    for facet in ("''", *(f"'{name}:' || {name}" for name in FACETS)):
        db.execute(sa.text(_from_tallies(facet)))
    sums = ", ".join(f"sum({name})" for name in (*NUMBERS, *BANDS))
    street = f"SELECT 0, facet, day, within_id, {sums} FROM area_tally WHERE within_id > 0"  # noqa: S608 - our own names
    db.execute(sa.text(f"INSERT INTO area_tally {street} GROUP BY 1, 2, 3, 4"))


def _from_cases(dialect: str) -> str:
    """Reports, steps and promises as rows of one kind, summed."""
    day, hour, between = LOCAL[dialect]
    took = between.format("event.occurred_at", "c.reported_at")
    bands = " ".join(f"WHEN {took} <= {round(end * 3_600_000_000)} THEN {n}" for n, end in enumerate(ENDS_H))
    closing = ", ".join(f"'{verb}'" for verb, names in STEPS.items() if "closed" in names)
    band = f"CASE WHEN event.verb NOT IN ({closing}) THEN -1 {bands} ELSE {len(ENDS_H)} END"
    open_ended = "(k.met_at IS NULL AND c.suspended_at IS NOT NULL AND c.suspended_at < k.due_at)"
    promises = {"promised": "1", "settled": "k.met_at IS NOT NULL", "kept": "k.met_at <= k.due_at"}
    verbs = ", ".join(f"'{verb}'" for verb in STEPS)
    parts = (
        _part(day.format("c.reported_at"), hour.format("c.reported_at"), "-1", {"reported": "1"}, "case_file c"),
        _part(
            day.format("event.occurred_at"), "-1", band, {name: _is_counted(name) for name in NUMBERS[1:]},
            f"case_file c JOIN case_event event ON event.case_id = c.id WHERE event.verb IN ({verbs})",
        ),
        _part(
            day.format("k.due_at"), "-1", "-1", promises,
            "case_file c JOIN case_clock k ON k.case_id = c.id WHERE k.is_final AND k.cancelled_at IS NULL "
            f"AND k.superseded_at IS NULL AND NOT {open_ended}",
        ),
    )  # fmt: skip
    keys = "grid_id, day, place_id, category, source, severity, hour, band"
    sums = ", ".join(f"sum({name})" for name in NUMBERS)
    told = f"SELECT {keys}, {sums} FROM ({' UNION ALL '.join(parts)}) AS told GROUP BY {keys}"  # noqa: S608
    return f"INSERT INTO tally ({keys}, {', '.join(NUMBERS)}) {told}"


def _is_counted(name: str) -> str:
    verbs = ", ".join(f"'{verb}'" for verb, names in STEPS.items() if name in names)
    return f"event.verb IN ({verbs})" if verbs else "1 = 0"


def _part(day: str, hour: str, band: str, counts: dict[str, str], source: str) -> str:
    numbers = ", ".join(
        f"CASE WHEN {counts[name] if counts[name] != '1' else '1 = 1'} THEN 1 ELSE 0 END AS {name}"
        if name in counts
        else f"0 AS {name}"
        for name in NUMBERS
    )
    return (
        f"SELECT c.grid_id, {day} AS day, c.place_id, c.category, c.source, c.severity, "  # noqa: S608
        f"{hour} AS hour, {band} AS band, {numbers} FROM {source}"
    )


def _from_tallies(facet: str) -> str:
    numbers = ", ".join(f"sum({name})" for name in NUMBERS)
    bands = ", ".join(f"sum(CASE WHEN band = {number} THEN closed ELSE 0 END)" for number in range(len(BANDS)))
    return (
        "WITH area AS (SELECT grid.id AS grid_id, top.id AS place_id, top.parent_id AS within_id "  # noqa: S608
        "FROM place street JOIN place top ON top.parent_id = street.id "
        "JOIN place grid ON substr(grid.path, 1, length(top.path)) = top.path "
        "WHERE street.parent_id IS NULL AND grid.level = 'grid') "
        f"INSERT INTO area_tally SELECT area.within_id, {facet}, day, area.place_id, {numbers}, {bands} "
        f"FROM tally JOIN area ON area.grid_id = tally.grid_id GROUP BY 1, 2, 3, 4"
    )


def downgrade() -> None:
    """Take this version back; the tallies of cases stay as they were told."""
    op.drop_index("ix_case_not_satisfied", table_name="case_file")
    op.drop_index("ix_clock_broken", table_name="case_clock")
    _index("ix_clock_final", "case_clock", ("due_at",), "is_final")
    op.drop_index("ix_tally_reported", table_name="tally")
    op.drop_table("area_tally")
