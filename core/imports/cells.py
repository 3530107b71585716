"""Cells of a foreign file as values: a cell that cannot be one makes its row unfit."""

import math
import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from core.imports.reading import Row

MOST_TEXT = 4_000
MOST_COUNT = 1_000_000
# Control characters, halves of surrogate pairs, and the marks that turn the direction of what follows: none is text.
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


class Unfit(Exception):  # noqa: N818 - an answer about a row, not an error
    """Why a row cannot be taken."""


def line(row: Row, column: str | None, most: int) -> str:
    """A cell as one line of text without control characters; a formula stays the text it is.

    Raises: Unfit, when it has more than `most` characters.
    """
    cell = _clean(row, column)
    return _short(" ".join(cell.split()), column, most) if cell else ""


def text(row: Row, column: str | None) -> str:
    """A cell as text of several lines without control characters.

    Raises: Unfit, when it is too long.
    """
    return _short(_clean(row, column).strip(), column, MOST_TEXT)


def number(row: Row, column: str | None) -> float | None:
    """A cell as a number; None when it is blank.

    Raises: Unfit.
    """
    written = line(row, column, MOST_TEXT)
    try:
        value = float(written) if written else None
    except ValueError:
        value = math.nan
    if value is not None and not math.isfinite(value):
        raise Unfit(f"{column}: {_quoted(written)} is no number")
    return value


def count(row: Row, column: str | None) -> int | None:
    """A cell as a count; None when it is blank.

    Raises: Unfit.
    """
    value = number(row, column)
    if value is not None and not (value.is_integer() and 0 <= value <= MOST_COUNT):
        raise Unfit(f"{column}: {value:g} is no count")
    return None if value is None else int(value)


def moment(row: Row, column: str | None, formats: Iterable[str], zone: ZoneInfo) -> datetime | None:
    """A cell as a moment, by the first of `formats` that fits; None when it is blank.

    Units: aware UTC.
    Raises: Unfit.
    """
    written = line(row, column, MOST_TEXT)
    if not written:
        return None
    for form in formats:
        try:
            found = datetime.strptime(written, form)  # noqa: DTZ007 - the zone is the mapping's
            return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
        except (ValueError, OverflowError):
            continue
    raise Unfit(f"bad date in {column}: {_quoted(written)}")


def _clean(row: Row, column: str | None) -> str:
    cell = row.cells.get(column, "") if column else ""
    if not cell or (cell.isascii() and cell.isprintable()):
        return cell
    return unicodedata.normalize("NFC", _NOT_TEXT.sub("", cell))


def _short(value: str, column: str | None, most: int) -> str:
    if len(value) > most:
        raise Unfit(f"{column} has {len(value)} characters, more than {most}")
    return value


def _quoted(written: str) -> str:
    return repr(written if len(written) <= 40 else written[:40] + "…")
