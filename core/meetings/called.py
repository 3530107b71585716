"""Whom the units on an agenda send: the liaison of each, and the phone of the office that is rung."""

from typing import NamedTuple

from core.liaisons.directory import Directory
from core.meetings.queries import Sheet


class Called(NamedTuple):
    """A unit that must attend, and who is rung there; `who` empty: nobody by name, only its duty room if it has one."""

    unit: str
    who: str
    phone: str


def called(sheet: Sheet, directory: Directory) -> list[Called]:
    """Who is rung of each unit on the agenda, in the order in which they come up."""
    found = []
    for unit in sheet.called():
        answer = directory.answer(unit.sector, sheet.series.path, sheet.meeting.begins_at, unit.id)
        found.append(Called(unit.name, answer.name, answer.phone))
    return found
