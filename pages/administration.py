"""People and screens: who may come in, what they are appointed to, and which screens show the wall."""

import streamlit as st

from core import clock, places, store, units
from core.accounts import staff, walls
from core.cases import upkeep
from core.words import Permission
from pages.ui import frame, people, screens, session

session.require(Permission.ADMINISTER)
_ = session.text()

# load
by = session.asker()
today = clock.local(by.at).date()
with store.current().reading() as db:
    everybody = staff.persons(db, by)
    wall_screens = walls.screens(db, by)
    places_here = [
        node for node in places.tree(db, clock.now()).nodes.values() if by.who.may(Permission.ADMINISTER, node.path)
    ]
    known_units = units.units(db)
    gap = upkeep.calendar_gap(db, clock.now())
persons = [person for person in everybody if not person.is_device]

# ask, act, draw
frame.page(_("People and screens"))
people.tell(_)
if gap:
    st.warning(
        _("Holidays are known up to {year} only: {count} running promises are provisional. Install the next calendar.")
        .format(year=gap.last_year, count=gap.provisional)
    )  # fmt: skip
who, add, screen = st.tabs([_("People"), _("Add person"), _("Wall screens")])
with who:
    person = people.choose(persons, _)
    if person is None:
        people.draw_list(persons, today, _)
    else:
        people.draw_head(person, today, _)
        people.draw_account(person, _)
        if person.login is None:
            people.draw_open_login(person, _)
        people.draw_appointments(person, persons, today, _)
        people.draw_appoint(person, places_here, known_units, today, _)
with add:
    people.draw_add(_)
with screen:
    screens.draw_list(wall_screens, _)
    screens.draw_invite(places_here, _)
