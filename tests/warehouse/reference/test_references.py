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


@pytest.mark.parametrize("name", FILES)
def test_the_version_is_that_of_the_content(tmp_path: Path, name: str) -> None:
    version = load_reference(write(tmp_path / "a")).content_hash
    windows = write(tmp_path / "b")
    (windows / name).write_bytes(GOOD[name].replace("\n", "\r\n").encode())
    assert load_reference(windows).content_hash == version
    assert load_reference(write(tmp_path / "c", {name: GOOD[name] + "# seen\n"})).content_hash != version


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
