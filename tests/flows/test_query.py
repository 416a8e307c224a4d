"""What `microseg query` prints: every table by name, and JSON that any reader takes."""

import json
from collections.abc import Callable
from decimal import Decimal

import pytest

from flows.cli import main
from flows.plain import plain
from flows.query import meant
from warehouse.settings import Settings

pytestmark = pytest.mark.warehouse
Ask = Callable[[str, str], str]
ODD = """
SELECT
    'nan'::DOUBLE AS nan, 'inf'::DOUBLE AS inf, '-inf'::DOUBLE AS less, 1.20::DECIMAL(18, 2) AS amount,
    '\\xFF\\x00'::BLOB AS weights, DATE '2026-01-31' AS day, TIMESTAMP '2026-01-31 02:15:00' AS moment,
    TIME '02:15:00' AS hour, {'sums': [1.50::DECIMAL(18, 2)], 'at': DATE '2026-01-31', 'bad': 'nan'::DOUBLE} AS nested,
    MAP {1: 'one'} AS numbered, '{"a": [1]}'::JSON AS document, NULL AS nothing, INTERVAL 1 DAY AS span
"""


@pytest.fixture
def asked(lake: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ask:
    monkeypatch.setenv("MICROSEG_HOME", str(lake.home))

    def ask(sql: str, form: str) -> str:
        assert main(["query", sql, "--format", form]) == 0
        return capsys.readouterr().out

    return ask


def strict(line: str) -> dict[str, object]:
    """Parse as a reader does that takes no NaN."""

    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")

    parsed: dict[str, object] = json.loads(line, parse_constant=refuse)
    return parsed


@pytest.mark.parametrize("sql", ["SHOW TABLES", "show tables;", " Show  Tables "])
def test_show_tables_lists_those_of_all_schemas(asked: Ask, sql: str) -> None:
    lines = [strict(line) for line in asked(sql, "json").splitlines()]
    names = {(line["schema"], line["name"], line["kind"]) for line in lines}
    assert names >= {("segments", "current", "table"), ("raw", "transactions", "table"), ("segments", "dates", "view")}
    assert all(line["comment"] for line in lines if line["name"] == "current")
    assert "segments" in asked(sql, "table")


def test_other_statements_stay_as_they_are() -> None:
    assert meant("SHOW TABLES FROM raw") == "SHOW TABLES FROM raw"


def test_json_is_json_whatever_the_type(asked: Ask) -> None:
    assert strict(asked(ODD, "json")) == {
        "nan": "NaN",
        "inf": "Infinity",
        "less": "-Infinity",
        "amount": 1.2,
        "weights": "/wA=",
        "day": "2026-01-31",
        "moment": "2026-01-31T02:15:00",
        "hour": "02:15:00",
        "nested": {"sums": [1.5], "at": "2026-01-31", "bad": "NaN"},
        "numbered": {"1": "one"},
        "document": {"a": [1]},
        "nothing": None,
        "span": "1 day, 0:00:00",
    }


def test_csv_has_no_words_of_python(asked: Ask) -> None:
    header, line = asked("SELECT '\\xFF\\x00'::BLOB AS weights, [DATE '2026-01-31'] AS days", "csv").splitlines()
    assert (header, line) == ("weights,days", '/wA=,"[""2026-01-31""]"')


@pytest.mark.parametrize("text", ["0.10", "9999999999999.99", "123456789012345678.90", "-0.01", "0"])
def test_no_amount_is_rounded(text: str) -> None:
    assert Decimal(str(plain(Decimal(text)))) == Decimal(text)
