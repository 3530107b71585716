"""The duty desk: whistles and their answers, the log of the shifts, how often a case was given back."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Apply this version."""
    op.create_table(
        "whistle",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("grid_id", sa.Integer(), nullable=False),
        sa.Column(
            "path",
            sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("text", AutoString(length=400), nullable=False),
        sa.Column("blown_at", UTCDateTime(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("rule_version", AutoString(length=12), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("withdrawn", AutoString(length=400), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"]),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"]),
        sa.ForeignKeyConstraint(["grid_id"], ["place.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("whistle", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_whistle_case_id"), ["case_id"], unique=False)
        batch_op.create_index("ix_whistle_blown", ["blown_at"], unique=False)
        batch_op.create_index(
            "ix_whistle_open",
            ["path"],
            unique=False,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
    op.create_table(
        "whistle_answer",
        sa.Column("whistle_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("is_provisional", sa.Boolean(), nullable=False),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.Column("recorded_at", UTCDateTime(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("note", AutoString(length=400), nullable=True),
        sa.Column("called", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"]),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"]),
        sa.ForeignKeyConstraint(["whistle_id"], ["whistle.id"]),
        sa.PrimaryKeyConstraint("whistle_id", "unit_id"),
    )
    with op.batch_alter_table("whistle_answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_whistle_answer_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "shift_entry",
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column(
            "path",
            sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("by_name", AutoString(length=40), nullable=False),
        sa.Column("text", AutoString(length=400), nullable=False),
        sa.Column("given", sa.JSON(), nullable=True),
        sa.Column("hash", AutoString(length=64), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"]),
        sa.PrimaryKeyConstraint("ordinal"),
    )
    with op.batch_alter_table("shift_entry", schema=None) as batch_op:
        batch_op.create_index("ix_shift_entry", ["path", "kind", "ordinal"], unique=False)
    with op.batch_alter_table("case_event", schema=None) as batch_op:
        batch_op.create_index("ix_case_event_recorded", ["recorded_at"], unique=False)
    with op.batch_alter_table("case_file", schema=None) as batch_op:
        batch_op.add_column(sa.Column("returns", sa.Integer(), nullable=False, server_default="0"))
    op.execute(
        "UPDATE case_file SET returns = (SELECT count(*) FROM case_event WHERE case_event.case_id = case_file.id"
        " AND case_event.verb IN ('return_wrong', 'approve_return')) WHERE ended_at IS NULL"
    )


def downgrade() -> None:
    """Take this version back."""
    with op.batch_alter_table("case_file", schema=None) as batch_op:
        batch_op.drop_column("returns")
    with op.batch_alter_table("case_event", schema=None) as batch_op:
        batch_op.drop_index("ix_case_event_recorded")
    op.drop_table("shift_entry")
    op.drop_table("whistle_answer")
    op.drop_table("whistle")
