"""Sessions: opaque, hashed, short, revocable; codes that work once; passwords that must be changed."""

import hashlib

import pytest
from sqlmodel import select

from core.accounts import sessions, sign_in, staff, walls
from core.accounts.tables import AuthSession, OneTimeCode, Purpose
from core.errors import Refused
from core.people import Appointment, User
from tests.accounts import (
    ELSEWHERE,
    GOOD,
    HERE,
    HOUR,
    MINUTE,
    NOW,
    OTHER,
    SECOND,
    asker,
    audited,
    enrol,
    token_of,
    user_of,
    visit_of,
)
from tests.cast import ID, TODAY, WHO, Street, together


def test_only_hashes_of_ids_and_codes_are_stored(street: Street) -> None:
    user_id = enrol(street.store)
    with street.store.writing() as db:
        code = sessions.handoff(db, user_id, NOW)
        pairing = sessions.pairing(db, user_id, NOW)
    token = token_of(street.store, user_id)
    with street.store.reading() as db:
        rows = repr([*db.exec(select(AuthSession)), *db.exec(select(OneTimeCode))])
    assert not any(secret in rows for secret in (token, code, pairing))
    assert hashlib.sha256(token.encode()).hexdigest() in rows
    assert len(token) >= 43  # 256 bits


def test_a_handoff_code_opens_one_session_within_thirty_seconds(street: Street) -> None:
    user_id = enrol(street.store)
    with street.store.writing() as db:
        code, late = sessions.handoff(db, user_id, NOW), sessions.handoff(db, user_id, NOW)
        assert sessions.opened(db, code, HERE, NOW + 29 * SECOND) is not None
        assert sessions.opened(db, code, HERE, NOW + 29 * SECOND) is None
        assert sessions.opened(db, late, HERE, NOW + 30 * SECOND) is None
        assert sessions.opened(db, "invented", HERE, NOW) is None


def test_of_two_who_use_a_code_at_once_one_comes_in(street: Street) -> None:
    user_id = enrol(street.store)
    with street.store.writing() as db:
        code = sessions.handoff(db, user_id, NOW)

    def use() -> bool:
        with street.store.writing() as db:
            return sessions.opened(db, code, HERE, NOW) is not None

    assert sorted(map(bool, together(use, use))) == [False, True]


def test_a_pairing_code_is_no_handoff_code(street: Street) -> None:
    with street.store.writing() as db:
        code = sessions.pairing(db, WHO["wall"].user_id, NOW)
        assert sessions.opened(db, code, HERE, NOW) is None
        assert sessions.spent(db, code, Purpose.PAIRING, NOW) == WHO["wall"].user_id


def test_an_idle_session_ends_after_half_an_hour_and_any_after_twelve(street: Street) -> None:
    token = token_of(street.store, enrol(street.store))
    assert visit_of(street.store, token, NOW + 30 * MINUTE - SECOND) is not None
    assert visit_of(street.store, token, NOW + 30 * MINUTE) is None
    found = visit_of(street.store, token, NOW + 29 * MINUTE)
    assert found is not None
    assert sessions.is_due(found, NOW + 29 * MINUTE)
    with street.store.writing() as db:
        for half_hour in range(1, 26):
            sessions.note_act(db, found.session_id, NOW + half_hour * 29 * MINUTE)
    assert visit_of(street.store, token, NOW + 12 * HOUR - SECOND) is not None
    assert visit_of(street.store, token, NOW + 12 * HOUR) is None


def test_an_act_within_the_minute_is_not_written_down_again(street: Street) -> None:
    found = visit_of(street.store, token_of(street.store, enrol(street.store)))
    assert found is not None
    assert not sessions.is_due(found, NOW + 59 * SECOND)
    assert sessions.is_due(found, NOW + 60 * SECOND)


def test_changing_the_password_ends_every_session_and_opens_one_here(street: Street) -> None:
    user_id = enrol(street.store, must_change=True)
    tokens = [token_of(street.store, user_id) for _ in range(2)]
    code = sign_in.change_password(street.store, asker("officer"), OTHER, GOOD)
    assert [visit_of(street.store, token) for token in tokens] == [None, None]
    with street.store.writing() as db:
        opened = sessions.opened(db, code, HERE, NOW)
    assert opened is not None
    found = visit_of(street.store, opened.token)
    assert found is not None
    assert not found.must_change
    assert sign_in.sign_in(street.store, "zhiban", GOOD, origin=HERE, now=NOW)
    with pytest.raises(Refused):
        sign_in.sign_in(street.store, "zhiban", OTHER, origin=HERE, now=NOW)


@pytest.mark.parametrize(("old", "new"), [("wrong", GOOD), (OTHER, OTHER), (OTHER, "short"), (OTHER, "password123456")])
def test_a_bad_change_of_password_changes_nothing(street: Street, old: str, new: str) -> None:
    user_id = enrol(street.store)
    token = token_of(street.store, user_id)
    with pytest.raises(Refused):
        sign_in.change_password(street.store, asker("officer"), old, new)
    assert visit_of(street.store, token) is not None
    assert sign_in.sign_in(street.store, "zhiban", OTHER, origin=HERE, now=NOW)


def test_the_old_password_cannot_be_guessed_at_an_open_screen(street: Street) -> None:
    user_id = enrol(street.store)
    for _ in range(5):
        with pytest.raises(Refused):
            sign_in.change_password(street.store, asker("officer"), "wrong", GOOD)
    assert user_of(street.store, user_id).locked_until is not None


def test_signing_out_ends_this_session_and_everywhere_all(street: Street) -> None:
    user_id = enrol(street.store)
    first, second, third = (token_of(street.store, user_id) for _ in range(3))
    found = visit_of(street.store, first)
    assert found is not None
    with street.store.writing() as db:
        sign_in.sign_out(db, found, asker("officer"))
    assert visit_of(street.store, first) is None
    other = visit_of(street.store, second)
    assert other is not None
    with street.store.writing() as db:
        sign_in.sign_out(db, other, asker("officer"), everywhere=True)
    assert visit_of(street.store, second) is visit_of(street.store, third) is None


def test_disabling_resetting_and_an_ended_appointment_end_sessions_at_once(street: Street) -> None:
    for act in ("disable", "reset", "end", "sessions"):
        user_id = enrol(street.store, "leader", f"leader-{act}")
        token = token_of(street.store, user_id)
        with street.store.writing() as db:
            if act == "disable":
                staff.disable(db, asker(), user_id)
                staff.enable(db, asker(), user_id)
            elif act == "reset":
                staff.reset_password(db, asker(), user_id)
            elif act == "sessions":
                assert staff.end_sessions(db, asker(), user_id) == 1
            else:
                row = db.exec(select(Appointment).where(Appointment.user_id == user_id)).one()
                assert row.id is not None
                staff.end_appointment(db, asker(), row.id, TODAY.replace(day=18))
        assert visit_of(street.store, token) is None, act


def test_a_right_that_is_taken_away_is_gone_at_the_next_look(street: Street) -> None:
    user_id = enrol(street.store, "leader", "lingdao")
    token = token_of(street.store, user_id)
    with street.store.writing() as db:
        db.exec(select(Appointment).where(Appointment.user_id == user_id)).one().to_on = TODAY.replace(day=1)
    found = visit_of(street.store, token)
    assert found is not None
    assert found.who.grants == ()


def test_a_wall_screen_is_paired_once_survives_idleness_and_dies_when_revoked(street: Street) -> None:
    with street.store.writing() as db:
        code = walls.invite(db, asker(), "一楼大厅", ID["street"])
    typed = f"{code[:4]}-{code[4:]}".lower()
    handoff = sign_in.pair(street.store, typed, origin=ELSEWHERE, now=NOW)
    with pytest.raises(Refused):
        sign_in.pair(street.store, code, origin=ELSEWHERE, now=NOW)
    with street.store.writing() as db:
        opened = sessions.opened(db, handoff, ELSEWHERE, NOW)
    assert opened is not None
    assert opened.is_device
    later = NOW + 24 * HOUR * 200
    found = visit_of(street.store, opened.token, later)
    assert found is not None
    assert [grant.role for grant in found.who.grants] == ["wall"]
    with street.store.writing() as db:
        (screen,) = [one for one in walls.screens(db, asker()) if one.name == "一楼大厅"]
        assert screen.paired_at == NOW
        walls.revoke(db, asker(now=later), screen.id)
    assert visit_of(street.store, opened.token, later) is None


def test_a_pairing_code_runs_out_and_guesses_are_counted(street: Street) -> None:
    with street.store.writing() as db:
        code = walls.invite(db, asker(), "一楼大厅", ID["street"])
    with pytest.raises(Refused):
        sign_in.pair(street.store, code, origin=HERE, now=NOW + 10 * MINUTE)
    for _ in range(60):
        with pytest.raises(Refused):
            sign_in.pair(street.store, "AAAABBBB", origin=HERE, now=NOW)
    with pytest.raises(Refused):
        sign_in.pair(street.store, code, origin=HERE, now=NOW)


def test_a_temporary_password_must_be_changed(street: Street) -> None:
    with street.store.writing() as db:
        user_id, password = staff.add_person(db, asker(), "新来的", "xinlai")
    assert user_of(street.store, user_id).must_change
    assert sign_in.sign_in(street.store, "XinLai ", password, origin=HERE, now=NOW)
    found = visit_of(street.store, token_of(street.store, user_id))
    assert found is not None
    assert found.must_change
    assert password not in repr(audited(street))


def test_a_disabled_user_cannot_use_a_code_given_before(street: Street) -> None:
    user_id = enrol(street.store)
    with street.store.writing() as db:
        code = sessions.handoff(db, user_id, NOW)
        db.get_one(User, user_id).is_active = False
        assert sessions.opened(db, code, HERE, NOW) is None
