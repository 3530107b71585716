"""Sectors and units as data: renamed, added, retired, corrected; what refers to them keeps its code."""

from datetime import datetime

import streamlit as st

from core import follower, rules, store
from core.clock import local
from core.language import Translate
from core.liaisons import offices, sectors
from core.liaisons.directory import Directory, Office
from core.liaisons.offices import OfficeEntry
from core.liaisons.sectors import Known
from core.people import Principal
from core.rules import Rules, Sector
from core.words import Action, Level, Permission
from pages.ui import cards, contacts, matrix, pieces, session, staffing
from pages.ui.staffing import say


def draw(who: Principal, directory: Directory, at: datetime, translate: Translate) -> None:
    """All sectors with their former names, those who may change them, and the units."""
    with store.current().reading() as db:
        known, may_edit = sectors.known(db, rules.current()), sectors.may_edit(db, who)
    cards.show(pieces.heading(translate("Sector"), len(known)))
    head = [
        translate("Sector"), translate("Called before"), translate("Whose"), translate("Units"),
        translate("Categories that go to it"), translate("Last day"),
    ]  # fmt: skip
    rows = [_row(one, translate) for one in known]
    cards.show(contacts.table(head, rows))
    left, right = st.columns(2, gap="medium")
    with left:
        if may_edit:
            _draw_sector(known, at, translate)
            _draw_addition(translate)
        else:
            cards.show(pieces.note(translate("Sectors are changed by who administers all places.")))
    with right:
        _draw_office(who, directory, translate)


def _row(one: Known, translate: Translate) -> list[object]:
    sector = one.sector
    ends = f"{sector.to_on:%Y-%m-%d}" if sector.to_on else ""
    whose = translate(matrix.KINDS[sector.origin])
    return [sector.name, "、".join(one.before), whose, one.units, len(one.categories), ends]


def _draw_sector(known: list[Known], at: datetime, translate: Translate) -> None:
    cards.show(pieces.heading(translate("Change a sector")))
    by_code = {one.sector.code: one for one in known}
    code = st.selectbox(translate("Sector"), list(by_code), 0, lambda one: by_code[one].sector.name, key="sector")
    if code is None:
        return
    one, subject, in_force = by_code[code].sector, f"sector {code}", rules.current()
    with st.form(f"rename_{one.code}"):
        name = st.text_input(translate("New name"), one.name, key=f"rename_{one.code}_name", max_chars=40)
        if st.form_submit_button(translate("Rename")) and session.did(
            Action.EDIT_DIRECTORY, subject, sectors.rename, one.code, name, in_force
        ):
            say(translate("{name} is now called {new}.").format(name=one.name, new=name))
    if by_code[code].categories and not one.to_on:
        return _draw_led(by_code[code], translate)
    _draw_retiring(one, in_force, at, translate)


def _draw_led(known: Known, translate: Translate) -> None:
    """Why a sector cannot be retired yet, and how it can."""
    why = translate("{name} cannot be retired yet: {count} categories go to it.")
    how = translate(
        "First give them to the sector that takes over: in data/rules/categories.toml change “sector” of {names}; "
        "“python -m core rules check data/rules” says what that changes for open cases; after a restart it can be "
        "retired here."
    )
    named = {"name": known.sector.name, "count": len(known.categories), "names": "、".join(known.categories)}
    with cards.card("sector_led"):
        cards.show(pieces.lines(why.format(**named), [how.format(**named)]))


def _draw_retiring(one: Sector, in_force: Rules, at: datetime, translate: Translate) -> None:
    subject = f"sector {one.code}"
    with st.form(f"retire_{one.code}"):
        last = st.date_input(
            translate("Last day"), one.to_on or local(at).date(), key=f"retire_{one.code}_on", format="YYYY-MM-DD"
        )
        retires, returns = st.form_submit_button(translate("Retire")), False
        if one.to_on:
            returns = st.form_submit_button(translate("Take back into use"))
    if (retires or returns) and session.did(
        Action.EDIT_DIRECTORY, subject, sectors.retire, one.code, None if returns else last, in_force
    ):
        words = translate("{name} is in use again.") if returns else translate("{name} ends with {day}.")
        say(words.format(name=one.name, day=f"{last:%Y-%m-%d}"))


def _draw_addition(translate: Translate) -> None:
    with st.form("add_sector", clear_on_submit=True):
        new = st.text_input(translate("Name of a new sector"), key="add_sector_name", max_chars=40)
        wanted = st.form_submit_button(translate("Add the sector"))
        if wanted and session.act(Action.EDIT_DIRECTORY, "sectors", sectors.add, new, rules.current()) is not None:
            say(translate("{name} is a sector now: enter its units.").format(name=new))


def _draw_office(who: Principal, directory: Directory, translate: Translate) -> None:
    """A unit corrected, or a new one."""
    cards.show(pieces.heading(translate("Units"), len(directory.offices)))
    by_id = {one.id: one for one in staffing.offices_of(who, directory)}
    chosen = st.selectbox(
        translate("Unit"), list(by_id), None, lambda one: by_id[one].name, key="office",
        placeholder=translate("A new unit"),
    )  # fmt: skip
    known = by_id.get(chosen or 0)
    key = f"office_{known.id if known else 'new'}"
    with st.form(key, clear_on_submit=known is None):
        entry = _ask_office(key, known, who, directory, translate)
        label = translate("Keep the unit") if known else translate("Enter the unit")
        wanted = st.form_submit_button(label, type="primary")
    if not wanted or entry is None:
        return
    if known:
        done = session.did(Action.EDIT_DIRECTORY, f"unit {known.id}", offices.change, known.id, entry, rules.current())
    else:
        done = session.act(Action.EDIT_DIRECTORY, "units", offices.add, entry, rules.current()) is not None
    if done:
        say(translate("{name} is in the directory.").format(name=entry.name))


def _ask_office(
    key: str, known: Office | None, who: Principal, directory: Directory, translate: Translate
) -> OfficeEntry | None:
    codes = list(directory.sectors)
    nodes = [
        node for node in follower.current().board.tree.nodes.values()
        if node.level in (Level.STREET, Level.COMMUNITY) and who.may(Permission.EDIT_DIRECTORY, node.path)
    ]  # fmt: skip
    at = next((number for number, node in enumerate(nodes) if known and node.id == known.place_id), 0)
    name = st.text_input(translate("Name"), known.name if known else "", key=f"{key}_name", max_chars=40)
    sector = st.selectbox(
        translate("Sector"), codes, codes.index(known.sector) if known and known.sector in codes else 0,
        lambda code: directory.sectors[code].name, key=f"{key}_sector",
    )  # fmt: skip
    phone = st.text_input(translate("Duty phone"), known.duty_phone if known else "", key=f"{key}_phone", max_chars=40)
    place = st.selectbox(translate("Answers for"), nodes, at, lambda node: node.name, key=f"{key}_place")
    return OfficeEntry(name.strip(), sector, phone.strip(), place.id) if sector and place else None
