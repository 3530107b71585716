"""Open cases are counted and chosen from their own index alone, and never looked for among those that have ended."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

COUNTED = (
    *("path", "grid_id", "place_id", "due_at", "final_due_at", "suspended_at"),
    *("stage", "category", "source", "severity", "unit_id", "unit_due_at"),
    *("request", "returns", "escalated", "lon", "address", "reported_at"),
)
NARROW = (  # told anew after the one of all that has ended: of two that fit SQLite takes the newer
    ("ix_case_call_back", ("ended_at",), "stage = 'closed' AND verdict IS NULL"),
    ("ix_case_not_satisfied", ("ended_at",), "verdict = 'not_satisfied'"),
)
BEFORE = (("ix_case_ended", ("ended_at",), None), ("ix_case_open_counts", COUNTED, "ended_at IS NULL"))
AFTER = (
    ("ix_case_ended", ("ended_at",), "ended_at IS NOT NULL"),
    ("ix_case_open_counts", (*COUNTED, "ended_at"), "ended_at IS NULL"),
)


def upgrade() -> None:
    """Apply this version."""
    _replace(AFTER)


def downgrade() -> None:
    """Take this version back."""
    _replace(BEFORE)


def _replace(indexes: tuple[tuple[str, tuple[str, ...], str | None], ...]) -> None:
    for name, columns, which in (*indexes, *NARROW):
        op.drop_index(name, table_name="case_file")
        where = sa.text(which) if which else None
        op.create_index(name, "case_file", list(columns), sqlite_where=where, postgresql_where=where)
