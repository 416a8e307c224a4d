"""What TensorFlow writes to stderr while its libraries are loaded, kept away from whoever reads that."""

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, Final

STDERR: Final = 2
# A line of absl's log: level and day, or the time in seconds, then process and place.
_LOGGED: Final = re.compile(rb"[IW]\d{4} [\d:. ]+\d+ [\w./-]+:\d+\] |WARNING: All log messages before absl::")


def load_keras() -> Any:
    """Return Keras on TensorFlow, which takes seconds the first time, and says nothing."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    with nullcontext() if "keras" in sys.modules else greetings_aside():
        import keras

    return keras


@contextmanager
def greetings_aside() -> Iterator[None]:
    """Hold back what is written to stderr for the length of a ``with`` block; all but the lines of a log follow then.

    TensorFlow's libraries log before any level that is set counts, and turning off what they speak of
    (`TF_ENABLE_ONEDNN_OPTS=0`) would give other weights in the last bits.
    """
    try:
        kept = os.dup(STDERR)
    except OSError:  # the process has none
        yield
        return
    with tempfile.TemporaryFile() as aside:
        if sys.stderr is not None:
            sys.stderr.flush()
        os.dup2(aside.fileno(), STDERR)
        try:
            yield
        finally:
            if sys.stderr is not None:
                sys.stderr.flush()
            os.dup2(kept, STDERR)
            os.close(kept)
            aside.seek(0)
            os.write(STDERR, b"".join(line for line in aside if not _LOGGED.match(line)))
