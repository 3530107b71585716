"""Imports as a whole: mappings and files that are wrong, the examples, the command line."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from core import rules, store
from core.errors import BadFile
from core.imports.command import imports
from core.imports.mapping import load
from core.imports.run import Job, Kind, run
from core.rules import RULES
from core.store import Store
from tests.sources import COLUMNS, MAPPING, nine, planned, requests, written


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    return written(tmp_path / "city.toml", MAPPING)


# Files that are wrong as a whole

BAD_MAPPINGS = [
    ('coordinate_system = "WGS84"', 'coordinate_system = "Mars"', "city.toml:3: coordinate_system"),
    ('coordinate_system = "WGS84"\n', "", "coordinate_system: Field required"),
    ('time_zone = "America/Los_Angeles"', 'time_zone = "LA"', "city.toml:5: time_zone"),
    ('code = "990101001"', 'code = "99010100"', "city.toml:8: Code 99010100 should have 9 digits"),
    ('level = "grid"', 'level = "street"', "city.toml:16: places.level"),
    ('level = "grid"', 'level = "grid"\ncolour = "red"', "city.toml:17: places.colour"),
    ('"Trash" = "E0102"', '"Trash" = "E9999"', "city.toml:40: there is no category 'E9999'"),
    ('"open" = "dispatched"', '"open" = "on_site"', "city.toml:44: cases.status.table.open"),
    ('sector = "sanitation"', 'sector = "magic"', "city.toml:51: there is no sector 'magic'"),
    ("[cases]", "[cases", "city.toml:25"),
]


@pytest.mark.parametrize(("right", "wrong", "said"), BAD_MAPPINGS)
def test_a_wrong_mapping_is_refused_by_file_and_line(tmp_path: Path, right: str, wrong: str, said: str) -> None:
    file = written(tmp_path / "city.toml", MAPPING.replace(right, wrong, 1))
    with pytest.raises(BadFile) as refused:
        load(file, rules.current())
    assert said in str(refused.value)


BAD_FILES = [
    ("places", "x.geojson", "{", "is not JSON"),
    ("places", "x.geojson", "[]", "has no features"),
    ("places", "x.geojson", '{"features": [{"properties": {"name": "a"}}]}', "no feature has the property 'id'"),
    ("cases", "x.csv", "no,opened\n1,2\n", "x.csv:1: the column 'shut' is missing"),
    ("cases", "x.csv", ",".join([*COLUMNS, "no"]), "x.csv:1: the column 'no' is there twice"),
    ("cases", "x.csv", ",".join(COLUMNS) + "\n" + "x" * 200_000, "field larger than field limit"),
]


@pytest.mark.parametrize(("kind", "name", "text", "said"), BAD_FILES)
def test_a_file_that_cannot_be_read_is_refused(
    sqlite_url: str, mapping: Path, tmp_path: Path, kind: str, name: str, text: str, said: str
) -> None:
    with pytest.raises(BadFile, match=said):
        run(Store(sqlite_url), Job(Kind(kind), written(tmp_path / name, text), mapping), rules.current())


def test_features_that_are_none_are_refused_one_by_one(sqlite_url: str, mapping: Path, tmp_path: Path) -> None:
    text = '{"features": [1, null, {"geometry": {"type": "Polygon", "coordinates": "?"}}, {"geometry": {"type": "X"}}]}'
    into = Store(sqlite_url)
    assert len(planned(into, mapping, written(tmp_path / "x.json", text)).refused) == 4
    into.close()


@pytest.mark.parametrize("name", ["los_angeles_311.toml", "openstreetmap.toml"])
def test_the_example_mappings_are_right(name: str) -> None:
    load(RULES.parent / "mappings" / name, rules.current())


# The command line


def test_the_command_reports_and_fails_when_rows_are_refused(
    sqlite_url: str, mapping: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    store.current.cache_clear()
    try:
        grids, file = nine(tmp_path / "g.geojson"), requests(tmp_path / "c.csv", {}, {"no": "2", "x": "9"})
        said = CliRunner().invoke(imports, ["places", str(grids), "--mapping", str(mapping)])
        assert (said.exit_code, said.output.splitlines()[-1]) == (0, "Written: 9 places.")
        asked = ["cases", str(file), "--mapping", str(mapping), "--as-of", "2024-03-02T12:00"]
        refused = CliRunner().invoke(imports, asked)
        assert refused.exit_code == 1
        assert "line 3: outside every grid" in refused.output
        taken = CliRunner().invoke(imports, [*asked, "--accept-partial"])
        assert (taken.exit_code, taken.output.splitlines()[-1]) == (0, "Written: 1 cases.")
        missing = CliRunner().invoke(imports, ["cases", str(grids), "--mapping", str(mapping)])
        assert missing.exit_code == 1
    finally:
        store.current().close()
        store.current.cache_clear()
