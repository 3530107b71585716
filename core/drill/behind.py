"""The cases behind a figure: the same conditions, read from the cases themselves within what the asker may see."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, func, literal_column, select, text
from sqlmodel import Session, col

from core import limits
from core.cases.queries import visible_to
from core.cases.tables import Case, CaseCandidate, CaseClock, CaseEvent
from core.drill.asked import Filter, Period
from core.drill.numbers import NOW
from core.people import Principal
from core.place_words import Figure
from core.places import below
from core.rules import Rules
from core.words import ClockState, Severity, Stage, Verb, Verdict

MOST = 100
STREET_DEPTH = 2  # slashes of the path of a street


@dataclass(frozen=True, slots=True)
class Behind:
    """A case in a list; no personal data."""

    id: int
    number: str
    title: str
    category: str
    severity: Severity
    stage: Stage
    grid_id: int  # the one that leads it
    place_id: int
    address: str
    reported_at: datetime
    ended_at: datetime | None
    due_at: datetime | None
    claims: tuple[int, ...]  # ids of other grids that claim its spot: a border case
    clock: ClockState | None  # how its next promise stands; None when it has ended, or nothing is promised
    regime: str  # under which the promise was made that falls due next
    promise: str


CLAIMS = (
    select(func.aggregate_strings(cast(col(CaseCandidate.grid_id), String), ","))
    .where(col(CaseCandidate.case_id) == col(Case.id))
    .scalar_subquery()
)
PROMISE = (
    select(col(CaseClock.regime) + "/" + col(CaseClock.name))
    .where(col(CaseClock.case_id) == col(Case.id), col(CaseClock.due_at) == col(Case.due_at))
    .where(*(col(end).is_(None) for end in (CaseClock.unit_id, CaseClock.met_at, CaseClock.cancelled_at)))
    .where(col(CaseClock.superseded_at).is_(None))
    .limit(1)
    .scalar_subquery()
)
COLUMNS: tuple[Any, ...] = (
    *(getattr(Case, name) for name in Behind.__slots__[:-4]),
    Case.suspended_at,
    PROMISE,
    CLAIMS,
)


def behind(
    db: Session, who: Principal, path: str, figure: Figure, period: Period, told: Filter, rules: Rules, now: datetime
) -> list[Behind]:
    """The cases that a figure of the place counts, at most 100: what is open by its due time, the rest newest first.

    Behind the rate in time are those that were not kept, behind the rework rate those sent back. One query.
    """
    low, high = below(path)
    # before what may be seen: SQLite takes the first range that it finds
    within = (col(Case.path) >= low, col(Case.path) < high)
    moments = _Moments(period, by_index=path.count("/") == STREET_DEPTH)
    wanted, moment = _wanted(figure, moments, told, rules, now)
    # which they are is told from the indexes; only their own rows are read
    query = select(col(Case.id), moment.label("moment")).where(*within, visible_to(who), wanted)
    if figure is Figure.ON_TIME:
        query = query.join(CaseClock, col(CaseClock.case_id) == col(Case.id))
    query = query.where(*told.conditions(Case, rules)).order_by(_order(moment, figure), col(Case.id)).limit(MOST)
    chosen = query.subquery()
    listed = select(*COLUMNS).join(chosen, chosen.c.id == col(Case.id))
    rows = db.execute(listed.order_by(_order(chosen.c.moment, figure), chosen.c.id))
    return [_behind(row, now, rules) for row in rows]


def _order(moment: Any, figure: Figure) -> ColumnElement[Any]:
    order: ColumnElement[Any] = moment.asc().nulls_last() if figure in NOW else moment.desc()
    return order


@dataclass(frozen=True, slots=True)
class _Moments:
    """The moments of a period as conditions: on a street by their index, farther down by that of the place.

    SQLite keeps no statistics and would read all that happened anywhere in the period to list a building's cases.
    """

    period: Period
    by_index: bool

    def of(self, moment: Any) -> Any:
        """The column, or the same hidden from the indexes."""
        return col(moment) if self.by_index else func.coalesce(col(moment), col(moment))

    def within(self, moment: Any) -> ColumnElement[bool]:
        """Whether it lies in the period."""
        return and_(self.of(moment) >= self.period.start, self.of(moment) < self.period.end)


def _behind(row: Any, now: datetime, rules: Rules) -> Behind:
    *values, suspended_at, promise, claims = row
    known = dict(zip(Behind.__slots__, values, strict=False))
    known |= {"severity": Severity(known["severity"]), "stage": Stage(known["stage"])}
    known["claims"] = tuple(sorted(map(int, claims.split(",")))) if claims else ()
    known["regime"], _, known["promise"] = (promise or "").partition("/")
    return Behind(**known, clock=_clock(known["ended_at"], known["due_at"], suspended_at, now, rules))


def _clock(
    ended_at: datetime | None, due_at: datetime | None, suspended_at: datetime | None, now: datetime, rules: Rules
) -> ClockState | None:
    if ended_at:
        return None
    if suspended_at:
        return ClockState.PAUSED
    return limits.running_state(due_at, now, rules.due_soon) if due_at else None


def _wanted(
    figure: Figure, moments: _Moments, told: Filter, rules: Rules, now: datetime
) -> tuple[ColumnElement[bool], Any]:
    """Which cases, and the moment that orders them."""
    if figure in NOW:
        return _open(figure, told, rules, now), col(Case.due_at)
    if figure is Figure.REPORTED:
        return moments.within(Case.reported_at), moments.of(Case.reported_at)
    if figure is Figure.ON_TIME:
        return _not_kept(moments, now), moments.of(CaseClock.due_at)
    if figure is Figure.REWORKED:
        sent_back = _Moments(moments.period, by_index=True).within(CaseEvent.occurred_at)
        reworks = select(col(CaseEvent.case_id)).where(col(CaseEvent.verb) == Verb.REWORK, sent_back)
        return col(Case.id).in_(reworks), func.coalesce(col(Case.reported_at), col(Case.reported_at))
    if figure is Figure.SATISFIED:
        unhappy = col(Case.verdict) == literal_column(f"'{Verdict.NOT_SATISFIED}'")  # as the index has it
        return and_(unhappy, moments.within(Case.ended_at)), moments.of(Case.ended_at)
    return and_(col(Case.stage) == Stage.CLOSED, moments.within(Case.ended_at)), moments.of(Case.ended_at)


def _open(figure: Figure, told: Filter, rules: Rules, now: datetime) -> ColumnElement[bool]:
    found = [col(Case.ended_at).is_(None), *([col(Case.stage) == told.stage] if told.stage else [])]
    if figure is Figure.OVERDUE:
        found += [col(Case.suspended_at).is_(None), col(Case.due_at) < now]
    elif figure is Figure.DUE_SOON:
        found += [col(Case.suspended_at).is_(None), col(Case.due_at) >= now, col(Case.due_at) <= now + rules.due_soon]
    return and_(*found)


def _not_kept(moments: _Moments, now: datetime) -> ColumnElement[bool]:
    """Promises that fell due in the period and were not kept, be it that they are still open."""
    met, due = col(CaseClock.met_at), col(CaseClock.due_at)
    return and_(
        text("case_clock.is_final"), col(CaseClock.cancelled_at).is_(None), col(CaseClock.superseded_at).is_(None),
        moments.within(CaseClock.due_at), moments.of(CaseClock.due_at) < now, met.is_(None) | (met > due),
        col(Case.suspended_at).is_(None) | (col(Case.suspended_at) >= due),
    )  # fmt: skip
