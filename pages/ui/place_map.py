"""The map of a place: its children coloured by a figure; buildings stand up."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pydeck as pdk
import shapely
from shapely.geometry.base import BaseGeometry

from core.drill.view import View
from core.places import Place
from core.points import PointOfInterest
from core.words import Level
from pages.ui import camera
from pages.ui.deck import FrozenDeck
from pages.ui.ink import ON_LIGHT, Colour, rgba
from pages.ui.maps import FLAT, FONT, String, base, within
from pages.ui.style import LIGHT

CLASSES, STOREY_M, USUAL_FLOORS, TILT = 5, 3, 3, 50
SIMPLE = 0.00002  # degrees, about 2 m
QUIET = rgba(LIGHT.line_strong, 0.35)
Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Scale:
    """Equal steps between the least and the most of some values."""

    low: float
    high: float

    def of(self, value: float) -> int:
        """The class of a value, from 0."""
        if self.high <= self.low:
            return 0
        return min(CLASSES - 1, int(CLASSES * (value - self.low) / (self.high - self.low)))

    def bounds(self) -> list[tuple[float, float]]:
        """From where to where each class reaches."""
        step = (self.high - self.low) / CLASSES
        return [(self.low + n * step, self.low + (n + 1) * step) for n in range(CLASSES)] if step else [(self.low,) * 2]


def scale(values: Iterable[float | None]) -> Scale | None:
    """The scale of the values that there are."""
    known = [value for value in values if value is not None]
    return Scale(min(known), max(known)) if known else None


def deck(
    seen: View, values: Mapping[int, float | None], texts: Mapping[int, str], repeated: set[int],
    points: Sequence[PointOfInterest], base_urls: tuple[str, str], size_px: tuple[int, int],
) -> FrozenDeck | None:  # fmt: skip
    """The map; None where nothing has an outline. `values` and `texts` are by child."""
    drawn = [place for place in seen.here.children or seen.here.beside or (seen.place,) if place.geometry]
    shapes: list[BaseGeometry] = [shapely.from_wkb(place.geometry or b"") for place in drawn]
    if not shapes:
        return None
    standing = drawn[0].level == Level.BUILDING
    known = scale(values.values())
    rows = [
        row
        for place, shape in zip(drawn, shapes, strict=True)
        for row in _rows(place, shape, _colour(seen, place, values, known, standing=standing))
    ]
    view = camera.view_of(_extent(shapes), *size_px)
    state = pdk.ViewState(
        longitude=view.lon, latitude=view.lat, zoom=view.zoom - 0.2 * standing, pitch=TILT * standing, max_zoom=19
    )
    layers = [*base(*base_urls, ON_LIGHT), _polygons(seen.place.code, rows, standing=standing)]
    layers += [_rings(drawn, repeated), *_points(points), *([] if standing else [_labels(drawn, texts)])]
    return FrozenDeck(pdk.Deck(layers=layers, initial_view_state=state, map_provider=None))


def _extent(shapes: Iterable[BaseGeometry]) -> camera.Extent:
    west, south, east, north = map(float, shapely.total_bounds(list(shapes)))
    return west, south, east, north


def _colour(
    seen: View, place: Place, values: Mapping[int, float | None], known: Scale | None, *, standing: bool
) -> Colour:
    if place is seen.place and not seen.here.children:
        return rgba(LIGHT.accent)
    value = values.get(place.id or 0)
    if value is None or known is None or (standing and not value):
        return QUIET if standing else ON_LIGHT.no_data
    red, green, blue, _ = ON_LIGHT.classes[known.of(value)]
    return red, green, blue, 255 if standing else 205


def _rows(place: Place, shape: BaseGeometry, colour: Colour) -> list[Row]:
    polygons = [part for part in shapely.get_parts(shapely.simplify(shape, SIMPLE)) if part.geom_type == "Polygon"]
    height = STOREY_M * (place.floors or USUAL_FLOORS)
    return [
        {
            "code": place.code,
            "name": place.name,
            "colour": list(colour),
            "height": height,
            "polygon": [[[round(x, 6), round(y, 6)] for x, y in ring.coords] for ring in (p.exterior, *p.interiors)],
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
        line_width_units=String("pixels"),
        get_line_width=1.3,
        extruded=standing,
        get_elevation="height",
        pickable=True,
        auto_highlight=True,
        highlight_color=list(rgba(LIGHT.text_1, 0.15)),
    )


def _rings(places: Iterable[Place], repeated: set[int]) -> pdk.Layer:
    """A ring of ink around buildings where the same trouble comes again and again."""
    return pdk.Layer(
        "ScatterplotLayer",
        [{"lon": place.lon, "lat": place.lat} for place in places if place.id in repeated and place.lon],
        id="repeated",
        get_position="[lon, lat]",
        filled=False,
        stroked=True,
        get_radius=14,
        radius_units=String("pixels"),
        get_line_color=list(rgba(LIGHT.time)),
        line_width_units=String("pixels"),
        get_line_width=2.5,
        parameters=FLAT,
    )


def _points(points: Sequence[PointOfInterest]) -> list[pdk.Layer]:
    if not points:
        return []
    rows = [{"lon": p.lon, "lat": p.lat, "name": p.name} for p in points]
    dots = pdk.Layer(
        "ScatterplotLayer",
        rows,
        id="points",
        get_position="[lon, lat]",
        get_fill_color=list(rgba(LIGHT.accent)),
        get_line_color=list(rgba(LIGHT.surface)),
        stroked=True,
        get_radius=5,
        radius_units=String("pixels"),
        line_width_units=String("pixels"),
        get_line_width=1.5,
        parameters=FLAT,
    )
    return [dots]


def _labels(places: Iterable[Place], texts: Mapping[int, str]) -> pdk.Layer:
    rows = [
        {"lon": p.lon, "lat": p.lat, "text": f"{p.name}\n{texts.get(p.id or 0, '')}"}
        for p in places
        if p.lon is not None
    ]
    return pdk.Layer(
        "TextLayer",
        rows,
        id="names",
        get_text="text",
        get_position="[lon, lat]",
        get_size=15,
        character_set=String("auto"),
        font_family=String(FONT),
        font_weight=500,
        font_settings={"sdf": True, "fontSize": 48, "buffer": 12, "radius": 12},
        outline_width=3,
        outline_color=list(ON_LIGHT.halo),
        parameters=FLAT,
        _sub_layer_props=within("characters", getColor=list(rgba(LIGHT.text_1))),
    )
