"""The shift on the desk: its log, what the officer adds, both signatures, and the papers; and emergency mode."""

from collections.abc import Sequence
from datetime import datetime

import streamlit as st
from markupsafe import Markup
from streamlit.delta_generator import DeltaGenerator

from core.captions import label
from core.cases.tables import Emergency
from core.handover import commands as shifts
from core.handover import papers
from core.handover.log import BY_HAND, Happening, Log, Undone
from core.handover.tables import ShiftEntry
from core.intake import commands
from core.language import N_, Translate
from core.limits import shown_state
from core.people import Principal
from core.rules import Rules
from core.words import Action, Permission
from pages.ui import cards, desk, pieces, plain
from pages.ui.desk_register import facts_table

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SCROLLED_PX, FEW = 252, 7  # a long list scrolls in a frame of its own
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
    cards.figures(
        *(_count(translate(name), getattr(log, field), is_late=field == "overdue") for field, name in papers.FIGURES)
    )
    _draw_undone(log, now, translate)
    _draw_happenings(translate("Calls"), log.calls, translate)
    _draw_happenings(translate("Instructions, equipment, weather"), log.entries, translate)
    if keeps:
        _draw_entry(path, now, translate)
    if keeps and not waiting:
        cards.show(pieces.heading(translate("Handover")), pieces.note(translate(HOW)))
        text = st.text_input(translate("Remarks for the next officer"), key=desk.key("shift_remarks"), max_chars=400)
        if st.button(translate("Sign and hand over"), key="shift_hand_over", type="primary"):
            desk.act(translate("Signed"), Action.HAND_OVER, path, shifts.hand_over, path, text, now=now)
    _draw_papers(day, handovers, who, street, now, translate, is_demo=is_demo)


def _draw_waiting(waiting: ShiftEntry, who: Principal, path: str, now: datetime, translate: Translate) -> None:
    """A handover that only one officer has signed stays on the desk."""
    said = translate("{name} handed over at {when}; it waits for the next officer's signature.")
    st.warning(plain.text(said.format(name=waiting.by_name, when=desk.when(waiting.at)) + f" {waiting.text}"))
    if who.may(Permission.KEEP_SHIFT, path) and st.button(
        translate("Sign and take over"), key="shift_take_over", type="primary"
    ):
        desk.act(translate("Taken over"), Action.TAKE_OVER, path, shifts.take_over, path, now=now)


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


def _draw_happenings(title: str, found: Sequence[Happening], translate: Translate) -> None:
    scrolls = translate("scroll to see all") if len(found) > FEW else ""
    cards.show(pieces.heading(title, len(found), scrolls if found else translate("None")))
    if not found:
        return
    lines = Markup("").join(
        Markup("<li><time>{}</time><b>{}</b> {} {}</li>").format(
            desk.when(datetime.fromisoformat(one.at)), papers.said(one.kind, translate), one.number, one.text
        )
        for one in found
    )
    with _scrolled(len(found)):
        cards.show(Markup('<ol class="history">{}</ol>').format(lines))


def _scrolled(lines: int) -> DeltaGenerator:
    return st.container(height=SCROLLED_PX if lines > FEW else "content", border=False)


def _draw_undone(log: Log, now: datetime, translate: Translate) -> None:
    """What the next officer must know of, and what it is among all that is open."""
    told = papers.which(log.pressing, log.open, len(log.undone), translate)
    scrolls = translate("scroll to see all") if len(log.undone) > FEW else ""
    cards.show(pieces.heading(translate("Undone"), log.pressing, scrolls), pieces.note(told))
    lines = Markup("").join(_undone(one, now, translate) for one in log.undone)
    empty = pieces.empty(translate("Nothing is undone"))
    with _scrolled(len(log.undone)):
        cards.show(Markup('<ol class="undone">{}</ol>').format(lines) if log.undone else empty)


def _undone(one: Undone, now: datetime, translate: Translate) -> Markup:
    due_at = datetime.fromisoformat(one.due_at) if one.due_at else None
    state = shown_state(due_at, None, now, desk.rules_now().due_soon)
    return Markup("<li>{}<b>{}</b><span>{}</span><span><em>{}</em> {}</span>{}</li>").format(
        pieces.mark(one.severity, translate), one.title, one.unit or pieces.NOTHING, translate("Next"),
        translate(label(papers.NEXT[one.stage])), pieces.clock_chip(state, due_at, now, translate),
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


def draw_emergency(
    modes: Sequence[Emergency], leaders: Sequence[str], who: Principal, path: str, rules: Rules, now: datetime,
    translate: Translate,
) -> None:  # fmt: skip
    """Emergency mode: what holds, since when and why; a leader begins and ends it."""
    holding = [mode for mode in modes if mode.to_at is None and path.startswith(mode.path)]
    may = who.may(Permission.DECLARE_EMERGENCY, path)
    state = translate("declared") if holding else translate("not declared")
    cards.show(pieces.heading(f"{translate('Emergency mode')} · {state}"))
    for mode in holding:
        st.warning(plain.text(f"{desk.when(mode.from_at)} {mode.reason}"))
        if may and mode.id is not None and st.button(translate("End the emergency"), key=f"emergency_end_{mode.id}"):
            said = translate("The emergency has ended")
            desk.act(said, Action.EMERGENCY, path, commands.end_emergency, mode.id, now=now)
    if not holding:
        cards.show(pieces.empty(translate("Everyday mode: no emergency holds"), _whom(leaders, translate)))
    if may and not holding:
        reason = st.text_input(translate("Reason"), key=desk.key("emergency_reason"), max_chars=400)
        if st.button(translate("Declare an emergency"), key="emergency_declare", type="primary"):
            said = translate("Emergency mode holds; running clocks are shortened")
            desk.act(said, Action.EMERGENCY, path, commands.declare_emergency, path, reason, rules, now=now)
    past = [mode for mode in modes if mode.to_at and path.startswith(mode.path)][:10]
    rows = [(f"{desk.when(mode.from_at)} — {desk.when(mode.to_at)}", mode.reason) for mode in past]
    if rows:
        cards.show(pieces.heading(translate("Ended")), facts_table(rows))


def _whom(leaders: Sequence[str], translate: Translate) -> str:
    """Whom to ring, and who may declare an emergency."""
    said = translate("Help is rung under “On tonight”, at the right. A leader declares an emergency: {names}.")
    return said.format(names="、".join(leaders) or pieces.NOTHING)
