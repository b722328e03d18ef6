"""Maximum-weight matching of the rows and the columns of a table."""

# pyright: reportMissingTypeStubs=false, reportUnknownVariableType=false
# scipy has no types; here it gets some

from jaxtyping import Float64, Int64
from numpy import ndarray
from scipy.optimize import linear_sum_assignment

Pair = Int64[ndarray, " pair"]


def heaviest_pairs(weight: Float64[ndarray, "row column"]) -> tuple[Pair, Pair]:
    """Return rows and columns, as many as the shorter side has, each once, whose pairs weigh most together.

    Example:
        >>> import numpy as np
        >>> heaviest_pairs(np.array([[5.0, 4.0], [4.0, 1.0], [0.0, 0.0]]))
        (array([0, 1]), array([1, 0]))

    Reference:
        Crouse, On implementing 2D rectangular assignment algorithms, 2016 (scipy's implementation).
    """
    return linear_sum_assignment(weight, maximize=True)
