"""The papers of a meeting as Word files: agenda, meeting pack, minutes 会议纪要 and the list 议定事项清单.

They are Chinese in any language of the screen: they follow the layout of a Chinese office.
"""

from collections.abc import Sequence
from datetime import datetime

from core.captions import label
from core.clock import local
from core.documents import clips
from core.documents.clips import Ground, Mark
from core.documents.paper import Paper
from core.language import translator
from core.meeting_words import ItemOutcome, Presence
from core.meetings import told
from core.meetings.queries import Brief, Line, Sheet
from core.meetings.tables import Attendance, Resolution

STOPS = "，。；、,.; "
TENS = "一二三四五六七八九十"
STEPS_SHOWN = 8
WIDTHS = [1.6, 7, 2.5, 2.5, 2.5, 2.7, 2.5, 3, 3]  # of the list: each head fits on one line
_ = translator()


def agenda(sheet: Sheet, *, is_demo: bool) -> bytes:
    """The agenda as it goes out: when, where, who, and what is asked of whom."""
    paper = Paper(f"{sheet.series.name}议程", is_demo=is_demo)
    _head(paper, sheet)
    for number, (line, at) in enumerate(zip(sheet.lines, sheet.begins(), strict=True), 1):
        item = line.item
        paper.heading(f"{number}. {item.title}（{local(at):%H:%M}，{item.minutes} 分钟）", 3)
        why = told.reasons(item.parts, _) or _progress(line, sheet.meeting.begins_at)
        if why:
            paper.labelled("事由：", why)
        if item.unit_ids:
            paper.labelled("参会单位：", sheet.unit_names(item.unit_ids))
        if item.asked:
            paper.labelled("请会议明确：", item.asked)
    paper.signed(_day(sheet.meeting.begins_at))
    return paper.file()


def pack(sheet: Sheet, ground: Ground, liaisons: Sequence[str], *, is_demo: bool) -> bytes:
    """The meeting pack: each item with its cases, where they lie, what has happened, and who is rung."""
    paper = Paper(f"{sheet.series.name}材料", is_demo=is_demo)
    _head(paper, sheet)
    if liaisons:
        paper.heading("参会单位联络员", 2)
        paper.table(["单位", "联络员"], [line.split("：", 1) for line in liaisons], [2, 3])
    for number, line in enumerate(sheet.lines, 1):
        paper.new_page()
        paper.heading(f"{_number(number)}、{line.item.title}")
        if line.item.parts:
            paper.labelled("事由：", told.reasons(line.item.parts, _))
        if line.item.proposal:
            paper.body(line.item.proposal)
        if marks := marks_of(line.cases):
            paper.picture(clips.clip(ground, marks), "位置示意")
        for brief in line.cases:
            _case(paper, brief)
    return paper.file()


def minutes(sheet: Sheet, number: int, *, is_demo: bool) -> bytes:
    """The minutes with their red head; editable and ready to print."""
    paper = Paper(is_demo=is_demo)
    paper.red_head(f"{sheet.series.name}纪要", f"第 {number} 期　　{_day(sheet.meeting.begins_at)}")
    chair = f"，{sheet.series.chair}主持会议" if sheet.series.chair else ""
    where = f"在{sheet.series.venue}" if sheet.series.venue else ""
    paper.body(f"{_day(sheet.meeting.begins_at)}，{where}召开{sheet.series.name}{chair}。现将议定事项纪要如下。")
    for ordinal, line in enumerate(sheet.lines, 1):
        paper.heading(f"{_number(ordinal)}、{line.item.title}")
        for row in line.resolutions:
            paper.body(_resolved(row, sheet))
        if not line.resolutions:
            paper.body(_outcome(line, sheet.meeting.begins_at))
    if not sheet.lines:
        paper.body("会议没有议定事项。")
    for name, people in _present(sheet.attendance):
        paper.labelled(f"{name}：", people)
    return paper.file()


def resolutions(title: str, rows: Sequence[Resolution], sheet: Sheet, now: datetime, *, is_demo: bool) -> bytes:
    """The list of resolutions, on a sheet turned sideways."""
    paper = Paper(f"{title}议定事项清单", is_demo=is_demo, is_landscape=True)
    head = ["序号", "议定事项", "牵头单位", "责任人", "配合单位", "完成时限", "督办人", "进展", "销号"]
    table = [
        [
            str(number), row.text, sheet.unit_names([row.lead_unit_id] if row.lead_unit_id else []), row.person,
            sheet.unit_names(row.co_unit_ids), f"{local(row.due_at):%m月%d日}", row.supervisor,
            "\n".join(filter(None, (_(label(row.progress_at(now))), row.progress_note))),
            f"{local(row.signed_at):%m月%d日}\n{row.evidence}" if row.signed_at else "",
        ]
        for number, row in enumerate(rows, 1)
    ]  # fmt: skip
    paper.table(head, table, WIDTHS)
    if not table:
        paper.body("没有议定事项。")
    return paper.file()


def marks_of(cases: Sequence[Brief]) -> list[Mark]:
    """The cases that have a point, numbered as they are listed."""
    return [
        Mark(brief.lon, brief.lat, brief.severity, str(number))
        for number, brief in enumerate(cases, 1)
        if brief.lon is not None and brief.lat is not None
    ]


def _head(paper: Paper, sheet: Sheet) -> None:
    at = local(sheet.meeting.begins_at)
    paper.labelled("时间：", f"{_day(at)}{at:%H:%M}，共 {sheet.meeting.minutes} 分钟")
    if sheet.series.venue:
        paper.labelled("地点：", sheet.series.venue)
    if sheet.series.chair:
        paper.labelled("主持：", sheet.series.chair)
    units = [unit for line in sheet.lines for unit in line.item.unit_ids]
    if units:
        paper.labelled("参会单位：", sheet.unit_names(list(dict.fromkeys(units))))


def _case(paper: Paper, brief: Brief) -> None:
    paper.heading(f"{brief.number}　{brief.title}", 2)
    stage, level = _(label(brief.stage)), _(label(brief.severity))
    where = f"　{brief.address}" if brief.address else ""
    paper.body(f"{level}色，{stage}，{_day(brief.reported_at)}上报。{where}")
    rows = [
        [f"{local(step.at):%m-%d %H:%M}", _(label(step.verb)), step.note or ""] for step in brief.steps[-STEPS_SHOWN:]
    ]
    paper.table(["时间", "步骤", "说明"], rows, [2, 2, 5])


def _resolved(row: Resolution, sheet: Sheet) -> str:
    lead = sheet.unit_names([row.lead_unit_id]) if row.lead_unit_id else ""
    others = sheet.unit_names(row.co_unit_ids)
    said = [
        f"会议议定：{row.text.rstrip(STOPS)}",
        f"{lead}牵头，{row.person}负责" if lead else f"{row.person}负责",
        f"{others}配合" if others else "",
        f"{row.days:g} 个工作日内（{_day(row.due_at)}前）完成",
        f"{row.supervisor}督办",
    ]
    return "，".join(filter(None, said)) + "。"


def _outcome(line: Line, at: datetime) -> str:
    said = _(label(ItemOutcome(line.item.outcome))) if line.item.outcome else "未议"
    return "。".join(filter(None, (said, _progress(line, at), line.item.outcome_note))) + "。"


def _progress(line: Line, at: datetime) -> str:
    if line.reviewed is None:
        return ""
    said = f"{_(label(line.reviewed.progress_at(at)))}，时限 {_day(line.reviewed.due_at)}"
    return "，".join(filter(None, (said, line.reviewed.progress_note)))


def _present(people: Sequence[Attendance]) -> list[tuple[str, str]]:
    groups = (
        ("出席", [p for p in people if p.presence == Presence.PRESENT and not p.is_observer]),
        ("请假", [p for p in people if p.presence == Presence.EXCUSED]),
        ("列席", [p for p in people if p.presence == Presence.PRESENT and p.is_observer]),
    )
    return [(name, "、".join(_called(p) for p in found)) for name, found in groups if found]


def _called(person: Attendance) -> str:
    return f"{person.name}（{person.post}）" if person.post else person.name


def _number(number: int) -> str:
    """1 to 99 as 一 to 九十九."""
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{TENS[tens - 1]}十"
    return head + (TENS[ones - 1] if ones else "")


def _day(moment: datetime) -> str:
    at = local(moment)
    return f"{at.year}年{at.month}月{at.day}日"
