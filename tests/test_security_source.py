"""Rules that a reader of the source can keep: guards stand first, banned sinks stay out, and the settings stay."""

import ast
import stat
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.store import ROOT, Store
from pages.ui.headers import HANDOFF_SCRIPT, POLICY, hash_of
from tests.test_architecture import Module, product

GUARDS = {"session.require", "session.recheck", "session.signed_in"}
DOORS = {"pages/sign_in.py"}  # everybody may see them; what they show is checked by tests of their own
SCRIPTED = {"pages/ui/door.py": 1}  # the handoff: the one place where a script of ours is written into a page
BANNED_CALLS = {
    "components.html",
    "components.v1.html",
    "components.iframe",
    "st.iframe",
    "st.login",
    "st.experimental_user",
    "stauth.Hasher",
    "eval",
    "exec",
    "pickle.loads",
}
BANNED_METHODS = {"register_user", "forgot_password", "forgot_username", "experimental_guest_login", "reset_password"}
LIBRARY_KEYS = {
    *("authentication_status", "username", "name", "email", "roles", "logout", "password_hint"),
    *("2FA_check_forgot_password", "2FA_content_forgot_password"),
}
BARE_CALLBACKS = {
    ("pages/ui/pulse.py", "_nothing"),
    ("pages/ui/drafts.py", "_nothing"),
    ("pages/ui/matrix.py", "_nothing"),
}  # does nothing: the run itself is wanted


def pages() -> list[Module]:
    """The modules that draw."""
    return [module for module in product() if module.part in ("pages", "pages/ui")]


def unguarded_pages(module: Module) -> Iterator[str]:
    """A page whose first statement that does anything is no guard."""
    if module.part != "pages" or module.path in DOORS or module.path.startswith("pages/ui/"):
        return
    first = next(filter(_does_something, module.tree.body), None)
    if first is None or _called(getattr(first, "value", None)) not in GUARDS:
        yield f"{module.path} does something before its guard"


def unguarded_fragments(module: Module) -> Iterator[str]:
    """A fragment or dialog whose first statement is no guard."""
    for function in module.functions:
        marks = {ast.unparse(mark).split("(")[0] for mark in function.decorator_list}
        body = function.body[1:] if ast.get_docstring(function) else function.body
        if marks & {"st.fragment", "st.dialog"} and _called(getattr(body[0], "value", None)) not in GUARDS:
            yield f"{module.path} {function.name} is a fragment without a guard"


def unguarded_callbacks(module: Module) -> Iterator[str]:
    """A widget's callback that is not decorated by `session.callback`."""
    guarded = {
        function.name
        for function in module.functions
        if any(ast.unparse(mark).startswith("session.callback(") for mark in function.decorator_list)
    }
    for node in ast.walk(module.tree):
        for keyword in node.keywords if isinstance(node, ast.Call) else ():
            name = ast.unparse(keyword.value)
            is_word = isinstance(keyword.value, ast.Constant)  # "rerun" or "ignore"
            is_bare = (module.path, name) in BARE_CALLBACKS
            is_other = keyword.arg == "on_behalf_of"
            if str(keyword.arg).startswith("on_") and not (is_word or is_bare or is_other or name in guarded):
                yield f"{module.path} calls {name} back without a guard"


def banned_sinks(module: Module) -> Iterator[str]:
    """Whatever executed hostile text, or leaves the host, or belongs to the library's unsafe half."""
    scripts = 0
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        if name in BANNED_CALLS or (isinstance(node.func, ast.Attribute) and _is_of_library(node.func)):
            yield f"{module.path} calls {name}"
        for keyword in node.keywords:
            if keyword.arg == "unsafe_allow_javascript":
                scripts += 1
            if keyword.arg == "unsafe_allow_html":
                yield f"{module.path} writes HTML into Markdown"
            if keyword.arg == "key" and isinstance(keyword.value, ast.Constant) and keyword.value.value in LIBRARY_KEYS:
                yield f"{module.path} has a widget with the library's key {keyword.value.value}"
    if scripts > SCRIPTED.get(module.path, 0):
        yield f"{module.path} writes scripts into a page"


def remembered_principals(module: Module) -> Iterator[str]:
    """Rights that are kept between runs."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith(("st.cache_data", "cache_data")):
            yield f"{module.path} shares data between people: scope is an argument, or there is no cache"
        if isinstance(node, ast.Subscript) and "session_state" in ast.unparse(node.value):
            key = ast.unparse(node.slice).lower()
            if any(word in key for word in ("principal", "visit", "who", "user", "role", "permission", "token")):
                yield f"{module.path} keeps {key} between runs"


RULES = [unguarded_pages, unguarded_fragments, unguarded_callbacks, banned_sinks, remembered_principals]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_page_keeps_the_rules(rule: object) -> None:
    assert [breach for module in pages() for breach in rule(module)] == []  # type: ignore[operator]


@pytest.mark.parametrize(
    ("rule", "path", "source"),
    [
        (unguarded_pages, "pages/new.py", "import streamlit as st\nst.title('x')\nsession.require(P.READ_WALL)"),
        (unguarded_pages, "pages/new.py", "x = 1"),
        (unguarded_pages, "pages/new.py", "with store.current().reading() as db: pass\nsession.require(P.READ_WALL)"),
        (unguarded_fragments, "pages/new.py", "@st.fragment(run_every=2)\ndef f():\n    st.text('x')"),
        (unguarded_fragments, "pages/new.py", "@st.dialog('x')\ndef f():\n    '''Doc.'''\n    st.text('x')"),
        (unguarded_callbacks, "pages/new.py", "def f(): pass\nst.button('x', on_click=f)"),
        (unguarded_callbacks, "pages/new.py", "st.button('x', on_click=lambda: f())"),
        (unguarded_callbacks, "pages/ui/new.py", "PULSE(on_beat_change=f)"),
        (banned_sinks, "pages/new.py", "st.html('<script>', unsafe_allow_javascript=True)"),
        (banned_sinks, "pages/ui/door.py", "st.html(a, unsafe_allow_javascript=True)\n" * 2),
        (banned_sinks, "pages/new.py", "st.markdown(x, unsafe_allow_html=True)"),
        (banned_sinks, "pages/new.py", "components.html('x')"),
        (banned_sinks, "pages/new.py", "door.forgot_password()"),
        (banned_sinks, "pages/new.py", "st.text_input('x', key='roles')"),
        (remembered_principals, "pages/new.py", "st.session_state['who'] = me"),
        (remembered_principals, "pages/new.py", "@st.cache_data()\ndef f(): pass\nst.cache_data(f)"),
    ],
)  # fmt: skip
def test_a_breach_is_noticed(rule: object, path: str, source: str) -> None:
    assert list(rule(Module(path, source)))  # type: ignore[operator]


@pytest.mark.parametrize(
    ("rule", "source"),
    [
        (unguarded_pages, "import streamlit as st\nA, B = 1, 2\ndef f(): pass\nwho = session.require(P.READ_WALL)"),
        (unguarded_fragments, "@st.fragment\ndef f():\n    '''Doc.'''\n    session.recheck(P.READ_WALL)"),
        (unguarded_callbacks, "@session.callback(P.READ_WALL)\ndef f(): pass\nst.button('x', on_click=f)"),
        (banned_sinks, "st.html(f'<style>{x}</style>')"),
    ],
)
def test_what_keeps_the_rules_passes(rule: object, source: str) -> None:
    assert list(rule(Module("pages/new.py", source))) == []  # type: ignore[operator]


def test_the_settings_are_the_safe_ones() -> None:
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))
    server, client, browser = settings["server"], settings["client"], settings["browser"]
    expected = {
        "address": "127.0.0.1",
        "allowedHosts": ["127.0.0.1", "localhost"],
        "enableCORS": True,
        "enableXsrfProtection": True,
        "enableStaticServing": False,
        "enableAgentApi": False,
        "fileWatcherType": "none",
        "maxUploadSize": 20,
    }
    assert {name: server.get(name) for name in expected} == expected
    assert client["showErrorDetails"] == "none"
    assert browser["gatherUsageStats"] is False
    assert not (ROOT / ".streamlit" / "secrets.toml").exists()


def test_a_new_store_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "new" / "store.db"
    store = Store(f"sqlite:///{path}")
    store.migrate()
    with store.reading():
        for file in path.parent.iterdir():
            assert stat.S_IMODE(file.stat().st_mode) == 0o600, file.name
    store.close()


def test_the_policy_lets_in_one_script_of_ours_by_its_hash_and_nothing_inline() -> None:
    rules = dict(rule.split(" ", 1) for rule in POLICY.split("; "))
    assert rules["default-src"] == "'self'"
    assert rules["script-src"].count("'sha256-") == 2
    assert "unsafe-inline" not in rules["script-src"]
    assert "'unsafe-eval'" not in rules["script-src"]
    assert rules["object-src"] == "'none'"
    assert hash_of(HANDOFF_SCRIPT) in rules["script-src"]


def _does_something(node: ast.stmt) -> bool:
    if isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef):
        return False
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return False
    calls = [call for call in ast.walk(node) if isinstance(call, ast.Call)]
    harmless = {"session.text", "_", "Path"}
    return not (isinstance(node, ast.Assign) and all(ast.unparse(call.func) in harmless for call in calls))


def _called(node: ast.expr | None) -> str:
    return ast.unparse(node.func) if isinstance(node, ast.Call) else ""


def _is_of_library(function: ast.Attribute) -> bool:
    return function.attr in BANNED_METHODS and ast.unparse(function.value) not in ("staff", "first")
