"""How the words of the domain are called on the screen, as message ids."""

from enum import StrEnum

from core.captions.cases import CASES
from core.captions.rooms import ROOMS

# By class first: equal values of two enumerations hash alike.
LABELS = CASES | ROOMS


def label(word: StrEnum) -> str:
    """The message id under which `word` is shown."""
    return LABELS[type(word)][word]
