"""Checks: what `microseg status` asks, what is broken where it finds something, and what to do, filled in."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from tasks.operation import reference_choice

# What makes a run of a flow again, by the flow; others are run from the Prefect UI.
_AGAIN = {
    "nightly": "microseg run --as-of {}",
    "retrain": "microseg retrain --as-of {}",
    "rollback": "microseg rollback",
    "maintain": "microseg maintain",
}
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class Check(NamedTuple):
    """One question to the warehouse; its query returns what is wrong, and nothing when all is well.

    Attributes:
        name: Of the query, and in words its title.
        broken: Whether something is broken where it finds something; else it is a notice.
        remedy: What to do. FIRST, LAST, VERSION and AGAIN stand for the dates, the model and the commands of what was
            found.
    """

    name: str
    broken: bool
    remedy: str

    @property
    def title(self) -> str:
        """The name in words."""
        return self.name.replace("_", " ")

    def filled(self, subjects: Sequence[str]) -> str:
        """Return what to do with these things in place of the words that stand for them.

        Args:
            subjects: What was found, each beginning with its date, model, or flow and date.

        >>> Check("x", True, "microseg backfill FIRST LAST").filled(["2026-03-09", "2026-03-07"])
        'microseg backfill 2026-03-07 2026-03-09'
        """
        dates = sorted({date for subject in subjects for date in _DATE.findall(subject)})
        words = {"VERSION": subjects[0].split(" ")[0], "AGAIN": _again(subjects)}
        words |= {"FIRST": dates[0], "LAST": dates[-1]} if dates else {}
        return re.sub(r"\b[A-Z]{4,}\b", lambda match: words.get(match[0], match[0]), self.remedy)


def _again(subjects: Sequence[str]) -> str:
    commands = []
    for subject in subjects:
        flow, _, as_of = subject.partition(" of ")
        at_hand = _AGAIN.get(flow)
        commands.append(at_hand.format(as_of) if at_hand else f"run {flow} again in the Prefect UI")
    return "; ".join(dict.fromkeys(commands))


CHECKS = (
    Check("failed_runs", True, "read its log and summary in the Prefect UI, fix the cause, then: AGAIN"),
    Check("missing_nights", True, "microseg backfill FIRST LAST --every day --for-real"),
    Check("stale_months", True, "the next nightly run adds them up; to do it now: microseg run"),
    Check(
        "held_loads", True, "correct the source or source.toml, or raise MICROSEG_MAX_REJECT_RATE; then: microseg run"
    ),
    Check("failed_gates", True, "open data_docs/index.html; nothing was published from these rows"),
    Check(
        "refused_candidates",
        True,
        "readers keep the last good release; fix what the gate names, then: microseg backfill FIRST LAST --every day "
        "--for-real",
    ),
    Check(
        "silent_feeds", True, "have it delivered, then: microseg run; or remove it from MICROSEG_SOURCE if it has ended"
    ),
    Check(
        "failed_windows",
        True,
        "microseg backfill FIRST LAST --every day --which failed --for-real, or, one that can never succeed: "
        "microseg backfill --dismiss FIRST",
    ),
    Check("critical_drift", True, "check the sources first, then: microseg retrain"),
    Check("cancelled_runs", False, "nothing is half-written; to do it after all: AGAIN"),
    Check(
        "cancelled_windows",
        False,
        "microseg backfill FIRST LAST --every day --which failed --for-real, or, one that is not wanted any more: "
        "microseg backfill --dismiss FIRST",
    ),
    Check(
        "quiet_feeds", False, "ask whoever delivers it; after more than MICROSEG_MAX_SILENCE_DAYS nothing is published"
    ),
    Check("overdue_maintenance", False, "microseg maintain; is the deployment `maintain` still scheduled?"),
    Check("drift_warnings", False, "nothing to do for now; the weekly retraining follows slow changes"),
    Check(
        "waiting_rejects",
        False,
        "microseg rejects --out rejects.csv, correct the file, then: microseg replay rejects.csv",
    ),
    Check(
        "waiting_challenger",
        False,
        "read the retraining report, then: microseg promote VERSION, or: microseg dismiss VERSION",
    ),
)
# Asked of the files beside the warehouse; while a run works on them they may be between two releases.
EXPORTS_CHECK = Check(
    "stale_exports", True, "microseg backfill FIRST LAST --every day --stages republish --for-real; or: microseg run"
)
REPORTS_CHECK = Check("stale_reports", False, "microseg report --as-of FIRST --no-open; or: microseg run")
# Asked of the data files first: no other question can be answered from what is not there.
DAMAGE_CHECK = Check(
    "damaged_files", True, "microseg verify says what restores each; until then nothing else is looked at here"
)
# Of the same files, and of those of the tables.
STARTS_CHECK = Check("killed_starts", True, "nothing was changed; run it again")
LEFTOVERS_CHECK = Check("leftovers", False, "nothing to do; the next run removes them")
# Asked of the set on disk beside the warehouse.
REFERENCE_CHECKS = (
    Check(reference_choice.BROKEN, True, "correct these lines, or the next nightly run cannot read its sources"),
    Check(
        reference_choice.OTHER,
        True,
        "microseg retrain moves the warehouse to it; or point MICROSEG_HOME at another folder",
    ),
    Check(reference_choice.WAITING, False, "microseg reference shows what differs; microseg retrain moves to it"),
)
