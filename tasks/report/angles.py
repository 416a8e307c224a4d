"""Angles: where customers lie on the sphere of directions, where its cells end, and the way segments came."""

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, cast

import numpy as np

from model.angles import Frame, to_angles
from model.cells import Arrangement, arrangement, boundaries
from model.personality import segment_names
from model.rounded import binned, finest, rounded_down
from model.types import FloatArray
from model.vocabulary import MAX_DEPTH, STEPS
from tasks.report.content import AngleMap, Path, Point
from tasks.report.context import Context
from tasks.report.sizes import Row
from tasks.science.model_store import Model, load_version
from warehouse.errors import ModelError
from warehouse.queries import query

if TYPE_CHECKING:
    from tasks.report.content_beside import State

WIDTHS = (5.0, 10.0, 15.0, 30.0, 45.0)  # degrees of a bin
LOWEST, HIGHEST = (0.0, -180.0), (180.0, 180.0)  # of polar angle and azimuth
LABELLED = 2  # cells of a greater depth are too small for a word
POINTS = 96  # of an arc: near the poles of the map a straight line would be seen
DECIMALS = 2  # of a degree on a drawing


def read_angles(context: Context) -> AngleMap | None:
    """Return the map of angles; None where retention has let go of them, or the model cannot be read any more."""
    model = _model(context)
    points = context.connection.execute(query("report/select_angles"), context.dated).fetchnumpy()
    if model is None or not len(points["polar"]):
        return None
    places = np.column_stack([points["polar"], points["azimuth"]])
    tables = {width: binned(places, HIGHEST, LOWEST, width) for width in WIDTHS}
    width = finest(tables, context.min_size)
    counts = rounded_down(tables[width], context.min_size)
    readout, frame = model.weights.readout, model.frame
    cells = arrangement(readout)
    return AngleMap(
        azimuth_edges=np.arange(-180.0, 180.0 + width / 2, width).tolist(),
        polar_edges=np.arange(0.0, 180.0 + width / 2, width).tolist(),
        counts=[[count or None for count in row] for row in counts.tolist()],
        boundaries=[_lines(boundaries(readout, depth, POINTS), frame) for depth in range(1, MAX_DEPTH + 1)],
        labels=[_labels(cells, depth, frame) for depth in range(1, LABELLED + 1)],
    )


def _model(context: Context) -> Model | None:
    try:
        return load_version(context.connection, context.model_version)
    except ModelError:  # of an earlier version of microseg: the figures stand, the drawing goes
        return None


def _lines(arcs: Sequence[FloatArray], frame: Frame) -> list[list[Point]]:
    return [line for arc in arcs for line in _broken(_degrees(arc, frame))]


def _degrees(directions: FloatArray, frame: Frame) -> list[Point]:
    angles = to_angles(directions, frame)
    azimuth, polar = (np.degrees(values).round(DECIMALS).tolist() for values in (angles.azimuth, angles.polar))
    return list(zip(azimuth, polar, strict=True))


def _broken(line: Sequence[Point]) -> list[list[Point]]:
    """Break a line where its azimuth jumps over the cut; single points left over are dropped.

    >>> _broken([(170.0, 9.0), (179.0, 9.0), (-179.0, 9.0), (-170.0, 9.0)])
    [[(170.0, 9.0), (179.0, 9.0)], [(-179.0, 9.0), (-170.0, 9.0)]]
    """
    parts = [[line[0]]]
    for before, after in pairwise(line):
        if abs(after[0] - before[0]) > HIGHEST[0]:
            parts.append([])
        parts[-1].append(after)
    return [part for part in parts if len(part) > 1]


def _labels(cells: Arrangement, depth: int, frame: Frame) -> list[tuple[str, Point]]:
    """Return the order of traits of each cell, and a point inside: the mean direction of its parts, as it is convex."""
    names = segment_names(cells.orders, depth)
    centres = np.array([corners.mean(axis=0) for corners in cells.corners])
    inside = {
        str(name): (centres * cells.areas[:, None])[names == name].sum(axis=0) for name in dict.fromkeys(names.tolist())
    }
    units = np.array([centre / np.linalg.norm(centre) for centre in inside.values()])
    return list(zip(inside, _degrees(units, frame), strict=True))


def read_paths(context: Context, rows: Sequence[Row]) -> list[Path]:
    """Return the mean states of each segment's customers after each step, largest segment first.

    Args:
        context: The release.
        rows: Its segments, as they may be told.
    """
    states: dict[str, list[State]] = {}
    for segment, _, _, *state in context.rows("select_paths", **context.dated):
        states.setdefault(str(segment), []).append(cast("State", tuple(state)))
    return [
        Path(row.segment, row.customers, states[row.segment])
        for row in rows
        if row.depth and len(states.get(row.segment, ())) == STEPS
    ]
