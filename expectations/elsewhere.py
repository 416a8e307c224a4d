"""What a gate asks of its rows, as plain data: questions that others can answer a part at a time, in counts alone."""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import duckdb

from expectations.outcomes import safe_message
from expectations.repeated import count_repeated
from expectations.suite import BATCH

# Null where there was no row to sum anything of.
Counts = tuple[int | None, ...]


class Question(NamedTuple):
    """A question about the batch.

    Attributes:
        kind: ``rows``: a statement that counts rows of all parts of the batch one by one, so that its counts add up;
            ``failing``: one that counts what breaks a rule, perhaps a key that several parts have; ``repeated``: how
            many keys occur more than once.
        text: The statement; of repeated keys nothing.
        values: Its parameters; of repeated keys their columns.
        size: How many counts it gives.
    """

    kind: Literal["rows", "failing", "repeated"]
    text: str
    values: tuple[Any, ...] = ()
    size: int = 1


ROW_COUNT = Question("rows", f"SELECT count(*) FROM {BATCH}")


class Refusal(NamedTuple):
    """Why a question could not be answered, without any value of a row."""

    message: str


class RefusedError(Exception):
    """A question could not be answered elsewhere; its message may be told."""


# Answers a question; None where it is to be answered here.
Ask = Callable[[Question], Counts | None]
# Lets a suite be evaluated, more than once where its questions were not known before.
Elsewhere = Callable[[Callable[[Ask], Any]], Any]


# A question, and between which hashes repeated keys are looked for.
Asked = tuple[Question, tuple[int, int]]


def answer(connection: duckdb.DuckDBPyConnection, batch: str, *asked: Asked) -> tuple[Counts | Refusal, ...]:
    """Answer questions about some rows.

    Args:
        connection: The tables of the lake that are concerned, by their names.
        batch: SELECT of the rows.
        *asked: What to count.
    """
    return tuple(_answer(connection, batch, *each) for each in asked)


def _answer(
    connection: duckdb.DuckDBPyConnection, batch: str, question: Question, hashes: tuple[int, int]
) -> Counts | Refusal:
    try:
        connection.execute(f"CREATE OR REPLACE TEMP VIEW {BATCH} AS {batch}")
        if question.kind == "repeated":
            return (count_repeated(connection, question.values, hashes),)
        counts = connection.execute(question.text, list(question.values)).fetchall()[0]
    except duckdb.Error as error:
        return Refusal(safe_message(f"({type(error).__name__}) {error}"))
    return tuple(None if count is None else int(count) for count in counts)
