"""The case file: everything about one case on one page, readable aloud in a meeting."""

import streamlit as st

from core import clock, rules, store, units
from core.cases import backlog, taking
from core.cases.dossier import dossier
from core.documents import clips
from core.documents.clips import Mark
from core.errors import NotFound
from core.liaisons import lookup
from core.words import Permission, Severity
from pages.ui import answers, cards, dossier_view, drafts, frame, pieces, session, step_form, todo

who = session.require(Permission.READ_CASES)
_ = session.text()

# load
now, in_force = clock.now(), rules.current()
asked = st.query_params.get("case", "")
with store.current().reading() as db:
    try:
        number = int(asked) if asked.isdigit() and len(asked) < 10 else taking.case_numbered(db, who, asked)
    except NotFound:
        number = 0
    found = dossier(db, who, number, now, in_force)
    mine = backlog.todo(db, who, now, in_force, number)
    known_units = {unit.id or 0: unit for unit in units.units(db)} if mine else {}
    directory = lookup.directory(db, in_force)
    here = found.case if found else None
    picture = None
    if here and here.lon is not None and here.lat is not None:
        mark = Mark(here.lon, here.lat, Severity(here.severity), here.address or here.title)
        picture = clips.clip(clips.ground(db, now), [mark], (900, 460))

# ask, act, draw
if found is None or mine is None:
    frame.page(_("Case file"))
    cards.show(pieces.empty(_("No such case, or it is not open to you."), _("Type its number, such as 2611-00387.")))
    with st.form("find", border=False):
        typed = st.text_input(_("Number of the case"), key="find_case")
        if st.form_submit_button(_("Open")):
            st.query_params["case"] = typed.strip()
            st.rerun()
    st.stop()
frame.page(found.case.title, found.case.number)
step_form.tell()
drafts.keep(who.user_id, todo.fields_of([mine]))
main, side = st.columns([3, 2], gap="large")
with main:
    with cards.card("case"):
        cards.show(pieces.case_card(mine, now, _, stage=mine.stage))
        dossier_view.draw_facts(found, in_force, _)
        with st.container(key="case_steps", gap="small"):
            todo.draw_steps(mine, known_units, _)
            todo.draw_whistle(mine, known_units, who, now, _)
    dossier_view.draw_photos(found, _)
    dossier_view.draw_clocks(found, now, in_force.due_soon, _)
    dossier_view.draw_belongings(found, now, _)
with side:
    if picture:
        st.image(picture, width="stretch")
    if not found.case.ended_at:
        case = found.case
        sector = in_force.categories[case.category].sector
        cards.show(pieces.heading(_("Who answers")))
        answers.draw(directory, sector, case.path, now, _, case.unit_id)
        answers.draw_words(case.number, case.title, case.address or found.trail[-1].name, case.due_at, _)
    dossier_view.draw_timeline(found, _)
    dossier_view.draw_reporter(found, _)
