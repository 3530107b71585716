"""Documents as an office prints them: the layout in the file, on the page as LibreOffice sets it, and map clips."""

import io
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Length, Pt
from PIL import Image
from pypdf import PdfReader

from core.documents import clips, layout
from core.documents.clips import Mark
from core.documents.paper import Paper
from core.errors import Refused
from core.words import Severity
from tests.cast import ID, NOON, POINT, Street

_grey = io.BytesIO()
Image.new("RGB", (8, 4), "#888").save(_grey, "PNG")
GREY = _grey.getvalue()


def opened(paper: Paper) -> Any:
    """The document as a reader gets it."""
    return Document(io.BytesIO(paper.file()))


def millimetres(*lengths: Length) -> list[float]:
    """Lengths as people say them; a file counts in twentieths of a point."""
    return [round(length.mm, 1) for length in lengths]


def pages_of(paper: Paper, folder: Path) -> list[list[str]]:
    """The lines of each page as LibreOffice sets them."""
    return pages_in(paper.file(), folder)


def pages_in(file: bytes, folder: Path) -> list[list[str]]:
    """The lines of each page of a Word file as LibreOffice sets them."""
    (folder / "paper.docx").write_bytes(file)
    convert = ["soffice", f"-env:UserInstallation=file://{folder}/office", "--headless", "--convert-to", "pdf"]
    subprocess.run([*convert, "--outdir", folder, folder / "paper.docx"], check=True, capture_output=True, timeout=90)
    return [page.extract_text().splitlines() for page in PdfReader(folder / "paper.pdf").pages]


def test_a_page_is_a4_with_the_margins_of_an_office() -> None:
    section = opened(Paper("议程")).sections[0]
    assert millimetres(section.page_width, section.page_height) == [210, 297]
    margins = (section.top_margin, section.left_margin, section.right_margin, section.bottom_margin)
    assert millimetres(*margins) == [37, 28, 26, 35]
    assert section._sectPr.find(qn("w:docGrid")) is None
    turned = opened(Paper(is_landscape=True)).sections[0]
    assert millimetres(turned.page_width, turned.page_height) == [297, 210]


def test_body_and_headings_have_their_fonts_size_pitch_and_spacing() -> None:
    paper = Paper("关于占道经营的议程")
    for level, text in enumerate(("一、办理情况", "（一）已完成", "1. 中山路"), 1):
        paper.heading(text, level)
    paper.body("经核实，已整改。")
    paper.labelled("出席：", "张三")
    found = {p.text: p for p in opened(paper).paragraphs if p.text}
    expected = {
        "关于占道经营的议程": ("方正小标宋简体", 22),
        "一、办理情况": ("黑体", 16),
        "（一）已完成": ("楷体_GB2312", 16),
        "1. 中山路": ("仿宋_GB2312", 16),
        "经核实，已整改。": ("仿宋_GB2312", 16),
    }
    for text, (font, size) in expected.items():
        (run,) = found[text].runs
        fonts = run._r.rPr.rFonts
        assert (fonts.get(qn("w:eastAsia")), run.font.size) == (font, Pt(size)), text
        assert run._r.rPr.find(qn("w:spacing")).get(qn("w:val")) == "-5"  # twentieths of a point: −0.25 pt
        spacing = found[text]._p.pPr.find(qn("w:spacing"))
        assert (spacing.get(qn("w:line")), spacing.get(qn("w:lineRule"))) == ("579", "exact")  # 28.95 pt
    label, said = found["出席：张三"].runs
    assert [run._r.rPr.rFonts.get(qn("w:eastAsia")) for run in (label, said)] == ["黑体", "仿宋_GB2312"]
    assert found["经核实，已整改。"]._p.pPr.find(qn("w:ind")).get(qn("w:firstLineChars")) == "200"
    assert found["关于占道经营的议程"].alignment == 1


def test_page_numbers_stand_right_on_odd_and_left_on_even_pages() -> None:
    document = opened(Paper("议程"))
    assert document.settings.odd_and_even_pages_header_footer
    section = document.sections[0]
    for footer, alignment in ((section.footer, 2), (section.even_page_footer, 0)):
        (paragraph,) = footer.paragraphs
        assert paragraph.alignment == alignment
        assert "".join(node.text or "" for node in paragraph._p.iter(qn("w:t"), qn("w:instrText"))) == "— PAGE —"
        assert {run.font.size for run in paragraph.runs} == {Pt(14)}


def test_minutes_have_a_red_head_on_one_line_above_a_red_rule() -> None:
    paper = Paper()
    paper.red_head("五里堡街道网格党建联席会议纪要", "第 3 期")
    head, *_, line = [p for p in opened(paper).paragraphs if p.text]
    (run,) = head.runs
    assert str(run.font.color.rgb) == layout.RED
    assert run.font.size.pt * len(head.text) <= paper.width_mm / 25.4 * 72
    assert line._p.pPr.find(qn("w:pBdr")).find(qn("w:bottom")).get(qn("w:color")) == layout.RED


def test_a_table_repeats_its_head_and_does_not_break_rows() -> None:
    paper = Paper()
    paper.table(["序号", "事项"], [["1", "第一行\n第二行"], ["2", ""]], [1, 4])
    (table,) = opened(paper).tables
    assert [[cell.text for cell in row.cells] for row in table.rows][1] == ["1", "第一行\n第二行"]
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows)
    assert [round(column.width.mm) for column in table.columns] == [31, 125]


def test_what_is_invented_says_so_on_every_page_and_nothing_else_does() -> None:
    section = opened(Paper("议程", is_demo=True)).sections[0]
    assert [h.paragraphs[0].text.strip() for h in (section.header, section.even_page_header)] == ["演示数据"] * 2
    assert not opened(Paper("议程")).sections[0].header.paragraphs[0].text


def test_what_is_said_of_a_paragraph_stands_in_the_order_of_the_format() -> None:
    paper = Paper("纪要", is_demo=True)
    paper.red_head("街道联席会议纪要", "第 1 期")
    paper.heading("一、议题")
    paper.new_page()
    paper.picture(GREY, "位置")
    paper.note("说明", is_above=True)
    paper.table(["序号"], [["1"]], [1])
    order = [
        "keepNext",
        "pageBreakBefore",
        "widowControl",
        "pBdr",
        "autoSpaceDE",
        "autoSpaceDN",
        "snapToGrid",
        "spacing",
        "ind",
        "jc",
        "rPr",
    ]
    document = opened(paper)
    for properties in document.element.body.iter(qn("w:pPr")):
        names = [child.tag.rpartition("}")[2] for child in properties]
        assert names == sorted(names, key=order.index), names
    (picture,) = document.inline_shapes
    assert round(picture.width.mm) == 156
    assert picture._inline.get("distL") == "0"  # else LibreOffice hangs it over the margin


def test_a_table_of_a_few_rows_is_not_parted_and_a_long_one_is() -> None:
    paper = Paper()
    paper.table(["序号"], [["1"], ["2"]], [1])
    paper.table(["序号"], [[str(number)] for number in range(layout.WHOLE_ROWS)], [1])
    short, long = (
        [row.cells[0].paragraphs[0].paragraph_format.keep_with_next for row in table.rows]
        for table in opened(paper).tables
    )
    assert short == [True, True, None]
    assert not any(long)


def test_what_comes_after_a_break_begins_a_page() -> None:
    paper = Paper()
    paper.body("一")
    paper.new_page()
    paper.heading("二")
    paper.body("三")
    breaks = [p.paragraph_format.page_break_before for p in opened(paper).paragraphs]
    assert breaks == [None, True, None]


def test_text_of_users_cannot_break_the_file() -> None:
    paper = Paper("<b>&\x00\x0b")
    paper.body("一\x1f二\n三 ]]> <w:p/>")
    assert [p.text for p in opened(paper).paragraphs if p.text] == ["<b>&", "一二", "三 ]]> <w:p/>"]


def test_a_full_page_holds_22_lines_of_28_characters(tmp_path: Path) -> None:
    paper = Paper()
    paper.body("网" * (layout.LINES * layout.CHARACTERS * 2 + 1), indent=0)
    *full, last = pages_of(paper, tmp_path)
    assert full == [["网" * 28] * 22 + [f"— {number} —"] for number in (1, 2)]
    assert last == ["网", "— 3 —"]


def test_a_clip_shows_every_case_by_the_shape_of_its_level(street: Street) -> None:
    with street.store.reading() as db:
        ground = clips.ground(db, NOON)
    near = [(POINT["n1"][0] + 0.001 * n, POINT["n1"][1]) for n in range(4)]
    marks = [Mark(lon, lat, level, "一") for (lon, lat), level in zip(near, Severity, strict=True)]
    picture = Image.open(io.BytesIO(clips.clip(ground, marks)))
    assert (picture.format, picture.size) == ("PNG", clips.SIZE_PX)
    pixels = np.asarray(picture.convert("RGB")).reshape(-1, 3)
    for colour in clips.LEVELS.values():
        wanted = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)])
        assert (np.abs(pixels.astype(int) - wanted).max(axis=1) < 6).sum() > 300, colour


def test_the_same_clip_is_drawn_twice_and_without_ground_too(street: Street) -> None:
    with street.store.reading() as db:
        ground = clips.ground(db, NOON)
    mark = Mark(*POINT["house"], Severity.RED)
    assert clips.clip(ground, [mark]) == clips.clip(ground, [mark])
    assert clips.clip(ground, [Mark(120.0, 30.0, Severity.BLUE)]).startswith(b"\x89PNG")


def test_a_clip_tints_the_grids_that_it_is_about(street: Street) -> None:
    with street.store.reading() as db:
        ground = clips.ground(db, NOON)
    tint = tuple(int(clips.HELD[at : at + 2], 16) for at in (1, 3, 5))
    shares = []
    for held in ((ID["n1"],), (ID["n1"], ID["s1"])):
        picture = Image.open(io.BytesIO(clips.clip(ground, [], held=held))).convert("RGB")
        shares.append((np.asarray(picture) == tint).all(axis=2).mean())
    assert all(0.1 < share < 0.8 for share in shares), shares


def test_a_case_on_a_lane_has_the_name_of_the_lane_and_roads_are_named_once() -> None:
    parts = [shapely.LineString([(x, 0), (x + 1, 0)]) for x in (0, 1)]
    lane, far = shapely.LineString([(0, 0.0001), (0, 1)]), shapely.LineString([(1, 1), (2, 2)])
    found = [clips.Feature("road", part, "中山路", 1) for part in parts]
    found += [clips.Feature("road", lane, "一巷"), clips.Feature("road", far, "二巷")]
    assert [road.name for road in clips._named_roads(found, shapely.Point(0, 0))] == ["中山路", "一巷"]
    spots = clips._spots(shapely.union_all(parts))
    assert (spots[0].tolist(), len(spots)) == ([1, 0], clips.TRIES)
    ring = shapely.Point(0, 0).buffer(2) - shapely.Point(0, 0).buffer(1)
    assert shapely.contains(ring, shapely.points(clips._spots(ring))).all()


def test_without_a_chinese_font_a_clip_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clips, "FONTS", ())
    clips._font.cache_clear()
    with pytest.raises(Refused, match="fonts-noto-cjk"):
        clips._font(20)
