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
        open_now = queries.open_resolutions(db, who)
    with right:
        meeting = meeting_series.choose_meeting(meetings, _)
    prepares = who.may(Permission.PREPARE_MEETING, chosen.path)
    decides = who.may(Permission.DECIDE_AT_MEETING, chosen.path)
    state = MeetingState(meeting.state) if meeting else None
    opens = {MeetingState.UNDER_WAY: during, MeetingState.ENDED: before if prepares else after}
    st.session_state.setdefault("phase", opens.get(state, before) if state else before)
    phase = top.segmented_control(
        _("Phase"), [before, during, after, year], key="phase", required=True, label_visibility="collapsed"
    )
    # act, draw
    if phase == year:
        meeting_after.draw_year(who, known, now, _)
        return
    if phase == before and prepares:
        meeting_series.draw_series(chosen, members, known, meetings, mine, now, _)
    if meeting is None or meeting.id is None:
        meeting_parts.nothing(_)
        return
    if phase == before and prepares and state is MeetingState.ENDED and meeting is meetings[0]:
        return  # the next one is to be built: the last one is told under "After"
    with store.current().reading() as db:
        sheet = queries.sheet(db, who, meeting.id)
        changes = versions.changes_of(db, meeting.id)
        directory = lookup.directory(db, rules.current())
    if not sheet.lines and not rights.reads_all(who, chosen):
        cards.show(pieces.empty(_("Nothing at this meeting is for your unit"), _("You need not attend.")))
    elif phase == before:
        meeting_before.draw(sheet, changes, directory, now, _, prepares=prepares, is_demo=is_demo)
    elif phase == during:
        meeting_during.draw(sheet, known, now, _, decides=decides)
    else:
        mine_open = [row for row in open_now if row.series_id == chosen.id]
        meeting_after.draw(sheet, mine_open, now, _, prepares=prepares, is_demo=is_demo)


me = session.require(Permission.READ_MEETINGS)
draw(me)
