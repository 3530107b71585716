"""How the follower's news reaches every open stream, and what else runs while the server does."""

import asyncio
import gc
import secrets
import signal
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from types import FrameType

import streamlit as st

from core import follower
from pages.ui import theme
from pages.ui.turns import turns

BOOT = secrets.token_hex(4)  # a browser that meets another one reloads itself
COLLECT_S = 180
THRESHOLDS = 50_000, 20, 100  # for the collector between those: at the usual 700 it ran during every refresh


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Follow the store while the server runs."""
    loop = asyncio.get_running_loop()
    theme.told_once()
    following = follower.current()
    unsubscribe = following.subscribe(lambda: _tell(loop, following.board.version))
    _close_streams_on_signal(loop)
    beside = [asyncio.create_task(task()) for task in (_collect, turns.give)]
    try:
        yield
    finally:
        for task in beside:
            task.cancel()
        unsubscribe()
        following.stop()


def _tell(loop: asyncio.AbstractEventLoop, version: int) -> None:
    with suppress(RuntimeError):  # the loop has closed while the follower was publishing
        loop.call_soon_threadsafe(turns.announce, version)


async def _collect() -> None:
    """Collect garbage now and then, since Streamlit is told not to do it after every run."""
    gc.collect()
    gc.freeze()  # what was imported stays, and need not be looked through again
    gc.set_threshold(*THRESHOLDS)
    while True:
        await asyncio.sleep(COLLECT_S)
        gc.collect()


def _close_streams_on_signal(loop: asyncio.AbstractEventLoop) -> None:
    """The server stops only when all responses have ended, and an event stream never ends by itself."""
    if threading.current_thread() is not threading.main_thread():
        return  # under a test client: no signals there
    for number in (signal.SIGINT, signal.SIGTERM):
        before = signal.getsignal(number)

        def stop(signum: int, frame: FrameType | None, before: object = before) -> None:
            loop.call_soon_threadsafe(turns.close)
            if callable(before):
                before(signum, frame)

        signal.signal(number, stop)
