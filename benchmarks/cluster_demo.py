"""A night on a cluster on this machine, beside the night of one process: ``make cluster-demo``, CUSTOMERS=26000.

PostgreSQL holds the catalog, an object store the files, a Dask scheduler has two workers; all of them are processes of
their own, on 127.0.0.1, and end with the demonstration.
"""

import argparse
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from urllib.request import urlopen

import pytest

from benchmarks.cluster import LAYERS
from benchmarks.homes import AS_OF, bank_files
from benchmarks.measure import table
from flows.processes import await_health
from tests.support.checksums import table_checksums
from tests.support.object_store import KEY, REGION, SECRET, client_of
from tests.support.postgres import cluster
from warehouse.connection import connect
from warehouse.settings import Settings

Environment = dict[str, str]
WORKERS = 2
SEGMENTS = "SELECT segment, customers, part, top_classes FROM segments.summary ORDER BY customers DESC LIMIT 12"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=26_000)
    parser.add_argument("--cache", type=Path, default=Path("microseg-data") / "bench", help="simulated banks")
    options = parser.parse_args()
    try:
        demonstrate(bank_files(options.customers, options.cache.resolve()))
    except pytest.skip.Exception as error:  # by what starts PostgreSQL for the tests
        raise SystemExit(str(error)) from None


def demonstrate(bank: Path) -> None:
    """Run both nights and print what came of them."""
    with TemporaryDirectory(prefix="microseg-demo-") as folder, ExitStack() as stack:
        place = Path(folder)
        common = {"MICROSEG_SOURCE": f"{bank}/transactions-*.parquet", "MICROSEG_REFERENCE": "bank"}
        common |= stack.enter_context(prefect_server(place))
        alone = common | {"MICROSEG_HOME": str(place / "alone")}
        shared = common | {"MICROSEG_HOME": str(place / "cluster")} | stack.enter_context(object_store(place))
        shared["MICROSEG_CATALOG"] = f"postgres:{stack.enter_context(cluster(place)).create_database()}"
        shared |= stack.enter_context(dask_cluster(place, shared))
        night("one process", alone)
        night("a cluster", shared)
        subprocess.run([*microseg(), "query", SEGMENTS], env=os.environ | shared, check=True)
        print("\n".join(compared(checksums(alone), checksums(shared))))


def night(name: str, environment: Mapping[str, str]) -> None:
    """Run one night as a person does, in a home that is not there yet."""
    print(f"\nThe night of {name} ...", flush=True)
    began = monotonic()
    command = [*microseg(), "run", "--as-of", AS_OF.isoformat()]
    subprocess.run(command, env=os.environ | environment, check=True, stdout=subprocess.DEVNULL)
    print(f"{monotonic() - began:.0f} s", flush=True)


def microseg() -> list[str]:
    return [str(Path(sys.executable).parent / "microseg")]


def checksums(environment: Mapping[str, str]) -> dict[str, tuple[int, int]]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        with connect(Settings(), read_only=True) as connection:
            return table_checksums(connection, LAYERS)


def compared(alone: Mapping[str, tuple[int, int]], shared: Mapping[str, tuple[int, int]]) -> list[str]:
    """Return a table of the checksums of both nights."""
    rows = [
        [name, f"{count:,}", f"{total % 2**64:016x}", f"{shared[name][1] % 2**64:016x}", told(shared[name] == pair)]
        for name, pair in alone.items()
        for count, total in [pair]
    ]
    return table(["table", "rows", "one process", "cluster", ""], rows)


def told(is_same: bool) -> str:
    return "same" if is_same else "DIFFERENT"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@contextmanager
def started(place: Path, name: str, *arguments: str, environment: Mapping[str, str]) -> Iterator[Path]:
    """Run a Python module for the length of a ``with`` block; yield its log."""
    log = place / f"{name}.log"
    with log.open("wb") as output:
        command = [sys.executable, "-m", *arguments]
        process = subprocess.Popen(command, env=os.environ | environment, stdout=output, stderr=output)
        try:
            yield log
        finally:
            process.terminate()
            process.wait(30)


@contextmanager
def prefect_server(place: Path) -> Iterator[Environment]:
    """Start a Prefect server with its UI; yield what a flow needs to talk to it."""
    port, password = free_port(), f"demo:{secrets.token_urlsafe(9)}"
    api = f"http://127.0.0.1:{port}/api"
    own = {"PREFECT_HOME": str(place / "prefect"), "PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1"}
    own |= {"PREFECT_SERVER_API_AUTH_STRING": password, "PREFECT_API_URL": api, "PREFECT_API_AUTH_STRING": password}
    arguments = ("prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port))
    with started(place, "prefect", *arguments, environment=own) as log:
        await_health("Prefect server", api, log, lambda: None)
        print(f"Prefect UI:      http://127.0.0.1:{port}   password: {password}", flush=True)
        yield own


@contextmanager
def object_store(place: Path) -> Iterator[Environment]:
    """Start an S3-compatible store with an empty bucket."""
    address = f"127.0.0.1:{free_port()}"
    arguments = ("moto.server", "-H", "127.0.0.1", "-p", address.rpartition(":")[2])
    with started(place, "store", *arguments, environment={}):
        await_answer(f"http://{address}/moto-api/")
        client_of(address).create_bucket(Bucket="bank")
        print(f"Object store:    http://{address}", flush=True)
        own = {"ENDPOINT": address, "REGION": REGION, "KEY_ID": KEY, "SECRET": SECRET, "USE_SSL": "false"}
        yield {f"MICROSEG_S3_{name}": value for name, value in own.items()} | {"MICROSEG_DATA_PATH": "s3://bank/lake/"}


def await_answer(address: str) -> None:
    until = monotonic() + 60
    while monotonic() < until:
        try:
            urlopen(address, timeout=5).close()  # noqa: S310 - our own process
        except OSError:
            continue
        return
    raise SystemExit(f"nothing answers at {address}")


@contextmanager
def dask_cluster(place: Path, settings: Mapping[str, str]) -> Iterator[Environment]:
    """Start a scheduler and its workers as an operator does, with certificates by Dask's own configuration."""
    port, dashboard = free_port(), free_port()
    own = certificates(place) | {"MICROSEG_THREADS": "1", "MICROSEG_MEMORY_LIMIT": "1GiB"}
    address, environment = f"tls://127.0.0.1:{port}", {**settings, **own}
    here = ("--host", "127.0.0.1")
    head = ["--protocol", "tls", *here, "--port", str(port), "--dashboard-address", f"127.0.0.1:{dashboard}"]
    hand = [address, *here, "--nworkers", str(WORKERS), "--nthreads", "1", "--local-directory", str(place)]
    hand += ["--no-dashboard"]
    with (
        started(place, "dask", "distributed.cli.dask_scheduler", *head, environment=environment),
        started(place, "workers", "distributed.cli.dask_worker", *hand, environment=environment),
    ):
        print(f"Dask dashboard:  http://127.0.0.1:{dashboard}/status", flush=True)
        yield certificates(place) | {"MICROSEG_TASK_RUNNER": "dask", "MICROSEG_DASK_ADDRESS": address}


def certificates(place: Path) -> Environment:
    """Write a certificate and its key where nobody else reads them; return Dask's settings for all three roles."""
    from distributed.security import Security

    paths = {name: place / f"{name}.pem" for name in ("cert", "key")}
    if not paths["key"].exists():
        made = Security.temporary()
        paths["cert"].write_text(made.tls_ca_file, encoding="ascii")
        paths["key"].touch(mode=0o600)
        paths["key"].write_text(made.tls_client_key, encoding="ascii")
    tls = "DASK_DISTRIBUTED__COMM__TLS__"
    roles = ((role, name, path) for role in ("SCHEDULER", "WORKER", "CLIENT") for name, path in paths.items())
    own = {f"{tls}{role}__{name.upper()}": str(path) for role, name, path in roles}
    return own | {f"{tls}CA_FILE": str(paths["cert"]), "DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION": "True"}


if __name__ == "__main__":
    main()
