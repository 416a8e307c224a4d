"""The docs as a site: every link leads somewhere, and no page needs a network."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def build(project: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mkdocs", "build"]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    for name in ("docs", "benchmarks/results", "expectations", "flows", "tasks", "warehouse"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("mkdocs.yml", "README.md", "CHANGELOG.md", "Dockerfile"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def test_the_site_builds_and_loads_nothing_from_elsewhere(copied: Path) -> None:
    done = build(copied)
    assert done.returncode == 0, done.stderr
    pages = list((copied / "build" / "docs").rglob("*.html"))
    assert len(pages) > 40
    loaded = r"<(?:script|img|iframe)[^>]*src=[\"']?https?:|<link[^>]*rel=[\"']?stylesheet[^>]*https?:"
    assert [page for page in pages if re.search(loaded, page.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("link", ["[gone](gone.md)", "[gone](operations.md#gone)", "[gone](../flows/gone.py)"])
def test_a_link_that_leads_nowhere_stops_it(copied: Path, link: str) -> None:
    with (copied / "docs" / "science.md").open("a", encoding="utf-8") as page:
        page.write(f"\n{link}\n")
    assert build(copied).returncode != 0
