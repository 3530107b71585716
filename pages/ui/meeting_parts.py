"""What the phases of a meeting share: how an act is done and said, and how an item is shown."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Concatenate, ParamSpec

import streamlit as st
from markupsafe import Markup

from core import clock, limits, spans
from core.accounts.audit import Asker
from core.calendars import NOTHING
from core.captions import label
from core.language import Translate
from core.meeting_words import Progress
from core.meetings import told
from core.meetings.queries import Brief, Line, Sheet
from core.meetings.tables import AgendaItem, Resolution, Said
from core.units import Unit
from core.words import Action, ClockState
from pages.ui import cards, pieces, plain, session, todo

P = ParamSpec("P")
SAID = "meetings_said"


def done(
    action: Action,
    subject: str,
    command: Callable[Concatenate[Any, Asker, P], object],
    *args: P.args,
    **kwargs: P.kwargs,
) -> None:
    """Do one audited act; when it was done the page is drawn anew and says so."""
    if session.did(action, subject, command, *args, **kwargs):
        st.session_state[SAID] = session.text()(label(action))
        st.rerun()


def seen(item: AgendaItem) -> int:
    """The version of an item that this person was shown when they typed: that of the run before this one."""
    key = f"seen_item_{item.id}"
    shown = int(st.session_state.get(key, item.version))
    st.session_state[key] = item.version
    return shown


def tell() -> None:
    """What the last act was."""
    if SAID in st.session_state:
        st.success(f"✓ {plain.text(st.session_state.pop(SAID))}")


def nothing(translate: Translate) -> None:
    """No meeting yet."""
    cards.show(pieces.empty(translate("No meeting yet"), translate("Build an agenda from the live cases.")))


def why(line: Line, now: datetime, translate: Translate, *, besides: Said | None = None) -> Markup:
    """Why an item is on the agenda: its reasons, or how the resolution it hears stands; `besides` is told already."""
    reasons = [part for part in line.item.parts if part is not besides]
    parts = [Markup("<li>{}</li>").format(told.reason(part, translate)) for part in reasons]
    if line.reviewed is not None:
        said = progress(line.reviewed, now, translate)
        due = spans.day_text(clock.local(line.reviewed.due_at), translate)
        note = line.reviewed.progress_note
        parts.append(Markup("<li>{} · {} {}</li>").format(said, translate("due {day}").format(day=due), note))
    return Markup('<ul class="why">{}</ul>').format(Markup("").join(parts))


def progress(row: Resolution, now: datetime, translate: Translate) -> str:
    """How a resolution stands, and of one that is past its date for how many days."""
    state = row.progress_at(now)
    days = (clock.local(now).date() - clock.local(row.due_at).date()).days
    said = translate(label(state))
    return translate("{state}, {days} d").format(state=said, days=days) if state is Progress.OVERDUE and days else said


def score(item: AgendaItem, translate: Translate) -> Markup:
    """The score of an item, which opens to its parts and how each is reckoned."""
    rows = [
        Markup("<tr><td>{}</td><td>{}</td><td>{:g}</td></tr>").format(
            told.reason(part, translate), told.formula(part, translate), part["points"]
        )
        for part in item.parts
    ]
    return Markup('<details class="score"><summary>{}</summary><table>{}</table></details>').format(
        translate("score {score}").format(score=f"{item.score:g}"), Markup("").join(rows)
    )


def must(translate: Translate) -> Markup:
    """The mark of what cannot be passed over."""
    return Markup('<span class="must">{}</span>').format(translate("must"))


def state_of(brief: Brief, now: datetime) -> ClockState | None:
    """How the promise of a case that falls due first stands."""
    if brief.suspended_at:
        return ClockState.PAUSED
    return limits.running_state(brief.due_at, now, NOTHING) if brief.due_at else None


def case_line(brief: Brief, item: AgendaItem, now: datetime, translate: Translate) -> Markup:
    """A case in one line: level, title if the item has another, stage, clock if one runs, what changed since."""
    state = state_of(brief, now)
    facts = (brief.number, translate(label(brief.stage)), changed(brief, translate))
    of_what = todo.whose(brief.promise, {}, translate) if brief.promise else ""
    title = Markup("<b>{}</b>").format(brief.title) if brief.title != item.title else ""
    return Markup('<div class="brief">{} {} {} <small>{}</small></div>').format(
        pieces.mark(brief.severity, translate),
        title,
        pieces.clock_chip(state, brief.due_at, now, translate, of_what) if state else "",
        " · ".join(filter(None, facts)),
    )


def changed(brief: Brief, translate: Translate) -> str:
    """What has happened to a case since the last meeting of the series: how many steps, and the last of them."""
    if not brief.since_last:
        return ""
    last = brief.steps[-1]
    return translate("{count} steps since the last meeting, at last {step} {day}").format(
        count=brief.since_last, step=translate(label(last.verb)), day=spans.day_text(clock.local(last.at), translate)
    )


def unit_picker(
    caption: str, units: Sequence[Unit], translate: Translate, *, key: str, chosen: Sequence[int] = ()
) -> list[int]:
    """Several units."""
    names = {unit.id: unit.name for unit in units if unit.id is not None}
    default = [number for number in chosen if number in names]
    return st.multiselect(
        caption,
        list(names),
        default,
        format_func=lambda number: names[number],
        key=key,
        placeholder=translate("Choose"),
    )


def unit_of(
    caption: str, units: Sequence[Unit], translate: Translate, *, key: str, chosen: int | None = None
) -> int | None:
    """One unit, or none."""
    names = {unit.id: unit.name for unit in units if unit.id is not None}
    index = list(names).index(chosen) if chosen in names else None
    return st.selectbox(
        caption, list(names), index, format_func=lambda number: names[number], key=key, placeholder=translate("Choose")
    )


def subject(sheet: Sheet) -> str:
    """How the audit names a meeting."""
    return f"meeting {sheet.id}"
