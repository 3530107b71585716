"""The demo's directory: liaisons of all sectors, their rosters, leave and stand-ins; with gaps and stale entries."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import NamedTuple

from sqlmodel import Session, col, select

from core.clock import day_of, local
from core.demo import names
from core.demo.population import SERVED_DAYS
from core.liaisons.tables import Liaison, LiaisonLeave, LiaisonPlace, RosterRow
from core.people import Appointment, User
from core.places import Place
from core.units import Unit
from core.words import Level, Role

# Sectors that answer at night, and those whose liaisons are named for communities and not for the street.
AROUND_THE_CLOCK = frozenset({"power", "heating", "water", "gas", "medical", "police", "fire"})
BY_COMMUNITY = {"housing": (1, 2), "civil": (1, 2, 3), "mediation": (3,)}  # the others are gaps
NEAR_THE_GRIDS = frozenset({"power", "water", "gas", "sanitation"})  # also have people named for some grids
STALE_UNITS = frozenset({"信访办", "燃气服务站"})
ROSTER_DAYS = range(-7, 15)
EVENING, MORNING = timedelta(hours=18), timedelta(hours=32)  # of the next day


class Ground(NamedTuple):
    """The places that liaisons are named for."""

    street: Place
    communities: list[Place]
    grids: list[Place]


def found(db: Session, now: datetime, seed: int) -> None:
    """Write the directory of a settled demo street; the same seed and day give the same rows."""
    rng, today = Random(f"liaisons {seed}"), local(now).date()
    ground = Ground(_places(db, Level.STREET)[0], _places(db, Level.COMMUNITY), _places(db, Level.GRID))
    heads, leaders = _heads(db), _leaders(db)
    strangers = iter([name for name in names.persons(160, rng) if name not in {*heads.values(), *leaders}])
    staff = {}
    for unit in db.exec(select(Unit).order_by(col(Unit.id))).all():
        assert unit.id is not None
        staff[unit.id] = _staff(db, unit, heads[unit.id], ground, strangers, today, rng)
    _let_go_on_leave(db, staff, today)
    _roster(db, staff, today)
    _add_leaders(db, leaders, today, rng)
    db.flush()


def _places(db: Session, level: Level) -> list[Place]:
    return list(db.exec(select(Place).where(Place.level == level).order_by(Place.code)))


def _heads(db: Session) -> dict[int, str]:
    """Who is appointed for each unit and can sign in."""
    query = select(Appointment.unit_id, User.name).join(User, col(User.id) == Appointment.user_id)
    return {unit: name for unit, name in db.exec(query.where(Appointment.role == Role.LIAISON)) if unit is not None}


def _leaders(db: Session) -> list[str]:
    query = select(User.name).join(Appointment, col(Appointment.user_id) == User.id)
    return list(db.exec(query.where(Appointment.role == Role.LEADER).order_by(col(User.id))))


def _staff(
    db: Session, unit: Unit, head: str, ground: Ground, strangers: Iterator[str], today: date, rng: Random
) -> list[Liaison]:
    """The head of a unit, the deputy, and whoever is named for a community or for grids."""
    areas = _areas(unit, ground, rng)
    people = [_person(unit, name, role, today, rng) for name, role in _titles(head, strangers, len(areas))]
    db.add_all(people)
    db.flush()
    for person, area in zip([people[0], *people[2:]], areas, strict=True):
        assert person.id is not None
        since = person.from_on
        db.add_all(LiaisonPlace(liaison_id=person.id, place_id=_id(place), from_on=since) for place in area)
        person.deputy_id = people[1].id
    return people


def _titles(head: str, strangers: Iterator[str], areas: int) -> list[tuple[str, str]]:
    others = [(next(strangers), "片区联络员") for _ in range(areas - 1)]
    return [(head, "负责人"), (next(strangers), "值班长"), *others]


def _areas(unit: Unit, ground: Ground, rng: Random) -> list[list[Place]]:
    """The places of each who is named, the head's first."""
    whole = next((place for place in ground.communities if place.id == unit.place_id), ground.street)
    if unit.sector in BY_COMMUNITY and whole is ground.street:
        return [[ground.communities[number]] for number in BY_COMMUNITY[unit.sector]]
    if unit.sector in NEAR_THE_GRIDS and whole is ground.street:
        return [[whole], *(rng.sample(_within(ground, place), 3) for place in ground.communities)]
    return [[whole]]


def _within(ground: Ground, community: Place) -> list[Place]:
    return [grid for grid in ground.grids if grid.parent_id == community.id]


def _person(unit: Unit, name: str, role: str, today: date, rng: Random) -> Liaison:
    is_stale = unit.name in STALE_UNITS or rng.random() < 0.12
    age = rng.randrange(100, 260) if is_stale else rng.randrange(1, 80)
    by_night = role == "值班长" and unit.sector in AROUND_THE_CLOCK
    assert unit.id is not None
    return Liaison(
        unit_id=unit.id,
        name=name,
        role=role,
        mobile=names.mobile(rng),
        calendar="natural" if by_night else "working",
        from_on=today - timedelta(days=SERVED_DAYS),
        verified_on=today - timedelta(days=age),
    )


def _add_leaders(db: Session, leaders: list[str], today: date, rng: Random) -> None:
    """Who leads the street stands in the directory too, at the unit that is in charge of emergencies."""
    unit = db.exec(select(Unit).where(Unit.sector == "fire")).one()
    db.add_all(_person(unit, name, "分管领导", today, rng) for name in leaders)


def _let_go_on_leave(db: Session, staff: dict[int, list[Liaison]], today: date) -> None:
    """Of every fifth unit the head is away this week; of every other of these somebody stands in."""
    for number, people in enumerate(list(staff.values())[2::5]):
        head, second = people[:2]
        stand_in = second.id if number % 2 == 0 else None
        first = today - timedelta(days=2 + number)
        leave = LiaisonLeave(liaison_id=_id(head), from_on=first, to_on=first + timedelta(days=9), stand_in_id=stand_in)
        db.add(leave)


def _roster(db: Session, staff: dict[int, list[Liaison]], today: date) -> None:
    """The nights of the units that answer around the clock, one of their people after the other."""
    for unit_id, people in staff.items():
        if people[0].calendar == "working" and people[1].calendar == "natural":
            for day in ROSTER_DAYS:
                midnight = day_of(today + timedelta(days=day))
                who = people[(today.toordinal() + day) % len(people)]
                turn = RosterRow(
                    unit_id=unit_id, liaison_id=_id(who), from_at=midnight + EVENING, to_at=midnight + MORNING
                )
                db.add(turn)


def _id(row: Liaison | Place) -> int:
    assert row.id is not None
    return row.id
