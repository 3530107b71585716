"""The words of meetings: every enumeration, each value one English word; `core/captions.py` has their labels."""

from enum import StrEnum


class Rhythm(StrEnum):
    """How often a meeting comes round."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    AS_NEEDED = "as_needed"


class MeetingState(StrEnum):
    """How far a meeting has come."""

    PREPARED = "prepared"
    FROZEN = "frozen"
    UNDER_WAY = "under_way"
    ENDED = "ended"


class ItemKind(StrEnum):
    """What a meeting does with an item."""

    STUDY = "study"
    HEARING = "hearing"
    COORDINATION = "coordination"
    DECISION = "decision"


class ItemOutcome(StrEnum):
    """What became of an item."""

    RESOLVED = "resolved"
    DEFERRED = "deferred"
    PROMOTED = "promoted"
    SETTLED = "settled"
    REVIEWED = "reviewed"


class Cause(StrEnum):
    """Why a case belongs on an agenda."""

    CARRIED = "carried"
    OVERDUE = "overdue"
    DEPARTMENTS = "departments"
    RETURNED = "returned"
    SUSPENDED = "suspended"
    REPORTS = "reports"
    RED = "red"
    UNSATISFIED = "unsatisfied"
    WHISTLE = "whistle"
    PROMOTED = "promoted"
    NOT_DONE = "not_done"


class Presence(StrEnum):
    """Whether somebody came to a meeting."""

    PRESENT = "present"
    EXCUSED = "excused"
    ABSENT = "absent"


class Progress(StrEnum):
    """How a resolution stands."""

    NOT_STARTED = "not_started"
    UNDER_WAY = "under_way"
    DONE = "done"
    OVERDUE = "overdue"
    SUSPENDED = "suspended"
