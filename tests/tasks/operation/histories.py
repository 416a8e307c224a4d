"""A very small bank and what can happen to its warehouse, step by step; and the rebuild from what is left in the end.

The gates and Prefect are left out, and the model has random weights: what is written is the engine's, all of it.
"""

import csv
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from zlib import crc32

import numpy as np

from model.angles import Frame
from model.network import TrainingOptions
from model.personality import Scaling
from model.surrogate import Surrogate
from model.weights import Weights
from tasks.intake.quarantine import write_rejects
from tasks.intake.replay import replay
from tasks.intake.withdraw import undo_withdrawal, withdraw
from tasks.operation.windows import preview, published_dates
from tasks.publishing.release import Promotion
from tasks.publishing.standing import current_date
from tasks.science.candidates import mark_candidate
from tasks.science.model_store import Model, model_in_use, save
from tasks.spending.aggregate import refresh_monthly
from tasks.spending.periods import refresh_by_period
from tasks.spending.remap import build_periods
from tests.support.release import build, build_and_release
from tests.tasks.builders import CODES, COLUMNS, Bank, row, write_csv, write_parquet, write_reference
from tests.tasks.operation.retained import maintain
from warehouse.connection import connect, in_transaction
from warehouse.reference.sets import ReferenceSet, load_reference

ROSTER = [f"c{number:02}" for number in range(22)]  # enough for two segments of the fewest customers
NEWCOMERS = ["c97", "c98", "c99"]
SETTINGS = {"min_segment_size": 10, "min_active_steps": 1, "keep_days": 7}
FIRST_NIGHT = date(2024, 2, 29)
EVER = 3660  # days to look back
CONTESTED = 4  # ids that any two files may both claim
ONE_IN = 5  # rows of a faulty file that are rejected
Rows = list[dict[str, object]]


def reference_sets(folder: Path) -> dict[str, ReferenceSet]:
    """Write three versions of a reference set: as it is, one code in another class, and one coefficient changed."""
    sets = {
        "first": write_reference(folder / "first"),
        "moved": write_reference(folder / "moved", CODES | {"TRIP": ("vets", "spend")}),
    }
    write_reference(folder / "weighed")
    path = folder / "weighed" / "coefficients.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("travel,0.5,-0.5", "travel,0.5,-0.9"), encoding="utf-8")
    return sets | {"weighed": load_reference(folder / "weighed")}


def model_under(reference: ReferenceSet) -> Model:
    """Return a network with random weights, always the same under one version of the reference set."""
    chance, classes = np.random.default_rng(crc32(reference.version.encode())), len(reference.classes)
    weights = Weights(
        kernel=chance.normal(size=(classes, 12)),
        recurrent=chance.normal(size=(3, 12)),
        bias=np.zeros(12),
        readout=chance.normal(size=(3, 5)),
        readout_bias=None,
        scale=np.full(classes, 0.3),
    )
    return Model(
        weights=weights,
        scaling=Scaling(chance.normal(size=5), np.ones(5)),
        frame=Frame(np.eye(3)),
        surrogate=Surrogate(chance.normal(size=(classes, 3)), np.zeros(3)),
        population_mean=np.full(classes, 1 / classes),
        share_ceiling=np.ones(classes),
        options=TrainingOptions(),
        window_name="bimonthly",
        as_of=FIRST_NIGHT,
        customers=len(ROSTER),
        customers_hash="",
        reference_version=reference.version,
    )


def roster_rows() -> Rows:
    """Return a purchase of everybody in the first month."""
    codes = ["FOOD", "TRIP", "0742", "FEE"]
    return [
        row(
            f"roster-{n}",
            customer_id=who,
            booked_at=f"2024-01-{1 + n:02}",
            source_code=codes[n % 4],
            amount=f"{9 + n}.10",
        )
        for n, who in enumerate(ROSTER)
    ]


def drawn_rows(name: str, seed: int, faulty: bool) -> Rows:
    """Return the rows of a version of a file: of the month that it is called after, or of any.

    A few have ids that other files claim, too; of a faulty one some have no amount.
    """
    chance = np.random.default_rng(crc32(f"{name} {seed}".encode()))
    rows: Rows = []
    for number in range(int(chance.integers(6, 24))):
        month = int(name) if name.isdigit() else int(chance.integers(1, 5))
        contested = chance.random() < 0.1
        amount = f"{chance.integers(-2000, 6000) / 100 or 1:.2f}"
        rows.append(
            row(
                f"shared-{chance.integers(CONTESTED)}" if contested else f"{name}-{seed}-{number}",
                customer_id=str(chance.choice(ROSTER + NEWCOMERS)),
                booked_at=str(date(2024, month, 1) + timedelta(days=int(chance.integers(29)))),
                amount="?" if faulty and number % ONE_IN == 0 else amount,
                source_code=str(chance.choice(list(CODES))),
            )
        )
    return rows


def write(path: Path, rows: Rows) -> None:
    """Write rows as CSV or Parquet, as the name says."""
    if path.suffix == ".csv":
        write_csv(path, rows)
        return
    values = ", ".join("(" + ", ".join(f"'{value}'" for value in each.values()) + ")" for each in rows)
    write_parquet(path, f"SELECT * FROM (VALUES {values}) AS rows ({', '.join(COLUMNS)})")


@dataclass(repr=False)
class History:
    """A warehouse, the sources it reads, and which of their versions are in force.

    Attributes:
        bank: The warehouse; its reference set is the active one.
        folder: Of the sources.
        roster: The one source that nothing happens to.
        sets: Versions of the reference set by name.
        in_force: Rows by source, of the version that counts.
        withdrawn: Source and rows by load.
        corrections: Rows that replays put back, by load.
    """

    bank: Bank
    folder: Path
    roster: Path
    sets: dict[str, ReferenceSet]
    in_force: dict[str, Rows] = field(default_factory=dict)
    on_disk: dict[str, Rows] = field(default_factory=dict)
    withdrawn: dict[str, tuple[str, Rows]] = field(default_factory=dict)
    corrections: dict[str, Rows] = field(default_factory=dict)

    def keep_model(self) -> None:
        """Save a model under the active set; its first release makes it the champion."""
        with connect(self.bank.settings) as connection:
            model = model_under(self.bank.reference)
            in_transaction(connection, lambda: save(connection, model, "challenger", "run"))

    def ingest(self) -> None:
        """Read all sources, as every night does."""
        self.bank.ingest(self.roster, *(self.folder / name for name in sorted(self.on_disk)))
        for name, rows in self.on_disk.items():
            if (name, rows) not in self.withdrawn.values():
                self.in_force[name] = rows

    def deliver(self, name: str, seed: int, faulty: bool) -> None:
        """A file comes, or comes again with other rows."""
        rows = drawn_rows(Path(name).stem, seed, faulty)
        write(self.folder / name, rows)
        self.on_disk[name] = rows
        self.ingest()

    def correct(self) -> None:
        """Who has waited for an amount gets one, and is replayed."""
        file = self.folder.parent / "rejects.csv"
        write_rejects(self.bank.settings, self.bank.reference.source, file)
        with file.open(newline="", encoding="utf-8") as opened:
            rejects = [line | {"amount": "7.77"} for line in csv.DictReader(opened) if line["amount"] == "?"]
        if not rejects:
            return
        with file.open("w", newline="", encoding="utf-8") as opened:
            writer = csv.DictWriter(opened, list(rejects[0]))
            writer.writeheader()
            writer.writerows(rejects)
        replay(self.bank.context(), file)
        (load_id,) = self._loads("starts_with(source, 'replay:')") - self.corrections.keys()
        self.corrections[load_id] = [{name: line[name] for name in COLUMNS} for line in rejects]

    def withdraw(self, name: str) -> None:
        """What is in force of a source, or the newest replay, is taken out."""
        if name in self.in_force:
            load_id = self._load_of(name)
            self.withdrawn[load_id] = (name, self.in_force.pop(name))
        elif name == "replay" and self.corrections:
            load_id, _ = self.corrections.popitem()
        else:
            return
        withdraw(self.bank.settings, self.bank.reference.source, load_id, "", "anna")

    def undo(self) -> None:
        """The newest withdrawal of a source is undone; its file is read again where it is as it was."""
        if self.withdrawn:
            load_id, _ = self.withdrawn.popitem()
            undo_withdrawal(self.bank.settings, load_id)
            self.ingest()

    def night(self, as_of: date, refused: bool = False) -> None:
        """A business date: from the sources to its release, or to a gate that is closed."""
        self.ingest()
        refresh_monthly(self.bank.settings)
        with connect(self.bank.settings) as connection:
            model = model_in_use(connection)
        self.make(model, as_of, refused)

    def make(self, model: Model, as_of: date, refused: bool = False, promotion: Promotion | None = None) -> None:
        """Periods, candidate and release of a date."""
        refresh_by_period(self.bank.settings, as_of, "run")
        with connect(self.bank.settings) as connection:
            if not refused:
                build_and_release(connection, self.bank.settings, model, as_of, promotion)
            elif in_transaction(connection, lambda: build(connection, self.bank.settings, model, as_of)):
                in_transaction(connection, lambda: mark_candidate(connection, as_of, "refused"))

    def maintain(self, days_ahead: int) -> None:
        """Dates go, files are merged, old states are forgotten and removed."""
        maintain(self.bank.settings, days_ahead)

    def change_reference(self, name: str, promoted: bool) -> None:
        """A model under another version of the reference set: built on the current date, and released or given up."""
        reference, settings = self.sets[name], self.bank.settings
        if reference.version == self.bank.reference.version:
            return
        as_of = current_date(settings)
        refresh_monthly(settings)
        refresh_by_period(settings, as_of, "run")
        with connect(settings) as connection:
            in_transaction(connection, lambda: build_periods(connection, reference, as_of))
            if promoted:
                model = model_under(reference)
                in_transaction(connection, lambda: save(connection, model, "challenger", "run"))
                build_and_release(connection, settings, model, as_of, Promotion("promoted", "for a test"))
                self.bank = replace(self.bank, reference=reference)

    def catch_up(self) -> None:
        """What the late-data flow does: the dates whose inputs have changed are made again, and no others."""
        self.ingest()
        refresh_monthly(self.bank.settings)
        for window in preview(self.bank.settings, self.dates()):
            if window.moved:
                with connect(self.bank.settings) as connection:
                    model = model_in_use(connection)
                self.make(model, window.as_of)

    def dates(self) -> list[date]:
        """Return all published dates, oldest first."""
        return published_dates(self.bank.settings, date(2024, 12, 31), EVER)

    def _load_of(self, name: str) -> str:
        (load_id,) = self._loads(f"ends_with(source, '/{name}')")
        return load_id

    def _loads(self, condition: str) -> set[str]:
        rows = self.bank.query(f"SELECT load_id FROM raw.loads_in_force WHERE {condition}")
        return {str(load_id) for (load_id,) in rows}


def rebuild(history: History, fresh: History) -> None:
    """Feed an empty warehouse with what counts in the end, and make the dates of another in one go.

    What a replay put back comes as one more source: the rejects that it corrected may have gone with their file.
    """
    corrected = [line for rows in history.corrections.values() for line in rows]
    fresh.on_disk = history.in_force | {"corrected.csv": corrected}
    for name, rows in fresh.on_disk.items():
        write(fresh.folder / name, rows)
    fresh.ingest()
    refresh_monthly(fresh.bank.settings)
    for as_of in history.dates():
        fresh.make(model_under(fresh.bank.reference), as_of)
