"""The table of the shifts' log."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, String
from sqlmodel import Field, SQLModel

from core.desk_words import ShiftKind
from core.places import path_type

LONGEST_TEXT = 400


class ShiftEntry(SQLModel, table=True):
    """What was written into the log of a shift by hand, or signed there. Appended, never edited, in one chain."""

    __tablename__ = "shift_entry"
    __table_args__ = (Index("ix_shift_entry", "path", "kind", "ordinal"),)
    ordinal: int = Field(primary_key=True)  # 1, 2, 3 … without a gap
    path: str = Field(sa_column=Column(path_type(), nullable=False))  # of the place whose desk it is
    kind: ShiftKind = Field(sa_type=String(12))
    at: datetime
    recorded_at: datetime
    by_id: int = Field(foreign_key="user_account.id")
    by_name: str = Field(max_length=40)  # as it was then
    text: str = Field(default="", max_length=LONGEST_TEXT)
    given: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))  # what was signed
    hash: str = Field(max_length=64)
