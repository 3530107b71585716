"""The map of a place: its children coloured by a figure; buildings stand up."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import pydeck as pdk
import shapely
from shapely.geometry.base import BaseGeometry

from core.drill.view import View
from core.place_words import PointKind
from core.places import Place
from core.points import PointOfInterest
from core.words import Level
from pages.ui import camera
from pages.ui.deck import FrozenDeck
from pages.ui.ink import ON_LIGHT, Colour, rgba
from pages.ui.maps import FLAT, FONT, String, base, within
from pages.ui.place_scale import Scale
from pages.ui.style import LIGHT

STOREY_M, USUAL_FLOORS, TILT = 3, 3, 30
NUMBERED = re.compile(r"\d+[幢栋号楼]+$")
SIMPLE = 0.00002  # degrees, about 2 m
ABOVE_RING, ABOVE_FIGURE, BELOW_NAME, CENTRED = [0, -28], [0, -11], [0, 11], [0, 0]  # pixels
ROOM_PX = 44  # how wide a roof is drawn that has room for its number
WORLD_PX = 512  # the world at zoom 0
QUIET = rgba(LIGHT.line)
# light and shade would make other colours of those of the legend; lines tell walls from roofs
UNLIT = {"ambient": 1, "diffuse": 0, "shininess": 1, "specularColor": [0, 0, 0]}
Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Shown:
    """What a map says of the places that it draws, by their ids."""

    values: Mapping[int, float | None]
    texts: Mapping[int, str]
    repeated: Collection[int]  # where the same trouble comes again and again
    scale: Scale


def deck(
    seen: View, shown: Shown, points: Sequence[PointOfInterest], marks: Mapping[PointKind, str],
    base_urls: tuple[str, str], size_px: tuple[int, int],
) -> FrozenDeck | None:  # fmt: skip
    """The map; None where nothing has an outline."""
    drawn = [place for place in seen.here.children or seen.here.beside or (seen.place,) if place.geometry]
    shapes: list[BaseGeometry] = [shapely.from_wkb(place.geometry or b"") for place in drawn]
    if not shapes:
        return None
    standing = drawn[0].level == Level.BUILDING
    rows = [
        row
        for place, shape in zip(drawn, shapes, strict=True)
        for row in _rows(place, shape, _colour(seen, place, shown, standing=standing))
    ]
    view = camera.view_of(_extent(shapes), *size_px)
    state = pdk.ViewState(
        longitude=view.lon, latitude=view.lat, zoom=view.zoom - 0.2 * standing, pitch=TILT * standing, max_zoom=19
    )
    layers = [*base(*base_urls, ON_LIGHT), _polygons(seen.place.code, rows, standing=standing)]
    roomy = {p.id for p, shape in zip(drawn, shapes, strict=True) if _width_px(shape, view.zoom) >= ROOM_PX}
    layers += [_rings(drawn, shown.repeated), *dots(points, marks), *_labels(drawn, shown, roomy)]
    return FrozenDeck(pdk.Deck(layers=layers, initial_view_state=state, map_provider=None))


def _extent(shapes: Iterable[BaseGeometry]) -> camera.Extent:
    west, south, east, north = map(float, shapely.total_bounds(list(shapes)))
    return west, south, east, north


def _colour(seen: View, place: Place, shown: Shown, *, standing: bool) -> Colour:
    if place.id == seen.place.id and not seen.here.children:
        return rgba(LIGHT.accent)
    value = shown.values.get(place.id or 0)
    if value is None:
        return QUIET if standing else ON_LIGHT.no_data
    red, green, blue, _ = ON_LIGHT.classes[shown.scale.of(value)]
    return red, green, blue, 255 if standing else 225


def _width_px(shape: BaseGeometry, zoom: float) -> float:
    west, _, east, _ = shape.bounds
    return float(east - west) * WORLD_PX * 2**zoom / 360


def _rows(place: Place, shape: BaseGeometry, colour: Colour) -> list[Row]:
    polygons = [part for part in shapely.get_parts(shapely.simplify(shape, SIMPLE)) if part.geom_type == "Polygon"]
    return [
        {
            "code": place.code,
            "name": place.name,
            "colour": list(colour),
            "height": _height(place),
            "polygon": [[[round(x, 6), round(y, 6)] for x, y in ring.coords] for ring in (p.exterior, *p.interiors)],
        }
        for p in polygons
    ]


def _height(place: Place) -> int:
    """How high a building stands; what is no building lies flat."""
    return STOREY_M * (place.floors or USUAL_FLOORS) if place.level == Level.BUILDING else 0


def _polygons(place: str, rows: list[Row], *, standing: bool) -> pdk.Layer:
    """What can be clicked; its id follows the place, for the browser forgets a selection whose layer is gone."""
    return pdk.Layer(
        "PolygonLayer",
        rows,
        id=f"targets-{place}",
        get_polygon="polygon",
        get_fill_color="colour",
        get_line_color=list(ON_LIGHT.boundary),
        line_width_units=String("pixels"),
        get_line_width=1.3,
        extruded=standing,
        get_elevation="height",
        material=UNLIT,
        wireframe=standing,
        pickable=True,
        auto_highlight=True,
        highlight_color=list(rgba(LIGHT.text_1, 0.15)),
    )


def _rings(places: Iterable[Place], repeated: Collection[int]) -> pdk.Layer:
    """A ring of ink around the roofs of buildings where the same trouble comes again and again."""
    return pdk.Layer(
        "ScatterplotLayer",
        [_at(place) for place in places if place.id in repeated and place.lon],
        id="repeated",
        get_position="at",
        filled=False,
        stroked=True,
        get_radius=18,
        radius_units=String("pixels"),
        get_line_color=list(rgba(LIGHT.time)),
        line_width_units=String("pixels"),
        get_line_width=2.5,
        parameters=FLAT,
    )


def _at(place: Place) -> Row:
    return {"at": [place.lon, place.lat, _height(place)]}


def dots(points: Sequence[PointOfInterest], marks: Mapping[PointKind, str]) -> list[pdk.Layer]:
    """Points of interest as discs, each with the letter of its kind."""
    if not points:
        return []
    rows: list[Row] = [
        {"at": [p.lon, p.lat], "name": p.name, "text": marks[PointKind(p.kind)], "offset": [0, 0]} for p in points
    ]
    discs = pdk.Layer(
        "ScatterplotLayer",
        rows,
        id="points",
        get_position="at",
        get_fill_color=list(rgba(LIGHT.surface)),
        get_line_color=list(rgba(LIGHT.text_2)),
        stroked=True,
        get_radius=10,
        radius_units=String("pixels"),
        line_width_units=String("pixels"),
        get_line_width=1.5,
        parameters=FLAT,
    )
    return [discs, _texts("point-marks", rows, 13, 600)]


def _labels(places: Iterable[Place], shown: Shown, roomy: Collection[int | None]) -> list[pdk.Layer]:
    """Names, with the figure below each; of buildings the numbers of those with a figure and of large ones.

    A name stands above the ring around its building, the figure within it.
    """
    names: list[Row] = []
    figures: list[Row] = []
    size = 17
    for place in places:
        text = shown.texts.get(place.id or 0, "")
        is_building = place.level == Level.BUILDING
        if place.lon is None or (is_building and not text and place.id not in {*roomy, *shown.repeated}):
            continue
        ringed = place.id in shown.repeated
        size = 14 if is_building else 17
        name = _short(place.name) if is_building else place.name
        names.append(
            {**_at(place), "text": name, "offset": ABOVE_RING if ringed else ABOVE_FIGURE if text else CENTRED}
        )
        figures.append({**_at(place), "text": text, "offset": CENTRED if ringed else BELOW_NAME})
    return [_texts("names", names, size, 600), _texts("figures", figures, size + 5, 600)]


def _short(name: str) -> str:
    """The number of a building as people say it, from its whole name."""
    found = NUMBERED.search(name)
    return found.group() if found else name


def _texts(layer_id: str, rows: Sequence[Row], size: int, weight: int) -> pdk.Layer:
    """Texts on a quiet ground: the strokes of small characters run together in an outline of their own."""
    return pdk.Layer(
        "TextLayer",
        rows,
        id=layer_id,
        get_text="text",
        get_position="at",
        get_size=size,
        get_pixel_offset="offset",
        character_set=String("auto"),
        font_family=String(FONT),
        font_weight=weight,
        font_settings={"fontSize": 2 * size, "buffer": 4},
        background=True,
        background_padding=[2, 0],
        parameters=FLAT,
        _sub_layer_props={
            **within("characters", getColor=list(rgba(LIGHT.text_1))),
            **within("background", getFillColor=list(ON_LIGHT.halo)),
        },
    )
