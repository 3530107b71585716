"""The presenter's view: one item for the end of the table, its clock running and what is recorded told by itself."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache

import streamlit as st
from markupsafe import Markup

from core import clock, spans, store
from core.captions import label
from core.documents import clips
from core.documents.clips import Mark
from core.language import Translate
from core.meeting_words import Cause, ItemOutcome, Presence, Progress
from core.meetings import papers, queries, told
from core.meetings.queries import Brief, Line, Sheet
from core.meetings.tables import Resolution, Said
from core.words import Permission, PhotoKind
from pages.ui import cards, frame, meeting_parts, session

ON_SCREEN = "meeting_on_screen"  # which item has been on this screen, and since when
CASES_SHOWN, STEPS_SHOWN = 4, 5
CLIP_PX, LETTERS = (1000, 640), 1.7  # shown at half its size: 17 px are left of a name of 20
FRESH_S = 5
COUNTED = (  # causes whose amount says something by itself
    *(Cause.OVERDUE, Cause.REPORTS, Cause.DEPARTMENTS, Cause.RETURNED),
    *(Cause.SUSPENDED, Cause.CARRIED, Cause.PROMOTED),
)


def draw(sheet: Sheet, line: Line, at: int, now: datetime, *, is_alone: bool) -> None:
    """The item beside its map and photos; `is_alone`: the whole screen is the projector's."""
    translate = session.text()
    if is_alone:
        st.html(frame.style("projector"))
    _note_shown(line, now)
    with st.container(key="presenter"):
        left, right = st.columns([3, 2], gap="large")
        with left:
            _live(sheet.id, at)
        with right:
            if marks := papers.marks_of(line.cases):
                st.image(_map(tuple(marks), clock.local(now).date()), width="stretch")
            photos = _photos(line.cases, translate)
            cards.show(*(photos if photos else _timeline(line, translate)))


@st.fragment(run_every=FRESH_S)
def _live(meeting_id: int, at: int) -> None:
    """What moves: the clocks, and what somebody else has recorded."""
    who = session.recheck(Permission.READ_MEETINGS)
    now, translate = clock.now(), session.text()
    with store.current().reading() as db:
        sheet = queries.sheet(db, who, meeting_id)
    if at < len(sheet.lines):
        cards.show(*_told(sheet, sheet.lines[at], at, now, translate))


def _told(sheet: Sheet, line: Line, at: int, now: datetime, translate: Translate) -> list[Markup]:
    shown = [meeting_parts.case_line(brief, line.item, now, translate) for brief in line.cases[:CASES_SHOWN]]
    if (more := len(line.cases) - CASES_SHOWN) > 0:
        shown.append(Markup('<p class="more">{}</p>').format(translate("and {count} more").format(count=more)))
    asked = [Markup('<p class="asked"><b>{}</b> {}</p>').format(translate("Asked"), line.item.asked)]
    return [
        _head(sheet, line, at, now, translate),
        Markup("<h2>{}</h2>").format(line.item.title),
        _figure(line, translate),
        Markup('<div class="cases">{}</div>').format(Markup("").join(shown)),
        meeting_parts.why(line, now, translate, besides=_counted(line)),
        *(asked if line.item.asked else []),
        *(_timeline(line, translate) if _photos(line.cases, translate) and not line.resolutions else ()),
        *_recorded(line, sheet, now, translate),
    ]


def _head(sheet: Sheet, line: Line, at: int, now: datetime, translate: Translate) -> Markup:
    """Where in the agenda, for how long, and who is called."""
    meeting, running = sheet.meeting, []
    if meeting.begun_at and not meeting.ended_at:
        gone = _minutes(meeting.begun_at, now)
        shown = _minutes(st.session_state.get(ON_SCREEN, (None, now))[1], now)
        running = [
            (translate("This item"), f"{shown} / {line.item.minutes}", shown >= line.item.minutes),
            (translate("Meeting"), f"{gone} / {meeting.minutes}", gone >= meeting.minutes),
        ]
        there = sum(person.presence == Presence.PRESENT for person in sheet.attendance)
        if sheet.attendance:
            running.append((translate("Present"), f"{there} / {len(sheet.attendance)}", False))
    else:
        running = [("", translate("{minutes} min").format(minutes=line.item.minutes), False)]
    clocks = [
        Markup('<span class="{}">{} <b>{}</b></span>').format("late" if late else "", name, text)
        for name, text, late in running
    ]
    units = Markup("<em>{}</em>").format(sheet.unit_names(line.item.unit_ids))
    return Markup("<header><i>{} / {}</i>{}{}</header>").format(
        at + 1, len(sheet.lines), Markup("").join(clocks), units
    )


def _figure(line: Line, translate: Translate) -> Markup:
    """The one figure of the item: the weightiest thing that is counted, or how many cases it holds."""
    if counted := _counted(line):
        reason = told.reason(counted, translate)
        text = f"{counted['amount']:.1f}×" if counted["cause"] == Cause.OVERDUE else f"{counted['amount']:.0f}"
        return Markup('<p class="big"><b>{}</b> {}</p>').format(text, reason)
    if len(line.cases) > 1:
        return Markup('<p class="big"><b>{}</b> {}</p>').format(len(line.cases), translate("cases of one kind"))
    return Markup("")


def _counted(line: Line) -> Said | None:
    return next((part for part in line.item.parts if part["cause"] in COUNTED), None)


def _timeline(line: Line, translate: Translate) -> list[Markup]:
    steps = sorted((step for brief in line.cases for step in brief.steps), key=lambda step: step.at)[-STEPS_SHOWN:]
    rows = [
        Markup("<li><i>{}</i> <b>{}</b> {}</li>").format(
            spans.moment_text(step.at, translate), translate(label(step.verb)), step.note or ""
        )
        for step in steps
    ]
    return [Markup('<ol class="steps">{}</ol>').format(Markup("").join(rows))] if rows else []


def _recorded(line: Line, sheet: Sheet, now: datetime, translate: Translate) -> list[Markup]:
    """What was resolved, or how the item ended otherwise."""
    found = [_resolved(row, sheet, now, translate) for row in line.resolutions]
    if line.item.outcome and not line.resolutions:
        said = translate(label(ItemOutcome(line.item.outcome)))
        found.append(Markup('<p class="resolved"><b>{}</b> {}</p>').format(said, line.item.outcome_note))
    return found


def _resolved(row: Resolution, sheet: Sheet, now: datetime, translate: Translate) -> Markup:
    late = Markup("")
    if row.progress_at(now) is Progress.OVERDUE:
        late = Markup('<span class="chip over">{}</span>').format(meeting_parts.progress(row, now, translate))
    facts = (
        (translate("Lead unit"), sheet.unit_names([row.lead_unit_id] if row.lead_unit_id else [])),
        (translate("Who answers for it"), row.person),
        (translate("Units that help"), sheet.unit_names(row.co_unit_ids)),
        (translate("Who supervises"), row.supervisor),
        (translate("Due"), spans.day_text(clock.local(row.due_at), translate)),  # last: the mark stands behind it
    )
    said = [Markup("<span>{} <b>{}</b></span>").format(name, text) for name, text in facts if text]
    return Markup('<div class="resolved"><b>{}</b> {}<div>{}{}</div></div>').format(
        translate(label(ItemOutcome.RESOLVED)), row.text, Markup("").join(said), late
    )


def _photos(cases: Sequence[Brief], translate: Translate) -> list[Markup]:
    """Before the work and after it, of the first case that has photos."""
    photos = next((brief.photos for brief in cases if brief.photos), ())
    drawn = [
        Markup('<figure><img src="/photos/{}/full" alt=""><figcaption>{}</figcaption></figure>').format(
            number, translate(label(PhotoKind(kind)))
        )
        for kind, number in photos
    ]
    return [Markup('<div class="shots">{}</div>').format(Markup("").join(drawn))] if drawn else []


@lru_cache(maxsize=64)
def _map(marks: tuple[Mark, ...], day: date) -> bytes:
    """A clip of the map, drawn once a day: marks are all it shows of cases."""
    with store.current().reading() as db:
        ground = clips.ground(db, clock.day_of(day))
    return clips.clip(ground, marks, CLIP_PX, LETTERS)


def _note_shown(line: Line, now: datetime) -> None:
    if st.session_state.get(ON_SCREEN, (None, now))[0] != line.item.id:
        st.session_state[ON_SCREEN] = (line.item.id, now)


def _minutes(since: datetime, now: datetime) -> int:
    return max(0, int((now - since).total_seconds() // 60))
