"""The live map: pydeck layers with blanks for what they show, built once and filled for each version."""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache

import pydeck as pdk

from core.labels import COUNT_PX, COUNTED_PX, NAME_PX, ROAD_PX, STREET_PX
from pages.ui.camera import TILE_PX, View
from pages.ui.deck import BLANKS, Data, FrozenDeck
from pages.ui.ink import ON_DARK, Colour, Ink
from pages.ui.symbols import CELL_PX, MARK_PX, RINGS_PX

FONT = "Noto Sans SC, Noto Sans CJK SC, Source Han Sans SC, PingFang SC, Microsoft YaHei, sans-serif"
FIGURES = f"Barlow, Bahnschrift, {FONT}"
SMALL_PX = 60  # narrower grids have thinner outlines
CHOSEN_FILL = 0.6  # opacity of a grid that fills the map
FRAME_PX = (("frame-casings", 12), ("frames", 8), ("frame-cores", 3))  # two lines side by side, on a dark ground
MARK_OFFSET_PX = (11, -12)  # right and down: at the shoulder of its symbol
HALO = {"sdf": True, "fontSize": 64, "buffer": 12, "radius": 12}
WIDE_HALO = HALO | {"buffer": 20, "radius": 20}  # wide enough to cover the road below
FLAT = {"depthCompare": "always", "depthWriteEnabled": False}
String = pdk.types.String  # a bare string would be read as an expression
ROAD = {"line_width_units": String("pixels"), "line_cap_rounded": True, "line_joint_rounded": True}


@lru_cache(maxsize=64)
def live_map(
    data: Data, view: View, place: str | None, scale: float = 1, ink: Ink = ON_DARK, *, has_labels: bool = True
) -> FrozenDeck:
    """The map of one version: the same arguments give the same deck, built once for all viewers.

    Where it `has_labels`, cases stand clear of them. Units: `scale` enlarges symbols, texts and lines; 1 on a wall of
    1920 × 1080.
    """
    return _blank_map(view, place, scale, ink, has_labels).filled(data)


@lru_cache(maxsize=64)
def _blank_map(view: View, place: str | None, scale: float, ink: Ink, has_labels: bool) -> FrozenDeck:
    """The map without its data: pydeck takes 20 ms for it, and a new version changes nothing else."""
    camera = pdk.ViewState(longitude=view.lon, latitude=view.lat, zoom=view.zoom, min_zoom=4, max_zoom=19)
    still = pdk.View("MapView", controller={"dragRotate": False, "touchRotate": False, "keyboard": False})
    degree = scale * 360 / (TILE_PX * 2**view.zoom)  # of longitude, under one pixel
    mild, grave = _symbols(scale, has_labels)
    streets = [_road_names(BLANKS.streets, ink, scale, degree)] if has_labels else []
    lines = [*_outlines(place, ink, scale, degree), *streets, *_frames(ink, scale)]  # no name interrupts a frame
    words = _labels(ink, scale, degree) if has_labels else []
    layers = [*_ground(place, ink, scale), *lines, *mild, *words, *grave]
    # map_provider=None and no map_style at all: anything else asks a public host for tiles
    return FrozenDeck(pdk.Deck(layers=layers, initial_view_state=camera, views=[still], map_provider=None))


def _ground(place: str | None, ink: Ink, scale: float) -> list[pdk.Layer]:
    """The grids take the clicks; their id follows the place: the browser forgets a selection whose layer is gone."""
    fills = [
        one_of(
            "level",
            {level: (*rgb, round(share * opacity)) for level, (*rgb, opacity) in enumerate(ink.classes)},
            ink.no_data,
        )
        for share in (CHOSEN_FILL, 1)
    ]
    # outside an emergency no colour at all: a paler one would be that of fewer cases
    grid_fill = f"code == {json.dumps(place)} ? ({fills[0]}) : aside ? [0, 0, 0, 0] : {fills[1]}"
    return [
        pdk.Layer(
            "PolygonLayer",
            BLANKS.grids,
            id=f"grids-{place}",
            get_polygon="polygon",
            stroked=False,
            pickable=True,
            auto_highlight=True,
            highlight_color=[255, 255, 255, 20],
            _sub_layer_props=within("fill", getFillColor=grid_fill),
        ),
        *base(BLANKS.areas, BLANKS.roads, ink, scale),
    ]


def base(areas: str, roads: str, ink: Ink, scale: float = 1) -> list[pdk.Layer]:
    """Water, green, buildings and roads."""
    area_fill = one_of("properties.kind", dict(ink.areas), ink.no_data)
    return [
        pdk.Layer(
            "GeoJsonLayer",
            areas,
            id="areas",
            stroked=False,  # polygons; the lines among them are the walls
            line_width_units=String("pixels"),
            get_line_width=scale,
            get_line_color=list(ink.wall),
            _sub_layer_props=within("polygons-fill", getFillColor=area_fill),
        ),
        pdk.Layer(
            "GeoJsonLayer",
            roads,
            id="road-casings",
            get_line_width=one_of("properties.class", {1: 9, 2: 5}, 0),
            line_width_scale=scale,
            get_line_color=list(ink.casing),
            **ROAD,
        ),
        pdk.Layer(
            "GeoJsonLayer",
            roads,
            id="roads",
            get_line_width=one_of("properties.class", {1: 4.6, 2: 2.2}, 1.3),
            line_width_scale=scale,
            get_line_color=one_of("properties.class", dict(enumerate(ink.roads, 1)), ink.roads[2]),
            **ROAD,
        ),
    ]


def _outlines(place: str | None, ink: Ink, scale: float, degree: float) -> list[pdk.Layer]:
    """Outlines: the boundary of the street, all grids, the watched one, and the chosen one on top."""
    rim = one_of("properties.kind", {"boundary": ink.boundary, "community": ink.outline}, ink.boundary)
    outside = one_of("properties.kind", {"water": ink.river}, ink.outside)
    thin = f"span > {SMALL_PX * degree} ? 1.3 : 0.6"
    chosen = f"code == {json.dumps(place)}"
    accent = f"{chosen} ? {json.dumps(ink.chosen)} : {json.dumps(ink.watched)}"
    return [
        pdk.Layer(
            "GeoJsonLayer",
            BLANKS.outside,
            id="outside",
            stroked=False,  # polygons
            line_width_units=String("pixels"),
            get_line_width=one_of("properties.kind", {"boundary": 2}, 1.3),
            line_width_scale=scale,
            get_line_color=rim,
            _sub_layer_props=within("polygons-fill", getFillColor=outside),
        ),
        _outline(BLANKS.grids, "outlines", thin, list(ink.outline), scale),
        _outline(BLANKS.grids, "watched-casing", "watched ? 6 : 0", list(ink.halo), scale),
        _outline(BLANKS.grids, "accents", f"watched || {chosen} ? 2.6 : 0", accent, scale),
    ]


def _frames(ink: Ink, scale: float) -> list[pdk.Layer]:
    """The double line around an emergency."""
    return [
        _outline(BLANKS.frames, name, str(wide), list(ink.text if name == "frames" else _solid(ink.halo)), scale)
        for name, wide in FRAME_PX
    ]


def _outline(url: str, name: str, width_px: str, colour: str | list[int], scale: float) -> pdk.Layer:
    return pdk.Layer(
        "PolygonLayer",
        url,
        id=name,
        get_polygon="polygon",
        filled=False,
        line_joint_rounded=True,
        line_width_units=String("pixels"),
        get_line_width=width_px,
        line_width_scale=scale,
        get_line_color=colour,
    )


def _symbols(scale: float, has_labels: bool) -> tuple[list[pdk.Layer], list[pdk.Layer]]:
    """The cases: those that a label may cover, and those that lie above it, which are the red, overdue and newest."""
    symbol = "overdue ? severity + '-overdue' : idle ? 'idle-' + severity : severity"
    beside = [_offset(scale, right, down, has_labels) for right, down in ((0, 0), MARK_OFFSET_PX)]
    return [
        _icons(BLANKS.fresh, "fresh", "'fresh' + fresh_minutes", RINGS_PX, scale, beside[0]),
        _icons(BLANKS.mild, "cases", f"grave ? '' : {symbol}", CELL_PX, scale, beside[0]),
    ], [
        _icons(BLANKS.grave, "grave-cases", f"grave ? ({symbol}) : ''", CELL_PX, scale, beside[0]),
        _icons(BLANKS.marks, "marks", "'mark' + mark", MARK_PX, scale, beside[1]),
    ]


def _offset(scale: float, right: float, down: float, has_labels: bool) -> str:
    """Beside others at the same place, and clear of labels where there are any; 0 or more pixels farther."""

    def beside(x: str, y: str) -> str:
        return f"[{x} * {scale} + {right * scale}, {y} * {scale} + {down * scale}]"

    usual = f"dx || dy ? {beside('dx', 'dy')} : {beside('0', '0')}"
    return f"sx || sy ? {beside('sx', 'sy')} : {usual}" if has_labels else usual


def _icons(rows: str, name: str, icon: str, size_px: int, scale: float, offset: str) -> pdk.Layer:
    return pdk.Layer(
        "IconLayer",
        rows,
        id=name,
        icon_atlas=String(BLANKS.atlas),
        icon_mapping=String(BLANKS.atlas_mapping),
        get_icon=icon,
        get_position="[lon, lat]",
        get_size=size_px,
        size_units=String("pixels"),
        size_scale=scale,
        get_pixel_offset=offset,
        parameters=FLAT,
    )


def _labels(ink: Ink, scale: float, degree: float) -> list[pdk.Layer]:
    """Names and counts of grids, and names of emergencies; a grid narrower than its label keeps the count only."""
    name, count = f"span > wide * {degree} ? name : ''", f"span > {COUNTED_PX * degree} ? count : ''"
    return [
        text(BLANKS.labels, "names", name, NAME_PX, -13, ink, scale, weight=700),
        text(
            BLANKS.labels,
            "counts",
            count,
            COUNT_PX,
            11,
            ink,
            scale,
            font=FIGURES,
            get_size=f"{COUNT_PX} * larger",
            get_pixel_offset=f"[0, name ? {11 * scale} : 0]",
        ),
        _plates(ink, scale),
    ]


def _road_names(streets: str, ink: Ink, scale: float, degree: float) -> pdk.Layer:
    road = f"long > {ROAD_PX * degree} ? name : ''"
    return text(
        streets, "streets", road, STREET_PX, 0, ink, scale, colour=ink.street, font_settings=WIDE_HALO,
        get_angle="angle", background=True, background_padding=[3, 1],
        sub_layers=within("background", getFillColor=list(ink.halo)),
    )  # fmt: skip


def _plates(ink: Ink, scale: float) -> pdk.Layer:
    """The names of emergencies upon their frames, in the ground's colour on a plate of the text's."""
    return text(
        BLANKS.frames, "plates", "name", NAME_PX, 0, ink, scale, colour=_solid(ink.halo), weight=700, outline_width=0,
        font_settings={}, background=True, background_padding=[8, 4],
        sub_layers=within("background", getFillColor=list(ink.text)),
    )  # fmt: skip


def _solid(colour: Colour) -> Colour:
    return *colour[:3], 255


def text(
    rows: str | Sequence[Mapping[str, object]],
    layer: str,
    words: str,
    size_px: int,
    down_px: int,
    ink: Ink,
    scale: float = 1,
    font: str = FONT,
    colour: Colour | None = None,
    weight: int = 600,
    sub_layers: Mapping[str, dict[str, object]] | None = None,
    **more: object,
) -> pdk.Layer:
    """Words on the map, one for each row, which are given or lie at an address."""
    return pdk.Layer(
        "TextLayer",
        rows,
        id=layer,
        get_text=words,  # must be text in the rows: numbers draw nothing, silently
        get_position="[lon, lat]",
        size_scale=scale,
        character_set=String("auto"),
        font_family=String(font),
        font_weight=weight,
        line_height=1.1,
        outline_color=list(ink.halo),
        parameters=FLAT,
        _sub_layer_props=within("characters", getColor=list(colour or ink.text)) | dict(sub_layers or {}),
        **(
            {"get_size": size_px, "get_pixel_offset": [0, down_px * scale], "font_settings": HALO, "outline_width": 3}
            | more
        ),
    )


def within(sub_layer: str, **accessors: object) -> dict[str, dict[str, object]]:
    """Accessors given to a sub-layer: at the top level Streamlit recolours fills and texts after a click."""
    return {sub_layer: {name: f"@@={value}" if isinstance(value, str) else value for name, value in accessors.items()}}


def one_of(field: str, values: Mapping[object, object], otherwise: object) -> str:
    """An expression that picks by the value of a field; deck.gl cannot index a list there."""
    chain = "".join(f"{field} == {json.dumps(key)} ? {json.dumps(value)} : " for key, value in values.items())
    return chain + json.dumps(otherwise)
