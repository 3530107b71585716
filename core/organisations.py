"""Organisations of places: Party organisations on three levels and property companies, many to many."""

from sqlalchemy import String
from sqlmodel import Field, SQLModel

from core.place_words import OrganisationKind
from core.words import Level


class Organisation(SQLModel, table=True):
    """A Party organisation, or a company that looks after a compound."""

    __tablename__ = "organisation"
    id: int | None = Field(default=None, primary_key=True)
    kind: OrganisationKind = Field(sa_type=String(12))
    level: Level | None = Field(default=None, sa_type=String(12))  # of a Party organisation: street, community or grid
    name: str = Field(max_length=80)
    members: int | None = None
    phone: str = Field(default="", max_length=40)  # of an office, never of a person


class PlaceOrganisation(SQLModel, table=True):
    """A place that an organisation is bound to; a branch may cover several grids, and a grid have several."""

    __tablename__ = "place_organisation"
    place_id: int = Field(primary_key=True, foreign_key="place.id")
    organisation_id: int = Field(primary_key=True, foreign_key="organisation.id", index=True)
