"""The command line as a user types it."""

import errno
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.cli import main
from flows.commands import commands
from tests.flows.banks import Bank, copy_bank
from tests.support.modes import readable_by_others
from tests.support.once import copy_prefect

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
RUN = "import sys; from flows.cli import main; sys.exit(main(sys.argv[1:]))"
STAGE_LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [a-z ]+: [^\n]+$")
HEAVY = ("tensorflow", "prefect", "pandas", "great_expectations", "sklearn", "duckdb_sqlalchemy")


@pytest.fixture(scope="module")
def home(template: Bank, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    """A bank that no test of this module changes."""
    bank = copy_bank(template, tmp_path_factory.mktemp("cli") / "bank")
    with pytest.MonkeyPatch.context() as patch:
        bank.enter(patch)
        yield bank


def microseg(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", RUN, *arguments], capture_output=True, text=True, check=False)


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Run a command in this process; return its exit code, its output and its one line of error."""
    code = main(arguments)
    out, err = capsys.readouterr()
    return code, out, err


def test_from_files_to_an_explained_customer(
    tmp_path: Path,
    prefect_home: Path,
    template: Bank,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    user = tmp_path / "user"
    user.mkdir()
    for name, value in (template.environment | {"MICROSEG_HOME": str(tmp_path / "home")}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("PREFECT_HOME", raising=False)
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("HOME", str(user))
    copy_prefect(prefect_home, tmp_path / "home" / "prefect" / "commands")
    monkeypatch.delenv("MICROSEG_REFERENCE")
    monkeypatch.delenv("MICROSEG_SOURCE")
    out = tmp_path / "bank"
    os.umask(0o022)  # as most systems have it
    assert told(capsys, "simulate", "--customers", "80", "--years", "1", "--seed", "4", "--out", str(out))[0] == 0
    reference, source = str(template.origin / "reference"), f"{out}/transactions-*.parquet"
    os.umask(0o022)
    ran = microseg("run", "--reference", reference, "--source", source, "--as-of", "2025-12-31")
    assert ran.returncode == 0, ran.stderr
    assert "segments" in ran.stdout
    assert "great_expectations" not in ran.stdout + ran.stderr
    lines = ran.stderr.splitlines()
    assert [line for line in lines if not STAGE_LINE.match(line)] == []  # nothing of TensorFlow's or absl's
    assert [name for name in ("ingest", "train first", "release") if f" {name}: " not in ran.stderr] == []
    assert list(user.iterdir()) == []  # all that is written lies below the home
    assert {path.name for path in tmp_path.iterdir()} == {"bank", "home", "user"}
    assert readable_by_others(tmp_path / "home") == readable_by_others(out) == []
    ids = told(capsys, "query", "SELECT customer_id FROM raw.customers", "--format", "csv")[1].split()[1:]
    assert len(ids) == 80
    assert [each for each in ids if each in ran.stdout + ran.stderr] == []
    code, explained, err = told(capsys, "explain", ids[0])
    assert code == 0, err
    assert len(explained.splitlines()) > 5


def test_a_query_is_read_only_and_light(home: Bank) -> None:
    script = "import sys; from flows.cli import main; main(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"
    asked = ["query", "SELECT count(*) AS customers FROM raw.customers", "--format", "csv"]
    done = subprocess.run([sys.executable, "-c", script, *asked], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["customers", "120"]
    assert set(HEAVY) & set(done.stderr.split()) == set()


def test_a_query_that_writes_is_refused_in_one_line(home: Bank, capsys: pytest.CaptureFixture[str]) -> None:
    before = home.checksums()
    code, _, err = told(capsys, "query", "DELETE FROM raw.customers")
    assert (code, len(err.splitlines())) == (1, 1)
    assert "read-only" in err
    assert home.checksums() == before


def test_a_rollback_with_nothing_to_go_back_to_is_no_failed_run(home: Bank, capsys: pytest.CaptureFixture[str]) -> None:
    before = home.value("SELECT count(*) FROM ops.runs")
    assert told(capsys, "rollback")[0] == 1
    assert home.value("SELECT count(*) FROM ops.runs") == before
    assert "failed runs" not in told(capsys, "status")[1]


def test_status_of_a_healthy_and_of_an_absent_warehouse(
    home: Bank, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert told(capsys, "status")[1]
    monkeypatch.setenv("MICROSEG_HOME", str(tmp_path / "nowhere"))
    code, out, err = told(capsys, "status")
    assert code == 1
    assert "run `microseg run` first" in out + err


def test_a_dry_backfill_shows_the_dates_and_writes_nothing(home: Bank, capsys: pytest.CaptureFixture[str]) -> None:
    before = home.checksums()
    code, out, _ = told(capsys, "backfill", "2025-08-01", "2025-10-31")
    assert code == 0
    assert [day for day in ("2025-08-31", "2025-09-30", "2025-10-31") if day not in out] == []
    assert "--for-real" in out
    assert home.checksums() == before


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["rollback"], "microseg: there is no earlier champion to roll back to"),
        (["explain", "nobody"], "microseg: "),
        (["backfill", "2025-10-31", "2025-08-01"], "microseg: the range is reversed"),
        (["backfill", "2025-10-01", "2025-10-30"], "microseg: no end of a month lies between"),
        (["run", "--source", "nowhere/*.csv"], "microseg: no file matches nowhere/*.csv"),
        (["query", "SELEC 1"], "microseg: "),
    ],
    ids=lambda given: given[0] if isinstance(given, list) else "",
)
def test_what_cannot_be_done_is_one_line(
    home: Bank, capsys: pytest.CaptureFixture[str], arguments: list[str], line: str
) -> None:
    code, _, err = told(capsys, *arguments)
    ours = [each for each in err.splitlines() if each.startswith("microseg: ")]
    assert code == 1
    assert len(ours) == 1
    assert ours[0].startswith(line)
    assert "Traceback" not in err


@pytest.mark.parametrize("arguments", [["dance"], ["run", "--as-of", "yesterday"], []], ids=["command", "date", "none"])
def test_what_cannot_be_read_shows_the_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage: microseg" in capsys.readouterr().err


def test_a_full_disk_outside_of_the_warehouse_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(tmp_path / "rejects.csv"))

    monkeypatch.setitem(commands, "rejects", no_room)
    code, _, err = told(capsys, "rejects", "--out", str(tmp_path / "rejects.csv"))
    assert code == 1
    assert err.startswith(f"microseg: {tmp_path} cannot be written to: no space is left")
    assert len(err.splitlines()) == 1
