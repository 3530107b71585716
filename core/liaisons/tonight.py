"""Who is on tonight: every unit of a place with who answers its phone, on screen, on the wall and on one page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.clock import day_start, local
from core.documents.paper import Paper
from core.liaisons.directory import Contact, Directory, Office

EVENING, MORNING = timedelta(hours=18), timedelta(hours=32)  # of the day on which the night begins
BEFORE_DAWN = timedelta(hours=8)
WIDTHS = (2.2, 4, 3, 3.2, 3)


@dataclass(frozen=True, slots=True)
class Watch:
    """Who answers for a unit in a night; without a name its duty room does."""

    sector: str
    unit: str
    name: str
    from_at: datetime
    to_at: datetime
    phone: str
    is_rostered: bool

    @property
    def hours(self) -> str:
        """From when to when, on the street's own clock."""
        return f"{local(self.from_at):%H:%M}–{local(self.to_at):%H:%M}"


def night_of(at: datetime) -> tuple[datetime, datetime]:
    """The night that is on, or comes: from 18:00 to 08:00; before 08:00 it is still the last one.

    Units: aware UTC.
    """
    midnight = day_start(at - BEFORE_DAWN)
    return midnight + EVENING, midnight + MORNING


def tonight(directory: Directory, path: str, at: datetime) -> list[Watch]:
    """Who is on in the night of `at` at the units of `path` and below, in the order of the sectors."""
    begins, ends = night_of(at)
    order = {code: number for number, code in enumerate(directory.sectors)}
    here = [one for one in directory.offices.values() if _lies_in(directory, one, path)]
    here = [one for one in here if one.sector in order and directory.sectors[one.sector].holds_on(local(begins).date())]
    offices = sorted(here, key=lambda one: (order[one.sector], directory.places[one.place_id].path.count("/"), one.id))
    return [watch for office in offices for watch in _watches(directory, office, begins, ends)]


def page(watches: Sequence[Watch], street: str, at: datetime, *, is_demo: bool) -> bytes:
    """The night on one A4 page, as a Word file."""
    begins, ends = night_of(at)
    paper = Paper(is_demo=is_demo)
    paper.title(f"{street}今晚值守表")
    paper.note(f"{local(begins):%Y年%m月%d日 %H:%M}至{local(ends):%m月%d日 %H:%M}；未列姓名的单位拨打值班电话。")
    rows = [(one.sector, one.unit, one.name or "值班室", one.hours, one.phone) for one in watches]
    paper.table(("行业", "单位", "值守人", "时段", "电话"), rows, WIDTHS)
    return paper.file()


def _lies_in(directory: Directory, office: Office, path: str) -> bool:
    return office.place_id in directory.places and directory.places[office.place_id].path.startswith(path)


def _watches(directory: Directory, office: Office, begins: datetime, ends: datetime) -> list[Watch]:
    """The turns of the night; else one who answers around the clock; else the duty room."""
    sector = directory.sectors[office.sector].name
    turns = [turn for turn in directory.turns.get(office.id, ()) if turn.from_at < ends and turn.to_at > begins]
    found = []
    for turn in turns:
        contact = directory.contacts.get(turn.liaison_id)
        first, last = max(turn.from_at, begins), min(turn.to_at, ends)
        if contact and directory.is_present(contact, first):
            found.append(Watch(sector, office.name, contact.name, first, last, directory.phone(contact), True))
    if found:
        return found
    awake = next((one for one in _of(directory, office) if directory.is_present(one, begins)), None)
    phone = directory.phone(awake) if awake else office.duty_phone
    return [Watch(sector, office.name, awake.name if awake else "", begins, ends, phone, False)]


def _of(directory: Directory, office: Office) -> list[Contact]:
    return [contact for contact in directory.contacts.values() if contact.unit_id == office.id]
