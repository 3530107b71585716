"""The one box: sector, unit, name and place in any order, within one's own places, and at typing speed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from core.liaisons.directory import Office, Post
from core.liaisons.search import Found, Index
from core.liaisons.stale import doubtful
from core.places import Node
from core.words import Level
from tests.cast import NOON, POWER, TODAY, WATER
from tests.test_liaisons import HOUR, contact, directory

MORNING = NOON - HOUR


def place(number: int, code: str, name: str, level: Level, path: str) -> Node:
    """A place of an invented street with Chinese names."""
    parents = path.strip("/").split("/")[:-1]
    return Node(number, code, name, level, int(parents[-1]) if parents else None, path, None, None)


PLACES = {
    node.id: node
    for node in (
        place(1, "990101001", "沿河街道", Level.STREET, "/1/"),
        place(2, "990101001001", "黄河社区", Level.COMMUNITY, "/1/2/"),
        place(3, "990101001002", "青山社区", Level.COMMUNITY, "/1/3/"),
        place(4, "990101001001001", "渔巷", Level.GRID, "/1/2/4/"),
        place(5, "990101001001003", "石桥", Level.GRID, "/1/2/5/"),
        place(6, "990101001002001", "文昌", Level.GRID, "/1/3/6/"),
        place(7, "990101001001003001", "石桥路9号", Level.BUILDING, "/1/2/5/7/"),
    )
}
OFFICES = {
    POWER: Office(POWER, "供电所", "power", "0000-8801", 1),
    WATER: Office(WATER, "自来水公司", "water", "0000-8802", 1),
}
HERE = directory(
    contact(1, "王志远", unit=POWER),
    contact(2, "李秋萍", unit=WATER),
    contact(3, "张海燕", unit=WATER, to_on=TODAY - timedelta(days=1)),
    places=PLACES,
    offices=OFFICES,
)
INDEX = Index(HERE)


def found(typed: str, scope: Sequence[str] = ("/1/",)) -> Found:
    """What the box shows."""
    return INDEX.search(typed, scope, MORNING)


@pytest.mark.parametrize(
    ("typed", "sector", "at"),
    [
        ("黄河 供水", "water", "黄河社区"),
        ("供水 黄河", "water", "黄河社区"),
        ("gs hh3", "water", "石桥"),
        ("hh3 gs", "water", "石桥"),
        ("GS　ＨＨ３", "water", "石桥"),
        ("gongshui huanghe", "water", "黄河社区"),
        ("供电", "power", "沿河街道"),
        ("自来水 文昌", "water", "文昌"),
        ("gongd sq9", "power", "石桥路9号"),
        ("供水 黄河 石桥", "water", "石桥"),
    ],
)
def test_what_is_typed_in_any_order_finds_sector_and_place(typed: str, sector: str, at: str) -> None:
    first = found(typed).answers[0]
    assert (first.answer.sector, first.place.name) == (sector, at)


def test_a_place_alone_is_answered_for_all_fourteen_sectors() -> None:
    rows = found("石桥").answers
    assert [row.answer.sector for row in rows] == list(HERE.sectors)
    assert {row.place.name for row in rows} == {"石桥"}


def test_a_sector_alone_is_answered_for_the_own_places() -> None:
    rows = found("供水", ("/1/2/5/", "/1/3/6/")).answers
    assert [row.place.name for row in rows] == ["石桥", "文昌"]


@pytest.mark.parametrize(
    ("typed", "unknown", "as_for"), [("xyz", ("xyz",), ""), ("供水 xyz 。", ("xyz", "。"), "供水")]
)
def test_a_word_that_names_nothing_is_told_and_the_others_are_searched_for(
    typed: str, unknown: tuple[str, ...], as_for: str
) -> None:
    assert found(typed) == replace(found(as_for), unknown=unknown)


@pytest.mark.parametrize("typed", ["", "  "])
def test_nothing_typed_is_answered_for_all_sectors_at_the_own_place(typed: str) -> None:
    rows = found(typed).answers
    assert [row.answer.sector for row in rows] == list(HERE.sectors)
    assert {row.place.name for row in rows} == {"沿河街道"}


def test_people_are_found_by_name_unit_and_sector_but_not_those_who_left() -> None:
    assert [one.name for one in found("lqp").people] == ["李秋萍"]
    assert [one.name for one in found("供水 李").people] == ["李秋萍"]
    assert [one.name for one in found("zls gs").people] == ["李秋萍"]
    assert found("供电 李秋萍").people == ()
    assert found("张海燕").people == ()


def test_nobody_is_shown_beyond_the_own_places() -> None:
    assert found("黄河 供水", ("/1/3/",)).answers == ()
    assert found("文昌", ("/1/3/",)).answers[0].place.name == "文昌"
    assert [one.name for one in found("李秋萍", ("/1/3/",)).people] == ["李秋萍"]  # answers for the whole street
    north = replace(HERE, offices={WATER: replace(OFFICES[WATER], place_id=2)}, contacts={2: HERE.contacts[2]})
    assert Index(north).search("李秋萍", ("/1/3/",), MORNING).people == ()


def test_where_nothing_fits_all_words_the_sector_comes_first_and_the_other_words_are_told() -> None:
    assert found("文昌 供水", ("/1/2/",)).answers == ()
    nearest = INDEX.nearest("文昌 供水", ("/1/2/",), MORNING)
    assert {row.answer.sector for row in nearest.answers} == {"water"}
    assert {row.answer.sector for row in nearest.others} == set(HERE.sectors) - {"water"}
    assert nearest.unknown == ("文昌",)
    nothing = INDEX.nearest("文昌", ("/1/2/",), MORNING)
    assert nothing.answers == found("", ("/1/2/",)).answers


def test_a_retired_sector_and_an_ended_place_are_no_longer_offered() -> None:
    sectors = {**HERE.sectors, "water": HERE.sectors["water"].model_copy(update={"to_on": TODAY - timedelta(days=1)})}
    index = Index(replace(HERE, sectors=sectors, ended={5: MORNING}))
    assert {row.answer.sector for row in index.search("文昌", ("/1/",), MORNING).answers} == set(HERE.sectors) - {
        "water"
    }
    assert index.search("石桥", ("/1/",), MORNING).answers[0].place.name != "石桥"
    assert index.search("石桥", ("/1/",), MORNING - HOUR).answers[0].place.name == "石桥"


def test_places_beside_each_other_are_told_in_one_row_where_the_same_one_answers() -> None:
    (row,) = found("供水", ("/1/2/4/", "/1/2/5/")).answers
    assert [row.place.name, *(place.name for place in row.also)] == ["渔巷", "石桥"]


def test_first_is_verified_on_whom_the_most_grids_hang() -> None:
    street, fresh = (
        replace(HERE.contacts[who], posts=(Post(1, TODAY),), verified_on=day)
        for who, day in ((1, None), (2, TODAY - timedelta(days=90)))
    )
    grid = replace(street, id=3, posts=(Post(4, TODAY), Post(7, TODAY)))
    known = replace(HERE, contacts={1: street, 2: fresh, 3: grid, 4: replace(street, id=4, posts=())})
    assert [(one.contact.id, one.grids) for one in doubtful(known, ("/1/",), TODAY)] == [(1, 3), (3, 2)]
    assert doubtful(known, ("/1/2/",), TODAY) == []  # the units belong to the street
