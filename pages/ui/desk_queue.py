"""The queues of the desk: what waits, with counts, and what is new since the officer last looked."""

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from core.board import Board
from core.captions import label
from core.cases.queues import Tally, Waiting
from core.desk_words import Queue
from core.handover.papers import NEXT
from core.language import Translate
from core.places import Node
from core.words import ClockState
from pages.ui import cards, desk, pieces

SEEN = "duty_seen_at"
# A sound and the title are the only ways to reach an officer who looks elsewhere; both end with the acknowledgement.
NOTICE = """
export default function ({ data, parentElement }) {
  const title = document.title.replace(/^\\(\\d+\\) /, "");
  document.title = data.count ? `(${data.count}) ${title}` : title;
  const before = window.__dutyCount ?? data.count;
  window.__dutyCount = data.count;
  if (data.count > before) {
    const audio = new AudioContext(), tone = audio.createOscillator(), gain = audio.createGain();
    tone.frequency.value = 660; gain.gain.value = 0.08;
    tone.connect(gain).connect(audio.destination);
    tone.start(); tone.stop(audio.currentTime + 0.25);
  }
}
"""
_notice = st.components.v2.component("duty_notice", html="<span></span>\n", js=NOTICE)
# The first field of the form, when it has just been opened by a key.
FOCUS = """
export default function ({ data }) {
  if (window.__dutyFocus === data.round) return;
  window.__dutyFocus = data.round;
  // the field may be drawn anew after the first try; nobody who is in another field is called back
  const isIdle = () => ["BODY", "BUTTON", undefined].includes(document.activeElement?.tagName);
  for (let ms = 50; ms < 2000; ms += 150) setTimeout(() => isIdle() && document.querySelector(data.field)?.focus(), ms);
}
"""
_focus = st.components.v2.component("duty_focus", html="<span></span>\n", js=FOCUS)


def focus(field: str, turn: int) -> None:
    """Put the keyboard into a field, once a turn."""
    _focus(key="duty_focus", data={"field": field, "round": turn})


def news(board: Board, node: Node, now: datetime) -> tuple[int, int]:
    """How many cases were reported, and how many fell overdue, since the officer last acknowledged."""
    seen = st.session_state.setdefault(SEEN, now)
    cases = board.below(node)
    new = sum(case.reported_at > seen for case in cases)
    late = sum(
        board.states[case.id] is ClockState.OVERDUE and case.due_at is not None and case.due_at > seen for case in cases
    )
    return new, late


def draw_news(found: tuple[int, int], now: datetime, translate: Translate) -> None:
    """What is new, in the title and by a sound, until it is acknowledged."""
    new, late = found
    _notice(key="duty_notice", data={"count": new + late})
    if not new + late:
        return
    with st.container(key="duty_news", horizontal=True, vertical_alignment="center"):
        cards.show(pieces.note(translate("{new} new, {late} newly overdue").format(new=new, late=late)))
        if st.button(translate("Noted"), key="duty_noted", shortcut="Alt+Z"):
            st.session_state[SEEN] = now
            st.rerun()


def choose(tally: Tally, translate: Translate) -> Queue:
    """The queues with their counts; the one that is looked at."""
    chosen = st.pills(
        translate("Queue"),
        list(Queue),
        default=Queue.TO_ACCEPT,
        format_func=lambda one: f"{translate(label(one))} {tally.queues[one]}",
        key=desk.QUEUE,
        label_visibility="collapsed",
        required=True,
    )
    return chosen or Queue.TO_ACCEPT


def draw(rows: Sequence[Waiting], names: dict[int, str], count: int, now: datetime, translate: Translate) -> None:
    """The cases of a queue; a touch, or the Enter key, shows one in the middle."""
    if not rows:
        cards.show(pieces.empty(translate("Nothing waits here")))
        return
    with cards.rows("duty"):
        for row in rows:
            coming = NEXT.get(row.stage)
            if cards.case_row(
                row, now, translate, key=f"duty_{row.id}", where=f"{names.get(row.grid_id, '')} {row.address}".strip(),
                next_step=translate(label(coming)) if coming else "",
                extra=[translate(label(why)) for why in row.abnormal],
                chosen=st.session_state.get(desk.CASE) == row.id,
            ):  # fmt: skip
                desk.open_case(row.id)
                st.rerun()
    if count > len(rows):
        more = translate("{count} more wait in this queue")
        cards.show(pieces.note(more.format(count=count - len(rows))))
