"""The directory behind the box: the night, times, tables in and out."""

from datetime import datetime
from functools import partial

import streamlit as st

from core import clock, follower, rules, spans, store
from core.clock import local
from core.language import N_, Translate
from core.liaisons import intake, sheet, tonight
from core.liaisons import times as unit_times
from core.liaisons.directory import Directory
from core.liaisons.intake import Fate, Plan, Planned
from core.people import Principal
from core.words import Action, Permission
from pages.ui import cards, contacts, pieces, session
from pages.ui.staffing import say

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TAKEN = "table_taken"
FATES = {Fate.NEW: N_("new"), Fate.CHANGED: N_("changed"), Fate.SAME: N_("known"), Fate.REFUSED: N_("not taken")}


def draw_night(who: Principal, directory: Directory, at: datetime, translate: Translate) -> None:
    """Who is on tonight in the streets in which somebody has a place, and the same as one page."""
    board = follower.current().board
    tops = dict.fromkeys(int(path.split("/")[1]) for path in who.paths(Permission.LOOK_UP))
    begins, ends = tonight.night_of(at)
    for top in (directory.places[one] for one in tops if one in directory.places):
        watches = tonight.tonight(directory, top.path, at)
        span = f"{spans.moment_text(begins, translate)} – {spans.moment_text(ends, translate)}"
        cards.show(pieces.heading(span if ends > at >= begins else translate("Not begun: {span}").format(span=span)))
        st.download_button(
            translate("One page in Word"),
            partial(tonight.page, watches, top.name, at, is_demo=board.is_demo),
            f"{top.name}-{local(begins):%Y%m%d}.docx",
            WORD,
            key=f"night_{top.id}",
            on_click="ignore",
        )
        cards.show(contacts.night(watches, at, translate))


def draw_times(who: Principal, directory: Directory, at: datetime, translate: Translate) -> None:
    """Answer and arrival times, refusals and returns, by unit and by sector."""
    sectors = {
        one.id: directory.sectors[one.sector].name
        for one in directory.offices.values()
        if one.sector in directory.sectors
    }
    units = {one.id: one.name for one in directory.offices.values()}
    ways = [translate("Unit"), translate("Sector")]
    by = st.segmented_control(
        translate("By"), ways, default=ways[0], key="times_by", required=True, label_visibility="collapsed"
    )
    group = units if by == ways[0] else sectors
    with store.current().reading() as db:
        found = unit_times.times(db, who, at, {one: group.get(one, "") for one in units})
    cards.show(pieces.note(translate("Cases dispatched in the last 90 days; time counts from the dispatch.")))
    if found:
        cards.show(contacts.times({str(key): one for key, one in sorted(found.items())}, str(by), translate))
    else:
        cards.show(pieces.empty(translate("Nothing was dispatched in the last 90 days")))


def draw_tables(who: Principal, directory: Directory, translate: Translate) -> None:
    """An office's table in, with what it would do before it does, and an import undone; the directory out."""
    into, out = st.columns([3, 2], gap="large")
    with into:
        _draw_in(who, directory, translate)
    with out:
        _draw_out(translate)


def _draw_in(who: Principal, directory: Directory, translate: Translate) -> None:
    cards.show(pieces.heading(translate("Take in a table")))
    turn = st.session_state.get(TAKEN, 0)  # a file that was taken is laid aside: its field begins anew
    file = st.file_uploader(translate("Table of liaisons (.xlsx)"), type=["xlsx"], key=f"table_{turn}")
    words = translate("Heads: unit, name, phone, places in words; up to {most} lines and 2 MB.")
    cards.show(pieces.note(words.format(most=sheet.MOST_ROWS)))
    st.download_button(
        translate("Empty table to fill in"), partial(sheet.written, []), "联络员-模板.xlsx", EXCEL, key="template",
        on_click="ignore",
    )  # fmt: skip
    if file is not None:
        with session.explaining():
            plan = intake.planned(directory, who, file.name, file.getvalue(), session.asker(), rules.current())
            _draw_plan(plan, translate)
    _draw_imports(translate)


def _draw_out(translate: Translate) -> None:
    cards.show(
        pieces.heading(translate("Give out a table")),
        pieces.note(
            translate("All liaisons of your places as they are today, in the shape that can be taken in again.")
        ),
    )
    if st.button(translate("Prepare the export"), key="export"):
        content = session.act(Action.EXPORT_DIRECTORY, "", intake.exported, rules.current())
        if content:
            st.download_button(
                translate("Download"),
                content,
                f"联络员-{clock.local(clock.now()):%Y%m%d}.xlsx",
                EXCEL,
                key="download",
                on_click="ignore",
            )


def _draw_plan(plan: Plan, translate: Translate) -> None:
    taken = plan.of(Fate.NEW, Fate.CHANGED)
    words = translate("{new} new, {changed} changed, {same} known, {refused} not taken")
    counts = {fate.value: len(plan.of(fate)) for fate in Fate}
    cards.show(pieces.heading(plan.file), pieces.note(words.format(**counts)))
    rows = [_told(row, translate) for row in sorted(plan.rows, key=lambda row: row.fate is not Fate.REFUSED)]
    head = [
        translate("Line"), translate("Becomes"), translate("Unit"), translate("Name"), translate("Words"),
        translate("Places understood"), translate("Phone"), translate("Reason"),
    ]  # fmt: skip
    cards.show(contacts.table(head, rows))
    wanted = bool(taken) and st.button(
        translate("Take {count} lines").format(count=len(taken)), key="take", type="primary"
    )
    if wanted and session.did(Action.IMPORT_DIRECTORY, plan.file, intake.apply, plan, rules.current()):
        st.session_state[TAKEN] = st.session_state.get(TAKEN, 0) + 1
        say(translate("{count} lines taken; they can be undone below.").format(count=len(taken)))


def _told(row: Planned, translate: Translate) -> list[object]:
    places = "、".join(place.name for place in row.places)
    reason = row.reason.said(translate) if row.reason else ""
    phones = " · ".join(str(row.values[name]) for name in ("mobile", "duty_phone") if row.values.get(name))
    return [row.line, translate(FATES[row.fate]), row.unit, row.name, row.words, places, phones, reason]


def _draw_imports(translate: Translate) -> None:
    with store.current().reading() as db:
        past = intake.imports(db)
    if past:
        cards.show(pieces.heading(translate("Taken lately"), len(past)))
    for batch in past:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            said = translate("{count} lines taken, {refused} not").format(count=batch.taken, refused=batch.refused)
            st.text(f"{batch.file} · {spans.moment_text(batch.at, translate)} · {said}")
            if batch.undone_at:
                st.caption(translate("undone"))
            elif st.button(translate("Undo"), key=f"undo_{batch.id}") and session.did(
                Action.UNDO_IMPORT, batch.file, intake.undo, batch.id or 0, rules.current()
            ):
                say(translate("The import is undone."))
