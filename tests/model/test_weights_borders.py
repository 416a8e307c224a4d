"""The weights' file as others read it, and every way in which a file or a network is refused."""

import io
import json
import pickle
import zipfile
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from model.weights import Weights, arrays, digest, from_bytes, to_bytes

NAMES = ["kernel", "recurrent", "bias", "readout", "readout_bias", "scale"]
UNPICKLED: list[str] = []


def draw(readout_bias: bool = True) -> Weights:
    rng = np.random.default_rng(0)
    bias = rng.normal(size=5) if readout_bias else None
    kernel, recurrent, gates = rng.normal(size=(4, 12)), rng.normal(size=(3, 12)), rng.normal(size=12)
    return Weights(kernel, recurrent, gates, rng.normal(size=(3, 5)), bias, np.ones(4))


def entries(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(content: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def with_header(data: bytes, **changes: Any) -> bytes:
    content = entries(data)
    header = json.loads(content["header.json"]) | changes
    return packed(content | {"header.json": json.dumps(header).encode()})


def test_the_header_says_what_the_arrays_are() -> None:
    weights = draw()
    content = entries(to_bytes(weights))
    assert list(content) == ["header.json", *(f"{name}.npy" for name in NAMES)]
    text = content["header.json"].decode()
    assert json.loads(text) == {
        "format": "microseg-weights",
        "version": 1,
        "gates": "i,f,c,o",
        "traits": ["openness", "conscientiousness", "extraversion", "agreeableness", "neuroticism"],
        "shapes": {
            "kernel": [4, 12],
            "recurrent": [3, 12],
            "bias": [12],
            "readout": [3, 5],
            "readout_bias": [5],
            "scale": [4],
        },
    }
    assert text.index('"format"') < text.index('"gates"') < text.index('"shapes"') < text.index('"version"')


def test_nothing_of_the_machine_or_the_hour_enters_the_bytes() -> None:
    with zipfile.ZipFile(io.BytesIO(to_bytes(draw()))) as archive:
        for entry in archive.infolist():
            assert entry.date_time == (1980, 1, 1, 0, 0, 0)
            assert (entry.create_system, entry.compress_type) == (3, zipfile.ZIP_STORED)


def test_arrays_are_little_endian_doubles_by_rows_whatever_they_were() -> None:
    weights = draw()
    swapped = replace(weights, kernel=np.asfortranarray(weights.kernel).astype(">f8"))
    assert to_bytes(swapped) == to_bytes(weights)
    stream = io.BytesIO(entries(to_bytes(swapped))["kernel.npy"])
    assert np.lib.format.read_magic(stream) == (1, 0)
    assert np.lib.format.read_array_header_1_0(stream) == ((4, 12), False, np.dtype("<f8"))
    assert stream.read() == weights.kernel.astype("<f8").tobytes()


def test_arrays_come_in_the_order_of_their_declaration() -> None:
    assert list(arrays(draw())) == NAMES
    assert list(arrays(draw(readout_bias=False))) == [name for name in NAMES if name != "readout_bias"]


def test_what_is_read_are_doubles_that_can_be_written_again() -> None:
    content = entries(to_bytes(draw()))
    single = io.BytesIO()
    np.save(single, np.zeros(12, dtype=np.float32))
    read = from_bytes(packed(content | {"bias.npy": single.getvalue()}))
    assert read.bias.dtype == np.float64
    assert from_bytes(to_bytes(draw(readout_bias=False))).readout_bias is None


def test_a_checksum_may_be_written_in_capitals_and_names_both_when_it_differs() -> None:
    data = to_bytes(draw())
    assert digest(data) != digest(data + b"x")
    assert from_bytes(data, digest(data).upper()).units == 3
    other = "0123456789abcdef" * 4
    message = (
        f"weights: checksum {digest(data)[:12]}... differs from the stored {other[:12]}...; "
        "restore the model version or train again"
    )
    with pytest.raises(ValueError, match="checksum") as caught:
        from_bytes(data, other)
    assert str(caught.value) == message


def mark() -> dict[str, int]:
    UNPICKLED.append("ran")
    return {}


class Trap:
    """Unpickling one runs `mark`: what a pickle can do, it can do with anything."""

    def __reduce__(self) -> tuple[Any, ...]:
        return mark, ()


def test_a_pickle_among_the_arrays_is_never_run() -> None:
    buffer = io.BytesIO()
    np.save(buffer, np.array([Trap()] * 12, dtype=object), allow_pickle=True)
    pickle.loads(pickle.dumps(Trap()))  # noqa: S301 - the trap works
    assert UNPICKLED == ["ran"]
    with pytest.raises(ValueError, match="not a weights file, or a damaged one; restore the model version"):
        from_bytes(packed(entries(to_bytes(draw())) | {"bias.npy": buffer.getvalue()}))
    assert UNPICKLED == ["ran"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": "other"}, "weights: unknown format other version 1"),
        ({"version": 2}, "weights: unknown format microseg-weights version 2"),
        (
            {"shapes": {"kernel": [4, 12]}},
            "weights: expected the arrays bias, kernel, readout, readout_bias, recurrent",
        ),
    ],
)
def test_another_header_is_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match="weights: ") as caught:
        from_bytes(with_header(to_bytes(draw()), **changes))
    assert str(caught.value).startswith(message)


def test_shapes_that_the_header_does_not_know_are_named() -> None:
    shapes = {name: list(array.shape) for name, array in arrays(draw()).items()}
    with pytest.raises(ValueError, match=r"^weights: the arrays' shapes differ from the header's; restore the model"):
        from_bytes(with_header(to_bytes(draw()), shapes=shapes | {"kernel": [3, 12]}))


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("recurrent", np.float64(1), "weights: kernel and recurrent must be matrices; train the model again"),
        ("kernel", np.float64(1), "weights: kernel and recurrent must be matrices; train the model again"),
        ("bias", np.zeros(11), "weights: bias has shape (11,), expected (12,); train the model again"),
        ("readout", np.zeros((3, 4)), "weights: readout has shape (3, 4), expected (3, 5); train the model again"),
        ("scale", np.ones(3), "weights: scale has shape (3,), expected (4,); train the model again"),
        ("scale", np.array([1, 1, 1, 0.0]), "weights: scale must be positive for every class; train the model again"),
        ("bias", np.full(12, -np.inf), "weights: bias holds a number that is not finite; train the model again"),
    ],
)
def test_a_network_that_does_not_fit_itself_is_named(name: str, value: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match="weights: ") as caught:
        replace(draw(), **{name: value})
    assert str(caught.value) == message
