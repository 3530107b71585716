"""Who and what is in the demo street: places, units, people and their appointments."""

from collections.abc import Iterable
from datetime import date, timedelta
from random import Random
from typing import Any, NamedTuple

import shapely
from shapely.geometry import shape
from sqlmodel import Session, col, select

from core.demo import names
from core.demo.ground import features
from core.people import Appointment, User
from core.places import Place
from core.units import Unit
from core.words import GridKind, Level, Role

# sector, name, and the number of the community it answers for; 0: the whole street
UNITS = (
    ("power", "供电所", 0),
    ("heating", "供热站", 0),
    ("water", "自来水所", 0),
    ("gas", "燃气服务站", 0),
    ("enforcement", "城管中队", 0),
    ("enforcement", "城管古渡分队", 3),
    ("enforcement", "城管南园分队", 4),
    ("medical", "卫生服务中心", 0),
    ("police", "派出所", 0),
    ("petitions", "信访办", 0),
    ("market", "市场监管所", 0),
    ("fire", "消防应急站", 0),
    ("housing", "物业住建办", 0),
    ("housing", "莲塘物业服务站", 2),
    ("sanitation", "市政所", 0),
    ("sanitation", "环卫古渡组", 3),
    ("sanitation", "环卫南园组", 4),
    ("civil", "民政办", 0),
    ("mediation", "司法所", 0),
)
OFFICERS, LEADERS, HEADS = 6, 2, 30  # two officers for each of three watches
SERVED_DAYS = 500  # appointed before the history begins


class Post(NamedTuple):
    """What a person is appointed to."""

    role: Role
    place: Place
    unit_id: int | None = None


def settle(db: Session, today: date, seed: int) -> None:
    """Write places, units, people and appointments into an empty store."""
    streets = _settle_level(db, features("places"), Level.STREET, {})
    communities = _settle_level(db, features("places"), Level.COMMUNITY, streets)
    grids = _settle_level(db, features("places"), Level.GRID, communities)
    _settle_level(db, features("buildings"), Level.BUILDING, grids)
    (street,) = streets.values()
    _found_units(db, street, list(communities.values()))
    _appoint(db, street, list(communities.values()), list(grids.values()), today, Random(f"people {seed}"))


def _settle_level(
    db: Session, found: Iterable[dict[str, Any]], level: Level, parents: dict[str, Place]
) -> dict[str, Place]:
    """The places of a level by code; a path ends with the place's own id, so it is set when the id is known."""
    rows = [f for f in found if f["properties"].get("level", Level.BUILDING) == level]
    settled = {f["properties"]["code"]: _place(f, level, parents) for f in rows}
    db.add_all(settled.values())
    db.flush()
    for place in settled.values():
        parent = parents.get(_parent_code(place.code, level))
        place.path = f"{parent.path if parent else '/'}{place.id}/"
    db.flush()
    return settled


def _place(feature: dict[str, Any], level: Level, parents: dict[str, Place]) -> Place:
    row, geometry = feature["properties"], shape(feature["geometry"])
    label = shapely.point_on_surface(geometry)
    parent = parents.get(_parent_code(row["code"], level))
    return Place(
        code=row["code"],
        name=row["name"],
        level=level,
        kind=GridKind(row["kind"]) if row.get("kind") else None,
        parent_id=parent.id if parent else None,
        path="",
        address=row.get("address"),
        households=row["households"],
        residents=row["residents"],
        floors=row.get("floors"),
        lon=round(label.x, 6),
        lat=round(label.y, 6),
        geometry=shapely.to_wkb(geometry),
    )


def _parent_code(code: str, level: Level) -> str:
    return "" if level is Level.STREET else code[:-3]


def _found_units(db: Session, street: Place, communities: list[Place]) -> None:
    places = [street, *communities]
    for number, (sector, name, place) in enumerate(UNITS, 1):
        place_id = places[place].id
        assert place_id is not None
        db.add(Unit(name=name, sector=sector, duty_phone=names.duty_phone(number), place_id=place_id))
    db.flush()


def _appoint(
    db: Session, street: Place, communities: list[Place], grids: list[Place], today: date, rng: Random
) -> None:
    posts: list[list[Post]] = [
        *([Post(Role.DUTY_OFFICER, street)] for _ in range(OFFICERS)),
        *([Post(Role.LEADER, street)] for _ in range(LEADERS)),
        *([Post(Role.SECRETARY, community)] for community in communities),
        *([Post(Role.GRID_HEAD, grid) for grid in held] for held in _shared(grids, HEADS)),
        *([Post(Role.LIAISON, street, unit.id)] for unit in db.exec(select(Unit).order_by(col(Unit.id)))),
        [Post(Role.ADMINISTRATOR, street)],
    ]
    users = [User(name=name) for name in names.persons(len(posts), rng)]
    db.add_all(users)
    db.flush()
    since = today - timedelta(days=SERVED_DAYS)
    for user, held in zip(users, posts, strict=True):
        for role, place, unit_id in held:
            assert user.id is not None
            assert place.id is not None
            db.add(Appointment(user_id=user.id, role=role, place_id=place.id, unit_id=unit_id, from_on=since))
    db.flush()


def _shared(grids: list[Place], heads: int) -> list[list[Place]]:
    """The grids dealt to fewer heads: the first ones hold two neighbours."""
    twice = len(grids) - heads
    pairs = [grids[2 * n : 2 * n + 2] for n in range(twice)]
    return [*pairs, *([grid] for grid in grids[2 * twice :])]
