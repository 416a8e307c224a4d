"""Contracts of what is published: valid by their standard, and no change of one breaks readers unseen."""

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import fields
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from expectations.contract import ENDING, PII_CLASSES, Allowed, Contract, contract_of, contracts, parse, read_contracts
from expectations.contract_diff import Change, changes_of, compare
from expectations.dictionary import dictionary
from flows.cli import main
from model.vocabulary import WINDOWS, WITHOUT_SEGMENT
from warehouse.errors import MicrosegError

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "expectations" / "contracts"
FILES = sorted(FOLDER.glob(f"*{ENDING}"))
Document = dict[str, Any]
Edit = Callable[[Document], object]


def document(view: str = "segments_v1") -> Document:
    return dict(yaml.safe_load((FOLDER / f"{view}{ENDING}").read_text(encoding="utf-8")))


def columns(contract: Document) -> list[Document]:
    held: list[Document] = contract["schema"][0]["properties"]
    return held


def column(contract: Document, name: str) -> Document:
    return next(one for one in columns(contract) if one["name"] == name)


def edited(edit: Edit, view: str = "segments_v1") -> Contract:
    changed = document(view)
    edit(changed)
    return parse(yaml.safe_dump(changed), "edited")


def set_custom(contract: Document, name: str, value: str) -> None:
    """Set the one property of our own that a column has."""
    column(contract, name)["customProperties"][0]["value"] = value


def swap(contract: Document) -> None:
    held = columns(contract)
    held[3], held[4] = held[4], held[3]


def promise(contract: Document, name: str, value: float | None) -> None:
    next(one for one in contract["slaProperties"] if one["property"] == name)["value"] = value


def add(contract: Document, place: int) -> None:
    columns(contract).insert(place, {**column(contract, "depth"), "name": "newcomer"})


# What is done to a contract, what is told of it, and whether it breaks a reader.
CHANGES: dict[str, tuple[Edit, str, bool]] = {
    "removed": (lambda it: columns(it).pop(), "published_at: removed", True),
    "renamed": (lambda it: column(it, "margin").update(name="distance"), "margin: renamed to distance", True),
    "reordered": (swap, "columns stand in another order", True),
    "added within": (lambda it: add(it, 3), "newcomer: added before others", True),
    "added at the end": (lambda it: add(it, 99), "newcomer: added", False),
    "type": (
        lambda it: column(it, "margin").update(physicalType="FLOAT"),
        "margin: type changed from DOUBLE to FLOAT",
        True,
    ),
    "nullable": (lambda it: column(it, "depth").pop("required"), "depth: may be null now", True),
    "never null": (lambda it: column(it, "margin").update(required=True), "margin: never null now", False),
    "narrowed": (
        lambda it: column(it, "depth")["logicalTypeOptions"].update(maximum=3),
        "depth: allowed values narrowed: 0 to 4, now 0 to 3",
        True,
    ),
    "widened": (
        lambda it: column(it, "window_name")["quality"][0]["arguments"]["validValues"].append("weekly"),
        "window_name: allowed values widened: annual, bimonthly, now annual, bimonthly, weekly",
        True,
    ),
    "pattern": (
        lambda it: column(it, "segment_1")["logicalTypeOptions"].update(pattern="^[A-Z]$"),
        "segment_1: allowed values changed: ^[OCEAN](\\.[OCEAN]){0}$, now ^[A-Z]$",
        True,
    ),
    "unbounded": (
        lambda it: column(it, "margin").pop("logicalTypeOptions"),
        "margin: allowed values widened: 0 to 3.14159, now any",
        True,
    ),
    "unit": (
        lambda it: set_custom(it, "margin", "degrees"),
        "margin: unit changed from radians to degrees",
        True,
    ),
    "less personal": (
        lambda it: column(it, "segment").update(classification="none"),
        "segment: PII class lowered from personal to none",
        True,
    ),
    "more personal": (
        lambda it: column(it, "as_of").update(classification="personal"),
        "as_of: PII class raised from none to personal",
        False,
    ),
    "id for all": (
        lambda it: column(it, "customer_id").pop("customProperties"),
        "customer_id: only in all schemas, was in published_with_ids",
        True,
    ),
    "key": (
        lambda it: [column(it, "customer_key").pop(name) for name in ("primaryKey", "primaryKeyPosition")],
        "key changed from as_of, customer_key to as_of",
        True,
    ),
    "schema": (lambda it: it["roles"].pop(), "view removed from published_with_ids", True),
    "shorter retention": (
        lambda it: promise(it, "retention", 7),
        "retention changed from for ever to 7 days",
        True,
    ),
    "later": (lambda it: promise(it, "latency", 3), "latency changed from 1 days to 3 days", True),
    "sooner": (lambda it: promise(it, "latency", 0.5), "latency changed from 1 days to 0.5 days", False),
    "no promise": (lambda it: it["slaProperties"].pop(0), "frequency changed from 1 days to 0 days", True),
    "meaning": (lambda it: column(it, "margin").update(description="x"), "margin: meaning told in other words", False),
    "owner": (lambda it: it["team"].update(name="others"), "owner changed", False),
    "deprecated": (lambda it: it.update(status="deprecated"), "status changed", False),
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_contract_is_valid_by_the_standard(path: Path) -> None:
    schema = json.loads(files("open_data_contract_standard").joinpath("schema.json").read_text(encoding="utf-8"))
    checker = jsonschema.validators.validator_for(schema)(schema)
    contract = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert [error.message for error in checker.iter_errors(contract)] == []
    assert contract["apiVersion"] == "v3.1.0"
    assert contract["schema"][0]["name"] + ENDING == path.name
    assert contract["id"] == f"microseg.published.{contract['schema'][0]['name']}"
    assert list(checker.iter_errors(contract | {"kind": "Contract", "owner": "x"}))


def test_a_contract_says_all_that_is_asked_of_it() -> None:
    assert len(contracts()) == len(FILES) == 8
    for contract in contracts():
        assert all(getattr(contract, field.name) for field in fields(contract))
        assert {"frequency", "latency", "retention"} <= set(contract.promises)
        names = [one.name for one in contract.columns]
        assert names[0] == "as_of"
        assert names[-3:] == ["model_version", "reference_version", "published_at"]
        assert len(set(names)) == len(names)
        assert all(one.meaning and one.pii in PII_CLASSES for one in contract.columns)
        assert all(one.required for one in contract.columns if one.key)
        personal = "customer_key" in names
        assert contract.schemas == ("published", "published_with_ids")[: 1 + personal]
        assert {one.pii for one in contract.columns_in("published")} <= set(PII_CLASSES) - {"identifier"}
        assert personal or {one.pii for one in contract.columns} == {"none"}


def test_contracts_speak_the_words_of_the_house() -> None:
    held = {one.name: one for one in contract_of("segments_v1").columns}
    assert held["window_name"].allowed.values == WINDOWS
    for word in (*WITHOUT_SEGMENT, "E", "O.C.E.A"):
        assert re.fullmatch(held["segment"].allowed.pattern, word)
    assert not re.fullmatch(held["segment"].allowed.pattern, "E.X")


def test_a_type_has_one_logical_type() -> None:
    kinds = {(one["physicalType"], one["logicalType"]) for path in FILES for one in columns(document(path.name[:-10]))}
    assert len(kinds) == len({kind for kind, _ in kinds})


@pytest.mark.parametrize("name", CHANGES)
def test_every_kind_of_change_is_told(name: str) -> None:
    edit, what, breaking = CHANGES[name]
    assert changes_of(contract_of("segments_v1"), edited(edit)) == [Change("segments_v1", what, breaking)]


def test_equal_contracts_have_no_changes() -> None:
    assert compare(contracts(), contracts()) == []


def test_a_view_may_go_once_it_was_deprecated_beside_a_newer_one() -> None:
    old = edited(lambda it: it.update(status="deprecated"))
    newer = edited(lambda it: it["schema"][0].update(name="segments_v2"))
    other = edited(lambda it: it["schema"][0].update(name="others_v2"))
    told = "view removed; it was deprecated, and segments_v2 takes its place"
    added = Change("segments_v2", "view added", False)
    assert compare([old], [newer]) == [Change("segments_v1", told, False), added]
    gone = Change("segments_v1", "view removed, and it had not been deprecated beside a newer version", True)
    assert compare([contract_of("segments_v1")], [newer]) == [gone, added]
    assert compare([old], [other])[0] == gone


def test_nothing_breaks_what_the_last_release_promised() -> None:
    """Of the contracts in `released/`, which a release replaces: a breaking change is a view of the next version."""
    released = read_contracts(FOLDER / "released")
    assert [change for change in compare(released, contracts()) if change.breaking] == []


def test_the_dictionary_is_up_to_date() -> None:
    page = (ROOT / "docs" / "data-dictionary.md").read_text(encoding="utf-8")
    assert page == dictionary(contracts()), "run `make dictionary`"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: [", "broken is no YAML: while parsing"),
        ("[]", "broken is no contract of a view: "),
        ("kind: DataContract", "broken is no contract of a view: KeyError('schema')"),
        (yaml.safe_dump(document() | {"schema": []}), "broken is no contract of a view: ValueError"),
        (
            yaml.safe_dump(document() | {"schema": document()["schema"] * 2}),
            "broken is no contract of a view: ValueError",
        ),
        (
            (FOLDER / f"segments_v1{ENDING}").read_text().replace("classification: personal", "classification: secret"),
            "broken is no contract of a view: ValueError('classification secret')",
        ),
    ],
)
def test_a_broken_contract_is_one_line(text: str, reason: str) -> None:
    with pytest.raises(MicrosegError) as caught:
        parse(text, "broken")
    assert str(caught.value).startswith(reason)
    assert "\n" not in str(caught.value)


def test_diff_compares_folders_and_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    for folder in (old, new):
        folder.mkdir()
        for path in FILES:
            shutil.copy(path, folder)
    assert diffed(old, new, capsys) == (0, ["nothing changed"])
    changed = document()
    column(changed, "margin").update(description="other")
    (new / FILES[0].name).with_name(f"segments_v1{ENDING}").write_text(yaml.safe_dump(changed))
    additive = "additive: segments_v1: margin: meaning told in other words"
    assert diffed(old, new, capsys) == (0, [additive, "1 changes, 0 of them breaking"])
    column(changed, "margin").update(physicalType="FLOAT")
    (new / f"segments_v1{ENDING}").write_text(yaml.safe_dump(changed))
    breaking = "breaking: segments_v1: margin: type changed from DOUBLE to FLOAT"
    advice = "make a view of the next version for them, and leave this one as it is"
    told = [breaking, additive, f"2 changes, 1 of them breaking; {advice}"]
    assert diffed(old, new, capsys) == (1, told)
    assert diffed(old / f"segments_v1{ENDING}", new / f"segments_v1{ENDING}", capsys) == (1, told)
    changed["schema"][0]["name"] = "segments_v2"
    later = tmp_path / f"segments_v2{ENDING}"
    later.write_text(yaml.safe_dump(changed))
    code, lines = diffed(old / f"segments_v1{ENDING}", later, capsys)
    assert (code, lines[-1].split("; ")[1]) == (
        0,
        "segments_v2 is a new version of segments_v1, whose readers keep theirs",
    )
    assert diffed(later, old / f"segments_v1{ENDING}", capsys)[0] == 1


def diffed(old: Path, new: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    code = main(["contract", "diff", str(old), str(new)])
    return code, capsys.readouterr().out.splitlines()


def test_diff_of_nothing_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["contract", "diff", str(FOLDER), str(tmp_path)]) == 1
    assert capsys.readouterr().err == f"microseg: there is no contract in {tmp_path}: its name ends with {ENDING}\n"
    assert main(["contract", "diff", str(tmp_path / "absent"), str(FOLDER)]) == 1
    assert capsys.readouterr().err == f"microseg: {tmp_path / 'absent'} cannot be read: No such file or directory\n"


def test_docs_are_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["contract", "docs"]) == 0
    page = capsys.readouterr().out
    assert main(["contract", "docs", "--out", str(tmp_path / "page.md")]) == 0
    assert (tmp_path / "page.md").read_text(encoding="utf-8") == page == dictionary(contracts())


def test_allowed_values_in_words() -> None:
    assert str(Allowed(maximum=3)) == "up to 3"
    assert str(Allowed(pattern="^a$")) == "^a$"
