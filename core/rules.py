"""The rules of the house as data: sectors, categories and regimes, read from `data/rules` and checked at start."""

import hashlib
import re
import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.calendars import NATURAL, WORKING, Calendar
from core.errors import BadFile
from core.promises import (
    ORDERS,
    UNIT,
    Assignment,
    Breaks,
    CalendarFile,
    CalendarRow,
    Chosen,
    Code,
    Emergency,
    Escalation,
    Grade,
    Hours,
    Length,
    Promise,
    Regime,
    Row,
    Share,
    WhistleFile,
    WhistleTime,
    because,
)
from core.words import CaseClass, Request, Severity, Source, WhistleKind

RULES = Path(__file__).parent.parent / "data" / "rules"

M = TypeVar("M", bound=BaseModel)


class Sector(Row):
    """A service sector; `origin` says whether a source names it, we do, or the street ("local"). Its code stays.

    A retired one keeps its row, for the past, with the last day on which it held.
    """

    code: Code
    name: str
    origin: Literal["R1", "default", "local"]
    to_on: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether the sector is in use on a day."""
        return self.to_on is None or day <= self.to_on


class Major(Row):
    """A major class of categories, with the conditions for opening and closing."""

    code: Code
    case_class: CaseClass = Field(alias="class")
    name: str
    standard_ref: str | None = None
    opening: str
    closing: str


class Category(Row):
    """A minor class: what a new case of it starts from."""

    code: Code
    major: str
    name: str
    sector: str
    regime: str
    grade: Grade
    severity: Severity
    opening: str | None = None
    closing: str | None = None


class Rules(BaseModel):
    """All rules of one version."""

    model_config = ConfigDict(frozen=True)

    version: str
    due_soon: timedelta
    sectors: dict[str, Sector]
    majors: dict[str, Major]
    categories: dict[str, Category]
    regimes: dict[str, Regime]
    calendars: dict[str, Calendar]
    assignments: tuple[Assignment, ...] = ()
    escalations: tuple[Escalation, ...] = ()
    emergency: Emergency
    breaks: Breaks
    ceilings: dict[Request, Share]
    whistles: dict[WhistleKind, WhistleTime]

    def regime_for(self, category: str, source: Source, grid_code: str) -> Chosen:
        """The regime of a new case: the most specific assignment, else the category's own."""
        known = self.categories[category]
        rows = [row for row in self.assignments if row.holds_for(source, grid_code, category, known.major)]
        best = max(rows, key=lambda row: row.weight(category), default=None)
        return Chosen(best.regime if best else known.regime, because(best))

    def case_class(self, category: str) -> CaseClass:
        """The class of a category."""
        return self.majors[self.categories[category].major].case_class


R = TypeVar("R", Sector, Major, Category, Regime, CalendarRow)


class _Sectors(Row):
    sector: list[Sector] = Field(min_length=1)


class _Categories(Row):
    major: list[Major] = Field(min_length=1)
    category: list[Category] = Field(min_length=1)


class _Regimes(Row):
    due_soon_hours: Hours
    regime: list[Regime] = Field(min_length=1)
    assignment: list[Assignment] = Field(default_factory=list)
    escalation: list[Escalation] = Field(default_factory=list)
    emergency: Emergency
    breaks: Breaks
    ceilings: dict[Request, Share]


@cache
def current() -> Rules:
    """The rules in force in this process."""
    return load(RULES)


def load(folder: Path) -> Rules:
    """Read and check the rule files of `folder`.

    Raises: BadFile, naming the file and the line, when a rule is wrong or refers to nothing.
    """
    sectors = parsed(folder / "sectors.toml", _Sectors)
    categories = parsed(folder / "categories.toml", _Categories)
    regimes = parsed(folder / "regimes.toml", _Regimes)
    calendars = _calendars(folder / "calendars.toml")
    rules = Rules(
        version=_version(folder),
        due_soon=timedelta(hours=regimes.due_soon_hours),
        sectors=_by_code(folder / "sectors.toml", "sector", sectors.sector),
        majors=_by_code(folder / "categories.toml", "major", categories.major),
        categories=_by_code(folder / "categories.toml", "category", categories.category),
        regimes=_by_code(folder / "regimes.toml", "regime", regimes.regime),
        calendars=calendars,
        assignments=tuple(regimes.assignment),
        escalations=tuple(sorted(regimes.escalation, key=lambda row: row.level)),
        emergency=regimes.emergency,
        breaks=regimes.breaks,
        ceilings=regimes.ceilings,
        whistles=_whistles(folder / "whistles.toml", calendars),
    )
    _check_references(folder / "categories.toml", rules)
    _check_regimes(folder / "regimes.toml", rules)
    _check_assignments(folder / "regimes.toml", rules)
    in_hours = {code: regime.in_hours(calendars) for code, regime in rules.regimes.items()}
    called = {kind: time.in_hours(calendars) for kind, time in rules.whistles.items()}
    return rules.model_copy(update={"regimes": in_hours, "whistles": called})


def _calendars(path: Path) -> dict[str, Calendar]:
    rows = _by_code(path, "calendar", parsed(path, CalendarFile).calendar)
    if WORKING not in rows:
        raise BadFile(path, None, f"calendar {WORKING!r} is not defined, and resolutions are reckoned by it")
    return {NATURAL.code: NATURAL, **{code: row.calendar() for code, row in rows.items()}}


def _whistles(path: Path, calendars: dict[str, Calendar]) -> dict[WhistleKind, WhistleTime]:
    rows = parsed(path, WhistleFile).whistle
    for index, row in enumerate(rows):
        if row.calendar not in calendars:
            raise _wrong(path, ("whistle", index, "calendar"), f"calendar {row.calendar!r} is not defined")
    if sorted(row.kind for row in rows) != sorted(WhistleKind):
        raise _wrong(path, ("whistle", 0, "kind"), f"each of {', '.join(WhistleKind)} is needed once")
    return {row.kind: row for row in rows}


def _version(folder: Path) -> str:
    """A digest of the rule files: an edited rule cannot keep its old version."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.toml")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def parsed(path: Path, model: type[M]) -> M:
    """The TOML file at `path` as `model`.

    Raises: BadFile, naming the file and the line of the first mistake.
    """
    try:
        text = path.read_text(encoding="utf-8")
        return model.model_validate(tomllib.loads(text))
    except (OSError, UnicodeDecodeError) as error:
        raise BadFile(path, None, str(error)) from error
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        raise BadFile(path, int(line[1]) if line else None, str(error)) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadFile(path, line_of(text, first["loc"]), f"{where}: {first['msg']}") from error


def line_of(text: str, loc: tuple[int | str, ...]) -> int | None:
    """The line of a TOML text at which the value at `loc` stands, or else the table it should be in.

    Returns: 1-based line; None when neither can be found.
    """
    table: tuple[int | str, ...] = ()
    counts: dict[tuple[int | str, ...], int] = {}
    deepest, found = 0, None
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*(\[\[?)([^\]]+)\]", line):
            here = table = _table(_keys(header[2]), counts, is_array=header[1] == "[[")
        elif key := re.match(r"""\s*((?:"[^"]*"|'[^']*'|[\w.-])+)\s*=""", line):
            here = (*table, *_keys(key[1]))
        else:
            continue
        if len(here) > deepest and here == loc[: len(here)]:
            deepest, found = len(here), number
    return found


def _keys(dotted: str) -> list[str]:
    """The names of a dotted key, each of which may be quoted."""
    return [
        double or single or bare for double, single, bare in re.findall(r""""([^"]*)"|'([^']*)'|([\w-]+)""", dotted)
    ]


def _table(names: list[str], counts: dict[tuple[int | str, ...], int], *, is_array: bool) -> tuple[int | str, ...]:
    """The full address of a table; `counts` holds how many tables each array has had so far."""
    address: tuple[int | str, ...] = ()
    for depth, name in enumerate(names, 1):
        address = (*address, name)
        if is_array and depth == len(names):
            counts[address] = counts.get(address, 0) + 1
        if address in counts:
            address = (*address, counts[address] - 1)
    return address


def _by_code(path: Path, table: str, rows: list[R]) -> dict[str, R]:
    found: dict[str, R] = {}
    for index, row in enumerate(rows):
        if row.code in found:
            raise _wrong(path, (table, index, "code"), f"code {row.code!r} is used twice")
        found[row.code] = row
    return found


def _wrong(path: Path, loc: tuple[int | str, ...], what: str) -> BadFile:
    return BadFile(path, line_of(path.read_text(encoding="utf-8"), loc), what)


def _check_references(path: Path, rules: Rules) -> None:
    for index, row in enumerate(rules.categories.values()):
        for key, known in (("major", rules.majors), ("sector", rules.sectors), ("regime", rules.regimes)):
            if getattr(row, key) not in known:
                raise _wrong(path, ("category", index, key), f"{key} {getattr(row, key)!r} is not defined")


def _check_regimes(path: Path, rules: Rules) -> None:
    grades = {row.grade for row in rules.categories.values()}
    for index, regime in enumerate(rules.regimes.values()):
        if len({promise.name for promise in regime.clock}) < len(regime.clock):
            raise _wrong(path, ("regime", index, "code"), f"regime {regime.code!r} names a clock twice")
        if sum(promise.is_final for promise in regime.clock) != 1:
            raise _wrong(path, ("regime", index, "code"), f"regime {regime.code!r} needs exactly one final clock")
        for where, length in _lengths(regime):
            _check_length(path, ("regime", index, *where), length, rules, grades)


def _lengths(regime: Regime) -> Iterator[tuple[tuple[int | str, ...], Length]]:
    yield from ((("clock", number), promise) for number, promise in enumerate(regime.clock))
    for name in ("unit", "return_within", "extension_up_to"):
        if length := getattr(regime, name):
            yield (name,), length


def _check_length(path: Path, loc: tuple[int | str, ...], length: Length, rules: Rules, grades: set[Grade]) -> None:
    if length.calendar not in rules.calendars:
        raise _wrong(path, (*loc, "calendar"), f"calendar {length.calendar!r} is not defined")
    missing = grades - set(length.hours) if isinstance(length.hours, dict) else set()
    if missing:
        raise _wrong(path, (*loc, "hours"), f"no hours for {sorted(missing)}")
    if isinstance(length, Promise) and length.name in (UNIT, *ORDERS):
        raise _wrong(path, (*loc, "name"), f"the name {length.name!r} is kept for the clock of the same name")


def _check_assignments(path: Path, rules: Rules) -> None:
    keys: set[tuple[object, ...]] = set()
    for index, row in enumerate(rules.assignments):
        if row.regime not in rules.regimes:
            raise _wrong(path, ("assignment", index, "regime"), f"regime {row.regime!r} is not defined")
        if row.category not in (None, *rules.categories, *rules.majors):
            raise _wrong(path, ("assignment", index, "category"), f"category {row.category!r} is not defined")
        if (key := (row.source, row.place, row.category)) in keys:
            raise _wrong(path, ("assignment", index, "regime"), "two assignments speak of the same cases")
        keys.add(key)
    if [row.level for row in rules.escalations] != list(range(1, len(rules.escalations) + 1)):
        raise _wrong(path, ("escalation", 0, "level"), "the levels of escalation count from 1 without a gap")
