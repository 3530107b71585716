"""The rules of meetings as data: kinds, and what brings a case onto an agenda; `data/rules/meetings.toml`."""

from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from core.errors import BadFile
from core.meeting_words import Cause, Rhythm
from core.promises import Code, Row
from core.rules import RULES, line_of, parsed
from core.words import Level

FILE = "meetings.toml"
Minutes = Annotated[int, Field(ge=1, le=480)]
Points = Annotated[float, Field(ge=0, le=1000)]


class Kind(Row):
    """A kind of meeting: of which places, how often, how long, and which kind lies above it."""

    code: Code
    name: str
    level: Literal[Level.STREET, Level.COMMUNITY, Level.GRID]
    rhythm: Rhythm
    minutes: Minutes
    item_minutes: Minutes
    least: Points
    next: Code | None = None


class Reason(Row):
    """What one cause is worth, and from when on it cannot be passed over."""

    cause: Cause
    since: float = Field(alias="from", ge=0)
    points: Points
    most: Points
    must: float | None = Field(default=None, gt=0)
    asks: str = Field(default="", max_length=100)  # what the meeting is asked first, until the secretary says otherwise

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.must is not None and self.must < self.since:
            raise ValueError("must lies below from")
        return self

    def worth(self, amount: float) -> float:
        """The points of an amount."""
        return min(self.most, self.points * amount)

    def is_must(self, amount: float) -> bool:
        """Whether an amount cannot be passed over."""
        return self.must is not None and amount >= self.must


class _File(Row):
    promote_after: int = Field(ge=1, le=9)
    review_minutes: Minutes
    most_minutes: int = Field(ge=1, le=10)
    minutes_per_case: int = Field(ge=0, le=10)
    cases_per_item: int = Field(ge=1, le=50)
    notice_days: int = Field(ge=0, le=30)
    tell_again: int = Field(ge=0, le=500)
    kind: list[Kind] = Field(min_length=1)
    reason: list[Reason] = Field(min_length=1)


class MeetingRules(BaseModel):
    """All rules of meetings."""

    model_config = ConfigDict(frozen=True)

    promote_after: int
    review_minutes: int
    most_minutes: int
    minutes_per_case: int
    cases_per_item: int
    notice_days: int
    tell_again: int
    kinds: dict[str, Kind]
    reasons: dict[Cause, Reason]

    def item_minutes(self, kind: Kind, cases: int) -> int:
        """How long an item with so many cases takes."""
        return min(self.most_minutes, kind.item_minutes + self.minutes_per_case * (cases - 1))


@cache
def current() -> MeetingRules:
    """The rules of meetings in force in this process."""
    return load(RULES)


def load(folder: Path) -> MeetingRules:
    """Read and check the rules of meetings in `folder`.

    Raises: BadFile, naming the file and the line, when a rule is wrong or refers to nothing.
    """
    path = folder / FILE
    file = parsed(path, _File)
    kinds = {kind.code: kind for kind in file.kind}
    for index, kind in enumerate(file.kind):
        if kinds[kind.code] is not kind:
            raise _wrong(path, ("kind", index, "code"), f"code {kind.code!r} is used twice")
        if kind.next is not None and kind.next not in kinds:
            raise _wrong(path, ("kind", index, "next"), f"kind {kind.next!r} is not defined")
    reasons = {reason.cause: reason for reason in file.reason}
    for index, reason in enumerate(file.reason):
        if reasons[reason.cause] is not reason:
            raise _wrong(path, ("reason", index, "cause"), f"cause {reason.cause!r} is used twice")
    if missing := [cause for cause in Cause if cause not in reasons]:
        raise BadFile(path, None, f"no reason says what {', '.join(missing)} is worth")
    numbers = file.model_dump(exclude={"kind", "reason"})
    return MeetingRules(kinds=kinds, reasons=reasons, **numbers)


def _wrong(path: Path, loc: tuple[int | str, ...], what: str) -> BadFile:
    return BadFile(path, line_of(path.read_text(encoding="utf-8"), loc), what)
