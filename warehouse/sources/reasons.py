"""What an engine's error says of a source, without the values that its message may quote.

DuckDB and PostgreSQL put the value that they stumble over into their messages, and it may be a customer's id. What
reaches a user, a log or a table is therefore never their text, but one of the reasons below, with no more of the text
than names of the user's own query or file.
"""

import re
from typing import Final

# First come, first served: the more telling ones stand first.
_REASONS: Final = (
    (r"out of memory|failed to allocate|bad_alloc", "it takes more memory than MICROSEG_MEMORY_LIMIT allows"),
    (r"not valid utf-?8|invalid unicode|invalid byte sequence for encoding", "a text in it is not UTF-8"),
    (r"no magic bytes|too small to be a parquet|not a parquet file", "it is not a whole Parquet file"),
    (r"no files found that match|no such file or directory", "it is no longer there"),
    (r"permission denied: |cannot open file", "it cannot be opened, its permissions may forbid it"),
    (r"connection refused", "Connection refused: is the server up, and are host and port right?"),
    (r"could not translate host name|could not resolve|name or service not known", "its host is not known"),
    (r"authentication failed", "authentication failed: check user and password"),
    (r"no pg_hba\.conf entry", "the server does not let this host in"),
    (r"timed? ?out|timeout", "the time ran out before an answer came"),
    (r"server closed the connection|connection (?:was )?(?:lost|reset)|broken pipe", "the connection broke off"),
    (r"could not establish connection|unable to connect|could ?n.t connect", "it cannot be reached"),
    (r"^permission denied for (\w+)", r"permission denied for a \1"),
    (r"syntax error", "the query has a syntax error"),
    (r"^invalid input syntax for type ([a-z ]+)", r"a value is not of type \1"),
    (r"out of range for type", "a value is out of range for its type"),
    (r"field value out of range", "a date is out of range"),
    (r"division by zero", "the query divides by zero"),
)
# Names of tables and columns stand in the user's own query, which the ledger keeps as the name of the source.
_ABSENT: Final = re.compile(
    r'(relation|column|schema|database|role|function) ("?[\w.]+"?(?:\([\w, ]*\))?) does not exist'
)
_STATUS: Final = re.compile(r"(?:HTTP|status code|HTTP code|HTTP GET error)\D{0,40}\b([45]\d\d)\b", re.IGNORECASE)
_LINE: Final = re.compile(r"CSV Error on Line: (\d+)")


def reason_of(error: BaseException) -> str:
    """Return why an engine could not read a source, fit for a log.

    Args:
        error: What DuckDB, an extension of it, or the system raised.

    >>> reason_of(ValueError('Failed to run "SELECT 1": ERROR: invalid input syntax for type integer: "C-0042"'))
    'a value is not of type integer'
    >>> reason_of(ValueError('value "C-0042" is unheard of'))
    'the engine refused it (ValueError; its message is left out, it may quote data)'
    """
    before, _, server = str(error).partition("ERROR:")  # what PostgreSQL says stands behind the query that it is about
    text = server.strip() or before
    if absent := _ABSENT.match(text):
        return f"{absent[1]} {absent[2]} does not exist"
    if line := _LINE.search(text):
        return f"line {int(line[1]):,} is no row"
    for pattern, reason in _REASONS:
        if match := re.search(pattern, text, re.IGNORECASE):
            return match.expand(reason).strip()
    if status := _STATUS.search(text):
        return f"the store answered with HTTP status {status[1]}"
    return f"the engine refused it ({type(error).__name__}; its message is left out, it may quote data)"


def shown(text: str, longest: int = 200) -> str:
    r"""Return a name that somebody else chose fit for one line: what cannot be printed is escaped, the rest cut.

    >>> shown("a\nb\udcff.csv")
    'a\\nb\\udcff.csv'
    """
    escaped = "".join(char if char.isprintable() else repr(char)[1:-1] for char in text[: longest + 1])
    return escaped if len(text) <= longest else escaped[:longest] + " ..."
