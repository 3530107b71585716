"""Tallies of places, organisations, points of interest."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

revision = "0006"
down_revision = "0005"

NUMBERS = ("reported", "closed", "gone", "promised", "settled", "kept", "reworked", "replied", "satisfied")
COUNTED = (
    *("path", "grid_id", "place_id", "due_at", "final_due_at", "suspended_at"),
    *("stage", "category", "source", "severity", "unit_id", "unit_due_at"),
    *("request", "returns", "escalated", "lon", "address", "reported_at"),
)
PARTIAL = (
    ("ix_event_reworked", "case_event", ("occurred_at",), "verb = 'rework'"),
    ("ix_clock_final", "case_clock", ("due_at",), "is_final"),
    ("ix_case_open_counts", "case_file", COUNTED, "ended_at IS NULL"),
)


def upgrade() -> None:
    """Apply this version."""
    op.create_table(
        "tally",
        sa.Column("grid_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("category", AutoString(length=40), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("severity", sa.String(length=8), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("band", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in NUMBERS),
        sa.ForeignKeyConstraint(["grid_id"], ["place.id"]),
        sa.PrimaryKeyConstraint("grid_id", "day", "place_id", "category", "source", "severity", "hour", "band"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("level", sa.String(length=12), nullable=True),
        sa.Column("name", AutoString(length=80), nullable=False),
        sa.Column("members", sa.Integer(), nullable=True),
        sa.Column("phone", AutoString(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "place_organisation",
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"]),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
        sa.PrimaryKeyConstraint("place_id", "organisation_id"),
    )
    with op.batch_alter_table("place_organisation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_place_organisation_organisation_id"), ["organisation_id"], unique=False)
    op.create_table(
        "point_of_interest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", AutoString(length=80), nullable=False),
        sa.Column("grid_id", sa.Integer(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["grid_id"], ["place.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("point_of_interest", schema=None) as batch_op:
        batch_op.create_index("ix_point_grid", ["grid_id", "kind"], unique=False)
    with op.batch_alter_table("case_file", schema=None) as batch_op:
        batch_op.create_index("ix_case_ended", ["ended_at"], unique=False)
    for name, table, columns, which in PARTIAL:
        op.create_index(
            name, table, list(columns), unique=False, sqlite_where=sa.text(which), postgresql_where=sa.text(which)
        )


def downgrade() -> None:
    """Take this version back."""
    for name, table, *_ in PARTIAL:
        op.drop_index(name, table_name=table)
    op.drop_index("ix_case_ended", table_name="case_file")
    for table in ("point_of_interest", "place_organisation", "organisation", "tally"):
        op.drop_table(table)
