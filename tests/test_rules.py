"""The rule files say what the reports say, and a mistake in them is named with its file and its line."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from core import rules
from core.errors import BadFile
from core.words import CaseClass, Verb


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the rules of the house, to be spoilt."""
    return Path(shutil.copytree(rules.RULES, tmp_path / "rules"))


def edit(path: Path, old: str, new: str) -> int:
    """Replace the first `old` by `new`; the 1-based line at which it stood."""
    before, found, after = path.read_text(encoding="utf-8").partition(old)
    assert found, old
    path.write_text(before + new + after, encoding="utf-8")
    return before.count("\n") + 1


def test_13710_of_wulipu_gives_an_event_1_a_part_3_and_a_difficult_case_7_days() -> None:
    (closed,) = rules.current().regimes["wulipu_13710"].clock
    assert closed.is_final
    assert closed.starts_on is Verb.REPORT
    assert set(closed.met_on) == {Verb.CLOSE, Verb.SELF_HANDLE}
    assert [closed.hours_for(grade) for grade in ("event", "part", "difficult")] == [24, 72, 168]


def test_zhanqian_is_on_site_in_3_resolves_in_24_answers_in_36_and_checks_in_48_hours() -> None:
    clocks = rules.current().regimes["zhanqian_3_24_36_48"].clock
    said = [(c.name, c.hours_for("event"), c.starts_on, c.met_on, c.is_final) for c in clocks]
    assert said == [
        ("on_site", 3, Verb.DISPATCH, (Verb.ARRIVE,), False),
        ("resolved", 24, Verb.DISPATCH, (Verb.RESOLVE,), False),
        ("answered", 36, Verb.DISPATCH, (Verb.ANSWER,), False),
        ("checked", 48, Verb.DISPATCH, (Verb.CHECK,), True),
    ]


def test_there_are_14_sectors_and_the_6_of_our_own_say_so() -> None:
    origins = [sector.origin for sector in rules.current().sectors.values()]
    assert (origins.count("R1"), origins.count("default")) == (8, 6)


def test_a_case_is_due_soon_two_hours_before() -> None:
    assert rules.current().due_soon == timedelta(hours=2)


def test_the_class_of_a_category_is_that_of_its_major() -> None:
    found = rules.current()
    assert [found.case_class(code) for code in ("E0102", "P0104", "R0103")] == list(CaseClass)


# file, what stands there, what somebody makes of it, the line that is named, what is said
MISTAKES = {
    "a sector that is not defined": (
        ("categories.toml", 'sector = "power"', 'sector = "powr"', 'sector = "powr"', "sector 'powr' is not defined")
    ),
    "a regime that is not defined": (
        ("categories.toml", 'regime = "wulipu_13710"', 'regime = "x"', 'regime = "x"', "regime 'x' is not defined")
    ),
    "a major that is not defined": (
        ("categories.toml", 'major = "P02"', 'major = "P99"', 'major = "P99"', "major 'P99' is not defined")
    ),
    "a missing key": (
        "sectors.toml",
        'code = "gas"\nname = "燃气"',
        'code = "gas"',
        "[[sector]]",
        "name: Field required",
    ),
    "a missing key of a clock": (
        ("regimes.toml", 'name = "on_site"\n', "", "[[regime.clock]]", "clock.0.name: Field required")
    ),
    "a key nobody knows": (
        ("sectors.toml", 'origin = "R1"', 'origin = "R1"\ncolour = "red"', 'colour = "red"', "Extra inputs")
    ),
    "a bad type": (
        ("regimes.toml", "due_soon_hours = 2", 'due_soon_hours = "two"', 'due_soon_hours = "two"', "valid number")
    ),
    "breaks that do not rise": (
        ("regimes.toml", "open = [2, 5, 8, 12]", "open = [2, 5, 5, 12]", "[breaks]", "breaks must rise")
    ),
    "hours that are no number": ("regimes.toml", "hours = 36", 'hours = "36 h"', 'hours = "36 h"', "valid number"),
    "hours below zero": ("regimes.toml", "hours = 3\n", "hours = -3\n", "hours = -3", "greater than 0"),
    "hours for no such grade": (
        (
            "regimes.toml",
            "{ event = 24, ",
            "{ evnt = 24, ",
            "hours = { evnt = 24, part = 72, difficult = 168 }",
            "hours",
        )
    ),
    "a grade without hours": (
        ("regimes.toml", ", difficult = 168", "", "hours = { event = 24, part = 72 }", "no hours for ['difficult']")
    ),
    "a verb nobody knows": (
        ("regimes.toml", 'starts_on = "report"', 'starts_on = "begin"', 'starts_on = "begin"', "Input should be")
    ),
    "a severity nobody knows": (
        ("categories.toml", 'severity = "orange"', 'severity = "amber"', 'severity = "amber"', "Input should be")
    ),
    "a code used twice": (
        ("sectors.toml", 'code = "water"', 'code = "power"', 'code = "power"', "code 'power' is used twice")
    ),
    "a category used twice": (
        ("categories.toml", 'code = "E0102"', 'code = "E0101"', 'code = "E0101"', "code 'E0101' is used twice")
    ),
    "a clock named twice": (
        (
            "regimes.toml",
            'name = "answered"',
            'name = "resolved"',
            'code = "zhanqian_3_24_36_48"',
            "names a clock twice",
        )
    ),
    "no final clock": (
        ("regimes.toml", "final = true", "final = false", 'code = "wulipu_13710"', "exactly one final clock")
    ),
    "two final clocks": (
        ("regimes.toml", "hours = 36", "hours = 36\nfinal = true", 'code = "zhanqian_3_24_36_48"', "one final clock")
    ),
    "a syntax error": ("regimes.toml", 'label = "结案"', "label = 结案", "label = 结案", "Invalid value"),
    "a bracket left open": ("sectors.toml", "[[sector]]\n", "[[sector]\n", "[[sector]", "Expected ']]'"),
}


@pytest.mark.parametrize(("name", "old", "new", "named", "says"), MISTAKES.values(), ids=list(MISTAKES))
def test_a_mistake_is_named_with_its_file_and_line(
    folder: Path, name: str, old: str, new: str, named: str, says: str
) -> None:
    path = folder / name
    edited = edit(path, old, new) + new.count("\n")
    above = path.read_text(encoding="utf-8").splitlines()[:edited]
    line = max(number for number, text in enumerate(above, 1) if text == named)
    with pytest.raises(BadFile) as caught:
        rules.load(folder)
    assert (caught.value.path, caught.value.line) == (path, line), str(caught.value)
    assert str(caught.value).startswith(f"{path}:{line}: ")
    assert says in str(caught.value)


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "regimes.toml").unlink()
    with pytest.raises(BadFile, match=r"regimes\.toml"):
        rules.load(folder)


def test_a_file_in_another_encoding_is_named(folder: Path) -> None:
    (folder / "sectors.toml").write_bytes("[[sector]]\nname = '供电'\n".encode("gb18030"))
    with pytest.raises(BadFile, match=r"sectors\.toml"):
        rules.load(folder)


def test_any_edit_makes_a_new_version(folder: Path) -> None:
    before = rules.load(folder).version
    assert before == rules.current().version
    edit(folder / "regimes.toml", "hours = 36", "hours = 35")
    assert rules.load(folder).version != before
