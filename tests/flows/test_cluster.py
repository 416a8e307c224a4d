"""Nights whose units are done by the workers of a Dask cluster: the same tables, whatever happens to a worker."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from threading import Event, Thread
from typing import Any, NamedTuple

import psutil
import pytest

from flows.cli import main
from flows.nightly import nightly
from tests.flows.banks import Bank, copy_bank
from tests.support.object_store import client_of, object_store, settings_of
from tests.support.reads import reads_noted
from warehouse.engines import close_idle

pytestmark = [pytest.mark.flow, pytest.mark.timeout(600)]
OCTOBER, NOVEMBER, DECEMBER = date(2025, 10, 31), date(2025, 11, 30), date(2025, 12, 1)
LAYERS = ("raw", "spend", "features", "traces", "segments")


@pytest.fixture
def on_cluster(bank: Bank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bank:
    """A home of its own for the same source, whose nights workers help with."""
    own = Bank(tmp_path / "cluster", bank.origin)
    own.enter(monkeypatch)
    monkeypatch.setenv("MICROSEG_TASK_RUNNER", "dask")
    return own


class State(NamedTuple):
    """What a warehouse holds after a night, and in how many commits it came to that."""

    tables: dict[str, object]
    commits: Any


def state(bank: Bank) -> State:
    [(commits,)] = bank.rows("SELECT count(*) FROM lake.snapshots()")
    return State(bank.checksums(LAYERS), commits)


@pytest.fixture(scope="module")
def in_one_process(template: Bank, tmp_path_factory: pytest.TempPathFactory) -> dict[date, State]:
    """What three nights of one process give, after each; the first is the bank's that every test copies."""
    alone = copy_bank(template, tmp_path_factory.mktemp("alone"))
    with pytest.MonkeyPatch.context() as patch:
        alone.enter(patch)
        states = {OCTOBER: state(alone)}
        for day in (NOVEMBER, DECEMBER):
            nightly(day)
            states[day] = state(alone)
        close_idle()
    return states


@contextmanager
def killing_workers() -> Iterator[list[int]]:
    """Kill a worker half a second after it has begun, and once more one a second later; yield who was killed."""
    over, killed = Event(), list[int]()

    def kill() -> None:
        while not over.wait(0.2) and len(killed) < 2:
            children = psutil.Process().children(recursive=True)
            if workers := [child for child in children if _is_worker(child)]:
                over.wait(0.5)
                killed.append(workers[0].pid)
                os.kill(workers[0].pid, signal.SIGKILL)
                over.wait(1)

    thread = Thread(target=kill)
    thread.start()
    try:
        yield killed
    finally:
        over.set()
        thread.join()


def _is_worker(process: psutil.Process) -> bool:
    """One that has told the scheduler of itself: it then has this name, and units."""
    try:
        return bool(process.cmdline()[0].startswith("dask worker"))
    except (psutil.Error, IndexError):
        return False


@pytest.mark.postgres
def test_nights_of_one_two_and_four_workers_with_a_shared_catalog_and_an_object_store(
    on_cluster: Bank,
    in_one_process: dict[date, State],
    postgres_dsn: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each gives the tables of one process, in as many commits, but for one.

    That writes to files, once, what the catalog held of the reference set: units read files.
    """
    with object_store() as address:
        client_of(address).create_bucket(Bucket="bank")
        places = {"catalog": f"postgres:{postgres_dsn}", "data_path": "s3://bank/lake/"} | settings_of(address)
        for name, value in places.items():
            monkeypatch.setenv(f"MICROSEG_{name.upper()}", str(value))
        for workers, (day, expected) in zip((1, 2, 4), in_one_process.items(), strict=True):
            monkeypatch.setenv("MICROSEG_DASK_WORKERS", str(workers))
            nightly(day)
            assert state(on_cluster) == expected._replace(commits=expected.commits + 1)
        listed = client_of(address).list_objects_v2(Bucket="bank", Prefix="lake/scratch")
        assert "Contents" not in listed
        close_idle()
        assert main(["verify"]) == 0


def test_nights_of_both_kinds_follow_each_other_and_workers_may_be_killed(
    bank: Bank, in_one_process: dict[date, State], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A home that one process has filled: a cluster makes its next night, one process the one after that."""
    monkeypatch.setenv("MICROSEG_TASK_RUNNER", "dask")
    with killing_workers() as killed:
        nightly(NOVEMBER)
    assert killed
    monkeypatch.setenv("MICROSEG_TASK_RUNNER", "threads")
    nightly(DECEMBER)
    mixed = bank.checksums(LAYERS)
    assert mixed == in_one_process[DECEMBER].tables
    close_idle()
    assert main(["maintain"]) == 0
    assert not [path for path in bank.leftovers() if path.suffix == ".parquet"]
    assert bank.checksums(LAYERS) == mixed


VERDICTS = """
SELECT suite, expectation, column_name, severity, outcome, observed, unexpected_count
FROM ops.validations
WHERE as_of = DATE '2025-10-31'
ORDER BY ALL
"""


@pytest.mark.usefixtures("real_pages")
def test_raw_rows_do_not_pass_through_the_process_of_the_flow(
    bank: Bank, on_cluster: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A first night, which loads, sums and judges all months, and one after it, which finds them as they were."""
    monkeypatch.setenv("MICROSEG_DASK_WORKERS", "1")
    with reads_noted(monkeypatch) as reads:
        nightly(OCTOBER)
        nightly(NOVEMBER)
    read = reads.by_stage("/raw/transactions/")
    written = on_cluster.root / "home" / "data" / "raw" / "transactions"
    footers = on_cluster.value(f"SELECT sum(footer_size + 8) FROM parquet_file_metadata('{written}/**/*.parquet')")
    assert read == {"ingest": footers}  # the lake takes the counts of a new file from there
    with reads_noted(monkeypatch) as reads:
        total = on_cluster.value("SELECT sum(amount) FROM raw.transactions")
    assert total
    assert reads.by_stage("/raw/transactions/")["outside of all stages"] > 0
    verdicts = on_cluster.rows(VERDICTS)
    assert len({suite for suite, *_ in verdicts}) == 8
    for name in [name for name in os.environ if name.startswith("MICROSEG_")]:
        monkeypatch.delenv(name)
    bank.enter(monkeypatch)
    assert bank.rows(VERDICTS) == verdicts
