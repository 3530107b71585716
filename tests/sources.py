"""Files to import, as the tests make them, and the stores to import them into."""

import csv
import json
from pathlib import Path
from typing import cast

import shapely
from shapely.geometry.base import BaseGeometry

from core import rules
from core.imports.areas import PlannedPlace
from core.imports.plan import Plan
from core.imports.run import Job, Kind, Outcome, run
from core.store import Store

MAPPING = """
system = "city"
coordinate_system = "WGS84"
extent = [0, 0, 3, 3]
time_zone = "America/Los_Angeles"

[street]
code = "990101001"
name = "街道"

[community]
code = "990101001001"
name = "社区"

[places]
level = "grid"
name = "name"
external_code = "id"

[buildings]
name = "name"
external_code = "id"
address = ["road", "door"]

[cases]
number = "no"
created = "opened"
closed = "shut"
time_formats = ["%Y-%m-%d %H:%M"]
title = "what"
address = "where"
lon = "x"
lat = "y"
grid = "grid"
still_open = "dispatched"

[cases.category]
column = "what"
default = "R0301"
table = { "Trash" = "E0102" }

[cases.status]
column = "status"
table = { "new" = "reported", "open" = "dispatched", "done" = "closed", "void" = "voided" }

[cases.source]
default = "hotline"

[cases.owner]
column = "owner"
units = { BOS = { name = "Sanitation", sector = "sanitation" } }
"""
COLUMNS = ["no", "opened", "shut", "what", "status", "owner", "where", "x", "y", "grid"]
GOOD = {"no": "1", "opened": "2024-03-01 08:00", "what": "Trash", "status": "new", "x": "0.5", "y": "2.5"}


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    """A text file at `path`."""
    path.write_text(text, encoding=encoding)
    return path


def geojson(path: Path, features: list[tuple[dict[str, object], BaseGeometry | None]]) -> Path:
    """A GeoJSON file of features: what each says, and its shape."""
    found = [
        {"type": "Feature", "properties": said, "geometry": shape and json.loads(shapely.to_geojson(shape))}
        for said, shape in features
    ]
    return written(path, json.dumps({"type": "FeatureCollection", "features": found}, ensure_ascii=False))


def nine(path: Path) -> Path:
    """Nine squares, the south-eastern first: their codes must not follow the order of the file."""
    squares = [(x, y) for y in range(3) for x in (2, 1, 0)]
    return geojson(
        path, [({"id": f"{x}{y}", "name": f"格{x}{y}"}, shapely.box(x, y, x + 1, y + 1)) for x, y in squares]
    )


def requests(path: Path, *rows: dict[str, str], encoding: str = "utf-8") -> Path:
    """A CSV file of cases: good rows but for what is given."""
    with path.open("w", encoding=encoding, newline="") as file:
        lines = csv.DictWriter(file, COLUMNS, restval="")
        lines.writeheader()
        lines.writerows({**GOOD, **row} for row in rows)
    return path


def with_grids(into: Store, mapping: Path, folder: Path) -> None:
    """Import the nine squares."""
    assert run(into, Job(Kind.PLACES, nine(folder / "grids.geojson"), mapping), rules.current()).written


def planned(into: Store, mapping: Path, file: Path, kind: Kind = Kind.PLACES) -> Plan[PlannedPlace]:
    """Imports what is right in a file of places or buildings, and tells the plan by which it did."""
    outcome = run(into, Job(kind, file, mapping, accept_partial=True), rules.current())
    return cast(Plan[PlannedPlace], outcome.plan)


def cases_of(into: Store, mapping: Path, file: Path, **options: object) -> Outcome:
    """Import a file of cases."""
    return run(into, Job(Kind.CASES, file, mapping, **options), rules.current())  # type: ignore[arg-type]
