"""The only reader of the clock, and the time zone of the screen."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")

_standing_at: datetime | None = None


def now() -> datetime:
    """The present moment, or the moment at which an imported world stands still.

    Units: aware UTC.
    """
    return _standing_at or datetime.now(UTC)


def real_now() -> datetime:
    """The present moment even while an imported world stands still: sessions end and the audit is dated by it.

    Units: aware UTC.
    """
    return datetime.now(UTC)


def stand_still_at(moment: datetime | None) -> None:
    """Stop this process's clock at `moment`; `None` lets it run again.

    Units: aware.
    """
    global _standing_at  # one process shows one world
    _standing_at = moment.astimezone(UTC) if moment else None


def stands_still() -> bool:
    """Whether the clock was stopped."""
    return _standing_at is not None


def local(moment: datetime) -> datetime:
    """`moment` on the wall clock of the street, Asia/Shanghai."""
    return moment.astimezone(SHANGHAI)


def day_start(moment: datetime) -> datetime:
    """Midnight in Asia/Shanghai of the day in which `moment` falls.

    Units: aware UTC.
    """
    return local(moment).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


def day_of(day: date) -> datetime:
    """Midnight in Asia/Shanghai at which `day` begins.

    Units: aware UTC.
    """
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI).astimezone(UTC)


def hour_start(moment: datetime) -> datetime:
    """The full hour in which `moment` falls.

    Units: aware UTC.
    """
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
