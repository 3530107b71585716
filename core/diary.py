"""The diary of grid heads and secretaries (民情日志): what they did and heard, in a line; no register of persons."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, ColumnElement, Index, String
from sqlalchemy.orm import Mapped
from sqlmodel import Field, Session, SQLModel, and_, col, false, func, or_, select

from core import submissions
from core.accounts.audit import Asker
from core.cases.queries import case_seen_by
from core.errors import NotFound, Refused
from core.language import N_
from core.people import Principal, User
from core.places import Place, below, path_type
from core.words import DiaryKind, Level, Permission

LONGEST_TEXT = 400
P = Permission


class DiaryEntry(SQLModel, table=True):
    """A line of the diary. Appended, never edited."""

    __tablename__ = "diary_entry"
    __table_args__ = (Index("ix_diary_path", "path", "happened_at"),)
    id: int | None = Field(default=None, primary_key=True)
    by_id: int = Field(foreign_key="user_account.id")
    place_id: int = Field(foreign_key="place.id")
    path: str = Field(sa_column=Column(path_type(), nullable=False))
    case_id: int | None = Field(default=None, foreign_key="case_file.id", index=True)
    kind: DiaryKind = Field(sa_type=String(8))
    text: str = Field(default="", max_length=LONGEST_TEXT)
    happened_at: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the diary with the names of who wrote it and of where it was."""

    entry: DiaryEntry
    name: str
    place: str


def note_down(
    db: Session, asker: Asker, kind: DiaryKind, place_id: int, text: str = "", *,
    key: str, at: datetime, now: datetime, case_id: int | None = None,
) -> DiaryEntry | None:  # fmt: skip
    """Write a line about a place, or about a case there; None when `key` was handed in before.

    Raises: NotFound, when there is no such place or case for the asker; Refused, when it cannot be.
    """
    who = asker.who
    if not submissions.is_first(db, who.user_id, key, now):
        return None
    place = db.get(Place, place_id)
    if place is None or place.id is None or not who.may(P.KEEP_DIARY, place.path):
        raise NotFound(N_("There is no such place here"))
    if case_id is not None and case_seen_by(db, who, case_id) is None:
        raise NotFound(N_("There is no such case"))
    if len(text.strip()) > LONGEST_TEXT:
        raise Refused(N_("A line of the diary has up to {most} characters"), most=LONGEST_TEXT)
    if at > now:
        raise Refused(N_("What has not happened yet cannot be recorded"))
    entry = DiaryEntry(
        by_id=who.user_id, place_id=place.id, path=place.path, case_id=case_id, kind=kind, text=text.strip(),
        happened_at=at, recorded_at=now,
    )  # fmt: skip
    db.add(entry)
    db.flush()
    return entry


def knocks(db: Session, who: Principal) -> list[tuple[int, str, datetime | None]]:
    """The grids whose diary `who` keeps with when somebody last knocked at doors there: the longest ago first."""
    last = func.max(DiaryEntry.happened_at)
    query = (
        select(Place.id, Place.name, last)
        .outerjoin(DiaryEntry, and_(col(DiaryEntry.place_id) == Place.id, col(DiaryEntry.kind) == DiaryKind.KNOCK))
        .where(_kept_by(who, col(Place.path)), Place.level == Level.GRID, col(Place.valid_to).is_(None))
        .group_by(col(Place.id), col(Place.name), col(Place.code))
    )
    rows = db.exec(query.order_by(last.is_not(None), last, col(Place.code)))
    return [(place or 0, name, at) for place, name, at in rows]


def _kept_by(who: Principal, path: Mapped[str]) -> ColumnElement[bool]:
    ranges = (below(one) for one in who.paths(P.KEEP_DIARY))
    return or_(false(), *(and_(path >= low, path < high) for low, high in ranges))


def diary(db: Session, who: Principal, since: datetime, most: int = 30) -> list[Line]:
    """The lines about the places whose diary `who` keeps, the newest first."""
    query = (
        select(DiaryEntry, User.name, Place.name)
        .join(User, col(User.id) == DiaryEntry.by_id)
        .join(Place, col(Place.id) == DiaryEntry.place_id)
        .where(_kept_by(who, col(DiaryEntry.path)), DiaryEntry.happened_at >= since)
    )
    rows = db.exec(query.order_by(col(DiaryEntry.happened_at).desc(), col(DiaryEntry.id).desc()).limit(most))
    return [Line(*row) for row in rows]
