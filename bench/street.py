"""The wall of the demo street under 300 live viewers, and the naive design under as many."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from time import monotonic

import psutil

from bench import stores
from bench.server import NAIVE, beside, pinned, serving
from bench.spread import mean, percentile
from bench.viewers import Run, Viewer

VIEWERS = 300
CHANGE_S = 2
WARM_S, IDLE_S, MEASURED_S, NAIVE_S = 8, 30, 60, 40
AT_ONCE = 20  # pages opening at a time


def wall(folder: Path) -> dict[str, float]:
    """300 live viewers: what nothing costs, and what a refresh costs and brings when a case changes every 2 s."""
    url = stores.url_of(stores.demo(folder, "wall"))
    with pinned(), serving(url) as (port, server):
        return asyncio.run(_wall(url, port, server, stores.entered(url)))


async def _wall(url: str, port: int, server: psutil.Process, token: str) -> dict[str, float]:
    viewers = await opened(port, VIEWERS, token)
    await asyncio.sleep(WARM_S)
    idle = await _core_pct(server, IDLE_S)
    with beside("bench.mover", url, str(CHANGE_S)) as mover:
        await asyncio.sleep(WARM_S)
        begun = monotonic()
        busy = await _core_pct(server, MEASURED_S)
        mover.kill()
        changes = len(mover.communicate()[0].splitlines())
    now = monotonic()
    for viewer in viewers:
        viewer.check()
    runs, first_heard = _runs(viewers, begun), _first_heard(viewers, begun)
    told = len(first_heard)
    if changes < 0.8 * (WARM_S + MEASURED_S) / CHANGE_S or len(runs) < 0.5 * VIEWERS * told:  # a wall may skip one
        raise RuntimeError(f"not the load that was meant: {changes} changes, {told} heard of, {len(runs)} refreshes")
    await closed(viewers)
    sizes = [run.websocket_bytes + run.layer_bytes for run in runs if run.finished_at]
    return {
        "wall_street_300_p95_ms": percentile([1000 * run.lasted_s(now) for run in runs], 95),
        "wall_street_300_p50_ms": percentile([1000 * run.lasted_s(now) for run in runs], 50),
        "wall_street_300_core_pct": busy,
        "wall_street_300_shown_pct": 100 * len(runs) / (VIEWERS * told),  # of the versions, by each wall
        "wall_street_300_behind_p95_ms": percentile(_behind_ms(viewers, first_heard, now), 95),
        "wall_idle_300_core_pct": idle,
        "change_street_bytes": mean(sizes),
        "change_street_p95_bytes": percentile(sizes, 95),
    }


def naive(folder: Path) -> dict[str, float]:
    """As many viewers of a wall on which each one queries the store and builds the page, every 2 s."""
    url = stores.url_of(stores.demo(folder, "naive"))
    with pinned(), serving(url, script=NAIVE) as (port, _server):
        return asyncio.run(_naive(url, port))


async def _naive(url: str, port: int) -> dict[str, float]:
    viewers = await opened(port, VIEWERS, "", live=False)
    with beside("bench.mover", url, str(CHANGE_S)):
        await asyncio.sleep(NAIVE_S)
    now = monotonic()
    runs = _runs(viewers, 0)
    await closed(viewers)
    # a run that has not ended counts with its age, so beyond NAIVE_S this is a lower bound
    return {"naive_street_p95_ms": percentile([1000 * run.lasted_s(now) for run in runs], 95)}


async def opened(port: int, count: int, token: str, *, live: bool = True) -> list[Viewer]:
    """Open pages, a few at a time; all of them begin to watch when the last one is open."""
    viewers, gate = [Viewer(port, token, live=live) for _ in range(count)], asyncio.Semaphore(AT_ONCE)

    async def enter(viewer: Viewer) -> None:
        async with gate:
            await viewer.open()

    await asyncio.gather(*map(enter, viewers))
    for viewer in viewers:
        viewer.watch()
    return viewers


async def closed(viewers: Sequence[Viewer]) -> None:
    """Close the pages."""
    await asyncio.gather(*(viewer.close() for viewer in viewers))


def _runs(viewers: Sequence[Viewer], since: float) -> list[Run]:
    return [run for viewer in viewers for run in viewer.runs if run.asked_at >= since]


def _first_heard(viewers: Sequence[Viewer], since: float) -> dict[int, float]:
    """When the first of all viewers heard of each version."""
    first: dict[int, float] = {}
    for viewer in viewers:
        for version, at in viewer.heard_at.items():
            first[version] = min(at, first.get(version, at))
    return {version: at for version, at in first.items() if at >= since}


def _behind_ms(viewers: Sequence[Viewer], first_heard: dict[int, float], now: float) -> list[float]:
    """For each version and viewer: from when it was first heard of until this one showed it, or a later one."""
    return [
        1000 * (next((shown for newer, shown in viewer.shown_at if newer >= version), now) - at)
        for viewer in viewers
        for version, at in first_heard.items()
    ]


async def _core_pct(process: psutil.Process, for_s: float) -> float:
    """The share of a core that a process takes, in per cent."""
    before, begun = sum(process.cpu_times()[:2]), monotonic()
    await asyncio.sleep(for_s)
    return float(100 * (sum(process.cpu_times()[:2]) - before) / (monotonic() - begun))
