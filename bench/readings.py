"""What the pages of people read from the store, each as the page does it, for an officer of the whole street."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from core import clock, rules
from core.cases import backlog, dossier, ledger, queries, queues
from core.cases.tables import Case
from core.drill import trends
from core.drill.asked import Filter, period
from core.drill.counts import ABOVE_GRIDS
from core.drill.view import view
from core.handover.log import log
from core.liaisons.times import times
from core.people import Grant, Principal
from core.place_words import Grain, Span
from core.places import Place
from core.words import Level, Role

MONTH = timedelta(days=30)


@dataclass(frozen=True)
class Asked:
    """Who looks at the pages, at what, and when."""

    who: Principal
    street: Place
    case_id: int
    now: datetime


def asked(db: Session) -> Asked:
    """An officer of the street and the oldest of its open cases."""
    street = db.exec(select(Place).where(Place.level == Level.STREET)).one()
    oldest = db.exec(select(Case.id).where(col(Case.ended_at).is_(None)).order_by(col(Case.id))).first()
    return Asked(Principal(1, "", (Grant(Role.DUTY_OFFICER, street.path),)), street, oldest or 0, clock.now())


def _duty(db: Session, page: Asked) -> None:
    known = rules.current()
    tally = queues.counts(db, page.who, known, now=page.now)
    queues.queue(db, page.who, next(iter(tally.queues)), known, now=page.now)


def _shift(db: Session, page: Asked) -> None:
    log(db, page.who, page.street.path, now=page.now)


def _backlog(db: Session, page: Asked) -> None:
    last = backlog.look(db, page.who)
    backlog.counts(db, page.who, page.now, last)
    backlog.backlog(db, page.who, page.now, rules.current(), last)


def _call_backs(db: Session, page: Asked) -> None:
    queries.call_backs(db, page.who, page.now)


def _ledger(db: Session, page: Asked) -> None:
    ledger.shares(db, page.who, page.now - MONTH, page.now)
    ledger.ledger(db, page.who, page.now - MONTH, page.now)


def _case(db: Session, page: Asked) -> None:
    dossier.dossier(db, page.who, page.case_id, page.now, rules.current())
    backlog.todo(db, page.who, page.now, rules.current(), page.case_id)


def _places(db: Session, page: Asked) -> None:
    known, today = rules.current(), clock.local(page.now).date()
    seen = view(db, page.who, known, page.street.code, period(Span.DAYS_30, today), Filter(), now=page.now)
    inside = seen.place.level not in ABOVE_GRIDS
    trends.sparks(db, seen.here, seen.scope, seen.period, seen.told, known, by_building=inside)
    trends.course(db, seen.scope, seen.period, seen.told, known, Grain.DAY)
    trends.repeated(db, seen.scope, today, seen.told, known)
    trends.by_hour(db, seen.scope, seen.period, seen.told, known)


def _liaisons(db: Session, page: Asked) -> None:
    times(db, page.who, page.now)


PAGES: dict[str, Callable[[Session, Asked], None]] = {
    "duty": _duty,
    "shift": _shift,
    "backlog": _backlog,
    "call_backs": _call_backs,
    "ledger": _ledger,
    "case": _case,
    "liaisons": _liaisons,
    "places": _places,
}
