"""The Prefect server of one command: it asks for a password, and it ends with the command, however that ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import psutil
import pytest

from tasks.operation.liveness import lost_starts
from tests.flows.served import command_line, wait_until
from tests.support.once import copy_prefect
from warehouse.settings import Settings

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
# A command that waits in the middle of its work for as long as nobody ends it.
WAITING = """
import sys, time
from flows.temporary_server import with_prefect

@with_prefect("flows.nightly", "nightly")
def wait():
    from prefect.settings import PREFECT_API_URL
    print(PREFECT_API_URL.value(), flush=True)
    time.sleep(600)

wait()
"""


@pytest.fixture
def home(tmp_path: Path, prefect_home: Path) -> Path:
    copy_prefect(prefect_home, tmp_path / "home" / "prefect" / "commands")
    return tmp_path / "home"


def environment(home: Path) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    return inherited | {"MICROSEG_HOME": str(home), "PYTHONPATH": os.pathsep.join(sys.path)}


def server_below(process: subprocess.Popen[str]) -> psutil.Process:
    children = psutil.Process(process.pid).children()
    return next(child for child in children if "flows.tethered" in command_line(child))


@pytest.mark.parametrize("signal_number", [signal.SIGKILL, signal.SIGTERM])
def test_it_ends_with_the_command(home: Path, signal_number: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WAITING], env=environment(home), stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        api = process.stdout.readline().strip()
        server = server_below(process)
        with pytest.raises(HTTPError, match="401"):
            urlopen(f"{api}/admin/version", timeout=60)  # noqa: S310 - ours
        process.send_signal(signal_number)
    [start] = lost_starts(Settings(home=home))
    assert start.flow == "nightly"
    wait_until(lambda: not server.is_running() or server.status() == psutil.STATUS_ZOMBIE, 30, lambda: "it goes on")


def test_a_server_that_cannot_start_is_one_line(home: Path) -> None:
    database = home / "prefect" / "commands" / "prefect.db"
    database.write_bytes(b"no database at all" * 100)
    command = [sys.executable, "-c", "from flows.cli import main; raise SystemExit(main(['rollback']))"]
    done = subprocess.run(command, env=environment(home), capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert done.stderr.startswith("microseg: the temporary Prefect server ended with code")
    assert "not a database" in Path(done.stderr.split()[-1]).read_text()
