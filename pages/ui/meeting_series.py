"""The series of meetings: choose one, found one, say whom it usually brings together, build its next meeting."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

import streamlit as st
from markupsafe import Markup

from core import clock, rules, spans
from core.captions import label
from core.language import Translate
from core.meeting_words import MeetingState, Rhythm
from core.meetings import agenda, kinds, rhythm, series
from core.meetings.series import Plan
from core.meetings.tables import Meeting, Series, SeriesMember
from core.places import Node
from core.units import Unit
from core.words import Action, Level
from pages.ui import cards, meeting_parts, pieces, plain
from pages.ui.meeting_parts import done

DAYS = "一二三四五六日"


def choose(found: Sequence[Series], translate: Translate) -> Series | None:
    """The series to look at."""
    if not found:
        cards.show(pieces.empty(translate("No series of meetings yet"), translate("Found one below.")))
        return None
    names = {one.id: one.name for one in found}
    number = st.selectbox(
        translate("Series"), list(names), format_func=lambda one: plain.text(names[one]), key="meeting_series"
    )
    return next((one for one in found if one.id == number), None)


def choose_meeting(meetings: Sequence[Meeting], translate: Translate, *, plans: bool) -> Meeting | None:
    """The meeting to look at, the newest first; with `plans` first of all the next one, whose agenda is not built."""
    if not meetings:
        return None
    by_id = {meeting.id: meeting for meeting in meetings}
    numbers: list[int | None] = [None, *by_id] if plans else list(by_id)

    which, not_built = translate("meeting {number}"), translate("agenda not built yet")

    def name(number: int | None) -> str:
        if number is None:
            return f"{which.format(number=meetings[0].number + 1)} · {not_built}"
        meeting = by_id[number]
        state = translate(label(MeetingState(meeting.state)))
        return f"{which.format(number=meeting.number)} · {clock.local(meeting.begins_at):%Y-%m-%d %H:%M} · {state}"

    key = f"meeting_{meetings[0].id}_{meetings[0].state}_{plans}"
    number = st.selectbox(translate("Meeting"), numbers, 0, format_func=name, key=key)
    return None if number is None else by_id[number]


def draw_found(nodes: Sequence[Node], units: Sequence[Unit], translate: Translate) -> None:
    """A new series."""
    all_kinds = kinds.current().kinds
    levels = {node.level for node in nodes}
    usable = sorted((k for k in all_kinds.values() if k.level in levels), key=lambda k: list(Level).index(k.level))
    if not usable:
        return
    with st.container(key="narrow"), st.expander(translate("Found a series of meetings"), expanded=True):
        kind = st.selectbox(translate("Kind"), usable, 0, lambda one: one.name, key="series_kind")
        fitting = [node for node in nodes if node.level == kind.level]
        place = st.selectbox(translate("Place"), fitting, 0, lambda node: node.name, key="series_place")
        times = [Rhythm(kind.rhythm), *(one for one in Rhythm if one != kind.rhythm)]
        often = st.selectbox(translate("Rhythm"), times, 0, lambda one: translate(label(one)), key="series_rhythm")
        day = st.selectbox(translate("Weekday"), range(5), 0, lambda one: f"周{DAYS[one]}", key="series_day")
        begins = st.time_input(translate("Begins"), value=time(9), key="series_begins")
        minutes = st.number_input(translate("Minutes"), 10, 480, kind.minutes, 5, key="series_minutes")
        venue = st.text_input(translate("Venue"), key="series_venue", max_chars=80)
        chair = st.text_input(translate("Chair"), key="series_chair", max_chars=40)
        if st.button(translate("Found the series"), type="primary", key="series_found"):
            plan = Plan(kind.code, place.id, often, day, 1, f"{begins:%H:%M}", int(minutes), venue, chair)
            done(Action.FOUND_SERIES, kind.code, series.found, plan)


def draw_series(
    chosen: Series,
    members: Sequence[SeriesMember],
    units: Sequence[Unit],
    nodes: Sequence[Node],
    now: datetime,
    translate: Translate,
    *,
    plans: bool,
) -> None:
    """With `plans` build the next meeting; below, folded, who usually attends, and a further series."""
    assert chosen.id is not None
    if plans:
        draw_build(chosen, chosen.id, now, translate)
    with st.expander(translate("Usual attendees and further series")):
        cards.show(*(pieces.person(member.name, translate, role=member.post) for member in members))
        with st.form("member", clear_on_submit=True):
            name = st.text_input(translate("Name"), key="member_name", max_chars=40)
            post = st.text_input(translate("Post"), key="member_post", max_chars=80)
            unit = meeting_parts.unit_of(translate("Unit"), units, translate, key="member_unit")
            observes = st.checkbox(translate("Attends as an observer"), key="member_observes")
            if st.form_submit_button(translate("Add attendee")):
                member = SeriesMember(series_id=chosen.id, name=name, post=post, unit_id=unit, is_observer=observes)
                done(Action.FOUND_SERIES, f"series {chosen.id}", series.invite, chosen.id, member)
        draw_found(nodes, units, translate)


def draw_build(chosen: Series, series_id: int, now: datetime, translate: Translate) -> None:
    """When the next meeting is, and the button that builds its agenda."""
    begins = series.next_begin(chosen, now) or clock.local(now) + timedelta(days=3)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        day = st.date_input(
            translate("Next meeting on"), begins.date(), key="build_day", width=240, format="YYYY-MM-DD"
        )
        if st.button(translate("Build the agenda"), type="primary", key="build"):
            at = series.begin_on(chosen, day)
            done(
                Action.BUILD_AGENDA,
                f"series {series_id}",
                agenda.build,
                series_id,
                at,
                rules.current(),
                now=clock.now(),
            )
    due = rhythm.notice_on(day, kinds.current().notice_days)
    late = (clock.local(now).date() - due).days
    said = translate("Papers go out by {day}").format(day=spans.day_text(due, translate))
    made_of = translate("Resolutions not signed off come first, then what speaks loudest among the open cases")
    if late > 0:
        said = translate("{said}, which is {days} days ago").format(said=said, days=late)
        cards.show(Markup('<span class="chip over">{}</span> <small>{}</small>').format(said, made_of))
    else:
        cards.show(Markup("<small>{} · {}</small>").format(said, made_of))
