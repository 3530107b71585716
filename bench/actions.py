"""How long a move at the duty desk takes in the server, with the queries that draw the desk after it."""

from collections.abc import Callable
from pathlib import Path
from time import monotonic

from sqlmodel import col, select

from bench import longer, stores
from bench.spread import percentile
from core import clock, rules
from core.accounts.audit import Asker
from core.cases import queues
from core.cases.rows import Facts
from core.cases.steps import Move
from core.cases.tables import Case
from core.desk_words import Queue
from core.intake import commands, duplicates, finding, wording
from core.intake.at_hand import at_hand
from core.people import Appointment, Principal, principal
from core.store import Store
from core.words import Role, Source, Stage, Verb

OPEN, MOVES = 60_000, 60
TOLD = "楼下垃圾桶满了，垃圾没人清运，味道很大"


def moves(folder: Path) -> dict[str, float]:
    """Registering a report and accepting one: the command, and everything that is read to draw the desk after it."""
    path = stores.demo(folder, "actions")
    longer.multiply_open(stores.url_of(path), OPEN)
    store = Store(stores.url_of(path))
    who = _officer(store)
    with store.reading() as db:
        finder, lexicon = finding.finder(db, clock.now()), wording.lexicon(db, rules.current())
        waiting = list(db.exec(select(Case.id).where(Case.stage == Stage.REPORTED).order_by(col(Case.id)).limit(MOVES)))
    typed = [entry.found.name for entry in finder.entries if entry.found.spot][:MOVES]
    taken = [_ms(lambda case_id=case_id: _accept(store, who, case_id)) for case_id in waiting if case_id]  # type: ignore[misc]
    reported = [_ms(lambda text=text: _register(store, who, finder, lexicon, text)) for text in typed]  # type: ignore[misc]
    store.close()
    return {
        "action_p95_ms": percentile([*taken, *reported], 95),
        "action_accept_p95_ms": percentile(taken, 95),
        "action_register_p95_ms": percentile(reported, 95),
    }


def _officer(store: Store) -> Principal:
    with store.reading() as db:
        officer = select(Appointment.user_id).where(Appointment.role == Role.DUTY_OFFICER)
        found = principal(db, db.exec(officer).first() or 0, clock.local(clock.now()).date())
    assert found is not None
    return found


def _ms(work: Callable[[], object]) -> float:
    begun = monotonic()
    work()
    return 1000 * (monotonic() - begun)


def _accept(store: Store, who: Principal, case_id: int) -> None:
    now = clock.now()
    with store.writing() as db:
        move = Move(Verb.ACCEPT, who, occurred_at=now, recorded_at=now)
        commands.take_step(db, Asker(who, "", now), case_id, move, rules.current())
    _draw(store, who, case_id)


def _register(
    store: Store, who: Principal, finder: finding.Finder, lexicon: wording.Lexicon, typed: str
) -> None:  # fmt: skip
    """Typing the place, the suggestions, the duplicates, the outlook, saving, and the desk after it."""
    now, current = clock.now(), rules.current()
    found = next((one for one in finder.named(typed) if one.spot), None)
    category = lexicon.guesses(TOLD)[0].category
    assert found is not None
    assert found.spot is not None
    facts = Facts(category, Source.PHONE, found.spot, text=TOLD, lon=found.lon, lat=found.lat, address=found.name)
    with store.reading() as db:
        duplicates.twins(db, who, lexicon, TOLD, found, category, now=now)
        commands.outlook(db, who, facts, current, now=now)
    with store.writing() as db:
        case = commands.register(db, Asker(who, "", now), facts, current, at=now, now=now)
    _draw(store, who, case.id or 0)


def _draw(store: Store, who: Principal, case_id: int) -> None:
    now, current = clock.now(), rules.current()
    with store.reading() as db:
        queues.counts(db, who, current, now=now)
        queues.queue(db, who, Queue.TO_ACCEPT, current, now=now)
        at_hand(db, who, case_id, current, now=now)
