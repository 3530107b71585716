"""Signing in as a person does it, in a real browser against a real server; and what others send to its doors."""

import re
import time
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect
from sqlmodel import col, func, select, update
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from core import clock
from core.accounts import sessions, staff, walls
from core.accounts.audit import Asker
from core.accounts.tables import AuditEvent, AuthSession
from core.people import User
from pages.ui.session import COOKIE
from tests.accounts import GOOD, HERE, OTHER, enrol, token_of
from tests.browser import PATIENCE_S, browsing, enter
from tests.cast import ID, WHO, fill
from tests.sites import Site, Visitor, served, sign_in, visitor

pytestmark = pytest.mark.xdist_group("browser")
# what stands on each page of an officer, beside the wall and the account
OFFICERS_PAGES = {
    "duty": "登记",
    "backlog": "我的待办",
    "case?case={case}": "evil.example",
    "places": "未结",
    "liaisons": "找谁办",
    "meetings": "联席会议",
}
PEOPLE = {"officer": "zhiban", "administrator": "guanli", "leader": "lingdao", "secretary of north": "shuji"}
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ENDED_WITHIN_MS = 60_000  # a heartbeat, and the page that is loaded anew on a busy host
get, post = partial(httpx.get, timeout=PATIENCE_S), partial(httpx.post, timeout=PATIENCE_S)
stream = partial(httpx.stream, timeout=PATIENCE_S)
NOTE_COUNTS = """() => {  // all that the wall says is open from now on, kept when the page is loaded anew
  const look = () => {
    const shown = document.querySelector(".kpi .kv b")?.textContent, noted = JSON.parse(sessionStorage.counts ?? "[]");
    if (shown && !noted.includes(shown)) sessionStorage.counts = JSON.stringify([...noted, shown]);
  };
  look();
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""


@pytest.fixture(scope="module")
def site(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server with the cast, four of whom may sign in."""
    folder = tmp_path_factory.mktemp("site")
    path = folder / "store.db"
    path.write_bytes(migrated_sqlite.read_bytes())
    with served(f"sqlite:///{path}") as found:
        with found.street.store.writing() as db:
            fill(db)
        for name, login in PEOPLE.items():
            enrol(found.street.store, name, login)
        found.street.report(when=clock.now() - timedelta(hours=1))
        yield found


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    """One browser for all."""
    with browsing() as opened:
        yield opened


@pytest.fixture
def window(chrome: Browser, site: Site) -> Iterator[Visitor]:
    """A window without a cookie."""
    found = visitor(chrome, site)
    yield found
    found.context.close()


def audit_count(site: Site) -> int:
    """How many rows the audit has."""
    with site.street.store.reading() as db:
        return db.exec(select(func.count()).select_from(AuditEvent)).one()


def asked_by_administrator() -> Asker:
    """The administrator, now."""
    return Asker(WHO["administrator"], HERE, clock.real_now())


def session_of(site: Site, window: Visitor) -> AuthSession:
    """The stored session behind a window's cookie."""
    token = next(cookie["value"] for cookie in window.context.cookies() if cookie["name"] == COOKIE)
    with site.street.store.reading() as db:
        return db.exec(select(AuthSession).where(AuthSession.digest == sessions.digest(token))).one()


def set_active(site: Site, row: AuthSession, minutes_ago: int) -> None:
    """Let the last act of a session lie some minutes back."""
    with site.street.store.writing() as db:
        db.execute(
            update(AuthSession)
            .where(col(AuthSession.id) == row.id)
            .values(active_at=clock.real_now() - timedelta(minutes=minutes_ago))
        )


def at_the_wall(window: Visitor, site: Site, login: str = "zhiban") -> None:
    """Sign in and wait for the live picture."""
    sign_in(window, site, login, OTHER, "/wall")
    window.page.locator("[data-version]").wait_for(state="attached")


def door(window: Visitor) -> None:
    """Wait for the sign-in page."""
    window.page.locator(".st-key-door").wait_for(timeout=ENDED_WITHIN_MS)


def test_signing_in_keeps_the_deep_link_and_outlives_a_reload_in_any_time_zone(chrome: Browser, site: Site) -> None:
    for timezone in ("Asia/Shanghai", "America/Los_Angeles"):
        window = visitor(chrome, site, timezone)
        sign_in(window, site, "guanli", OTHER, "/audit?lang=zh_CN&x=1")
        expect(window.page.get_by_role("heading", name="审计")).to_be_visible()
        assert window.page.url == f"{site.url}/audit?lang=zh_CN&x=1"
        until = window.page.locator(".st-key-audit_until")
        expect(until).to_be_visible()
        days = {f"{clock.local(clock.real_now() - ago):%Y%m%d}" for ago in (timedelta(), timedelta(minutes=2))}
        assert re.sub(r"\D", "", until.inner_text())[-8:] in {*days, ""}
        window.page.reload()
        expect(window.page.get_by_role("heading", name="审计")).to_be_visible()
        (cookie,) = [one for one in window.context.cookies() if one["name"] == COOKIE]
        assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Strict", "/")
        assert COOKIE not in window.page.evaluate("document.cookie")
        assert 11.9 * 3600 < cookie["expires"] - time.time() <= 12 * 3600
        assert window.complaints == []
        window.context.close()


def test_a_wrong_password_stays_at_the_door_and_says_so(window: Visitor, site: Site) -> None:
    sign_in(window, site, "zhiban", "wrong password here")
    expect(window.page.get_by_text("账号与密码不符，或此账号目前不能使用")).to_be_visible()
    assert [one for one in window.context.cookies() if one["name"] == COOKIE] == []


def test_signing_out_ends_the_other_tab_and_a_copied_cookie(window: Visitor, site: Site, chrome: Browser) -> None:
    at_the_wall(window, site, "shuji")
    tab = window.context.new_page()
    tab.goto(f"{site.url}/account")
    expect(tab.get_by_text("secretary of north", exact=True)).to_be_visible()
    thief = visitor(chrome, site)
    thief.context.add_cookies(window.context.cookies())  # type: ignore[arg-type]
    thief.page.goto(f"{site.url}/account")
    expect(thief.page.get_by_text("secretary of north", exact=True)).to_be_visible()
    tab.get_by_role("button", name="退出登录").click()
    tab.locator(".st-key-door").wait_for()
    door(window)
    thief.page.reload()
    door(thief)
    thief.context.close()


def test_a_live_wall_does_not_keep_an_idle_session_open(window: Visitor, site: Site) -> None:
    at_the_wall(window, site)
    row = session_of(site, window)
    set_active(site, row, 20)
    before = session_of(site, window).active_at
    version = window.page.locator("[data-version]").get_attribute("data-version")
    site.street.report(when=clock.now() - timedelta(minutes=1))
    expect(window.page.locator("[data-version]")).not_to_have_attribute("data-version", str(version))
    assert session_of(site, window).active_at == before
    set_active(site, row, 31)
    door(window)


def test_a_revoked_session_gets_no_live_picture_and_its_stream_ends(window: Visitor, site: Site) -> None:
    at_the_wall(window, site, "lingdao")
    window.page.evaluate(NOTE_COUNTS)
    with site.street.store.writing() as db:
        sessions.end_all(db, WHO["leader"].user_id, clock.real_now())
    site.street.report(when=clock.now() - timedelta(minutes=1))
    door(window)
    assert len(window.page.evaluate("JSON.parse(sessionStorage.counts)")) == 1  # never the one more


def test_a_button_of_a_disabled_person_writes_nothing(window: Visitor, site: Site) -> None:
    sign_in(window, site, "lingdao", OTHER, "/account")
    expect(window.page.get_by_text("leader", exact=True)).to_be_visible()
    with site.street.store.writing() as db:
        staff.disable(db, asked_by_administrator(), WHO["leader"].user_id)
    before = audit_count(site)
    window.page.get_by_role("button", name="退出所有设备").click()
    door(window)
    assert audit_count(site) == before
    with site.street.store.writing() as db:
        staff.enable(db, asked_by_administrator(), WHO["leader"].user_id)


def test_a_temporary_password_is_changed_in_the_browser(window: Visitor, site: Site) -> None:
    with site.street.store.writing() as db:
        _, password = staff.add_person(db, asked_by_administrator(), "新来的", "xinlai")
    sign_in(window, site, "xinlai", password, "/account")
    expect(window.page.get_by_role("heading", name="设置自己的密码")).to_be_visible()
    fields = window.page.locator("[data-testid=stForm] input")
    for place, typed in enumerate((password, GOOD, GOOD)):
        fields.nth(place).fill(typed)
    window.page.get_by_role("button", name="修改密码").click()
    expect(window.page.get_by_text("新来的", exact=True).first).to_be_visible()
    assert window.page.url == f"{site.url}/account"


def test_an_administrator_begins_with_the_people_and_reads_where_a_right_is_missing(
    window: Visitor, site: Site
) -> None:
    enter(window.page, token_of(site.street.store, WHO["administrator"].user_id, clock.real_now()))
    window.page.goto(site.url)
    expect(window.page.get_by_role("heading", name="人员与大屏")).to_be_visible()
    window.page.goto(f"{site.url}/duty")
    expect(window.page.get_by_text("您没有查看此页的权限")).to_be_visible()
    expect(window.page.get_by_role("dialog")).to_have_count(0)
    expect(window.page.get_by_role("link", name="值班台")).to_have_count(0)


def test_hostile_text_is_harmless_on_every_page(window: Visitor, site: Site) -> None:
    hostile = "<img src=//evil.example/x onerror=alert(1)>"[:40]
    markdown = "![x](https://evil.example/p.png)<script>console.log('hostile')</script>"
    told = site.street.report(title=markdown, address=markdown, text=markdown, when=clock.now() - timedelta(minutes=5))
    with site.street.store.writing() as db:
        db.get_one(User, WHO["officer"].user_id).name = hostile
        db.get_one(User, WHO["administrator"].user_id).name = "[x](javascript:alert(1))"
        staff.end_sessions(db, asked_by_administrator(), WHO["officer"].user_id)
        walls.invite(db, asked_by_administrator(), hostile, ID["street"])
    at_the_wall(window, site)
    window.page.goto(f"{site.url}/account")
    expect(window.page.get_by_text("退出所有设备")).to_be_visible()
    for path, words in OFFICERS_PAGES.items():
        window.page.goto(f"{site.url}/{path.format(case=told)}")
        expect(window.page.locator(".stMain").get_by_text(words).first).to_be_visible()
        time.sleep(1)
    window.context.clear_cookies()
    sign_in(window, site, "guanli", OTHER, "/administration")
    expect(window.page.get_by_role("heading", name="人员与大屏")).to_be_visible()
    window.page.get_by_role("tab", name="大屏").click()
    expect(window.page.get_by_text(hostile).locator("visible=true")).to_be_visible()
    for path, words in (("/audit", "导出 CSV"), ("/account", "退出所有设备")):
        window.page.goto(site.url + path)
        expect(window.page.get_by_text(words)).to_be_visible()
        time.sleep(1)
    assert window.complaints == []
    with site.street.store.writing() as db:
        for name in ("officer", "administrator"):
            db.get_one(User, WHO[name].user_id).name = name


def test_a_screen_is_paired_shows_the_wall_alone_and_ends_when_revoked(
    window: Visitor, site: Site, chrome: Browser
) -> None:
    with site.street.store.writing() as db:
        code = walls.invite(db, asked_by_administrator(), "一楼大厅", ID["street"])
    for found in (window, other := visitor(chrome, site)):
        found.page.goto(site.url)
        found.page.get_by_text("本机用作大屏").click()
        found.page.locator(".st-key-pairing_code input").fill(code)
        found.page.get_by_role("button", name="配对", exact=True).click()
        if found is window:
            found.page.locator("[data-version]").wait_for(state="attached")
    expect(other.page.get_by_text("配对码不存在或已过期")).to_be_visible()
    other.context.close()
    row = session_of(site, window)
    set_active(site, row, 60 * 24)
    window.page.goto(f"{site.url}/administration")  # the wall is all there is
    window.page.locator("[data-version]").wait_for(state="attached")
    assert window.page.get_by_role("heading", name="人员与大屏").count() == 0
    with site.street.store.writing() as db:
        walls.revoke(db, asked_by_administrator(), row.user_id)
    door(window)


# What is sent without a browser


def test_the_handoff_refuses_what_is_not_from_a_page_of_ours(site: Site) -> None:
    def code() -> str:
        with site.street.store.writing() as db:
            return sessions.handoff(db, WHO["officer"].user_id, clock.real_now())

    url = f"{site.url}/session/open"
    for headers in (
        {},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": site.url.replace("http", "https")},
    ):
        assert post(url, content=code(), headers=headers).status_code == 403
    assert "set-cookie" not in get(url, params={"code": code()}, headers={"Origin": site.url}).headers
    for content in (b"", b"x" * 500, b"\xff\xfe", b"unknown"):
        assert post(url, content=content, headers={"Origin": site.url}).status_code == 403
    given = code()
    good = post(url, content=given, headers={"Origin": site.url})
    assert good.status_code == 204
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(good.headers["set-cookie"].split("; "))
    assert "Secure" not in good.headers["set-cookie"]
    assert post(url, content=given, headers={"Origin": site.url}).status_code == 403
    behind_tls = {"Origin": site.url.replace("http", "https"), "X-Forwarded-Proto": "https"}
    assert "; Secure" in post(url, content=code(), headers=behind_tls).headers["set-cookie"]


CLOSED = (
    "/_stcore/metrics",
    "/media/x.png",
    "/live/stream",
    "/live/layers/grids/x",
    "/map/base/x/areas",
    "/session/state",
)


@pytest.mark.parametrize("path", CLOSED)
@pytest.mark.parametrize("cookie", [None, "invented"])
def test_routes_are_closed_without_a_session(site: Site, path: str, cookie: str | None) -> None:
    cookies = {COOKIE: cookie} if cookie else {}
    assert get(site.url + path, cookies=cookies).status_code == 401


def test_uploads_are_closed_without_a_session(site: Site) -> None:
    answer = httpx.put(f"{site.url}/_stcore/upload_file/x/y", files={"file": b"x"})
    assert answer.status_code == 401


def test_metrics_are_for_administrators(site: Site) -> None:
    for name, status in (("officer", 401), ("administrator", 200)):
        token = token_of(site.street.store, WHO[name].user_id, clock.real_now())
        assert get(f"{site.url}/_stcore/metrics", cookies={COOKIE: token}).status_code == status


@pytest.mark.parametrize("headers", [{"Origin": "http://evil.example"}, {"Host": "evil.example"}])
def test_a_web_socket_of_another_origin_or_host_is_refused(site: Site, headers: dict[str, str]) -> None:
    asked = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": KEY}
    good = {"Origin": site.url} | asked
    with stream("GET", f"{site.url}/_stcore/stream", headers=good) as answer:
        assert answer.status_code == 101
    with stream("GET", f"{site.url}/_stcore/stream", headers=good | headers) as answer:
        assert answer.status_code == 403


def test_the_id_of_somebodys_streamlit_session_gives_nothing_without_the_cookie(window: Visitor, site: Site) -> None:
    ids: list[str] = []
    window.page.on(
        "websocket", lambda socket: socket.on("framereceived", lambda frame: ids.extend(_session_ids(frame)))
    )
    sign_in(window, site, "guanli", OTHER, "/account")
    expect(window.page.get_by_text("administrator", exact=True)).to_be_visible()
    assert ids
    window.page.close()  # a session is taken over when its own socket is gone
    address = site.url.replace("http", "ws") + "/_stcore/stream"
    protocols = [Subprotocol(word) for word in ("streamlit", "x", ids[-1])]
    with connect(address, origin=Origin(site.url), subprotocols=protocols, open_timeout=PATIENCE_S) as socket:
        socket.send(BackMsg(rerun_script=ClientState()).SerializeToString())
        said = _heard(socket)
    assert "账号".encode() in said
    assert b"administrator" not in said


def _session_ids(frame: str | bytes) -> list[str]:
    message = ForwardMsg()
    if isinstance(frame, bytes):
        message.ParseFromString(frame)
    return [message.new_session.initialize.session_id] if message.HasField("new_session") else []


def _heard(socket: ClientConnection) -> bytes:
    """Everything the server says until it has run the whole script."""
    said: list[bytes] = []
    while not said or ForwardMsg.FromString(said[-1]).WhichOneof("type") != "script_finished":
        message = socket.recv(timeout=PATIENCE_S)
        said.append(message if isinstance(message, bytes) else message.encode())
    return b"".join(said)


def test_every_answer_carries_the_policy(site: Site) -> None:
    for path in ("/", "/healthz", "/_stcore/health", "/nowhere", "/live/stream"):
        headers = get(site.url + path).headers
        assert "script-src 'self'" in headers["content-security-policy"], path
        assert headers["x-content-type-options"] == "nosniff"
