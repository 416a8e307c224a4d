"""Data Docs: Great Expectations' own report of each suite, and an index of all, as plain files.

The pages are self-contained. Great Expectations' page shell loads scripts from seven other hosts, which a closed
network can't reach and a bank should not call; so its sections are kept and the shell is ours.
"""

import json
import logging
from datetime import date
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from expectations.verdict import Outcome, Verdict
from warehouse.files import write_text

_log = logging.getLogger(__name__)
_SHELL = Template("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>$title</title><style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem; color: #222 }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1.5rem }
th, td { border-bottom: 1px solid #ddd; padding: .35rem .6rem; text-align: left; vertical-align: top }
td { overflow-wrap: anywhere } pre { white-space: pre-wrap }
.passed, .fa-check-circle { color: #1a7f37 } .failed, .error, .fa-times { color: #cf222e }
.warning, .fa-exclamation-triangle { color: #9a6700 }
.fa-check-circle::before { content: "\\2714" } .fa-times::before { content: "\\2718" }
.fa-exclamation-triangle::before { content: "\\26A0" }
[data-toggle=collapse] { display: none }
</style></head><body>
$body
</body></html>
""")


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
        "status": _status(verdict),
        "passed": verdict.count("passed"),
        "failed": verdict.count("failed"),
        "error": verdict.count("error"),
    }
    details = "" if results is None else _details(results)
    write_text(folder / f"{verdict.suite}.html", _shell(verdict.table, _suite_page(verdict, facts) + details))
    write_text(folder / f"{verdict.suite}.json", json.dumps(facts))
    index = folder / "index.html"
    write_text(index, _shell("Data Docs", _index(folder)))
    return index


def _status(verdict: Verdict) -> str:
    if not verdict.passed:
        return "failed"
    return "warning" if verdict.warnings else "passed"


def _suite_page(verdict: Verdict, facts: dict[str, Any]) -> str:
    head = f"Suite {facts['suite']}, as of {facts['as_of']}, run {facts['run_id']}"
    rows = "".join(_outcome_row(outcome) for outcome in verdict.outcomes)
    names = ("outcome", "expectation", "column", "severity", "observed", "failing rows")
    columns = "".join(f"<th>{name}</th>" for name in names)
    back = '<p><a href="index.html">All suites</a></p>'
    title = f"<h1>{escape(verdict.table)}</h1><p>{escape(head)}</p>"
    return f"{back}{title}<table><tr>{columns}</tr>{rows}</table>"


def _outcome_row(outcome: Outcome) -> str:
    style = "warning" if outcome.outcome == "failed" and not outcome.stops else outcome.outcome
    count = "" if outcome.unexpected_count is None else f"{outcome.unexpected_count:,}"
    cells = [outcome.expectation, outcome.column or "", outcome.severity, outcome.observed, count]
    first = f'<td class="{style}">{outcome.outcome}</td>'
    return f"<tr>{first}{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"


def _details(results: Any) -> str:
    """Return Great Expectations' own sections; where its renderer fails, our table above them has to do."""
    try:
        return _rendered(results)
    except Exception as error:  # noqa: BLE001 - its renderer is not ours, and a page is no reason to end a night
        _log.warning("Great Expectations could not draw the details of a suite (%s)", type(error).__name__)
        return "<p>The details could not be drawn. The table above is complete.</p>"


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


def _index(folder: Path) -> str:
    suites = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]
    rows = "".join(
        f'<tr><td class="{facts["status"]}">{facts["status"]}</td>'
        f'<td><a href="{facts["suite"]}.html">{facts["suite"]}</a></td>'
        + "".join(
            f"<td>{escape(str(facts[name]))}</td>" for name in ("table", "passed", "failed", "error", "as_of", "run_id")
        )
        + "</tr>"
        for facts in suites
    )
    names = ("status", "suite", "table", "passed", "failed", "could not be evaluated", "as of", "run")
    columns = "".join(f"<th>{name}</th>" for name in names)
    return f"<h1>Data Docs</h1><p>Last verdict of each suite.</p><table><tr>{columns}</tr>{rows}</table>"


def _shell(title: str, body: str) -> str:
    return _SHELL.substitute(title=escape(title), body=body)
