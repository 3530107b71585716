"""What the layers of the map show, as JSON without colours: the deck gives colours and shapes.

Units: lon, lat in WGS84, rounded to 1e-6 degrees (about 0.1 m).
"""

import json
import math
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlmodel import Session

from core import asides, labels, places, store, written
from core.board import FRESH, Board, colour_class, over_last
from core.cases.queries import OpenCase
from core.labels import COUNT_PX, Place, Sign, degrees_per_px, name_px
from core.places import Node
from core.words import ClockState, Level, Measure, Severity

# where along a road its name may stand, the middle first
TRIED = sorted((step / 20 for step in range(4, 17)), key=lambda along: abs(along - 0.5))
BASE = ("areas", "roads", "outside", "streets")
FRAMED_PX = 8  # half of a frame and some air
MAIN, LANE = 2, 3  # the class down to which a road's name is written on a wall, and near a case
Feature = dict[str, Any]


def base_layers(db: Session, at: datetime) -> dict[str, bytes]:
    """The layers that change only with the places, by the names of `BASE`.

    Returns: GeoJSON feature collections; `kind` of a feature says what it is, `class` of a road how large.
    `streets` are rows: the names of main roads, where and at which angle they are written.
    """
    features = _base_map(db)
    buildings = [_shape("building", shape) for shape in places.shapes(db, Level.BUILDING, at).values()]
    communities = places.shapes(db, Level.COMMUNITY, at).values()
    street = shapely.union_all(list(places.shapes(db, Level.STREET, at).values()))
    return {
        "areas": _collection([*(f for f in features if _kind(f) != "road"), *buildings]),
        "roads": _collection(f for f in features if _kind(f) == "road"),
        "outside": _collection(
            [
                *_around(street),
                *(_shape("community", shapely.boundary(community)) for community in communities),
                *(f for f in features if _kind(f) == "water"),  # once more: a river goes on outside
            ]
        ),
        "streets": _dumps(_main_streets(db, at, features)),
    }


def street_signs(db: Session, at: datetime) -> tuple[Sign, ...]:
    """The names of main roads on a wall: none where there is no base map."""
    return tuple(Sign(**row) for row in _main_streets(db, at, _base_map(db)))


def layer_json(board: Board, name: str, measure: Measure, node: Node | None = None) -> bytes:
    """The rows of one layer of the live picture, looking at `node` or at everything: `grids`, `labels`,
    `cases` or `frames`.

    Raises: KeyError, if there is no such layer.
    """
    layers: dict[str, Callable[[Board, Measure, Node | None], list[Feature]]] = {
        "grids": _grid_rows,
        "labels": _label_rows,
        "cases": _case_rows,
        "frames": _frame_rows,
    }
    return _dumps(layers[name](board, measure, node))


def _grid_rows(board: Board, measure: Measure, _node: Node | None) -> list[Feature]:
    """One row a polygon of a grid: its rings, the class 0 to 4 of its count, and how wide the grid is.

    Units: `span` in degrees of longitude.
    """
    return [
        {
            "code": node.code,
            "name": node.name,
            "level": colour_class(board.counts_of(node).of(measure), measure),
            "watched": int(node.id == board.watched and not board.framed),  # one kind of frame at a time
            "aside": int(board.is_aside(node)),
            "span": _span(board, node),
            "polygon": rings,
        }
        for node in _grids(board)
        for rings in board.outlines.get(node.id, ())
    ]


def _frame_rows(board: Board, _measure: Measure, _node: Node | None) -> list[Feature]:
    """One row a polygon of an emergency's frame: its rings; the largest says its name, and where."""
    return [
        {"polygon": rings, "lon": frame.spot[0], "lat": frame.spot[1], "name": "" if number else frame.name}
        for frame in written.frames(board)
        for number, rings in enumerate(frame.outline)
    ]


def _label_rows(board: Board, measure: Measure, node: Node | None) -> list[Feature]:
    """One row a grid at or below `node`: where its label stands, its name, its count as text and how large.

    Of labels that would lie over each other when `node` is shown whole, only the one with the larger count is there.
    Units: `span`, the width of the grid, in degrees of longitude; `wide`, that of the name, in pixels.
    """
    grids = [grid for grid in (board.tree.grids(node) if node else _grids(board)) if grid.id in board.spots]
    pixel = degrees_per_px(board.outlines.get(grid.id, ()) for grid in grids)
    clear = _clear(sorted(grids, key=lambda grid: -board.counts_of(grid).of(measure)), board.spots, pixel)
    return [_label_row(board, measure, grid) for grid in grids if grid.id in clear]


def _label_row(board: Board, measure: Measure, grid: Node) -> Feature:
    (lon, lat), count = board.spots[grid.id], board.counts_of(grid).of(measure)
    return {
        "lon": lon,
        "lat": lat,
        "code": grid.code,
        "name": grid.name,
        "count": str(count),
        "larger": labels.larger(over_last(count, measure)),
        "span": _span(board, grid),
        "wide": name_px(grid.name),
    }


def _clear(grids: Iterable[Node], spots: Mapping[int, Place], pixel: Place) -> set[int]:
    """The grids whose counts do not lie over that of one before; where grids are small, names are not written."""
    wide, high = pixel[0] * 2 * COUNT_PX, pixel[1] * COUNT_PX
    taken: dict[int, Place] = {}
    for grid in grids:
        lon, lat = spots[grid.id]
        if not any(abs(lon - x) < wide and abs(lat - y) < high for x, y in taken.values()):
            taken[grid.id] = (lon, lat)
    return set(taken)


def _span(board: Board, node: Node) -> float:
    lons = [lon for polygon in board.outlines.get(node.id, ()) for ring in polygon for lon, _ in ring]
    return round(max(lons) - min(lons), 5) if lons else 0.0


def _case_rows(board: Board, _measure: Measure, node: Node | None) -> list[Feature]:
    """One row a case, as they are drawn above each other: blue first and red last, what lies above labels after that.

    Units: `dx`, `dy`, how far it is drawn beside its place for others at that place; `sx`, `sy`, the same where
    labels are written, of which it stands clear; pixels to the right and down.
    """
    cases = sorted(board.drawn(node), key=lambda case: (_is_grave(board, case), -case.severity.rank, case.id))
    fan = asides.fan(cases)
    clear = asides.clear(board, cases, fan, node)
    moved = {case: {"dx": x, "dy": y} for case, (x, y) in fan.items()}
    stood = {case: {"sx": x, "sy": y} for case, (x, y) in clear.items()}
    return [_case_row(board, case) | moved.get(case.id, {}) | stood.get(case.id, {}) for case in cases]


def _case_row(board: Board, case: OpenCase) -> Feature:
    row: Feature = {"id": case.id, "lon": case.lon, "lat": case.lat, "severity": case.severity.value}
    if board.states[case.id] is ClockState.OVERDUE:
        row["overdue"] = 1
    if board.is_idle(case):
        row["idle"] = 1
    if case.id in board.newest:
        row["mark"] = board.newest.index(case.id) + 1
    if _is_grave(board, case):
        row["grave"] = 1
    age = board.at - case.reported_at
    if fresh := next((minutes for minutes, span in FRESH.items() if age < span), None):
        row["fresh_minutes"] = fresh
    return row


def _is_grave(board: Board, case: OpenCase) -> bool:
    """Whether it is drawn above the labels."""
    is_late = board.states[case.id] is ClockState.OVERDUE
    return is_late or case.id in board.newest or case.severity is Severity.RED


def _grids(board: Board) -> list[Node]:
    return [node for node in board.tree.nodes.values() if node.level is Level.GRID]


def _base_map(db: Session) -> list[Feature]:
    """The features of the base map file that the store names; an office without one gets a plain ground."""
    name = store.setting(db, "basemap")
    if name is None:
        return []
    features: list[Feature] = json.loads((store.ROOT / name).read_text(encoding="utf-8"))["features"]
    return features


def _around(street: BaseGeometry) -> list[Feature]:
    """The street's boundary, and everything around it to be dimmed: a wide frame with the street cut out."""
    if street.is_empty:
        return []
    west, south, east, north = shapely.bounds(street)
    margin = 3 * max(east - west, north - south)
    frame = shapely.box(west - margin, south - margin, east + margin, north + margin)
    return [_shape("outside", shapely.difference(frame, street)), _shape("boundary", shapely.boundary(street))]


def names_around(roads: bytes, at: Place, half: Place, clear: float, lowest: int = LANE) -> list[Feature]:
    """The names of the roads down to a class in a box around a point; `roads` is the layer of `base_layers`.

    Units: degrees; the point itself stays free of names as far as `clear` around it.
    """
    (lon, lat), (wide, high) = at, half
    free = shapely.box(lon - wide, lat - high, lon + wide, lat + high) - shapely.Point(at).buffer(clear)
    return _street_names(json.loads(roads)["features"], free, lowest)


def _main_streets(db: Session, at: datetime, features: Iterable[Feature]) -> list[Feature]:
    street = shapely.union_all(list(places.shapes(db, Level.STREET, at).values()))
    outlines = places.outlines(db, at)
    stands = labels.stands(places.tree(db, at).nodes.values(), outlines, ()).values()
    borders = shapely.boundary(list(places.shapes(db, Level.COMMUNITY, at).values()))
    pixel = degrees_per_px(outlines.values())
    frames = shapely.union_all(shapely.buffer(borders, FRAMED_PX * pixel[1]))
    fixed = labels.usual((stand for stand in stands if len(stand.places) == 1), pixel)  # the others may give way
    return _street_names(
        features, street, pixel=pixel, costly=((1, labels.usual(stands, pixel)), (1, fixed), (2, frames))
    )


def _street_names(
    features: Iterable[Feature],
    street: BaseGeometry,
    lowest: int = MAIN,
    *,
    pixel: Place = (0, 0),
    costly: tuple[tuple[int, BaseGeometry], ...] = (),
) -> list[Feature]:
    """The names of roads down to a class, each once, on its longest part within the street.

    They stand far from crossings, and where they touch least of each other and of what is `costly`: costs and shapes.
    Units: `angle` in degrees from the east, anticlockwise; `long`, the length of that part, in degrees of latitude.
    """
    parts: dict[str, BaseGeometry] = {}
    for road in features:
        said = road["properties"]
        if _kind(road) == "road" and said.get("name") and said.get("class") in range(1, lowest + 1):
            for part in shapely.get_parts(shapely.from_geojson(json.dumps(road["geometry"])).intersection(street)):
                parts[said["name"]] = max(parts.get(said["name"], part), part, key=shapely.length)
    lines = {name: part for name, part in parts.items() if shapely.length(part)}
    found: list[Sign] = []
    for name, line in lines.items():
        crossings = [other for other in lines.values() if other is not line]
        named = [labels.written(sign, pixel) for sign in found]
        signs = [_sign(name, line, along) for along in TRIED]
        found.append(_best(signs, pixel, ((1, shapely.union_all([*crossings, *named])), *costly)))
    return [sign._asdict() for sign in found]


def _best(signs: list[Sign], pixel: Place, costly: tuple[tuple[int, BaseGeometry], ...]) -> Sign:
    """The sign that costs least, of several the farthest from all that costs, of several as far the first."""
    shapes = [labels.written(sign, pixel) for sign in signs]
    costs = sum(cost * shapely.intersects(shapes, shape) for cost, shape in costly)
    every = shapely.union_all([shape for _, shape in costly])
    off = np.nan_to_num(shapely.distance([shapely.Point(sign[:2]) for sign in signs], every))
    return signs[int((off - costs).argmax())]  # no place on a street is a degree away


def _sign(name: str, line: BaseGeometry, along: float) -> Sign:
    places = shapely.line_interpolate_point([line] * 3, along + np.array((-0.05, 0, 0.05)), normalized=True)
    before, here, after = (tuple(map(float, place)) for place in shapely.get_coordinates(places))
    narrow = math.cos(math.radians(here[1]))
    angle = math.degrees(math.atan2(after[1] - before[1], (after[0] - before[0]) * narrow))
    turned = (angle + 100) % 180 - 100  # never upside down; what is steep is read downwards
    is_stacked = turned < -45 and name > "\u2e80"  # Chinese stands upright, letter below letter
    return Sign(
        lon=round(here[0], 6),
        lat=round(here[1], 6),
        name="\n".join(name) if is_stacked else name,
        angle=round(turned + 90 if is_stacked else turned, 1),
        long=round(shapely.length(line), 5),
    )


def _shape(kind: str, shape: BaseGeometry) -> Feature:
    return {"type": "Feature", "properties": {"kind": kind}, "geometry": json.loads(shapely.to_geojson(shape) or "")}


def _kind(feature: Feature) -> str:
    return str(feature["properties"].get("kind"))


def _collection(features: Iterable[Feature]) -> bytes:
    return _dumps({"type": "FeatureCollection", "features": list(features)})


def _dumps(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
