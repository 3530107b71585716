"""The case file: everything about one case on one page, readable aloud in a meeting."""

import streamlit as st

from core import clock, follower, rules, store, units
from core.cases import backlog, taking
from core.cases.dossier import dossier
from core.errors import NotFound
from core.liaisons import lookup
from core.meetings import of_case
from core.words import Permission
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
    heard = of_case.heard_of(db, who, number) if found else []
    directory = lookup.directory(db, in_force)

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
frame.page(found.case.title)
step_form.tell()
drafts.keep(who.user_id, *todo.kept_of([mine]))
main, side = st.columns([3, 2], gap="large")
with main:
    with cards.card("case"):
        cards.show(todo.head(mine, known_units, now, _))
        dossier_view.draw_facts(found, in_force, _)
        with st.container(key="case_steps", gap="small"):
            todo.draw_steps(mine, known_units, _)
            todo.draw_whistle(mine, known_units, who, now, _)
            if ring := todo.call(found.unit, who, _):
                cards.show(pieces.links([], ring))
    dossier_view.draw_photos(found, _)
    dossier_view.draw_clocks(found, now, in_force, _)
    dossier_view.draw_belongings(found, heard, now, _)
with side:
    dossier_view.draw_paper(found, _, is_demo=follower.current().board.is_demo)
    dossier_view.draw_map(found, _)
    if not found.case.ended_at:
        case = found.case
        sector = in_force.categories[case.category].sector
        cards.show(pieces.heading(_("Who answers")))
        answers.draw(directory, sector, case.path, now, _, case.unit_id)
        answers.draw_words(case.number, case.title, case.address or found.trail[-1].name, case.due_at, _)
    dossier_view.draw_timeline(found, _)
    dossier_view.draw_reporter(found, _)
