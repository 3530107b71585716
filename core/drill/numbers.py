"""The figures of a place as numbers, each with its numerator and denominator; pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from math import sqrt
from operator import attrgetter

from core.language import N_
from core.place_words import Figure
from core.tallies import BANDS_H

NO_BANDS = (0,) * (len(BANDS_H) + 1)
LONGEST_H = 2 * BANDS_H[-1]  # where the last band is taken to end


@dataclass(frozen=True, slots=True)
class Numbers:
    """What was counted at a place: open cases now, and what happened in a period."""

    open: int = 0
    overdue: int = 0
    due_soon: int = 0
    pending: int = 0  # promised for today, still running and not late
    reported: int = 0
    closed: int = 0
    gone: int = 0
    promised: int = 0
    settled: int = 0
    kept: int = 0
    reworked: int = 0
    replied: int = 0
    satisfied: int = 0
    bands: tuple[int, ...] = NO_BANDS  # closures by the band of their time

    def __add__(self, other: "Numbers") -> "Numbers":
        return total((self, other))

    @property
    def due(self) -> int:
        """Should be closed: the promises that fell due, kept or not; open and overdue cases are among them."""
        return self.promised - self.pending

    def value(self, figure: Figure) -> "Value":
        """A figure with what it was reckoned from."""
        return _OF[figure](self)


_COUNTED = attrgetter(*(field.name for field in fields(Numbers) if field.name != "bands"))


@dataclass(frozen=True, slots=True)
class Value:
    """A figure; a rate has a denominator and no value when that is zero.

    Units: of a rate the share 0 to 1, of the median hours, else cases.
    """

    value: float | None
    numerator: int
    denominator: int | None = None


def total(numbers: Iterable[Numbers]) -> Numbers:
    """The sum of the numbers of several places."""
    rows = list(numbers)
    if not rows:
        return Numbers()
    counts = map(sum, zip(*(_COUNTED(row) for row in rows), strict=True))
    bands = NO_BANDS
    if banded := [row.bands for row in rows if row.bands is not NO_BANDS]:
        bands = tuple(map(sum, zip(*banded, strict=True)))
    return Numbers(*counts, bands=bands)  # type: ignore[misc, arg-type]


def median_hours(bands: tuple[int, ...]) -> float | None:
    """The median of closures counted in bands, taken to lie evenly within its band; None without any closure."""
    half, before = sum(bands) / 2, 0
    for number, count in enumerate(bands):
        if count and before + count >= half:
            low = BANDS_H[number - 1] if number else 0.0
            high = BANDS_H[number] if number < len(BANDS_H) else LONGEST_H
            return low + (high - low) * (half - before) / count
        before += count
    return None


def _count(name: str) -> Callable[[Numbers], Value]:
    return lambda numbers: Value(getattr(numbers, name), getattr(numbers, name))


def _rate(numerator: int, denominator: int) -> Value:
    return Value(numerator / denominator if denominator else None, numerator, denominator)


_OF: dict[Figure, Callable[[Numbers], Value]] = {
    Figure.OPEN: _count("open"),
    Figure.OVERDUE: _count("overdue"),
    Figure.DUE_SOON: _count("due_soon"),
    Figure.REPORTED: _count("reported"),
    Figure.CLOSED: _count("closed"),
    Figure.ON_TIME: lambda n: _rate(n.kept, n.due),
    Figure.REWORKED: lambda n: _rate(n.reworked, n.due),
    Figure.SATISFIED: lambda n: _rate(n.satisfied, n.replied),
    Figure.MEDIAN: lambda n: Value(median_hours(n.bands), sum(n.bands)),
}

CLEAR = 0.05  # by how much a share is worse at least, before it is said


def shortfall(value: Value, other: Value, figure: Figure) -> float | None:
    """By how much a rate is plainly worse than another; None where it is not, or chance may have made it so.

    Chance is left out from twice the standard error of the difference of two shares.
    """
    ours, theirs = value.denominator, other.denominator
    if figure not in RATES or not ours or not theirs:
        return None
    worse = other.numerator / theirs - value.numerator / ours
    worse = -worse if figure is Figure.REWORKED else worse
    both = (value.numerator + other.numerator) / (ours + theirs)
    by_chance = 2 * sqrt(both * (1 - both) * (1 / ours + 1 / theirs))
    return worse if worse >= max(CLEAR, by_chance) else None


RATES = frozenset({Figure.ON_TIME, Figure.REWORKED, Figure.SATISFIED})
NOW = frozenset({Figure.OPEN, Figure.OVERDUE, Figure.DUE_SOON})  # of this moment, whatever the period

FORMULAS: dict[Figure, str] = {
    Figure.OPEN: N_("Cases not yet closed, voided, refused or merged, at this moment."),
    Figure.OVERDUE: N_("Open cases past the promise that falls due first, at this moment; suspended ones are not."),
    Figure.DUE_SOON: N_("Open cases whose next promise falls due within {hours} hours from now."),
    Figure.REPORTED: N_("Cases reported in the period."),
    Figure.CLOSED: N_("Cases closed in the period. Closed ÷ should be closed = {settled} ÷ {due}."),
    Figure.ON_TIME: N_(
        "Promises kept in time ÷ should be closed = {numerator} ÷ {denominator}. Should be closed: promises that fell "
        "due in the period; open and overdue cases are among them, voided ones and those suspended in time are not."
    ),
    Figure.REWORKED: N_(
        "Times sent back for rework in the period ÷ should be closed in the period = {numerator} ÷ {denominator}."
    ),
    Figure.SATISFIED: N_(
        "Residents satisfied or mostly satisfied ÷ residents called back in the period who replied = "
        "{numerator} ÷ {denominator}."
    ),
    Figure.MEDIAN: N_(
        "Half of the {numerator} cases closed in the period took less time from report to closure. Counted in bands, "
        "and taken to lie evenly within each: an estimate between the ends of its band."
    ),
}
