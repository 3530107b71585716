"""The routes of the session cookie: opened with a one-time code, asked for its state by an open page."""

from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core import clock, store
from core.accounts import sessions
from core.accounts.sessions import Opened
from pages.ui import session

LONGEST_CODE = 100


async def open_session(request: Request) -> Response:
    """Give the browser its cookie for a one-time code; only to a page of ours."""
    if not _is_ours(request):
        return Response(status_code=403)
    body = await _short_body(request)
    opened = await run_in_threadpool(_open, body, request.client.host if request.client else "")
    if opened is None:
        return Response(status_code=403)
    answer = Response(status_code=204, headers={"Cache-Control": "no-store"})
    answer.set_cookie(
        session.COOKIE,
        opened.token,
        max_age=int(opened.lasts.total_seconds()),
        path="/",
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return answer


def state(request: Request) -> Response:
    """Whether the session of this browser is still open; a page that lost its stream asks."""
    is_open = session.of_request(request, None) is not None
    return Response(status_code=204 if is_open else 401, headers={"Cache-Control": "no-store"})


def _is_ours(request: Request) -> bool:
    """Whether the request comes from a page of this very host: a missing Origin is none."""
    origin = urlsplit(request.headers.get("origin", ""))
    return bool(origin.netloc) and origin.netloc == request.headers.get("host") and origin.scheme == request.url.scheme


async def _short_body(request: Request) -> str:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_CODE:
            return ""
    return body.decode("ascii", errors="ignore")


def _open(code: str, origin: str) -> Opened | None:
    with store.current().writing() as db:
        return sessions.opened(db, code, origin, clock.real_now())


ROUTES = [
    Route("/session/open", open_session, methods=["POST"]),
    Route("/session/state", state),
]
