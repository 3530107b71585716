"""Units: who answers for a sector, and the phone of its duty room."""

from sqlmodel import Field, Session, SQLModel, col, select


class Unit(SQLModel, table=True):
    """An office of a service sector that answers for a place and all below it."""

    __tablename__ = "unit"
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=40)
    sector: str = Field(max_length=40, index=True)
    duty_phone: str = Field(max_length=40)
    place_id: int = Field(foreign_key="place.id", index=True)


def units(db: Session) -> list[Unit]:
    """Every unit, by sector and name."""
    return list(db.exec(select(Unit).order_by(col(Unit.sector), col(Unit.name))))
