"""The parts of the page of one case: what it is, what happened, its clocks with why, and what belongs to it."""

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import groupby

import streamlit as st
from markupsafe import Markup

from core import case_paper, clock, rules, spans, store
from core.accounts import audit
from core.captions import label
from core.cases import reporter, told
from core.cases.dossier import Dossier, Happened, Promised
from core.cases.rows import clock_of
from core.cases.why import Row, RowKind, Why
from core.clock import local
from core.language import N_, Translate
from core.meetings.of_case import Heard
from core.rules import Rules
from core.words import Action, ClockState, PhotoKind, Source, Stage, Verb, Verdict, WhistleKind
from pages.ui import cards, contacts, pieces, session

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
KINDS = {
    RowKind.STARTED: N_("Began"),
    RowKind.COUNTED: N_("Counted"),
    RowKind.SKIPPED: N_("Not counted"),
    RowKind.PAUSED: N_("Stood still"),
    RowKind.EXTENSION: N_("More time"),
    RowKind.EMERGENCY: N_("Shortened for the emergency"),
    RowKind.DUE: N_("Fell due"),
    RowKind.MET: N_("Kept"),
    RowKind.CANCELLED: N_("Ended without it"),
    RowKind.SUPERSEDED: N_("Replaced"),
}


def draw_facts(found: Dossier, in_force: Rules, translate: Translate) -> None:
    """What it is about, where, and from whom it came."""
    case = found.case
    category = in_force.categories.get(case.category)
    facts = [
        (translate("Category"), category.name if category else case.category),
        (translate("Source"), translate(label(Source(case.source)))),
        (translate("Reported at"), told.moment(case.reported_at)),
        (translate("Address"), case.address),
        (translate("Unit"), found.unit.name if found.unit else ""),
        (translate("Outside number"), case.external_number or ""),
        (translate("Also claimed by"), "、".join(found.also)),
        (translate("Reports"), pieces.number(found.reports) if found.reports > 1 else ""),
        (translate("Resident's verdict"), translate(label(Verdict(case.verdict))) if case.verdict else ""),
    ]
    rows = Markup("").join(Markup("<dt>{}</dt><dd>{}</dd>").format(name, said) for name, said in facts if said)
    cards.show(
        pieces.trail([node.name for node in found.trail], translate),
        Markup('<p class="told">{}</p><dl class="facts">{}</dl>').format(case.text, rows),
    )


def draw_map(found: Dossier, translate: Translate) -> None:
    """Where it is; the picture is drawn after the page, by a route of its own."""
    if found.case.lon is not None:
        cards.show(Markup('<img class="place" src="/cases/{}/map" alt="{}">').format(found.case.id, translate("Place")))


def draw_paper(found: Dossier, translate: Translate, *, is_demo: bool) -> None:
    """The case on one page in Word, written and audited when it is asked for."""
    st.download_button(
        translate("One page in Word"), written(session.asker_later(), found.case.id or 0, is_demo=is_demo),
        f"{found.case.number}.docx", WORD, key="case_word", on_click="ignore",
    )  # fmt: skip


def written(by: Callable[[], audit.Asker], case_id: int, *, is_demo: bool) -> Callable[[], bytes]:
    """What writes the sheet when it is asked for: for who is signed in then, in one transaction with its audit row."""

    def file() -> bytes:
        asker = by()
        with audit.acting(store.current(), asker, Action.EXPORT_CASE, f"case id {case_id}") as db:
            return case_paper.written(db, asker, case_id, rules.current(), clock.now(), is_demo=is_demo)

    return file


def draw_clocks(found: Dossier, now: datetime, in_force: Rules, translate: Translate) -> None:
    """The clocks of the case and those of the units, side by side, each with its account."""
    if not (found.clocks or found.unit_clocks):
        return
    cards.show(pieces.heading(translate("Clocks")))
    of_case, of_units = st.columns(2, gap="medium")
    for column, title, clocks in (
        (of_case, translate("Of the case"), found.clocks),
        (of_units, translate("Of the unit"), found.unit_clocks),
    ):
        with column:
            cards.show(pieces.note(title if clocks else f"{title}: —"))
            for place, promised in enumerate(clocks):
                _clock(promised, f"{place}_{promised.row.id}", now, in_force, found, translate)


def _clock(
    promised: Promised, key: str, now: datetime, in_force: Rules, found: Dossier, translate: Translate
) -> None:  # fmt: skip
    from_rules, running = promised.why, clock_of(promised.row)
    state = running.state(now, in_force.due_soon)
    name = promised.unit or told.named(promised.row.regime, promised.row.name, in_force, translate)
    provisional = translate("provisional") if promised.row.is_provisional else ""
    cards.show(
        Markup('<div class="clock"><b>{}</b> {} <small>{}</small></div>').format(
            name, pieces.clock_chip(state, running.due_at, now, translate), provisional
        )
    )
    stands, counted = told.account(from_rules, translate)
    cards.show(Markup('<p class="why-line"><b>{}</b><br>{}</p>').format(stands, counted))
    with st.expander(translate("How the clock counted"), key=f"why_{key}"):
        st.dataframe(_account(from_rules, found, translate), hide_index=True, key=f"account_{key}")
        cards.show(pieces.note(f"{from_rules.regime} · {from_rules.calendar} · {from_rules.rule_version}"))


def _account(account: Why, found: Dossier, translate: Translate) -> dict[str, list[str]]:
    def what(row: Row) -> str:
        return " · ".join(filter(None, (translate(KINDS[row.kind]), translate(row.reason) if row.reason else "")))

    rows = account.rows
    return {
        translate("What"): [what(row) for row in rows],
        translate("From"): [told.moment(row.from_at) for row in rows],
        translate("To"): [told.moment(row.to_at) if row.to_at != row.from_at else "" for row in rows],
        translate("Length"): [told.length(row.length, translate) if row.length else "" for row in rows],
        translate("Who"): [found.names.get(row.by_id or 0, "") for row in rows],
    }


def draw_timeline(found: Dossier, translate: Translate) -> None:
    """Who did what by day, when it happened, when it was typed, for whom, and how long each stage took."""
    cards.show(pieces.heading(translate("Timeline"), len(found.happened)))
    days = groupby(found.happened, key=lambda line: local(line.event.occurred_at).date())
    items = (
        Markup('<li class="day">{}</li>{}').format(f"{day}", Markup("").join(_line(line, translate) for line in lines))
        for day, lines in days
    )
    cards.show(Markup('<ol class="timeline">{}</ol>').format(Markup("").join(items)))


def _line(line: Happened, translate: Translate) -> Markup:
    event, who = line.event, line.by
    if line.on_behalf_of:
        who = translate("{name} for {unit}").format(name=line.by, unit=line.on_behalf_of)
    remarks = (
        ("", f"→ {line.unit}" if line.unit else ""),
        ("", translate("{hours} hours").format(hours=f"{event.hours:g}") if event.hours else ""),
        ("whole", contacts.recorded(event.given, translate)),
        ("", event.note),
    )
    return Markup(
        '<li><time>{}</time><div><b>{}</b> <span>{}</span>{}<small>{}</small></div></li>'
    ).format(
        f"{local(event.occurred_at):%H:%M}", translate(label(Verb(event.verb))), who,
        Markup("").join(Markup('<p class="{}">{}</p>').format(*said) for said in remarks if said[1]),
        _times(line, translate),
    )  # fmt: skip


def _times(line: Happened, translate: Translate) -> str:
    """When it was typed, if that was later, and how long the stage before it took."""
    event, said = line.event, []
    if event.recorded_at - event.occurred_at >= told.LATE:
        typed, happened = local(event.recorded_at), local(event.occurred_at)
        form = "%H:%M" if typed.date() == happened.date() else "%Y-%m-%d %H:%M"
        said.append(translate("recorded {time}").format(time=f"{typed:{form}}"))
    if line.stood is not None and event.from_stage:
        words, stage = translate("{stage} took {time}"), translate(label(Stage(event.from_stage)))
        said.append(words.format(stage=stage, time=told.length(line.stood, translate)))
    return " · ".join(said)


def draw_photos(found: Dossier, translate: Translate) -> None:
    """The photos, before and after side by side."""
    if not found.photos:
        return
    cards.show(pieces.heading(translate("Photos"), len(found.photos)))
    groups = []
    for kind in PhotoKind:
        shown = [photo for photo in found.photos if photo.kind is kind]
        drawn = Markup("").join(
            Markup('<a href="/photos/{}/full" target="_blank"><img src="/photos/{}/small" alt="{} {}"></a>').format(
                photo.id, photo.id, translate(label(kind)), told.moment(photo.added_at)
            )
            for photo in shown
        )
        groups.append(Markup("<div><p>{}</p>{}</div>").format(translate(label(kind)), drawn or "—"))
    cards.show(Markup('<div class="photos">{}</div>').format(Markup("").join(groups)))


def draw_belongings(found: Dossier, heard: Sequence[Heard], now: datetime, translate: Translate) -> None:
    """Meetings, whistles, the ledger of leave, duplicates and the reports attached."""
    _draw_meetings(heard, now, translate)
    if found.whistles:
        cards.show(pieces.heading(translate("Whistles"), len(found.whistles)))
    for call in found.whistles:
        answers = [
            f"{found.units.get(row.unit_id, '')}: {contacts.recorded({'called': row.called}, translate)} "
            + (f"{translate('answered')} {told.moment(row.answered_at)} {row.note or ''}" if row.answered_at
               else spans.clock_text(_owed(row.due_at, now), row.due_at, now, translate))
            for row in call.answers
        ]  # fmt: skip
        kind = translate(label(WhistleKind(call.whistle.kind)))
        cards.show(pieces.lines(f"{kind} · {told.moment(call.whistle.blown_at)}", [call.whistle.text, *answers]))
    if found.ledger:
        cards.show(pieces.heading(translate("Ledger"), len(found.ledger)))
    for entry in found.ledger:
        head = (translate(label(entry.verb)), told.moment(entry.at), found.names.get(entry.by_id, ""))
        answer = (translate(label(entry.answer)), found.names.get(entry.approver_id or 0, "")) if entry.answer else ()
        cards.show(pieces.lines(" · ".join(head), [entry.reason or "", " · ".join(answer), entry.remark or ""]))
    _draw_linked(found, translate)


def _draw_meetings(heard: Sequence[Heard], now: datetime, translate: Translate) -> None:
    if heard:
        cards.show(pieces.heading(translate("Meetings"), len(heard)))
    for one in heard:
        outcome = translate(label(one.outcome or one.state))
        resolved = [
            " · ".join(filter(None, (
                row.text, lead, row.person,
                translate("due {day}").format(day=spans.day_text(local(row.due_at), translate)),
                translate(label(row.progress_at(now))), row.progress_note,
            )))
            for lead, row in one.resolutions
        ]  # fmt: skip
        head = f"{one.series} · {told.moment(one.begins_at)}"
        cards.show(pieces.lines(head, [f"{one.title} · {outcome}", one.note, *resolved]))


def _draw_linked(found: Dossier, translate: Translate) -> None:
    """The case into which this one went, and every report that came to this one, its reporter masked."""
    if into := [link for link in found.links if link.is_into]:
        cards.show(
            pieces.heading(translate("Linked cases")),
            pieces.links((f"{translate('Merged into')} {link.number} {link.title}", f"/case?case={link.id}")
                         for link in into),
        )  # fmt: skip
    if found.attached:
        cards.show(pieces.heading(translate("Reports attached"), len(found.attached)))
        rows = Markup("").join(
            Markup(
                '<p class="attached"><a class="tel" href="/case?case={}" target="_self">{}</a> {} · {} {}</p>'
            ).format(one.id, one.number, told.moment(one.reported_at), translate(label(one.source)), one.reporter)
            for one in found.attached
        )
        cards.show(rows)


def _owed(due_at: datetime, now: datetime) -> ClockState:
    return ClockState.OVERDUE if now > due_at else ClockState.RUNNING


def draw_reporter(found: Dossier, translate: Translate) -> None:
    """Who reported it, masked; unmasked for a reason that is written into the audit, and never kept on the page."""
    if found.reporter is None:
        return
    with st.container(key="reporter", gap="small"):
        cards.show(pieces.heading(translate("Reporter")), pieces.person(" ".join(found.reporter), translate))
        if found.may_unmask:
            _draw_unmask(found, translate)


def _draw_unmask(found: Dossier, translate: Translate) -> None:
    with st.form("unmask", border=False, clear_on_submit=True):
        reason = st.text_input(translate("Reason to see name and phone"), key="unmask_reason", max_chars=120)
        if st.form_submit_button(translate("Show name and phone")):
            subject = f"case {found.case.number}"
            shown = session.act(Action.UNMASK_REPORTER, subject, reporter.unmask, found.case.id or 0, reason)
            if shown:
                cards.show(pieces.person(shown[0], translate, phone=shown[1]))
