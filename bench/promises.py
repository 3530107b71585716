"""What the clocks of a case cost: reckoned from its steps, as a command does, and for all that is open at once."""

from collections import defaultdict
from itertools import cycle, islice
from pathlib import Path
from time import process_time

from sqlmodel import col, select

from bench import stores
from core import limits, rules
from core.cases import clocks
from core.cases.clocks import History
from core.cases.rows import history_of
from core.cases.tables import Case, CaseEvent
from core.limits import Clock
from core.promises import Grade
from core.store import Store

OPEN, BATCH = 60_000, 500


def promises(folder: Path) -> dict[str, float]:
    """The clocks of the demo's cases: one from its whole history; 60,000 open ones anew, and only their due times."""
    found = _histories(folder)
    in_force = rules.current()
    many = list(islice(cycle(found), OPEN))
    batches: list[float] = []
    running: list[Clock] = []
    begun = process_time()
    for start in range(0, OPEN, BATCH):
        mark = process_time()
        for history, regime, grade in many[start : start + BATCH]:
            running += clocks.of_history(history, regime, grade, in_force).of_case
        batches.append((process_time() - mark) / BATCH)
    rebuilt = process_time() - begun
    begun = process_time()
    for clock in running:
        if clock.is_running:
            limits.reckoned(clock, in_force.calendars[clock.calendar])
    return {
        "clock_us": 1e6 * sorted(batches)[len(batches) // 2],
        "clocks_60k_s": process_time() - begun,
        "clocks_60k_from_history_s": rebuilt,
    }


def _histories(folder: Path) -> list[tuple[History, str, Grade]]:
    """The steps, the regime and the grade of every open case of the demo street."""
    here = Store(stores.url_of(stores.demo(folder, "promises")))
    with here.reading() as db:
        cases = db.exec(select(Case).where(col(Case.ended_at).is_(None))).all()
        events: dict[int, list[CaseEvent]] = defaultdict(list)
        still = select(Case.id).where(col(Case.ended_at).is_(None))
        for event in db.exec(select(CaseEvent).where(col(CaseEvent.case_id).in_(still)).order_by(col(CaseEvent.seq))):
            events[event.case_id].append(event)
    here.close()
    grades = rules.current().categories
    return [(history_of(events[case.id or 0]), case.regime, grades[case.category].grade) for case in cases]
