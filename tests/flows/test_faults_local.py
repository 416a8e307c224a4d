"""Faults of the machine below a night: a full disk, a clock that is put back, a process that is killed or stopped."""

import json
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from tasks.operation.journal import Journal
from tasks.operation.liveness import killed
from tasks.operation.status import read_status
from tasks.operation.validate import spending_gates
from tests.support.checksums import table_checksums
from tests.tasks.builders import TODAY, Bank, row, write_csv, write_reference
from warehouse.connection import connect, in_transaction
from warehouse.errors import SpaceError, UnforeseenError
from warehouse.reference.tables import apply_reference
from warehouse.settings import Settings

pytestmark = pytest.mark.warehouse
ROOT = Path(__file__).parents[2]
NAMESPACE = ["unshare", "--user", "--map-root-user", "--mount"]
MIB = 1024**2


@pytest.fixture
def bank(lake: Settings, tmp_path: Path) -> Bank:
    reference = write_reference(tmp_path / "reference")
    with connect(lake) as connection:
        in_transaction(connection, lambda: apply_reference(connection, reference))
    return Bank(lake, reference)


def rows(first: int, last: int) -> list[dict[str, object]]:
    return [row(n, booked_at=f"2024-0{1 + n % 6}-15", customer_id=f"c{n % 500}") for n in range(first, last)]


def checksums(bank: Bank) -> dict[str, tuple[int, int]]:
    with connect(bank.settings, read_only=True) as connection:
        return table_checksums(connection)


def test_a_full_disk_is_one_clear_line_and_leaves_the_tables_alone(bank: Bank, tmp_path: Path) -> None:
    write_csv(tmp_path / "sources" / "a.csv", rows(0, 100))
    bank.ingest(tmp_path / "sources" / "*.csv")
    bank.aggregate()
    write_csv(tmp_path / "sources" / "b.csv", rows(100, 12_000))
    # With 4 KiB left the catalog cannot even be opened; with 150 it can, but no table can grow.
    told = on_a_small_disk(tmp_path, "4", "150")
    assert len(told["said"]) == 2
    for said in told["said"]:
        assert said.startswith(f"SpaceError: {tmp_path}/disk/home")
        assert "no space is left (0 MiB free). Free space there and run again" in said
        assert "\n" not in said
    assert told["after"] == told["before"]
    assert told["healed"] == ""
    bank.ingest(tmp_path / "sources" / "*.csv")
    bank.aggregate()
    assert {name: tuple(found) for name, found in told["end"].items()} == checksums(bank)
    assert [status.split()[0] for status in told["journal"]] == ["failed", "succeeded"]


def on_a_small_disk(folder: Path, *rooms: str) -> dict[str, Any]:
    (folder / "disk").mkdir()
    probe = [*NAMESPACE, "mount", "-t", "tmpfs", "tmpfs", str(folder / "disk")]
    if not shutil.which("unshare") or subprocess.run(probe, capture_output=True, check=False).returncode:
        pytest.skip("no right to mount a small file system in a namespace of its own")
    command = [*NAMESPACE, sys.executable, "-m", "tests.flows.cramped", str(folder), *rooms]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """Python ignores the signal of a file that grows beyond the limit; the write fails as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_limit_on_files_is_told_and_rolled_back(bank: Bank) -> None:
    wide = "INSERT INTO raw.stale_months SELECT DATE '2024-01-01', md5(range::VARCHAR) FROM range(400_000)"
    before = checksums(bank)

    def insert() -> None:
        with connect(bank.settings) as connection:
            in_transaction(connection, lambda: connection.execute(wide))

    with (
        files_no_larger_than(4 * MIB),
        pytest.raises(SpaceError, match="cannot be written to: a size limit forbids it"),
    ):
        insert()
    assert checksums(bank) == before
    insert()


def test_a_run_that_cannot_record_its_end_keeps_its_reason(lake: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(lake, "nightly", TODAY)

    def fail() -> None:
        with journal:
            monkeypatch.setattr("tasks.operation.journal.connect", no_room)
            raise ZeroDivisionError

    with pytest.raises(UnforeseenError, match="ZeroDivisionError"):
        fail()
    monkeypatch.undo()
    assert killed(lake, [journal.run_id]) == [journal.run_id]


def no_room(_settings: Settings, **_options: bool) -> None:
    raise SpaceError("full")


def die(settings: Settings) -> None:
    with Journal(settings, "nightly", TODAY):
        signal.raise_signal(signal.SIGKILL)


def test_a_killed_run_is_known_at_once_and_closed_by_the_next(lake: Settings) -> None:
    child = get_context("forkserver").Process(target=die, args=(lake,))
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    assert "killed" in read_status(lake).findings[0].rows[0][1]
    with Journal(lake, "backfill", TODAY) as journal:
        status = read_status(lake)
        assert [finding.rows[0][0] for finding in status.findings] == [f"nightly of {TODAY}"]
        assert "running now: backfill" in status.facts
    assert killed(lake, [journal.run_id]) == []
    with connect(lake, read_only=True) as connection:
        found = connection.execute("SELECT flow, status, left(message, 7) FROM ops.runs ORDER BY rowid").fetchall()
    assert found == [("nightly", "failed", "killed:"), ("backfill", "succeeded", "")]
    assert list((lake.home / "running").iterdir()) == []


class Earlier(datetime):
    """A clock that was put back by an hour and a half."""

    @classmethod
    def now(cls, tz: Any = None) -> "Earlier":
        return super().now(tz) - timedelta(hours=1.5)


def test_a_clock_put_back_breaks_nothing(bank: Bank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_csv(tmp_path / "sources" / "a.csv", rows(0, 60))

    def night(failing: bool) -> None:
        with Journal(bank.settings, "nightly", TODAY):
            bank.ingest(tmp_path / "sources" / "*.csv")
            bank.aggregate()
            1 // (not failing)

    with pytest.raises(UnforeseenError, match="ZeroDivisionError"):
        night(failing=True)
    before = checksums(bank)
    for module in ("operation.journal", "intake.staged", "intake.replay", "operation.status"):
        monkeypatch.setattr(f"tasks.{module}.datetime", Earlier)
    night(failing=False)
    assert checksums(bank) == before
    # The newest run is the one that was entered last, whatever the clock said: nothing is broken any more.
    assert read_status(bank.settings).healthy
    assert bank.query("SELECT count(*) FROM ops.runs WHERE started_at > $$" + datetime.now(UTC).isoformat() + "$$")


def test_a_load_after_the_clock_was_put_back_is_checked(bank: Bank, tmp_path: Path) -> None:
    passed = "('raw_transactions', '2024-02', 'v', 'run', now() + INTERVAL 1 HOUR)"
    with connect(bank.settings) as connection:
        connection.execute(f"INSERT INTO ops.gates VALUES {passed}")
    write_csv(tmp_path / "a.csv", [row(1, booked_at="2024-03-05")])
    bank.ingest(tmp_path / "a.csv")
    bank.aggregate()
    raw, *_ = spending_gates(bank.settings, bank.reference, TODAY, TODAY)
    assert "2024-03" in raw.subjects
