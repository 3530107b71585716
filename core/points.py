"""Points of interest: service stations, cameras and hydrants, imported or drawn."""

from sqlalchemy import Index, String
from sqlmodel import Field, Session, SQLModel, col, select

from core.errors import Refused
from core.language import N_
from core.people import Principal
from core.place_words import PointKind
from core.places import Gazetteer
from core.words import Permission


class PointOfInterest(SQLModel, table=True):
    """Something at a spot that people look for on a map.

    Units: lon, lat in WGS84.
    """

    __tablename__ = "point_of_interest"
    __table_args__ = (Index("ix_point_grid", "grid_id", "kind"),)
    id: int | None = Field(default=None, primary_key=True)
    kind: PointKind = Field(sa_type=String(16))
    name: str = Field(max_length=80)
    grid_id: int = Field(foreign_key="place.id")
    lon: float
    lat: float


def points_in(db: Session, grid_ids: list[int]) -> list[PointOfInterest]:
    """The points of these grids, by kind and name."""
    query = select(PointOfInterest).where(col(PointOfInterest.grid_id).in_(grid_ids))
    return list(db.exec(query.order_by(col(PointOfInterest.kind), col(PointOfInterest.name))))


def draw(
    db: Session, who: Principal, gazetteer: Gazetteer, kind: PointKind, name: str, lon: float, lat: float
) -> PointOfInterest:
    """Put a point on the map.

    Raises: Refused, outside every grid, without a name, or where `who` may not administer.
    """
    spot = gazetteer.spot(lon, lat)
    if spot is None:
        raise Refused(N_("This spot lies in no grid"))
    if not who.may(Permission.ADMINISTER, spot.path):
        raise Refused(N_("You may not change points of interest here"))
    if not name.strip() or len(name) > 80:
        raise Refused(N_("A point of interest has a name of up to 80 characters"))
    db.add(point := PointOfInterest(kind=kind, name=name.strip(), grid_id=spot.grid.id, lon=lon, lat=lat))
    db.flush()
    return point
