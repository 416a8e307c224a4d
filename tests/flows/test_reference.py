"""A changed reference set on the command line: plan, night under the old one, retraining, roll-back."""

import hashlib
import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest

from flows.cli import main
from flows.nightly import nightly
from tests.flows.banks import Bank
from tests.flows.reference_edits import ASTRAY, BY_CLASS, EDITS, nothing_that_counts
from warehouse.reference.sets import load_reference

pytestmark = [pytest.mark.flow, pytest.mark.timeout(900), pytest.mark.usefixtures("short_retraining")]
OCTOBER, NOVEMBER = date(2025, 10, 31), date(2025, 11, 30)
CHAMPION = "SELECT model_version, reference_hash FROM models.versions WHERE alias = 'champion'"
ACTIVE = "SELECT reference, reference_version FROM ref.sets"
LAYERS = ("raw", "ref", "spend", "features", "segments")


@pytest.fixture
def own(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> Bank:
    """The bank with a reference folder of its own, beside the one that its source came with."""
    shutil.copytree(bank.origin / "reference", bank.root / "reference")
    (bank.root / "reference" / "constraints.csv").unlink()
    monkeypatch.setenv("MICROSEG_REFERENCE", str(bank.root / "reference"))
    return bank


def readers_see(bank: Bank) -> dict[str, object]:
    """Checksums of all that a roll-back must restore, the Parquet files included."""
    files = sorted((bank.root / "home" / "exports").rglob("*.parquet"))
    exported = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    tables = bank.checksums(LAYERS)
    del tables["ref.versions"], tables["ref.class_versions"]  # they remember what was taken back
    del tables["spend.periods"]  # what waits for the gates lies beside what spend.by_period shows
    return tables | exported


def edited(bank: Bank, name: str) -> Path:
    EDITS[name](bank.root / "reference")
    return bank.root / "reference"


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    code = main(arguments)
    out, err = capsys.readouterr()
    assert code == 0, err
    return out


@pytest.mark.usefixtures("without_gates")
# One coefficient goes there by promotion and back, below; one class dropped in tests/tasks/science.
@pytest.mark.parametrize("name", sorted(EDITS.keys() - {"one_coefficient", "one_class_dropped"}))
def test_there_by_retraining_and_back_by_rollback(own: Bank, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    before, champion, active = readers_see(own), own.rows(CHAMPION), own.rows(ACTIVE)
    reference = load_reference(edited(own, name))
    plan = told(capsys, "reference")
    assert "Nothing was changed." in plan
    assert reference.version[:12] in plan
    assert readers_see(own) == before

    assert "promoted" in told(capsys, "retrain", "--promote", "force")
    assert own.rows(ACTIVE) == [(reference.name, reference.version)]
    assert own.rows(CHAMPION)[0][1] == reference.version
    assert own.value("SELECT reference_version FROM segments.releases") == reference.version
    assert own.value("SELECT count(*) FROM ref.classes") == len(reference.classes)
    assert_that_rows_are_classed_by(own)
    assert "nothing differs" in told(capsys, "reference")
    assert own.value("SELECT count(*) FROM candidates.steps") == 0
    after = readers_see(own)
    assert after["features.trajectories"] != before["features.trajectories"]
    nightly(OCTOBER)  # makes nothing anew: what was released is what a night would give
    assert readers_see(own) == after

    told(capsys, "rollback")
    assert (own.rows(CHAMPION), own.rows(ACTIVE)) == (champion, active)
    assert readers_see(own) == before
    assert "Nothing was changed." in told(capsys, "reference")


def assert_that_rows_are_classed_by(bank: Bank) -> None:
    assert bank.value(ASTRAY) == 0
    assert bank.rows(BY_CLASS.format("spend.monthly")) == bank.rows(BY_CLASS.format("raw.transactions"))


@pytest.mark.usefixtures("without_gates")
def test_nights_go_on_under_the_old_version_and_a_taken_back_one_waits_for_a_person(
    own: Bank, capsys: pytest.CaptureFixture[str]
) -> None:
    champion, active = own.rows(CHAMPION), own.rows(ACTIVE)
    edited(own, "one_class_added")
    nightly(NOVEMBER)
    assert (own.rows(CHAMPION), own.rows(ACTIVE)) == (champion, active)
    assert own.value("SELECT count(*) FROM ref.classes") == 97
    main(["status"])
    assert "waiting reference" in capsys.readouterr().out
    told(capsys, "retrain", "--promote", "force")
    older = "SELECT DISTINCT class_label FROM read_parquet('{}/exports/as_of=2025-10-31/reasons.parquet') ORDER BY ALL"
    labels = duckdb.sql(older.format(own.root / "home")).fetchall()
    told(capsys, "backfill", str(OCTOBER), str(OCTOBER), "--stages", "republish", "--for-real")
    assert duckdb.sql(older.format(own.root / "home")).fetchall() == labels
    told(capsys, "rollback")
    refused = told(capsys, "retrain")
    assert "champion stays" in refused
    assert "was rolled back on" in refused
    assert own.rows(CHAMPION) == champion


@pytest.mark.usefixtures("without_gates")
def test_a_promotion_never_moves_the_reference_set_unasked(own: Bank, capsys: pytest.CaptureFixture[str]) -> None:
    edited(own, "one_coefficient")
    told(capsys, "retrain", "--promote", "never")
    before, active = readers_see(own), own.rows(ACTIVE)
    challenger = str(own.value("SELECT model_version FROM models.versions WHERE alias = 'challenger'"))
    assert main(["promote", challenger]) == 1
    refused = capsys.readouterr().err
    assert "coefficient: 1" in refused
    assert readers_see(own) == before
    command = refused.split("`microseg ")[1].split("`")[0]
    told(capsys, *command.split())
    assert own.rows(CHAMPION)[0][0] == challenger
    assert own.rows(ACTIVE) != active
    after = readers_see(own)
    nightly(OCTOBER)  # makes nothing anew
    assert readers_see(own) == after
    told(capsys, "rollback")
    assert (readers_see(own), own.rows(ACTIVE)) == (before, active)


@pytest.mark.usefixtures("without_gates")
def test_what_does_not_count_waits_for_nothing(own: Bank, capsys: pytest.CaptureFixture[str]) -> None:
    active = own.rows(ACTIVE)
    nothing_that_counts(own.root / "reference")
    assert "nothing differs" in told(capsys, "reference")
    nightly(OCTOBER)
    assert own.rows(ACTIVE) == active
    assert str(own.value("SELECT min(label) FROM ref.classes")).startswith("The ")
    customer = str(own.value("SELECT min(customer_id) FROM raw.customers"))
    assert told(capsys, "explain", customer)


def test_commands_that_read_go_on_whatever_lies_on_disk(own: Bank, capsys: pytest.CaptureFixture[str]) -> None:
    customer = str(own.value("SELECT min(customer_id) FROM raw.customers"))
    folder = edited(own, "another_bank")
    assert main(["run", "--as-of", "2025-10-31"]) == 1
    refused = capsys.readouterr().err
    assert (
        "this warehouse holds the reference set 'bank': `microseg retrain --reference` moves it to 'other'" in refused
    )
    for broken in (
        lambda: None,
        lambda: (folder / "classes.csv").write_text("nonsense"),
        lambda: shutil.rmtree(folder),
    ):
        broken()
        assert told(capsys, "explain", customer)
        assert told(capsys, "query", "FROM ref.sets")
        assert "rejected rows" in told(capsys, "rejects", "--out", str(own.root / "rejects.csv"))
        main(["status"])
        assert "reference" in capsys.readouterr().out
    assert main(["reference"]) == 1
    out, err = capsys.readouterr()
    assert "The warehouse holds bank" in out
    assert "no reference set" in err
