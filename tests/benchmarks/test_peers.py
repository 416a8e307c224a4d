"""The comparison with peers says what differs, and who did not take part."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import measure
from benchmarks.measure import Case, Failed, Run
from benchmarks.peers.comparison import differences, rows_held, verdict
from benchmarks.peers.contestants import FEATURES, MONTHS_FIRST, interpreter
from benchmarks.peers.processes import descendants, tree_cpu
from benchmarks.peers.report import HEADER, job_rows

PARTS = st.dictionaries(
    st.sampled_from(["2025-01", "2025-02", "2025-03"]),
    st.tuples(st.integers(1, 9), st.integers(-99, 99)).map(list),
    min_size=1,
)
TABLES = st.dictionaries(st.sampled_from(["months", "periods"]), PARTS, min_size=1)
OURS, SPARK = MONTHS_FIRST.ours.function, MONTHS_FIRST.peers[0].function


@given(TABLES)
def test_equal_tables_agree_in_every_part(tables: dict[str, dict[str, list[int]]]) -> None:
    parts = sum(len(table) for table in tables.values())
    assert differences(tables, tables) == []
    assert verdict(tables, tables) == f"same rows and cents in {parts} parts"


@given(TABLES, st.data())
def test_one_cent_one_row_or_a_lost_part_is_told(tables: dict[str, dict[str, list[int]]], data: st.DataObject) -> None:
    table = data.draw(st.sampled_from(sorted(tables)))
    part = data.draw(st.sampled_from(sorted(tables[table])))
    rows, cents = tables[table][part]
    damaged = data.draw(st.sampled_from([{part: [rows + 1, cents]}, {part: [rows, cents - 1]}, {part: [0, 0]}]))
    peer = tables | {table: tables[table] | damaged}
    (line,) = differences(tables, peer)
    assert line.startswith(f"{table} {part}: ")
    assert verdict(tables, peer).startswith("**differs** in 1 of ")
    assert rows_held(peer) - rows_held(tables) == damaged[part][0] - rows


def test_parts_that_only_a_peer_holds_differ() -> None:
    assert differences({"months": {}}, {"months": {"2025-01": [2, 150]}}) == ["months 2025-01: +2 rows, +1.50"]
    assert verdict({}, {}) == "nothing to compare"


def ran(cents: int, seconds: float) -> Run:
    return Run(seconds, seconds, 100.0, {"start": 0.5, "version": "4.0", "sums": {"months": {"2025-01": [2, cents]}}})


def test_a_peer_is_measured_by_ours_and_its_wrong_sums_are_named() -> None:
    ours, peer = job_rows(1_000, MONTHS_FIRST, {OURS: [ran(10, 2.0)], SPARK: [ran(11, 5.0)]}, None)
    assert len(ours) == len(peer) == len(HEADER)
    told = dict(zip(HEADER, peer, strict=True))
    assert told["tool"] == "PySpark, local[2] (4.0)"
    assert told["wall, ours = 1"] == "2.50"
    assert told["figures"] == "**differs** in 1 of 1 parts (months 2025-01: +0 rows, +0.01)"


def test_who_did_not_take_part_is_in_the_table(tmp_path: Path) -> None:
    _, absent = job_rows(1_000, MONTHS_FIRST, {OURS: [ran(10, 2.0)]}, tmp_path)
    _, failed = job_rows(1_000, MONTHS_FIRST, {OURS: [ran(10, 2.0)], SPARK: []}, tmp_path)
    assert len(absent) == len(failed) == len(HEADER)
    assert absent[-1] == "left out: no environment given"
    assert failed[-1].startswith("**failed**")


def test_an_environment_is_found_by_its_folder(tmp_path: Path) -> None:
    peer = FEATURES.peers[0]
    assert interpreter(peer, None) == interpreter(peer, tmp_path) == ""
    python = tmp_path / peer.environment / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    assert interpreter(peer, tmp_path) == str(python)


def test_a_failing_peer_is_dropped_and_ours_never_is(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def run_once(name: str, *_: object) -> Run:
        calls.append(name)
        if name == SPARK:
            raise Failed("no Java")
        return ran(10, 1.0)

    monkeypatch.setattr(measure, "run_once", run_once)
    case = Case(1, "", "")
    runs = measure.in_turns([OURS, SPARK], case, 3, may_fail=[SPARK])
    assert (len(runs[OURS]), runs[SPARK], calls.count(SPARK)) == (3, [], 1)
    with pytest.raises(Failed):
        measure.in_turns([OURS, SPARK], case, 3)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_work_of_a_living_child_and_of_one_that_ended_is_counted() -> None:
    burn = "import sys, time\nwhile time.process_time() < 0.5: pass\nprint('done', flush=True)\nsys.stdin.read()"
    before = tree_cpu()
    with subprocess.Popen([sys.executable, "-c", burn], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        assert child.pid in {process.number for process in descendants()}
        living = tree_cpu() - before
    assert living > 0.45
    assert tree_cpu() - before >= living - 0.05
