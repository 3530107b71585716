"""The wall of the demo street under 300 live viewers, and the naive design at the same load."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from time import monotonic

import numpy as np
import psutil

from bench import stores
from bench.server import NAIVE, beside, pinned, serving
from bench.viewers import Run, Viewer

VIEWERS = 300
MEASURED_S, IDLE_S, NAIVE_S = 60, 30, 60
CHANGE_S = 2
AT_ONCE = 20  # pages opening at a time


def wall(folder: Path) -> dict[str, float]:
    """300 live viewers: the refresh when a case changes every 2 s, its bytes, and the cost when nothing changes."""
    url = stores.demo(folder, "street")
    with pinned(), serving(url) as (port, server):
        return asyncio.run(_wall(url, port, server))


async def _wall(url: str, port: int, server: psutil.Process) -> dict[str, float]:
    viewers = [Viewer(port) for _ in range(VIEWERS)]
    await _open(viewers)
    await asyncio.sleep(3)
    idle = await _core_pct(server, IDLE_S)
    with beside("bench.mover", url, str(CHANGE_S)):
        await asyncio.sleep(8)
        begun = monotonic()
        busy = await _core_pct(server, MEASURED_S)
    now = monotonic()
    for viewer in viewers:
        viewer.check()
    runs = _runs(viewers, begun)
    missing = VIEWERS * MEASURED_S / CHANGE_S * 0.8
    if len(runs) < missing:
        raise RuntimeError(f"only {len(runs)} refreshes happened")
    await asyncio.gather(*(viewer.close() for viewer in viewers))
    sizes = [run.websocket_bytes + run.layer_bytes for run in runs if run.finished_at]
    waits = [run.lasted_s(now) * 1000 for run in runs]
    return {
        "wall_street_300_p95_ms": percentile(waits, 95),
        "wall_street_300_p50_ms": percentile(waits, 50),
        "wall_street_300_core_pct": busy,
        "wall_idle_300_core_pct": idle,
        "change_street_bytes": float(np.mean(sizes)),
        "change_street_p95_bytes": percentile(sizes, 95),
    }


def naive(folder: Path) -> dict[str, float]:
    """The same viewers on a wall of which each one queries the store and builds the page every 2 s."""
    url = stores.demo(folder, "naive")
    with pinned(), serving(url, script=NAIVE) as (port, _server):
        return asyncio.run(_naive(url, port))


async def _naive(url: str, port: int) -> dict[str, float]:
    viewers = [Viewer(port, live=False) for _ in range(VIEWERS)]
    await _open(viewers)
    with beside("bench.mover", url, str(CHANGE_S)):
        begun = monotonic()
        await asyncio.sleep(NAIVE_S)
    now = monotonic()
    waits = [run.lasted_s(now) * 1000 for run in _runs(viewers, begun)]
    sizes = [run.websocket_bytes for run in _runs(viewers, begun) if run.finished_at]
    await asyncio.gather(*(viewer.close() for viewer in viewers))
    return {"naive_street_p95_ms": percentile(waits, 95), "naive_refresh_bytes": float(np.mean(sizes))}


async def _open(viewers: Sequence[Viewer]) -> None:
    gate = asyncio.Semaphore(AT_ONCE)

    async def enter(viewer: Viewer) -> None:
        async with gate:
            await viewer.open()

    await asyncio.gather(*map(enter, viewers))


def _runs(viewers: Sequence[Viewer], since: float) -> list[Run]:
    return [run for viewer in viewers for run in viewer.runs if run.asked_at >= since]


async def _core_pct(process: psutil.Process, for_s: float) -> float:
    before, begun = sum(process.cpu_times()[:2]), monotonic()
    await asyncio.sleep(for_s)
    return float(100 * (sum(process.cpu_times()[:2]) - before) / (monotonic() - begun))


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` per cent lie."""
    return float(np.percentile(np.asarray(values), share))
