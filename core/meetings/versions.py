"""The agenda as it was fixed: its versions, and what has become different since the last one."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlmodel import Session, col, select

from core.accounts import audit
from core.accounts.audit import Asker
from core.meeting_words import MeetingState
from core.meetings import rights
from core.meetings.agenda import OPEN, items_of
from core.meetings.tables import AgendaItem, AgendaVersion
from core.words import Action, Permission

FIXED = ("id", "ordinal", "title", "minutes", "asked", "proposal", "unit_ids")  # what a version keeps of an item


class Change(NamedTuple):
    """What became different of an item after the agenda was fixed; None: it was not there, or is not any more."""

    was: dict[str, Any] | None
    now: dict[str, Any] | None

    @property
    def fields(self) -> list[str]:
        """Which fields of an item that was there and still is are different."""
        was, now = self.was, self.now
        return [name for name in FIXED if was[name] != now[name]] if was and now else []


def fix(db: Session, by: Asker, meeting_id: int, *, now: datetime) -> AgendaVersion:
    """Fix the agenda as its next version; later changes show as changes.

    Raises: NotFound, Refused.
    """
    meeting, _ = rights.meeting_for(db, by.who, meeting_id, Permission.PREPARE_MEETING, *OPEN)
    meeting.version += 1
    meeting.state = MeetingState.FROZEN
    items = [_snapshot(row) for row in items_of(db, meeting_id) if row.dropped is None]
    version = AgendaVersion(
        meeting_id=meeting_id, number=meeting.version, fixed_at=now, by_id=by.who.user_id, items=items
    )
    db.add(version)
    audit.record(db, Action.FREEZE_AGENDA, f"meeting {meeting_id}", by=by, detail=f"version {meeting.version}")
    return version


def changes_of(db: Session, meeting_id: int) -> list[Change]:
    """What is different from the agenda as it was last fixed."""
    version = db.exec(
        select(AgendaVersion).where(AgendaVersion.meeting_id == meeting_id).order_by(col(AgendaVersion.number).desc())
    ).first()
    if version is None:
        return []
    was = {said["id"]: said for said in version.items}
    now = {item.id: _snapshot(item) for item in items_of(db, meeting_id) if item.dropped is None}
    return [Change(was.get(key), now.get(key)) for key in {**was, **now} if was.get(key) != now.get(key)]


def _snapshot(item: AgendaItem) -> dict[str, Any]:
    return {name: getattr(item, name) for name in FIXED}
