"""The classes of a figure on the map: fixed bounds for each level, so that a colour means the same tomorrow."""

from bisect import bisect_right
from dataclasses import dataclass

from core.drill.asked import Period
from core.drill.numbers import NOW, RATES
from core.place_words import Figure
from core.words import Level

USUAL_DAYS = 30
# lower ends of the second to fifth class
OPEN = {Level.COMMUNITY: (10, 25, 50, 100), Level.GRID: (2, 5, 8, 12), Level.BUILDING: (1, 2, 3, 5)}
URGENT = {Level.COMMUNITY: (2, 5, 10, 20), Level.GRID: (1, 2, 3, 5), Level.BUILDING: (1, 2, 3, 5)}
IN_30_DAYS = {Level.COMMUNITY: (50, 100, 200, 400), Level.GRID: (10, 20, 40, 80), Level.BUILDING: (1, 2, 4, 8)}
FIXED = {
    Figure.ON_TIME: (0.6, 0.7, 0.8, 0.9),
    Figure.SATISFIED: (0.6, 0.7, 0.8, 0.9),
    Figure.REWORKED: (0.02, 0.05, 0.1, 0.2),
    Figure.MEDIAN: (4.0, 12.0, 24.0, 48.0),
}
LEVELS = {Level.MICRO_GRID: Level.GRID}  # scaled like another


@dataclass(frozen=True, slots=True)
class Scale:
    """The classes of a figure."""

    bounds: tuple[float, ...]  # lower ends of all classes but the first
    are_counts: bool

    def of(self, value: float) -> int:
        """The class of a value, from 0."""
        return bisect_right(self.bounds, value)

    def steps(self) -> list[tuple[float, float | None]]:
        """From where to where each class reaches, both ends included; the last one has no end."""
        ends = [bound - 1 if self.are_counts else bound for bound in self.bounds]
        return list(zip((0, *self.bounds), (*ends, None), strict=True))


def scale(figure: Figure, level: Level, period: Period) -> Scale:
    """The classes of a figure for places of a level; those of flows grow with the period."""
    if figure in RATES or figure is Figure.MEDIAN:
        return Scale(FIXED[figure], are_counts=False)
    level = LEVELS.get(level, level)
    if figure in NOW:
        return Scale((OPEN if figure is Figure.OPEN else URGENT)[level], are_counts=True)
    return Scale(_grown(IN_30_DAYS[level], period.days / USUAL_DAYS), are_counts=True)


def _grown(bounds: tuple[int, ...], times: float) -> tuple[float, ...]:
    """The bounds of a longer or shorter period, of one leading digit and still rising."""
    found: list[float] = []
    for bound in bounds:
        grown = round(bound * times)
        digits = 10 ** (len(str(grown)) - 1)
        found.append(max(round(grown / digits) * digits, (found[-1] if found else 0) + 1))
    return tuple(found)
