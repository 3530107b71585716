"""One tamper-evident chain for whatever is appended and never edited: the events of a case, the rows of the audit."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """A stored row of a chain: its number from 1, its hash as it should be after the one before, and as it is."""

    ordinal: int
    rehash: Callable[[str], str]
    hash: str


@dataclass(frozen=True, slots=True)
class Head:
    """What is kept outside the rows, so that missing last rows show: how many there are, and the last hash."""

    count: int
    hash: str


@dataclass(frozen=True, slots=True)
class Breach:
    """Where a chain does not hold, and how: `missing` or `edited`."""

    ordinal: int
    kind: str


def link(previous: str, said: Sequence[object]) -> str:
    """The hash of an entry over what it says and the hash before it.

    Returns: 64 hexadecimal digits of SHA-256.
    """
    return hashlib.sha256((previous + json.dumps(list(said), ensure_ascii=False)).encode()).hexdigest()


def breaches(entries: Iterable[Entry], head: Head) -> Iterator[Breach]:
    """Every place where `entries`, in their order, are not the chain that `head` ends.

    After a gap the next entry is taken as it is: the hash it was built on is lost.
    """
    previous: str | None = ""
    expected = 1
    for entry in entries:
        if entry.ordinal != expected:
            yield from (Breach(gone, "missing") for gone in range(expected, entry.ordinal))
            previous = None
        if previous is not None and entry.rehash(previous) != entry.hash:
            yield Breach(entry.ordinal, "edited")
        previous, expected = entry.hash, entry.ordinal + 1
    yield from (Breach(gone, "missing") for gone in range(expected, head.count + 1))
    if expected > head.count + 1 or (expected == head.count + 1 and previous != head.hash):
        yield Breach(head.count, "edited")
