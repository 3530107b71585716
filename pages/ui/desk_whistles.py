"""Whistles on the desk: which calls are open, who owes an answer, and blowing a new one."""

from collections.abc import Sequence
from datetime import datetime

import streamlit as st
from markupsafe import Markup

from core import whistles
from core.captions import label
from core.language import Translate
from core.people import Principal
from core.places import Node
from core.rules import Rules
from core.units import Unit
from core.whistles import Call, WhistleAnswer
from core.words import Action, Permission, WhistleKind
from pages.ui import cards, desk, pieces

Names = dict[int, str]


def draw(
    calls: Sequence[Call], who: Principal, grids: Sequence[Node], units: Sequence[Unit], rules: Rules, now: datetime,
    translate: Translate,
) -> None:  # fmt: skip
    """The open calls with their answers, and the form of a new one."""
    names = {unit.id: unit.name for unit in units if unit.id is not None}
    places = {grid.id: grid.name for grid in grids}
    late = len(whistles.late_answers(calls, now))
    how_late = translate("{late} late").format(late=late) if late else ""
    cards.show(pieces.heading(translate("Open whistles"), len(calls) or None, how_late))
    if not calls:
        cards.show(pieces.empty(translate("No whistle waits for an answer")))
    for call in calls:
        _draw_call(call, who, places, names, rules, now, translate)
    _draw_blow(who, places, names, rules, now, translate)


def _draw_call(
    call: Call, who: Principal, places: Names, names: Names, rules: Rules, now: datetime, translate: Translate
) -> None:  # fmt: skip
    whistle = call.whistle
    with cards.card(f"call_{whistle.id}"):
        head = f"{translate(label(WhistleKind(whistle.kind)))} · {places.get(whistle.grid_id, '—')}"
        cards.show(
            Markup("<b>{}</b><p>{}</p>").format(f"{head} · {desk.when(whistle.blown_at)}", whistle.text),
            *(owed(row, names, rules, now, translate) for row in call.answers),
        )
        owing = [row.unit_id for row in call.answers if row.answered_at is None]
        may = who.may(Permission.RECORD_FOR_UNIT, whistle.path)
        if not owing or not may or whistle.id is None:
            return
        left, middle, right = st.columns([1, 2, 1])
        with left:
            unit = st.selectbox(
                translate("Unit"), owing, format_func=lambda one: names.get(one, "—"),
                key=desk.key(f"call_unit_{whistle.id}"),
            )  # fmt: skip
        with middle:
            note = st.text_input(translate("What it answered"), key=desk.key(f"call_note_{whistle.id}"), max_chars=400)
        with right:
            at = desk.happened(f"call_at_{whistle.id}", now, translate)
        with st.container(horizontal=True, gap="small"):
            subject = f"whistle {whistle.id}"
            if st.button(translate("Record the answer"), key=f"call_answer_{whistle.id}") and at:
                said = translate("Recorded")
                command, act = whistles.answer, Action.ANSWER_WHISTLE
                desk.act(said, act, subject, command, whistle.id, unit, note, at=at, now=now)
            if st.button(translate("Withdraw"), key=f"call_withdraw_{whistle.id}"):
                said = translate("Withdrawn")
                desk.act(said, Action.WITHDRAW_WHISTLE, subject, whistles.withdraw, whistle.id, note, now=now)


def owed(row: WhistleAnswer, names: Names, rules: Rules, now: datetime, translate: Translate) -> Markup:
    """What a called unit owes, or has answered."""
    chip = pieces.clock_chip(row.state(now, rules), row.due_at, now, translate)
    return Markup('<div class="owed"><b>{}</b>{}<span>{}</span></div>').format(
        names.get(row.unit_id, "—"), chip, row.note or ""
    )


def _draw_blow(
    who: Principal, places: Names, names: Names, rules: Rules, now: datetime, translate: Translate
) -> None:  # fmt: skip
    if not who.paths(Permission.BLOW_WHISTLE):
        return
    cards.show(pieces.heading(translate("Call units to a grid")))
    left, right = st.columns([1, 1])
    with left:
        kind = st.selectbox(
            translate("Kind"), list(WhistleKind), format_func=lambda one: translate(label(one)), key="whistle_kind"
        )
        grid = st.selectbox(
            translate("Grid"), list(places), format_func=places.__getitem__, key=desk.key("whistle_grid"), index=None,
            placeholder=translate("Choose the grid that calls"),
        )  # fmt: skip
    with right:
        called = st.multiselect(
            translate("Units"), list(names), format_func=names.__getitem__, key=desk.key("whistle_units"),
            placeholder=translate("Choose the units that are called"),
        )  # fmt: skip
        asked = st.text_input(translate("What for"), key=desk.key("whistle_text"), max_chars=400)
    wanted = {translate("Grid"): grid, translate("Units"): called}
    missing = "、".join(name for name, given in wanted.items() if not given)
    pressed = st.button(
        translate("Blow the whistle"), key="whistle_blow", type="primary", disabled=bool(missing), width="stretch"
    )
    if missing:
        cards.show(pieces.note(translate("Still missing: {fields}").format(fields=missing)))
    if pressed:
        said = translate("The whistle is blown")
        command, act = whistles.blow, Action.BLOW_WHISTLE
        desk.act(said, act, f"grid {grid}", command, kind, called, asked, rules, now=now, grid_id=grid)
