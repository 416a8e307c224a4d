"""Maintenance lets go of what it should, changes nothing else, and can be stopped, repeated and raced."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tasks.operation.backfill import request
from tasks.operation.expiry import expire, remove_files
from tasks.operation.journal import Journal
from tasks.operation.maintain import let_dates_go, measure, others_at_work
from tasks.operation.merging import merge
from tasks.operation.seal import seal
from tasks.operation.verify import read_report
from tasks.science.features import build_features
from tests.tasks.operation.retained import (
    FIRST,
    KEEP,
    always,
    files_known,
    files_on_disk,
    made_dates,
    maintain,
    night,
    rows,
    said,
    without_models,
    write_candidate,
    write_periods,
)
from warehouse.attachment import METADATA
from warehouse.connection import connect, in_transaction
from warehouse.errors import DamageError, ModelError
from warehouse.queries import query
from warehouse.settings import Settings
from warehouse.stored import address, live_files

pytestmark = pytest.mark.warehouse


@pytest.fixture(autouse=True)
def modelless() -> Iterator[None]:
    with without_models():
        yield


@pytest.fixture
def few(lake: Settings) -> Settings:
    return lake.model_copy(update={"keep_days": KEEP, "threads": 1})


def test_the_second_does_nothing(few: Settings) -> None:
    for n in range(7):
        night(few, FIRST + timedelta(days=n))
    assert maintain(few)[0] == 4
    before = measure(few)
    done = maintain(few)
    assert (done[0], done[1].parts, done[2:]) == (0, 0, (0, 0))
    assert measure(few) == before


def test_files_do_not_grow_with_the_nights(few: Settings, tmp_path: Path) -> None:
    counts = []
    for step in (6, 5):
        home = tmp_path / str(step)
        shutil.copytree(few.home, home)
        settings = few.model_copy(update={"home": home})
        for n in range(0, 31, step):
            night(settings, date(2026, 1, 1) + timedelta(days=n))
        for n in range(3):
            night(settings, date(2026, 3, 1) + timedelta(days=n))
        maintain(settings)
        counts.append(measure(settings).files)
        _, _, expired, removed = maintain(settings, 9)
        assert min(expired, removed) > 0
        assert measure(settings).files == counts[-1] == len(files_on_disk(settings))
    assert counts[0] == counts[1]


def test_a_month_that_is_over_is_one_file_and_says_the_same(few: Settings) -> None:
    for n in range(6):
        night(few, date(2026, 1, 1) + timedelta(days=n))
    night(few, date(2026, 3, 1))
    before = always(few, "segments.by_date")
    maintain(few)
    with connect(few, read_only=True) as connection:
        held = [file for file in live_files(connection) if file.table == "segments.by_date"]
    assert [(file.first, file.last) for file in held] == [
        (date(2026, 1, 1), date(2026, 1, 6)),
        (date(2026, 3, 1), date(2026, 3, 1)),
    ]
    assert always(few, "segments.by_date") == before
    night(few, date(2026, 1, 3), version=1)  # a backfill into the month: it is merged again
    after = always(few, "segments.by_date")
    assert after != before
    assert merge(few).parts > 0
    assert always(few, "segments.by_date") == after


def test_the_journal_keeps_its_order(few: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.operation.merging.INLINED", 2)
    for n in range(5):
        with Journal(few, "nightly", FIRST + timedelta(days=n)):
            pass
    before = rows(few, "SELECT * FROM ops.runs ORDER BY rowid")
    assert merge(few).parts > 0
    assert rows(few, "SELECT * FROM ops.runs ORDER BY rowid") == before


def test_a_damaged_file_is_not_merged_into_a_good_one(few: Settings) -> None:
    for n in range(6):
        night(few, date(2026, 1, 1) + timedelta(days=n))
    night(few, date(2026, 3, 1))
    seal(few)
    with connect(few, read_only=True) as connection:
        file = next(file for file in live_files(connection) if file.table == "segments.by_date")
    place = Path(address(few, file.path))
    content = bytearray(place.read_bytes())
    content[len(content) // 2] ^= 1
    place.write_bytes(content)
    with pytest.raises(DamageError, match=r"segments\.by_date"):
        merge(few)


def test_dates_that_others_are_at_stay(few: Settings) -> None:
    days = [FIRST + timedelta(days=n) for n in range(4)]
    for day in (*days, date(2026, 3, 1)):
        night(few, day)
    with Journal(few, "backfill", days[3]) as journal:
        request(few, [days[0]], "recompute", journal.run_id)
        with connect(few) as connection:
            in_transaction(connection, lambda: write_candidate(connection, days[1], 1))
            connection.execute("UPDATE candidates.dates SET run_id = $1", [journal.run_id])
        assert others_at_work(few, "maintenance")
        assert let_dates_go(few, "maintenance") == [days[2]]
    assert not others_at_work(few, "maintenance")
    assert let_dates_go(few, "maintenance") == [days[0], days[1], days[3]]
    assert rows(few, "SELECT count(*) FROM candidates.inputs") == [(0,)]


def test_a_run_of_another_machine_is_awaited_for_its_patience(few: Settings) -> None:
    values = "VALUES ('r', 'nightly', '{}', 'running', now() - INTERVAL {} HOUR)"
    entry = f"INSERT INTO ops.runs (run_id, flow, as_of, status, started_at) {values}"
    with connect(few) as connection:
        connection.execute(entry.format(FIRST, 1))
    assert others_at_work(few, "maintenance")
    with connect(few) as connection:
        connection.execute("DELETE FROM ops.runs")
        connection.execute(entry.format(FIRST, few.run_patience_hours + 1))
    assert not others_at_work(few, "maintenance")


def test_the_date_that_a_stopped_change_of_champion_has_to_finish_stays(few: Settings) -> None:
    for day in (FIRST, date(2026, 3, 1)):
        night(few, day)
    with connect(few) as connection:
        connection.execute(f"INSERT INTO models.promotions VALUES ('m', NULL, 'promoted', '{FIRST}', '', 'r', now())")
    assert let_dates_go(few, "maintenance") == []


def test_periods_that_were_never_released_go_too(few: Settings) -> None:
    with connect(few) as connection:
        in_transaction(connection, lambda: write_periods(connection, FIRST, 0))
    assert let_dates_go(few, "maintenance") == []  # nothing is published: nothing is old
    night(few, date(2026, 3, 1))
    assert let_dates_go(few, "maintenance") == [FIRST]
    assert rows(few, f"SELECT count(*) FROM spend.by_period WHERE as_of = '{FIRST}'") == [(0,)]
    assert rows(few, f"SELECT count(*) FROM ops.provenance WHERE as_of = '{FIRST}'") == [(0,)]


def test_nights_at_the_same_time_leave_the_same_tables(few: Settings, tmp_path: Path, migrated_home: Path) -> None:
    old = [date(2026, 1, 1) + timedelta(days=n) for n in range(6)]
    new = [date(2026, 3, 1) + timedelta(days=n) for n in range(3)]
    for day in (*old, new[0]):
        night(few, day)
    patient = few.model_copy(update={"commit_attempts": 12})
    with ThreadPoolExecutor(2) as pool:
        cared = pool.submit(maintain, patient, 9)
        for day in new[1:]:
            night(few, day)
        assert cared.result()[0] == len(old)
    maintain(few)
    alone = few.model_copy(update={"home": tmp_path / "alone"})
    shutil.copytree(migrated_home, alone.home)
    for day in (*old, *new):
        night(alone, day)
    assert made_dates(few) == set(new)
    expected = said(alone, set(new))
    assert said(few, set(new)) == expected
    assert read_report(few).problems == ()


def test_no_features_are_made_of_periods_that_are_not_there(few: Settings) -> None:
    """A backfill that found its periods current, and lost them to a maintenance before it read them."""
    model: Any = None  # it is not asked
    with connect(few) as connection, pytest.raises(ModelError, match="no periods of 2026-01-26"):
        in_transaction(connection, lambda: build_features(connection, few, model, FIRST, "run"))


def test_a_reader_that_began_before_finishes(few: Settings) -> None:
    for day in (FIRST, date(2026, 3, 1)):
        night(few, day)
    with connect(few, read_only=True) as reader:
        reader.execute("BEGIN")
        first = reader.execute("SELECT count(*) FROM features.inputs").fetchall()
        assert let_dates_go(few, "maintenance") == [FIRST]
        assert expire(few, datetime.now(UTC) + timedelta(days=9)) > 0
        assert remove_files(few, datetime.now(UTC)) == 0
        tables = ("inputs", "angles", "reasons", "trajectories")
        found = [reader.execute(f"SELECT count(*) FROM features.{name}").fetchall() for name in tables]
        reader.execute("COMMIT")
        assert found == [first] * 4 == [[(24,)]] * 4
        assert reader.execute("SELECT count(*) FROM features.inputs").fetchone() == (12,)


def test_files_that_no_snapshot_has_wait_for_readers(few: Settings) -> None:
    for version in range(2):
        night(few, FIRST, version)
    now = datetime.now(UTC)
    expire(few, now + timedelta(days=9))
    assert measure(few).waiting > 0
    assert remove_files(few, now + timedelta(hours=23)) == 0
    assert remove_files(few, now + timedelta(days=3)) > 0
    assert measure(few).waiting == 0
    assert files_on_disk(few) == files_known(few)


def test_rows_in_the_catalog_that_nobody_can_read_go(few: Settings) -> None:
    for n in range(3):
        with Journal(few, "nightly", FIRST + timedelta(days=n)):
            pass
    before = rows(few, "SELECT * FROM ops.runs ORDER BY rowid")
    assert dead_rows(few) > 0
    expire(few, datetime.now(UTC))
    assert dead_rows(few) > 0  # snapshots still have them
    expire(few, datetime.now(UTC) + timedelta(days=9))
    assert dead_rows(few) == 0
    assert rows(few, "SELECT * FROM ops.runs ORDER BY rowid") == before


def dead_rows(settings: Settings) -> int:
    """Count the rows inside of the catalog that are not in force."""
    with connect(settings, read_only=True) as connection:
        tables = connection.execute(query("maintain/select_inlined").format(catalog=METADATA)).fetchall()
        texts = [f"SELECT count(*) FROM {METADATA}.{inside} WHERE end_snapshot IS NOT NULL" for _, inside in tables]
        return int(sum(connection.execute(text).fetchall()[0][0] for text in texts))
