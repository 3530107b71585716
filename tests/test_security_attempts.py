"""Attempts: five failures lock for a quarter of an hour, many at once are counted, and one message answers all."""

from datetime import timedelta

import pytest
from sqlmodel import func, select

from core.accounts import attempts, sign_in, staff
from core.accounts.tables import LoginAttempt
from core.errors import Refused
from core.language import translator
from core.people import User
from tests.accounts import ELSEWHERE, HERE, MINUTE, NOW, OTHER, SECOND, asker, audited, enrol, user_of
from tests.cast import Street, together


def tries(street: Street, password: str, *, login: str = "zhiban", at: timedelta = SECOND, origin: str = HERE) -> bool:
    """Whether a password opens the door."""
    try:
        return bool(sign_in.sign_in(street.store, login, password, origin=origin, now=NOW + at))
    except Refused:
        return False


def test_five_failures_lock_for_fifteen_minutes_even_for_the_right_password(street: Street) -> None:
    user_id = enrol(street.store)
    assert not any(tries(street, "wrong") for _ in range(5))
    assert user_of(street.store, user_id).locked_until == NOW + SECOND + 15 * MINUTE
    assert not tries(street, OTHER, at=15 * MINUTE)
    assert tries(street, OTHER, at=15 * MINUTE + 2 * SECOND)


def test_a_success_begins_the_count_anew(street: Street) -> None:
    enrol(street.store)
    for _ in range(2):
        assert not any(tries(street, "wrong") for _ in range(4))
        assert tries(street, OTHER)


def test_after_a_lock_has_run_out_five_failures_lock_again(street: Street) -> None:
    enrol(street.store)
    assert not any(tries(street, "wrong") for _ in range(5))
    later = 20 * MINUTE
    assert not any(tries(street, "wrong", at=later) for _ in range(4))
    assert tries(street, OTHER, at=later)


def test_an_administrator_unlocks_at_once(street: Street) -> None:
    user_id = enrol(street.store)
    assert not any(tries(street, "wrong") for _ in range(5))
    with street.store.writing() as db:
        staff.unlock(db, asker(), user_id)
    assert tries(street, OTHER)


def test_twenty_failures_at_once_count_as_twenty_and_only_five_are_looked_at(street: Street) -> None:
    user_id = enrol(street.store)
    results = together(*[lambda: tries(street, "wrong")] * 20)
    assert results == [False] * 20
    with street.store.reading() as db:
        assert db.exec(select(func.count()).select_from(LoginAttempt)).one() == 20
    assert user_of(street.store, user_id).locked_until is not None
    assert [row.detail for row in audited(street)].count("locked") == 15


def test_an_address_that_fails_too_often_is_refused_for_every_name(street: Street) -> None:
    enrol(street.store)
    with street.store.writing() as db:
        db.add_all(LoginAttempt(origin=HERE, at=NOW) for _ in range(attempts.OF_ONE_ADDRESS))
    assert not tries(street, OTHER)
    assert tries(street, OTHER, origin=ELSEWHERE)
    assert tries(street, OTHER, at=16 * MINUTE)


def test_a_flood_from_one_address_fills_neither_the_processor_nor_the_audit(street: Street) -> None:
    with street.store.writing() as db:
        db.add_all(LoginAttempt(origin=HERE, at=NOW) for _ in range(attempts.OF_ONE_ADDRESS))
    assert not any(tries(street, "wrong") for _ in range(10))
    assert len(audited(street)) == 1


def test_attempts_are_forgotten_after_a_day(street: Street) -> None:
    assert not tries(street, "wrong", login="nobody")
    assert not tries(street, "wrong", login="nobody", at=timedelta(days=2))
    with street.store.reading() as db:
        assert db.exec(select(func.count()).select_from(LoginAttempt)).one() == 1


def test_wrong_unknown_locked_and_disabled_are_answered_with_one_message(street: Street) -> None:
    enrol(street.store)
    enrol(street.store, "leader", "lingdao")
    enrol(street.store, "head of n1", "locked")
    with street.store.writing() as db:
        db.exec(select(User).where(User.login == "lingdao")).one().is_active = False
    for _ in range(5):
        tries(street, "wrong", login="locked")
    said = set()
    for login, password in (("zhiban", "wrong"), ("nobody", OTHER), ("locked", OTHER), ("lingdao", OTHER), ("", "")):
        with pytest.raises(Refused) as refusal:
            sign_in.sign_in(street.store, login, password, origin=HERE, now=NOW + SECOND)
        said.add(refusal.value.said(translator()))
    assert said == {"账号与密码不符，或此账号目前不能使用"}


def test_what_was_typed_as_an_unknown_name_is_written_down_nowhere(street: Street) -> None:
    assert not tries(street, "wrong", login="my-secret-password")
    (row,) = audited(street)
    assert "my-secret" not in repr(row)


def test_a_wall_screen_and_a_person_without_a_password_do_not_sign_in(street: Street) -> None:
    with street.store.writing() as db:
        db.add(User(name="无密码", login="none"))
    assert not tries(street, "", login="none")
    assert not tries(street, "None", login="none")
