"""The papers of the duty desk: the handover with its two signatures, and the day sheet."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from core import rules
from core.captions import label
from core.cases import told
from core.clock import local
from core.desk_words import ShiftKind
from core.documents.paper import Paper
from core.handover.log import Log
from core.handover.tables import ShiftEntry
from core.language import N_, Translate
from core.words import Severity, Stage, Verb

NEXT = {  # what comes next after a stage
    Stage.REPORTED: Verb.ACCEPT,
    Stage.ACCEPTED: Verb.DISPATCH,
    Stage.DISPATCHED: Verb.TAKE_ON,
    Stage.TAKEN_ON: Verb.ARRIVE,
    Stage.ON_SITE: Verb.RESOLVE,
    Stage.RESOLVED: Verb.ANSWER,
    Stage.ANSWERED: Verb.CHECK,
    Stage.CHECKED: Verb.CLOSE,
}
FIGURES = (
    ("received", N_("Received")),
    ("closed", N_("Closed")),
    ("open", N_("Open")),
    ("overdue", N_("Overdue")),
    ("became_overdue", N_("Newly overdue")),
    ("whistles", N_("Whistles")),
    ("whistles_open", N_("Whistles without all answers")),
)
HEAD = (N_("Number"), N_("Case"), N_("Level"), N_("Unit"), N_("Next step"), N_("Due"))


def handover_paper(
    given: ShiftEntry, taken: ShiftEntry | None, street: str, translate: Translate, *, is_demo: bool
) -> bytes:
    """The handover as it was signed, in Word.

    Returns: a .docx file.
    """
    signed = given.given or {}
    paper = Paper(translate("{street} duty handover").format(street=street), is_demo=is_demo)
    _write_log(paper, signed, translate)
    if given.text:
        paper.heading(translate("Remarks"))
        paper.body(given.text)
    second = f"{taken.by_name}　{_when(taken.at)}" if taken else translate("not signed yet")
    first = translate("Handed over by") + f"：{given.by_name}　{_when(given.at)}"
    paper.signed(first, translate("Taken over by") + f"：{second}")
    return paper.file()


def day_sheet(log: Log, street: str, by: str, translate: Translate, *, is_demo: bool) -> bytes:
    """What happened on a day and what is open, in Word.

    Returns: a .docx file.
    """
    paper = Paper(translate("{street} duty day sheet").format(street=street), is_demo=is_demo)
    _write_log(paper, log.signed(), translate)
    paper.signed(translate("Drawn up by") + f"：{by}　{_when(log.until)}")
    return paper.file()


def _write_log(paper: Paper, signed: Mapping[str, Any], translate: Translate) -> None:
    paper.labelled(translate("From — to") + "：", f"{_when(signed['since'])} — {_when(signed['until'])}")
    paper.heading(translate("Figures"))
    paper.table([translate(name) for _, name in FIGURES], [[str(signed[key]) for key, _ in FIGURES]], [1] * 7)
    _write_happenings(paper, translate("Calls"), signed["calls"], translate)
    _write_happenings(paper, translate("Instructions, equipment, weather"), signed["entries"], translate)
    paper.heading(translate("Undone"))
    if "pressing" in signed:
        paper.body(which(signed["pressing"], signed["open"], len(signed["undone"]), translate))
    if not signed["undone"]:
        paper.body(translate("Nothing is undone"))
        return
    rows = (_undone(one, translate) for one in signed["undone"])
    paper.table([translate(name) for name in HEAD], rows, [2.2, 4.2, 1.1, 2.2, 1.8, 3.3])


def which(pressing: int, open_cases: int, listed: int, translate: Translate) -> str:
    """What the undone are among all that is open, and how many of them are named."""
    said = translate("{pressing} of {open} open cases are overdue, due within a day, red or orange")
    more = translate("; the {listed} due first are named") if listed < pressing else ""
    return (said + more).format(pressing=pressing, open=open_cases, listed=listed)


def _write_happenings(paper: Paper, title: str, found: Iterable[Mapping[str, str]], translate: Translate) -> None:
    paper.heading(title)
    lines = [f"{_when(one['at'])}　{said(one['kind'], translate)}　{one['number']}　{one['text']}" for one in found]
    paper.body("\n".join(lines) if lines else translate("None"))


def _undone(one: Mapping[str, Any], translate: Translate) -> list[str]:
    coming = translate(label(NEXT[Stage(one["stage"])]))
    promise = told.named(one.get("regime", ""), one.get("promise", ""), rules.current(), translate)
    due = f"{promise} {_when(one['due_at'])}".lstrip() if one["due_at"] else "—"
    level = translate(label(Severity(one["severity"])))
    return [one["number"], one["title"], level, one["unit"] or "—", coming, due]


def said(kind: str, translate: Translate) -> str:
    """What a happening of the log is called."""
    if kind == "emergency":
        return translate("Emergency mode")
    word: StrEnum = ShiftKind(kind) if kind in set(ShiftKind) else Verb(kind)
    return translate(label(word))


def _when(moment: datetime | str) -> str:
    found = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return f"{local(found):%m-%d %H:%M}"
