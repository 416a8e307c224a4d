"""Incremental equals full, always: whatever happened to a warehouse, it says what one rebuild from its sources says.

One of each event, and a history of chance where the catalog is PostgreSQL. INCREMENTAL_EXAMPLES=200 makes it a long
run: longer histories of chance, with either catalog.
"""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import example, given, note
from hypothesis import strategies as st

from tasks.operation.held_traces import BY_ID
from tests.support.costly import costly
from tests.support.postgres import Cluster
from tests.tasks.builders import copy_bank, new_bank
from tests.tasks.operation.histories import (
    FIRST_NIGHT,
    SETTINGS,
    History,
    rebuild,
    reference_sets,
    roster_rows,
    write,
)
from warehouse.engines import close_idle

IS_LONG = "INCREMENTAL_EXAMPLES" in os.environ
EXAMPLES, LONGEST = (int(os.environ["INCREMENTAL_EXAMPLES"]), 12) if IS_LONG else (0, 6)
pytestmark = [pytest.mark.warehouse, pytest.mark.timeout(0 if IS_LONG else 600)]


class Step(NamedTuple):
    """A method of a history by name, and its arguments."""

    name: str
    arguments: dict[str, Any]


def step(name: str, /, **arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[Step]:
    return st.builds(Step, st.just(name), st.fixed_dictionaries(arguments))


SOURCES = ["02.csv", "03.parquet", "04.csv", "late.parquet"]
DATES = [date(2024, 3, 5), date(2024, 3, 31), date(2024, 4, 9), date(2024, 4, 14), date(2024, 5, 1), FIRST_NIGHT]
deliveries = step("deliver", name=st.sampled_from(SOURCES), seed=st.integers(0, 3), faulty=st.booleans())
nights = step("night", as_of=st.sampled_from(DATES), refused=st.sampled_from([False, False, False, True]))
others = st.one_of(
    step("correct"),
    step("withdraw", name=st.sampled_from([*SOURCES, "replay"])),
    step("undo"),
    step("maintain", days_ahead=st.sampled_from([0, 9])),
    step("change_reference", name=st.sampled_from(["first", "moved", "weighed"]), promoted=st.booleans()),
)
histories = st.lists(st.one_of(deliveries, nights, others, others), min_size=3, max_size=LONGEST)

# One of each, so that no run goes without them: late rows behind two releases, retention, and a set that moves on.
ONE_OF_EACH = [
    Step("deliver", {"name": "03.parquet", "seed": 0, "faulty": True}),
    Step("night", {"as_of": date(2024, 3, 5), "refused": False}),
    Step("correct", {}),
    Step("night", {"as_of": date(2024, 3, 31), "refused": False}),
    Step("change_reference", {"name": "moved", "promoted": True}),
    Step("withdraw", {"name": "03.parquet"}),
    Step("maintain", {"days_ahead": 9}),
    Step("undo", {}),
    Step("deliver", {"name": "late.parquet", "seed": 1, "faulty": False}),
]

WHO = "JOIN raw.customers USING (customer_key)"
PERSON = "EXCLUDE (customer_key, first_seen, suppressed)"
# Keys are numbers by the order of arrival, so everybody is compared by the identifier of the bank; and so are hashes
# of periods and traces, in which the keys are. A rebuild has loads of its own, and of equal claims on an id another
# may hold it: neither the load nor the row of a transaction is compared. Whoever has no row left stays known to the
# first warehouse, without a first day. Means over customers are sums in the order of their keys.
MEANS = ("part", "mean_margin", "output_o", "output_c", "output_e", "output_a", "output_n")
ROUNDED = ", ".join(f"{name}::DECIMAL(20, 12) AS {name}" for name in MEANS)
SAID = {
    "raw.transactions": f"SELECT * EXCLUDE (customer_key, load_id, row_number, first_seen, suppressed) "
    f"FROM raw.transactions {WHO}",
    **{f"ref.{table}": f"FROM ref.{table}" for table in ("classes", "source_codes", "coefficients")},
    "raw.customers": "SELECT * EXCLUDE (customer_key) FROM raw.customers WHERE first_seen IS NOT NULL",
    "spend.monthly": f"SELECT * {PERSON} FROM spend.monthly {WHO}",
    "spend.by_period": f"SELECT * {PERSON} FROM spend.by_period {WHO}",
    "spend.steps": "SELECT * EXCLUDE (period_id) FROM spend.steps",
    "features.traced": "SELECT * EXCLUDE (scores_id, states_id) FROM features.traced",
    **{
        f"features.{table}": f"SELECT * {PERSON} FROM features.{table} {WHO}"
        for table in ("inputs", "personality", "trajectories", "angles", "reasons", "explanations")
    },
    "segments.by_date": f"SELECT * {PERSON} FROM segments.by_date {WHO}",
    "segments.current": f"SELECT * EXCLUDE (customer_key, published_at, first_seen, suppressed) "
    f"FROM segments.current {WHO}",
    "segments.summary": f"SELECT * REPLACE ({ROUNDED}) FROM segments.summary",
    "segments.transitions": "FROM segments.transitions",
    "segments.releases": "SELECT as_of, model_version, reference_version FROM segments.releases",
}
DAILY = ("spend.by_period", "spend.steps", "features.")  # retention lets go of them, and of no other
# Rows by their id, and what names it; the others belong to nobody.
NAMED = {
    "spend.periods": ("period_id", ("spend.steps", "candidates.steps")),
    **{
        table: (column, ("features.traced", "candidates.traced"))
        for column, tables in BY_ID.items()
        for table in tables
    },
}


def said(history: History, made: set[date]) -> dict[str, tuple[int, int]]:
    """Return rows and an order-free checksum of all that a warehouse says, of features those of some dates."""
    dates = ", ".join(f"DATE '{day}'" for day in sorted(made)) or "NULL"
    checksums = [
        f"SELECT '{table}', count(*), coalesce(sum(hash(held)::HUGEINT), 0) FROM (FROM ({select}) "
        f"{f'WHERE as_of IN ({dates})' if table.startswith(DAILY) else ''}) AS held"
        for table, select in SAID.items()
    ]
    return {table: (rows, checksum) for table, rows, checksum in history.bank.query(" UNION ALL ".join(checksums))}


def unnamed(history: History) -> list[str]:
    """Return the tables with rows that no date has."""
    texts = []
    for table, (column, namers) in NAMED.items():
        names = " UNION ALL ".join(f"SELECT {column} FROM {namer}" for namer in namers)
        texts.append(f"SELECT DISTINCT '{table}' FROM {table} WHERE {column} NOT IN ({names})")
    return [table for (table,) in history.bank.query(" UNION ALL ".join(texts))]


def check(town: "Town", history: History, steps: list[Step]) -> None:
    """Take some steps, and compare with a rebuild in an empty warehouse of the reference set of the end."""
    for taken in steps:
        note(str(taken))
        getattr(history, taken.name)(**taken.arguments)
    history.catch_up()
    fresh = town.copy(town.empty[history.bank.reference.version])
    rebuild(history, fresh)
    made = {day for (day,) in history.bank.query("SELECT DISTINCT as_of FROM features.traced")}
    expected, found = said(fresh, made), said(history, made)
    assert {table: (found[table], expected[table]) for table in SAID if found[table] != expected[table]} == {}
    assert (unnamed(history), unnamed(fresh)) == ([], [])
    close_idle()
    for done in (history, fresh):
        shutil.rmtree(done.folder.parent)


@dataclass(frozen=True, repr=False)
class Town:
    """Warehouses to copy.

    Attributes:
        root: Of the copies.
        first: After its first night.
        empty: With a model and nothing else, by version of the reference set.
        numbers: Of the copies.
    """

    root: Path
    first: History
    empty: dict[str, History]
    numbers: Iterator[int]

    def folder(self) -> Path:
        """Make a folder with one for sources inside."""
        root = self.root / f"{next(self.numbers):04}"
        (root / "sources").mkdir(parents=True)
        return root

    def copy(self, template: History) -> History:
        """Return a warehouse and a folder of sources of its own."""
        root = self.folder()
        bank = copy_bank(template.bank, root / "home")
        return History(bank, root / "sources", template.roster, template.sets)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, migrated_home: Path) -> Iterator[Town]:
    root = tmp_path_factory.mktemp("town")
    sets, roster = reference_sets(root / "sets"), root / "roster.csv"
    write(roster, roster_rows())
    bank = new_bank(root / "home", sets["first"], migrated=migrated_home, **SETTINGS)
    town = Town(root, History(bank, root / "sources", roster, sets), {}, count())
    for reference in sets.values():
        start = town.copy(town.first)
        start.bank = start.bank.under(reference)
        start.keep_model()
        town.empty[reference.version] = start
    town.first.keep_model()
    town.first.night(FIRST_NIGHT)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tasks.operation.merging.FEW", 1)  # of so few files some are worth merging
        yield town


@costly(EXAMPLES)
@example(steps=ONE_OF_EACH)
@given(steps=histories)
def test_a_warehouse_says_what_one_rebuild_says(town: Town, steps: list[Step]) -> None:
    """Compared behind the late-data flow, which makes those dates again whose inputs have changed, and no others.

    Until then a date says what it was published from, which no rebuild could know: late rows are no part of it. A date
    that is taken for current, though its inputs have changed, is left alone and differs. Of a date that retention let
    go of its segments are compared, which stay.
    """
    check(town, town.copy(town.first), steps)


@pytest.mark.postgres
@costly(max(1, EXAMPLES // 5))
@given(steps=histories)
def test_where_the_catalog_is_postgresql(town: Town, postgres_cluster: Cluster, steps: list[Step]) -> None:
    """Compared with a rebuild that has a catalog of SQLite."""
    root = town.folder()
    catalog = f"postgres:{postgres_cluster.create_database()}"
    bank = new_bank(root / "home", town.first.bank.reference, migrated=None, catalog=catalog, **SETTINGS)
    history = History(bank, root / "sources", town.first.roster, town.first.sets)
    history.keep_model()
    history.night(FIRST_NIGHT)
    check(town, history, steps)


def test_periods_that_a_run_left_behind_its_release_are_made_again(town: Town) -> None:
    """Rows come, a run that makes periods of them stops short of its release, and the rows are withdrawn."""
    history = town.copy(town.first)
    before = history.bank.periods()
    history.deliver("02.csv", 0, faulty=False)
    history.change_reference("moved", promoted=False)
    assert history.bank.periods() != before
    history.withdraw("02.csv")
    history.catch_up()
    assert history.bank.periods() == before


def test_retention_lets_go_of_rows_so_few_that_they_have_no_file(town: Town) -> None:
    history = town.copy(town.first)
    history.deliver("03.parquet", 0, faulty=False)
    for as_of in (date(2024, 3, 5), date(2024, 3, 31)):
        history.night(as_of)
    history.maintain(0)
    assert unnamed(history) == []
