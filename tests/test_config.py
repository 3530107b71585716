"""The values of .streamlit/config.toml that keep pages fast, closed, and silent towards other hosts."""

import tomllib
from typing import Any

import pytest
from streamlit import config

from core.store import ROOT

WANTED: dict[str, Any] = {
    "server.address": "127.0.0.1",
    "server.headless": True,
    "server.fileWatcherType": "none",
    "server.enableStaticServing": False,
    "server.enableAgentApi": False,
    "server.enableCORS": True,
    "server.enableXsrfProtection": True,
    "server.enableWebsocketCompression": True,
    "server.maxUploadSize": 20,
    "browser.gatherUsageStats": False,
    "client.showErrorDetails": "none",
    "client.showSidebarNavigation": False,
    "runner.postScriptGC": False,
    "global.minCachedMessageSize": 1000,
}


@pytest.fixture(scope="module")
def written() -> dict[str, Any]:
    """Every option of the file by its dotted name."""
    tables = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    return {f"{section}.{name}": value for section, options in tables.items() for name, value in options.items()}


@pytest.mark.parametrize(("option", "value"), WANTED.items())
def test_the_server_is_closed_and_quiet(written: dict[str, Any], option: str, value: object) -> None:
    assert written[option] == value


def test_streamlit_knows_every_option_of_the_file(written: dict[str, Any]) -> None:
    known = {option.key for option in config._config_options_template.values()}
    assert {option for option in written if not option.startswith("theme.")} <= known


def test_no_secret_lies_in_the_repository() -> None:
    assert not (ROOT / ".streamlit" / "secrets.toml").exists()
