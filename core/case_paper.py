"""A case on one sheet of A4 as a Word file: cut with a line that says how much more there is, never a second page.

It is Chinese in any language of the screen, and says nothing of who reported the case.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from core import limits, spans
from core.accounts import audit
from core.accounts.audit import Asker
from core.captions import label
from core.cases import told
from core.cases.dossier import Dossier, Happened, Promised, dossier
from core.cases.rows import clock_of
from core.clock import local
from core.documents import fitting
from core.documents.fitting import Part, Row
from core.documents.paper import Paper
from core.errors import NotFound
from core.language import N_, translator
from core.meetings.of_case import Heard, heard_of
from core.rules import Rules
from core.whistles import Call
from core.words import Action, Severity, Source, Stage, Verb, Verdict, WhistleKind

MOST_OF_FACT, MOST_OF_TEXT = 2, 5  # lines
FACTS, TEXT = (2, 6, 2, 6), (2, 14)  # shares of the width
_ = translator()


def written(db: Session, by: Asker, case_id: int, rules: Rules, now: datetime, *, is_demo: bool) -> bytes:
    """The sheet of a case that the asker may see, written into the audit in the same transaction.

    Returns: a .docx file.
    Raises: NotFound.
    """
    found = dossier(db, by.who, case_id, now, rules)
    if found is None:
        raise NotFound(N_("There is no such case"))
    audit.record(db, Action.EXPORT_CASE, f"case {found.case.number}", by=by)
    return sheet(found, heard_of(db, by.who, case_id), rules, now, is_demo=is_demo)


def sheet(found: Dossier, heard: Sequence[Heard], rules: Rules, now: datetime, *, is_demo: bool) -> bytes:
    """The case on one sheet.

    Returns: a .docx file.
    """
    paper = Paper(fitting.titled(found.case.title), is_demo=is_demo, is_dense=True)
    facts = fitting.cut(_facts(found, rules, now), FACTS, MOST_OF_FACT)
    texts = fitting.cut(_texts(found), TEXT, MOST_OF_TEXT)
    paper.form(facts, FACTS)
    paper.form(texts, TEXT)
    left = fitting.LINES - fitting.height(facts, FACTS) - fitting.height(texts, TEXT)
    for part, rows in fitting.dealt(_parts(found, heard, rules, now), left):
        paper.small_heading(part.title)
        paper.table(part.head, rows, part.widths)
        if more := len(part.rows) - len(rows):
            paper.note(f"…更多 {more} 条")
    paper.note(f"打印于 {told.moment(now)}。完整记录见案卷 {found.case.number}。")
    return paper.file()


def _facts(found: Dossier, rules: Rules, now: datetime) -> list[Row]:
    case, category = found.case, rules.categories.get(found.case.category)
    unit = f"{found.unit.name} {found.unit.duty_phone}" if found.unit else "—"
    verdict = _(label(Verdict(case.verdict))) if case.verdict else "—"
    state = limits.shown_state(case.due_at, case.suspended_at, now, rules.due_soon)
    ended = told.moment(case.ended_at) or spans.clock_text(state, case.due_at, now, _)
    return [
        ("编号", case.number, "级别", _(label(Severity(case.severity)))),
        ("类别", category.name if category else case.category, "环节", f"{_(label(Stage(case.stage)))}　{ended}"),
        ("来源", _(label(Source(case.source))), "上报时间", told.moment(case.reported_at)),
        ("承办单位", unit, "群众评价", verdict),
    ]


def _texts(found: Dossier) -> list[Row]:
    where = " › ".join(node.name for node in found.trail)
    also = f"（另有 {'、'.join(found.also)} 主张管辖）" if found.also else ""
    return [("地点", f"{where}　{found.case.address}{also}"), ("反映情况", found.case.text or "—")]


def _parts(found: Dossier, heard: Sequence[Heard], rules: Rules, now: datetime) -> list[Part]:
    """The tables of the sheet, those without a row left out; what is dealt out first stands first."""
    parts = [
        Part("时限", ("时限", "起算", "到期", "状态", "依据"), (4, 4, 4, 4, 9), _clocks(found, rules, now)),
        Part("办理过程", ("时间", "步骤", "经办", "说明"), (4, 3, 6, 12), _timeline(found), is_history=True),
        Part("会议", ("会议", "议题", "结果与议定事项"), (5, 5, 11), _meetings(heard, now)),
        Part("吹哨", ("时间", "类型与事由", "报到"), (4, 8, 9), tuple(_call(call, found) for call in found.whistles)),
        Part("台账", ("时间", "事项", "理由", "审批"), (4, 5, 10, 6), _ledger(found)),
        Part("关联与并入的上报", ("编号", "关系", "情况"), (4, 3, 14), _linked(found)),
    ]
    return [part for part in parts if part.rows]


def _clocks(found: Dossier, rules: Rules, now: datetime) -> tuple[Row, ...]:
    """What still holds first, what was replaced last."""
    clocks = sorted((*found.clocks, *found.unit_clocks), key=lambda one: one.row.superseded_at is not None)
    return tuple(_clock(one, rules, now) for one in clocks)


def _clock(one: Promised, rules: Rules, now: datetime) -> Row:
    clock, why = clock_of(one.row), one.why
    state = spans.clock_text(clock.state(now, rules.due_soon), clock.due_at, now, _)
    mark = "（暂定）" if one.row.is_provisional else ""
    name = one.unit or told.named(one.row.regime, one.row.name, rules, _)
    spent = [("计时", why.counted), ("不计时", why.skipped), ("挂账", why.paused)]
    account = "，".join(f"{word} {told.length(span, _)}" for word, span in spent if span or word == "计时")
    return (
        f"{name}{mark}", _short(clock.starts_at), _short(clock.due_at), state,
        f"限 {told.length(why.allowed, _)}，{account}",
    )  # fmt: skip


def _timeline(found: Dossier) -> tuple[Row, ...]:
    return tuple(_happened(line) for line in found.happened)


def _happened(line: Happened) -> Row:
    event = line.event
    who = f"{line.by}（代{line.on_behalf_of}）" if line.on_behalf_of else line.by
    typed = event.recorded_at - event.occurred_at
    said = (
        f"→{line.unit}" if line.unit else "",
        event.note or "",
        f"{event.hours:g} 小时" if event.hours else "",
        f"{_(label(Stage(event.from_stage)))}历时 {told.length(line.stood, _)}"
        if line.stood and event.from_stage
        else "",
        f"{_short(event.recorded_at)} 补录" if typed >= told.LATE else "",
    )
    return _short(event.occurred_at), _(label(Verb(event.verb))), who, "；".join(filter(None, said))


def _meetings(heard: Sequence[Heard], now: datetime) -> tuple[Row, ...]:
    return tuple(
        (f"{one.series} {local(one.begins_at):%m-%d}", one.title, "；".join(_resolved(one, now))) for one in heard
    )


def _resolved(one: Heard, now: datetime) -> list[str]:
    return [
        _(label(one.outcome or one.state)),
        *(
            f"{row.text}（{lead}{row.person}，{local(row.due_at):%m-%d}前，{_(label(row.progress_at(now)))}）"
            for lead, row in one.resolutions
        ),
    ]


def _call(call: Call, found: Dossier) -> Row:
    answers = [
        f"{found.units.get(row.unit_id, str(row.unit_id))} "
        + (f"{_short(row.answered_at)} {row.note or ''}" if row.answered_at else f"未报到，时限 {_short(row.due_at)}")
        for row in call.answers
    ]
    kind = _(label(WhistleKind(call.whistle.kind)))
    return _short(call.whistle.blown_at), f"{kind}：{call.whistle.text}", "；".join(answers)


def _ledger(found: Dossier) -> tuple[Row, ...]:
    return tuple(
        (
            _short(entry.at),
            _(label(entry.verb)),
            entry.reason or "—",
            "　".join(filter(None, (
                _(label(entry.answer)) if entry.answer else "", found.names.get(entry.approver_id or 0, ""),
                entry.remark or "",
            ))) or "—",
        )
        for entry in found.ledger
    )  # fmt: skip


def _linked(found: Dossier) -> tuple[Row, ...]:
    into = [(link.number, "并入", link.title) for link in found.links if link.is_into]
    own = [
        (one.number, "同一问题", f"{told.moment(one.reported_at)}　{_(label(one.source))}") for one in found.attached
    ]
    return (*into, *own)


def _short(at: datetime | None) -> str:
    return f"{local(at):%m-%d %H:%M}" if at else ""
