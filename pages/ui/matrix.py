"""Place × sector: who is named where; a touch on a cell opens it, and there a gap is filled."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime

import streamlit as st
from markupsafe import Markup

from core import clock, follower, rules, store
from core.captions import label
from core.clock import local
from core.language import N_, Translate
from core.liaison_words import Coverage
from core.liaisons import commands, lookup, stale
from core.liaisons.commands import Entry
from core.liaisons.directory import Contact, Cover, Directory
from core.people import Principal
from core.places import Node
from core.rules import Sector
from core.words import Action, Level, Permission
from pages.ui import answers, cards, contacts, pieces, plain, session, staffing
from pages.ui.sheets import TEMPLATES

MOST_ROWS, MOST_INSIDE, MOST_DOUBTS = 14, 60, 8  # a street is looked at community by community
CELL, SAID = "matrix_cell", "matrix_said"
KINDS = {
    "R1": N_("Named by the source"),
    "default": N_("Our own, until the office says otherwise"),
    "local": N_("Added here"),
}
LACKING = (Coverage.STALE, Coverage.DUTY_ROOM, Coverage.GAP)
SCRIPT = (TEMPLATES / "matrix.js").read_text(encoding="utf-8")
_component = st.components.v2.component("matrix", html='<div class="matrix"></div>', js=SCRIPT, isolate_styles=False)


@session.callback(Permission.LOOK_UP)
def close() -> None:
    """Close the cell that is open."""
    st.session_state.pop(CELL, None)


@st.fragment
def draw() -> None:
    """The matrix with what its signs mean; only this runs when a cell is touched."""
    who = session.recheck(Permission.LOOK_UP)
    now, translate = clock.now(), session.text()
    with store.current().reading() as db:
        directory = lookup.directory(db, rules.current())
    on = local(now).date()
    if said := st.session_state.pop(SAID, None):
        st.success(plain.text(said))
    sectors = [one for one in directory.sectors.values() if one.holds_on(on)]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="matrix_head"):
        places = _places(who, translate)
        lacking = st.toggle(translate("Only what lacks somebody"), key="matrix_lacking")
    covers = {(one.code, node.id): directory.cover(one.code, node.path, on) for node in places for one in sectors}
    shown = [node for node in places if not lacking or any(covers[s.code, node.id].how in LACKING for s in sectors)]
    if not shown:
        cards.show(pieces.empty(translate("Every place has somebody in every sector")))
    data = {
        "corner": translate("Place"),
        "head": [{"name": one.name, "kind": one.origin, "title": translate(KINDS[one.origin])} for one in sectors],
        "rows": [_row(node, sectors, covers, translate) for node in shown],
    }
    cards.show(contacts.legend(Counter(cover.how for cover in covers.values()), translate), _kinds(sectors, translate))
    touched = _component(key="matrix", data=data, on_cell_change=_nothing).cell
    if cell := _cell(touched, covers):
        st.session_state[CELL] = cell
    _draw_doubtful(who, directory, on, translate)
    chosen = st.session_state.get(CELL)
    if chosen in covers:
        _open(chosen[0], chosen[1], covers[chosen], directory, now, translate)


def _draw_doubtful(who: Principal, directory: Directory, on: date, translate: Translate) -> None:
    """What to verify first: whom the most places hang on, with the phone, verified in one touch."""
    found = stale.doubtful(directory, who.paths(Permission.LOOK_UP), on)
    if not found:
        return
    note = translate("{count} shown").format(count=MOST_DOUBTS) if len(found) > MOST_DOUBTS else ""
    cards.show(pieces.heading(translate("Verify first"), len(found), note))
    for one, count in found[:MOST_DOUBTS]:
        office = directory.offices[one.unit_id]
        with st.container(key=f"doubt_{one.id}", horizontal=True, vertical_alignment="center", gap="small"):
            cards.show(contacts.doubt(one, office.name, directory.phone(one), count, translate))
            may = who.may(Permission.EDIT_DIRECTORY, directory.places[office.place_id].path)
            if may and st.button(translate("Verified today"), key=f"verify_doubt_{one.id}") and session.did(
                Action.EDIT_DIRECTORY, f"liaison {one.id}", commands.verify, one.id
            ):  # fmt: skip
                _say(translate("{name} was verified today.").format(name=one.name))


def _kinds(sectors: Sequence[Sector], translate: Translate) -> Markup:
    """Which sectors the source names, and which are ours, in words beside the dotted line."""
    named = sum(one.origin == "R1" for one in sectors)
    ours = "、".join(one.name for one in sectors if one.origin != "R1")
    words = translate("{count} sectors are named by the source; with a dotted line those of our own: {names}")
    return pieces.note(words.format(count=named, names=ours or pieces.NOTHING))


def _places(who: Principal, translate: Translate) -> list[Node]:
    """The places of somebody from the street down to the grids; of a street first the communities, then one."""
    tree, scope = follower.current().board.tree, who.paths(Permission.LOOK_UP)
    found = [node for node in tree.nodes.values() if any(node.path.startswith(top) for top in scope)]
    found.sort(key=lambda node: node.code)
    if len(found) <= MOST_ROWS:
        return found
    large = [node for node in found if node.level in (Level.STREET, Level.COMMUNITY)]
    inside = st.selectbox(
        translate("Place"), large, None, lambda node: node.name, key="matrix_place",
        placeholder=translate("All communities"),
    )  # fmt: skip
    return [node for node in found if node.path.startswith(inside.path)][:MOST_INSIDE] if inside else large


def _row(
    node: Node, sectors: Sequence[Sector], covers: dict[tuple[str, int], Cover], translate: Translate
) -> dict[str, object]:
    cells = [_drawn(node, one, covers[one.code, node.id], translate) for one in sectors]
    return {"name": node.name, "level": str(node.level), "cells": cells}


def _drawn(node: Node, sector: Sector, cover: Cover, translate: Translate) -> dict[str, str]:
    """A cell: a sign, and who is named; or how high up somebody is."""
    names = "、".join(one.name for one in cover.contacts)
    first = cover.contacts[0].name if cover.contacts else ""
    more = f"+{len(cover.contacts) - 1}" if len(cover.contacts) > 1 else ""
    above = cover.place and cover.place.id != node.id
    word = translate(label(cover.place.level)) if above and cover.place else f"{first}{more}"
    title = f"{node.name} · {sector.name}: {translate(label(cover.how))} {names}".strip()
    text = f"{translate(contacts.SIGNS[cover.how])} {word}".strip()
    return {"how": str(cover.how), "text": text, "title": title, "key": f"{sector.code}:{node.id}"}


def _cell(touched: object, covers: dict[tuple[str, int], Cover]) -> tuple[str, int] | None:
    """The cell that a browser says was touched, if there is such a one."""
    code, _, place = str(touched or "").rpartition(":")
    found = (code, int(place)) if place.isdecimal() and len(place) < 10 else None
    return found if found in covers else None


def _open(sector: str, place_id: int, cover: Cover, directory: Directory, now: datetime, translate: Translate) -> None:
    place = directory.places[place_id]
    title = plain.text(f"{directory.sectors[sector].name} · {place.name}")

    @st.dialog(title, width="medium", on_dismiss=close)
    def opened() -> None:
        who = session.recheck(Permission.LOOK_UP)
        cards.show(pieces.note(translate(label(cover.how))))
        answers.draw(directory, sector, place.path, now, translate)
        if who.may(Permission.EDIT_DIRECTORY, place.path):
            _draw_named(cover, place, translate)
            _draw_fill(sector, place, cover, directory, now, translate)

    opened()


def _draw_named(cover: Cover, place: Node, translate: Translate) -> None:
    """Those named for this very place: found right today, or for it no longer."""
    for one in cover.contacts if cover.place and cover.place.id == place.id else ():
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            cards.show(pieces.person(one.name, translate, role=one.role))
            subject = f"liaison {one.id}"
            if st.button(translate("Verified today"), key=f"cell_verify_{one.id}") and session.did(
                Action.EDIT_DIRECTORY, subject, commands.verify, one.id
            ):
                _say(translate("{name} was verified today.").format(name=one.name))
            if st.button(translate("No longer answers here"), key=f"cell_release_{one.id}") and session.did(
                Action.EDIT_DIRECTORY, subject, commands.release, one.id, place.id
            ):
                _say(translate("{name} answers for {place} no longer.").format(name=one.name, place=place.name))


def _draw_fill(
    sector: str, place: Node, cover: Cover, directory: Directory, now: datetime, translate: Translate
) -> None:
    """Name somebody of the sector's units for this place, or enter somebody new for it."""
    offices = [one for one in directory.offices.values() if one.sector == sector]
    here = {one.id for one in cover.contacts if cover.place == place}
    staff = [one for one in directory.staff({one.id for one in offices}, local(now).date()) if one.id not in here]
    if staff:
        with st.form("cell_fill"):
            named = st.selectbox(
                translate("Name"), staff, 0, lambda one: f"{one.name} · {directory.offices[one.unit_id].name}",
                key="cell_liaison",
            )  # fmt: skip
            if st.form_submit_button(translate("Fill"), type="primary") and named:
                _fill(named, place, translate)
    if not offices:
        cards.show(pieces.empty(translate("No unit of this sector yet"), translate("Enter one under “Sectors”.")))
        return
    with st.expander(translate("Somebody new"), expanded=not staff), st.form("cell_new"):
        office = st.selectbox(translate("Unit"), offices, 0, lambda one: one.name, key="cell_unit")
        entry = staffing.ask_entry("cell", None, (), translate)
        if st.form_submit_button(translate("Enter into the directory")) and office:
            _enter(office.id, entry, place, translate)


def _fill(named: Contact, place: Node, translate: Translate) -> None:
    if session.did(Action.EDIT_DIRECTORY, f"liaison {named.id}", commands.name_for, named.id, place.id):
        _say(translate("{name} now answers for {place}.").format(name=named.name, place=place.name))


def _enter(unit_id: int, entry: Entry, place: Node, translate: Translate) -> None:
    added = session.act(
        Action.EDIT_DIRECTORY, f"unit {unit_id}", commands.add, unit_id, entry, [place.id], rules.current()
    )
    if added is not None:
        _say(translate("{name} now answers for {place}.").format(name=entry.name, place=place.name))


def _say(words: str) -> None:
    """Close the cell; the matrix as it now is says what was done."""
    st.session_state.pop(CELL, None)
    st.session_state[SAID] = words
    st.rerun()


def _nothing() -> None:
    """A trigger needs a callback; the run itself is what is wanted."""
