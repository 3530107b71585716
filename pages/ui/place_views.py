"""The sections of the page about places."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import streamlit as st

from core import follower, rules, spreadsheet, store
from core.accounts import audit
from core.captions import label
from core.drill.behind import Behind
from core.drill.trends import Course, Repeated
from core.drill.view import View
from core.language import Translate
from core.place_words import Figure, Grain, PointKind
from core.places import Node
from core.points import PointOfInterest
from core.words import Action, Permission
from pages.ui import cards, pieces, place_address, place_map, place_parts, session, sources
from pages.ui.place_address import Wish

MAP, MAP_PX, SHOWN = "places_map", (700, 520), 30


@session.callback(Permission.READ_FIGURES)
def go(code: str) -> None:
    """Show another place."""
    place_address.go(code)


@session.callback(Permission.READ_FIGURES)
def keep(name: str) -> None:
    """Put what was chosen into the address."""
    place_address.keep(name)


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
            st.button(f"{step.name} ›", key=key, on_click=go, args=[step.code], type="tertiary")
        st.html(pieces.note(name))
    return find.text_input(
        translate("Find a place"), key="places_search", max_chars=40, label_visibility="collapsed",
        placeholder=translate("Find: characters, pinyin, initials, code"),
    )  # fmt: skip


def draw_found(found: Sequence[Node], translate: Translate) -> None:
    """What the search means."""
    with st.container(key="found", horizontal=True, gap="small"):
        for node in found:
            st.button(node.name, key=f"found_{node.code}", help=node.code, on_click=go, args=[node.code])
    if not found:
        st.caption(translate("No place of yours is called so"))


def draw_map(
    seen: View, wish: Wish, repeated: Sequence[Repeated], points: Sequence[PointOfInterest], translate: Translate
) -> None:
    """The map with its legend; what has no outline says so."""
    of_child = {line.place.id or 0: line.now for line in seen.lines if line.place}
    values = {child: numbers.value(wish.figure).value for child, numbers in of_child.items()}
    texts = {child: place_parts.said(numbers, wish.figure, translate) for child, numbers in of_child.items()}
    board = follower.current().board
    urls = sources.still("areas", board).url, sources.still("roads", board).url
    again = {one.place_id for one in repeated}
    deck = place_map.deck(seen, values, texts, again, points, urls, MAP_PX)
    if deck is None:
        cards.show(pieces.empty(translate("This place has no outline: import one to see it on a map")))
        return
    st.pydeck_chart(deck, height=MAP_PX[1], key=MAP, on_select=look_closer, selection_mode="single-object")
    cards.show(place_parts.legend(place_map.scale(values.values()), wish.figure, translate))
    st.pills(
        translate("Show on the map"), list(PointKind), selection_mode="multi", default=list(wish.layers),
        key="places_layers", format_func=lambda kind: translate(label(kind)), on_change=keep,
        args=["layers"], label_visibility="collapsed",
    )  # fmt: skip


def draw_children(seen: View, wish: Wish, course: Course, repeated: Sequence[Repeated], translate: Translate) -> None:
    """The children ranked by the figure, repeated trouble, and the table to take along."""
    if not seen.lines:
        cards.show(pieces.empty(translate("Nothing lies below this place")))
        return
    cards.show(
        place_parts.ranking(seen.lines, wish.figure, course, translate),
        place_parts.again(repeated, rules.current(), translate),
    )
    header = [translate("Code"), translate("Place"), *(translate(label(figure)) for figure in Figure)]
    rows = [place_parts.cells(line, translate) for line in seen.lines]
    st.download_button(
        translate("Export as CSV"), spreadsheet.csv_file(header, rows), "places.csv", "text/csv", key="places_export",
        on_click=note_export, args=(seen.place.code, len(rows)),
    )  # fmt: skip


def draw_cases(found: Sequence[Behind], figure: Figure, now: datetime, translate: Translate) -> None:
    """The cases behind the figure."""
    note = translate("the first {count}").format(count=SHOWN) if len(found) > SHOWN else ""
    cards.show(pieces.heading(place_parts.list_title(figure, translate), note=note))
    if not found:
        cards.show(pieces.empty(translate("No case is counted here")))
    rows = (
        pieces.case_row(one, now, translate, where=one.address, extra=[one.number, translate(label(one.stage))])
        for one in found[:SHOWN]
    )
    cards.show(*rows)


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
