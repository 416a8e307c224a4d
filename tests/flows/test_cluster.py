"""Nights whose units are done by the workers of a Dask cluster: the same tables, whatever happens to a worker."""

from datetime import date
from pathlib import Path

import pytest

from flows.nightly import nightly
from tests.flows.banks import Bank

pytestmark = [pytest.mark.flow, pytest.mark.timeout(600)]
OCTOBER, NOVEMBER = date(2025, 10, 31), date(2025, 11, 30)
LAYERS = ("raw", "spend", "features", "traces", "segments")


@pytest.mark.parametrize("workers", [1, 2])
def test_a_night_on_a_cluster_gives_the_tables_of_one_process(
    bank: Bank, tmp_path: Path, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Bank(tmp_path / "first", bank.origin)
    first.enter(monkeypatch)
    monkeypatch.setenv("MICROSEG_TASK_RUNNER", "dask")
    monkeypatch.setenv("MICROSEG_DASK_WORKERS", str(workers))
    nightly(OCTOBER)
    on_cluster = first.checksums(LAYERS)
    monkeypatch.setenv("MICROSEG_TASK_RUNNER", "threads")
    bank.enter(monkeypatch)
    assert on_cluster == bank.checksums(LAYERS)
