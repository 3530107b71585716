"""The audit: one row an act, written in the act's own transaction and chained, so that a change shows."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlmodel import Session, col, select

from core import chain
from core.accounts.tables import AuditEvent, AuditHead
from core.chain import Entry, Head
from core.errors import Refused
from core.people import Principal, User
from core.store import Store
from core.words import Action, Outcome

USER = re.compile(r"user (\d+)")  # a subject that is a person
SYSTEM = "console"  # the origin of what is done at the server's own command line


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, from which address, and when.

    Units: aware UTC.
    """

    who: Principal
    origin: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows of the audit are looked for; None means any.

    Units: aware UTC, `until` not included.
    """

    since: datetime
    until: datetime
    action: Action | None = None
    outcome: Outcome | None = None
    name: str = ""


def record(
    db: Session,
    action: Action,
    subject: str,
    *,
    by: Asker | None = None,
    at: datetime | None = None,
    origin: str = SYSTEM,
    outcome: Outcome = Outcome.DONE,
    detail: str = "",
) -> None:
    """Append a row to the audit in the caller's transaction; without `by` it is the command line or nobody known."""
    moment = by.at if by else at
    assert moment is not None
    head = _locked_head(db)
    event = AuditEvent(
        ordinal=head.count + 1,
        at=moment,
        by_id=by.who.user_id if by else None,
        by_name=by.who.name if by else "",
        action=action,
        subject=subject[:80],
        origin=(by.origin if by else origin)[:64],
        outcome=outcome,
        detail=detail,
        hash="",
    )
    event.hash = _hash(event, head.hash)
    head.count, head.hash = event.ordinal, event.hash
    db.add(event)
    db.flush()


@contextmanager
def acting(store: Store, by: Asker, action: Action, subject: str) -> Iterator[Session]:
    """A writing session for one audited act: should it be refused, the refusal is what is written."""
    try:
        with store.writing() as db:
            yield db
    except Refused as refusal:
        with store.writing() as db:
            record(db, action, subject, by=by, outcome=Outcome.REFUSED, detail=refusal.reason)
        raise


def events(db: Session, wanted: Wanted, most: int) -> Sequence[AuditEvent]:
    """The newest rows that are `wanted`, the newest first."""
    query = select(AuditEvent).where(AuditEvent.at >= wanted.since, AuditEvent.at < wanted.until)
    if wanted.action:
        query = query.where(AuditEvent.action == wanted.action)
    if wanted.outcome:
        query = query.where(AuditEvent.outcome == wanted.outcome)
    if wanted.name:
        query = query.where(col(AuditEvent.by_name).contains(wanted.name, autoescape=True))
    return db.exec(query.order_by(col(AuditEvent.ordinal).desc()).limit(most)).all()


def names(db: Session, found: Sequence[AuditEvent]) -> dict[str, str]:
    """What the people among the subjects are called, by subject."""
    ids = {int(said[1]) for event in found if (said := USER.fullmatch(event.subject))}
    return {f"user {row.id}": row.name for row in db.exec(select(User).where(col(User.id).in_(ids)))}


def links(db: Session) -> tuple[Iterator[Entry], Head]:
    """The whole chain of the audit, and the head it must end in."""
    head = db.get_one(AuditHead, 1)
    rows = db.exec(select(AuditEvent).order_by(col(AuditEvent.ordinal)).execution_options(yield_per=1000))
    return (Entry(row.ordinal, partial(_hash, row), row.hash) for row in rows), Head(head.count, head.hash)


def _hash(event: AuditEvent, previous: str) -> str:
    said = (
        event.ordinal, event.at.timestamp(), event.by_id, event.by_name, event.action, event.subject,
        event.origin, event.outcome, event.detail,
    )  # fmt: skip
    return chain.link(previous, said)


def _locked_head(db: Session) -> AuditHead:
    """The head, held until the transaction ends: rows are numbered one after the other."""
    query = select(AuditHead).where(AuditHead.id == 1).with_for_update().execution_options(populate_existing=True)
    return db.exec(query).one()
