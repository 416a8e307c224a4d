"""Every snippet of docs/ways-in.md works as it stands, and a reader that is left open over night disturbs nothing."""

import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from pydantic import SecretStr

from flows.cli import main
from tasks.operation.expiry import expire, remove_files
from tasks.operation.maintain import let_dates_go
from tasks.operation.merging import merge
from tasks.publishing.contracts import keep_contracts
from tasks.publishing.exports import export
from tasks.stages.publishing import release
from tests.support.postgres import Cluster
from tests.support.release import build
from tests.tasks.science.conftest import AS_OF, EARLIER, Bank
from warehouse.attach_script import attach_script
from warehouse.connection import connect, in_transaction
from warehouse.migrations import migrate
from warehouse.settings import Settings

pytestmark = pytest.mark.warehouse
PAGE = (Path(__file__).parents[3] / "docs" / "ways-in.md").read_text(encoding="utf-8")
SNIPPETS = [(kind, text) for kind, text in re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)]
BLOCKS = PAGE.count("\n```\n")


def snippets(kind: str) -> list[str]:
    return [text for this, text in SNIPPETS if this == kind]


@pytest.fixture
def place(bank: Bank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the page speaks of."""
    export(bank.settings, AS_OF)
    with connect(bank.settings) as connection:
        in_transaction(connection, lambda: keep_contracts(connection))
    bank.settings.home.rename(tmp_path / "microseg-data")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MICROSEG_HOME", "microseg-data")
    assert main(["attach", "--out", "attach.sql"]) == 0
    return tmp_path


def test_no_snippet_is_left_out() -> None:
    assert {kind for kind, _ in SNIPPETS} == {"sh", "python", "sql", "postgresql"}
    assert len(SNIPPETS) == BLOCKS


@pytest.mark.parametrize("text", snippets("sh"))
def test_commands(place: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    program, *words = shlex.split(text)
    assert program == "microseg"
    assert main(words) == 0
    assert capsys.readouterr().out or (place / words[-1]).read_text()


@pytest.mark.parametrize("text", snippets("python"))
def test_python(place: Path, text: str) -> None:
    names: dict[str, object] = {}
    exec(text, names)  # noqa: S102 - a page of ours
    assert len(names["segments"]) > 0  # type: ignore[arg-type]
    assert "meaning" not in names or names["meaning"] == "Points towards the dominant trait rather than the runner-up"


@pytest.mark.parametrize("text", snippets("sql"))
def test_sql_of_any_duckdb(place: Path, text: str) -> None:
    """As `duckdb -init attach.sql` takes it, and as a library does."""
    script = (place / "attach.sql").read_text()
    with duckdb.connect() as connection:
        connection.execute(script)
        rows = connection.execute(text).fetchall()
    assert rows
    program = Path(sys.executable).with_name("duckdb")
    command = [str(program), "-csv", "-noheader", "-init", "attach.sql", "-c", text]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert len(done.stdout.splitlines()) == len(rows)


def test_who_attaches_by_the_script_cannot_write(place: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute((place / "attach.sql").read_text())
        with pytest.raises(duckdb.Error, match="read-only"):
            connection.execute("DELETE FROM segments.by_date")


def test_the_script_names_no_secret(tmp_path: Path) -> None:
    settings = Settings(
        home=tmp_path,
        catalog="postgres:host=db user=microseg password=hidden dbname=lake",
        data_path="s3://bucket/lake/",
        s3_key_id="hidden",
        s3_secret=SecretStr("hidden"),
        s3_endpoint="store:9000",
        s3_url_style="path",
    )
    script = attach_script(settings)
    assert "hidden" not in script
    assert "ATTACH 'ducklake:postgres:host=db user=microseg dbname=lake' AS lake (" in script
    assert ", ENDPOINT 'store:9000'" in script
    assert "postgres_scanner" in script
    assert "httpfs" in script


@pytest.mark.postgres
def test_a_role_of_a_postgresql_catalog_that_only_reads(
    bank: Bank, postgres_cluster: Cluster, postgres_dsn: str, tmp_path: Path
) -> None:
    import psycopg

    settings = Settings(home=tmp_path / "shared", catalog=f"postgres:{postgres_dsn}", data_path=f"{tmp_path}/data/")
    password = re.findall(r"PASSWORD '(.*)'", snippets("postgresql")[0])[0]
    with connect(settings) as connection:
        migrate(connection)
        with psycopg.connect(postgres_dsn, autocommit=True) as catalog:  # before there are rows inside of the catalog
            catalog.execute(snippets("postgresql")[0].encode())
        line = "INSERT INTO segments.{} (as_of, segment, model_version) VALUES (DATE '2026-01-31', 'E', 'm')"
        connection.execute(line.format("summary"))
        connection.execute("INSERT INTO models.versions (model_version, window_name) VALUES ('m', 'annual')")
        connection.execute("INSERT INTO segments.releases (as_of, model_version) VALUES (DATE '2026-01-31', 'm')")
        connection.execute("INSERT INTO segments.summary SELECT s.* FROM segments.summary AS s, range(999)")
    script = attach_script(settings).replace("user=microseg", f"user=analyst password={password}")
    with duckdb.connect() as connection:
        connection.execute(script)
        rows = connection.execute("SELECT count(*) FROM published.segment_summary_v1").fetchall()
        assert rows == [(1000,)]
    with duckdb.connect() as connection:
        connection.execute(script.replace("READ_ONLY", "META_SCHEMA 'public'"))
        with pytest.raises(duckdb.Error, match="permission denied"):
            connection.execute("DELETE FROM segments.summary")
    with psycopg.connect(postgres_dsn, autocommit=True) as catalog:
        for statement in ("DROP OWNED BY analyst", "DROP ROLE analyst"):
            catalog.execute(statement.encode())


READER = """
import sys
import duckdb

lake, file = duckdb.connect(), duckdb.connect(sys.argv[2], read_only=True)
lake.execute(open(sys.argv[1]).read())
lake.execute("BEGIN")
views = [row[0] for row in lake.execute(
    "SELECT view_name FROM duckdb_views() WHERE schema_name = 'published' ORDER BY ALL"
).fetchall()]
tables = [row[0] for row in file.execute("SELECT table_name FROM duckdb_tables() ORDER BY ALL").fetchall()]
for line in sys.stdin:
    if line.strip() == "anew":
        lake.execute("COMMIT")
        file.close()
        file = duckdb.connect(sys.argv[2], read_only=True)
    asked = "SELECT count(*), max(as_of) FROM "
    counts = [lake.execute(f"{asked} published.{view}").fetchall() for view in views if view != "dictionary"]
    counts += [file.execute(f"{asked} {table}").fetchall() for table in tables]
    print(counts, flush=True)
"""


@contextmanager
def reader(place: Path) -> Iterator[Callable[[str], str]]:
    """A process that reads in one transaction, and a file that it opened once, until it is told to begin anew."""
    command = [sys.executable, "-c", READER, "attach.sql", "microseg-data/latest/published.duckdb"]
    with subprocess.Popen(command, cwd=place, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None

        def ask(how: str) -> str:
            process.stdin.write(f"{how}\n")  # type: ignore[union-attr]
            process.stdin.flush()  # type: ignore[union-attr]
            return process.stdout.readline()  # type: ignore[union-attr]

        try:
            yield ask
        finally:
            process.stdin.close()


def test_a_reader_left_open_over_night_disturbs_nothing(bank: Bank, place: Path) -> None:
    """A night replaces tables, files and `latest`, and a maintenance removes what nobody needs, while it reads on."""
    settings = bank.settings.model_copy(update={"home": Path("microseg-data")})
    with reader(place) as ask:
        evening = ask("again")
        assert str(AS_OF.day) in evening
        with connect(settings) as connection:
            connection.execute("DELETE FROM ops.provenance WHERE stage = 'release'")
            connection.execute("DELETE FROM segments.by_date WHERE customer_key % 2 = 0")
            in_transaction(connection, lambda: build(connection, settings, bank.model, AS_OF))
            in_transaction(connection, lambda: build(connection, settings, bank.model, EARLIER))
        for day in (EARLIER, AS_OF):
            release.fn(settings, day, "night")
        assert ask("again") == evening
        let_dates_go(settings, "maintenance")
        merge(settings)
        night = datetime.now(UTC) + timedelta(hours=20)
        expire(settings, night)
        remove_files(settings, night)
        assert ask("again") == evening
        morning = ask("anew")
        assert morning != evening
        with connect(settings, read_only=True) as connection:
            counted = connection.execute("SELECT count(*) FROM published.segments_v1").fetchall()
        assert f"[({counted[0][0]}, " in morning
