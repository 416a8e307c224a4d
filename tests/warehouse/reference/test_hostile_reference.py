"""Reference sets that nobody would write by hand: large, deep, endless; each fault is one short line."""

import os
from pathlib import Path

import pytest

from tests.warehouse.reference.reference_folders import GOOD, fault, write
from warehouse.errors import ReferenceSetError
from warehouse.reference.checks import MOST_CLASSES, MOST_CODES
from warehouse.reference.files import LARGEST
from warehouse.reference.sets import load_reference

pytestmark = pytest.mark.timeout(60)
CLASSES = "class_id,code,label,group\n" + "".join(f"{n},c{n},Class {n},Home\n" for n in range(40_000))
CODES = "first_code,last_code,class_code,kind,label\n"


def source(old: str, new: str) -> dict[str, str]:
    assert old in GOOD["source.toml"]
    return {"source.toml": GOOD["source.toml"].replace(old, new)}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {"classes.csv": CLASSES, "source_codes.csv": CODES, "constraints.csv": GOOD["constraints.csv"]},
            f"classes.csv:{MOST_CLASSES + 2}: more than 1,000 classes",
        ),
        (
            {"source_codes.csv": CODES + "".join(f"{n}00000,{n}99999,food,spend,x\n" for n in range(1, 10))},
            f"source_codes.csv:4: the codes before it are more than {MOST_CODES:,} already",
        ),
        ({"classes.csv": GOOD["classes.csv"].replace("2,fees", "9" * 400 + ",fees")}, "classes.csv:4: class_id '999"),
        (
            {"coefficients.csv": GOOD["coefficients.csv"].replace("-2", "9" * 400)},
            "coefficients.csv:2: conscientiousness is '999",
        ),
        (source("5000", "9" * 400), "source.toml:14: amount.maximum is 999"),
        (source("5000", "9" * 5000), "source.toml: not TOML: "),
        (source("5000", "1e400"), "source.toml:14: amount.maximum is inf"),
        (source('"Tiny bank"', "[" * 5000 + "]" * 5000), "source.toml: not TOML of this kind: nested too deep"),
        (source('title = "Tiny bank"', f"title.{'a.' * 900}a = 1"), "source.toml: title is {"),
        (source('title = "Tiny bank"', f"title.{'a.' * 90_000}a = 1"), "source.toml: 180,"),
        (source('"Tiny bank"', '"a\\nb"'), "source.toml:2: title is 'a\\nb', expected a text"),
        (source('"id"', '"who"'), "source.toml:6: columns.customer_id is 'who', which is columns.transaction_id al"),
        (source('";"', "'\"'"), "source.toml:23: csv.delimiter is '\"', expected one character, no quote"),
        (source('";"', '"\\n"'), "source.toml:23: csv.delimiter is '\\n', expected one character, no quote"),
        (source('"%d.%m.%Y"', '"%d.%Q"'), "source.toml:16: date.formats is ['%d.%Q'], expected a list of strptime"),
        ({"classes.csv": GOOD["classes.csv"] + "x" * 200_000 + ",a,b,c\n"}, "classes.csv:5: not CSV (field larger"),
        ({"classes.csv": GOOD["classes.csv"] + "3,a\0b,c,\n"}, "source_codes"),
    ],
)
def test_each_is_one_short_line(tmp_path: Path, changes: dict[str, str], told: str) -> None:
    folder = write(tmp_path / "tiny", changes)
    try:
        load_reference(folder)
    except ReferenceSetError as error:
        lines = str(error).replace(f"{folder}/", "").splitlines()
        assert any(line.startswith(told) for line in lines) or told == "source_codes"
        assert all(len(line) < 700 and line.isprintable() for line in lines)
        assert len(lines) <= 51
    else:
        assert told == "source_codes"  # a NUL is a character like any other


def test_a_file_of_nothing_but_faults_is_told_in_fifty(tmp_path: Path) -> None:
    lines = fault(write(tmp_path / "tiny", {"classes.csv": "class_id,code,label,group\n" + "1,2\n" * 500})).splitlines()
    assert len(lines) == 51
    assert lines[-1] == "and 450 more faults"


@pytest.mark.parametrize("name", ["source.toml", "classes.csv", "constraints.csv"])
def test_pipes_and_devices_are_no_files(tmp_path: Path, name: str) -> None:
    file = write(tmp_path / "tiny") / name
    file.unlink()
    os.mkfifo(file)
    assert fault(tmp_path / "tiny") == f"{name}: not a file but a pipe or a device"
    file.unlink()
    file.symlink_to("/dev/zero")
    assert fault(tmp_path / "tiny") == f"{name}: not a file but a pipe or a device"
    file.unlink()
    file.symlink_to(file)
    assert fault(tmp_path / "tiny").startswith(f"{name}: cannot be read (")


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    file = write(tmp_path / "tiny") / "classes.csv"
    with file.open("ab") as large:
        large.truncate(LARGEST + 1)
    assert fault(tmp_path / "tiny") == f"classes.csv: {LARGEST + 1:,} bytes, more than {LARGEST:,}"


@pytest.mark.parametrize("name", ["a" * 300, "a/" * 3000, "b\0"])
def test_a_name_that_no_system_takes(name: str) -> None:
    with pytest.raises(ReferenceSetError, match=r"^no reference set .*: name one of bank, complete_journey"):
        load_reference(name)
