"""Who does the units of a flow run: this process, or a Dask cluster; looked up when the run begins."""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, cast

from prefect.futures import PrefectFuture
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from flows.run_log import keep_tracebacks_out
from warehouse.errors import MicrosegError
from warehouse.memory import size_of
from warehouse.settings import Settings
from warehouse.spill import spill_folder

if TYPE_CHECKING:
    from distributed import LocalCluster
    from distributed.deploy.cluster import Cluster

# Without these Dask listens on all addresses and samples what runs every 10 ms.
_QUIET = {
    "distributed.worker.profile.enabled": False,
    "distributed.admin.low-level-log-length": 0,
    # A machine that stands still is given up after a minute, not after five.
    "distributed.scheduler.worker-ttl": "60s",
    # Else it would set these in this process, too, for good: training would be done by one thread.
    "distributed.nanny.pre-spawn-environ": {},
}


class ChosenRunner(ThreadPoolTaskRunner[Any]):
    """Threads of this process, where settings do not say otherwise; flows are imported before settings are read."""

    def duplicate(self) -> Any:
        """Return the runner of one flow run: Prefect asks for it when the run begins.

        Raises:
            MicrosegError: A cluster is wanted whose packages are not there.
        """
        settings = Settings()
        return dask_runner(settings) if settings.task_runner == "dask" else super().duplicate()


def dask_runner(settings: Settings) -> TaskRunner[Any]:
    """Return a runner that connects to a cluster, or starts one, when the first unit is handed to it.

    Args:
        settings: The scheduler's address, or the number of workers on this machine.

    Raises:
        MicrosegError: Its packages are not there.
    """
    try:
        import dask
        from prefect_dask.task_runners import DaskTaskRunner
    except ModuleNotFoundError as error:
        raise MicrosegError(f"MICROSEG_TASK_RUNNER=dask needs {error.name}: install microseg[cluster]") from None
    dask.config.set(_QUIET)
    logging.getLogger("distributed").setLevel(logging.WARNING)  # else each connection is a line of the run's log
    # A scheduler that went away is told in one line where its answer is missed, not by a traceback of the client.
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    if settings.dask_address:
        return DaskTaskRunner(address=settings.dask_address)
    # It wants a cluster when it is entered, whatever it is that is entered.
    return DaskTaskRunner(cluster_class=cast("Callable[[], Cluster]", _local(settings)))


def _local(settings: Settings) -> Callable[[], AbstractContextManager["LocalCluster"]]:
    @contextmanager
    def local_cluster() -> Iterator["LocalCluster"]:
        """Start workers on this machine; nobody else can talk to them, and what they spill goes with them."""
        from distributed import LocalCluster
        from distributed.security import Security

        workers = settings.dask_workers
        with spill_folder(settings) as folder:
            share = {
                "MICROSEG_THREADS": str(max(1, (settings.threads or os.cpu_count() or 1) // workers)),
                "MICROSEG_MEMORY_LIMIT": f"{size_of(settings.memory_limit) // workers // 1024}KiB",
                "TMPDIR": str(folder),
                **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
            }
            cluster = LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                memory_limit=0,  # DuckDB keeps to its own; else Dask would kill what only looks too large
                host="127.0.0.1",
                protocol="tls",
                security=Security.temporary(),
                dashboard_address="127.0.0.1:0",
                worker_dashboard_address=None,
                local_directory=str(folder),
                env=share,
                silence_logs=50,
            )
            with cluster:
                yield cluster

    return local_cluster


# Every module with a flow imports this one: here its runs begin.
keep_tracebacks_out()
CHOSEN: TaskRunner[PrefectFuture[Any]] = cast("TaskRunner[PrefectFuture[Any]]", ChosenRunner())
