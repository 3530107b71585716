"""Passwords: Argon2id, no difference in time between known and unknown names, and what is too easy to guess."""

from datetime import timedelta
from time import process_time

import pytest

from core.accounts import passwords, sign_in
from core.errors import Refused
from tests.accounts import GOOD, HERE, NOW, OTHER, enrol, user_of
from tests.cast import Street


def test_a_password_is_stored_as_argon2id_with_the_parameters_of_owasp(street: Street) -> None:
    stored = user_of(street.store, enrol(street.store)).password_hash or ""
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert OTHER not in stored
    assert passwords.hashed(OTHER) != stored  # salted


def test_only_the_right_password_matches() -> None:
    stored = passwords.hashed(GOOD)
    assert passwords.matches(stored, GOOD)
    assert not passwords.matches(stored, GOOD + "。")
    assert not passwords.matches(None, GOOD)
    assert not passwords.matches("not a hash", GOOD)


def test_full_width_letters_of_an_input_method_are_the_plain_ones() -> None:
    assert passwords.matches(passwords.hashed("Herons wait 7"), "Ｈｅｒｏｎｓ　ｗａｉｔ　７")


def test_an_unknown_name_is_answered_as_slowly_as_a_known_one(street: Street) -> None:
    enrol(street.store)
    took: dict[str, list[float]] = {"zhiban": [], "nobody": []}
    for attempt in range(60):
        if attempt >= 12 and is_alike(*took.values()):  # more only where something else ran just then
            break
        for login, times in took.items():
            now = NOW + attempt * timedelta(hours=1)  # never locked
            begun = process_time()
            with pytest.raises(Refused):
                sign_in.sign_in(street.store, login, "wrong", origin=HERE, now=now)
            times.append(process_time() - begun)
    assert is_alike(*took.values()), took


def is_alike(known: list[float], unknown: list[float]) -> bool:
    """Whether the times least disturbed by what else runs are about the same."""
    return bool(min(unknown) == pytest.approx(min(known), rel=0.2))


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "elevenchars",
        "x" * 129,
        "aaaaaaaaaaaaaaaa",
        "121212121212",
        "password123456",
        "Passw0rd2026",
        "qwertyuiop123",
        "1qaz2wsx3edc",
        "woaini5201314",
        "wangge123456",
        "zhangwei1234",  # the sign-in name
        "张伟张伟张伟123456",  # the name
        "管理员密码123456",
        "网格指挥中心2026",
    ],
)
def test_a_password_that_others_would_guess_is_refused(password: str) -> None:
    with pytest.raises(Refused):
        passwords.check(password, login="zhangwei", name="张伟")


@pytest.mark.parametrize(
    "password", [GOOD, OTHER, "k7#mQ2!vTz9p", "白河大道北侧的梧桐树荫下", "пятнадцать цапель", "x1y2z3w4" * 16]
)
def test_a_long_password_of_any_script_is_taken(password: str) -> None:
    passwords.check(password, login="zhangwei", name="张伟")


def test_a_temporary_password_is_random_and_good() -> None:
    made = {passwords.temporary() for _ in range(50)}
    assert len(made) == 50
    for password in made:
        passwords.check(password, login="zhangwei", name="张伟")
