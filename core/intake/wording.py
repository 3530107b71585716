"""What a report says, in pairs of characters: which are rare, how alike two texts are, which category they mean."""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session, col, select

from core.cases.tables import Case
from core.rules import Rules
from core.words import Stage

READ = 4_000  # of the newest closed cases
OWN_NAME = 3  # the name of a category counts as so many cases
DOUBT = 5  # cases that a category would need to be believed half
SELDOM = 3  # a pair that stands in fewer reports is a name rather than a word
OFFERED, NAMED = 3, 3  # categories, and words that speak for each

Grams = frozenset[str]


def grams(text: str) -> Grams:
    """The pairs of neighbouring characters of a text, without marks and spaces."""
    plain = re.sub(r"\W+", "", unicodedata.normalize("NFKC", text).lower())
    return frozenset(plain[at : at + 2] for at in range(len(plain) - 1))


@dataclass(frozen=True, slots=True)
class Guess:
    """A category that the words speak for, and which of them do."""

    category: str
    because: tuple[str, ...]


@dataclass(frozen=True)
class Lexicon:
    """How often pairs of characters stand in the reports of a street, and in those of each category."""

    count: int  # of reports
    frequency: Mapping[str, int]  # reports by pair
    categories: tuple[str, ...]
    column: Mapping[str, int]  # by pair, of `evidence`
    evidence: NDArray[np.float64]  # category × pair: how much more likely the pair is there than elsewhere

    def weight(self, pairs: Iterable[str]) -> float:
        """What pairs tell: the rarer, the more."""
        return sum(math.log((self.count + 1) / (self.frequency.get(pair, 0) + 0.5)) for pair in pairs)

    def likeness(self, one: Grams, other: Grams) -> float:
        """How much of the shorter text stands in the longer one, 0 to 1, common words counting little."""
        least = min(self.weight(one), self.weight(other))
        return max(0.0, self.weight(one & other)) / least if least > 0 else 0.0

    def guesses(self, text: str) -> list[Guess]:
        """The likeliest categories of a text, the best first; none when its words speak for none."""
        pairs = sorted(pair for pair in grams(text) if pair in self.column)
        if not pairs:
            return []
        found = self.evidence[:, [self.column[pair] for pair in pairs]]
        best = np.argsort(-found.sum(axis=1), kind="stable")[:OFFERED]
        return [
            Guess(self.categories[row], _words(text, {pairs[at]: found[row, at] for at in np.argsort(-found[row])}))
            for row in best
            if found[row].max() > 0
        ]


def _words(text: str, evidence: Mapping[str, float]) -> tuple[str, ...]:
    """The strongest pairs, neighbours joined to the word they stand in, in the order of the text."""
    strong = [pair for pair, weight in list(evidence.items())[: 2 * NAMED] if weight > 0]
    plain = re.sub(r"\W+", " ", unicodedata.normalize("NFKC", text).lower())
    held = [any(plain[at - 1 : at + 1] == p or plain[at : at + 2] == p for p in strong) for at in range(len(plain))]
    runs = groupby(range(len(plain)), key=held.__getitem__)
    found = ("".join(plain[at] for at in run).strip() for is_held, run in runs if is_held)
    return tuple(dict.fromkeys(word for word in found if word))[:NAMED]


def lexicon(db: Session, rules: Rules) -> Lexicon:
    """What is learned from the newest closed cases, and from the names of the categories."""
    rows = db.execute(
        select(Case.category, Case.title, Case.text, Case.address)
        .where(Case.stage == Stage.CLOSED)
        .order_by(col(Case.reported_at).desc())
        .limit(READ)
    )
    # where something happened says nothing of what it was
    told = (
        (category, f"{title} {text.replace(address, ' ') if address else text}")
        for category, title, text, address in rows
    )
    return learned(told, rules)


def learned(said: Iterable[tuple[str, str]], rules: Rules) -> Lexicon:
    """A lexicon from categories and texts."""
    categories = tuple(rules.categories)
    row = {code: number for number, code in enumerate(categories)}
    texts = [(row[code], grams(text)) for code, text in said if code in row]
    texts += [(row[code], grams(known.name)) for code, known in rules.categories.items()] * OWN_NAME
    frequency = Counter(pair for _, pairs in texts for pair in pairs)
    column = {pair: number for number, pair in enumerate(sorted(p for p, held in frequency.items() if held >= SELDOM))}
    counts = np.zeros((len(categories), len(column)))
    sizes = np.zeros((len(categories), 1))
    for number, pairs in texts:
        counts[number, [column[pair] for pair in pairs if pair in column]] += 1
        sizes[number] += 1
    usual = counts.sum(axis=0) / max(1, len(texts))
    inside = (counts + DOUBT * usual) / (sizes + DOUBT)  # of a category seldom seen little is believed
    evidence = np.maximum(np.log(inside / usual), 0.0)  # what is not said counts for nothing: some tell long stories
    return Lexicon(len(texts), frequency, categories, column, evidence)
