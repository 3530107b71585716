"""What was taken in wrongly: correcting a case on the desk, and merging it into another one that is the same."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import streamlit as st

from core import store
from core.captions import label
from core.cases import reporter
from core.cases.steps import Move, Step
from core.intake import commands, duplicates
from core.intake.at_hand import AtHand
from core.intake.duplicates import Twin
from core.intake.finding import Found
from core.language import Translate
from core.people import Principal
from core.rules import Rules
from core.words import Action, Permission, Severity, Source, Verb
from pages.ui import cards, desk, desk_register, pieces, session

MoveOf = Callable[[Step], Move | None]  # None: the time that was typed is none
Forms = dict[Verb, Callable[..., list[Twin]]]


def draw(
    found: AtHand, who: Principal, move_of: MoveOf, rules: Rules, now: datetime, translate: Translate
) -> list[Twin]:  # fmt: skip
    """A form for each of these steps, closed until it is wanted.

    Returns: the cases that may be the same, for the map.
    """
    twins: list[Twin] = []
    for step in found.apart:
        words = translate(label(step.verb))
        with st.expander(words, key=desk.key(f"part_{step.verb}_{found.case.id}"), on_change="rerun") as part:
            if part.open:
                twins += FORMS[step.verb](found, who, step, move_of, rules, now, translate)
    return twins


def _draw_correction(
    found: AtHand, who: Principal, step: Step, move_of: MoveOf, rules: Rules, _now: datetime, translate: Translate
) -> list[Twin]:  # fmt: skip
    """Every field as it stands; what is changed is corrected, the rest stays."""
    case = found.case
    said = st.text_area(translate("What is reported"), case.text, key=_key(found, "text"), height=96)
    where = desk_register.place(f"correct_place_{case.id}", translate, desk.HANDLE, case.address)
    left, right = st.columns([1, 1])
    with left:
        category = st.selectbox(
            translate("Category"), list(rules.categories), list(rules.categories).index(case.category),
            lambda code: desk_register.category_name(code, rules), key=_key(found, "category"),
        )  # fmt: skip
        severity = st.segmented_control(
            translate("Level"), list(Severity), default=Severity(case.severity), required=True,
            format_func=lambda one: translate(label(one)), key=_key(found, "severity"),
        )  # fmt: skip
    with right:
        source = st.selectbox(
            translate("Source"), list(Source), list(Source).index(Source(case.source)),
            lambda one: translate(label(one)), key=_key(found, "source"),
        )  # fmt: skip
        number = case.external_number or ""
        outside = st.text_input(translate("Outside number"), number, key=_key(found, "outside"), max_chars=80)
    told: dict[str, tuple[object, object]] = {
        "text": (said.strip(), case.text),
        "external_number": (outside.strip(), number),
        "severity": (severity, case.severity),
        "category": (category, case.category),
        "source": (source, case.source),
    }
    changes: dict[str, Any] = {name: now for name, (now, was) in told.items() if now != was}
    changes |= _moved(where)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="correct_row"):
        pressed = st.button(translate(label(step.verb)), key="step_correct", type="primary")
        cards.show(pieces.note(translate("The reason stands in the note above; what you leave alone stays.")))
    if pressed and (move := move_of(step)):
        told_so = f"{case.number} · {translate(label(step.verb))}"
        desk.act(
            told_so, Action.MOVE_CASE, f"case {case.number}", commands.correct, case.id, move, rules, **changes
        )  # fmt: skip
    if who.may(Permission.READ_REPORTER, case.path, case.unit_id):
        _draw_reporter(found, translate)
    return []


def _draw_reporter(found: AtHand, translate: Translate) -> None:
    """Who reported it, apart from the rest: no event holds it. What stays empty stays as it is."""
    case, (name, phone) = found.case, found.reporter or ("", "")
    cards.show(pieces.heading(translate("Reporter"), note=translate("kept apart from the case; empty stays as it is")))
    left, middle, right = st.columns([3, 3, 2], vertical_alignment="bottom")
    new_name = left.text_input(
        translate("Reporter"), key=_key(found, "reporter"), max_chars=40, placeholder=name or None
    )
    new_phone = middle.text_input(
        translate("Reporter's phone"), key=_key(found, "phone"), max_chars=40, placeholder=phone or None
    )
    words = translate("Correct the reporter")
    if right.button(words, key="correct_reporter", width="stretch"):
        subject = f"case {case.number}"
        desk.act(
            f"{case.number} · {words}", Action.CORRECT_CASE, subject, reporter.correct, case.id, new_name, new_phone
        )


def _key(found: AtHand, name: str) -> str:
    return desk.key(f"correct_{name}_{found.case.id}")


def _moved(where: Found | None) -> dict[str, Any]:
    if where is None:
        return {}
    return {"spot": where.spot, "lon": where.lon, "lat": where.lat, "address": where.name}


def _draw_merge(
    found: AtHand, who: Principal, step: Step, move_of: MoveOf, rules: Rules, now: datetime, translate: Translate
) -> list[Twin]:  # fmt: skip
    """The cases that may be the same, each with a key; any other one by its number."""
    case = found.case
    with store.current().reading() as db:
        twins = duplicates.twins_of(db, who, desk.lexicon(), case, now=now)
    if not twins:
        cards.show(pieces.note(translate("No open case nearby looks the same")))
    for number, twin in enumerate(twins, 1):
        with cards.card(f"same_{number}"):
            cards.show(desk_register.twin_told(twin, number, rules, now, translate))
            words = translate("Merge into {number}").format(number=twin.number)
            if st.button(words, key=f"merge_into_{twin.id}", shortcut=f"Alt+{number}"):
                _merge(found, step, move_of, twin.number, rules, translate)
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with left:
        typed = st.text_input(
            translate("Number of the other case"), key=desk.key(f"merge_number_{case.id}"), max_chars=24
        )
    with right:
        if st.button(translate(label(step.verb)), key="step_merge", width="stretch"):
            _merge(found, step, move_of, typed, rules, translate)
    return twins


def _merge(found: AtHand, step: Step, move_of: MoveOf, number: str, rules: Rules, translate: Translate) -> None:
    case, move = found.case, move_of(step)
    if move is None or case.id is None:
        return
    subject = f"case {case.number}"
    into = session.act(Action.MOVE_CASE, subject, commands.merge, case.id, move, number, rules)
    if into is not None:
        desk.open_case(into)
        desk.done(translate("{number} is merged into {into}").format(number=case.number, into=number.strip()))


FORMS: Forms = {Verb.CORRECT: _draw_correction, Verb.MERGE: _draw_merge}
