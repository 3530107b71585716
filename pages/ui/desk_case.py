"""The chosen case on the desk: how it stands, whom to ring, what happened, and every step that may be taken."""

from datetime import datetime

import streamlit as st
from markupsafe import Markup

from core.captions import label
from core.cases.step_table import STEPS
from core.cases.steps import Move, Need, Step
from core.cases.tables import CaseEvent
from core.intake import commands
from core.intake.at_hand import AtHand
from core.intake.duplicates import Twin
from core.language import N_, Translate
from core.limits import next_due
from core.people import Principal
from core.promises import REPLY, UNIT
from core.rules import Rules
from core.words import Action, ClockState, Permission, Role, Severity, Source, Stage, Verb, WhistleKind
from pages.ui import answers, cards, desk, desk_amend, desk_register, desk_whistles, pieces, todo

HOURS = {
    Verb.SUPERVISE: N_("The unit replies within (hours)"),
    Verb.ASK_EXTENSION: N_("More time asked for (hours)"),
}
SHORTCUTS = {Verb.ACCEPT: "Alt+A", Verb.DISPATCH: "Alt+D", Verb.CHASE: "Alt+B", Verb.CHECK: "Alt+K"}


class _Card:
    """A case as cards show it, its clock as of now: that of its own promise first, as in the queue and on the wall."""

    def __init__(self, found: AtHand, rules: Rules, now: datetime) -> None:
        case, state = found.case, found.state
        clocks = () if case.suspended_at else (next_due(state.clocks), next_due(state.unit_clocks))
        self.running = [clock for clock in clocks if clock]
        self.number, self.title, self.severity = case.number, case.title, Severity(case.severity)
        self.due_at = self.running[0].due_at if self.running else case.due_at
        running = self.running[0].state(now, rules.due_soon) if self.running else None
        self.clock = ClockState.PAUSED if case.suspended_at else running


def draw(
    found: AtHand, who: Principal, trail: str, rules: Rules, now: datetime, translate: Translate
) -> list[Twin]:  # fmt: skip
    """The case, the person to ring, the steps, and the history.

    Returns: the cases that may be the same, when they were asked for, for the map.
    """
    case = found.case
    kind = rules.categories[case.category].name
    shown = _Card(found, rules, now)
    whose, due, others = todo.promises(shown.running, {unit.id or 0: unit for unit in found.units}, translate)
    source = translate(label(Source(case.source)))
    extra = (kind, source, case.external_number or "", _reports(found, translate), *others)
    with cards.card("desk_case"):
        where = f"{trail} {case.address}".strip()
        card = pieces.case_card(
            shown, now, translate, stage=Stage(case.stage), where=where, extra=filter(None, extra), whose=whose, due=due
        )  # fmt: skip
        cards.show(card, Markup('<p class="told">{}</p>').format(case.text))
        cards.show(desk_register.to_ring(found.person, translate))
        answers.draw_words(case.number, case.title, where, case.due_at, translate)
        if found.reporter:
            cards.show(pieces.note(translate("Reported by {who}").format(who=" ".join(found.reporter))))
        _draw_calls(found, rules, now, translate)
    seen = _seen(found)
    twins = _draw_steps(found, who, seen, rules, now, translate)
    if seen < case.version:
        _draw_rival(found, seen, translate)
    st.session_state[desk.SHOWN] = case.id, case.version
    _draw_history(found, rules, translate)
    return twins


def _reports(found: AtHand, translate: Translate) -> str:
    return translate("{count} reports").format(count=found.reports) if found.reports > 1 else ""


def _draw_calls(found: AtHand, rules: Rules, now: datetime, translate: Translate) -> None:
    """The units that were called to help and have not all answered."""
    names = {unit.id: unit.name for unit in found.units if unit.id is not None}
    for call in found.calls:
        kind = translate(label(WhistleKind(call.whistle.kind)))
        owed = (desk_whistles.owed(row, names, rules, now, translate) for row in call.answers)
        cards.show(Markup('<p class="called">{}</p>').format(f"{kind} · {call.whistle.text}"), *owed)


def _draw_steps(
    found: AtHand, who: Principal, seen: int, rules: Rules, now: datetime, translate: Translate
) -> list[Twin]:  # fmt: skip
    """The fields that steps ask for, once, and one button a step; what was typed stays when a step is refused."""
    if not found.steps and not found.apart:
        cards.show(pieces.empty(translate("Nothing to be done by you now."), _up_to(found, translate)))
        return []
    case_id = found.case.id
    left, right = st.columns([3, 1])
    with left:
        note = st.text_input(_note_words(found, translate), key=desk.key(f"step_note_{case_id}"))
    with right:
        at = desk.happened(f"step_at_{case_id}", now, translate)
    needs_unit = any(Need.UNIT in step.needs for step in found.steps)
    lead, helpers = _units(found, translate) if needs_unit else (None, [])

    def move_of(step: Step, hours: float | None = None) -> Move | None:
        return _move(found, step, who, seen, at, now, note, hours, lead) if at else None

    def draw_step(step: Step, hours: float | None = None) -> None:
        primary = step.verb in (found.steps[0].verb, Verb.DISPATCH)
        pressed = st.button(
            translate(label(step.verb)), key=f"step_{step.verb}", type="primary" if primary else "secondary",
            shortcut=SHORTCUTS.get(step.verb), disabled=at is None,
        )  # fmt: skip
        if pressed and (move := move_of(step, hours)):
            _take(found, step, move, helpers, rules, translate)

    with st.container(horizontal=True, gap="small", key="step_buttons"):
        for step in found.steps:
            if Need.HOURS not in step.needs:
                draw_step(step)
    for step in found.steps:
        if Need.HOURS in step.needs:  # the field and the button it belongs to
            with st.container(horizontal=True, gap="small", vertical_alignment="bottom", key=f"timed_{step.verb}"):
                draw_step(step, _hours(step, case_id, translate))
    return desk_amend.draw(found, who, move_of, rules, now, translate)


def _up_to(found: AtHand, translate: Translate) -> str:
    """What comes next, and up to whom it is, for somebody who has no step."""
    coming = next((STEPS[verb] for verb in todo.ONWARD if found.case.stage in STEPS[verb].before), None)
    if coming is None:
        return ""
    unit = next((unit.name for unit in found.units if unit.id == found.case.unit_id), "")
    of_unit = unit if coming.who is Permission.WORK_FOR_UNIT else ""
    whose = of_unit or translate(label(Role.DUTY_OFFICER))
    return translate("Next: {step}, up to: {whose}").format(step=translate(label(coming.verb)), whose=whose)


def _note_words(found: AtHand, translate: Translate) -> str:
    """What the field for a note is called: which of the steps ask for one."""
    asking = [translate(label(step.verb)) for step in (*found.steps, *found.apart) if Need.NOTE in step.needs]
    if not asking:
        return translate("Note (may stay empty)")
    return translate("Note (needed for: {steps})").format(steps="、".join(asking))


def _hours(step: Step, case_id: int | None, translate: Translate) -> float | None:
    words = HOURS.get(step.verb, N_("Hours"))
    return st.number_input(
        translate(words), min_value=0.5, value=None, step=0.5, key=desk.key(f"step_hours_{step.verb}_{case_id}"),
        width=220,
    )  # fmt: skip


def _units(found: AtHand, translate: Translate) -> tuple[int | None, list[int]]:
    """The unit that gets the case and stays responsible, and those that are called to help it."""
    names = {unit.id: unit.name for unit in found.units if unit.id is not None}
    left, right = st.columns([1, 1])
    with left:
        lead = st.selectbox(
            translate("Lead unit"), list(names), format_func=names.__getitem__,
            key=desk.key(f"step_unit_{found.case.id}"),
        )  # fmt: skip
    with right:
        helpers = st.multiselect(
            translate("Units that help"), [unit for unit in names if unit != lead], format_func=names.__getitem__,
            key=desk.key(f"step_helpers_{found.case.id}"), placeholder=translate("Called by a daily whistle"),
        )  # fmt: skip
    return lead, helpers


def _move(
    found: AtHand, step: Step, who: Principal, seen: int, at: datetime, now: datetime, note: str,
    hours: float | None, lead: int | None,
) -> Move:  # fmt: skip
    """The move that the button asks for, upon the version that was seen when it was pressed."""
    case = found.case
    is_ours = who.may(step.who, case.path, case.unit_id)
    for_unit = case.unit_id if step.who is Permission.WORK_FOR_UNIT and not is_ours else None
    return Move(
        step.verb, who, occurred_at=at, recorded_at=now, note=note.strip() or None, on_behalf_of=for_unit,
        unit_id=lead if Need.UNIT in step.needs else None, seen_version=seen,
        hours=hours if Need.HOURS in step.needs else None,
    )  # fmt: skip


def _take(
    found: AtHand, step: Step, move: Move, helpers: list[int], rules: Rules, translate: Translate
) -> None:  # fmt: skip
    case = found.case
    assert case.id is not None
    said, subject = f"{case.number} · {translate(label(step.verb))}", f"case {case.number}"
    if step.verb is Verb.DISPATCH:
        desk.act(said, Action.MOVE_CASE, subject, commands.dispatch, case.id, move, helpers, rules)
    else:
        desk.act(said, Action.MOVE_CASE, subject, commands.take_step, case.id, move, rules)


def _seen(found: AtHand) -> int:
    """The version that was on the screen when the officer acted: this run has read the case anew."""
    case_id, version = st.session_state.get(desk.SHOWN, (None, 0))
    return int(version) if case_id == found.case.id else found.case.version


def _draw_rival(found: AtHand, seen: int, translate: Translate) -> None:
    """What somebody else has done since the case was drawn."""
    told = "　".join(
        f"{desk.when(event.recorded_at)} {translate(label(Verb(event.verb)))}"
        for event in found.events
        if event.ordinal > seen
    )
    st.info(translate("Meanwhile: {what}. What you typed is kept.").format(what=told))


CHANGED = {
    "category": N_("Category"),
    "severity": N_("Level"),
    "path": N_("Where"),
    "text": N_("What is reported"),
    "external_number": N_("Outside number"),
    "source": N_("Source"),
}


def _changed(event: CaseEvent, translate: Translate) -> str:
    """What a correction has changed."""
    given = event.given or {}
    if "now" not in given:
        return ""
    changed = [name for name in CHANGED if given["was"].get(name) != given["now"].get(name)]
    return "、".join(translate(CHANGED[name]) for name in changed)


def _draw_history(found: AtHand, rules: Rules, translate: Translate) -> None:
    """What happened, the newest first, and the promises."""
    names = {unit.id: unit.name for unit in found.units}
    lines = Markup("").join(
        Markup("<li><time>{}</time><b>{}</b> {}</li>").format(
            desk.when(event.occurred_at),
            translate(label(Verb(event.verb))),
            " ".join(
                filter(None, (names.get(event.on_behalf_of or event.unit_id), _changed(event, translate), event.note))
            ),
        )
        for event in reversed(found.events)
    )
    cards.show(pieces.heading(translate("What happened"), len(found.events)))
    cards.show(Markup('<ol class="history">{}</ol>').format(lines))
    labels = {promise.name: promise.label for promise in rules.regimes[found.case.regime].clock}
    labels |= {UNIT: translate("The unit's own time"), REPLY: translate("Reply to the order")}
    running = (clock for clock in found.clocks if clock.is_running)
    rows = [
        (labels.get(clock.name, clock.name), translate("due {time}").format(time=desk.when(clock.due_at)))
        for clock in running
    ]
    if len(rows) > 1:  # one alone stands in the head of the card
        cards.show(pieces.heading(translate("Still promised")), desk_register.facts_table(rows))
