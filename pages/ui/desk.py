"""What the parts of the duty desk share: what is chosen, how an act is done, and how moments are typed and written."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import streamlit as st

from core import clock, rules, spans, store
from core.clock import local
from core.intake import finding, wording
from core.intake.finding import Finder
from core.intake.wording import Lexicon
from core.language import Translate
from core.people import Principal
from core.rules import Rules
from core.units import Unit
from core.words import Action, Permission
from pages.ui import plain, session

VIEW, QUEUE, CASE, ROUND, SAID = "duty_view", "duty_queue", "duty_case", "duty_round", "duty_said"
GO, SHOWN = "duty_go", "duty_shown"  # the view to be shown next; the case and the version that were drawn last
PICKED, TAKES = "duty_picked", "duty_takes"  # a place chosen on the map; the view whose field takes it
OWN = "duty_own"  # the cases that were registered here
REGISTER, HANDLE, WHISTLES, SHIFT, EMERGENCY = "register", "handle", "whistles", "shift", "emergency"
KEPT = timedelta(hours=6)  # what is learned from closed cases, and where places are


@st.cache_resource(ttl=KEPT)
def finder() -> Finder:
    """The places of this process's store, ready to be found."""
    with store.current().reading() as db:
        return finding.finder(db, clock.now())


@st.cache_resource(ttl=KEPT)
def lexicon() -> Lexicon:
    """What the words of reports mean here."""
    with store.current().reading() as db:
        return wording.lexicon(db, rules.current())


def desk_of(who: Principal) -> str:
    """The place whose desk this person sits at."""
    return next(iter(who.paths(Permission.SIT_AT_DESK)))


def key(name: str) -> str:
    """A key of a widget that is empty again after the next act that succeeds, and keeps what was typed until then."""
    return f"{name}_{st.session_state.setdefault(ROUND, 0)}"


def act(said: str, action: Action, subject: str, command: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
    """Do an audited command; when it is done say so, empty the fields and draw the desk anew."""
    if session.did(action, subject, command, *args, **kwargs):
        done(said)


def done(said: str) -> None:
    """Say what was done, with empty fields."""
    st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1
    st.session_state[SAID] = said
    st.session_state.pop(SHOWN, None)
    st.rerun()


def tell() -> None:
    """What the last act said, once."""
    if said := st.session_state.pop(SAID, None):
        st.toast(plain.text(said), icon=None)


def open_case(case_id: int) -> None:
    """Show a case in the middle of the desk."""
    st.session_state[CASE] = case_id
    go(HANDLE)


def go(view: str) -> None:
    """Show another part of the desk from the next run on; a widget's own key may not be set once it is drawn."""
    st.session_state[GO] = view


def arrive(first: str) -> None:
    """Let the part that was asked for be the one that is shown; `first` it is the one named so."""
    st.session_state.pop(TAKES, None)
    if GO in st.session_state:
        st.session_state[VIEW] = st.session_state.pop(GO)
    st.session_state.setdefault(VIEW, first)


def moment(typed: str, now: datetime) -> datetime | None:
    """When something happened: 14:05 today, or yesterday when that is still to come; nothing typed is now.

    Units: aware UTC; None when it is no time of day.
    """
    if not typed.strip():
        return now
    found = re.fullmatch(r"\s*([01]?\d|2[0-3])[:：]?([0-5]\d)\s*", typed)
    if not found:
        return None
    today = local(now).replace(hour=int(found[1]), minute=int(found[2]), second=0, microsecond=0)
    return (today if today <= local(now) else today - timedelta(days=1)).astimezone(now.tzinfo)


def happened(name: str, now: datetime, translate: Translate) -> datetime | None:
    """The field for when something happened; a mistyped one says so."""
    typed = st.text_input(translate("Happened at"), key=key(name), placeholder=f"{local(now):%H:%M}", max_chars=5)
    found = moment(typed, now)
    if found is None:
        st.warning(translate("Write the time as 14:05"))
    return found


def unit_name(units: list[Unit], unit_id: int | None) -> str:
    """What a unit is called; a dash for none."""
    return next((unit.name for unit in units if unit.id == unit_id), "—")


def when(at: datetime | None) -> str:
    """A moment as it is written on the desk."""
    return spans.moment_text(at, session.text()) if at else "—"


def rules_now() -> Rules:
    """The rules in force."""
    return rules.current()
