"""Data Docs: what failed comes first, nothing checked is no pass, no link is dead, and everybody can read them."""

import json
import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from itertools import product
from pathlib import Path

import pytest

from expectations.docs import NOTHING, readable, status_of, write_docs
from expectations.engine import validate
from expectations.verdict import Outcome, Verdict
from tests.expectations.lake import AS_OF, Lake, suites
from tests.flows.browser import CHROMIUM, FLAGS

DAY = date(2026, 3, 10)
MARK = "<script>alert(1)</script>\"'&"


def outcome(name: str, result: str = "passed", severity: str = "critical", rows: int | None = 9) -> Outcome:
    count = 0 if result == "passed" else 3
    return Outcome("s", "t", name, "c", severity, result, "told", count, rows)  # type: ignore[arg-type]


def written(folder: Path, *outcomes: Outcome, suite: str = "s") -> dict[str, str]:
    write_docs(folder, Verdict(suite, "spend.monthly", outcomes), None, DAY, "run")
    return {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.html")}


def test_rules_that_failed_come_first(tmp_path: Path) -> None:
    page = written(
        tmp_path,
        outcome("held"),
        outcome("mild", "failed", "warning"),
        outcome("hard", "failed"),
        outcome("broke", "error"),
    )["s.html"]
    places = [page.index(f"<td>{name}</td>") for name in ("hard", "broke", "mild", "held")]
    assert places == sorted(places)
    assert "Failed: 2 of 4 rules stopped the run" in page


def test_suites_that_failed_come_first_in_the_index(tmp_path: Path) -> None:
    for name, *of_suite in (("a", outcome("x")), ("b", outcome("x", rows=0)), ("c", outcome("x", "failed"))):
        written(tmp_path, *of_suite, suite=name)
    index = written(tmp_path, outcome("x", "failed", "warning"), suite="d")["index.html"]
    assert re.findall(r'href="(\w)\.html"', index) == ["c", "d", "b", "a"]
    assert "4 suites: 1 failed, 1 warning, 1 nothing checked, 1 passed." in index


@pytest.mark.parametrize(
    ("rows", "status"), [((0, None), NOTHING), ((), NOTHING), ((None,), "passed"), ((0, 5), "passed")]
)
def test_rules_that_met_no_row_are_no_pass(rows: tuple[int | None, ...], status: str) -> None:
    verdict = Verdict("s", "t", tuple(outcome(f"r{place}", rows=count) for place, count in enumerate(rows)))
    assert status_of(verdict) == status


def test_what_comes_from_elsewhere_is_text(tmp_path: Path) -> None:
    pages = written(tmp_path, replace(outcome(MARK, "failed"), observed=MARK, column=MARK))
    assert "<script" not in "".join(pages.values())
    assert pages["s.html"].count("&lt;script&gt;") == 3


class Page(HTMLParser):
    """Links and heads of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.heads: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [str(value) for name, value in attrs if name in {"href", "src"}]
        if re.fullmatch(r"h[1-6]", tag):
            self.heads.append(tag)


def test_a_section_keeps_its_words_and_loses_its_links() -> None:
    section = '<h5 class="m-0">Overview</h5><thead hidden><tr><th></th></tr></thead><a href="../x.html">raw</a> 18'
    assert readable(section) == '<h2 class="m-0">Overview</h2>raw 18'


@pytest.fixture(scope="module")
def docs(lake: Lake) -> Path:
    """The pages of real suites, one of which failed, and one looked at nothing."""
    known = suites()
    for name in ("spend_monthly", "segments"):
        validate(lake.settings, known[name], AS_OF, "run")
    freshness = known["freshness"]
    validate(lake.settings, replace(freshness, name="empty", batch=f"FROM ({freshness.batch}) LIMIT 0"), AS_OF, "run")
    with lake.spoilt("spend.monthly", "UPDATE t SET amount = NULL WHERE n < 3"):
        validate(lake.settings, replace(known["spend_monthly"], name="spoilt"), AS_OF, "run")
    return lake.settings.home / "data_docs"


def test_an_empty_batch_and_a_failed_one_are_told_apart(docs: Path) -> None:
    told = {path.stem: json.loads(path.read_text(encoding="utf-8"))["status"] for path in docs.glob("*.json")}
    assert told == {"spend_monthly": "passed", "segments": "passed", "empty": NOTHING, "spoilt": "failed"}


def test_no_link_is_dead(docs: Path) -> None:
    for path in docs.glob("*.html"):
        page = Page(path.read_text(encoding="utf-8"))
        assert page.links
        assert [link for link in page.links if not (docs / link).is_file()] == []
        assert page.heads[0] == "h1"


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.exists(), reason="no chromium at /usr/bin/chromium")
def test_everybody_can_read_them(docs: Path) -> None:
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright

    found = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for scheme, width in product(("light", "dark"), (390, 1280)):
            page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
            for path in sorted(docs.glob("*.html")):
                page.goto(path.as_uri())
                for details in page.locator("details").all():
                    details.evaluate("found => found.open = true")
                faults = [fault["id"] for fault in Axe().run(page).response["violations"]]
                wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
                if faults or wide:
                    found[scheme, width, path.name] = (faults, wide)
        browser.close()
    assert found == {}
