"""The table of results/peers.md and what has to be said beside it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.measure import Run, machine, ratio, table, typical
from benchmarks.peers.comparison import rows_held, verdict
from benchmarks.peers.contestants import Contestant, Job, interpreter

HEADER = (
    *("job", "customers", "tool", "seconds", "cpu s", "start s", "peak MiB"),
    *("wall, ours = 1", "cpu, ours = 1", "runs", "rows", "figures"),
)
NOTES = Path(__file__).with_name("notes.md")


def job_rows(customers: int, job: Job, runs: Mapping[str, list[Run]], peers: Path | None) -> list[list[str]]:
    """Return a line for ours and for each peer, also for those that did not take part."""
    ours = runs[job.ours.function]
    lines = [
        [job.title, f"{customers:,}", job.ours.label, *figures(ours), "1", "1", str(len(ours)), *outcome(ours, ours)]
    ]
    for peer in job.peers:
        theirs = runs.get(peer.function)
        lines.append(
            [job.title, f"{customers:,}", *(_measured(peer, theirs, ours) if theirs else _absent(peer, theirs, peers))]
        )
    return lines


def _measured(peer: Contestant, theirs: list[Run], ours: list[Run]) -> list[str]:
    wall = ratio(theirs, ours, lambda run: run.seconds)
    cpu = ratio(theirs, ours, lambda run: run.cpu)
    label = f"{peer.label} ({typical(theirs).facts['version']})"
    return [label, *figures(theirs), f"{wall:.2f}", f"{cpu:.2f}", str(len(theirs)), *outcome(theirs, ours)]


def _absent(peer: Contestant, theirs: list[Run] | None, peers: Path | None) -> list[str]:
    if theirs is not None:
        why = "**failed**: what it said is on the screen"
    elif interpreter(peer, peers):
        why = "left out: holds all bookings in memory"
    else:
        why = "left out: no environment given"
    return [peer.label, *[""] * (len(HEADER) - 4), why]


def figures(runs: Sequence[Run]) -> list[str]:
    run = typical(runs)
    return [f"{run.seconds:.2f}", f"{run.cpu:.2f}", f"{run.facts['start']:.1f}", f"{run.peak_mib:,.0f}"]


def outcome(runs: Sequence[Run], ours: Sequence[Run]) -> list[str]:
    """Return rows, and whether the figures are ours; of features, which are not the same, customers and dimensions."""
    facts, mine = runs[-1].facts, ours[-1].facts
    if "sums" in facts:
        return [f"{rows_held(facts['sums']):,}", "" if runs is ours else verdict(mine["sums"], facts["sums"])]
    made = facts["result"]
    return [f"{made['customers']:,}", f"{made['dimensions']} dimensions a customer"]


def page(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of results/peers.md."""
    return ["# Peers", "", *table(HEADER, rows), "", *NOTES.read_text(encoding="utf-8").splitlines(), "", machine()]
