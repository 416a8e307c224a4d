"""The workers of a cluster as a crew: units that kill them, fail, or run twice; one cluster for all tests."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Thread
from time import sleep
from typing import Any

import pytest

from flows.runner import dask_runner
from tasks.stages.crew import dask_crew, own_version
from tasks.units.unit import Crew, Facts, Unit
from tests.support.crews import count_rows, die, linger, quote_a_customer
from warehouse.errors import MicrosegError, UnforeseenError
from warehouse.settings import Settings

pytestmark = pytest.mark.flow


before_cluster: dict[str, str] = {}


def silent(*_: object) -> None:
    """Report nothing."""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    home = tmp_path_factory.mktemp("cluster") / "home"
    home.mkdir()
    before_cluster.update(os.environ)
    runner: Any = dask_runner(Settings(home=home, dask_workers=2))
    with runner:
        yield runner.client


def test_a_cluster_leaves_the_environment_of_this_process_alone(client: Any) -> None:
    """But for two names that nobody else reads: training would be done by one thread."""
    assert set(client.run(lambda: os.environ["OMP_NUM_THREADS"]).values()) == {"1"}
    changed = {name for name, value in os.environ.items() if before_cluster.get(name) != value}
    assert changed - {"PYTEST_CURRENT_TEST"} <= {"PYTHONHASHSEED", "__DASK_PARENT_PID"}


@pytest.fixture
def crew(client: Any) -> Crew:
    return dask_crew(lambda: client, seconds=120)


def test_each_unit_is_answered_whatever_the_order(crew: Crew) -> None:
    units = [Unit(count_rows, (number,), (), ()) for number in range(20)]
    told: list[tuple[int, int]] = []
    answers = crew(units, lambda done, total, *_: told.append((done, total)))
    assert answers == {unit: Facts((), unit.arguments[0]) for unit in units}
    assert told == [(done, 20) for done in range(1, 21)]


def test_a_unit_whose_worker_was_killed_is_done_again_and_no_other(crew: Crew, tmp_path: Path) -> None:
    marks = [tmp_path / str(number) for number in range(4)]
    units = [Unit(die, (str(mark), int(number == 1)), (), ()) for number, mark in enumerate(marks)]
    assert [facts.figures for facts in crew(units, silent).values()] == ["done"] * 4
    assert [mark.stat().st_size for mark in marks] == [1, 2, 1, 1]


def test_a_unit_that_kills_every_worker_ends_in_one_line_and_the_cluster_goes_on(crew: Crew, tmp_path: Path) -> None:
    deadly = Unit(die, (str(tmp_path / "mark"), 100), (), ())
    with pytest.raises(MicrosegError, match=r"Dask workers died of die.*run it again") as told:
        crew([deadly], silent)
    assert "\n" not in str(told.value)
    unit = Unit(count_rows, (3,), (), ())
    assert crew([unit], silent)[unit].figures == 3


def test_an_error_of_a_worker_tells_no_values(crew: Crew, client: Any) -> None:
    with pytest.raises(UnforeseenError, match="ValueError") as told:
        crew([Unit(quote_a_customer, (), (), ())], silent)
    assert "anna" not in repr(told.value)
    logs = client.get_worker_logs()
    assert logs
    assert "anna" not in str(logs)


def test_workers_of_another_version_do_nothing(crew: Crew, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(client.run(own_version).values()) == {own_version()}
    monkeypatch.setattr(client, "run", lambda _: {"one": own_version(), "other": ("0.1", own_version()[1])})
    with pytest.raises(MicrosegError, match="another version of microseg or DuckDB"):
        crew([Unit(count_rows, (1,), (), ())], silent)


@contextmanager
def started(program: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process of Dask's own, as an operator starts it."""
    command = [sys.executable, "-m", f"distributed.cli.{program}", *arguments, "--no-dashboard"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_a_scheduler_that_is_killed_ends_the_run_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    address, mark = f"tcp://127.0.0.1:{port}", tmp_path / "begun"
    place = ("--host", "127.0.0.1")
    with (
        started("dask_scheduler", *place, "--port", str(port)) as scheduler,
        started("dask_worker", address, *place, "--nthreads", "1", "--no-nanny", "--local-directory", str(tmp_path)),
        ExitStack() as stack,
    ):
        runner: Any = stack.enter_context(dask_runner(Settings(dask_address=address)))
        crew = dask_crew(lambda: runner.client, seconds=120)
        one = Unit(count_rows, (4,), (), ())
        assert crew([one], silent)[one].figures == 4

        def kill() -> None:
            while not mark.exists():
                sleep(0.05)
            scheduler.kill()

        killer = Thread(target=kill)
        killer.start()
        with pytest.raises(MicrosegError, match=r"or the scheduler did.*nothing was changed.*run it again"):
            crew([Unit(linger, (str(mark), 30.0), (), ())], silent)
        killer.join()


def test_a_scheduler_that_is_not_there_is_one_line() -> None:
    import dask

    with dask.config.set({"distributed.comm.timeouts.connect": "2s"}), ExitStack() as stack:
        runner: Any = stack.enter_context(dask_runner(Settings(dask_address="tcp://127.0.0.1:9")))
        with pytest.raises(MicrosegError, match=r"no Dask worker to be had.*MICROSEG_DASK_ADDRESS"):
            dask_crew(lambda: runner.client, seconds=5)([Unit(count_rows, (1,), (), ())], silent)
