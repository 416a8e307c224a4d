"""Results of commands as JSON documents (`--json`): their keys stay, new ones may come (docs/operations.md)."""

from dataclasses import asdict
from datetime import date
from math import degrees
from typing import TYPE_CHECKING

from warehouse.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasks.operation.status import Status
    from tasks.operation.watching import StageReport
    from tasks.operation.windows import Window
    from tasks.publishing.backfill_tables import Rebuilt
    from tasks.publishing.explain import Explanation
    from tasks.publishing.summarize import Summary

Document = dict[str, object]


def run_document(settings: Settings, summary: "Summary", stages: "Sequence[StageReport]") -> Document:
    """Return what a run came to."""
    from tasks.operation.reported import report_page

    home = settings.home.resolve()
    return {
        "as_of": summary.as_of,
        "headline": summary.headline,
        "stages": [asdict(stage) for stage in stages],
        "home": str(home),
        "parquet": str(home / "latest"),
        "report": str(report_page(home, summary.as_of)),
    }


def status_document(status: "Status") -> Document:
    """Return where the warehouse stands, what is broken first."""
    from tasks.operation.status import ordered

    findings = [
        {
            "check": finding.check.name,
            "broken": finding.check.broken,
            "remedy": finding.remedy,
            "rows": [{"what": what, "details": details} for what, details in finding.rows],
        }
        for finding in ordered(status)
    ]
    return {
        "healthy": status.healthy,
        "headline": status.headline,
        "facts": list(status.facts),
        "findings": findings,
    }


def preview_document(windows: "Sequence[Window]") -> Document:
    """Return what a backfill would rebuild."""
    dates = [
        {
            "as_of": window.as_of,
            "transactions": window.transactions,
            "customers": window.customers,
            "published": window.published,
            "current": window.current,
            "moved": window.moved,
            "late_rows": window.late,
            "features_let_go": window.gone,
            "features_stay": window.kept,
            "skipped": window.skipped or None,
            "last_backfill": window.last_status or None,
        }
        for window in windows
    ]
    return {"for_real": False, "dates": dates}


def rebuilt_document(rebuilt: "Sequence[Rebuilt]") -> Document:
    """Return what became of each date of a backfill."""
    return {"for_real": True, "dates": [asdict(one) for one in rebuilt]}


def dismissed_document(as_of: date, said: str) -> Document:
    """Return which date was given up, and what its newest backfill had ended with."""
    return {"dismissed": as_of, "said": said}


def explanation_document(explanation: "Explanation") -> Document:
    """Return why a customer is in a segment; the customer is not named, as in the sentences."""
    from tasks.publishing.explain import sentences
    from tasks.publishing.words import in_words

    way_out, labels = explanation.counterfactual, explanation.labels
    moves = way_out.moves if way_out else ()
    figures = asdict(explanation)
    taken = ("counterfactual", "labels", "margin", "window_name")
    return {name: value for name, value in figures.items() if name not in taken} | {
        "window": explanation.window_name,
        "in_words": in_words(explanation.segment) if explanation.depth else None,
        "margin_degrees": None if explanation.margin is None else degrees(explanation.margin),
        "counterfactual": way_out
        and {
            "segment": way_out.segment,
            "moves": [
                {"label": labels[move.position], "current": move.current, "needed": move.needed} for move in moves
            ],
        },
        "sentences": sentences(explanation),
    }
