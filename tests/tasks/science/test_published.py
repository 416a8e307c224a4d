"""Published views: a release appears in all of them at once, and what they said at a date can be asked for later."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from threading import Event, Thread

import duckdb
import pytest

from expectations.contract import Column, Contract, contracts
from flows.cli import main
from tasks.operation.retention import let_go
from tasks.publishing import release as releasing
from tasks.publishing.at_date import newest_until, published_at
from tasks.publishing.release import release_candidate
from tasks.stages.publishing import release
from tests.support.release import build, build_and_release
from tests.tasks.science.conftest import AS_OF, EARLIER, Bank
from warehouse.connection import connect, in_transaction
from warehouse.errors import MicrosegError

pytestmark = pytest.mark.warehouse
OF_CUSTOMERS = ("segments", "segment_history", "reasons", "angles", "trajectories", "personality")
FEATURES = ("reasons", "angles", "trajectories", "personality")
VIEWS = (*OF_CUSTOMERS, "segment_summary", "segment_transitions")
RELEASE = ("window_name", "model_version", "reference_version", "published_at")
BETWEEN = date(2025, 12, 15)
Rows = list[tuple[object, ...]]


def rows(connection: duckdb.DuckDBPyConnection, view: str, columns: str = "*") -> Rows:
    return connection.execute(f"SELECT {columns} FROM published.{view}_v1 ORDER BY ALL").fetchall()


def everything(connection: duckdb.DuckDBPyConnection, without: str = "") -> dict[str, Rows]:
    columns = f"* EXCLUDE ({without})" if without else "*"
    return {view: rows(connection, view, columns) for view in VIEWS}


def release_earlier(bank: Bank) -> None:
    with connect(bank.settings) as connection:
        build_and_release(connection, bank.settings, bank.model, EARLIER)


@contextmanager
def asked(bank: Bank, day: date) -> Iterator[duckdb.DuckDBPyConnection]:
    with connect(bank.settings, read_only=True) as connection, published_at(connection, day):
        yield connection


def test_views_hold_the_tables_rows_with_their_release(bank: Bank) -> None:
    sources = {"segments": "segments.by_date", "segment_summary": "segments.summary"}
    sources |= {view: f"features.{view}" for view in FEATURES}
    with connect(bank.settings, read_only=True) as connection:
        released = connection.execute("SELECT * FROM segments.published").fetchall()
        active = connection.execute("SELECT reference_version FROM ref.sets").fetchall()[0][0]
        assert released == [(AS_OF, "bimonthly", bank.model.version, active, released[0][-1])]
        for view in VIEWS:
            found = connection.execute(f"SELECT DISTINCT as_of, {', '.join(RELEASE)} FROM published.{view}_v1")
            assert found.fetchall() == released, view
        for view, source in sources.items():
            window = "WHERE window_name = 'bimonthly'" if view in FEATURES else ""
            expected = connection.execute(f"SELECT count(*) FROM {source} {window}").fetchall()
            assert rows(connection, view, "count(*)") == expected != [(0,)], view


def test_views_with_ids_differ_by_the_id_alone(bank: Bank) -> None:
    with connect(bank.settings, read_only=True) as connection:
        for view in OF_CUSTOMERS:
            named = f"FROM published_with_ids.{view}_v1"
            without = connection.execute(f"SELECT * EXCLUDE (customer_id) {named} ORDER BY ALL").fetchall()
            assert without == rows(connection, view) != []
            known = "SELECT customer_key, customer_id FROM raw.customers"
            assert connection.execute(f"SELECT customer_key, customer_id {named} EXCEPT {known}").fetchall() == []
        shown = "SELECT DISTINCT schema_name FROM duckdb_columns() WHERE column_name = 'customer_id'"
        published = f"{shown} AND schema_name LIKE 'published%'"
        assert connection.execute(published).fetchall() == [("published_with_ids",)]


@pytest.mark.parametrize("contract", contracts(), ids=lambda contract: contract.view)
def test_rows_are_what_their_contracts_allow(bank_home: Bank, contract: Contract) -> None:
    with connect(bank_home.settings, read_only=True) as connection:
        for schema in contract.schemas:
            named = f"FROM {schema}.{contract.view}"
            for column in contract.columns_in(schema):
                text = f"SELECT count(*) {named} WHERE NOT coalesce({allowing(column)}, {not column.required})"
                assert connection.execute(text).fetchall() == [(0,)], (schema, column.name)
            text = f"SELECT count(*) - count(DISTINCT ({', '.join(contract.key)})) {named}"
            assert connection.execute(text).fetchall() == [(0,)]


def allowing(column: Column) -> str:
    """What holds of a value that the contract allows; null where there is none."""
    allowed, conditions = column.allowed, [f"{column.name} IS NOT NULL" if column.required else "true"]
    conditions += [f"{column.name} >= {allowed.minimum}"] * (allowed.minimum is not None)
    conditions += [f"{column.name} <= {allowed.maximum}"] * (allowed.maximum is not None)
    conditions += [f"{column.name} IN {allowed.values}"] * bool(allowed.values)
    conditions += [f"regexp_full_match({column.name}, '{allowed.pattern}')"] * bool(allowed.pattern)
    return " AND ".join(conditions)


def test_a_broken_view_stops_the_release_and_nothing_is_published(bank: Bank) -> None:
    with connect(bank.settings) as connection:
        in_transaction(connection, lambda: build(connection, bank.settings, bank.model, EARLIER))
        connection.execute("DROP VIEW published_with_ids.angles_v1")
        before = everything(connection)
    with pytest.raises(MicrosegError, match=r"published_with_ids\.angles_v1 is missing"):
        release.fn(bank.settings, EARLIER, "run")
    with connect(bank.settings, read_only=True) as connection:
        assert everything(connection) == before


def test_a_release_is_seen_whole_or_not_at_all(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read from outside in the middle of the commit, behind its last write, and after it."""
    seen: list[dict[str, Rows]] = []

    def look() -> None:
        with connect(bank.settings, read_only=True) as connection:
            seen.append(everything(connection))

    def at_the_end(*arguments: object) -> None:
        look()

    look()
    with connect(bank.settings) as connection:
        in_transaction(connection, lambda: build(connection, bank.settings, bank.model, EARLIER))
        look()
        monkeypatch.setattr(releasing, "drop_unused", at_the_end)
        in_transaction(connection, lambda: release_candidate(connection, bank.settings, EARLIER, "run"))
    look()
    before, built, middle, after = seen
    assert before == built == middle
    assert all(EARLIER in {row[0] for row in after[view]} for view in VIEWS if view != "segment_history")


def test_a_reader_beside_a_release_sees_one_state(bank: Bank) -> None:
    """Of the same date released again: within one transaction all views tell the same moment."""
    over = Event()
    states: list[set[object]] = []

    def read() -> None:
        with connect(bank.settings, read_only=True) as connection:
            while not over.is_set():
                states.append(in_transaction(connection, lambda: moments(connection)))

    def moments(connection: duckdb.DuckDBPyConnection) -> set[object]:
        return {row for view in VIEWS for row in rows(connection, view, "DISTINCT published_at")}

    reader = Thread(target=read)
    reader.start()
    try:
        for _ in range(2):
            with connect(bank.settings) as connection:
                connection.execute("DELETE FROM ops.provenance WHERE stage = 'release'")
                build_and_release(connection, bank.settings, bank.model, AS_OF)
    finally:
        over.set()
        reader.join()
    assert {len(state) for state in states} == {1}


def test_at_a_date_is_as_it_was_when_that_date_was_the_newest(bank: Bank) -> None:
    """The answers of a warehouse of one date, asked again once there is a later one, on all days between the two."""
    with connect(bank.settings) as connection:
        for table in ("by_date", "summary", "transitions", "releases", "current"):
            connection.execute(f"DELETE FROM segments.{table}")
        connection.execute("DELETE FROM features.traced")
        connection.execute("DELETE FROM ops.provenance WHERE stage = 'release'")
        build_and_release(connection, bank.settings, bank.model, EARLIER)
        then = everything(connection)
        assert all(then.values())
        build_and_release(connection, bank.settings, bank.model, AS_OF)
        now = everything(connection)
    for day in (EARLIER, BETWEEN):
        with asked(bank, day) as connection:
            assert everything(connection) == then
    for day in (AS_OF, date(2999, 1, 1)):
        with asked(bank, day) as connection:
            assert everything(connection) == now
    assert then["segment_history"] != now["segment_history"]
    with connect(bank.settings, read_only=True) as connection:
        assert everything(connection) == now  # nothing is left of it


def test_a_later_backfill_of_an_earlier_date_is_told_by_its_moment(bank: Bank) -> None:
    with connect(bank.settings, read_only=True) as connection, pytest.raises(MicrosegError) as caught:
        newest_until(connection, bank.settings, BETWEEN)
    assert str(caught.value) == f"nothing was published as of {BETWEEN}: the first published date is {AS_OF}"
    release_earlier(bank)
    with connect(bank.settings, read_only=True) as connection:
        assert newest_until(connection, bank.settings, BETWEEN) == EARLIER
        assert newest_until(connection, bank.settings, AS_OF) == AS_OF
    with asked(bank, BETWEEN) as connection:
        first = everything(connection)
    with connect(bank.settings) as connection:
        connection.execute("DELETE FROM ops.provenance WHERE stage = 'release'")
    release_earlier(bank)
    with asked(bank, BETWEEN) as connection:
        again = everything(connection)
    moments = [max(str(row[-1]) for row in held["segments"]) for held in (first, again)]
    assert moments[0] < moments[1]
    assert {view: [row[:-1] for row in held] for view, held in first.items()} == {
        view: [row[:-1] for row in held] for view, held in again.items()
    }


def test_what_retention_let_go_of_leaves_the_segments(bank: Bank) -> None:
    gone = date(2025, 11, 20)
    with connect(bank.settings) as connection:
        for table in ("segments.by_date", "segments.summary", "segments.releases"):
            connection.execute(f"INSERT INTO {table} BY NAME SELECT * REPLACE ($1 AS as_of) FROM {table}", [gone])
        traced = "INSERT INTO features.traced BY NAME SELECT * REPLACE ($1 AS as_of) FROM features.traced"
        connection.execute(traced, [gone])
        connection.execute("INSERT INTO ops.provenance (as_of, stage) VALUES ($1, 'release')", [gone])
        kept = everything(connection)
        days = in_transaction(connection, lambda: let_go(connection, bank.settings, [], "run"))
        assert days == [gone]
        left = everything(connection)
    for view in VIEWS:
        dates = {row[0] for row in left[view]}
        assert dates == ({AS_OF} if view in FEATURES else {row[0] for row in kept[view]}), view
        assert [row for row in kept[view] if view not in FEATURES or row[0] == AS_OF] == left[view]
    with asked(bank, gone) as connection:
        assert rows(connection, "segments", "DISTINCT as_of") == [(gone,)]
        assert rows(connection, "angles") == []


def typed(bank: Bank, monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setenv("MICROSEG_HOME", str(bank.settings.home))
    return main(["query", "--format", "csv", *words])


def test_the_command_answers_as_of_a_date(
    bank: Bank, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    release_earlier(bank)
    asking = "SELECT max(as_of) AS day FROM Published.segments_v1"
    for words, day in ((["--at", str(BETWEEN)], EARLIER), (["--at", str(AS_OF)], AS_OF), ([], AS_OF)):
        assert typed(bank, monkeypatch, *words, asking) == 0
        assert capsys.readouterr().out.split() == ["day", str(day)]
    within = "WITH own AS (FROM published_with_ids.angles_v1) SELECT count(DISTINCT as_of) AS days FROM own"
    assert typed(bank, monkeypatch, "--at", str(BETWEEN), within) == 0
    assert capsys.readouterr().out.split() == ["days", "1"]


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("segments.by_date", "segments"),
        ("lake.published.segments_v1", "lake.published"),
        ("lake.main.anything", "lake.main"),
        ("(SELECT * FROM raw.customers)", "raw"),
        ("ducklake_snapshots('lake')", "ducklake_snapshots()"),
        ("lake.table_changes('x', 0, 9)", "table_changes()"),
    ],
)
def test_nothing_else_is_answered_as_of_a_date(
    bank: Bank, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], source: str, place: str
) -> None:
    assert typed(bank, monkeypatch, "--at", str(AS_OF), f"SELECT count(*) FROM {source}") == 1
    line = "with --at only published and published_with_ids can be read, by these names"
    assert capsys.readouterr().err == f"microseg: {line}: {place} cannot\n"


def test_before_the_first_release_is_one_line(
    bank: Bank, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed(bank, monkeypatch, "--at", "2025-12-30", "FROM published.segments_v1") == 1
    expected = f"microseg: nothing was published as of 2025-12-30: the first published date is {AS_OF}\n"
    assert capsys.readouterr().err == expected
