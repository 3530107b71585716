"""What is said of many measurements."""

from collections.abc import Sequence

import numpy as np


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` per cent lie."""
    return float(np.percentile(np.asarray(values), share))


def mean(values: Sequence[float]) -> float:
    """The sum by the number."""
    return float(np.mean(np.asarray(values)))
