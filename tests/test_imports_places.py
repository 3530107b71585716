"""Places and buildings come in from files: converted, repaired, coded, and compared with what is there."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import shapely
from shapely.geometry.base import BaseGeometry
from sqlmodel import col, select

from core import rules
from core.imports import report
from core.imports.run import Job, Kind, run
from core.imports.tables import ImportBatch
from core.places import Place
from core.store import Store
from core.words import Level
from tests.sources import MAPPING, geojson, nine, planned, with_grids, written


@pytest.fixture
def into(store_url: str) -> Iterator[Store]:
    found = Store(store_url)
    yield found
    found.close()


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    return written(tmp_path / "city.toml", MAPPING)


def drawn(place: Place) -> BaseGeometry:
    shape = shapely.from_wkb(place.geometry)
    assert shape is not None
    return shape


def test_grids_get_codes_row_by_row_from_the_north_west_and_keep_their_own(
    into: Store, mapping: Path, tmp_path: Path
) -> None:
    with_grids(into, mapping, tmp_path)
    with into.reading() as db:
        grids = db.exec(select(Place).where(Place.level == Level.GRID).order_by(col(Place.code))).all()
    assert [grid.external_code for grid in grids] == ["02", "12", "22", "01", "11", "21", "00", "10", "20"]
    assert [grid.code[-3:] for grid in grids] == [f"{number:03d}" for number in range(1, 10)]
    assert {len(grid.code) for grid in grids} == {15}


def test_the_street_and_the_community_are_made_with_the_outline_of_their_grids(
    into: Store, mapping: Path, tmp_path: Path
) -> None:
    with_grids(into, mapping, tmp_path)
    with into.reading() as db:
        upper = select(Place).where(col(Place.level).in_(["street", "community"]))
        street, community = db.exec(upper.order_by(col(Place.code))).all()
    assert community.path == f"/{street.id}/{community.id}/"
    assert drawn(street).equals(shapely.box(0, 0, 3, 3))


def test_the_same_places_twice_add_nothing(into: Store, mapping: Path, tmp_path: Path) -> None:
    with_grids(into, mapping, tmp_path)
    again = run(into, Job(Kind.PLACES, tmp_path / "grids.geojson", mapping), rules.current())
    assert (len(again.plan.taken), len(again.plan.left_out), again.written) == (0, 9, False)
    assert again.earlier is not None
    assert "Nothing new: nothing was written." in list(report.lines(again))
    with into.reading() as db:
        assert len(db.exec(select(ImportBatch)).all()) == 1


def test_new_grids_are_numbered_after_those_that_are_there(into: Store, mapping: Path, tmp_path: Path) -> None:
    with_grids(into, mapping, tmp_path)
    more = geojson(tmp_path / "more.geojson", [({"id": "30", "name": "东"}, shapely.box(3, 0, 4, 1))])
    assert [place.code for place in planned(into, mapping, more).taken] == ["990101001001010"]


def test_overlaps_are_listed_and_shared_borders_are_not(into: Store, mapping: Path, tmp_path: Path) -> None:
    file = geojson(
        tmp_path / "a.geojson",
        [
            ({"id": "a", "name": "A"}, shapely.box(0, 0, 1, 1)),
            ({"id": "b", "name": "B"}, shapely.box(0.9, 0, 2, 1)),
            ({"id": "c", "name": "C"}, shapely.box(2, 0, 3, 1)),
        ],
    )
    plan = planned(into, mapping, file)
    assert len(plan.overlaps) == 1
    assert plan.overlaps[0].area_m2 == pytest.approx(0.1 * 110_570 * 111_320, rel=0.01)
    more = geojson(tmp_path / "d.geojson", [({"id": "d", "name": "D"}, shapely.box(2.5, 0.5, 3, 1))])
    assert len(planned(into, mapping, more).overlaps) == 1


def test_a_bow_tie_is_repaired_and_a_line_is_refused(into: Store, mapping: Path, tmp_path: Path) -> None:
    bow_tie = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    line = shapely.LineString([(0, 0), (1, 1)])
    file = geojson(
        tmp_path / "a.geojson",
        [({"id": "1", "name": "结"}, bow_tie), ({"id": "2", "name": "线"}, line), ({"id": "3", "name": "无"}, None)],
    )
    plan = planned(into, mapping, file)
    assert [remark.where for remark in plan.repaired] == ["feature 1"]
    assert [(r.where, r.what) for r in plan.refused] == [
        ("feature 2", "not an area: LineString"),
        ("feature 3", "no shape"),
    ]
    with into.reading() as db:
        grid = db.exec(select(Place).where(Place.level == Level.GRID)).one()
    assert drawn(grid).is_valid


def test_codes_of_the_source_are_kept_and_wrong_ones_refused(into: Store, tmp_path: Path) -> None:
    mapping = written(tmp_path / "m.toml", MAPPING.replace('external_code = "id"', 'code = "id"', 1))
    file = geojson(
        tmp_path / "a.geojson",
        [
            ({"id": "990101001001042", "name": "A"}, shapely.box(0, 0, 1, 1)),
            ({"id": "990101001002001", "name": "别处"}, shapely.box(1, 0, 2, 1)),
            ({"id": "42", "name": "短"}, shapely.box(2, 0, 3, 1)),
            ({"id": "990101001001042", "name": "又"}, shapely.box(0, 1, 1, 2)),
        ],
    )
    plan = planned(into, mapping, file)
    assert [place.code for place in plan.taken] == ["990101001001042"]
    assert sorted(remark.what.split(":")[0] for remark in plan.refused) == [
        "duplicate number",
        "wrong code",
        "wrong code",
    ]


def test_a_parent_is_found_by_its_name_and_an_unknown_one_refuses_the_row(into: Store, tmp_path: Path) -> None:
    mapping = written(tmp_path / "m.toml", MAPPING.replace('level = "grid"', 'level = "grid"\nparent = "of"'))
    communities = MAPPING.replace('level = "grid"', 'level = "community"')
    first = written(tmp_path / "c.toml", communities)
    upper = geojson(tmp_path / "c.geojson", [({"id": "C", "name": "东社区"}, shapely.box(0, 0, 2, 1))])
    assert run(into, Job(Kind.PLACES, upper, first), rules.current()).written
    lower = geojson(
        tmp_path / "g.geojson",
        [
            ({"id": "1", "name": "一", "of": "东社区"}, shapely.box(0, 0, 1, 1)),
            ({"id": "2", "name": "二", "of": "C"}, shapely.box(1, 0, 2, 1)),
            ({"id": "3", "name": "三", "of": "西社区"}, shapely.box(2, 0, 3, 1)),
        ],
    )
    plan = planned(into, mapping, lower)
    assert {place.parent_code for place in plan.taken} == {"990101001001"}
    assert [remark.what.split(":")[0] for remark in plan.refused] == ["unknown place"]


def test_points_outside_the_declared_extent_are_warned_of(into: Store, tmp_path: Path) -> None:
    mapping = written(tmp_path / "m.toml", MAPPING.replace("[0, 0, 3, 3]", "[0, 0, 1, 1]"))
    plan = planned(into, mapping, nine(tmp_path / "g.geojson"))
    assert len(plan.warnings) == 1
    assert "8 of 9 points" in plan.warnings[0]


def test_metres_under_the_name_of_degrees_are_refused(into: Store, mapping: Path, tmp_path: Path) -> None:
    file = geojson(tmp_path / "a.geojson", [({"id": "1", "name": "米"}, shapely.box(5e5, 3e6, 5e5 + 9, 3e6 + 9))])
    plan = planned(into, mapping, file)
    assert plan.refused[0].what.startswith("no place on the earth")


def test_coordinates_are_converted_on_the_way_in(into: Store, tmp_path: Path) -> None:
    mapping = written(
        tmp_path / "m.toml", MAPPING.replace('"WGS84"', '"EPSG:4549"').replace("[0, 0, 3, 3]", "[119, 31, 121, 32]")
    )
    square = shapely.box(5e5 - 50, 3.456e6, 5e5 + 50, 3.456e6 + 100)
    file = geojson(tmp_path / "a.geojson", [({"id": "1", "name": "方"}, square)])
    (place,) = planned(into, mapping, file).taken
    assert place.lon == pytest.approx(120.0, abs=1e-6)


def test_half_a_surrogate_pair_in_json_is_dropped(into: Store, mapping: Path, tmp_path: Path) -> None:
    text = nine(tmp_path / "g.geojson").read_text().replace("格00", "格\\ud83d00")
    taken = planned(into, mapping, written(tmp_path / "h.geojson", text)).taken
    assert "格00" in {place.name for place in taken}


# Buildings


def test_buildings_lie_in_the_grid_that_holds_them_and_border_ones_have_one_lead(
    into: Store, mapping: Path, tmp_path: Path
) -> None:
    overlapping = geojson(
        tmp_path / "g.geojson",
        [({"id": "w", "name": "西"}, shapely.box(0, 0, 1.2, 1)), ({"id": "e", "name": "东"}, shapely.box(1, 0, 2, 1))],
    )
    run(into, Job(Kind.PLACES, overlapping, mapping), rules.current())
    file = geojson(
        tmp_path / "b.geojson",
        [
            ({"id": "1", "name": "楼", "road": "路", "door": "7"}, shapely.box(0.1, 0.1, 0.2, 0.2)),
            ({"id": "2", "name": None, "road": "路", "door": "9"}, shapely.box(1.05, 0.1, 1.1, 0.2)),
            ({"id": "3", "name": None, "road": None, "door": None}, shapely.box(1.5, 0.1, 1.6, 0.2)),
            ({"id": "4", "name": "外"}, shapely.box(5, 5, 6, 6)),
        ],
    )
    plan = planned(into, mapping, file, Kind.BUILDINGS)
    assert [(r.where, r.what) for r in plan.refused] == [("feature 4", "outside every grid")]
    assert [(b.where, b.lead, b.others) for b in plan.border] == [
        ("feature 2", "990101001001001", ("990101001001002",))
    ]
    with into.reading() as db:
        found = db.exec(select(Place).where(Place.level == Level.BUILDING).order_by(col(Place.code))).all()
    assert [(b.code[12:], b.name, b.address) for b in found] == [
        ("001001", "楼", "路 7"),
        ("001002", "路 9", "路 9"),
        ("002001", "建筑001", None),
    ]
