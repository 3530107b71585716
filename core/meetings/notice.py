"""The notice of a meeting: for a calendar, and for a group chat."""

from datetime import datetime, timedelta

from icalendar import Calendar, Event

from core.clock import local
from core.meetings.queries import Sheet

WEEKDAYS = "一二三四五六日"


def calendar(sheet: Sheet, now: datetime) -> bytes:
    """The meeting as an iCalendar file; the same meeting replaces itself, a later version of its agenda wins."""
    event = Event()
    event.add("uid", f"meeting-{sheet.meeting.id}@grid-command")
    event.add("sequence", sheet.meeting.version)
    event.add("dtstamp", now)
    event.add("dtstart", sheet.meeting.begins_at)
    event.add("dtend", sheet.meeting.begins_at + timedelta(minutes=sheet.meeting.minutes))
    event.add("summary", sheet.series.name)
    event.add("location", sheet.series.venue)
    event.add("description", "\n".join(_items(sheet)))
    found = Calendar()
    found.add("prodid", "-//Grid Command//Meetings//ZH")
    found.add("version", "2.0")
    found.add_component(event)
    return bytes(found.to_ical())


def chat(sheet: Sheet) -> str:
    """The notice as a message for a group."""
    at = local(sheet.meeting.begins_at)
    when = f"{at.month}月{at.day}日（周{WEEKDAYS[at.weekday()]}）{at:%H:%M}"
    units = "、".join(unit.name for unit in sheet.called())
    lines = [
        f"【会议通知】{sheet.series.name}",
        f"时间：{when}，约 {sheet.minutes} 分钟",
        f"地点：{sheet.series.venue}" if sheet.series.venue else "",
        "议题：",
        *_items(sheet),
        f"请参会：{units}" if units else "",
        "请按议题顺序到会，收到请回复。",
    ]
    return "\n".join(filter(None, lines))


def _items(sheet: Sheet) -> list[str]:
    """Each item with the time at which it comes up and whom it needs."""
    found = []
    for number, (line, at) in enumerate(zip(sheet.lines, sheet.begins(), strict=True), 1):
        units = sheet.unit_names(line.item.unit_ids)
        found.append(f"{number}. {local(at):%H:%M} {line.item.title}" + (f"（{units}）" if units else ""))
    return found
