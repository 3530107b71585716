"""Border cases on the page about places: who claims them, and who leads."""

from collections.abc import Mapping, Sequence

import streamlit as st
from markupsafe import Markup

from core import clock, rules
from core.drill import border
from core.drill.behind import Behind
from core.language import Translate
from core.places import Node
from core.words import Action
from pages.ui import cards, pieces, plain, session


def draw(shown: Sequence[Behind], grids: Mapping[int, Node], translate: Translate) -> None:
    """The open border cases among those shown, and for each the form that changes its lead with a reason."""
    listed = [case for case in shown if case.claims and not case.ended_at]
    if not listed:
        return
    cards.show(pieces.heading(translate("Border cases"), len(listed), translate("claimed by several grids")))
    with cards.rows("border"):
        for case in listed:
            with st.container(key=f"row_border_{case.id}", horizontal=True, vertical_alignment="center", gap="small"):
                cards.show(_said(case, grids, translate))
                with st.popover(translate("Change the lead"), key=f"border_{case.id}"):
                    _draw_form(case, grids, translate)


def _said(case: Behind, grids: Mapping[int, Node], translate: Translate) -> Markup:
    """Who leads the case, and who else claims its spot."""
    claims = "、".join(grids[grid].name for grid in case.claims if grid in grids)
    lead = grids[case.grid_id].name if case.grid_id in grids else pieces.NOTHING
    words = translate("{lead} leads; {claims} claims it too").format(lead=lead, claims=claims)
    return Markup('<p class="claimed"><b>{}</b><span>{}</span><small>{}</small></p>').format(
        case.title, words, case.number
    )


def _draw_form(case: Behind, grids: Mapping[int, Node], translate: Translate) -> None:
    with st.form(f"places_border_{case.id}", border=False):
        claims = [grid for grid in case.claims if grid in grids]
        named = {grid: plain.text(grids[grid].name) for grid in claims}
        lead = st.radio(translate("New lead"), claims, format_func=named.__getitem__, key=f"border_lead_{case.id}")
        reason = st.text_input(translate("Reason"), key=f"border_reason_{case.id}", max_chars=200)
        if st.form_submit_button(translate("Change the lead"), type="primary") and lead:
            done = session.act(
                Action.CORRECT_CASE, f"case {case.id}", border.change_lead, case.id, lead, reason,
                rules.current(), clock.now(),
            )  # fmt: skip
            if done:
                st.toast(translate("{name} leads the case now.").format(name=named[lead]))
                st.rerun()
