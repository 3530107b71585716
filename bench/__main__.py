"""`python -m bench` takes all measurements and writes bench/results.json; with names it takes and writes those only."""

import json
import os
import platform
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

import psutil

from bench import (
    actions,
    agenda,
    commands,
    drill,
    history,
    imports,
    latency,
    liaisons,
    newcomers,
    opening,
    promises,
    street,
)

RESULTS = Path(__file__).parent / "results.json"
# the short ones first
BENCHES: dict[str, Callable[[Path], dict[str, float]]] = {
    "demo_load": commands.demo_load,
    "promises": promises.promises,
    "agenda": agenda.agenda,
    "liaison": liaisons.liaisons,
    "imports": imports.cases,
    "commands": commands.on_sqlite,
    "commands_postgresql": commands.on_postgresql,
    "board": latency.to_board,
    "board_start": history.board_start,
    "action": actions.moves,
    "wall": street.wall,
    "sign_in": newcomers.sign_in,
    "pixels": latency.to_pixels,
    "pixels_100": latency.to_pixels_among_others,
    "naive": street.naive,
    "history": history.on_sqlite,
    "opening": opening.pages,  # on the store of the one before
    "history_postgresql": history.on_postgresql,
    "drill": drill.on_sqlite,
    "drill_postgresql": drill.on_postgresql,
}


def machine() -> dict[str, str | int]:
    """What the figures were taken on."""
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count() or 0,
        "memory_gb": round(psutil.virtual_memory().total / 2**30),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "streamlit": version("streamlit"),
    }


def _cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.processor()
    )


def _taken(names: list[str]) -> Iterator[dict[str, float]]:
    with TemporaryDirectory(prefix="grid-command-bench-") as folder:
        for name in names:
            begun = monotonic()
            figures = BENCHES[name](Path(folder))
            load = os.getloadavg()[0]
            print(f"{name}: {monotonic() - begun:.0f} s, load {load:.1f}", flush=True)
            for figure, number in figures.items():
                print(f"  {figure} = {_short(number)}", flush=True)
            yield figures


def _short(number: float) -> float:
    """Three digits are what these measurements can tell."""
    return float(f"{number:.3g}")


def main(names: list[str]) -> None:
    """Take the measurements of `names`, or all, and write each down; figures of other machines are dropped."""
    if unknown := set(names) - BENCHES.keys():
        sys.exit(f"There is no {', '.join(sorted(unknown))}; there are {', '.join(BENCHES)}")
    taken = {"date": datetime.now(UTC).date().isoformat(), "machine": machine()}
    last = json.loads(RESULTS.read_text(encoding="utf-8")) if names and RESULTS.exists() else {}
    numbers: dict[str, float] = last["figures"] if last.get("machine") == taken["machine"] else {}
    for found in _taken(names or list(BENCHES)):
        numbers |= {name: _short(number) for name, number in found.items()}
        text = json.dumps(taken | {"figures": numbers}, indent=2, ensure_ascii=False)
        RESULTS.write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
