"""Reads CSV and GeoJSON into rows of text and shapes; decides nothing."""

import csv
import io
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from core.errors import BadFile
from core.imports.mapping import Areas, Buildings, Cases, Mapping

GEOJSON = (".geojson", ".json")
Section = Areas | Buildings | Cases


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a source: where it stands, its cells as text, its shape as the source draws it."""

    where: str
    cells: dict[str, str]
    shape: BaseGeometry | None = None
    flaw: str = ""  # why it cannot be read


def read(path: Path, mapping: Mapping, part: Section) -> list[Row]:
    """The rows of `path`, GeoJSON by its ending and else CSV, with the columns that `part` names and no others.

    Raises: BadFile, when the file cannot be read, or lacks one of those columns.
    """
    text, columns = _text(path, mapping.encoding), part.columns()
    parse = _features if path.suffix.lower() in GEOJSON else _lines
    rows = list(parse(path, text, columns))
    if not isinstance(part, Cases) and part.geometry:
        return [_drawn(row, part.geometry) for row in rows]
    return rows


def _text(path: Path, encoding: str) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except OSError as error:
        raise BadFile(path, None, error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise BadFile(path, line, f"is not {encoding}: state the encoding in the mapping") from error


def _lines(path: Path, text: str, columns: Sequence[str]) -> Iterator[Row]:
    lines = csv.reader(io.StringIO(text, newline=""))
    try:
        header = next(lines, [])
        wanted = _wanted(path, header, columns)
        start = lines.line_num + 1
        for cells in lines:
            if cells:
                flaw = "" if len(cells) == len(header) else f"has {len(cells)} cells under {len(header)} columns"
                found = {} if flaw else {name: cells[i] for name, i in wanted}
                yield Row(f"line {start}", found, flaw=flaw)
            start = lines.line_num + 1
    except csv.Error as error:
        raise BadFile(path, lines.line_num, str(error)) from error


def _wanted(path: Path, header: list[str], columns: Sequence[str]) -> list[tuple[str, int]]:
    for name in columns:
        if header.count(name) != 1:
            what = "is there twice" if name in header else "is missing"
            raise BadFile(path, 1, f"the column {name!r} {what}")
    return [(name, header.index(name)) for name in columns]


def _features(path: Path, text: str, columns: Sequence[str]) -> Iterator[Row]:
    try:
        features = json.loads(text)["features"]
    except (ValueError, RecursionError) as error:
        raise BadFile(path, getattr(error, "lineno", None), f"is not JSON: {error}") from error
    except (KeyError, TypeError) as error:
        raise BadFile(path, None, "has no features: it should be a GeoJSON FeatureCollection") from error
    there: set[str] = set()
    for number, feature in enumerate(features, 1):
        row = _feature(f"feature {number}", feature, columns)
        there |= row.cells.keys()
        yield row
    if there and (missing := [name for name in columns if name not in there]):
        raise BadFile(path, None, f"no feature has the property {missing[0]!r}")


def _feature(where: str, feature: Any, columns: Sequence[str]) -> Row:
    try:
        properties = feature.get("properties") or {}
        cells = {name: _cell(properties[name]) for name in columns if name in properties}
        return Row(where, cells, _shape(feature.get("geometry")))
    except (AttributeError, KeyError, TypeError, ValueError, IndexError, shapely.errors.ShapelyError):
        return Row(where, {}, flaw="is no feature with properties and a geometry")


def _shape(geometry: Any) -> BaseGeometry | None:
    return shapely.force_2d(shapely.geometry.shape(geometry)) if geometry else None


def _cell(value: Any) -> str:
    """A value of JSON as a cell: what is no single value stays JSON."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _drawn(row: Row, column: str) -> Row:
    try:
        shape = shapely.force_2d(shapely.from_wkt(row.cells.get(column) or None))
        return Row(row.where, row.cells, shape, row.flaw)
    except shapely.errors.ShapelyError:
        return Row(row.where, row.cells, None, row.flaw or f"{column} is not WKT")
