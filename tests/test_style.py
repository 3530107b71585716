"""The table of looks: text can be read, and levels can be told apart by people who do not see red or green."""

import tomllib
from itertools import combinations, pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from core.board import colour_class
from core.store import ROOT
from core.words import ClockState, Measure, Severity
from pages.ui import style

Vector = NDArray[np.float64]

# Machado, Oliveira and Fernandes 2009, severity 1.0: what is left of linear RGB.
SIGHT = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
}
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.119192, 0.9503041]]
)
WHITE = np.array([0.95047, 1.0, 1.08883])


def linear(colour: str) -> Vector:
    """Linear RGB of a colour such as #0A121A."""
    channels = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2, from 1 to 21."""
    low, high = sorted(float(linear(colour) @ TO_XYZ[1]) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


def lab(colour: str, sight: str = "normal") -> Vector:
    """CIE L*a*b* of a colour as seen with `sight`."""
    ratio = TO_XYZ @ np.clip(SIGHT[sight] @ linear(colour), 0, 1) / WHITE
    x, y, z = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def ciede2000(one: Vector, other: Vector) -> float:
    """How different two colours look (Sharma, Wu and Dalal 2005); about 1 is just noticeable."""
    (l1, a1, b1), (l2, a2, b2) = one.tolist(), other.tolist()
    grey = 0.5 * (1 - _saturation((np.hypot(a1, b1) + np.hypot(a2, b2)) / 2))
    first, second = complex(a1 * (1 + grey), b1), complex(a2 * (1 + grey), b2)
    c1, c2 = abs(first), abs(second)
    h1, h2 = (np.degrees(np.angle(colour)) % 360 for colour in (first, second))
    turn = (h2 - h1 + 180) % 360 - 180
    hue = (h1 + turn / 2) % 360 if c1 * c2 else h1 + h2
    light, chroma = (l1 + l2) / 2 - 50, (c1 + c2) / 2
    wave = 1 - 0.17 * _cos(hue - 30) + 0.24 * _cos(2 * hue) + 0.32 * _cos(3 * hue + 6) - 0.20 * _cos(4 * hue - 63)
    dl = (l2 - l1) / (1 + 0.015 * light**2 / np.sqrt(20 + light**2))
    dc = (c2 - c1) / (1 + 0.045 * chroma)
    dh = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2)) / (1 + 0.015 * chroma * wave)
    rotation = -2 * _saturation(chroma) * np.sin(np.radians(60 * np.exp(-(((hue - 275) / 25) ** 2))))
    return float(np.sqrt(dl**2 + dc**2 + dh**2 + rotation * dc * dh))


def _saturation(chroma: float) -> float:
    return float(np.sqrt(chroma**7 / (chroma**7 + 25.0**7)))


def _cos(degrees: float) -> float:
    return float(np.cos(np.radians(degrees)))


@pytest.mark.parametrize(
    ("one", "other", "distance"),  # rows 1, 5, 14, 17, 25 of the published test data
    [
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, -1.1848, -84.8006), (50, 0, -82.7485), 1.0000),
        ((50, -0.0010, 2.4900), (50, 0.0011, -2.4900), 4.7461),
        ((50, 2.5000, 0), (73, 25, -18), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ],
)
def test_the_difference_of_colours_agrees_with_published_values(
    one: tuple[float, ...], other: tuple[float, ...], distance: float
) -> None:
    assert ciede2000(np.array(one), np.array(other)) == pytest.approx(distance, abs=1e-4)


TEXT = [
    (name, token, ground)
    for name in ("DARK", "LIGHT")
    for token in ("text_1", "text_2", "text_3", "accent")
    for ground in ("bg", "surface", "surface_2")
]


@pytest.mark.parametrize(("theme", "token", "ground"), TEXT)
def test_text_can_be_read_on_every_ground(theme: str, token: str, ground: str) -> None:
    tokens: style.Tokens = getattr(style, theme)
    assert contrast(getattr(tokens, token), getattr(tokens, ground)) >= 4.5


@pytest.mark.parametrize("tokens", [style.DARK, style.LIGHT], ids=["dark", "light"])
def test_what_is_overdue_can_be_read_and_stands_out(tokens: style.Tokens) -> None:
    assert contrast(tokens.on_time, tokens.time) >= 4.5
    assert contrast(tokens.on_time_2, tokens.time) >= 4.5
    assert contrast(tokens.time, tokens.surface) >= 7
    assert contrast(tokens.line_strong, tokens.bg) >= 3


LIGHT_PAIRS = [
    ("on_time", "time", 4.5),  # the overdue chip, and the stage at hand
    ("surface", "accent", 4.5),  # the main button
    ("surface", "text_1", 4.5),  # the badge of the demo's door
    ("accent", "surface", 4.5),  # the chosen pill, and the page one is on in the bar of a phone
    ("text_3", "surface", 4.5),  # the other pages in it
    ("accent", "bg", 3),  # the focus of a keyboard, and the stages behind
    ("accent", "surface_2", 3),
    ("line_strong", "surface", 3),  # the border of a field, a button, a dashed chip
    ("line_strong", "bg", 3),
    ("line_strong", "surface_2", 3),
]


@pytest.mark.parametrize(("one", "other", "least"), LIGHT_PAIRS)
def test_every_pair_of_tokens_that_light_pages_draw_has_contrast(one: str, other: str, least: float) -> None:
    assert contrast(getattr(style.LIGHT, one), getattr(style.LIGHT, other)) >= least


@pytest.mark.parametrize("place", range(5))
def test_a_label_can_be_read_on_every_class_of_the_light_map(place: int) -> None:
    ink = style.LIGHT.surface if place == 4 else style.LIGHT.text_1
    assert contrast(ink, style.LIGHT.choropleth[place]) >= 4.5


def test_the_theme_of_streamlit_has_the_tokens_of_light_pages() -> None:
    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))["theme"]
    names = {"primaryColor": "accent", "backgroundColor": "bg", "secondaryBackgroundColor": "surface_2"}
    names |= {"textColor": "text_1", "linkColor": "accent", "borderColor": "line"}
    assert {name: theme[name] for name in names} == {name: getattr(style.LIGHT, token) for name, token in names.items()}


@pytest.mark.parametrize("sight", SIGHT)
def test_the_lowest_class_of_the_light_map_is_told_from_its_ground(sight: str) -> None:
    assert ciede2000(lab(style.LIGHT.bg, sight), lab(style.LIGHT.choropleth[0], sight)) >= 4.5


@pytest.mark.parametrize("sight", SIGHT)
def test_a_level_is_never_taken_for_a_class_of_the_light_map(sight: str) -> None:
    for look in style.SEVERITY.values():
        for colour in style.LIGHT.choropleth:
            assert ciede2000(lab(look.fill, sight), lab(colour, sight)) >= 15


def test_the_wall_can_be_read_at_night() -> None:
    assert contrast(style.NIGHT_TEXT, style.DARK.surface_2) >= 4.5
    assert contrast(style.DARK.on_time_2, style.NIGHT_TIME) >= 4.5


def test_bars_and_marks_stand_out_from_the_wall() -> None:
    for colour in (*style.BARS, style.FLOW_IN, style.FLOW_OUT, style.NEWEST, style.SOON_BAR):
        assert contrast(colour, style.DARK.bg) >= 3


@pytest.mark.parametrize("level", Severity)
def test_the_character_of_a_level_can_be_read(level: Severity) -> None:
    look = style.SEVERITY[level]
    assert contrast(look.dark, style.DARK.surface_2) >= 4.5
    assert contrast(look.text, style.LIGHT.surface) >= 4.5
    assert contrast(look.on_fill, look.fill) >= 4.5
    assert contrast(look.edge or look.fill, style.LIGHT.surface) >= 3


def closest(colours: list[str], sight: str) -> float:
    """The smallest difference between any two of the colours."""
    return min(ciede2000(lab(one, sight), lab(other, sight)) for one, other in combinations(colours, 2))


@pytest.mark.parametrize(("sight", "least"), [("normal", 23), ("protanopia", 13), ("deuteranopia", 9.5)])
def test_levels_differ_for_every_sight(sight: str, least: float) -> None:
    assert closest([look.dark for look in style.SEVERITY.values()], sight) >= least


@pytest.mark.parametrize(("sight", "least"), [("normal", 23), ("protanopia", 16), ("deuteranopia", 11)])
def test_level_fills_of_light_pages_differ_for_every_sight(sight: str, least: float) -> None:
    assert closest([look.fill for look in style.SEVERITY.values()], sight) >= least


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("ramp", [style.DARK.choropleth, style.LIGHT.choropleth], ids=["dark", "light"])
def test_neighbouring_classes_of_the_map_differ_and_keep_their_order(ramp: tuple[str, ...], sight: str) -> None:
    assert min(ciede2000(lab(one, sight), lab(other, sight)) for one, other in pairwise(ramp)) >= 5
    lightness = [float(lab(colour, sight)[0]) for colour in ramp]
    assert lightness in (sorted(lightness), sorted(lightness, reverse=True))


@pytest.mark.parametrize("sight", SIGHT)
def test_a_level_is_never_taken_for_a_class_of_the_map(sight: str) -> None:
    for look in style.SEVERITY.values():
        for colour in style.DARK.choropleth:
            assert ciede2000(lab(look.dark, sight), lab(colour, sight)) >= 15


def test_no_two_levels_share_a_shape_and_no_two_clocks_an_icon() -> None:
    assert len({look.shape for look in style.SEVERITY.values()}) == len(Severity)
    assert len({look.icon for look in style.CLOCK.values()} | {style.NO_CLOCK.icon}) == len(ClockState) + 1


@pytest.mark.parametrize(
    ("measure", "count", "place"),
    [
        (Measure.OPEN, 0, 0),
        (Measure.OPEN, 1, 0),
        (Measure.OPEN, 2, 1),
        (Measure.OPEN, 11, 3),
        (Measure.OPEN, 12, 4),
        (Measure.OVERDUE, 0, 0),
        (Measure.OVERDUE, 1, 1),
        (Measure.DUE_SOON, 4, 3),
        (Measure.DUE_SOON, 500, 4),
    ],
)
def test_a_count_falls_into_its_class(measure: Measure, count: int, place: int) -> None:
    assert colour_class(count, measure) == place
