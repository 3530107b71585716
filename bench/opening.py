"""How long a server with 1,000,000 cases in history takes to open a case file and a backlog, to the end of the run."""

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path
from time import monotonic

from sqlmodel import Session, col, select
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect

from bench import longer, stores
from bench.history import LONG
from bench.server import pinned, serving
from bench.spread import percentile
from bench.viewers import FINISHED
from core.cases.tables import Case
from core.store import Store
from core.words import Role
from pages.ui.session import COOKIE

CASES, TURNS, WARM = 60, 12, 5
ROLES = (Role.DUTY_OFFICER, Role.SECRETARY, Role.GRID_HEAD, Role.LIAISON)
SHOWN = {"case": 'class="timeline"', "backlog": 'class="ui"'}  # what only an open page has
LANES = {Role.SECRETARY: ("show=all", "lane=calls", "lane=diary"), Role.DUTY_OFFICER: ("show=all", "lane=ledger")}


def pages(folder: Path) -> dict[str, float]:
    """Case files from all of the history, and the backlog of each role with its parts."""
    path = longer.history(folder, LONG)
    url = stores.url_of(path)
    tokens = {role: stores.entered(url, role) for role in ROLES}
    store = Store(url)
    with store.reading() as db:
        chosen = [f"case={case_id}" for case_id in _cases(db)]
    store.close()
    asked = [(role, lane) for role in ROLES for lane in LANES.get(role, ("show=all",))]
    with pinned(), serving(url) as (port, _server):
        officer = tokens[Role.DUTY_OFFICER]
        asyncio.run(_opened(port, "case", [(officer, address) for address in chosen[:WARM]]))
        files = asyncio.run(_opened(port, "case", [(officer, address) for address in chosen]))
        lists = asyncio.run(_opened(port, "backlog", [(tokens[role], lane) for role, lane in asked * TURNS]))
    path.unlink()  # give back the gigabytes
    return {
        "dossier_p95_ms": percentile(files, 95),
        "dossier_p50_ms": percentile(files, 50),
        "backlog_p95_ms": percentile(lists, 95),
        "backlog_p50_ms": percentile(lists, 50),
    }


def _cases(db: Session) -> Sequence[int]:
    """Some that are open, and some from all over the history."""
    still = db.exec(select(Case.id).where(col(Case.ended_at).is_(None)).order_by(col(Case.id))).all()
    newest = db.exec(select(Case.id).order_by(col(Case.id).desc()).limit(1)).one() or 0
    ended = [newest * number // (CASES // 2) for number in range(1, CASES // 2 + 1)]
    found = db.exec(select(Case.id).where(col(Case.id).in_(ended))).all()
    return [case_id for case_id in (*still[:: max(1, len(still) * 2 // CASES)], *found) if case_id]


async def _opened(port: int, page: str, asked: Iterable[tuple[str, str]]) -> list[float]:
    """Each page opened by a browser of its own, one after the other.

    Returns: milliseconds from the request to the end of the run.
    """
    return [await _open(port, page, token, address) for token, address in asked]


async def _open(port: int, page: str, token: str, address: str) -> float:
    async with connect(
        f"ws://127.0.0.1:{port}/_stcore/stream",
        subprotocols=["streamlit"],  # type: ignore[list-item]
        max_size=None,
        additional_headers={"Cookie": f"{COOKIE}={token}"},
        close_timeout=0,
    ) as socket:
        begun = monotonic()
        state = ClientState(query_string=address, page_name=page)
        await socket.send(BackMsg(rerun_script=state).SerializeToString())
        drawn = ""
        async for data in socket:
            assert isinstance(data, bytes)
            message = ForwardMsg.FromString(data)
            drawn += message.delta.new_element.html.body
            if message.WhichOneof("type") == "script_finished" and message.script_finished in FINISHED:
                break
        took = 1000 * (monotonic() - begun)
    if SHOWN[page] not in drawn:
        raise RuntimeError(f"/{page}?{address} was not drawn")
    return took
