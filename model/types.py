"""Array types and the traits' canonical order, shared by every module of the science."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]
Float32Array = NDArray[np.float32]

TRAITS: Final = ("openness", "conscientiousness", "extraversion", "agreeableness", "neuroticism")
LETTERS: Final = "OCEAN"
