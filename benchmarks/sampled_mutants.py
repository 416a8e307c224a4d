"""A fair sample of the mutants of some rooms, each against the tests that are nearest to it, warehouse tests too.

Run as ``python -m benchmarks.sampled_mutants [--sample N] [--seed S] [ROOM ...]``. The changes are those of mutmut, of
all functions alike; they are made in a copy of the code, one at a time, and one pytest process each asks the nearest
test files: those that reach the module over the fewest imports, first of the tasks, then of the flows. A mutant that
all of them let pass has survived, whatever a test further away would have said, and one whose tests need longer than
they are given is out of time and counts as such, not as noticed: the score is a lower bound.
"""

import argparse
import ast
import json
import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from difflib import unified_diff
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, cast

from benchmarks.mutants import count, table

if TYPE_CHECKING:
    from libcst import Module

ROOT = Path(__file__).parents[1]
OURS = ("expectations", "flows", "model", "sql", "tasks", "tests", "warehouse")
ALSO = ("conftest.py", "pyproject.toml")
# Test files that are asked first, and those that are asked where these let the mutant pass; so many of each.
RINGS = ((("tests/tasks", "tests/expectations", "tests/warehouse"), 5), (("tests/flows",), 2))
# They start servers, browsers and processes of their own: minutes, for what others show in seconds.
SLOW = (
    "up",
    "faults",
    "cli",
    "terminal",
    "temporary",
    "crashes",
    "kill",
    "hostile_fuzz",
    "study",
    "random",
    "receivers",
)
OUT_OF_TIME = "out of time"
NO_TEST = 5  # pytest's exit code where it has nothing to run
Graph = dict[str, set[str]]


@dataclass(frozen=True)
class Fate:
    """What became of one mutant: its name, its change as a diff, and the test that failed, if one did."""

    name: str
    change: str
    fate: str
    noticed_by: str = ""


def mutants(path: Path) -> Iterator[tuple[str, Callable[[], str]]]:
    """Yield the name of each mutant of a file, and what writes out its source: for all, that takes minutes."""
    from libcst import CSTNode, FunctionDef
    from mutmut.mutation.file_mutation import create_mutations

    module, changes, _, _ = create_mutations(str(path), path.read_text(encoding="utf-8"))
    number = 0
    for change in changes:
        if isinstance(function := change.contained_by_top_level_function, FunctionDef):
            number += 1

            def source(old: CSTNode = change.original_node, new: CSTNode = change.mutated_node) -> str:
                return cast("Module", module.deep_replace(old, new)).code

            yield f"{module_of(path.relative_to(ROOT))}.{function.name.value}__{number}", source


def drawn(rooms: list[str], sample: int, seed: int) -> list[tuple[Path, str, str]]:
    """Draw mutants, each as likely as any other: file, name and source."""
    files = [path for room in rooms for path in sorted((ROOT / room).rglob("*.py"))]
    every = [(path, name, source) for path in files for name, source in mutants(path)]
    chosen = random.Random(seed).sample(every, min(sample, len(every)))  # noqa: S311 - a sample, not a secret
    print(f"{len(chosen)} of {len(every)} mutants", flush=True)
    return [(path, name, source()) for path, name, source in chosen]


def module_of(path: Path) -> str:
    """Name of the module in a file of ours.

    >>> module_of(Path("tasks/spending/periods.py"))
    'tasks.spending.periods'
    """
    return ".".join(path.with_suffix("").parts)


def importers(root: Path) -> Graph:
    """Return who imports each module of ours; a test file also imports the conftest.py beside and above it."""
    graph: Graph = {}
    for room in OURS:
        for path in (root / room).rglob("*.py"):
            relative = path.relative_to(root)
            above = [folder / "conftest.py" for folder in relative.parents if (root / folder / "conftest.py").exists()]
            for module in {*_imports(path), *map(module_of, above)}:
                graph.setdefault(module, set()).add(module_of(relative))
    return graph


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def nearest(graph: Graph, module: str) -> list[str]:
    """Test files that reach a module: those over the fewest imports first, of these those of its own name and wing.

    >>> nearest({"a.x": {"a.y", "tests.test_x"}, "a.y": {"tests.test_y"}}, "a.x")
    ['tests/test_x.py', 'tests/test_y.py']
    """
    rings = [{module}]
    while rings[-1]:
        seen = set().union(*rings)
        rings.append({user for name in rings[-1] for user in graph.get(name, set())} - seen)
    *_, wing, stem = module.split(".")

    def likeness(name: str) -> tuple[bool, bool, str]:
        return stem not in name.rpartition(".")[2], f".{wing}." not in name, name

    ordered = [name for ring in rings for name in sorted(ring, key=likeness)]
    files = [name.replace(".", "/") + ".py" for name in ordered if name.rpartition(".")[2].startswith("test_")]
    return [file for file in files if not any(word in Path(file).stem for word in SLOW)]


def asked(root: Path, files: Iterable[str], name: str, seconds: int) -> str:
    """Run tests; return the first that failed, nothing where all passed, `OUT_OF_TIME` if cut short."""
    options = ["-x", "-q", "--no-header", "-p", "no:xdist", "-p", "no:cacheprovider", f"--basetemp={root}/temporary"]
    command = [sys.executable, "-m", "pytest", *options, *files]
    environment = os.environ | {"MUTANT_UNDER_TEST": name, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
    # Its own seconds, whatever else the machine does; and a test that waits for ever has pytest's timeout.
    limited = ["sh", "-c", f'ulimit -t {seconds}; exec "$@"', "sh", *command]
    done = subprocess.run(limited, cwd=root, env=environment, capture_output=True, text=True, check=False)
    if done.returncode in {0, NO_TEST}:
        return ""
    if done.returncode < 0:
        return OUT_OF_TIME
    failures = re.findall(r"^(?:FAILED|ERROR) (\S+\.py\S*)", done.stdout, re.MULTILINE)
    return failures[0] if failures else f"pytest ended with {done.returncode}"


def tried(root: Path, graph: Graph, path: Path, name: str, source: str, seconds: int) -> Fate:
    """Put a mutant in the place of a module, ask the tests, and put the module back."""
    relative = path.relative_to(ROOT)
    before = path.read_text(encoding="utf-8")
    change = "\n".join(unified_diff(before.splitlines(), source.splitlines(), str(relative), "mutant", "", "", 1, ""))
    files = nearest(graph, module_of(relative))
    (root / relative).write_text(source, encoding="utf-8")
    fate = "survived"
    try:
        for number, (folders, most) in enumerate(RINGS):
            ring = [file for file in files if file.startswith(folders)][:most]
            ring = [*([str(relative)] if number == 0 else []), *ring]  # its own doctests
            failed = asked(root, ring, name, seconds) if ring else ""
            if failed == OUT_OF_TIME:
                fate = OUT_OF_TIME
            elif failed:
                return Fate(name, change, "killed", failed)
    finally:
        (root / relative).write_text(before, encoding="utf-8")
    return Fate(name, change, fate)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rooms", nargs="*", default=["tasks", "expectations"])
    parser.add_argument("--sample", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--seconds",
        type=int,
        default=120,
        help="of a processor, for the tests of the tasks, and for those of the flows",
    )
    parser.add_argument("--out", type=Path, default=Path("mutants") / "sample.jsonl", help="is gone on with, if there")
    options = parser.parse_args()
    options.out.parent.mkdir(exist_ok=True)
    known = [Fate(**json.loads(line)) for line in options.out.read_text().splitlines()] if options.out.exists() else []
    fates = {fate.name: fate for fate in known}
    with TemporaryDirectory() as folder, options.out.open("a") as out:
        root = Path(folder)
        for room in OURS:
            shutil.copytree(ROOT / room, root / room, ignore=shutil.ignore_patterns("__pycache__"))
        for file in ALSO:
            shutil.copy(ROOT / file, root / file)
        graph = importers(root)
        for path, name, source in drawn(options.rooms, options.sample, options.seed):
            if name not in fates:
                fates[name] = tried(root, graph, path, name, source, options.seconds)
                print(json.dumps(asdict(fates[name])), file=out, flush=True)
            print(fates[name].fate, name, fates[name].noticed_by, flush=True)
    print("\n".join(table(count({name: fate.fate for name, fate in fates.items()}))))
    for fate in fates.values():
        print(f"\n{fate.name}\n{fate.change}" if fate.fate != "killed" else "", end="")


if __name__ == "__main__":
    main()
