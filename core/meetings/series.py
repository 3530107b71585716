"""Series of meetings: founded at a place, with whom they usually bring together, and when the next one falls."""

from dataclasses import dataclass
from datetime import date, datetime, time

from sqlmodel import Session, col, select

from core.accounts import audit
from core.accounts.audit import Asker
from core.clock import SHANGHAI
from core.errors import Refused
from core.language import N_
from core.meeting_words import Rhythm
from core.meetings import kinds, rhythm, rights
from core.meetings.tables import Series, SeriesMember
from core.places import Place
from core.words import Action, Permission

P = Permission


@dataclass(frozen=True, slots=True)
class Plan:
    """What a series is to be."""

    kind: str
    place_id: int
    rhythm: Rhythm
    weekday: int = 0
    week: int = 1
    begins: str = "09:00"
    minutes: int | None = None  # None: as the kind says
    venue: str = ""
    chair: str = ""


def found(db: Session, by: Asker, plan: Plan) -> Series:
    """Found a series of meetings at a place.

    Raises: Refused, when the kind is not for such a place, or the asker prepares no meetings there.
    """
    kind, place = kinds.current().kinds.get(plan.kind), db.get(Place, plan.place_id)
    if place is None or not by.who.may(P.PREPARE_MEETING, place.path):
        raise Refused(N_("You may not do this at the meetings of this place"))
    if kind is None or kind.level != place.level:
        raise Refused(N_("A meeting of this kind is not held at such a place"))
    minutes = kind.minutes if plan.minutes is None else plan.minutes
    if not (0 < minutes <= 480 and 0 <= plan.weekday <= 6 and 1 <= plan.week <= 4):
        raise Refused(N_("A meeting takes up to eight hours, on a day of one of the first four weeks"))
    time.fromisoformat(plan.begins)
    series = Series(
        kind=plan.kind, name=f"{place.name}{kind.name}"[:80], place_id=plan.place_id, path=place.path,
        rhythm=plan.rhythm, weekday=plan.weekday, week=plan.week, begins=plan.begins, minutes=minutes,
        venue=plan.venue[:80], chair=plan.chair[:40],
    )  # fmt: skip
    db.add(series)
    db.flush()
    audit.record(db, Action.FOUND_SERIES, f"series {series.id}", by=by, detail=series.name)
    return series


def invite(db: Session, by: Asker, series_id: int, member: SeriesMember) -> SeriesMember:
    """Add somebody to the usual attendees of a series.

    Raises: NotFound, Refused.
    """
    rights.series_for(db, by.who, series_id, P.PREPARE_MEETING)
    name = member.name.strip()
    if not 0 < len(name) <= 40 or len(member.post) > 80:
        raise Refused(N_("The name has 1 to 40 characters"))
    row = SeriesMember(
        series_id=series_id, name=name, post=member.post, unit_id=member.unit_id, is_observer=member.is_observer
    )
    db.add(row)
    db.flush()
    audit.record(db, Action.FOUND_SERIES, f"series {series_id}", by=by, detail=name)
    return row


def members_of(db: Session, series_id: int) -> list[SeriesMember]:
    """The usual attendees of a series."""
    query = select(SeriesMember).where(SeriesMember.series_id == series_id).order_by(col(SeriesMember.id))
    return list(db.exec(query))


def next_begin(series: Series, after: datetime) -> datetime | None:
    """When the next meeting of a series begins by its rhythm; None for one held as needed."""
    day = rhythm.next_on(Rhythm(series.rhythm), series.weekday, series.week, after.astimezone(SHANGHAI).date())
    return begin_on(series, day) if day else None


def begin_on(series: Series, day: date) -> datetime:
    """The moment at which a series meets on `day`.

    Units: aware, Asia/Shanghai.
    """
    return datetime.combine(day, time.fromisoformat(series.begins), SHANGHAI)
