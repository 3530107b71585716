"""The components of light pages: draw with these, so that every page looks and speaks alike.

    frame.page(_("My backlog"), note)              begin the page: style sheet, title, quiet note, demo badge
    cards.show(pieces.heading(_("Due today"), 3))  draw any pieces of `pages.ui.pieces`, one below the other
    pieces.mark(case.severity, _)                  level: shape, colour, character
    pieces.clock_chip(state, due_at, now, _)       clock: icon, border, words; `state` may be None
    pieces.stage_line(case.stage, _)               the loop as a line, or in a word how it ended
    pieces.person(name, _, role=…, phone=…)        person chip; a touch on the phone calls
    pieces.trail(["云汀街道", "文昌社区"], _)         where it is, from the street down
    pieces.figure(name, pieces.share(n, d), formula, _, parts=(n, d))    figure with its formula
    cards.figures(piece, piece, …)                 figures side by side; on a phone in two columns
    pieces.empty(_("Nothing is due today"), hint)  an empty list says so in words
    with cards.rows("due"):                        a list of cases, white, with lines between
        if cards.case_row(case, now, _, key=f"due_{case.id}", where=…, next_step=…): …   the whole row is one button
    with cards.card("first"):                      one thing that matters: a white card; buttons below belong to it
        cards.show(pieces.case_card(case, now, _, stage=…, where=…))
    st.container(horizontal=True, gap="small")     buttons side by side, on a phone too: columns would be stacked there
    st.container(key="narrow")                     keeps forms to a column of 34 rem

A case is anything with number, title, severity, clock (ClockState or None) and due_at.
"""

from collections.abc import Iterable
from datetime import datetime

import streamlit as st
from markupsafe import Markup
from streamlit.delta_generator import DeltaGenerator

from core.language import Translate
from pages.ui import pieces, plain
from pages.ui.pieces import Shown


def show(*found: Markup) -> None:
    """Draw pieces, one below the other, as one element."""
    st.html(Markup('<div class="ui">{}</div>').format(Markup("").join(found)))


def figures(*found: Markup) -> None:
    """Draw figures side by side."""
    st.html(Markup('<div class="ui figures">{}</div>').format(Markup("").join(found)))


def rows(key: str) -> DeltaGenerator:
    """The frame of a list; its rows are drawn inside `with`."""
    return st.container(key=f"rows_{key}", gap=None)


def card(key: str) -> DeltaGenerator:
    """The frame of a card; what belongs to it is drawn inside `with`."""
    return st.container(key=f"card_{key}", gap="small")


def case_row(
    case: Shown,
    now: datetime,
    translate: Translate,
    *,
    key: str,
    where: str = "",
    next_step: str = "",
    extra: Iterable[str] = (),
    whose: str = "",
    chosen: bool = False,
) -> bool:
    """Draw a case as a row that is one button from edge to edge.

    Returns: whether it was pressed.
    """
    with st.container(key=f"{'chosen' if chosen else 'row'}_{key}", gap=None):
        show(pieces.case_row(case, now, translate, where=where, next_step=next_step, extra=extra, whose=whose))
        return st.button(f"{plain.text(case.title)} {plain.text(case.number)}", key=key)
