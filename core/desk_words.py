"""The words of the duty desk as enumerations; each has its label in `core.captions`."""

from enum import StrEnum


class Queue(StrEnum):
    """What waits for the duty officer."""

    OVERDUE = "overdue"
    DUE_SOON = "due_soon"
    TO_ACCEPT = "to_accept"
    TO_DISPATCH = "to_dispatch"
    TO_DECIDE = "to_decide"
    TO_CHASE = "to_chase"
    TO_CHECK = "to_check"
    TO_CLOSE = "to_close"
    TO_CALL_BACK = "to_call_back"
    ABNORMAL = "abnormal"


class Abnormality(StrEnum):
    """Why a case does not go its way by itself."""

    NO_PLACE = "no_place"
    NO_OWNER = "no_owner"
    REFUSED_TWICE = "refused_twice"
    SILENT = "silent"


class ShiftKind(StrEnum):
    """What is written into the log of a shift by hand."""

    CALL = "call"
    INSTRUCTION = "instruction"
    EQUIPMENT = "equipment"
    WEATHER = "weather"
    NOTE = "note"
    HANDED_OVER = "handed_over"
    TAKEN_OVER = "taken_over"
