"""Points of interest: service stations, cameras and hydrants, imported or drawn."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import Index, String
from sqlmodel import Field, Session, SQLModel, col, select

from core import coordinates, places
from core.accounts import audit
from core.accounts.audit import Asker
from core.errors import Refused
from core.language import N_
from core.people import Principal
from core.place_words import PointKind
from core.places import Gazetteer
from core.words import Action, Permission


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


@dataclass(frozen=True, slots=True)
class Spotted:
    """A point that somebody wants on the map.

    Units: lon, lat in WGS84.
    """

    kind: PointKind
    name: str
    lon: float
    lat: float


HEADS = {"类别": "kind", "名称": "name", "经度": "lon", "纬度": "lat"}
KINDS = {"党群服务站": PointKind.STATION, "摄像头": PointKind.CAMERA, "消火栓": PointKind.HYDRANT}
MOST_POINTS, MOST_BYTES = 5_000, 1_000_000


def put(db: Session, by: Asker, found: Sequence[Spotted], now: datetime) -> int:
    """Put all of these points on the map, or none.

    Returns: how many there were.
    Raises: Refused, as `draw` does, with the name of the point.
    """
    gazetteer = places.gazetteer(db, now)
    for one in found:
        try:
            draw(db, by.who, gazetteer, one.kind, one.name, one.lon, one.lat)
        except Refused as refusal:
            if len(found) > 1:
                raise Refused(
                    N_("{name}: in no grid, not yours to change, or its name is not good"), name=one.name
                ) from refusal
            raise
    audit.record(db, Action.DRAW_POINT, "points", by=by, detail=f"{len(found)} points")
    return len(found)


def read(content: bytes, system: str) -> list[Spotted]:
    """The points of a CSV file, its heads and kinds in Chinese or English, in a system of coordinates that it states.

    Raises: Refused, with the number of the first line that cannot be read.
    """
    if len(content) > MOST_BYTES:
        raise Refused(N_("The file is larger than {megabytes} MB"), megabytes=1)
    lines = csv.DictReader(io.StringIO(_text(content)))
    lines.fieldnames = [HEADS.get(name.strip(), name.strip()) for name in lines.fieldnames or ()]
    rows = list(lines)
    if not rows or len(rows) > MOST_POINTS or not set(HEADS.values()) <= rows[0].keys():
        raise Refused(
            N_("The file has up to {most} lines with the columns {heads}"), most=MOST_POINTS, heads="、".join(HEADS)
        )
    said = [_spotted(row, number) for number, row in enumerate(rows, 2)]
    moved = coordinates.to_wgs84(np.array([(one.lon, one.lat) for one in said]), system)
    return [Spotted(one.kind, one.name, lon, lat) for one, (lon, lat) in zip(said, moved.tolist(), strict=True)]


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030", errors="replace")


def _spotted(row: dict[str, str], number: int) -> Spotted:
    try:
        kind = row["kind"].strip()
        return Spotted(KINDS.get(kind) or PointKind(kind), row["name"].strip(), float(row["lon"]), float(row["lat"]))
    except (ValueError, AttributeError, TypeError) as error:
        raise Refused(N_("Line {number} cannot be read"), number=number) from error
