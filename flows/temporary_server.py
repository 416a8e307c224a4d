"""The Prefect server of one command: up as long as the command is, and gone with it however that ends."""

import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from importlib import import_module
from pathlib import Path

from flows.access import CLIENT, SERVER, USER
from flows.processes import SetupError, await_health
from flows.terminal import quiet_prefect
from tasks.operation.liveness import starting
from tasks.operation.watching import under_way
from warehouse.privacy import private_folder
from warehouse.settings import Settings

NAME = "temporary Prefect server"
_STOP_SECONDS = 10
Command = Callable[..., int]


def with_prefect(module: str, flow: str) -> Callable[[Command], Command]:
    """Give a command a server of its own where none is configured; its flows are imported while that one starts.

    Args:
        module: The module of the flows that the command runs.
        flow: As in ops.runs; a command that is killed before its run enters itself there leaves a mark with this name.
    """

    def decorate(command: Command) -> Command:
        @wraps(command)
        def prepared(*arguments: object) -> int:
            quiet_prefect()
            with starting(Settings(), flow), temporary_server(module):
                return command(*arguments)

        return prepared

    return decorate


@contextmanager
def temporary_server(module: str) -> Iterator[None]:
    """Start a server on a free port for the length of a ``with`` block; none where an API is configured.

    Args:
        module: Imported meanwhile.

    Raises:
        SetupError: It did not come up.
    """
    from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings

    if PREFECT_API_URL.value():
        import_module(module)
        yield
        return
    log = Settings().home.resolve() / "logs" / "temporary-server.log"
    with socket.create_server(("127.0.0.1", 0)) as listening:
        api = f"http://127.0.0.1:{listening.getsockname()[1]}/api"
        password = f"{USER}:{secrets.token_urlsafe(24)}"
        process = _start(listening, password, log)
    try:
        with temporary_settings({PREFECT_API_URL: api, PREFECT_API_AUTH_STRING: password}):
            with under_way("start Prefect"):
                import_module(module)
                await_health(NAME, api, log, lambda: _check(process, log))
            yield
    finally:
        _stop(process)


def _start(listening: socket.socket, password: str, log: Path) -> subprocess.Popen[bytes]:
    """Start it on a port that is bound already, so that nobody else can take that one meanwhile."""
    listening.set_inheritable(True)
    environment = {"PREFECT_UI_ENABLED": "0", "PREFECT__SERVER_EPHEMERAL": "1", "PREFECT__SERVER_FINAL": "1"}
    command = [sys.executable, "-m", "flows.tethered", str(os.getpid()), str(listening.fileno())]
    private_folder(log.parent)
    with log.open("wb") as output:
        return subprocess.Popen(  # noqa: S603
            command,
            env=os.environ | environment | {SERVER: password, CLIENT: password},
            pass_fds=[listening.fileno()],
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C ends the command first, which has something to tell it
        )


def _check(process: subprocess.Popen[bytes], log: Path) -> None:
    if process.poll() is not None:
        raise SetupError(f"the {NAME} ended with code {process.returncode}; its log is {log}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
