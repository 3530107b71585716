"""The Chinese catalogue says everything the code says, and nothing more."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from core.captions import LABELS
from core.language import CATALOGUES, DEFAULT, translator

ROOT = CATALOGUES.parent.parent
SHOWN = ("app.py", "core/", "pages/")
# `N_` marks a text for later; `translate` is the name of the function where `_` would be taken for a throw-away.
KEYWORDS = DEFAULT_KEYWORDS | {"N_": None, "translate": None}


def extracted() -> Iterator[tuple[str, str]]:
    """Every message id of the code with the file it stands in."""
    with (CATALOGUES / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    for path, _line, message, _notes, _context in extract_from_dir(ROOT, methods, options, KEYWORDS):
        if Path(path).as_posix().startswith(SHOWN):
            yield (message if isinstance(message, str) else message[0]), path


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    """The Chinese catalogue as it lies in the repository."""
    with (CATALOGUES / DEFAULT / "grid.po").open("rb") as file:
        return read_po(file, locale=DEFAULT, abort_invalid=True)


def test_every_text_of_the_code_is_in_the_catalogue(catalogue: Catalog) -> None:
    missing = sorted({f"{path}: {message}" for message, path in extracted() if message not in catalogue})
    assert not missing, "add these to grid.po:\n" + "\n".join(missing)


def test_the_catalogue_has_nothing_that_the_code_no_longer_says(catalogue: Catalog) -> None:
    said = {message for message, _path in extracted()}
    obsolete = sorted(str(message.id) for message in catalogue if message.id and message.id not in said)
    assert not obsolete, "take these out of grid.po:\n" + "\n".join(obsolete)


def test_every_text_is_translated_and_keeps_its_placeholders(catalogue: Catalog) -> None:
    for message in catalogue:
        if message.id:
            assert message.string, message.id
            assert not message.fuzzy, message.id
            assert placeholders(str(message.string)) == placeholders(str(message.id)), message.id


def placeholders(text: str) -> list[str]:
    """What a text leaves open, in the order of the alphabet."""
    return sorted(re.findall(r"\{\w*\}|%\(\w+\)s", text))


def test_every_word_of_the_domain_has_a_chinese_label() -> None:
    chinese = translator(DEFAULT)
    labels = {word: label for words in LABELS.values() for word, label in words.items()}
    assert [word for word, label in labels.items() if not re.search(r"[\u4e00-\u9fff]", chinese(label))] == []


def test_english_is_the_message_ids_themselves() -> None:
    assert translator("en")("Overdue") == "Overdue"
