"""What the work shows as it goes on: bars in a terminal of any width, plain lines elsewhere, nothing when quiet."""

import os
import pty
import re
import struct
import sys
import termios
from collections.abc import Sequence
from contextlib import suppress
from fcntl import ioctl

import pytest

from flows.display import Lines
from tasks.operation.watching import counting, under_way, watched_by

WORK = """
from time import sleep
from flows.display import display
from tasks.operation.watching import counting, under_way, watched_by
with watched_by(display()):
    with under_way("ingest") as report:
        progress = counting("ingest", "Sources loaded")
        progress(3, 12, "/a/rather/long/folder/cards-\\x1b[31m2026.csv", 1000)
        sleep(0.6)
        report.rows, report.note = 1234, "5 rejected, " + "and many words that do not fit into one line " * 2
    with under_way("explain"):
        pass
print("the result")
"""
SIDE_BY_SIDE = """
from threading import Thread
from time import sleep
from flows.display import display
from tasks.operation.watching import counting, under_way, watched_by
def work(name):
    for number in range(20):
        with under_way(f"{name}{number:02}") as report:
            counting("a", "Parts")(1, 2)
            sleep(0.01)
            report.rows = number
with watched_by(display()):
    threads = [Thread(target=work, args=(name,)) for name in "abc"]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
"""
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def in_a_terminal(script: str, columns: int = 80, **environment: str) -> str:
    """Run a script in a terminal of its own; return all that was written to it."""
    child, terminal = pty.fork()
    if child == 0:
        ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        asked = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
        os.execve(sys.executable, [sys.executable, "-c", script], asked | {"TERM": "xterm"} | environment)  # noqa: S606
    said = b""
    with suppress(OSError):  # Linux raises once the child has closed its side
        while part := os.read(terminal, 4096):
            said += part
    assert os.waitpid(child, 0)[1] == 0, said
    return said.decode()


def screen(said: str) -> list[str]:
    """What is left on a screen: the lines, after the cursor went up and lines were erased."""
    lines, row, column = [""], 0, 0
    for part in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|\r|\n|[^\x1b\r\n]+", said):
        if part == "\n":
            row += 1
            lines += [""] * (row - len(lines) + 1)
        elif part == "\r":
            column = 0
        elif part.startswith("\x1b["):
            row -= int(part[2:-1] or 1) if part.endswith("A") else 0
            lines[row] = "" if part.endswith("K") else lines[row]
        else:
            lines[row] = lines[row][:column].ljust(column) + part + lines[row][column + len(part) :]
            column += len(part)
    return [line.rstrip() for line in lines if line.strip()]


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_a_bar_while_it_works_and_a_line_once_it_is_done(columns: int) -> None:
    said = in_a_terminal(WORK, columns)
    assert "3 of 12" in said or columns == 40
    assert ("cards- [31m2026.csv" in said) == (columns == 200)  # a name steers no terminal
    left = screen(said)
    assert left[0].startswith("ingest")
    assert "1,234" in left[0]
    assert left[-1] == "the result"
    assert not any("explain" in line or "━" in line for line in left)
    assert max(map(len, left)) <= columns
    assert " ".join(" ".join(left[:-1]).split()).count("and many words") == 2 or columns == 40


def test_no_colour_where_none_is_wanted() -> None:
    codes = CONTROL.findall(in_a_terminal(WORK, NO_COLOR="1"))
    assert [code for code in codes if re.search(r"\[(3|4|9|10)\d(;|m)|[34]8;", code)] == []
    assert any(re.search(r"\[3\d", code) for code in CONTROL.findall(in_a_terminal(WORK, NO_COLOR="")))


def test_the_cursor_stays_visible_for_whoever_is_killed() -> None:
    said = in_a_terminal(WORK)
    assert said.index("\x1b[?25h") - said.index("\x1b[?25l") < 200  # shown again at once


def test_stages_side_by_side_overwrite_no_line() -> None:
    left = screen(in_a_terminal(SIDE_BY_SIDE))
    assert sorted(line.split()[0] for line in left) == [f"{name}{number:02}" for name in "abc" for number in range(20)]


def lines_of(capsys: pytest.CaptureFixture[str], notes: Sequence[tuple[int | None, str]]) -> list[str]:
    with watched_by(Lines()):
        for rows, note in notes:
            with under_way("ingest") as report:
                counting("ingest", "Sources loaded")(1, 2)
                report.rows, report.note = rows, note
    out, err = capsys.readouterr()
    assert out == ""
    return err.splitlines()


def test_elsewhere_each_stage_is_one_plain_line(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = lines_of(capsys, [(1_234, "5 rejected"), (None, "a\n\x1b[31mb"), (None, "")])
    stamp = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d "
    assert re.fullmatch(stamp + r"ingest: 1,234 rows, 0\.\d s, 5 rejected", first)
    assert re.fullmatch(stamp + r"ingest: 0\.\d s, a  \[31mb", second)


def test_times_are_those_of_the_configured_zone(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MICROSEG_TIMEZONE", "Pacific/Kiritimati")
    (there,) = lines_of(capsys, [(1, "")])
    monkeypatch.setenv("MICROSEG_TIMEZONE", "Pacific/Honolulu")  # 24 hours behind
    (here,) = lines_of(capsys, [(1, "")])
    assert there[:10] > here[:10]


def test_a_quick_error_is_told_by_its_own_line_alone(capsys: pytest.CaptureFixture[str]) -> None:
    with watched_by(Lines()), pytest.raises(KeyError), under_way("ingest"):
        raise KeyError
    assert capsys.readouterr().err == ""


def test_who_watches_stops_no_work() -> None:
    class Broken(Lines):
        def began(self, _report: object) -> None:
            raise BrokenPipeError

    with watched_by(Broken()), under_way("ingest") as report:
        report.rows = 3
    assert report.rows == 3


def test_parts_of_a_stage_are_told_of_only_where_it_is_not_whole(capsys: pytest.CaptureFixture[str]) -> None:
    with watched_by(Lines()):
        for is_whole in (True, False):
            with under_way("outer", is_whole=is_whole) as outer, under_way("inner") as inner:
                inner.rows = 1
            assert (outer is inner) == is_whole
    whole, part = capsys.readouterr().err.splitlines()
    assert " outer: 1 row" in whole
    assert " inner: 1 row" in part
