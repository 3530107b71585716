"""What administrators do with people: within their own places only, and nothing is left to nobody."""

import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from os import environ
from typing import Any

import pytest
from sqlmodel import Session, select

from core import people
from core.accounts import demo, sign_in, staff, walls
from core.accounts.audit import Asker
from core.accounts.first import first_administrator, new_password
from core.accounts.posts import Post
from core.errors import NotFound, Refused
from core.people import Appointment, Grant, Principal, User
from core.store import Store, remember
from core.words import Role, Verb
from tests.accounts import HERE, NOW, asker, audited, enrol, token_of, visit_of
from tests.cast import CAST, ID, POWER, TODAY, WHO, Street, fill, path_of

TOMORROW = TODAY + timedelta(days=1)
HEAD_OF_N1 = Post(Role.GRID_HEAD, ID["n1"])


def appointment_of(street: Street, name: str) -> int:
    """The appointment of one of the cast."""
    with street.store.reading() as db:
        found = db.exec(select(Appointment.id).where(Appointment.user_id == WHO[name].user_id)).one()
    assert found is not None
    return found


def principal(street: Street, name: str, on: date) -> Principal | None:
    """Somebody of the cast with the appointments of a day."""
    with street.store.reading() as db:
        return people.principal(db, WHO[name].user_id, on)


def test_somebody_is_added_appointed_and_comes_in(street: Street) -> None:
    with street.store.writing() as db:
        user_id, password = staff.add_person(db, asker(), "新来的", "XinLai")
        staff.appoint(db, asker(), user_id, HEAD_OF_N1, TODAY, TOMORROW)
    assert sign_in.sign_in(street.store, "xinlai", password, origin=HERE, now=NOW)
    with street.store.reading() as db:
        on = {day: people.principal(db, user_id, TODAY + timedelta(days=day)) for day in (-1, 0, 1, 2)}
    grants = [len(on[day].grants) for day in on]  # type: ignore[union-attr]
    assert grants == [0, 1, 1, 0]
    assert [row.action for row in audited(street)] == ["add_person", "appoint", "sign_in"]


@pytest.mark.parametrize("login", ["", "x", "with space", "ZHIBAN", "y" * 41])
def test_a_sign_in_name_that_is_taken_or_no_name_is_refused(street: Street, login: str) -> None:
    enrol(street.store)
    with pytest.raises(Refused), street.store.writing() as db:
        staff.add_person(db, asker(), "某人", login)


def test_a_person_without_a_sign_in_name_is_given_one(street: Street) -> None:
    with street.store.writing() as db:
        password = staff.open_login(db, asker(), WHO["leader"].user_id, "lingdao")
    assert sign_in.sign_in(street.store, "lingdao", password, origin=HERE, now=NOW)
    with pytest.raises(Refused), street.store.writing() as db:
        staff.open_login(db, asker(), WHO["leader"].user_id, "another")


def test_ending_an_appointment_hands_the_open_cases_to_the_successor_in_one_act(street: Street) -> None:
    numbers = [street.case(street.report()).number for _ in range(3)]
    street.brought_to(Verb.CLOSE)
    street.report(at="s1")
    with street.store.writing() as db:
        handed = staff.end_appointment(
            db, asker(), appointment_of(street, "head of n1"), TODAY, WHO["head of s1"].user_id
        )
    assert handed == numbers
    assert len(principal(street, "head of n1", TODAY).grants) == 1  # type: ignore[union-attr]
    assert principal(street, "head of n1", TOMORROW).grants == ()  # type: ignore[union-attr]
    heir = principal(street, "head of s1", TOMORROW)
    assert heir is not None
    assert Grant(Role.GRID_HEAD, path_of("n1")) in heir.grants
    appointed, ended = audited(street)
    assert (appointed.action, ended.action) == ("appoint", "end_appointment")
    assert all(number in ended.detail for number in numbers)


def test_open_cases_are_not_left_to_nobody(street: Street) -> None:
    street.report()
    with pytest.raises(Refused, match="1 open cases"), street.store.writing() as db:
        staff.end_appointment(db, asker(), appointment_of(street, "head of n1"), TODAY)
    assert principal(street, "head of n1", TOMORROW) == WHO["head of n1"]
    with street.store.writing() as db:  # another head of the same grid is somebody
        staff.appoint(db, asker(), WHO["leader"].user_id, HEAD_OF_N1, TODAY)
        staff.end_appointment(db, asker(), appointment_of(street, "head of n1"), TODAY)
    assert principal(street, "head of n1", TOMORROW).grants == ()  # type: ignore[union-attr]


def test_of_a_liaison_the_cases_of_the_unit_are_handed_over(street: Street) -> None:
    case = street.brought_to(Verb.DISPATCH)
    street.report()
    with street.store.writing() as db:
        handed = staff.end_appointment(
            db, asker(), appointment_of(street, "liaison of power"), TODAY, WHO["stranger"].user_id
        )
    assert handed == [street.case(case).number]
    heir = principal(street, "stranger", TOMORROW)
    assert heir is not None
    assert heir.grants == (Grant(Role.LIAISON, path_of("street"), POWER),)


def test_a_hand_over_that_fails_changes_nothing(street: Street) -> None:
    with pytest.raises(NotFound), street.store.writing() as db:
        staff.end_appointment(db, asker(), appointment_of(street, "head of n1"), TODAY, 999)
    assert principal(street, "head of n1", TOMORROW) == WHO["head of n1"]
    assert audited(street) == []


# Every command of administrators, as somebody would ask for it about the head of n1.
Ask = Callable[[Session, Asker, int, int], object]
COMMANDS: dict[str, Ask] = {
    "appoint": lambda db, by, user, _: staff.appoint(db, by, user, HEAD_OF_N1, TODAY),
    "end": lambda db, by, _, appointment: staff.end_appointment(db, by, appointment, TODAY),
    "unlock": lambda db, by, user, _: staff.unlock(db, by, user),
    "disable": lambda db, by, user, _: staff.disable(db, by, user),
    "enable": lambda db, by, user, _: staff.enable(db, by, user),
    "end sessions": lambda db, by, user, _: staff.end_sessions(db, by, user),
    "reset": lambda db, by, user, _: staff.reset_password(db, by, user),
    "open login": lambda db, by, user, _: staff.open_login(db, by, user, "another"),
    "add": lambda db, by, *_: staff.add_person(db, by, "某人", "mouren"),
    "invite": lambda db, by, *_: walls.invite(db, by, "大厅", ID["street"]),
}


@pytest.mark.parametrize("name", [name for name, role, *_ in CAST if role is not Role.ADMINISTRATOR])
def test_nobody_but_an_administrator_can_do_any_of_it(street: Street, name: str) -> None:
    enrol(street.store, "head of n1")
    appointment = appointment_of(street, "head of n1")
    for command in COMMANDS.values():
        with pytest.raises(Refused), street.store.writing() as db:
            command(db, asker(name), WHO["head of n1"].user_id, appointment)
    assert audited(street) == []
    with street.store.reading() as db:
        assert staff.persons(db, asker(name)) == []
        assert walls.screens(db, asker(name)) == []


@pytest.mark.parametrize("command", sorted(set(COMMANDS) - {"add"}))
def test_an_administrator_of_another_place_finds_nobody(street: Street, command: str) -> None:
    enrol(street.store, "head of n1")
    elsewhere = Asker(Principal(8, "south", (Grant(Role.ADMINISTRATOR, path_of("south")),)), HERE, NOW)
    with pytest.raises(NotFound), street.store.writing() as db:
        COMMANDS[command](db, elsewhere, WHO["head of n1"].user_id, appointment_of(street, "head of n1"))


def test_an_administrator_cannot_appoint_outside_his_places_nor_to_what_is_not_given(street: Street) -> None:
    wrong: list[tuple[Post, Any]] = [
        (Post(Role.GRID_HEAD, ID["f1"]), NotFound),
        (Post(Role.WALL, ID["street"]), Refused),
        (Post(Role.LIAISON, ID["street"]), Refused),
        (Post(Role.LIAISON, ID["street"], 99), NotFound),
        (Post(Role.LEADER, ID["street"], POWER), Refused),
        (Post(Role.LEADER, 999), NotFound),
    ]
    for post, refusal in wrong:
        with pytest.raises(refusal), street.store.writing() as db:
            staff.appoint(db, asker(), WHO["leader"].user_id, post, TODAY)
    with pytest.raises(Refused), street.store.writing() as db:
        staff.appoint(db, asker(), WHO["leader"].user_id, HEAD_OF_N1, TODAY, TODAY - timedelta(days=1))


def test_an_administrator_cannot_lock_himself_out(street: Street) -> None:
    me = WHO["administrator"].user_id
    with pytest.raises(Refused), street.store.writing() as db:
        staff.disable(db, asker(), me)
    with pytest.raises(Refused), street.store.writing() as db:
        staff.end_appointment(db, asker(), appointment_of(street, "administrator"), TODAY)


def test_the_first_administrator_is_made_once(street: Street) -> None:
    with pytest.raises(Refused), street.store.writing() as db:
        first_administrator(db, "管理员", "admin", NOW)
    with street.store.writing() as db:
        for row in db.exec(select(Appointment).where(Appointment.role == Role.ADMINISTRATOR)).all():
            db.delete(row)
        password = first_administrator(db, "管理员", "admin", NOW)
        user = db.exec(select(User).where(User.login == "admin")).one()
    assert user.must_change
    assert user.id is not None
    assert sign_in.sign_in(street.store, "admin", password, origin=HERE, now=NOW)
    found = visit_of(street.store, token_of(street.store, user.id))
    assert found is not None
    assert {grant.path for grant in found.who.grants} == {path_of("street"), path_of("other street")}


def test_without_places_there_is_nothing_to_administer(sqlite_url: str) -> None:
    environment = environ | {"DATABASE_URL": sqlite_url}
    command = [sys.executable, "-m", "core", "users", "first"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "import them first" in done.stderr


def test_the_command_prints_the_password_once(sqlite_url: str) -> None:
    here = Store(sqlite_url)
    with here.writing() as db:
        fill(db)
        for row in db.exec(select(Appointment).where(Appointment.role == Role.ADMINISTRATOR)).all():
            db.delete(row)
    environment = environ | {"DATABASE_URL": sqlite_url}
    command = [sys.executable, "-m", "core", "users", "first", "--login", "wang"]
    first, second = (
        subprocess.run(command, env=environment, capture_output=True, text=True, check=False) for _ in range(2)
    )
    password = first.stdout.split("wang: ")[1].split()[0]
    from core import clock

    assert sign_in.sign_in(here, "wang", password, origin=HERE, now=clock.real_now())
    assert second.returncode == 1
    assert password not in second.stdout


def test_who_lost_the_password_gets_a_temporary_one_at_the_command_line(street: Street) -> None:
    enrol(street.store)
    with street.store.writing() as db:
        password = new_password(db, "zhiban", NOW)
    assert sign_in.sign_in(street.store, "zhiban", password, origin=HERE, now=NOW)


def test_demo_accounts_exist_in_a_demo_store_only(street: Street) -> None:
    with pytest.raises(Refused), street.store.writing() as db:
        demo.open_accounts(db, NOW)
    with street.store.writing() as db:
        remember(db, "is_demo", "yes")
        demo.open_accounts(db, NOW)
    with street.store.reading() as db:
        listed = demo.accounts(db)
    assert [account.role for account in listed] == list(demo.LOGINS)
    for account in listed:
        assert sign_in.sign_in(street.store, account.login, demo.PASSWORD, origin=HERE, now=NOW)
    with street.store.writing() as db:
        remember(db, "is_demo", "no")
        assert demo.accounts(db) == []
