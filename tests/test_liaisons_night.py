"""Who is on tonight: on screen, on one page of paper, and on the wall."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from core import clock, rules
from core.demo import liaisons, population
from core.demo.load import SEED
from core.follower import Follower
from core.liaison_words import Coverage
from core.liaisons import commands, lookup, tonight
from core.liaisons.commands import Entry
from core.liaisons.message import message
from core.liaisons.tables import Liaison, LiaisonLeave, RosterRow
from core.store import Store
from core.wall import picture
from core.words import Verb
from pages.ui import panels
from tests.accounts import asker
from tests.cast import HOUR, ID, NOON, POWER, RULES, TODAY, Street, path_of
from tests.test_documents import opened, pages_of
from tests.test_liaisons import HEAD, contact, directory, turn

EVENING = datetime(2025, 11, 19, 10, 0, tzinfo=UTC)  # 18:00 in Shanghai


@pytest.mark.parametrize(
    ("at", "begins"),
    [
        (NOON, EVENING),
        (EVENING + 5 * HOUR, EVENING),
        (EVENING + 13 * HOUR, EVENING),  # 07:00, still the same night
        (EVENING + 14 * HOUR, EVENING + 24 * HOUR),  # 08:00
    ],
)
def test_a_night_lasts_from_six_in_the_evening_to_eight_in_the_morning(at: datetime, begins: datetime) -> None:
    assert tonight.night_of(at) == (begins, begins + 14 * HOUR)


def test_the_roster_is_followed_then_whoever_is_awake_then_the_duty_room() -> None:
    awake = contact(3, "丙", unit=2, hours=RULES.calendars["working"])
    here = directory(HEAD, contact(2, "乙"), awake, turns=(turn(1, EVENING - HOUR, 5), turn(2, EVENING + 4 * HOUR, 10)))
    found = tonight.tonight(here, path_of("street"), NOON)
    assert [(one.unit, one.name, one.is_rostered) for one in found if one.unit != "北区供电点"] == [
        ("供电所", "甲", True),
        ("供电所", "乙", True),
        ("供水站", "", False),
    ]
    assert [(one.from_at, one.to_at) for one in found[:2]] == [
        (EVENING, EVENING + 4 * HOUR),
        (EVENING + 4 * HOUR, EVENING + 14 * HOUR),
    ]
    assert tonight.tonight(here, path_of("south"), NOON) == []


@pytest.fixture
def settled(sqlite_url: str) -> Store:
    """The demo street with its directory, without cases."""
    here = Store(sqlite_url)
    with here.writing() as db:
        population.settle(db, clock.local(NOON).date(), SEED)
        liaisons.found(db, NOON, SEED)
    return here


def test_the_night_of_the_demo_street_fits_on_one_page(settled: Store, tmp_path: Path) -> None:
    with settled.reading() as db:
        known = lookup.directory(db, rules.current())
    street = next(iter(known.places.values()))
    watches = tonight.tonight(known, street.path, NOON)
    assert {one.sector for one in watches} == {one.name for one in RULES.sectors.values()}
    (tmp_path / "night.docx").write_bytes(content := tonight.page(watches, street.name, NOON, is_demo=True))

    class Written:
        """What is opened again as if just written."""

        def file(self) -> bytes:
            return content

    paper: object = Written()
    assert len(pages_of(paper, tmp_path)) == 1  # type: ignore[arg-type]
    (table,) = opened(paper).tables  # type: ignore[arg-type]
    assert len(table.rows) == len(watches) + 1


def test_the_demo_directory_has_all_sectors_duty_rooms_stale_entries_leave_and_rosters(settled: Store) -> None:
    with settled.reading() as db:
        known = lookup.directory(db, rules.current())
        mobiles = [row.mobile for row in db.exec(select(Liaison))]
        leave, turns = db.exec(select(LiaisonLeave)).all(), db.exec(select(RosterRow)).all()
    covers = {known.cover(sector, place.path, TODAY).how for sector in known.sectors for place in known.places.values()}
    assert covers == set(Coverage) - {Coverage.GAP}  # every unit of the demo has a duty phone
    assert {known.offices[one.unit_id].sector for one in known.contacts.values()} == set(known.sectors)
    assert all(len(mobile) == 11 and mobile.startswith("100") for mobile in mobiles)  # no network gives these out
    assert {row.stand_in_id is None for row in leave} == {True, False}
    assert len(turns) > 100


def test_the_wall_names_who_is_on_the_roster_and_nobody_else(street: Street) -> None:
    street.brought_to(Verb.TAKE_ON, when=clock.now() - HOUR)
    with street.store.writing() as db:
        first = commands.add(db, asker("officer"), POWER, Entry("甲", mobile="10012345678"), [ID["n1"]], RULES)
        commands.add(db, asker("officer"), POWER, Entry("乙"), [ID["n2"]], RULES)
    follower = Follower(street.store, coalesce_s=0)
    assert follower.board.on_duty == {}
    now = clock.now()
    with street.store.writing() as db:
        commands.put_on_roster(db, asker("officer"), first, now - HOUR, now + HOUR)
    follower.poll()
    assert follower.board.on_duty == {POWER: "甲"}
    root = follower.board.tree.root
    assert root is not None
    said = panels.render(picture(follower.board, root), "zh_CN")
    assert "<i>甲</i>" in said
    assert "乙" not in said
    assert "10012345678" not in said


def test_the_words_for_the_group_chat_hold_place_what_and_by_when() -> None:
    said = message("2511-00001", "水管破裂", "石桥路9号", NOON + timedelta(hours=3), lambda text: text)
    assert said.splitlines()[:3] == ["【2511-00001】水管破裂", "Place: 石桥路9号", "By: 11-19 15:00"]
    assert "By:" not in message("1", "x", "y", None, str)
