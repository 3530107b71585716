"""The table that offices keep of their liaisons: read from Excel with care, and written in the same shape."""

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.utils.exceptions import InvalidFileException

from core.errors import Refused
from core.language import N_
from core.spreadsheet import FORMULA, safe_cell

MOST_BYTES, MOST_UNPACKED, MOST_PARTS = 2_000_000, 20_000_000, 200
MOST_ROWS, MOST_COLUMNS, MOST_CELL = 5_000, 40, 400
MOST_TITLE = 10  # lines above the heads
MAGIC = b"PK\x03\x04"
MERGED = re.compile(rb'<(?:\w+:)?mergeCell [^>]*?ref="([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})"')

# How offices head their columns; the first is how we do.
HEADS: dict[str, tuple[str, ...]] = {
    "sector": ("方面", "行业", "服务行业"),
    "unit": ("单位", "部门", "责任单位", "单位名称"),
    "name": ("姓名", "联络员", "联系人"),
    "role": ("职务", "岗位"),
    "duty_phone": ("值班电话", "办公电话", "座机"),
    "mobile": ("手机", "手机号", "手机号码", "电话", "联系电话"),
    "places": ("负责区域", "区域", "负责范围", "包联网格", "网格", "负责网格"),
    "hours": ("时段", "值守时段"),
}
NEEDED = ("unit", "name", "places")
WIDTHS = (12, 20, 12, 12, 16, 16, 40, 10)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table: its number in the sheet, and its cells as text by our names."""

    number: int
    cells: dict[str, str]


def read(content: bytes) -> list[Line]:
    """The filled lines below the head of the first sheet.

    Raises: Refused, when it is no such file, too large, or lacks a column that is needed.
    """
    _check(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        rows = [
            [_text(value) for value in row]
            for row in sheet.iter_rows(max_row=MOST_ROWS + MOST_TITLE + 1, max_col=MOST_COLUMNS, values_only=True)
        ]
        _fill(rows, _merged(sheet))
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError, IndexError, SyntaxError) as error:
        raise Refused(N_("This is no Excel workbook that can be read (.xlsx)")) from error
    return _lines(rows)


def written(rows: Iterable[Sequence[object]]) -> bytes:
    """The table as an Excel file, with our heads; nothing in it is a formula."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "联络员"
    sheet.append([names[0] for names in HEADS.values()])
    for row in rows:
        sheet.append([safe_cell(cell) for cell in row])
    for cell in sheet[1]:
        cell.font, cell.alignment = Font(bold=True), Alignment(vertical="center")
    for number, width in enumerate(WIDTHS, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _check(content: bytes) -> None:
    """Refuse what is too large, or unpacks to too much, before anything reads it."""
    if len(content) > MOST_BYTES:
        raise Refused(N_("The file has more than {most} MB"), most=MOST_BYTES // 1_000_000)
    if not content.startswith(MAGIC):
        raise Refused(N_("This is no Excel workbook that can be read (.xlsx)"))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            found = parts.infolist()
    except zipfile.BadZipFile as error:
        raise Refused(N_("This is no Excel workbook that can be read (.xlsx)")) from error
    if len(found) > MOST_PARTS or sum(part.file_size for part in found) > MOST_UNPACKED:
        raise Refused(N_("The file unpacks to more than {most} MB"), most=MOST_UNPACKED // 1_000_000)


def _merged(sheet: Any) -> list[tuple[int, int, int]]:
    """Column, first and last row of cells merged downwards; a read-only sheet does not tell them itself."""
    with sheet._get_source() as source:
        found = [range_boundaries(ref.decode()) for ref in MERGED.findall(source.read())[:MOST_ROWS]]
    whole = [(left or 0, top or 0, right or 0, bottom or 0) for left, top, right, bottom in found]
    return [(left, top, bottom) for left, top, right, bottom in whole if left == right <= MOST_COLUMNS]


def _fill(rows: list[list[str]], merged: Iterable[tuple[int, int, int]]) -> None:
    """What stands in the first of merged cells holds for each of them: a unit is often written once for its people."""
    for column, top, bottom in merged:
        for row in rows[top:bottom] if column <= len(rows[0]) else ():
            row[column - 1] = rows[top - 1][column - 1]


def _lines(rows: list[list[str]]) -> list[Line]:
    start, columns = next(((n, found) for n, row in enumerate(rows[:MOST_TITLE]) if (found := _columns(row))), (0, {}))
    if not columns:
        raise Refused(N_("No line heads the columns unit, name and places (单位、姓名、负责区域)"))
    body = [(number, row) for number, row in enumerate(rows[start + 1 :], start + 2) if any(row)]
    if len(body) > MOST_ROWS:
        raise Refused(N_("The table has more than {most} lines"), most=MOST_ROWS)
    return [Line(number, {name: row[at] for name, at in columns.items() if at < len(row)}) for number, row in body]


def _columns(row: list[str]) -> dict[str, int]:
    """Where each of our columns stands, if this line heads a table."""
    found = {name: row.index(head) for name, heads in HEADS.items() for head in reversed(heads) if head in row}
    return found if all(name in found for name in NEEDED) else {}


def _text(value: object) -> str:
    if value is None:
        return ""
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    text = " ".join(text.split())[:MOST_CELL]
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA) else text  # as `written` wrote it
