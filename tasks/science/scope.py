"""Scope: under which reference set the science reads spending, as temporary views that its queries name."""

import duckdb


def open_scope(connection: duckdb.DuckDBPyConnection) -> None:
    """Point the views ``spending``, ``classes`` and ``coefficients`` at the tables in force.

    Args:
        connection: A warehouse connection; the views last as long as it does.
    """
    sources = {"spending": "spend.by_period", "classes": "ref.classes", "coefficients": "ref.coefficients"}
    for view, table in sources.items():
        connection.execute(f"CREATE OR REPLACE TEMP VIEW {view} AS FROM {table}")
