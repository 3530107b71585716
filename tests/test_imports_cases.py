"""Cases come in from files: what is right is taken as far as the source proves it, what is wrong is named by line."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import col, select

from core import store
from core.cases.queries import open_cases
from core.cases.tables import Case, CaseCandidate, CaseEvent
from core.errors import BadFile, Refused
from core.imports.tables import ImportBatch, ImportedCase
from core.people import Appointment, User
from core.places import Place
from core.store import Store
from core.units import Unit
from core.words import Stage, Verb
from tests.sources import MAPPING, cases_of, requests, with_grids, written


@pytest.fixture
def into(store_url: str) -> Iterator[Store]:
    found = Store(store_url)
    yield found
    found.close()


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    return written(tmp_path / "city.toml", MAPPING)


def stored(into: Store) -> list[Case]:
    with into.reading() as db:
        return list(db.exec(select(Case).order_by(col(Case.id))))


def verbs(into: Store) -> list[Verb]:
    with into.reading() as db:
        return [Verb(event.verb) for event in db.exec(select(CaseEvent).order_by(col(CaseEvent.ordinal)))]


# Cases: what is taken


def test_an_open_case_is_reported_received_and_dispatched_to_its_owner(
    into: Store, mapping: Path, tmp_path: Path
) -> None:
    with_grids(into, mapping, tmp_path)
    file = requests(tmp_path / "c.csv", {"status": "open", "owner": "BOS", "where": "Main St"})
    assert cases_of(into, mapping, file).written
    (case,) = stored(into)
    assert (case.stage, case.category, case.external_number, case.address) == (
        Stage.DISPATCHED,
        "E0102",
        "1",
        "Main St",
    )
    assert case.reported_at == datetime(2024, 3, 1, 16, tzinfo=UTC)  # 08:00 in Los Angeles
    assert verbs(into) == [Verb.REPORT, Verb.ACCEPT, Verb.DISPATCH]
    with into.reading() as db:
        assert db.exec(select(Unit)).one().name == "Sanitation"


def test_a_closed_case_takes_one_step_that_says_what_the_source_said(
    into: Store, mapping: Path, tmp_path: Path
) -> None:
    with_grids(into, mapping, tmp_path)
    shut = "2024-03-02 09:30"
    file = requests(
        tmp_path / "c.csv", {"no": "1", "status": "done", "shut": shut}, {"no": "2", "status": "void", "shut": shut}
    )
    cases_of(into, mapping, file)
    assert [case.stage for case in stored(into)] == [Stage.CLOSED, Stage.VOIDED]
    assert {case.ended_at for case in stored(into)} == {datetime(2024, 3, 2, 17, 30, tzinfo=UTC)}
    with into.reading() as db:
        last = db.exec(select(CaseEvent).where(CaseEvent.ordinal == 2).order_by(col(CaseEvent.case_id))).all()
    assert [event.verb for event in last] == [Verb.SELF_HANDLE, Verb.VOID]
    assert "“done”" in (last[0].note or "")


def test_a_point_in_several_grids_keeps_the_others_as_candidates(into: Store, mapping: Path, tmp_path: Path) -> None:
    with_grids(into, mapping, tmp_path)
    outcome = cases_of(into, mapping, requests(tmp_path / "c.csv", {"x": "1", "y": "2.5"}))
    assert len(outcome.plan.border) == 1
    with into.reading() as db:
        lead = db.exec(select(Place.code).join(Case, col(Case.grid_id) == Place.id)).one()
        other = db.exec(select(Place.code).join(CaseCandidate, col(CaseCandidate.grid_id) == Place.id)).one()
    assert (lead[-3:], other[-3:]) == ("001", "002")


@pytest.mark.parametrize("word", ["02", "格02", "990101001001001"])
def test_a_case_without_a_point_is_placed_by_the_name_or_code_of_its_grid(
    into: Store, mapping: Path, tmp_path: Path, word: str
) -> None:
    with_grids(into, mapping, tmp_path)
    cases_of(into, mapping, requests(tmp_path / "c.csv", {"x": "", "y": "", "grid": word}))
    (case,) = stored(into)
    assert (case.lon, case.lat) == (None, None)
    with into.reading() as db:
        assert db.get_one(Place, case.grid_id).external_code == "02"


def test_the_mover_is_an_account_that_is_appointed_for_the_day_and_cannot_sign_in(
    into: Store, mapping: Path, tmp_path: Path
) -> None:
    with_grids(into, mapping, tmp_path)
    for number in ("1", "2"):
        cases_of(into, mapping, requests(tmp_path / f"{number}.csv", {"no": number}))
    with into.reading() as db:
        user = db.exec(select(User)).one()
        appointments = db.exec(select(Appointment)).all()
    assert (user.name, user.is_active) == ("导入", False)
    assert sorted(appointment.role for appointment in appointments) == ["duty_officer", "secretary"]
    assert all(appointment.from_on == appointment.to_on for appointment in appointments)


def test_gb18030_is_read_when_the_mapping_says_so_and_refused_when_not(
    into: Store, mapping: Path, tmp_path: Path
) -> None:
    with_grids(into, mapping, tmp_path)
    file = requests(tmp_path / "c.csv", {"where": "人民路７号𠮷"}, encoding="gb18030")
    with pytest.raises(BadFile, match=r"c\.csv:2: is not utf-8"):
        cases_of(into, mapping, file)
    chinese = written(tmp_path / "m.toml", 'encoding = "gb18030"\n' + MAPPING)
    cases_of(into, chinese, file)
    assert stored(into)[0].address == "人民路７号𠮷"


def test_a_byte_order_mark_is_no_part_of_the_first_column(into: Store, mapping: Path, tmp_path: Path) -> None:
    with_grids(into, mapping, tmp_path)
    assert cases_of(into, mapping, requests(tmp_path / "c.csv", {}, encoding="utf-8-sig")).written


# Cases: what is refused

WRONG = [
    ({"x": "9", "y": "9"}, "outside every grid"),
    ({"x": "", "grid": "nowhere"}, "unknown place"),
    ({"x": "", "grid": ""}, "unknown place"),
    ({"x": "500000", "y": "3456000"}, "no place on the earth"),
    ({"x": "east"}, "x"),
    ({"x": "nan"}, "x"),
    ({"opened": "01/03/2024"}, "bad date in opened"),
    ({"opened": ""}, "bad date"),
    ({"opened": "2999-01-01 00:00"}, "created in the future"),
    ({"status": "done", "shut": "2024-02-29 08:00"}, "closed before created"),
    ({"status": "done", "shut": ""}, "bad date"),
    ({"status": "done", "shut": "soon"}, "bad date in shut"),
    ({"status": "done", "shut": "2999-01-01 00:00"}, "closed in the future"),
    ({"status": "???"}, "unknown status"),
    ({"status": "open", "owner": "XYZ"}, "unknown owner"),
    ({"no": ""}, "no number"),
    ({"no": "7" * 81}, "no has 81 characters, more than 80"),
    ({"where": "长" * 201}, "where has 201 characters, more than 200"),
]


@pytest.mark.parametrize(("wrong", "reason"), WRONG, ids=[reason for _, reason in WRONG])
def test_a_wrong_row_is_refused_with_its_line_and_reason(
    sqlite_url: str, mapping: Path, tmp_path: Path, wrong: dict[str, str], reason: str
) -> None:
    into = Store(sqlite_url)
    with_grids(into, mapping, tmp_path)
    outcome = cases_of(into, mapping, requests(tmp_path / "c.csv", {}, {"no": "2", **wrong}))
    assert [(remark.where, remark.what.split(":")[0]) for remark in outcome.plan.refused] == [("line 3", reason)]
    assert stored(into) == []
    into.close()


def test_all_or_nothing_unless_a_part_is_accepted(into: Store, mapping: Path, tmp_path: Path) -> None:
    with_grids(into, mapping, tmp_path)
    file = requests(tmp_path / "c.csv", {}, {"no": "2", "x": "9"})
    assert cases_of(into, mapping, file).is_refused
    assert stored(into) == []
    with into.reading() as db:
        assert db.exec(select(User)).all() == []
    assert cases_of(into, mapping, file, accept_partial=True).written
    assert [case.external_number for case in stored(into)] == ["1"]


def test_a_dry_run_writes_nothing(into: Store, mapping: Path, tmp_path: Path) -> None:
    with_grids(into, mapping, tmp_path)
    outcome = cases_of(into, mapping, requests(tmp_path / "c.csv", {}), dry_run=True)
    assert (len(outcome.plan.taken), outcome.written, stored(into)) == (1, False, [])


def test_a_number_twice_in_a_file_is_refused(into: Store, mapping: Path, tmp_path: Path) -> None:
    with_grids(into, mapping, tmp_path)
    plan = cases_of(into, mapping, requests(tmp_path / "c.csv", {}, {"what": "Other"})).plan
    assert [(remark.where, remark.what) for remark in plan.refused] == [("line 3", "duplicate number: 1")]


def test_the_same_cases_twice_add_nothing_and_another_system_may_use_the_same_number(
    into: Store, mapping: Path, tmp_path: Path
) -> None:
    with_grids(into, mapping, tmp_path)
    file = requests(tmp_path / "c.csv", {}, {"no": "2"})
    cases_of(into, mapping, file)
    again = cases_of(into, mapping, file)
    assert (len(again.plan.taken), len(again.plan.left_out), again.is_refused) == (0, 2, False)
    other = written(tmp_path / "other.toml", MAPPING.replace('system = "city"', 'system = "county"'))
    assert cases_of(into, other, file).written
    with into.reading() as db:
        assert len(db.exec(select(ImportedCase)).all()) == 4


def test_a_row_with_more_cells_than_columns_is_refused_by_its_first_line(
    into: Store, mapping: Path, tmp_path: Path
) -> None:
    with_grids(into, mapping, tmp_path)
    file = requests(tmp_path / "c.csv", {"where": "two\nlines"})
    file.write_text(file.read_text() + ",".join(["x"] * 11) + "\n")
    plan = cases_of(into, mapping, file).plan
    assert [(r.where, r.what) for r in plan.refused] == [("line 4", "has 11 cells under 10 columns")]
    assert len(plan.taken) == 1


def test_hostile_cells_stay_text(into: Store, mapping: Path, tmp_path: Path) -> None:
    with_grids(into, mapping, tmp_path)
    hostile = '=HYPERLINK("http://x")\x00\x1b[2J\u202e\ud83d <script>'
    file = tmp_path / "c.csv"
    requests(file, {"where": hostile.replace("\ud83d", ""), "what": "'; DROP TABLE place; --"})
    cases_of(into, mapping, file)
    (case,) = stored(into)
    assert case.address == '=HYPERLINK("http://x")[2J <script>'
    assert case.title == "'; DROP TABLE place; --"


# A world that stands still


def test_the_world_stands_still_at_the_stated_moment(into: Store, mapping: Path, tmp_path: Path) -> None:
    with_grids(into, mapping, tmp_path)
    file = requests(
        tmp_path / "c.csv",
        {"no": "1", "status": "done", "shut": "2024-03-01 11:00"},
        {"no": "2", "status": "done", "shut": "2024-03-01 13:00", "owner": "BOS"},
        {"no": "3", "opened": "2024-03-01 12:01"},
    )
    outcome = cases_of(into, mapping, file, as_of=datetime(2024, 3, 1, 12))  # noqa: DTZ001 - in the mapping's zone
    assert [remark.where for remark in outcome.plan.left_out] == ["line 4"]
    noon = datetime(2024, 3, 1, 20, tzinfo=UTC)
    with into.reading() as db:
        assert store.setting(db, "as_of") == noon.isoformat()
        assert [(case.stage, case.unit_id is not None) for case in open_cases(db)] == [(Stage.DISPATCHED, True)]
        assert {event.recorded_at for event in db.exec(select(CaseEvent))} == {noon}
        assert all(batch.at > noon for batch in db.exec(select(ImportBatch)))


def test_a_store_keeps_the_moment_at_which_it_stands_still(into: Store, mapping: Path, tmp_path: Path) -> None:
    with_grids(into, mapping, tmp_path)
    file = requests(tmp_path / "c.csv", {})
    cases_of(into, mapping, file, as_of=datetime(2024, 3, 2, tzinfo=UTC))
    later = requests(tmp_path / "d.csv", {"no": "2", "opened": "2024-03-09 08:00"})
    assert len(cases_of(into, mapping, later).plan.left_out) == 1
    with pytest.raises(Refused, match="stands still at 2024-03-02"):
        cases_of(into, mapping, later, as_of=datetime(2024, 3, 10, tzinfo=UTC))


def test_cases_before_their_grids_are_refused(into: Store, mapping: Path, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="import its grids first"):
        cases_of(into, mapping, requests(tmp_path / "c.csv", {}))
