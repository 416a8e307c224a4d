"""What a bank may do to its reference set, as edits of the files of a folder."""

import csv
from collections.abc import Callable
from pathlib import Path

Rows = list[dict[str, str]]
# How many rows have another class than their code, and what is spent in each class: of rows and sums the same.
ASTRAY = (
    "SELECT count(*) FROM raw.transactions AS held LEFT JOIN ref.source_codes AS code USING (source_code) "
    "WHERE held.class_id IS DISTINCT FROM code.class_id"
)
BY_CLASS = "SELECT class_id, sum(amount) FROM {} WHERE class_id IS NOT NULL GROUP BY ALL ORDER BY ALL"
CORNER = {"class_id": "97", "code": "corner", "label": "Corner shops", "group": "Shopping"}
TRAITS = ("openness", "conscientiousness", "extraversion", "agreeableness", "neuroticism")


def read(folder: Path, name: str) -> Rows:
    lines = [line for line in (folder / name).read_text().splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines))


def write(folder: Path, name: str, rows: Rows) -> None:
    with (folder / name).open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def change(folder: Path, name: str, edit: Callable[[Rows], Rows]) -> None:
    write(folder, name, edit(read(folder, name)))


def replace_text(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text()
    assert old in text
    (folder / name).write_text(text.replace(old, new))


def one_coefficient(folder: Path) -> None:
    replace_text(folder, "coefficients.csv", "music,1.9,", "music,1.4,")


def one_code_moved(folder: Path) -> None:
    replace_text(folder, "source_codes.csv", "5411,5411,groceries,", "5411,5411,restaurants,")


def one_class_added(folder: Path) -> None:
    change(folder, "classes.csv", lambda rows: [*rows, CORNER])
    replace_text(folder, "source_codes.csv", "5411,5411,groceries,", "5411,5411,corner,")
    extra = dict.fromkeys(TRAITS, "0.4") | {"class_code": "corner", "source": "test"}
    change(folder, "coefficients.csv", lambda rows: [*rows, {name: extra.get(name, "") for name in rows[0]}])


def one_class_dropped(folder: Path) -> None:
    change(folder, "classes.csv", lambda rows: rows[:-1])
    replace_text(folder, "source_codes.csv", "UTILITY,UTILITY,other_utilities,", "UTILITY,UTILITY,water,")


def another_bank(folder: Path) -> None:
    """A set of another name with a class for each group of the old one."""
    groups = {row["code"]: row["group"].lower().replace(" ", "_") for row in read(folder, "classes.csv")}
    codes = list(dict.fromkeys(groups.values()))
    rows = [{"class_id": str(n), "code": code, "label": code.title(), "group": "All"} for n, code in enumerate(codes)]
    write(folder, "classes.csv", rows)
    change(
        folder,
        "source_codes.csv",
        lambda rows: [row | {"class_code": groups.get(row["class_code"], "")} for row in rows],
    )
    first = {groups[row["class_code"]]: row for row in reversed(read(folder, "coefficients.csv"))}
    write(folder, "coefficients.csv", [row | {"class_code": code} for code, row in first.items()])
    replace_text(folder, "source.toml", 'name = "bank"', 'name = "other"')


def nothing_that_counts(folder: Path) -> None:
    """Comments, order, labels, groups, sources and the contract."""
    change(
        folder, "classes.csv", lambda rows: [row | {"label": f"The {row['label']}", "group": "G"} for row in rows[::-1]]
    )
    change(folder, "source_codes.csv", lambda rows: [row | {"label": "any"} for row in rows[::-1]])
    change(folder, "coefficients.csv", lambda rows: [row | {"source": "somebody"} for row in rows[::-1]])
    with (folder / "coefficients.csv").open("a") as file:
        file.write("# reviewed by the data team\n")
    replace_text(folder, "source.toml", "formats = [", 'formats = ["%d.%m.%Y", ')


EDITS: dict[str, Callable[[Path], None]] = {
    each.__name__: each for each in (one_coefficient, one_code_moved, one_class_added, one_class_dropped, another_bank)
}
