"""The demo street: an invented district office drawn by a program, the same on every run."""

from pathlib import Path

from core.demo.district import geojson
from core.demo.district.blocks import outline, street_blocks
from core.demo.district.buildings import number_buildings
from core.demo.district.layouts import build_up
from core.demo.district.places import grids, places
from core.demo.district.records import District
from core.demo.district.roads import context_roads, street_roads
from core.demo.district.site import start
from core.demo.district.spots import spots
from core.demo.district.surroundings import basemap

__all__ = ["District", "build", "write"]

SEED = "云汀街道 1"


def build() -> District:
    """The whole demo street, generated anew."""
    roads = street_roads()
    outside = context_roads(roads)
    blocks = street_blocks(roads)
    sites = [start(block, SEED) for block in blocks]
    for site in sites:
        build_up(site, roads)
    all_grids = grids(blocks)
    houses = number_buildings(sites, all_grids, roads, SEED)
    return District(
        places=places(all_grids, houses),
        buildings=houses,
        basemap=basemap(sites, outline(blocks), roads, outside, SEED),
        spots=spots(sites, all_grids, houses, roads, SEED),
    )


def write(folder: Path) -> None:
    """Write the demo street's GeoJSON files to a folder."""
    geojson.write(build(), folder)
