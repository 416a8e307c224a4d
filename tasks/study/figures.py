"""The study's drawings after the paper's figures, as SVG; readable in colour and in grey, and naming nobody."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from model.angles import Frame, direction, to_angles
from model.attractors import FixedPoints
from model.cells import boundaries
from model.comparison import Views, dominant
from model.personality import dominance_order, segment_names
from model.types import FloatArray
from model.vocabulary import LETTERS, TRAITS
from tasks.science.features import OTHER_WINDOW
from tasks.study.drawing import Drawing, Mark, bounds

if TYPE_CHECKING:
    from tasks.study.comparison import Study, Trained

# Okabe and Ito's colours, told apart by the colour-blind; mark and dash differ too, for print in grey.
COLOURS = ("#0072B2", "#B87400", "#3A93C8", "#00805C", "#D55E00")
MARKS: tuple[Mark, ...] = ("circle", "square", "diamond", "cross", "triangle")
DASHES = ("", "8 4", "2 3", "8 3 2 3", "14 5")
GREY = "#767676"
FIRST, SECOND = "first principal direction of the states", "second"
SHOWN = 25
POINTS = 1_500
SAMPLED = 20_000
# As far apart labels of cells have to be, radians across and up, at the size of letters below.
APART = {1: (0.5, 0.2), 2: (0.3, 0.12), 3: (0.33, 0.11), 4: (0.4, 0.1)}
LETTER_SIZE = {1: 20, 2: 14, 3: 11, 4: 10}


def all_figures(study: "Study", points: dict[str, FixedPoints]) -> dict[str, Drawing]:
    """Return every drawing by its title.

    Args:
        study: A finished study.
        points: Fixed points of its example network, by input.
    """
    example = study.example
    if example is None:
        return {}
    figures = {
        "Figure 1a. Trajectories in the state space, by dominant trait": trajectories(example),
        "Figure 1b. One customer in both windows": two_windows(study, example),
    }
    for depth in range(1, 5):
        letter = "abcd"[depth - 1]
        figures[f"Figure 2{letter}. Angles of test customers and the cells of depth {depth}"] = angle_map(
            example, depth
        )
    if study.truth is not None:
        figures["Figure 3. Change of direction of customers whose life changed in the last year, and of the others"] = (
            switchers(study, example)
        )
    return figures | {"Attractors under the average input and each trait's prototype": attractors(example, points)}


def flat(states: FloatArray, views: Views) -> FloatArray:
    """Project states, (..., 3), on the two directions in which the newest states vary most, (..., 2)."""
    newest = views.states[:, -1]
    axes = np.linalg.svd(newest - newest.mean(axis=0), full_matrices=False)[2][:2]
    return np.asarray(states @ axes.T)


def trajectories(example: "Trained") -> Drawing:
    """Draw the six steps of some customers of every dominant trait, from the origin outwards."""
    views = example.test
    leading = dominant(views.network[:, -1])
    rows = [np.flatnonzero((leading == k) & views.mask.all(axis=1))[:SHOWN] for k in range(len(TRAITS))]
    paths = [flat(views.states[chosen], views) for chosen in rows]
    reach = [*paths, np.zeros((1, 1, 2))]
    drawing = Drawing(
        f"The states of up to {SHOWN} test customers of each dominant trait over six steps, from the origin outwards.",
        FIRST, SECOND, bounds([path[..., 0] for path in reach]), bounds([path[..., 1] for path in reach]),
    )  # fmt: skip
    for k, trait in enumerate(TRAITS):
        for path in paths[k]:
            line = np.vstack([np.zeros(2), path])
            drawing.line(line[:, 0], line[:, 1], COLOURS[k], DASHES[k], 0.8)
        drawing.marks(paths[k][:, -1, 0], paths[k][:, -1, 1], COLOURS[k], MARKS[k], 4.5, trait)
    return drawing


def two_windows(study: "Study", example: "Trained") -> Drawing:
    """Draw one test customer's six steps in the primary window and in the other."""
    from model.trajectories import hidden_states

    other = study.other.take(~study.data.is_train)
    states = hidden_states(example.model.weights, other.shares, other.mask)
    views = example.test
    steady = views.mask.all(axis=1) & other.mask.any(axis=1)
    row = int(np.flatnonzero(steady)[np.argmax(np.linalg.norm(views.states[steady, -1], axis=1))])
    named = ((study.data.window_name, views.states[row], 0), (OTHER_WINDOW[study.data.window_name], states[row], 4))
    lines = [np.vstack([np.zeros(2), flat(path, views)]) for _, path, _ in named]
    drawing = Drawing(
        f"The six steps of one test customer in the {named[0][0]} and in the {named[1][0]} window.",
        FIRST, SECOND, bounds([line[:, 0] for line in lines]), bounds([line[:, 1] for line in lines]), 420,
    )  # fmt: skip
    for line, (name, _, k) in zip(lines, named, strict=True):
        drawing.line(line[:, 0], line[:, 1], COLOURS[k], DASHES[k])
        drawing.marks(line[1:, 0], line[1:, 1], COLOURS[k], MARKS[k], 4.5, f"{name} window")
        for step, (x, y) in enumerate(line[1:].tolist(), start=1):
            drawing.words(x, y + 0.03 * (drawing.up[1] - drawing.up[0]), str(step))
    return drawing


def angle_map(example: "Trained", depth: int) -> Drawing:
    """Draw test customers by their two angles, with the cells of one depth, their boundaries and their names."""
    views, frame = example.test, example.model.frame
    drawing = Drawing(
        f"The directions of test customers as two angles, and the boundaries of the cells of depth {depth} with their "
        "names.",
        "azimuth (radians)", "polar angle (radians)", (-np.pi, np.pi), (np.pi, 0.0),
    )  # fmt: skip
    angles = to_angles(views.states[:, -1], frame)
    leading = dominant(views.network[:, -1])
    for k, trait in enumerate(TRAITS):
        rows = np.flatnonzero((leading == k) & angles.determined)[: POINTS // 5]
        drawing.marks(angles.azimuth[rows], angles.polar[rows], COLOURS[k], MARKS[k], 2.5, trait)
    for line in boundaries(example.model.weights.readout, depth):
        drawing.line(*_unwrapped(line, frame), GREY, width=1)
    for name, x, y in cell_labels(example.model.weights.readout, frame, depth):
        drawing.words(x, y, name, LETTER_SIZE[depth])
    return drawing


def cell_labels(readout: FloatArray, frame: Frame, depth: int) -> list[tuple[str, float, float]]:
    """Return where the names of cells stand, the largest first; one that would cover another is left out.

    Args:
        readout: Read-out without a bias, (3, 5).
        frame: Of the angles.
        depth: Depth of the cells, 1 to 4.

    Returns:
        Name, azimuth and polar angle, in radians.
    """
    draws = np.random.default_rng(0).standard_normal((SAMPLED, 3))
    names = segment_names(dominance_order(draws @ readout), depth)
    cells, places, counts = np.unique(names, return_inverse=True, return_counts=True)
    unit = direction(draws)[0]
    middles = np.stack([unit[places == cell].mean(axis=0) for cell in range(len(cells))])
    angles = to_angles(middles, frame)
    across, up = APART[depth]
    kept: list[tuple[str, float, float]] = []
    for cell in np.argsort(-counts, kind="stable"):
        x, y = float(angles.azimuth[cell]), float(angles.polar[cell])
        if all(abs(x - other_x) > across or abs(y - other_y) > up for _, other_x, other_y in kept):
            kept.append((str(cells[cell]), x, y))
    return kept


def _unwrapped(line: FloatArray, frame: Frame) -> tuple[FloatArray, FloatArray]:
    """Angles of a polyline, broken where the azimuth jumps over its cut."""
    angles = to_angles(line, frame)
    x = angles.azimuth.copy()
    x[1:][np.abs(np.diff(x)) > np.pi] = np.nan
    return x, angles.polar


def switchers(study: "Study", example: "Trained") -> Drawing:
    """Draw the change of direction at each step, for customers whose life changed last year and for the others."""
    assert study.truth is not None  # noqa: S101 - asked before
    switched = study.truth.take(~study.data.is_train).switched
    groups = (("changed in the last year", switched, 4), ("others", ~switched, 0))
    steady = example.test.mask.all(axis=1)
    means = [np.degrees(_changes(example.test.states[rows & steady])).mean(axis=0) for _, rows, _ in groups]
    drawing = Drawing(
        "Mean change of direction from step to step of customers whose life changed in the last year, and of the "
        "others.",
        "step", "change since the step before (degrees)", (1.8, 6.2), (0.0, bounds(means)[1]), 420,
    )  # fmt: skip
    for mean, (name, rows, k) in zip(means, groups, strict=True):
        drawing.line(np.arange(2.0, 7.0), mean, COLOURS[k], DASHES[k])
        label = f"{name} ({(rows & steady).sum():,})"
        drawing.marks(np.arange(2.0, 7.0), mean, COLOURS[k], MARKS[k], 4.5, label)
    return drawing


def _changes(states: FloatArray) -> NDArray[np.float64]:
    n, steps, _ = states.shape
    unit = direction(states.reshape(n * steps, 3))[0].reshape(n, steps, 3)
    return np.asarray(np.arccos(np.clip((unit[:, 1:] * unit[:, :-1]).sum(axis=2), -1, 1)))


def attractors(example: "Trained", points: dict[str, FixedPoints]) -> Drawing:
    """Draw the fixed points of each input among the newest states of test customers."""
    views = example.test
    cloud = flat(views.states[:POINTS, -1], views)
    fixed = {name: flat(found.h, views) for name, found in points.items()}
    every = [cloud, *fixed.values()]
    drawing = Drawing(
        "Where states come to rest under the average input and under each trait's prototype, among the newest states "
        "of test customers.",
        FIRST, SECOND, bounds([each[:, 0] for each in every]), bounds([each[:, 1] for each in every]),
    )  # fmt: skip
    drawing.marks(cloud[:, 0], cloud[:, 1], "#9A9A9A", "circle", 2, "customers")
    for name, at in fixed.items():
        k = TRAITS.index(name) if name in TRAITS else None
        mark: Mark = "star" if k is None else MARKS[k]
        drawing.marks(at[:, 0], at[:, 1], GREY if k is None else COLOURS[k], mark, 6, name)
        for x, y in at.tolist():
            drawing.words(x, y + 0.03 * (drawing.up[1] - drawing.up[0]), "mean" if k is None else LETTERS[k])
    return drawing
