"""What the layers of the map show, as JSON without colours: the deck gives colours and shapes.

Units: lon, lat in WGS84, rounded to 1e-6 degrees (about 0.1 m).
"""

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry
from sqlmodel import Session

from core import places, store
from core.board import FRESH, Board, colour_class
from core.cases.queries import OpenCase
from core.places import Node
from core.words import ClockState, Level, Measure

NAME_PX = 17  # of a grid's name on the map; Latin letters take little more than half
BASE = ("areas", "roads", "outside")
Feature = dict[str, Any]


def base_layers(db: Session, at: datetime) -> dict[str, bytes]:
    """The layers that change only with the places, by the names of `BASE`.

    Returns: GeoJSON feature collections; `kind` of a feature says what it is, `class` of a road how large.
    """
    features = _base_map(db)
    buildings = [_shape("building", shape) for shape in places.shapes(db, Level.BUILDING, at).values()]
    communities = places.shapes(db, Level.COMMUNITY, at).values()
    street = shapely.union_all(list(places.shapes(db, Level.STREET, at).values()))
    return {
        "areas": _collection([*(f for f in features if _kind(f) != "road"), *buildings]),
        "roads": _collection(f for f in features if _kind(f) == "road"),
        "outside": _collection([*_around(street), *(_shape("community", shapely.boundary(c)) for c in communities)]),
    }


def layer_json(board: Board, name: str, measure: Measure, node: Node | None = None) -> bytes:
    """The rows of one layer of the live picture, looking at `node` or at everything: `grids`, `labels` or `cases`.

    Raises: KeyError, if there is no such layer.
    """
    layers: dict[str, Callable[[Board, Measure, Node | None], list[Feature]]] = {
        "grids": _grid_rows,
        "labels": _label_rows,
        "cases": _case_rows,
    }
    return _dumps(layers[name](board, measure, node))


def _grid_rows(board: Board, measure: Measure, _node: Node | None) -> list[Feature]:
    """One row a polygon of a grid: its rings, and the class 0 to 4 of its count."""
    return [
        {
            "code": node.code,
            "name": node.name,
            "level": colour_class(board.counts_of(node).of(measure), measure),
            "watched": int(node.id == board.watched),
            "polygon": rings,
        }
        for node in _grids(board)
        for rings in board.outlines.get(node.id, ())
    ]


def _label_rows(board: Board, measure: Measure, _node: Node | None) -> list[Feature]:
    """One row a grid: where its label stands, its name, its count as text, and how wide the grid and the name are.

    Units: `span` in degrees of longitude, `wide` in pixels.
    """
    return [
        {
            "lon": node.lon,
            "lat": node.lat,
            "code": node.code,
            "name": node.name,
            "count": str(board.counts_of(node).of(measure)),
            "span": _span(board, node),
            "wide": round(NAME_PX * sum(1 if ord(c) > 0x2E80 else 0.58 for c in node.name)) + 8,
        }
        for node in _grids(board)
        if node.lon is not None
    ]


def _span(board: Board, node: Node) -> float:
    lons = [lon for polygon in board.outlines.get(node.id, ()) for ring in polygon for lon, _ in ring]
    return round(max(lons) - min(lons), 5) if lons else 0.0


def _case_rows(board: Board, _measure: Measure, node: Node | None) -> list[Feature]:
    """One row a case: blue first and red last, so that the gravest lies on top."""
    return [_case_row(board, case) for case in sorted(board.drawn(node), key=lambda c: (-c.severity.rank, c.id))]


def _case_row(board: Board, case: OpenCase) -> Feature:
    row: Feature = {"id": case.id, "lon": case.lon, "lat": case.lat, "severity": case.severity.value}
    if board.states[case.id] is ClockState.OVERDUE:
        row["overdue"] = 1
    if case.id in board.newest:
        row["mark"] = board.newest.index(case.id) + 1
    age = board.at - case.reported_at
    if fresh := next((minutes for minutes, span in FRESH.items() if age < span), None):
        row["fresh_minutes"] = fresh
    return row


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


def _shape(kind: str, shape: BaseGeometry) -> Feature:
    return {"type": "Feature", "properties": {"kind": kind}, "geometry": json.loads(shapely.to_geojson(shape) or "")}


def _kind(feature: Feature) -> str:
    return str(feature["properties"].get("kind"))


def _collection(features: Iterable[Feature]) -> bytes:
    return _dumps({"type": "FeatureCollection", "features": list(features)})


def _dumps(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
