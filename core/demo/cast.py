"""The people of the demo as they act: who is on duty, who heads a grid, who answers for a unit."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from core.clock import local
from core.people import Appointment, Principal, principal
from core.places import Place
from core.units import Unit
from core.words import Role

WATCHES = 3
WATCH_BEGINS = timedelta(hours=8)  # a watch lasts from 08:00 to 08:00


@dataclass(frozen=True)
class Cast:
    """Everybody who reports and works, by what they answer for."""

    officers: tuple[Principal, ...]
    heads: dict[int, Principal]  # by id of the grid
    secretaries: dict[int, Principal]  # by id of the community
    liaisons: dict[int, Principal]  # by id of the unit
    units: tuple[tuple[str, str, int], ...]  # sector, path, id; the smallest area first

    def officer(self, at: datetime) -> Principal:
        """One of the officers on watch at `at`."""
        begun = local(at) - WATCH_BEGINS
        watch = self.officers[begun.toordinal() % WATCHES :: WATCHES]
        return watch[begun.hour % len(watch)]

    def secretary(self, path: str) -> Principal:
        """The secretary of the community in which `path` lies."""
        return next(self.secretaries[int(part)] for part in path.strip("/").split("/") if int(part) in self.secretaries)

    def unit(self, sector: str, path: str) -> int:
        """The unit of a sector that answers for `path`: of several the one with the smallest area."""
        return next(unit for name, covered, unit in self.units if name == sector and path.startswith(covered))


def cast(db: Session, on: date) -> Cast:
    """Everybody appointed on the day `on`."""
    rows = db.exec(select(Appointment).order_by(col(Appointment.id))).all()
    people = {user_id: principal(db, user_id, on) for user_id in dict.fromkeys(row.user_id for row in rows)}

    def held(role: Role) -> list[tuple[Appointment, Principal]]:
        return [(row, who) for row in rows if row.role == role and (who := people[row.user_id])]

    units = db.exec(select(Unit.sector, Place.path, Unit.id).join(Place, col(Place.id) == Unit.place_id))
    return Cast(
        officers=tuple(who for _, who in held(Role.DUTY_OFFICER)),
        heads={row.place_id: who for row, who in held(Role.GRID_HEAD)},
        secretaries={row.place_id: who for row, who in held(Role.SECRETARY)},
        liaisons={row.unit_id: who for row, who in held(Role.LIAISON) if row.unit_id},
        units=tuple(sorted(((s, p, u) for s, p, u in units if u is not None), key=lambda unit: -len(unit[1]))),
    )
