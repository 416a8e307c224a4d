"""Other tools that do the same job end to end, from the same files, in the same run: ``python -m benchmarks peers``.

Each lives in a virtual environment of its own, outside of the repository, since none is a dependency of the project.
With PEERS as the folder that holds them:

    for name in elt dbt spark lifestream; do
        python3.11 -m venv PEERS/$name && PEERS/$name/bin/pip install -r benchmarks/peers/requirements-$name.txt
    done
    .venv/bin/python -m benchmarks peers --size 1k --peers PEERS

``elt`` holds dlt and SQLMesh, ``spark`` needs Java 17 or newer as well. A peer without its environment is left out, and
the table says so. All have the same version of DuckDB as ours, two threads, 2 GiB where they know a limit, no telemetry
and no network.
"""
