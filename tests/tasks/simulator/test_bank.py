"""Calibration file and random streams of the simulated bank."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from model.simulation.lives import BankParameters
from model.simulation.tickets import Month
from tasks.simulator.bank import CALIBRATION, UNKNOWN_CODE, build_bank, code_ranges, read_calibration, year_plans
from tasks.simulator.simulate import play_month
from warehouse.errors import ReferenceSetError
from warehouse.reference.sets import ReferenceSet, load_reference


@pytest.fixture(scope="module")
def bank_reference() -> ReferenceSet:
    return load_reference("bank")


def test_the_calibration_has_a_row_for_every_class(bank_reference: ReferenceSet) -> None:
    calibration = read_calibration(CALIBRATION, [entry.code for entry in bank_reference.classes])
    assert len(calibration.level) == len(bank_reference.classes)
    assert 15_000 < calibration.level.sum() < 40_000


def test_a_set_that_knows_the_unknown_code_is_refused(bank_reference: ReferenceSet) -> None:
    first = replace(bank_reference.codes[0], source_code=UNKNOWN_CODE)
    knowing = replace(bank_reference, codes=(first, *bank_reference.codes))
    with pytest.raises(ReferenceSetError, match=f"source_codes.csv maps {UNKNOWN_CODE}"):
        code_ranges(knowing)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("\n3,", "\n4,", "one row per class"),
        (",savings,", ",saving,", "one row per class"),
        (",monthly,", ",weekly,", "figure out of range"),
    ],
)
def test_a_broken_calibration_is_refused(
    tmp_path: Path, bank_reference: ReferenceSet, old: str, new: str, message: str
) -> None:
    path = tmp_path / "calibration.csv"
    path.write_text(CALIBRATION.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ReferenceSetError, match=message):
        read_calibration(path, [entry.code for entry in bank_reference.classes])


def test_a_month_is_the_same_whatever_was_drawn_before(bank_reference: ReferenceSet) -> None:
    bank = build_bank(4, 1, 9, bank_reference)
    plan = next(year_plans(bank, 1))
    alone = play_month(bank, plan, Month(5, 6, 30))
    play_month(bank, plan, Month(4, 5, 31))
    again = play_month(bank, plan, Month(5, 6, 30))
    assert all((left == right).all() for left, right in zip(vars(alone).values(), vars(again).values(), strict=True))


def test_every_class_is_expected_to_spend_its_calibrated_level(bank_reference: ReferenceSet) -> None:
    bank = build_bank(4_000, 1, 11, bank_reference)
    plan = next(year_plans(bank, 1))
    yearly = 12 * plan.monthly_tickets * np.exp(plan.ticket_log_median + plan.ticket_log_sd**2 / 2)
    error = np.sqrt(np.exp(bank.structure.spread**2) / (1 - bank.structure.never_share) / len(yearly))
    assert (np.abs(yearly.mean(axis=0) / bank.calibration.level - 1) < 4 * error).all()
    assert float(np.median(error)) < 0.05
    assert yearly.sum(axis=1).mean() == pytest.approx(bank.calibration.level.sum(), rel=0.03)


def test_shares_of_the_97_classes_persist_by_half_to_four_fifths(bank_reference: ReferenceSet) -> None:
    bank = build_bank(500, 2, 12, bank_reference, BankParameters(switch_share=0, late_share=0, stop_share=0))
    spend = np.zeros((2, 500, bank.classes + 2))
    for year, plan in enumerate(year_plans(bank, 2)):
        for number in range(1, 13):
            tickets = play_month(bank, plan, Month(12 * year + number - 1, number, 30))
            np.add.at(spend[year], (tickets.customer, tickets.slot), -tickets.cents)
    shares = np.maximum(spend[:, :, : bank.classes], 0)
    shares /= shares.sum(axis=2, keepdims=True)
    bought = (shares.max(axis=1) > 0).all(axis=0)
    kept = [np.corrcoef(shares[0, :, c], shares[1, :, c])[0, 1] for c in np.flatnonzero(bought)]
    assert 0.5 < float(np.median(kept)) < 0.8
    assert bought.mean() > 0.9
