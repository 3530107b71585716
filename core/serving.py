"""The programs behind `serve`: the web server, what time brings, and a demo's simulator; they live and end together."""

import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

from core.store import ROOT

PATIENCE_S = 60
PACE = "0.4"  # a step about every 15 s: lively to look at, and a day still looks like a day
TICK_S = "60"
POLITE_S = 8  # for a child to end by itself before it is killed


def serve(port: int, *, simulated: bool, say: Callable[[str], None]) -> int:
    """Run the server, what time brings, and the simulator, until one of them ends or somebody asks to stop.

    Returns: the exit status, 0 after Ctrl-C.
    """
    for number in (signal.SIGTERM, signal.SIGINT):  # a shell's background job would inherit a deaf SIGINT
        signal.signal(number, _interrupt)
    children = [_server(port)]
    try:
        _wait_until_healthy(children[0], port)
        children.append(_start("-m", "core", "tick", "--every", TICK_S))
        if simulated:
            children.append(_start("-m", "core", "simulate", "--pace", PACE))
        say(f"网格指挥台 · Grid Command: http://127.0.0.1:{port}   (Ctrl-C ends it)")
        return _watch(children)
    except KeyboardInterrupt:
        return 0
    finally:
        _end(children)


def stopping() -> threading.Event:
    """An event that is set when somebody asks this program to stop."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _server(port: int) -> subprocess.Popen[bytes]:
    return _start("-m", "streamlit", "run", "app.py", "--server.port", str(port))


def _start(*arguments: str) -> subprocess.Popen[bytes]:
    """A child in a group of its own: Ctrl-C reaches us, and we end the children in order."""
    return subprocess.Popen([sys.executable, *arguments], cwd=ROOT, start_new_session=True, stdin=subprocess.DEVNULL)


def _wait_until_healthy(server: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(PATIENCE_S * 4):
        if server.poll() is not None:
            raise SystemExit(f"The server ended at once; is port {port} in use?")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.25)
    raise SystemExit(f"The server did not answer within {PATIENCE_S} s")


def _watch(children: list[subprocess.Popen[bytes]]) -> int:
    while True:
        for child in children:
            if (status := child.poll()) is not None:
                return status
        time.sleep(0.25)


def _end(children: list[subprocess.Popen[bytes]]) -> None:
    for child in reversed(children):
        child.terminate()
    for child in children:
        try:
            child.wait(POLITE_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
