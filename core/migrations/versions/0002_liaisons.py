"""Liaisons: the directory of who answers where, its rosters and its imports."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Apply this version."""
    op.create_table(
        "liaison_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("file", AutoString(length=200), nullable=False),
        sa.Column("sha256", AutoString(length=64), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("changed", sa.JSON(), nullable=False),
        sa.Column("undone_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["by_id"],
            ["user_account.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "liaison",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("name", AutoString(length=40), nullable=False),
        sa.Column("role", AutoString(length=40), nullable=False),
        sa.Column("duty_phone", AutoString(length=40), nullable=False),
        sa.Column("mobile", AutoString(length=40), nullable=False),
        sa.Column("deputy_id", sa.Integer(), nullable=True),
        sa.Column("calendar", AutoString(length=40), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("successor_id", sa.Integer(), nullable=True),
        sa.Column("verified_on", sa.Date(), nullable=True),
        sa.Column("batch_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["liaison_import.id"],
        ),
        sa.ForeignKeyConstraint(
            ["deputy_id"],
            ["liaison.id"],
        ),
        sa.ForeignKeyConstraint(
            ["successor_id"],
            ["liaison.id"],
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["unit.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("liaison", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_liaison_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_liaison_unit_id"), ["unit_id"], unique=False)
    op.create_table(
        "liaison_leave",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("liaison_id", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("stand_in_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["liaison_id"],
            ["liaison.id"],
        ),
        sa.ForeignKeyConstraint(
            ["stand_in_id"],
            ["liaison.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("liaison_leave", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_liaison_leave_liaison_id"), ["liaison_id"], unique=False)
    op.create_table(
        "liaison_place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("liaison_id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("batch_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["liaison_import.id"],
        ),
        sa.ForeignKeyConstraint(
            ["liaison_id"],
            ["liaison.id"],
        ),
        sa.ForeignKeyConstraint(
            ["place_id"],
            ["place.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("liaison_place", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_liaison_place_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_liaison_place_liaison_id"), ["liaison_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_liaison_place_place_id"), ["place_id"], unique=False)
    op.create_table(
        "roster_row",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("liaison_id", sa.Integer(), nullable=False),
        sa.Column("from_at", UTCDateTime(), nullable=False),
        sa.Column("to_at", UTCDateTime(), nullable=False),
        sa.Column("cancelled_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["liaison_id"],
            ["liaison.id"],
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["unit.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("roster_row", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_roster_row_liaison_id"), ["liaison_id"], unique=False)
        batch_op.create_index("ix_roster_row_unit", ["unit_id", "to_at"], unique=False)


def downgrade() -> None:
    """Undo this version."""
    with op.batch_alter_table("roster_row", schema=None) as batch_op:
        batch_op.drop_index("ix_roster_row_unit")
        batch_op.drop_index(batch_op.f("ix_roster_row_liaison_id"))
    op.drop_table("roster_row")
    with op.batch_alter_table("liaison_place", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_liaison_place_place_id"))
        batch_op.drop_index(batch_op.f("ix_liaison_place_liaison_id"))
        batch_op.drop_index(batch_op.f("ix_liaison_place_batch_id"))
    op.drop_table("liaison_place")
    with op.batch_alter_table("liaison_leave", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_liaison_leave_liaison_id"))
    op.drop_table("liaison_leave")
    with op.batch_alter_table("liaison", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_liaison_unit_id"))
        batch_op.drop_index(batch_op.f("ix_liaison_batch_id"))
    op.drop_table("liaison")
    op.drop_table("liaison_import")
