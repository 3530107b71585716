"""`python -m bench.letters FILE.csv` says how often the likeness of two texts offers a pair; `docs/intake.md` has it.

The file has one letter a line, with a title and a text; their columns may be named after the file.
"""

import csv
import sys
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

from core import rules
from core.intake import duplicates, wording
from core.intake.wording import Grams, Lexicon

TITLE, TEXT = "留言主题", "留言详情"
THRESHOLDS = (0.2, duplicates.ALIKE)
FIRST = 3


def letters(path: Path, title: str = TITLE, text: str = TEXT) -> list[tuple[str, str]]:
    """The titles and the texts of a file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [(row[title].strip(), row[text].strip()) for row in csv.DictReader(file)]


def measure(found: Sequence[tuple[str, str]]) -> dict[str, float]:
    """How many pairs of letters are offered, and how often a title alone finds its own text again."""
    current = rules.current()
    some = next(iter(current.categories))  # the likeness knows frequencies only, no categories
    lexicon = wording.learned(((some, f"{title} {text}") for title, text in found), current)
    whole = [wording.grams(f"{title} {text}") for title, text in found]
    alike = [lexicon.likeness(one, other) for one, other in combinations(whole, 2)]
    figures: dict[str, float] = {"letters": len(found), "pairs": len(alike)}
    figures |= {f"pairs_offered_at_{least}": sum(share >= least for share in alike) for least in THRESHOLDS}
    return figures | _titles(found, lexicon)


def _titles(found: Sequence[tuple[str, str]], lexicon: Lexicon) -> dict[str, float]:
    """Each title held against the texts of all letters."""
    texts = [wording.grams(text) for _, text in found]
    first = among = own = others = 0
    for number, (title, _) in enumerate(found):
        shares = _shares(wording.grams(title), texts, lexicon)
        better = sum(share > shares[number] for share in shares)
        first, among = first + (better == 0), among + (better < FIRST)
        is_own = shares[number] >= duplicates.ALIKE
        own, others = own + is_own, others + sum(share >= duplicates.ALIKE for share in shares) - is_own
    return {"title_first": first, "title_among_three": among, "title_own_offered": own, "title_others_offered": others}


def _shares(said: Grams, texts: Sequence[Grams], lexicon: Lexicon) -> list[float]:
    return [lexicon.likeness(said, text) for text in texts]


if __name__ == "__main__":
    for name, number in measure(letters(Path(sys.argv[1]), *sys.argv[2:4])).items():
        print(f"{name} = {number:g}")
