"""During a meeting: the item on the screen, attendance by tap, the resolution recorded in place."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import streamlit as st
from markupsafe import Markup

from core import clock, rules
from core.captions import label
from core.language import Translate
from core.meeting_words import ItemOutcome, MeetingState, Presence
from core.meetings import kinds, sitting
from core.meetings.queries import Line, Sheet
from core.meetings.sitting import Decision
from core.meetings.tables import Attendance
from core.units import Unit
from core.words import Action
from pages.ui import answers, cards, meeting_parts, meeting_presenter, pieces, plain
from pages.ui.meeting_parts import done, subject

ALONE = "meeting_projector"


def draw(sheet: Sheet, units: Sequence[Unit], now: datetime, translate: Translate, *, decides: bool) -> None:
    """The item that is being dealt with, and what is recorded of it."""
    state = MeetingState(sheet.meeting.state)
    may_open = decides and state in (MeetingState.PREPARED, MeetingState.FROZEN)
    if may_open and st.button(translate("Open the meeting"), type="primary", key="begin"):
        done(Action.MARK_ATTENDANCE, subject(sheet), sitting.begin, sheet.id, now=clock.now())
    if not sheet.lines:
        cards.show(pieces.empty(translate("Nothing on the agenda"), ""))
        return
    key = f"meeting_item_{sheet.id}"
    at = min(st.session_state.get(key, 0), len(sheet.lines) - 1)
    line = sheet.lines[at]
    is_alone = _draw_turn(key, at, sheet, translate)
    meeting_presenter.draw(sheet, line, at, now, is_alone=is_alone)
    if is_alone:
        return
    called = [sheet.units[number] for number in line.item.unit_ids if number in sheet.units]
    answers.draw_units(called, line.cases[0].path if line.cases else sheet.series.path, now, translate)
    if decides and state is MeetingState.UNDER_WAY:
        _draw_decision(line, units, sheet, translate)
    _draw_attendance(sheet, translate, decides=decides and state is not MeetingState.ENDED)
    if decides and state is MeetingState.UNDER_WAY:
        _draw_end(sheet, translate)


def _draw_turn(key: str, at: int, sheet: Sheet, translate: Translate) -> bool:
    """To any item, forward and back also by the arrow keys; whether the whole screen is the projector's."""
    count = len(sheet.lines)
    dealt_with = sheet.lines[at].item.outcome is not None
    look: Literal["primary", "secondary"] = "primary" if dealt_with and at + 1 < count else "secondary"
    is_alone = bool(st.session_state.get(ALONE))  # a button: an arrow key in a switch would not turn the page
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="turn"):
        if st.button(translate("Item before"), key="item_before", disabled=at == 0, shortcut="Left"):
            _turn(key, at - 1)
        if not is_alone:
            _draw_jump(key, at, sheet, translate)
        if st.button(translate("Next item"), key="item_next", disabled=at + 1 >= count, shortcut="Right", type=look):
            _turn(key, at + 1)
        caption = translate("Leave the projector") if is_alone else translate("For the projector")
        if st.button(caption, key="projector"):
            st.session_state[ALONE] = not is_alone
            st.rerun()
    return is_alone


def _turn(key: str, at: int) -> None:
    st.session_state[key] = at
    st.rerun()


def _draw_jump(key: str, at: int, sheet: Sheet, translate: Translate) -> None:
    """Every item in a list, with a tick at those that have been dealt with."""

    def name(number: int) -> str:
        item = sheet.lines[number].item
        return plain.text(f"{number + 1} · {item.title}{' ✓' if item.outcome else ''}")

    ended = sum(line.item.outcome is not None for line in sheet.lines)
    own_key = f"{key}_to_{at}_{ended}"  # what it shows is kept by key, and a tick would come late
    to = st.selectbox(translate("Item"), range(len(sheet.lines)), at, name, key=own_key, label_visibility="collapsed")
    if to != at:
        _turn(key, to)


def _draw_end(sheet: Sheet, translate: Translate) -> None:
    """End the meeting; says first what is still without a result, and what becomes of it."""
    left = sum(line.item.outcome is None and line.item.reviews_id is None for line in sheet.lines)
    look: Literal["primary", "secondary"] = "secondary" if left else "primary"
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="ending"):
        if st.button(translate("End the meeting"), key="end", type=look):
            done(Action.END_MEETING, subject(sheet), sitting.end, sheet.id, now=clock.now())
        if left:
            st.caption(
                translate("{count} items without a result; they are put off to the next meeting").format(count=left)
            )


def _draw_decision(line: Line, units: Sequence[Unit], sheet: Sheet, translate: Translate) -> None:
    item = line.item
    assert item.id is not None
    shown = meeting_parts.seen(item)
    lead = item.unit_ids[0] if item.unit_ids else None
    with st.form(f"resolve_{item.id}", clear_on_submit=False):
        cards.show(pieces.heading(translate("Resolution")))
        text = st.text_area(translate("What is resolved"), height=96, key=f"resolve_text_{item.id}", max_chars=400)
        one, two, three, four = st.columns(4)
        with one:
            unit = meeting_parts.unit_of(
                translate("Lead unit"), units, translate, key=f"resolve_unit_{item.id}", chosen=lead
            )
        person = two.text_input(translate("Who answers for it"), key=f"resolve_person_{item.id}", max_chars=40)
        days = three.number_input(translate("Working days"), 1, sitting.MOST_DAYS, 3, key=f"resolve_days_{item.id}")
        boss = four.text_input(
            translate("Who supervises"), sheet.series.chair, key=f"resolve_boss_{item.id}", max_chars=40
        )
        left, right = st.columns(2, vertical_alignment="bottom")
        with left:
            others = meeting_parts.unit_picker(
                translate("Units that help"), units, translate, key=f"resolve_co_{item.id}"
            )
        with right, st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            order = st.checkbox(translate("As an order from above too"), key=f"resolve_order_{item.id}")
            is_sent = st.form_submit_button(translate("Record the resolution"), type="primary")
        if is_sent:
            decision = Decision(text, person, float(days), boss, unit, tuple(o for o in others if o != unit), order)
            done(
                Action.DECIDE_ITEM, f"item {item.id}", sitting.resolve, item.id, decision, rules.current(),
                shown, now=clock.now(),
            )  # fmt: skip
    _draw_other_end(line, shown, sheet, translate)


def _draw_other_end(line: Line, shown: int, sheet: Sheet, translate: Translate) -> None:
    item = line.item
    assert item.id is not None
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        note = st.text_input(translate("Without a resolution, because"), key=f"end_note_{item.id}", max_chars=400)
        has_next = kinds.current().kinds[sheet.series.kind].next is not None
        ends = [ItemOutcome.DEFERRED, *([ItemOutcome.PROMOTED] if has_next else []), ItemOutcome.SETTLED]
        for outcome in [ItemOutcome.REVIEWED, *ends] if item.reviews_id else ends:
            if st.button(translate(label(outcome)), key=f"{outcome}_{item.id}"):
                done(Action.DECIDE_ITEM, f"item {item.id}", sitting.conclude, item.id, outcome, note, shown)


def _draw_attendance(sheet: Sheet, translate: Translate, *, decides: bool) -> None:
    there = sum(person.presence == Presence.PRESENT for person in sheet.attendance)
    expected = translate("of {count} expected").format(count=len(sheet.attendance))
    cards.show(pieces.heading(translate("Attendance"), there, expected))
    with st.container(key="attendance"):
        for person in sheet.attendance:
            _draw_person(person, sheet, translate, decides=decides)
    unmarked = any(person.presence is None for person in sheet.attendance)
    if decides and unmarked and st.button(translate("Everybody else is here"), key="mark_rest"):
        done(Action.MARK_ATTENDANCE, subject(sheet), sitting.mark_rest, sheet.id)


def _draw_person(person: Attendance, sheet: Sheet, translate: Translate, *, decides: bool) -> None:
    assert person.id is not None
    with st.container(key=f"attends_{person.id}", horizontal=True, vertical_alignment="center", gap="small"):
        cards.show(pieces.person(person.name, translate, role=person.post))
        if not decides:
            said = translate(label(Presence(person.presence))) if person.presence else "—"
            cards.show(Markup('<span class="presence">{}</span>').format(said))
            return
        for presence in Presence:
            is_so = person.presence == presence
            look: Literal["primary", "secondary"] = "primary" if is_so else "secondary"
            if st.button(translate(label(presence)), key=f"{presence}_{person.id}", type=look):
                done(Action.MARK_ATTENDANCE, subject(sheet), sitting.mark, person.id, None if is_so else presence)
