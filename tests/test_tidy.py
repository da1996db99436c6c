"""The house rules that no linter knows; each failure names the file and the cure."""

import ast
import itertools
from pathlib import Path

import pytest
from tests.conftest import ROOT

SOURCE = ROOT / "src" / "vertrauenskonto"
MODULES = sorted(p for p in SOURCE.rglob("*.py") if "migrations" not in p.parts)
FUNCTION_LINES_MAX = 70
MODULE_LINES_MAX = 400


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def code_lines(source: str) -> int:
    """Count lines that hold code: no blank lines, comments or docstrings."""
    lines: set[int] = set()
    tree = ast.parse(source)
    docstrings = {id(d) for d in map(docstring, ast.walk(tree)) if d is not None}
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and id(node) not in docstrings:
            body = getattr(node, "body", None)
            last = body[0].lineno - 1 if isinstance(body, list) and body else node.end_lineno
            lines.update(range(node.lineno, max(last or 0, node.lineno) + 1))
    return len(lines)


def docstring(node: ast.AST) -> ast.Expr | None:
    body = getattr(node, "body", None)
    first = body[0] if isinstance(body, list) and body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        return first if isinstance(first.value.value, str) else None
    return None


def length(node: ast.stmt | ast.expr) -> int:
    """Count the lines from the first to the last."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_modules_stay_short(path):
    lines = code_lines(path.read_text())
    assert lines <= MODULE_LINES_MAX, f"{name(path)}: {lines} code lines; split it by idea"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_functions_stay_short(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = docstring(node)
            lines = length(node) - (length(first) if first else 0)
            assert lines <= FUNCTION_LINES_MAX, (
                f"{name(path)}:{node.lineno}: {node.name} has {lines} lines; name its steps"
            )


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_every_module_says_what_it_is_for(path):
    assert ast.get_docstring(ast.parse(path.read_text())), f"{name(path)}: add a docstring"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_no_leftover_reminders(path):
    text = path.read_text()
    for word in ("FIX" + "ME", "TO" + "DO", "XX" + "X"):
        assert word not in text, f"{name(path)}: {word}: do it, or file it"


@pytest.mark.parametrize(
    "path", [p for p in MODULES if p.name == "__init__.py" and p.parent != SOURCE], ids=name
)
def test_each_package_has_its_sign_and_nothing_else(path):
    source = path.read_text()
    sign = ast.get_docstring(ast.parse(source)) or ""
    # Django finds tables only where the package of models imports them.
    is_models = path.parent == SOURCE / "db" / "models"
    assert is_models or code_lines(source) == 0, (
        f"{name(path)}: a package's __init__ holds its sign only"
    )
    for word in ("Lives here:", "May import:", "Never:"):
        assert word in sign, f"{name(path)}: the sign lacks '{word}'"


RULES = [p for p in (SOURCE / "core").rglob("*.py") if p.name != "__init__.py"]


@pytest.mark.parametrize("path", sorted(RULES), ids=name)
def test_each_module_of_rules_has_its_twin_among_the_tests(path):
    relative = path.relative_to(SOURCE)
    twin = ROOT / "tests" / relative.parent / f"test_{relative.name}"
    assert twin.exists(), f"{name(path)}: its tests belong in {name(twin)}"


def test_no_module_is_called_after_nothing():
    empty = {"utils", "util", "helpers", "helper", "common", "misc", "base", "tools"}
    found = [name(p) for p in MODULES if p.stem in empty]
    assert not found, f"{found}: name them after what they are about"


def test_nothing_in_the_project_names_a_machine_or_an_index():
    bad = ("/work" + "/main", "/home" + "/", "extra-index" + "-url", "find" + "-links ")
    texts = itertools.chain(
        MODULES,
        (ROOT / "docs").rglob("*.md"),
        (ROOT / "requirements").glob("*.txt"),
        ROOT.glob("*.md"),
        ROOT.glob("Makefile"),
    )
    for path in texts:
        text = path.read_text()
        for word in bad:
            assert word not in text, f"{name(path)}: holds '{word}'"
