"""A unit's people: entered and corrected, their places, leave and stand-ins, the roster, a leaver's successor."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

import streamlit as st
from markupsafe import Markup

from core import follower, rules, spans
from core.clock import SHANGHAI, local
from core.language import Translate
from core.liaisons import commands
from core.liaisons.commands import Entry
from core.liaisons.directory import Contact, Directory, Office, Turn
from core.people import Principal
from core.words import Action, Permission
from pages.ui import cards, contacts, pieces, plain, session

SAID = "directory_said"
MOST_TURNS = 14
CHOSEN = "staff_chosen"  # whom the forms are about


def say(words: str) -> None:
    """Keep a sentence for the next run, which shows it."""
    st.session_state[SAID] = words
    st.rerun()


def tell() -> None:
    """Show the sentence that the last act left."""
    if said := st.session_state.pop(SAID, None):
        st.success(plain.text(said))


def offices_of(who: Principal, directory: Directory) -> list[Office]:
    """The units whose entries somebody may edit, by name."""
    seats = ((one, directory.places.get(one.place_id)) for one in directory.offices.values())
    return [one for one, seat in seats if seat and who.may(Permission.EDIT_DIRECTORY, seat.path)]


def draw(who: Principal, directory: Directory, at: datetime, translate: Translate) -> None:
    """The people of one unit as a list, and what can be done with the one who is chosen."""
    offices = {one.id: one for one in offices_of(who, directory)}
    with st.container(key="narrow"):
        unit = st.selectbox(translate("Unit"), list(offices), 0, lambda one: offices[one].name, key="roster_unit")
    office = offices.get(unit or 0)
    if office is None:
        return cards.show(pieces.empty(translate("No unit yet")))
    staff = directory.staff({office.id}, local(at).date())
    chosen = next((one for one in staff if one.id == st.session_state.get(CHOSEN)), staff[0] if staff else None)
    left, right = st.columns([1, 1], gap="medium")
    with left:
        _draw_list(office, staff, chosen, directory, at, translate)
    with right, st.container(key="narrow_parts"):
        _draw_forms(who, office, staff, chosen, directory, at, translate)


def _draw_forms(
    who: Principal, office: Office, staff: Sequence[Contact], chosen: Contact | None, directory: Directory,
    at: datetime, translate: Translate,
) -> None:  # fmt: skip
    """What can be done with whoever is chosen, and the form of somebody new."""
    cards.show(pieces.heading(chosen.name if chosen else translate("New liaison")))
    if chosen is None:
        return _draw_new(office.id, staff, translate)
    names = [
        translate("Entry"), translate("Answers for"), translate("Leave"), translate("Roster"), translate("Leaver"),
        translate("New liaison"),
    ]  # fmt: skip
    entry, places, leave, roster, leaver, new = st.tabs(names)
    with entry:
        _draw_entry(chosen, staff, translate)
    with places:
        _draw_places(who, chosen, directory, at, translate)
    with leave:
        _draw_leave(chosen, staff, at, translate)
    with roster:
        _draw_roster(chosen, staff, directory, at, translate)
    with leaver:
        _draw_leaver(chosen, staff, at, translate)
    with new:
        _draw_new(office.id, staff, translate)


@session.callback(Permission.EDIT_DIRECTORY)
def choose(liaison_id: int) -> None:
    """Whoever is touched in the list is whom the forms are about."""
    st.session_state[CHOSEN] = liaison_id


def _draw_list(
    office: Office, staff: Sequence[Contact], chosen: Contact | None, directory: Directory, at: datetime,
    translate: Translate,
) -> None:  # fmt: skip
    """The people of a unit; a touch on a row chooses whom the forms are about."""
    on, phone = local(at).date(), f"{translate('Duty phone')} {office.duty_phone}" if office.duty_phone else ""
    cards.show(pieces.heading(office.name, len(staff) or None, phone))
    if not staff:
        cards.show(pieces.empty(translate("Nobody is entered for this unit"), translate("Begin with “New liaison”.")))
        return
    with cards.rows("staff"):
        for one in staff:
            with st.container(key=f"{'chosen' if one is chosen else 'row'}_staff_{one.id}", gap=None):
                cards.show(_row(one, directory, on, translate))
                st.button(plain.text(one.name), key=f"staff_{one.id}", on_click=choose, args=[one.id])


def _row(one: Contact, directory: Directory, on: date, translate: Translate) -> Markup:
    """Name, role and hours, places, leave and deputy where there are any, when verified, a phone of one's own."""
    places = "、".join(directory.places[place].name for place in one.places_on(on) if place in directory.places)
    absence, deputy = one.absence(on), directory.contacts.get(one.deputy_id or 0)
    told = (
        places or translate("Answers for no place yet"),
        translate("on leave until {day}").format(day=spans.day_text(absence.to_on, translate)) if absence else "",
        f"{translate('Deputy')} {deputy.name}" if deputy else "",
    )
    return Markup(
        '<div class="staff"><b>{}</b><div><span>{}</span><span>{}</span></div><small>{} {}</small>{}</div>'
    ).format(
        one.name, " · ".join(filter(None, (one.role, _hours(one, translate)))), " · ".join(filter(None, told)),
        translate("Verified"), contacts.verified(one.verified_on, translate, is_stale=one.is_stale(on)),
        pieces.call(one.duty_phone, translate),
    )  # fmt: skip


def _hours(one: Contact, translate: Translate) -> str:
    if one.hours is None:
        return pieces.NOTHING
    return translate("Around the clock") if one.hours.is_natural else one.hours.name


def pick(caption: str, people: Sequence[Contact], key: str, none: str) -> Contact | None:
    """One of some people, or nobody, as `none` says; chosen by id, so that a corrected entry stays chosen."""
    by_id = {one.id: one for one in people}
    chosen = st.selectbox(caption, list(by_id), None, lambda one: by_id[one].name, key=key, placeholder=none)
    return by_id.get(chosen or 0)


def ask_entry(key: str, known: Contact | None, staff: Sequence[Contact], translate: Translate) -> Entry:
    """The fields of an entry, filled with what is known."""
    calendars = rules.current().calendars
    codes, now = list(calendars), known.hours.code if known and known.hours else "working"
    left, right = st.columns(2)
    name = left.text_input(translate("Name"), known.name if known else "", key=f"{key}_name", max_chars=40)
    role = right.text_input(translate("Role"), known.role if known else "", key=f"{key}_role", max_chars=40)
    phone = left.text_input(
        translate("Duty phone"), known.duty_phone if known else "", key=f"{key}_phone", max_chars=40,
        placeholder=translate("empty: the unit's"),
    )  # fmt: skip
    mobile = right.text_input(translate("Mobile"), known.mobile if known else "", key=f"{key}_mobile", max_chars=40)
    hours = left.selectbox(
        translate("Hours on duty"), codes, codes.index(now),
        lambda code: translate("Around the clock") if calendars[code].is_natural else calendars[code].name,
        key=f"{key}_hours",
    )  # fmt: skip
    others = [one for one in staff if known is None or one.id != known.id]
    at = next((place for place, one in enumerate(others) if known and one.id == known.deputy_id), None)
    deputy = right.selectbox(
        translate("Deputy"), others, at, lambda one: one.name, key=f"{key}_deputy", placeholder=translate("Nobody")
    ) if others else None  # fmt: skip
    return Entry(
        name.strip(), role.strip(), phone.strip(), mobile.strip(), hours or "working", deputy.id if deputy else None
    )  # fmt: skip


def _draw_entry(one: Contact, staff: Sequence[Contact], translate: Translate) -> None:
    """What is written down of somebody, corrected in place."""
    with st.form(f"entry_{one.id}"):
        entry = ask_entry(f"entry_{one.id}", one, staff, translate)
        wanted = st.form_submit_button(translate("Keep the entry"), type="primary")
    if wanted and session.did(
        Action.EDIT_DIRECTORY, f"liaison {one.id}", commands.change, one.id, entry, rules.current()
    ):
        say(translate("{name}: the entry is corrected.").format(name=entry.name))


def _draw_new(unit_id: int, staff: Sequence[Contact], translate: Translate) -> None:
    places = list(follower.current().board.tree.nodes.values())
    with st.form("new_liaison", clear_on_submit=True):
        entry = ask_entry("new", None, staff, translate)
        where = st.multiselect(
            translate("Answers for"), places, format_func=lambda node: node.name, key="new_places",
            placeholder=translate("Communities or grids"),
        )  # fmt: skip
        if st.form_submit_button(translate("Enter into the directory"), type="primary"):
            ids = [node.id for node in where]
            subject = f"unit {unit_id}"
            if session.act(Action.EDIT_DIRECTORY, subject, commands.add, unit_id, entry, ids, rules.current()):
                say(translate("{name} is in the directory.").format(name=entry.name))


def _draw_places(who: Principal, one: Contact, directory: Directory, at: datetime, translate: Translate) -> None:
    """The places somebody answers for, each given back in one touch, and one more."""
    subject, held = f"liaison {one.id}", [directory.places[i] for i in one.places_on(local(at).date())]
    if not held:
        cards.show(pieces.empty(translate("Answers for no place yet")))
    for place in held:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.text(place.name)
            if st.button(translate("Give back"), key=f"release_{one.id}_{place.id}") and session.did(
                Action.EDIT_DIRECTORY, subject, commands.release, one.id, place.id
            ):
                say(translate("{name} answers for {place} no longer.").format(name=one.name, place=place.name))
    nodes = follower.current().board.tree.nodes.values()
    free = [node for node in nodes if node not in held and who.may(Permission.EDIT_DIRECTORY, node.path)]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        more = st.selectbox(
            translate("One more place"), free, None, lambda node: node.name, key=f"more_{one.id}",
            placeholder=translate("Communities or grids"),
        )  # fmt: skip
        if st.button(translate("Add the place"), key="add_place", disabled=more is None) and more and session.did(
            Action.EDIT_DIRECTORY, subject, commands.name_for, one.id, more.id
        ):  # fmt: skip
            say(translate("{name} now answers for {place}.").format(name=one.name, place=more.name))


def _draw_leave(who: Contact, staff: Sequence[Contact], at: datetime, translate: Translate) -> None:
    """Who of the unit is or will be away, ended in one touch, and a leave of the chosen one with a stand-in."""
    today, names = local(at).date(), {one.id: one.name for one in staff}
    coming = ((person, absence) for person in staff for absence in person.leave)
    for one, absence in ((person, absence) for person, absence in coming if absence.to_on >= today):
        stands_in = names.get(absence.stand_in_id or 0) or translate("Nobody")
        away = " – ".join(spans.day_text(day, translate) for day in (absence.from_on, absence.to_on))
        span = f"{one.name} · {away} · {translate('Stands in')}: {stands_in}"
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.text(span)
            if st.button(translate("End the leave"), key=f"leave_{absence.id}") and session.did(
                Action.EDIT_DIRECTORY, f"liaison {one.id}", commands.call_back, absence.id
            ):
                say(translate("{name} is back.").format(name=one.name))
    with st.form("leave"):
        begin, end = st.columns(2)
        first = begin.date_input(translate("First day"), today, key="leave_from", format="YYYY-MM-DD")
        last = end.date_input(translate("Last day"), today, key="leave_to", format="YYYY-MM-DD")
        others = [one for one in staff if one is not who]
        other = pick(translate("Stands in"), others, "leave_other", translate("Nobody"))
        if st.form_submit_button(translate("Write down the leave"), type="primary"):
            subject, stand_in = f"liaison {who.id}", other.id if other else None
            if session.did(Action.EDIT_DIRECTORY, subject, commands.grant_leave, who.id, first, last, stand_in):
                say(translate("{name}: leave written down.").format(name=who.name))


def _draw_roster(
    who: Contact, staff: Sequence[Contact], directory: Directory, at: datetime, translate: Translate
) -> None:
    """The coming turns of the unit, each taken off in one touch, and one more of the chosen one."""
    names = {one.id: one.name for one in staff}
    coming = [turn for turn in directory.turns.get(who.unit_id, ()) if turn.to_at > at and turn.liaison_id in names]
    with st.form("turn"):
        day = st.date_input(translate("Day"), local(at).date(), key="turn_day", format="YYYY-MM-DD")
        begin, end = st.columns(2)
        first = begin.time_input(translate("Begins at"), time(18), key="turn_from", step=1800)
        last = end.time_input(translate("Ends at"), time(8), key="turn_to", step=1800)
        if st.form_submit_button(translate("Put on the roster"), type="primary"):
            begins, ends = datetime.combine(day, first, SHANGHAI), datetime.combine(day, last, SHANGHAI)
            ends += timedelta(days=ends <= begins)  # into the next day
            if session.did(Action.EDIT_DIRECTORY, f"liaison {who.id}", commands.put_on_roster, who.id, begins, ends):
                say(translate("{name} is on the roster.").format(name=who.name))
    cards.show(pieces.heading(translate("Coming turns"), len(coming)))
    for turn in coming[:MOST_TURNS]:
        _draw_turn(turn, names[turn.liaison_id], translate)


def _draw_turn(turn: Turn, name: str, translate: Translate) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.text(f"{spans.moment_text(turn.from_at, translate)} – {spans.moment_text(turn.to_at, translate)} · {name}")
        if st.button(translate("Take off"), key=f"turn_{turn.id}") and session.did(
            Action.EDIT_DIRECTORY, f"liaison {turn.liaison_id}", commands.take_off_roster, turn.id
        ):
            say(translate("{name} is off the roster.").format(name=name))


def _draw_leaver(who: Contact, staff: Sequence[Contact], at: datetime, translate: Translate) -> None:
    """The last day, and who takes over places and open dispatches."""
    with st.form("leaver"):
        last = st.date_input(translate("Last day"), local(at).date(), key="leaver_last", format="YYYY-MM-DD")
        others = [one for one in staff if one is not who]
        heir = pick(translate("Successor"), others, "leaver_heir", translate("Nobody"))
        if st.form_submit_button(translate("End and hand over"), type="primary"):
            heir_id = heir.id if heir else None
            moved = session.act(
                Action.EDIT_DIRECTORY, f"liaison {who.id}", commands.see_off, who.id, last, heir_id, rules.current()
            )
            if moved is not None:
                words = translate("{name}: ended; {count} open cases handed over.")
                say(words.format(name=who.name, count=len(moved)))
