"""Registering a report by keyboard: what would follow appears at once, and whether it is known already."""

from collections.abc import Sequence
from datetime import datetime

import streamlit as st
from markupsafe import Markup

from core import spans, store
from core.captions import label
from core.cases.rows import Facts
from core.intake import commands, duplicates
from core.intake.commands import Outlook
from core.intake.duplicates import Twin
from core.intake.finding import Found
from core.language import Translate
from core.liaisons import lookup
from core.liaisons.answer import Answer
from core.people import Principal
from core.rules import Rules
from core.words import Action, Source
from pages.ui import cards, contacts, desk, pieces, plain, session

SOURCES = (Source.PHONE, *(source for source in Source if source is not Source.PHONE))


def draw(who: Principal, rules: Rules, now: datetime, translate: Translate) -> tuple[Found | None, list[Twin]]:
    """The whole form; what is typed stays until it is saved.

    Returns: the place and the possible duplicates, for the map.
    """
    said = st.text_area(translate("What is reported"), key=desk.key("report_text"), height=96)
    found = place("report_place", translate, desk.REGISTER)
    left, right = st.columns([1, 1])
    with left:
        source = st.selectbox(
            translate("Source"), SOURCES, format_func=lambda one: translate(label(one)), key="report_source"
        )
    with right:
        outside = st.text_input(translate("Outside number"), key=desk.key("report_outside"), max_chars=80)
    category = _category(said, rules, translate)
    name, phone = _reporter(translate)
    if not said.strip() or category is None:
        _draw_missing(said, found, category, translate)
        return found, []
    with store.current().reading() as db:
        twins = duplicates.twins(db, who, desk.lexicon(), said, found, category, now=now)
        facts = _facts(category, source, found, said, outside, name, phone) if found else None
        follows = commands.outlook(db, who, facts, rules, now=now) if facts else None
        directory = lookup.directory(db, rules)
        person = directory.answer(follows.sector, facts.spot.path, now) if follows and facts else None
    if facts and follows and person:
        sector = directory.sectors[follows.sector].name
        _draw_outlook(follows, person, found, sector, rules, now, translate)
        _save(facts, rules, now, translate)
    else:
        _draw_missing(said, found, category, translate)
    _draw_twins(twins, facts, rules, now, translate)
    return found, twins


def place(name: str, translate: Translate, view: str, known: str = "") -> Found | None:
    """The place as it is typed, or clicked on the map; the likeliest one is chosen already."""
    st.session_state[desk.TAKES] = view
    if picked := st.session_state.pop(desk.PICKED, None):
        st.session_state[desk.key(name)] = picked
    typed = st.text_input(
        translate("Where"),
        key=desk.key(name),
        live=True,
        placeholder=known or translate("Address, building, compound or grid; initials will do"),
    )
    if not typed.strip():
        return None
    offered = desk.finder().named(typed)
    fitting = [one for one in offered if one.spot]
    if not fitting:
        too_large = translate("This is larger than a grid: name a grid or a building in it")
        st.caption(too_large if offered else translate("No place is called so"))
        return None
    at = st.radio(
        translate("Which place"),
        range(len(fitting)),
        format_func=lambda number: f"{plain.text(fitting[number].name)} · {plain.text(fitting[number].within)}",
        key=desk.key(f"{name}_{typed}"),
        label_visibility="collapsed",
    )
    return fitting[at]


def _category(said: str, rules: Rules, translate: Translate) -> str | None:
    """The category: the likeliest stands first and is chosen, with the words that speak for it; any other may be."""
    guesses = desk.lexicon().guesses(said)
    codes = list(dict.fromkeys([*(guess.category for guess in guesses), *rules.categories]))
    best = guesses[0].category if guesses else ""
    chosen = st.selectbox(
        translate("Category"),
        codes,
        index=0 if guesses else None,
        format_func=lambda code: category_name(code, rules),
        key=desk.key(f"report_category_{best}"),
        placeholder=translate("Choose a category"),
    )
    if guesses:
        words = (f"{rules.categories[one.category].name}（{'、'.join(one.because)}）" for one in guesses)
        cards.show(pieces.note(translate("Suggested by the words: {words}").format(words="　".join(words))))
    return chosen


def category_name(code: str, rules: Rules) -> str:
    """A category with the class above it."""
    return f"{rules.categories[code].name} · {rules.majors[rules.categories[code].major].name}"


def _reporter(translate: Translate) -> tuple[str, str]:
    left, right = st.columns([1, 1])
    with left:
        name = st.text_input(translate("Reporter"), key=desk.key("report_name"), max_chars=40)
    with right:
        phone = st.text_input(translate("Reporter's phone"), key=desk.key("report_phone"), max_chars=40)
    return name, phone


def _facts(
    category: str, source: Source, found: Found, said: str, outside: str, name: str, phone: str
) -> Facts | None:  # fmt: skip
    if found.spot is None:
        return None
    return Facts(
        category, source, found.spot, text=said, lon=found.lon, lat=found.lat, address=found.name,
        external_number=outside.strip() or None, reporter_name=name.strip(), reporter_phone=phone.strip(),
    )  # fmt: skip


def _draw_outlook(
    follows: Outlook, person: Answer, found: Found | None, sector: str, rules: Rules, now: datetime,
    translate: Translate,
) -> None:  # fmt: skip
    """Grid, sector, regime, clocks, and the person to ring."""
    regime = rules.regimes[follows.regime.regime]
    clocks = [f"{_named(regime.clock, c.name)} {desk.when(c.due_at)}" for c in follows.clocks]
    clocks += [
        translate("{name} within {hours} h of {step}").format(
            name=p.label, hours=f"{p.hours_for('event'):g}", step=translate(label(p.starts_on))
        )
        for p in follows.later
    ]
    rows = (
        (translate("Grid"), found.within if found else ""),
        (translate("Sector"), sector),
        (translate("Regime"), f"{regime.name}（{translate(follows.regime.because)}）"),
        (translate("Promises"), " · ".join(clocks)),
    )
    cards.show(facts_table(rows))
    cards.show(to_ring(person, translate))


def to_ring(person: Answer, translate: Translate) -> Markup:
    """Who answers now, the number to ring, and how that was found; a unit's duty room has no other name."""
    if person.unit_id is None:
        return pieces.empty(translate("No unit answers here"))
    role = " · ".join(filter(None, (person.unit if person.name else "", person.role)))
    ring = pieces.person(person.name or person.unit, translate, role=role, phone=person.phone)
    return ring + contacts.way(person.way, translate)


def _named(promises: Sequence[object], name: str) -> str:
    return next((str(getattr(p, "label", name)) for p in promises if getattr(p, "name", None) == name), name)


def facts_table(rows: Sequence[tuple[str, str]]) -> Markup:
    """Names and values, one below the other."""
    lines = (Markup("<dt>{}</dt><dd>{}</dd>").format(name, value) for name, value in rows)
    return Markup('<dl class="facts">{}</dl>').format(Markup("").join(lines))


def _draw_missing(said: str, found: Found | None, category: str | None, translate: Translate) -> None:
    """The key that saves, before it can, with what it waits for."""
    wanted = {translate("What is reported"): said.strip(), translate("Where"): found, translate("Category"): category}
    missing = "、".join(name for name, given in wanted.items() if not given)
    st.button(translate("Register"), key="report_waits", disabled=True, width="stretch")
    cards.show(pieces.note(translate("Still missing: {fields}").format(fields=missing)))


def _save(facts: Facts, rules: Rules, now: datetime, translate: Translate) -> None:
    if st.button(translate("Register"), type="primary", key="report_save", shortcut="Ctrl+Enter", width="stretch"):
        case = session.act(Action.REGISTER, "new case", commands.register, facts, rules, at=now, now=now)
        if case is not None and case.id is not None:
            st.session_state.setdefault(desk.OWN, set()).add(case.id)
            desk.open_case(case.id)
            desk.done(translate("Registered: {number}").format(number=case.number))


def _draw_twins(
    twins: list[Twin], facts: Facts | None, rules: Rules, now: datetime, translate: Translate
) -> None:  # fmt: skip
    """What may be the same, with enough to decide, and one key to attach the report to it."""
    if not twins:
        return
    cards.show(pieces.heading(translate("Possibly reported already"), len(twins)))
    for number, twin in enumerate(twins, 1):
        with cards.card(f"twin_{number}"):
            cards.show(twin_told(twin, number, rules, now, translate))
            if facts and st.button(
                translate("Attach to {number}").format(number=twin.number), key=f"twin_attach_{twin.id}",
                shortcut=f"Alt+{number}",
            ):  # fmt: skip
                said = translate("Attached to {number}").format(number=twin.number)
                subject = f"case {twin.number}"
                if session.did(Action.REGISTER, subject, commands.attach, facts, twin.id, rules, at=now, now=now):
                    desk.open_case(twin.id)
                    desk.done(said)


def twin_told(twin: Twin, number: int, rules: Rules, now: datetime, translate: Translate) -> Markup:
    """A case that may be the same, with what one decides by."""
    told = [
        translate(label(twin.stage)),
        spans.ago(int((now - twin.reported_at).total_seconds()), spans.words(translate)),
        translate("{metres} m away").format(metres=f"{twin.metres:.0f}") if twin.metres is not None else "",
        translate("words {share} alike").format(share=f"{twin.alike:.0%}"),
        rules.categories[twin.category].name if twin.is_same_kind else "",
    ]
    return Markup('<div class="twin"><b>{}</b>{}<strong>{}</strong><p>{}</p><p>{}</p></div>').format(
        number, pieces.mark(twin.severity, translate), twin.title, f"{twin.address} {twin.text}".strip()[:160],
        " · ".join(filter(None, told)),
    )  # fmt: skip
