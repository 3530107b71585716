"""After a meeting: minutes and lists as Word, how each resolution stands, signing off, the figures of a year."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

import streamlit as st
from markupsafe import Markup

from core import clock, rules, spans, store
from core.captions import label
from core.documents import clips
from core.language import Translate
from core.liaisons import lookup
from core.meeting_words import MeetingState, Progress
from core.meetings import papers, queries, sitting
from core.meetings.called import called
from core.meetings.queries import Sheet, Year
from core.meetings.tables import Resolution
from core.people import Principal
from core.units import Unit
from core.words import Action
from pages.ui import cards, contacts, meeting_parts, pieces
from pages.ui.meeting_before import DOCX
from pages.ui.meeting_parts import done

ENOUGH = 10  # of so many things a share in per cent says something
TOLD = (Progress.NOT_STARTED, Progress.UNDER_WAY, Progress.DONE, Progress.SUSPENDED)


def draw(
    sheet: Sheet,
    rows: Sequence[Resolution],
    about: Mapping[int, str],
    now: datetime,
    translate: Translate,
    *,
    prepares: bool,
    is_demo: bool,
) -> None:
    """The resolutions of the series that are still open, and the papers of the meeting; `about` are titles by item."""
    late = sum(row.progress_at(now) is Progress.OVERDUE for row in rows)
    note = translate("{count} past their date").format(count=late) if late else ""
    cards.show(pieces.heading(translate("Open resolutions"), len(rows), note))
    if not rows:
        cards.show(pieces.empty(translate("Every resolution has been signed off"), ""))
    for row in rows:
        with cards.card(f"resolution_{row.id}"), st.container(horizontal=True, vertical_alignment="top", gap="small"):
            cards.show(_resolution(row, about.get(row.item_id, ""), sheet, now, translate))
            _draw_tell(row, translate)
            if prepares:
                _draw_sign_off(row, translate)
    if sheet.meeting.state == MeetingState.ENDED:
        _draw_papers(sheet, rows, now, translate, is_demo=is_demo)


def _draw_papers(
    sheet: Sheet, rows: Sequence[Resolution], now: datetime, translate: Translate, *, is_demo: bool
) -> None:
    name = f"{sheet.series.name}-{sheet.meeting.number}"
    made = [row for line in sheet.lines for row in line.resolutions]

    def pack() -> bytes:
        with store.current().reading() as db:
            ground, directory = clips.ground(db, now), lookup.directory(db, rules.current())
        return papers.pack(sheet, ground, called(sheet, directory), is_demo=is_demo)

    files = (
        ("minutes", translate("Minutes (Word)"), lambda: papers.minutes(sheet, sheet.meeting.number, is_demo=is_demo)),
        (
            "list",
            translate("List of resolutions (Word)"),
            lambda: papers.resolutions(made or rows, sheet, now, is_demo=is_demo),
        ),
        ("pack", translate("Meeting pack (Word)"), pack),
    )
    number = translate("meeting {number}").format(number=sheet.meeting.number)
    cards.show(pieces.heading(translate("Papers"), note=number))
    with st.container(horizontal=True, gap="small"):
        for key, caption, made_by in files:
            st.download_button(caption, made_by, f"{name}-{key}.docx", DOCX, key=f"{key}_word", on_click="ignore")


def _resolution(row: Resolution, about: str, sheet: Sheet, now: datetime, translate: Translate) -> Markup:
    chip = "over" if row.progress_at(now) is Progress.OVERDUE else "run"
    facts = (
        (translate("Item"), about),
        (translate("Lead unit"), sheet.unit_names([row.lead_unit_id] if row.lead_unit_id else [])),
        (translate("Units that help"), sheet.unit_names(row.co_unit_ids)),
        (translate("Who answers for it"), row.person),
        (translate("Due"), spans.day_text(clock.local(row.due_at), translate)),
        (translate("Who supervises"), row.supervisor),
        (translate("Progress"), row.progress_note),
        (translate("Carried over"), translate("{count} times").format(count=row.missed) if row.missed else ""),
    )
    said = [Markup("<span>{} <b>{}</b></span>").format(name, text) for name, text in facts if text]
    return Markup('<h3 class="item">{} <span class="chip {}">{}</span></h3><p class="of">{}</p>').format(
        row.text, chip, meeting_parts.progress(row, now, translate), Markup("").join(said)
    )


def _draw_tell(row: Resolution, translate: Translate) -> None:
    assert row.id is not None
    with st.popover(translate("How it stands")):
        stands = st.selectbox(
            translate("Progress"), TOLD, TOLD.index(Progress(row.progress)), lambda one: translate(label(one)),
            key=f"progress_{row.id}",
        )  # fmt: skip
        note = st.text_input(translate("Note"), row.progress_note, key=f"progress_note_{row.id}", max_chars=400)
        if st.button(translate("Keep"), key=f"tell_{row.id}", type="primary"):
            done(Action.TELL_PROGRESS, f"resolution {row.id}", sitting.tell, row.id, stands, note)


def _draw_sign_off(row: Resolution, translate: Translate) -> None:
    """Behind a touch; loud only of what is said to be done."""
    assert row.id is not None
    look: Literal["primary", "secondary"] = "primary" if row.progress == Progress.DONE else "secondary"
    with st.popover(translate("Sign off"), type=look, key=f"strike_{row.id}"):
        evidence = st.text_input(translate("Evidence"), key=f"evidence_{row.id}", max_chars=400)
        if st.button(translate("Sign off"), key=f"sign_{row.id}", type="primary"):
            done(Action.SIGN_OFF, f"resolution {row.id}", sitting.sign_off, row.id, evidence, now=clock.now())


def draw_year(who: Principal, units: Sequence[Unit], now: datetime, translate: Translate) -> None:
    """The resolutions of the running year by lead unit, each figure with what it is made of."""
    year = clock.local(now).year
    since = clock.day_of(clock.local(now).date().replace(month=1, day=1))
    with store.current().reading() as db:
        rows = queries.year(db, who, since, now, now)
    cards.show(pieces.heading(translate("Resolutions of {year}").format(year=year)))
    if not rows:
        cards.show(pieces.empty(translate("Nothing was resolved this year"), ""))
        return
    total = Year(None, *(sum(counts) for counts in list(zip(*rows, strict=True))[1:]))
    names = {unit.id: unit.name for unit in units}
    cards.show(Markup('<p class="conclusion">{}</p>').format(_concluded(total, rows, names, translate)))
    cards.figures(*(_figure(name, row, translate) for name, row in _figures(total, translate)))
    drawn = [_year(row, names, translate) for row in rows]
    cards.show(contacts.table(list(drawn[0]), [list(row.values()) for row in drawn], figures=len(drawn[0]) - 1))


def _concluded(total: Year, rows: Sequence[Year], names: dict[int | None, str], translate: Translate) -> str:
    """What the year comes to, in a sentence, and whose is what is late."""
    said = translate("{made} made; {signed} signed off, {in_time} of them in time; {open} still open").format(
        made=total.made, signed=total.made - total.open, in_time=total.in_time, open=total.open
    )
    if not total.late:
        return translate("{said}, none past its date").format(said=said)
    late = sorted((row for row in rows if row.late), key=lambda row: -row.late)
    whose = "、".join(f"{names.get(row.unit_id, '—')} {row.late}" for row in late)
    return translate("{said}, {late} of them past their date: {whose}").format(said=said, late=total.late, whose=whose)


Said = tuple[int, int, str]  # numerator, denominator, formula


def _figures(row: Year, translate: Translate) -> list[tuple[str, Said]]:
    of_made = translate("{what} ÷ all resolutions made this year")
    in_time = translate("signed off by their date ÷ signed off or past their date; what is not yet due does not count")
    carried = translate("found not done by a later meeting")
    still_open, late = translate("not signed off yet"), translate("past their date ÷ not signed off yet")
    return [
        (translate("Signed off in time"), (row.in_time, row.due, in_time)),
        (translate("Carried over"), (row.carried, row.made, of_made.format(what=carried))),
        (translate("Still open"), (row.open, row.made, of_made.format(what=still_open))),
        (translate("Open and past their date"), (row.late, row.open, late)),
    ]


def _figure(name: str, said: Said, translate: Translate) -> Markup:
    part, whole, formula = said
    parts = (part, whole) if whole >= ENOUGH or not whole else None
    return pieces.figure(name, _rate(part, whole), formula, translate, parts=parts)


def _rate(part: int, whole: int) -> str:
    """A share in per cent, or of few things how many of how many: 0.0 % of one would say too much."""
    return pieces.share(part, whole) if whole >= ENOUGH or not whole else f"{part} / {whole}"


def _year(row: Year, names: dict[int | None, str], translate: Translate) -> dict[str, object]:
    return {
        translate("Lead unit"): names.get(row.unit_id, "—"),
        translate("Made"): row.made,
        translate("Due or signed off"): row.due,
        translate("In time"): row.in_time,
        translate("In time, share"): _rate(row.in_time, row.due),
        translate("Carried over"): row.carried,
        translate("Still open"): row.open,
        translate("Past their date"): row.late,
    }
