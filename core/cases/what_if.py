"""What if: the cases of a month replayed under another regime, and what edited rules would mean for open cases."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from core import limits
from core.cases import clocks as case_clocks
from core.cases.past import events_by_case, replayed
from core.cases.rows import clock_of, history_of
from core.cases.sweep import running_clocks
from core.cases.tables import Case, CaseClock, CaseEvent
from core.limits import Clock
from core.places import Place
from core.promises import ORDERS
from core.rules import Rules

CHUNK = 500


@dataclass(frozen=True, slots=True)
class OnTime:
    """Final promises kept ÷ settled: kept, or fallen due without being kept."""

    kept: int = 0
    settled: int = 0

    @property
    def rate(self) -> float | None:
        """The share from 0 to 1; None when nothing is settled."""
        return self.kept / self.settled if self.settled else None

    def with_one(self, clock: Clock | None, now: datetime) -> "OnTime":
        """With one promise more, if it is settled at `now`."""
        if clock is None or clock.is_open_ended or (clock.is_running and clock.due_at >= now):
            return self
        return OnTime(self.kept + clock.is_kept, self.settled + 1)


@dataclass(frozen=True, slots=True)
class WhatIf:
    """How a month's cases went, and how they would have gone under another regime had people acted the same."""

    cases: int
    was: OnTime
    would_be: OnTime


@dataclass(frozen=True, slots=True)
class Shift:
    """A promise of an open case that edited rules would have made otherwise; None: not made at all.

    Units: aware UTC.
    """

    number: str
    clock: str
    was: datetime | None
    would_be: datetime | None


def what_if(db: Session, rules: Rules, regime: str, since: datetime, until: datetime, now: datetime) -> WhatIf:
    """The on-time rate of the cases reported from `since` to `until`, as it is and under another regime."""
    ids = db.exec(select(Case.id).where(Case.reported_at >= since, Case.reported_at < until)).all()
    was, would_be = OnTime(), OnTime()
    for case, events in _with_events(db, [number for number in ids if number is not None]):
        was = was.with_one(limits.final(replayed(case, events, rules).clocks), now)
        would_be = would_be.with_one(limits.final(replayed(case, events, rules, regime).clocks), now)
    return WhatIf(len(ids), was, would_be)


def missing(db: Session, rules: Rules) -> list[str]:
    """What open cases need and `rules` no longer have: categories, regimes, calendars."""
    is_open = col(Case.ended_at).is_(None)
    categories = set(db.exec(select(Case.category).where(is_open).distinct())) - set(rules.categories)
    regimes = set(db.exec(select(Case.regime).where(is_open).distinct())) - set(rules.regimes)
    clocks = col(CaseClock.case_id).in_(select(Case.id).where(is_open))
    calendars = set(db.exec(select(CaseClock.calendar).where(clocks).distinct())) - set(rules.calendars)
    gone = {"category": categories, "regime": regimes, "calendar": calendars}
    return sorted(f"{kind} {code}" for kind, codes in gone.items() for code in codes)


def shifts(db: Session, rules: Rules) -> list[Shift]:
    """The running promises of open cases that `rules` would have made otherwise, had they been in force all along."""
    codes = dict(db.exec(select(Place.id, Place.code)).all())
    ids = db.exec(select(Case.id).where(col(Case.ended_at).is_(None)).order_by(col(Case.id))).all()
    still_open = [number for number in ids if number is not None]
    clocks = running_clocks(db, still_open)
    found: list[Shift] = []
    for case, events in _with_events(db, still_open):
        assert case.id is not None
        regime = rules.regime_for(case.category, case.source, codes[case.grid_id]).regime
        grade = rules.categories[case.category].grade
        anew = case_clocks.of_history(history_of(events), regime, grade, rules)
        found += _differences(case, [clock_of(row) for row in clocks.get(case.id, ())], anew)
    return found


def _differences(case: Case, was: Sequence[Clock], anew: case_clocks.Clocks) -> Iterator[Shift]:
    before = {clock.name: clock.due_at for clock in was if clock.name not in ORDERS}
    after = {c.name: c.due_at for c in (*anew.of_case, *anew.of_units) if c.is_running and c.name not in ORDERS}
    for name in {**before, **after}:
        if before.get(name) != after.get(name):
            yield Shift(case.number, name, before.get(name), after.get(name))


def _with_events(db: Session, ids: Sequence[int]) -> Iterable[tuple[Case, list[CaseEvent]]]:
    for start in range(0, len(ids), CHUNK):
        some = ids[start : start + CHUNK]
        events = events_by_case(db, some)
        for case in db.exec(select(Case).where(col(Case.id).in_(some)).order_by(col(Case.id))):
            if case.id in events:
                yield case, events[case.id]
