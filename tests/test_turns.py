"""Turns: everybody is told, no more at once than the process can serve, and nobody holds the others up."""

import asyncio
import selectors
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack, suppress

import pytest
from starlette.types import Message
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from pages.ui import turns
from pages.ui.turns import AT_ONCE, Listener, RunsNoticed, Turns

FIRST = 1  # the version that all pages show at first
Room = Callable[[Turns, Sequence[Listener]], Awaitable[None]]


class Leaps(selectors.SelectSelector):
    """Waits for nobody: when nothing is to be done, the clock leaps to what comes next."""

    now_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(0)
        self.now_s += 0 if found else timeout or 0
        return found


class Loop(asyncio.SelectorEventLoop):
    """An event loop whose seconds are the same on every machine."""

    def __init__(self) -> None:
        self.leaps = Leaps()
        super().__init__(self.leaps)

    def time(self) -> float:
        return self.leaps.now_s


def given(listeners: int, act: Room) -> None:
    """Do `act` among so many listeners, while turns are given."""

    async def run() -> None:
        of = Turns()
        with ExitStack() as stack:
            task = asyncio.create_task(of.give())
            await asyncio.sleep(0)
            of.announce(FIRST)
            await asyncio.wait_for(act(of, [stack.enter_context(of.listening()) for _ in range(listeners)]), 5)
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    with asyncio.Runner(loop_factory=Loop) as runner, pytest.MonkeyPatch.context() as patch:
        patch.setattr(turns, "monotonic", runner.get_loop().time)
        runner.run(run())


async def all_told(listeners: Sequence[Listener], version: int) -> None:
    """Wait until every listener has been told of a version."""
    while any(listener.version != version for listener in listeners):
        await asyncio.sleep(0.001)


def test_everybody_is_told_and_no_more_run_at_once_than_there_is_room_for() -> None:
    running, most = 0, 0

    async def page(of: Turns, listener: Listener) -> None:
        nonlocal running, most
        await listener.news(5)
        running += 1
        most = max(most, running)
        of.begins(listener)
        await asyncio.sleep(0.03)
        running -= 1
        of.ends(listener)

    async def act(of: Turns, listeners: Sequence[Listener]) -> None:
        of.announce(2)
        await asyncio.gather(*(page(of, listener) for listener in listeners))
        await all_told(listeners, 2)

    given(30, act)
    assert 2 <= most <= AT_ONCE


def test_who_waits_is_told_of_the_newest_and_not_of_what_is_past() -> None:
    async def act(of: Turns, listeners: Sequence[Listener]) -> None:
        of.announce(2)
        await asyncio.sleep(0.001)
        of.announce(3)
        last = listeners[-1]
        await last.news(5)
        assert last.version == 3
        await all_told(listeners, 3)  # also those who had been told of 2

    given(3 * AT_ONCE, act)


def test_a_page_that_does_not_come_holds_nobody_up() -> None:
    async def act(of: Turns, listeners: Sequence[Listener]) -> None:
        of.announce(2)
        await asyncio.wait_for(all_told(listeners, 2), 2)

    given(10 * AT_ONCE, act)


def test_scripts_that_take_long_hold_nobody_up_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "LASTS_S", 0.1)

    async def act(of: Turns, listeners: Sequence[Listener]) -> None:
        for number in range(AT_ONCE):
            of.begins(number)  # and never ends
        of.announce(2)
        await asyncio.sleep(0.02)
        assert {listener.version for listener in listeners} != {2}
        await asyncio.wait_for(all_told(listeners, 2), 1)

    given(10, act)


def test_what_needs_no_run_is_told_at_once_however_busy_the_process_is() -> None:
    async def act(of: Turns, listeners: Sequence[Listener]) -> None:
        for number in range(AT_ONCE):
            of.begins(number)
        of.announce(FIRST)  # the same version: the store has fallen silent, say
        await asyncio.wait_for(asyncio.gather(*(listener.news(5) for listener in listeners)), 0.5)

    given(50, act)


def test_a_run_is_noticed_from_its_request_to_its_last_message(monkeypatch: pytest.MonkeyPatch) -> None:
    of, seen = Turns(), list[int]()
    monkeypatch.setattr(turns, "turns", of)
    delta, end = ForwardMsg(hash="a" * 32), ForwardMsg(hash="b" * 32)
    delta.delta.new_element.html.body = "x" * 2_000
    end.script_finished = ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY

    async def receive() -> Message:
        return {"type": "websocket.receive", "bytes": b"a request"}

    async def send(_message: Message) -> None:
        pass

    async def application(_scope: object, receive: Callable[[], Awaitable[Message]], send: object) -> None:
        assert callable(send)
        await receive()
        for message in (delta, end):
            seen.append(len(of._running_s))
            await send({"type": "websocket.send", "bytes": message.SerializeToString()})
        seen.append(len(of._running_s))
        await receive()

    asyncio.run(RunsNoticed(application)({"type": "websocket"}, receive, send))
    assert seen == [1, 1, 0]
    assert not of._running_s  # a page that goes in the middle of a run is not waited for
