"""What a regime promises, as rows of `data/rules`: clocks, the unit's own time, who gets which regime, escalation."""

from collections.abc import Mapping
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from core.calendars import NATURAL, Calendar, Shift
from core.language import N_
from core.words import Measure, Role, Source, Verb, WhistleKind

Grade = Literal["event", "part", "difficult"]
Hours = Annotated[float, Field(gt=0, le=24 * 366)]
Share = Annotated[float, Field(gt=0, lt=1)]
Code = Annotated[str, Field(min_length=1, max_length=40)]
Times = Annotated[str, Field(pattern=r"^\d\d:\d\d-\d\d:\d\d$")]
UNIT, REPLY, ORDERED = "unit", "reply", "ordered"  # names of clocks that no regime may use
ORDERS = (REPLY, ORDERED)  # stand under no regime: no extension and no correction touches them


class Row(BaseModel):
    """A row of a rule file: an unknown key is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class CalendarRow(Row):
    """A calendar as it is written down: on which days which shifts count."""

    code: Code
    name: str
    days: Literal["every", "working"]
    shifts: tuple[Times, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        found = self.calendar().shifts
        ends = [*(shift.ends for shift in found[:-1]), found[-1].ends - 24 * 60]
        begins = [*(shift.begins for shift in found[1:]), found[0].begins]
        if any(end > begin for end, begin in zip(ends, begins, strict=True)) or any(s.begins >= 1440 for s in found):
            raise ValueError("shifts overlap, or are not in order")
        return self

    def calendar(self) -> Calendar:
        """The calendar to count by."""
        return Calendar(self.code, self.name, self.days, tuple(_shift(times) for times in self.shifts))


def _shift(times: str) -> Shift:
    """08:30-12:00; a shift that ends at or before its beginning ends on the next day."""
    begins, ends = (int(part[:2]) * 60 + int(part[3:]) for part in times.split("-"))
    return Shift(begins, ends if ends > begins else ends + 24 * 60)


class Length(Row):
    """How much time: hours, or days of the calendar it is counted by."""

    hours: Hours | dict[Grade, Hours] | None = None
    days: Hours | None = None
    calendar: Code = NATURAL.code

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.hours is None) == (self.days is None):
            raise ValueError("hours: state hours or days, one of both")
        return self

    def hours_for(self, grade: Grade) -> float:
        """The hours for a category of `grade`; days are hours once the rules are loaded."""
        assert self.hours is not None
        return self.hours[grade] if isinstance(self.hours, dict) else self.hours

    def in_hours(self, calendars: Mapping[str, Calendar]) -> Self:
        """The same with days as hours of the calendar."""
        if self.days is None:
            return self
        a_day = calendars[self.calendar].day.total_seconds() / 3600
        return self.model_copy(update={"hours": self.days * a_day})


class Promise(Length):
    """One clock of a regime: what starts it, what keeps it, and its hours."""

    name: Code
    label: str
    starts_on: Verb
    met_on: tuple[Verb, ...] = Field(min_length=1)
    is_final: bool = Field(default=False, alias="final")
    emergency_hours: Hours | None = None  # in emergency mode; else the factor of the mode


class UnitTime(Length):
    """The unit's own clock: it starts when the unit gets the case and stops when the case leaves it."""

    met_on: tuple[Verb, ...] = Field(min_length=1)


class Regime(Row):
    """A named set of promises."""

    code: Code
    name: str
    source: str
    clock: tuple[Promise, ...] = Field(min_length=1)
    unit: UnitTime | None = None
    return_within: Length | None = None  # a unit that has held the case longer keeps it
    extension_up_to: Length | None = None  # what lies above it needs the higher approver

    def in_hours(self, calendars: Mapping[str, Calendar]) -> Self:
        """The same with every length in hours."""
        lengths = {name: getattr(self, name) for name in ("unit", "return_within", "extension_up_to")}
        found = {name: length.in_hours(calendars) for name, length in lengths.items() if length}
        return self.model_copy(update={"clock": tuple(p.in_hours(calendars) for p in self.clock), **found})


class Assignment(Row):
    """Which regime a case gets that comes from a source, lies in a place, or is of a category or its major class."""

    regime: Code
    source: Source | None = None
    place: Annotated[str, Field(pattern=r"^\d+$")] | None = None  # the beginning of a grid's code
    category: Code | None = None

    @model_validator(mode="after")
    def _says_for_what(self) -> Self:
        if self.source is None and self.place is None and self.category is None:
            raise ValueError("regime: an assignment names a source, a place or a category")
        return self

    def holds_for(self, source: Source, grid_code: str, category: str, major: str) -> bool:
        """Whether the row speaks of such a case."""
        return (
            self.source in (None, source)
            and (self.place is None or grid_code.startswith(self.place))
            and self.category in (None, category, major)
        )

    def weight(self, category: str) -> tuple[bool, int, int]:
        """What is compared: source before place before category, the smaller place and the minor class first."""
        by_category = 0 if self.category is None else 2 if self.category == category else 1
        return self.source is not None, len(self.place or ""), by_category


class Chosen(NamedTuple):
    """The regime of a case, and why: a message id that names what decided."""

    regime: str
    because: str


BECAUSE_SOURCE, BECAUSE_PLACE = N_("by the source of the report"), N_("by the place")
BECAUSE_CATEGORY = N_("by the category")


def because(row: Assignment | None) -> str:
    """What decided, for the reader of a case."""
    if row and row.source:
        return BECAUSE_SOURCE
    return BECAUSE_PLACE if row and row.place else BECAUSE_CATEGORY


class WhistleTime(Length):
    """How long a called unit has to answer a kind of whistle."""

    kind: WhistleKind


class Escalation(Row):
    """Who is told when nobody has touched an overdue case for so long; each level counts from the one before."""

    level: Annotated[int, Field(ge=1)]
    to: Role
    silent_hours: Hours


class Emergency(Row):
    """How emergency mode shortens what is left of a promise that names no emergency hours of its own."""

    factor: Annotated[float, Field(gt=0, lt=1)]


class Breaks(Row):
    """From which counts on a grid takes the second to the fifth colour of the map, by measure."""

    open: tuple[int, int, int, int]
    overdue: tuple[int, int, int, int]
    due_soon: tuple[int, int, int, int]

    @model_validator(mode="after")
    def _rise(self) -> Self:
        if any(not 0 < row[0] < row[1] < row[2] < row[3] for row in (self.open, self.overdue, self.due_soon)):
            raise ValueError("breaks must rise, and begin above 0")
        return self

    def of(self, measure: Measure) -> tuple[int, ...]:
        """The breaks of a measure."""
        found: tuple[int, ...] = getattr(self, measure.value)
        return found


class CalendarFile(Row):
    """The file of calendars."""

    calendar: list[CalendarRow] = Field(default_factory=list)


class WhistleFile(Row):
    """The file of whistles."""

    whistle: list[WhistleTime]
