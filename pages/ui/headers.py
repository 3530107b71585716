"""Response headers that keep a page to this host."""

import hashlib
from base64 import b64encode

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# The one script we write into a page: it hands a one-time code to the session route and loads the address anew.
HANDOFF_SCRIPT = """
fetch("/session/open", {method: "POST", body: document.getElementById("handoff").dataset.code})
  .then((answer) => answer.ok ? location.reload() : Promise.reject())
  .catch(() => { const said = document.getElementById("handoff"); said.textContent = said.dataset.failed; });
"""


def hash_of(script: str) -> str:
    return f"'sha256-{b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


# blob: for Streamlit's components and deck.gl's images; the first hash is that of the one inline script in
# Streamlit's own index.html, the second that of ours; style-src is open because Streamlit writes its styles late.
POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self' blob: 'wasm-unsafe-eval' 'sha256-THxz9J9+wf7rhwR2YkXJoSZ13UCmYyC+3lNDv2+8ugA='"
        f" {hash_of(HANDOFF_SCRIPT)}",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self' data: blob:",
        "worker-src 'self' blob:",
        "frame-ancestors 'self'",
        "base-uri 'self'",
        "object-src 'none'",
        "form-action 'self'",
    ]
)


class SecurityHeaders:
    """Adds the headers to every HTTP response."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and add the headers when its response starts."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Security-Policy", POLICY)
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Referrer-Policy", "same-origin")
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)
