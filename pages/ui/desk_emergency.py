"""Emergency mode on the desk: what holds, and before it does, what would change, whose word it takes, whom to ring."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import streamlit as st
from markupsafe import Markup

from core import store
from core.calendars import NATURAL
from core.cases.tables import Emergency
from core.intake import commands
from core.language import N_, Translate
from core.liaisons import cards as liaison_cards
from core.liaisons import lookup
from core.people import Principal
from core.promises import Grade, Length, Promise
from core.rules import Rules
from core.words import Action, Permission
from pages.ui import cards, contacts, desk, pieces, plain
from pages.ui.desk_register import facts_table

KEPT_ENDED = 10
GRADES: dict[Grade, str] = {"event": N_("event grade"), "part": N_("part grade"), "difficult": N_("difficult grade")}
WHAT_CHANGES = (
    N_("Every promise that runs here, a unit's own too, keeps {percent} % of what is left; one already late stays so."),
    N_("What is promised while it lasts is given the hours below; working days stay working days."),
    N_("The wall shows it with its reason; each case keeps the change in its file."),
    N_("When it ends nothing is given back: what was promised stays promised."),
)


def draw(
    modes: Sequence[Emergency], leaders: Sequence[str], open_cases: int, who: Principal, rules: Rules, now: datetime,
    translate: Translate,
) -> None:  # fmt: skip
    """Emergency mode: what holds, since when and why; a leader begins and ends it."""
    path = desk.desk_of(who)
    holding = [mode for mode in modes if mode.to_at is None and path.startswith(mode.path)]
    may = who.may(Permission.DECLARE_EMERGENCY, path)
    state = translate("declared") if holding else translate("not declared")
    cards.show(pieces.heading(f"{translate('Emergency mode')} · {state}"))
    for mode in holding:
        st.warning(plain.text(f"{desk.when(mode.from_at)} {mode.reason}"))
        if may and mode.id is not None and st.button(translate("End the emergency"), key=f"emergency_end_{mode.id}"):
            said = translate("The emergency has ended")
            desk.act(said, Action.EMERGENCY, path, commands.end_emergency, mode.id, now=now)
    cards.show(facts_table(_whom(_leaders(leaders, who, rules, now, translate), open_cases, translate)))
    if may and not holding:
        _draw_declaration(path, rules, now, translate)
    _draw_changes(rules, translate, holds=bool(holding))
    past = [mode for mode in modes if mode.to_at and path.startswith(mode.path)][:KEPT_ENDED]
    rows = [(f"{desk.when(mode.from_at)} — {desk.when(mode.to_at)}", mode.reason) for mode in past]
    if rows:
        cards.show(pieces.heading(translate("Ended")), facts_table(rows))


def _draw_declaration(path: str, rules: Rules, now: datetime, translate: Translate) -> None:
    reason = st.text_input(translate("Reason"), key=desk.key("emergency_reason"), max_chars=400)
    if st.button(translate("Declare an emergency"), key="emergency_declare", type="primary"):
        said = translate("Emergency mode holds; running clocks are shortened")
        desk.act(said, Action.EMERGENCY, path, commands.declare_emergency, path, reason, rules, now=now)


def _leaders(names: Sequence[str], who: Principal, rules: Rules, now: datetime, translate: Translate) -> Markup:
    """Who may declare it, each with the number that the directory knows."""
    with store.current().reading() as db:
        directory = lookup.directory(db, rules)
    phones = [(name, liaison_cards.phone_of(directory, who, name, now)) for name in names]
    unknown = translate("no number in the directory")
    found = (pieces.person(name, translate, role="" if phone else unknown, phone=phone) for name, phone in phones)
    return Markup(" ").join(found) or Markup(pieces.NOTHING)


def _whom(leaders: Markup, open_cases: int, translate: Translate) -> list[tuple[str, str]]:
    """Who declares and ends it, whom it would touch, and where help is rung."""
    return [
        (translate("Declared by"), leaders),
        (translate("Touches"), translate("{count} open cases").format(count=open_cases)),
        (translate("Help"), translate("Ring the units under “On tonight”, at the right; whistles under “Whistles”.")),
    ]


def _draw_changes(rules: Rules, translate: Translate, *, holds: bool) -> None:
    """What emergency mode does to promises: in words, and each of them in figures."""
    cards.show(pieces.heading(translate("What is changed by it") if holds else translate("What would change")))
    percent = round(100 * rules.emergency.factor)
    lines = (Markup("<li>{}</li>").format(translate(words).format(percent=percent)) for words in WHAT_CHANGES)
    cards.show(Markup('<ol class="history">{}</ol>').format(Markup("").join(lines)))
    head = [translate("Rule"), translate("Promise"), translate("Every day"), translate("In an emergency")]
    cards.show(contacts.table(head, list(_promises(rules, translate))))


def _promises(rules: Rules, translate: Translate) -> Iterator[list[object]]:
    """Each promise of each rule, with its hours every day and in an emergency."""
    for regime in rules.regimes.values():
        for number, promise in enumerate(regime.clock):
            whose = regime.name if not number else ""
            yield [whose, promise.label, *_lengths(promise, rules, translate)]
        if regime.unit:
            yield ["", translate("The unit's own time"), *_lengths(regime.unit, rules, translate)]


def _lengths(length: Length, rules: Rules, translate: Translate) -> tuple[str, str]:
    """A promise's hours every day and in an emergency; one that differs by grade says all of them."""
    told = length.hours.items() if isinstance(length.hours, dict) else [(None, length.hours or 0.0)]
    hours: dict[Grade | None, float] = dict(told)
    own = length.emergency_hours if isinstance(length, Promise) else None
    short = {grade: min(each, own) if own else each * rules.emergency.factor for grade, each in hours.items()}
    counted = "" if length.calendar == NATURAL.code else f"（{rules.calendars[length.calendar].name}）"
    return _said(hours, translate) + counted, _said(short, translate) + counted


def _said(hours: Mapping[Grade | None, float], translate: Translate) -> str:
    """Hours, or minutes where all are less than one, each after its grade; the unit once."""
    is_short = max(hours.values()) < 1
    words = translate("{} min") if is_short else translate("{} h")
    names = {grade: f"{translate(GRADES[grade])} " if grade else "" for grade in hours}
    said = (f"{names[grade]}{each * (60 if is_short else 1):g}" for grade, each in hours.items())
    return words.format("、".join(said))
