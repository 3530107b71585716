"""The audit and the chains: in the act's own transaction, and an edited or missing row shows."""

import csv
import io
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from os import environ

import pytest
from sqlalchemy import text
from sqlmodel import Session

from core import spreadsheet
from core.accounts import audit, staff
from core.accounts.audit import Asker, Wanted
from core.accounts.verify import verified
from core.cases.reporter import reporter_masked, unmask
from core.chain import Breach
from core.errors import NotFound, Refused
from core.people import Grant, Principal
from core.words import Action, Outcome, Role, Verb
from tests.accounts import HERE, NOW, asker, audited, enrol
from tests.cast import CLEANING, POWER, WHO, Street, path_of, together

Act = Callable[[Session, Asker, int], None]


def breaches(street: Street) -> set[tuple[bool, int, str]]:
    """What does not hold: whether it is a case's, the row, and how."""
    with street.store.reading() as db:
        return {(number is not None, one.ordinal, one.kind) for number, one in verified(db).breaches}


def run(street: Street, statement: str) -> None:
    """What somebody with the database in hand does."""
    with street.store.writing() as db:
        db.execute(text(statement))


def audit_rows(street: Street, count: int) -> None:
    """Some rows of the audit."""
    enrol(street.store)
    for _ in range(count):
        with street.store.writing() as db:
            staff.unlock(db, asker(), 1)


def test_a_row_says_who_did_what_to_what_when_from_where_and_how_it_ended(street: Street) -> None:
    audit_rows(street, 1)
    (row,) = audited(street)
    said = row.by_id, row.by_name, row.action, row.subject, row.at, row.origin, row.outcome, row.detail
    expected = WHO["administrator"].user_id, "administrator", "unlock", "user 1", NOW, HERE, "done", "officer"
    assert said == expected


def _both(act: Act, fails: Act) -> Callable[[Session], None]:
    """One act on the officer, and one on nobody."""

    def run(db: Session) -> None:
        act(db, asker(), 1)
        fails(db, asker(), 999)

    return run


def test_an_act_that_is_undone_leaves_no_row_and_a_row_that_fails_undoes_the_act(street: Street) -> None:
    enrol(street.store)
    with pytest.raises(NotFound), street.store.writing() as db:
        _both(staff.disable, staff.enable)(db)
    assert audited(street) == []
    run(street, "DELETE FROM audit_head")
    with pytest.raises(Exception, match="No row"), street.store.writing() as db:
        staff.disable(db, asker(), 1)
    with street.store.reading() as db:
        assert next(one for one in staff.persons(db, asker()) if one.id == 1).is_active


def test_a_refused_act_is_audited_as_refused(street: Street) -> None:
    administrator = WHO["administrator"].user_id
    with (
        pytest.raises(Refused),
        audit.acting(street.store, asker(), Action.DISABLE, f"user {administrator}") as db,
    ):
        staff.disable(db, asker(), administrator)
    (row,) = audited(street)
    assert (row.outcome, row.action, row.detail) == ("refused", "disable", "Nobody disables himself")


def test_rows_written_at_once_are_numbered_without_a_gap(street: Street) -> None:
    enrol(street.store)
    together(*[lambda: audit_rows(street, 2)] * 6)
    assert [row.ordinal for row in audited(street)] == list(range(1, 13))
    assert breaches(street) == set()


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE audit_event SET origin = '10.9.9.9' WHERE ordinal = 2", {(False, 2, "edited")}),
        ("UPDATE audit_event SET by_name = 'x' WHERE ordinal = 4", {(False, 4, "edited")}),
        ("DELETE FROM audit_event WHERE ordinal = 2", {(False, 2, "missing")}),
        ("DELETE FROM audit_event WHERE ordinal = 1", {(False, 1, "missing")}),
        ("DELETE FROM audit_event WHERE ordinal > 2", {(False, 3, "missing"), (False, 4, "missing")}),
        ("UPDATE audit_head SET count = 3", {(False, 3, "edited")}),
    ],
)
def test_an_edited_or_missing_row_of_the_audit_shows(
    street: Street, statement: str, found: set[tuple[bool, int, str]]
) -> None:
    audit_rows(street, 4)
    assert breaches(street) == set()
    run(street, statement)
    assert breaches(street) == found


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE case_event SET note = '没有' WHERE ordinal = 6", {(True, 6, "edited")}),
        ("UPDATE case_event SET by_id = 2 WHERE ordinal = 1", {(True, 1, "edited")}),
        ("DELETE FROM case_event WHERE ordinal = 3", {(True, 3, "missing")}),
        ("DELETE FROM case_event WHERE ordinal = 9", {(True, 9, "missing")}),
        ("DELETE FROM case_event WHERE ordinal > 8", {(True, 9, "missing")}),
    ],
)
def test_an_edited_or_missing_event_of_a_case_shows(
    street: Street, statement: str, found: set[tuple[bool, int, str]]
) -> None:
    street.brought_to(Verb.CLOSE)
    assert breaches(street) == set()
    run(street, statement)
    assert breaches(street) == found


def test_a_case_without_any_event_shows(street: Street) -> None:
    street.report()
    run(street, "DELETE FROM case_event")
    assert breaches(street) == {(True, 1, "missing")}


def test_the_command_says_what_does_not_hold_and_fails(sqlite_url: str) -> None:
    from core.store import Store
    from tests.cast import fill

    street = Street(Store(sqlite_url))
    with street.store.writing() as db:
        fill(db)
    audit_rows(street, 2)
    command = [sys.executable, "-m", "core", "verify"]
    environment = environ | {"DATABASE_URL": sqlite_url}
    good = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert good.returncode == 0
    assert "2 audit rows" in good.stdout
    run(street, "UPDATE audit_event SET detail = 'x' WHERE ordinal = 1")
    bad = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert bad.returncode == 1
    assert "audit: row 1 is edited" in bad.stderr


def test_a_breach_is_a_value() -> None:
    assert Breach(1, "edited") == Breach(1, "edited")


def test_the_audit_is_found_by_day_act_outcome_and_name(street: Street) -> None:
    audit_rows(street, 1)
    with street.store.writing() as db:
        staff.disable(db, asker(now=NOW + timedelta(days=1)), 1)
        audit.record(db, Action.SIGN_IN, "", at=NOW, origin=HERE, outcome=Outcome.REFUSED)
    today = Wanted(NOW, NOW + timedelta(hours=1))
    with street.store.reading() as db:

        def count(wanted: Wanted) -> int:
            return len(audit.events(db, wanted, 10))

        assert count(today) == 2
        assert count(Wanted(NOW, NOW + timedelta(days=2))) == 3
        assert count(Wanted(NOW, NOW + timedelta(days=2), action=Action.DISABLE)) == 1
        assert count(Wanted(NOW, NOW + timedelta(days=2), outcome=Outcome.REFUSED)) == 1
        assert count(Wanted(NOW, NOW + timedelta(days=2), name="admin")) == 2
        assert count(Wanted(NOW, NOW + timedelta(days=2), name="%")) == 0
        assert len(audit.events(db, Wanted(NOW, NOW + timedelta(days=2)), 1)) == 1


HOSTILE = ("=1+1", "+1", "-1", "@sum(a1)", "\t=1", "\r=1", " =1", "　=1", "\n=1")


def test_no_exported_cell_is_a_formula() -> None:
    raw = spreadsheet.csv_file(["=head", "b"], [[cell, "文字"] for cell in HOSTILE])
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    assert len(rows) == len(HOSTILE) + 1
    assert all(cell[:1] not in "=+-@\t\r\n" for row in rows for cell in row)
    assert rows[0] == ["'=head", "b"]


# The reporter


def reported(street: Street) -> int:
    """A case whose reporter is known, dispatched to power."""
    case = street.report(reporter_name="张伟", reporter_phone="13812341234")
    from tests.cast import loop

    street.take(case, *loop(until=Verb.DISPATCH)[1:])
    return case


def test_the_reporter_is_unmasked_for_a_reason_that_is_audited(street: Street) -> None:
    case = reported(street)
    with street.store.writing() as db:
        assert reporter_masked(db, WHO["officer"], case) == ("张*", "138****1234")
        assert unmask(db, asker("officer"), case, "回访核实地址") == ("张伟", "13812341234")
    (row,) = audited(street)
    assert (row.action, row.detail, row.by_name) == ("unmask_reporter", "回访核实地址", "officer")
    assert row.subject == f"case {street.case(case).number}"
    assert "138" not in repr(row)


@pytest.mark.parametrize(
    ("name", "reason", "refusal"),
    [
        ("officer", "   ", Refused),
        ("leader", "回访核实地址", Refused),
        ("liaison of power", "回访核实地址", Refused),
        ("liaison of water", "回访核实地址", NotFound),
        ("head of s1", "回访核实地址", NotFound),
        ("administrator", "回访核实地址", NotFound),
        ("wall", "回访核实地址", NotFound),
        ("stranger", "回访核实地址", NotFound),
    ],
)
def test_nobody_else_learns_who_reported(street: Street, name: str, reason: str, refusal: type[Refused]) -> None:
    case = reported(street)
    with pytest.raises(refusal), street.store.writing() as db:
        unmask(db, asker(name), case, reason)
    assert audited(street) == []


@pytest.mark.parametrize(("unit", "may"), [(POWER, False), (CLEANING, True)])
def test_the_unit_complained_of_never_learns_who_reported_whatever_else_its_liaison_is(
    street: Street, unit: int, may: bool
) -> None:
    case = reported(street)
    both = Principal(4, "both", (Grant(Role.GRID_HEAD, path_of("n1")), Grant(Role.LIAISON, path_of("street"), unit)))
    with street.store.writing() as db:
        asked = audit.Asker(both, HERE, NOW)
        if may:
            assert unmask(db, asked, case, "回访核实地址")[0] == "张伟"
        else:
            with pytest.raises(Refused):
                unmask(db, asked, case, "回访核实地址")
