"""The directory of the store, read once for each of its versions and shared by the whole process."""

from datetime import datetime
from secrets import token_hex
from threading import Lock

from sqlalchemy import func
from sqlmodel import Session, col, select

from core import store
from core.liaisons.answer import Answer
from core.liaisons.directory import Absence, Contact, Directory, Office, Post, Turn
from core.liaisons.tables import Liaison, LiaisonLeave, LiaisonPlace, RosterRow, SectorEdit
from core.places import Node, Place
from core.rules import Rules, Sector
from core.units import Unit
from core.words import Level

VERSION = "directory_version"  # the setting that every edit of the directory renews

_kept: dict[str, Directory] = {}  # by address of the store
_lock = Lock()


def answering(db: Session, sector: str, path: str, at: datetime, rules: Rules, *, unit_id: int | None = None) -> Answer:
    """Who answers for `sector` at the place `path` at `at`; within one unit if it is given.

    Units: `at` aware.
    """
    return directory(db, rules).answer(sector, path, at, unit_id)


def directory(db: Session, rules: Rules) -> Directory:
    """The directory as stored now; read anew only when it, the places, the units or the rules have changed."""
    address, newest = str(db.get_bind().engine.url), f"{version(db)} {rules.version}"
    with _lock:
        kept = _kept.get(address)
    if kept is None or kept.version != newest:
        kept = _read(db, rules, newest)
        with _lock:
            _kept[address] = kept
    return kept


def renew(db: Session) -> None:
    """Say that the directory has changed; every command that changes it does so in its own transaction."""
    store.remember(db, VERSION, token_hex(8))


def version(db: Session) -> str:
    """What changes with every edit of the directory, and when an import brings places or units: entries of indexes."""
    newest = select(
        select(func.max(Place.id)).scalar_subquery(), select(func.max(Unit.id)).scalar_subquery(),
        select(store.Setting.value).where(store.Setting.key == VERSION).scalar_subquery(),
    )  # fmt: skip
    return " ".join(map(str, db.execute(newest).one()))


def _read(db: Session, rules: Rules, newest: str) -> Directory:
    posts, leave = _posts(db), _leave(db)
    contacts = {
        row.id: _contact(row, rules, posts.get(row.id, ()), leave.get(row.id, ()))
        for row in db.exec(select(Liaison).order_by(col(Liaison.id)))
        if row.id is not None
    }
    offices = {
        row.id: Office(row.id, row.name, row.sector, row.duty_phone, row.place_id)
        for row in db.exec(select(Unit).order_by(col(Unit.id)))
        if row.id is not None
    }
    return Directory(newest, _sectors(db, rules), _places(db), _ended(db), offices, contacts, _turns(db))


def _sectors(db: Session, rules: Rules) -> dict[str, Sector]:
    """The sectors of the rules as the street calls them, then those of its own."""
    found = dict(rules.sectors)
    for row in db.exec(select(SectorEdit).order_by(col(SectorEdit.id))):
        ours = found.get(row.code) or Sector(code=row.code, name=row.name, origin="local")
        found[row.code] = ours.model_copy(update={"name": row.name, "to_on": row.to_on})
    return found


def _contact(row: Liaison, rules: Rules, posts: tuple[Post, ...], leave: tuple[Absence, ...]) -> Contact:
    assert row.id is not None
    return Contact(
        row.id, row.unit_id, row.name, row.from_on, row.to_on, row.role, row.duty_phone, row.mobile, row.deputy_id,
        rules.calendars.get(row.calendar), row.successor_id, row.verified_on, posts, leave,
    )  # fmt: skip


def _places(db: Session) -> dict[int, Node]:
    """All places, also those of the past: a post may outlive the place that it was given for."""
    columns = (Place.id, Place.code, Place.name, Place.level, Place.parent_id, Place.path, Place.lon, Place.lat)
    rows = db.execute(select(*map(col, columns)).order_by(Place.path))
    return {r[0]: Node(r[0], r[1], r[2], Level(r[3]), *r[4:]) for r in rows}


def _ended(db: Session) -> dict[int, datetime]:
    rows = db.execute(select(col(Place.id), col(Place.valid_to)).where(col(Place.valid_to).is_not(None)))
    return dict(map(tuple, rows))


def _posts(db: Session) -> dict[int, tuple[Post, ...]]:
    found: dict[int, list[Post]] = {}
    for row in db.exec(select(LiaisonPlace).order_by(col(LiaisonPlace.id))):
        found.setdefault(row.liaison_id, []).append(Post(row.place_id, row.from_on, row.to_on))
    return {one: tuple(posts) for one, posts in found.items()}


def _leave(db: Session) -> dict[int, tuple[Absence, ...]]:
    found: dict[int, list[Absence]] = {}
    for row in db.exec(select(LiaisonLeave).order_by(col(LiaisonLeave.id))):
        found.setdefault(row.liaison_id, []).append(Absence(row.from_on, row.to_on, row.stand_in_id, row.id or 0))
    return {one: tuple(absences) for one, absences in found.items()}


def _turns(db: Session) -> dict[int, tuple[Turn, ...]]:
    found: dict[int, list[Turn]] = {}
    query = select(RosterRow).where(col(RosterRow.cancelled_at).is_(None))
    for row in db.exec(query.order_by(col(RosterRow.from_at), col(RosterRow.id))):
        found.setdefault(row.unit_id, []).append(Turn(row.liaison_id, row.from_at, row.to_at, row.id or 0))
    return {unit: tuple(turns) for unit, turns in found.items()}
