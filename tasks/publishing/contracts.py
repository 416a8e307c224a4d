"""Contracts in the catalog: the views are what the contracts say, and the catalog tells it to whoever looks there."""

from collections.abc import Iterator

import duckdb

from expectations.contract import Contract, contracts, digest
from warehouse.errors import MicrosegError
from warehouse.queries import query, quoted

DICTIONARY = "What each column of the published views means, as expectations/contracts/ has it; grain: view x column"


def keep_contracts(connection: duckdb.DuckDBPyConnection) -> bool:
    """Refuse views that are not as their contracts say, then bring the catalog's comments up to date.

    Comments are set together, and only where the catalog tells of other contracts: of two processes that find it so,
    the second one's commit collides, begins again, and finds nothing to do.

    Args:
        connection: Inside a transaction.

    Returns:
        Whether comments were set.

    Raises:
        MicrosegError: A view is not what its contract says.
    """
    if problems := view_problems(connection):
        raise MicrosegError(f"nothing is published, for the views break their contracts: {'; '.join(problems)}")
    comment = f"{DICTIONARY} ({digest()})"
    if connection.execute(query("published/select_described")).fetchall() == [(comment,)]:
        return False
    connection.execute(query("published/create_dictionary").format(rows=", ".join(_lines())))
    for schema, view, text in [("published", "dictionary", comment), *_comments()]:
        connection.execute(query("published/comment").format(schema=schema, view=view, comment=quoted(text)))
    return True


def view_problems(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return where the published views are not as their contracts say: names, order and types of columns."""
    real: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for schema, view, column, kind in connection.execute(query("published/select_columns")).fetchall():
        real.setdefault((schema, view), []).append((column, kind))
    promised = {
        (schema, contract.view): [(column.name, column.type) for column in contract.columns_in(schema)]
        for contract in contracts()
        for schema in contract.schemas
    }
    problems = [f"{schema}.{view} has no contract" for schema, view in sorted(real.keys() - promised.keys())]
    for (schema, view), columns in promised.items():
        problems += [f"{schema}.{view} {what}" for what in _problems(columns, real.get((schema, view), []))]
    return problems


def _problems(promised: list[tuple[str, str]], real: list[tuple[str, str]]) -> Iterator[str]:
    if not real:
        yield "is missing"
        return
    kinds = dict(real)
    for name, kind in promised:
        if name not in kinds:
            yield f"lacks {name}"
        elif kinds[name] != kind:
            yield f"has {name} as {kinds[name]}, not {kind}"
    names = [name for name, _ in promised]
    yield from (f"has {name}, which the contract does not know" for name in kinds if name not in names)
    if list(kinds) != names and set(kinds) == set(names):
        yield "has its columns in another order"


def _comments() -> Iterator[tuple[str, str, str]]:
    for contract in contracts():
        yield from ((schema, contract.view, contract.comment) for schema in contract.schemas)


def _lines() -> Iterator[str]:
    for contract in contracts():
        for schema in contract.schemas:
            yield from _lines_of(contract, schema)


def _lines_of(contract: Contract, schema: str) -> Iterator[str]:
    version = quoted(contract.version)
    for place, column in enumerate(contract.columns_in(schema), start=1):
        texts = (column.name, column.type, column.unit, column.meaning, str(column.allowed), column.pii)
        told = ", ".join(map(quoted, texts))
        yield f"({quoted(schema)}, {quoted(contract.view)}, {place}, {told}, {column.required}, {version})"
