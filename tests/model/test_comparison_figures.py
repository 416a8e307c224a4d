"""The figures of the comparison, each once more by another way: by hand, by a loop, or by a library's own score."""

from dataclasses import replace

import numpy as np
import pytest
import sklearn.neural_network
from sklearn.cluster import AgglomerativeClustering
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score
from sklearn.neural_network import MLPRegressor
from sklearn.tree import DecisionTreeRegressor

from model import comparison
from model.angles import Frame, random_rotations
from model.comparison import (
    Views,
    baseline_features,
    direction_change,
    dominant,
    early,
    foretold,
    foretold_r2,
    kept,
    names_by_depth,
    surrogate_figures,
    trait_r2,
    view,
    ward_agreement,
)
from model.personality import Scaling
from model.types import FloatArray
from model.weights import Weights

C, T = 6, 5
KINDS = ("linear", "polynomial", "ridge", "tree")


def network(rng: np.random.Generator) -> Weights:
    readout = rng.normal(size=(3, 5))
    return Weights(rng.normal(size=(C, 12)), rng.normal(size=(3, 12)), rng.normal(size=12), readout, None, np.ones(C))


def views(seed: int, n: int = 300) -> Views:
    """What a random network sees of customers, of whom some miss some steps."""
    rng = np.random.default_rng([7, seed])
    shared = np.random.default_rng(7)  # one network and one population, whatever the customers
    weights, coefficients = network(shared), shared.normal(size=(C, 5))
    spend = rng.gamma(np.repeat(10 * rng.dirichlet(np.ones(C), (n, 1)), T, axis=1) + 0.1)  # tastes that last
    mask = rng.random((n, T)) < 0.8
    mask[:, -1] = True
    shares = spend / spend.sum(axis=2, keepdims=True)
    return view(shares, mask, coefficients, Scaling(np.zeros(5), np.full(5, 0.5)), weights)


def of_leaders(leaders: list[list[int]]) -> FloatArray:
    """Memberships whose dominant traits are these."""
    return np.asarray(0.2 + 0.5 * np.eye(5)[np.array(leaders)])


def turned(degrees: float) -> list[float]:
    return [0.4 * np.cos(np.deg2rad(degrees)), 0.4 * np.sin(np.deg2rad(degrees)), 0.0]


def test_a_view_holds_what_a_loop_over_customers_and_steps_computes() -> None:
    rng = np.random.default_rng(3)
    shares, mask = rng.dirichlet(np.ones(C), (9, T)), rng.random((9, T)) < 0.6
    mask[0] = True
    shares[~mask] = np.nan  # what a masked step holds must not matter
    coefficients, scaling, weights = rng.normal(size=(C, 5)), Scaling(rng.normal(size=5), np.full(5, 0.7)), network(rng)
    seen = view(shares, mask, coefficients, scaling, weights)

    def member(score: FloatArray) -> FloatArray:
        return np.asarray(1 / (1 + np.exp(-(score - scaling.mean) / scaling.sd)))

    for n in range(9):
        for t in range(T):
            raw = [shares[n, k] @ coefficients for k in range(t + 1) if mask[n, k]]
            assert seen.step[n, t] == pytest.approx(member(raw[-1] if mask[n, t] else np.zeros(5)))
            assert seen.running[n, t] == pytest.approx(member(np.mean(raw, axis=0) if raw else np.zeros(5)))
            assert seen.network[n, t] == pytest.approx(1 / (1 + np.exp(-seen.states[n, t] @ weights.readout)))
        active = shares[n][mask[n]]
        assert seen.average[n] == pytest.approx(active.mean(axis=0) if len(active) else np.zeros(C))
    assert seen.mask is mask


def test_ties_and_kept_steps_by_hand() -> None:
    leaders = [[0, 0, 1, 1], [2, 3, 3, 3]]
    mask = np.array([[True, True, True, False], [True, True, True, True]])
    assert kept(of_leaders(leaders), mask) == pytest.approx(3 / 5)
    assert dominant(np.array([[0.1, 0.9, 0.9, 0.2, 0.9], [0.5] * 5])).tolist() == [1, 0]


def test_early_counts_customers_of_whole_histories_by_hand() -> None:
    leaders = [[4, 0, 1, 0], [4, 1, 2, 2], [4, 1, 0, 3], [4, 1, 1, 1]]
    mask = np.ones((4, T), dtype=bool)
    mask[3, 0] = False
    memberships = of_leaders(leaders)
    assert early(memberships, mask) == pytest.approx(1 / 3)
    assert [early(memberships, mask, step) for step in (1, 2, 3, 4)] == pytest.approx([0, 1 / 3, 1 / 3, 1])


def test_foretold_looks_from_the_step_before_the_last_to_the_last_by_hand() -> None:
    said, came = [[4, 0, 1], [4, 1, 3], [4, 3, 0], [4, 2, 2]], [[4, 1, 0], [4, 3, 2], [4, 0, 3], [1, 1, 2]]
    mask = np.ones((4, 3), dtype=bool)
    mask[0, 0] = False  # too early to matter
    assert foretold(of_leaders(said), of_leaders(came), mask) == pytest.approx(3 / 4)
    mask[1, 1] = mask[3, 2] = False
    assert foretold(of_leaders(said), of_leaders(came), mask) == pytest.approx(2 / 2)
    mask[1, 1] = True
    assert foretold(of_leaders(said), of_leaders(came), mask) == pytest.approx(2 / 3)


@pytest.mark.parametrize("seed", range(3))
def test_the_squared_correlation_is_the_r2_of_a_straight_line(seed: int) -> None:
    rng = np.random.default_rng(seed)
    said, mask = rng.random((50, T, 5)), rng.random((50, T)) < 0.8
    came = 0.3 * np.roll(said, 1, axis=1) + rng.random((50, T, 5))
    rows = [n for n in range(50) if mask[n, -1] and mask[n, -2]]
    lines = []
    for trait in range(5):
        x, y = said[rows, -2, trait][:, None], came[rows, -1, trait]
        lines.append(LinearRegression().fit(x, y).score(x, y))
    assert foretold_r2(said, came, mask) == pytest.approx(np.mean(lines))


def test_trait_r2_is_that_of_scikit_learn() -> None:
    seen = views(0)
    assert trait_r2(seen) == pytest.approx(r2_score(seen.running[:, -1], seen.network[:, -1]))
    assert trait_r2(replace(seen, network=seen.running)) == 1.0


def circular_r2(true: FloatArray, guess: FloatArray) -> float:
    """R2 of angles about their circular mean, by complex numbers."""
    errors = np.angle(np.exp(1j * (true - guess)))
    spread = np.angle(np.exp(1j * true) / np.exp(1j * true).mean())
    return float(1 - (errors @ errors) / (spread @ spread))


def in_angles(states: FloatArray, frame: Frame) -> tuple[FloatArray, FloatArray]:
    u = states / np.linalg.norm(states, axis=1, keepdims=True) @ frame.rotation.T
    return np.asarray(np.arctan2(u[:, 1], u[:, 0])), np.asarray(np.arccos(u[:, 2]))


@pytest.mark.parametrize("kind", ["linear", "tree"])
def test_surrogate_figures_are_those_of_the_library_regressors(kind: str) -> None:
    seen, unseen, frame = views(1), views(2), Frame(random_rotations(1, 5)[0])
    last = seen.states[:, -1]
    X, Z = seen.average[:, 1:], unseen.average[:, 1:]  # shares sum to one: a class can go without loss to a line
    tree = DecisionTreeRegressor(max_depth=12, min_samples_leaf=20, random_state=4)
    model = LinearRegression() if kind == "linear" else tree
    if kind == "tree":
        X, Z = seen.average, unseen.average
    true, pairs = in_angles(unseen.states[:, -1], frame), np.stack(in_angles(last, frame), axis=1)
    direct = model.fit(X, pairs).predict(Z).T
    through = in_angles(model.fit(X, last).predict(Z), frame)
    found = surrogate_figures(seen, unseen, frame, seed=4)
    for way, (azimuth, polar) in (("direct", direct), ("state", through)):
        assert found[f"{kind} {way} azimuth"] == pytest.approx(circular_r2(true[0], azimuth))
        assert found[f"{kind} {way} polar"] == pytest.approx(r2_score(true[1], polar))


def test_every_surrogate_has_its_four_figures_and_explains_something() -> None:
    found = surrogate_figures(views(1, 600), views(2, 600), Frame(random_rotations(1, 5)[0]), seed=0)
    names = [f"{kind} {way} {angle}" for kind in KINDS for way in ("direct", "state") for angle in ("azimuth", "polar")]
    assert list(found) == names
    assert all(0.1 < value < 1 for value in found.values())
    assert len({round(value, 9) for value in found.values()}) == len(names)


def test_seen_customers_without_a_direction_teach_the_states_and_not_the_angles() -> None:
    seen, unseen, frame = views(1), views(2), Frame(random_rotations(1, 5)[0])
    still = np.vstack([seen.states, np.zeros((40, T, 3))])
    average = np.vstack([seen.average, np.random.default_rng(0).dirichlet(np.ones(C), 40)])
    with_them = surrogate_figures(replace(seen, states=still, average=average), unseen, frame, seed=0)
    without = surrogate_figures(seen, unseen, frame, seed=0)
    for kind in KINDS:
        assert with_them[f"{kind} direct azimuth"] == pytest.approx(without[f"{kind} direct azimuth"])
        assert with_them[f"{kind} direct polar"] == pytest.approx(without[f"{kind} direct polar"])
        assert with_them[f"{kind} state polar"] != without[f"{kind} state polar"]


def test_wards_sample_follows_its_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparison, "WARD_SAMPLE", 60)
    rng = np.random.default_rng(0)
    features = rng.random((300, 3))
    names = names_by_depth(np.hstack([features, rng.random((300, 2))]))
    once = ward_agreement(features, names, seed=1)
    assert len(once) == 4
    assert ward_agreement(features, names, seed=1) == once
    assert ward_agreement(features, names, seed=2) != once


def test_ward_cuts_as_many_clusters_as_there_are_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted: list[int] = []

    class Recording(AgglomerativeClustering):  # type: ignore[misc]  # scikit-learn carries no types
        def __init__(self, n_clusters: int) -> None:
            wanted.append(n_clusters)
            super().__init__(n_clusters=n_clusters)

    monkeypatch.setattr("sklearn.cluster.AgglomerativeClustering", Recording)
    orders = [[0, 1, 2, 3, 4], [0, 1, 3, 2, 4], [0, 2, 1, 3, 4], [4, 3, 2, 1, 0]] * 10
    memberships = 1 - 0.2 * np.argsort(orders, axis=1).astype(np.float64)
    names = names_by_depth(memberships)
    assert names[:4].tolist() == [
        ["O", "O.C", "O.C.E", "O.C.E.A"],
        ["O", "O.C", "O.C.A", "O.C.A.E"],
        ["O", "O.E", "O.E.C", "O.E.C.A"],
        ["N", "N.A", "N.A.E", "N.A.E.C"],
    ]
    features = np.tile([[0.0], [0.1], [1.0], [10.0]], (10, 1))  # the nearer, the more of the name in common
    assert ward_agreement(features, names, seed=0) == pytest.approx([1.0] * 4)
    assert wanted == [2, 3, 4, 4]


def test_rivals_are_the_hidden_layers_of_networks_that_learned(monkeypatch: pytest.MonkeyPatch) -> None:
    fitted: list[tuple[MLPRegressor, FloatArray, FloatArray]] = []

    class Recording(MLPRegressor):  # type: ignore[misc]  # scikit-learn carries no types
        def fit(self, X: FloatArray, y: FloatArray) -> MLPRegressor:
            fitted.append((self, X, y))
            return super().fit(X, y)

    monkeypatch.setattr(sklearn.neural_network, "MLPRegressor", Recording)
    seen = views(1, 400)
    found = baseline_features(seen, seed=0)
    assert list(found) == ["feed-forward network", "auto-encoder", "raw scores"]
    assert (found["raw scores"] == seen.running[:, -1]).all()
    standardised = (seen.average - seen.average.mean(axis=0)) / seen.average.std(axis=0)
    for name, goal, (model, X, y) in zip(found, (seen.running[:, -1], standardised), fitted, strict=False):
        assert standardised == pytest.approx(X)
        assert y == pytest.approx(goal)
        assert found[name].shape == (400, 3)
        # What the network says is linear in the features: they are its hidden layer and nothing else.
        assert found[name] @ model.coefs_[1] + model.intercepts_[1] == pytest.approx(model.predict(X))
        assert len(model.validation_scores_) == model.n_iter_ > 10  # customers held out decide when to stop
    again, other = baseline_features(seen, seed=0), baseline_features(seen, seed=1)
    for name in ("feed-forward network", "auto-encoder"):
        assert (again[name] == found[name]).all()
        assert not np.allclose(other[name], found[name])


def test_the_turn_is_the_angle_between_the_last_two_directions() -> None:
    paths = [
        [turned(170), turned(10), turned(40)],  # switched, by 30 degrees
        [turned(170), turned(10), turned(60)],  # switched, by 50 degrees
        [turned(170), turned(100), turned(90)],  # stayed, by 10 degrees
        [turned(170), turned(0), turned(0)],  # stayed, by none: rounding must not make a cosine above 1
        [turned(170), turned(10), [0.0, 0.0, 0.0]],  # has no direction at the end
        [turned(170), [0.0, 0.0, 0.0], turned(10)],  # or before it
        [turned(170), turned(10), turned(100)],  # had no spend at the end
        [turned(170), turned(10), turned(100)],  # or before it
    ]
    mask = np.ones((8, 3), dtype=bool)
    mask[:, 0] = False  # too early to matter
    mask[6, 2] = mask[7, 1] = False
    nothing = np.empty((8, 3, 5))
    seen = Views(mask, np.empty((8, C)), np.array(paths), nothing, nothing, nothing)
    switched = np.array([True, True, False, False] * 2)
    assert np.rad2deg(direction_change(seen, switched)) == pytest.approx([40.0, 5.0], abs=1e-5)


def test_rounding_leaves_no_turn_where_there_is_none_and_a_half_turn_where_it_is_one() -> None:
    unit = np.random.default_rng(0).normal(size=(400, 3))
    cosines = np.square(unit / np.linalg.norm(unit, axis=1, keepdims=True)).sum(axis=1)
    assert cosines.max() > 1  # an arccosine would be no number
    forth, back = np.arange(400) < 200, np.where(np.arange(400) < 200, -1.0, 1.0)
    states = np.stack([unit, unit * back[:, None]], axis=1)
    nothing = np.empty((400, 2, 5))
    seen = Views(np.ones((400, 2), dtype=bool), np.empty((400, C)), states, nothing, nothing, nothing)
    assert direction_change(seen, forth) == pytest.approx((np.pi, 0.0), abs=1e-7)
