"""Whose turn it is: the open pages are told of a new picture one after the other, as fast as their refreshes end."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from time import monotonic

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

AT_ONCE = 4  # runs that are awaited or under way: many more, and the interpreter is mostly busy with changing threads
LOOK_S = 0.005  # between two looks whether there is room
COMES_S, LASTS_S = 0.02, 1.0  # how long is waited for a page that was told, and for a run to end
LONGEST_END = 300  # bytes of a message that says that a run has ended


class Listener:
    """One open stream, and what it has been told last."""

    def __init__(self, number: int, version: int) -> None:
        self.number, self.version = number, version
        self._news = asyncio.Event()

    def tell(self, number: int, version: int) -> None:
        """Wake the stream."""
        self.number, self.version = number, version
        self._news.set()

    async def news(self, at_most_s: float) -> None:
        """Wait to be told, or for so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(at_most_s):
                await self._news.wait()
        self._news.clear()


class Turns:
    """Tells every listener of every announcement, or of a later one; touched by the event loop's thread only.

    Whoever is told of a new version comes back at once for it. Told all together, hundreds of them would share the one
    interpreter and all end late; told in turn each is answered at once, and a busy process is asked for no more than it
    can do: a wall then skips a version now and then.
    """

    def __init__(self) -> None:
        self._listeners: dict[Listener, None] = {}  # in the order in which they came
        self._number = self._version = 0
        self._announced = asyncio.Event()
        self._told_s: list[float] = []  # when those were told whose requests are still to come
        self._running_s: dict[object, float] = {}  # by connection: since when its script runs
        self.closed = False

    @contextmanager
    def listening(self) -> Iterator[Listener]:
        """A listener for as long as the block lasts; it reads the state before it waits."""
        listener = Listener(self._number, self._version)
        self._listeners[listener] = None
        try:
            yield listener
        finally:
            del self._listeners[listener]

    def announce(self, version: int) -> None:
        """There is something to tell, perhaps a new version."""
        self._number, self._version = self._number + 1, version
        self._announced.set()

    def close(self) -> None:
        """End all streams: the server waits for them before it stops."""
        self.closed = True
        for listener in self._listeners:
            listener.tell(self._number, self._version)

    def begins(self, page: object) -> None:
        """A page has asked for a run."""
        self._running_s[page] = monotonic()
        if self._told_s:
            self._told_s.pop(0)

    def ends(self, page: object) -> None:
        """A page has been sent the whole of its run, or has gone."""
        self._running_s.pop(page, None)

    async def give(self) -> None:
        """Give the turns, until cancelled."""
        self._announced = asyncio.Event()  # of the loop that runs now
        while True:
            await self._announced.wait()
            self._announced.clear()
            for listener in tuple(self._listeners):
                if listener.version != self._version:
                    await self._room()
                    self._told_s.append(monotonic())
                if listener.number != self._number:
                    listener.tell(self._number, self._version)

    async def _room(self) -> None:
        """Wait until another run may begin; a page that does not come or a run that takes long holds nobody up."""
        while True:
            now = monotonic()
            self._told_s = [at for at in self._told_s if now - at < COMES_S]
            running = sum(now - since < LASTS_S for since in self._running_s.values())
            if len(self._told_s) + running < AT_ONCE:
                return
            await asyncio.sleep(LOOK_S)


turns = Turns()


class RunsNoticed:
    """Notices on every websocket when a page asks for a run, and when it has been sent the whole of it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on."""
        if scope["type"] != "websocket":
            return await self.app(scope, receive, send)
        page = object()

        async def received() -> Message:
            message = await receive()
            if message.get("bytes"):
                turns.begins(page)
            return message

        async def sent(message: Message) -> None:
            await send(message)
            if _ends_run(message.get("bytes")):
                turns.ends(page)

        try:
            await self.app(scope, received, sent)
        finally:
            turns.ends(page)


def _ends_run(data: bytes | None) -> bool:
    return (
        data is not None
        and len(data) <= LONGEST_END
        and ForwardMsg.FromString(data).WhichOneof("type") == "script_finished"
    )
