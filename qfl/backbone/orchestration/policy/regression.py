r"""Bayesian linear regression that learns case by case and forgets slowly.

:math:`y = x^\top w + \varepsilon` with a Gaussian prior on w; after each case the precision matrix grows by
:math:`x x^\top`, and what was learned before counts for a little less, so that drift is followed.

Reference:
    Bishop, Pattern Recognition and Machine Learning (2006), Eqs. (3.50) to (3.59); the discount is that of recursive
    least squares.
"""

from collections import deque
from dataclasses import dataclass, field
from math import erf, sqrt

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

KEPT = 400  # residuals


@dataclass
class Regression:
    """What has been learned of one number from features.

    Args:
        size: Number of features, a constant among them.
        prior: Standard deviation of a weight before anything is known, in units of the number.
        discount: What a case counts after the next one; 1 forgets nothing.
    """

    size: int
    prior: float = 1.0
    discount: float = 0.998
    precision: Float64[ndarray, "feature feature"] = field(init=False)
    moment: Float64[ndarray, " feature"] = field(init=False)
    residuals: deque[float] = field(init=False)

    def __post_init__(self):
        self.precision = np.eye(self.size) / self.prior**2
        self.moment = np.zeros(self.size)
        self.residuals = deque(maxlen=KEPT)

    def learn(self, x: Float64[ndarray, " feature"], y: float) -> None:
        """Take in one case; its residual is that of the prediction made before it."""
        self.residuals.append(y - self.mean(x))
        floor = (1 - self.discount) * np.eye(self.size) / self.prior**2
        self.precision = self.discount * self.precision + floor + np.outer(x, x)
        self.moment = self.discount * self.moment + x * y

    def forget(self, share: float) -> None:
        """Let a share of what was learned go, as when a device has been calibrated anew."""
        prior = np.eye(self.size) / self.prior**2
        self.precision = (1 - share) * self.precision + share * prior
        self.moment = (1 - share) * self.moment

    def mean(self, x: Float64[ndarray, " feature"]) -> float:
        """Return the expected number."""
        return float(x @ np.linalg.solve(self.precision, self.moment))

    def doubt(self, x: Float64[ndarray, " feature"]) -> float:
        """Return the standard deviation of the expected number: little where cases like this were seen."""
        return float(self.noise * sqrt(x @ np.linalg.solve(self.precision, x)))

    @property
    def noise(self) -> float:
        """The standard deviation of a case around its expectation; the prior's while fewer than five are known."""
        return float(np.std(self.residuals)) if len(self.residuals) >= 5 else self.prior

    def below(self, x: Float64[ndarray, " feature"], limit: float) -> float:
        """Return the probability that a case stays below a limit.

        By the residuals seen so far, whatever their distribution; by a Gaussian while they are few.
        """
        margin, few = limit - self.mean(x), len(self.residuals) < 20
        if few:
            return 0.5 * (1 + erf(margin / (sqrt(2) * (self.noise + self.doubt(x)))))
        return float((np.array(self.residuals) <= margin).mean())

    def quantile(self, x: Float64[ndarray, " feature"], share: float) -> float:
        """Return the number that a share of cases stays below."""
        spread = np.quantile(self.residuals, share) if self.residuals else self.prior
        return self.mean(x) + float(spread)
