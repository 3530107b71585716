"""Interface text: message ids are English, catalogues lie in `data/translations`."""

import gettext
import io
from collections.abc import Callable
from functools import cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

CATALOGUES = Path(__file__).parent.parent / "data" / "translations"
DEFAULT = "zh_CN"

Translate = Callable[[str], str]


def N_(message: str) -> str:  # noqa: N802 - the name that extractors of messages know
    """Mark `message` for the catalogue; it is translated where it is shown."""
    return message


@cache
def translator(language: str = DEFAULT) -> Translate:
    """The function that turns a message id into text of `language`; English is the ids themselves."""
    if language == "en":
        return gettext.NullTranslations().gettext
    with (CATALOGUES / language / "grid.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled).gettext
