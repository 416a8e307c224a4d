"""What is kept from stderr while libraries are loaded: lines of a log, and nothing else."""

import os

import pytest

from model.greetings import greetings_aside

LOGGED = (
    "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\n"
    "I0000 00:00:1795784700.026265   15371 port.cc:153] oneDNN custom operations are on.\n"
    "W0000 00:00:1795784700.026265   15371 cuda/executor.cc:12] no GPU.\n"
    "E0000 00:00:1795784700.026265   15371 cuda/executor.cc:12] broken.\n"
)
OTHERS = "2026-01-31 02:15:00 ingest: 12 rows\nImportError: no such file\n"


def test_lines_of_a_log_are_dropped_and_errors_and_others_follow(capfd: pytest.CaptureFixture[str]) -> None:
    with greetings_aside():
        os.write(2, (LOGGED + OTHERS).encode())
        assert capfd.readouterr().err == ""
    os.write(2, b"later\n")
    assert capfd.readouterr().err == LOGGED.splitlines(keepends=True)[-1] + OTHERS + "later\n"


def test_an_error_leaves_stderr_as_it_was(capfd: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        with greetings_aside():
            os.write(2, b"half a li")
            raise ImportError

    with pytest.raises(ImportError):
        fail()
    os.write(2, b"ne\n")
    assert capfd.readouterr().err == "half a line\n"
