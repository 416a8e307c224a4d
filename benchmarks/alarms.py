"""Whether an alarm comes once while Prefect's SQLite is busy: `python -m benchmarks.alarms [--runs 12]`.

Runs fail one after the other while a thread beside `microseg up` commits small writes to Prefect's database meanwhile.
A transaction that has read before such a commit can't write after it: SQLite calls the database locked at once, however
long Prefect would wait. A receiver counts what it is told about each run.
"""

import sqlite3
import tempfile
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty
from threading import Event, Thread
from time import sleep

from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings

from flows.automations import apply_automations
from tests.flows.banks import new_bank
from tests.flows.served import Served, served
from warehouse.settings import Settings

RESULT = Path(__file__).with_name("results") / "alarms.md"
PAUSE_SECONDS, BETWEEN_SECONDS = 0.005, 2.0
PATIENCE_SECONDS = 20


def main() -> None:
    """Count the alarms of failing runs, sent by Prefect's own blocks and by ours."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=12, help="runs that fail, default 12")
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder, served(new_bank(Path(folder))) as up:
        counts = {once: _count(up, Path(folder) / "home", runs, once) for once in (False, True)}
    lines = [
        "# Alarms while Prefect's SQLite is busy",
        "",
        f"`python -m benchmarks.alarms --runs {runs}`: somebody else commits to the database every "
        f"{1000 * PAUSE_SECONDS:.0f} ms.",
        "",
        "| sent by | runs that failed | told of once | twice or more | not at all |",
        "|---|---:|---:|---:|---:|",
        *(_line(once, found) for once, found in counts.items()),
    ]
    RESULT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


def _line(once: bool, found: list[int]) -> str:
    told = [sum(count == 1 for count in found), sum(count > 1 for count in found), sum(count == 0 for count in found)]
    who = "our block" if once else "Prefect's blocks"
    return f"| {who} | {len(found)} | {' | '.join(map(str, told))} |"


def _count(up: Served, home: Path, runs: int, once: bool) -> list[int]:
    """Return how often the receiver is told of each of some failing runs."""
    settings = Settings(home=home, notify_webhook=up.receiver.address)
    with temporary_settings({PREFECT_API_URL: f"{up.address}/api", PREFECT_API_AUTH_STRING: up.password}):
        apply_automations(settings, once)
    sleep(10)  # the server reads its automations again
    ids = [up.start("backfill", {"type": "SCHEDULED", "state_details": {"scheduled_time": "2100-01-01T00:00:00Z"}},
                    start="2026-01-01", end="2026-01-31") for _ in range(runs)]  # fmt: skip
    for run in ids:
        with _busy(home / "prefect" / "prefect.db"):
            up.propose(run, "FAILED", force=True)
            sleep(BETWEEN_SECONDS)
    bodies = _heard(up)
    told = Counter(run for run in ids for body in bodies if run in body)
    return [told[run] for run in ids]


def _heard(up: Served) -> list[str]:
    """Return what the receiver is told until it is quiet for a while."""
    bodies = []
    while True:
        try:
            bodies.append(up.receiver.posted.get(timeout=PATIENCE_SECONDS)["body"])
        except Empty:
            return bodies


@contextmanager
def _busy(database: Path) -> Iterator[None]:
    """Commit to a table of our own again and again."""
    over = Event()

    def write() -> None:
        connection = sqlite3.connect(database, timeout=60, isolation_level=None)
        connection.execute("CREATE TABLE IF NOT EXISTS benchmark_writes (n INTEGER)")
        while not over.wait(PAUSE_SECONDS):
            connection.execute("INSERT INTO benchmark_writes VALUES (1)")
        connection.close()

    thread = Thread(target=write)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


if __name__ == "__main__":
    main()
