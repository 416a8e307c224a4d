"""Who takes part in which job, and the environment that holds each peer."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Contestant:
    """A tool in one job.

    Attributes:
        function: ``module:function``, run by `benchmarks.measure`.
        label: What the table calls it.
        environment: Folder of the virtual environment below that of all peers; empty: ours.
    """

    function: str
    label: str
    environment: str = ""


@dataclass(frozen=True)
class Job:
    """What all its contestants do.

    Attributes:
        title: What the table calls it.
        ours: Measured first, and what the others are compared with.
        peers: The others.
    """

    title: str
    ours: Contestant
    peers: tuple[Contestant, ...]


DLT = "dlt, DuckDB, merge"
SQLMESH, DBT, SPARK = "SQLMesh, DuckDB", "dbt, DuckDB", "PySpark, local[2]"

LOAD_FIRST = Job(
    "load, all files",
    Contestant("peers.ours:load_first", "ours"),
    (Contestant("peers.load_dlt:first", DLT, "elt"),),
)
LOAD_NEXT = Job(
    "load, one new day",
    Contestant("peers.ours:load_next", "ours"),
    (Contestant("peers.load_dlt:next_day", DLT, "elt"),),
)
MONTHS_FIRST = Job(
    "monthly sums, all months",
    Contestant("peers.ours:months_first", "ours"),
    (Contestant("peers.months_spark:first", SPARK, "spark"),),
)
MONTHS_NEXT = Job(
    "monthly sums, one new day",
    Contestant("peers.ours:months_next", "ours"),
    (Contestant("peers.months_spark:next_day", SPARK, "spark"),),
)
SUMS_FIRST = Job(
    "monthly sums and periods, all months",
    Contestant("peers.ours:sums_first", "ours"),
    (Contestant("peers.sums_sqlmesh:first", SQLMESH, "elt"), Contestant("peers.sums_dbt:first", DBT, "dbt")),
)
SUMS_NEXT = Job(
    "monthly sums and periods, one new day",
    Contestant("peers.ours:sums_next", "ours"),
    (Contestant("peers.sums_sqlmesh:next_day", SQLMESH, "elt"), Contestant("peers.sums_dbt:next_day", DBT, "dbt")),
)
FEATURES = Job(
    "features of one date, first model",
    Contestant("peers.features_ours:first", "ours"),
    (Contestant("peers.features_lifestream:first", "pytorch-lifestream, CoLES", "lifestream"),),
)


def interpreter(contestant: Contestant, peers: Path | None) -> str:
    """Return the interpreter that has a peer's packages; empty where there is none.

    Args:
        contestant: A peer.
        peers: The folder of the peers' virtual environments; None: not given.
    """
    python = peers / contestant.environment / "bin" / "python" if peers else None
    return str(python) if python and python.exists() else ""
