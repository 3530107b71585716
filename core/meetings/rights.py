"""Who may read, prepare and decide at meetings: by place; a liaison reads the items of the unit."""

from sqlalchemy import ColumnElement, and_, false, or_
from sqlmodel import Session, col, select

from core.errors import NotFound, Refused
from core.language import N_
from core.meeting_words import MeetingState
from core.meetings.tables import AgendaItem, Meeting, Resolution, Series
from core.people import PERMISSIONS, Principal
from core.places import below
from core.words import Permission, Role

P = Permission


def visible_to(who: Principal) -> ColumnElement[bool]:
    """The condition that begins every query of series: a right to read there; deny by default."""
    ranges = [below(grant.path) for grant in who.grants if P.READ_MEETINGS in PERMISSIONS[grant.role]]
    return or_(false(), *(and_(col(Series.path) >= low, col(Series.path) < high) for low, high in ranges))


def reads_all(who: Principal, series: Series) -> bool:
    """Whether `who` reads every item, and not only those of a unit."""
    return any(
        P.READ_MEETINGS in PERMISSIONS[grant.role] and grant.role is not Role.LIAISON
        for grant in who.grants
        if series.path.startswith(grant.path)
    )


def units_of(who: Principal, series: Series) -> frozenset[int]:
    """The units for which `who` is the liaison at the place of a series."""
    mine = (g for g in who.grants if g.role is Role.LIAISON and series.path.startswith(g.path))
    return frozenset(grant.unit_id for grant in mine if grant.unit_id is not None)


def series_for(db: Session, who: Principal, series_id: int, permission: Permission) -> Series:
    """The series, if `who` may see it and holds the right there.

    Raises: NotFound, Refused.
    """
    found = db.exec(select(Series).where(Series.id == series_id, visible_to(who))).first()
    if found is None:
        raise NotFound(N_("There is no such meeting"))
    if permission is not P.READ_MEETINGS and not who.may(permission, found.path):
        raise Refused(N_("You may not do this at the meetings of this place"))
    return found


def meeting_for(
    db: Session, who: Principal, meeting_id: int, permission: Permission, *states: MeetingState
) -> tuple[Meeting, Series]:
    """The meeting, locked until the transaction ends, and its series.

    Raises: NotFound, Refused, when the right is missing or the meeting is not in one of `states`.
    """
    query = select(Meeting).where(Meeting.id == meeting_id).with_for_update().execution_options(populate_existing=True)
    meeting = db.exec(query).first()
    if meeting is None:
        raise NotFound(N_("There is no such meeting"))
    series = series_for(db, who, meeting.series_id, permission)
    if meeting.state not in states:
        raise Refused(N_("This cannot be done while the meeting is “{state}”"), state=MeetingState(meeting.state))
    return meeting, series


def item_for(
    db: Session, who: Principal, item_id: int, permission: Permission, *states: MeetingState
) -> tuple[AgendaItem, Meeting, Series]:
    """The item with its meeting, as `meeting_for` gives it.

    Raises: NotFound, Refused.
    """
    item = db.get(AgendaItem, item_id)
    if item is None:
        raise NotFound(N_("There is no such item"))
    meeting, series = meeting_for(db, who, item.meeting_id, permission, *states)
    return db.get_one(AgendaItem, item_id, populate_existing=True), meeting, series


def resolution_for(db: Session, who: Principal, resolution_id: int) -> Resolution:
    """The resolution, locked, if `who` may tell how it stands: who prepares there, or a liaison of one of its units.

    Raises: NotFound, Refused.
    """
    query = select(Resolution).where(Resolution.id == resolution_id).with_for_update()
    found = db.exec(query.execution_options(populate_existing=True)).first()
    if found is None:
        raise NotFound(N_("There is no such resolution"))
    mine = units_of(who, db.get_one(Series, found.series_id))
    if mine.isdisjoint({found.lead_unit_id, *found.co_unit_ids}):
        series_for(db, who, found.series_id, P.PREPARE_MEETING)
    return found
