"""Where the demo's cases happen: the invented street's files, and a point near one of its spots."""

import itertools
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry
from sqlmodel import Session, select

from core import places
from core.places import Place, Spot
from core.words import Level

FOLDER = Path(__file__).parents[2] / "data" / "demo"
METRES_PER_DEGREE = 111_320
JITTER_M = 6
UNEVEN = 0.55  # sigma of the log-normal weights: some spots are trouble again and again


@dataclass(frozen=True, slots=True)
class DemoSpot:
    """A point at which cases happen.

    Units: lon, lat in WGS84; `floors` of the building, 6 where there is none.
    """

    lon: float
    lat: float
    spot: Spot
    address: str
    floors: int
    grid_shape: BaseGeometry

    def near(self, rng: Random) -> tuple[float, float]:
        """A point of the same grid at most 6 m away, so that two cases do not coincide."""
        for _ in range(4):
            reach, angle = JITTER_M * math.sqrt(rng.random()), rng.random() * math.tau
            lat = self.lat + reach * math.sin(angle) / METRES_PER_DEGREE
            lon = self.lon + reach * math.cos(angle) / (METRES_PER_DEGREE * math.cos(math.radians(self.lat)))
            if shapely.contains_xy(self.grid_shape, lon, lat):
                return round(lon, 7), round(lat, 7)
        return self.lon, self.lat


@dataclass(frozen=True)
class Ground:
    """The spots by kind, with the running sums of their weights."""

    spots: dict[str, tuple[Sequence[DemoSpot], Sequence[float]]]

    def pick(self, kinds: Sequence[str], rng: Random) -> DemoSpot:
        """A spot of one of `kinds`, each kind as often as the others."""
        found, sums = self.spots[rng.choice([kind for kind in kinds if kind in self.spots])]
        return rng.choices(found, cum_weights=sums)[0]


def features(name: str, folder: Path = FOLDER) -> list[dict[str, Any]]:
    """The features of a GeoJSON file of the demo, in the order of the file."""
    found: list[dict[str, Any]] = json.loads((folder / f"{name}.geojson").read_text(encoding="utf-8"))["features"]
    return found


def ground(db: Session, at: datetime, seed: int) -> Ground:
    """The spots of the demo, tied to the places stored.

    Source: data/demo/README.md, `spots.geojson`.
    """
    rng = Random(f"ground {seed}")
    grids, buildings = _known(db, at)
    found: dict[str, list[DemoSpot]] = {}
    for feature in features("spots"):
        if feature["properties"]["grid_code"] in grids:  # which an administrator may have ended since
            found.setdefault(feature["properties"]["kind"], []).append(_demo_spot(feature, grids, buildings))
    weights = {kind: [rng.lognormvariate(0, UNEVEN) for _ in spots] for kind, spots in found.items()}
    return Ground({kind: (spots, list(itertools.accumulate(weights[kind]))) for kind, spots in found.items()})


def _known(db: Session, at: datetime) -> tuple[dict[str, tuple[places.Node, BaseGeometry]], dict[str, Place]]:
    """Grids with their shapes, and buildings, by code."""
    gazetteer = places.gazetteer(db, at)
    for shape in gazetteer.shapes:
        shapely.prepare(shape)
    grids = {node.code: (node, shape) for node, shape in zip(gazetteer.nodes, gazetteer.shapes, strict=True)}
    buildings = db.exec(select(Place).where(Place.level == Level.BUILDING))
    return grids, {row.code: row for row in buildings}


def _demo_spot(
    feature: dict[str, Any], grids: dict[str, tuple[places.Node, BaseGeometry]], buildings: dict[str, Place]
) -> DemoSpot:
    row, (lon, lat) = feature["properties"], feature["geometry"]["coordinates"]
    grid, shape = grids[row["grid_code"]]
    building = buildings.get(row["building_code"] or "")
    spot = Spot(grid, building.id, building.path) if building else Spot(grid)
    return DemoSpot(lon, lat, spot, row["address"], (building and building.floors) or 6, shape)
