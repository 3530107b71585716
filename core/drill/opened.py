"""All that a screen shows of a place at once: its figures, and what is open below them; six queries at most."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from core import clock
from core.drill import behind, trends
from core.drill.asked import Filter, Period
from core.drill.behind import Behind
from core.drill.card import Card, card
from core.drill.counts import ABOVE_GRIDS
from core.drill.trends import Course, Repeated
from core.drill.view import View, view
from core.people import Principal
from core.place_words import Figure, Grain, PointKind, Section
from core.points import PointOfInterest, points_in
from core.rules import Rules
from core.words import Level


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a place."""

    place: str
    period: Period
    told: Filter
    figure: Figure
    section: Section | None  # None: what suits the place
    step: Grain
    layers: tuple[PointKind, ...]


@dataclass(frozen=True)
class Opened:
    """A place as it is shown; what its section does not need is empty."""

    view: View
    section: Section
    course: Course | None
    sparks: Mapping[int, tuple[int, ...]]  # reports by child
    repeated: Sequence[Repeated]
    hours: Mapping[str, tuple[int, ...]]
    cases: Sequence[Behind]
    card: Card | None
    points: Sequence[PointOfInterest]


def opened(db: Session, who: Principal, rules: Rules, asked: Asked, now: datetime) -> Opened:
    """The place that is asked for with what is open below its figures.

    Raises: NotFound, as `view` does.
    """
    told, period = asked.told, asked.period
    is_median = asked.figure is Figure.MEDIAN
    seen = view(db, who, rules, asked.place, period, told, now=now, medians=is_median)
    section = _section(asked.section, Level(seen.place.level))
    today, path = clock.local(now).date(), seen.place.path
    inside = seen.place.level not in ABOVE_GRIDS
    course, hours, sparks = None, {}, {}
    if section is Section.CHILDREN:
        sparks = trends.sparks(db, seen.here, seen.scope, period, told, rules, by_building=inside)
    elif section is Section.TRENDS:
        course = trends.course(db, seen.scope, period, told, rules, asked.step)
        hours = trends.by_hour(db, seen.scope, period, told, rules)
    is_listed = section is Section.CASES
    # beside the cases only where buildings are drawn: of a whole city it takes a tenth of a second
    tells_again = section is Section.CHILDREN or (is_listed and inside)
    repeated = trends.repeated(db, seen.scope, today, told, rules) if tells_again else ()
    cases = behind.behind(db, who, path, asked.figure, period, told, rules, now) if is_listed else ()
    points = points_in(db, sorted(seen.scope.grid_ids)) if asked.layers or section is Section.CARD else ()
    about = card(db, who, seen, points, rules, now) if section is Section.CARD else None
    drawn = [point for point in points if point.kind in asked.layers]
    return Opened(seen, section, course, sparks, repeated, hours, cases, about, drawn)


def _section(asked: Section | None, level: Level) -> Section:
    """What is asked for; else the cases of a grid, the ranking above it. Below a building nothing could be ranked."""
    if level == Level.BUILDING and asked is Section.CHILDREN:
        asked = None
    return asked or (Section.CHILDREN if level in ABOVE_GRIDS else Section.CASES)
