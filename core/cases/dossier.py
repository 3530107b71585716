"""The dossier: everything about one case, in a few queries whose cost does not grow with history."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, or_, select

from core import whistles
from core.cases import attachments, ledger
from core.cases.attachments import Shown
from core.cases.queries import case_seen_by, events_of, merged_into
from core.cases.rows import clock_of, state_of
from core.cases.step_table import Step
from core.cases.steps import CaseState, steps_open_to
from core.cases.tables import Case, CaseCandidate, CaseClock, CaseEvent, CaseLink, Reporter
from core.cases.why import Why, why
from core.people import Principal, User
from core.places import Node, Place, node_of
from core.rules import Rules
from core.units import Unit
from core.whistles import Call
from core.words import Permission, Role, Source


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of the timeline.

    Units: `stood` is how long the case stood in its stage before this step, None where the stage did not change.
    """

    event: CaseEvent
    by: str
    on_behalf_of: str
    unit: str
    stood: timedelta | None


@dataclass(frozen=True, slots=True)
class Promised:
    """A clock of the case or of a unit, with the account of it."""

    row: CaseClock
    unit: str
    why: Why


@dataclass(frozen=True, slots=True)
class Linked:
    """Another case that is the same: one merged into this one, or the one this was merged into."""

    id: int
    number: str
    title: str
    is_into: bool  # this case was merged into it


@dataclass(frozen=True, slots=True)
class Attached:
    """Another report of the same, merged into this case or into one that was."""

    id: int
    number: str
    source: Source
    reported_at: datetime
    reporter: str  # masked; empty when there is none, or not for the asker


@dataclass(frozen=True)
class Dossier:
    """Everything that is known of a case and may be shown to the asker."""

    case: Case
    state: CaseState
    trail: tuple[Node, ...]
    also: tuple[str, ...]  # other grids that claim its point
    unit: Unit | None
    happened: tuple[Happened, ...]
    clocks: tuple[Promised, ...]
    unit_clocks: tuple[Promised, ...]
    links: tuple[Linked, ...]
    attached: tuple[Attached, ...]
    photos: tuple[Shown, ...]
    ledger: tuple[ledger.Entry, ...]
    whistles: tuple[Call, ...]
    reporter: tuple[str, str] | None  # masked name and phone
    may_unmask: bool
    steps: tuple[Step, ...]
    names: dict[int, str]  # of people by id
    units: dict[int, str]

    @property
    def reports(self) -> int:
        """How many reports the case stands for: its own, and those attached to it."""
        return 1 + len(self.attached)


def dossier(db: Session, who: Principal, case_id: int, now: datetime, rules: Rules) -> Dossier | None:
    """The dossier of a case; None when `who` may not see it."""
    case = case_seen_by(db, who, case_id)
    if case is None:
        return None
    events = events_of(db, case_id)
    rows = list(db.exec(select(CaseClock).where(CaseClock.case_id == case_id).order_by(col(CaseClock.id))))
    state = state_of(case, rows, rules, events)
    calls = whistles.whistles_of(db, who, case_id)
    units, names = _units(db, case, events, rows, calls), _names(db, events)
    told = {unit.id or 0: unit.name for unit in units.values()}
    promised = [_promised(row, events, told, now, rules) for row in rows]
    is_of_unit = _is_of_a_unit(who, case, events)
    reporter = db.get(Reporter, case_id) if not is_of_unit and _may_read_reporter(who, case) else None
    return Dossier(
        case=case,
        state=state,
        trail=_trail(db, case.path),
        also=_also(db, case_id),
        unit=units.get(case.unit_id or 0),
        happened=tuple(_timeline(events, names, told)),
        clocks=tuple(p for p in promised if p.row.unit_id is None),
        unit_clocks=tuple(p for p in promised if p.row.unit_id is not None),
        links=_links(db, case_id),
        attached=_attached(db, who, case_id, is_of_unit=is_of_unit),
        photos=tuple(attachments.photos_of(db, case_id)),
        ledger=tuple(ledger.ledger_of(db, case_id)),
        whistles=tuple(calls),
        reporter=(reporter.masked_name, reporter.masked_phone) if reporter else None,
        may_unmask=reporter is not None,
        steps=steps_open_to(state, who),
        names=names,
        units=told,
    )


def _units(
    db: Session, case: Case, events: Sequence[CaseEvent], rows: Iterable[CaseClock], calls: Iterable[Call]
) -> dict[int, Unit]:
    """Every unit that the dossier names."""
    ids = {case.unit_id, *(e.unit_id for e in events), *(e.on_behalf_of for e in events), *(r.unit_id for r in rows)}
    ids |= {answer.unit_id for call in calls for answer in call.answers}
    found = db.exec(select(Unit).where(col(Unit.id).in_([unit for unit in ids if unit is not None])))
    return {unit.id: unit for unit in found if unit.id is not None}


def _names(db: Session, events: Iterable[CaseEvent]) -> dict[int, str]:
    query = select(User.id, User.name).where(col(User.id).in_({event.by_id for event in events}))
    return {user_id: name for user_id, name in db.exec(query) if user_id is not None}


def _trail(db: Session, path: str) -> tuple[Node, ...]:
    ids = [int(part) for part in path.strip("/").split("/")]
    found = {row.id: node_of(row) for row in db.exec(select(Place).where(col(Place.id).in_(ids)))}
    return tuple(found[place] for place in ids if place in found)


def _also(db: Session, case_id: int) -> tuple[str, ...]:
    query = select(Place.name).join(CaseCandidate, col(CaseCandidate.grid_id) == Place.id)
    return tuple(db.exec(query.where(CaseCandidate.case_id == case_id).order_by(col(Place.code))))


def _links(db: Session, case_id: int) -> tuple[Linked, ...]:
    """The links of the case; whoever may see it may know the number and title of its duplicates."""
    links = db.exec(select(CaseLink).where(or_(CaseLink.case_id == case_id, CaseLink.into_id == case_id))).all()
    others = {link.into_id if link.case_id == case_id else link.case_id: link.case_id == case_id for link in links}
    rows = db.exec(select(Case.id, Case.number, Case.title).where(col(Case.id).in_(others)).order_by(col(Case.id)))
    return tuple(Linked(other, number, title, others[other]) for other, number, title in rows if other is not None)


def _attached(db: Session, who: Principal, case_id: int, *, is_of_unit: bool) -> tuple[Attached, ...]:
    """The reports that were attached; who sent them only for those who may know it of each."""
    query = select(Case, Reporter).outerjoin(Reporter, col(Reporter.case_id) == Case.id)
    rows = db.exec(query.where(col(Case.id).in_(merged_into(case_id))).order_by(col(Case.reported_at), col(Case.id)))
    return tuple(
        Attached(
            case.id or 0, case.number, Source(case.source), case.reported_at,
            f"{by.masked_name} {by.masked_phone}".strip() if by and not is_of_unit and _may_read_reporter(who, case)
            else "",
        )
        for case, by in rows
    )  # fmt: skip


def _timeline(events: Sequence[CaseEvent], names: dict[int, str], units: dict[int, str]) -> Iterable[Happened]:
    entered = events[0].occurred_at if events else None
    for event in events:
        stood = None
        if event.from_stage is not None and event.from_stage != event.to_stage and entered is not None:
            stood, entered = event.occurred_at - entered, event.occurred_at
        yield Happened(
            event,
            names.get(event.by_id, ""),
            units.get(event.on_behalf_of or 0, ""),
            units.get(event.unit_id or 0, ""),
            stood,
        )


def _promised(
    row: CaseClock, events: Sequence[CaseEvent], units: dict[int, str], now: datetime, rules: Rules
) -> Promised:  # fmt: skip
    return Promised(row, units.get(row.unit_id or 0, ""), why(clock_of(row), events, now, rules, row.rule_version))


def _is_of_a_unit(who: Principal, case: Case, events: Iterable[CaseEvent]) -> bool:
    """Whether the asker answers for a unit that has or had the case: not even masked does it learn who complained."""
    own = {grant.unit_id for grant in who.grants if grant.role is Role.LIAISON}
    return bool(own & {case.unit_id, *(event.unit_id for event in events)} - {None})


def _may_read_reporter(who: Principal, case: Case) -> bool:
    return who.may(Permission.READ_REPORTER, case.path, case.unit_id)
