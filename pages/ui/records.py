"""The other parts of the backlog page: call-backs, the diary, the ledger of leave with its shares."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from secrets import token_hex

import streamlit as st
from markupsafe import Markup

from core import clock, diary, rules, spans, whistles
from core.captions import label
from core.cases import ledger
from core.cases.tables import Case
from core.diary import Line
from core.language import Translate
from core.people import Principal
from core.whistles import Call
from core.words import Action, DiaryKind, Request, Role, WhistleKind
from pages.ui import cards, drafts, pieces, session

Door = tuple[int, str, datetime | None]  # a grid by id and name, and when somebody last knocked there
MOST_ENTRIES = 100
ON_FOOT_KINDS = (DiaryKind.PATROL, DiaryKind.VISIT, DiaryKind.DISPUTE, DiaryKind.SAFETY, DiaryKind.POLICY)


def draw_calls(cases: Sequence[Case], count: int, now: datetime, translate: Translate) -> None:
    """Who waits for a call, the longest first: the case file has the phone, for a reason, and the verdicts."""
    more = translate("the first {count}").format(count=len(cases)) if len(cases) < count else ""
    cards.show(pieces.heading(translate("Residents to call back"), count, more))
    if not cases:
        cards.show(pieces.empty(translate("Nobody waits for a call.")))
    for case in cases:
        with st.container(key=f"call_{case.id}", horizontal=True, vertical_alignment="center", gap="small"):
            ended = f"{translate('Closed')} {spans.moment_text(case.ended_at, translate)}" if case.ended_at else ""
            cards.show(pieces.lines(case.title, [case.address, f"{case.number} · {ended}"]))
            cards.show(pieces.links([(translate("Call and record"), f"/case?case={case.id}")]))


def draw_whistles(
    calls: Sequence[Call], who: Principal, grids: Mapping[int, str], now: datetime, translate: Translate
) -> None:  # fmt: skip
    """The calls that wait for my unit, each with the button that reports for duty."""
    own = {grant.unit_id for grant in who.grants if grant.role is Role.LIAISON}
    owed = [(call.whistle, row) for call in calls for row in call.answers if row.unit_id in own and not row.answered_at]
    cards.show(pieces.heading(translate("Whistles"), len(owed)))
    if not owed:
        cards.show(pieces.empty(translate("No whistle waits for an answer")))
    for whistle, row in owed:
        with cards.card(f"whistle_{whistle.id}"):
            kind, state = translate(label(WhistleKind(whistle.kind))), row.state(now, rules.current())
            where = f"{grids.get(whistle.grid_id, '')} · {spans.moment_text(whistle.blown_at, translate)}"
            chip = pieces.clock_chip(state, row.due_at, now, translate)
            cards.show(pieces.lines(kind, [whistle.text, where]), chip)
            key = f"answer_{whistle.id}"
            said = st.text_area(translate("What it answered"), key=key, max_chars=400, height=80)
            button = st.button(
                translate("Answer a whistle"), key=f"report_{whistle.id}", type="primary", width="stretch"
            )
            moment = max(now, clock.now())
            if button and session.did(
                Action.ANSWER_WHISTLE, f"whistle {whistle.id}", whistles.answer, whistle.id or 0, row.unit_id, said,
                at=moment, now=moment,
            ):  # fmt: skip
                drafts.forget(key)
                st.rerun()


def draw_diary(
    lines: Sequence[Line], places: Sequence[tuple[int, str]], doors: Sequence[Door], is_secretary: bool, now: datetime,
    translate: Translate,
) -> None:  # fmt: skip
    """A line in two taps: what it was, and save; what was heard may be added."""
    kinds = (DiaryKind.KNOCK, *ON_FOOT_KINDS) if is_secretary else ON_FOOT_KINDS
    kind = st.pills(
        translate("What it was"), kinds, default=kinds[0], required=True, key="diary_kind",
        format_func=lambda each: translate(label(each)),
    )  # fmt: skip
    place = places[0]
    if len(places) > 1:
        place = st.selectbox(translate("Place"), places, 0, lambda each: each[1], key="diary_place") or places[0]
    text = st.text_area(translate("What was heard (may stay empty)"), key="diary_text", max_chars=400, height=90)
    if st.button(translate("Save"), key="diary_save", type="primary", width="stretch"):
        _write(kind or kinds[0], place[0], text, now)
    if is_secretary:
        _draw_knocks(doors, now, translate)
    cards.show(pieces.heading(translate("The last days"), len(lines)))
    if not lines:
        cards.show(pieces.empty(translate("The diary has no line yet.")))
    for line in lines:
        head = f"{translate(label(DiaryKind(line.entry.kind)))} · {line.place}"
        said = f"{spans.moment_text(line.entry.happened_at, translate)} · {line.name}"
        cards.show(pieces.lines(head, [line.entry.text, said]))


def _draw_knocks(doors: Sequence[Door], now: datetime, translate: Translate) -> None:
    """The grids by how long nobody has knocked there; one tap writes that it was done."""
    cards.show(pieces.heading(translate("Doors to knock on next"), len(doors)))
    for place, name, last in doors:
        with st.container(key=f"knocks_{place}", horizontal=True, vertical_alignment="center", gap="small"):
            when = (
                translate("last {time}").format(time=spans.moment_text(last, translate))
                if last
                else translate("not yet")
            )
            cards.show(pieces.lines(name, [when]))
            if st.button(translate("Knocked"), key=f"knock_{place}"):
                _write(DiaryKind.KNOCK, place, "", now)


def _write(kind: DiaryKind, place_id: int, text: str, now: datetime) -> None:
    """The key changes once the line is written: until then every repetition is the same line."""
    key = st.session_state.setdefault("diary_submission", token_hex(16))
    moment = max(now, clock.now())
    if session.did(
        Action.WRITE_DIARY, f"place {place_id}", diary.note_down, kind, place_id, text, key=key, at=moment, now=moment
    ):
        del st.session_state["diary_submission"]
        if text:
            del st.session_state["diary_text"]
            drafts.forget("diary_text")
        st.rerun()


def draw_ledger(
    shares: tuple[list[ledger.Share], list[ledger.Share]], entries: Sequence[ledger.Entry],
    names: Mapping[int, str], grids: Mapping[int, str], translate: Translate,
) -> None:  # fmt: skip
    """What was granted, by unit and by grid, against its ceiling, those above it first; and every row of it."""
    ceilings = rules.current().ceilings
    for title, one, rows, known in (
        (translate("Units"), translate("Unit"), shares[0], names),
        (translate("Grids"), translate("Grid"), shares[1], grids),
    ):
        above = sum(bool(row.above(ceilings)) for row in rows)
        alert = translate("{count} above a ceiling").format(count=above) if above else translate("Last 30 days")
        cards.show(pieces.heading(title, len(rows), alert))
        if rows:
            cards.show(_share_table(one, rows, known, translate))
        else:
            cards.show(pieces.empty(translate("Nothing was dispatched.")))
    cards.show(pieces.heading(translate("Ledger"), len(entries)))
    if not entries:
        cards.show(pieces.empty(translate("Nothing was asked for.")))
    for entry in entries[:MOST_ENTRIES]:
        head = f"{translate(label(entry.verb))} · {names.get(entry.unit_id or 0, '—')}"
        answer = translate(label(entry.answer)) if entry.answer else ""
        said = [
            entry.reason or "",
            " · ".join(filter(None, (entry.number, spans.moment_text(entry.at, translate), answer))),
        ]
        cards.show(pieces.lines(head, said))


def _share_table(
    one: str, rows: Sequence[ledger.Share], known: Mapping[int, str], translate: Translate
) -> Markup:  # fmt: skip
    """A row each, those above a ceiling first: how much was given, and of it what was granted."""
    ceilings = rules.current().ceilings
    heads = Markup("").join(
        Markup("<th>{}<small>≤{}%</small></th>").format(translate(label(request)), f"{100 * ceilings[request]:.0f}")
        for request in Request
    )
    ordered = sorted(rows, key=lambda row: -len(row.above(ceilings)))
    body = Markup("").join(
        Markup("<tr><th>{}</th><td>{}</td>{}</tr>").format(
            known.get(row.of, "—"), pieces.number(row.given), _granted(row, row.above(ceilings), translate)
        )
        for row in ordered
    )
    head = Markup("<tr><th>{}</th><th>{}</th>{}</tr>").format(one, translate("Given"), heads)
    return Markup('<table class="shares"><thead>{}</thead><tbody>{}</tbody></table>').format(head, body)


def _granted(row: ledger.Share, above: Collection[Request], translate: Translate) -> Markup:
    return Markup("").join(
        Markup('<td class="{}">{}<small>{}</small></td>').format(
            "above" if request in above else "",
            pieces.share(row.granted[request], row.given),
            translate("above the ceiling") if request in above else row.granted[request],
        )
        for request in Request
    )
