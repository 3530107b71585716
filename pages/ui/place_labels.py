"""What is written on the map of a place, and where: what matters most first, and nothing over anything else; pure.

Of buildings only those with a figure or a mark are named, and the compounds that the others belong to: 3幢 stands in
every compound. Where all belong to one compound, and in that of the building that is looked at, numbers say enough:
there the name of the compound stands between the houses, or nowhere.
Units: pixels of the view the map begins with.
"""

import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

from shapely.geometry.base import BaseGeometry

from core.places import Place
from core.words import Level
from pages.ui.camera import EARTH_M, TILE_PX, View

STOREY_M, USUAL_FLOORS, TILT = 3, 3, 30
NUMBERED = re.compile(r"(.+?)(\d+[幢栋楼座])$")
NAME_PX, NUMBER_PX, FIGURE_PX = 17, 15, 21
ABOVE_PX = 24
SHIFTS_PX = ((0, 12), (0, -12), (16, 0), (-16, 0), (0, 24), (0, -24), (32, 0), (-32, 0), (0, 36), (0, -36))
STREET_PX = 15
ROOM = 1.15  # of a line of text
Box = tuple[float, float, float, float]
Street = Mapping[str, Any]  # a row of the names of streets


class Eye(NamedTuple):
    """From where the map is looked at.

    Units: `tilt` in degrees; `far` from the middle of the map, in pixels there.
    """

    view: View
    tilt: float = 0
    far: float = math.inf


class Label(NamedTuple):
    """A line of text at a point of the map."""

    text: str
    at: list[float]
    size: int
    down_px: float = 0
    right_px: float = 0
    is_on_dark: bool = False


class Wish(NamedTuple):
    """What should be written, the choices in order: each a block of lines that stand or fall together."""

    choices: Sequence[Sequence[Label]]


def height(place: Place) -> int:
    """How high a building stands; what is no building lies flat.

    Units: metres.
    """
    return STOREY_M * (place.floors or USUAL_FLOORS) if place.level == Level.BUILDING else 0


def labels(
    here: Place, places: Sequence[Place], shapes: Sequence[BaseGeometry], texts: Mapping[int, str],
    marked: Collection[int], eye: Eye, streets: Iterable[Street] = (), dark: Collection[int] = (),
) -> list[Label]:  # fmt: skip
    """What is written, in the order of its weight; flat places leave room for the names of `streets`.

    `dark` are the places whose ground is too dark for ink.
    """
    if places[0].level != Level.BUILDING:
        flat = [place for place in places if place.lon is not None]
        wishes = [_moving(_figured(place, place.name, texts, NAME_PX), place.id in dark) for place in flat]
        return _free(wishes, eye, [street_box(street, eye) for street in streets])
    groups = _compounds(places)
    alone = len(groups) == 1
    own = NUMBERED.match(here.name)
    inside = groups[own[1]] if own and own[1] in groups else places if alone else ()
    outlined = list(zip(places, shapes, strict=True))
    roofs = {place.id: _covered(shape, (height(place),), eye) for place, shape in outlined}
    houses = [_covered(shape, (0, height(place)), eye) for place, shape in outlined]
    told = [place for place in places if place.lon is not None and (texts.get(place.id or 0) or place.id in marked)]
    wishes = [_own(here, roofs.get(here.id))] * (here.level == Level.BUILDING and here.lon is not None)
    wishes += [_told(place, _number(place) if alone else place.name, texts) for place in told if place.id != here.id]
    wishes += [
        Wish([[Label(_number(place), _at(place), NUMBER_PX)]])
        for place in inside
        if place.lon is not None and place.id != here.id and _is_fitting(_number(place), NUMBER_PX, roofs[place.id])
    ]
    numbered = {place.id for place in inside}
    wishes += [
        _between(name, members, houses, eye, or_upon=members[0].id not in numbered) for name, members in groups.items()
    ]
    return _free(wishes, eye)


def compounds(places: Iterable[Place], view: View) -> list[Label]:
    """The names of compounds on a flat map."""
    return _free([_compound(name, members, flat=True) for name, members in _compounds(places).items()], Eye(view))


def _moving(wish: Wish, on_dark: bool) -> Wish:
    """The same, a little beside its place where it lies upon something, before it gives up its name."""
    first, *others = [[label._replace(is_on_dark=on_dark) for label in choice] for choice in wish.choices]
    moved = [[_shifted(label, *by) for label in first] for by in SHIFTS_PX]
    return Wish([first, *moved, *others])


def _shifted(label: Label, right_px: float, down_px: float) -> Label:
    return label._replace(right_px=right_px, down_px=label.down_px + down_px)


def _compounds(places: Iterable[Place]) -> dict[str, list[Place]]:
    """Buildings by the name before their number; a single one makes no compound, nor do houses of a road."""
    found: dict[str, list[Place]] = {}
    for place in places:
        if place.lon is not None and (name := NUMBERED.match(place.name)):
            found.setdefault(name[1], []).append(place)
    return {name: members for name, members in found.items() if len(members) > 1}


def _number(place: Place) -> str:
    """The number of a building as people say it, from its whole name."""
    found = NUMBERED.match(place.name)
    return found[2] if found else place.name


def _at(place: Place) -> list[float]:
    return [place.lon or 0.0, place.lat or 0.0, height(place)]


def _own(place: Place, roof: Box | None) -> Wish:
    """The building that is looked at: its number upon it, which is dark, if there is room, else its name above."""
    upon = Label(_number(place), _at(place), NAME_PX, is_on_dark=True)
    is_upon = roof is not None and _is_fitting(upon.text, upon.size, roof)
    return Wish([[upon if is_upon else Label(place.name, _at(place), NAME_PX, -ABOVE_PX)]])


def _figured(place: Place, name: str, texts: Mapping[int, str], size: int) -> Wish:
    """The name over the figure; without room the figure alone."""
    text = texts.get(place.id or 0, "")
    if not text:
        return Wish([[Label(name, _at(place), size)]])
    above, below = -FIGURE_PX * ROOM / 2, size * ROOM / 2
    both = [Label(name, _at(place), size, above), Label(text, _at(place), FIGURE_PX, below)]
    return Wish([both, [Label(text, _at(place), FIGURE_PX)]])


def _told(place: Place, name: str, texts: Mapping[int, str]) -> Wish:
    """The name with the figure; without one the name above the roof, whose edge is the mark."""
    if texts.get(place.id or 0):
        return _figured(place, name, texts, NUMBER_PX)
    return Wish([[Label(name, _at(place), NUMBER_PX, -ABOVE_PX)]])


def _compound(name: str, members: Sequence[Place], *, flat: bool = False) -> Wish:
    """In the middle of the compound, else at the building nearest to it that leaves room."""
    middle = [sum(at[part] for at in map(_at, members)) / len(members) for part in (0, 1)]
    near = sorted((_at(place) for place in members), key=lambda at: math.dist(at[:2], middle))
    return Wish([[Label(name, at[:2] if flat else at, NAME_PX)] for at in (middle, *near)])


def _between(name: str, members: Sequence[Place], houses: Sequence[Box], eye: Eye, *, or_upon: bool) -> Wish:
    """Half way between two houses of the compound, where no house lies; else, if it may, upon one."""
    (upon, *others), ground = _compound(name, members).choices, list(map(_at, members))
    halfway = [[(a + b) / 2 for a, b in zip(one[:2], other[:2], strict=True)] for one, other in combinations(ground, 2)]
    near = sorted(halfway, key=lambda at: math.dist(at, upon[0].at))
    written = [Label(name, at, NAME_PX) for at in near]
    free = [[one] for one in written if not any(_over(box(one, eye), house) for house in houses)]
    return Wish([*free, *([upon, *others] if or_upon else [])])


def _free(wishes: Iterable[Wish], eye: Eye, written_before: Iterable[Box] = ()) -> list[Label]:
    """The first choice of each wish that lies over nothing written before."""
    taken = list(written_before)
    written: list[Label] = []
    for wish in wishes:
        for choice in wish.choices:
            boxes = [box(label, eye) for label in choice]
            if not any(_over(box, other) for box in boxes for other in taken):
                taken += boxes
                written += choice
                break
    return written


def box(label: Label, eye: Eye) -> Box:
    """Where a line lies on the screen, from the middle of the map."""
    x, y = _pixel(label.at, eye)
    x, y = x + label.right_px, y + label.down_px
    half, high = _width(label.text, label.size) / 2, label.size * ROOM / 2
    return x - half, y - high, x + half, y + high


def _pixel(at: Sequence[float], eye: Eye) -> tuple[float, float]:
    """Where a point lies on the screen; what is nearer is larger."""
    (lon, lat), view, steep = at[:2], eye.view, math.radians(eye.tilt)
    world = TILE_PX * 2**view.zoom
    east, north = world * (lon - view.lon) / 360, world * (_mercator(lat) - _mercator(view.lat)) / (2 * math.pi)
    up = sum(at[2:]) * world / (EARTH_M * math.cos(math.radians(lat)))
    nearer = 1 + (north * math.sin(steep) - up * math.cos(steep)) / eye.far
    return east / nearer, -(north * math.cos(steep) + up * math.sin(steep)) / nearer


def _mercator(lat: float) -> float:
    return math.asinh(math.tan(math.radians(lat)))


def street_box(street: Street, eye: Eye) -> Box:
    """Where the name of a street lies on the screen."""
    x, y = _pixel([street["lon"], street["lat"]], eye)
    letters, turn = street["name"].replace("\n", ""), math.radians(street["angle"] - 90 * ("\n" in street["name"]))
    half, thick = _width(letters, STREET_PX) / 2, STREET_PX / 2
    wide = half * abs(math.cos(turn)) + thick * abs(math.sin(turn))
    high = half * abs(math.sin(turn)) + thick * abs(math.cos(turn))
    return x - wide, y - high, x + wide, y + high


def clear_streets(streets: Iterable[Street], labels: Iterable[Label], eye: Eye) -> list[Street]:
    """The names of streets that lie upon no label, and not upon that of a longer street."""
    taken = [box(label, eye) for label in labels]
    clear = []
    for street in sorted(streets, key=lambda street: -street["long"]):
        own = street_box(street, eye)
        if not any(_over(own, other) for other in taken):
            taken.append(own)
            clear.append(street)
    return clear


def _width(text: str, size: int) -> float:
    """How wide a text is; Latin letters and figures take little more than half."""
    return size * sum(1 if ord(letter) > 0x2E80 else 0.58 for letter in text) + 4


def _is_fitting(text: str, size: int, roof: Box) -> bool:
    return _width(text, size) <= roof[2] - roof[0]


def _covered(shape: BaseGeometry, heights: Iterable[int], eye: Eye) -> Box:
    """What a building covers on the screen between two heights, or its roof at one."""
    west, south, east, north = shape.bounds
    corners = [_pixel([x, y, z], eye) for x in (west, east) for y in (south, north) for z in heights]
    xs, ys = zip(*corners, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _over(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
