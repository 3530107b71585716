"""Signing in: how long it takes a person, and what twenty of them cost those who watch the wall."""

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path
from time import monotonic

import httpx
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from websockets.asyncio.client import ClientConnection, connect

from bench import stores, street
from bench.server import beside, pinned, serving
from bench.spread import percentile
from bench.viewers import FINISHED, Viewer
from core.accounts import demo
from core.words import Role
from pages.ui.session import COOKIE

WATCHING, NEWCOMERS = 100, 20
EVERY_S, QUIET_S = 1.0, 20  # between two newcomers; the refreshes before the first one
CODE = re.compile(r'data-code="([^"]+)"')


def sign_in(folder: Path) -> dict[str, float]:
    """Twenty people sign in, one a second, while 100 watch the wall and a case changes every 2 s."""
    url = stores.url_of(stores.demo(folder, "sign_in"))
    with pinned(), serving(url) as (port, _server):
        return asyncio.run(_sign_in(url, port, stores.entered(url)))


async def _sign_in(url: str, port: int, token: str) -> dict[str, float]:
    viewers = await street.opened(port, WATCHING, token)
    with beside("bench.mover", url, str(street.CHANGE_S)):
        await asyncio.sleep(street.WARM_S)
        begun = monotonic()
        await asyncio.sleep(QUIET_S)
        rush = monotonic()
        took = await asyncio.gather(*(_comes_in(port, n * EVERY_S) for n in range(NEWCOMERS)))
        ended = monotonic()
    for viewer in viewers:
        viewer.check()
    before, during = _p95(viewers, begun, rush), _p95(viewers, rush, ended)
    await street.closed(viewers)
    return {
        "sign_in_p95_ms": percentile([1000 * seconds for seconds in took], 95),
        "sign_in_p50_ms": percentile([1000 * seconds for seconds in took], 50),
        "sign_in_rush_ratio": during / before,
        "sign_in_rush_p95_ms": during,
    }


def _p95(viewers: Sequence[Viewer], since: float, until: float) -> float:
    runs = [run for viewer in viewers for run in viewer.runs if since <= run.asked_at < until]
    return percentile([1000 * run.lasted_s(until) for run in runs], 95)


async def _comes_in(port: int, after_s: float) -> float:
    """From the press of the button to the end of the first page's run.

    Returns: seconds.
    """
    await asyncio.sleep(after_s)
    async with connect(
        f"ws://127.0.0.1:{port}/_stcore/stream",
        subprotocols=["streamlit"],  # type: ignore[list-item]
        max_size=None,
        close_timeout=0,  # a browser that loads the page anew does not wait either
    ) as socket:
        filled_in = await _form(socket)
        begun = monotonic()
        await _send(socket, ClientState(widget_states=WidgetStates(widgets=filled_in)))
        page = Viewer(port, await _cookie(port, await _code(socket)))
        await page.open()
        took = monotonic() - begun
    await page.close()
    return took


async def _cookie(port: int, code: str) -> str:
    origin = f"http://127.0.0.1:{port}"
    async with httpx.AsyncClient() as client:
        answer = await client.post(f"{origin}/session/open", content=code, headers={"Origin": origin})
    return answer.raise_for_status().cookies[COOKIE]


async def _form(socket: ClientConnection) -> list[WidgetState]:
    """What a person types into the sign-in page, and the press of its button."""
    await _send(socket, ClientState())
    filled_in, texts = [], [demo.LOGINS[Role.DUTY_OFFICER], demo.PASSWORD]
    async for data in socket:
        assert isinstance(data, bytes)
        message = ForwardMsg.FromString(data)
        element = message.delta.new_element
        if element.text_input.form_id.startswith("sign_in") and texts:
            filled_in.append(WidgetState(id=element.text_input.id, string_value=texts.pop(0)))
        elif element.button.form_id.startswith("sign_in"):
            filled_in.append(WidgetState(id=element.button.id, trigger_value=True))
        elif message.WhichOneof("type") == "script_finished" and message.script_finished in FINISHED:
            break
    return filled_in


async def _code(socket: ClientConnection) -> str:
    async for data in socket:
        assert isinstance(data, bytes)
        if found := CODE.search(ForwardMsg.FromString(data).delta.new_element.html.body):
            return found[1]
    raise RuntimeError("the sign-in page gave no code")


async def _send(socket: ClientConnection, state: ClientState) -> None:
    await socket.send(BackMsg(rerun_script=state).SerializeToString())
