"""Phone numbers as offices write them into one cell: full-width digits, two at a time, with spaces and hyphens."""

import re
from typing import NamedTuple
from unicodedata import normalize

APART = re.compile(r"[、,;/|或]+")
MOBILE = re.compile(r"(?<!\d)1\d{10}(?!\d)")
LEAST_DIGITS = 7  # of a number of its own, where only a space stands between two


class Phones(NamedTuple):
    """The first mobile and the first other number, and what there was beyond these two."""

    mobile: str = ""
    other: str = ""
    more: tuple[str, ...] = ()


def read(*cells: str) -> Phones:
    """The numbers in some cells; without a landline a second mobile stands in its place."""
    numbers = [number for cell in cells for part in APART.split(normalize("NFKC", cell)) for number in _numbers(part)]
    unique = list(dict.fromkeys(numbers))
    mobile = next((number for number in unique if MOBILE.fullmatch(number)), "")
    others = sorted((number for number in unique if number != mobile), key=lambda one: bool(MOBILE.fullmatch(one)))
    return Phones(mobile, others[0] if others else "", tuple(others[1:]))


def _numbers(part: str) -> list[str]:
    """The numbers of one part: 138 0000 0000 is one, 6316 0001 is one, 13800000000 63160001 are two."""
    part = part.strip()
    compact = re.sub(r"[\s-]", "", part)
    if MOBILE.fullmatch(compact):
        return [compact]
    if mobiles := MOBILE.findall(part):
        return [*mobiles, *_numbers(MOBILE.sub(" ", part))]
    tokens = part.split()
    if len(tokens) > 1 and all(sum(map(str.isdigit, token)) >= LEAST_DIGITS for token in tokens):
        return tokens
    return [part] if part else []
