"""What a bank's export may get wrong: a file as a whole gives one clear line, a row gives one reject."""

import gzip
import zipfile
from datetime import date
from pathlib import Path

import pytest

from tests.tasks.builders import HEADER, Bank, copy_bank, csv_text, row, write_csv, write_parquet, write_reference
from warehouse.errors import SourceError

pytestmark = pytest.mark.warehouse
GOOD = csv_text([row(1), row(2)])
PARQUET = (
    "SELECT 't1' AS transaction_id, 'anna' AS customer_id, DATE '2024-03-05' AS booked_at, 10 AS amount, "
    "'EUR' AS currency, 'FOOD' AS source_code"
)


@pytest.fixture(scope="module")
def untouched(template: Bank, tmp_path_factory: pytest.TempPathFactory) -> Bank:
    """A warehouse in which nothing is ever loaded."""
    return copy_bank(template, tmp_path_factory.mktemp("untouched") / "home")


def fails(bank: Bank, pattern: Path | str, message: str) -> None:
    """Loading fails with exactly this line, and a good file beside the broken one is not loaded either."""
    before = bank.snapshots()
    with pytest.raises(SourceError) as caught:
        bank.ingest(pattern)
    assert str(caught.value) == message
    assert "\n" not in message
    assert bank.snapshots() == before


def put(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_empty_file(untouched: Bank, tmp_path: Path) -> None:
    path = put(tmp_path / "a.csv", "")
    fails(untouched, path, f"{path} is empty: not even a header; have it delivered again")


def test_header_only_is_a_load_without_rows(bank: Bank, tmp_path: Path) -> None:
    for text in (HEADER, HEADER + "\n"):
        done = bank.ingest(put(tmp_path / "a.csv", text))
        assert (done.sources, done.read, done.accepted, done.rejected) == (1, 0, 0, 0)


def test_first_line_blank(untouched: Bank, tmp_path: Path) -> None:
    path = put(tmp_path / "a.csv", "\n" + GOOD)
    fails(untouched, path, f"{path}: its first line is blank, not a header; nothing was loaded")


def test_missing_and_renamed_column(untouched: Bank, tmp_path: Path) -> None:
    path = put(tmp_path / "a.csv", "transaction_id,customer_id,booked_at,amount,currency\nt1,anna,2024-03-05,1,EUR\n")
    found = "transaction_id, customer_id, booked_at, amount, currency"
    fails(untouched, path, f"{path}: column source_code missing (found: {found}); nothing was loaded")
    path = put(tmp_path / "b.csv", GOOD.replace("amount", "Amount").replace("currency", "ccy"))
    found = "transaction_id, customer_id, booked_at, Amount, ccy, source_code"
    fails(untouched, path, f"{path}: columns amount, currency missing (found: {found}); nothing was loaded")
    path = write_parquet(tmp_path / "c.parquet", f"SELECT * EXCLUDE amount FROM ({PARQUET})")
    found = "transaction_id, customer_id, booked_at, currency, source_code"
    fails(untouched, path, f"{path}: column amount missing (found: {found}); nothing was loaded")


def test_column_named_twice(untouched: Bank, tmp_path: Path) -> None:
    path = put(tmp_path / "a.csv", f"{HEADER},amount\nt1,anna,2024-03-05,1,EUR,FOOD,2\n")
    fails(untouched, path, f"{path}: its header names the column amount more than once; nothing was loaded")


def test_extra_columns_are_kept_in_the_quarantine_only(bank: Bank, tmp_path: Path) -> None:
    text = f"note,{HEADER},NOTE,microseg,\nx,t1,anna,2024-03-05,1,EUR,FOOD,y,1,2\nx,t2,anna,,1,EUR,FOOD,y,1,2\n"
    done = bank.ingest(put(tmp_path / "a.csv", text))
    assert (done.accepted, done.rejected) == (1, 1)
    [(kept,)] = bank.query("SELECT row_text->>'$.note' FROM raw.rejected")
    assert kept == "x"


def test_encodings(bank: Bank, tmp_path: Path) -> None:
    rows = [row(1), row(2, customer_id="Müller"), row(3, customer_id="李")]
    latin = write_csv(tmp_path / "a.csv", [*rows[:2], row(3)], encoding="latin-1")
    done = bank.ingest(latin)
    assert (done.accepted, bank.rejected()) == (2, [(2, "invalid_encoding", "customer_id")])
    done = bank.under(write_reference(tmp_path / "latin", encoding="latin-1")).ingest(latin)
    assert (done.accepted, bank.rejected()) == (3, [])
    assert ("Müller",) in bank.query("SELECT customer_id FROM raw.customers")
    utf16 = bank.under(write_reference(tmp_path / "utf16", encoding="utf-16"))
    assert utf16.ingest(write_csv(tmp_path / "c.csv", rows, encoding="utf-16")).read == 3
    assert ("李",) in bank.query("SELECT customer_id FROM raw.customers")


def test_header_in_another_encoding(untouched: Bank, tmp_path: Path) -> None:
    advice = "set [csv] encoding in source.toml, or have the file delivered again; nothing was loaded"
    for name, content in {
        "utf16.csv": GOOD.encode("utf-16"),
        "latin.csv": ("Prüfung," + GOOD).encode("latin-1"),
        "binary.csv": bytes(range(256)) * 20,
    }.items():
        path = put(tmp_path / name, content)
        fails(untouched, path, f"{path}: its first line is not utf-8 text: {advice}")


HARMLESS = {
    "bom": b"\xef\xbb\xbf" + GOOD.encode(),
    "crlf": GOOD.replace("\n", "\r\n").encode(),
    "bom_crlf": b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode(),
    "no_last_newline": GOOD.rstrip("\n").encode(),
    "spaces": GOOD.replace("anna", "  anna ").replace(",", " ,").encode(),
    "quotes": GOOD.replace("anna", '"anna"').encode(),
    "blank_lines": GOOD.replace("t2", "\n\nt2").encode() + b"\n\n",
    "comment_sign": GOOD.replace("t1", "#t1").replace("t2", "#t2").encode(),
}


def test_harmless_forms(bank: Bank, tmp_path: Path) -> None:
    for name, content in HARMLESS.items():  # each in the place of the one before
        done = bank.ingest(put(tmp_path / "a.csv", content))
        assert (done.read, done.accepted) == (2, 2), name
        assert [(c, str(a)) for _, c, _, a, *_ in bank.transactions()] == [("anna", "10.00")] * 2, name
        assert bank.rejected() == [], name


def test_semicolons_and_decimal_commas(bank: Bank, tmp_path: Path) -> None:
    given = ["1,50", "1.234,5", "-2", "12.50", "1.2.3", "1e300"]
    rows = [row(number, amount=amount) for number, amount in enumerate(given, start=1)]
    path = write_csv(tmp_path / "a.csv", rows, delimiter=";")
    hint = "it seems not to be delimited by ',': set [csv] delimiter in source.toml"
    found = HEADER.replace(",", ";")
    columns = "transaction_id, customer_id, booked_at, amount, currency, source_code"
    fails(bank, path, f"{path}: columns {columns} missing (found: {found}); {hint}; nothing was loaded")
    german = bank.under(write_reference(tmp_path / "german", delimiter=";", decimal=","))
    german.ingest(path)
    assert [str(amount) for *_, amount, _, _, _, _ in bank.transactions()] == ["1.50", "1234.50", "-2.00"]
    assert bank.rejected() == [
        (4, "unparsable_amount", "amount"),
        (5, "unparsable_amount", "amount"),
        (6, "absurd_amount", "amount"),
    ]


def test_broken_parquet(untouched: Bank, tmp_path: Path) -> None:
    whole = write_parquet(tmp_path / "whole.parquet", PARQUET).read_bytes()
    for content in (whole[: len(whole) // 2], b"no parquet at all", GOOD.encode()):
        path = put(tmp_path / "a.parquet", content)
        with pytest.raises(SourceError) as caught:
            untouched.ingest(path)
        line = str(caught.value)
        assert line.startswith(f"{path} cannot be read: ")
        assert line.endswith("; nothing was loaded")
        assert "\n" not in line


def test_compressed_files(bank: Bank, tmp_path: Path) -> None:
    packed = gzip.compress(GOOD.encode())
    assert bank.ingest(put(tmp_path / "a.csv.gz", packed)).accepted == 2
    path = put(tmp_path / "b.csv.gz", packed[:-12])
    fails(
        bank,
        path,
        f"{path} is not a whole gzip file (Compressed file ended before the end-of-stream marker was "
        "reached): have it delivered again",
    )
    path = put(tmp_path / "c.csv.gz", GOOD)
    fails(bank, path, f"{path} is not a whole gzip file (Not a gzipped file (b'tr')): have it delivered again")
    bomb = put(tmp_path / "bomb.csv.gz", gzip.compress(GOOD.encode() + b"\n" * 50_000_000))
    bound = f"{bomb.stat().st_size * bank.settings.max_expansion + 2**20:,}"
    fails(bank, bomb, f"{bomb} unpacks to more than {bound} bytes: refused as a compression bomb")
    with zipfile.ZipFile(tmp_path / "d.zip", "w") as archive:
        archive.writestr("a.csv", GOOD)
    path = tmp_path / "d.zip"
    fails(bank, path, f"{path}: only .csv, .csv.gz and .parquet are read; unpack or convert it first")


def test_too_large_a_file(untouched: Bank, tmp_path: Path) -> None:
    small = Bank(untouched.settings.model_copy(update={"max_file_bytes": 100}), untouched.reference)
    path = put(tmp_path / "a.csv", GOOD * 2)
    size = f"{path.stat().st_size:,}"
    fails(small, path, f"{path} has {size} bytes, above MICROSEG_MAX_FILE_BYTES: split it or raise the limit")


def test_nothing_to_read(untouched: Bank, tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    put(folder / "notes.txt", "hello")
    put(folder / "more.txt", "hello")
    fails(untouched, folder, f"{folder} is a directory: name its files, for example {folder}/*.parquet")
    missing = folder / "*.csv"
    fails(
        untouched, missing, f"no file matches {missing}: check the path, and quote the glob so that the shell leaves it"
    )
    notes = folder / "*.txt"
    fails(untouched, notes, f"none of the 2 files that match {notes} is .csv, .csv.gz or .parquet")


@pytest.mark.parametrize("name", ["it's.csv", "a b.csv", "a[1].csv", "d'or/[x]/y*.csv", "Käse;.csv", "year=2024/a.csv"])
def test_odd_paths(bank: Bank, tmp_path: Path, name: str) -> None:
    path = put(tmp_path / name, GOOD)
    around = path.parent / ".." / path.parent.name / path.name
    assert bank.ingest(around).accepted == 2
    assert bank.ingest(path).unchanged == 1  # the same file, whatever the way to it
    assert bank.query("SELECT source FROM raw.loads") == [(str(path),)]


def test_one_broken_file_among_good_ones_changes_nothing(untouched: Bank, tmp_path: Path) -> None:
    put(tmp_path / "a.csv", GOOD)
    path = put(tmp_path / "b.csv", "nonsense\n")
    put(tmp_path / "c.csv", csv_text([row(3)]))
    columns = "transaction_id, customer_id, booked_at, amount, currency, source_code"
    message = f"{path}: columns {columns} missing (found: nonsense); nothing was loaded"
    fails(untouched, tmp_path / "*.csv", message)
    assert untouched.transactions() == []


@pytest.mark.parametrize("opening", ['"t2,anna', 't2,"anna'])
@pytest.mark.parametrize("behind", [2, 90_000])
def test_unclosed_quote(untouched: Bank, tmp_path: Path, opening: str, behind: int) -> None:
    after = "".join(f"u{number},bert,2024-03-05,1.00,EUR,FOOD\n" for number in range(behind))
    path = put(tmp_path / "a.csv", f"{HEADER}\nt1,anna,2024-03-05,1,EUR,FOOD\n{opening},2024-03-05,1,EUR,FOOD\n{after}")
    told = "is never closed, so the rows after it cannot be separated; have the file delivered again"
    fails(untouched, path, f"{path}: a quote near row 2 {told}; nothing was loaded")


def test_lines_that_are_no_rows_keep_the_numbers_of_the_others(bank: Bank, tmp_path: Path) -> None:
    lines = [
        "t1,anna,2024-03-05,1,EUR,FOOD",
        "t2,anna",
        "t3,anna,not a day,1,EUR,FOOD",
        "t4,anna,2024-03-05,1,EUR,FOOD,extra",
        't5,"anna"x,2024-03-05,1,EUR,FOOD',
        't6,"two\nlines",2024-03-05,1,EUR,FOOD',
        "t7,anna,2024-03-05,x,EUR,FOOD",
    ]
    done = bank.ingest(put(tmp_path / "a.csv", "\n".join([HEADER, *lines])))
    assert (done.read, done.accepted, done.rejected) == (7, 2, 5)
    assert bank.rejected() == [
        (2, "missing_columns", "booked_at"),
        (3, "unparsable_date", "booked_at"),
        (4, "too_many_columns", None),
        (5, "unquoted_value", "customer_id"),
        (7, "unparsable_amount", "amount"),
    ]
    assert bank.query("SELECT row_number, transaction_id FROM raw.transactions ORDER BY 1") == [(1, "t1"), (6, "t6")]
    texts = bank.query("SELECT row_text->>'$.line', row_text->>'$.amount' FROM raw.rejected ORDER BY row_number")
    assert texts == [(lines[1], None), (None, "1"), (lines[3], None), (lines[4], None), (None, "x")]


FAULTS = {
    "missing_transaction_id": [{"transaction_id": ""}, {"transaction_id": "  "}],
    "missing_customer_id": [{"customer_id": ""}],
    "missing_date": [{"booked_at": ""}],
    "unparsable_date": [
        {"booked_at": text} for text in ("2023-02-29", "2024-02-30", "31/01/2024", "2024-01-31x", "2024-01-31 25:00:00")
    ],
    "date_out_of_range": [{"booked_at": "0001-01-01"}, {"booked_at": "2014-12-31"}],
    "future_date": [{"booked_at": "9999-12-31"}, {"booked_at": "2024-07-01"}, {"booked_at": "infinity"}],
    "missing_amount": [{"amount": ""}],
    "unparsable_amount": [{"amount": text} for text in ("ten", "€5", '"1,50"', "0x10")],
    "absurd_amount": [{"amount": text} for text in ("nan", "inf", "-Infinity", "1e300", "100000.01", "-1e18")],
    "zero_amount": [{"amount": "0"}, {"amount": "-0.004"}],
    "wrong_currency": [{"currency": "USD"}, {"currency": ""}],
}


def test_each_fault_has_its_reason_row_and_column(bank: Bank, tmp_path: Path) -> None:
    faulty = [(reason, change) for reason, changes in FAULTS.items() for change in changes]
    rows = [row(number, **change) for number, (_, change) in enumerate(faulty, start=1)]
    done = bank.ingest(write_csv(tmp_path / "a.csv", [*rows, row("good")]))
    assert (done.accepted, done.rejected) == (1, len(faulty))
    expected = [(number, reason, next(iter(change))) for number, (reason, change) in enumerate(faulty, start=1)]
    assert bank.rejected() == expected


def test_the_first_broken_rule_names_a_row_once(bank: Bank, tmp_path: Path) -> None:
    bank.ingest(write_csv(tmp_path / "a.csv", [row(1, booked_at="?", amount="?", currency="?")]))
    assert bank.rejected() == [(1, "unparsable_date", "booked_at")]


def test_dates_and_amounts_at_the_edge_are_accepted(bank: Bank, tmp_path: Path) -> None:
    days = ["2024-02-29", "2016-02-29", "2015-01-01", "2024-06-30", "2024-03-05 23:59:59", "2024-03-05T10:00"]
    given = ["12.345", "0.005", "-100000", "1e2", " 7 ", "+3.1"]
    rows = [row(n, booked_at=day, amount=amount) for n, (day, amount) in enumerate(zip(days, given, strict=True))]
    assert bank.ingest(write_csv(tmp_path / "a.csv", rows)).accepted == len(rows)
    stored = bank.transactions()
    assert [str(day) for _, _, day, *_ in stored] == [day[:10] for day in days]
    assert [str(amount) for _, _, _, amount, *_ in stored] == ["12.35", "0.01", "-100000.00", "100.00", "7.00", "3.10"]


def test_date_formats_and_instants_of_the_bank(bank: Bank, tmp_path: Path) -> None:
    oslo = Bank(bank.settings.model_copy(update={"timezone": "Europe/Oslo"}), bank.reference)
    changed = oslo.under(write_reference(tmp_path / "r", formats=["%d.%m.%Y", "%Y%m%dT%H%M%S%z"]))
    days = {
        "05.03.2024": date(2024, 3, 5),
        "2024-03-05": date(2024, 3, 5),
        "2024-03-05T23:30:00Z": date(2024, 3, 6),
        "2024-03-05 23:30:00+01": date(2024, 3, 5),
        "2024-03-05T00:30:00.123+02:00": date(2024, 3, 4),
        "20240305T233000+0000": date(2024, 3, 6),
    }
    changed.ingest(write_csv(tmp_path / "a.csv", [row(n, booked_at=text) for n, text in enumerate(days)]))
    assert [day for _, _, day, *_ in bank.transactions()] == list(days.values())


def test_names_and_ids_are_data_never_sql(bank: Bank, tmp_path: Path) -> None:
    nasty = "x'); DROP TABLE raw.transactions; --"
    rows = [
        row(1, transaction_id=f'"{nasty}"', customer_id='"O""Brien, ""Åse"" 李"'),
        row(2, transaction_id=f'"{nasty}"', amount="11.00", source_code='\'""'),
    ]
    path = tmp_path / "a.csv"
    put(path, HEADER + "\n" + "\n".join(",".join(str(v) for v in r.values()) for r in rows) + "\n")
    done = bank.ingest(path)
    assert (done.accepted, done.rejected) == (1, 1)
    [(held, customer, *_)] = bank.transactions()
    assert (held, customer) == (nasty, 'O"Brien, "Åse" 李')


def test_kinds_signs_and_unknown_codes(bank: Bank, tmp_path: Path) -> None:
    cases = {
        ("FOOD", "10"): ("spend", 0),
        ("FOOD", "-4"): ("refund", 0),
        ("FEE", "2"): ("fee", 3),
        ("FEE", "-1"): ("refund", 3),
        ("PAY", "-2000"): ("income", None),
        ("OWN", "300"): ("transfer", None),
        ("MISC", "5"): ("other", None),
        ("NEW", "8"): ("unclassified", None),
        ("", "9"): ("unclassified", None),
    }
    rows = [row(n, source_code=code, amount=amount) for n, (code, amount) in enumerate(cases)]
    done = bank.ingest(write_csv(tmp_path / "a.csv", rows))
    assert (done.accepted, done.rejected, done.unclassified) == (9, 0, 2)
    assert [each[-2:] for each in bank.transactions()] == list(cases.values())
    bank.aggregate()
    assert [(c, str(a), n) for _, _, c, a, n in bank.monthly()] == [(0, "6.00", 2), (3, "1.00", 2), (None, "17.00", 2)]
    assert {c for _, _, _, _, _, _, c, _, _ in bank.periods()} == {0, 3}


def test_money_out_may_be_negative_in_the_source(bank: Bank, tmp_path: Path) -> None:
    turned = bank.under(write_reference(tmp_path / "r", money_out="negative", currency_column=""))
    turned.ingest(write_csv(tmp_path / "a.csv", [row(1, amount="-10"), row(2, amount="4", currency="?")]))
    assert [(str(e[3]), e[4], e[6]) for e in bank.transactions()] == [
        ("10.00", "EUR", "spend"),
        ("-4.00", "EUR", "refund"),
    ]


def test_leading_zeros_of_merchant_codes_come_back(bank: Bank, tmp_path: Path) -> None:
    cards = bank.under(write_reference(tmp_path / "r", system="mcc+bank"))
    codes = "SELECT 't' || i AS transaction_id, 'anna' AS customer_id, '2024-03-05' AS booked_at, 1 AS amount, "
    number = write_parquet(tmp_path / "a.parquet", codes + "'EUR' AS currency, 742 AS source_code FROM range(2) r (i)")
    cards.ingest(number, write_csv(tmp_path / "b.csv", [row(8, source_code="742"), row(9, source_code="0742")]))
    assert {(each[5], each[7]) for each in bank.transactions()} == {("0742", 2)}


@pytest.mark.parametrize(
    ("amount", "day"),
    [
        ("12.5::DOUBLE", "DATE '2024-03-05'"),
        ("12.5::DECIMAL(38, 10)", "TIMESTAMP '2024-03-05 23:59:59'"),
        ("12.5::FLOAT", "TIMESTAMPTZ '2024-03-04 23:30:00+00'"),
        ("'12.50'", "'2024-03-05'"),
    ],
)
def test_typed_parquet(bank: Bank, tmp_path: Path, amount: str, day: str) -> None:
    oslo = Bank(bank.settings.model_copy(update={"timezone": "Europe/Oslo"}), bank.reference)
    select = f"SELECT 7 AS transaction_id, 8::BIGINT AS customer_id, {day} AS booked_at, {amount} AS amount, "
    oslo.ingest(write_parquet(tmp_path / "a.parquet", select + "'EUR' AS currency, 'FOOD' AS source_code"))
    [(held, customer, booked_on, stored, *_)] = bank.transactions()
    assert (held, customer, booked_on, str(stored)) == ("7", "8", date(2024, 3, 5), "12.50")


def test_faulty_rows_of_typed_parquet(bank: Bank, tmp_path: Path) -> None:
    values = [
        "(1, 'anna', DATE '2024-03-05', 'nan'::DOUBLE)",
        "(2, 'anna', DATE '2024-03-05', 'inf'::DOUBLE)",
        "(3, 'anna', DATE '2024-03-05', 1e300)",
        "(4, 'anna', NULL, 1)",
        "(NULL, 'anna', DATE '2024-03-05', 1)",
        "(6, NULL, DATE '2024-03-05', 1)",
        "(7, 'anna', DATE '2024-03-05', NULL)",
        "(8, 'anna', DATE '0001-01-01', 1)",
        "(9, 'anna', DATE '9999-12-31', 1)",
        "(10, 'anna', DATE 'infinity', 1)",
    ]
    select = f"SELECT *, 'EUR' AS currency, 'FOOD' AS source_code FROM (VALUES {', '.join(values)}) "
    bank.ingest(write_parquet(tmp_path / "a.parquet", select + "t (transaction_id, customer_id, booked_at, amount)"))
    assert [reason for _, reason, _ in bank.rejected()] == [
        "absurd_amount",
        "absurd_amount",
        "absurd_amount",
        "missing_date",
        "missing_transaction_id",
        "missing_customer_id",
        "missing_amount",
        "date_out_of_range",
        "future_date",
        "future_date",
    ]
