"""The page about places: filters and figures in its address, what is exported, and whose places open."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlmodel import select
from streamlit.testing.v1 import AppTest

from core import clock, follower, store
from core.accounts.tables import AuditEvent
from core.drill.asked import Period
from core.place_words import Figure
from core.places import Place
from core.words import Level, Verb
from pages.ui import navigation
from pages.ui.place_scale import scale
from tests.accounts import cookie, token_of
from tests.cast import ID, RULES, STREET, WHO, WULIPU_1, ZHANQIAN, Street, fill, move, spot_of

CODE = {name: code for name, code, *_ in STREET}


@pytest.fixture
def here(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Street]:
    """The small street in the store of this process, with a few cases."""
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    store.current.cache_clear()
    follower.current.cache_clear()
    with store.current().writing() as db:
        fill(db)
    street, now = Street(store.current()), clock.now()
    for name in ("house", "house", "house", "n2"):
        street.report(WULIPU_1, name, when=now - timedelta(days=3))
    closed = street.report(ZHANQIAN, "n1", when=now - timedelta(days=2))
    street.take(closed, move(Verb.SELF_HANDLE, "head of n1", now - timedelta(days=1)))
    yield street
    follower.current().stop()
    store.current().close()
    store.current.cache_clear()
    follower.current.cache_clear()


def opened(here: Street, who: str = "officer", **asked: str) -> AppTest:
    """The page at an address."""
    page = AppTest.from_file(str(navigation.PAGES / "places.py"), default_timeout=60)
    page.query_params.update(asked)
    with cookie(token_of(here.store, WHO[who].user_id, clock.real_now())):
        page.run()
    assert not page.exception, page.exception
    return page


def drawn_on(page: AppTest) -> str:
    """Everything drawn as HTML."""
    return "\n".join(str(element.proto.body) for element in page.get("html"))


@pytest.mark.parametrize("show", ["children", "trends", "cases", "card"])
@pytest.mark.parametrize("name", ["street", "north", "n1", "house", "s2"])
def test_every_place_opens_with_every_section(here: Street, name: str, show: str) -> None:
    page = opened(here, place=CODE[name], show=show, figure="reported")
    assert [title.value for title in page.title] == [name]


def test_what_is_chosen_stays_in_the_address(here: Street) -> None:
    page = opened(here, place=CODE["north"])
    with cookie(token_of(here.store, WHO["officer"].user_id, clock.real_now())):
        page.selectbox(key="places_category").select(RULES.categories[ZHANQIAN].name).run()
        page.selectbox(key="places_span").select("近 7 天").run()
        assert not page.exception
        assert page.query_params["category"] in (ZHANQIAN, [ZHANQIAN])
        assert page.query_params["span"] in ("week", ["week"])
        page.button(key=f"trail_{CODE['street']}").click().run()
        assert page.query_params["place"] in (CODE["street"], [CODE["street"]])
    assert page.query_params["category"] in (ZHANQIAN, [ZHANQIAN])


def test_a_figure_that_is_pressed_is_what_everything_is_about(here: Street) -> None:
    page = opened(here, place=CODE["north"])
    with cookie(token_of(here.store, WHO["officer"].user_id, clock.real_now())):
        page.button(key="figure_on_time").click().run()
        assert not page.exception
        assert page.query_params["figure"] in ("on_time", ["on_time"])
        page.button(key="again_0").click().run()
        assert not page.exception
    assert page.query_params["place"] in (CODE["house"], [CODE["house"]])
    assert page.query_params["figure"] in ("on_time", ["on_time"])
    assert "按时办结率" in drawn_on(page)


def test_an_address_opens_the_same_view_for_a_colleague(here: Street) -> None:
    """With its filters; a leader of the street sees what the officer sees, and a liaison has no such page."""
    told = {"place": CODE["n1"], "category": WULIPU_1, "span": "week", "figure": "reported", "show": "cases"}
    mine, theirs = opened(here, **told), opened(here, "leader", **told)
    assert drawn_on(mine) == drawn_on(theirs)
    assert drawn_on(mine).count('class="case-row"') == 3
    assert not opened(here, "liaison of power", **told).title


def test_a_card_says_who_answers_and_where_nobody_does(here: Street) -> None:
    drawn = drawn_on(opened(here, place=CODE["n1"], show="card"))
    assert "个方面无联络员" in drawn
    assert drawn.count("<tr>") == len(RULES.sectors)


def test_a_place_without_an_outline_says_so(here: Street) -> None:
    with here.store.writing() as db:
        for place in db.exec(select(Place).where(Place.parent_id == ID["north"])):
            place.geometry = None
    drawn = drawn_on(opened(here, place=CODE["north"]))
    assert "导入" in drawn
    assert 'class="ranking"' in drawn


def test_the_cases_behind_a_figure_are_listed(here: Street) -> None:
    drawn = drawn_on(opened(here, place=CODE["house"], show="cases", figure="overdue"))
    assert drawn.count('class="case-row"') == 3
    assert drawn_on(opened(here, place=CODE["n1"], show="cases", figure="closed")).count('class="case-row"') == 1


def test_the_same_trouble_at_one_building_stands_out(here: Street) -> None:
    assert "反复发生" in drawn_on(opened(here, place=CODE["n1"]))
    assert "反复发生" not in drawn_on(opened(here, place=CODE["n2"]))


def test_a_case_at_no_building_is_said_to_be_missing_on_the_map(here: Street) -> None:
    assert "不在楼栋上" not in drawn_on(opened(here, place=CODE["n1"]))
    here.report(WULIPU_1, "n1", when=clock.now())
    assert "另有 1 件不在楼栋上" in drawn_on(opened(here, place=CODE["n1"]))


def test_a_place_that_is_not_ones_own_is_not_there(here: Street) -> None:
    for place in (CODE["south"], CODE["f1"], "nonsense"):
        page = opened(here, "head of n1", place=place)
        assert [info.value for info in page.info] == ["本期末没有这个辖区，或不在您的权限内。"]
    assert [title.value for title in opened(here, "head of n1").title] == ["n1"]


def test_a_place_is_found_by_its_name(here: Street) -> None:
    page = opened(here)
    with cookie(token_of(here.store, WHO["officer"].user_id, clock.real_now())):
        page.text_input(key="places_search").set_value("hous").run()
        page.button(key=f"found_{CODE['house']}").click().run()
    assert page.query_params["place"] in (CODE["house"], [CODE["house"]])


def test_an_export_is_audited(here: Street) -> None:
    page = opened(here)
    with cookie(token_of(here.store, WHO["officer"].user_id, clock.real_now())):
        page.get("download_button")[0].click().run()  # type: ignore[union-attr]
    with here.store.reading() as db:
        assert [row.action for row in db.exec(select(AuditEvent))] == ["export_places"]


@pytest.mark.parametrize(
    ("figure", "level", "days", "bounds"),
    [
        (Figure.OPEN, Level.GRID, 7, (2, 5, 8, 12)),
        (Figure.REPORTED, Level.GRID, 30, (10, 20, 40, 80)),
        (Figure.REPORTED, Level.GRID, 1, (1, 2, 3, 4)),
        (Figure.CLOSED, Level.COMMUNITY, 365, (600, 1000, 2000, 5000)),
        (Figure.ON_TIME, Level.BUILDING, 30, (0.6, 0.7, 0.8, 0.9)),
    ],
)
def test_the_classes_of_the_map_depend_on_the_level_and_the_period_only(
    figure: Figure, level: Level, days: int, bounds: tuple[float, ...]
) -> None:
    last = date(2025, 11, 19)
    known = scale(figure, level, Period(last - timedelta(days=days - 1), last))
    assert known.bounds == bounds
    assert [known.of(value) for value in (0, *known.bounds)] == [0, 1, 2, 3, 4]


def test_the_lead_of_a_border_case_is_changed_on_the_page(here: Street) -> None:
    spot = replace(spot_of("n2"), also=(ID["n1"],))
    case = here.report(WULIPU_1, "n2", when=clock.now() - timedelta(hours=1), spot=spot)
    page = opened(here, place=CODE["street"], show="cases", figure="open")
    assert "现由n2牵头，与n1相邻" in drawn_on(page)
    with cookie(token_of(here.store, WHO["officer"].user_id, clock.real_now())):
        page.text_input(key=f"border_reason_{case}").set_value("离得更近")
        next(one for one in page.button if one.form_id == f"places_border_{case}").click().run()
    assert not page.exception, page.exception
    assert "现由n1牵头，与n2相邻" in drawn_on(page)
    leader = opened(here, who="leader", place=CODE["street"], show="cases", figure="open")
    assert not [one for one in leader.text_input if "border" in (one.key or "")]
