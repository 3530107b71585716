"""Writing into the log of a shift, handing it over, taking it over: appended under one chain."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any

from sqlmodel import Session, col, select

from core import chain, store
from core.accounts import audit
from core.accounts.audit import Asker
from core.chain import Entry, Head
from core.desk_words import ShiftKind
from core.errors import Refused
from core.handover.log import BY_HAND, log
from core.handover.tables import LONGEST_TEXT, ShiftEntry
from core.language import N_
from core.words import Action, Permission


def write(
    db: Session, asker: Asker, path: str, kind: ShiftKind, text: str, *, at: datetime, now: datetime
) -> ShiftEntry:
    """Write what happened at `at` into the log of the shift.

    Raises: Refused, in the user's words.
    """
    _check(asker, path)
    if kind not in BY_HAND or not 0 < len(text.strip()) <= LONGEST_TEXT:
        raise Refused(N_("Write what happened, in up to {most} characters"), most=LONGEST_TEXT)
    if at > now:
        raise Refused(N_("What has not happened yet cannot be recorded"))
    entry = _append(db, asker, path, kind, text.strip(), None, at, now)
    audit.record(db, Action.WRITE_SHIFT, f"shift entry {entry.ordinal}", by=asker)
    return entry


def hand_over(db: Session, asker: Asker, path: str, text: str, *, now: datetime) -> ShiftEntry:
    """Sign the shift as it stands and offer it to the next officer; until it is taken over it stays on the desk.

    Raises: Refused, in the user's words.
    """
    _check(asker, path)
    if len(text) > LONGEST_TEXT:
        raise Refused(N_("Write what happened, in up to {most} characters"), most=LONGEST_TEXT)
    store.number_in_commit_order(db)  # before it is looked whether one waits
    if waiting(db, path):
        raise Refused(N_("The last handover is not signed yet: nobody leaves before relief"))
    signed = log(db, asker.who, path, now=now).signed()
    entry = _append(db, asker, path, ShiftKind.HANDED_OVER, text.strip(), signed, now, now)
    audit.record(db, Action.HAND_OVER, f"shift entry {entry.ordinal}", by=asker)
    return entry


def take_over(db: Session, asker: Asker, path: str, *, now: datetime) -> ShiftEntry:
    """Sign for the shift that waits on the desk, and begin the next one from it.

    Raises: Refused, in the user's words.
    """
    _check(asker, path)
    store.number_in_commit_order(db)
    handover = waiting(db, path)
    if handover is None:
        raise Refused(N_("No handover waits for a signature"))
    if handover.by_id == asker.who.user_id:
        raise Refused(N_("The officer who takes over signs, not the one who hands over"))
    given = {"handover": handover.ordinal, "hash": handover.hash}
    entry = _append(db, asker, path, ShiftKind.TAKEN_OVER, "", given, now, now)
    audit.record(db, Action.TAKE_OVER, f"shift entry {entry.ordinal}", by=asker)
    return entry


def waiting(db: Session, path: str) -> ShiftEntry | None:
    """The handover on the desk of `path` that only one officer has signed."""
    last = handovers(db, path, 1)
    return last[0][0] if last and last[0][1] is None else None


def handovers(db: Session, path: str, most: int = 30) -> list[tuple[ShiftEntry, ShiftEntry | None]]:
    """The newest handovers of a desk, each with the signature of who took over, if there is one."""
    kinds = (ShiftKind.HANDED_OVER, ShiftKind.TAKEN_OVER)
    rows = db.exec(
        select(ShiftEntry)
        .where(ShiftEntry.path == path, col(ShiftEntry.kind).in_(kinds))
        .order_by(col(ShiftEntry.ordinal).desc())
        .limit(2 * most)
    ).all()
    taken = {(row.given or {})["handover"]: row for row in rows if row.kind == ShiftKind.TAKEN_OVER}
    return [(row, taken.get(row.ordinal)) for row in rows if row.kind == ShiftKind.HANDED_OVER][:most]


def links(db: Session) -> tuple[Iterator[Entry], Head]:
    """The whole chain of the log, and the last entry it ends in."""
    rows = db.exec(select(ShiftEntry).order_by(col(ShiftEntry.ordinal))).all()
    head = Head(rows[-1].ordinal, rows[-1].hash) if rows else Head(0, "")
    return (Entry(row.ordinal, partial(_hash, row), row.hash) for row in rows), head


def _check(asker: Asker, path: str) -> None:
    if not asker.who.may(Permission.KEEP_SHIFT, path):
        raise Refused(N_("You do not keep the log of this desk"))


def _append(
    db: Session, asker: Asker, path: str, kind: ShiftKind, text: str, given: dict[str, Any] | None, at: datetime,
    now: datetime,
) -> ShiftEntry:  # fmt: skip
    store.number_in_commit_order(db)
    last = db.exec(select(ShiftEntry).order_by(col(ShiftEntry.ordinal).desc()).limit(1)).first()
    entry = ShiftEntry(
        ordinal=last.ordinal + 1 if last else 1, path=path, kind=kind, at=at, recorded_at=now,
        by_id=asker.who.user_id, by_name=asker.who.name, text=text, given=given, hash="",
    )  # fmt: skip
    entry.hash = _hash(entry, last.hash if last else "")
    db.add(entry)
    db.flush()
    return entry


def _hash(entry: ShiftEntry, previous: str) -> str:
    said = (
        entry.ordinal, entry.path, entry.kind, entry.at.timestamp(), entry.recorded_at.timestamp(), entry.by_id,
        entry.by_name, entry.text, entry.given,
    )  # fmt: skip
    return chain.link(previous, said)
