"""Our own routes beside Streamlit's; they get no sign-in from it, so each checks for itself."""

import json
from collections.abc import AsyncIterator, Callable
from time import monotonic

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from core import clock, follower, store
from core.words import Measure, Permission
from pages.ui import photo_routes, session, session_routes, sources
from pages.ui.live import BOOT
from pages.ui.sources import Source
from pages.ui.turns import turns

HEARTBEAT_S = 10
FOREVER = "private, max-age=31536000, immutable"
FONTS = {path.name: path for path in (store.ROOT / "data" / "fonts").glob("*.woff2")}

Endpoint = Callable[[Request], Response]  # not async: Starlette runs it in a thread, since it reads the store


def for_viewers(endpoint: Endpoint, *also: Permission) -> Endpoint:
    """Let only those through who may see the wall, or have one of the other rights."""

    def guarded(request: Request) -> Response:
        if not any(session.of_request(request, right) for right in (Permission.READ_WALL, *also)):
            return Response(status_code=401)
        return endpoint(request)

    return guarded


def health(_request: Request) -> Response:
    """Whether this process answers, and whether it can still read the store."""
    since = follower.current().stale_since
    return JSONResponse({"stale_since": since and since.isoformat()}, status_code=503 if since else 200)


def stream(request: Request) -> Response:
    """Tell the browser what is newest: now, at every change, and as a sign of life, while its session is open."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_messages(request), media_type="text/event-stream", headers=headers)


async def _messages(request: Request) -> AsyncIterator[str]:
    yield "retry: 1000\n\n"
    checked_s = monotonic()
    with turns.listening() as listener:
        while not turns.closed:
            if monotonic() - checked_s >= HEARTBEAT_S:
                if not await run_in_threadpool(_may_stay, request):
                    yield "event: ended\ndata:\n\n"
                    return
                checked_s = monotonic()
            yield f"data: {_state()}\n\n"
            await listener.news(HEARTBEAT_S)


def _may_stay(request: Request) -> bool:
    """Whether the session is still open; while the store cannot be asked, the stream goes on to say so."""
    try:
        return session.of_request(request, Permission.READ_WALL) is not None
    except store.UNREADABLE:
        return True


def _state() -> str:
    following = follower.current()
    since = following.stale_since
    stale_s = None if since is None else round((clock.now() - since).total_seconds())
    return json.dumps({"boot": BOOT, "version": following.board.version, "stale_s": stale_s})


def live_layer(request: Request) -> Response:
    """A layer by the digest of its content; if that one is gone, the newest, which is not to be kept.

    Cases are those of a place, and not everybody's; the colours of the grids are everybody's who may see a wall.
    """
    name, digest = request.path_params["name"], request.path_params["digest"]
    board, asked = follower.current().board, request.query_params
    node = board.tree.by_code.get(asked.get("place", "")) or board.tree.root
    who = session.of_request(request, Permission.READ_WALL)
    if node is None or who is None or (name == "cases" and not who.may(Permission.READ_WALL, node.path)):
        return Response(status_code=404)
    if (found := sources.built(name, digest)) and found.url == f"{request.url.path}?{request.url.query}":
        return _send(found, FOREVER)
    try:
        return _send(sources.live(board, name, Measure(asked.get("measure", Measure.OPEN)), node), "no-store")
    except (KeyError, ValueError):
        return Response(status_code=404)


def base_layer(request: Request) -> Response:
    """A part of the map that stays as it is."""
    try:
        source = sources.still(request.path_params["name"], follower.current().board)
    except KeyError:
        return Response(status_code=404)
    is_newest = source.url.startswith(f"/map/base/{request.path_params['digest']}/")
    return _send(source, FOREVER if is_newest else "no-store")


def font(request: Request) -> Response:
    """A font of ours; it needs no sign-in."""
    path = FONTS.get(request.path_params["name"])
    if path is None:
        return Response(status_code=404)
    return FileResponse(path, media_type="font/woff2", headers={"Cache-Control": "public, max-age=86400"})


def _send(source: Source, caching: str) -> Response:
    media_type = "image/svg+xml" if source.url.endswith(".svg") else "application/json"
    headers = {"Content-Encoding": "gzip", "Cache-Control": caching}
    return Response(source.body, media_type=media_type, headers=headers)


ROUTES = [
    *session_routes.ROUTES,
    *photo_routes.ROUTES,
    Route("/healthz", health),
    Route("/fonts/{name}", font),
    Route("/map/base/{digest}/{name}", for_viewers(base_layer, Permission.ADMINISTER)),
]
LIVE = [
    Route("/live/stream", for_viewers(stream)),
    Route("/live/layers/{name}/{digest}", for_viewers(live_layer)),
]


class LiveLane:
    """Answers what every wall asks for at every change, ahead of Streamlit's middleware, which has no part in it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app, self._live = app, Router(LIVE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer it, or pass the request on."""
        is_live = scope["type"] == "http" and scope["path"].startswith("/live/")
        await (self._live if is_live else self.app)(scope, receive, send)
