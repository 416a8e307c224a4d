"""Chunks: files cut into parts for units, none much larger than one machine does at once."""

from collections.abc import Callable, Iterator, Sequence

from warehouse.stored import DataFile


def chunks(files: Sequence[DataFile], weight: Callable[[DataFile], int], most: int) -> Iterator[list[DataFile]]:
    """Cut files into chunks, in their order; a file that weighs more is one of its own.

    Args:
        files: Of no files there is no chunk.
        weight: Of a file.
        most: Bound on the weight of several.
    """
    chunk, sum_of_weights = list[DataFile](), 0
    for file in files:
        if chunk and sum_of_weights + weight(file) > most:
            yield chunk
            chunk, sum_of_weights = [], 0
        chunk.append(file)
        sum_of_weights += weight(file)
    if chunk:
        yield chunk
