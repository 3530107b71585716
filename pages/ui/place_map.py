"""The map of a place: its children coloured by a figure; buildings stand up."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import pydeck as pdk
import shapely
from shapely.geometry.base import BaseGeometry

from core.drill.view import View
from core.layers import LANE, MAIN
from core.place_words import PointKind
from core.places import Place
from core.points import PointOfInterest
from core.words import Level
from pages.ui import camera, place_labels
from pages.ui.deck import FrozenDeck
from pages.ui.ink import ON_LIGHT, Colour, rgba
from pages.ui.maps import FLAT, FONT, WIDE_HALO, String, base, text, within
from pages.ui.place_labels import STREET_PX, TILT, Eye, Label, Street, height
from pages.ui.place_scale import Scale
from pages.ui.style import LIGHT

SIMPLE = 0.00002  # degrees, about 2 m
QUIET = rgba(LIGHT.line)
DARKEST = 4  # the class on which ink is too faint
AWAY = 1.5  # heights of a map from its middle to the camera of deck.gl
MARK_PX = 10  # radius of the disc of a point of interest
# light and shade would make other colours of those of the legend; lines tell walls from roofs
UNLIT = {"ambient": 1, "diffuse": 0, "shininess": 1, "specularColor": [0, 0, 0]}
Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Base:
    """Where what lies below is found."""

    areas: str
    roads: str
    streets: Callable[[camera.View, int], Sequence[Street]]  # names of roads that a camera sees, down to a class


@dataclass(frozen=True, slots=True)
class Shown:
    """What a map says of the places that it draws, by their ids."""

    values: Mapping[int, float | None]
    texts: Mapping[int, str]
    repeated: Collection[int]  # where the same trouble comes again and again
    scale: Scale


class Drawn(NamedTuple):
    """A map, and where its camera stands."""

    deck: FrozenDeck
    camera: camera.View


def deck(
    seen: View, shown: Shown, points: Sequence[PointOfInterest], marks: Mapping[PointKind, str], below: Base,
    size_px: tuple[int, int],
) -> Drawn | None:  # fmt: skip
    """The map; None where nothing has an outline."""
    drawn = [place for place in seen.here.children or seen.here.beside or (seen.place,) if place.geometry]
    shapes: list[BaseGeometry] = [shapely.from_wkb(place.geometry or b"") for place in drawn]
    if not shapes:
        return None
    standing = drawn[0].level == Level.BUILDING
    rows = [
        row
        for place, shape in zip(drawn, shapes, strict=True)
        for row in _rows(
            place, shape, _colour(seen, place, shown, standing=standing), is_repeated=place.id in shown.repeated
        )
    ]
    view = camera.view_of(_extent(shapes), *size_px)
    tilt, view = TILT * standing, replace(view, zoom=view.zoom - 0.2 * standing)
    state = pdk.ViewState(longitude=view.lon, latitude=view.lat, zoom=view.zoom, pitch=tilt, max_zoom=19)
    ground, fills = base(below.areas, below.roads, ON_LIGHT), _polygons(seen.place.code, rows, standing=standing)
    whole = shapely.from_wkb(seen.place.geometry) if standing and seen.here.children and seen.place.geometry else None
    around = [_outlines(_rows(seen.place, whole, QUIET, is_repeated=False))] if whole else []
    layers = [*ground, *around, fills, _edges(rows)] if standing else [fills, *ground, _outlines(rows)]
    streets = below.streets(view, LANE if standing else MAIN)
    dark = {child for child, value in shown.values.items() if value is not None and shown.scale.of(value) == DARKEST}
    eye = Eye(view, tilt, AWAY * size_px[1])
    labels = place_labels.labels(seen.place, drawn, shapes, shown.texts, shown.repeated, eye, streets, dark)
    named = place_labels.clear_streets(streets, labels, eye)
    layers += [street_layer(named), *dots(points, marks), *texts(labels)]
    # what has no room for its name says it when it is pointed at
    return Drawn(
        FrozenDeck(pdk.Deck(layers=layers, initial_view_state=state, map_provider=None), {"text": "{name}"}), view
    )


def street_layer(rows: Sequence[Street]) -> pdk.Layer:
    """Names of streets, along them."""
    return text(
        rows, "streets", "name", STREET_PX, 0, ON_LIGHT, colour=ON_LIGHT.street, font_settings=WIDE_HALO,
        get_angle="angle",
    )  # fmt: skip


def _extent(shapes: Iterable[BaseGeometry]) -> camera.Extent:
    west, south, east, north = map(float, shapely.total_bounds(list(shapes)))
    return west, south, east, north


def _colour(seen: View, place: Place, shown: Shown, *, standing: bool) -> Colour:
    if place.id == seen.place.id and not seen.here.children:
        return rgba(LIGHT.accent)
    value = shown.values.get(place.id or 0)
    if value is None:
        return QUIET if standing else ON_LIGHT.no_data
    return ON_LIGHT.classes[shown.scale.of(value)]


def _rows(place: Place, shape: BaseGeometry, colour: Colour, *, is_repeated: bool) -> list[Row]:
    polygons = [part for part in shapely.get_parts(shapely.simplify(shape, SIMPLE)) if part.geom_type == "Polygon"]
    high = height(place)
    return [
        {
            "code": place.code,
            "name": place.name,
            "colour": list(colour),
            "height": high,
            "polygon": [[[round(x, 6), round(y, 6)] for x, y in ring.coords] for ring in (p.exterior, *p.interiors)],
            "roof": [[round(x, 6), round(y, 6), high] for x, y in p.exterior.coords] if is_repeated else [],
        }
        for p in polygons
    ]


def _polygons(place: str, rows: list[Row], *, standing: bool) -> pdk.Layer:
    """What can be clicked; its id follows the place, for the browser forgets a selection whose layer is gone."""
    return pdk.Layer(
        "PolygonLayer",
        rows,
        id=f"targets-{place}",
        get_polygon="polygon",
        get_fill_color="colour",
        get_line_color=list(ON_LIGHT.boundary),
        stroked=False,
        extruded=standing,
        get_elevation="height",
        material=UNLIT,
        wireframe=standing,
        pickable=True,
        auto_highlight=True,
        highlight_color=list(rgba(LIGHT.text_1, 0.15)),
    )


def _outlines(rows: list[Row]) -> pdk.Layer:
    """The borders of places that lie flat, above the buildings and roads in them."""
    return pdk.Layer(
        "PolygonLayer",
        rows,
        id="outlines",
        get_polygon="polygon",
        filled=False,
        get_line_color=list(ON_LIGHT.boundary),
        line_width_units=String("pixels"),
        get_line_width=1.5,
    )


def _edges(rows: list[Row]) -> pdk.Layer:
    """An edge of ink around the roofs of buildings where the same trouble comes again and again."""
    return pdk.Layer(
        "PathLayer",
        [{"path": row["roof"]} for row in rows if row["roof"]],
        id="repeated",
        get_path="path",
        get_color=list(rgba(LIGHT.time)),
        width_units=String("pixels"),
        get_width=3,
        joint_rounded=True,
        parameters=FLAT,
    )


def dots(points: Sequence[PointOfInterest], marks: Mapping[PointKind, str]) -> list[pdk.Layer]:
    """Points of interest as discs, each with the letter of its kind; those at one spot stand side by side."""
    if not points:
        return []
    rows: list[Row] = []
    at_spot: dict[tuple[float, float], int] = {}
    for p in points:
        spot = round(p.lon, 4), round(p.lat, 4)  # ten metres
        beside = at_spot.setdefault(spot, 0)
        at_spot[spot] += 1
        text = marks[PointKind(p.kind)]
        rows.append({"at": [p.lon, p.lat], "name": p.name, "text": text, "offset": [2.2 * MARK_PX * beside, 0]})
    disc = {"get_position": "at", "get_pixel_offset": "offset", "parameters": FLAT, "character_set": String("auto")}
    letter = {"font_family": String(FONT), "font_weight": 600, "font_settings": {"fontSize": 40}}
    # a letter on a round ground is one thing that can be set aside by pixels, a disc is not
    return [
        pdk.Layer(
            "TextLayer", rows, id="points", get_text="text", get_size=14, background=True,
            background_padding=[4, 3], background_border_radius=MARK_PX, pickable=False,
            get_border_width=1.5,
            _sub_layer_props={
                **within("characters", getColor=list(rgba(LIGHT.text_1))),
                **within("background", getFillColor=list(rgba(LIGHT.surface)), getLineColor=list(rgba(LIGHT.text_2))),
            },
            **disc, **letter,
        )
    ]  # fmt: skip


def texts(labels: Sequence[Label]) -> list[pdk.Layer]:
    """Texts with a halo, as on the wall: one layer for each size and ink."""
    looks = sorted({(label.size, label.is_on_dark) for label in labels})
    return [_layer(*look, [label for label in labels if (label.size, label.is_on_dark) == look]) for look in looks]


def _layer(size: int, is_on_dark: bool, labels: Sequence[Label]) -> pdk.Layer:
    ink, halo = (LIGHT.surface, LIGHT.text_1) if is_on_dark else (LIGHT.text_1, LIGHT.surface)
    return pdk.Layer(
        "TextLayer",
        [{"text": one.text, "at": one.at, "offset": [one.right_px, one.down_px]} for one in labels],
        id=f"labels-{size}-{is_on_dark:d}",
        get_text="text",
        get_position="at",
        get_size=size,
        get_pixel_offset="offset",
        character_set=String("auto"),
        font_family=String(FONT),
        font_weight=600,
        font_settings={"sdf": True, "fontSize": 64, "buffer": 20, "radius": 20},
        outline_width=3,
        outline_color=list(rgba(halo, 0.9)),
        parameters=FLAT,
        _sub_layer_props=within("characters", getColor=list(rgba(ink))),
    )
