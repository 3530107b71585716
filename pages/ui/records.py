"""The other parts of the backlog page: call-backs, the diary, the ledger of leave with its shares."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from secrets import token_hex

import streamlit as st

from core import clock, diary, rules
from core.captions import label
from core.cases import ledger
from core.cases.tables import Case
from core.clock import local
from core.diary import Line
from core.language import Translate
from core.words import Action, DiaryKind, Request
from pages.ui import cards, drafts, pieces, session

ON_FOOT_KINDS = (DiaryKind.PATROL, DiaryKind.VISIT, DiaryKind.DISPUTE, DiaryKind.SAFETY, DiaryKind.POLICY)


def draw_calls(cases: Sequence[Case], now: datetime, translate: Translate) -> None:
    """Who waits for a call: the case file has the phone, for a reason, and the verdicts."""
    cards.show(pieces.heading(translate("Residents to call back"), len(cases)))
    if not cases:
        cards.show(pieces.empty(translate("Nobody waits for a call.")))
    for case in cases:
        with cards.card(f"call_{case.id}"):
            ended = f"{translate('Closed')} {local(case.ended_at):%m-%d %H:%M}" if case.ended_at else ""
            cards.show(pieces.lines(case.title, [case.address, f"{case.number} · {ended}"]))
            cards.show(pieces.links([(translate("Call and record"), f"/case?case={case.id}")]))


def draw_diary(
    lines: Sequence[Line], places: Sequence[tuple[int, str]], is_secretary: bool, now: datetime, translate: Translate
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
    cards.show(pieces.heading(translate("The last days"), len(lines)))
    if not lines:
        cards.show(pieces.empty(translate("The diary has no line yet.")))
    for line in lines:
        head = f"{translate(label(DiaryKind(line.entry.kind)))} · {line.place}"
        said = f"{local(line.entry.happened_at):%m-%d %H:%M} · {line.name}"
        cards.show(pieces.lines(head, [line.entry.text, said]))


def _write(kind: DiaryKind, place_id: int, text: str, now: datetime) -> None:
    """The key changes once the line is written: until then every repetition is the same line."""
    key = st.session_state.setdefault("diary_submission", token_hex(16))
    moment = max(now, clock.now())
    if session.did(
        Action.WRITE_DIARY, f"place {place_id}", diary.note_down, kind, place_id, text, key=key, at=moment, now=moment
    ):
        del st.session_state["diary_submission"], st.session_state["diary_text"]
        drafts.forget("diary_text")
        st.rerun()


def draw_ledger(
    shares: tuple[list[ledger.Share], list[ledger.Share]], entries: Sequence[ledger.Entry],
    names: Mapping[int, str], grids: Mapping[int, str], translate: Translate,
) -> None:  # fmt: skip
    """What was granted, by unit and by grid, against its ceiling; and every row of it."""
    for title, rows, known in ((translate("Units"), shares[0], names), (translate("Grids"), shares[1], grids)):
        cards.show(pieces.heading(title, len(rows), translate("Last 30 days")))
        if not rows:
            cards.show(pieces.empty(translate("Nothing was dispatched.")))
        else:
            st.dataframe(_share_table(rows, known, translate), hide_index=True, key=f"shares_{title}")
    cards.show(pieces.heading(translate("Ledger"), len(entries)))
    if entries:
        st.dataframe(_ledger_table(entries, names, translate), hide_index=True, key="ledger")


def _share_table(rows: Sequence[ledger.Share], known: Mapping[int, str], translate: Translate) -> dict[str, list[str]]:
    ceilings = rules.current().ceilings
    table = {translate("Name"): [known.get(row.of, "—") for row in rows]}
    table[translate("Given")] = [pieces.number(row.given) for row in rows]
    for request in Request:
        title = f"{translate(label(request))} ≤{100 * ceilings[request]:.0f}%"
        table[title] = [
            f"{'▲ ' * (request in row.above(ceilings))}{row.granted[request]} · "
            f"{pieces.share(row.granted[request], row.given)}"
            for row in rows
        ]
    return table


def _ledger_table(
    entries: Sequence[ledger.Entry], names: Mapping[int, str], translate: Translate
) -> dict[str, list[str]]:  # fmt: skip
    return {
        translate("Case"): [entry.number for entry in entries],
        translate("Step"): [translate(label(entry.verb)) for entry in entries],
        translate("Unit"): [names.get(entry.unit_id or 0, "—") for entry in entries],
        translate("When"): [f"{local(entry.at):%m-%d %H:%M}" for entry in entries],
        translate("Reason"): [entry.reason or "—" for entry in entries],
        translate("Answer"): [translate(label(entry.answer)) if entry.answer else "—" for entry in entries],
    }
