"""What Streamlit answers without asking who is there, closed to everybody without a session."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from core.words import Permission
from pages.ui import session

# path → the right it needs; None: any open session
CLOSED: dict[str, Permission | None] = {
    "/_stcore/metrics": Permission.ADMINISTER,
    "/_stcore/upload_file": None,
    "/media": None,
}


class Gate:
    """Answers 401 for what is closed."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on if its path is open or its asker may."""
        found = _closed_by(scope["path"]) if scope["type"] == "http" else None
        if found and await run_in_threadpool(session.of_request, HTTPConnection(scope), CLOSED[found]) is None:
            await Response(status_code=401)(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def _closed_by(path: str) -> str | None:
    return next((prefix for prefix in CLOSED if path == prefix or path.startswith(f"{prefix}/")), None)
