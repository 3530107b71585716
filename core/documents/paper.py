"""A Word document in the layout of an office, built from the top to the bottom."""

import io
import re
from collections.abc import Callable, Iterable, Sequence

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.styles import CT_Style
from docx.oxml.text.font import CT_RPr
from docx.section import Section
from docx.shared import Mm, Pt, RGBColor
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from core.documents import layout
from core.documents.layout import Face

ALIGN = WD_ALIGN_PARAGRAPH
_NOT_XML = re.compile(r"[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")
DEMO = "演示数据"


class Paper:
    """A document that grows by what is written on it."""

    def __init__(
        self, title: str = "", *, is_demo: bool = False, is_landscape: bool = False, is_dense: bool = False
    ) -> None:
        self._document = Document()
        self._section = self._document.sections[0]
        self._breaks, self._is_dense = False, is_dense
        _set_up(self._section, is_landscape, is_dense)
        _set_normal(self._document.styles["Normal"].element)
        self._document.settings.odd_and_even_pages_header_footer = True
        _number(self._section.footer.paragraphs[0], ALIGN.RIGHT)
        _number(self._section.even_page_footer.paragraphs[0], ALIGN.LEFT)
        if is_demo:
            for header in (self._section.header, self._section.even_page_header):
                _mark_demo(header.paragraphs[0])
        properties = self._document.core_properties
        properties.author, properties.title, properties.comments, properties.language = "", _clean(title), "", "zh-CN"
        if title:
            self.title(title)

    @property
    def width_mm(self) -> float:
        """How wide the text is."""
        s = self._section
        return float(s.page_width.mm - s.left_margin.mm - s.right_margin.mm)  # type: ignore[union-attr]

    def title(self, text: str) -> None:
        """A title in the middle."""
        _write(self._paragraph(ALIGN.CENTER), text, layout.DENSE_TITLE if self._is_dense else layout.TITLE)
        if not self._is_dense:
            self._paragraph()

    def red_head(self, text: str, line: str) -> None:
        """The head of minutes in red, as large as one line allows, above a red rule; `line` is the number and date."""
        least, most = layout.RED_HEAD_PT
        size = max(least, min(most, int(self.width_mm / 25.4 * 72 / max(len(text), 1))))
        head = self._paragraph(ALIGN.CENTER, pitch_pt=size * 1.4)
        _write(head, text, Face(layout.SONG_TITLE, size)).font.color.rgb = RGBColor.from_string(layout.RED)
        self._paragraph()
        below = self._paragraph(ALIGN.CENTER)
        _write(below, line, layout.BODY)
        _rule(below, layout.RED)
        self._paragraph()

    def heading(self, text: str, level: int = 1) -> None:
        """A heading of level 1 一、, 2 （一） or 3 1."""
        paragraph = self._paragraph(indent=layout.INDENT)
        paragraph.paragraph_format.keep_with_next = True
        _write(paragraph, text, layout.HEADINGS[level - 1])

    def body(self, text: str, *, indent: int = layout.INDENT) -> None:
        """Paragraphs of text, one for each line of it."""
        for line in text.splitlines() or [""]:
            _write(self._paragraph(ALIGN.JUSTIFY, indent=indent), line, layout.BODY)

    def labelled(self, label: str, text: str) -> None:
        """A paragraph with its label in 黑体, as 出席："""
        paragraph = self._paragraph(ALIGN.JUSTIFY, indent=layout.INDENT)
        _write(paragraph, label, layout.LABEL)
        _write(paragraph, text, layout.BODY)

    def note(self, text: str, *, align: ALIGN | None = None, is_above: bool = False) -> None:
        """A smaller line: a source, an explanation, what stands under a picture, or above a table and stays with it."""
        face = layout.DENSE_CELL if self._is_dense else layout.NOTE
        paragraph = self._paragraph(align, pitch_pt=self._pitch_pt)
        paragraph.paragraph_format.keep_with_next = is_above or None
        _write(paragraph, text, face)

    def small_heading(self, text: str) -> None:
        """The heading of a table, no larger than the words in it."""
        paragraph = self._paragraph(pitch_pt=self._pitch_pt)
        paragraph.paragraph_format.keep_with_next = True
        _write(paragraph, text, self._cell_faces[1])

    def signed(self, *lines: str) -> None:
        """Who signs and when, at the right."""
        for line in lines:
            paragraph = self._paragraph(ALIGN.RIGHT)
            paragraph.paragraph_format.right_indent = Pt(2 * layout.BODY.size_pt)
            _write(paragraph, line, layout.BODY)

    def table(self, head: Sequence[str], rows: Iterable[Sequence[str]], widths: Sequence[float]) -> None:
        """A table whose head comes again on every page; `widths` are shares of the width of the text.

        A row stays whole, unless it is so long that it might not fit on a page, and so does a table of a few rows.
        """
        table = self._rows((head, *rows), widths, lambda row, _column: row == 0)
        table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))

    def form(self, rows: Iterable[Sequence[str]], widths: Sequence[float]) -> None:
        """A table of what is asked and answered: every second cell is the answer to the one before it."""
        self._rows(rows, widths, lambda _row, column: column % 2 == 0)

    def picture(self, png: bytes, caption: str = "", *, width_mm: float | None = None) -> None:
        """A picture over the width of the text, and what stands under it."""
        paragraph = self._paragraph(ALIGN.CENTER)
        paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE  # an exact pitch would cut it
        paragraph.paragraph_format.keep_with_next = bool(caption)
        shape = paragraph.add_run().add_picture(io.BytesIO(png), width=Mm(width_mm or self.width_mm))
        shape._inline.docPr.set("descr", _clean(caption))
        for side in ("distT", "distB", "distL", "distR"):  # else an office may keep a gap beside it, and it hangs over
            shape._inline.set(side, "0")
        if caption:
            self.note(caption, align=ALIGN.CENTER)

    def gap(self) -> None:
        """An empty line."""
        self._paragraph()

    def new_page(self) -> None:
        """The next paragraph begins on a page of its own."""
        self._breaks = True

    def file(self) -> bytes:
        """The document as a .docx file."""
        found = io.BytesIO()
        self._document.save(found)
        return found.getvalue()

    @property
    def _pitch_pt(self) -> float:
        return layout.DENSE_PITCH_PT if self._is_dense else layout.CELL_PITCH_PT

    @property
    def _cell_faces(self) -> tuple[Face, Face]:
        """Of a cell, and of one that names others."""
        return (layout.DENSE_CELL, layout.DENSE_HEAD) if self._is_dense else (layout.CELL, layout.CELL_HEAD)

    def _rows(
        self, rows: Iterable[Sequence[str]], widths: Sequence[float], is_head: Callable[[int, int], bool]
    ) -> Table:  # fmt: skip
        table: Table = self._document.add_table(rows=0, cols=len(widths), style="Table Grid")
        table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
        unit, faces = self.width_mm / sum(widths), self._cell_faces
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Mm(unit * width)
        listed = list(rows)
        stays = len(listed) <= layout.WHOLE_ROWS
        for number, texts in enumerate(listed):
            row = table.add_row()  # type: ignore[no-untyped-call]
            if max(_lines(text, unit * width) for text, width in zip(texts, widths, strict=True)) <= layout.WHOLE_LINES:
                row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
            for place, (cell, text, width) in enumerate(zip(row.cells, texts, widths, strict=True)):
                cell.width = Mm(unit * width)
                heads = is_head(number, place)
                _fill(cell, text, faces[heads], self._pitch_pt, ALIGN.CENTER if heads else ALIGN.LEFT)
                for paragraph in cell.paragraphs:
                    paragraph.paragraph_format.keep_with_next = (stays and number + 1 < len(listed)) or None
        return table

    def _paragraph(
        self, align: ALIGN | None = None, *, indent: int = 0, pitch_pt: float = layout.PITCH_PT
    ) -> Paragraph:
        paragraph = self._document.add_paragraph()
        _set_lines(paragraph, pitch_pt)
        paragraph.alignment = align  # type: ignore[assignment]  # None: as the style says
        paragraph.paragraph_format.page_break_before = self._breaks or None
        self._breaks = False
        if indent:
            characters = paragraph._p.get_or_add_pPr().get_or_add_ind()
            characters.set(qn("w:firstLineChars"), str(100 * indent))
            paragraph.paragraph_format.first_line_indent = Pt(indent * (layout.BODY.size_pt + layout.SPACING_PT))
        return paragraph


def _set_up(section: Section, is_landscape: bool, is_dense: bool) -> None:
    width, height = layout.PAGE_MM
    usual = (layout.TOP_MM, layout.BOTTOM_MM, layout.LEFT_MM, layout.RIGHT_MM)
    top, bottom, left, right = layout.DENSE_MM if is_dense else usual
    if is_landscape:
        section.orientation = WD_ORIENT.LANDSCAPE
        width, height = height, width
        top, bottom, left, right = layout.LANDSCAPE_MM
    section.page_width, section.page_height = Mm(width), Mm(height)
    section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = map(
        Mm, (top, bottom, left, right)
    )
    section.header_distance = Mm(min(15, top - 10))
    section.footer_distance = Mm(min(layout.FOOTER_MM, bottom - 12))
    for grid in section._sectPr.findall(qn("w:docGrid")):  # the exact pitch alone decides
        section._sectPr.remove(grid)


def _set_normal(style: CT_Style) -> None:
    """Everything that is not said elsewhere is 仿宋 too, in Chinese, and no line is moved for the looks of a page."""
    properties = style.get_or_add_rPr()
    _set_face(properties, layout.BODY)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "en-US")
    language.set(qn("w:eastAsia"), "zh-CN")  # else the commas of another script are taken
    properties.append(language)
    no = OxmlElement("w:widowControl")
    no.set(qn("w:val"), "0")
    style.get_or_add_pPr().append(no)


def _set_lines(paragraph: Paragraph, pitch_pt: float) -> None:
    form = paragraph.paragraph_format
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(pitch_pt)
    form.space_before = form.space_after = Pt(0)
    properties = paragraph._p.get_or_add_pPr()
    for name in ("w:autoSpaceDE", "w:autoSpaceDN", "w:snapToGrid"):  # in the order that the format asks for
        no = OxmlElement(name)
        no.set(qn("w:val"), "0")
        properties.insert_element_before(
            no, *("w:spacing", "w:ind", "w:contextualSpacing", "w:jc", "w:textAlignment", "w:rPr", "w:sectPr")
        )


def _write(paragraph: Paragraph, text: str, face: Face) -> Run:
    run = paragraph.add_run(_clean(text))
    _set_face(run._r.get_or_add_rPr(), face)
    return run


def _set_face(properties: CT_RPr, face: Face) -> None:
    fonts = properties.get_or_add_rFonts()
    for theme in [name for name in fonts.attrib if name.endswith("Theme")]:
        del fonts.attrib[theme]
    for name in ("ascii", "hAnsi", "cs"):
        fonts.set(qn(f"w:{name}"), face.latin)
    fonts.set(qn("w:eastAsia"), face.font)
    spacing = OxmlElement("w:spacing")
    spacing.set(qn("w:val"), str(round(20 * layout.SPACING_PT)))
    properties.insert_element_before(
        spacing, *("w:w", "w:kern", "w:position", "w:sz", "w:szCs", "w:u", "w:bdr", "w:vertAlign", "w:lang")
    )
    properties.sz_val = Pt(face.size_pt)


def _lines(text: str, width_mm: float) -> int:
    """How many lines a text takes in a cell at most."""
    characters = max(1, int((width_mm - layout.CELL_MARGINS_MM) / 25.4 * 72 / layout.CELL.size_pt))
    return sum(-(-len(line) // characters) for line in text.splitlines())


def _fill(cell: _Cell, text: str, face: Face, pitch_pt: float, align: ALIGN) -> None:
    for number, line in enumerate(text.splitlines() or [""]):
        paragraph = cell.paragraphs[0] if number == 0 else cell.add_paragraph()
        _set_lines(paragraph, pitch_pt)
        paragraph.alignment = align
        _write(paragraph, line, face)


def _rule(paragraph: Paragraph, colour: str) -> None:
    borders, bottom = OxmlElement("w:pBdr"), OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "18"), ("space", "6"), ("color", colour)):
        bottom.set(qn(f"w:{name}"), value)
    borders.append(bottom)
    paragraph._p.get_or_add_pPr().insert_element_before(
        borders, *("w:autoSpaceDE", "w:autoSpaceDN", "w:snapToGrid", "w:spacing", "w:ind", "w:jc")
    )


def _number(paragraph: Paragraph, align: ALIGN) -> None:
    """「— 1 —」, one character in from the edge."""
    paragraph.alignment = align
    side = "right_indent" if align is ALIGN.RIGHT else "left_indent"
    setattr(paragraph.paragraph_format, side, Pt(layout.NUMBER.size_pt))
    _write(paragraph, "— ", layout.NUMBER)
    run = _write(paragraph, "", layout.NUMBER)
    for kind, code in (("begin", None), (None, "PAGE"), ("end", None)):
        part = OxmlElement("w:instrText" if code else "w:fldChar")
        if code:
            part.text = code
        else:
            part.set(qn("w:fldCharType"), str(kind))
        run._r.append(part)
    _write(paragraph, " —", layout.NUMBER)


def _mark_demo(paragraph: Paragraph) -> None:
    """What is invented says so on every page, in a dashed frame."""
    paragraph.alignment = ALIGN.RIGHT
    properties = _write(paragraph, f" {DEMO} ", layout.CELL)._r.get_or_add_rPr()
    frame = OxmlElement("w:bdr")
    for name, value in (("val", "dashed"), ("sz", "6"), ("space", "0"), ("color", "auto")):
        frame.set(qn(f"w:{name}"), value)
    properties.append(frame)


def _clean(text: str) -> str:
    """`text` without what no XML file may hold."""
    return _NOT_XML.sub("", text)
