"""A DuckDB file of what is published, for tools that know nothing of lakes: tables with keys, without ids."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from expectations.contract import Contract
from warehouse.memory import left_for_engine
from warehouse.queries import query, quoted
from warehouse.settings import Settings


@contextmanager
def database_file(path: Path, settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """Make a new database file for the length of a ``with`` block; whole once the block has ended.

    Args:
        path: Where nothing lies yet.
        settings: `memory_limit`.

    Yields:
        A connection to it. Its tables lie in the schema `main`: DuckDB calls a database by the name of its file, so
        that `published.segments_v1` means the same here as in the lake.
    """
    # One thread: the rows are there, and two that wait for each other take twice the processor time.
    limits = {
        "memory_limit": left_for_engine(settings.memory_limit),
        "autoinstall_known_extensions": False,
        "threads": 1,
    }
    with duckdb.connect(str(path), config=limits) as connection:  # type: ignore[arg-type]  # a union
        connection.execute("BEGIN")
        yield connection
        connection.execute("COMMIT")


def add_table(connection: duckdb.DuckDBPyConnection, contract: Contract, rows: pa.Table) -> None:
    """Write the rows of a published view as a table of its name, with the comments that a view of the lake cannot have.

    Args:
        connection: As `database_file` gives it.
        contract: Of the view.
        rows: All of its columns.
    """
    connection.register("arriving", rows)
    connection.execute(query("exports/create_table").format(view=contract.view))
    connection.unregister("arriving")
    comment = quoted(contract.comment)
    connection.execute(query("exports/comment_table").format(view=contract.view, comment=comment))
    for column in contract.columns_in("published"):
        told = {"view": contract.view, "column": column.name, "comment": quoted(column.told)}
        connection.execute(query("exports/comment_column").format(**told))
