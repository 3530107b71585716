"""How much fits on a dense sheet: what is too long is cut, and said to be cut, so that one page stays one page."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from core.documents import layout

LINES = 45  # of a sheet below its title, as LibreOffice sets it, with room for the borders of tables
MOST_OF_CELL = 3  # lines
CELL_SIDES_PT = 10.8  # what Word leaves left and right of the text of a cell
LATIN = 0.52  # of a Chinese character, on the safe side
WORDS = re.compile(r"[!-~]+|.")
Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A table of a sheet; where it must be cut, the first rows stay, or of a history the last ones."""

    title: str
    head: Row
    widths: tuple[float, ...]
    rows: tuple[Row, ...]
    is_history: bool = False


def dealt(parts: Sequence[Part], lines: int) -> list[tuple[Part, list[Row]]]:
    """The rows of each part that fit on so many lines: one from each in turn, until the sheet is full."""
    lines -= 1 + 3 * len(parts)  # the last line; of each part its heading, its head, and how much more there is
    waiting = [[*(reversed(part.rows) if part.is_history else part.rows)] for part in parts]
    kept: list[list[Row]] = [[] for _part in parts]
    while any(waiting):
        for part, rows, chosen in zip(parts, waiting, kept, strict=True):
            (row,) = cut(rows[:1], part.widths, MOST_OF_CELL) if rows else (None,)
            if row and (taken := height([row], part.widths)) <= lines:
                lines -= taken
                chosen.append(row)
                del rows[0]
            else:
                rows.clear()
    return [(part, rows[::-1] if part.is_history else rows) for part, rows in zip(parts, kept, strict=True)]


def cut(rows: Sequence[Row], widths: Sequence[float], most: int) -> list[Row]:
    """The rows, no cell higher than `most` lines."""
    return [
        tuple(_fitted(text, _characters(width, widths), most) for text, width in zip(row, widths, strict=True))
        for row in rows
    ]


def height(rows: Sequence[Row], widths: Sequence[float]) -> int:
    """How many lines rows take: as many as their highest cells."""
    return sum(
        max(_lines(text, _characters(width, widths)) for text, width in zip(row, widths, strict=True)) for row in rows
    )


def titled(text: str) -> str:
    """A title that stays on its line."""
    return _fitted(text, _width_pt() // layout.DENSE_TITLE.size_pt, 1)


def _fitted(text: str, room: float, most: int) -> str:
    line = " ".join(text.split())[: int(most * room / LATIN)]
    if _lines(line, room) <= most and line == " ".join(text.split()):
        return line
    while _lines(f"{line}…", room) > most:
        line = line[:-1]
    return f"{line}…"


def _lines(text: str, room: float) -> int:
    """How many lines a text takes where so many characters fit on one; a word or a number is not broken."""
    if _wide(text) <= room:
        return 1
    room -= 1  # what may go on to the next line, for a mark that must not begin it
    lines, left = 1, room
    for word in WORDS.findall(text):
        width = _wide(word)
        if width > left:
            lines, left = lines + 1, room
        lines, left = lines + int(width // room), left - width % room
    return lines


def _characters(width: float, widths: Sequence[float]) -> float:
    """How many characters fit on a line of a cell."""
    own = _width_pt() * width / sum(widths) - CELL_SIDES_PT
    return own / (layout.DENSE_CELL.size_pt + layout.SPACING_PT)


def _width_pt() -> float:
    _top, _bottom, left, right = layout.DENSE_MM
    return (layout.PAGE_MM[0] - left - right) / 25.4 * 72


def _wide(text: str) -> float:
    """The width of a line in Chinese characters."""
    return sum(1 if unicodedata.east_asian_width(letter) in "WFA" else LATIN for letter in text)
