"""The figures of the comparison with the paper (Maree & Omlin, sections 4 and 5), each for one trained network.

Every figure stands beside its baseline: a running mean of the raw scores has most of the stability that a network
shows against the scores of a single step.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.angles import Frame, direction, to_angles
from model.personality import Scaling, dominance_order, memberships, scores, segment_names
from model.surrogate import fit_alternative, fit_angle_surrogate, fit_state_surrogate, predict, r2_angles
from model.trajectories import expanding_mean, hidden_states, mean_share, outputs
from model.types import BoolArray, FloatArray, IntArray
from model.weights import Weights

WARD_SAMPLE: Final = 2_000
Names = NDArray[np.str_]


@dataclass(frozen=True, eq=False)
class Views:
    """What one set of customers looks like to a network and to its baselines, n customers and T steps.

    Attributes:
        mask: True where a step has spend, (n, T).
        average: Mean share over the active steps, (n, C).
        states: Hidden states, (n, T, 3).
        network: The network's memberships, (n, T, 5).
        step: Memberships of each step's raw scores, (n, T, 5).
        running: Memberships of the raw scores' running mean, (n, T, 5).
    """

    mask: BoolArray
    average: FloatArray
    states: FloatArray
    network: FloatArray
    step: FloatArray
    running: FloatArray


def view(shares: FloatArray, mask: BoolArray, coefficients: FloatArray, scaling: Scaling, weights: Weights) -> Views:
    """Apply a network and its baselines to shares (n, T, C)."""
    raw = np.where(mask[..., None], scores(shares, coefficients), 0.0)
    states = hidden_states(weights, shares, mask)
    return Views(
        mask,
        mean_share(shares, mask),
        states,
        outputs(weights, states),
        memberships(raw, scaling),
        memberships(expanding_mean(raw, mask), scaling),
    )


def dominant(memberships: FloatArray) -> IntArray:
    """Position of the highest membership, (...); ties keep the order O, C, E, A, N."""
    return np.asarray(dominance_order(memberships)[..., 0])


def kept(memberships: FloatArray, mask: BoolArray) -> float:
    """Part of the active steps, (n, T), whose dominant trait is that of the step before."""
    leading = dominant(memberships)
    both = mask[:, 1:] & mask[:, :-1]
    return float((leading[:, 1:] == leading[:, :-1])[both].mean())


def early(memberships: FloatArray, mask: BoolArray, step: int = 2) -> float:
    """Part of the customers, active in every step, whose dominant trait at a step (from 1) is that of the last."""
    leading = dominant(memberships[mask.all(axis=1)])
    return float((leading[:, step - 1] == leading[:, -1]).mean())


def foretold(memberships: FloatArray, step: FloatArray, mask: BoolArray) -> float:
    """Part of the customers whose last step's raw dominant trait is that of the step before: out of time."""
    whole = mask[:, -2:].all(axis=1)
    return float((dominant(memberships[whole, -2]) == dominant(step[whole, -1])).mean())


def foretold_r2(memberships: FloatArray, step: FloatArray, mask: BoolArray) -> float:
    """Squared correlation, mean over traits, of memberships one step before the last with the last step's raw ones."""
    whole = mask[:, -2:].all(axis=1)
    before, after = memberships[whole, -2], step[whole, -1]
    return float(np.mean([np.corrcoef(before[:, k], after[:, k])[0, 1] ** 2 for k in range(before.shape[1])]))


def trait_r2(views: Views) -> float:
    """R2 of the network's last memberships for those of the whole window's mean share, mean over traits."""
    truth, said = views.running[:, -1], views.network[:, -1]
    spread = np.square(truth - truth.mean(axis=0)).sum(axis=0)
    return float(np.mean(1 - np.square(truth - said).sum(axis=0) / spread))


def surrogate_figures(train: Views, test: Views, frame: Frame, seed: int) -> dict[str, float]:
    """R2 on test customers of every surrogate, read directly as angles (the paper) and through the state (ours).

    Args:
        train: Customers that the surrogates are fitted on.
        test: Customers that they are judged by.
        frame: Rotation of the angles.
        seed: Of everything random.

    Returns:
        ``<kind> direct azimuth`` and so on, for linear, polynomial, ridge and tree.
    """
    true = to_angles(test.states[:, -1], frame)
    angles = to_angles(train.states[:, -1], frame)
    pairs = np.column_stack([angles.azimuth, angles.polar])[angles.determined]
    figures: dict[str, float] = {}
    for kind in ("linear", "polynomial", "ridge", "tree"):
        straight, state = _fit_both(kind, train, pairs, angles.determined, seed)
        direct = straight(test.average)
        through = to_angles(state(test.average), frame)
        for way, azimuth, polar in (("direct", direct[:, 0], direct[:, 1]), ("state", through.azimuth, through.polar)):
            scores = r2_angles(true, azimuth, polar)
            figures |= {f"{kind} {way} azimuth": scores.azimuth, f"{kind} {way} polar": scores.polar}
    return figures


def _fit_both(
    kind: str, train: Views, pairs: FloatArray, determined: BoolArray, seed: int
) -> tuple[Callable[[FloatArray], FloatArray], Callable[[FloatArray], FloatArray]]:
    """Fit a surrogate of one kind to the angles and to the state."""
    X, H = train.average, train.states[:, -1]
    if kind == "linear":
        straight, state = fit_angle_surrogate(X[determined], pairs), fit_state_surrogate(X, H)
        return (lambda x: predict(straight, x)), (lambda x: predict(state, x))
    model = fit_alternative(kind, X[determined], pairs, seed)  # type: ignore[arg-type]
    other = fit_alternative(kind, X, H, seed)  # type: ignore[arg-type]
    return model.predict, other.predict


def ward_agreement(features: FloatArray, names: Names, seed: int) -> list[float]:
    """Adjusted mutual information of Ward's clusters of the features with the segments, for depths 1 to 4.

    Args:
        features: Points to cluster, (n, k).
        names: Segment names by depth, (n, 4); as many clusters are cut as there are names.
        seed: Of the sample; Ward's cost grows with the square of the customers.
    """
    from sklearn.cluster import AgglomerativeClustering
    from sklearn.metrics import adjusted_mutual_info_score

    rows = np.random.default_rng(seed).permutation(len(features))[:WARD_SAMPLE]
    agreements = []
    for level in range(names.shape[1]):
        wanted = names[rows, level]
        clusters = AgglomerativeClustering(n_clusters=len(np.unique(wanted))).fit_predict(features[rows])
        agreements.append(float(adjusted_mutual_info_score(wanted, clusters)))
    return agreements


def names_by_depth(memberships: FloatArray) -> Names:
    """Segment names at depths 1 to 4, (n, 4), of memberships (n, 5)."""
    order = dominance_order(memberships)
    return np.stack([segment_names(order, depth) for depth in range(1, 5)], axis=1)


def baseline_features(views: Views, seed: int) -> dict[str, FloatArray]:
    """Three-dimensional features of networks of equal size without memory, and the raw scores.

    Returns:
        Hidden activations, (n, 3), of a feed-forward network to the memberships and of an auto-encoder; the raw
        memberships of the mean share, (n, 5).
    """
    from sklearn.neural_network import MLPRegressor
    from sklearn.preprocessing import StandardScaler

    X = StandardScaler().fit_transform(views.average)
    activations = {}
    for name, target in (("feed-forward network", views.running[:, -1]), ("auto-encoder", X)):
        model = MLPRegressor(
            hidden_layer_sizes=(3,), activation="tanh", max_iter=300, early_stopping=True, random_state=seed
        )
        model.fit(X, target)
        activations[name] = np.tanh(X @ model.coefs_[0] + model.intercepts_[0])
    return activations | {"raw scores": views.running[:, -1]}


def direction_change(views: Views, switched: BoolArray) -> tuple[float, float]:
    """Mean angle in radians between the last two steps' directions, of customers who changed and of the others."""
    before, known = direction(views.states[:, -2])
    after, still = direction(views.states[:, -1])
    angle = np.arccos(np.clip(np.einsum("nu,nu->n", before, after), -1, 1))
    usable = known & still & views.mask[:, -2:].all(axis=1)
    return float(angle[usable & switched].mean()), float(angle[usable & ~switched].mean())
