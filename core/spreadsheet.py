"""Tables for spreadsheet programs: what somebody typed must not become a formula there."""

import csv
import io
from collections.abc import Iterable, Sequence

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def safe_cell(value: object) -> str:
    """`value` as text that no spreadsheet program reads as a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" \u3000").startswith(FORMULA) or text.startswith(FORMULA) else text


def csv_file(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A CSV file in UTF-8 with a byte order mark, which spreadsheet programs need for Chinese."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerows([safe_cell(cell) for cell in row] for row in (header, *rows))
    return out.getvalue().encode("utf-8-sig")
