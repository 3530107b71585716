"""A process that changes a case every so often by the real commands, and says on standard output what it did when.

`python -m bench.mover URL EVERY_S` works as the simulator does; with `report` as a third word it reports only.
"""

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from random import Random

from core import clock
from core.cases.tables import Case
from core.demo import simulate
from core.demo.simulate import Report
from core.store import Store


def main(url: str, every_s: float, *, only_reports: bool) -> None:
    """Move cases until the process is ended."""
    target = Store(url)
    here, rng, own = simulate.world(target, clock.now()), Random(), dict[int, int]()
    due = time.monotonic()
    while True:
        due += every_s * rng.uniform(0.8, 1.2)  # no beat with what polls by the clock
        time.sleep(max(0, due - time.monotonic()))
        cases: Sequence[Case] = () if only_reports else simulate.open_cases(target)
        action = simulate.next_action(here, cases, own, rng, clock.now())
        if only_reports and isinstance(action, Report):
            action = replace(action, at=action.recorded_at)  # the newest of all, which the map marks with a 1
        own.clear()
        if simulate.act(target, here, action, own):
            told = {"lon": action.facts.lon, "lat": action.facts.lat} if isinstance(action, Report) else {}
            print(json.dumps({"case_id": next(iter(own)), "committed_at": time.time(), **told}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), only_reports=sys.argv[3:] == ["report"])
