"""A private PostgreSQL server for tests: Debian's binaries, a temporary directory, a free port on 127.0.0.1."""

import os
import secrets
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

USER = "microseg"
_BINARIES = Path("/usr/lib/postgresql")
# Only tests lie here: nothing has to survive a power cut. What was committed has to survive the end of the server.
_OPTIONS = "-c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off"


@dataclass(frozen=True)
class Cluster:
    """A running server."""

    port: int
    password: str
    control: tuple[str, ...] = ()

    def dsn(self, database: str, password: str | None = None) -> str:
        """Return the connection string of a database as DuckDB and libpq read it."""
        return f"host=127.0.0.1 port={self.port} dbname={database} user={USER} password={password or self.password}"

    def create_database(self) -> str:
        """Create an empty database and return its connection string."""
        import psycopg

        name = f"test_{secrets.token_hex(4)}"
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        return self.dsn(name)

    def restart(self, mode: str = "fast") -> None:
        """Start the server anew: whoever was connected no longer is; ``immediate``: as after a crash."""
        _run([*self.control, "--mode", mode, "restart"])


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """Start a server in `folder` for the length of a ``with`` block; skip the test where that is impossible."""
    binaries = _find_binaries()
    port = _free_port()
    # PostgreSQL's user cannot enter pytest's private folders, so the server gets a short path of its own.
    home = Path("/tmp") / f"microseg-postgres-{os.getpid()}-{port}"  # noqa: S108 - private by its mode
    control = [*_as_postgres(), str(binaries / "pg_ctl"), "--pgdata", str(home / "data"), "--wait", "--silent"]
    running = Cluster(port, secrets.token_hex(8), (*control, "--log", str(home / "log")))
    home.mkdir(mode=0o700)
    (folder / "password").write_text(running.password)
    shutil.copy(folder / "password", home / "password")
    if os.geteuid() == 0:
        shutil.chown(home, "postgres", "postgres")
        shutil.chown(home / "password", "postgres", "postgres")
    try:
        _run(
            [
                *_as_postgres(),
                str(binaries / "initdb"),
                "--pgdata",
                str(home / "data"),
                "--username",
                USER,
                "--pwfile",
                str(home / "password"),
                "--auth",
                "scram-sha-256",
                "--no-sync",
                "--encoding",
                "UTF8",
            ]
        )
        options = f"{_OPTIONS} -c port={running.port} -c unix_socket_directories={home}"
        _run([*control, "--options", options, "--log", str(home / "log"), "start"])
        try:
            yield running
        finally:
            _run([*control, "--mode", "immediate", "stop"])
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _find_binaries() -> Path:
    folders = sorted(_BINARIES.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not folders:
        pytest.skip(f"no PostgreSQL server below {_BINARIES}: install the package postgresql")
    if os.geteuid() == 0 and shutil.which("runuser") is None:
        pytest.skip("PostgreSQL does not run as root and there is no runuser to become postgres")
    return folders[-1].parent


def _as_postgres() -> list[str]:
    return ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _run(command: list[str]) -> None:
    # The server would keep a captured pipe open, so what it says goes nowhere; its log is beside the data.
    done = subprocess.run(
        command,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"a PostgreSQL server could not be started: {Path(command[-1]).name} failed")
