"""What was taken in wrongly: a case is corrected, or merged into another one that is the same."""

from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import select

from core.accounts.verify import verified
from core.cases.queries import reports_of
from core.cases.tables import Case, CaseLink
from core.errors import NotFound, Refused
from core.intake import commands as desk
from core.intake import duplicates, wording
from core.words import Severity, Source, Stage, Verb
from tests.accounts import asker
from tests.cast import DAY, HOUR, ID, MINUTE, NOON, POWER, RULES, WHO, WULIPU_1, WULIPU_7, Street, move, spot_of
from tests.test_drill import retold, tallied
from tests.test_side_steps import correction

TOLD = "垃圾满地，没人管"


def correct(street: Street, case_id: int, by: str = "officer", note: str = "登记有误", **changes: Any) -> None:
    with street.store.writing() as db:
        wanted = move(Verb.CORRECT, by, NOON + HOUR, note=note)
        desk.correct(db, asker(by), case_id, wanted, RULES, **changes)


def merge(street: Street, case_id: int, number: str, by: str = "officer") -> int:
    with street.store.writing() as db:
        return desk.merge(db, asker(by), case_id, move(Verb.MERGE, by, NOON + HOUR), number, RULES)


def told(street: Street) -> int:
    """A case whose title is the beginning of its text."""
    return street.report(WULIPU_1, text=TOLD, title="垃圾满地", severity=Severity.BLUE, external_number="12345-1")


def test_everything_that_was_written_down_wrongly_is_corrected_and_the_event_keeps_what_it_was(street: Street) -> None:
    case_id = told(street)
    correct(
        street, case_id, category=WULIPU_7, severity=Severity.RED, text="违建，正在加盖", external_number="12345-2",
        spot=spot_of("n2"), lon=1.5, lat=0.5, address="2幢", source=Source.LEADER,
    )  # fmt: skip
    case = street.case(case_id)
    assert (case.category, case.severity, case.text, case.title) == (WULIPU_7, "red", "违建，正在加盖", "违建")
    assert (case.external_number, case.grid_id, case.address) == ("12345-2", ID["n2"], "2幢")
    given = street.events(case_id)[-1].given
    assert given is not None
    assert [case.source, given["now"]["source"]] == [Source.LEADER] * 2 != [given["was"]["source"]] * 2
    assert [given[side]["severity"] for side in ("was", "now")] == ["blue", "red"]
    assert [given[side]["text"] for side in ("was", "now")] == [TOLD, "违建，正在加盖"]
    with street.store.reading() as db:
        assert tallied(db) == retold(db)
        assert verified(db).breaches == ()


def test_what_is_not_named_stays_and_a_title_of_its_own_stays_too(street: Street) -> None:
    case_id = street.report(text=TOLD, title="二号楼垃圾")
    before = street.case(case_id)
    correct(street, case_id, text="垃圾满地，三天没人管")
    after = street.case(case_id)
    kept = ("title", "category", "severity", "place_id", "lon", "lat", "address", "external_number", "due_at")
    assert {name: getattr(after, name) for name in kept} == {name: getattr(before, name) for name in kept}
    assert after.text == "垃圾满地，三天没人管"


# by whom, what is changed
REFUSED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("officer", {}),
    ("officer", {"severity": "blue"}),  # it is blue
    ("officer", {"text": "  "}),
    ("officer", {"external_number": "1" * 81}),
    ("officer", {"category": "nothing"}),
    ("officer", {"source": "nowhere"}),
    ("officer", {"spot": spot_of("f1")}),  # of the other street
    ("head of n1", {"severity": "red"}),
    ("leader", {"severity": "red"}),
)


@pytest.mark.parametrize(("by", "changes"), REFUSED)
def test_a_correction_is_refused_when_it_changes_nothing_or_may_not_be(
    street: Street, by: str, changes: dict[str, Any]
) -> None:
    case_id = told(street)
    with pytest.raises(Refused):
        correct(street, case_id, by, **changes)
    assert len(street.events(case_id)) == 1


def test_a_correction_needs_its_reason_and_somebody_who_sees_the_case(street: Street) -> None:
    case_id = told(street)
    with pytest.raises(Refused):
        correct(street, case_id, note=" ", severity="red")
    with pytest.raises(NotFound):
        correct(street, case_id, "officer of the other street", severity="red")


def test_a_correction_made_before_severity_and_text_could_be_corrected_keeps_its_hash(street: Street) -> None:
    case_id = street.report()
    street.take(case_id, move(Verb.CORRECT, at=NOON + MINUTE, note="在隔壁", correction=correction()))
    event = street.events(case_id)[-1]
    assert event.given is not None
    assert "severity" not in event.given["was"]
    with street.store.reading() as db:
        assert verified(db).breaches == ()
    assert street.case(case_id).severity


def test_a_duplicate_found_later_is_merged_by_the_number_of_the_other(street: Street) -> None:
    first, second = street.report(text=TOLD), street.report(text=TOLD)
    assert merge(street, second, f" {street.case(first).number} ") == first
    with street.store.reading() as db:
        assert reports_of(db, first) == 2
        assert (db.get_one(CaseLink, second).into_id, db.get_one(Case, second).stage) == (first, Stage.MERGED)
    assert street.events(second)[-1].note == f"→ {street.case(first).number}"


def test_a_case_is_not_merged_into_itself_an_ended_an_unseen_or_no_case(street: Street) -> None:
    case_id, ended, far = street.report(), street.report(), street.report(at="f1")
    street.take(ended, move(Verb.VOID, at=NOON + MINUTE))
    numbers = [street.case(one).number for one in (case_id, ended, far)]
    for number, refusal in zip((*numbers, "2511-999"), (Refused, Refused, NotFound, NotFound), strict=True):
        with pytest.raises(refusal):
            merge(street, case_id, number)
    with pytest.raises(Refused):
        merge(street, case_id, street.case(street.report()).number, "head of n1")
    assert street.case(case_id).stage == Stage.REPORTED


def test_a_case_that_is_solved_already_is_not_merged(street: Street) -> None:
    case_id, other = street.brought_to(Verb.RESOLVE), street.report()
    wanted = replace(move(Verb.MERGE, at=NOON + DAY, unit_id=POWER), unit_id=None)
    with pytest.raises(Refused), street.store.writing() as db:
        desk.merge(db, asker("officer"), case_id, wanted, street.case(other).number, RULES)


def test_the_duplicates_of_a_stored_case_are_those_of_its_place_and_words_without_itself(street: Street) -> None:
    case_id, same = street.report(text=TOLD), street.report(text=TOLD)
    street.report(WULIPU_7, "n2", text="违建")
    street.report(at="s1", text=TOLD)
    lexicon = wording.learned([], RULES)
    with street.store.reading() as db:
        case = db.exec(select(Case).where(Case.id == case_id)).one()
        found = duplicates.twins_of(db, WHO["officer"], lexicon, case, now=NOON + HOUR)
    assert [(twin.id, twin.metres, twin.is_same_kind) for twin in found] == [(same, 0, True)]
