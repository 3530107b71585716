"""What the columns of a source mean: a TOML file, checked when read."""

from collections.abc import Container, Iterator
from pathlib import Path
from typing import Annotated, Generic, Literal, Self, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from core import coordinates
from core.errors import BadFile, Refused
from core.places import check_code
from core.rules import Rules, line_of, parsed
from core.words import GridKind, Level, Source, Stage

Text = Annotated[str, Field(min_length=1, max_length=80)]
Phone = Annotated[str, Field(max_length=40)]
PlaceLevel = Literal[Level.COMMUNITY, Level.GRID, Level.MICRO_GRID]
OpenStage = Literal[Stage.REPORTED, Stage.ACCEPTED, Stage.DISPATCHED]
ImportedStage = Literal[Stage.REPORTED, Stage.ACCEPTED, Stage.DISPATCHED, Stage.CLOSED, Stage.VOIDED]
V = TypeVar("V")


def _system(name: str) -> str:
    if not coordinates.known(name):
        raise ValueError("should be WGS84, CGCS2000, GCJ-02, BD-09 or an EPSG code such as EPSG:4549")
    return name


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("is no time zone such as Asia/Shanghai")
    return name


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Root(_Part):
    """A street or community that the source lies in: found by its code, or made under this name."""

    code: Annotated[str, Field(pattern=r"^[0-9]+$", max_length=18)]
    name: Text


class Shapes(_Part):
    """The columns that places of every level share; `geometry` is a column of WKT, for files that are no GeoJSON."""

    name: Text | None = None
    code: Text | None = None
    external_code: Text | None = None
    households: Text | None = None
    residents: Text | None = None
    geometry: Text | None = None

    def columns(self) -> list[str]:
        """The columns that must be there."""
        named = (self.name, self.code, self.external_code, self.households, self.residents, self.geometry)
        return [column for column in named if column]

    @model_validator(mode="after")
    def _is_recognisable(self) -> Self:
        if not (self.code or self.external_code):
            raise ValueError("needs the column `code` or `external_code`: by it a second import knows the same place")
        return self


class Areas(Shapes):
    """Communities, grids or micro-grids; `parent` is a column with the code, external code or name of the parent."""

    name: Text
    level: PlaceLevel
    kind: GridKind | None = None
    parent: Text | None = None

    def columns(self) -> list[str]:
        """The columns that must be there."""
        return [*super().columns(), *([self.parent] if self.parent else [])]


class Buildings(Shapes):
    """Buildings, each in the grid that holds a point inside it; `{number}` in `unnamed` is the number in the grid."""

    address: tuple[Text, ...] = ()
    floors: Text | None = None
    lon: Text | None = None
    lat: Text | None = None
    unnamed: Text = "建筑{number}"

    def columns(self) -> list[str]:
        """The columns that must be there."""
        return [*super().columns(), *self.address, *(name for name in (self.floors, self.lon, self.lat) if name)]


class CodeTable(_Part, Generic[V]):
    """The source's word for something → ours; without a column every row gets `default`."""

    column: Text | None = None
    default: V | None = None
    table: dict[str, V] = {}

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.column and not self.default:
            raise ValueError("needs a column or a default")
        return self

    def ours(self, word: str) -> V | None:
        """Our word for the source's; None when it has none and there is no default."""
        return self.table.get(word, self.default)


class OwnerUnit(_Part):
    """A unit that is made when a case first needs it."""

    name: Annotated[str, Field(min_length=1, max_length=40)]
    sector: Text
    duty_phone: Phone = ""


class Owners(_Part):
    """The source's word for who answers → a unit."""

    column: Text
    units: dict[str, OwnerUnit] = Field(min_length=1)


class Cases(_Part):
    """The columns of cases; `still_open` is the stage of one that was closed after the world's last moment."""

    number: Text
    created: Text
    closed: Text | None = None
    updated: Text | None = None
    time_formats: tuple[Text, ...] = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d")
    category: CodeTable[str]
    source: CodeTable[Source]
    status: CodeTable[ImportedStage] | None = None
    owner: Owners | None = None
    still_open: OpenStage = Stage.REPORTED
    title: Text | None = None
    text: Text | None = None
    address: Text | None = None
    lon: Text | None = None
    lat: Text | None = None
    grid: Text | None = None
    reporter_name: Text | None = None
    reporter_phone: Text | None = None

    def columns(self) -> list[str]:
        """The columns that must be there."""
        tables = (self.category.column, self.source.column, self.status and self.status.column)
        owner = self.owner and self.owner.column
        plain = (self.number, self.created, self.closed, self.updated, self.title, self.text, self.address)
        rest = (self.lon, self.lat, self.grid, self.reporter_name, self.reporter_phone)
        return [column for column in (*plain, *rest, *tables, owner) if column]

    @model_validator(mode="after")
    def _can_be_placed(self) -> Self:
        if not (self.grid or (self.lon and self.lat)):
            raise ValueError("needs the columns `lon` and `lat`, or `grid`")
        return self


class Mapping(_Part):
    """One source: who numbers its rows, where and when its figures are meant, and what its columns are.

    Units: `extent` is west, south, east, north in WGS84.
    """

    system: Annotated[str, Field(min_length=1, max_length=40)]
    coordinate_system: Annotated[str, AfterValidator(_system)]
    extent: tuple[float, float, float, float]
    time_zone: Annotated[str, AfterValidator(_zone)] = "Asia/Shanghai"
    encoding: Literal["utf-8", "gb18030"] = "utf-8"
    street: Root
    community: Root | None = None
    places: Areas | None = None
    buildings: Buildings | None = None
    cases: Cases | None = None

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which the source writes its times."""
        return ZoneInfo(self.time_zone)

    @property
    def roots(self) -> tuple[Root, ...]:
        """The street, and the community where one is named."""
        return (self.street, self.community) if self.community else (self.street,)


def load(path: Path, rules: Rules) -> Mapping:
    """Read and check a mapping file.

    Raises: BadFile, naming the file and the line, when it is wrong or refers to a rule that does not exist.
    """
    mapping = parsed(path, Mapping)
    _check_roots(path, mapping)
    for loc, kind, code, there in _references(mapping, rules):
        if code not in there:
            line = line_of(path.read_text(encoding="utf-8"), loc)
            raise BadFile(path, line, f"there is no {kind} {code!r} in data/rules")
    return mapping


def _check_roots(path: Path, mapping: Mapping) -> None:
    parent = None
    for root, level in zip(mapping.roots, (Level.STREET, Level.COMMUNITY), strict=False):
        try:
            check_code(root.code, level, parent)
        except Refused as refused:
            raise BadFile(path, line_of(path.read_text(encoding="utf-8"), (level, "code")), str(refused)) from refused
        parent = root.code
    if (part := mapping.places) is None or part.parent or part.level == Level.COMMUNITY:
        return
    if part.level == Level.MICRO_GRID or mapping.community is None:
        line = line_of(path.read_text(encoding="utf-8"), ("places", "level"))
        raise BadFile(path, line, "needs the column `parent`, or for grids a [community] to lie in")


def _references(mapping: Mapping, rules: Rules) -> Iterator[tuple[tuple[str, ...], str, str, Container[str]]]:
    """Every mention of a rule: where it stands, what it names, and what there is."""
    if mapping.cases is None:
        return
    category, owner = mapping.cases.category, mapping.cases.owner
    for word, code in category.table.items():
        yield ("cases", "category", "table", word), "category", code, rules.categories
    if category.default:
        yield ("cases", "category", "default"), "category", category.default, rules.categories
    for word, unit in owner.units.items() if owner else ():
        yield ("cases", "owner", "units", word, "sector"), "sector", unit.sector, rules.sectors
