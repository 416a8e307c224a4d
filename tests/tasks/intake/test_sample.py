"""The real sample becomes a source in the contract of its shipped reference set."""

from datetime import date
from pathlib import Path

import pytest

from tasks.intake.sample import SAMPLE_AS_OF, write_sample
from tests.tasks.builders import Bank, new_bank
from warehouse.reference.sets import load_reference

pytestmark = pytest.mark.warehouse


def test_every_purchase_of_the_sample_is_accounted_for(tmp_path: Path, migrated_home: Path) -> None:
    made = new_bank(tmp_path / "home", load_reference("complete_journey"), threads=2, migrated=migrated_home)
    bank = Bank(made.settings, made.reference, today=date(2018, 1, 1))
    path = write_sample(bank.settings)
    written = path.stat().st_mtime_ns
    assert write_sample(bank.settings).stat().st_mtime_ns == written
    done = bank.ingest(path)
    assert done.read == done.accepted + done.rejected + done.duplicate == 1_469_307
    assert done.duplicate == 0
    assert bank.query("SELECT count(*) FROM raw.customers") == [(2469,)]
    bank.aggregate(date.fromisoformat(SAMPLE_AS_OF))
    [(raw, monthly)] = bank.query(
        "SELECT (SELECT sum(amount) FROM raw.transactions WHERE kind IN ('spend', 'refund', 'fee', 'unclassified')), "
        "(SELECT sum(amount) FROM spend.monthly)"
    )
    assert raw == monthly > 0
    [(steps, low, high)] = bank.query(
        "SELECT count(DISTINCT step), min(t), max(t) FROM (SELECT step, sum(share) AS t FROM spend.by_period "
        "WHERE window_name = 'bimonthly' GROUP BY customer_key, step)"
    )
    assert steps == 6
    assert abs(low - 1) < 1e-9 > abs(high - 1)
