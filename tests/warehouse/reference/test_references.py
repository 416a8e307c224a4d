"""A reference set of one's own is read as it is written, whatever its texts, and versioned by its content."""

import csv
import io
import string
import subprocess
import sys
from dataclasses import FrozenInstanceError
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.warehouse.reference.reference_folders import GOOD, write
from warehouse.errors import ReferenceSetError
from warehouse.reference.sets import FILES, SourceCode, SpendingClass, load_reference

LABELS = st.text(string.printable + "äé²\u2028\u00a0", min_size=1, max_size=8).map(
    lambda text: text.replace("\n", "").replace("\r", "").strip()
)

HEAD = {name: next(line for line in GOOD[name].splitlines() if line[0] != "#") for name in GOOD}
LINES = {name: GOOD[name].splitlines()[GOOD[name].splitlines().index(HEAD[name]) + 1 :] for name in GOOD}


def test_a_set_is_read_as_written(tmp_path: Path) -> None:
    reference = load_reference(write(tmp_path / "tiny"))
    assert (reference.name, reference.title, reference.primary_window) == ("tiny", "Tiny bank", "annual")
    assert reference.classes == (
        SpendingClass(0, "food", "Food, drink", "Home"),
        SpendingClass(1, "pets", "Pets", "Home"),
        SpendingClass(2, "fees", "Fees", "Bank"),
    )
    assert reference.codes == (
        *(SourceCode(code, 1, "spend", "Vets") for code in ("0742", "0743", "0744")),
        SourceCode("FEE", 2, "fee", "Fees"),
        SourceCode("PAY", None, "income", "Salary"),
        SourceCode("5411", 0, "spend", "Food"),
    )
    assert reference.coefficients.dtype == np.float64
    assert reference.coefficients.tolist() == [[-1, 1, -1, 1, -1], [1, -2, 0.5, 3, -3], [0, 0, 0, 0, 0]]
    assert reference.coefficient_sources == ("theirs", "ours", "none")


def test_the_contract_is_read_as_written(tmp_path: Path) -> None:
    source = load_reference(str(write(tmp_path / "tiny"))).source
    assert list(source.columns.values()) == ["id", "who", "when", "sum", "", "code"]
    assert (source.money_out, source.decimal, source.maximum) == ("positive", ",", 5000.0)
    assert (source.date_formats, source.earliest) == (("%d.%m.%Y",), date(2015, 1, 1))
    assert (source.currency, source.code_system, source.delimiter, source.encoding) == (
        "CHF", "mcc+bank", ";", "latin-1",
    )  # fmt: skip


def test_a_set_does_not_change(tmp_path: Path) -> None:
    reference = load_reference(write(tmp_path / "tiny"))
    for part in (reference, reference.source, reference.classes[0], reference.codes[0]):
        with pytest.raises(FrozenInstanceError):
            setattr(part, "label", "x")  # noqa: B010 - mypy would refuse the assignment, rightly


def test_one_class_is_enough_and_constraints_are_optional(tmp_path: Path) -> None:
    folder = write(
        tmp_path / "one",
        {
            "classes.csv": "class_id,code,label,group\n0,all,All,All\n",
            "source_codes.csv": "first_code,last_code,class_code,kind,label\nX,X,all,spend,All\n",
            "coefficients.csv": GOOD["coefficients.csv"].splitlines()[0],
        },
    )
    (folder / "constraints.csv").unlink()
    assert load_reference(folder).coefficients.tolist() == [[0.0] * 5]


SAME = {
    "comments": {name: "# seen\n" + GOOD[name] + "# seen\n" for name in FILES},
    "line ends": {name: GOOD[name].replace("\n", "\r\n") for name in FILES},
    "order of classes": {"classes.csv": "\n".join([HEAD["classes.csv"], *reversed(LINES["classes.csv"])])},
    "order of codes": {"source_codes.csv": "\n".join([HEAD["source_codes.csv"], *reversed(LINES["source_codes.csv"])])},
    "labels": {name: GOOD[name].replace("Pets", "Animals").replace("Vets", "Doctors") for name in GOOD},
    "groups": {"classes.csv": GOOD["classes.csv"].replace("Home", "House")},
    "sources": {"coefficients.csv": GOOD["coefficients.csv"].replace("ours", "theirs")},
    "numbers": {"coefficients.csv": GOOD["coefficients.csv"].replace(",0.5,", ",.50,")},
    "no coefficients": {"coefficients.csv": GOOD["coefficients.csv"] + "fees,0,-0.0,0,0,0,nobody\n"},
    "a range as single codes": {
        "source_codes.csv": GOOD["source_codes.csv"].replace(
            "0742,0744,pets,spend,Vets", "0744,0744,pets,spend,Vets\n0742,0743,pets,spend,Vets"
        )
    },
    "title": {"source.toml": GOOD["source.toml"].replace("Tiny bank", "A tiny bank")},
    "name": {"source.toml": GOOD["source.toml"].replace('"tiny"', '"small"')},
    "contract": {
        "source.toml": GOOD["source.toml"]
        .replace("%d.%m.%Y", "%Y/%m/%d").replace('";"', '"|"').replace("CHF", "EUR").replace('"when"', '"day"')
        .replace('"positive"', '"negative"').replace("5000", "6000").replace("2015", "2014")
    },
}  # fmt: skip
OTHER = {
    "window": {"source.toml": GOOD["source.toml"].replace("annual", "bimonthly")},
    "a class more": {"classes.csv": GOOD["classes.csv"] + "3,rent,Rent,Home\n"},
    "a class less": {
        name: GOOD[name].replace(line, "")
        for name, line in (("classes.csv", "2,fees,Fees,Bank\n"), ("source_codes.csv", "FEE,FEE,fees,fee,Fees\n"))
    },
    "class renamed": {name: GOOD[name].replace("fees", "costs") for name in ("classes.csv", "source_codes.csv")},
    "classes renumbered": {
        "classes.csv": GOOD["classes.csv"].replace("1,pets", "9,pets").replace("0,food", "1,food").replace("9,", "0,")
    },
    "code moved": {"source_codes.csv": GOOD["source_codes.csv"].replace("5411,5411,food", "5411,5411,pets")},
    "code added": {"source_codes.csv": GOOD["source_codes.csv"] + "5412,5412,food,spend,Food\n"},
    "code dropped": {"source_codes.csv": GOOD["source_codes.csv"].replace("PAY,PAY,,income,Salary\n", "")},
    "kind": {"source_codes.csv": GOOD["source_codes.csv"].replace("fees,fee,", "fees,spend,")},
    "kind that does not count": {"source_codes.csv": GOOD["source_codes.csv"].replace("income", "transfer")},
    "coefficient": {"coefficients.csv": GOOD["coefficients.csv"].replace(",0.5,", ",0.50000001,")},
}


@pytest.mark.parametrize("name", SAME)
def test_what_does_not_count_keeps_the_version(tmp_path: Path, name: str) -> None:
    assert SAME[name] != {file: GOOD[file] for file in SAME[name]}
    version = load_reference(write(tmp_path / "a")).version
    assert load_reference(write(tmp_path / "b", SAME[name])).version == version


@pytest.mark.parametrize("name", OTHER)
def test_what_counts_makes_a_version(tmp_path: Path, name: str) -> None:
    version = load_reference(write(tmp_path / "a")).version
    assert load_reference(write(tmp_path / "b", OTHER[name])).version != version


def test_all_versions_differ_from_each_other(tmp_path: Path) -> None:
    versions = {load_reference(write(tmp_path / name, changes)).version for name, changes in OTHER.items()}
    assert len(versions) == len(OTHER)


def test_a_folder_beside_is_not_the_shipped_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "bank")
    assert load_reference("bank").name == "bank"
    assert load_reference("./bank").name == "tiny"


def test_an_unknown_name_is_told_what_there_is() -> None:
    with pytest.raises(ReferenceSetError) as caught:
        load_reference("bnk")
    assert str(caught.value) == "no reference set 'bnk': name one of bank, complete_journey, or a directory"


def test_a_byte_order_mark_and_blank_lines_do_no_harm(tmp_path: Path) -> None:
    changes = {name: "\ufeff" + text.replace("\n", "\n\n") for name, text in GOOD.items()}
    assert load_reference(write(tmp_path / "marked", changes)).codes == load_reference(write(tmp_path / "tiny")).codes


@given(
    st.lists(LABELS.filter(bool), min_size=1, max_size=20, unique=True).flatmap(
        lambda each: st.permutations(list(enumerate(each)))
    )
)
def test_any_texts_in_any_order_come_back(
    tmp_path_factory: pytest.TempPathFactory, numbered: list[tuple[int, str]]
) -> None:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(
        [("class_id", "code", "label", "group"), *((number, f"c{number}", text, text) for number, text in numbered)]
    )
    changes = {"classes.csv": out.getvalue(), "source_codes.csv": "first_code,last_code,class_code,kind,label\n"}
    changes["coefficients.csv"] = GOOD["coefficients.csv"].splitlines()[0]
    changes["constraints.csv"] = GOOD["constraints.csv"].splitlines()[0]
    classes = load_reference(write(tmp_path_factory.mktemp("texts"), changes)).classes
    assert [(each.class_id, each.code, each.label) for each in classes] == [
        (number, f"c{number}", text) for number, text in sorted(numbered)
    ]


def test_reading_a_set_stays_light() -> None:
    heavy = "{'pandas', 'duckdb', 'sklearn', 'prefect', 'great_expectations', 'tensorflow'}"
    code = f"import sys, warehouse.reference.sets; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
