"""The words of the directory of liaisons as enumerations; each has its label in `core.captions`."""

from enum import StrEnum


class Rung(StrEnum):
    """Where somebody who answers was looked for, from the nearest up."""

    BUILDING = "building"
    MICRO_GRID = "micro_grid"
    GRID = "grid"
    COMMUNITY = "community"
    STREET = "street"
    DEPUTY = "deputy"
    UNIT = "unit"


class Why(StrEnum):
    """Why somebody on a rung answers, or does not."""

    ROSTERED = "rostered"
    IN_HOURS = "in_hours"
    STANDS_IN = "stands_in"
    DEPUTIZES = "deputizes"
    DUTY_PHONE = "duty_phone"
    ON_LEAVE = "on_leave"
    OFF_DUTY = "off_duty"
    NOBODY = "nobody"


class Coverage(StrEnum):
    """Whether somebody is named for a sector at a place."""

    COVERED = "covered"
    FROM_ABOVE = "from_above"
    STALE = "stale"
    DUTY_ROOM = "duty_room"
    GAP = "gap"
