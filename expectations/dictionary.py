"""The data dictionary: the contracts of what is published, as a page."""

from collections.abc import Iterator, Sequence

from expectations.contract import Column, Contract

_HEAD = """# Data dictionary

Made from [expectations/contracts/](../expectations/contracts) by `make dictionary`: edit them, not this page.

What microseg publishes, in views whose names carry a version. `published.*` knows customers by key, and
`published_with_ids.*` holds the same rows with `customer_id`, for whoever may know it. The rows of a business date and
of its release (`published_at`) appear in all views at once. How to read them: [ways-in.md](ways-in.md).

PII: `identifier` names a person, `pseudonym` is a key for one, `personal` tells something of one, `none` does not.
A column may be null unless its type says otherwise."""


def dictionary(contracts: Sequence[Contract]) -> str:
    """Return the page, in Markdown.

    Args:
        contracts: In the order in which they are told.
    """
    return "\n".join([_HEAD, *(line for contract in contracts for line in _section(contract))]) + "\n"


def _section(contract: Contract) -> Iterator[str]:
    days, latency = contract.promises["retention"], contract.promises["latency"]
    kept = "for ever" if days is None else f"{days:g} days, month ends for ever"
    places = ", ".join(f"`{schema}.{contract.view}`" for schema in contract.schemas)
    yield f"\n## {contract.view}\n"
    yield f"{contract.text} Grain: {contract.grain}.\n"
    yield f"- in {places}; contract {contract.version}, {contract.status}"
    yield f"- fresh within {latency:g} day; kept {kept}"
    yield f"- owner: {contract.owner}. {contract.policy}.\n"
    yield "| column | type | unit | may hold | PII | meaning |"
    yield "|---|---|---|---|---|---|"
    yield from map(_line, contract.columns)


def _line(column: Column) -> str:
    allowed = _code(str(column.allowed)) if column.allowed.pattern else str(column.allowed)
    meaning = column.meaning + f" (in `{column.only_in}` alone)" * bool(column.only_in)
    kind = column.type + ", not null" * column.required
    return f"| {' | '.join((f'`{column.name}`', kind, column.unit, allowed, column.pii, meaning))} |"


def _code(text: str) -> str:
    escaped = text.replace("|", "\\|")
    return f"`{escaped}`"
