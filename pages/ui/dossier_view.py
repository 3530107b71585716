"""The parts of the page of one case: what it is, what happened, its clocks with why, and what belongs to it."""

from datetime import datetime, timedelta

import streamlit as st
from markupsafe import Markup

from core import rules, spans
from core.captions import label
from core.cases import reporter
from core.cases.dossier import Dossier, Happened, Promised
from core.cases.why import Row, RowKind, Why
from core.clock import local
from core.language import N_, Translate
from core.promises import REPLY
from core.rules import Rules
from core.words import Action, ClockState, PhotoKind, Source, Stage, Verb, Verdict, WhistleKind
from pages.ui import cards, contacts, pieces, session

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
        (translate("Reported at"), _time(case.reported_at)),
        (translate("Address"), case.address),
        (translate("Unit"), f"{found.unit.name} {found.unit.duty_phone}" if found.unit else ""),
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


def draw_clocks(found: Dossier, now: datetime, soon: timedelta, translate: Translate) -> None:
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
                _clock(promised, f"{place}_{promised.row.id}", now, soon, found, translate)


def _clock(promised: Promised, key: str, now: datetime, soon: timedelta, found: Dossier, translate: Translate) -> None:
    from_rules = promised.why
    clock = next(
        c for c in (*found.state.clocks, *found.state.unit_clocks)
        if (c.ordinal, c.name) == (promised.row.ordinal, promised.row.name)
    )  # fmt: skip
    state = clock.state(now, soon)
    name = promised.unit or named(promised.row.regime, promised.row.name, translate)
    provisional = translate("provisional") if promised.row.is_provisional else ""
    cards.show(
        Markup('<div class="clock"><b>{}</b> {} <small>{}</small></div>').format(
            name, pieces.clock_chip(state, clock.due_at, now, translate), provisional
        )
    )
    with st.expander(translate("Why"), key=f"why_{key}"):
        cards.show(Markup("<p>{}</p>").format(sentence(from_rules, translate)))
        st.dataframe(_account(from_rules, found, translate), hide_index=True, key=f"account_{key}")
        cards.show(pieces.note(f"{from_rules.regime} · {from_rules.calendar} · {from_rules.rule_version}"))


def named(regime: str, name: str, translate: Translate) -> str:
    """What a promise is called: the word of its regime, or the reply to an order."""
    found = rules.current().regimes.get(regime)
    labels = {promise.name: promise.label for promise in found.clock} if found else {}
    return labels.get(name) or (translate("Reply to the order") if name == REPLY else name)


def sentence(told: Why, translate: Translate) -> str:
    """The account in one sentence."""
    values = {
        name: _time(value) if isinstance(value, datetime) else length(value, translate)
        for name, value in told.values.items()
        if isinstance(value, datetime | timedelta)
    }
    return translate(told.sentence).format(**values)


def length(span: timedelta, translate: Translate) -> str:
    """A length of time: hours and minutes, of more than a day the days too."""
    return spans.late(int(span.total_seconds()), spans.words(translate))


def _account(told: Why, found: Dossier, translate: Translate) -> dict[str, list[str]]:
    def what(row: Row) -> str:
        return " · ".join(filter(None, (translate(KINDS[row.kind]), translate(row.reason) if row.reason else "")))

    rows = told.rows
    return {
        translate("What"): [what(row) for row in rows],
        translate("From"): [_time(row.from_at) for row in rows],
        translate("To"): [_time(row.to_at) if row.to_at != row.from_at else "" for row in rows],
        translate("Length"): [length(row.length, translate) if row.length else "" for row in rows],
        translate("Who"): [found.names.get(row.by_id or 0, "") for row in rows],
    }


def draw_timeline(found: Dossier, translate: Translate) -> None:
    """Who did what, when it happened, when it was typed, for whom, and how long each stage took."""
    cards.show(pieces.heading(translate("Timeline"), len(found.happened)))
    items = Markup("").join(_line(line, translate) for line in found.happened)
    cards.show(Markup('<ol class="timeline">{}</ol>').format(items))


def _line(line: Happened, translate: Translate) -> Markup:
    event = line.event
    who = line.by
    if line.on_behalf_of:
        who = translate("{name} for {unit}").format(name=line.by, unit=line.on_behalf_of)
    typed = event.recorded_at - event.occurred_at
    remarks = [
        f"→ {line.unit}" if line.unit else "",
        translate("{hours} hours").format(hours=f"{event.hours:g}") if event.hours else "",
        contacts.recorded(event.given, translate),
        event.note or "",
    ]
    late = translate("recorded {time}").format(time=_time(event.recorded_at)) if typed >= timedelta(minutes=1) else ""
    stood = translate("{stage} took {time}").format(
        stage=translate(label(Stage(event.from_stage))), time=length(line.stood, translate)
    ) if line.stood is not None and event.from_stage else ""  # fmt: skip
    return Markup(
        '<li><time>{}</time><div><b>{}</b> <span>{}</span>{}<small>{}</small></div></li>'
    ).format(
        _time(event.occurred_at), translate(label(Verb(event.verb))), who,
        Markup("").join(Markup("<p>{}</p>").format(text) for text in remarks if text),
        " · ".join(filter(None, (late, stood))),
    )  # fmt: skip


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
                photo.id, photo.id, translate(label(kind)), _time(photo.added_at)
            )
            for photo in shown
        )
        groups.append(Markup("<div><p>{}</p>{}</div>").format(translate(label(kind)), drawn or "—"))
    cards.show(Markup('<div class="photos">{}</div>').format(Markup("").join(groups)))


def draw_belongings(found: Dossier, now: datetime, translate: Translate) -> None:
    """Duplicates, whistles, and the ledger of leave."""
    if found.links:
        cards.show(pieces.heading(translate("Linked cases"), len(found.links)))
        cards.show(
            pieces.links(
                (f"{translate('Merged into') if link.is_into else translate('Duplicate')} {link.number} {link.title}",
                 f"/case?case={link.id}")
                for link in found.links
            )
        )  # fmt: skip
    if found.whistles:
        cards.show(pieces.heading(translate("Whistles"), len(found.whistles)))
    for call in found.whistles:
        answers = [
            f"{found.units.get(row.unit_id, row.unit_id)}: {contacts.recorded({'called': row.called}, translate)} "
            + (f"{translate('answered')} {_time(row.answered_at)} {row.note or ''}" if row.answered_at
               else spans.clock_text(_owed(row.due_at, now), row.due_at, now, translate))
            for row in call.answers
        ]  # fmt: skip
        kind = translate(label(WhistleKind(call.whistle.kind)))
        cards.show(pieces.lines(f"{kind} · {_time(call.whistle.blown_at)}", [call.whistle.text, *answers]))
    if found.ledger:
        cards.show(pieces.heading(translate("Ledger"), len(found.ledger)))
    for entry in found.ledger:
        head = (translate(label(entry.verb)), _time(entry.at), found.names.get(entry.by_id, ""))
        answer = (translate(label(entry.answer)), found.names.get(entry.approver_id or 0, "")) if entry.answer else ()
        cards.show(pieces.lines(" · ".join(head), [entry.reason or "", " · ".join(answer), entry.remark or ""]))


def _owed(due_at: datetime, now: datetime) -> ClockState:
    return ClockState.OVERDUE if now > due_at else ClockState.RUNNING


def draw_reporter(found: Dossier, translate: Translate) -> None:
    """Who reported it, masked; unmasked for a reason that is written into the audit, and never kept on the page."""
    if found.reporter is None:
        return
    cards.show(pieces.heading(translate("Reporter")))
    cards.show(pieces.person(" ".join(found.reporter), translate))
    if not found.may_unmask:
        return
    with st.form("unmask", border=False, clear_on_submit=True):
        reason = st.text_input(translate("Reason to see name and phone"), key="unmask_reason", max_chars=120)
        if st.form_submit_button(translate("Show name and phone")):
            subject = f"case {found.case.number}"
            shown = session.act(Action.UNMASK_REPORTER, subject, reporter.unmask, found.case.id or 0, reason)
            if shown:
                cards.show(pieces.person(shown[0], translate, phone=shown[1]))


def _time(at: datetime | None) -> str:
    return f"{local(at):%Y-%m-%d %H:%M}" if at else ""
