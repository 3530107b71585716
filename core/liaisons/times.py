"""How long units take to answer and to arrive, and how often they send a case back; by unit, over some days.

Units: minutes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median, quantiles

from sqlalchemy import ColumnElement, and_, false, or_
from sqlmodel import Session, col, select

from core.cases.tables import Case, CaseEvent
from core.people import PERMISSIONS, Grant, Principal
from core.places import below
from core.words import Permission, Role, Verb

WINDOW = timedelta(days=90)
LONGEST = timedelta(days=90)  # a case reported so long before the window may still be dispatched in it
MINUTE = timedelta(minutes=1)
Key = int | str
TOLD = (Verb.DISPATCH, Verb.TAKE_ON, Verb.ARRIVE, Verb.RETURN_WRONG, Verb.APPROVE_RETURN)


@dataclass(frozen=True, slots=True)
class Spread:
    """How long something took: the middle, what nine of ten stay below, and of how many.

    Units: minutes.
    """

    count: int = 0
    median: float | None = None
    p90: float | None = None

    @classmethod
    def of(cls, minutes: list[float]) -> "Spread":
        """The spread of some lengths."""
        if not minutes:
            return cls()
        p90 = quantiles(minutes, n=10, method="inclusive")[-1] if len(minutes) > 1 else minutes[0]
        return cls(len(minutes), median(minutes), p90)


@dataclass(frozen=True, slots=True)
class UnitTimes:
    """What a unit did with what it was given."""

    dispatched: int = 0
    to_answer: Spread = Spread()
    to_arrive: Spread = Spread()
    refused: int = 0  # sent back by the unit itself as not its own
    returned: int = 0  # sent back with leave


def times(db: Session, who: Principal, until: datetime, group: Mapping[int, Key] | None = None) -> dict[Key, UnitTimes]:
    """The times of every unit in the 90 days before `until`, at the places of `who`; of a liaison the own unit's.

    A case counts for the unit to which it was dispatched, also when another one has it now. `group` gives the key under
    which a unit is counted, such as its sector; without it units are counted by their ids.
    Units: aware.
    """
    since = until - WINDOW
    rows = db.execute(
        select(col(CaseEvent.case_id), col(CaseEvent.verb), col(CaseEvent.unit_id), col(CaseEvent.occurred_at))
        .join(Case, col(Case.id) == CaseEvent.case_id)
        .where(
            col(Case.reported_at) >= since - LONGEST, col(Case.reported_at) < until,
            col(CaseEvent.verb).in_(TOLD), _places_of(who),
            CaseEvent.occurred_at >= since - LONGEST, CaseEvent.occurred_at < until,  # nothing precedes its report
        )
        .order_by(col(CaseEvent.case_id), col(CaseEvent.ordinal))
    )  # fmt: skip
    own = units_of(who)
    took = _gathered(((case, Verb(verb), unit, at) for case, verb, unit, at in rows), since)
    found: dict[Key, dict[Verb, list[float]]] = {}
    for unit, lengths in took.items():
        if own is None or unit in own:
            into = found.setdefault(group[unit] if group else unit, {verb: [] for verb in TOLD})
            for verb, minutes in lengths.items():
                into[verb] += minutes
    return {key: _times(lengths) for key, lengths in found.items()}


def units_of(who: Principal) -> frozenset[int] | None:
    """The units to whose figures somebody is confined: a liaison's; None for all others."""
    readers = [grant for grant in who.grants if Permission.READ_CASES in PERMISSIONS[grant.role]]
    if any(grant.role is not Role.LIAISON for grant in readers):
        return None
    return frozenset(grant.unit_id for grant in readers if grant.unit_id is not None)


def _places_of(who: Principal) -> ColumnElement[bool]:
    """The places whose cases count; these are figures of units, so a case counts that the unit has given back."""
    grants = [grant for grant in who.grants if Permission.READ_CASES in PERMISSIONS[grant.role]]
    return or_(false(), *map(_below, grants))


def _below(grant: Grant) -> ColumnElement[bool]:
    low, high = below(grant.path)
    return and_(col(Case.path) >= low, col(Case.path) < high)


def _gathered(
    events: Iterable[tuple[int, Verb, int | None, datetime]], since: datetime
) -> dict[int, dict[Verb, list[float]]]:
    """The dispatches since `since`, each with what the unit did before the case went elsewhere."""
    took: dict[int, dict[Verb, list[float]]] = {}
    held: tuple[int, int, datetime] | None = None  # case, unit, since when
    for case, verb, unit, at in events:
        if verb is Verb.DISPATCH:
            held = (case, unit, at) if unit is not None and at >= since else None
        if held is None or held[0] != case:
            held = None
            continue
        lengths = took.setdefault(held[1], {one: [] for one in TOLD})
        lengths[verb].append((at - held[2]) / MINUTE)
        if verb in (Verb.RETURN_WRONG, Verb.APPROVE_RETURN):
            held = None
    return took


def _times(took: dict[Verb, list[float]]) -> UnitTimes:
    return UnitTimes(
        len(took[Verb.DISPATCH]), Spread.of(took[Verb.TAKE_ON]), Spread.of(took[Verb.ARRIVE]),
        len(took[Verb.RETURN_WRONG]), len(took[Verb.APPROVE_RETURN]),
    )  # fmt: skip
