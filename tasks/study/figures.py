"""The study's drawings after the paper's figures, by plotly; readable in colour and in grey, and naming nobody."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from model.angles import Frame, direction, to_angles
from model.attractors import FixedPoints
from model.cells import boundaries
from model.comparison import Views, dominant, names_by_depth
from model.types import FloatArray
from model.vocabulary import LETTERS, TRAITS
from tasks.science.features import OTHER_WINDOW

if TYPE_CHECKING:
    from tasks.study.comparison import Study, Trained

# Okabe and Ito's colours, told apart by the colour-blind; the lightness differs too, for print in grey.
COLOURS = ("#0072B2", "#E69F00", "#56B4E9", "#009E73", "#D55E00")
SYMBOLS = ("circle", "square", "diamond", "cross", "triangle-up")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
SHOWN = 25
POINTS = 1_500


def all_figures(study: "Study", points: dict[str, FixedPoints]) -> dict[str, Any]:
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


def _figure(x: str, y: str, height: int = 520) -> Any:
    import plotly.graph_objects as go

    figure = go.Figure()
    figure.update_layout(
        template="plotly_white",
        height=height,
        margin={"l": 60, "r": 20, "t": 20, "b": 50},
        xaxis_title=x,
        yaxis_title=y,
    )
    return figure


def flat(states: FloatArray, views: Views) -> FloatArray:
    """Project states, (..., 3), on the two directions in which the newest states vary most, (..., 2)."""
    newest = views.states[:, -1]
    axes = np.linalg.svd(newest - newest.mean(axis=0), full_matrices=False)[2][:2]
    return np.asarray(states @ axes.T)


def trajectories(example: "Trained") -> Any:
    """Draw the six steps of some customers of every dominant trait, from the origin outwards."""
    views = example.test
    figure = _figure("first principal direction of the states", "second")
    leading = dominant(views.network[:, -1])
    for k, trait in enumerate(TRAITS):
        rows = np.flatnonzero((leading == k) & views.mask.all(axis=1))[:SHOWN]
        paths = flat(views.states[rows], views)
        start = np.zeros((len(rows), 1, 2))
        line = np.concatenate([start, paths, np.full((len(rows), 1, 2), np.nan)], axis=1).reshape(-1, 2)
        figure.add_scatter(
            x=line[:, 0], y=line[:, 1], mode="lines", line={"color": COLOURS[k], "width": 1, "dash": DASHES[k]},
            name=trait, legendgroup=trait, opacity=0.6,
        )  # fmt: skip
        figure.add_scatter(
            x=paths[:, -1, 0], y=paths[:, -1, 1], mode="markers", legendgroup=trait, showlegend=False,
            marker={"color": COLOURS[k], "symbol": SYMBOLS[k], "size": 9, "line": {"width": 1, "color": "black"}},
        )  # fmt: skip
    return figure


def two_windows(study: "Study", example: "Trained") -> Any:
    """Draw one test customer's six steps in the primary window and in the other."""
    from model.trajectories import hidden_states

    other = study.other.take(~study.data.is_train)
    states = hidden_states(example.model.weights, other.shares, other.mask)
    views = example.test
    figure = _figure("first principal direction of the states", "second", height=420)
    steady = views.mask.all(axis=1) & other.mask.any(axis=1)
    row = int(np.flatnonzero(steady)[np.argmax(np.linalg.norm(views.states[steady, -1], axis=1))])
    named = ((study.data.window_name, views.states[row], 0), (OTHER_WINDOW[study.data.window_name], states[row], 4))
    for name, path, colour in named:
        line = np.vstack([np.zeros(2), flat(path, views)])
        figure.add_scatter(
            x=line[:, 0], y=line[:, 1], mode="lines+markers+text", name=name, text=["", *map(str, range(1, 7))],
            textposition="top center", line={"color": COLOURS[colour], "dash": DASHES[colour]},
            marker={"symbol": SYMBOLS[colour], "size": 9},
        )  # fmt: skip
    return figure


def angle_map(example: "Trained", depth: int) -> Any:
    """Draw test customers by their two angles, with the boundaries of the cells of one depth."""
    views, frame = example.test, example.model.frame
    figure = _figure("azimuth (radians)", "polar angle (radians)")
    for line in boundaries(example.model.weights.readout, depth):
        x, y = _unwrapped(line, frame)
        figure.add_scatter(
            x=x, y=y, mode="lines", line={"color": "#555555", "width": 1}, showlegend=False, hoverinfo="skip"
        )
    angles = to_angles(views.states[:, -1], frame)
    leading = dominant(views.network[:, -1])
    names = names_by_depth(views.network[:, -1])[:, depth - 1]
    for k, trait in enumerate(TRAITS):
        rows = np.flatnonzero((leading == k) & angles.determined)[: POINTS // 5]
        figure.add_scatter(
            x=angles.azimuth[rows], y=angles.polar[rows], mode="markers", name=trait, text=names[rows],
            marker={"color": COLOURS[k], "symbol": SYMBOLS[k], "size": 6, "opacity": 0.75},
        )  # fmt: skip
    figure.update_yaxes(range=[np.pi, 0])
    return figure


def _unwrapped(line: FloatArray, frame: Frame) -> tuple[FloatArray, FloatArray]:
    """Angles of a polyline, broken where the azimuth jumps over its cut."""
    angles = to_angles(line, frame)
    x = angles.azimuth.copy()
    x[1:][np.abs(np.diff(x)) > np.pi] = np.nan
    return x, angles.polar


def switchers(study: "Study", example: "Trained") -> Any:
    """Draw the change of direction at each step, for customers whose life changed last year and for the others."""
    truth = study.truth
    figure = _figure("step", "change of direction since the step before (degrees)", height=420)
    if truth is None:
        return figure
    switched = truth.take(~study.data.is_train).switched
    for name, rows, k in (("changed in the last year", switched, 4), ("others", ~switched, 0)):
        changes = np.degrees(_changes(example.test.states[rows & example.test.mask.all(axis=1)]))
        figure.add_scatter(
            x=np.arange(2, 7), y=changes.mean(axis=0), mode="lines+markers", name=f"{name} ({len(changes):,})",
            line={"color": COLOURS[k], "dash": DASHES[k]}, marker={"symbol": SYMBOLS[k], "size": 9},
        )  # fmt: skip
    return figure


def _changes(states: FloatArray) -> NDArray[np.float64]:
    n, steps, _ = states.shape
    unit = direction(states.reshape(n * steps, 3))[0].reshape(n, steps, 3)
    return np.asarray(np.arccos(np.clip((unit[:, 1:] * unit[:, :-1]).sum(axis=2), -1, 1)))


def attractors(example: "Trained", points: dict[str, FixedPoints]) -> Any:
    """Draw the fixed points of each input among the newest states of test customers."""
    views = example.test
    figure = _figure("first principal direction of the states", "second")
    cloud = flat(views.states[:POINTS, -1], views)
    figure.add_scatter(
        x=cloud[:, 0], y=cloud[:, 1], mode="markers", name="customers", marker={"color": "#BBBBBB", "size": 4}
    )
    for name, fixed in points.items():
        k = TRAITS.index(name) if name in TRAITS else None
        at = flat(fixed.h, views)
        figure.add_scatter(
            x=at[:, 0], y=at[:, 1], mode="markers+text", name=name,
            text=[LETTERS[k] if k is not None else "mean"] * len(at), textposition="top center",
            marker={
                "color": COLOURS[k] if k is not None else "black", "symbol": SYMBOLS[k] if k is not None else "star",
                "size": 13, "line": {"width": 1, "color": "black"},
            },
        )  # fmt: skip
    return figure
