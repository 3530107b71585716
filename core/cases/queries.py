"""Queries of cases: every one begins with what the asker may see."""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, false, func, literal_column, or_
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from core.cases.tables import Case, CaseEvent, CaseLink, Emergency, Reporter
from core.people import PERMISSIONS, Grant, Principal
from core.places import below
from core.words import Permission, Role, Severity, Stage


@dataclass(frozen=True, slots=True)
class OpenCase:
    """An open case as the live picture holds it; no personal data."""

    id: int
    number: str
    title: str
    category: str
    severity: Severity
    stage: Stage
    grid_id: int
    path: str
    lon: float | None
    lat: float | None
    address: str
    unit_id: int | None
    reported_at: datetime
    clock_from: datetime | None
    due_at: datetime | None
    final_due_at: datetime | None
    suspended_at: datetime | None = None
    unit_due_at: datetime | None = None


def visible_to(who: Principal) -> ColumnElement[bool]:
    """The condition that begins every query of cases: role and place, and a liaison's unit; deny by default."""
    return allowed_to(who, Permission.READ_CASES)


def allowed_to(who: Principal, permission: Permission) -> ColumnElement[bool]:
    """The condition under which `who` sees a case and holds `permission` on it; deny by default."""
    wanted = {Permission.READ_CASES, permission}
    return or_(false(), *(_covers(g) for g in who.grants if wanted <= PERMISSIONS[g.role]))


def _covers(grant: Grant) -> ColumnElement[bool]:
    low, high = below(grant.path)
    within = and_(col(Case.path) >= low, col(Case.path) < high)
    if grant.role is not Role.LIAISON:
        return within
    # a liaison of no unit sees nothing, rather than all that no unit has
    return and_(within, col(Case.unit_id) == grant.unit_id) if grant.unit_id is not None else false()


_OPEN_COLUMNS = tuple(getattr(Case, field.name) for field in fields(OpenCase))


def open_cases(db: Session, ids: list[int] | None = None) -> list[OpenCase]:
    """The open cases of the whole store, or those of `ids` that are still open; for the live picture only."""
    query = select(*_OPEN_COLUMNS).where(col(Case.ended_at).is_(None))
    if ids is not None:
        query = query.where(col(Case.id).in_(ids))
    return [_open_case(tuple(row)) for row in db.execute(query)]


def _open_case(row: tuple[object, ...]) -> OpenCase:
    values = list(row)
    values[4], values[5] = Severity(row[4]), Stage(row[5])  # type: ignore[arg-type]
    return OpenCase(*values)  # type: ignore[arg-type]


def case_seen_by(db: Session, who: Principal, case_id: int) -> Case | None:
    """The case, if it exists and `who` may see it."""
    return db.exec(select(Case).where(Case.id == case_id, visible_to(who))).first()


def events_of(db: Session, case_id: int) -> list[CaseEvent]:
    """The events of a case, the first first."""
    return list(db.exec(select(CaseEvent).where(CaseEvent.case_id == case_id).order_by(col(CaseEvent.ordinal))))


def merged_into(case_id: int) -> Select[tuple[int]]:
    """The ids of every case merged into this one or into one of them."""
    merged = select(CaseLink.case_id).where(CaseLink.into_id == case_id).cte(recursive=True)
    merged = merged.union(select(CaseLink.case_id).join(merged, col(CaseLink.into_id) == merged.c.case_id))
    return sql_select(merged.c.case_id)


def reports_of(db: Session, case_id: int) -> int:
    """How many reports a case stands for: its own, and those of every case merged into it or into one of them."""
    return 1 + int(db.execute(select(func.count()).select_from(merged_into(case_id).subquery())).scalar_one())


CALL_BACK_WITHIN = timedelta(days=30)  # later nobody is asked any more


def call_backs(db: Session, who: Principal, now: datetime, most: int = 50) -> list[Case]:
    """The closed cases whose reporters `who` should call and ask how content they are, the longest waiting first."""
    query = select(Case).join(Reporter, col(Reporter.case_id) == Case.id).where(*_waits_for_call(who, now))
    return list(db.exec(query.order_by(col(Case.ended_at)).limit(most)))


def to_call_back(db: Session, who: Principal, now: datetime) -> int:
    """How many of them there are; asked for in the order of their ends, for which SQLite takes the index of these."""
    query = select(Case.id).join(Reporter, col(Reporter.case_id) == Case.id).where(*_waits_for_call(who, now))
    return len(db.exec(query.order_by(col(Case.ended_at))).all())


def _waits_for_call(who: Principal, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """The conditions under which a closed case, joined with its reporter, waits for a call by `who`."""
    return (
        allowed_to(who, Permission.CALL_BACK),
        col(Case.stage) == literal_column(f"'{Stage.CLOSED}'"),  # as it stands in the index: no parameter matches that
        col(Case.verdict).is_(None),
        col(Case.ended_at) >= now - CALL_BACK_WITHIN,
        col(Reporter.phone) != "",
    )


def is_emergency(db: Session, path: str, at: datetime) -> bool:
    """Whether emergency mode held for a place at `at`."""
    held = db.exec(
        select(Emergency.path).where(
            Emergency.from_at <= at, col(Emergency.to_at).is_(None) | (col(Emergency.to_at) > at)
        )
    )
    return any(path.startswith(above) for above in held)
