"""The district as GeoJSON files."""

import json
from collections.abc import Mapping
from pathlib import Path

import shapely
from shapely.geometry.base import BaseGeometry

from core.demo.district.geometry import DECIMALS
from core.demo.district.records import Building, District, MapFeature, Place, Spot

Value = str | int | None
Feature = Mapping[str, object]


def write(district: District, folder: Path) -> None:
    """Write places, buildings, base map and spots to a folder: the same bytes for the same district."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts(district).items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def texts(district: District) -> dict[str, str]:
    """The content of each file by its name."""
    return {
        "places.geojson": _collection([_feature(_place(one), one.shape) for one in district.places]),
        "buildings.geojson": _collection([_feature(_building(one), one.shape) for one in district.buildings]),
        "basemap.geojson": _collection([_feature(_drawn(one), one.shape) for one in district.basemap]),
        "spots.geojson": _collection([_feature(_spot(one), one.shape) for one in district.spots]),
    }


def _collection(features: list[Feature]) -> str:
    """One feature a line, so that a change shows in a comparison of versions."""
    lines = ",\n".join(json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in features)
    return f'{{"type":"FeatureCollection","features":[\n{lines}\n]}}\n'


def _feature(properties: Mapping[str, Value], shape: BaseGeometry) -> Feature:
    geometry = shapely.geometry.mapping(shape)
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {**geometry, "coordinates": _short(geometry["coordinates"])},
    }


def _short(value: object) -> object:
    if isinstance(value, float):
        return round(value, DECIMALS)
    return [_short(part) for part in value] if isinstance(value, list | tuple) else value


def _place(one: Place) -> dict[str, Value]:
    return {
        "code": one.code,
        "name": one.name,
        "level": one.level,
        "kind": one.kind,
        "parent_code": one.parent_code,
        "households": one.households,
        "residents": one.residents,
    }


def _building(one: Building) -> dict[str, Value]:
    return {
        "code": one.code,
        "name": one.name,
        "compound": one.compound,
        "number": one.number,
        "floors": one.floors,
        "use": one.use,
        "grid_code": one.grid_code,
        "households": one.households,
        "residents": one.residents,
        "address": one.address,
    }


def _drawn(one: MapFeature) -> dict[str, Value]:
    road_class: dict[str, Value] = {"class": one.road_class} if one.kind == "road" else {}
    return {"kind": one.kind, **road_class, "name": one.name}


def _spot(one: Spot) -> dict[str, Value]:
    return {"kind": one.kind, "grid_code": one.grid_code, "building_code": one.building_code, "address": one.address}
