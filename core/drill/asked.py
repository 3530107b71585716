"""What is asked of a place: a period beside the one before it, and which cases count."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import col

from core import clock
from core.cases.tables import Case
from core.place_words import Span
from core.rules import Rules
from core.tallies import Tally, facet
from core.words import CaseClass, Severity, Source, Stage

DAY = timedelta(days=1)
LENGTHS = {Span.TODAY: 1, Span.WEEK: 7, Span.DAYS_30: 30, Span.DAYS_90: 90, Span.YEAR: 365}


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days of Asia/Shanghai, the last one included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    @property
    def before(self) -> "Period":
        """What it is compared with: the month before a whole month, else as many days just before."""
        if self.first.day == 1 and (self.last + DAY).day == 1 and self.days <= 31:
            return Period((self.first - DAY).replace(day=1), self.first - DAY)
        return Period(self.first - self.days * DAY, self.first - DAY)

    @property
    def start(self) -> datetime:
        """Its first moment; aware UTC."""
        return clock.day_of(self.first)

    @property
    def end(self) -> datetime:
        """The moment after its last; aware UTC."""
        return clock.day_of(self.last + DAY)

    def seen_at(self, now: datetime) -> datetime:
        """The moment whose places it is told of: its last one, or now while it runs."""
        return min(now, self.end - timedelta(microseconds=1))


def day_end(now: datetime) -> datetime:
    """The midnight that ends the day of `now`; aware UTC."""
    return clock.day_of(clock.local(now).date() + DAY)


def period(span: Span, today: date) -> Period:
    """The period that `span` means today."""
    if span is Span.MONTH:
        return Period(today.replace(day=1), today)
    if span is Span.LAST_MONTH:
        last = today.replace(day=1) - DAY
        return Period(last.replace(day=1), last)
    return Period(today - (LENGTHS[span] - 1) * DAY, today)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which cases count; None means all. A stage narrows only what is open now: what has ended has none."""

    case_class: CaseClass | None = None
    category: str | None = None
    sector: str | None = None
    source: Source | None = None
    severity: Severity | None = None
    stage: Stage | None = None

    def categories(self, rules: Rules) -> Collection[str] | None:
        """The categories that count; None for all."""
        if not (self.case_class or self.category or self.sector):
            return None
        return [
            code
            for code, row in rules.categories.items()
            if self.category in (None, code)
            and self.sector in (None, row.sector)
            and (self.case_class is None or rules.case_class(code) is self.case_class)
        ]

    def facets(self, rules: Rules) -> list[str] | None:
        """The area tallies that together hold what is asked; None where filters meet, which they cannot tell."""
        codes = self.categories(rules)
        asked = [[facet("category", code) for code in codes]] if codes is not None else []
        asked += [[facet("source", self.source)]] if self.source else []
        asked += [[facet("severity", self.severity)]] if self.severity else []
        return None if len(asked) > 1 else asked[0] if asked else [""]

    def conditions(self, table: type[Case] | type[Tally], rules: Rules) -> list[ColumnElement[bool]]:
        """The same conditions for cases and for their tallies, without the stage."""
        found: list[ColumnElement[bool]] = []
        if (codes := self.categories(rules)) is not None:
            found.append(col(table.category).in_(codes))
        if self.source:
            # not as equal: SQLite would read all history of the source by its index
            found.append(col(table.source).like(self.source.replace("_", r"\_"), escape="\\"))
        if self.severity:
            found.append(col(table.severity) == self.severity)
        return found
