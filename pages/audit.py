"""The audit: who did what to what, when and from where; for administrators."""

from collections.abc import Sequence
from datetime import date, timedelta

import streamlit as st

from core import clock, spreadsheet, store
from core.accounts import audit
from core.accounts.audit import Wanted
from core.accounts.tables import AuditEvent
from core.captions import label
from core.words import Action, Outcome, Permission
from pages.ui import frame, session

MOST, DAYS = 2_000, 30
session.require(Permission.READ_AUDIT)
_ = session.text()
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
    since = first.date_input(_("From day"), today - timedelta(days=DAYS - 1), key="audit_since")
    until = last.date_input(_("To day"), today, key="audit_until")
    action = act.selectbox(
        _("Act"), list(Action), None, lambda one: _(label(one)), key="audit_action", placeholder=_("All")
    )
    outcome = how.selectbox(
        _("Outcome"), list(Outcome), None, lambda one: _(label(one)), key="audit_outcome", placeholder=_("All")
    )
    name = who.text_input(_("Name contains"), key="audit_name", max_chars=40)
    return Wanted(clock.day_of(since), clock.day_of(until + timedelta(days=1)), action, outcome, name.strip())


def row(event: AuditEvent) -> list[object]:
    """An event as it is shown and exported."""
    act, outcome = _(label(Action(event.action))), _(label(Outcome(event.outcome)))
    who = event.by_name or "—"
    return [event.ordinal, frame.moment(event.at), who, act, event.subject, event.origin, outcome, event.detail]


def draw(events: Sequence[AuditEvent]) -> None:
    """The rows, the newest first, and the way to take them along."""
    rows = [row(event) for event in events]
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
    columns = {name: [one[place] for one in rows] for place, name in enumerate(HEADER)}
    st.dataframe(columns, hide_index=True, height=640, key="audit_rows")


frame.page(_("Audit"))
wanted = ask(clock.local(clock.real_now()).date())
with store.current().reading() as db:
    found = audit.events(db, wanted, MOST)
draw(found)
