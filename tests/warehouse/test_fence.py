"""What a reader can reach: the lake's own files, and no other file, network, extension, setting or password."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from flows.cli import main
from tests.support.postgres import Cluster
from warehouse.connection import connect
from warehouse.engines import close_idle
from warehouse.errors import MicrosegError
from warehouse.fence import only_reads
from warehouse.migrations import migrate
from warehouse.settings import Settings

pytestmark = pytest.mark.warehouse
ROWS = "INSERT INTO raw.stale_months SELECT DATE '2024-02-29', 'load ' || i FROM range(999) AS r (i)"
# What each of these would do: {home} is the warehouse's, {out} a folder outside of it.
ATTACKS = (
    "ATTACH 'ducklake:sqlite:{home}/catalog.sqlite' AS rw; DELETE FROM rw.raw.stale_months",
    "ATTACH 'ducklake:sqlite:{home}/catalog.sqlite' AS rw",
    "ATTACH 'sqlite:{home}/catalog.sqlite' AS rw",
    "ATTACH '{home}/data/own.duckdb' AS own",
    "ATTACH ':memory:' AS own",
    "DETACH memory",
    "USE memory",
    "COPY raw.stale_months TO '{home}/data/x.parquet'",
    "COPY raw.stale_months TO '{home}/x.csv'",
    "COPY raw.stale_months TO '{out}/x.parquet'",
    "COPY (SELECT 1) TO '/dev/stdout'",
    "COPY raw.stale_months FROM '{out}/secret.csv'",
    "EXPORT DATABASE '{home}/data/x'",
    "IMPORT DATABASE '{out}'",
    "INSTALL spatial",
    "FORCE INSTALL ducklake FROM community",
    "LOAD spatial",
    "SET memory_limit = '100GB'",
    "RESET memory_limit",
    "PRAGMA threads = 64",
    "SET enable_external_access = true",
    "SET VARIABLE x = 1",
    "CHECKPOINT",
    "CHECKPOINT lake",
    "VACUUM",
    "BEGIN",
    "SELECT 1; SELECT 2",
    "SELECT 1; DROP TABLE raw.loads",
    "PREPARE p AS SELECT 1",
    "EXECUTE p",
    "CREATE TEMP TABLE t AS SELECT 1",
    "CREATE MACRO lower(x) AS 1",
    "CREATE SECRET s (TYPE s3, KEY_ID 'a', SECRET 'b')",
    "DELETE FROM raw.stale_months",
    "EXPLAIN ANALYZE DELETE FROM raw.stale_months",
    "EXPLAIN COPY raw.stale_months TO '{out}/x.parquet'",
    "EXPLAIN ANALYZE SELECT * FROM read_text('{out}/secret.csv')",
    "EXPLAIN EXPLAIN ANALYZE SELECT * FROM read_text('{out}/secret.csv')",
    "EXPLAIN /* a comment */ ANALYZE SELECT * FROM read_text('{out}/secret.csv')",
    "CALL ducklake_expire_snapshots('lake', older_than => now())",
    "CALL ducklake_cleanup_old_files('lake', cleanup_all => true)",
    "CALL ducklake_delete_orphaned_files('lake', cleanup_all => true)",
    "FROM ducklake_delete_orphaned_files('lake', cleanup_all => true)",
    "SELECT (SELECT count(*) FROM ducklake_cleanup_old_files('lake', cleanup_all => true))",
    "CALL ducklake_add_data_files('lake', 'stale_months', '{out}/x.parquet', schema => 'raw')",
    "CALL lake.set_option('data_inlining_row_limit', 0)",
    "FROM lake.set_option('data_inlining_row_limit', 0)",
    "CALL pragma_version()",
    "FROM read_text('/etc/passwd')",
    "FROM READ_CSV('{out}/secret.csv')",
    "FROM read_blob('{home}/catalog.sqlite')",
    "FROM glob('{home}/*')",
    "FROM '{out}/secret.csv'",
    'FROM "{out}/secret.csv"',
    "SELECT * FROM segments.current WHERE EXISTS (FROM read_csv_auto('{out}/secret.csv'))",
    "WITH x AS MATERIALIZED (FROM read_text('{out}/secret.csv')) FROM x",
    "FROM (VALUES (1)) t(a), LATERAL (FROM read_text('{out}/secret.csv'))",
    "DESCRIBE FROM '{out}/secret.csv'",
    "SUMMARIZE '{out}/secret.csv'",
    "FROM query('FROM read_text(''{out}/secret.csv'')')",
    "FROM query_table('{out}/secret.csv')",
    "FROM json_execute_serialized_sql(json_serialize_sql('FROM read_text(''{out}/secret.csv'')'))",
    "FROM sqlite_scan('{home}/catalog.sqlite', 'ducklake_snapshot')",
    "FROM sqlite_query('__ducklake_metadata_lake', 'SELECT 1')",
    "FROM sniff_csv('{out}/secret.csv')",
    "FROM parquet_metadata('{out}/x.parquet')",
    "FROM options",  # a variable of the program's own
    "",
    "-- nothing",
)
QUERIES = (
    "FROM raw.stale_months",
    "TABLE raw.stale_months",
    "VALUES (1)",
    "SELECT count(*) FROM raw.stale_months;",
    "-- a comment\nSELECT 1",
    "WITH RECURSIVE r AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM r WHERE i < 3) FROM r",
    'WITH "my rows" AS (SELECT 1) FROM "my rows"',
    "SHOW ALL TABLES",
    "SHOW TABLES FROM raw",
    "DESCRIBE raw.stale_months",
    "SUMMARIZE raw.stale_months",
    "EXPLAIN SELECT count(*) FROM raw.stale_months",
    "explain analyze SELECT count(*) FROM raw.stale_months",
    "PIVOT raw.stale_months ON month IN ('2024-02-29') USING count(*)",
    "UNPIVOT (SELECT 1 AS a, 2 AS b) ON a, b",
    "SELECT unnest([1, 2]), i FROM range(3) AS r (i)",
    "FROM generate_series(1, 3)",
    "FROM lake.snapshots()",
    "FROM duckdb_columns() LIMIT 1",
    "FROM duckdb_settings() LIMIT 1",
)


@pytest.fixture(scope="module")
def filled(migrated_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(home=tmp_path_factory.mktemp("filled") / "home")
    shutil.copytree(migrated_home, settings.home)
    with connect(settings) as connection:
        connection.execute(ROWS)
    return settings


@pytest.fixture
def out(filled: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder outside of the warehouse; whatever is tried, nothing is written in either."""
    (tmp_path / "secret.csv").write_text("word\nhunter2\n")
    monkeypatch.setenv("MICROSEG_HOME", str(filled.home))
    before = files(filled.home), files(tmp_path)
    yield tmp_path
    assert (files(filled.home), files(tmp_path)) == before
    with connect(filled, read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM raw.stale_months").fetchone() == (999,)


def files(folder: Path) -> set[Path]:
    close_idle()
    return {path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("catalog.sqlite-")}


@pytest.fixture(scope="module")
def reader(filled: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    with connect(filled, read_only=True) as connection:
        yield connection


@pytest.mark.parametrize("attack", ATTACKS)
def test_only_what_reads_the_lake_is_let_through(
    reader: duckdb.DuckDBPyConnection, filled: Settings, attack: str
) -> None:
    with pytest.raises((MicrosegError, duckdb.Error)):
        reader.execute(only_reads(reader, attack.format(home=filled.home, out="/out"))).fetchall()


@pytest.mark.parametrize("sql", QUERIES)
def test_reading_is_let_through_in_every_way(reader: duckdb.DuckDBPyConnection, sql: str) -> None:
    assert reader.execute(only_reads(reader, sql)).fetchall()


@pytest.mark.parametrize("attack", ATTACKS[:11])
def test_refused_query_is_told_in_one_line(
    filled: Settings, out: Path, attack: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["query", attack.format(home=filled.home, out=out), "--format", "csv"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("microseg: `microseg query` is read-only")
    assert said.err.count("\n") == 1


@pytest.mark.usefixtures("out")
def test_failing_query_is_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["query", "SELECT moneths FROM raw.stale_months"]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert 'Referenced column "moneths" not found' in said
    assert "Candidate bindings" in said


@pytest.mark.parametrize(
    "statement",
    [
        "COPY raw.stale_months TO '{out}/x.parquet'",
        "FROM read_text('{out}/secret.csv')",
        "FROM read_text('{home}/notes.txt')",
        "INSTALL spatial",
        "LOAD spatial",
        "SET threads = 1",
        "ATTACH '{out}/own.duckdb' AS own",
        "SET enable_external_access = true",
    ],
)
def test_every_reading_connection_is_fenced(filled: Settings, out: Path, statement: str) -> None:
    with (
        connect(filled, read_only=True) as connection,
        pytest.raises(duckdb.Error, match=r"disabled|locked|cannot be enabled"),
    ):
        connection.execute(statement.format(home=filled.home, out=out))


def test_relative_data_path_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "linked").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "linked")
    for data_path in ("lake/", "deep//lake", f"{tmp_path}/link/lake"):
        settings = Settings(home=Path("homes") / data_path, data_path=data_path)
        with connect(settings) as connection:
            migrate(connection)
            connection.execute(ROWS)
        with connect(settings, read_only=True) as connection:
            assert connection.execute("SELECT count(*) FROM raw.stale_months").fetchone() == (999,)


@pytest.mark.postgres
@pytest.mark.parametrize("form", ["keys", "keys with quotes", "address"])
def test_password_of_the_catalog_cannot_be_read(settings: Settings, postgres_cluster: Cluster, form: str) -> None:
    keys = postgres_cluster.create_database()
    database, password = keys.split("dbname=")[1].split()[0], postgres_cluster.password
    address = {
        "keys": keys,
        "keys with quotes": f"{keys.partition('password=')[0]}password = '{password}' connect_timeout=10",
        "address": f"postgresql://microseg:{password}@127.0.0.1:{postgres_cluster.port}/{database}?connect_timeout=10",
    }[form]
    settings = settings.model_copy(update={"catalog": f"postgres:{address}"})
    with connect(settings) as connection:
        migrate(connection)
        connection.execute(ROWS)
    for read_only in (False, True):
        with connect(settings, read_only) as connection:
            assert connection.execute("SELECT count(*) FROM raw.stale_months").fetchone() == (999,)
            for place in ("duckdb_databases()", "duckdb_secrets()", "duckdb_settings()", "ducklake_options('lake')"):
                assert password not in str(connection.execute(f"FROM {place}").fetchall())
    with connect(settings, read_only=True) as connection, pytest.raises(duckdb.Error, match="disabled"):
        connection.execute(f"ATTACH 'ducklake:postgres:{keys}' AS rw")
