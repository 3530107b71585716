"""The papers of a meeting as Word files: agenda, meeting pack, minutes 会议纪要 and the list 议定事项清单.

They are Chinese in any language of the screen: they follow the layout of a Chinese office.
"""

from collections.abc import Sequence
from datetime import date, datetime

from core.captions import label
from core.clock import local
from core.documents import clips
from core.documents.clips import Ground, Mark
from core.documents.paper import Paper
from core.language import translator
from core.meeting_words import ItemOutcome, Presence
from core.meetings import told
from core.meetings.called import Called
from core.meetings.queries import Brief, Line, Sheet
from core.meetings.tables import Attendance, Resolution

STOPS = "，。；、,.; "
TENS = "一二三四五六七八九十"
STEPS_SHOWN, STEPS_OF_SEVERAL = 8, 4
WIDTHS = [1.6, 6.4, 2.6, 2.6, 2.6, 2.9, 2.6, 3.2, 3]  # of the list: each head fits on one line
AGENDA_WIDTHS = [1.4, 1.8, 5.4, 2.6, 4]
_ = translator()


def agenda(sheet: Sheet, issued: date, *, is_demo: bool) -> bytes:
    """The agenda as it goes out: when, where, who, and what is asked of whom; each unit finds when it is called."""
    paper = Paper(f"{sheet.series.name}议程", is_demo=is_demo)
    _head(paper, sheet)
    rows = [
        [
            str(number), f"{local(at):%H:%M}\n{line.item.minutes} 分钟",
            "\n".join(filter(None, (line.item.title, _why(line, sheet)))),
            sheet.unit_names(line.item.unit_ids) or "—", line.item.asked or "—",
        ]
        for number, (line, at) in enumerate(zip(sheet.lines, sheet.begins(), strict=True), 1)
    ]  # fmt: skip
    paper.table(["序号", "时间", "议题与事由", "参会单位", "请会议明确"], rows, AGENDA_WIDTHS)
    paper.gap()
    paper.signed(_day(issued))
    return paper.file()


def pack(sheet: Sheet, ground: Ground, called: Sequence[Called], *, is_demo: bool) -> bytes:
    """The meeting pack: who is rung, then each item with its cases, where they lie and what has happened."""
    paper = Paper(f"{sheet.series.name}材料", is_demo=is_demo)
    _head(paper, sheet)
    if called:
        paper.heading("参会单位联络员", 2)
        paper.table(
            ["单位", "联络员", "电话"], [[one.unit, one.who or "值班室", one.phone or "—"] for one in called], [3, 2, 3]
        )
    for number, line in enumerate(sheet.lines, 1):
        paper.new_page()
        paper.heading(f"{_number(number)}、{line.item.title}")
        _said(paper, line, sheet)
        if marks := marks_of(line.cases):
            paper.picture(clips.clip(ground, marks), "位置示意（标号同下）" if len(line.cases) > 1 else "位置示意")
        for place, brief in enumerate(line.cases, 1):
            _case(paper, brief, place if len(line.cases) > 1 else None)
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


def resolutions(rows: Sequence[Resolution], sheet: Sheet, now: datetime, *, is_demo: bool) -> bytes:
    """The list of resolutions, on a sheet turned sideways, with room for whoever signs it."""
    paper = Paper(f"{sheet.series.name}议定事项清单", is_demo=is_demo, is_landscape=True)
    paper.note(
        f"第 {sheet.meeting.number} 次会议，{_day(sheet.meeting.begins_at)}　　进展截至 {_day(now)}", is_above=True
    )
    head = ["序号", "议定事项", "牵头单位", "责任人", "配合单位", "完成时限", "督办人", "进展", "销号"]
    table = [
        [
            str(number), row.text, sheet.unit_names([row.lead_unit_id] if row.lead_unit_id else []) or "—", row.person,
            sheet.unit_names(row.co_unit_ids) or "—", _short_day(row.due_at), row.supervisor,
            "\n".join(filter(None, (_(label(row.progress_at(now))), row.progress_note))),
            f"{_short_day(row.signed_at)}\n{row.evidence}" if row.signed_at else "",
        ]
        for number, row in enumerate(rows, 1)
    ]  # fmt: skip
    paper.table(head, table, WIDTHS)
    if not table:
        paper.body("没有议定事项。")
    paper.gap()
    paper.body("主持人（签字）：　　　　　　　　　记录人（签字）：　　　　　　　　　日期：", indent=0)
    return paper.file()


def marks_of(cases: Sequence[Brief]) -> list[Mark]:
    """The cases that have a point, numbered as they are listed; of a single one its place."""
    return [
        Mark(brief.lon, brief.lat, brief.severity, str(number) if len(cases) > 1 else brief.address)
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
    if units := sheet.called():
        paper.labelled("参会单位：", "、".join(unit.name for unit in units))


def _said(paper: Paper, line: Line, sheet: Sheet) -> None:
    """Why an item is there, who is called, what the meeting is asked, and what is proposed."""
    said = (
        ("事由：", _why(line, sheet)),
        ("参会单位：", sheet.unit_names(line.item.unit_ids)),
        ("请会议明确：", line.item.asked),
    )
    for name, text in said:
        if text:
            paper.labelled(name, text)
    if line.item.proposal:
        paper.body(line.item.proposal)


def _case(paper: Paper, brief: Brief, number: int | None) -> None:
    """A case with its latest steps; one of several bears the number it has on the map."""
    mark = f"（{_number(number)}）" if number else ""
    paper.heading(f"{mark}{brief.title}", 2)
    facts = (
        brief.number, f"{_(label(brief.severity))}色", _(label(brief.stage)), f"{_day(brief.reported_at)}上报",
        f"时限 {local(brief.due_at):%m-%d %H:%M}" if brief.due_at else "",
        brief.address,
    )  # fmt: skip
    paper.note("　".join(filter(None, facts)), is_above=True)
    latest = brief.steps[-(STEPS_SHOWN if number is None else STEPS_OF_SEVERAL) :]
    rows = [[f"{local(step.at):%m-%d %H:%M}", _(label(step.verb)), step.note or ""] for step in latest]
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


def _why(line: Line, sheet: Sheet) -> str:
    return told.reasons(line.item.parts, _) or _progress(line, sheet.meeting.begins_at)


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
    return [(name, _called(found)) for name, found in groups if found]


def _called(people: Sequence[Attendance]) -> str:
    """Names with their posts; of several with the same post it is said once."""
    by_post: dict[str, list[str]] = {}
    for person in people:
        by_post.setdefault(person.post, []).append(person.name)
    return "，".join("、".join(names) + (f"（{post}）" if post else "") for post, names in by_post.items())


def _number(number: int) -> str:
    """1 to 99 as 一 to 九十九."""
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{TENS[tens - 1]}十"
    return head + (TENS[ones - 1] if ones else "")


def _short_day(moment: datetime) -> str:
    at = local(moment)
    return f"{at.month}月{at.day}日"


def _day(moment: date) -> str:
    at = local(moment) if isinstance(moment, datetime) else moment
    return f"{at.year}年{at.month}月{at.day}日"
