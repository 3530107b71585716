"""`python -m core serve` as a person meets it: it starts, says where, answers, and ends with everything it began."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import psutil
import pytest

from core import clock, store
from core.store import ROOT, Store
from pages.ui.session import COOKIE
from tests.accounts import token_of
from tests.browser import PATIENCE_S, free_port, is_healthy, until
from tests.demo_street import first_officer, settle

pytestmark = pytest.mark.xdist_group("browser")


class Command:
    """The command over one store, running."""

    def __init__(self, store_url: str, port: int, *options: str) -> None:
        self.url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "core", "serve", "--port", str(port), *options]
        environment = os.environ | {"DATABASE_URL": store_url}
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
        )

    def children(self) -> list[psutil.Process]:
        """What it has started."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def runs(self, program: str) -> bool:
        """Whether a program of ours is among them; one that ends as it is looked at is not."""
        with suppress(psutil.Error):
            return any(program in child.cmdline() for child in self.children())
        return False

    def end(self) -> str:
        """Press Ctrl-C and wait; everything it said."""
        self.process.send_signal(signal.SIGINT)
        said, _ = self.process.communicate(timeout=2 * PATIENCE_S)
        return said.decode()


@contextmanager
def running(path: Path, *options: str) -> Iterator[Command]:
    """The command, answering, over the store in `path`."""
    command = Command(f"sqlite:///{path}", free_port(), *options)
    try:
        until(lambda: is_healthy(command.url), "the server answers")
        yield command
    finally:
        if command.process.poll() is None:
            for child in command.children():
                child.kill()
            command.process.kill()
            command.process.wait()


@pytest.fixture
def demo(migrated_sqlite: Path, tmp_path: Path) -> Path:
    """A demo store that needs no loading."""
    path = Path(shutil.copy(migrated_sqlite, tmp_path / "demo.db"))
    settle(path).store.close()
    return path


def test_serve_starts_server_and_simulator_says_where_and_ctrl_c_ends_both(demo: Path) -> None:
    with running(demo) as command:
        for program in ("simulate", "tick"):
            until(partial(command.runs, program), f"{program} runs")
        assert stream_says(command.url, demo)["stale_s"] is None
        children = command.children()
        said = command.end()
        assert f"网格指挥台 · Grid Command: {command.url}" in said
        assert "Traceback" not in said
        assert command.process.returncode == 0
        gone, alive = psutil.wait_procs(children, timeout=PATIENCE_S)
        assert len(gone) >= 3
        assert alive == []


def test_an_open_wall_does_not_keep_the_server_from_ending(demo: Path) -> None:
    with running(demo) as command, urllib.request.urlopen(the_stream(command.url, demo)) as stream:
        assert stream.readline()
        children = command.children()
        command.end()
        assert psutil.wait_procs(children, timeout=PATIENCE_S)[1] == []


def the_stream(url: str, path: Path) -> urllib.request.Request:
    """The event stream, asked for by the officer of the demo at `path`."""
    here = Store(f"sqlite:///{path}")
    with here.reading() as db:
        officer = first_officer(db, clock.local(clock.real_now()).date())
    cookie = f"{COOKIE}={token_of(here, officer.user_id, clock.real_now())}"
    here.close()
    return urllib.request.Request(f"{url}/live/stream", headers={"Cookie": cookie})


def stream_says(url: str, path: Path) -> dict[str, object]:
    """The first message of the event stream."""
    with urllib.request.urlopen(the_stream(url, path), timeout=PATIENCE_S) as stream:
        for line in stream:
            if line.startswith(b"data: "):
                found: dict[str, object] = json.loads(line.removeprefix(b"data: "))
                return found
    raise AssertionError("the stream ended")


def test_without_demo_the_store_stays_empty_and_nothing_is_simulated(tmp_path: Path) -> None:
    path = tmp_path / "empty.db"
    with running(path, "--no-demo") as command:
        assert not command.runs("simulate")
        command.end()
    here = Store(f"sqlite:///{path}")
    with here.reading() as db:
        assert store.is_empty(db)
        assert not store.is_demo(db)
    here.close()


def test_a_port_in_use_gives_a_sentence(demo: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        command = Command(f"sqlite:///{demo}", port)
        said, _ = command.process.communicate(timeout=PATIENCE_S)
    assert command.process.returncode == 1
    assert f"is port {port} in use?" in said.decode()
    assert "Traceback" not in said.decode()


@pytest.mark.parametrize("command", ["simulate", "verify"])
def test_a_store_without_tables_is_a_sentence_and_not_a_traceback(command: str, tmp_path: Path) -> None:
    environment = os.environ | {"DATABASE_URL": f"sqlite:///{tmp_path / 'nothing.db'}"}
    done = subprocess.run(
        [sys.executable, "-m", "core", command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 1
    assert "The store cannot be used: no such table" in done.stderr
    assert "core migrate" in done.stderr
    assert "Traceback" not in done.stderr
