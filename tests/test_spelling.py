"""Spelling: a name is found by its characters, its pinyin and its initials."""

import pytest

from core.spelling import BEGINS, SCATTERED, WHOLE, WITHIN, fit, folded


@pytest.mark.parametrize(
    ("word", "name", "expected"),
    [
        ("黄河社区", "黄河社区", WHOLE),
        ("hhsq", "黄河社区", WHOLE),
        ("huangheshequ", "黄河社区", WHOLE),
        ("黄河", "黄河社区", BEGINS),
        ("hh", "黄河社区", BEGINS),
        ("huangh", "黄河社区", BEGINS),
        ("社区", "黄河社区", WITHIN),
        ("sq", "黄河社区", WITHIN),
        ("hh3", "黄河社区3网格", SCATTERED),
        ("黄3", "黄河社区3网格", SCATTERED),
        ("gs", "供水", WHOLE),
        ("3h", "黄河社区3网格", None),  # in another order
        ("sg", "黄河社区3网格", None),  # scattered, but not from the beginning
        ("供水", "黄河社区", None),
        ("xx", "黄河社区", None),
    ],
)
def test_a_word_fits_a_name_as_well_as_people_would_say(word: str, name: str, expected: int | None) -> None:
    assert fit(word, name) == expected


def test_width_case_and_spaces_make_no_difference() -> None:
    assert fit(folded("ＨＨ ３"), "黄河社区３网格") == fit("hh3", "黄河社区3网格")
