"""Border cases on the page about places: who claims them, and who leads."""

from collections.abc import Mapping, Sequence

import streamlit as st

from core import clock, rules
from core.drill import border
from core.drill.behind import Behind
from core.language import Translate
from core.places import Node
from core.words import Action
from pages.ui import cards, pieces, plain, session


def draw(shown: Sequence[Behind], grids: Mapping[int, Node], translate: Translate) -> None:
    """The open border cases among those shown, and the form that changes the lead with a reason."""
    listed = [case for case in shown if case.claims and not case.ended_at]
    if not listed:
        return
    cards.show(pieces.heading(translate("Border cases"), len(listed), translate("claimed by several grids")))
    with st.form("places_border"):
        case = st.selectbox(translate("Case"), listed, 0, lambda one: f"{one.number} {one.title}", key="border_case")
        claims = sorted({grid for one in listed for grid in one.claims} & grids.keys())
        lead = st.selectbox(translate("New lead"), claims, 0, lambda grid: grids[grid].name, key="border_lead")
        reason = st.text_input(translate("Reason"), key="border_reason", max_chars=200)
        if st.form_submit_button(translate("Change the lead")) and case and lead:
            done = session.act(
                Action.CORRECT_CASE, f"case {case.id}", border.change_lead, case.id, lead, reason,
                rules.current(), clock.now(),
            )  # fmt: skip
            if done:
                st.success(translate("{name} leads the case now.").format(name=plain.text(grids[lead].name)))
