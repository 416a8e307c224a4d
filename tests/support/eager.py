"""A training of a few epochs: TensorFlow takes longer to compile them than to go through them step by step."""

from collections.abc import Iterator
from contextlib import contextmanager

from model.greetings import load_keras


@contextmanager
def uncompiled() -> Iterator[None]:
    """Train without compiling inside of a ``with`` block; for those who do not ask how good the network is."""
    load_keras()  # quiet
    import tensorflow as tf

    tf.config.run_functions_eagerly(True)
    try:
        yield
    finally:
        tf.config.run_functions_eagerly(False)
