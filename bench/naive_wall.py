"""The wall as one would write it first: every viewer queries the store and builds the page anew, every 2 s.

It shows the same panels and the same map. What never changes is cached, as one would; the map's data are inline.
"""

import json

import pydeck as pdk
import streamlit as st

from core import clock, figures, layers, places, rules, store
from core.board import Board, Ground, Tally, first_board
from core.cases.queries import open_cases
from core.units import units
from core.wall import picture
from core.words import Measure
from pages.ui import camera, panels


@st.cache_resource
def ground() -> Ground:
    """Places, outlines and units."""
    with store.current().reading() as db:
        now = clock.now()
        by_id = {unit.id: unit for unit in units(db) if unit.id is not None}
        return Ground(places.tree(db, now), places.outlines(db, now), by_id)


@st.cache_resource
def base() -> dict[str, object]:
    """The parts of the map that stay as they are."""
    with store.current().reading() as db:
        return {name: json.loads(body) for name, body in layers.base_layers(db, clock.now()).items()}


def queried() -> Board:
    """The open cases and the figures of the last weeks, from the store."""
    now, in_force = clock.now(), rules.current()
    tally = Tally(in_force.due_soon)
    with store.current().reading() as db:
        for case in open_cases(db):
            tally.put(case, now)
        window = figures.window(db, now)
    return first_board(tally, in_force, ground(), window, at=now, is_demo=True)


def deck(board: Board) -> pdk.Deck:
    """The map with its data in it."""
    assert board.tree.root is not None
    data = {name: json.loads(layers.layer_json(board, name, Measure.OPEN)) for name in board.layer_versions}
    at = camera.view_of(camera.extent(board, board.tree.root), 1008, 612)
    view = pdk.ViewState(longitude=at.lon, latitude=at.lat, zoom=at.zoom)
    drawn = [
        pdk.Layer("GeoJsonLayer", base()["areas"], get_fill_color=[29, 68, 54]),
        pdk.Layer("GeoJsonLayer", base()["roads"], get_line_color=[126, 153, 168]),
        pdk.Layer("PolygonLayer", data["grids"], get_polygon="polygon", get_fill_color=[36, 83, 95, 128]),
        pdk.Layer("ScatterplotLayer", data["cases"], get_position="[lon, lat]", get_radius=8),
        pdk.Layer("TextLayer", data["labels"], get_position="[lon, lat]", get_text="name", character_set="auto"),
    ]
    return pdk.Deck(layers=drawn, initial_view_state=view, map_provider=None)


@st.fragment(run_every=2)
def live() -> None:
    """Everything that changes."""
    board = queried()
    assert board.tree.root is not None
    st.html(panels.render(picture(board, board.tree.root), "zh_CN"))
    st.pydeck_chart(deck(board), height=612, key="map")


st.html(f"<style>{panels.stylesheet()}</style>")
live()
