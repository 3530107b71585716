"""The one table of looks: colours of dark and light pages, and how severity and clock are drawn.

A stage of the loop has no look of its own: it is told by its word and its place in the row.
"""

from dataclasses import dataclass
from urllib.parse import quote

from core.words import ClockState, Severity


@dataclass(frozen=True, slots=True)
class Tokens:
    """Colours by role. Hue is kept for severity; `time` marks what is overdue."""

    bg: str
    surface: str
    surface_2: str
    line: str  # decoration only
    line_strong: str
    text_1: str
    text_2: str
    text_3: str
    accent: str
    time: str
    on_time: str
    on_time_2: str
    choropleth: tuple[str, str, str, str, str]  # few to many


DARK = Tokens(
    bg="#0A121A",
    surface="#101B25",
    surface_2="#182632",
    line="#223240",
    line_strong="#5C7383",
    text_1="#E9EFF2",
    text_2="#AFBDC7",
    text_3="#8395A2",
    accent="#7FD0D6",
    time="#F3ECD8",
    on_time="#10181F",
    on_time_2="#3A3F40",
    choropleth=("#14262F", "#1B3B46", "#24535F", "#2F6C78", "#3A838E"),
)
LIGHT = Tokens(
    bg="#F5F7F6",
    surface="#FFFFFF",
    surface_2="#ECF0EF",
    line="#D8DFDD",
    line_strong="#7D8B92",
    text_1="#13202A",
    text_2="#40505B",
    text_3="#5E6D77",
    accent="#0A6B75",
    time="#13202A",
    on_time="#FFFFFF",
    on_time_2="#D8DFDD",
    choropleth=("#D3E5E7", "#ACCED2", "#82B4BA", "#54949C", "#246B75"),
)
NIGHT_TEXT, NIGHT_TIME = "#C9D2D7", "#D8D0BC"  # replace text_1 and time of the wall from 22:00 to 06:00
BARS = ("#4B6E7A", "#4F7F8A", "#559199", "#62AAB2", "#7FD0D6")  # bars on the wall, by class of the map
FLOW_IN, FLOW_OUT, NEWEST, SOON_BAR = "#5FB3BB", "#52708A", "#BFE9EC", "#B9B5A8"


@dataclass(frozen=True, slots=True)
class Shape:
    """An outline, for CSS and for SVG.

    Units: `clip` in per cent of its box; `path` in a box of 24 by 24.
    """

    clip: str
    path: str


DIAMOND = Shape("polygon(50% 0,100% 50%,50% 100%,0 50%)", "M12 0 24 12 12 24 0 12Z")
TRIANGLE = Shape("polygon(50% 6%,100% 94%,0 94%)", "M12 1.44 24 22.56H0Z")
SQUARE = Shape("inset(11%)", "M2.64 2.64H21.36V21.36H2.64Z")
CIRCLE = Shape("circle(42%)", "M1.92 12a10.08 10.08 0 1 0 20.16 0a10.08 10.08 0 1 0-20.16 0Z")


@dataclass(frozen=True, slots=True)
class SeverityLook:
    """How a level is drawn: always the shape and its character, never the colour alone."""

    key: str  # class on the wall
    shape: Shape
    dark: str
    fill: str  # on light pages
    on_fill: str
    text: str  # on light pages, only beside the shape
    edge: str | None = None  # on light pages


SEVERITY = {
    Severity.RED: SeverityLook("sr", DIAMOND, "#FF4D43", "#D92D20", "#FFFFFF", "#C4231C"),
    Severity.ORANGE: SeverityLook("so", TRIANGLE, "#FFA347", "#F07C12", LIGHT.text_1, "#AD4E00", "#AD4E00"),
    Severity.YELLOW: SeverityLook("sy", SQUARE, "#FFE873", "#F5C518", LIGHT.text_1, "#8A6800", "#8A6800"),
    Severity.BLUE: SeverityLook("sb", CIRCLE, "#5C9DFF", "#2F74D0", "#FFFFFF", "#1A5DBE"),
}


@dataclass(frozen=True, slots=True)
class ClockLook:
    """How a promise is drawn: an icon, a form of border, and words; no hue of its own."""

    key: str  # class of the chip
    icon: str  # SVG in a box of 16 by 16, in strokes of `currentColor`


_FACE = '<circle cx="8" cy="8" r="6.3"/>'
_DASHED = '<circle cx="8" cy="8" r="6.3" stroke-dasharray="2.6 2"/>'
CLOCK = {
    ClockState.RUNNING: ClockLook("run", f'{_FACE}<path d="M8 4.5V8"/>'),
    ClockState.DUE_SOON: ClockLook("soon", f'{_FACE}<path d="M8 4.3V8l2.6 1.6"/>'),
    ClockState.OVERDUE: ClockLook("over", f'{_FACE}<path d="M8 4.4v4.3M8 11.1v.3"/>'),
    ClockState.MET: ClockLook("met", '<path d="M2.5 8.5 6.3 12.3 13.5 4.5"/>'),
    ClockState.MISSED: ClockLook(
        "missed", '<rect x="2" y="2" width="12" height="12"/><path d="M5.5 5.5l5 5M10.5 5.5l-5 5"/>'
    ),
    ClockState.CANCELLED: ClockLook("off", f'{_FACE}<path d="M4.8 8h6.4"/>'),
    ClockState.PAUSED: ClockLook("pause", f'{_DASHED}<path d="M6.4 5.6v4.8M9.6 5.6v4.8"/>'),
    ClockState.SUPERSEDED: ClockLook("old", f'{_FACE}<path d="M5 11 11 5"/>'),
}
NO_CLOCK = ClockLook("none", _DASHED)

# Icons of the bar of a phone, by page; SVG in a box of 24 by 24, in strokes.
TABS = {
    "backlog": '<path d="M4 6h2M4 12h2M4 18h2M10 6h10M10 12h10M10 18h10"/>',
    "places": '<path d="M9 4 3 6.5V20l6-2.5 6 2.5 6-2.5V4l-6 2.5zM9 4v13.5M15 6.5V20"/>',
    "liaisons": '<path d="M5 4h4l2 5-2.5 1.5a11 11 0 0 0 5 5L15 13l5 2v4c0 1-1 2-2 2A15 15 0 0 1 3 6c0-1 1-2 2-2z"/>',
    "meetings": '<path d="M4 5h16v11h-9l-4 4v-4H4z"/>',
    "account": '<circle cx="12" cy="8" r="4"/><path d="M4 21c1-5 4-7 8-7s7 2 8 7"/>',
}


def svg_uri(body: str, size: tuple[int, int], colour: str) -> str:
    """An SVG drawing in strokes of `colour` as an address for a style sheet, without a literal angle bracket."""
    width, height = size
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" fill="none"'
    return "data:image/svg+xml," + quote(
        f'{head} stroke="{colour}" stroke-width="1.6" stroke-linecap="round">{body}</svg>', safe=" =:/'"
    )
