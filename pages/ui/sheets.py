"""Our templates: HTML escapes what it is given, style sheets take their colours from the table of looks."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from core.language import translator
from pages.ui import style

TEMPLATES = Path(__file__).parent / "templates"


def environment(language: str) -> Environment:
    """A fresh environment of our templates that speaks `language`."""
    _ = translator(language)
    found = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(("html",)),
        extensions=["jinja2.ext.i18n"],
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    messages: Any = found  # the extension adds its methods at run time
    messages.install_gettext_callables(_, lambda one, many, count: _(one if count == 1 else many), newstyle=True)
    return found


def icons(inks: Mapping[str, str], usual: str) -> list[tuple[style.ClockLook, str]]:
    """The icon of every state of a clock as an address, in the ink of its key or the usual one."""
    looks = [*style.CLOCK.values(), style.NO_CLOCK]
    return [(look, style.svg_uri(look.icon, (16, 16), inks.get(look.key, usual))) for look in looks]
