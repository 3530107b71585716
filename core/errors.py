"""Refusals in the user's words, and mistakes in files."""

from pathlib import Path


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not an error
    """The rules do not allow what was asked; `reason` is a message id and `values` fill it."""

    def __init__(self, reason: str, **values: object) -> None:
        super().__init__(reason.format(**values))
        self.reason = reason
        self.values = values


class NotFound(Refused):
    """The thing does not exist, or may not be seen: the answer is the same."""


class BadFile(Exception):  # noqa: N818
    """A file is wrong at a line; the message names both."""

    def __init__(self, path: Path, line: int | None, what: str) -> None:
        super().__init__(f"{path}:{line}: {what}" if line else f"{path}: {what}")
        self.path, self.line, self.what = path, line, what
