"""Photos of cases: kept in the store, so that every process has them, and shown to who may see the case."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, LargeBinary, String
from sqlmodel import Field, Session, SQLModel, col, func, select

from core.cases.queries import case_seen_by, visible_to
from core.cases.tables import Case
from core.errors import NotFound, Refused
from core.language import N_
from core.people import Principal, User
from core.photos import Photo
from core.words import Permission, PhotoKind, Verb

MOST = 30  # of one case
P = Permission
ADDERS = (P.REPORT, P.WORK_FOR_UNIT, P.RECORD_FOR_UNIT, P.CHECK)
PHOTO_OF = {  # what a photo shows that comes with a step
    Verb.ACCEPT: PhotoKind.BEFORE,
    Verb.ARRIVE: PhotoKind.BEFORE,
    Verb.RESOLVE: PhotoKind.AFTER,
    Verb.SELF_HANDLE: PhotoKind.AFTER,
    Verb.CHECK: PhotoKind.AFTER,
    Verb.REWORK: PhotoKind.AFTER,
}


class Attachment(SQLModel, table=True):
    """A photo of a case, with the step it came with."""

    __tablename__ = "attachment"
    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case_file.id", index=True)
    kind: PhotoKind = Field(sa_type=String(8))
    ordinal: int  # of the case's last event when it was added
    by_id: int = Field(foreign_key="user_account.id")
    added_at: datetime
    width_px: int
    height_px: int
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    small: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


@dataclass(frozen=True, slots=True)
class Shown:
    """A photo without its bytes."""

    id: int
    kind: PhotoKind
    ordinal: int
    by_name: str
    added_at: datetime


def attach(db: Session, who: Principal, case_id: int, kind: PhotoKind, photos: Sequence[Photo], at: datetime) -> None:
    """Add photos to a case.

    Raises: NotFound, when `who` may not see the case; Refused, without the right, or when there are too many.
    """
    case = case_seen_by(db, who, case_id)
    if case is None:
        raise NotFound(N_("There is no such case"))
    if not any(who.may(permission, case.path, case.unit_id) for permission in ADDERS):
        raise Refused(N_("You may not add photos here"))
    count = db.exec(select(func.count()).select_from(Attachment).where(Attachment.case_id == case_id)).one()
    if count + len(photos) > MOST:
        raise Refused(N_("A case may have {most} photos"), most=MOST)
    db.add_all(
        Attachment(
            case_id=case_id, kind=kind, ordinal=case.version, by_id=who.user_id, added_at=at,
            width_px=photo.width_px, height_px=photo.height_px, body=photo.body, small=photo.small,
        )
        for photo in photos
    )  # fmt: skip
    db.flush()


def photos_of(db: Session, case_id: int) -> list[Shown]:
    """The photos of a case, the first first."""
    columns = (Attachment.id, Attachment.kind, Attachment.ordinal, User.name, Attachment.added_at)
    query = select(*map(col, columns)).join(User, col(User.id) == Attachment.by_id)
    rows = db.execute(query.where(col(Attachment.case_id) == case_id).order_by(col(Attachment.id)))
    return [Shown(row[0], PhotoKind(row[1]), *row[2:]) for row in rows]


def photo_seen_by(db: Session, who: Principal, photo_id: int, *, small: bool) -> bytes | None:
    """The JPEG, if it exists and `who` may see its case."""
    column = Attachment.small if small else Attachment.body
    query = select(column).join(Case, col(Case.id) == Attachment.case_id)
    return db.exec(query.where(Attachment.id == photo_id, visible_to(who))).first()
