"""Places: their codes, their subtrees, and the grid and building of a point."""

from datetime import UTC, datetime, timedelta

import pytest
import shapely
from sqlmodel import col, select

from core import places
from core.errors import Refused
from core.places import Gazetteer, Place, below
from core.store import Store
from core.words import Level
from tests.cast import GRIDS, ID, NOON, POINT, Street, path_of

STREET, COMMUNITY, GRID = "990101001", "990101001001", "990101001001001"


@pytest.mark.parametrize(
    ("code", "level", "parent"),
    [
        (STREET, Level.STREET, None),
        (COMMUNITY, Level.COMMUNITY, STREET),
        (GRID, Level.GRID, COMMUNITY),
        (GRID + "001", Level.BUILDING, GRID),
        (GRID + "001", Level.MICRO_GRID, GRID),
    ],
)
def test_a_code_has_the_length_of_its_level_and_the_prefix_of_its_parent(
    code: str, level: Level, parent: str | None
) -> None:
    places.check_code(code, level, parent)


@pytest.mark.parametrize(
    ("code", "level", "parent"),
    [
        (STREET[:-1], Level.STREET, None),  # too short
        (STREET + "0", Level.STREET, None),  # too long
        (COMMUNITY, Level.GRID, COMMUNITY),  # the code of a community
        ("99010100X", Level.STREET, None),  # a letter
        ("99010100１", Level.STREET, None),  # a digit of full width
        ("99010100²", Level.STREET, None),  # a digit raised
        (" 99010100", Level.STREET, None),
        ("", Level.STREET, None),
        ("990101002001", Level.COMMUNITY, STREET),  # of another street
        ("990101001002001", Level.GRID, COMMUNITY),  # of another community
    ],
)
def test_any_other_code_is_refused(code: str, level: Level, parent: str | None) -> None:
    with pytest.raises(Refused):
        places.check_code(code, level, parent)


@pytest.mark.parametrize(
    ("path", "is_below"),
    [
        ("/1/", True),  # itself
        ("/1/5/", True),
        ("/1/10/", True),
        ("/1/5/12/999999/", True),
        ("/10/", False),
        ("/11/", False),
        ("/10/1/", False),
        ("/2/", False),
        ("/2/1/", False),
        ("/", False),
    ],
)
def test_below_1_lies_1_5_and_not_10(path: str, is_below: bool) -> None:
    low, high = below("/1/")
    assert (low <= path < high) is is_below


def test_both_databases_find_the_same_subtree_as_a_prefix_does(street: Street) -> None:
    """A collation of a language compares digits and slashes otherwise than byte by byte."""
    with street.store.writing() as db:
        for number in range(13, 120):
            parent = "/1/" if number % 3 else f"/{number % 2 + 1}/"
            place = Place(id=number, code=str(number), name="", level=Level.BUILDING, path=f"{parent}{number}/")
            db.add(place)
    with street.store.reading() as db:
        everything = set(db.exec(select(Place.path)))
        for path in [*everything, "/1/1/", "/12/"]:
            low, high = below(path)
            found = db.exec(select(Place.path).where(col(Place.path) >= low, col(Place.path) < high))
            assert set(found) == {other for other in everything if other.startswith(path)}, path


@pytest.fixture
def map_of(street: Street) -> Gazetteer:
    with street.store.reading() as db:
        return places.gazetteer(db, NOON)


@pytest.mark.parametrize(
    ("lon", "lat", "grid", "building", "also"),
    [
        (0.1, 0.1, "n1", None, ()),
        (0.5, 0.5, "n1", "house", ()),
        (0.4, 0.4, "n1", "house", ()),  # on the corner of the house
        (1.1, 0.5, "n2", "shop", ()),
        (1.0, 0.1, "n1", None, ("n2",)),  # on the border: the lowest code leads
        (1.0, 0.5, "n1", None, ("n2",)),  # on the border and on the shop, which is of n2: the grid leads
        (2.0, 0.5, "n2", None, ("s1",)),  # on the border of two communities
        (0.0, 0.0, "n1", None, ()),  # on the corner of the street
        (2.95, 0.5, "s1", None, ("s2",)),  # where two grids overlap
        (2.4, 0.5, "s1", None, ()),  # on the rim of the hole
        (3.5, 0.5, "s2", None, ()),
        (8.5, 0.5, "f1", None, ()),  # the other street
    ],
)
def test_a_point_belongs_to_a_grid_and_a_building(
    map_of: Gazetteer, lon: float, lat: float, grid: str, building: str | None, also: tuple[str, ...]
) -> None:
    spot = map_of.spot(lon, lat)
    assert spot is not None
    assert spot.grid.id == ID[grid]
    assert spot.building_id == (ID[building] if building else None)
    assert spot.also == tuple(ID[name] for name in also)
    assert spot.place_id == ID[building or grid]
    assert spot.path == path_of(building or grid)
    assert spot.path.startswith(spot.grid.path)


@pytest.mark.parametrize(("lon", "lat"), [(2.5, 0.5), (-0.001, 0.5), (0.5, 1.001), (120.0, 30.0), (4.001, 0.5)])
def test_a_point_in_a_hole_or_outside_belongs_nowhere(map_of: Gazetteer, lon: float, lat: float) -> None:
    assert map_of.spot(lon, lat) is None


def test_many_points_at_once_are_placed_as_one_by_one(map_of: Gazetteer) -> None:
    points = [(x / 10, y / 10) for x in range(-5, 100) for y in range(-2, 13)]
    assert map_of.spots(shapely.get_coordinates(shapely.points(points))) == [map_of.spot(*point) for point in points]


def test_an_empty_store_places_nothing(store_url: str) -> None:
    store = Store(store_url)
    with store.reading() as db:
        assert places.gazetteer(db, NOON).spot(0.5, 0.5) is None
        tree = places.tree(db, NOON)
        assert tree.root is None
        assert not tree.nodes
        assert places.outlines(db, NOON) == {}
    store.close()


def test_the_tree_has_the_street_its_communities_and_their_grids(street: Street) -> None:
    with street.store.reading() as db:
        tree = places.tree(db, NOON)
    root = tree.root
    assert root is not None
    assert root.id == ID["street"]
    assert [node.id for node in tree.grids(root)] == [ID[name] for name in GRIDS]
    assert [node.id for node in tree.grids(tree.nodes[ID["south"]])] == [ID["s1"], ID["s2"]]
    n2 = tree.nodes[ID["n2"]]
    assert tree.grids(n2) == (n2,)
    assert [node.name for node in tree.trail(n2)] == ["street", "north", "n2"]
    assert tree.by_code[GRID] == tree.nodes[ID["n1"]]
    assert n2.short_code == "1-02"  # the second grid of the first community
    assert ID["house"] not in tree.nodes


def test_the_outline_of_a_grid_has_its_hole(street: Street) -> None:
    with street.store.reading() as db:
        outlines = places.outlines(db, NOON)
    assert set(outlines) == {ID[name] for name in (*GRIDS, "f1")}
    (polygon,) = outlines[ID["s1"]]
    assert len(polygon) == 2  # the border and the hole
    assert all(ring[0] == ring[-1] for ring in polygon)
    assert [2.4, 0.4] in polygon[1]


CHANGE = datetime(2025, 12, 31, 16, tzinfo=UTC)  # new year's midnight in Shanghai
JUST_BEFORE = CHANGE - timedelta(microseconds=1)


@pytest.fixture
def changing(street: Street) -> Street:
    """The street whose grid n2 is drawn anew, under the same code, from new year on."""
    with street.store.writing() as db:
        old = db.get_one(Place, ID["n2"])
        old.valid_to = CHANGE
        new = Place(id=99, code=old.code, name="new n2", level=Level.GRID, parent_id=old.parent_id, path="/1/2/99/")
        new.valid_from = CHANGE
        new.geometry = shapely.to_wkb(shapely.box(1.5, 0, 2, 1))
        db.add(new)
    return street


@pytest.mark.parametrize(
    ("at", "name"), [(NOON, "n2"), (JUST_BEFORE, "n2"), (CHANGE, "new n2"), (CHANGE + timedelta(days=365), "new n2")]
)
def test_a_place_holds_from_its_first_moment_until_just_before_its_last(
    changing: Street, at: datetime, name: str
) -> None:
    with changing.store.reading() as db:
        tree, found = places.tree(db, at), places.gazetteer(db, at).spot(*POINT["n2"])
        assert len(places.outlines(db, at)) == len(GRIDS) + 1
    assert tree.by_code["990101001001002"].name == name
    assert found is not None
    assert found.grid.name == name
