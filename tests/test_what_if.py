"""Which regime a case gets, what edited rules would change, and how a month would have gone under another regime."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer import Typer
from typer.testing import CliRunner

from core import rules, rules_command, store
from core.cases import what_if
from core.cases.steps import Move
from core.errors import BadFile, Refused
from core.promises import Assignment
from core.words import Source, Verb
from tests.cast import DAY, HOUR, NOON, RULES, WULIPU_1, ZHANQIAN, Street, loop

RUN = CliRunner()
N1, N2, S1 = "990101001001001", "990101001001002", "990101001002001"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the rules of the house, to be edited."""
    return Path(shutil.copytree(rules.RULES, tmp_path / "rules"))


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_four_regimes_promise_what_their_sources_say() -> None:
    hours = {code: {c.name: c.hours_for("event") for c in r.clock} for code, r in RULES.regimes.items()}
    assert hours == {
        "wulipu_13710": {"closed": 24},
        "zhanqian_3_24_36_48": {"on_site": 3, "resolved": 24, "answered": 36, "checked": 48},
        "you_call_i_come": {"replied": pytest.approx(5 / 60), "volunteer": 0.5},
        "hotline_12345": {"completed": 37.5},  # five working days of 7.5 hours
    }
    hotline = RULES.regimes["hotline_12345"]
    assert hotline.return_within
    assert hotline.extension_up_to
    assert (hotline.return_within.days, hotline.extension_up_to.days) == (2, 10)
    assert all(regime.unit for regime in RULES.regimes.values())


A = Assignment
OWN, PLACE, SOURCE = "wulipu_13710", "by the place", "by the source of the report"


@pytest.mark.parametrize(
    ("rows", "chosen"),
    [
        ((), (OWN, "by the category")),
        ((A(regime="x", source=Source.HOTLINE),), (OWN, "by the category")),  # the report came by phone
        ((A(regime="x", category="E01"),), ("x", "by the category")),  # the major class
        ((A(regime="x", category="E01"), A(regime="y", category=WULIPU_1)), ("y", "by the category")),
        ((A(regime="x", category=WULIPU_1), A(regime="y", place=N1[:9])), ("y", PLACE)),  # place before category
        ((A(regime="x", place=N1[:12]), A(regime="y", place=N1[:9])), ("x", PLACE)),  # the smaller place
        ((A(regime="x", place=N2),), (OWN, "by the category")),  # another grid
        ((A(regime="x", place=N1), A(regime="y", source=Source.PHONE)), ("y", SOURCE)),  # source before place
        ((A(regime="x", source=Source.PHONE), A(regime="y", source=Source.PHONE, place=N1)), ("y", SOURCE)),
        ((A(regime="x", source=Source.PHONE, place=S1), A(regime="y", category="E01")), ("y", "by the category")),
    ],
)
def test_the_most_specific_assignment_decides_and_says_so(
    rows: tuple[Assignment, ...], chosen: tuple[str, str]
) -> None:
    for order in (rows, rows[::-1]):
        found = RULES.model_copy(update={"assignments": order})
        assert found.regime_for(WULIPU_1, Source.PHONE, N1) == chosen


# what is added to a file, or put in the place of something; what is said, with the line of the mistake
ASSIGN = '\n[[assignment]]\nregime = "hotline_12345"\n'
MISTAKES = {
    "a calendar that is not defined": (
        ("regimes.toml", 'calendar = "working"\ndays = 5', 'calendar = "lunar"\ndays = 5', "calendar 'lunar' is not")
    ),
    "hours and days": ("regimes.toml", "days = 5", "days = 5\nhours = 3", "hours or days, one of both"),
    "neither hours nor days": ("regimes.toml", "days = 5\n", "", "hours or days, one of both"),
    "a clock with the name of the unit's": ("regimes.toml", 'name = "replied"', 'name = "unit"', "is kept for"),
    "a unit without hours for a grade": ("regimes.toml", ", difficult = 160", "", "no hours for ['difficult']"),
    "an assignment for nothing": ("regimes.toml", None, ASSIGN, "names a source, a place or a category"),
    "an assignment to nothing": (
        ("regimes.toml", None, '\n[[assignment]]\nregime = "x"\nsource = "phone"\n', "regime 'x' is not defined")
    ),
    "an assignment for no such category": (
        ("regimes.toml", None, ASSIGN + 'category = "E99"\n', "category 'E99' is not defined")
    ),
    "two assignments for the same": (
        ("regimes.toml", None, (ASSIGN + 'source = "phone"\n') * 2, "two assignments speak of the same cases")
    ),
    "a gap in the levels": ("regimes.toml", "level = 3", "level = 4", "count from 1 without a gap"),
    "a factor that lengthens": ("regimes.toml", "factor = 0.5", "factor = 1.5", "less than 1"),
    "a shift that overlaps": ("calendars.toml", '"08:30-12:00"', '"08:30-14:30"', "shifts overlap"),
    "a watch that overlaps the next": ("calendars.toml", '"08:00-08:00"', '"08:00-20:00", "20:00-09:00"', "overlap"),
    "a time that is none": ("calendars.toml", '"08:30-12:00"', '"8:30-12:00"', "String should match"),
    "a calendar used twice": ("calendars.toml", 'code = "duty"', 'code = "working"', "used twice"),
}


@pytest.mark.parametrize(("name", "old", "new", "says"), MISTAKES.values(), ids=list(MISTAKES))
def test_a_mistake_in_promises_is_named_with_its_file_and_line(
    folder: Path, name: str, old: str | None, new: str, says: str
) -> None:
    path = folder / name
    if old is None:
        path.write_text(path.read_text(encoding="utf-8") + new, encoding="utf-8")
    else:
        edit(path, old, new)
    with pytest.raises(BadFile) as caught:
        rules.load(folder)
    assert says in str(caught.value)
    assert caught.value.path == path
    assert caught.value.line


@pytest.fixture
def here(street: Street, monkeypatch: pytest.MonkeyPatch) -> Street:
    """The small street as the store of this process, standing at noon."""
    monkeypatch.setattr(store, "current", lambda: street.store)
    monkeypatch.setattr("core.clock._standing_at", NOON + 2 * HOUR)
    return street


def test_check_tells_what_edited_rules_would_change_for_open_cases(here: Street, folder: Path) -> None:
    first, _second = here.report(WULIPU_1), here.report(WULIPU_1)
    here.brought_to(Verb.DISPATCH, ZHANQIAN)
    closed = here.report(WULIPU_1)
    here.take(closed, *loop()[1:])
    edit(folder / "regimes.toml", "{ event = 24,", "{ event = 12,")
    edit(folder / "regimes.toml", "hours = 36\n", "hours = 40\n")
    said = RUN.invoke(rules_command.rules, ["check", str(folder / "regimes.toml")])
    assert said.exit_code == 0, said.output
    assert "3 of 3 open cases would differ" in said.output
    assert "2 earlier, 1 later" in said.output
    assert f"{here.case(first).number} closed: 2025-11-20 12:00 -> 2025-11-20 00:00" in said.output
    assert here.case(first).due_at == NOON + DAY  # nothing was changed
    unchanged = RUN.invoke(rules_command.rules, ["check", str(rules.RULES)])
    assert "0 of 0 open cases" in unchanged.output


def test_check_refuses_rules_that_forget_what_open_cases_need(here: Street, folder: Path) -> None:
    here.report("E0102")
    edit(folder / "categories.toml", 'code = "E0102"', 'code = "E0199"')
    said = RUN.invoke(rules_command.rules, ["check", str(folder)])
    assert said.exit_code == 1
    assert "category E0102" in said.output


def test_check_names_the_edited_file_and_line(folder: Path) -> None:
    edit(folder / "regimes.toml", "hours = 36\n", "hours = -36\n")
    with pytest.raises(BadFile) as caught:
        rules_command.loaded(folder / "regimes.toml")
    assert caught.value.path == folder / "regimes.toml"
    assert caught.value.line
    (folder / "moods.toml").touch()
    with pytest.raises(BadFile, match="no rule file of this name"):
        rules_command.loaded(folder / "moods.toml")


def test_what_if_replays_a_month_under_another_regime(here: Street) -> None:
    slow = here.report(WULIPU_1, when=NOON - 10 * DAY)  # closed after 20 hours: in time for a day, not for half an hour
    here.take(slow, *(slower(one, NOON - 10 * DAY, 8) for one in loop(NOON - 10 * DAY)[1:]))
    here.report(WULIPU_1, when=NOON - 3 * DAY)  # overdue
    here.report(WULIPU_1, when=NOON)  # still runs
    here.report(WULIPU_1, when=NOON - 40 * DAY)  # of another month
    with here.store.reading() as db:
        since, until = rules_command.month_of("2025-11")
        now = NOON + 2 * HOUR
        found = what_if.what_if(db, RULES, "you_call_i_come", since, until, now)
        same = what_if.what_if(db, RULES, "wulipu_13710", since, until, now)
    assert (found.cases, found.was, found.would_be) == (3, what_if.OnTime(1, 2), what_if.OnTime(0, 3))
    assert same.was == same.would_be
    said = RUN.invoke(rules_command.rules, ["what-if", "--month", "2025-11", "--regime", "you_call_i_come"])
    assert "50.0%  (1 of 2)" in said.output
    assert "0.0%  (0 of 3)" in said.output


def slower(one: Move, since: datetime, times: int) -> Move:
    """A move that happened so many times as long after the report."""
    at = since + (one.occurred_at - since) * times
    return replace(one, occurred_at=at, recorded_at=at)


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("2026-10", datetime(2026, 9, 30, 16, tzinfo=UTC), datetime(2026, 10, 31, 16, tzinfo=UTC)),
        ("2026-12", datetime(2026, 11, 30, 16, tzinfo=UTC), datetime(2026, 12, 31, 16, tzinfo=UTC)),
    ],
)
def test_a_month_is_a_month_of_shanghai(text: str, since: datetime, until: datetime) -> None:
    assert rules_command.month_of(text) == (since, until)


@pytest.mark.parametrize(("month", "regime"), [("October", "wulipu_13710"), ("2026-10", "x")])
def test_an_unknown_month_or_regime_is_refused(here: Street, month: str, regime: str) -> None:
    with pytest.raises(Refused):
        rules_command.what_if(month, regime)


def test_tick_escalates(here: Street) -> None:
    here.report(WULIPU_1, when=NOON - 3 * DAY)
    app = Typer()
    app.command()(rules_command.tick)
    assert "Escalated 1, reckoned anew 0" in RUN.invoke(app, []).output
