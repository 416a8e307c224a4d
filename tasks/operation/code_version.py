"""The version of our own code: changes when a formula or a query does, not when a comment, docstring or layout does."""

import ast
import hashlib
import re
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

# What a stage's tables are a function of, beside their inputs.
INTAKE = ("sql/raw", "sql/quality", "tasks/intake", "warehouse/sources")
SPENDING = ("sql/spend", "tasks/spending")
GATES = ("expectations", "sql/expectations", "model/vocabulary.py")
FEATURES = ("sql/features", "sql/segments", "tasks/science", "model")
DATE = (*SPENDING, *FEATURES, *GATES)
# The science that no night runs.
_ELSEWHERE = ("simulation", "comparison.py", "__pycache__")


@cache
def code_version(*places: str) -> str:
    """Return 16 hexadecimal digits of the code in some folders and files.

    Args:
        *places: Paths from the top of the house, such as ``"sql/spend"``.

    Raises:
        FileNotFoundError: There is no such place.
    """
    digest = hashlib.sha256()
    for place in places:
        room, _, rest = place.partition("/")
        top = files(room)
        for name, text in _sources(top.joinpath(rest) if rest else top, place):
            digest.update(f"{name}\0{_content(name, text)}\0".encode())
    return digest.hexdigest()[:16]


def _sources(entry: Traversable, name: str) -> list[tuple[str, str]]:
    if entry.is_dir():
        inside = sorted(
            (child for child in entry.iterdir() if child.name not in _ELSEWHERE), key=lambda child: child.name
        )
        return [source for child in inside for source in _sources(child, f"{name}/{child.name}")]
    return [(name, entry.read_text(encoding="utf-8"))] if name.endswith((".py", ".sql")) else []


def _content(name: str, text: str) -> str:
    return python_content(text) if name.endswith(".py") else sql_content(text)


def sql_content(text: str) -> str:
    r"""Return a query without comments and layout.

    >>> sql_content("-- Grain: month.\nSELECT  1\n")
    'SELECT 1'
    """
    return " ".join(re.sub(r"--[^\n]*", " ", text).split())


def python_content(text: str) -> str:
    r"""Return the syntax tree of a module without docstrings.

    >>> python_content('"What it is."\nx = 1  # why') == python_content("x  =  1")
    True
    """
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and ast.get_docstring(
            node, clean=False
        ):
            node.body = node.body[1:]
    return ast.dump(tree)
