"""Faults of a night on a cluster, and their moments: told by what the store is asked for, or what is committed."""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from threading import Event, Thread
from typing import TYPE_CHECKING

import psutil
import psycopg

from tests.support.flaky_store import Asked, FlakyStore
from tests.support.postgres import Cluster

if TYPE_CHECKING:
    import subprocess

WORKER_KEY = "AKIAWORKER"
REFUSED_SECONDS = 10
SEED = 7
_REGISTERED = """
SELECT count(*)
FROM ducklake_data_file AS files JOIN ducklake_table USING (table_id) JOIN ducklake_schema USING (schema_id)
WHERE schema_name = %s AND files.begin_snapshot > %s
"""


@dataclass
class Night:
    """A run that is at work, and the servers that it needs.

    Attributes:
        process: The flow's.
        store: The proxy before the object store.
        postgres: The catalog's server.
        dsn: The catalog.
        scheduler: Port of Dask's scheduler.
        over: Set at the end of the process.
        happened: Whether the fault met it.
        written: What workers have written.
    """

    process: "subprocess.Popen[bytes]"
    store: FlakyStore
    postgres: Cluster
    dsn: str
    scheduler: int
    over: Event = field(default_factory=Event)
    happened: bool = False
    written: set[str] = field(default_factory=set)
    threads: list[Thread] = field(default_factory=list)

    def in_background(self, work: Callable[[], None]) -> None:
        """Run something beside the night; `end` waits for it."""
        self.threads.append(Thread(target=work))
        self.threads[-1].start()

    def end(self) -> None:
        """Wait for all that goes on beside the night."""
        self.over.set()
        self.store.watch = lambda _: False
        for thread in self.threads:
            thread.join()


Harm = Callable[[Night, int], None]  # is given the port of the worker that asked, 0 where none did


@dataclass(frozen=True)
class Fault:
    """What happens to a night, and when.

    Attributes:
        name: For the report.
        arrange: Called when the run has started.
    """

    name: str
    arrange: Callable[[Night], None]


def process_at(port: int) -> int:
    """Return the process that has a port of this machine for its own."""
    pids = [link.pid for link in psutil.net_connections("tcp") if link.laddr and link.laddr.port == port and link.pid]
    return int(next(pid for pid in pids if pid != os.getpid()))


def kill_worker(_: Night, port: int) -> None:
    os.kill(process_at(port), signal.SIGKILL)


def freeze_worker(night: Night, port: int) -> None:
    """Let a worker stand still until the scheduler gives it up, or the night is over."""
    worker = psutil.Process(process_at(port))
    worker.suspend()

    def thaw() -> None:
        night.over.wait()
        if worker.is_running():
            worker.resume()

    night.in_background(thaw)


def kill_flow(night: Night, _: int) -> None:
    night.process.kill()


def kill_scheduler(night: Night, _: int) -> None:
    os.kill(process_at(night.scheduler), signal.SIGKILL)


def restart_postgres(night: Night, _: int) -> None:
    night.postgres.restart("immediate")


def refuse(night: Night, _: int) -> None:
    night.store.refuse(REFUSED_SECONDS)


def when_a_worker(does: str, harm: Harm, drops: bool = False) -> Callable[[Night], None]:
    """Return what does harm at a worker's first request of a kind: it reads, writes, or reads what it has written."""

    def arrange(night: Night) -> None:
        def watch(asked: Asked) -> bool:
            path = asked.path.partition("?")[0]
            if asked.key != WORKER_KEY or night.happened:
                return False
            doing = "writes" if asked.method == "PUT" else "has written" if path in night.written else "reads"
            if doing == "writes":
                night.written.add(path)
            if doing != does or not path.endswith(".parquet"):
                return False
            night.happened = True
            harm(night, asked.port)
            return drops

        night.store.watch = watch

    return arrange


def when_the_flow_writes(harm: Harm) -> Callable[[Night], None]:
    """Return what does harm when the flow's process writes its first file."""

    def arrange(night: Night) -> None:
        def watch(asked: Asked) -> bool:
            if asked.key != WORKER_KEY and asked.method == "PUT" and not night.happened:
                night.happened = True
                harm(night, 0)
            return False

        night.store.watch = watch

    return arrange


def when_committed(schema: str, harm: Harm) -> Callable[[Night], None]:
    """Return what does harm as soon as the catalog has new files of some tables."""

    def arrange(night: Night) -> None:
        with psycopg.connect(night.dsn, autocommit=True) as catalog:
            (newest,) = catalog.execute("SELECT max(snapshot_id) FROM ducklake_snapshot").fetchone() or (0,)

        def poll() -> None:
            with psycopg.connect(night.dsn, autocommit=True) as catalog:
                while not night.over.wait(0.02):
                    if catalog.execute(_REGISTERED, (schema, newest)).fetchone() != (0,):
                        break
            if not night.over.is_set():
                night.happened = True
                harm(night, 0)

        night.in_background(poll)

    return arrange


def after(share: float, harm: Harm, usual: float = 20) -> Callable[[Night], None]:
    """Return what does harm after a share of a night's usual seconds."""

    def arrange(night: Night) -> None:
        def wait() -> None:
            if not night.over.wait(share * usual):
                night.happened = True
                harm(night, 0)

        night.in_background(wait)

    return arrange


_chance = Random(SEED)  # noqa: S311 - moments, not secrets
FAULTS = (
    Fault("a worker killed while it reads", when_a_worker("reads", kill_worker, drops=True)),
    Fault("a worker killed while it writes", when_a_worker("writes", kill_worker, drops=True)),
    Fault("a worker killed when it has written: its unit runs twice", when_a_worker("has written", kill_worker, True)),
    Fault("a worker that stands still: its unit is done by the other", when_a_worker("has written", freeze_worker)),
    Fault("the flow killed between registering and releasing", when_committed("traces", kill_flow)),
    Fault("the flow killed while units are out", when_a_worker("writes", kill_flow)),
    *(Fault(f"the flow killed at a random moment ({n})", after(_chance.random(), kill_flow)) for n in range(1, 4)),
    Fault("the scheduler killed while units are out", when_a_worker("reads", kill_scheduler)),
    Fault("PostgreSQL restarted while the flow loads", when_the_flow_writes(restart_postgres)),
    Fault("PostgreSQL restarted while units are out", when_a_worker("writes", restart_postgres)),
    Fault("PostgreSQL restarted when periods are registered", when_committed("spend", restart_postgres)),
    Fault("PostgreSQL restarted between registering and releasing", when_committed("traces", restart_postgres)),
    Fault("503 for ten seconds while the flow loads", when_the_flow_writes(refuse)),
    Fault("503 for ten seconds while units are out", when_a_worker("writes", refuse)),
    Fault("503 for ten seconds between registering and releasing", when_committed("traces", refuse)),
)
