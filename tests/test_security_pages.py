"""Every page × every role, from the tables; nothing but the form before a password was changed."""

import html
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import col, select
from streamlit.testing.v1 import AppTest

from core import clock, follower, store
from core.accounts import demo
from core.accounts.tables import AuditEvent
from core.people import Appointment, User
from core.store import Store, remember
from core.words import Permission, Role
from pages.ui import navigation, session
from tests.accounts import GOOD, OTHER, cookie, enrol, token_of, user_of
from tests.cast import CAST, WHO, fill

SHELL = str(navigation.PAGES / "ui" / "shell.py")
SEES = {
    Role.DUTY_OFFICER: {"wall", "liaisons", "account", "meetings", "duty", "backlog", "case", "places"},
    Role.LEADER: {"wall", "liaisons", "account", "meetings", "duty", "backlog", "case", "places"},
    Role.SECRETARY: {"wall", "liaisons", "account", "meetings", "backlog", "case", "places"},
    Role.GRID_HEAD: {"wall", "liaisons", "account", "meetings", "backlog", "case", "places"},
    Role.LIAISON: {"liaisons", "account", "meetings", "backlog", "case"},
    Role.ADMINISTRATOR: {"liaisons", "administration", "points", "audit", "account"},
    Role.WALL: {"wall", "account"},
    None: {"account"},
}
ENDED = "登录已结束，请刷新页面重新登录。"
NO_RIGHT = "您没有查看此页的权限，请从上方选择其他页面，或请管理员为您任命。"


@pytest.fixture
def here(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """The store of this process, with the cast in it."""
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    store.current.cache_clear()
    follower.current.cache_clear()
    with store.current().writing() as db:
        fill(db)
    yield store.current()
    if follower.current.cache_info().currsize:
        follower.current().stop()
    store.current().close()
    store.current.cache_clear()
    follower.current.cache_clear()


def shown(page: AppTest) -> str:
    """Everything readable on a page."""
    parts = [
        *page.title,
        *page.text,
        *page.markdown,
        *page.info,
        *page.warning,
        *page.success,
        *page.code,
        *page.caption,
    ]
    return "\n".join(str(part.value) for part in parts)


def test_the_table_of_pages_and_the_files_agree() -> None:
    files = {path.stem for path in navigation.PAGES.glob("*.py")} - {"sign_in", "new_password"}
    assert {screen.file for screen in navigation.SCREENS} == files
    assert set().union(*SEES.values()) == files


@pytest.mark.parametrize(("name", "role"), [(name, role) for name, role, *_ in CAST])
def test_each_page_opens_for_its_roles_and_for_nobody_else(here: Store, name: str, role: Role | None) -> None:
    token = token_of(here, WHO[name].user_id, clock.real_now())
    with cookie(token):
        for screen in navigation.SCREENS:
            page = AppTest.from_file(str(navigation.PAGES / f"{screen.file}.py"), default_timeout=60).run()
            assert not page.exception, (screen.file, page.exception)
            assert (NO_RIGHT not in shown(page)) == (screen.file in SEES[role]), screen.file


def test_without_a_session_no_page_shows_anything(here: Store) -> None:
    for token in (None, "invented"):
        with cookie(token):
            for file in (*(screen.file for screen in navigation.SCREENS), "new_password"):
                page = AppTest.from_file(str(navigation.PAGES / f"{file}.py"), default_timeout=60).run()
                assert shown(page) == ENDED, file


def test_a_stranger_is_shown_the_door(here: Store) -> None:
    with cookie(None):
        page = AppTest.from_file(SHELL, default_timeout=60).run()
    assert [field.label for field in page.text_input][:2] == ["账号", "密码"]
    assert demo.PASSWORD not in shown(page)


def test_demo_accounts_are_listed_on_the_door_of_a_demo(here: Store) -> None:
    with here.writing() as db:
        remember(db, "is_demo", "yes")
        demo.open_accounts(db, clock.real_now())
    with cookie(None):
        page = AppTest.from_file(SHELL, default_timeout=60).run()
        assert demo.PASSWORD in shown(page)
        assert {f"demo_{login}" for login in demo.LOGINS.values()} <= {button.key for button in page.button}
        page.button(key="demo_zhiban").click().run()
    assert not page.warning


def test_a_wrong_password_is_answered_in_words(here: Store) -> None:
    enrol(here)
    with cookie(None):
        page = AppTest.from_file(SHELL, default_timeout=60).run()
        page.text_input[0].set_value("zhiban")
        page.text_input[1].set_value("wrong")
        page.button[0].click().run()
    assert [warning.value for warning in page.warning] == ["账号与密码不符，或此账号目前不能使用"]


def test_a_temporary_password_shows_only_the_form_that_changes_it(here: Store) -> None:
    user_id = enrol(here, "administrator", "guanli", must_change=True)
    with cookie(token_of(here, user_id, clock.real_now())):
        page = AppTest.from_file(SHELL, default_timeout=60).run()
        assert {field.key for field in page.text_input} == {"old_password", "new_password", "new_again"}
        for screen in navigation.SCREENS:
            if screen.permission is not None:
                other = AppTest.from_file(str(navigation.PAGES / f"{screen.file}.py"), default_timeout=60).run()
                assert shown(other) == NO_RIGHT
        page.text_input(key="old_password").set_value(OTHER)
        page.text_input(key="new_password").set_value(GOOD)
        page.text_input(key="new_again").set_value(GOOD + "!")
        page.button[0].click().run()
        assert "两次输入的新密码不一致" in shown(page)
        page.text_input(key="old_password").set_value(OTHER)
        page.text_input(key="new_password").set_value(GOOD)
        page.text_input(key="new_again").set_value(GOOD)
        page.button[0].click().run()
    assert not user_of(here, user_id).must_change


def open_page(file: str) -> AppTest:
    """A page by itself."""
    return AppTest.from_file(str(navigation.PAGES / f"{file}.py"), default_timeout=60).run()


def test_an_administrator_adds_appoints_and_disables_on_the_page(here: Store) -> None:
    with cookie(token_of(here, enrol(here, "administrator", "guanli"), clock.real_now())):
        page = open_page("administration")
        page.text_input(key="add_name").set_value("新来的")
        page.text_input(key="add_login").set_value("xinlai")
        next(button for button in page.button if button.label == "新增人员").click().run()
        assert not page.exception
        assert "新来的 的临时密码" in shown(page).replace("\\", "")
        assert len(page.code) == 1
        person = next(one for one in page.selectbox(key="person").options if one.startswith("新来的"))
        page.selectbox(key="person").select(person).run()
        next(button for button in page.button if button.label == "任命").click().run()
        assert not page.exception
        page.button(key="able").click().run()
        assert not page.exception
    with here.reading() as db:
        user = db.exec(select(User).where(User.login == "xinlai")).one()
        assert not user.is_active
        assert db.exec(select(Appointment).where(Appointment.user_id == user.id)).one().role == Role.DUTY_OFFICER
        acts = [row.action for row in db.exec(select(AuditEvent).order_by(col(AuditEvent.ordinal)))]
    assert acts == ["add_person", "appoint", "disable"]
    with cookie(token_of(here, WHO["administrator"].user_id, clock.real_now())):
        said = "".join(str(one.value) for one in open_page("audit").get("html"))  # type: ignore[union-attr]
    assert '<td class="">新来的</td>' in said  # the subject by name
    assert f"user {user.id}" not in said


def test_an_administrator_ends_and_hands_over_on_the_page(here: Store) -> None:
    with cookie(token_of(here, enrol(here, "administrator", "guanli"), clock.real_now())):
        page = open_page("administration")
        person = next(one for one in page.selectbox(key="person").options if one.startswith("head of n1"))
        page.selectbox(key="person").select(person).run()
        page.selectbox(key="successor").select("head of s1")
        next(button for button in page.button if button.label == "结束并移交").click().run()
        assert not page.exception
    with here.reading() as db:
        row = db.exec(select(Appointment).where(Appointment.user_id == WHO["head of n1"].user_id)).one()
        assert row.to_on == clock.local(clock.real_now()).date()
        assert len(db.exec(select(Appointment).where(Appointment.user_id == WHO["head of s1"].user_id)).all()) == 2


def test_a_wall_screen_is_invited_and_revoked_on_the_page(here: Store) -> None:
    with cookie(token_of(here, enrol(here, "administrator", "guanli"), clock.real_now())):
        page = open_page("administration")
        page.text_input(key="screen_name").set_value("一楼大厅")
        next(button for button in page.button if button.label == "生成配对码").click().run()
        assert len(page.code[0].value) == 9
        revoke = [button for button in page.button if button.label == "撤销"]
        revoke[-1].click().run()
        assert not page.exception
    with here.reading() as db:
        assert not db.exec(select(User).where(User.name == "一楼大厅")).one().is_active


def test_signing_out_on_the_page_ends_the_session(here: Store) -> None:
    token = token_of(here, enrol(here), clock.real_now())
    with cookie(token):
        page = open_page("account")
        page.button(key="sign_out").click().run()
        assert shown(page) == ENDED
        assert shown(open_page("account")) == ENDED


def test_a_callback_of_a_revoked_session_does_nothing(here: Store) -> None:
    user_id = enrol(here, "administrator", "guanli")
    token = token_of(here, user_id, clock.real_now())
    with cookie(token):
        page = open_page("account")
        with here.writing() as db:
            db.get_one(User, user_id).is_active = False
        page.button(key="sign_out_all").click().run()
    with here.reading() as db:
        assert db.exec(select(AuditEvent)).all() == []


def test_what_users_wrote_is_no_markdown_on_a_page(here: Store) -> None:
    hostile = "<b>![x](http://evil.example/p.png) [l](javascript:1)"
    with here.writing() as db:
        db.get_one(User, WHO["leader"].user_id).name = hostile[:40]
    with cookie(token_of(here, WHO["leader"].user_id, clock.real_now())):
        page = open_page("account")
    said = "".join(one.proto.body for one in page.get("html"))
    assert html.escape(hostile[:40]) in said
    assert hostile[:40] not in said
    assert "evil.example" not in shown(page)


def test_the_shell_does_not_lie_beside_the_pages() -> None:
    assert Path(SHELL).parent != navigation.PAGES


def test_a_callback_runs_for_an_open_session_with_the_right_and_for_no_other(here: Store) -> None:
    ran: list[str] = []
    for name in ("administrator", "officer", "stranger"):
        user_id = enrol(here, name, name)
        for permission in (None, Permission.ADMINISTER):
            with cookie(token_of(here, user_id, clock.real_now())):
                session.callback(permission)(ran.append)(f"{name} {permission}")
    assert ran == ["administrator None", "administrator 12", "officer None", "stranger None"]
    for token in (None, "invented"):
        with cookie(token):
            session.callback(None)(ran.append)("nobody")
    assert "nobody" not in ran
