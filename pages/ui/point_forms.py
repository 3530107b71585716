"""The sections of the page about points of interest: a map to click, the form of a point, and a file of many."""

from collections.abc import Sequence
from datetime import datetime

import pydeck as pdk
import streamlit as st

from core import follower, points
from core.board import Board
from core.captions import label
from core.errors import Refused
from core.language import Translate
from core.place_words import PointKind
from core.places import Node, Place
from core.points import PointOfInterest, Spotted
from core.words import Action, Level, Permission
from pages.ui import camera, cards, pieces, place_labels, place_map, plain, session, sources
from pages.ui.deck import FrozenDeck
from pages.ui.ink import ON_LIGHT, rgba
from pages.ui.maps import String, base
from pages.ui.place_labels import Eye, Label
from pages.ui.place_views import MARKS
from pages.ui.style import LIGHT

MAP, MAP_PX, SPOT, SAID = "points_map", (800, 560), "points_spot", "points_said"
GRID_PX = 15
CELLS = 60  # along each side: what a click on the map is told by, for it tells of things and not of spots
SYSTEMS = ("WGS84", "GCJ-02", "BD-09")


def tell(translate: Translate) -> None:
    """Say what was done in the run before."""
    if count := st.session_state.pop(SAID, 0):
        st.success(translate("{count} points are on the map now.").format(count=count))


def choose(grids: Sequence[Node], translate: Translate) -> Node | None:
    """In which grid to look."""
    if not grids:
        st.info(translate("No grid is yours to administer"))
        return None
    with st.container(key="narrow"):
        return st.selectbox(translate("Grid"), grids, 0, lambda node: node.name, key="points_grid")


@session.callback(Permission.ADMINISTER)
def pick() -> None:
    """Take the spot that was clicked."""
    for clicked in st.session_state[MAP].selection.objects.values():
        if spot := clicked[0].get("spot"):
            st.session_state[SPOT] = tuple(spot)


def draw_map(
    grid: Node, known: Sequence[PointOfInterest], buildings: Sequence[Place], translate: Translate
) -> None:  # fmt: skip
    """The grid with its points and the names of what lies in it, to click at a spot."""
    board = follower.current().board
    extent = camera.extent(board, grid)
    if not board.outlines.get(grid.id):
        st.info(translate("This place has no outline: import one to see it on a map"))
        return
    view = camera.view_of(extent, *MAP_PX)
    state = pdk.ViewState(longitude=view.lon, latitude=view.lat, zoom=view.zoom, max_zoom=19)
    areas, roads = (sources.still(name, board).url for name in ("areas", "roads"))
    marks = {kind: translate(mark) for kind, mark in MARKS.items()}
    labels = [*place_labels.compounds(buildings, view), *_grids(board, grid)]
    streets = place_labels.clear_streets(sources.street_names(board, view, MAP_PX, 0), labels, Eye(view))
    names = [place_map.street_layer(streets), *place_map.texts(labels)]
    layers = [
        *base(areas, roads, ON_LIGHT),
        _outline(board.outlines[grid.id]),
        *names,
        *place_map.dots(known, marks),
        *_pin(),
        _cells(extent, grid.code),
    ]
    deck = pdk.Deck(layers=layers, initial_view_state=state, map_provider=None)
    st.pydeck_chart(FrozenDeck(deck), height=MAP_PX[1], key=MAP, on_select=pick, selection_mode="single-object")
    told = " · ".join(f"{mark} {translate(label(kind))}" for kind, mark in marks.items())
    cards.show(pieces.map_key(view, told, translate))


def _grids(board: Board, grid: Node) -> list[Label]:
    """The names of the grids around."""
    return [
        Label(other.name, [other.lon, other.lat], GRID_PX)
        for other in board.tree.nodes.values()
        if other.level is Level.GRID and other.id != grid.id and other.lon is not None and other.lat is not None
    ]


def _outline(rings: Sequence[list[list[list[float]]]]) -> pdk.Layer:
    return pdk.Layer(
        "PolygonLayer", [{"polygon": polygon} for polygon in rings], id="grid", get_polygon="polygon", filled=False,
        get_line_color=list(ON_LIGHT.boundary), line_width_units=String("pixels"), get_line_width=2,
    )  # fmt: skip


def _cells(extent: camera.Extent, code: str) -> pdk.Layer:
    """A mesh that nobody sees: the browser tells which thing was clicked."""
    west, south, east, north = extent
    wide, high = (east - west) / CELLS, (north - south) / CELLS
    rows = [
        {"spot": [round(west + (x + 0.5) * wide, 6), round(south + (y + 0.5) * high, 6)]}
        for x in range(CELLS)
        for y in range(CELLS)
    ]
    for row in rows:
        lon, lat = row["spot"]
        x0, x1, y0, y1 = lon - wide / 2, lon + wide / 2, lat - high / 2, lat + high / 2
        row["polygon"] = [[x0, y0], [x1, y0], [x1, y1], [x0, y1]]  # type: ignore[list-item]
    return pdk.Layer(
        "PolygonLayer", rows, id=f"cells-{code}", get_polygon="polygon", get_fill_color=[0, 0, 0, 0], stroked=False,
        pickable=True,
    )  # fmt: skip


def _pin() -> list[pdk.Layer]:
    """The spot that was clicked."""
    if SPOT not in st.session_state:
        return []
    return [
        pdk.Layer(
            "ScatterplotLayer", [{"at": list(st.session_state[SPOT])}], id="pin", get_position="at", get_radius=12,
            radius_units=String("pixels"), filled=False, stroked=True,
            get_line_color=list(rgba(LIGHT.accent)), line_width_units=String("pixels"), get_line_width=4,
        )
    ]  # fmt: skip


def draw_form(now: datetime, translate: Translate) -> None:
    """The point at the spot that was clicked."""
    spot = st.session_state.get(SPOT)
    said = translate("Spot {lon}, {lat}").format(lon=f"{spot[0]:.5f}", lat=f"{spot[1]:.5f}") if spot else ""
    with st.form("points_form"):
        st.html(pieces.note(said or translate("Click the map where it stands.")))
        kind = st.selectbox(translate("Kind"), list(PointKind), 0, lambda one: translate(label(one)), key="points_kind")
        name = st.text_input(translate("Name of the point"), key="points_name", max_chars=80)
        if st.form_submit_button(translate("Put it on the map"), type="primary", disabled=not spot) and spot and kind:
            _put([Spotted(kind, name, *spot)], now)


def draw_upload(now: datetime, translate: Translate) -> None:
    """Many points from a file."""
    with st.form("points_file"):
        heads, kinds = "、".join(points.HEADS), "、".join(points.KINDS)
        st.html(pieces.note(translate("CSV with the columns {heads}; kinds: {kinds}").format(heads=heads, kinds=kinds)))
        system = st.selectbox(translate("System of coordinates"), SYSTEMS, 0, key="points_system")
        upload = st.file_uploader(translate("File"), type=["csv"], key="points_upload", max_upload_size=1)
        if st.form_submit_button(translate("Take from the file")) and upload and system:
            try:
                found = points.read(upload.getvalue(), system)
            except Refused as refusal:
                st.warning(plain.text(refusal.said(translate)))
                return
            _put(found, now)


def _put(found: Sequence[Spotted], now: datetime) -> None:
    if count := session.act(Action.DRAW_POINT, "points", points.put, found, now):
        st.session_state.pop(SPOT, None)
        st.session_state[SAID] = count
        st.rerun()
