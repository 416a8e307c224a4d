"""The simulator's files: the contract, determinism, the truth apart."""

import json
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from model.simulation.lives import BankParameters
from tasks.simulator.bank import UNKNOWN_CODE
from tasks.simulator.files import CONTRACT, DESCRIPTION, customer_ids
from tasks.simulator.simulate import SimulationSummary, simulate
from tests.tasks.simulator.simulated import CUSTOMERS, rows_of
from warehouse.errors import MicrosegError
from warehouse.months import next_month
from warehouse.reference.sets import ReferenceSet, load_reference


@pytest.fixture(scope="module")
def bank_reference() -> ReferenceSet:
    return load_reference("bank")


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> SimulationSummary:
    return simulate(CUSTOMERS, 1, 7, tmp_path_factory.mktemp("clean") / "bank")


def digests(directory: Path) -> dict[str, bytes]:
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def test_a_month_is_a_file_in_the_contract(clean: SimulationSummary) -> None:
    files = sorted(path.name for path in clean.out.glob("*.parquet"))
    assert files == [f"transactions-2025-{month:02d}.parquet" for month in range(1, 13)]
    assert pq.read_schema(clean.out / files[0]).equals(CONTRACT)
    assert clean.files == 12
    assert (clean.first_month, clean.last_month) == (date(2025, 1, 1), date(2025, 12, 1))


def test_rows_per_customer_and_month_are_those_of_a_bank(clean: SimulationSummary) -> None:
    assert 25 < clean.rows / (CUSTOMERS * 12) < 60
    assert rows_of(clean).num_rows == clean.rows


def test_ids_follow_the_order_of_booking_within_the_month(clean: SimulationSummary) -> None:
    table = pq.read_table(clean.out / "transactions-2025-02.parquet")
    ids = table.column("transaction_id").to_pylist()
    times = table.column("booked_at").to_pylist()
    assert ids == [f"202502{number:08d}" for number in range(1, len(ids) + 1)]
    assert times == sorted(times)
    assert {time.month for time in times} == {2}


def test_codes_are_those_of_the_reference_set_and_a_few_unknown(
    clean: SimulationSummary, bank_reference: ReferenceSet
) -> None:
    codes = Counter(rows_of(clean).column("source_code").to_pylist())
    known = {code.source_code for code in bank_reference.codes}
    assert set(codes) - known == {UNKNOWN_CODE}
    assert codes[UNKNOWN_CODE] == clean.unknown_code_rows
    assert 0 < clean.unknown_code_rows < 0.005 * clean.rows


def test_money_in_money_out_refunds_and_transfers_are_all_there(
    clean: SimulationSummary, bank_reference: ReferenceSet
) -> None:
    kinds = {code.source_code: code.kind for code in bank_reference.codes}
    table = rows_of(clean)
    signs: Counter[tuple[str, bool]] = Counter()
    for code, amount in zip(table.column("source_code").to_pylist(), table.column("amount").to_pylist(), strict=True):
        signs[kinds.get(code, "unknown"), amount > 0] += 1
    assert signs["income", True] >= 0.8 * CUSTOMERS * 12
    assert signs["income", False] == 0
    assert signs["transfer", True] > 0
    assert signs["transfer", False] > signs["transfer", True]
    assert 0 < signs["spend", True] < 0.03 * signs["spend", False]
    assert Decimal(0) not in table.column("amount").to_pylist()


def test_same_arguments_give_the_same_bytes_and_another_seed_does_not(tmp_path: Path) -> None:
    first = simulate(5, 1, 3, tmp_path / "a", last_month=date(2024, 2, 29))
    second = simulate(5, 1, 3, tmp_path / "b", last_month=date(2024, 2, 29))
    other = simulate(5, 1, 4, tmp_path / "c", last_month=date(2024, 2, 29))
    assert digests(first.out) == digests(second.out)
    assert digests(first.out) != digests(other.out)
    assert (first.out / "transactions-2024-02.parquet").is_file()


def test_the_truth_is_apart_and_complete(clean: SimulationSummary) -> None:
    truth = pq.read_table(clean.out / "truth" / "truth.parquet").to_pydict()
    assert truth["customer_id"] == customer_ids(CUSTOMERS).to_pylist()
    assert set(rows_of(clean).column("customer_id").to_pylist()) == set(truth["customer_id"])
    for before, after, switch in zip(truth["dominant"], truth["dominant_after"], truth["switch_month"], strict=True):
        assert (before != after) == (switch is not None)
    assert not [path for path in clean.out.glob("*.parquet") if "truth" in path.name]


def test_nobody_books_before_joining_or_after_leaving(tmp_path: Path) -> None:
    restless = BankParameters(late_share=0.5, stop_share=0.5)
    summary = simulate(30, 2, 5, tmp_path / "bank", parameters=restless)
    truth = pq.read_table(summary.out / "truth" / "truth.parquet").to_pydict()
    spans = {
        c: (s, e) for c, s, e in zip(*(truth[k] for k in ("customer_id", "first_month", "end_month")), strict=True)
    }
    table = rows_of(summary)
    for customer, time in zip(
        table.column("customer_id").to_pylist(), table.column("booked_at").to_pylist(), strict=True
    ):
        assert spans[customer][0] <= time.date() < spans[customer][1]
    assert len(set(spans.values())) > 5


def test_the_description_says_that_it_is_simulated(clean: SimulationSummary) -> None:
    facts = json.loads((clean.out / DESCRIPTION).read_text(encoding="utf-8"))
    assert facts["simulated"] is True
    assert facts["complete"] is True
    assert facts["seed"] == 7
    assert facts["rows"] == clean.rows
    assert facts["parameters"]["trait_strength"] == BankParameters().trait_strength
    assert set(facts["versions"]) == {"microseg", "numpy", "pyarrow"}


def test_a_second_simulation_replaces_the_first_and_nothing_else(tmp_path: Path) -> None:
    simulate(3, 2, 1, tmp_path / "bank")
    (tmp_path / "bank" / "notes.txt").write_text("mine", encoding="utf-8")
    simulate(3, 1, 1, tmp_path / "bank", dirty=True)
    names = {path.name for path in (tmp_path / "bank").iterdir()}
    assert names == {"truth", "notes.txt", DESCRIPTION} | {f"transactions-2025-{m:02d}.csv" for m in range(1, 13)}


def test_a_directory_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(MicrosegError, match="not empty and holds no simulation"):
        simulate(3, 1, 1, tmp_path)
    with pytest.raises(MicrosegError, match="is a file"):
        simulate(3, 1, 1, tmp_path / "thesis.txt")
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize(
    ("customers", "years", "seed", "name"),
    [(0, 1, 1, "--customers"), (2_000_000, 1, 1, "--customers"), (5, 0, 1, "--years"), (5, 1, -1, "--seed")],
)
def test_arguments_out_of_range_are_named(tmp_path: Path, customers: int, years: int, seed: int, name: str) -> None:
    with pytest.raises(MicrosegError, match=name):
        simulate(customers, years, seed, tmp_path / "bank")


def test_progress_counts_the_months(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    simulate(2, 1, 1, tmp_path / "bank", progress=lambda done, total, *_: seen.append((done, total)))
    assert seen == [(month, 12) for month in range(1, 13)]


def test_months_are_added_across_years() -> None:
    assert [next_month(date(2025, 12, 5), count) for count in (-71, 0, 1)] == [
        date(2020, 1, 1),
        date(2025, 12, 1),
        date(2026, 1, 1),
    ]
