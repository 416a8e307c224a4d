"""The catalog and the contracts: views that are not as promised stop a release, and comments follow the contracts."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from expectations.contract import Contract, contract_of, contracts
from tasks.publishing import contracts as kept
from tasks.publishing.contracts import keep_contracts, view_problems
from warehouse.connection import connect, in_transaction
from warehouse.errors import MicrosegError
from warehouse.settings import Settings

pytestmark = pytest.mark.warehouse
# A view as somebody might leave it: what is between SELECT and FROM, and what is said of it.
ALL = ", ".join(column.name for column in contract_of("angles_v1").columns_in("published"))
PROMISED = contracts()
BROKEN = {
    "lacks a column": (ALL.replace("radius, ", ""), ["published.angles_v1 lacks radius"]),
    "has another type": (
        ALL.replace("radius", "radius::FLOAT AS radius"),
        ["published.angles_v1 has radius as FLOAT, not DOUBLE"],
    ),
    "has one more": (
        ALL + ", 1 AS extra",
        ["published.angles_v1 has extra, which the contract does not know"],
    ),
    "has another order": (
        ALL.replace("azimuth, polar", "polar, azimuth"),
        ["published.angles_v1 has its columns in another order"],
    ),
    "has another name": (
        ALL.replace("radius", "radius AS length"),
        ["published.angles_v1 lacks radius", "published.angles_v1 has length, which the contract does not know"],
    ),
}


def execute(lake: Settings, *statements: str) -> None:
    with connect(lake) as connection:
        for statement in statements:
            connection.execute(statement)


def problems(lake: Settings) -> list[str]:
    with connect(lake, read_only=True) as connection:
        return view_problems(connection)


def keep(lake: Settings) -> bool:
    with connect(lake) as connection:
        return in_transaction(connection, lambda: keep_contracts(connection), attempts=12)


def snapshots(lake: Settings) -> int:
    with connect(lake, read_only=True) as connection:
        return len(connection.execute("FROM ducklake_snapshots('lake')").fetchall())


def test_the_views_are_as_their_contracts_say(lake: Settings) -> None:
    assert problems(lake) == []


@pytest.mark.parametrize("name", BROKEN)
def test_a_view_that_is_not_as_promised_stops_a_release(lake: Settings, name: str) -> None:
    selected, told = BROKEN[name]
    execute(
        lake,
        "DROP VIEW published.angles_v1",
        f"CREATE VIEW published.angles_v1 AS SELECT {selected} FROM (SELECT * FROM features.angles "
        "JOIN (SELECT as_of, reference_version, published_at FROM segments.published) USING (as_of))",
    )
    found = problems(lake)
    assert [problem for problem in found if problem.startswith("published.angles_v1")] == told
    with pytest.raises(MicrosegError, match="nothing is published, for the views break their contracts: ") as caught:
        keep(lake)
    assert all(problem in str(caught.value) for problem in told)


def test_views_without_contract_and_contracts_without_view_are_told(lake: Settings) -> None:
    execute(
        lake,
        "DROP VIEW published_with_ids.reasons_v1",
        "CREATE VIEW published.extra_v1 AS SELECT 1 AS one",
    )
    assert problems(lake) == ["published.extra_v1 has no contract", "published_with_ids.reasons_v1 is missing"]


def test_what_lies_below_a_view_is_seen_through_it(lake: Settings) -> None:
    """A migration that changes a column of a table changes the view, too."""
    execute(lake, "ALTER TABLE segments.transitions ALTER customers TYPE BIGINT")
    assert problems(lake) == ["published.segment_transitions_v1 has customers as BIGINT, not INTEGER"]


def test_comments_are_set_once_and_all_together(lake: Settings) -> None:
    before = snapshots(lake)
    assert keep(lake)
    assert snapshots(lake) == before + 1
    assert not keep(lake)
    assert snapshots(lake) == before + 1
    check_told(lake)


def check_told(lake: Settings, promised: tuple[Contract, ...] = PROMISED) -> None:
    with connect(lake, read_only=True) as connection:
        text = "SELECT schema_name, view_name, comment FROM duckdb_views() WHERE schema_name LIKE 'published%'"
        comments = {(schema, view): comment for schema, view, comment in connection.execute(text).fetchall()}
        for contract in promised:
            for schema in contract.schemas:
                assert comments[schema, contract.view] == contract.comment
                text = (
                    "SELECT column_name, type, unit, meaning, allowed, pii, required FROM published.dictionary "
                    "WHERE schema_name = $1 AND view_name = $2 ORDER BY position"
                )
                expected = [
                    (one.name, one.type, one.unit, one.meaning, str(one.allowed), one.pii, one.required)
                    for one in contract.columns_in(schema)
                ]
                assert connection.execute(text, [schema, contract.view]).fetchall() == expected


def test_other_contracts_are_told_by_the_next_release(lake: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(lake)
    other = replace(contract_of("angles_v1"), text="It's told otherwise.")
    changed = tuple(other if contract.view == "angles_v1" else contract for contract in contracts())
    monkeypatch.setattr(kept, "contracts", lambda: changed)
    monkeypatch.setattr(kept, "digest", lambda: "other")
    assert keep(lake)
    assert not keep(lake)
    check_told(lake, changed)


def test_two_processes_that_set_comments_at_once_agree(lake: Settings) -> None:
    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(lambda _: keep(lake), range(3)))
    assert sorted(done) == [False, False, True]
    check_told(lake)
