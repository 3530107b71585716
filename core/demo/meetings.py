"""The demo street's joint meetings: its series, and one meeting of the street some days ago with three resolutions."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from core import calendars
from core.calendars import WORKING
from core.cases.tables import Case
from core.clock import local
from core.liaisons.tables import Liaison
from core.meeting_words import ItemKind, ItemOutcome, MeetingState, Presence, Progress, Rhythm
from core.meetings import kinds
from core.meetings.rhythm import worked_from
from core.meetings.series import begin_on
from core.meetings.tables import AgendaItem, Attendance, ItemCase, Meeting, Resolution, Series, SeriesMember
from core.people import Appointment, User
from core.places import Place
from core.rules import Rules
from core.units import Unit
from core.words import Level, Role, Stage

HELD_DAYS = 4  # ago: what was open then is not all solved by now
VENUE = "街道三楼会议室"
# text, working days, progress, what was said of it
RESOLVED = (
    ("两个工作日内整改到位，社区核查后销号", 2.0, Progress.UNDER_WAY, "已进场，剩余一处待材料"),
    ("会同社区厘清责任，一周内拿出整治方案", 5.0, Progress.NOT_STARTED, ""),
    ("十个工作日内完成整治，建立巡查机制防止反弹", 10.0, Progress.UNDER_WAY, "整治过半，余下点位协调中"),
)


def hold(db: Session, now: datetime, rules: Rules) -> None:
    """Found the series of every level, and write the meeting of some days ago."""
    street = db.exec(select(Place).where(Place.level == Level.STREET)).one()
    communities = db.exec(select(Place).where(Place.level == Level.COMMUNITY).order_by(Place.code)).all()
    grid = db.exec(select(Place).where(Place.level == Level.GRID).order_by(Place.code)).first()
    weekly = _series(street, "street", Rhythm.WEEKLY, 0, "街道办主任")
    others = [_series(place, "community", Rhythm.MONTHLY, 2, "社区书记") for place in communities]
    db.add_all([weekly, *others, *([_series(grid, "grid_group", Rhythm.WEEKLY, 4, "网格长")] if grid else [])])
    db.flush()
    assert weekly.id is not None
    people = _members(db, weekly.id)
    db.add_all(people)
    _write(db, weekly, people, now, rules)


def _series(place: Place, kind: str, rhythm: Rhythm, weekday: int, chair: str) -> Series:
    known = kinds.current().kinds[kind]
    assert place.id is not None
    return Series(
        kind=kind, name=f"{place.name}{known.name}", place_id=place.id, path=place.path, rhythm=rhythm,
        weekday=weekday, minutes=known.minutes, venue=VENUE if kind == "street" else "社区会议室", chair=chair,
    )  # fmt: skip


def _members(db: Session, series_id: int) -> list[SeriesMember]:
    rows = db.exec(
        select(User.name, Appointment.role)
        .join(Appointment, col(Appointment.user_id) == User.id)
        .where(col(Appointment.role).in_([Role.LEADER, Role.SECRETARY]))
        .order_by(col(User.id))
    )
    posts = {Role.LEADER: "街道领导", Role.SECRETARY: "社区书记"}
    return [SeriesMember(series_id=series_id, name=name, post=posts[Role(role)]) for name, role in rows]


def _write(db: Session, series: Series, people: list[SeriesMember], now: datetime, rules: Rules) -> None:
    """That meeting: one item and one resolution for each of the oldest open cases with a unit."""
    begun = begin_on(series, worked_from(local(now - timedelta(days=HELD_DAYS)).date()))
    assert series.id is not None
    meeting = Meeting(
        series_id=series.id, number=1, begins_at=begun, minutes=series.minutes, state=MeetingState.ENDED,
        rule_version=rules.version, built_at=begun - timedelta(days=4), version=1, begun_at=begun,
        ended_at=begun + timedelta(minutes=70),
    )  # fmt: skip
    db.add(meeting)
    db.flush()
    assert meeting.id is not None
    db.add_all(
        Attendance(meeting_id=meeting.id, name=one.name, post=one.post, presence=Presence.PRESENT) for one in people
    )
    officer = db.exec(select(Appointment.user_id).where(Appointment.role == Role.DUTY_OFFICER)).first()
    query = select(Case).where(col(Case.ended_at).is_(None), col(Case.unit_id).is_not(None), Case.reported_at < begun)
    unsolved_first = (col(Case.stage) == Stage.CHECKED, col(Case.reported_at), col(Case.id))
    cases = db.exec(query.order_by(*unsolved_first).limit(len(RESOLVED))).all()
    for ordinal, (case, said) in enumerate(zip(cases, RESOLVED, strict=False), 1):
        _item(db, meeting, ordinal, case, said, officer or 0, rules)


def _item(
    db: Session,
    meeting: Meeting,
    ordinal: int,
    case: Case,
    said: tuple[str, float, Progress, str],
    by_id: int,
    rules: Rules,
) -> None:
    text, days, progress, note = said
    assert meeting.id is not None
    assert case.id is not None
    assert case.unit_id is not None
    unit = db.get_one(Unit, case.unit_id)
    item = AgendaItem(
        meeting_id=meeting.id, ordinal=ordinal, title=case.title, kind=ItemKind.DECISION, minutes=8,
        unit_ids=[case.unit_id], outcome=ItemOutcome.RESOLVED,
    )  # fmt: skip
    db.add(item)
    db.flush()
    assert item.id is not None
    db.add(ItemCase(item_id=item.id, case_id=case.id, meeting_id=meeting.id))
    at, calendar = meeting.begins_at, rules.calendars[WORKING]
    db.add(
        Resolution(
            series_id=meeting.series_id,
            meeting_id=meeting.id,
            item_id=item.id,
            text=text,
            lead_unit_id=case.unit_id,
            person=db.exec(select(Liaison.name).where(Liaison.unit_id == case.unit_id)).first() or f"{unit.name}负责人",
            days=days,
            decided_at=at,
            due_at=calendars.add(calendar, at, days * calendar.day).at,
            supervisor="街道办主任",
            by_id=by_id,
            progress=progress,
            progress_note=note,
        )
    )
