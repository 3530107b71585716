"""The tables of the directory: liaisons, the places they answer for, leave, the roster, imports. Nothing is deleted."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field, SQLModel


class Liaison(SQLModel, table=True):
    """A person of a unit who answers for some places, from a day to a day.

    `calendar` is a code of `data/rules/calendars.toml`: the hours in which the phone is answered; "natural" is 24 h.
    """

    __tablename__ = "liaison"
    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    name: str = Field(max_length=40)
    role: str = Field(default="", max_length=40)
    duty_phone: str = Field(default="", max_length=40)  # empty: the unit's
    mobile: str = Field(default="", max_length=40)
    deputy_id: int | None = Field(default=None, foreign_key="liaison.id")
    calendar: str = Field(default="working", max_length=40)
    from_on: date
    to_on: date | None = None  # the last day
    successor_id: int | None = Field(default=None, foreign_key="liaison.id")  # who took over the open dispatches
    verified_on: date | None = None
    batch_id: int | None = Field(default=None, foreign_key="liaison_import.id", index=True)


class LiaisonPlace(SQLModel, table=True):
    """A place for which a liaison answers, with all below it, from a day to a day."""

    __tablename__ = "liaison_place"
    id: int | None = Field(default=None, primary_key=True)
    liaison_id: int = Field(foreign_key="liaison.id", index=True)
    place_id: int = Field(foreign_key="place.id", index=True)
    from_on: date
    to_on: date | None = None  # the last day
    batch_id: int | None = Field(default=None, foreign_key="liaison_import.id", index=True)


class LiaisonLeave(SQLModel, table=True):
    """Days on which a liaison is away, and who stands in at the same places."""

    __tablename__ = "liaison_leave"
    id: int | None = Field(default=None, primary_key=True)
    liaison_id: int = Field(foreign_key="liaison.id", index=True)
    from_on: date
    to_on: date  # the last day
    stand_in_id: int | None = Field(default=None, foreign_key="liaison.id")


class RosterRow(SQLModel, table=True):
    """A stretch of time for which a liaison is on duty for the whole area of the unit."""

    __tablename__ = "roster_row"
    __table_args__ = (Index("ix_roster_row_unit", "unit_id", "to_at"),)
    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id")
    liaison_id: int = Field(foreign_key="liaison.id", index=True)
    from_at: datetime
    to_at: datetime
    cancelled_at: datetime | None = None


class LiaisonImport(SQLModel, table=True):
    """A file that was taken into the directory, what it changed, and whether that was undone."""

    __tablename__ = "liaison_import"
    id: int | None = Field(default=None, primary_key=True)
    file: str = Field(max_length=200)
    sha256: str = Field(max_length=64)
    at: datetime
    by_id: int = Field(foreign_key="user_account.id")
    taken: int
    refused: int
    changed: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))  # what known liaisons were before
    undone_at: datetime | None = None


class SectorEdit(SQLModel, table=True):
    """What a sector is called from a moment on, and its last day; of the rows of one code the last one holds."""

    __tablename__ = "sector_edit"
    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=40)
    name: str = Field(max_length=40)
    to_on: date | None = None  # the last day
    at: datetime
    by_id: int = Field(foreign_key="user_account.id")
