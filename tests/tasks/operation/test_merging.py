"""What is merged: parts of tables in many small files, never across months, nor what may still change."""

from datetime import date, timedelta
from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from tasks.operation.merging import FEW, INLINED, LARGE, parts_to_merge
from warehouse.stored import DataFile

SETTLED = date(2026, 2, 10)
TABLES = (
    "raw.transactions",
    "segments.by_date",
    "features.angles",
    "spend.monthly",
    "spend.periods",
    "ops.files",
    "ops.validations",
    "candidates.angles",
    "other.split",
)
PARTITIONED = frozenset({"raw.transactions", "segments.by_date", "features.angles", "spend.monthly", "other.split"})
_IDS = count(1)


def file(table: str, day: date | None = None, size: int = 1000, file_id: int = 0, deletes: int = 0) -> DataFile:
    number = next(_IDS)
    held, deleted = (0, deletes) if deletes else (100, 0)
    whole = DataFile(file_id or number, 1, table, f"{number}.parquet", size, day, day)
    return whole._replace(rows_held=held, rows_deleted=deleted)


FILES = st.builds(
    file, st.sampled_from(TABLES), st.dates(date(2025, 12, 1), date(2026, 3, 10)), st.sampled_from((1000, LARGE))
)


@given(files=st.lists(FILES, max_size=60))
def test_each_file_is_in_one_part_and_no_part_goes_beyond_its_month(files: list[DataFile]) -> None:
    parts = parts_to_merge(files, {}, PARTITIONED, SETTLED)
    merged = [file for held in parts.values() for file in held]
    assert len(merged) == len(set(merged))
    for part, held in parts.items():
        assert {each.table for each in held} == {part.table}
        assert sum(each.size < LARGE for each in held) > FEW
        if part.table in ("raw.transactions", "segments.by_date"):
            assert len({(each.first.year, each.first.month) for each in held if each.first}) == 1
        if part.table in ("segments.by_date", "features.angles"):
            assert all(each.last is not None and each.last < SETTLED for each in held)
        assert part.table in ("raw.transactions", "segments.by_date", "features.angles", "ops.validations")


def test_a_month_of_segments_is_merged_when_all_of_it_is_settled() -> None:
    january = [file("segments.by_date", date(2026, 1, 1) + timedelta(days=n)) for n in range(FEW + 1)]
    assert len(parts_to_merge(january, {}, PARTITIONED, date(2026, 2, 1))) == 1
    assert parts_to_merge(january, {}, PARTITIONED, date(2026, 1, 31)) == {}
    assert parts_to_merge(january, {}, PARTITIONED, None) == {}
    assert parts_to_merge(january[1:], {}, PARTITIONED, date(2026, 2, 1)) == {}


def test_deleted_rows_are_left_out_of_a_new_file() -> None:
    whole = file("ops.validations")
    deletions = file("ops.validations", file_id=whole.file_id, deletes=99)
    assert parts_to_merge([whole], {}, PARTITIONED, SETTLED) == {}
    assert [len(held) for held in parts_to_merge([whole, deletions], {}, PARTITIONED, SETTLED).values()] == [2]


def test_a_file_that_holds_no_row_any_more_is_let_be() -> None:
    dead = [file("ops.validations") for _ in range(FEW + 1)]
    gone = [file("ops.validations", file_id=each.file_id, deletes=100) for each in dead]
    assert parts_to_merge([*dead, *gone], {}, PARTITIONED, SETTLED) == {}
    inside = {each.file_id: 100 for each in dead}
    assert parts_to_merge(dead, {}, PARTITIONED, SETTLED, inside) == {}
    assert len(parts_to_merge(dead, {}, PARTITIONED, SETTLED, dict.fromkeys(inside, 99))) == 1


def test_rows_inside_of_the_catalog_get_a_file_when_they_are_many() -> None:
    rows = {"ops.runs": INLINED + 1, "ops.drift": INLINED, "ops.files": 100_000, "segments.by_date": INLINED + 1}
    assert [part.table for part in parts_to_merge([], rows, PARTITIONED, SETTLED)] == ["ops.runs"]
