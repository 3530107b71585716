"""What meetings heard of a case and resolved on it, for its dossier."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from core.cases.queries import visible_to
from core.cases.tables import Case
from core.meeting_words import ItemOutcome, MeetingState
from core.meetings.queries import resolutions_on
from core.meetings.tables import AgendaItem, ItemCase, Meeting, Resolution, Series
from core.people import Principal
from core.units import Unit


@dataclass(frozen=True, slots=True)
class Heard:
    """An item of a meeting that a case belongs to, with what was resolved on it."""

    series: str
    begins_at: datetime
    state: MeetingState
    title: str
    outcome: ItemOutcome | None
    note: str
    resolutions: tuple[tuple[str, Resolution], ...]  # each after the name of the unit that leads


def heard_of(db: Session, who: Principal, case_id: int) -> list[Heard]:
    """The items of a case that `who` may see, the newest meeting first."""
    query = (
        select(Series.name, Meeting, AgendaItem)
        .join(Meeting, col(Meeting.series_id) == Series.id)
        .join(AgendaItem, col(AgendaItem.meeting_id) == Meeting.id)
        .join(ItemCase, col(ItemCase.item_id) == AgendaItem.id)
        .join(Case, col(Case.id) == ItemCase.case_id)
        .where(visible_to(who), Case.id == case_id, col(AgendaItem.dropped).is_(None))
    )
    rows = db.exec(query.order_by(col(Meeting.begins_at).desc(), col(AgendaItem.ordinal))).all()
    resolved = resolutions_on(db, who, case_id) if rows else []
    leads = select(Unit.id, Unit.name).where(col(Unit.id).in_({row.lead_unit_id for row in resolved} - {None}))
    names = dict(db.exec(leads).all()) if resolved else {}
    return [
        Heard(
            series, meeting.begins_at, MeetingState(meeting.state), item.title,
            ItemOutcome(item.outcome) if item.outcome else None, item.outcome_note,
            tuple((names.get(row.lead_unit_id, ""), row) for row in resolved if row.item_id == item.id),
        )
        for series, meeting, item in rows
    ]  # fmt: skip
