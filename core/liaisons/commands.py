"""What is done to the directory: entries, places, leave, the roster; each act is checked and audited."""

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from core.accounts import audit
from core.accounts.audit import Asker
from core.clock import local
from core.errors import NotFound, Refused
from core.language import N_
from core.liaisons import dispatches, lookup
from core.liaisons.directory import LONGEST_TURN
from core.liaisons.tables import Liaison, LiaisonLeave, LiaisonPlace, RosterRow
from core.places import Place
from core.rules import Rules
from core.units import Unit
from core.words import Action, Permission

LONGEST = 40  # characters of a name, a role, a phone
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Entry:
    """What is written down of a liaison; `calendar` is a code of the rules, "natural" is 24 h."""

    name: str
    role: str = ""
    duty_phone: str = ""
    mobile: str = ""
    calendar: str = "working"
    deputy_id: int | None = None

    def check(self, rules: Rules) -> None:
        """Refuse what cannot be an entry.

        Raises: Refused.
        """
        if not self.name.strip():
            raise Refused(N_("The name has 1 to 40 characters"))
        if max(map(len, (self.name, self.role, self.duty_phone, self.mobile))) > LONGEST:
            raise Refused(N_("Names and phone numbers have at most {most} characters"), most=LONGEST)
        if self.calendar not in rules.calendars:
            raise Refused(N_("There is no calendar {code}"), code=self.calendar)


def add(db: Session, by: Asker, unit_id: int, entry: Entry, place_ids: list[int], rules: Rules) -> int:
    """Enter a liaison of a unit who answers for some places from today on, as verified today.

    Returns: the id of the liaison.
    Raises: NotFound, Refused.
    """
    unit = _unit(db, by, unit_id)
    entry.check(rules)
    _check_colleague(db, unit_id, entry.deputy_id)
    today = local(by.at).date()
    row = Liaison(unit_id=unit_id, from_on=today, verified_on=today, **asdict(entry))
    db.add(row)
    db.flush()
    assert row.id is not None
    for place_id in place_ids:
        _post(db, by, row, place_id)
    _say(db, by, row, f"+ {unit.name} {row.name}")
    return row.id


def change(db: Session, by: Asker, liaison_id: int, entry: Entry, rules: Rules) -> None:
    """Correct the entry of a liaison.

    Raises: NotFound, Refused.
    """
    row = _liaison(db, by, liaison_id)
    entry.check(rules)
    _check_colleague(db, row.unit_id, entry.deputy_id)
    if entry.deputy_id == liaison_id:
        raise Refused(N_("Nobody is the own deputy"))
    known = asdict(entry)
    changed = [name for name, value in known.items() if getattr(row, name) != value]
    for name, value in known.items():
        setattr(row, name, value)
    _say(db, by, row, f"{row.name}: {', '.join(changed)}")


def verify(db: Session, by: Asker, liaison_id: int) -> None:
    """Note that somebody has found the entry right today.

    Raises: NotFound.
    """
    row = _liaison(db, by, liaison_id)
    row.verified_on = local(by.at).date()
    _say(db, by, row, f"{row.name}: verified")


def name_for(db: Session, by: Asker, liaison_id: int, place_id: int) -> None:
    """Have a liaison answer for a place from today on.

    Raises: NotFound; Refused, when the liaison does so already.
    """
    row = _liaison(db, by, liaison_id)
    place = _post(db, by, row, place_id)
    _say(db, by, row, f"{row.name} + {place.name}")


def release(db: Session, by: Asker, liaison_id: int, place_id: int) -> None:
    """Have a liaison answer for a place no longer; yesterday was the last day.

    Raises: NotFound.
    """
    row = _liaison(db, by, liaison_id)
    today = local(by.at).date()
    held = _held(db, liaison_id, today, place_id)
    if not held:
        raise NotFound(N_("There is no such place"))
    for post in held:
        post.to_on = today - DAY
    _say(db, by, row, f"{row.name} − place {place_id}")


def grant_leave(
    db: Session, by: Asker, liaison_id: int, from_on: date, to_on: date, stand_in_id: int | None = None
) -> None:
    """Write down that a liaison is away up to and with `to_on`, and who stands in at the same places.

    Raises: NotFound, Refused.
    """
    row = _liaison(db, by, liaison_id)
    _check_colleague(db, row.unit_id, stand_in_id)
    if to_on < from_on:
        raise Refused(N_("Leave cannot end before it begins"))
    if stand_in_id == liaison_id:
        raise Refused(N_("Nobody stands in for himself"))
    db.add(LiaisonLeave(liaison_id=liaison_id, from_on=from_on, to_on=to_on, stand_in_id=stand_in_id))
    _say(db, by, row, f"{row.name}: leave {from_on} – {to_on}")


def call_back(db: Session, by: Asker, leave_id: int) -> None:
    """End a leave: yesterday was its last day, or it has never held; its row stays.

    Raises: NotFound.
    """
    leave = db.get(LiaisonLeave, leave_id)
    today = local(by.at).date()
    if leave is None or leave.to_on < today:
        raise NotFound(N_("There is no such leave"))
    row = _liaison(db, by, leave.liaison_id)
    leave.to_on = max(today, leave.from_on) - DAY
    _say(db, by, row, f"{row.name}: back from leave of {leave.from_on}")


def put_on_roster(db: Session, by: Asker, liaison_id: int, from_at: datetime, to_at: datetime) -> None:
    """Put a liaison on the roster of the unit, whose whole area is answered for in that time.

    Units: aware; `to_at` not included.
    Raises: NotFound, Refused.
    """
    row = _liaison(db, by, liaison_id)
    if not from_at < to_at <= from_at + LONGEST_TURN:
        raise Refused(N_("A turn ends after it begins, and lasts at most 31 days"))
    db.add(RosterRow(unit_id=row.unit_id, liaison_id=liaison_id, from_at=from_at, to_at=to_at))
    _say(db, by, row, f"{row.name}: {local(from_at):%m-%d %H:%M} – {local(to_at):%m-%d %H:%M}")


def take_off_roster(db: Session, by: Asker, row_id: int) -> None:
    """Take a turn off the roster; its row stays.

    Raises: NotFound.
    """
    turn = db.get(RosterRow, row_id)
    if turn is None or turn.cancelled_at is not None:
        raise NotFound(N_("There is no such turn"))
    row = _liaison(db, by, turn.liaison_id)
    turn.cancelled_at = by.at
    _say(db, by, row, f"{row.name}: − {local(turn.from_at):%m-%d %H:%M}")


def see_off(
    db: Session, by: Asker, liaison_id: int, last_on: date, successor_id: int | None, rules: Rules
) -> list[str]:
    """End the entry of a liaison with the day `last_on`; the successor takes over places and open dispatches.

    Nothing is rewritten: dispatches keep whom they were given to, and are looked for at the successor from now on.
    Returns: the numbers of the open cases that move.
    Raises: NotFound; Refused, when open dispatches would be left to nobody.
    """
    row = _liaison(db, by, liaison_id)
    _check_colleague(db, row.unit_id, successor_id)
    if successor_id == liaison_id:
        raise Refused(N_("The successor is somebody else"))
    if last_on < row.from_on:
        raise Refused(N_("An entry cannot end before it begins"))
    held = dispatches.of_unit(db, row.unit_id, lookup.directory(db, rules)).get(liaison_id, [])
    if held and successor_id is None:
        raise Refused(N_("{count} open dispatches would be left to nobody: name a successor"), count=len(held))
    row.to_on, row.successor_id = last_on, successor_id
    for post in _held(db, liaison_id, last_on):
        post.to_on = last_on
        if successor_id and not _held(db, successor_id, last_on + DAY, post.place_id):
            db.add(LiaisonPlace(liaison_id=successor_id, place_id=post.place_id, from_on=last_on + DAY))
    numbers = [case.number for case in held]
    _say(db, by, row, f"{row.name} – {last_on} → liaison {successor_id}; {' '.join(numbers)}")
    return numbers


def _unit(db: Session, by: Asker, unit_id: int) -> Unit:
    found = db.exec(select(Unit, Place.path).join(Place, col(Place.id) == Unit.place_id).where(Unit.id == unit_id))
    unit, path = found.first() or (None, "")
    if unit is None or not by.who.may(Permission.EDIT_DIRECTORY, path):
        raise NotFound(N_("There is no such unit"))
    return unit


def _liaison(db: Session, by: Asker, liaison_id: int) -> Liaison:
    """The entry, held until the transaction ends, when the asker may edit those of its unit."""
    row = db.exec(select(Liaison).where(Liaison.id == liaison_id).with_for_update()).first()
    if row is None:
        raise NotFound(N_("There is no such liaison"))
    _unit(db, by, row.unit_id)
    return row


def _check_colleague(db: Session, unit_id: int, other_id: int | None) -> None:
    other = db.get(Liaison, other_id) if other_id is not None else None
    if other_id is not None and (other is None or other.unit_id != unit_id):
        raise Refused(N_("Deputies, stand-ins and successors are of the same unit"))


def _post(db: Session, by: Asker, row: Liaison, place_id: int) -> Place:
    place = db.get(Place, place_id)
    if place is None or not by.who.may(Permission.EDIT_DIRECTORY, place.path):
        raise NotFound(N_("There is no such place"))
    assert row.id is not None
    today = local(by.at).date()
    if _held(db, row.id, today, place_id):
        raise Refused(N_("{name} answers for {place} already"), name=row.name, place=place.name)
    db.add(LiaisonPlace(liaison_id=row.id, place_id=place_id, from_on=today))
    return place


def _held(db: Session, liaison_id: int, on: date, place_id: int | None = None) -> list[LiaisonPlace]:
    """The places answered for on a day or later."""
    query = select(LiaisonPlace).where(
        LiaisonPlace.liaison_id == liaison_id, col(LiaisonPlace.to_on).is_(None) | (col(LiaisonPlace.to_on) >= on)
    )
    return list(db.exec(query if place_id is None else query.where(LiaisonPlace.place_id == place_id)))


def _say(db: Session, by: Asker, row: Liaison, detail: str) -> None:
    """Audit the act, and tell every process that the directory has changed."""
    audit.record(db, Action.EDIT_DIRECTORY, f"liaison {row.id}", by=by, detail=detail)
    lookup.renew(db)
