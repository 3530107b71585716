"""Who may see and do what where: deny by default, on the server, for every role of the cast."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from core import people
from core.cases import commands
from core.cases.queries import case_seen_by, open_cases, visible_to
from core.cases.tables import Case, Reporter
from core.errors import NotFound
from core.people import PERMISSIONS, Appointment, Grant, Principal, User
from core.words import Permission, Role, Verb
from tests.cast import CAST, ID, NOON, POWER, RULES, TODAY, WATER, WHO, Street, loop, move, path_of

CASES = ("n1", "n2", "house", "s1", "f1", "dispatched to power", "dispatched to water", "closed")


@pytest.fixture
def cases(street: Street) -> dict[str, int]:
    """Cases here and there: in four grids and a building, and in n1 with units and at an end."""
    found = {name: street.report(at=name) for name in ("n1", "n2", "house", "s1", "f1")}
    found["dispatched to power"] = street.brought_to(Verb.DISPATCH)
    found["dispatched to water"] = street.brought_to(Verb.ACCEPT)
    later = NOON + timedelta(hours=1)
    street.take(found["dispatched to water"], move(Verb.DISPATCH, at=later, unit_id=WATER))
    found["closed"] = street.brought_to(Verb.CLOSE)
    return found


# who sees which of the cases above
SEES = {
    "officer": set(CASES) - {"f1"},
    "head of n1": {"n1", "house", "dispatched to power", "dispatched to water", "closed"},
    "head of s1": {"s1"},
    "liaison of power": {"dispatched to power", "closed"},
    "liaison of water": {"dispatched to water"},
    "leader": set(CASES) - {"f1"},
    "secretary of north": set(CASES) - {"s1", "f1"},
    "administrator": set(),
    "wall": set(),
    "officer of the other street": {"f1"},
    "stranger": set(),
}


def test_each_of_the_cast_sees_the_cases_of_role_and_place_and_no_others(street: Street, cases: dict[str, int]) -> None:
    assert set(SEES) == {name for name, *_ in CAST}
    with street.store.reading() as db:
        for name, expected in SEES.items():
            found = set(db.exec(select(Case.id).where(visible_to(WHO[name]))))
            assert found == {cases[case] for case in expected}, name
            seen = {case for case in CASES if case_seen_by(db, WHO[name], cases[case])}
            assert seen == expected, name


def test_a_command_on_a_case_one_may_not_see_says_that_there_is_none(street: Street, cases: dict[str, int]) -> None:
    for name, sees in SEES.items():
        for case in set(CASES) - sees:
            with pytest.raises(NotFound), street.store.writing() as db:
                commands.take(db, WHO[name], cases[case], move(Verb.ACCEPT, name), RULES)


def test_a_case_that_does_not_exist_is_answered_like_one_that_may_not_be_seen(
    street: Street, cases: dict[str, int]
) -> None:
    answers = []
    for number in (cases["n1"], 999_999):
        with pytest.raises(NotFound) as caught, street.store.writing() as db:
            commands.take(db, WHO["head of s1"], number, move(Verb.ACCEPT, "head of s1"), RULES)
        answers.append(str(caught.value))
    assert answers[0] == answers[1]


def test_the_cast_in_the_store_has_the_rights_of_the_cast_of_the_tables(street: Street) -> None:
    with street.store.reading() as db:
        assert {name: people.principal(db, who.user_id, TODAY) for name, who in WHO.items()} == WHO


@pytest.mark.parametrize(
    ("from_on", "to_on", "counts"),
    [
        (TODAY, None, True),  # begins today
        (TODAY, TODAY, True),  # today only
        (date(2020, 1, 1), TODAY, True),  # ends today: the last day counts
        (date(2020, 1, 1), TODAY - timedelta(days=1), False),  # ended yesterday
        (TODAY + timedelta(days=1), None, False),  # begins tomorrow
    ],
)
def test_an_appointment_counts_from_its_first_to_its_last_day(
    street: Street, cases: dict[str, int], from_on: date, to_on: date | None, counts: bool
) -> None:
    stranger = WHO["stranger"].user_id
    with street.store.writing() as db:
        row = Appointment(user_id=stranger, role=Role.LEADER, place_id=ID["street"], from_on=from_on, to_on=to_on)
        db.add(row)
    with street.store.reading() as db:
        who = people.principal(db, stranger, TODAY)
        assert who is not None
        assert (case_seen_by(db, who, cases["n1"]) is not None) is counts
        assert bool(who.grants) is counts


def test_a_disabled_or_unknown_user_is_nobody(street: Street) -> None:
    with street.store.writing() as db:
        db.get_one(User, WHO["officer"].user_id).is_active = False
    with street.store.reading() as db:
        assert people.principal(db, WHO["officer"].user_id, TODAY) is None
        assert people.principal(db, 999_999, TODAY) is None


def test_a_liaison_of_no_unit_sees_nothing_rather_than_what_no_unit_has(street: Street, cases: dict[str, int]) -> None:
    who = Principal(1, "", (Grant(Role.LIAISON, path_of("street"), None),))
    assert not who.may(Permission.READ_CASES, path_of("n1"), None)
    with street.store.reading() as db:
        assert db.exec(select(Case.id).where(visible_to(who))).all() == []


def test_two_appointments_add_up_each_at_its_own_place(street: Street, cases: dict[str, int]) -> None:
    who = Principal(1, "", (Grant(Role.GRID_HEAD, path_of("s1")), Grant(Role.LIAISON, path_of("street"), POWER)))
    assert who.may(Permission.CHECK, path_of("s1"))
    assert not who.may(Permission.CHECK, path_of("n1"), POWER)
    assert who.paths(Permission.READ_CASES) == (path_of("s1"), path_of("street"))
    assert who.paths(Permission.VOID) == ()
    with street.store.reading() as db:
        found = set(db.exec(select(Case.id).where(visible_to(who))))
    assert found == {cases["s1"], cases["dispatched to power"], cases["closed"]}


@pytest.mark.parametrize("permission", Permission)
def test_the_stranger_may_nothing(permission: Permission) -> None:
    assert not WHO["stranger"].may(permission, path_of("n1"), POWER)
    assert WHO["stranger"].paths(permission) == ()


def test_the_wall_may_read_the_wall_and_nothing_else() -> None:
    assert PERMISSIONS[Role.WALL] == {Permission.READ_WALL}


def test_every_role_has_its_permissions_stated() -> None:
    assert set(PERMISSIONS) == set(Role)


def test_the_live_picture_carries_nothing_of_the_reporter(street: Street) -> None:
    street.report(reporter_name="张伟", reporter_phone="13812341234", text="电话 13812341234")
    with street.store.reading() as db:
        (case,) = open_cases(db)
    assert "张伟" not in repr(case)
    assert "13812341234" not in repr(case)


def test_loops_of_the_cast_are_legal(street: Street) -> None:
    case = street.report()
    street.take(case, *loop()[1:])
    assert street.case(case).stage == "closed"


@pytest.mark.parametrize(
    ("name", "phone", "masked_name", "masked_phone"),
    [
        ("", "", "", ""),
        ("张伟", "13812341234", "张*", "138****1234"),
        ("欧阳修远", "037763161234", "欧*", "037****1234"),  # a landline with its area code
        ("王", "63161234", "王*", "****34"),
        ("李雷", "12345", "李*", "****45"),
        ("李雷", "8123", "李*", "****"),  # of a very short number any digit would be half of it
        ("李雷", "8", "李*", "****"),
    ],
)
def test_the_reporter_is_shown_masked(name: str, phone: str, masked_name: str, masked_phone: str) -> None:
    reporter = Reporter(case_id=1, name=name, phone=phone)
    assert (reporter.masked_name, reporter.masked_phone) == (masked_name, masked_phone)
