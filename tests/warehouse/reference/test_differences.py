"""Every kind of change is told apart, with the codes of the source whose rows it concerns."""

from pathlib import Path

import pytest

from tests.warehouse.reference.reference_folders import GOOD, write
from warehouse.reference.differences import Difference, differences
from warehouse.reference.sets import load_reference

VETS = ("0742", "0743", "0744")
CODES, CLASSES, COEFFICIENTS = GOOD["source_codes.csv"], GOOD["classes.csv"], GOOD["coefficients.csv"]
CHANGES = {
    "coefficient": (
        {"coefficients.csv": COEFFICIENTS.replace("-2,0.5", "-1.75,0.5")},
        [Difference("coefficient", "pets, conscientiousness", "-2", "-1.75", VETS)],
    ),
    "code moved": (
        {"source_codes.csv": CODES.replace("5411,5411,food", "5411,5411,pets")},
        [Difference("code", "5411", "spend: food", "spend: pets", ("5411",))],
    ),
    "kind": (
        {"source_codes.csv": CODES.replace("PAY,PAY,,income", "PAY,PAY,,transfer")},
        [Difference("code", "PAY", "income", "transfer", ("PAY",))],
    ),
    "codes added and dropped": (
        {"source_codes.csv": CODES.replace("5411,5411", "5412,5412")},
        [
            Difference("code", "5411", "spend: food", "-", ("5411",)),
            Difference("code", "5412", "-", "spend: food", ("5412",)),
        ],
    ),
    "class added": (
        {"classes.csv": CLASSES + "3,rent,Rent,Home\n", "source_codes.csv": CODES + "R,R,rent,spend,Rent\n"},
        [Difference("class", "rent", "-", "3", ("R",)), Difference("code", "R", "-", "spend: rent", ("R",))],
    ),
    "class dropped": (
        {
            "classes.csv": CLASSES.replace("2,fees,Fees,Bank\n", ""),
            "source_codes.csv": CODES.replace("FEE,FEE,fees,fee", "FEE,FEE,,other"),
        },
        [Difference("class", "fees", "2", "-", ("FEE",)), Difference("code", "FEE", "fee: fees", "other", ("FEE",))],
    ),
    "classes renumbered": (
        {"classes.csv": CLASSES.replace("1,pets", "9,pets").replace("0,food", "1,food").replace("9,", "0,")},
        [Difference("class", "food", "0", "1", ("5411",)), Difference("class", "pets", "1", "0", VETS)],
    ),
    "window": (
        {"source.toml": GOOD["source.toml"].replace("annual", "bimonthly")},
        [Difference("window", "primary_window", "annual", "bimonthly", ("0742", "0743", "0744", "5411", "FEE"))],
    ),
    "labels": ({name: text.replace("Pets", "Animals") for name, text in GOOD.items()}, []),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_each_change_is_told(tmp_path: Path, name: str) -> None:
    changes, expected = CHANGES[name]
    assert (
        differences(load_reference(write(tmp_path / "a")), load_reference(write(tmp_path / "b", changes))) == expected
    )


@pytest.mark.parametrize("name", CHANGES)
def test_a_version_changes_exactly_when_something_is_told(tmp_path: Path, name: str) -> None:
    held, other = load_reference(write(tmp_path / "a")), load_reference(write(tmp_path / "b", CHANGES[name][0]))
    assert (held.version != other.version) == bool(differences(held, other))


def test_changes_are_named() -> None:
    named = {("code", "-", "x"): "added", ("code", "x", "-"): "dropped", ("code", "x", "y"): "moved"}
    named |= {("class", "1", "2"): "renumbered", ("coefficient", "1", "2"): "changed"}
    assert {key: Difference(key[0], "it", *key[1:]).change for key in named} == named
