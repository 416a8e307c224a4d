"""Segments by units: the same to the last bit, in whatever order buckets are cut, some of them twice."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tasks.science.segment import build_segments
from tasks.science.segment_units import TABLES, Workers
from tasks.units import buckets
from tasks.units.unit import Ask, Crew, in_transaction_by_units
from tests.support.checksums import table_checksums
from tests.support.crews import shuffled_crew
from tests.support.release import build
from tests.tasks.science.conftest import EARLIER, Bank
from warehouse.connection import connect, in_transaction
from warehouse.errors import ModelError
from warehouse.scratch import scratch

pytestmark = pytest.mark.warehouse


@pytest.fixture(scope="module")
def built(bank_home: Bank, tmp_path_factory: pytest.TempPathFactory) -> Bank:
    """A bank with a candidate, whose segments are there already."""
    home = tmp_path_factory.mktemp("built") / "home"
    shutil.copytree(bank_home.settings.home, home)
    bank = replace(bank_home, settings=bank_home.settings.model_copy(update={"home": home}))
    with connect(bank.settings) as connection:
        in_transaction(connection, lambda: build(connection, bank.settings, bank.model, EARLIER))
    return bank


def copied(bank: Bank, home: Path, **settings: int) -> Bank:
    shutil.copytree(bank.settings.home, home)
    return replace(bank, settings=bank.settings.model_copy(update={"home": home} | settings))


def segment(bank: Bank, crew: Crew | None) -> tuple[int, dict[str, tuple[int, int]], list[tuple[object, ...]]]:
    """Cut the segments of the candidate; return how many customers, all tables, and the summary."""
    with connect(bank.settings) as connection, scratch(connection, bank.settings) as files:

        def work(ask: Ask | None) -> int:
            workers = Workers(ask, files) if ask else None
            return build_segments(connection, bank.settings, bank.model, EARLIER, workers)

        done = in_transaction_by_units(connection, work, crew, TABLES, 3, lambda *_: None)
        summary = connection.execute("FROM candidates.summary ORDER BY ALL").fetchall()
        return done, table_checksums(connection, ("candidates",)), summary


@pytest.mark.parametrize("size", [50, 64, 1000])
@pytest.mark.parametrize("least", [10, 30])
def test_units_in_any_order_give_the_segments_of_one_process(
    built: Bank, tmp_path: Path, size: int, least: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(buckets, "BUCKET", size)
    one = copied(built, tmp_path / "one", min_segment_size=least)
    others = copied(built, tmp_path / "others", min_segment_size=least)
    done, tables, summary = segment(one, None)
    assert (done, tables, summary) == segment(others, shuffled_crew(others.settings, size))
    assert done == sum(int(str(row[3])) for row in summary)
    assert len(summary) > 3
    assert not list(Path(others.settings.data_uri).glob("scratch-*"))


def test_too_few_customers_are_refused_in_the_same_words(built: Bank, tmp_path: Path) -> None:
    told = []
    for name in ("one", "others"):
        bank = copied(built, tmp_path / name, min_segment_size=100_000)
        with pytest.raises(ModelError) as caught:
            segment(bank, shuffled_crew(bank.settings, 1) if name == "others" else None)
        told.append(str(caught.value))
    assert told[0] == told[1]
