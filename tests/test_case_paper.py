"""A case on one sheet: everything while it fits, and what is too much is said to be there; never a second page."""

import io
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Pt

from core import case_paper, whistles
from core.accounts.audit import Asker
from core.documents import fitting
from core.errors import NotFound
from core.words import Action, Verb, WhistleKind
from tests.accounts import audited
from tests.cast import CLEANING, DAY, HOUR, MINUTE, NOON, POWER, RULES, WATER, WHO, ZHANQIAN, Street, move
from tests.test_documents import millimetres, pages_in
from tests.test_dossier import told
from tests.test_side_steps import asked

OFFICER = "officer"
LATER = NOON + 2 * DAY
LONG = "经核实，该处系第三方施工单位夜间作业所致，已责令停工并恢复原状；A1-2026/11/22 13:45:00 record。" * 6


def written(street: Street, case_id: int, who: str = OFFICER) -> bytes:
    with street.store.writing() as db:
        return case_paper.written(db, Asker(WHO[who], "test", LATER), case_id, RULES, LATER, is_demo=False)


def opened(street: Street, case_id: int) -> Any:
    """The sheet as a reader gets it."""
    return Document(io.BytesIO(written(street, case_id)))


def crowded(street: Street) -> int:
    """A case with more of everything than a sheet holds."""
    case_id = street.report(
        ZHANQIAN, "house", title="长" * 120, text=LONG, address="路" * 150, reporter_name="诸葛孔明"
    )
    street.take(case_id, move(Verb.ACCEPT), move(Verb.DISPATCH), move(Verb.TAKE_ON, "liaison of power"))
    for number in range(1, 41):
        street.take(case_id, move(Verb.CHASE, at=NOON + number * MINUTE, note=LONG[:400]))
    for _number in range(12):
        twin = street.report(ZHANQIAN, "n1")
        street.take(twin, asked(Verb.MERGE, other_id=case_id))
        with street.store.writing() as db:
            by, units = Asker(WHO["head of n1"], "test", NOON + HOUR), [POWER, WATER, CLEANING]
            whistles.blow(db, by, WhistleKind.DAILY, units, LONG[:400], RULES, now=NOON + HOUR, case_id=case_id)
    return case_id


def test_a_crowded_case_stays_on_one_sheet_and_says_how_much_more_there_is(street: Street, tmp_path: Path) -> None:
    pages = pages_in(written(street, crowded(street)), tmp_path)
    assert len(pages) == 1
    text = "".join(pages[0])
    for title in ("时限", "办理过程", "吹哨", "台账", "关联与并入的上报"):
        assert title in text, title
    assert text.count("…更多") >= 3
    assert "诸葛" not in text  # who reported it stands on no paper


def test_a_usual_case_is_there_in_full(street: Street) -> None:
    case_id = told(street)
    document = opened(street, case_id)
    cells = [[cell.text for cell in row.cells] for table in document.tables for row in table.rows]
    assert not [p.text for p in document.paragraphs if p.text.startswith("…更多")]
    verbs = [row[1] for row in cells if len(row) == 4]
    for verb in ("上报", "受理", "派遣", "接单", "申请延期"):
        assert verb in verbs, verb
    text = "\n".join("　".join(row) for row in cells)
    assert "请到场" in text
    assert "不归我管" in text
    assert "供电所" in text
    assert "张" not in text


def test_the_sheet_has_its_margins_fonts_and_sizes(street: Street) -> None:
    document = opened(street, told(street))
    section = document.sections[0]
    assert millimetres(section.page_width, section.page_height) == [210, 297]
    margins = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    assert millimetres(*margins) == [18, 18, 20, 18]
    title = document.paragraphs[0].runs[0]
    assert (title._r.rPr.rFonts.get(qn("w:eastAsia")), title.font.size) == ("方正小标宋简体", Pt(18))
    name, said = (document.tables[0].cell(0, column).paragraphs[0].runs[0] for column in (0, 1))
    found = [(run._r.rPr.rFonts.get(qn("w:eastAsia")), run.font.size) for run in (name, said)]
    assert found == [("黑体", Pt(10.5)), ("仿宋_GB2312", Pt(10.5))]


def test_every_sheet_is_audited_and_none_is_written_of_what_may_not_be_seen(street: Street) -> None:
    case_id = told(street)
    written(street, case_id)
    rows = [row for row in audited(street) if row.action == Action.EXPORT_CASE]
    assert [(row.subject, row.by_name) for row in rows] == [(f"case {street.case(case_id).number}", OFFICER)]
    with pytest.raises(NotFound):
        written(street, case_id, "head of s1")


def test_what_does_not_fit_is_cut_and_what_fits_is_not() -> None:
    widths = (1.0, 1.0)
    assert fitting.cut([("短", "一二三")], widths, 1) == [("短", "一二三")]
    ((first, second),) = fitting.cut([("长" * 200, "word " * 60)], widths, 2)
    assert first.endswith("…")
    assert second.endswith("…")
    assert fitting.height([(first, second)], widths) == 2
    part = fitting.Part("办理", ("甲", "乙"), widths, tuple((str(n), "") for n in range(50)), is_history=True)
    ((_, rows),) = fitting.dealt([part], 14)
    assert [row[0] for row in rows] == [str(n) for n in range(40, 50)]  # of a history the newest stay, in their order
