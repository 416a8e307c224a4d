"""Run the benchmarks: ``python -m benchmarks [NAME ...] [--size 1k 6k 26k 100k]``; results go to benchmarks/results/.

ingest      loading with every quarantine rule, against plain INSERT
aggregate   sums by month and by period, against DuckDB by hand, pandas and Polars
network     training, inference and reasons, against Keras and PyTorch
gates       the gates of spending beside the work that they judge
peers       loading, sums and features beside dlt, SQLMesh, dbt, PySpark and pytorch-lifestream; only when named
nights      seconds by stage: the first night, and one with nothing new
cluster     the first night on Dask workers beside one process; only when named
cluster-faults  a night on a cluster and everything that can go wrong with it; only when named
simulation  the simulated bank against the figures it was calibrated on
"""

import argparse
from pathlib import Path

SIZES = {"1k": 1_000, "6k": 6_000, "26k": 26_000, "100k": 100_000}
NAMES = ("ingest", "aggregate", "network", "gates", "nights")
NAMED_ONLY = ("cluster", "cluster-faults", "peers", "simulation")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"default: {' '.join(NAMES)}")
    parser.add_argument(
        "--size", nargs="+", choices=SIZES, default=["1k"], help="customers; 26k needs 10 GB of disk, 100k 40 GB"
    )
    parser.add_argument("--cache", type=Path, default=Path("microseg-data") / "bench", help="simulated banks, homes")
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--torch-python", default="", help="interpreter of an environment that has torch and numpy")
    parser.add_argument("--peers", type=Path, help="folder of the peers' environments (benchmarks/peers/__init__.py)")
    parser.add_argument("--workers", nargs="*", type=int, default=[0, 1, 2, 4], help="of cluster; 0: one process")
    parser.add_argument("--faults", nargs="*", default=[], help="of cluster-faults those with these words alone")
    options = parser.parse_args()
    if unknown := set(options.names) - {*NAMES, *NAMED_ONLY}:
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join((*NAMES, *NAMED_ONLY))}")
    for name in options.names or NAMES:
        print(f"{name} ...", flush=True)
        run(name, options)


def run(name: str, options: argparse.Namespace) -> None:
    """Run one benchmark; each imports only what it needs, since a child's memory is measured, not this one's."""
    from benchmarks import aggregate, cluster, gates, ingest, network, nights, simulation_levels
    from benchmarks.peers import run as peers_run

    cache = options.cache.resolve()
    cache.mkdir(parents=True, exist_ok=True)
    sizes = [SIZES[size] for size in options.size]
    if name == "ingest":
        ingest.bench(sizes, cache, options.repetitions)
    elif name == "aggregate":
        aggregate.bench(sizes, cache, options.repetitions)
    elif name == "network":
        network.bench(cache, options.repetitions, options.torch_python)
    elif name == "gates":
        gates.bench(sizes, cache)
    elif name == "nights":
        nights.bench(sizes, cache)
    elif name == "cluster":
        cluster.bench(sizes, cache, options.workers)
    elif name == "cluster-faults":
        from benchmarks import cluster_faults  # of the tests' tools, which the others do without

        cluster_faults.bench(options.faults)
    elif name == "peers":
        peers_run.bench(sizes, cache, options.repetitions, options.peers and options.peers.absolute())
    else:
        simulation_levels.RESULT.write_text(simulation_levels.report(6_000, 2, 1), encoding="utf-8")


if __name__ == "__main__":
    main()
