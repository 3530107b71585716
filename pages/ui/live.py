"""How the follower's news reaches every open stream, and what else runs while the server does."""

import asyncio
import gc
import secrets
import signal
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from time import monotonic, process_time
from types import FrameType

import streamlit as st

from core import follower
from pages.ui import theme

BOOT = secrets.token_hex(4)  # a browser that meets another one reloads itself
COLLECT_S, WEIGHED_EVERY_S = 180, 2
THRESHOLDS = 50_000, 20, 100  # for the collector between those: at the usual 700 it ran during every refresh


class Broadcast:
    """Wakes all waiting streams once per change; touched by the event loop's thread only."""

    def __init__(self) -> None:
        self.changed = asyncio.Event()
        self.closed = False
        self.listeners = 0  # open streams

    def announce(self) -> None:
        """Wake everyone who waits, and let the next change be waited for."""
        woken, self.changed = self.changed, asyncio.Event()
        woken.set()

    def close(self) -> None:
        """End all streams: the server waits for them before it stops."""
        self.closed = True
        self.announce()


class Pace:
    """Over how long the refreshes of all viewers are spread: the busier this process is, the longer.

    A process that is asked for more than it can do ends nothing in time; spread longer, every refresh is quick and each
    wall skips a version now and then.
    """

    LEAST_MS, MOST_MS, LONGEST_MS = 5.0, 10.0, 3_000  # for each viewer; in all
    GOOD = 0.6  # share of a core

    def __init__(self) -> None:
        self._each_ms = 5.0

    def weigh(self, busy: float) -> None:
        """Go slower after a time in which this process took more than a good share of a core, else faster."""
        self._each_ms = min(self.MOST_MS, max(self.LEAST_MS, self._each_ms * busy / self.GOOD))

    def spread_ms(self, viewers: int) -> int:
        """The time over which so many viewers are to come."""
        return min(self.LONGEST_MS, round(self._each_ms * viewers))


broadcast, pace = Broadcast(), Pace()


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Follow the store while the server runs."""
    loop = asyncio.get_running_loop()
    theme.told_once()
    following = follower.current()
    unsubscribe = following.subscribe(lambda: _tell(loop))
    _close_streams_on_signal(loop)
    beside = [asyncio.create_task(task()) for task in (_collect, _keep_pace)]
    try:
        yield
    finally:
        for task in beside:
            task.cancel()
        unsubscribe()
        following.stop()


def _tell(loop: asyncio.AbstractEventLoop) -> None:
    with suppress(RuntimeError):  # the loop has closed while the follower was publishing
        loop.call_soon_threadsafe(broadcast.announce)


async def _collect() -> None:
    """Collect garbage now and then, since Streamlit is told not to do it after every run."""
    gc.collect()
    gc.freeze()  # what was imported stays, and need not be looked through again
    gc.set_threshold(*THRESHOLDS)
    while True:
        await asyncio.sleep(COLLECT_S)
        gc.collect()


async def _keep_pace() -> None:
    """Weigh every few seconds how busy this process was."""
    while True:
        used_s, begun_s = process_time(), monotonic()
        await asyncio.sleep(WEIGHED_EVERY_S)
        pace.weigh((process_time() - used_s) / (monotonic() - begun_s))


def _close_streams_on_signal(loop: asyncio.AbstractEventLoop) -> None:
    """The server stops only when all responses have ended, and an event stream never ends by itself."""
    if threading.current_thread() is not threading.main_thread():
        return  # under a test client: no signals there
    for number in (signal.SIGINT, signal.SIGTERM):
        before = signal.getsignal(number)

        def stop(signum: int, frame: FrameType | None, before: object = before) -> None:
            loop.call_soon_threadsafe(broadcast.close)
            if callable(before):
                before(signum, frame)

        signal.signal(number, stop)
