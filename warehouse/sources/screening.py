"""Looks at a CSV file byte by byte before DuckDB does: its lines are counted, and what DuckDB cannot take is rewritten.

DuckDB leaves a line out without a word where it does not fit into its buffer, and refuses a file whose lines end in
different ways. A file of either kind is read from a copy: lines end in LF there, in UTF-8, and a line that is too long
stands as one that is no row, so that it is rejected under its number and its neighbours are kept.
"""

import codecs
import glob
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

from warehouse.settings import Settings
from warehouse.sources.copies import private_copy
from warehouse.sources.local_files import is_packed, unpacked
from warehouse.sources.source import Source

# Far beyond any booking, and below what DuckDB takes, quoted line breaks included.
LONGEST_LINE = 1_000_000
# It stands where a line was too long: one field, so that it is never taken for a row. sql/raw/create_malformed.sql
# knows it again.
STAND_IN = "microseglinetoolong{size}"
_LF, _CR = 10, 13


@dataclass
class Shape:
    """What the bytes of a CSV file say, fed in chunks.

    Attributes:
        lines: Lines that are not empty, the header counted.
        endings: The ways in which lines end.
        longest: Bytes of the longest line.
    """

    lines: int = 0
    endings: set[str] = field(default_factory=set)
    longest: int = 0
    _run: int = 0  # bytes of the line that the last chunk left open

    def feed(self, chunk: bytes) -> None:
        """Take the next chunk, which never parts a CR from its LF."""
        data = np.frombuffer(chunk, dtype=np.uint8)
        breaks = np.flatnonzero((data == _LF) | (data == _CR))
        self._note_endings(chunk)
        edges = np.concatenate(([-1 - self._run], breaks, [len(data)]))
        lengths = np.diff(edges) - 1
        self.lines += int(np.count_nonzero(lengths[:-1]))
        self.longest = max(self.longest, int(lengths.max()))
        self._run = int(lengths[-1])

    def close(self) -> None:
        """Count the last line, which needs no ending."""
        self.lines += self._run > 0
        self._run = 0

    def _note_endings(self, chunk: bytes) -> None:
        both = chunk.count(b"\r\n")
        counts = {"crlf": both, "lf": chunk.count(b"\n") - both, "cr": chunk.count(b"\r") - both}
        self.endings |= {ending for ending, count in counts.items() if count}


@dataclass(frozen=True)
class Screened:
    """What DuckDB is to read.

    Attributes:
        uri: The file, or its rewritten copy.
        encoding: Of what is at `uri`.
        packed: Whether it is a gzip file.
        lines: Lines that are not empty, the header counted.
    """

    uri: str
    encoding: str
    packed: bool
    lines: int


@contextmanager
def screened(settings: Settings, source: Source, place: str, encoding: str) -> Iterator[Screened]:
    """Look at a file, and rewrite it into a private copy where need be, which is gone with the block.

    Args:
        settings: The home takes the copy.
        source: A CSV source.
        place: Path of its content.
        encoding: As in source.toml.

    Raises:
        SourceError: It is not a whole gzip file.
    """
    shape = _shape_of(source.name, place, encoding)
    if shape.longest <= LONGEST_LINE and len(shape.endings) < 2:  # noqa: PLR2004 - one way is fine
        yield Screened(glob.escape(place), encoding, is_packed(source.name), shape.lines)
        return
    with private_copy(settings, _rewritten(_chunks(source.name, place, encoding))) as copy:
        yield Screened(copy, "utf-8" if encoding == "utf-16" else encoding, False, shape.lines)


def _shape_of(name: str, place: str, encoding: str) -> Shape:
    shape = Shape()
    for chunk in _chunks(name, place, encoding):
        shape.feed(chunk)
    shape.close()
    return shape


def _chunks(name: str, place: str, encoding: str) -> Iterator[bytes]:
    """Yield the content with one byte a line break, cut nowhere between CR and LF."""
    held = b""
    for chunk in _in_bytes(unpacked(name, place), encoding):
        text = held + chunk
        held = b"\r" if text.endswith(b"\r") else b""
        yield text.removesuffix(b"\r") if held else text
    yield held


def _in_bytes(chunks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    if encoding != "utf-16":
        yield from chunks
        return
    # In UTF-16 a byte of a letter may look like a line break. What is no text there is rejected as no UTF-8 later.
    decoder = codecs.getincrementaldecoder("utf-16")("replace")
    for chunk in chunks:
        yield decoder.decode(chunk).encode("utf-8", "replace")
    yield decoder.decode(b"", final=True).encode("utf-8", "replace")


def _rewritten(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield lines that end in LF, with a stand-in for each that is too long; no more than one chunk is held."""
    kept, size = b"", 0  # of the line that is open: its bytes, unless it is too long already, and how many they are
    for chunk in chunks:
        *whole, last = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        for line in whole:
            yield _line(kept + line, size + len(line)) + b"\n"
            kept, size = b"", 0
        size += len(last)
        kept = kept + last if size <= LONGEST_LINE else b""
    yield _line(kept, size)


def _line(text: bytes, size: int) -> bytes:
    return text if size <= LONGEST_LINE else STAND_IN.format(size=size).encode()
