"""The shift on the desk: both signatures, what is undone, its log, what the officer adds, and the papers."""

from collections.abc import Sequence
from datetime import datetime

import streamlit as st
from markupsafe import Markup

from core.captions import label
from core.cases import told
from core.handover import commands as shifts
from core.handover import papers
from core.handover.log import BY_HAND, Happening, Log, Undone
from core.handover.tables import ShiftEntry
from core.language import N_, Translate
from core.limits import shown_state
from core.people import Principal
from core.words import Action, Permission
from pages.ui import cards, desk, pieces, plain

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FEW_UNDONE, FEW_SAID = 6, 5  # rows that stand open; the rest folds out
HOW = N_("You sign first; the next officer then signs here to take over, and the new shift begins with that.")
Signed = tuple[ShiftEntry, ShiftEntry | None]


def draw(
    log: Log, day: Log, handovers: Sequence[Signed], who: Principal, street: str, now: datetime,
    translate: Translate, *, is_demo: bool,
) -> None:  # fmt: skip
    """The log as it stands, with a way to add to it, to hand over, and to print."""
    path = desk.desk_of(who)
    waiting = handovers[0][0] if handovers and handovers[0][1] is None else None
    keeps = who.may(Permission.KEEP_SHIFT, path)
    if waiting:
        _draw_waiting(waiting, who, path, now, translate)
    cards.show(
        pieces.heading(translate("This shift"), note=translate("since {when}").format(when=desk.when(log.since)))
    )
    cards.figures(*_counts(log, translate))
    if keeps and not waiting:
        _draw_handover(path, now, translate)
    _draw_undone(log, now, translate)
    _draw_log(log, path if keeps else None, now, translate)
    _draw_papers(day, handovers, who, street, now, translate, is_demo=is_demo)


def _draw_handover(path: str, now: datetime, translate: Translate) -> None:
    """The remarks and the first signature."""
    cards.show(pieces.heading(translate("Handover"), note=translate(HOW)))
    left, right = st.columns([4, 1], vertical_alignment="bottom")
    with left:
        text = st.text_input(translate("Remarks for the next officer"), key=desk.key("shift_remarks"), max_chars=400)
    with right:
        pressed = st.button(
            translate("Sign and hand over"), key="shift_hand_over", type="primary", width="stretch"
        )  # fmt: skip
    if pressed:
        desk.act(translate("Signed"), Action.HAND_OVER, path, shifts.hand_over, path, text, now=now)


def _draw_waiting(waiting: ShiftEntry, who: Principal, path: str, now: datetime, translate: Translate) -> None:
    """A handover that only one officer has signed stays on the desk."""
    said = translate("{name} handed over at {when}; it waits for the next officer's signature.")
    st.warning(plain.text(said.format(name=waiting.by_name, when=desk.when(waiting.at)) + f" {waiting.text}"))
    if who.may(Permission.KEEP_SHIFT, path) and st.button(
        translate("Sign and take over"), key="shift_take_over", type="primary"
    ):
        desk.act(translate("Taken over"), Action.TAKE_OVER, path, shifts.take_over, path, now=now)


def _counts(log: Log, translate: Translate) -> list[Markup]:
    """The figures of the shift; where no whistle was blown and none waits, whistles are not counted."""
    found = [(field, translate(name), getattr(log, field)) for field, name in papers.FIGURES]
    has_whistles = log.whistles or log.whistles_open
    shown = found if has_whistles else [one for one in found if not one[0].startswith("whistles")]
    return [_count(name, value, is_late=field == "overdue") for field, name, value in shown]


def _count(name: str, value: int, *, is_late: bool) -> Markup:
    return Markup('<div class="figure{}"><p class="name">{}</p><p class="value">{}</p></div>').format(
        " over" if is_late and value else "", name, pieces.number(value)
    )


def _draw_entry(path: str, now: datetime, translate: Translate) -> None:
    left, middle, right = st.columns([1, 3, 1], vertical_alignment="bottom")
    with left:
        kind = st.selectbox(translate("Kind"), BY_HAND, format_func=lambda one: translate(label(one)), key="shift_kind")
    with middle:
        text = st.text_input(translate("What happened"), key=desk.key("shift_text"), max_chars=400)
    with right:
        pressed = st.button(translate("Write down"), key="shift_write", width="stretch")
    if pressed:
        said = translate("Written down")
        desk.act(said, Action.WRITE_SHIFT, path, shifts.write, path, kind, text, at=now, now=now)


def _draw_log(log: Log, path: str | None, now: datetime, translate: Translate) -> None:
    """What was said and ordered, the newest first as in a case; `path` is that of the desk, if one may add to it."""
    found = sorted((*log.calls, *log.entries), key=lambda one: one.at, reverse=True)
    cards.show(pieces.heading(translate("Log of the shift"), len(found) or None))
    if path:
        _draw_entry(path, now, translate)
    if not found:
        return cards.show(pieces.empty(translate("No call, instruction or fault is written down yet")))
    lines = [_happening(one, translate) for one in found]
    _draw_list("history", lines, FEW_SAID, translate("{count} earlier"))


def _happening(one: Happening, translate: Translate) -> Markup:
    return Markup("<li><time>{}</time><b>{}</b> {} {}</li>").format(
        desk.when(datetime.fromisoformat(one.at)), papers.said(one.kind, translate), one.number, one.text
    )


def _draw_list(look: str, lines: Sequence[Markup], few: int, words: str) -> None:
    """The first few rows of a list, and the rest where it is asked for; nothing scrolls in a frame of its own."""
    drawn = Markup('<ol class="{}">{}</ol>')
    cards.show(drawn.format(look, Markup("").join(lines[:few])))
    if rest := lines[few:]:
        with st.expander(words.format(count=len(rest)), key=f"shift_more_{look}"):
            cards.show(drawn.format(look, Markup("").join(rest)))


def _draw_undone(log: Log, now: datetime, translate: Translate) -> None:
    """What the next officer must know of, and what it is among all that is open."""
    cards.show(
        pieces.heading(translate("Undone"), note=papers.which(log.pressing, log.open, len(log.undone), translate))
    )
    if not log.undone:
        return cards.show(pieces.empty(translate("Nothing is undone")))
    lines = [_undone(one, now, translate) for one in log.undone]
    _draw_list("undone", lines, FEW_UNDONE, translate("{count} more, due later"))


def _undone(one: Undone, now: datetime, translate: Translate) -> Markup:
    due_at = datetime.fromisoformat(one.due_at) if one.due_at else None
    state = shown_state(due_at, None, now, desk.rules_now().due_soon)
    promise = told.named(one.regime, one.promise, desk.rules_now(), translate)
    return Markup("<li>{}<b>{}</b><span>{}</span><span><em>{}</em> {}</span>{}</li>").format(
        pieces.mark(one.severity, translate), one.title, one.unit or pieces.NOTHING, translate("Next"),
        translate(label(papers.NEXT[one.stage])), pieces.clock_chip(state, due_at, now, translate, promise),
    )  # fmt: skip


def _draw_papers(
    day: Log, handovers: Sequence[Signed], who: Principal, street: str, now: datetime, translate: Translate, *,
    is_demo: bool,
) -> None:  # fmt: skip
    """The day sheet at one click, and the handovers that were signed; each is written when it is asked for."""
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            translate("Day sheet (Word)"),
            lambda: papers.day_sheet(day, street, who.name, translate, is_demo=is_demo),
            f"{street}-{day.until:%Y%m%d}.docx", WORD, key="shift_day_sheet", on_click="ignore",
        )  # fmt: skip
        if handovers:
            given, taken = handovers[0]
            st.download_button(
                translate("Last handover (Word)"),
                lambda: papers.handover_paper(given, taken, street, translate, is_demo=is_demo),
                f"{street}-{given.at:%Y%m%d-%H%M}.docx", WORD, key="shift_paper", on_click="ignore",
            )  # fmt: skip
