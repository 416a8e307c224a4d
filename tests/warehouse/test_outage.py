"""A server that goes away: what passes within seconds is waited for, all else is one line, and the next try heals."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tasks.stages.crew import attempt
from tasks.units.unit import Unit, perform
from tests.support.crews import count_rows
from tests.support.flaky_store import FlakyStore, flaky_store
from tests.support.object_store import client_of, object_store, settings_of
from tests.support.postgres import Cluster
from tests.support.workers import state, write
from warehouse.attachment import _PATIENCE
from warehouse.connection import connect, in_transaction
from warehouse.engines import close_idle
from warehouse.errors import MicrosegError, OutageError
from warehouse.migrations import migrate
from warehouse.registered import register, writing
from warehouse.settings import Settings

pytestmark = pytest.mark.warehouse
TABLE = "spend.monthly"


@pytest.mark.postgres
def test_a_catalog_restarted_in_a_transaction_is_one_line_and_the_next_heals(
    settings: Settings, postgres_cluster: Cluster
) -> None:
    settings = settings.model_copy(update={"catalog": f"postgres:{postgres_cluster.create_database()}"})
    with connect(settings) as connection:
        migrate(connection)

    def restart_at(wanted: str) -> Callable[[str], None]:
        return lambda moment: postgres_cluster.restart("immediate") if moment == wanted else None

    written(settings, 1)
    for number, moment in enumerate(("before", "between", "commit"), start=1):
        with pytest.raises(OutageError, match="the catalog's server went away") as caught:
            written(settings, 666, restart_at(moment))
        assert "\n" not in str(caught.value)
        written(settings, number + 1, expected=str(number))


def written(
    settings: Settings, number: int, meanwhile: Callable[[str], None] = lambda _: None, expected: str = ""
) -> None:
    """Replace what is in three tables, in one transaction with moments at which something else may happen."""
    with connect(settings) as connection:

        def work() -> None:
            before = state(connection)
            assert not expected or before[-1] == expected
            for moment in ("before", "between", "commit"):
                meanwhile(moment)
                if moment == "before":
                    write(connection, number)
                elif moment == "between":
                    state(connection)

        in_transaction(connection, work)


def test_a_catalog_that_is_not_there_may_come_back(settings: Settings) -> None:
    address = "postgres:host=127.0.0.1 port=1 dbname=lake user=microseg password=hunter2"
    with (
        pytest.raises(OutageError, match="Connection refused"),
        connect(settings.model_copy(update={"catalog": address})),
    ):
        pass


@pytest.mark.postgres
def test_a_wrong_password_does_not_pass_by_itself(settings: Settings, postgres_cluster: Cluster) -> None:
    wrong = settings.model_copy(update={"catalog": f"postgres:{postgres_cluster.dsn('postgres', 'hunter2')}"})
    with pytest.raises(MicrosegError) as caught, connect(wrong):
        pass
    assert not isinstance(caught.value, OutageError)


@contextmanager
def stored(home: Path) -> Iterator[tuple[Settings, FlakyStore]]:
    with object_store() as address, flaky_store(address) as store:
        client_of(address).create_bucket(Bucket="bank")
        places = {"home": home, "data_path": "s3://bank/lake/", **settings_of(store.address)}
        settings = Settings.model_validate(places)
        with connect(settings) as connection:
            migrate(connection)
        yield settings, store
        close_idle()


def a_unit(settings: Settings) -> Unit:
    with connect(settings) as connection:
        target = writing(connection, settings, TABLE)
    return Unit(fill, (50,), (), (target,))


def fill(connection: object, rows: int) -> None:
    """The work of a unit that writes rows."""
    sql = f"INSERT INTO {TABLE} SELECT i, DATE '2024-01-01', 1, i, 1 FROM range({rows}) AS numbers (i)"
    connection.execute(sql)  # type: ignore[attr-defined]


def test_a_store_that_is_asked_too_much_is_waited_for(tmp_path: Path) -> None:
    with stored(tmp_path / "home") as (settings, store):
        unit = a_unit(settings)
        store.refuse(1.5)
        facts = perform(unit, settings)
        assert store.refused
        with connect(settings) as connection:
            in_transaction(connection, lambda: register(connection, settings, facts.files))
        close_idle()
        store.refused = 0
        store.refuse(1.5)
        with connect(settings, read_only=True) as connection:
            assert connection.execute(f"SELECT sum(amount)::INTEGER FROM {TABLE}").fetchall() == [(1225,)]
        assert store.refused


def test_a_store_that_stays_away_is_one_line_here_and_on_a_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(_PATIENCE, "http_retries", 1)
    with stored(tmp_path / "home") as (settings, store):
        unit = a_unit(settings)
        for name, value in (("DATA_PATH", settings.data_path), ("S3_KEY_ID", settings.s3_key_id)):
            monkeypatch.setenv(f"MICROSEG_{name}", value)
        monkeypatch.setenv("MICROSEG_S3_SECRET", settings.s3_secret.get_secret_value())
        monkeypatch.setenv("MICROSEG_S3_ENDPOINT", store.address)
        monkeypatch.setenv("MICROSEG_S3_USE_SSL", "false")
        store.refuse(60)
        told = r"the object store does not answer \(HTTP 503\)"
        with pytest.raises(OutageError, match=told) as caught, connect(settings) as connection:
            connection.execute(f"INSERT INTO {TABLE} SELECT i, '2024-01-01', 1, i, 1 FROM range(50) AS numbers (i)")
        assert "\n" not in str(caught.value)
        answer = attempt(unit)
        assert isinstance(answer, OutageError)
        assert str(answer) == str(caught.value)
        store.refuse(0)
        assert perform(unit, settings).files[0].rows == 50
        assert perform(Unit(count_rows, (3,), (), ()), settings).figures == 3
