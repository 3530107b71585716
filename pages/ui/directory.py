"""The directory behind the box: who is named where, the night, leave and the roster, times, tables in and out."""

from collections import Counter
from datetime import datetime, time, timedelta
from functools import partial

import streamlit as st

from core import clock, follower, rules, store
from core.clock import SHANGHAI, local
from core.language import N_, Translate
from core.liaison_words import Coverage
from core.liaisons import commands, intake, sheet, tonight
from core.liaisons import times as unit_times
from core.liaisons.commands import Entry
from core.liaisons.directory import Contact, Directory, Office
from core.liaisons.intake import Fate, Plan, Planned
from core.people import Principal
from core.places import Node
from core.words import Action, Level, Permission
from pages.ui import cards, contacts, pieces, plain, session

MOST_ROWS = 60  # of the matrix; a city is looked at community by community
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SAID = "directory_said"
FATES = {Fate.NEW: N_("new"), Fate.CHANGED: N_("changed"), Fate.SAME: N_("known"), Fate.REFUSED: N_("not taken")}


def say(words: str) -> None:
    """Keep a sentence for the next run, which shows it."""
    st.session_state[SAID] = words
    st.rerun()


def tell() -> None:
    """Show the sentence that the last act left."""
    if said := st.session_state.pop(SAID, None):
        st.success(plain.text(said))


def draw_matrix(who: Principal, directory: Directory, at: datetime, translate: Translate) -> None:
    """Place × sector, and a gap filled from there."""
    places, on = _rows(who), local(at).date()
    sectors = {code: one.name for code, one in directory.sectors.items() if one.holds_on(on)}
    covered = {(code, place.id): directory.coverage(code, place.path, on) for place in places for code in sectors}
    cards.show(contacts.legend(Counter(covered.values()), translate))
    ours = [one.name for one in directory.sectors.values() if one.origin == "default"]
    note = translate("Eight sectors are named by the source; these are our own: {names}")
    cards.show(pieces.note(note.format(names="、".join(ours))))
    gaps = [key for key, cover in covered.items() if cover in (Coverage.GAP, Coverage.STALE)]
    if gaps and who.paths(Permission.EDIT_DIRECTORY):
        _draw_fill(gaps, directory, sectors, at, translate)
    cards.show(contacts.matrix(places, sectors, covered, translate))


def _rows(who: Principal) -> list[Node]:
    tree, scope = follower.current().board.tree, who.paths(Permission.LOOK_UP)
    found = [node for node in tree.nodes.values() if any(node.path.startswith(top) for top in scope)]
    if len(found) > MOST_ROWS:
        found = [node for node in found if node.level in (Level.STREET, Level.COMMUNITY)]
    return sorted(found, key=lambda node: node.code)[:MOST_ROWS]


def _draw_fill(
    gaps: list[tuple[str, int]], directory: Directory, sectors: dict[str, str], at: datetime, translate: Translate
) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        gap = st.selectbox(
            translate("Gap or stale entry"),
            gaps,
            0,
            lambda one: f"{directory.places[one[1]].name} · {sectors[one[0]]}",
            key="gap",
        )
        staff = _staff(directory, at, {one.id for one in directory.offices.values() if gap and one.sector == gap[0]})
        named = st.selectbox(translate("Name"), staff, 0, lambda one: _called(one, directory), key="gap_liaison")
        wanted = st.button(translate("Fill"), key="fill", type="primary")
    if wanted and gap and named:
        place = directory.places[gap[1]]
        if session.did(Action.EDIT_DIRECTORY, f"liaison {named.id}", commands.name_for, named.id, place.id):
            say(translate("{name} now answers for {place}.").format(name=named.name, place=place.name))


def draw_night(who: Principal, directory: Directory, at: datetime, translate: Translate) -> None:
    """Who is on tonight in the streets in which somebody has a place, and the same as one page."""
    board = follower.current().board
    tops = dict.fromkeys(int(path.split("/")[1]) for path in who.paths(Permission.LOOK_UP))
    begins, ends = tonight.night_of(at)
    for top in (directory.places[one] for one in tops if one in directory.places):
        watches = tonight.tonight(directory, top.path, at)
        span = f"{local(begins):%m-%d %H:%M} – {local(ends):%m-%d %H:%M}"
        cards.show(pieces.heading(translate("On tonight"), None, span))
        st.download_button(
            translate("One page in Word"),
            partial(tonight.page, watches, top.name, at, is_demo=board.is_demo),
            f"{top.name}-{local(begins):%Y%m%d}.docx",
            WORD,
            key=f"night_{top.id}",
            on_click="ignore",
        )
        cards.show(contacts.night(watches, translate))


def draw_roster(who: Principal, directory: Directory, at: datetime, translate: Translate) -> None:
    """A unit's staff: somebody new, leave with a stand-in, the roster, and a leaver's successor."""
    offices = [one for one in directory.offices.values() if _edits(who, directory, one.place_id)]
    with st.container(key="narrow"):
        _draw_staff(offices, directory, at, translate)


def _draw_staff(offices: list[Office], directory: Directory, at: datetime, translate: Translate) -> None:
    office = st.selectbox(translate("Unit"), offices, 0, lambda one: one.name, key="roster_unit")
    if office is None:
        return
    staff = _staff(directory, at, {office.id})
    new, leave, roster, leaver = st.tabs(
        [translate("New liaison"), translate("Leave"), translate("Roster"), translate("Leaver")]
    )
    with new:
        _draw_new(office.id, translate)
    if staff:
        with leave:
            _draw_leave(staff, at, translate)
        with roster:
            _draw_turns(office.id, staff, directory, at, translate)
        with leaver:
            _draw_leaver(staff, at, translate)


def _draw_new(unit_id: int, translate: Translate) -> None:
    places = list(follower.current().board.tree.nodes.values())
    with st.form("new_liaison", clear_on_submit=True):
        name = st.text_input(translate("Name"), key="new_name", max_chars=40)
        role = st.text_input(translate("Role"), key="new_role", max_chars=40)
        mobile = st.text_input(translate("Mobile"), key="new_mobile", max_chars=40)
        where = st.multiselect(
            translate("Answers for"), places, format_func=lambda node: node.name, key="new_places",
            placeholder=translate("Communities or grids"),
        )  # fmt: skip
        all_hours = st.checkbox(translate("Around the clock"), key="new_hours")
        if st.form_submit_button(translate("Enter into the directory"), type="primary"):
            entry = Entry(
                name.strip(), role.strip(), mobile=mobile.strip(), calendar="natural" if all_hours else "working"
            )
            ids = [node.id for node in where]
            if session.act(
                Action.EDIT_DIRECTORY, f"unit {unit_id}", commands.add, unit_id, entry, ids, rules.current()
            ):
                say(translate("{name} is in the directory.").format(name=name.strip()))


def _draw_leave(staff: list[Contact], at: datetime, translate: Translate) -> None:
    today, nobody = local(at).date(), translate("Nobody")
    with st.form("leave"):
        who = st.selectbox(translate("Who"), staff, 0, lambda one: one.name, key="leave_who")
        first = st.date_input(translate("First day"), today, key="leave_from")
        last = st.date_input(translate("Last day"), today, key="leave_to")
        other = st.selectbox(
            translate("Stands in"), staff, None, lambda one: one.name, key="leave_other", placeholder=nobody
        )
        if st.form_submit_button(translate("Write down the leave"), type="primary") and who:
            subject, stand_in = f"liaison {who.id}", other.id if other else None
            if session.did(Action.EDIT_DIRECTORY, subject, commands.grant_leave, who.id, first, last, stand_in):
                say(translate("{name}: leave written down.").format(name=who.name))


def _draw_turns(unit_id: int, staff: list[Contact], directory: Directory, at: datetime, translate: Translate) -> None:
    names = {one.id: one.name for one in staff}
    coming = [turn for turn in directory.turns.get(unit_id, ()) if turn.to_at > at and turn.liaison_id in names]
    rows = [
        [names[one.liaison_id], f"{local(one.from_at):%m-%d %H:%M}", f"{local(one.to_at):%m-%d %H:%M}"]
        for one in coming
    ]
    cards.show(contacts.table([translate("Who"), translate("From"), translate("To")], rows[:14]))
    with st.form("turn"):
        who = st.selectbox(translate("Who"), staff, 0, lambda one: one.name, key="turn_who")
        day = st.date_input(translate("Night of"), local(at).date(), key="turn_day")
        if st.form_submit_button(translate("Put on the roster"), type="primary") and who:
            begins = datetime.combine(day, time(18), SHANGHAI)
            ends = begins + timedelta(hours=14)
            if session.did(Action.EDIT_DIRECTORY, f"liaison {who.id}", commands.put_on_roster, who.id, begins, ends):
                say(translate("{name} is on the roster.").format(name=who.name))


def _draw_leaver(staff: list[Contact], at: datetime, translate: Translate) -> None:
    nobody = translate("Nobody")
    with st.form("leaver"):
        who = st.selectbox(translate("Who"), staff, 0, lambda one: one.name, key="leaver")
        last = st.date_input(translate("Last day"), local(at).date(), key="leaver_last")
        heir = st.selectbox(
            translate("Successor"), staff, None, lambda one: one.name, key="leaver_heir", placeholder=nobody
        )
        if st.form_submit_button(translate("End and hand over"), type="primary") and who:
            heir_id = heir.id if heir else None
            moved = session.act(
                Action.EDIT_DIRECTORY, f"liaison {who.id}", commands.see_off, who.id, last, heir_id, rules.current()
            )
            if moved is not None:
                words = translate("{name}: ended; {count} open cases handed over.")
                say(words.format(name=who.name, count=len(moved)))


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
    """An office's table in, with what it would do before it does; the directory out; an import undone."""
    file = st.file_uploader(translate("Table of liaisons (.xlsx)"), type=["xlsx"], key="table")
    words = translate("Heads: unit, name, phone, places in words; up to {most} lines and 2 MB.")
    cards.show(pieces.note(words.format(most=sheet.MOST_ROWS)))
    if file is not None:
        with session.explaining():
            plan = intake.planned(directory, who, file.name, file.getvalue(), session.asker(), rules.current())
            _draw_plan(plan, translate)
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
    _draw_imports(translate)


def _draw_plan(plan: Plan, translate: Translate) -> None:
    taken = plan.of(Fate.NEW, Fate.CHANGED)
    words = translate("{new} new, {changed} changed, {same} known, {refused} not taken")
    counts = {fate.value: len(plan.of(fate)) for fate in Fate}
    cards.show(pieces.heading(plan.file), pieces.note(words.format(**counts)))
    rows = [_told(row, translate) for row in sorted(plan.rows, key=lambda row: row.fate is not Fate.REFUSED)]
    head = [
        translate("Line"), translate("Becomes"), translate("Unit"), translate("Name"), translate("Words"),
        translate("Places understood"), translate("Reason"),
    ]  # fmt: skip
    cards.show(contacts.table(head, rows))
    wanted = bool(taken) and st.button(
        translate("Take {count} lines").format(count=len(taken)), key="take", type="primary"
    )
    if wanted and session.did(Action.IMPORT_DIRECTORY, plan.file, intake.apply, plan, rules.current()):
        say(translate("{count} lines taken; they can be undone below.").format(count=len(taken)))


def _told(row: Planned, translate: Translate) -> list[object]:
    places = "、".join(place.name for place in row.places)
    reason = row.reason.said(translate) if row.reason else ""
    return [row.line, translate(FATES[row.fate]), row.unit, row.name, row.words, places, reason]


def _draw_imports(translate: Translate) -> None:
    with store.current().reading() as db:
        past = intake.imports(db)
    for batch in past:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            said = f"{batch.file} · {local(batch.at):%m-%d %H:%M} · {batch.taken}"
            st.text(said)
            if batch.undone_at:
                st.caption(translate("undone"))
            elif st.button(translate("Undo"), key=f"undo_{batch.id}") and session.did(
                Action.UNDO_IMPORT, batch.file, intake.undo, batch.id or 0, rules.current()
            ):
                say(translate("The import is undone."))


def _edits(who: Principal, directory: Directory, place_id: int) -> bool:
    return place_id in directory.places and who.may(Permission.EDIT_DIRECTORY, directory.places[place_id].path)


def _staff(directory: Directory, at: datetime, units: set[int]) -> list[Contact]:
    on = local(at).date()
    return [one for one in directory.contacts.values() if one.unit_id in units and one.holds_on(on)]


def _called(one: Contact, directory: Directory) -> str:
    return f"{one.name} · {directory.offices[one.unit_id].name}"
