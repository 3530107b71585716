"""A process that changes a case every so often by the real commands, and says on standard output what it did when.

`python -m bench.mover URL EVERY_S` works like the simulator; with `report` as a third word it only reports new cases,
each at another spot of the demo street.
"""

import json
import sys
import time
from random import Random

from core import clock
from core.cases import commands
from core.cases.commands import Facts
from core.demo import simulate
from core.demo.simulate import Report, World
from core.store import Store


def main() -> None:
    """Move cases until the process is ended."""
    target, every_s, only_reports = Store(sys.argv[1]), float(sys.argv[2]), sys.argv[3:] == ["report"]
    here, rng, own = simulate.world(target, clock.now()), Random(1), dict[int, int]()
    while sys.stdin.readable():
        time.sleep(every_s)
        if only_reports:
            facts, case_id = _report(target, here, rng)
            say = {"case_id": case_id, "lon": facts.lon, "lat": facts.lat}
        else:
            _move(target, here, rng, own)
            say = {}
        print(json.dumps({"committed_at": time.time(), **say}), flush=True)


def _move(target: Store, here: World, rng: Random, own: dict[int, int]) -> None:
    while True:
        now = clock.now()
        action = simulate.next_action(here, simulate.open_cases(target), own, rng, now)
        if simulate.act(target, here, action, own):
            return


def _report(target: Store, here: World, rng: Random) -> tuple[Facts, int]:
    now = clock.now()
    found = simulate._report(here, rng, now)
    assert isinstance(found, Report)
    with target.writing() as db:
        case = commands.report(db, found.by, found.facts, here.rules, at=now, now=now)
    return found.facts, case.id or 0


if __name__ == "__main__":
    main()
