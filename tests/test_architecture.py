"""The shape of the house: who may import whom, how large things are, and what they must say about themselves."""

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parents[1]
OURS = {"flows", "tasks", "model", "warehouse", "expectations", "sql", "tests", "benchmarks"}
# A room and the rooms of ours that it may import, at the top of a file or inside of a function.
ROOMS = {
    "flows": {"flows", "tasks", "model", "warehouse", "expectations"},
    "tasks": {"tasks", "model", "warehouse", "expectations"},
    "expectations": {"expectations", "warehouse"},
    "warehouse": {"warehouse"},
    "model": {"model"},
}
# Only flows and tasks orchestrate, and the paper's mathematics knows neither database nor setting.
FORBIDDEN = {
    "model": {"prefect", "duckdb", "great_expectations", "pydantic_settings", "sqlite3"},
    "warehouse": {"prefect", "great_expectations", "tensorflow", "keras"},
    "expectations": {"prefect", "tensorflow", "keras"},
}
FILES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
QUERIES = sorted((ROOT / "sql").rglob("*.sql"))
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


each_file = pytest.mark.parametrize("path", FILES, ids=name_of)


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)}:{node.lineno}: relative import"
            found.add(node.module or "")
    return found


def rooms_of(names: set[str]) -> set[str]:
    """The rooms that are imported; the vocabulary belongs to all of them."""
    return {name.split(".")[0] for name in names if name != "model.vocabulary"}


def functions(path: Path) -> Iterator[FunctionNode]:
    return (node for node in ast.walk(tree_of(path)) if isinstance(node, FunctionNode))


def public_definitions(path: Path) -> Iterator[FunctionNode | ast.ClassDef]:
    """Functions and classes of a module, and the methods of its public classes."""
    for node in tree_of(path).body:
        if isinstance(node, FunctionNode | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from (each for each in node.body if isinstance(each, FunctionNode) and each.name[0] != "_")


def length(node: FunctionNode) -> int:
    """Lines of a function from its ``def`` to its end, the docstring not counted."""
    assert node.end_lineno is not None
    lines = node.end_lineno - node.lineno + 1
    first = node.body[0]
    if ast.get_docstring(node) is not None and first.end_lineno is not None:
        lines -= first.end_lineno - first.lineno + 1
    return lines


def test_something_is_tested() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in FILES} == set(ROOMS)
    assert QUERIES


@each_file
def test_imports_run_one_way(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0]
    found = rooms_of(imports(path))
    assert found & OURS <= ROOMS[room]
    assert not found & FORBIDDEN.get(room, set())


def wing_of(name: str) -> str:
    """The wing of tasks/ that a module, named with dots, belongs to."""
    parts = name.split(".")
    return parts[1] if parts[0] == "tasks" and len(parts) > 1 else ""


def test_wings_of_tasks_do_not_import_each_other_in_a_circle() -> None:
    modules = {path.relative_to(ROOT).with_suffix("").as_posix().replace("/", "."): path for path in FILES}
    edges: dict[str, set[str]] = {}
    for name, path in modules.items():
        if wing := wing_of(name):
            edges.setdefault(wing, set()).update({wing_of(other) for other in imports(path)} - {wing, ""})
    assert set(edges) >= {
        "stages",
        "intake",
        "spending",
        "science",
        "publishing",
        "operation",
        "study",
        "simulator",
        "report",
    }
    assert tuple(TopologicalSorter(edges).static_order())[-1] in {"stages", "study", "report"}


@each_file
def test_only_flows_and_stages_orchestrate(path: Path) -> None:
    name = path.relative_to(ROOT).as_posix()
    if not name.startswith(("flows/", "tasks/stages/")):
        assert "prefect" not in rooms_of(imports(path))


@each_file
def test_files_and_functions_are_small(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 250
    assert {node.name: length(node) for node in functions(path) if length(node) > 60} == {}


def test_most_functions_are_very_small() -> None:
    lengths = sorted(length(node) for path in FILES for node in functions(path))
    assert median(lengths) < 12
    assert lengths[len(lengths) * 9 // 10] < 30


@each_file
def test_public_names_are_documented_and_annotated(path: Path) -> None:
    tree = tree_of(path)
    assert ast.get_docstring(tree) or not tree.body, "no module docstring"
    for node in public_definitions(path):
        assert ast.get_docstring(node), f"{node.name} (line {node.lineno}) has no docstring"
        if isinstance(node, FunctionNode):
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            bare = [each.arg for each in arguments if each.annotation is None and each.arg not in {"self", "cls"}]
            assert not bare, f"{node.name} (line {node.lineno}): {bare} without a type"
            assert node.returns is not None, f"{node.name} (line {node.lineno}): no return type"


@pytest.mark.parametrize("path", QUERIES, ids=name_of)
def test_queries_say_what_they_are(path: Path) -> None:
    assert re.match(r"-- \w.*\w", path.read_text(encoding="utf-8")), "no header comment"


def test_every_query_is_used() -> None:
    """By its name, by a text that completes the beginning of it (``f"ops/{name}"``), or with its whole folder."""
    nodes = [node for path in FILES for node in ast.walk(tree_of(path))]
    texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    heads = {ast.unparse(node)[2:-1].split("{")[0] for node in nodes if isinstance(node, ast.JoinedStr)}
    calls = {ast.unparse(node) for node in nodes if isinstance(node, ast.Call)}
    names = {path.relative_to(ROOT / "sql").with_suffix("").as_posix() for path in QUERIES}
    used = texts | {head + text for head in heads for text in texts}
    assert {name for name in names - used if f"query_names('{name.split('/')[0]}')" not in calls} == set()


def test_no_machine_and_no_registry_is_tracked() -> None:
    listing = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listing.returncode:
        pytest.skip("not a git checkout")
    pattern = re.compile(r"(^|[^\w.])/(work|farm|root|home)/|https?://[\w.-]*(py[p]i|py[t]honhosted)", re.MULTILINE)
    files = [ROOT / name for name in listing.stdout.splitlines() if not name.endswith((".png", ".parquet", ".tar.gz"))]
    assert files
    assert [
        name_of(path) for path in files if path.is_file() and pattern.search(path.read_text(encoding="utf-8"))
    ] == []
