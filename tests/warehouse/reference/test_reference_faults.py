"""Every fault in a reference set is one line that names file, line and what was expected; all are told at once."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.warehouse.reference.reference_folders import GOOD, fault, write
from warehouse.errors import ReferenceSetError
from warehouse.reference.files import COLUMNS
from warehouse.reference.sets import FILES, load_reference

# file: what is replaced in it, by what, and what the loader then says of the file
FAULTS = {
    "source.toml": (
        ('name = "tiny"', 'name = " "', "1: name is ' ', expected a text"),
        ('title = "Tiny bank"\n', "", "title is missing, expected a text"),
        (
            'window = "annual"',
            'window = "weekly"',
            "3: primary_window is 'weekly', expected one of 'annual', 'bimonthly'",
        ),
        (
            'title = "Tiny bank"',
            'titel = "x"\ntitle = "y"',
            "2: unknown key titel; known are name, title, primary_window, columns, amount, date, currency, codes, csv",
        ),
        ('customer_id = "who"', "customer_id = 7", "6: columns.customer_id is 7, expected a text"),
        ('amount = "sum"\n', "", "4: columns.amount is missing, expected a text"),
        ("positive", "up", "12: amount.money_out is 'up', expected one of 'positive', 'negative'"),
        ('decimal = ","', "decimal = 1", "13: amount.decimal is 1, expected one of '.', ','"),
        ("5000", "-1", "14: amount.maximum is -1, expected a number above 0"),
        ("5000", "inf", "14: amount.maximum is inf, expected a number above 0"),
        ("5000", "true", "14: amount.maximum is True, expected a number above 0"),
        ('["%d.%m.%Y"]', '["iso"]', "16: date.formats is ['iso'], expected a list of strptime formats"),
        (
            "2015-01-01",
            "2015-01-01T10:00:00",
            "17: date.earliest is datetime.datetime(2015, 1, 1, 10, 0), expected a date such as 1990-01-01",
        ),
        ("mcc+bank", "sic", "21: codes.system is 'sic', expected one of 'mcc+bank', 'mcc', 'category'"),
        ('";"', '""', "23: csv.delimiter is '', expected one character, no quote and no line break"),
        ("latin-1", "ebcdic", "24: csv.encoding is 'ebcdic', expected one of 'utf-8', 'latin-1', 'utf-16'"),
        (
            'encoding = "latin-1"',
            'encoding = "utf-8"\nquote = 1',
            "25: unknown key csv.quote; known are delimiter, encoding",
        ),
        ('[currency]\nexpected = "CHF"\n', "", "currency.expected is missing, expected a text"),
    ),
    "classes.csv": (
        (
            "label",
            "title",
            "1: missing column label; expected class_id, code, label, group",
            "1: unknown column title; expected class_id, code, label, group",
        ),
        (
            "group",
            "label",
            "1: missing column group; expected class_id, code, label, group",
            "1: repeated column label; expected class_id, code, label, group",
        ),
        ("Pets,Home", "Pets", "2: 3 fields instead of 4"),
        ('"Food, drink"', '"Food', "3: not CSV (unexpected end of data)"),
        ("2,fees", "3,fees", "4: class_id '3' is not one of 0 to 2"),
        ("2,fees", "²,fees", "4: class_id '²' is not one of 0 to 2"),
        ("2,fees", "0,fees", "4: class_id 0 is already in line 3"),
        ("Fees,Bank", "Pets,Bank", "4: label 'Pets' is already in line 2"),
        (",Pets,Home", ",,Home", "2: label is empty"),
    ),
    "source_codes.csv": (
        ("fee,Fees", "fine,Fees", "4: kind 'fine' is not one of spend, fee, income, transfer, other"),
        ("food,spend", "foot,spend", "6: class 'foot' is not in classes.csv"),
        ("food,spend", ",spend", "6: kind 'spend' counts as spending and needs a class"),
        ("PAY,,", "PAY,food,", "5: kind 'income' does not count as spending and takes no class"),
        ("5411,5411", ",5411", "6: first_code is empty"),
        ("5411,5411", "0744,0744", "6: code '0744' is already mapped in line 3"),
        ("5411,5411", "0700,0800", "6: code '0742' is already mapped in line 3"),
        (
            "FEE,FEE",
            "FEE,FEF",
            "4: 'FEE' to 'FEF' is not a range: two numbers of equal length, at most 6 digits, smaller first",
        ),
        (
            "0742,0744",
            "0744,0742",
            "3: '0744' to '0742' is not a range: two numbers of equal length, at most 6 digits, smaller first",
        ),
        (
            "0742,0744",
            "0000000,9999999",
            "3: '0000000' to '9999999' is not a range: two numbers of equal length, at most 6 digits, smaller first",
        ),
    ),
    "coefficients.csv": (
        ("food,", "foot,", "3: class 'foot' is not in classes.csv"),
        ("food,", "pets,", "3: class_code 'pets' is already in line 2"),
        ("food,", ",", "3: class_code is empty"),
        ("0.5", "", "2: extraversion is '', expected a number from -3 to 3"),
        ("0.5", "high", "2: extraversion is 'high', expected a number from -3 to 3"),
        ("0.5", "nan", "2: extraversion is 'nan', expected a number from -3 to 3"),
        ("0.5", "inf", "2: extraversion is 'inf', expected a number from -3 to 3"),
        ("0.5", "3.01", "2: extraversion is '3.01', expected a number from -3 to 3"),
        ("0.5", "-3.5", "2: extraversion is '-3.5', expected a number from -3 to 3"),
    ),
    "constraints.csv": (
        (
            "openness",
            "oppenness",
            "2: trait 'oppenness' is not one of openness, conscientiousness, extraversion, agreeableness, neuroticism",
        ),
        ("highest-2", "highest-3", "2: rank 'highest-3' is not one of highest-2, lowest-2, positive, negative"),
        ("Pets,pets,highest", "Pets,,highest", "2: class_codes is empty"),
        ("Pets,pets,highest", "Pets,cats,highest", "2: class 'cats' is not in classes.csv"),
        ("Pets,pets,lowest", "Food,food,lowest", "3: Food is not lowest-2 for neuroticism"),
        ("Pets,pets,highest", "Fees,fees,highest", "2: Fees is not highest-2 for openness"),
        ("pets food,positive", "pets fees,positive", "4: All is not positive for agreeableness"),
    ),
}


@pytest.mark.parametrize(("name", "case"), [(name, case) for name, cases in FAULTS.items() for case in cases])
def test_a_fault_is_named_with_its_place(tmp_path: Path, name: str, case: tuple[str, ...]) -> None:
    old, new, *messages = case
    assert old in GOOD[name]
    said = fault(write(tmp_path / "tiny", {name: GOOD[name].replace(old, new, 1)}))
    assert said.split("\n") == [f"{name}:{text}" if text[0].isdigit() else f"{name}: {text}" for text in messages]


def test_a_table_that_is_none_is_named(tmp_path: Path) -> None:
    text = 'columns = "all"\n' + re.sub(r"\[columns\][^\[]*", "", GOOD["source.toml"])
    message = fault(write(tmp_path / "tiny", {"source.toml": text}))
    assert message == "source.toml:1: columns is 'all', expected a table [columns]"


def test_broken_toml_is_named(tmp_path: Path) -> None:
    message = fault(write(tmp_path / "tiny", {"source.toml": "name = \n"}))
    assert message == "source.toml: not TOML: Invalid value (at line 1, column 8)"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"-3,ours": "3,ours"}, "3: Pets is not lowest-2 for neuroticism|5: All is not negative for neuroticism"),
        ({"food,-1,": "food,1,"}, "2: Pets is not highest-2 for openness"),  # a tie is no summit
        # Above food, but below the 0 of fees, which has no line.
        ({"pets,1,": "pets,-1,", "food,-1,": "food,-2,"}, "2: Pets is not highest-2 for openness"),
    ],
)
def test_coefficients_against_what_is_attested_are_named(tmp_path: Path, changed: dict[str, str], message: str) -> None:
    text = GOOD["coefficients.csv"]
    for old, new in changed.items():
        text = text.replace(old, new)
    said = fault(write(tmp_path / "tiny", {"coefficients.csv": text}))
    assert said.split("\n") == [f"constraints.csv:{each}" for each in message.split("|")]


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    (write(tmp_path / "tiny") / name).unlink()
    assert fault(tmp_path / "tiny") == f"{name}: missing"


@pytest.mark.parametrize("name", GOOD)
def test_unreadable_files_are_named(tmp_path: Path, name: str) -> None:
    file = write(tmp_path / "tiny") / name
    file.write_bytes(b"# \xff\n")
    assert fault(tmp_path / "tiny") == f"{name}: not UTF-8 (invalid start byte at byte 2)"
    file.unlink()
    file.mkdir()
    assert fault(tmp_path / "tiny") == f"{name}: cannot be read (Is a directory)"


@pytest.mark.parametrize("name", COLUMNS)
def test_an_empty_file_is_named(tmp_path: Path, name: str) -> None:
    assert fault(write(tmp_path / "tiny", {name: "# nothing\n\n"})) == f"{name}: empty"


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    changes = {
        "source.toml": GOOD["source.toml"].replace('","', '":"').replace('"annual"', '"weekly"'),
        "classes.csv": GOOD["classes.csv"].replace("2,fees", "3,fees"),
        "source_codes.csv": GOOD["source_codes.csv"].replace("income", "incoming"),
        "coefficients.csv": GOOD["coefficients.csv"].replace("0.5", "5"),
    }
    assert [line.split(": ")[0] for line in fault(write(tmp_path / "tiny", changes)).splitlines()] == [
        "source.toml:3",
        "source.toml:13",
        "classes.csv:4",
        "source_codes.csv:5",
        "coefficients.csv:2",
    ]


@given(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 20)), min_size=1, max_size=6))
def test_ranges_are_accepted_exactly_when_none_overlap(
    tmp_path_factory: pytest.TempPathFactory, ranges: list[tuple[int, int]]
) -> None:
    spans = [(first, min(first + length, 99)) for first, length in ranges]
    lines = [f"{first:02d},{last:02d},food,spend,x" for first, last in spans]
    text = "\n".join(["first_code,last_code,class_code,kind,label", *lines])
    folder = write(tmp_path_factory.mktemp("ranges"), {"source_codes.csv": text})
    codes = [f"{number:02d}" for first, last in spans for number in range(first, last + 1)]
    if len(codes) == len(set(codes)):
        assert [code.source_code for code in load_reference(folder).codes] == codes
    else:
        assert "is already mapped in line" in fault(folder)


@given(st.sampled_from(sorted(GOOD)), st.floats(0, 1), st.integers(0, 12), st.text(max_size=12))
def test_no_damage_ends_in_anything_but_a_clear_line(
    tmp_path_factory: pytest.TempPathFactory, name: str, where: float, cut: int, text: str
) -> None:
    good = GOOD[name]
    start = round(where * len(good))
    damaged = (good[:start] + text + good[start + cut :]).encode("utf-8", "surrogatepass")
    folder = write(tmp_path_factory.mktemp("damaged"))
    (folder / name).write_bytes(damaged)
    try:
        load_reference(folder)
    except ReferenceSetError as error:
        for line in str(error).split("\n"):
            assert re.match(rf"{re.escape(str(folder))}/[a-z_]+\.(csv|toml)(:\d+)?: .", line)
