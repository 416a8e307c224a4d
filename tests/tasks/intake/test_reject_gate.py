"""Too many rejects stop a run before anything is published."""

from dataclasses import replace
from pathlib import Path

import pytest

from tasks.intake.ingest import check_reject_rate
from tests.tasks.builders import Bank, row, write_csv
from warehouse.errors import RejectRateError

pytestmark = pytest.mark.warehouse


def test_the_gate_stops_names_the_top_reasons_and_opens_again(bank: Bank, tmp_path: Path) -> None:
    good = [row(number) for number in range(90)]
    bad = [row(number, amount="1,5") for number in range(90, 97)] + [row(97, booked_at=""), row(98, customer_id="")]
    path = write_csv(tmp_path / "a.csv", [*good, *[each | {"amount": '"1,5"'} for each in bad[:7]], *bad[7:]])
    bank.ingest(path)
    with pytest.raises(RejectRateError) as caught:
        check_reject_rate(bank.settings)
    assert str(caught.value) == (
        f"9 of 99 rows (9.1%) were rejected, above the limit of 1.0%: 7 x unparsable_amount (column amount, first: "
        f"{path} row 91; check [amount] decimal in source.toml); 1 x missing_customer_id (column customer_id, first: "
        f"{path} row 99); 1 x missing_date (column booked_at, first: {path} row 98). Nothing was published; have the "
        "files mended and run again, or raise MICROSEG_MAX_REJECT_RATE"
    )
    assert bank.query("SELECT status FROM raw.loads") == [("pending",)]
    assert bank.monthly() == []
    raised = replace(bank, settings=bank.settings.model_copy(update={"max_reject_rate": 0.1}))
    assert check_reject_rate(raised.settings) == 1
    write_csv(path, good)  # the mended file takes the place of the rejects
    bank.ingest(path)
    assert check_reject_rate(bank.settings) == 1
    bank.aggregate()
    assert check_reject_rate(bank.settings) == 0
    assert bank.query("SELECT DISTINCT status FROM raw.loads ORDER BY 1") == [("published",), ("replaced",)]


def test_old_rejects_do_not_stop_new_nights(bank: Bank, tmp_path: Path) -> None:
    bank.ingest(write_csv(tmp_path / "a.csv", [row(1, amount="?")]))
    bank.aggregate()  # let through once, by a raised limit
    bank.ingest(write_csv(tmp_path / "b.csv", [row(number) for number in range(2, 5)]))
    assert check_reject_rate(bank.settings) == 1
