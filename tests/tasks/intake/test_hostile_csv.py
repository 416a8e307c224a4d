"""CSV files that no exporter should write: long lines, many columns, mixed line ends, broken quotes."""

import gzip
import resource
from pathlib import Path

import pytest

from tests.tasks.builders import HEADER, Bank, row, write_reference
from warehouse.errors import SourceError
from warehouse.sources.screening import LONGEST_LINE, Shape

pytestmark = pytest.mark.warehouse
MIB = 1 << 20


def line(number: int, **changed: object) -> str:
    return ",".join(str(value) for value in row(number, **changed).values())


def put(path: Path, *lines: str, end: str = "\n") -> Path:
    path.write_text(end.join([HEADER, *lines, ""]), encoding="utf-8", newline="")
    return path


def refused(bank: Bank, path: Path) -> str:
    with pytest.raises(SourceError) as caught:
        bank.ingest(path)
    told = str(caught.value)
    assert told.startswith(str(path))
    assert "\n" not in told
    assert len(told) < 1000 + len(str(path))
    assert bank.transactions() == []
    return told


@pytest.mark.parametrize("size", [LONGEST_LINE + 1, 3 * MIB, 20 * MIB, 40 * MIB])
@pytest.mark.parametrize("form", ["{},anna,2024-03-05,1,EUR,FOOD", "{}"])
def test_a_line_that_is_too_long_is_rejected_and_its_neighbours_are_kept(
    bank: Bank, tmp_path: Path, size: int, form: str
) -> None:
    text = form.format("a" * size)
    done = bank.ingest(put(tmp_path / "a.csv", line(1), text, line(3), line(4, amount="ten"), line(5)))
    assert (done.read, done.accepted, done.rejected) == (5, 3, 2)
    assert bank.rejected() == [(2, "line_too_long", None), (4, "unparsable_amount", "amount")]
    [(kept,)] = bank.query("SELECT row_text->>'$.line' FROM raw.rejected WHERE row_number = 2")
    assert kept == f"a line of {len(text)} bytes, left out"
    assert list((bank.settings.home / "tmp").rglob("rewritten-*")) == []


def test_a_line_of_the_greatest_length_is_a_row(bank: Bank, tmp_path: Path) -> None:
    rest = len(line(2)) - len("anna")
    done = bank.ingest(put(tmp_path / "a.csv", line(2, source_code="F" * (LONGEST_LINE - rest - 4))))
    assert (done.read, done.accepted + done.rejected) == (1, 1)
    assert [reason for _, reason, _ in bank.rejected()] != ["line_too_long"]


def test_a_series_of_such_files_takes_no_more_memory_than_one(bank: Bank, tmp_path: Path) -> None:
    peaks = []
    for number in range(4):
        bank.ingest(put(tmp_path / f"{number}.csv", line(number), "a" * 40 * MIB))
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    assert bank.query("SELECT count(*) FROM raw.rejected WHERE reason = 'line_too_long'") == [(4,)]
    assert peaks[-1] - peaks[0] < 64


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-16"])
def test_line_ends_may_be_mixed(bank: Bank, tmp_path: Path, encoding: str) -> None:
    mixed = bank.under(write_reference(tmp_path / "reference", encoding=encoding))
    text = f"{HEADER}\n{line(1)}\r\n{line(2)}\r{line(3, amount='ten')}\r\n\r\n\n{line(4, customer_id='Müller')}"
    (tmp_path / "a.csv").write_bytes(text.encode(encoding))
    done = mixed.ingest(tmp_path / "a.csv")
    assert (done.read, done.accepted, done.rejected) == (4, 3, 1)
    assert ("Müller",) in bank.query("SELECT customer_id FROM raw.customers")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_long_junk_line_is_no_unclosed_quote(bank: Bank, tmp_path: Path, end: str) -> None:
    junk = "-" * 12_000
    done = bank.ingest(put(tmp_path / "a.csv", line(1), junk, line(3), '"x"' + junk, line(5), end=end))
    assert (done.read, done.accepted, done.rejected) == (5, 3, 2)
    assert [reason for _, reason, _ in bank.rejected()] == ["missing_columns", "unquoted_value"]


def test_a_value_over_several_lines_in_a_row_that_lacks_columns(bank: Bank, tmp_path: Path) -> None:
    done = bank.ingest(put(tmp_path / "a.csv", line(1), 't2,"two\n\nlines"', line(3, customer_id='"a\r\n\nb"')))
    assert (done.read, done.accepted) == (3, 2)
    assert bank.rejected() == [(2, "missing_columns", "booked_at")]


def test_an_unclosed_quote_before_many_rows(bank: Bank, tmp_path: Path) -> None:
    path = put(tmp_path / "a.csv", line(1), 't2,"anna', *[line(number) for number in range(3, 300_000)])
    assert "a quote near row 2 is never closed" in refused(bank, path)


def test_many_columns_and_a_long_header(bank: Bank, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    names = ",".join([HEADER, *(f"c{number}" for number in range(10_000))])
    path.write_text(f"{names}\n")
    assert "10,006 columns, more than 1,000" in refused(bank, path)
    path.write_text(HEADER + "," + ",".join(f"a column of many words {number}" for number in range(80_000)) + "\n")
    assert "its first line is longer than 65,536 bytes" in refused(bank, path)
    path.write_bytes(gzip.compress(path.read_bytes()))
    packed = path.rename(tmp_path / "b.csv.gz")
    assert "its first line is longer than 65,536 bytes" in refused(bank, packed)
    path.write_text(",".join(f"column {number}" for number in range(900)) + "\n")
    assert "(found: column 0, column 1" in refused(bank, path)


def test_a_shape_does_not_depend_on_where_the_chunks_end() -> None:
    text = b"ab\n\ncdef\r\n\r\ng\rhijkl"
    for size in range(1, len(text) + 1):
        shape = Shape()
        for start in range(0, len(text), size):
            shape.feed(text[start : start + size])
        shape.close()
        assert (shape.lines, shape.longest) == (4, 5)
