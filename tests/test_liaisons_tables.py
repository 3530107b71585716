"""The tables that offices keep: words for places, messy files, one transaction, one undo, the same shape back."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.cell_range import CellRange
from sqlmodel import select

from core.errors import NotFound, Refused
from core.liaison_words import Why
from core.liaisons import commands, intake, lookup, phones, sheet, wording
from core.liaisons.intake import Fate, Plan
from core.liaisons.tables import Liaison, LiaisonImport
from core.words import Level
from tests.accounts import asker, audited
from tests.cast import RULES, WHO, Street
from tests.test_liaisons_box import PLACES
from tests.test_liaisons_edits import OFFICER, add, answer, do, row

KNOWN = tuple(node for node in PLACES.values() if node.level is not Level.BUILDING)
HEAD = ("单位", "姓名", "电话", "负责区域")


@pytest.mark.parametrize(
    ("words", "expected", "unread"),
    [
        ("全街道", ["沿河街道"], []),
        ("黄河社区", ["黄河社区"], []),
        ("黄河", ["黄河社区"], []),
        ("黄河全社区", ["黄河社区"], []),
        ("黄河社区1、3网格", ["渔巷", "石桥"], []),
        ("黄河社区第1网格,第3网格", ["渔巷", "石桥"], []),
        ("黄河社区 1网格，3 网格", ["渔巷", "石桥"], []),
        ("黄河社区一网格和三网格", ["渔巷", "石桥"], []),
        ("黄河１、３网格；青山一网格", ["渔巷", "石桥", "文昌"], []),
        ("石桥网格/渔巷", ["石桥", "渔巷"], []),
        ("石桥、1网格", ["石桥", "渔巷"], []),  # a number beside a grid counts in its community
        ("黄河社区1-3网格", [], ["黄河社区1-3网格"]),  # there is no second one
        ("黄河社区1、9网格", ["渔巷"], ["9网格"]),
        ("1网格", [], ["1网格"]),
        ("长江社区、青山社区", ["青山社区"], ["长江社区"]),
        ("", [], []),
    ],
)
def test_places_are_read_from_the_words_of_an_office(words: str, expected: list[str], unread: list[str]) -> None:
    read = wording.read(words, KNOWN)
    assert ([node.name for node in read.places], list(read.unread)) == (expected, unread)


@given(st.sets(st.sampled_from(KNOWN)))
def test_what_is_written_is_read_back(places: set[object]) -> None:
    chosen = {node for node in KNOWN if node in places}
    assert set(wording.read(wording.written(chosen, KNOWN), KNOWN).places) == chosen


def workbook(*rows: tuple[object, ...], head: tuple[str, ...] = HEAD) -> bytes:
    """An Excel file as an office sends it: a title, the head, then the rows."""
    book = Workbook()
    assert book.active is not None
    book.active.append(["某街道联络员一览表"])
    for cells in (head, *rows):
        book.active.append(list(cells))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def plan(street: Street, content: bytes, name: str = "officer") -> Plan:
    """What a file would do."""
    with street.store.reading() as db:
        return intake.planned(lookup.directory(db, RULES), WHO[name], "名单.xlsx", content, asker(name), RULES)


def apply(street: Street, content: bytes) -> int:
    """Take a file."""
    batch: int = do(street, intake.apply, plan(street, content), RULES)
    return batch


MESSY = workbook(
    ("供电所", "甲", "10000000001", "north"),
    (" 供电所 ", "乙 ", 10000000002, "全街道"),
    ("", "", "", ""),
    ("供气所", "丙", "", "north"),
    ("供水站", "", "", "north"),
    ("供水站", "丁", "6316 0007", "长江社区"),
    ("供水站", "丁", "6316 0007", "n1"),
    ("供水站", "戊", "", ""),
    ("供电所", "甲", "", "south"),
    ("供水站", "@己", "+86 1", "south"),
    ("供水站", "=1+1", "", "south"),
)


def test_a_messy_file_is_planned_line_by_line_with_reasons(street: Street) -> None:
    rows = plan(street, MESSY).rows
    assert [(one.line, one.fate, str(one.reason) if one.reason else "") for one in rows] == [
        (3, Fate.NEW, ""),
        (4, Fate.NEW, ""),
        (6, Fate.REFUSED, "There is no unit “供气所” here"),
        (7, Fate.REFUSED, "The name is missing, or a cell has more than 40 characters"),
        (8, Fate.REFUSED, "Not understood as a place: 长江社区"),
        (9, Fate.REFUSED, "The same person stands in line 8"),
        (10, Fate.REFUSED, "No place is named"),
        (11, Fate.REFUSED, "The same person stands in line 3"),
        (12, Fate.NEW, ""),
        (13, Fate.REFUSED, "The name is missing, or a cell has more than 40 characters"),
    ]
    assert rows[1].values["mobile"] == "10000000002"
    assert [node.name for node in rows[1].places] == ["street"]


def test_a_plan_writes_nothing_and_its_application_is_one_transaction(street: Street) -> None:
    planned = plan(street, MESSY)
    with street.store.reading() as db:
        assert db.exec(select(Liaison)).all() == []
    do(street, intake.apply, planned, RULES)
    with street.store.reading() as db:
        assert [one.name for one in db.exec(select(Liaison).order_by(Liaison.id))] == ["甲", "乙", "@己"]  # type: ignore[arg-type]
        batch = db.exec(select(LiaisonImport)).one()
    assert (batch.taken, batch.refused) == (3, 7)
    assert answer(street)[1] is Why.IN_HOURS
    assert [event.action for event in audited(street)] == ["import_directory"]


def test_known_people_are_shown_as_known_and_only_changes_are_written(street: Street) -> None:
    same, changed = add(street, "甲", "north", mobile="10000000001"), add(street, "乙", "n1", mobile="10000000009")
    content = workbook(("供电所", "甲", "10000000001", "north"), ("供电所", "乙", "10000000002", "n1、n2"))
    assert [one.fate for one in plan(street, content).rows] == [Fate.SAME, Fate.CHANGED]
    apply(street, content)
    assert (row(street, same).mobile, row(street, changed).mobile) == ("10000000001", "10000000002")
    with street.store.reading() as db:
        held = lookup.directory(db, RULES).contacts[changed].posts
    assert len(held) == 2
    with pytest.raises(Refused, match="nothing in this file"):
        apply(street, content)


def test_an_import_is_undone_in_one_act_and_later_edits_are_left_alone(street: Street) -> None:
    known, other = add(street, "甲", "n1", mobile="10000000009"), add(street, "乙", mobile="10000000008")
    batch = apply(
        street,
        workbook(
            ("供电所", "甲", "10000000001", "n2"), ("供电所", "乙", "10000000002", "n2"), ("供电所", "丙", "", "s1")
        ),
    )
    do(street, commands.change, other, commands.Entry("乙", mobile="10000000003"), RULES)
    do(street, intake.undo, batch, RULES)
    assert (row(street, known).mobile, row(street, other).mobile) == ("10000000009", "10000000003")
    assert answer(street, "s1")[1] is Why.DUTY_PHONE
    assert answer(street, "n2")[1] is Why.DUTY_PHONE
    assert answer(street, "n1") == ("甲", Why.IN_HOURS)
    with pytest.raises(Refused, match="undone already"):
        do(street, intake.undo, batch, RULES)


def test_a_plan_for_another_directory_is_refused(street: Street) -> None:
    planned = plan(street, workbook(("供电所", "甲", "", "n1")))
    add(street, "乙", "n1")
    with pytest.raises(Refused, match="meantime"):
        do(street, intake.apply, planned, RULES)


def test_only_who_keeps_the_directory_plans_applies_undoes_and_exports(street: Street) -> None:
    planned = plan(street, workbook(("供电所", "甲", "", "n1")))
    for name in ("leader", "secretary of north", "liaison of power", "officer of the other street", "stranger"):
        assert [one.fate for one in plan(street, workbook(("供电所", "甲", "", "n1")), name).rows] == [Fate.REFUSED]
        with pytest.raises(Refused), street.store.writing() as db:
            intake.apply(db, asker(name), planned, RULES)
    batch = do(street, intake.apply, planned, RULES)
    for name in ("leader", "liaison of power", "officer of the other street"):
        with pytest.raises(NotFound), street.store.writing() as db:
            intake.undo(db, asker(name), batch, RULES)
    with pytest.raises(Refused), street.store.writing() as db:
        intake.exported(db, asker("leader"), RULES)


def test_the_export_has_the_shape_of_the_import_and_holds_no_formula(street: Street) -> None:
    apply(street, MESSY)
    with street.store.writing() as db:
        content = intake.exported(db, OFFICER, RULES)
    book = load_workbook(io.BytesIO(content))
    cells = [cell for line in book.worksheets[0].iter_rows() for cell in line]
    assert "f" not in {cell.data_type for cell in cells}
    assert {"'@己", "'+86 1"} <= {cell.value for cell in cells}
    assert {one.fate for one in plan(street, content).rows} == {Fate.SAME}


BOMB = io.BytesIO()
with zipfile.ZipFile(BOMB, "w", zipfile.ZIP_DEFLATED) as parts:
    parts.writestr("xl/worksheets/sheet1.xml", b" " * 21_000_000)
CROWD = io.BytesIO()
with zipfile.ZipFile(CROWD, "w") as parts:
    for number in range(201):
        parts.writestr(str(number), b"")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no Excel"),
        (b"name,phone\n", "no Excel"),
        (b"PK\x03\x04 and then nothing", "no Excel"),
        (sheet.MAGIC + b" " * 2_000_000, "more than 2 MB"),
        (BOMB.getvalue(), "unpacks to more"),
        (CROWD.getvalue(), "unpacks to more"),
        (workbook(head=("单位", "姓名", "电话", "备注")), "No line heads"),
        (workbook(*([("供电所", "甲", "", "n1")] * 5_001)), "more than 5000 lines"),
    ],
)
def test_what_is_no_such_table_is_refused_before_it_is_read(content: bytes, why: str) -> None:
    with pytest.raises(Refused, match=why):
        sheet.read(content)


def test_a_table_may_begin_lower_and_name_its_columns_otherwise() -> None:
    lines = sheet.read(
        workbook(("甲", "供电所", "13", "n1", "x"), head=("联络员", "责任单位", "手机号", "包联网格", "备注"))
    )
    assert [(line.number, line.cells) for line in lines] == [
        (3, {"name": "甲", "unit": "供电所", "mobile": "13", "places": "n1"})
    ]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("１３８００００００００",), ("13800000000", "", ())),  # full width
        (("138 0000 0000",), ("13800000000", "", ())),
        (("138-0000-0000 / 6316 0001",), ("13800000000", "6316 0001", ())),
        (("6316-0001、13800000000",), ("13800000000", "6316-0001", ())),
        (("13800000000 63160001",), ("13800000000", "63160001", ())),  # a line break in the cell
        (("63160001 63160002",), ("", "63160001", ("63160002",))),
        (("13800000000；13900000000",), ("13800000000", "13900000000", ())),
        (("13800000000", "13800000000"), ("13800000000", "", ())),  # the same in both columns
        (("13800000000或13900000000", "6316 0001"), ("13800000000", "6316 0001", ("13900000000",))),
        (("+86 1",), ("", "+86 1", ())),
        (("", ""), ("", "", ())),
    ],
)
def test_phones_are_read_as_offices_write_them(cells: tuple[str, ...], expected: tuple[object, ...]) -> None:
    assert phones.read(*cells) == expected


def merged() -> bytes:
    """A table in which the unit, and the area of two people, are written once in merged cells."""
    book = load_workbook(io.BytesIO(workbook(
        ("供电所", "甲", "１００００００００01", "全街道"), (None, "乙", "10000000002\n6316 0002", None),
        (None, "丙", "10000000003/10000000004/6316 0003", "north"), ("供水站", "丁", "", "n1"), (None, "戊", "", "n1"),
    )))  # fmt: skip
    sheet = book.worksheets[0]
    for cells in ("A1:D1", "A3:A5", "D3:D4"):
        sheet.merge_cells(cells)
    book.save(out := io.BytesIO())
    return out.getvalue()


def test_merged_cells_hold_for_each_of_their_lines_and_a_missing_unit_is_not_guessed(street: Street) -> None:
    rows = plan(street, merged()).rows
    assert [(one.unit, one.name, [p.name for p in one.places], str(one.reason or "")) for one in rows] == [
        ("供电所", "甲", ["street"], ""),
        ("供电所", "乙", ["street"], ""),
        ("供电所", "丙", ["north"], "More than two phone numbers: 10000000004"),
        ("供水站", "丁", ["n1"], ""),
        ("", "戊", ["n1"], "The unit is missing"),
    ]
    assert [one.values.get("mobile") for one in rows[:2]] == ["10000000001", "10000000002"]
    assert rows[1].values["duty_phone"] == "6316 0002"


def test_a_merge_of_the_whole_sheet_costs_nothing() -> None:
    book = load_workbook(io.BytesIO(workbook(("供电所", "甲", "", "n1"))))
    book.worksheets[0].merged_cells.ranges.add(CellRange("A1:XFD1048576"))
    book.save(out := io.BytesIO())
    assert [line.cells["name"] for line in sheet.read(out.getvalue())] == ["甲"]
