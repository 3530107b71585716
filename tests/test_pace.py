"""Pace: a busy process lets its viewers come over a longer time, an idle one over a shorter."""

import pytest

from pages.ui.live import Pace


def weighed(*busy: float) -> Pace:
    pace = Pace()
    for share in busy:
        pace.weigh(share)
    return pace


def test_at_first_three_hundred_viewers_come_within_a_second_and_a_half() -> None:
    assert Pace().spread_ms(300) == 1_500


@pytest.mark.parametrize(
    ("busy", "viewers", "expected"),
    [
        ((0.6,), 300, 1_500),  # as good as it should be
        ((0.9,), 300, 2_250),
        ((0.6, 0.9, 0.9), 300, 3_000),  # never longer
        ((1.0,) * 20, 50, 500),
        ((0.35,), 300, 1_500),  # never shorter than at first
        ((0.0,) * 20, 1, 5),
        ((0.0, 0.72), 100, 600),
    ],
)
def test_the_spread_follows_how_busy_the_process_was(busy: tuple[float, ...], viewers: int, expected: int) -> None:
    assert weighed(*busy).spread_ms(viewers) == expected
