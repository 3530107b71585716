"""Clips of the map for paper: drawn on the server from our own ground, without a browser and without any request.

Units: lon, lat in WGS84 degrees; px of the finished picture.
"""

import io
import json
import math
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from shapely import STRtree
from shapely.geometry.base import BaseGeometry
from sqlmodel import Session

from core import layers, places
from core.errors import Refused
from core.language import N_
from core.words import Level, Severity

FONTS = (  # by file name, with the number of the simplified Chinese face in it
    ("NotoSansCJK-Regular.ttc", 2),
    ("NotoSansSC-Regular.otf", 0),
    ("SourceHanSansSC-Regular.otf", 0),
    ("PingFang.ttc", 2),
    ("msyh.ttc", 0),
)
SIZE_PX = (1240, 640)  # about 200 dots an inch over the width of a text
FINER = 2  # drawn so much larger, for smooth lines
LEAST_M, MARGIN = 320, 1.35  # half the height shown around a single point; air around several
M_PER_DEGREE = 111_320
SCALES_M = (50, 100, 200, 500, 1000, 2000)

# paper: light, and readable in black and white
GROUND, INK, HALO, LINE, HELD = "#FAFBFA", "#13202A", "#FFFFFF", "#7D8B92", "#C3DCDF"
AREAS = {
    "water": "#CFE3EE", "embankment": "#B9D2DF", "green": "#DDEBDD", "playground": "#E7F0E3", "square": "#EFEFEA",
    "building": "#DCE1E0", "context_building": "#E8EBEA",
}  # fmt: skip
ROADS = {1: ("#9AA5AB", "#FFFFFF", 15), 2: ("#C7CDCF", "#FFFFFF", 10), 3: ("#DDE2E2", "#FFFFFF", 6)}
LEVELS = {Severity.RED: "#D92D20", Severity.ORANGE: "#F07C12", Severity.YELLOW: "#F5C518", Severity.BLUE: "#2F74D0"}
MARK_PX, NAME_PX, GRID_PX = 17, 20, 24
AIR_PX = 6 * FINER  # around what is written
TRIES = 9  # a name is tried at so many places along a road, and at so many columns and rows of a grid
BESIDE = 0.0003  # degrees, about 30 m: a case so near lies on a road


Box = tuple[float, float, float, float]  # left, top, right, bottom


class Mark(NamedTuple):
    """A point of a clip: the shape tells the level without its colour, the label stands beside it."""

    lon: float
    lat: float
    severity: Severity
    label: str = ""


@dataclass(frozen=True)
class Feature:
    """One thing of the ground."""

    kind: str
    shape: BaseGeometry
    name: str = ""
    road_class: int = 3
    place: int = 0  # the id of a grid


@dataclass(frozen=True)
class Ground:
    """What lies under the points, found by a spatial index."""

    features: Sequence[Feature]
    index: STRtree

    def within(self, box: BaseGeometry) -> list[Feature]:
        """What touches `box`, in the order of the file."""
        return [self.features[number] for number in sorted(self.index.query(box, "intersects").tolist())]


def ground(db: Session, at: datetime) -> Ground:
    """The base map of the store, its buildings and its grids as they are at `at`."""
    base = layers.base_layers(db, at)
    found = [_feature(said) for name in ("areas", "roads") for said in json.loads(base[name])["features"]]
    names = places.tree(db, at).nodes
    for place, shape in places.shapes(db, Level.GRID, at).items():
        found.append(Feature("grid", shape, names[place].name, place=place))
    return Ground(found, STRtree([feature.shape for feature in found]))


def _feature(said: dict[str, dict[str, object]]) -> Feature:
    properties = said["properties"]
    name, road_class = properties.get("name"), properties.get("class")
    shape = shapely.from_geojson(json.dumps(said["geometry"]))
    return Feature(str(properties["kind"]), shape, str(name or ""), road_class if isinstance(road_class, int) else 3)


def clip(
    ground: Ground, marks: Sequence[Mark], size_px: tuple[int, int] = SIZE_PX, letters: float = 1,
    held: Collection[int] = (),
) -> bytes:  # fmt: skip
    """A picture of the ground around `marks` and the grids `held`, which are tinted, with a scale.

    `letters` enlarges what is written, for a screen.
    Returns: a PNG file.
    Raises: Refused, when no Chinese font is installed.
    """
    tinted = [feature for feature in ground.features if feature.place in held]
    points = shapely.MultiPoint([(mark.lon, mark.lat) for mark in marks])
    about = shapely.union_all([points, *(grid.shape for grid in tinted)])
    sheet = _Sheet(about, size_px, letters)
    found = ground.within(sheet.box)
    for grid in tinted:
        sheet.fill(grid.shape, HELD)
    for kind, colour in AREAS.items():
        for feature in found:
            if feature.kind == kind:
                sheet.fill(feature.shape, colour)
    _draw_roads(sheet, [feature for feature in found if feature.kind == "road"])
    grids = [feature for feature in found if feature.kind == "grid"]
    for grid in grids:
        sheet.stroke(shapely.boundary(grid.shape), LINE, 2)
    sheet.stroke(shapely.boundary(shapely.union_all([grid.shape for grid in tinted])), INK, 3)
    for mark in sorted(marks, key=lambda mark: -mark.severity.rank):
        sheet.mark(mark)
    sheet.scale()
    for mark in marks:
        sheet.label(mark)
    names = [*grids, *_named_roads(found, points)]
    for named in sorted(names, key=lambda one: (one.place not in held, shapely.distance(one.shape, about))):
        sheet.write_within(named.shape, named.name, GRID_PX if named.kind == "grid" else NAME_PX)
    return sheet.png()


def _named_roads(found: Iterable[Feature], points: BaseGeometry) -> list[Feature]:
    """Each main road in one piece, and every other one on which one of the points lies."""
    parts: dict[str, list[Feature]] = {}
    for feature in found:
        if feature.kind == "road" and feature.name:
            parts.setdefault(feature.name, []).append(feature)
    roads = [
        Feature("road", shapely.union_all([part.shape for part in some]), name, min(part.road_class for part in some))
        for name, some in parts.items()
    ]
    return [road for road in roads if road.road_class <= layers.MAIN or road.shape.distance(points) < BESIDE]


def _draw_roads(sheet: "_Sheet", roads: Sequence[Feature]) -> None:
    """All casings before all surfaces, so that crossings are open; small roads under large ones."""
    for side in (0, 1):
        for road in sorted(roads, key=lambda road: -road.road_class):
            *colours, width = ROADS.get(road.road_class, ROADS[3])
            sheet.stroke(road.shape, str(colours[side]), int(width) - 3 * side)


class _Sheet:
    """The picture in the making; knows where a place lies on it, and what may not be written over."""

    def __init__(self, shown: BaseGeometry, size_px: tuple[int, int], letters: float) -> None:
        self.size_px, self.letters = size_px, letters
        self.width, self.height = size_px[0] * FINER, size_px[1] * FINER
        self.image = Image.new("RGB", (self.width, self.height), GROUND)
        self.draw = ImageDraw.Draw(self.image)
        self.taken: list[Box] = []
        west, south, east, north = shapely.bounds(shown).tolist()
        self.lon, self.lat = (west + east) / 2, (south + north) / 2
        self.narrow = math.cos(math.radians(self.lat))
        half_m = max(
            LEAST_M,
            MARGIN * (north - south) / 2 * M_PER_DEGREE,
            MARGIN * (east - west) / 2 * M_PER_DEGREE * self.narrow * self.height / self.width,
        )
        self.px_per_m = self.height / 2 / half_m
        across, up = self.width / 2 / self.px_per_m / M_PER_DEGREE, half_m / M_PER_DEGREE
        self.box = shapely.box(
            self.lon - across / self.narrow, self.lat - up, self.lon + across / self.narrow, self.lat + up
        )

    def px(self, points: NDArray[np.float64]) -> list[tuple[float, float]]:
        """Where points lie on the sheet."""
        x = self.width / 2 + (points[:, 0] - self.lon) * self.narrow * M_PER_DEGREE * self.px_per_m
        y = self.height / 2 - (points[:, 1] - self.lat) * M_PER_DEGREE * self.px_per_m
        return list(zip(x.tolist(), y.tolist(), strict=True))

    def fill(self, shape: BaseGeometry, colour: str) -> None:
        """Fill what of a shape lies on the sheet; what is only a line there is drawn as one."""
        for part in shapely.get_parts(shapely.intersection(shapely.make_valid(shape), self.box)):
            if part.geom_type == "Polygon":
                self.draw.polygon(self.px(shapely.get_coordinates(part.exterior)), fill=colour)
            else:
                self.stroke(part, colour, 2)

    def stroke(self, shape: BaseGeometry, colour: str, width_px: int) -> None:
        """Draw along a shape."""
        for part in shapely.get_parts(shapely.intersection(shape, self.box.buffer(shapely.length(self.box) / 20))):
            if part.geom_type in ("LineString", "LinearRing"):
                line = self.px(shapely.get_coordinates(part))
                self.draw.line(line, fill=colour, width=width_px * FINER, joint="curve")

    def write_within(self, shape: BaseGeometry, text: str, size_px: int) -> None:
        """Write a name in the middle of what is shown of a shape, or else where there is room."""
        seen = shapely.intersection(shape, self.box)
        if text and not seen.is_empty:
            any(self.write(at, text, size_px, "mm") for at in self.px(_spots(seen)))

    def write(
        self, at: tuple[float, float], text: str, size_px: int, anchor: str, *, on_plate: bool = False,
        always: bool = False,
    ) -> bool:  # fmt: skip
        """Write with a halo or on a plate, so that it is read on everything; whether there was room."""
        font = _font(round(size_px * self.letters) * FINER)
        left, top, right, bottom = self.draw.textbbox(at, text, font, anchor)
        box = left - AIR_PX, top - AIR_PX, right + AIR_PX, bottom + AIR_PX
        is_free = min(box) > 0 and box[2] < self.width and box[3] < self.height
        is_free = is_free and not any(_overlap(box, other) for other in self.taken)
        if is_free or always:
            if on_plate:
                self.draw.rounded_rectangle(box, AIR_PX, HALO, LINE, FINER)
            self.draw.text(at, text, INK, font, anchor, stroke_width=2 * FINER, stroke_fill=HALO)
            self.taken.append(box)
        return is_free

    def mark(self, mark: Mark) -> None:
        """A case: the shape of its level."""
        x, y = self.px(np.array([(mark.lon, mark.lat)]))[0]
        radius = MARK_PX * FINER
        _SHAPES[mark.severity](self.draw, x, y, radius * 1.35, HALO)
        _SHAPES[mark.severity](self.draw, x, y, radius, LEVELS[mark.severity])
        self.taken.append((x - radius, y - radius, x + radius, y + radius))

    def label(self, mark: Mark) -> None:
        """The label of a case on the first side that has room, else to the right."""
        x, y = self.px(np.array([(mark.lon, mark.lat)]))[0]
        far = MARK_PX * FINER * 1.35 + AIR_PX
        sides = (((x + far, y), "lm"), ((x - far, y), "rm"), ((x, y - far), "mb"), ((x, y + far), "mt"))
        if mark.label and not any(self.write(at, mark.label, GRID_PX, side, on_plate=True) for at, side in sides):
            self.write(sides[0][0], mark.label, GRID_PX, sides[0][1], on_plate=True, always=True)

    def scale(self) -> None:
        """A bar that says how long it is."""
        metres = max((m for m in SCALES_M if m * self.px_per_m < self.width / 5), default=SCALES_M[0])
        left, bottom = 24 * FINER, self.height - 24 * FINER
        right = left + metres * self.px_per_m
        ends = [(left, bottom - 8 * FINER), (left, bottom), (right, bottom), (right, bottom - 8 * FINER)]
        self.draw.line(ends, fill=HALO, width=7 * FINER)
        self.draw.line(ends, fill=INK, width=3 * FINER)
        self.write((left + 6 * FINER, bottom - 10 * FINER), f"{metres} 米", NAME_PX, "ls")

    def png(self) -> bytes:
        """The finished picture in its own size, in a thin frame."""
        done = self.image.resize(self.size_px, Image.Resampling.LANCZOS)
        ImageDraw.Draw(done).rectangle((0, 0, self.size_px[0] - 1, self.size_px[1] - 1), outline=LINE, width=2)
        found = io.BytesIO()
        done.save(found, "PNG", optimize=True)
        return found.getvalue()


def _spots(seen: BaseGeometry) -> NDArray[np.float64]:
    """Where a name may stand, along the longest part of a line or within an area; the nearest to its middle first."""
    parts = shapely.get_parts(seen if shapely.area(seen) else shapely.line_merge(seen))
    if not len(parts):
        return np.empty((0, 2))
    part, tried = max(parts, key=lambda one: (one.area, one.length)), (np.arange(TRIES) + 0.5) / TRIES
    if shapely.area(part):
        west, south, east, north = shapely.bounds(part)
        lattice = np.meshgrid(west + tried * (east - west), south + tried * (north - south))
        middle = shapely.point_on_surface(part)
        places = [middle, *filter(part.contains, map(shapely.Point, *map(np.ravel, lattice)))]
    else:
        middle, *places = shapely.line_interpolate_point(part, (0.5, *tried), normalized=True)
    near = sorted(places, key=lambda place: shapely.distance(place, middle))
    found: NDArray[np.float64] = shapely.get_coordinates(near)
    return found


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


Draw = ImageDraw.ImageDraw


def _polygon(*corners: tuple[float, float]) -> Callable[[Draw, float, float, float, str], None]:
    def drawn(draw: Draw, x: float, y: float, radius: float, colour: str) -> None:
        draw.polygon([(x + radius * dx, y + radius * dy) for dx, dy in corners], fill=colour, outline=INK)

    return drawn


def _circle(draw: Draw, x: float, y: float, radius: float, colour: str) -> None:
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour, outline=INK)


_SHAPES: dict[Severity, Callable[[Draw, float, float, float, str], None]] = {
    Severity.RED: _polygon((0, -1.2), (1.2, 0), (0, 1.2), (-1.2, 0)),
    Severity.ORANGE: _polygon((0, -1.1), (1.1, 0.9), (-1.1, 0.9)),
    Severity.YELLOW: _polygon((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    Severity.BLUE: _circle,
}


@cache
def _font(size_px: int) -> ImageFont.FreeTypeFont:
    for name, number in FONTS:
        try:
            return ImageFont.truetype(name, size_px, index=number)
        except OSError:
            continue
    raise Refused(N_("A map on paper needs a Chinese font on the server: install {package}"), package="fonts-noto-cjk")
