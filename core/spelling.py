"""How a Chinese name is typed in a hurry: in characters, in pinyin, or by its initials."""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from pypinyin import Style, lazy_pinyin

WHOLE, BEGINS, WITHIN, SCATTERED = range(4)  # how well a word fits, the best first


@dataclass(frozen=True, slots=True)
class Spelling:
    """A name in the three ways in which it is typed."""

    characters: str
    pinyin: str  # without tones: huangheshequ
    initials: str  # hhsq


def folded(text: str) -> str:
    """`text` as typed, without differences of width, case and spaces."""
    return "".join(unicodedata.normalize("NFKC", text).lower().split())


@lru_cache(maxsize=65_536)
def spelling(name: str) -> Spelling:
    """How `name` is typed."""
    plain = folded(name)
    return Spelling(plain, "".join(lazy_pinyin(plain)), "".join(lazy_pinyin(plain, style=Style.FIRST_LETTER)))


def fit(word: str, name: str) -> int | None:
    """How well a typed `word`, folded, names `name`: WHOLE to SCATTERED, the smaller the better; None if not at all.

    Initials may leave characters out, in order: hh3 is 黄河社区3网格.
    """
    known = spelling(name)
    ways = (known.characters, known.initials, known.pinyin)
    if word in ways:
        return WHOLE
    if any(way.startswith(word) for way in ways):
        return BEGINS
    if any(word in way for way in ways[:2]):
        return WITHIN
    return SCATTERED if _is_scattered(word, known.initials) or _is_scattered(word, known.characters) else None


def _is_scattered(word: str, text: str) -> bool:
    """Whether the letters of `word` stand in `text` in their order, from its first one on."""
    if not text.startswith(word[:1]):
        return False
    rest = iter(text)
    return all(letter in rest for letter in word)
