"""People, their appointments, and what they may do where: deny by default."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import BindParameter, ColumnElement, String, and_, or_
from sqlmodel import Field, Session, SQLModel, col, select

from core import (
    store,
    units,  # noqa: F401 - an appointment refers to its table
)
from core.places import Place
from core.words import Permission, Role

P = Permission
MEETINGS = frozenset({P.READ_MEETINGS, P.PREPARE_MEETING, P.DECIDE_AT_MEETING})  # of whoever prepares them

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.DUTY_OFFICER: frozenset(
        {P.READ_WALL, P.READ_CASES, P.REPORT, P.INTAKE, P.DISPATCH, P.RECORD_FOR_UNIT, P.CHECK, P.VOID, P.READ_REPORTER}
        | {P.APPROVE, P.CORRECT, P.CHASE, P.CALL_BACK, P.BLOW_WHISTLE, P.KEEP_SHIFT, P.SIT_AT_DESK, P.READ_FIGURES}
        | {P.LOOK_UP, P.READ_MOBILES, P.EDIT_DIRECTORY}
        | MEETINGS
    ),
    Role.LEADER: frozenset(
        {P.READ_WALL, P.READ_CASES, P.APPROVE, P.APPROVE_HIGHER, P.CHASE, P.SUPERVISE, P.DECLARE_EMERGENCY}
        | {P.SIT_AT_DESK, P.LOOK_UP, P.READ_MOBILES, P.READ_FIGURES}
        | {P.READ_MEETINGS, P.DECIDE_AT_MEETING}
    ),
    # who handles cases does not ask how content people are: a grid head calls nobody back
    Role.SECRETARY: frozenset(
        {P.READ_WALL, P.READ_CASES, P.REPORT, P.SELF_HANDLE, P.CHECK, P.READ_REPORTER, P.CHASE, P.CALL_BACK}
        | {P.BLOW_WHISTLE, P.LOOK_UP, P.KEEP_DIARY, P.READ_FIGURES}
        | MEETINGS
    ),
    Role.GRID_HEAD: frozenset(
        {P.READ_WALL, P.READ_CASES, P.REPORT, P.SELF_HANDLE, P.CHECK, P.READ_REPORTER, P.CHASE}
        | {P.BLOW_WHISTLE, P.LOOK_UP, P.KEEP_DIARY, P.READ_FIGURES}
        | MEETINGS
    ),
    Role.LIAISON: frozenset({P.READ_CASES, P.WORK_FOR_UNIT, P.LOOK_UP, P.READ_MEETINGS}),
    Role.ADMINISTRATOR: frozenset({P.ADMINISTER, P.READ_AUDIT, P.LOOK_UP, P.READ_MOBILES, P.EDIT_DIRECTORY}),
    Role.WALL: frozenset({P.READ_WALL}),
    Role.SYSTEM: frozenset({P.READ_CASES, P.UPKEEP}),  # appointed to nobody: see `system`
}


class User(SQLModel, table=True):
    """A person, or a wall screen, who may be appointed."""

    __tablename__ = "user_account"
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=40)
    is_active: bool = True
    is_device: bool = False  # a wall screen: paired, never signed in by a password
    login: str | None = Field(default=None, max_length=40, unique=True)  # as typed, in lower case
    password_hash: str | None = Field(default=None, max_length=160)
    must_change: bool = False  # the password is a temporary one
    failures: int = 0  # wrong passwords in a row
    locked_until: datetime | None = None


class Appointment(SQLModel, table=True):
    """A role of a person at a place, from a day to a day; a liaison's is for a unit."""

    __tablename__ = "appointment"
    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user_account.id", index=True)
    role: Role = Field(sa_type=String(16))
    place_id: int = Field(foreign_key="place.id", index=True)
    unit_id: int | None = Field(default=None, foreign_key="unit.id")
    from_on: date
    to_on: date | None = None  # the last day

    @classmethod
    def holds_on(cls, day: "date | BindParameter[date]") -> ColumnElement[bool]:
        """The condition under which an appointment holds on a day."""
        return and_(col(cls.from_on) <= day, or_(col(cls.to_on).is_(None), col(cls.to_on) >= day))


@dataclass(frozen=True, slots=True)
class Grant:
    """One appointment as it counts: a role over a subtree, for a liaison only the cases of the unit."""

    role: Role
    path: str
    unit_id: int | None = None

    def covers(self, path: str, unit_id: int | None) -> bool:
        """Whether a case at `path` in the hands of `unit_id` lies within this appointment."""
        return path.startswith(self.path) and (self.role is not Role.LIAISON or self._is_for(unit_id))

    def _is_for(self, unit_id: int | None) -> bool:
        return self.unit_id is not None and unit_id == self.unit_id


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: a person with the appointments valid today."""

    user_id: int
    name: str
    grants: tuple[Grant, ...]

    def may(self, permission: Permission, path: str, unit_id: int | None = None) -> bool:
        """Whether some appointment allows `permission` at `path`."""
        return any(permission in PERMISSIONS[g.role] and g.covers(path, unit_id) for g in self.grants)

    def paths(self, permission: Permission) -> tuple[str, ...]:
        """The subtrees in which `permission` is held."""
        return tuple(dict.fromkeys(g.path for g in self.grants if permission in PERMISSIONS[g.role]))


def principal(db: Session, user_id: int, on: date) -> Principal | None:
    """The person with the appointments valid on the day `on`; None for the unknown and the disabled."""
    user = db.get(User, user_id)
    if user is None or not user.is_active:
        return None
    rows = db.exec(
        select(Appointment, Place.path)
        .join(Place, col(Place.id) == Appointment.place_id)
        .where(Appointment.user_id == user_id, Appointment.holds_on(on))
    )
    return Principal(user_id, user.name, tuple(Grant(Role(a.role), path, a.unit_id) for a, path in rows))


def holders(db: Session, permission: Permission, path: str, on: date) -> list[str]:
    """The names of those who hold `permission` at `path` on a day, in the order of their accounts."""
    roles = [role for role, held in PERMISSIONS.items() if permission in held]
    rows = db.execute(
        select(User.name, Place.path)
        .join(Appointment, col(Appointment.user_id) == User.id)
        .join(Place, col(Place.id) == Appointment.place_id)
        .where(col(Appointment.role).in_(roles), Appointment.holds_on(on), col(User.is_active))
        .order_by(col(User.id))
    )
    return list(dict.fromkeys(name for name, above in rows if path.startswith(above)))


SYSTEM_USER = "system_user"


def system(db: Session) -> Principal:
    """Whoever records what nobody did by hand: escalations, and clocks reckoned anew; may do so everywhere."""
    known = store.setting(db, SYSTEM_USER)
    if known is None:
        db.add(user := User(name="系统", is_active=False))
        db.flush()
        store.remember(db, SYSTEM_USER, known := str(user.id))
    return Principal(int(known), "系统", (Grant(Role.SYSTEM, "/"),))
