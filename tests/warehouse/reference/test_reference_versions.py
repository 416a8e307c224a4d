"""Once a champion was trained, its version of the reference set stays; another one waits, and nothing is lost."""

from dataclasses import replace

import numpy as np
import pytest

import warehouse.migrations
from tests.warehouse.reference.test_reference_tables import BANK, apply, ask, filled, remapped, snapshot
from warehouse.connection import connect, in_transaction
from warehouse.errors import MicrosegError
from warehouse.migrations import migrate
from warehouse.queries import query_names
from warehouse.reference.content import from_json
from warehouse.reference.sets import TRAITS, ReferenceSet, SourceCode, load_reference
from warehouse.reference.tables import activate
from warehouse.reference.versions import read_active, read_version
from warehouse.settings import Settings

__all__ = ["filled"]
pytestmark = pytest.mark.warehouse
CHAMPION = "INSERT INTO models.versions BY NAME SELECT 'm1' AS model_version, 'champion' AS alias, $1 AS reference_hash"
TABLES = ("ref.sets", "ref.classes", "ref.source_codes", "ref.coefficients", "ref.versions", "raw.transactions")


def contents(settings: Settings) -> list[object]:
    return [ask(settings, f"FROM {table} ORDER BY ALL") for table in (*TABLES, "raw.stale_months")]


def changed_coefficient() -> ReferenceSet:
    coefficients = BANK.coefficients.copy()
    coefficients[3, 2] += 0.5
    return replace(BANK, coefficients=coefficients)


@pytest.fixture
def trained(filled: Settings) -> Settings:
    """A warehouse whose champion was trained under the shipped bank."""
    with connect(filled) as connection:
        connection.execute(CHAMPION, [BANK.version])
    return filled


def test_the_tables_give_back_the_whole_content(trained: Settings) -> None:
    with connect(trained, read_only=True) as connection:
        active, kept = read_active(connection), read_version(connection, BANK.version)
        assert read_version(connection, "never held") is None
    assert active is not None
    assert kept is not None
    assert active.to_json() == kept.to_json() == BANK.to_json()
    assert active.version == from_json(BANK.to_json()).version == BANK.version


def test_an_empty_warehouse_holds_no_set(lake: Settings) -> None:
    with connect(lake, read_only=True) as connection:
        assert read_active(connection) is None


@pytest.mark.parametrize(
    "newer",
    [changed_coefficient(), remapped(SourceCode("5411", 3, "spend", "moved"), SourceCode("NEW", 0, "fee", "new"))],
    ids=["coefficient", "codes"],
)
def test_another_version_waits_beside_a_champion(trained: Settings, newer: ReferenceSet) -> None:
    before, at = contents(trained), snapshot(trained)
    assert apply(trained, newer) == "waits"
    assert apply(trained, newer, retraining=True) == "waits"
    assert (contents(trained), snapshot(trained)) == (before, at)


def test_labels_follow_the_files_and_nothing_else_moves(trained: Settings) -> None:
    classes = (replace(BANK.classes[0], label="Bread", group="Bakery"), *BANK.classes[1:])
    before = ask(trained, "FROM ref.sets"), ask(trained, "FROM raw.transactions ORDER BY ALL")
    assert apply(trained, replace(BANK, classes=classes)) == "relabelled"
    assert ask(trained, "SELECT label, class_group FROM ref.classes WHERE class_id = 0") == [("Bread", "Bakery")]
    assert ask(trained, "SELECT count(*), max(label) FILTER (class_id = 0) FROM ref.class_versions") == [
        (len(BANK.classes), "Bread")
    ]
    assert (ask(trained, "FROM ref.sets"), ask(trained, "FROM raw.transactions ORDER BY ALL")) == before
    assert ask(trained, "FROM raw.stale_months") == []


def test_another_set_names_both_ways_out_and_may_wait_for_a_retraining(trained: Settings) -> None:
    before, journey = contents(trained), load_reference("complete_journey")
    with pytest.raises(MicrosegError) as caught:
        apply(trained, journey)
    assert str(caught.value) == (
        "this warehouse holds the reference set 'bank': `microseg retrain --reference` moves it to "
        "'complete_journey', or point MICROSEG_HOME at another folder for 'complete_journey'"
    )
    assert apply(trained, journey, retraining=True) == "waits"
    assert contents(trained) == before


def test_without_a_champion_another_set_is_refused_a_retraining_too(filled: Settings) -> None:
    with pytest.raises(MicrosegError, match="point MICROSEG_HOME at another folder"):
        apply(filled, load_reference("complete_journey"), retraining=True)


def test_another_name_of_the_same_content_is_a_label_that_a_retraining_moves(trained: Settings) -> None:
    renamed = replace(BANK, name="bank of ours")
    with pytest.raises(MicrosegError, match="holds the reference set 'bank'"):
        apply(trained, renamed)
    assert apply(trained, renamed, retraining=True) == "relabelled"
    assert ask(trained, "SELECT reference, reference_version FROM ref.sets") == [("bank of ours", BANK.version)]


def test_there_and_back_again_is_as_before(trained: Settings) -> None:
    before = contents(trained)
    with connect(trained) as connection:
        in_transaction(connection, lambda: activate(connection, load_reference("complete_journey")))
        assert contents(trained) != before

        def back() -> None:
            earlier = read_version(connection, BANK.version)
            assert earlier is not None
            activate(connection, earlier)

        in_transaction(connection, back)
    for table in ("ref.classes", "ref.source_codes", "ref.coefficients", "raw.transactions"):
        assert ask(trained, f"FROM {table} ORDER BY ALL") == before[TABLES.index(table)]
    assert ask(trained, "SELECT reference, reference_version, primary_window FROM ref.sets") == [
        (BANK.name, BANK.version, BANK.primary_window)
    ]
    assert ask(trained, "SELECT DISTINCT reference FROM ref.versions ORDER BY ALL") == [
        ("bank",),
        ("complete_journey",),
    ]


def of_an_earlier_microseg(settings: Settings, champion: str) -> None:
    """Put the warehouse back into the state that hashed files left."""
    with connect(settings) as connection:
        connection.execute("UPDATE ref.sets SET reference_version = 'of the files'")
        connection.execute("DELETE FROM ref.versions")
        connection.execute("UPDATE models.versions SET reference_hash = $1", [champion])


@pytest.mark.parametrize("newer", [BANK, changed_coefficient()], ids=["same", "changed meanwhile"])
def test_a_warehouse_of_hashed_files_gets_the_version_of_its_tables(trained: Settings, newer: ReferenceSet) -> None:
    of_an_earlier_microseg(trained, "of the files")
    assert apply(trained, newer) == ("applied" if newer is BANK else "waits")
    assert ask(trained, "SELECT reference_version FROM ref.sets") == [(BANK.version,)]
    assert ask(trained, "SELECT reference_hash FROM models.versions") == [(BANK.version,)]
    with connect(trained, read_only=True) as connection:
        kept = read_version(connection, BANK.version)
    assert kept is not None
    assert np.array_equal(kept.coefficients, BANK.coefficients)
    at = snapshot(trained)
    apply(trained, newer)
    assert snapshot(trained) == at


def test_a_champion_of_a_lost_version_says_what_to_do_and_lets_a_retraining_through(trained: Settings) -> None:
    of_an_earlier_microseg(trained, "of files before those")
    with pytest.raises(MicrosegError, match=r"champion m1 .* no longer holds: run `microseg retrain`$"):
        apply(trained, BANK)
    assert apply(trained, BANK, retraining=True) == "applied"


def test_a_warehouse_of_the_first_schemas_is_brought_up(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with connect(settings) as connection:
        with monkeypatch.context() as older:
            older.setattr(warehouse.migrations, "query_names", lambda folder: query_names(folder)[:3])
            migrate(connection)
        connection.execute("INSERT INTO ref.sets VALUES ('bank', 'of the files', 'annual', now())")
        for table, rows in table_rows(BANK).items():
            marks = f"({', '.join('?' * len(rows[0]))})"
            flat = [value for row in rows for value in row]
            connection.execute(f"INSERT INTO {table} VALUES {', '.join([marks] * len(rows))}", flat)
        connection.execute(CHAMPION, ["of the files"])
        migrate(connection)
    assert apply(settings, BANK) == "applied"
    assert ask(settings, "SELECT reference_hash, reference_version FROM models.versions, ref.sets") == [
        (BANK.version, BANK.version)
    ]
    assert apply(settings, BANK) == "unchanged"


def table_rows(content: ReferenceSet) -> dict[str, list[tuple[object, ...]]]:
    cells = enumerate(zip(content.coefficients.tolist(), content.coefficient_sources, strict=True))
    return {
        "ref.classes": [(each.class_id, each.code, each.label, each.group) for each in content.classes],
        "ref.source_codes": [(each.source_code, each.class_id, each.kind, each.label) for each in content.codes],
        "ref.coefficients": [
            (number, trait, value, origin)
            for number, (row, origin) in cells
            for trait, value in zip(TRAITS, row, strict=True)
        ],
    }
