"""The queues of the duty desk: what waits for whom, counted by the database over the open cases that one may see."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, false, func, not_, or_
from sqlmodel import Session, col, select

from core.cases.queries import call_backs, to_call_back, visible_to
from core.cases.rows import clock_of
from core.cases.step_table import WITH_UNIT, WORKED_ON
from core.cases.sweep import running_clocks
from core.cases.tables import Case
from core.desk_words import Abnormality, Queue
from core.limits import Clock, next_due, running_state
from core.people import Principal
from core.places import Place, below
from core.rules import Rules
from core.units import Unit
from core.words import ClockState, Permission, Severity, Stage

MOST = 60  # rows of a queue that are drawn; the count says how many there are
TWICE = 2


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case in a queue, as a row shows it.

    Units: aware UTC.
    """

    id: int
    number: str
    title: str
    severity: Severity
    stage: Stage
    category: str
    grid_id: int
    address: str
    unit_id: int | None
    due_at: datetime | None
    clock: ClockState | None
    version: int
    abnormal: tuple[Abnormality, ...]
    promise: Clock | None = None  # the one that falls due then


@dataclass(frozen=True, slots=True)
class Tally:
    """How many cases wait in each queue of somebody's work, and how many are open, as the wall shows them."""

    queues: dict[Queue, int]
    open: int

    @property
    def first(self) -> Queue:
        """The first queue in which something waits: what is overdue comes before all else."""
        return next((queue for queue, count in self.queues.items() if count), Queue.TO_ACCEPT)


def counts(db: Session, who: Principal, rules: Rules, *, now: datetime) -> Tally:
    """How many cases wait for what, in one pass over what is open, and one over what was closed lately.

    Who calls nobody back has no queue of call-backs.
    """
    wanted = _conditions(db, rules, now)
    sums = [func.coalesce(func.sum(case((found, 1), else_=0)), 0) for found in wanted.values()]
    query = select(func.count(), *sums).where(visible_to(who), col(Case.ended_at).is_(None))
    total, *found = db.execute(query.select_from(Case)).one()
    queues = dict(zip(wanted, map(int, found), strict=True))
    if who.paths(Permission.CALL_BACK):
        queues[Queue.TO_CALL_BACK] = to_call_back(db, who, now)
    return Tally({queue: queues[queue] for queue in Queue if queue in queues}, int(total))


def queue(
    db: Session, who: Principal, name: Queue, rules: Rules, *, now: datetime, most: int = MOST
) -> list[Waiting]:  # fmt: skip
    """The cases of a queue that `who` may see, the next deadline first."""
    if name is Queue.TO_CALL_BACK:
        return [_waiting(row, (), rules, now, {}) for row in call_backs(db, who, now, most)]
    wanted = _conditions(db, rules, now)[name]
    order = (col(Case.due_at).is_(None), col(Case.due_at), col(Case.id))
    # chosen by the index alone: only the rows that are drawn are fetched
    first = select(Case.id).where(visible_to(who), col(Case.ended_at).is_(None), wanted).order_by(*order).limit(most)
    reasons = _abnormal(db, rules)
    flags = [case((found, 1), else_=0) for found in reasons.values()]
    ids = db.exec(first).all()
    rows = db.execute(select(Case, *flags).where(col(Case.id).in_(ids)).order_by(*order))
    of_each = promised(db, ids)
    return [
        _waiting(row, tuple(why for why, is_so in zip(reasons, held, strict=True) if is_so), rules, now, of_each)
        for row, *held in rows
    ]


def promised(db: Session, ids: Sequence[int | None]) -> dict[int, Clock | None]:
    """Of each case the promise that falls due next, its own and not that of a unit."""
    running = running_clocks(db, [number for number in ids if number is not None])
    return {number: next_due(clock_of(row) for row in rows if row.unit_id is None) for number, rows in running.items()}


def _conditions(db: Session, rules: Rules, now: datetime) -> dict[Queue, ColumnElement[bool]]:
    """Which open cases wait in which queue; a case may wait in several."""
    stage = col(Case.stage)
    return {
        Queue.OVERDUE: col(Case.due_at) < now,
        Queue.DUE_SOON: col(Case.due_at).between(now, now + rules.due_soon),
        Queue.TO_ACCEPT: stage == Stage.REPORTED,
        Queue.TO_DISPATCH: stage == Stage.ACCEPTED,
        Queue.TO_DECIDE: col(Case.request).is_not(None),
        Queue.TO_CHASE: and_(
            stage.in_(WITH_UNIT), stage != Stage.ANSWERED, or_(col(Case.due_at) < now, col(Case.unit_due_at) < now)
        ),
        Queue.TO_CHECK: stage == Stage.ANSWERED,
        Queue.TO_CLOSE: stage == Stage.CHECKED,
        Queue.ABNORMAL: or_(*_abnormal(db, rules).values()),
    }


def _abnormal(db: Session, rules: Rules) -> dict[Abnormality, ColumnElement[bool]]:
    unsolved = col(Case.stage).in_((Stage.REPORTED, Stage.ACCEPTED, *WORKED_ON))
    return {
        Abnormality.NO_PLACE: and_(
            unsolved, col(Case.place_id) == col(Case.grid_id), col(Case.lon).is_(None), col(Case.address) == ""
        ),
        Abnormality.NO_OWNER: and_(col(Case.stage).in_((Stage.REPORTED, Stage.ACCEPTED)), _without_unit(db, rules)),
        Abnormality.REFUSED_TWICE: and_(unsolved, col(Case.returns) >= TWICE),
        Abnormality.SILENT: col(Case.escalated) > 0,
    }


def _without_unit(db: Session, rules: Rules) -> ColumnElement[bool]:
    """Whether no unit of the sector of a case's category answers for its place."""
    covered: dict[str, list[str]] = {sector: [] for sector in rules.sectors}
    for sector, path in db.execute(select(Unit.sector, Place.path).join(Place, col(Place.id) == Unit.place_id)):
        covered.setdefault(sector, []).append(path)
    return or_(
        false(),
        *(
            and_(
                col(Case.category).in_([code for code, known in rules.categories.items() if known.sector == sector]),
                not_(or_(false(), *(_within(path) for path in paths))),
            )
            for sector, paths in covered.items()
        ),
    )


def _within(path: str) -> ColumnElement[bool]:
    low, high = below(path)
    return and_(col(Case.path) >= low, col(Case.path) < high)


def _waiting(
    row: Case, why: tuple[Abnormality, ...], rules: Rules, now: datetime, of_each: Mapping[int, Clock | None]
) -> Waiting:  # fmt: skip
    assert row.id is not None
    clock = running_state(row.due_at, now, rules.due_soon) if row.due_at else None
    return Waiting(
        row.id, row.number, row.title, Severity(row.severity), Stage(row.stage), row.category, row.grid_id,
        row.address, row.unit_id, row.due_at, ClockState.PAUSED if row.suspended_at else clock, row.version, why,
        of_each.get(row.id),
    )  # fmt: skip
