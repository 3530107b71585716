"""Before a meeting: the proposed agenda with its reasons, its changes, and the notice."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import streamlit as st
from markupsafe import Markup

from core import clock, rules
from core.captions import label
from core.language import Translate
from core.liaisons.directory import Directory
from core.meeting_words import ItemKind, MeetingState
from core.meetings import agenda, notice, papers, told, versions
from core.meetings.agenda import OPEN, Wanted
from core.meetings.called import called
from core.meetings.queries import Line, Sheet
from core.meetings.versions import Change
from core.words import Action
from pages.ui import answers, cards, meeting_parts, pieces
from pages.ui.meeting_parts import done, subject

CASES_SHOWN = 4
FAR = 3  # items, from which on one is moved by its number, too
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
    is_to_fix = is_open and (not sheet.meeting.version or bool(changes))
    _draw_acts(sheet, now, translate, is_open=is_open, is_to_fix=is_to_fix, is_demo=is_demo)
    if changes:
        _draw_changes(changes, sheet, translate)
    if not sheet.lines:
        cards.show(pieces.empty(translate("Nothing speaks for an item"), ""))
    for place, line in enumerate(sheet.lines, 1):
        with cards.card(f"item_{line.item.id}"), st.container(horizontal=True, vertical_alignment="top", gap="small"):
            cards.show(*_item(line, place, sheet, now, translate))
            if is_open:
                _draw_tools(line, place, sheet, translate)
    if is_open:
        _draw_left_out(sheet, translate)
        _draw_add(sheet, translate)
    _draw_who(sheet, directory, translate)
    if sheet.lines:
        cards.show(pieces.heading(translate("Notice for the group chat")))
        st.code(notice.chat(sheet), language=None, wrap_lines=True)


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
    fields = {
        "ordinal": translate("Order"),
        "title": translate("Title"),
        "minutes": translate("Minutes"),
        "asked": translate("What is asked"),
        "proposal": translate("Proposed solution"),
        "unit_ids": translate("Attend"),
    }
    rows = [
        Markup("<li>{}：{} <small>{}</small></li>").format(
            words[change.was is not None, change.now is not None],
            (change.now or change.was or {})["title"],
            "、".join(fields[name] for name in change.fields if name in fields),
        )
        for change in changes
    ]
    note = translate("Changed since version {number}").format(number=sheet.meeting.version)
    cards.show(Markup('<div class="changes"><b>{}</b><ul>{}</ul></div>').format(note, Markup("").join(rows)))


def _item(line: Line, place: int, sheet: Sheet, now: datetime, translate: Translate) -> list[Markup]:
    item = line.item
    must = meeting_parts.must(translate) if item.is_must else ""
    head = Markup('<h3 class="item"><i>{}</i> {}{} <small>{} · {}</small></h3>').format(
        place, item.title, must,
        translate("{minutes} min").format(minutes=item.minutes), translate(label(ItemKind(item.kind))),
    )  # fmt: skip
    asked = [
        (translate("Attend"), sheet.unit_names(item.unit_ids)),
        (translate("Asked"), item.asked),
        (translate("Proposed solution"), item.proposal),
    ]
    said = [Markup("<dt>{}</dt><dd>{}</dd>").format(name, text) for name, text in asked if text]
    briefs = [meeting_parts.case_line(brief, item, now, translate) for brief in line.cases]
    folded = Markup("<details><summary>{}</summary>{}</details>").format(
        translate("and {count} more").format(count=len(briefs) - CASES_SHOWN), Markup("").join(briefs[CASES_SHOWN:])
    )
    return [
        head,
        *briefs[:CASES_SHOWN],
        *([folded] if len(briefs) > CASES_SHOWN else []),
        Markup('<div class="reasons">{}{}</div>').format(
            meeting_parts.why(line, now, translate), meeting_parts.score(item, translate) if item.parts else ""
        ),
        Markup('<dl class="said">{}</dl>').format(Markup("").join(said)),
    ]


def _draw_tools(line: Line, place: int, sheet: Sheet, translate: Translate) -> None:
    item = line.item
    assert item.id is not None
    act = Action.CHANGE_AGENDA
    with st.container(key=f"tools_{item.id}", horizontal=True, gap="small", width="content"):
        if st.button("↑", key=f"up_{item.id}", help=translate("Earlier"), disabled=place == 1):
            done(act, subject(sheet), agenda.put, item.id, place - 1)
        is_last = place == len(sheet.lines)
        if st.button("↓", key=f"down_{item.id}", help=translate("Further down"), disabled=is_last):
            done(act, subject(sheet), agenda.put, item.id, place + 1)
        with st.popover(translate("Change the item")):
            _draw_asked(line, sheet, translate)
            _draw_move(line, place, sheet, translate)
            _draw_merge(line, sheet, translate)
            reason = st.text_input(translate("Why it is dropped"), key=f"why_{item.id}", max_chars=200)
            if st.button(translate("Drop the item"), key=f"drop_{item.id}"):
                done(act, subject(sheet), agenda.drop, item.id, reason)


def _draw_move(line: Line, place: int, sheet: Sheet, translate: Translate) -> None:
    if line.item.id is None or len(sheet.lines) < FAR:
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        to = st.number_input(translate("As item number"), 1, len(sheet.lines), place, key=f"place_{line.item.id}")
        if st.button(translate("Move the item"), key=f"put_{line.item.id}"):
            done(Action.CHANGE_AGENDA, subject(sheet), agenda.put, line.item.id, int(to))


def _draw_merge(line: Line, sheet: Sheet, translate: Translate) -> None:
    others = {o.item.id: o.item.title for o in sheet.lines if o is not line and not o.item.reviews_id}
    if line.item.id is None or line.item.reviews_id or not others:
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        into = st.selectbox(
            translate("Merge into"), list(others), format_func=lambda one: others[one], key=f"into_{line.item.id}"
        )
        if st.button(translate("Merge"), key=f"merge_{line.item.id}", disabled=into is None) and into:
            done(Action.CHANGE_AGENDA, subject(sheet), agenda.merge, line.item.id, into)


def _draw_asked(line: Line, sheet: Sheet, translate: Translate) -> None:
    item = line.item
    assert item.id is not None
    shown = meeting_parts.seen(item)
    with st.form(f"ask_{item.id}", border=False):
        asked = st.text_area(translate("What is asked"), item.asked, 72, key=f"asked_{item.id}", max_chars=400)
        text = st.text_area(
            translate("Proposed solution"), item.proposal, 72, key=f"proposal_{item.id}", max_chars=2000
        )  # fmt: skip
        units = meeting_parts.unit_picker(
            translate("Attend"), list(sheet.units.values()), translate, key=f"units_{item.id}", chosen=item.unit_ids
        )
        title = st.text_input(translate("Title"), item.title, key=f"title_{item.id}", max_chars=120)
        kinds = list(ItemKind)
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            kind = st.selectbox(
                translate("Kind"), kinds, kinds.index(ItemKind(item.kind)), lambda one: translate(label(one)),
                key=f"kind_{item.id}",
            )  # fmt: skip
            minutes = st.number_input(translate("Minutes"), 1, 10, item.minutes, key=f"minutes_{item.id}")
        if st.form_submit_button(translate("Keep"), type="primary"):
            wanted = Wanted(title, kind, int(minutes), asked, text, tuple(units))
            done(Action.CHANGE_AGENDA, subject(sheet), agenda.ask, item.id, wanted, shown)


def _draw_left_out(sheet: Sheet, translate: Translate) -> None:
    """What did not get onto the agenda, with the reason; what cannot be passed over first."""
    shown = {brief.id for line in sheet.lines for brief in line.cases}
    out = [said for said in sheet.meeting.left_out if not shown.intersection(said["case_ids"])]
    for item in sheet.dropped:
        row = Markup('<div class="out"><b>{}</b> <i>{}：{}</i></div>')
        cards.show(row.format(item.title, translate("Dropped"), item.dropped))
    musts = [said for said in out if said["is_must"]]
    others = [said for said in out if not said["is_must"]]
    for key, title, found in (
        ("must", translate("A must, and left out: {count}"), musts),
        ("low", translate("Left out besides: {count}"), others),
    ):
        if found:
            with st.expander(title.format(count=len(found)), expanded=key == "must"):
                for number, said in enumerate(found):
                    _draw_left_out_one(said, f"add_{key}_{number}", sheet, translate)


def _draw_left_out_one(said: dict[str, Any], key: str, sheet: Sheet, translate: Translate) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        cards.show(_left_out(said, translate))
        if said["case_ids"] and st.button(translate("Put on the agenda"), key=key):
            done(
                Action.CHANGE_AGENDA, subject(sheet), agenda.add, sheet.id, said["case_ids"], rules.current(),
                now=clock.now(),
            )  # fmt: skip


def _left_out(said: dict[str, Any], translate: Translate) -> Markup:
    names = rules.current().categories
    what = names[said["category"]].name if said["category"] in names else translate("Earlier resolution")
    title = said.get("title") or f"{what}（{len(said['case_ids'])}）"
    why = translate("no time") if said["out"] == "time" else translate("low score")
    return Markup('<div class="out"><b>{}</b> {} <i>{}</i></div>').format(
        title, told.reasons(said["parts"], translate), why
    )


def _draw_add(sheet: Sheet, translate: Translate) -> None:
    with st.container(key="add_case", horizontal=True, vertical_alignment="bottom", gap="small"):
        number = st.text_input(
            translate("Another case, by its number"),
            key="add_number",
            max_chars=20,
            placeholder="2611-00001",
            width=240,
        )
        if st.button(translate("Put on the agenda"), key="add") and number.strip():
            done(
                Action.CHANGE_AGENDA, subject(sheet), agenda.add_numbered, sheet.id, number, rules.current(),
                now=clock.now(),
            )  # fmt: skip


def _draw_acts(
    sheet: Sheet, now: datetime, translate: Translate, *, is_open: bool, is_to_fix: bool, is_demo: bool
) -> None:
    """What is done with the whole agenda; it stays in sight however long the agenda is."""
    name = f"{sheet.series.name}-{sheet.meeting.number}"
    with st.container(key="agenda_acts", horizontal=True, vertical_alignment="center", gap="small"):
        if is_to_fix and st.button(translate("Fix the agenda"), type="primary", key="fix"):
            done(Action.FREEZE_AGENDA, subject(sheet), versions.fix, sheet.id, now=clock.now())
        if sheet.lines:
            st.download_button(
                translate("Agenda (Word)"), lambda: papers.agenda(sheet, clock.local(now).date(), is_demo=is_demo),
                f"{name}-议程.docx", DOCX, key="agenda_word", on_click="ignore",
            )  # fmt: skip
            st.download_button(
                translate("Calendar (iCal)"), notice.calendar(sheet, now), f"{name}.ics", "text/calendar", key="ical",
                on_click="ignore",
            )  # fmt: skip
        is_new = is_open and sheet.meeting.state == MeetingState.PREPARED
        if is_new and st.button(translate("Discard and build anew"), key="discard", type="tertiary"):
            done(Action.BUILD_AGENDA, subject(sheet), agenda.discard, sheet.id)


def _draw_who(sheet: Sheet, directory: Directory, translate: Translate) -> None:
    """Which units must attend and who is rung there; the phones behind one touch."""
    if found := called(sheet, directory):
        nobody = translate("no liaison on record")
        rows = [Markup("<li>{}：{}</li>").format(one.unit, one.who or nobody) for one in found]
        cards.show(
            pieces.heading(translate("Units and liaisons to attend"), len(found)),
            Markup('<ul class="who">{}</ul>').format(Markup("").join(rows)),
        )
        answers.draw_units(sheet.called(), sheet.series.path, sheet.meeting.begins_at, translate)
