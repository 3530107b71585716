"""The shift: a log that writes itself, two signatures, nobody leaves before relief, and nothing is edited."""

import io
from dataclasses import replace

import pytest
from docx import Document
from sqlalchemy import update

from core.accounts.verify import verified
from core.desk_words import ShiftKind
from core.errors import Refused
from core.handover import commands as shifts
from core.handover import papers
from core.handover.log import log, on_shift
from core.handover.tables import ShiftEntry
from core.language import translator
from core.people import Grant, Principal
from core.promises import REPLY
from core.words import Role, Verb
from tests.accounts import asker, audited
from tests.cast import CAST, DAY, HOUR, MINUTE, NOON, POWER, WHO, Street, move, path_of

HERE = path_of("street")
NEXT = Principal(WHO["leader"].user_id, "接班员", (Grant(Role.DUTY_OFFICER, HERE),))  # a user of the store
BEGUN = NOON - 4 * HOUR  # 08:00


def write(street: Street, kind: ShiftKind, text: str, by: str = "officer") -> None:
    with street.store.writing() as db:
        shifts.write(db, asker(by), HERE, kind, text, at=NOON, now=NOON + MINUTE)


def hand_over(street: Street, by: Principal = WHO["officer"], text: str = "") -> None:
    with street.store.writing() as db:
        shifts.hand_over(db, replace(asker(), who=by), HERE, text, now=NOON + 20 * HOUR)


def take_over(street: Street, by: Principal = NEXT) -> None:
    with street.store.writing() as db:
        shifts.take_over(db, replace(asker(), who=by), HERE, now=NOON + 20 * HOUR + MINUTE)


def a_day(street: Street) -> int:
    """What happens in a shift: one case closed, one with a unit that rang up, one order of a leader."""
    street.report(when=NOON - 5 * HOUR)  # before the shift
    street.brought_to(Verb.CLOSE)
    case = street.brought_to(Verb.DISPATCH)
    street.take(
        case,
        move(Verb.TAKE_ON, at=NOON + HOUR, on_behalf_of=POWER, note="二十分钟到"),
        move(Verb.SUPERVISE, "leader", NOON + 2 * HOUR, note="今晚必须修好", hours=4.0),
    )
    return case


def test_the_log_writes_itself_from_what_happened(street: Street) -> None:
    case = street.case(a_day(street))
    write(street, ShiftKind.CALL, "市应急局来电询问雨情")
    write(street, ShiftKind.EQUIPMENT, "2 号大屏黑屏，已重启")
    write(street, ShiftKind.WEATHER, "中雨，三级风")
    with street.store.reading() as db:
        found = log(db, WHO["officer"], HERE, now=NOON + 20 * HOUR)
    assert found.since == BEGUN
    assert (found.received, found.closed, found.open, found.overdue, found.became_overdue) == (2, 1, 2, 2, 2)
    assert [(one.kind, one.text) for one in found.calls] == [
        ("call", "市应急局来电询问雨情"),
        ("take_on", "供电所 二十分钟到"),
    ]
    assert [(one.kind, one.text) for one in found.entries] == [
        ("equipment", "2 号大屏黑屏，已重启"),
        ("weather", "中雨，三级风"),
        ("supervise", "今晚必须修好"),
    ]
    assert [one.number for one in found.undone] == [case.number, street.case(1).number]  # the reply is due first
    assert [one.promise for one in found.undone] == [REPLY, "closed"]
    assert found.pressing == len(found.undone)
    assert papers.which(5, 9, 5, str) == "5 of 9 open cases are overdue, due within a day, red or orange"
    assert papers.which(5, 9, 2, str).endswith("; the 2 due first are named")


def test_a_shift_is_signed_by_both_and_the_next_one_begins_where_it_ended(street: Street) -> None:
    a_day(street)
    hand_over(street, text="注意 2 号大屏")
    with street.store.reading() as db:
        waiting = shifts.waiting(db, HERE)
        assert waiting is not None
        assert (waiting.given or {})["received"] == 2
        assert log(db, NEXT, HERE, now=NOON + 21 * HOUR).since == BEGUN  # not relieved yet
    take_over(street)
    street.report(when=NOON + 22 * HOUR)
    with street.store.reading() as db:
        assert on_shift(db, NOON + 44 * HOUR) == {HERE: "接班员"}
        assert on_shift(db, NOON + 48 * HOUR) == {}  # nobody has signed for longer than a shift
        assert shifts.waiting(db, HERE) is None
        found = log(db, NEXT, HERE, now=NOON + DAY)
        (given, taken) = shifts.handovers(db, HERE)[0]
    assert (found.since, found.received) == (NOON + 20 * HOUR, 1)
    assert taken is not None
    assert (given.by_name, taken.by_name) == ("officer", "接班员")
    assert [row.action for row in audited(street)] == ["hand_over", "take_over"]


def test_nobody_leaves_before_relief(street: Street) -> None:
    with pytest.raises(Refused, match="No handover"):
        take_over(street)
    hand_over(street)
    with pytest.raises(Refused, match="nobody leaves before relief"):
        hand_over(street, NEXT)
    with pytest.raises(Refused, match="not the one who hands over"):
        take_over(street, WHO["officer"])
    take_over(street)
    with pytest.raises(Refused, match="No handover"):
        take_over(street)


@pytest.mark.parametrize("name", [name for name, *_ in CAST if name != "officer"])
def test_only_the_officers_of_a_desk_keep_its_log(street: Street, name: str) -> None:
    with pytest.raises(Refused):
        write(street, ShiftKind.NOTE, "记录", name)
    with pytest.raises(Refused):
        hand_over(street, WHO[name])
    with pytest.raises(Refused):
        take_over(street, WHO[name])


@pytest.mark.parametrize(
    ("kind", "text"), [(ShiftKind.NOTE, " "), (ShiftKind.NOTE, "长" * 401), (ShiftKind.HANDED_OVER, "交班")]
)
def test_an_entry_that_says_nothing_is_refused(street: Street, kind: ShiftKind, text: str) -> None:
    with pytest.raises(Refused):
        write(street, kind, text)


def test_an_edited_or_missing_entry_shows(street: Street) -> None:
    write(street, ShiftKind.NOTE, "一")
    a_day(street)
    hand_over(street)
    take_over(street)
    with street.store.reading() as db:
        assert verified(db).breaches == ()
    with street.store.writing() as db:
        db.execute(update(ShiftEntry).where(ShiftEntry.ordinal == 2).values(text="改过"))  # type: ignore[arg-type]
    with street.store.reading() as db:
        assert [(number, breach.ordinal) for number, breach in verified(db).breaches] == [(None, 2)]


def words_of(file: bytes) -> str:
    document = Document(io.BytesIO(file))
    cells = (cell.text for table in document.tables for row in table.rows for cell in row.cells)
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def test_the_handover_and_the_day_sheet_are_word_files_that_say_what_was_signed(street: Street) -> None:
    case = street.case(a_day(street))
    write(street, ShiftKind.WEATHER, "中雨")
    hand_over(street, text="注意 2 号大屏")
    chinese = translator()
    with street.store.reading() as db:
        (given, taken) = shifts.handovers(db, HERE)[0]
        day = log(db, WHO["officer"], HERE, now=NOON + 21 * HOUR)
    unsigned = words_of(papers.handover_paper(given, taken, "云汀街道", chinese, is_demo=True))
    for said in (
        "云汀街道值班交接班记录",
        "中雨",
        "供电所 二十分钟到",
        "今晚必须修好",
        case.number,
        "注意 2 号大屏",
        "尚未签字",
    ):
        assert said in unsigned, said
    sheet = words_of(papers.day_sheet(day, "云汀街道", "officer", chinese, is_demo=False))
    assert "云汀街道值班日报" in sheet
    assert case.title in sheet


def test_the_log_counts_only_what_the_officer_may_see(street: Street) -> None:
    street.report(at="f1")
    with street.store.reading() as db:
        assert log(db, WHO["officer"], HERE, now=NOON + HOUR).received == 0
        assert log(db, WHO["stranger"], HERE, now=NOON + HOUR).open == 0
