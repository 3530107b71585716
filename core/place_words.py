"""The words of the drill-down as enumerations; each has its label in `core.captions`."""

from enum import StrEnum


class Figure(StrEnum):
    """The figures of a place, in the order of their row."""

    OPEN = "open"
    OVERDUE = "overdue"
    DUE_SOON = "due_soon"
    REPORTED = "reported"
    CLOSED = "closed"
    ON_TIME = "on_time"
    REWORKED = "reworked"
    SATISFIED = "satisfied"
    MEDIAN = "median"


class Span(StrEnum):
    """Periods that people ask for by name; each ends today, but the last month."""

    TODAY = "today"
    WEEK = "week"
    DAYS_30 = "days_30"
    MONTH = "month"
    LAST_MONTH = "last_month"
    DAYS_90 = "days_90"
    YEAR = "year"


class Grain(StrEnum):
    """The steps of a trend."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Section(StrEnum):
    """What is open below the figures of a place."""

    CHILDREN = "children"
    TRENDS = "trends"
    CASES = "cases"
    CARD = "card"


class OrganisationKind(StrEnum):
    """What an organisation is to a place."""

    PARTY = "party"
    PROPERTY = "property"


class PointKind(StrEnum):
    """Kinds of points of interest."""

    STATION = "station"
    CAMERA = "camera"
    HYDRANT = "hydrant"
