"""The bytes behind the map's URLs: built and compressed once per content, named by their digest."""

import gzip
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from core import clock, layers, store
from core.board import Board
from core.places import Node
from core.words import Measure
from pages.ui import camera, symbols
from pages.ui.camera import View
from pages.ui.deck import Data
from pages.ui.kept import Kept

MOST_TOLD = 48_000  # characters of rows that are sent with the deck; more are loaded from their address
CASES: dict[str, Callable[[dict[str, Any]], bool]] = {
    "fresh": lambda row: "fresh_minutes" in row,
    "mild": lambda row: "grave" not in row,
    "grave": lambda row: "grave" in row,
    "marks": lambda row: "mark" in row,
}
EDGE_PX, CLEAR_PX, ROOM_PX = 12, 44, 72  # names of streets: from the edge, from what is looked at, how long a road


@dataclass(frozen=True, slots=True)
class Source:
    """What a map layer loads; `url` changes when, and only when, the content does."""

    url: str
    body: bytes  # gzip


_live: Kept[tuple[str, int, int, Measure, str], Source] = Kept(
    64
)  # a browser may still ask for the version before the newest


def live(board: Board, name: str, measure: Measure, node: Node) -> Source:
    """A layer of the board as it is now, looking at `node`.

    Raises: KeyError, if there is no such layer.
    """
    place = "" if name == "grids" else node.code  # the grids are the same everywhere
    key = name, board.layer_versions[name], board.ground_version, measure, place
    path = f"/live/layers/{name}/{{}}?measure={measure}&place={place}"
    return _live.of(key, lambda: _pack(path, layers.layer_json(board, name, measure, node)))


def built(name: str, digest: str) -> Source | None:
    """A live layer that was built lately, by the digest in its URL."""
    return _live.find(lambda source: source.url.startswith(f"/live/layers/{name}/{digest}?"))


def still(name: str, board: Board) -> Source:
    """A part of the map that stays as it is while the places do.

    Raises: KeyError, if there is no such part.
    """
    return _parts(board.ground_version)[name]


def street_names(
    board: Board, view: View, size_px: tuple[int, int], clear_px: int = CLEAR_PX, lowest: int = layers.LANE
) -> list[dict[str, Any]]:
    """The names of the roads that a camera sees, without its middle, as rows of a text layer."""
    return _street_names(view, size_px, clear_px, lowest, still("roads", board).body)


@lru_cache(maxsize=64)
def _street_names(
    view: View, size_px: tuple[int, int], clear_px: int, lowest: int, roads: bytes
) -> list[dict[str, Any]]:  # fmt: skip
    lon_px, lat_px = camera.degrees_per_px(view)
    half = lon_px * size_px[0] / 2 - lon_px * EDGE_PX, lat_px * size_px[1] / 2 - lat_px * EDGE_PX
    found = layers.names_around(gzip.decompress(roads), (view.lon, view.lat), half, lon_px * clear_px, lowest)
    return [row for row in found if row["long"] > ROOM_PX * lat_px]


def data(board: Board, measure: Measure, node: Node) -> Data:
    """What a browser draws as the whole map as it is now.

    The few rows that change with nearly every case are told with the deck: a layer that loads from a new address is
    drawn twice, the first time as it was.
    """
    grids, frames, labels, cases = (live(board, name, measure, node) for name in ("grids", "frames", "labels", "cases"))
    return Data(
        **{name: _address(still(name, board)) for name in layers.BASE},
        atlas=_address(still("symbols.svg", board)),
        atlas_mapping=_address(still("symbols.json", board)),
        grids=_address(grids),
        frames=_rows(frames),
        labels=_rows(labels),
        **_cases(cases),
    )


def _address(source: Source) -> str:
    return json.dumps(source.url)


@lru_cache(maxsize=64)
def _rows(source: Source) -> str:
    body = gzip.decompress(source.body).decode()
    return body if len(body) <= MOST_TOLD else _address(source)


@lru_cache(maxsize=64)
def _cases(source: Source) -> dict[str, str]:
    """The rows of each layer of cases; where they are many, all of them are the same address."""
    body = _rows(source)
    if not body.startswith("["):
        return dict.fromkeys(CASES, body)
    rows = json.loads(body)
    return {
        name: json.dumps([row for row in rows if is_in(row)], ensure_ascii=False, separators=(",", ":"))
        for name, is_in in CASES.items()
    }


@lru_cache(maxsize=2)
def _parts(_ground_version: int) -> dict[str, Source]:
    with store.current().reading() as db:
        bodies = {**layers.base_layers(db, clock.now()), "symbols.svg": symbols.SVG, "symbols.json": symbols.MAPPING}
    return {name: _pack(f"/map/base/{{}}/{name}", body) for name, body in bodies.items()}


def _pack(path: str, body: bytes) -> Source:
    digest = hashlib.sha256(body).hexdigest()[:16]
    return Source(path.format(digest), gzip.compress(body, compresslevel=9, mtime=0))
