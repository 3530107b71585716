"""Viewers without a browser: each speaks Streamlit's websocket, follows the event stream, and loads what changed.

A viewer does what the page does in a browser: it hears a version, re-runs the fragment with the
component's trigger and the hashes of the messages it has kept, and fetches the layers whose addresses changed.
"""

import asyncio
import json
import re
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from pages.ui.session import COOKIE

MOST_RUNS_KEPT = 2  # global.maxCachedMessageAge, after which a browser forgets a message
TRIGGER = "$$STREAMLIT_INTERNAL_KEY_{}__events"
LAYERS = re.compile(r"/live/layers/[^\"\\]+")
VERSION = re.compile(r'data-version="(\d+)"')
FINISHED = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)


class Counted(ClientConnection):
    """A websocket that counts the bytes it gets, as they came over the wire."""

    received = 0

    def data_received(self, data: bytes) -> None:
        """Count, then decode."""
        self.received += len(data)
        super().data_received(data)


@dataclass
class Run:
    """One refresh: when it was asked for and finished, and the bytes it brought."""

    asked_at: float
    finished_at: float | None = None
    websocket_bytes: int = 0
    layer_bytes: int = 0

    def lasted_s(self, now: float) -> float:
        """How long the viewer waited; for one that still runs, how long up to `now`."""
        return (self.finished_at or now) - self.asked_at


@dataclass
class Kept:
    """The messages that a browser keeps, to be told their hash only."""

    messages: dict[str, tuple[int, str]] = field(default_factory=dict)  # hash → the run that last used it, fragment
    runs: int = 0

    def take(self, message: ForwardMsg) -> None:
        """Keep a message, or note that it was used again."""
        if message.ref_hash:
            self.messages[message.ref_hash] = (self.runs, self.messages[message.ref_hash][1])
        elif message.metadata.cacheable:
            self.messages[message.hash] = (self.runs, message.delta.fragment_id)

    def end_of_run(self, fragment: str) -> None:
        """Forget what has not been used for some runs of its fragment."""
        self.runs += 1
        old = [h for h, (used, of) in self.messages.items() if of == fragment and self.runs - used > MOST_RUNS_KEPT]
        for key in old:
            del self.messages[key]


class Viewer:
    """One open page."""

    def __init__(self, port: int, token: str, *, live: bool = True) -> None:
        self.port, self.live = port, live
        self._cookie = f"{COOKIE}={token}"
        self.runs: list[Run] = []
        self.version: int | None = None  # what the page shows
        self.heard_at: dict[int, float] = {}  # by version
        self.shown_at: list[tuple[int, float]] = []  # version and when, as they came
        self._heard: int | None = None  # what it said last
        self._ready = asyncio.Event()
        self._page_hash = self._fragment = self._component = ""
        self._kept = Kept()
        self._urls: set[str] = set()
        self._every_s: float | None = None  # of a page that refreshes itself by the clock
        self._socket: Counted
        self._http: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._loading = asyncio.Lock()
        self._begun: set[asyncio.Task[None]] = set()
        self._failed: list[BaseException] = []

    async def open(self) -> None:
        """Load the page; returns when its first run has ended."""
        url = f"ws://127.0.0.1:{self.port}/_stcore/stream"
        self._socket = await connect(  # type: ignore[assignment]
            url,
            subprotocols=["streamlit"],  # type: ignore[list-item]
            max_size=None,
            additional_headers={"Cookie": self._cookie},
            create_connection=Counted,
        )
        await self._send(BackMsg(rerun_script=ClientState()))
        self._tasks.append(asyncio.create_task(self._read()))
        await self._ready.wait()
        for task in self._tasks:
            if task.done():
                task.result()

    def watch(self) -> None:
        """Keep the page up to date from now on."""
        self._tasks.append(asyncio.create_task(self._follow() if self.live else self._tick()))

    async def close(self) -> None:
        """Leave the page."""
        for task in (*self._tasks, *self._begun):
            task.cancel()
        await asyncio.gather(*self._tasks, *self._begun, return_exceptions=True)
        await self._socket.close()
        if self._http:
            self._http[1].close()

    def check(self) -> None:
        """Raise what went wrong meanwhile: a viewer that has fallen silent must not make the figures look good."""
        for task in self._tasks:
            if task.done():
                task.result()
                raise RuntimeError("a viewer has ended early")
        if self._failed:
            raise self._failed[0]

    async def _send(self, message: BackMsg) -> None:
        await self._socket.send(message.SerializeToString())

    async def _read(self) -> None:
        with suppress(ConnectionClosed):
            try:
                async for data in self._socket:
                    assert isinstance(data, bytes)
                    self._take(ForwardMsg.FromString(data))
            finally:
                self._ready.set()

    def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind in ("delta", "ref_hash"):
            self._kept.take(message)
        if kind == "new_session":
            self._page_hash = message.new_session.page_script_hash
        elif kind == "navigation":
            self._page_hash = message.navigation.page_script_hash or self._page_hash
        elif kind == "auto_rerun":
            self._every_s, self._fragment = message.auto_rerun.interval, message.auto_rerun.fragment_id
        elif kind == "delta":
            self._take_element(message)
        elif kind == "script_finished" and message.script_finished in FINISHED:
            self._finish()

    def _take_element(self, message: ForwardMsg) -> None:
        element: Any = message.delta.new_element
        kind = element.WhichOneof("type")
        if kind == "exception":
            raise RuntimeError(element.exception.message)
        if kind == "bidi_component" and element.bidi_component.component_name.endswith("pulse"):
            self._component, self._fragment = element.bidi_component.id, message.delta.fragment_id
        elif kind == "html" and (found := VERSION.search(element.html.body)):
            self.version = int(found[1])
        elif kind == "deck_gl_json_chart" and self.live:
            self._load(set(LAYERS.findall(element.deck_gl_json_chart.json)))

    def _finish(self) -> None:
        self._kept.end_of_run(self._fragment)
        run = next((run for run in self.runs if run.finished_at is None), None)
        if run:
            run.finished_at = monotonic()
            self.shown_at.append((self.version or 0, run.finished_at))
            run.websocket_bytes = self._socket.received - run.websocket_bytes
            if self.live:
                self._catch_up()  # a browser looks once a second
        self._ready.set()

    async def _follow(self) -> None:
        """The event stream: what the pulse hears."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(self._request("/live/stream"))
            while line := await reader.readline():
                if line.startswith(b"data: "):
                    self._hear(json.loads(line[6:]))
        finally:
            writer.close()

    def _hear(self, news: dict[str, Any]) -> None:
        self._heard = news["version"]
        self.heard_at.setdefault(news["version"], monotonic())
        self._catch_up()

    def _catch_up(self) -> None:
        """Ask for the newest, unless it is shown or an answer is awaited."""
        is_behind = (self.version or 0) < (self._heard or 0)
        if is_behind and (not self.runs or self.runs[-1].finished_at is not None):
            self._begin(self._rerun())

    def _begin(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._begun.add(task)
        task.add_done_callback(self._end)

    def _end(self, task: asyncio.Task[None]) -> None:
        self._begun.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self._failed.append(error)

    async def _rerun(self) -> None:
        """Ask for the fragment anew, as the component's trigger does."""
        trigger = json.dumps([{"event": "beat", "value": self._heard}])
        state_of_pulse = WidgetState(id=TRIGGER.format(self._component), json_trigger_value=trigger)
        states = [state_of_pulse] if self.live else []
        self.runs.append(Run(monotonic(), websocket_bytes=self._socket.received))
        state = ClientState(
            page_script_hash=self._page_hash,
            fragment_id=self._fragment,
            is_auto_rerun=not self.live,
            widget_states=WidgetStates(widgets=states),
            cached_message_hashes=list(self._kept.messages),
        )
        await self._send(BackMsg(rerun_script=state))

    async def _tick(self) -> None:
        """Ask by the clock, and never while the last answer is still awaited: kinder than a browser, which asks."""
        assert self._every_s is not None
        while True:
            await asyncio.sleep(self._every_s)
            if not self.runs or self.runs[-1].finished_at is not None:
                await self._rerun()

    def _load(self, urls: set[str]) -> None:
        new, self._urls = urls - self._urls, urls
        self._begin(self._fetch(sorted(new), self.runs[-1] if self.runs else None))

    async def _fetch(self, urls: Sequence[str], run: Run | None) -> None:
        """Load layers over one kept connection; browsers use up to six, which changes the order and not the work."""
        async with self._loading:
            for url in urls:
                count = await self._get(url)
                if run:
                    run.layer_bytes += count

    def _request(self, path: str) -> bytes:
        lines = (
            f"GET {path} HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",
            f"Cookie: {self._cookie}",
            "Accept-Encoding: gzip",
        )
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    async def _get(self, url: str) -> int:
        for _attempt in range(2):  # the server closes a connection that has been idle for a while
            if self._http is None:
                self._http = await asyncio.open_connection("127.0.0.1", self.port)
            reader, writer = self._http
            try:
                writer.write(self._request(url))
                head = await reader.readuntil(b"\r\n\r\n")
                length = re.search(rb"(?i)content-length: (\d+)", head)
                if not head.startswith(b"HTTP/1.1 200") or not length:
                    raise RuntimeError(f"{url}: {head[:200]!r}")
                return len(head) + len(await reader.readexactly(int(length[1])))
            except (asyncio.IncompleteReadError, ConnectionError):
                self._http = None
        raise RuntimeError(f"{url}: no answer")
