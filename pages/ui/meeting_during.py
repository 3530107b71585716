"""During a meeting: one item at a time for the projector, attendance by tap, the resolution recorded in place."""

from collections.abc import Sequence
from datetime import datetime

import streamlit as st
from markupsafe import Markup

from core import clock, rules
from core.captions import label
from core.documents import clips
from core.documents.clips import Ground
from core.language import Translate
from core.meeting_words import ItemOutcome, MeetingState, Presence
from core.meetings import papers, sitting
from core.meetings.queries import Line, Sheet
from core.meetings.sitting import Decision
from core.units import Unit
from core.words import Action
from pages.ui import answers, cards, frame, meeting_parts, pieces
from pages.ui.meeting_parts import done, subject

AT = "meeting_item_at"
STEPS_SHOWN = 6


def draw(
    sheet: Sheet, units: Sequence[Unit], ground: Ground, now: datetime, translate: Translate, *, decides: bool
) -> None:
    """The item that is being dealt with, and what is recorded of it."""
    st.html(frame.style("meeting"))
    state = MeetingState(sheet.meeting.state)
    may_open = decides and state in (MeetingState.PREPARED, MeetingState.FROZEN)
    if may_open and st.button(translate("Open the meeting"), type="primary", key="begin"):
        done(Action.MARK_ATTENDANCE, subject(sheet), sitting.begin, sheet.id, now=clock.now())
    if not sheet.lines:
        cards.show(pieces.empty(translate("Nothing on the agenda"), ""))
        return
    at = min(st.session_state.get(AT, 0), len(sheet.lines) - 1)
    line = sheet.lines[at]
    _draw_item(line, at, sheet, ground, now, translate)
    _draw_turn(at, len(sheet.lines), translate)
    if decides and state is MeetingState.UNDER_WAY:
        _draw_decision(line, units, sheet, translate)
    _draw_attendance(sheet, translate, decides=decides and state is not MeetingState.ENDED)
    if decides and state is MeetingState.UNDER_WAY and st.button(translate("End the meeting"), key="end"):
        done(Action.END_MEETING, subject(sheet), sitting.end, sheet.id, now=clock.now())


def _draw_item(line: Line, at: int, sheet: Sheet, ground: Ground, now: datetime, translate: Translate) -> None:
    running = Markup("")
    if sheet.meeting.begun_at and not sheet.meeting.ended_at:
        minutes = int((now - sheet.meeting.begun_at).total_seconds() // 60)
        running = Markup("<span>{}</span>").format(
            translate("{gone} of {minutes} min").format(gone=minutes, minutes=sheet.meeting.minutes)
        )
    head = Markup("<header><i>{} / {}</i><span>{}</span>{}</header><h2>{}</h2>").format(
        at + 1, len(sheet.lines), translate("{minutes} min").format(minutes=line.item.minutes), running, line.item.title
    )
    asked = Markup('<p class="asked"><b>{}</b> {}</p>').format(translate("Asked"), line.item.asked or "—")
    briefs = [meeting_parts.case_line(brief, now, translate) for brief in line.cases]
    with st.container(key="presenter"):
        left, right = st.columns([3, 2], gap="medium")
        with left:
            cards.show(
                head, *briefs, meeting_parts.why(line, now, translate), asked, _timeline(line, translate),
                *_resolved(line, sheet, translate),
            )  # fmt: skip
            units = [sheet.units[number] for number in line.item.unit_ids if number in sheet.units]
            where = line.cases[0].path if line.cases else sheet.series.path
            answers.draw_units(units, where, now, translate)
        with right:
            if marks := papers.marks_of(line.cases):
                st.image(clips.clip(ground, marks, (1000, 760)))


def _timeline(line: Line, translate: Translate) -> Markup:
    steps = sorted((step for brief in line.cases for step in brief.steps), key=lambda step: step.at)[-STEPS_SHOWN:]
    rows = [
        Markup("<li><i>{}</i> {} <small>{}</small></li>").format(
            f"{clock.local(step.at):%m-%d %H:%M}", translate(label(step.verb)), step.note or ""
        )
        for step in steps
    ]
    return Markup('<ol class="steps">{}</ol>').format(Markup("").join(rows))


def _resolved(line: Line, sheet: Sheet, translate: Translate) -> list[Markup]:
    found = [
        Markup('<p class="resolved"><b>{}</b> {} · {} · {} · {}</p>').format(
            translate("Resolved"),
            row.text,
            sheet.unit_names([row.lead_unit_id] if row.lead_unit_id else []),
            row.person,
            f"{clock.local(row.due_at):%m-%d}",
        )
        for row in line.resolutions
    ]
    if line.item.outcome and not line.resolutions:
        said = translate(label(ItemOutcome(line.item.outcome)))
        found.append(Markup('<p class="resolved"><b>{}</b> {}</p>').format(said, line.item.outcome_note))
    return found


def _draw_turn(at: int, count: int, translate: Translate) -> None:
    with st.container(horizontal=True, gap="small"):
        if st.button(translate("‹ Item before"), key="item_before", disabled=at == 0, shortcut="Left"):
            st.session_state[AT] = at - 1
            st.rerun()
        if st.button(translate("Next item ›"), key="item_next", disabled=at + 1 >= count, shortcut="Right"):
            st.session_state[AT] = at + 1
            st.rerun()


def _draw_decision(line: Line, units: Sequence[Unit], sheet: Sheet, translate: Translate) -> None:
    item = line.item
    assert item.id is not None
    lead = item.unit_ids[0] if item.unit_ids else None
    with st.form(f"resolve_{item.id}", clear_on_submit=False):
        cards.show(pieces.heading(translate("Resolution")))
        text = st.text_area(translate("What is resolved"), key=f"resolve_text_{item.id}", max_chars=400)
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
        others = meeting_parts.unit_picker(translate("Units that help"), units, translate, key=f"resolve_co_{item.id}")
        order = st.checkbox(translate("As an order from above too"), key=f"resolve_order_{item.id}")
        if st.form_submit_button(translate("Record the resolution"), type="primary"):
            decision = Decision(text, person, float(days), boss, unit, tuple(o for o in others if o != unit), order)
            done(
                Action.DECIDE_ITEM, f"item {item.id}", sitting.resolve, item.id, decision, rules.current(),
                item.version, now=clock.now(),
            )  # fmt: skip
    _draw_other_end(line, translate)


def _draw_other_end(line: Line, translate: Translate) -> None:
    item = line.item
    assert item.id is not None
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        note = st.text_input(translate("Why"), key=f"end_note_{item.id}", max_chars=400)
        ends = [ItemOutcome.DEFERRED, ItemOutcome.PROMOTED, ItemOutcome.SETTLED]
        for outcome in [ItemOutcome.REVIEWED, *ends] if item.reviews_id else ends:
            if st.button(translate(label(outcome)), key=f"{outcome}_{item.id}"):
                done(Action.DECIDE_ITEM, f"item {item.id}", sitting.conclude, item.id, outcome, note, item.version)


def _draw_attendance(sheet: Sheet, translate: Translate, *, decides: bool) -> None:
    there = sum(person.presence == Presence.PRESENT for person in sheet.attendance)
    cards.show(pieces.heading(translate("Attendance"), there, f"/ {len(sheet.attendance)}"))
    for person in sheet.attendance:
        assert person.id is not None
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            cards.show(pieces.person(person.name, translate, role=person.post))
            for presence in Presence:
                is_so = person.presence == presence
                if st.button(
                    translate(label(presence)), key=f"{presence}_{person.id}", type="primary" if is_so else "secondary",
                    disabled=not decides,
                ):  # fmt: skip
                    done(Action.MARK_ATTENDANCE, subject(sheet), sitting.mark, person.id, None if is_so else presence)
