"""The server under measurement: the application, or another script, in a process of its own on chosen cores."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from core.store import ROOT

SERVER_CORE, CLIENT_CORE = 0, 1
PATIENCE_S = 60


@contextmanager
def serving(
    url: str, *, script: str = "app.py", core: int | None = SERVER_CORE
) -> Iterator[tuple[int, psutil.Process]]:
    """A running server of the store at `url`; `core` is the only one it may use, None leaves it free.

    Returns: its port and its process.
    """
    port = _free_port()
    command = [sys.executable, "-m", "streamlit", "run", script, "--server.port", str(port)]
    cores = {core} if core is not None else os.sched_getaffinity(0)
    child = subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": url, "PYTHONPATH": str(ROOT)},
        preexec_fn=lambda: os.sched_setaffinity(0, cores),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait_for(child, port)
        yield port, psutil.Process(child.pid)
    finally:
        child.kill()  # the stores are thrown away, so it need not end in order
        child.wait()


@contextmanager
def beside(*arguments: str, core: int | None = CLIENT_CORE) -> Iterator["subprocess.Popen[str]"]:
    """A program of ours in a process of its own, ended with the block."""
    cores = {core} if core is not None else os.sched_getaffinity(0)
    child = subprocess.Popen(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        preexec_fn=lambda: os.sched_setaffinity(0, cores),
    )
    try:
        yield child
    finally:
        child.kill()
        child.wait()


@contextmanager
def pinned(core: int = CLIENT_CORE) -> Iterator[None]:
    """This process on one core, so that the load leaves the server's core alone."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _wait_for(child: "subprocess.Popen[bytes]", port: int) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if child.poll() is not None:
            raise RuntimeError("the server ended at once")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"the server did not answer within {PATIENCE_S} s")


NAIVE = str(Path(__file__).parent / "naive_wall.py")
