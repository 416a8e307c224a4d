"""Batches: small sources share a transaction, whose price on the lake is the same for one of them and for many."""

from collections.abc import Iterator, Sequence

from warehouse.sources.source import Source

# Enough that the price of a transaction is small beside that of reading so many files.
MOST_SOURCES = 250
# Staged together they take no more memory than one file of a million rows: a larger one is a batch of its own.
MOST_BYTES = 32 << 20
# What packed bytes are taken to unpack to.
_PACKED = 8


def batches(sources: Sequence[Source]) -> Iterator[list[Source]]:
    """Cut sources into batches, in their order.

    Args:
        sources: Files and objects are bounded by number and size; a query, whose size nobody knows, stays alone.
    """
    batch: list[Source] = []
    room = MOST_BYTES
    for source in sources:
        weight = _weight(source)
        if batch and (weight > room or len(batch) == MOST_SOURCES):
            yield batch
            batch, room = [], MOST_BYTES
        batch.append(source)
        room -= weight
    if batch:
        yield batch


def _weight(source: Source) -> int:
    if source.kind == "postgres":
        return MOST_BYTES + 1
    packed = source.kind == "parquet" or source.name.lower().endswith(".gz")
    return source.size * (_PACKED if packed else 1)
