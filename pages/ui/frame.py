"""What the light pages share: their style sheets, and how days and moments are written."""

from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path

from core import clock
from core.language import Translate
from pages.ui.style import LIGHT

TEMPLATES = Path(__file__).parent / "templates"
COLOURS = {name: colour for name, colour in asdict(LIGHT).items() if isinstance(colour, str)}


def style(name: str) -> str:
    """A style sheet of ours with the colours of light pages, for `st.html`."""
    colours = "".join(f"--{token.replace('_', '-')}:{colour};" for token, colour in COLOURS.items())
    return f"<style>:root{{{colours}}}\n{(TEMPLATES / f'{name}.css').read_text('utf-8')}</style>"


def span(first: date, last: date | None, translate: Translate) -> str:
    """From a day to a day, or until further notice."""
    end = f"{last:%Y-%m-%d}" if last else translate("until further notice")
    return f"{first:%Y-%m-%d} — {end}"


def moment(at: datetime) -> str:
    """A moment on the street's own clock, wherever the browser is."""
    return f"{clock.local(at):%Y-%m-%d %H:%M:%S}"
