import io
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.trajectories import hidden_states, outputs
from model.weights import Weights, arrays, digest, from_bytes, rescale, to_bytes


def draw(seed: int, n_classes: int = 4, readout_bias: bool = True) -> Weights:
    rng = np.random.default_rng(seed)
    return Weights(
        kernel=rng.normal(size=(n_classes, 12)),
        recurrent=rng.normal(size=(3, 12)),
        bias=rng.normal(size=12),
        readout=rng.normal(size=(3, 5)),
        readout_bias=rng.normal(size=5) if readout_bias else None,
        scale=rng.uniform(0.1, 2, n_classes),
    )


@given(seed=st.integers(0, 1000), n_classes=st.integers(1, 9), readout_bias=st.booleans())
def test_bytes_round_trip_exactly_and_are_deterministic(seed: int, n_classes: int, readout_bias: bool) -> None:
    weights = draw(seed, n_classes, readout_bias)
    data = to_bytes(weights)
    back = from_bytes(data, digest(data))
    assert arrays(back).keys() == arrays(weights).keys()
    for name, array in arrays(weights).items():
        assert np.array_equal(arrays(back)[name], array)
    assert to_bytes(back) == data
    fortran = replace(weights, kernel=np.asfortranarray(weights.kernel))
    assert to_bytes(fortran) == data


def test_numpy_reads_the_bytes_without_pickle() -> None:
    weights = draw(0)
    with np.load(io.BytesIO(to_bytes(weights)), allow_pickle=False) as archive:
        assert np.array_equal(archive["kernel"], weights.kernel)


@given(seed=st.integers(0, 50), position=st.integers(0, 10_000), flip=st.integers(1, 255))
def test_any_damaged_byte_is_caught_by_the_checksum(seed: int, position: int, flip: int) -> None:
    data = to_bytes(draw(seed))
    damaged = bytearray(data)
    damaged[position % len(data)] ^= flip
    with pytest.raises(ValueError, match=r"checksum .* restore the model version"):
        from_bytes(bytes(damaged), digest(data))


@given(seed=st.integers(0, 50), position=st.integers(0, 10_000), flip=st.integers(1, 255))
def test_damage_without_a_checksum_never_raises_anything_but_a_clear_line(seed: int, position: int, flip: int) -> None:
    damaged = bytearray(to_bytes(draw(seed)))
    damaged[position % len(damaged)] ^= flip
    try:
        from_bytes(bytes(damaged))
    except ValueError as error:
        assert str(error).startswith("weights: ")  # noqa: PT017 - some damage, such as a time stamp, is harmless


def rewrite(data: bytes, name: str, content: bytes | None) -> bytes:
    """The same archive with one entry replaced, or left out."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(buffer, "w") as target:
        for entry in source.namelist():
            if entry != name:
                target.writestr(entry, source.read(entry))
            elif content is not None:
                target.writestr(entry, content)
    return buffer.getvalue()


def npy(array: object) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.asarray(array), allow_pickle=True)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("bias.npy", None, "damaged"),
        ("bias.npy", npy(np.zeros(3)), "differ from the header"),
        ("bias.npy", npy([{"a": 1}] * 12), "damaged"),  # an object array would need a pickle
        ("bias.npy", npy([np.nan] * 12), "bias holds a number that is not finite"),
        ("header.json", b"[]", "unknown format"),
        ("header.json", b'{"format": "microseg-weights", "version": 9, "shapes": {}}', "unknown format"),
        ("header.json", b'{"format": "microseg-weights", "version": 1, "shapes": {}}', "expected the arrays"),
        ("header.json", b"not json", "damaged"),
    ],
)
def test_wrong_files_are_named(name: str, content: bytes | None, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        from_bytes(rewrite(to_bytes(draw(0)), name, content))


def test_bytes_that_are_no_archive_are_refused() -> None:
    with pytest.raises(ValueError, match="not a weights file"):
        from_bytes(b"weights")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("kernel", np.zeros((4, 11)), r"kernel has shape \(4, 11\), expected \(4, 12\)"),
        ("kernel", np.zeros(()), "must be matrices"),
        ("recurrent", np.zeros((2, 12)), "expected"),
        ("readout", np.full((3, 5), np.inf), "readout holds a number that is not finite"),
        ("readout_bias", np.zeros(4), "readout_bias has shape"),
        ("scale", np.zeros(4), "scale must be positive"),
    ],
)
def test_weights_that_do_not_fit_are_refused(name: str, value: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(draw(0), **{name: value})


@given(seed=st.integers(0, 1000))
def test_rescaling_keeps_the_function(seed: int) -> None:
    rng = np.random.default_rng(seed)
    weights = draw(seed)
    shares, mask = rng.dirichlet(np.ones(4), (5, 3)), np.ones((5, 3), bool)
    other = rescale(weights, rng.uniform(0.1, 2, 4))
    before = outputs(weights, hidden_states(weights, shares, mask))
    assert np.allclose(outputs(other, hidden_states(other, shares, mask)), before, atol=1e-12)
