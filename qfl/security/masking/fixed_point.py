r"""Real numbers as whole ones modulo 2^64, so that a sum of masked numbers is exact.

.. math::
    q_{kj} = n_k \left\lfloor 2^{f_j} \operatorname{clip}(x_{kj}, \pm c_j) \right\rceil \bmod 2^{64}, \qquad
    \bar x_j = 2^{-f_j} \frac{\sum_k q_{kj}}{\sum_k n_k}

A client's number is off by at most 2^-(f+1). The sum must stay below 2^63: that bounds each client's samples
(`require_room`), which every client keeps to by itself, for nobody else sees them.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, UInt64

from qfl.security.reasons import rejection


@dataclass(frozen=True, eq=False)
class FixedPoint:
    """How numbers become words.

    Args:
        limit: Largest magnitude of each number, above 0.
        bits: Bits behind the binary point of each.
    """

    limit: Float[np.ndarray, " word"]
    bits: Float[np.ndarray, " word"]

    def most_weight(self, num_clients: int) -> int:
        """Return the most samples that each of the clients may have, so that no sum wraps around.

        Example:
            >>> FixedPoint(np.array([16.0]), np.array([32.0])).most_weight(200)
            671088
        """
        return int((2**63 - 1) // (num_clients * int(np.ceil((self.limit * 2.0**self.bits).max()))))

    def within(self, room: int, num_clients: int, weight: int) -> "FixedPoint":
        """Return the point with as many bits, at most those of this one, as keep the sum of all within a room.

        Args:
            room: Largest magnitude of a sum.
            num_clients: Who all may have the largest weight.
            weight: That.

        Raises:
            Rejection: ``mask-overflow`` if not even whole numbers would fit.

        Example:
            >>> FixedPoint(np.array([1.0, 6.3]), np.array([0.0, 32.0])).within(2**38, 200, 500).bits
            array([ 0., 18.])
        """
        most = np.floor(np.log2(room / (num_clients * weight * self.limit)))
        if (most < 0).any():
            raise rejection("mask-overflow", f"{weight} samples of each of {num_clients} clients")
        return FixedPoint(self.limit, np.minimum(self.bits, most))

    def require_room(self, weight: int, num_clients: int) -> None:
        """Return if a client's samples leave room for as many of each other client.

        Raises:
            Rejection: ``mask-overflow``.
        """
        most = self.most_weight(num_clients)
        if not 1 <= weight <= most:
            raise rejection("mask-overflow", f"{weight} samples; 1 to {most} with {num_clients} clients")

    def encode(self, values: Float[np.ndarray, " word"], weight: int) -> UInt64[np.ndarray, " word"]:
        """Return numbers, clipped, times a whole weight.

        Raises:
            Rejection: ``not-finite`` if one is none.

        Example:
            >>> point = FixedPoint(np.array([4.0]), np.array([32.0]))
            >>> point.decode(point.encode(np.array([-0.25]), 3), 3)
            array([-0.25])
        """
        if not np.isfinite(values).all():
            raise rejection("not-finite", "numbers to be masked")
        whole = np.rint(np.clip(values, -self.limit, self.limit) * 2.0**self.bits).astype(np.int64)
        return (whole * np.int64(weight)).view(np.uint64)

    def decode(self, total: UInt64[np.ndarray, " word"], weight: int) -> Float[np.ndarray, " word"]:
        """Return the mean of numbers whose encodings were added up.

        Args:
            total: The sum modulo 2^64.
            weight: The sum of the weights, at least 1.
        """
        return total.view(np.int64).astype(np.float64) / weight / 2.0**self.bits
