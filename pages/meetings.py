"""Joint meetings: before, during and after; the agenda builds itself, resolutions come back."""

import streamlit as st

from core import clock, places, rules, store, units
from core.liaisons import lookup
from core.meeting_words import MeetingState
from core.meetings import queries, rights, series, versions
from core.people import Principal
from core.words import Permission
from pages.ui import (
    cards,
    frame,
    meeting_after,
    meeting_before,
    meeting_during,
    meeting_parts,
    meeting_series,
    pieces,
    session,
)

_ = session.text()


def draw(who: Principal) -> None:
    """The meetings of the series that was chosen, in the phase that was chosen."""
    now = clock.now()
    before, during, after, year = _("Before"), _("During"), _("After"), _("The year")
    # load
    with store.current().reading() as db:
        known_series = queries.series_of(db, who)
        nodes = list(places.tree(db, now).nodes.values())
        known = units.units(db)
        is_demo = store.is_demo(db)
    mine = [node for node in nodes if who.may(Permission.PREPARE_MEETING, node.path)]
    # ask
    frame.page(_("Joint meetings"))
    meeting_parts.tell()
    st.html(frame.style("meeting"))
    top = st.container(key="meeting_choose")
    left, right = top.columns(2)
    with left:
        chosen = meeting_series.choose(known_series, _)
    if chosen is None or chosen.id is None:
        meeting_series.draw_found(mine, known, _)
        return
    with store.current().reading() as db:
        meetings = queries.meetings_of(db, who, chosen.id)
        members = series.members_of(db, chosen.id)
        open_here = [row for row in queries.open_resolutions(db, who) if row.series_id == chosen.id]
        is_called = rights.reads_all(who, chosen) or bool(open_here) or queries.is_called(db, who, chosen.id)
    if not is_called:
        over = not meetings or meetings[0].state == MeetingState.ENDED
        hint = "" if over else _("You need not attend.")
        cards.show(pieces.empty(_("Nothing at this meeting is for your unit"), hint))
        return
    prepares = who.may(Permission.PREPARE_MEETING, chosen.path)
    decides = who.may(Permission.DECIDE_AT_MEETING, chosen.path)
    newest = MeetingState(meetings[0].state) if meetings else MeetingState.PREPARED
    opens = {MeetingState.UNDER_WAY: during, MeetingState.ENDED: before if prepares else after}
    phases = [before, during, after, year] if rights.reads_all(who, chosen) else [before, during, after]
    st.session_state.setdefault("phase", opens.get(newest, before))
    phase = top.segmented_control(_("Phase"), phases, key="phase", required=True, label_visibility="collapsed")
    plans = phase == before and prepares and newest is MeetingState.ENDED
    with right:
        meeting = meeting_series.choose_meeting(meetings, _, plans=plans)
    # act, draw
    if phase == year:
        meeting_after.draw_year(who, known, now, _)
        return
    if phase == before and prepares:
        meeting_series.draw_series(chosen, members, known, mine, now, _, plans=meeting is None)
    if meeting is None or meeting.id is None:
        if not meetings:
            meeting_parts.nothing(_)
        return
    with store.current().reading() as db:
        sheet = queries.sheet(db, who, meeting.id)
        changes = versions.changes_of(db, meeting.id)
        directory = lookup.directory(db, rules.current())
        about = queries.titles(db, open_here)
    if phase == before:
        meeting_before.draw(sheet, changes, directory, now, _, prepares=prepares, is_demo=is_demo)
    elif phase == during:
        meeting_during.draw(sheet, known, now, _, decides=decides)
    else:
        meeting_after.draw(sheet, open_here, about, now, _, prepares=prepares, is_demo=is_demo)


me = session.require(Permission.READ_MEETINGS)
draw(me)
