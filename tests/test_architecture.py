"""The shape of the house: who may import whom, how long things may be, and what every public function says."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("flows", "tasks", "model", "warehouse", "expectations")
FILES = sorted(file for room in ROOMS for file in (ROOT / room).rglob("*.py"))
# What each room may import of ours, beside itself.
ALLOWED = {
    "flows": {"tasks", "model", "warehouse", "expectations"},
    "tasks": {"model", "warehouse", "expectations"},
    "expectations": {"warehouse"},
    "warehouse": set(),
    "model": set(),
}
MAX_FILE_LINES, MAX_FUNCTION_LINES = 250, 60
Function = ast.FunctionDef | ast.AsyncFunctionDef


def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def imported(module: ast.Module) -> set[str]:
    names = [n.name for node in ast.walk(module) if isinstance(node, ast.Import) for n in node.names]
    names += [node.module or "" for node in ast.walk(module) if isinstance(node, ast.ImportFrom)]
    return {name.split(".")[0] for name in names}


def functions(module: ast.Module) -> list[Function]:
    return [node for node in ast.walk(module) if isinstance(node, Function)]


def room(file: Path) -> str:
    return file.relative_to(ROOT).parts[0]


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_imports_run_one_way(file: Path) -> None:
    foreign = (imported(tree(file)) & set(ROOMS)) - {room(file)} - ALLOWED[room(file)]
    assert not foreign, f"{room(file)}/ must not import {', '.join(sorted(foreign))}"


@pytest.mark.parametrize("file", [f for f in FILES if room(f) == "model"], ids=lambda file: file.name)
def test_the_model_knows_neither_orchestrator_nor_database(file: Path) -> None:
    assert not imported(tree(file)) & {"prefect", "duckdb", "great_expectations", "pydantic_settings"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_files_and_functions_stay_short(file: Path) -> None:
    assert file.read_text(encoding="utf-8").count("\n") <= MAX_FILE_LINES
    for function in functions(tree(file)):
        documented = ast.get_docstring(function) is not None
        start = function.body[0].end_lineno if documented else function.lineno
        assert (function.end_lineno or 0) - (start or 0) <= MAX_FUNCTION_LINES, f"{function.name} is too long"


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_public_functions_are_typed_and_documented(file: Path) -> None:
    for function in functions(tree(file)):
        if function.name.startswith("_"):
            continue
        arguments = [a for a in function.args.args + function.args.kwonlyargs if a.arg not in {"self", "cls"}]
        assert function.returns is not None, f"{function.name} has no return type"
        assert all(a.annotation for a in arguments), f"{function.name} has an untyped argument"
        nested = function.col_offset > 4
        assert nested or ast.get_docstring(function) or _is_inner(function, tree(file)), (
            f"{function.name}: no docstring"
        )


def _is_inner(function: Function, module: ast.Module) -> bool:
    return any(function.lineno in range(outer.lineno + 1, (outer.end_lineno or 0) + 1) for outer in functions(module))


@pytest.mark.parametrize("file", sorted((ROOT / "sql").rglob("*.sql")), ids=lambda file: str(file.relative_to(ROOT)))
def test_every_query_says_what_it_is(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.lstrip("( \n").startswith("--") or file.parent.name == "raw", "no header comment"


def test_no_path_of_a_machine_and_no_registry_is_tracked() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    pattern = re.compile(
        r"(^|[^A-Za-z0-9_.])/(work|farm|root)/|https?://[a-z0-9.-]*(py[p]i|py[t]honhosted)", re.MULTILINE
    )
    texts = (ROOT / name for name in tracked if name and (ROOT / name).suffix not in {".png", ".parquet"})
    found = [file.name for file in texts if file.is_file() and pattern.search(file.read_text(encoding="utf-8"))]
    assert not found
