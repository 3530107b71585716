"""The sections of the page about places."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import streamlit as st
from markupsafe import Markup

from core import follower, rules, spreadsheet, store
from core.accounts import audit
from core.captions import label
from core.cases import told
from core.drill.behind import Behind
from core.drill.counts import ABOVE_GRIDS
from core.drill.opened import Asked, Opened
from core.drill.trends import Course, Repeated
from core.drill.view import View
from core.language import N_, Translate
from core.place_words import Figure, Grain, PointKind
from core.places import Node
from core.words import Action, Level, Permission
from pages.ui import (
    cards,
    pieces,
    place_address,
    place_map,
    place_parts,
    place_ranking,
    place_scale,
    plain,
    room,
    session,
    sources,
)

MAP, MAP_PX, PHONE_PX, SHOWN, SHOWN_AGAIN = "places_map", (640, 560), (358, 330), 30, 8
MARKS = {PointKind.STATION: N_("Mark of a station"), PointKind.CAMERA: N_("Mark of a camera"),
         PointKind.HYDRANT: N_("Mark of a hydrant")}  # fmt: skip


@session.callback(Permission.READ_FIGURES)
def go(code: str) -> None:
    """Show another place."""
    place_address.go(code)


@session.callback(Permission.READ_FIGURES)
def keep(name: str) -> None:
    """Put what was chosen into the address."""
    place_address.keep(name)


@session.callback(Permission.READ_FIGURES)
def choose(name: str, value: str) -> None:
    """Put a choice into the address."""
    place_address.choose(name, value)


@session.callback(Permission.READ_FIGURES)
def look_closer() -> None:
    """Go to what was clicked; an empty selection is the browser forgetting the last one."""
    for clicked in st.session_state[MAP].selection.objects.values():
        if code := clicked[0].get("code"):
            place_address.go(code)


@session.callback(Permission.READ_FIGURES)
def note_export(code: str, count: int) -> None:
    """An export is an act of its own."""
    by = session.asker()
    with store.current().writing() as db:
        audit.record(db, Action.EXPORT_PLACES, f"place {code}", by=by, detail=f"{count} rows")


def draw_way(trail: Sequence[Node], name: str, translate: Translate) -> str:
    """The way down to the place, and the search; what was typed."""
    way, find = st.columns([3, 1], vertical_alignment="center")
    with way, st.container(key="trail", horizontal=True, gap="small", vertical_alignment="center"):
        for step in trail:
            key = f"trail_{step.code}"
            st.button(f"{plain.text(step.name)} ›", key=key, on_click=go, args=[step.code], type="tertiary")
        if trail:
            st.html(pieces.note(name))
    return find.text_input(
        translate("Find a place"), key="places_search", max_chars=40, label_visibility="collapsed",
        placeholder=translate("Find: characters, pinyin, initials, code"),
    )  # fmt: skip


def draw_found(found: Sequence[Node], translate: Translate) -> None:
    """What the search means."""
    with st.container(key="found", horizontal=True, gap="small"):
        for node in found:
            st.button(plain.text(node.name), key=f"found_{node.code}", help=node.code, on_click=go, args=[node.code])
    if not found:
        st.caption(translate("No place of yours is called so"))


def draw_figures(seen: View, chosen: Figure, translate: Translate) -> None:
    """The row of figures; each is one button that chooses what the map, the ranking and the list are about."""
    with st.container(key="tiles"):
        for figure in Figure:
            state = "chosen" if figure is chosen else "row"
            with st.container(key=f"{state}_tile_{figure.value}", gap=None):
                cards.show(place_parts.tile(seen, figure, translate))
                st.button(
                    translate(label(figure)), key=f"figure_{figure.value}", on_click=choose,
                    args=["figure", figure.value],
                )  # fmt: skip


def draw_map(shown: Opened, asked: Asked, translate: Translate) -> None:
    """The map with its legend; what has no outline says so."""
    seen, figure = shown.view, asked.figure
    of_child = {line.place.id or 0: line.now for line in seen.lines if line.place}
    values = {child: numbers.value(figure).value for child, numbers in of_child.items()}
    busy = {child: numbers for child, numbers in of_child.items() if values[child] or seen.place.level in ABOVE_GRIDS}
    texts = {child: place_parts.said(numbers, figure, translate) for child, numbers in busy.items()}
    level = Level(seen.here.children[0].level) if seen.here.children else Level.BUILDING
    known = place_scale.scale(figure, level, seen.period)
    board = follower.current().board
    size = PHONE_PX if room.is_narrow() else MAP_PX
    areas, roads = (sources.still(name, board).url for name in ("areas", "roads"))
    streets = lambda view, lowest: sources.street_names(board, view, size, 0, lowest)  # noqa: E731
    below = place_map.Base(areas, roads, streets)
    said = place_map.Shown(values, texts, {one.place_id for one in shown.repeated}, known)
    marks = {kind: translate(mark) for kind, mark in MARKS.items()}
    drawn = place_map.deck(seen, said, shown.points, marks, below, size)
    if drawn is None:
        cards.show(pieces.empty(translate("This place has no outline: import one to see it on a map")))
        return
    st.pydeck_chart(drawn.deck, height=size[1], key=MAP, on_select=look_closer, selection_mode="single-object")
    of_none = (line.now for line in seen.lines if line.place is None)  # of no child, and so not drawn
    apart = next(of_none, None) if seen.here.children else None
    cards.show(pieces.map_key(drawn.camera, place_parts.not_drawn(apart, figure, level, translate), translate))
    if not seen.here.children:
        cards.show(place_parts.legend_of_one(translate))
    else:
        has_edges = bool(shown.repeated) and level is Level.BUILDING
        cards.show(place_parts.legend(known, figure, translate, has_edges=has_edges))
    st.pills(
        translate("Show on the map"), list(PointKind), selection_mode="multi", default=list(asked.layers),
        key="places_layers", format_func=lambda kind: f"{marks[kind]} {translate(label(kind))}", on_change=keep,
        args=["layers"], label_visibility="collapsed",
    )  # fmt: skip


def draw_children(shown: Opened, asked: Asked, translate: Translate) -> None:
    """The children ranked by the figure, and the table to take along."""
    seen = shown.view
    if not seen.lines:
        cards.show(pieces.empty(translate("Nothing lies below this place")))
        return
    cards.show(place_ranking.ranking(seen, asked.figure, shown.sparks, place_address.link, translate))
    header = [translate("Code"), translate("Place"), *(translate(label(figure)) for figure in Figure)]
    rows = [place_ranking.cells(seen, line, translate) for line in seen.lines]
    st.download_button(
        translate("Export as CSV"), spreadsheet.csv_file(header, rows), "places.csv", "text/csv", key="places_export",
        on_click=note_export, args=(seen.place.code, len(rows)),
    )  # fmt: skip


def draw_again(repeated: Sequence[Repeated], translate: Translate) -> None:
    """Repeated trouble: each row leads to its building."""
    if not repeated:
        return
    note = translate("same building and category, 90 days")
    cards.show(pieces.heading(translate("Again and again"), len(repeated), note))
    with cards.rows("again"):
        for number, one in enumerate(repeated[:SHOWN_AGAIN]):
            with st.container(key=f"row_again_{number}", gap=None):
                cards.show(place_parts.again(one, rules.current(), translate))
                st.button(plain.text(one.name), key=f"again_{number}", on_click=go, args=[one.code])


def draw_cases(found: Sequence[Behind], figure: Figure, now: datetime, translate: Translate) -> None:
    """The cases behind the figure."""
    note = translate("the first {count}").format(count=SHOWN) if len(found) > SHOWN else ""
    cards.show(pieces.heading(place_parts.list_title(figure, translate), note=note))
    if not found:
        cards.show(pieces.empty(translate("No case is counted here")))
        return
    with cards.rows("behind"):
        cards.show(*(_linked(one, now, translate) for one in found[:SHOWN]))


def _linked(one: Behind, now: datetime, translate: Translate) -> Markup:
    """A case as a row that leads to its file."""
    more = [one.number, translate(label(one.stage))]
    of_what = told.named(one.regime, one.promise, rules.current(), translate)
    row = pieces.case_row(one, now, translate, where=one.address, extra=more, whose=of_what)
    return Markup('<a class="row-link" href="/case?case={}" target="_self">{}</a>').format(one.id, row)


def draw_trends(course: Course, hours: Mapping[str, tuple[int, ...]], step: Grain, translate: Translate) -> None:
    """How it went on by day, week or month, and by category and hour."""
    st.segmented_control(
        translate("Steps"), list(Grain), default=step, format_func=lambda one: translate(label(one)), key="places_step",
        on_change=keep, args=["step"], label_visibility="collapsed", required=True,
    )  # fmt: skip
    cards.show(
        place_parts.courses(course, translate),
        pieces.heading(translate("By category and hour")),
        place_parts.heat(hours, rules.current(), translate),
    )
