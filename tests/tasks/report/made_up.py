"""A report of a bank that does not exist: as many segments, long words and gaps as a real one may have."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise, permutations

import numpy as np

from model.angles import Frame, to_angles
from model.cells import boundaries
from model.vocabulary import GONE, INSUFFICIENT, LETTERS, NEW, OTHER, TRAITS, WITHHELD
from tasks.report.content import AngleMap, Branch, Lift, Path, Release, Report, Segment, Sized
from tasks.report.content_beside import Attractor, Covered, Drift, Gate, Kept, ModelFacts, Moves, Quality

AS_OF = date(2026, 1, 31)
DATES = (date(2024, 12, 31), *(date(2025, month, monthrange(2025, month)[1]) for month in range(1, 13)), AS_OF)
YEAR_AGO = DATES[1]
READOUT = np.array([[1.0, -0.3, 0.6, -0.8, -0.5], [0.1, 0.9, -0.7, 0.5, -0.8], [-0.2, 0.4, 0.5, -0.6, 0.9]])
CLASSES = (
    "Groceries", "Restaurants and bars", "Books and magazines", "Insurance", "Air travel", "Charities", "Gambling",
    "Children’s clothes", "Medicines and health", "Home improvement and garden centres", "Digital entertainment",
    "Savings and investments, other than retirement plans and life insurance",
)  # fmt: skip
CODES = [
    "E.A.O.C", "E.A.O", "E.A", "E.O", "E.C", "E", "A.E.C", "A.C", "A.O", "A", "C.A.N", "C.A", "C.N", "C.E", "C",
    "O.E.A", "O.E", "O.N", "O", "N.E.O.A", "N.E", "N.C", "N",
]  # fmt: skip


def made_up(seed: int = 0) -> Report:
    """The report of a simulated bank of 26,000 customers with 25 segments."""
    rng = np.random.default_rng(seed)
    sizes = dict(zip(CODES, (int(n) for n in rng.integers(24, 2400, len(CODES))), strict=True))
    sizes |= {INSUFFICIENT: 1_904, WITHHELD: 61}
    total = sum(sizes.values())
    segments = [_segment(rng, code, size, total) for code, size in sorted(sizes.items(), key=lambda pair: -pair[1])]
    segmented = sum(size for code, size in sizes.items() if code in CODES)
    return Report(
        _release(total, segmented, len(segments)),
        segments,
        _branches(sizes),
        _angles(rng),
        _paths(rng, sizes),
        [_moves(rng, sizes, DATES[-2]), _moves(rng, sizes, YEAR_AGO)],
        [
            Kept(later, earlier, None if n == 3 else round(float(rng.uniform(0.93, 0.98)), 4), 23_000 + 71 * n)
            for n, (earlier, later) in enumerate(pairwise(DATES))
        ],
        _drift(rng),
        _quality(),
        _coverage(rng),
        _attractors(rng),
        _model(),
    )


def empty() -> Report:
    """A report of a date on which there is nothing that may be told."""
    full = made_up()
    release = replace(
        full.release, customers=0, segmented=0, segments=0, newest_booking=None, silent_days=None, previous=None,
        year_ago=None, currency="", stand_in=False, simulated=False,
    )  # fmt: skip
    return Report(
        release, [], [], None, [], [], [], [], Quality(0, 0, [], [], []), [], [], replace(full.model, metrics=[])
    )


def _release(customers: int, segmented: int, segments: int) -> Release:
    return Release(
        AS_OF, datetime(2026, 2, 1, 2, 41), "Europe/Zurich", "2026-01-05-8c1f22", "a41c9e02", "bank", True, True, "EUR",
        "annual", customers, segmented, segments, 20, AS_OF - timedelta(days=1), 1, DATES[-2], YEAR_AGO,
    )  # fmt: skip


def _segment(rng: np.random.Generator, code: str, size: int, total: int) -> Segment:
    depth = code.count(".") + 1 if code in CODES else 0
    steps = np.cumsum(rng.normal(0, 0.03, len(DATES)))
    trend: list[int | None] = [max(20, int(size * (1 + step - steps[-1]))) for step in steps]
    if size < 200:
        trend[2] = trend[7] = None
    words = ", then ".join(TRAITS[LETTERS.index(letter)] for letter in code.split(".")) if depth else ""
    picked = [str(label) for label in rng.permutation(CLASSES)]
    more = [Lift(label, 0.11 - 0.012 * n, 0.06 - 0.006 * n) for n, label in enumerate(picked[:4])]
    less = [Lift(label, 0.021 + 0.004 * n, 0.061 + 0.001 * n) for n, label in enumerate(picked[4:7])]
    others = [other for other in CODES if other != code][:3]
    return Segment(
        code,
        words,
        f"Customers whose spending shows {words}, most of all on {picked[0].lower()}."
        if depth
        else "Customers for whom six steps of spending say too little.",
        depth,
        size,
        size / total,
        [Sized(when, customers) for when, customers in zip(DATES, trend, strict=True)],
        tuple(float(value) for value in rng.uniform(0.1, 0.9, 5)) if depth else None,  # type: ignore[arg-type]
        more if depth else [],
        less if depth else [],
        float(rng.uniform(4, 24)) if depth else None,
        size // 6 if depth and size > 200 else None,
        [(other, size // 6 // (n + 2)) for n, other in enumerate(others)] if depth and size > 200 else [],
    )


def _branches(sizes: dict[str, int]) -> list[Branch]:
    codes = {code[: 2 * depth - 1] for code in CODES for depth in range(1, code.count(".") + 2)}
    return [
        Branch(
            code,
            code.count(".") + 1,
            sum(size for other, size in sizes.items() if other == code or other.startswith(code + ".")),
            sizes.get(code, 0),
            code[:-2],
        )
        for code in sorted(codes, key=lambda code: (len(code), code))
    ]


def _angles(rng: np.random.Generator) -> AngleMap:
    azimuth_edges, polar_edges = np.linspace(-180, 180, 37), np.linspace(0, 180, 19)
    states = rng.normal(0, 1, (26_000, 3)) @ np.diag([1.0, 0.7, 0.4]) + [0.5, -0.2, 0.2]
    frame = Frame(np.eye(3))
    angles = to_angles(states, frame)
    counts = np.histogram2d(
        np.degrees(angles.polar), np.degrees(angles.azimuth), bins=[list(polar_edges), list(azimuth_edges)]
    )[0]
    lines = [[part for line in boundaries(READOUT, depth) for part in _unbroken(line, frame)] for depth in range(1, 5)]
    return AngleMap(
        azimuth_edges.tolist(),
        polar_edges.tolist(),
        [[int(n) // 20 * 20 or None for n in row] for row in counts],
        lines,
        [_labels(1, frame), _labels(2, frame)],
    )


def _unbroken(line: np.ndarray, frame: Frame) -> list[list[tuple[float, float]]]:
    angles = to_angles(line, frame)
    azimuth, polar = np.degrees(angles.azimuth), np.degrees(angles.polar)
    cuts = np.flatnonzero(np.abs(np.diff(azimuth)) > 180) + 1
    places = list(zip(azimuth.tolist(), polar.tolist(), strict=True))
    ends = [0, *cuts.tolist(), len(places)]
    return [places[start:end] for start, end in pairwise(ends) if end - start > 1]


def _labels(depth: int, frame: Frame) -> Sequence[tuple[str, tuple[float, float]]]:
    rng = np.random.default_rng(1)
    states = rng.normal(0, 1, (4000, 3))
    orders = np.argsort(-(states @ READOUT), axis=1)
    labels = []
    for order in permutations(range(5), depth):
        inside = states[(orders[:, :depth] == order).all(axis=1)]
        if len(inside) > 40:
            middle = to_angles(inside.mean(axis=0, keepdims=True), frame)
            code = ".".join(LETTERS[k] for k in order)
            labels.append((code, (float(np.degrees(middle.azimuth[0])), float(np.degrees(middle.polar[0])))))
    return labels


def _paths(rng: np.random.Generator, sizes: dict[str, int]) -> list[Path]:
    paths = []
    for code in CODES:
        weights = READOUT[:, [LETTERS.index(letter) for letter in code.split(".")]] @ 0.6 ** np.arange(
            len(code) // 2 + 1
        )
        end = 0.75 * weights / np.linalg.norm(weights) + rng.normal(0, 0.05, 3)
        bend = rng.normal(0, 0.12, 3)
        states = [end * (1 - 0.55**step) + bend * np.sin(np.pi * step / 6) for step in range(1, 7)]
        paths.append(Path(code, sizes[code], [(float(x), float(y), float(z)) for x, y, z in states]))
    return paths


def _moves(rng: np.random.Generator, sizes: dict[str, int], earlier: date) -> Moves:
    part = 0.02 if earlier == DATES[-2] else 0.09
    rows = [(code, code, int(size * (1 - 3 * part))) for code, size in sizes.items()]
    for code, size in sizes.items():
        targets = [(str(target), int(size * part * rng.uniform(0.3, 1.4))) for target in rng.choice(CODES, 3, False)]
        rows += [(code, target, count) for target, count in targets if count >= 20 and target != code]
    rows += [(NEW, INSUFFICIENT, 212), (INSUFFICIENT, GONE, 57), ("E.A", GONE, 31), (OTHER, OTHER, 344)]
    return Moves(earlier, AS_OF, rows)


def _drift(rng: np.random.Generator) -> list[Drift]:
    names = [f"membership_{letter.lower()}" for letter in LETTERS] + ["segment_sizes", "class_shares", "coverage"]
    lines = [
        Drift(when, name, round(float(rng.uniform(0.001, 0.08)), 4), "steady") for when in DATES[-4:] for name in names
    ]
    return [*lines, Drift(AS_OF, "unclassified", -0.0712, "warning")]


def _quality() -> Quality:
    suites = ("raw_transactions", "spend_monthly", "spend_by_period", "features_angles", "segments")
    return Quality(
        18_204_331,
        61,
        [("amount is no number", "amount", 1_204), ("unknown code", "source_code", 88)],
        [("exports/cards-*.csv", "2026-01-30", "1", "fresh"), ("exports/transfers", "2026-01-22", "6", "warning")],
        [Gate(name, name.replace("_", ".", 1), 31 - n, 0, 0, AS_OF) for n, name in enumerate(suites)]
        + [Gate("freshness", "raw.transactions", 4, 1, 0, AS_OF)],
    )


def _coverage(rng: np.random.Generator) -> list[Covered]:
    shares = rng.dirichlet(np.ones(97))
    return [
        Covered(
            CLASSES[n] if n < len(CLASSES) else f"Class of spending number {n}",
            None if n > 90 else int(rng.integers(20, 24_000)),
            None if n > 90 else float(shares[n] * 9.1e8),
            None if n > 90 else float(shares[n]),
            n % 3 != 0,
        )
        for n in range(97)
    ]


def _attractors(rng: np.random.Generator) -> list[Attractor]:
    return [
        Attractor(name, tuple(float(v) for v in rng.normal(0, 0.6, 3)), True, code)  # type: ignore[arg-type]
        for name, code in zip(("population mean", *TRAITS), ("A.C", "O.E", "C.A", "E.A", "A.E.C", "N.E"), strict=True)
    ]


def _model() -> ModelFacts:
    return ModelFacts(
        "2026-01-05-8c1f22", date(2025, 12, 31), datetime(2026, 1, 5, 3, 12), 19_733, "first model",
        [("target", "settled"), ("seed", "0"), ("epochs", "120")],
        [("trait R2", 0.8412), ("polar angle R2", 0.917), ("test customers", 4934.0)],
    )  # fmt: skip
