"""The parts of the administration page that show people and act on them."""

from collections.abc import Sequence
from datetime import date

import streamlit as st

from core import rules
from core.accounts import staff
from core.accounts.posts import Post
from core.accounts.staff import APPOINTABLE, Held, Person
from core.captions import label
from core.language import N_, Translate
from core.liaisons import leavers
from core.places import Node
from core.spelling import spelling
from core.units import Unit
from core.words import Action, Role
from pages.ui import cards, contacts, frame, pieces, plain, session

MOST = 200  # persons in the table; the field above it finds the others
SAID = "administration_said"  # what the last act said: shown once after the page has been loaded anew


def say(message: str, secret: str = "") -> None:
    """Show `message`, and once a secret that is nowhere kept, on the page as it is after the act."""
    st.session_state[SAID] = message, secret
    st.rerun()


def tell(translate: Translate) -> None:
    """What the last act said."""
    if SAID not in st.session_state:
        return
    message, secret = st.session_state.pop(SAID)
    st.success(plain.text(message))
    if secret:
        st.code(secret, language=None)
        st.caption(translate("It is shown this once. Hand it over in person."))


def draw_list(persons: Sequence[Person], today: date, translate: Translate) -> None:
    """Everybody in one table: who can sign in first, each part by name as it is spelled."""
    ordered = sorted(persons, key=lambda person: (not _comes_in(person), spelling(person.name).pinyin))
    heads = [translate(name) for name in (N_("Name"), N_("Sign-in name"), N_("State"), N_("Appointed to"))]
    rows = [
        (person.name, person.login or pieces.NOTHING, state(person, translate), posts(person, today, translate))
        for person in ordered[:MOST]
    ]
    able = sum(map(_comes_in, persons))
    note = translate("{able} of {all} can sign in").format(able=able, all=len(persons))
    cards.show(pieces.heading(translate("People"), len(persons), note), contacts.table(heads, rows))
    if len(persons) > MOST:
        cards.show(pieces.note(translate("{count} more: type a name above.").format(count=len(persons) - MOST)))


def _comes_in(person: Person) -> bool:
    return person.is_active and person.login is not None


def state(person: Person, translate: Translate) -> str:
    """How an account stands, in a word."""
    if not person.is_active:
        return translate("Disabled")
    if person.is_locked:
        return translate("Locked")
    if person.login is None:
        return translate("No sign-in")
    return translate("Temporary password") if person.must_change else translate("Active")


def posts(person: Person, today: date, translate: Translate) -> str:
    """What a person is appointed to today."""
    held = (one for one in person.held if one.from_on <= today and (one.to_on is None or today <= one.to_on))
    return "；".join(post(one, translate) for one in held) or "—"


def post(held: Held, translate: Translate) -> str:
    """An appointment in a few words."""
    return " ".join(filter(None, (translate(label(held.role)), held.place, held.unit)))


def choose(persons: Sequence[Person], translate: Translate) -> Person | None:
    """The person to look at instead of the list of all; typing finds a name."""
    with st.container(key="narrow"):
        return st.selectbox(
            translate("Person"),
            persons,
            None,
            lambda person: f"{person.name}（{person.login or '—'}）",
            key="person",
            placeholder=translate("Type a name"),
        )


def draw_head(person: Person, today: date, translate: Translate) -> None:
    """Who it is, how the account stands, and for what."""
    said = [f"{person.login or '—'} · {state(person, translate)}", posts(person, today, translate)]
    cards.show(pieces.heading(person.name), *map(pieces.note, said))


def draw_account(person: Person, translate: Translate) -> None:
    """What can be done to an account."""
    subject, name = f"user {person.id}", person.name
    unlock, able, end, reset = st.columns(4)
    if unlock.button(translate("Unlock"), key="unlock", disabled=not person.is_locked, width="stretch") and session.did(
        Action.UNLOCK, subject, staff.unlock, person.id
    ):
        say(translate("{name} may try again.").format(name=name))
    action, command = (Action.DISABLE, staff.disable) if person.is_active else (Action.ENABLE, staff.enable)
    if able.button(translate(label(action)), key="able", width="stretch") and session.did(
        action, subject, command, person.id
    ):
        say(f"{name}: {translate(label(action))}")
    if end.button(translate("End sessions"), key="end_sessions", width="stretch"):
        ended = session.act(Action.END_SESSIONS, subject, staff.end_sessions, person.id)
        say(translate("{name}: {count} sessions ended.").format(name=name, count=ended or 0))
    if reset.button(translate("Temporary password"), key="reset", disabled=person.login is None, width="stretch"):
        password = session.act(Action.RESET_PASSWORD, subject, staff.reset_password, person.id)
        if password:
            say(translate("Temporary password of {name}:").format(name=name), password)


def draw_open_login(person: Person, translate: Translate) -> None:
    """A name to sign in with, for somebody who came by an import."""
    with st.form("open_login"):
        login = st.text_input(translate("Sign-in name"), key="new_login", max_chars=40)
        if st.form_submit_button(translate("Allow to sign in"), type="primary"):
            password = session.act(Action.RESET_PASSWORD, f"user {person.id}", staff.open_login, person.id, login)
            if password:
                say(translate("Temporary password of {name}:").format(name=person.name), password)


def draw_appointments(person: Person, persons: Sequence[Person], today: date, translate: Translate) -> None:
    """The appointments of a person, and how one is ended and handed over."""
    st.subheader(translate("Appointments"), anchor=False)
    for held in person.held:
        st.text(f"{post(held, translate)} · {frame.span(held.from_on, held.to_on, translate)}")
    running = [held for held in person.held if held.to_on is None or held.to_on >= today]
    if not running:
        return
    with st.form("end_appointment"):
        which, last, successor = st.columns([3, 2, 3])
        held = which.selectbox(translate("End"), running, 0, lambda one: post(one, translate), key="ended")
        last_on = last.date_input(translate("Last day"), today, key="last_on", format="YYYY-MM-DD")
        others = [other for other in persons if other.id != person.id and other.is_active]
        heir = successor.selectbox(
            translate("Successor"),
            others,
            None,
            lambda one: one.name,
            key="successor",
            placeholder=translate("Takes over the open cases"),
        )
        if st.form_submit_button(translate("End and hand over")) and held:
            _end(person, held, last_on, heir, translate)


def _end(person: Person, held: Held, last_on: date, heir: Person | None, translate: Translate) -> None:
    handed = session.act(
        Action.END_APPOINTMENT,
        f"appointment {held.id}",
        leavers.end_appointment,
        held.id,
        last_on,
        heir.id if heir else None,
        rules.current(),
    )
    if handed is not None:
        words = translate("{name}: ended; {count} open cases handed over.")
        said = [words.format(name=person.name, count=len(handed.cases))]
        if handed.was_listed:
            words = translate("The entry in the directory ends too; {count} open dispatches move on.")
            said.append(words.format(count=len(handed.dispatches)))
        say(" ".join(said))


def draw_appoint(
    person: Person, places: Sequence[Node], units: Sequence[Unit], today: date, translate: Translate
) -> None:
    """A new appointment."""
    with st.form("appoint", clear_on_submit=True):
        role, place, unit, first, last = st.columns([2, 3, 3, 2, 2])
        chosen = role.selectbox(
            translate("Appoint as"), APPOINTABLE, 0, lambda one: translate(label(one)), key="appoint_role"
        )
        where = place.selectbox(translate("Place"), places, 0, lambda node: node.name, key="appoint_place")
        for_unit = unit.selectbox(
            translate("Unit"),
            units,
            None,
            lambda one: one.name,
            key="appoint_unit",
            placeholder=translate("For liaisons only"),
        )
        from_on = first.date_input(translate("First day"), today, key="appoint_from", format="YYYY-MM-DD")
        to_on = last.date_input(translate("Last day, if set"), None, key="appoint_to", format="YYYY-MM-DD")
        if st.form_submit_button(translate("Appoint"), type="primary") and chosen and where:
            new = Post(chosen, where.id, for_unit.id if for_unit and chosen is Role.LIAISON else None)
            if session.act(Action.APPOINT, f"user {person.id}", staff.appoint, person.id, new, from_on, to_on):
                say(translate("{name} is appointed.").format(name=person.name))


def draw_add(translate: Translate) -> None:
    """A new person."""
    with st.form("add_person", clear_on_submit=True):
        name = st.text_input(translate("Name"), key="add_name", max_chars=40)
        login = st.text_input(translate("Sign-in name"), key="add_login", max_chars=40)
        if st.form_submit_button(translate("Add person"), type="primary"):
            added = session.act(Action.ADD_PERSON, "", staff.add_person, name, login)
            if added:
                say(translate("Temporary password of {name}:").format(name=name), added[1])
