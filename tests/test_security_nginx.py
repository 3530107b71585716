"""The nginx configuration of docs/nginx.conf, in force before the application."""

import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from sqlmodel import select
from websockets.sync.client import connect
from websockets.typing import Origin

from core import clock
from core.accounts import sessions
from core.accounts.tables import AuthSession
from core.store import ROOT, Store
from pages.ui.session import COOKIE
from tests.accounts import enrol
from tests.browser import PATIENCE_S, free_port, serving, until
from tests.cast import WHO, fill
from tests.prepare import MEND_NGINX, has_proxy

CONFIGURATION = (ROOT / "docs" / "nginx.conf").read_text("utf-8")


def test_the_configuration_says_what_the_application_relies_on() -> None:
    for directive in (
        "proxy_set_header Host              $http_host;",
        "proxy_set_header X-Forwarded-For   $remote_addr;",
        "proxy_set_header X-Forwarded-Proto https;",
        "proxy_buffering off;",
        "Strict-Transport-Security",
        "ssl_protocols TLSv1.2 TLSv1.3;",
    ):
        assert directive in CONFIGURATION
    assert "$proxy_add_x_forwarded_for" not in CONFIGURATION  # it would pass on what the asker claims


@contextmanager
def proxied(folder: Path, port: int) -> Iterator[str]:
    """The configuration in force before the application at `port`, with a certificate of its own."""
    tls, plain = free_port(), free_port()
    subprocess.run(
        [
            *(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                "2",
            ),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
            *("-keyout", str(folder / "grid.key"), "-out", str(folder / "grid.crt")),
        ],
        check=True,
        capture_output=True,
    )
    ours = CONFIGURATION.replace("/etc/nginx/tls", str(folder)).replace("grid.example", "localhost")
    ours = ours.replace("127.0.0.1:8501", f"127.0.0.1:{port}")
    ours = re.sub(r"listen 443", f"listen 127.0.0.1:{tls}", re.sub(r"listen 80;", f"listen 127.0.0.1:{plain};", ours))
    main = f"pid {folder}/pid; error_log {folder}/error.log; events {{}} http {{ access_log off; {ours} }}"
    (folder / "nginx.conf").write_text(main)
    command = ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", "daemon off;"]
    process = subprocess.Popen(command)
    try:
        until(lambda: (folder / "pid").exists() and _listens(tls), "nginx listens")
        yield f"https://localhost:{tls}"
    finally:
        process.terminate()
        process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.xdist_group("browser")
def test_behind_it_the_cookie_is_secure_the_stream_flows_and_the_address_is_the_proxys_own_view(
    migrated_sqlite: Path, tmp_path: Path
) -> None:
    assert has_proxy(), MEND_NGINX
    path = Path(shutil.copy(migrated_sqlite, tmp_path / "store.db"))
    store = Store(f"sqlite:///{path}")
    with store.writing() as db:
        fill(db)
    enrol(store)
    with serving(store.url) as server, proxied(tmp_path, server.port) as url:
        trusted = ssl.create_default_context(cafile=str(tmp_path / "grid.crt"))
        with store.writing() as db:
            code = sessions.handoff(db, WHO["officer"].user_id, clock.real_now())
        claim = {"Origin": url, "X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "http"}
        opened = httpx.post(f"{url}/session/open", content=code, headers=claim, verify=trusted, timeout=PATIENCE_S)
        assert opened.status_code == 204
        assert "; Secure" in opened.headers["set-cookie"]
        assert "max-age=31536000" in opened.headers["strict-transport-security"]
        token = opened.cookies[COOKIE]
        with store.reading() as db:
            row = db.exec(select(AuthSession).where(AuthSession.digest == sessions.digest(token))).one()
        assert row.origin == "127.0.0.1"  # not what the asker claimed
        cookies = {COOKIE: token}
        with httpx.stream("GET", f"{url}/live/stream", cookies=cookies, verify=trusted, timeout=PATIENCE_S) as stream:
            assert next(stream.iter_text())
        assert httpx.get(f"{url}/live/stream", verify=trusted, timeout=PATIENCE_S).status_code == 401
        socket_url = f"wss{url.removeprefix('https')}/_stcore/stream"
        with connect(socket_url, ssl=trusted, origin=Origin(url), open_timeout=PATIENCE_S) as live:
            assert live.response is not None
            assert live.response.status_code == 101
    store.close()
