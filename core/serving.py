"""The programs behind `serve`: the web server, what time brings, and a demo's simulator; they live and end together."""

import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable

from core.store import ROOT

PATIENCE_S = 60
PACE = "0.4"  # a step about every 15 s: lively to look at, and a day still looks like a day
TICK_S = "60"
POLITE_S = 8  # for a child to end by itself before it is killed


def serve(port: int, *, simulated: bool, say: Callable[[str], None]) -> int:
    """Run the server, what time brings, and the simulator, until one of them ends or somebody asks to stop.

    Returns: the exit status, 0 after Ctrl-C.
    """
    stop = stopping()  # asked for between two steps only: an exception inside one could leave a child behind
    children = [_server(port)]
    try:
        _wait_until_healthy(children[0], port, stop)
        if not stop.is_set():
            children.append(_start("-m", "core", "tick", "--every", TICK_S))
            if simulated:
                children.append(_start("-m", "core", "simulate", "--pace", PACE))
            say(f"网格指挥台 · Grid Command: http://127.0.0.1:{port}   (Ctrl-C ends it)")
        return _watch(children, stop)
    finally:
        _end(children)


def stopping() -> threading.Event:
    """An event that is set when somebody asks this program to stop."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):  # a shell's background job would inherit a deaf SIGINT
        signal.signal(number, lambda *_: stop.set())
    return stop


def _server(port: int) -> subprocess.Popen[bytes]:
    return _start("-m", "streamlit", "run", "app.py", "--server.port", str(port))


def _start(*arguments: str) -> subprocess.Popen[bytes]:
    """A child in a group of its own: Ctrl-C reaches us, and we end the children in order."""
    return subprocess.Popen([sys.executable, *arguments], cwd=ROOT, start_new_session=True, stdin=subprocess.DEVNULL)


def _wait_until_healthy(server: subprocess.Popen[bytes], port: int, stop: threading.Event) -> None:
    for _ in range(PATIENCE_S * 4):
        if stop.is_set():
            return
        if server.poll() is not None:
            raise SystemExit(f"The server ended at once; is port {port} in use?")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            stop.wait(0.25)
    raise SystemExit(f"The server did not answer within {PATIENCE_S} s")


def _watch(children: list[subprocess.Popen[bytes]], stop: threading.Event) -> int:
    while not stop.wait(0.25):
        for child in children:
            if (status := child.poll()) is not None:
                return status
    return 0


def _end(children: list[subprocess.Popen[bytes]]) -> None:
    for child in reversed(children):
        child.terminate()
    for child in children:
        try:
            child.wait(POLITE_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
