"""The audit: who did what to what, when and from where; for administrators."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import streamlit as st

from core import clock, spreadsheet, store
from core.accounts import audit
from core.accounts.audit import Wanted
from core.accounts.tables import AuditEvent
from core.captions import label
from core.language import N_
from core.words import Action, Outcome, Permission
from pages.ui import cards, contacts, frame, pieces, session

MOST, SHOWN, DAYS = 2_000, 200, 30
session.require(Permission.READ_AUDIT)
_ = session.text()
SUBJECTS = {  # what subjects begin with, before a number
    "user": N_("Account"),
    "case": N_("Case"),
    "case id": N_("Case"),
    "grid": N_("Grid"),
    "place": N_("Place"),
    "unit": N_("Unit"),
    "liaison": N_("Liaison"),
    "sector": N_("Sector"),
    "whistle": N_("Whistle"),
    "meeting": N_("Meeting"),
    "series": N_("Series of meetings"),
    "resolution": N_("Resolution"),
    "emergency": N_("Emergency"),
    "shift entry": N_("Entry of the shift log"),
}
HEADER = [_("No."), _("When"), _("Who"), _("Act"), _("On what"), _("From"), _("Outcome"), _("Details")]


@session.callback(Permission.READ_AUDIT)
def note_export(count: int) -> None:
    """An export is an act of its own."""
    by = session.asker()
    with store.current().writing() as db:
        audit.record(db, Action.EXPORT_AUDIT, "audit", by=by, detail=f"{count} rows")


def ask(today: date) -> Wanted:
    """What the person looks for, as whole days of the street."""
    first, last, act, how, who = st.columns([2, 2, 3, 2, 3])
    since = first.date_input(_("From day"), today - timedelta(days=DAYS - 1), key="audit_since", format="YYYY-MM-DD")
    until = last.date_input(_("To day"), today, key="audit_until", format="YYYY-MM-DD")
    action = act.selectbox(
        _("Act"), list(Action), None, lambda one: _(label(one)), key="audit_action", placeholder=_("All")
    )
    outcome = how.selectbox(
        _("Outcome"), list(Outcome), None, lambda one: _(label(one)), key="audit_outcome", placeholder=_("All")
    )
    name = who.text_input(_("Name contains"), key="audit_name", max_chars=40)
    return Wanted(clock.day_of(since), clock.day_of(until + timedelta(days=1)), action, outcome, name.strip())


def subject(said: str, names: Mapping[str, str]) -> str:
    """What an act was done to, in words: a person by name."""
    kind, _space, which = said.rpartition(" ")
    return names.get(said) or (f"{_(SUBJECTS[kind])} {which}" if kind in SUBJECTS else said)


def row(event: AuditEvent, names: Mapping[str, str]) -> list[object]:
    """An event as it is shown and exported."""
    act, outcome = _(label(Action(event.action))), _(label(Outcome(event.outcome)))
    origin, on_what = _("Command line") if event.origin == audit.SYSTEM else event.origin, subject(event.subject, names)
    return [event.ordinal, frame.moment(event.at), event.by_name, act, on_what, origin, outcome, event.detail]


def draw(events: Sequence[AuditEvent], names: Mapping[str, str]) -> None:
    """The rows, the newest first, and the way to take them along."""
    rows = [row(event, names) for event in events]
    count, export = st.columns([4, 1], vertical_alignment="center")
    most = _("The newest {count} rows; narrow the filters to see others.") if len(rows) == MOST else _("{count} rows")
    count.caption(most.format(count=len(rows)))
    export.download_button(
        _("Export as CSV"),
        spreadsheet.csv_file(HEADER, rows),
        "audit.csv",
        "text/csv",
        key="audit_export",
        on_click=note_export,
        args=(len(rows),),
        width="stretch",
        disabled=not rows,
    )
    filled = [place for place in range(len(HEADER)) if any(one[place] not in ("", None) for one in rows)]
    shown = [[one[place] or pieces.NOTHING for place in filled] for one in rows[:SHOWN]]
    cards.show(contacts.table([HEADER[place] for place in filled], shown))
    if len(rows) > SHOWN:
        cards.show(pieces.note(_("The newest {count} are shown; the export has all of them.").format(count=SHOWN)))


frame.page(_("Audit"))
wanted = ask(clock.local(clock.real_now()).date())
with store.current().reading() as db:
    found = audit.events(db, wanted, MOST)
    people = audit.names(db, found)
draw(found, people)
