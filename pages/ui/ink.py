"""The colours of maps, on dark and on light ground, as deck.gl takes them."""

from dataclasses import dataclass, replace

from pages.ui.style import DARK, LIGHT

Colour = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Ink:
    """The colours of a map on one ground, as deck.gl takes them."""

    classes: tuple[Colour, ...]  # few to many
    no_data: Colour
    areas: tuple[tuple[str, Colour], ...]
    wall: Colour  # around residential courts
    roads: tuple[Colour, Colour, Colour]  # class 1 to 3
    casing: Colour
    outside: Colour
    river: Colour  # where it goes on outside
    boundary: Colour
    outline: Colour
    chosen: Colour
    watched: Colour
    text: Colour
    street: Colour
    halo: Colour


def rgba(colour: str, opacity: float = 1) -> Colour:
    """A `#RRGGBB` colour as four numbers from 0 to 255."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return red, green, blue, round(255 * opacity)


ON_DARK = Ink(
    classes=tuple(rgba(colour) for colour in DARK.choropleth),
    no_data=rgba(DARK.bg),
    areas=(
        ("water", rgba("#123550")),
        ("embankment", rgba("#0E2A3F")),
        ("green", rgba("#1D4436", 0.75)),
        ("playground", rgba("#1D4436", 0.5)),
        ("square", rgba("#DCEBF0", 0.05)),
        ("building", rgba("#DCEBF0", 0.09)),
        ("context_building", rgba("#DCEBF0", 0.09)),
    ),
    wall=rgba("#8FA9B6", 0.15),
    roads=(rgba("#7E99A8", 0.72), rgba("#5D7889", 0.62), rgba("#8FA9B6", 0.15)),
    casing=rgba(DARK.bg),
    outside=rgba(DARK.bg, 0.66),
    river=rgba("#123550", 0.6),
    boundary=rgba("#C9D6DC", 0.75),
    outline=rgba("#9FB6C2", 0.55),
    chosen=rgba(DARK.text_1),
    watched=rgba(DARK.time),
    text=rgba(DARK.text_1),
    street=rgba(DARK.text_2),
    halo=rgba(DARK.bg, 0.86),
)

ON_LIGHT = Ink(
    classes=tuple(rgba(colour) for colour in LIGHT.choropleth),
    no_data=rgba(LIGHT.bg),
    areas=(
        ("water", rgba("#C4DCE8")),
        ("embankment", rgba("#DCE8EC")),
        ("green", rgba("#D3E4D2", 0.8)),
        ("playground", rgba("#D3E4D2", 0.5)),
        ("square", rgba(LIGHT.text_1, 0.03)),
        ("building", rgba(LIGHT.text_1, 0.08)),
        ("context_building", rgba(LIGHT.text_1, 0.05)),
    ),
    wall=rgba(LIGHT.line_strong, 0.25),
    roads=(rgba("#FFFFFF"), rgba("#FFFFFF"), rgba("#FFFFFF", 0.9)),
    casing=rgba(LIGHT.line),
    outside=rgba(LIGHT.bg, 0.66),
    river=rgba("#C4DCE8", 0.6),
    boundary=rgba(LIGHT.text_2, 0.8),
    outline=rgba(LIGHT.text_3, 0.7),
    chosen=rgba(LIGHT.text_1),
    watched=rgba(LIGHT.text_1),
    text=rgba(LIGHT.text_1),
    street=rgba(LIGHT.text_2),
    halo=rgba(LIGHT.surface, 0.9),
)

# where the count is written upon it: names stay readable on the fullest class
PALE = replace(ON_LIGHT, classes=tuple(rgba(colour, 0.45) for colour in LIGHT.choropleth))
GROUND = rgba(LIGHT.surface_2)
PLAIN = replace(ON_LIGHT, classes=(GROUND,) * len(ON_LIGHT.classes))  # where a place is meant, not how much is there
