"""What is installed is what was looked at: pinned by version and hash, and nothing of the tests in production."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PINNED = re.compile(r"^([a-zA-Z0-9._-]+)==\S+", re.MULTILINE)
LOCKS = [f"requirements{extra}.lock" for extra in ("", "-dev", "-cluster", "-uv")]
TEST_TOOLS = {"pytest", "hypothesis", "moto", "mypy", "ruff", "mutmut", "pip-audit", "playwright"}


def names(lock: str) -> list[str]:
    return PINNED.findall((ROOT / lock).read_text(encoding="utf-8"))


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_pinned_by_version_and_hash(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    for block in re.split(r"^(?=[a-zA-Z0-9])", text, flags=re.MULTILINE)[1:]:
        assert PINNED.match(block), block.splitlines()[0]
        assert "--hash=sha256:" in block, block.splitlines()[0]


def test_production_carries_no_tools_of_the_tests() -> None:
    production, tools = names("requirements.lock"), names("requirements-dev.lock")
    assert set(tools) >= {"pytest", "hypothesis", "pip-audit"}
    assert set(production) & (TEST_TOOLS | set(tools)) == set()
    assert names("requirements-uv.lock") == ["uv"]


def test_what_a_cluster_adds_is_what_the_tests_ran_with() -> None:
    added = set(PINNED.findall((ROOT / "requirements-cluster.lock").read_text(encoding="utf-8")))
    assert added >= {"dask", "distributed", "prefect-dask"}
    assert added.isdisjoint(names("requirements.lock"))
    pins = [re.findall(r"^\S+==\S+", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE) for lock in LOCKS[1:3]]
    assert set(pins[1]) <= set(pins[0])


def test_the_image_is_pinned_and_installs_the_locks_of_production_alone() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert re.search(r"^FROM \S+@sha256:[0-9a-f]{64}$", text, re.MULTILINE)
    assert "requirements-dev" not in text
    assert re.findall(r"pip install (?!.*(require-hashes|no-deps))", text) == []
