"""What the wall shows: one immutable picture of a place, computed from the board."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from core.words import ClockState, Severity, Stage


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case as one row of a list; no personal data."""

    id: int
    number: str
    title: str
    severity: Severity
    grid: str
    address: str
    unit: str | None
    unit_phone: str | None
    reported_at: datetime
    clock: ClockState | None  # None: no promise is running yet
    clock_from: datetime | None
    due_at: datetime | None
    mark: int | None = None  # 1, 2, 3: ties the newest cases to the map
    is_framed: bool = False  # in an emergency that holds in a part of what is shown


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """The open cases of a place one level below, and what is usual on such a day."""

    code: str
    name: str
    short_code: str  # 1-09: the ninth grid of the first community
    open: int
    overdue: int
    due_soon: int
    usual: float | None
    is_aside: bool = False  # outside an emergency


@dataclass(frozen=True, slots=True)
class UnitLine:
    """What a unit has in hand, and how long it takes from dispatch to resolution."""

    name: str
    phone: str
    open: int
    due_soon: int
    overdue: int
    median_hours: float | None
    sample: int
    on_duty: str = ""  # who is on the roster now


@dataclass(frozen=True, slots=True)
class HourBar:
    """One hour of the last 24: flows in and out, and the usual range of reports at that hour."""

    starts_at: datetime
    reported: int
    closed: int
    open: int  # at the end of the hour
    usual_low: float | None
    usual_high: float | None


@dataclass(frozen=True, slots=True)
class CategoryLine:
    """Reports of a major category in the last seven days and the seven before, if that week is wholly known."""

    name: str
    now: int
    before: int | None


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with its parts; no denominator, no share."""

    numerator: int
    denominator: int

    @property
    def value(self) -> float | None:
        """The share from 0 to 1, or None when nothing counts."""
        return self.numerator / self.denominator if self.denominator else None


@dataclass(frozen=True, slots=True)
class Alarm:
    """A case that should be heard, once for each `key`: red and just reported, or just overdue."""

    key: str
    state: ClockState | None  # overdue, or None for what is new
    severity: Severity
    title: str
    grid: str


@dataclass(frozen=True, slots=True)
class EmergencyLine:
    """An emergency that holds here: where it was declared, why, since when, by whose word, and what is open there."""

    place: str
    reason: str
    since: datetime
    by: str
    open: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Step:
    """A place in the trail from the street down to what is shown."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Wall:
    """Everything the wall says about one place at one moment."""

    trail: tuple[Step, ...]  # the street first, the place shown last
    is_demo: bool
    stands_still: bool  # an imported world that was stopped at `now`
    now: datetime
    open: int
    open_change: int | None  # against the same moment a week ago
    by_severity: Mapping[Severity, int]
    overdue: int
    overdue_red: int  # of these, the red
    due_soon: int
    reported_today: int
    reported_usual: tuple[int, int] | None  # P25-P75 of the last 8 same weekdays up to this hour
    reported_days: tuple[int, ...]  # the last 7 days, today last, each up to the hour of `now`
    closed_today: int
    closed_days: tuple[int, ...]
    on_time: Rate  # promises of this month kept / settled
    on_time_days: tuple[Rate, ...]  # the last 7 days
    last_overdue_at: datetime | None  # since when nothing has been overdue, if nothing is
    stages: tuple[tuple[Stage, int], ...]
    tightest: tuple[CaseLine, ...]  # the overdue first, then others whose clock runs
    newest: tuple[CaseLine, ...]
    children: tuple[PlaceLine, ...]
    siblings: tuple[PlaceLine, ...]  # of a single grid: the grids beside it and itself
    watched: str | None  # code of the grid with most overdue, then most open
    units: tuple[UnitLine, ...]
    hours: tuple[HourBar, ...]
    categories: tuple[CategoryLine, ...]
    located: int  # open cases with a point
    drawn: int  # of these, shown as points on the map
    emergencies: tuple[EmergencyLine, ...] = ()
    alarms: tuple[Alarm, ...] = ()  # of the last half hour
    on_shift: str = ""  # who took the shift of this desk over
