"""The queues of the desk: what waits, with counts, and what is new since the officer last looked."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import streamlit as st
from markupsafe import Markup

from core.board import Board
from core.captions import label
from core.cases.queries import OpenCase
from core.cases.queues import Tally, Waiting
from core.desk_words import Queue
from core.handover.papers import NEXT
from core.language import Translate
from core.places import Node, Tree
from core.words import ClockState
from pages.ui import cards, desk, pieces, todo

SEEN = "duty_seen_at"
# The count stands in the title, for an officer who looks elsewhere; the bell of the pulse rings. The clock is that of
# the street.
NOTICE = """
export default function ({ data, parentElement }) {
  const title = document.title.replace(/^\\(\\d+\\) /, ""), clock = parentElement.querySelector("time");
  document.title = data.count ? `(${data.count}) ${title}` : title;
  const shown = { timeZone: "Asia/Shanghai", hour12: false };
  const draw = () => { clock.textContent = new Date().toLocaleTimeString("zh-CN", shown); };
  draw();
  const ticking = setInterval(draw, 1000);
  return () => clearInterval(ticking);
}
"""
CLOCK = """
time {
  font: 500 1.25rem/2rem var(--num);
  font-feature-settings: "tnum";
}
"""
_notice = st.components.v2.component("duty_notice", html="<time></time>\n", css=CLOCK, js=NOTICE)
# The first field of the form, when it has just been opened by a key.
FOCUS = """
export default function ({ data }) {
  if (window.__dutyFocus === data.round) return;
  window.__dutyFocus = data.round;
  // the field may be drawn anew after the first try; nobody who has gone on to another field or a button is called back
  const isIdle = () => ["BODY", "BUTTON", undefined].includes(document.activeElement?.tagName);
  const tries = [];
  for (let ms = 50; ms < 2000; ms += 150)
    tries.push(setTimeout(() => isIdle() && document.querySelector(data.field)?.focus(), ms));
  const goOn = (event) => {
    if (event.key !== "Tab") return;
    tries.forEach(clearTimeout);
    removeEventListener("keydown", goOn, true);
  };
  addEventListener("keydown", goOn, true);
}
"""
_focus = st.components.v2.component("duty_focus", html="<span></span>\n", js=FOCUS)


def focus(field: str, turn: int) -> None:
    """Put the keyboard into a field, once a turn."""
    _focus(key="duty_focus", data={"field": field, "round": turn})


class News(NamedTuple):
    """The cases that came, and those that fell overdue, since the officer last acknowledged."""

    new: list[OpenCase]
    late: list[OpenCase]


def news(board: Board, node: Node, now: datetime) -> News:
    """What nobody at this desk has acknowledged; what the officer registered here is no news."""
    seen, own = st.session_state.setdefault(SEEN, now), st.session_state.get(desk.OWN, ())
    cases = board.below(node)
    return News(
        [case for case in cases if case.reported_at > seen and case.id not in own],
        [c for c in cases if board.states[c.id] is ClockState.OVERDUE and c.due_at is not None and c.due_at > seen],
    )


def told(found: News, board: Board, translate: Translate) -> Markup:
    """The version that is shown, for the pulse, and for its bell what is new in words."""
    says = [(f"new-{case.id}", translate("New case: {grid}, {title}"), case) for case in found.new]
    says += [(f"over-{case.id}", translate("Now overdue: {grid}, {title}"), case) for case in found.late]
    names = {node.id: node.name for node in board.tree.nodes.values()}
    alarms = [
        {"key": key, "say": words.format(grid=names.get(case.grid_id, ""), title=case.title)}
        for key, words, case in says
    ]
    return Markup('<div data-version="{}" data-alarms="{}"></div>').format(
        board.version, json.dumps(alarms, ensure_ascii=False)
    )


def draw_clock(found: News) -> None:
    """The clock of the desk; how much is new stands in the title."""
    _notice(key="duty_notice", data={"count": len(found.new) + len(found.late)})


def draw_news(found: News, now: datetime, translate: Translate) -> None:
    """What is new, until it is acknowledged."""
    new, late = len(found.new), len(found.late)
    if not new + late:
        return
    counted = ((new, translate("{count} new")), (late, translate("{count} newly overdue")))
    said = "，".join(words.format(count=count) for count, words in counted if count)
    with st.container(key="duty_news_late" if late else "duty_news", horizontal=True, vertical_alignment="center"):
        cards.show(pieces.note(said))
        if st.button(translate("Noted"), key="duty_noted", shortcut="Alt+Z"):
            st.session_state[SEEN] = now
            st.rerun()


def choose(tally: Tally, translate: Translate) -> Queue:
    """The queues with their counts; the one that is looked at."""
    chosen = st.pills(
        translate("Queue"),
        list(tally.queues),
        format_func=lambda one: _named(one, tally.queues[one], translate),
        key=desk.QUEUE,
        label_visibility="collapsed",
        required=True,
    )
    return chosen or tally.first


def _named(queue: Queue, count: int, translate: Translate) -> str:
    """A queue with its count; an empty one is quiet."""
    said = f"{translate(label(queue))} {count}"
    return said if count else f":gray[{said}]"


def draw(rows: Sequence[Waiting], tree: Tree, count: int, now: datetime, translate: Translate) -> None:
    """The cases of a queue; a touch, or the Enter key, shows one in the middle."""
    if not rows:
        cards.show(pieces.empty(translate("Nothing waits here")))
        return
    with cards.rows("duty"):
        for row in rows:
            coming = NEXT.get(row.stage)
            if cards.case_row(
                row, now, translate, key=f"duty_{row.id}", where=_where(row, tree),
                next_step=translate(label(coming)) if coming else "",
                extra=[translate(label(why)) for why in row.abnormal],
                whose=todo.whose(row.promise, {}, translate) if row.promise else "",
                chosen=st.session_state.get(desk.CASE) == row.id,
            ):  # fmt: skip
                desk.open_case(row.id)
                st.rerun()
    if count > len(rows):
        more = translate("{count} more wait in this queue")
        cards.show(pieces.note(more.format(count=count - len(rows))))


def _where(row: Waiting, tree: Tree) -> str:
    grid = tree.nodes.get(row.grid_id)
    return f"{grid.name if grid else ''} {row.address}".strip()
