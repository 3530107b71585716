"""The rules of the house that a machine can keep: who imports whom, who reads the clock, lengths, types, names."""

import ast
import re
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# Inner concepts first: one imports only its own row and the rows before it. What is not named here is outside them all.
ORDER = (
    {"captions", "clock", "errors", "words", "desk_words", "liaison_words", "meeting_words", "place_words", "language"},
    {"calendars"},
    {"limits", "promises", "rules", "store"},
    {"places"},
    {"people", "units"},
)
NEVER_IMPORTS = {
    "core": ("streamlit", "pydeck", "pages", "app"),
    "pages/ui": ("sqlmodel", "sqlalchemy", "alembic", "psycopg", "app"),
    "pages": ("sqlmodel", "sqlalchemy", "alembic", "psycopg", "app"),
    "app": ("sqlmodel", "sqlalchemy", "alembic", "psycopg"),
}
MOST_LINES = {"core": 320, "pages/ui": 320, "pages": 150, "app": 150}
BANNED_NAMES = {
    *("util", "utils", "helper", "helpers", "common"),
    *("manager", "managers", "service", "services", "handler", "handlers"),
}
CLOCK_READERS = {
    *(f"datetime.datetime.{name}" for name in ("now", "utcnow", "today")),
    *("datetime.date.today", "pandas.Timestamp.now", "pandas.Timestamp.today", "pandas.Timestamp.utcnow"),
    *("time.time", "time.time_ns", "time.localtime", "time.gmtime"),
}
SKIPS = {"pytest.skip", "pytest.importorskip", "pytest.mark.skip", "pytest.mark.skipif", "unittest.skip"}
MEDIAN_LINES, LONG_LINES, LONG_SHARE = 10, 40, 0.03

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """A source file: where it lies below the root, and what it says."""

    path: str
    source: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source)

    @cached_property
    def name(self) -> str:
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def part(self) -> str:
        return "pages/ui" if self.path.startswith("pages/ui/") else self.name.split(".")[0]

    @property
    def is_generated(self) -> bool:
        return "/versions/" in self.path  # migrations follow their tool's form, not ours

    @cached_property
    def functions(self) -> list[Function]:
        return [node for node in ast.walk(self.tree) if isinstance(node, Function)]

    @cached_property
    def origins(self) -> dict[str, str]:
        """Each imported name, wherever it is imported, and the dotted name behind it."""
        return dict(self._origins(ast.walk(self.tree)))

    @cached_property
    def run_time_imports(self) -> set[str]:
        """The dotted names imported when the program runs, inside functions too."""
        return {origin for _, origin in self._origins(_walk_run_time(self.tree))}

    def _origins(self, nodes: Iterator[ast.AST]) -> Iterator[tuple[str, str]]:
        for node in nodes:
            if isinstance(node, ast.Import):
                yield from ((a.asname or a.name, a.name) for a in node.names)
            elif isinstance(node, ast.ImportFrom):
                package = self._absolute(node)
                yield from ((a.asname or a.name, f"{package}.{a.name}") for a in node.names)

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        folder = self.path.split("/")[: -node.level]
        return ".".join([*folder, *([node.module] if node.module else [])])


def product() -> list[Module]:
    """Every module of the application."""
    files = [ROOT / "app.py", *(ROOT / "core").rglob("*.py"), *(ROOT / "pages").rglob("*.py")]
    return [_module(file) for file in sorted(files) if file.exists()]


def modules_of_tests() -> list[Module]:
    """Every module of the tests."""
    return [_module(file) for file in sorted((ROOT / "tests").rglob("*.py"))]


# Rules for one module: each yields a sentence for every breach.


def layer_breaches(module: Module) -> Iterator[str]:
    for name in module.origins.values():
        if _is_within(name, *NEVER_IMPORTS[module.part]):
            yield f"{module.path} imports {name}, which {module.part} never does"
        elif _is_within(name, "pages") and name != "pages" and not _is_within(name, "pages.ui"):
            yield f"{module.path} imports the page {name}: pages share through pages.ui or core"


def order_breaches(module: Module) -> Iterator[str]:
    row = _row(module.name)
    for name in module.run_time_imports if module.part == "core" else ():
        if name.startswith("core.") and _row(name) > row:
            yield f"{module.path} imports {name}, which lies outside it"


def clock_breaches(module: Module) -> Iterator[str]:
    if module.path != "core/clock.py":
        yield from (f"{place} reads the clock: use core.clock.now()" for place in _mentions(module, CLOCK_READERS))


def docstring_breaches(module: Module) -> Iterator[str]:
    if module.part != "core" or module.is_generated or not module.source:
        return
    for node in [module.tree, *_public(module.tree)]:
        if not ast.get_docstring(node):
            yield f"{module.path} {getattr(node, 'name', 'itself')} has no docstring"


def signature_breaches(module: Module) -> Iterator[str]:
    for function in module.functions:
        a = function.args
        rest = [arg for arg in (a.vararg, a.kwarg) if arg]
        untyped = [arg.arg for arg in (*a.posonlyargs, *a.args, *a.kwonlyargs, *rest) if not arg.annotation]
        if names := [name for name in untyped if name not in ("self", "cls")]:
            yield f"{module.path} {function.name} leaves {', '.join(names)} untyped"
        if not function.returns:
            yield f"{module.path} {function.name} does not say what it returns"


def size_breaches(module: Module) -> Iterator[str]:
    lines, most = len(module.source.splitlines()), MOST_LINES[module.part]
    if lines > most and not module.is_generated:
        yield f"{module.path} has {lines} lines, more than {most}: make it a folder, or say less"


def name_breaches(module: Module) -> Iterator[str]:
    if banned := BANNED_NAMES.intersection(re.split(r"[._]", module.name)):
        yield f"{module.path} is named {', '.join(banned)}: name it for its concept"


def gettext_breaches(module: Module) -> Iterator[str]:
    stored = [n for n in ast.walk(module.tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
    if "_" in module.origins:
        yield from (
            f"{module.path}:{name.lineno} overwrites the gettext function _" for name in stored if name.id == "_"
        )


def skip_breaches(module: Module) -> Iterator[str]:
    yield from (f"{place} skips: fail, with a sentence that says how to mend it" for place in _mentions(module, SKIPS))


# Rules for all modules together.


def cycle_breaches(modules: list[Module]) -> Iterator[str]:
    names = {module.name for module in modules}
    graph = {m.name: {found for name in m.run_time_imports if (found := _nearest(name, names))} for m in modules}
    try:
        TopologicalSorter({name: needs - {name} for name, needs in graph.items()}).prepare()
    except CycleError as error:
        yield "modules import each other: " + " → ".join(reversed(error.args[1]))


def length_breaches(modules: list[Module]) -> Iterator[str]:
    named = [(f"{m.path} {f.name}", _body_lines(f)) for m in modules if not m.is_generated for f in m.functions]
    lengths = [lines for _, lines in named]
    long = [name for name, lines in named if lines > LONG_LINES]
    if lengths and (median := statistics.median(lengths)) > MEDIAN_LINES:
        yield f"the median function has {median} lines, more than {MEDIAN_LINES}"
    if len(long) > LONG_SHARE * len(lengths):
        yield f"{len(long)} of {len(lengths)} functions are over {LONG_LINES} lines: {', '.join(long)}"


MODULE_RULES = [
    layer_breaches,
    order_breaches,
    clock_breaches,
    docstring_breaches,
    signature_breaches,
    size_breaches,
    name_breaches,
    gettext_breaches,
]
ModuleRule = Callable[[Module], Iterator[str]]


@pytest.mark.parametrize("rule", MODULE_RULES, ids=lambda rule: rule.__name__)
def test_every_module_keeps_the_rules(rule: ModuleRule) -> None:
    breaches = [breach for module in product() for breach in rule(module)]
    assert not breaches, "\n".join(breaches)


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert list(cycle_breaches(product())) == []


def test_functions_are_short() -> None:
    assert list(length_breaches(product())) == []


def test_no_test_is_skipped() -> None:
    breaches = [breach for module in modules_of_tests() for breach in skip_breaches(module)]
    assert not breaches, "\n".join(breaches)


def test_the_order_names_only_concepts_that_exist() -> None:
    concepts = {module.name.split(".")[1] for module in product() if module.name.startswith("core.")}
    assert set().union(*ORDER) <= concepts


# What must be noticed, and what must not: a rule that never complains would pass for ever.

DOC = '"""A module."""\n'
BREACHES: list[tuple[ModuleRule, str, str]] = [
    (layer_breaches, "core/cases.py", "import streamlit as st"),
    (layer_breaches, "core/cases.py", "def f():\n    from pydeck import Deck"),
    (layer_breaches, "core/cases.py", "from pages.ui import maps"),
    (layer_breaches, "pages/wall.py", "from sqlmodel import Session"),
    (layer_breaches, "pages/wall.py", "from pages import backlog"),
    (layer_breaches, "pages/wall.py", "from . import backlog"),
    (layer_breaches, "pages/ui/maps.py", "from sqlalchemy.orm import Session"),
    (layer_breaches, "pages/ui/maps.py", "import pages.wall"),
    (layer_breaches, "app.py", "from pages.wall import draw"),
    (order_breaches, "core/words.py", "from core import rules"),
    (order_breaches, "core/places.py", "def f():\n    from core.cases.tables import Case"),
    (order_breaches, "core/rules.py", "from .people import User"),
    (clock_breaches, "core/cases.py", "from datetime import datetime as D\nD.now()"),
    (clock_breaches, "core/cases.py", "import datetime as dt\nf(default_factory=dt.datetime.utcnow)"),
    (clock_breaches, "pages/wall.py", "import time\ntime.time()"),
    (clock_breaches, "pages/wall.py", "from time import time\ntime()"),
    (clock_breaches, "app.py", "from datetime import date\ndate.today()"),
    (docstring_breaches, "core/cases.py", "x = 1"),
    (docstring_breaches, "core/cases.py", DOC + "def report() -> None: ..."),
    (docstring_breaches, "core/cases.py", DOC + "class Case: ..."),
    (docstring_breaches, "core/cases.py", DOC + 'class Case:\n    """A case."""\n    def age(self) -> int: ...'),
    (signature_breaches, "core/cases.py", "def _f(a) -> None: ..."),
    (signature_breaches, "core/cases.py", "def f(*, a: int, **rest) -> None: ..."),
    (signature_breaches, "pages/wall.py", "async def f(a: int): ..."),
    (size_breaches, "core/cases.py", "x = 1\n" * 321),
    (size_breaches, "pages/wall.py", "x = 1\n" * 151),
    (name_breaches, "core/case_helpers.py", ""),
    (name_breaches, "pages/ui/utils/text.py", ""),
    (gettext_breaches, "pages/wall.py", "from pages.ui.text import _\nfor _ in range(3): ..."),
    (skip_breaches, "tests/test_wall.py", "import pytest\n@pytest.mark.skipif(True)\ndef test(): ..."),
    (skip_breaches, "tests/test_wall.py", "from pytest import skip\nskip('no browser')"),
]
KEEPS: list[tuple[ModuleRule, str, str]] = [
    (layer_breaches, "core/cases.py", "from core.clock import now\nimport sqlmodel"),
    (layer_breaches, "pages/wall.py", "from pages.ui import maps\nimport streamlit as st"),
    (layer_breaches, "pages/ui/maps.py", "import pydeck\nfrom core import board\nfrom . import style"),
    (layer_breaches, "app.py", "from pages.ui import routes\nfrom core import board"),
    (order_breaches, "core/cases/steps.py", "from core.people import User\nfrom . import words"),
    (
        order_breaches,
        "core/people.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from core.cases import Case",
    ),
    (clock_breaches, "core/clock.py", "from datetime import UTC, datetime\ndatetime.now(UTC)"),
    (clock_breaches, "core/cases.py", "from core import clock\nimport time\nclock.now()\ntime.monotonic()"),
    (docstring_breaches, "core/cases.py", DOC + "def _f() -> None: ...\nclass _C: ..."),
    (signature_breaches, "core/cases.py", "class C:\n    def f(self, a: int, *rest: str) -> None: ..."),
    (name_breaches, "core/commons.py", ""),
    (gettext_breaches, "core/cases.py", "for _ in range(3): ..."),
]


@pytest.mark.parametrize(("rule", "path", "source"), BREACHES)
def test_a_breach_is_noticed(rule: ModuleRule, path: str, source: str) -> None:
    assert list(rule(Module(path, source)))


@pytest.mark.parametrize(("rule", "path", "source"), KEEPS)
def test_what_keeps_the_rules_passes(rule: ModuleRule, path: str, source: str) -> None:
    assert list(rule(Module(path, source))) == []


def test_a_circle_through_a_function_is_noticed() -> None:
    circle = [
        Module("core/a.py", "from core import b"),
        Module("core/b/__init__.py", "from .c import x"),
        Module("core/b/c.py", "def f():\n    from core.a import y"),
    ]
    assert list(cycle_breaches(circle))
    assert list(cycle_breaches(circle[:2])) == []


def test_long_functions_are_noticed() -> None:
    short, long = "def f():\n    x = 1\n", "def g():\n" + "    x = 1\n" * 41
    assert len(list(length_breaches([Module("core/a.py", long)]))) == 2
    assert len(list(length_breaches([Module("core/a.py", short * 30 + long)]))) == 1
    assert list(length_breaches([Module("core/a.py", short * 40 + long)])) == []


def _module(file: Path) -> Module:
    return Module(file.relative_to(ROOT).as_posix(), file.read_text("utf-8"))


def _is_within(name: str, *packages: str) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def _row(name: str) -> int:
    """How far out a concept of core lies."""
    concept = name.split(".")[1] if "." in name else ""
    return next((number for number, row in enumerate(ORDER) if concept in row), len(ORDER))


def _nearest(name: str, modules: set[str]) -> str | None:
    """The module that an imported dotted name is, or lies in."""
    while name and name not in modules:
        name = name.rpartition(".")[0]
    return name or None


def _walk_run_time(node: ast.AST) -> Iterator[ast.AST]:
    """Walk all but what only the type checker reads."""
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING")):
            yield child
            yield from _walk_run_time(child)


def _mentions(module: Module, wanted: set[str]) -> Iterator[str]:
    """Where one of the wanted dotted names is used, whatever it was imported as."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Name | ast.Attribute):
            first, _, rest = ast.unparse(node).partition(".")
            if f"{module.origins.get(first, first)}.{rest}".rstrip(".") in wanted:
                yield f"{module.path}:{node.lineno}"


def _public(parent: ast.AST) -> Iterator[Function | ast.ClassDef]:
    """The public functions and classes of a module, and the methods of those classes."""
    for node in ast.iter_child_nodes(parent):
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from _public(node)


def _body_lines(function: Function) -> int:
    """The lines of a body without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
