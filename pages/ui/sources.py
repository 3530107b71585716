"""The bytes behind the map's URLs: built and compressed once per content, named by their digest."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache

from core import clock, layers, store
from core.board import Board
from core.words import Measure
from pages.ui import symbols
from pages.ui.kept import Kept
from pages.ui.maps import Urls


@dataclass(frozen=True, slots=True)
class Source:
    """What a map layer loads; `url` changes when, and only when, the content does."""

    url: str
    body: bytes  # gzip


_live: Kept[tuple[str, int, Measure], Source] = Kept(64)  # a browser may still ask for the version before the newest


def live(board: Board, name: str, measure: Measure) -> Source:
    """A layer of the board as it is now.

    Raises: KeyError, if there is no such layer.
    """
    key = name, board.layer_versions[name], measure
    path = f"/live/layers/{name}/{{}}?measure={measure}"
    return _live.of(key, lambda: _pack(path, layers.layer_json(board, name, measure)))


def built(name: str, digest: str) -> Source | None:
    """A live layer that was built lately, by the digest in its URL."""
    return _live.find(lambda source: source.url.startswith(f"/live/layers/{name}/{digest}?"))


@cache
def still(name: str) -> Source:
    """A part of the map that stays as it is while the process runs.

    Raises: KeyError, if there is no such part.
    """
    return _pack(f"/map/base/{{}}/{name}", _parts()[name])


def urls(board: Board, measure: Measure) -> Urls:
    """Where a browser finds the whole map as it is now."""
    return Urls(
        **{name: still(name).url for name in layers.BASE},
        atlas=still("symbols.svg").url,
        atlas_mapping=still("symbols.json").url,
        **{name: live(board, name, measure).url for name in board.layer_versions},
    )


@cache
def _parts() -> dict[str, bytes]:
    with store.current().reading() as db:
        return {**layers.base_layers(db, clock.now()), "symbols.svg": symbols.SVG, "symbols.json": symbols.MAPPING}


def _pack(path: str, body: bytes) -> Source:
    digest = hashlib.sha256(body).hexdigest()[:16]
    return Source(path.format(digest), gzip.compress(body, compresslevel=9, mtime=0))
