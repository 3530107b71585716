"""The wall: what it shows, and how that is computed from the live picture."""

from core.wall.picture import picture
from core.wall.view import Alarm, CaseLine, CategoryLine, EmergencyLine, HourBar, PlaceLine, Rate, Step, UnitLine, Wall

__all__ = [
    "Alarm",
    "CaseLine",
    "CategoryLine",
    "EmergencyLine",
    "HourBar",
    "PlaceLine",
    "Rate",
    "Step",
    "UnitLine",
    "Wall",
    "picture",
]
