"""When things happen in the demo street: hours of the day, days of the week, seasons, rain, snow, Spring Festival."""

import itertools
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from random import Random

from core.clock import SHANGHAI, local
from core.demo.stories import Story

# Relative weights of the hours 0-23.
HOURS: dict[str, tuple[float, ...]] = {
    "day": (1, 1, 1, 1, 1, 3, 10, 26, 62, 88, 78, 56, 36, 38, 66, 82, 72, 48, 28, 24, 20, 14, 6, 2),
    "resident": (4, 2, 1, 1, 2, 4, 14, 34, 58, 72, 62, 46, 34, 34, 50, 62, 56, 46, 46, 60, 62, 44, 22, 9),
    "evening": (4, 1, 1, 1, 1, 6, 12, 12, 22, 34, 32, 26, 26, 26, 32, 38, 36, 38, 52, 78, 82, 56, 22, 9),
    "night": (50, 34, 20, 10, 6, 6, 8, 10, 12, 16, 14, 12, 12, 10, 12, 14, 14, 14, 22, 42, 64, 84, 92, 78),
    "market": (1, 1, 1, 1, 3, 12, 34, 64, 82, 88, 72, 48, 30, 26, 40, 62, 82, 76, 58, 50, 40, 20, 6, 2),
    "meals": (3, 1, 1, 1, 1, 2, 6, 16, 26, 34, 48, 76, 70, 40, 30, 32, 38, 56, 78, 82, 64, 40, 18, 7),
    "all": (10, 8, 7, 7, 8, 12, 28, 48, 66, 80, 72, 56, 44, 44, 60, 74, 66, 54, 44, 42, 38, 30, 20, 14),
}
WEEKDAYS = (1.1, 1.06, 1.02, 1.02, 1.05, 0.8, 0.74)  # Monday first
# Relative weights of the months, January first.
MONTHS: dict[str, tuple[float, ...]] = {
    "heating": (3.0, 2.4, 1.1, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02, 0.05, 1.7, 2.7),
    "summer": (0.6, 0.6, 0.8, 0.9, 1.2, 1.6, 1.8, 1.8, 1.3, 0.9, 0.7, 0.6),
    "winter": (2.0, 1.7, 0.9, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.8, 1.1, 1.7),
    "leaves": (0.8, 0.8, 0.9, 0.9, 0.8, 0.8, 0.8, 0.8, 0.9, 1.2, 1.9, 1.5),
}
RAIN = (0.08, 0.1, 0.12, 0.14, 0.16, 0.28, 0.36, 0.34, 0.24, 0.14, 0.1, 0.06)  # chance of a rainy day
SNOW = (0.2, 0.08, 0, 0, 0, 0, 0, 0, 0, 0, 0.01, 0.06)
# New Year's days of the lunar calendar, as published to 2035; later years have no dip.
SPRING_FESTIVALS = frozenset(
    date.fromisoformat(day)
    for day in (
        *("2024-02-10", "2025-01-29", "2026-02-17", "2027-02-06", "2028-01-26", "2029-02-13"),
        *("2030-02-03", "2031-01-23", "2032-02-11", "2033-01-31", "2034-02-19", "2035-02-08"),
    )
)
HOLIDAY_SHARE = 0.55


def moments(
    stories: Sequence[Story], since: datetime, now: datetime, count: int, rng: Random
) -> list[tuple[datetime, Story]]:
    """`count` moments between `since` and `now`, each with what happens then, oldest first.

    Units: aware UTC.
    """
    cells = [(day, story) for day in _days(since, now) for story in stories]
    sums = list(itertools.accumulate(weight(story, day) for day, story in cells))
    found: list[tuple[datetime, Story]] = []
    while len(found) < count:
        drawn = rng.choices(cells, cum_weights=sums, k=count - len(found))
        timed = ((moment(day, story, rng), story) for day, story in drawn)
        found += [(at, story) for at, story in timed if since < at < now]
    return sorted(found, key=lambda pair: pair[0])


def moment(day: date, story: Story, rng: Random) -> datetime:
    """A moment of `day` at an hour that suits the story."""
    hour = rng.choices(range(24), HOURS[story.hours])[0]
    second = rng.randrange(3600)
    return datetime.combine(day, time(hour, second // 60, second % 60), SHANGHAI).astimezone(UTC)


def weight(story: Story, day: date) -> float:
    """How likely a story is on a day, against other stories and days."""
    return story.weight * _ordinary(day) * _season(story.season, day)


def is_rainy(day: date) -> bool:
    """Whether it rains in the demo street on `day`."""
    return Random(f"rain {day}").random() < RAIN[day.month - 1]


def is_snowy(day: date) -> bool:
    """Whether snow lies in the demo street on `day`."""
    fell = (Random(f"snow {d}").random() < SNOW[d.month - 1] for d in (day, day - timedelta(days=1)))
    return any(fell)


@cache
def _ordinary(day: date) -> float:
    holiday = any(timedelta(days=-1) <= day - first <= timedelta(days=6) for first in SPRING_FESTIVALS)
    return WEEKDAYS[day.weekday()] * (HOLIDAY_SHARE if holiday else 1)


@cache
def _season(season: str | None, day: date) -> float:
    match season:
        case None:
            return 1
        case "rain":
            return 3.6 if is_rainy(day) else 0.1
        case "wet":
            return 2.4 if is_rainy(day) else 0.7
        case "snow":
            return 9 if is_snowy(day) else 0.02
        case _:
            return MONTHS[season][day.month - 1]


def _days(since: datetime, now: datetime) -> list[date]:
    first, last = local(since).date(), local(now).date()
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
