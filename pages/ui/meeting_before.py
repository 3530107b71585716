"""Before a meeting: the proposed agenda with its reasons, its changes, and the notice."""

from collections.abc import Sequence
from datetime import datetime

import streamlit as st
from markupsafe import Markup

from core import clock, rules
from core.captions import label
from core.language import Translate
from core.liaisons.directory import Directory
from core.meeting_words import ItemKind, MeetingState
from core.meetings import agenda, notice, papers, told, versions
from core.meetings.agenda import OPEN, Wanted
from core.meetings.queries import Line, Sheet
from core.meetings.versions import Change
from core.words import Action
from pages.ui import cards, meeting_parts, pieces
from pages.ui.meeting_parts import done, subject

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def draw(
    sheet: Sheet,
    changes: Sequence[Change],
    directory: Directory,
    now: datetime,
    translate: Translate,
    *,
    prepares: bool,
    is_demo: bool,
) -> None:
    """The agenda, item by item."""
    is_open = prepares and sheet.meeting.state in OPEN
    _draw_box(sheet, translate)
    if changes:
        _draw_changes(changes, sheet, translate)
    if not sheet.lines:
        cards.show(pieces.empty(translate("Nothing speaks for an item"), ""))
    for line in sheet.lines:
        with cards.card(f"item_{line.item.id}"):
            _draw_item(line, sheet, now, translate)
            if is_open:
                _draw_tools(line, sheet, translate)
    if is_open:
        _draw_left_out(sheet, translate)
        _draw_acts(sheet, translate)
    _draw_who(sheet, directory, translate)
    _draw_notice(sheet, now, translate, is_demo=is_demo)


def _draw_box(sheet: Sheet, translate: Translate) -> None:
    over = sheet.minutes - sheet.meeting.minutes
    said = translate("{used} of {minutes} minutes").format(used=sheet.minutes, minutes=sheet.meeting.minutes)
    version = translate("version {number}").format(number=sheet.meeting.version) if sheet.meeting.version else ""
    cards.show(pieces.heading(translate("Agenda"), len(sheet.lines), " · ".join(filter(None, (said, version)))))
    if over > 0:
        st.warning(translate("{minutes} minutes more than there are").format(minutes=over))


def _draw_changes(changes: Sequence[Change], sheet: Sheet, translate: Translate) -> None:
    words = {
        (True, False): translate("taken off"),
        (False, True): translate("added"),
        (True, True): translate("changed"),
    }
    rows = [
        Markup("<li>{}：{}</li>").format(
            words[change.was is not None, change.now is not None], (change.now or change.was or {})["title"]
        )
        for change in changes
    ]
    note = translate("Changed since version {number}").format(number=sheet.meeting.version)
    cards.show(Markup('<div class="changes"><b>{}</b><ul>{}</ul></div>').format(note, Markup("").join(rows)))


def _draw_item(line: Line, sheet: Sheet, now: datetime, translate: Translate) -> None:
    item = line.item
    must = Markup(' <span class="chip soon">{}</span>').format(translate("must")) if item.is_must else ""
    head = Markup('<h3 class="item"><i>{}</i> {}{} <small>{} · {}</small></h3>').format(
        item.ordinal, item.title, must,
        translate("{minutes} min").format(minutes=item.minutes), translate(label(ItemKind(item.kind))),
    )  # fmt: skip
    score = Markup("<p class='note'>{}</p>").format(translate("score {score}").format(score=f"{item.score:g}"))
    units = sheet.unit_names(item.unit_ids)
    asked = [(translate("Attend"), units), (translate("Asked"), item.asked)]
    said = [Markup("<p><b>{}</b> {}</p>").format(name, text) for name, text in asked if text]
    briefs = [meeting_parts.case_line(brief, now, translate) for brief in line.cases]
    cards.show(head, *briefs, meeting_parts.why(line, now, translate), *([score] if item.parts else []), *said)


def _draw_tools(line: Line, sheet: Sheet, translate: Translate) -> None:
    item = line.item
    assert item.id is not None
    act = Action.CHANGE_AGENDA
    with st.container(horizontal=True, gap="small"):
        if st.button("↑", key=f"up_{item.id}", help=translate("Earlier")):
            done(act, subject(sheet), agenda.put, item.id, item.ordinal - 1)
        if st.button("↓", key=f"down_{item.id}", help=translate("Further down")):
            done(act, subject(sheet), agenda.put, item.id, item.ordinal + 1)
        with st.popover(translate("What is asked")):
            _draw_asked(line, sheet, translate)
        with st.popover(translate("Merge")):
            others = {o.item.id: o.item.title for o in sheet.lines if o.item.id != item.id and not o.item.reviews_id}
            into = st.selectbox(
                translate("Into"), list(others), format_func=lambda one: others[one], key=f"into_{item.id}"
            )
            if st.button(translate("Merge the items"), key=f"merge_{item.id}", disabled=into is None) and into:
                done(act, subject(sheet), agenda.merge, item.id, into)
        with st.popover(translate("Drop")):
            reason = st.text_input(translate("Why"), key=f"why_{item.id}", max_chars=200)
            if st.button(translate("Drop the item"), key=f"drop_{item.id}"):
                done(act, subject(sheet), agenda.drop, item.id, reason)


def _draw_asked(line: Line, sheet: Sheet, translate: Translate) -> None:
    item = line.item
    assert item.id is not None
    with st.form(f"ask_{item.id}"):
        title = st.text_input(translate("Title"), item.title, key=f"title_{item.id}", max_chars=120)
        kinds = list(ItemKind)
        kind = st.selectbox(
            translate("Kind"), kinds, kinds.index(ItemKind(item.kind)), lambda one: translate(label(one)),
            key=f"kind_{item.id}",
        )  # fmt: skip
        minutes = st.number_input(translate("Minutes"), 1, 10, item.minutes, key=f"minutes_{item.id}")
        asked = st.text_area(translate("What is asked"), item.asked, key=f"asked_{item.id}", max_chars=400)
        text = st.text_area(translate("Proposed solution"), item.proposal, key=f"proposal_{item.id}", max_chars=2000)
        units = meeting_parts.unit_picker(
            translate("Attend"), list(sheet.units.values()), translate, key=f"units_{item.id}", chosen=item.unit_ids
        )
        if st.form_submit_button(translate("Keep"), type="primary"):
            wanted = Wanted(title, kind, int(minutes), asked, text, tuple(units))
            done(Action.CHANGE_AGENDA, subject(sheet), agenda.ask, item.id, wanted, item.version)


def _draw_left_out(sheet: Sheet, translate: Translate) -> None:
    shown = {brief.id for line in sheet.lines for brief in line.cases}
    out = [said for said in sheet.meeting.left_out if said["case_ids"] and not shown.intersection(said["case_ids"])]
    if not out:
        return
    names = rules.current().categories
    with st.expander(translate("Left out: {count}").format(count=len(out))):
        for number, said in enumerate(out):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                why = translate("no time") if said["out"] == "time" else translate("low score")
                what = names[said["category"]].name if said["category"] in names else said["category"]
                row = Markup("<div><b>{}（{}）</b> {} · <i>{}</i></div>")
                cards.show(row.format(what, len(said["case_ids"]), told.reasons(said["parts"], translate), why))
                if st.button(translate("Put on the agenda"), key=f"add_{number}"):
                    done(
                        Action.CHANGE_AGENDA, subject(sheet), agenda.add, sheet.id, said["case_ids"],
                        rules.current(), now=clock.now(),
                    )  # fmt: skip


def _draw_acts(sheet: Sheet, translate: Translate) -> None:
    with st.container(horizontal=True, gap="small"):
        if st.button(translate("Fix the agenda"), type="primary", key="fix"):
            done(Action.FREEZE_AGENDA, subject(sheet), versions.fix, sheet.id, now=clock.now())
        if sheet.meeting.state == MeetingState.PREPARED and st.button(
            translate("Discard and build anew"), key="discard"
        ):
            done(Action.BUILD_AGENDA, subject(sheet), agenda.discard, sheet.id)


def liaisons(sheet: Sheet, directory: Directory) -> list[str]:
    """Who of each unit is rung, without phone numbers."""
    ids = dict.fromkeys(unit for line in sheet.lines for unit in line.item.unit_ids)
    found = []
    for unit in (sheet.units[number] for number in ids if number in sheet.units):
        answer = directory.answer(unit.sector, sheet.series.path, sheet.meeting.begins_at, unit.id)
        found.append(f"{unit.name}：{answer.name or '—'}")
    return found


def _draw_who(sheet: Sheet, directory: Directory, translate: Translate) -> None:
    if found := liaisons(sheet, directory):
        rows = [Markup("<li>{}</li>").format(one) for one in found]
        cards.show(
            pieces.heading(translate("Units and liaisons to attend"), len(found)),
            Markup('<ul class="who">{}</ul>').format(Markup("").join(rows)),
        )


def _draw_notice(sheet: Sheet, now: datetime, translate: Translate, *, is_demo: bool) -> None:
    cards.show(pieces.heading(translate("Notice")))
    with st.container(horizontal=True, gap="small"):
        name = f"{sheet.series.name}-{sheet.meeting.number}"
        st.download_button(
            translate("Agenda (Word)"), lambda: papers.agenda(sheet, is_demo=is_demo), f"{name}-议程.docx", DOCX,
            key="agenda_word", on_click="ignore",
        )  # fmt: skip
        st.download_button(
            translate("Calendar (iCal)"), notice.calendar(sheet, now), f"{name}.ics", "text/calendar", key="ical",
            on_click="ignore",
        )  # fmt: skip
    st.code(notice.chat(sheet), language=None, wrap_lines=True)
