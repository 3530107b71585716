"""Prepares what the tests need beyond Python, or says how to mend it: a browser, a font, an office, a proxy."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

SYSTEM_CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DOWNLOAD_TIMEOUT_S = 300

MEND_CHROMIUM = (
    "The browser tests need Chromium and none here runs. Run `make test` once as root where apt can reach its "
    "packages, or install the package `chromium`, or run `.venv/bin/python -m playwright install --with-deps chromium`."
)
MEND_FONT = (
    "The browser tests need a Chinese font and fontconfig lists none. Run `make test` once as root where apt can reach "
    "its packages, or install the packages `fontconfig` and `fonts-noto-cjk`."
)

MEND_WRITER = (
    "The tests of documents need LibreOffice Writer and `soffice` is not there. Run `make test` once as root where apt "
    "can reach its packages, or install the package `libreoffice-writer-nogui` (elsewhere: LibreOffice)."
)

MEND_NGINX = (
    "The test of the proxy needs nginx and openssl and one of them is not there. Run `make test` once as root where "
    "apt can reach its packages, or install the packages `nginx` and `openssl`."
)


def chromium() -> str | None:
    """The path of the first Chromium that runs: the system's, else Playwright's own."""
    system = [path for name in SYSTEM_CHROMIUM if (path := shutil.which(name))]
    return next((path for path in (*system, _playwright_chromium()) if _runs(path, "--version")), None)


def has_chinese_font() -> bool:
    """Whether text in Chinese can be drawn; outside Linux the system brings such a font."""
    if sys.platform != "linux":
        return True
    if not shutil.which("fc-list"):
        return False
    return bool(subprocess.run(["fc-list", ":lang=zh-cn", "file"], capture_output=True, check=False).stdout.strip())


def has_proxy() -> bool:
    """Whether the configuration of docs/nginx.conf can be tried."""
    return bool(shutil.which("nginx") and shutil.which("openssl"))


def install_missing() -> None:
    """Install what is missing: by apt when root, then Playwright's own Chromium if there is still none."""
    packages = [] if chromium() else ["chromium"]
    if not has_chinese_font():
        packages += ["fontconfig", "fonts-noto-cjk"]
    if not shutil.which("soffice"):
        packages += ["libreoffice-writer-nogui"]
    if not has_proxy():
        packages += ["nginx", "openssl"]
    if packages and sys.platform == "linux" and os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing for the tests:", *packages, flush=True)
        _runs("apt-get", "update")
        _runs("apt-get", "install", "-y", "--no-install-recommends", *packages)
    if not chromium():
        print("Fetching Playwright's own Chromium for the tests", flush=True)
        _runs(sys.executable, "-m", "playwright", "install", "chromium")


def complaints() -> list[str]:
    """What is still missing, each as a sentence that says how to mend it."""
    needed = (
        (MEND_CHROMIUM, bool(chromium())),
        (MEND_FONT, has_chinese_font()),
        (MEND_WRITER, bool(shutil.which("soffice"))),
        (MEND_NGINX, has_proxy()),
    )
    return [sentence for sentence, met in needed if not met]


def _playwright_chromium() -> str:
    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def _runs(command: str, *arguments: str) -> bool:
    """Whether the command is there and ends well; its output is shown only when it does not."""
    if not Path(command).exists() and not shutil.which(command):
        return False
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            [command, *arguments], env=quiet, capture_output=True, text=True, timeout=DOWNLOAD_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        print(f"{command} {' '.join(arguments)}: no end after {DOWNLOAD_TIMEOUT_S} s", file=sys.stderr)
        return False
    if done.returncode:
        print(f"{command} {' '.join(arguments)}: {done.stderr.strip()[-2000:]}", file=sys.stderr)
    return done.returncode == 0


if __name__ == "__main__":
    install_missing()
    if found := complaints():
        sys.exit("\n".join(found))
