"""Extensions: from signed wheels, nothing downloaded, checked once a process."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import duckdb
import pytest

import warehouse.extensions
from warehouse.errors import MicrosegError
from warehouse.extensions import load_extension
from warehouse.settings import Settings

pytestmark = pytest.mark.warehouse


def test_missing_wheel_without_a_network_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warehouse.extensions, "find_spec", lambda _: None)
    config: dict[str, str | bool | int | float | list[str]] = {
        "custom_extension_repository": f"{tmp_path}/empty",
        "extension_directory": f"{tmp_path}/none",
    }
    message = rf"install duckdb-extension-sqlite-scanner=={duckdb.__version__}$"
    with duckdb.connect(config=config) as connection, pytest.raises(MicrosegError, match=message):
        load_extension(connection, "sqlite_scanner")


def test_missing_wheel_falls_back_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    class Recorder:
        statements: list[str] = []  # noqa: RUF012 - one per test

        def execute(self, statement: str) -> None:
            self.statements.append(statement)

    recorder = Recorder()
    monkeypatch.setattr(warehouse.extensions, "find_spec", lambda _: None)
    load_extension(recorder, "ducklake")  # type: ignore[arg-type]
    assert recorder.statements == ["INSTALL ducklake; LOAD ducklake"]


def test_a_changed_extension_is_refused_where_signatures_are_not_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = find_spec("duckdb_extension_sqlite_scanner")
    assert spec is not None
    assert spec.origin is not None
    place = Path("extensions") / f"v{duckdb.__version__}" / "sqlite_scanner.duckdb_extension"
    binary = bytearray((Path(spec.origin).parent / place).read_bytes())
    binary[len(binary) // 2] ^= 1
    (tmp_path / place).parent.mkdir(parents=True)
    (tmp_path / place).write_bytes(binary)
    monkeypatch.setattr(spec, "origin", str(tmp_path / "__init__.py"))
    monkeypatch.setattr(warehouse.extensions, "find_spec", lambda _: spec)
    monkeypatch.setattr(warehouse.extensions, "_checked", set())
    with (
        duckdb.connect(config={"allow_unsigned_extensions": True}) as connection,
        pytest.raises(duckdb.IOException, match="signature"),
    ):
        load_extension(connection, "sqlite_scanner")


def test_wheels_carry_a_valid_signature(lake: Settings) -> None:
    """In a process of its own: here the check of signatures is off. The second connection spares itself the check."""
    script = (
        "import sys; from warehouse.connection import connect; from warehouse.settings import Settings\n"
        "from warehouse.engines import close_idle\n"
        "for _ in range(2):\n"
        "    close_idle()\n"
        "    with connect(Settings(home=sys.argv[1]), read_only=True) as c:\n"
        "        print(c.execute(\"SELECT current_setting('allow_unsigned_extensions')\").fetchone()[0])\n"
        "        print(c.execute('SELECT count(*) FROM raw.loads').fetchone()[0])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(lake.home)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.split() == ["False", "0", "True", "0"], done.stderr
