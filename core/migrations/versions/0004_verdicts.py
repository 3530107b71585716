"""The resident's verdict, and its figures."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0001"


def upgrade() -> None:
    """Apply this version."""
    with op.batch_alter_table("case_file", schema=None) as batch_op:
        batch_op.add_column(sa.Column("verdict", sa.String(length=20), nullable=True))
        batch_op.create_index(
            "ix_case_call_back",
            ["ended_at"],
            unique=False,
            sqlite_where=sa.text("stage = 'closed' AND verdict IS NULL"),
            postgresql_where=sa.text("stage = 'closed' AND verdict IS NULL"),
        )
    for table, names in (("hour_figure", ("reopened",)), ("day_figure", ("replied", "satisfied"))):
        with op.batch_alter_table(table, schema=None) as batch_op:
            for name in names:
                batch_op.add_column(sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
