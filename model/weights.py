"""The network's weights as plain arrays, and as bytes that carry their own shapes and never a pickle.

Gates stand in Keras' order, input, forget, candidate, output (i, f, c, o), so that a matrix of 4U columns is four
blocks of U.
"""

import hashlib
import io
import json
import zipfile
import zlib
from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np

from model.types import FloatArray
from model.vocabulary import TRAITS

GATES: Final = 4
FORMAT: Final = "microseg-weights"
FORMAT_VERSION: Final = 1
HEADER: Final = "header.json"
# Zip entries carry a time; a fixed one makes equal weights equal bytes, and so equal checksums.
EPOCH: Final = (1980, 1, 1, 0, 0, 0)
# What zipfile, json and numpy raise on bytes that are not ours; RuntimeError is an entry marked as encrypted.
UNREADABLE: Final = (zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError, EOFError, RuntimeError, OSError)


@dataclass(frozen=True, eq=False)
class Weights:
    """An LSTM layer of U units over C classes, its read-out of five traits, and the scale of its input.

    Attributes:
        kernel: Input weights, (C, 4U).
        recurrent: Weights of the previous state, (U, 4U).
        bias: Gate biases, (4U,).
        readout: Linear read-out before the sigmoid, (U, 5).
        readout_bias: Bias of the read-out, (5,), or None for the default read-out through the origin.
        scale: Divisor of the shares per class, (C,), positive.

    Raises:
        ValueError: A shape does not fit the others, a number is not finite, or a scale is not positive.
    """

    kernel: FloatArray
    recurrent: FloatArray
    bias: FloatArray
    readout: FloatArray
    readout_bias: FloatArray | None
    scale: FloatArray

    def __post_init__(self) -> None:
        """Reject weights that could only fail later, in the middle of a night."""
        if self.kernel.ndim == 0 or self.recurrent.ndim == 0:
            raise ValueError("weights: kernel and recurrent must be matrices; train the model again")
        for name, array in arrays(self).items():
            expected = _expected_shape(name, self.n_classes, self.units)
            if array.shape != expected:
                raise ValueError(f"weights: {name} has shape {array.shape}, expected {expected}; train the model again")
            if not np.isfinite(array).all():
                raise ValueError(f"weights: {name} holds a number that is not finite; train the model again")
        if (self.scale <= 0).any():
            raise ValueError("weights: scale must be positive for every class; train the model again")

    @property
    def n_classes(self) -> int:
        """Number of spending classes, C."""
        return int(self.kernel.shape[0])

    @property
    def units(self) -> int:
        """Number of hidden units, U."""
        return int(self.recurrent.shape[0])


def _expected_shape(name: str, n_classes: int, units: int) -> tuple[int, ...]:
    shapes: dict[str, tuple[int, ...]] = {
        "kernel": (n_classes, GATES * units),
        "recurrent": (units, GATES * units),
        "bias": (GATES * units,),
        "readout": (units, len(TRAITS)),
        "readout_bias": (len(TRAITS),),
        "scale": (n_classes,),
    }
    return shapes[name]


def arrays(weights: Weights) -> dict[str, FloatArray]:
    """The weights' arrays by name, in declaration order; without `readout_bias` where there is none."""
    named = ((field.name, getattr(weights, field.name)) for field in fields(weights))
    return {name: array for name, array in named if array is not None}


def rescale(weights: Weights, scale: FloatArray) -> Weights:
    """The same function with another scale of its input, (C,): what the scale takes, the kernel gives back."""
    return replace(weights, kernel=weights.kernel * (scale / weights.scale)[:, None], scale=scale)


def to_bytes(weights: Weights) -> bytes:
    """Serialise to a zip of .npy arrays (readable by `numpy.load`) and a JSON header; equal weights, equal bytes."""
    named = arrays(weights)
    header = {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "gates": "i,f,c,o",
        "traits": list(TRAITS),
        "shapes": {name: list(array.shape) for name, array in named.items()},
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        _write(archive, HEADER, json.dumps(header, sort_keys=True).encode())
        for name, array in named.items():
            _write(archive, f"{name}.npy", _npy(array))
    return buffer.getvalue()


def _write(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    info = zipfile.ZipInfo(name, EPOCH)
    info.create_system = 3  # the running system's code would otherwise enter the bytes
    archive.writestr(info, data)


def _npy(array: FloatArray) -> bytes:
    buffer = io.BytesIO()
    # The memory order is part of the .npy header, and little-endian is what every platform we run on reads.
    np.lib.format.write_array(buffer, np.ascontiguousarray(array, dtype="<f8"), version=(1, 0), allow_pickle=False)
    return buffer.getvalue()


def from_bytes(data: bytes, sha256: str | None = None) -> Weights:
    """Read what `to_bytes` wrote.

    Args:
        data: The serialised weights.
        sha256: Hexadecimal checksum stored beside them; None skips the comparison.

    Raises:
        ValueError: Another checksum, not a weights file, another version, wrong shapes, or numbers that are not finite.
    """
    if sha256 is not None and digest(data) != sha256.lower():
        raise ValueError(
            f"weights: checksum {digest(data)[:12]}... differs from the stored {sha256[:12]}...; "
            "restore the model version or train again"
        )
    try:
        header, named = _read(data)
    except UNREADABLE as error:
        raise ValueError("weights: not a weights file, or a damaged one; restore the model version") from error
    if (header.get("format"), header.get("version")) != (FORMAT, FORMAT_VERSION):
        raise ValueError(f"weights: unknown format {header.get('format')} version {header.get('version')}")
    if {name: list(array.shape) for name, array in named.items()} != header.get("shapes"):
        raise ValueError("weights: the arrays' shapes differ from the header's; restore the model version")
    expected = {field.name for field in fields(Weights)}
    if named.keys() | {"readout_bias"} != expected:
        raise ValueError(f"weights: expected the arrays {', '.join(sorted(expected))}; restore the model version")
    readout_bias = named.pop("readout_bias", None)
    return Weights(readout_bias=readout_bias, **named)


def _read(data: bytes) -> tuple[dict[str, object], dict[str, FloatArray]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        header = dict(json.loads(archive.read(HEADER)))
        named = {
            name: np.lib.format.read_array(io.BytesIO(archive.read(f"{name}.npy")), allow_pickle=False)
            for name in dict(header.get("shapes", {}))
        }
    return header, {name: np.asarray(array, dtype=np.float64) for name, array in named.items()}


def digest(data: bytes) -> str:
    """SHA-256 of serialised weights, hexadecimal."""
    return hashlib.sha256(data).hexdigest()
