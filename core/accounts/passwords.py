"""Passwords: what makes a good one, and Argon2id, at most two hashings at once."""

import secrets
import unicodedata
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from core.errors import Refused
from core.language import N_
from core.store import ROOT

SHORTEST, LONGEST = 12, 128
LEAST_OWN = 5  # characters that are left when the common words are taken out
LEAST_DIFFERENT = 5
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)  # Argon2id with OWASP's parameters
_hashing = BoundedSemaphore(2)  # each takes 19 MiB and a core: sign-ins queue before the wall slows down
_EASY_TO_READ = "abcdefghjkmnpqrstuvwxyz23456789"


def check(password: str, *, login: str, name: str) -> None:
    """Refuse a password that others would guess.

    Raises: Refused.
    """
    said = _same(password)
    if not SHORTEST <= len(said) <= LONGEST:
        raise Refused(N_("A password has {least} to {most} characters"), least=SHORTEST, most=LONGEST)
    own = said.casefold()
    if len(set(own)) < LEAST_DIFFERENT:
        raise Refused(N_("This password repeats too few characters"))
    for word in sorted((login.casefold(), name.casefold(), *_common()), key=len, reverse=True):
        own = own.replace(word, "") if word else own
    if len(own) < LEAST_OWN:
        raise Refused(N_("This password is too easy to guess: it is made of common words or of your name"))


def hashed(password: str, salt: bytes | None = None) -> str:
    """The Argon2id hash under which `password` is stored; a fixed salt is for the demo, whose rows repeat."""
    with _hashing:
        return _HASHER.hash(_same(password), salt=salt)


def matches(stored: str | None, password: str) -> bool:
    """Whether `password` is the one behind `stored`; where there is none it takes as long to say no."""
    with _hashing:
        try:
            right = _HASHER.verify(stored or _dummy(), _same(password)[: 2 * LONGEST])
        except (Argon2Error, InvalidHashError):
            return False
    return right and stored is not None


def temporary() -> str:
    """A password to be changed at the first sign-in: random, and easy to read out."""
    return "-".join("".join(secrets.choice(_EASY_TO_READ) for _ in range(4)) for _ in range(4))


def _same(password: str) -> str:
    """One spelling for what looks alike: full-width letters of an input method are the plain ones."""
    return unicodedata.normalize("NFKC", password)


@cache
def _dummy() -> str:
    return _HASHER.hash(secrets.token_hex())


@cache
def _common() -> frozenset[str]:
    lines = (ROOT / "data" / "passwords" / "common.txt").read_text("utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))
