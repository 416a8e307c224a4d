"""Data Docs: Great Expectations' own report of each suite, and an index of all, as plain files.

The pages are self-contained. Great Expectations' page shell loads scripts from seven other hosts, which a closed
network can't reach and a bank should not call; so its sections are kept and the shell is ours.
"""

import json
import logging
import re
from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from expectations.verdict import Outcome, Verdict
from warehouse.files import write_text

_log = logging.getLogger(__name__)
NOTHING = "nothing checked"
# What needs a look comes first.
_RANK = {"failed": 0, "warning": 1, NOTHING: 2, "passed": 3}
_INDEX = ("verdict", "suite", "table", "failed", "could not be evaluated", "passed", "as of", "run")
_SUITE = ("outcome", "rule", "column", "severity", "observed", "failing rows")
# Of Great Expectations' sections: links to pages that it would have written, empty heads, headings out of turn.
_LINKS = re.compile(r"</?a\b[^>]*>")
_EMPTY_HEADS = re.compile(r"<thead hidden>.*?</thead>", re.DOTALL)
_HEADINGS = re.compile(r"<(/?)h[1-6]\b")
_MORE = "Show more info..."


def write_docs(folder: Path, verdict: Verdict, results: Any, as_of: date, run_id: str) -> Path:
    """Write the page of one suite, in place of its last one, and the index of all suites.

    Args:
        folder: Folder of the Data Docs; made when absent.
        verdict: Of one suite.
        results: Great Expectations' results; None when the batch could not be opened.
        as_of: Business date of the run.
        run_id: The run.

    Returns:
        The index.
    """
    folder.mkdir(parents=True, exist_ok=True)
    facts = {
        "suite": verdict.suite,
        "table": verdict.table,
        "as_of": as_of.isoformat(),
        "run_id": run_id,
        "status": status_of(verdict),
        "passed": verdict.count("passed"),
        "failed": verdict.count("failed"),
        "error": verdict.count("error"),
    }
    write_text(folder / f"{verdict.suite}.html", _suite_page(verdict, facts, results))
    write_text(folder / f"{verdict.suite}.json", json.dumps(facts))
    index = folder / "index.html"
    write_text(index, _index_page(folder))
    return index


def status_of(verdict: Verdict) -> str:
    """Return the verdict in a word or two: rules that held for no row at all are no pass."""
    if not verdict.passed:
        return "failed"
    if verdict.warnings:
        return "warning"
    return NOTHING if verdict.looked_at_nothing else "passed"


def _suite_page(verdict: Verdict, facts: dict[str, Any], results: Any) -> str:
    ordered = sorted(verdict.outcomes, key=lambda outcome: (outcome.outcome == "passed", not outcome.stops))
    return _render(
        "suite",
        title=verdict.table,
        facts=facts,
        conclusion=_conclusion(verdict),
        outcomes=ordered,
        columns=_SUITE,
        style=_style,
        details=Markup("") if results is None else _details(results),
    )


def _style(outcome: Outcome) -> str:
    return "warning" if outcome.outcome == "failed" and not outcome.stops else outcome.outcome


def _conclusion(verdict: Verdict) -> str:
    total, stopping = len(verdict.outcomes), [outcome for outcome in verdict.outcomes if outcome.stops]
    if stopping:
        return f"Failed: {len(stopping)} of {total} rules stopped the run, nothing was published from these rows."
    if verdict.warnings:
        return f"Warning: {len(verdict.warnings)} of {total} rules failed, the run went on."
    if verdict.looked_at_nothing:
        return "Nothing checked: there was no row to look at."
    return f"Passed: all {total} rules hold."


def _details(results: Any) -> Markup:
    """Return Great Expectations' own sections; where its renderer fails, our table above them has to do."""
    try:
        return readable(_rendered(results))
    except Exception as error:  # noqa: BLE001 - its renderer is not ours, and a page is no reason to end a night
        _log.warning("Great Expectations could not draw the details of a suite (%s)", type(error).__name__)
        return Markup("<p>The details could not be drawn. The table above is complete.</p>")


def readable(section: str) -> Markup:
    """Return a section without what needs Great Expectations' other pages and scripts.

    >>> readable('<h5>Overview</h5><a href="../../expectations/x.html">x</a>')
    Markup('<h2>Overview</h2>x')
    """
    text = _HEADINGS.sub(r"<\1h2", _EMPTY_HEADS.sub("", _LINKS.sub("", section))).replace(_MORE, "")
    return Markup(text)  # noqa: S704 - Great Expectations has escaped what is not its own


def _rendered(results: Any) -> str:
    from great_expectations.render.renderer import ValidationResultsPageRenderer

    page = ValidationResultsPageRenderer().render(results).to_json_dict()
    view = _view()
    return "".join(
        view.render({"section": section, "section_loop": {"index": place}})
        for place, section in enumerate(page["sections"], start=1)
    )


@cache
def _view() -> Any:
    """Return Great Expectations' view of a section, which compiles its templates once; kept, since each one does."""
    from great_expectations.render.view.view import DefaultJinjaSectionView

    return DefaultJinjaSectionView()


def _index_page(folder: Path) -> str:
    pages = [path for path in folder.glob("*.json") if path.with_suffix(".html").exists()]
    suites = [json.loads(path.read_text(encoding="utf-8")) for path in pages]
    suites.sort(key=lambda facts: (_RANK.get(facts["status"], 0), facts["suite"]))
    return _render("index", title="All suites", suites=suites, columns=_INDEX, conclusion=_overall(suites))


def _overall(suites: Sequence[dict[str, Any]]) -> str:
    """Return all verdicts in one sentence."""
    counts = {status: sum(facts["status"] == status for facts in suites) for status in _RANK}
    parts = [f"{count} {status}" for status, count in counts.items() if count]
    return f"{len(suites)} suites: {', '.join(parts)}."


def _render(name: str, **values: Any) -> str:
    return _environment().get_template(f"{name}.html.j2").render(**values)


@cache
def _environment() -> Environment:
    folder = Path(__file__).parent / "pages"
    return Environment(loader=FileSystemLoader(folder), autoescape=True, trim_blocks=True, lstrip_blocks=True)
