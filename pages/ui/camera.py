"""Where the camera of a map stands, and how far a pixel reaches."""

import math
from dataclasses import dataclass

from core.board import Board
from core.places import Node
from core.words import Level

Extent = tuple[float, float, float, float]  # west, south, east, north
EARTH_M = 40_075_017  # around the equator
TILE_PX = 512  # deck.gl's world is this wide at zoom 0
AROUND = 0.09  # share of a single grid's size that is shown on each side of it


@dataclass(frozen=True, slots=True)
class View:
    """Where the camera stands."""

    lon: float
    lat: float
    zoom: float


def extent(board: Board, node: Node) -> Extent:
    """The box around all grids of a place; around a single grid some of its surroundings too.

    Units: degrees; the whole earth, if no grid has an outline.
    """
    west, south, east, north = bounds(board, node)
    air = AROUND if node.level is Level.GRID else 0.0
    wide, high = air * (east - west), air * (north - south)
    return west - wide, south - high, east + wide, north + high


def bounds(board: Board, node: Node) -> Extent:
    """The box around the grids of a place; the whole earth, if no grid has an outline."""
    grids = (board.outlines.get(grid.id, ()) for grid in board.tree.grids(node))
    points = [point for rings in grids for polygon in rings for ring in polygon for point in ring]
    if not points:
        return (-180, -60, 180, 60)
    lons, lats = zip(*points, strict=True)
    return min(lons), min(lats), max(lons), max(lats)


def view_of(extent: Extent, width_px: float, height_px: float, margin: float = 0.06) -> View:
    """The camera that shows `extent` whole in a chart of this size, with a margin on each side."""
    west, south, east, north = extent
    top, bottom = _mercator(north), _mercator(south)
    wide = (east - west) / 360 or 1e-6
    high = (top - bottom) or 1e-6
    free = 1 - 2 * margin
    zoom = math.log2(min(width_px * free / wide, height_px * free / high) / TILE_PX)
    return View(round((west + east) / 2, 6), round(_latitude((top + bottom) / 2), 6), round(zoom, 2))


def scale_bar(view: View, most_px: float) -> tuple[int, float]:
    """How many round metres a bar of at most `most_px` shows, and how long it is then."""
    metre_px = TILE_PX * 2**view.zoom / (EARTH_M * math.cos(math.radians(view.lat)))
    power = 10 ** math.floor(math.log10(most_px / metre_px))
    metres = max(1, *(int(step * power) for step in (1, 2, 5) if step * power * metre_px <= most_px))
    return metres, metres * metre_px


def degrees_per_px(view: View) -> tuple[float, float]:
    """How many degrees of longitude and of latitude a pixel shows."""
    east = 360 / (TILE_PX * 2**view.zoom)
    return east, east * math.cos(math.radians(view.lat))


def _mercator(lat: float) -> float:
    return 0.5 + math.asinh(math.tan(math.radians(lat))) / (2 * math.pi)


def _latitude(y: float) -> float:
    return math.degrees(math.atan(math.sinh((y - 0.5) * 2 * math.pi)))
