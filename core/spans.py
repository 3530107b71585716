"""How days, moments and spans of time are said, and with them how a clock stands: the same words on every screen."""

from datetime import date, datetime

from core.captions import label
from core.clock import local
from core.language import Translate
from core.words import ClockState

DAY_S = 86_400
WHOLE_HOURS_S = 36_000  # from here the minutes are left out: "20:26" beside a wall clock reads as a time of day
COUNTED = {ClockState.RUNNING: "left", ClockState.DUE_SOON: "left", ClockState.OVERDUE: "over"}

Words = dict[str, str]  # `{}` takes the figure


def words(translate: Translate) -> Words:
    """The texts in which spans are said."""
    return {
        "left": translate("{} left"),
        "over": translate("{} over"),
        "whole_hours": translate("{} h"),
        "days": translate("{} d"),
        "late_days": translate("{} d {} h"),
        "exact_days": translate("{} d {}"),
        "now": translate("just now"),
        "minutes": translate("{} min ago"),
        "hours": translate("{} h ago"),
        "ago": translate("{} d ago"),
    }


def day_text(day: date, translate: Translate) -> str:
    """A day of this year; a report or a file writes the year too."""
    return translate("{month}-{day}").format(month=day.month, day=day.day)


def moment_text(at: datetime, translate: Translate) -> str:
    """A moment of this year, to the minute."""
    here = local(at)
    return f"{day_text(here, translate)} {here:%H:%M}"


def span(seconds: int, said: Words) -> str:
    """Hours and minutes, of more than ten hours the hours, of more than a day the days."""
    if seconds >= DAY_S:
        return said["days"].format(seconds // DAY_S)
    if seconds >= WHOLE_HOURS_S:
        return said["whole_hours"].format(seconds // 3600)
    return f"{seconds // 3600}:{seconds // 60 % 60:02}"


def exact(seconds: int, said: Words) -> str:
    """Days, hours and minutes, none left out."""
    days, rest = divmod(seconds, DAY_S)
    hours = f"{rest // 3600}:{rest // 60 % 60:02}"
    if days and rest < 60:
        return said["days"].format(days)
    return said["exact_days"].format(days, hours) if days else hours


def late(seconds: int, said: Words) -> str:
    """How long something has been overdue: of more than a day the hours too."""
    days, hours = divmod(seconds // 3600, 24)
    return said["late_days"].format(days, hours) if days and hours else span(seconds, said)


def ago(seconds: int, said: Words) -> str:
    """How long ago something was."""
    for limit, unit, name in ((3600, 60, "minutes"), (DAY_S, 3600, "hours")):
        if 60 <= seconds < limit:
            return said[name].format(seconds // unit)
    return said["now"] if seconds < 60 else said["ago"].format(seconds // DAY_S)


def clock_text(state: ClockState | None, due_at: datetime | None, now: datetime, translate: Translate) -> str:
    """How a clock stands at `now`: what is left, by how much it is over, or in a word how it ended."""
    if state is None or (state in COUNTED and due_at is None):
        return translate("No limit yet")
    if state not in COUNTED or due_at is None:
        return translate(label(state))
    said, seconds = words(translate), abs(int(due_at.timestamp()) - int(now.timestamp()))
    return said[COUNTED[state]].format((late if COUNTED[state] == "over" else span)(seconds, said))
