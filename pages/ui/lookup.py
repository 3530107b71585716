"""The box with results while typing, and the card of whoever was chosen."""

from datetime import datetime

import streamlit as st
from markupsafe import Markup

from core import rules, spans, store
from core.captions import label
from core.errors import Refused
from core.language import Translate
from core.liaisons import cards as liaison_cards
from core.liaisons import commands, dispatches, lookup, search
from core.liaisons import times as unit_times
from core.liaisons.cards import Card
from core.liaisons.directory import Directory
from core.liaisons.dispatches import Dispatched
from core.liaisons.message import message
from core.liaisons.search import Found, Row
from core.liaisons.times import UnitTimes
from core.people import Principal
from core.words import Action, Permission
from pages.ui import cards, contacts, pieces, plain, session

CHOSEN, TYPED = "liaison_chosen", "liaison_typed"
MOST_CASES = 5


@session.callback(Permission.LOOK_UP)
def choose(liaison_id: int) -> None:
    """Show the card of a liaison."""
    st.session_state[CHOSEN] = liaison_id


@session.callback(Permission.EDIT_DIRECTORY)
def verify(liaison_id: int) -> None:
    """Note that the entry was found right today."""
    session.did(Action.EDIT_DIRECTORY, f"liaison {liaison_id}", commands.verify, liaison_id)


def draw_found(found: Found, directory: Directory, translate: Translate) -> None:
    """The answers, then people known by name; each row with somebody in it opens the card."""
    chosen = st.session_state.get(CHOSEN)
    first = next((n for n, one in enumerate(found.answers) if chosen and one.answer.liaison_id == chosen), None)
    with cards.rows("answers"):
        for number, one in enumerate(found.answers):
            _draw_row(one, directory, number, translate, is_chosen=number == first)
    if found.others:
        title = translate("Other sectors")
        with st.expander(f"{title} {len(found.others)}"), cards.rows("answers_others"):
            for number, one in enumerate(found.others, len(found.answers)):
                _draw_row(one, directory, number, translate, is_chosen=False)
    if found.people:
        cards.show(pieces.heading(translate("People"), len(found.people)))
        with st.container(horizontal=True, gap="small"):
            for contact in found.people:
                words = f"{contact.name} · {directory.offices[contact.unit_id].name}"
                st.button(plain.text(words), key=f"person_{contact.id}", on_click=choose, args=[contact.id])


def _draw_row(one: Row, directory: Directory, number: int, translate: Translate, *, is_chosen: bool) -> None:
    answer = one.answer
    sector = directory.sectors[answer.sector].name
    trail = [node.name for node in reversed(list(directory.above(one.place.path)))][1:] or [one.place.name]
    trail[-1] = "、".join([trail[-1], *(place.name for place in one.also)])
    with st.container(key=f"{'chosen' if is_chosen else 'row'}_answer_{number}", gap=None):
        cards.show(contacts.row(answer, sector, trail, translate))
        if answer.liaison_id is not None:
            words = plain.text(f"{sector} {one.place.name} {answer.name}")
            st.button(words, key=f"answer_{number}", on_click=choose, args=[answer.liaison_id])


def chosen_of(found: Found) -> int | None:
    """Whose card is shown: that of whoever was chosen, or is the only one found."""
    ids = {one.answer.liaison_id for one in found.answers} | {one.id for one in found.people}
    several = ids - {None}
    only = next(iter(several)) if len(several) == 1 else None
    chosen: int | None = st.session_state.get(CHOSEN) or only
    return chosen


def draw_card(
    who: Principal, directory: Directory, chosen: int, found: Found, at: datetime, translate: Translate
) -> None:
    """A card: how to ring, usual times, what is open; the places for which `found` has the liaison come first."""
    row = next((one for one in found.answers if one.answer.liaison_id == chosen), None)
    try:
        shown = liaison_cards.card(directory, who, chosen, at, (row.place, *row.also) if row else ())
    except Refused as refusal:
        cards.show(pieces.empty(refusal.said(translate)))
        return
    with store.current().reading() as db:
        told = unit_times.times(db, who, at).get(shown.unit_id, UnitTimes())
        held = dispatches.seen_by(db, who, shown.unit_id, directory).get(shown.id, [])
    with cards.card("contact"):
        cards.show(contacts.card(shown, translate))
        if shown.may_edit:
            words = translate("Verified today")
            st.button(words, key="verified", on_click=verify, args=[shown.id])
        _draw_times(shown, told, translate)
        _draw_open(held, translate)


def _draw_times(shown: Card, told: UnitTimes, translate: Translate) -> None:
    cards.show(pieces.heading(translate("Usual times of {unit}, last 90 days").format(unit=shown.unit)))
    lines = ((translate("To answer"), told.to_answer), (translate("To arrive"), told.to_arrive))
    rows = [[name, *contacts.spread(one, translate)] for name, one in lines]
    head = (
        translate("From the dispatch"),
        translate("Median"),
        translate("9 of 10 within"),
        translate("Cases counted"),
    )
    cards.show(contacts.table(head, rows, figures=3))


def _draw_open(held: list[Dispatched], translate: Translate) -> None:
    """The open cases of the liaison, each with words for the phone or the group chat."""
    note = translate("the first {count}").format(count=MOST_CASES) if len(held) > MOST_CASES else ""
    cards.show(pieces.heading(translate("Open dispatches"), len(held), note))
    for case in held[:MOST_CASES]:
        with st.expander(plain.text(f"{case.number} {case.title} · {translate(label(case.stage))}")):
            st.code(message(case.number, case.title, case.address, case.due_at, translate), language=None)


def found_for(typed: str, who: Principal, at: datetime) -> tuple[Directory, Found]:
    """The directory, and what was typed for within the places of `who`."""
    with store.current().reading() as db:
        directory = lookup.directory(db, rules.current())
    return directory, search.index(directory).search(typed, who.paths(Permission.LOOK_UP), at)


def nearest(directory: Directory, typed: str, who: Principal, at: datetime) -> Found:
    """What is shown where nothing fits all that was typed, within the places of `who`."""
    return search.index(directory).nearest(typed, who.paths(Permission.LOOK_UP), at)


def said_of(typed: str, found: Found, shown: Found, directory: Directory, translate: Translate) -> Markup:
    """How to type, or what of the typed words names nothing and what is shown instead."""
    if not typed.strip():
        return pieces.note(
            translate("In characters, pinyin or initials, in any order. Nothing typed: all sectors here.")
        )
    if found.unknown:
        words = translate("“{words}” names nothing here; shown is what the other words find, or all sectors.")
        return pieces.empty(words.format(words=" ".join(found.unknown)))
    if found is shown:
        return Markup("")
    words = translate("Nothing is called “{words}” within your places. Here all sectors are answered by:")
    if shown.others:
        words = translate("Nothing is called “{words}” within your places. For {sectors} here, ring:")
    sectors = dict.fromkeys(directory.sectors[row.answer.sector].name for row in shown.answers)
    missing = " ".join(shown.unknown or (typed.strip(),))
    return Markup('<p class="instead">{}</p>').format(words.format(words=missing, sectors="、".join(sectors)))


def as_of(at: datetime, translate: Translate) -> str:
    """For which moment the answers hold."""
    return translate("as of {moment}").format(moment=spans.moment_text(at, translate))
