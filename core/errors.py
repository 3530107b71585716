"""Refusals in the user's words, and mistakes in files."""

from enum import StrEnum
from pathlib import Path

from core.captions import label
from core.language import Translate


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not an error
    """The rules do not allow what was asked; `reason` is a message id and `values` fill it."""

    def __init__(self, reason: str, **values: object) -> None:
        self.reason = reason
        self.values = values
        super().__init__(self.said(str))

    def said(self, translate: Translate) -> str:
        """The refusal in the asker's language; words of the domain among the values are translated too."""
        values = {key: translate(label(v)) if isinstance(v, StrEnum) else v for key, v in self.values.items()}
        return translate(self.reason).format(**values)


class NotFound(Refused):
    """The thing does not exist, or may not be seen: the answer is the same."""


class BadFile(Exception):  # noqa: N818
    """A file is wrong at a line; the message names both."""

    def __init__(self, path: Path, line: int | None, what: str) -> None:
        super().__init__(f"{path}:{line}: {what}" if line else f"{path}: {what}")
        self.path, self.line, self.what = path, line, what
