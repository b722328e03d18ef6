"""What a client sends to the server over EPR pairs, simulated: two bits with each, which only the pair's owner reads.

The server makes pairs and keeps one half of each; the client turns the other by one of four Pauli operators and sends
it back (Fig. 3 of "Quantum Federated Learning for 6G"). Who catches that half sees the maximally mixed state, whatever
was sent, and so learns nothing; but takes the message away.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, UInt8
from numpy import ndarray

from qfl.entanglement.ghz_sum import SharedStates
from qfl.errors import ConfigError

BITS = 2  # of a pair
MOST_BITS = 32  # of an angle


@dataclass(frozen=True, eq=False)
class Received:
    """What arrived.

    Args:
        bits: As the server reads them.
        pairs: That were spent, those included whose half was lost and that were sent again.
    """

    bits: UInt8[ndarray, " bit"]
    pairs: int


def send_bits(bits: UInt8[ndarray, " bit"], states: SharedStates, generator: np.random.Generator) -> Received:
    """Return what the server reads; a half that is lost is noticed, and sent again on a new pair.

    Depolarising of p on the half that travels leaves the two bits right with probability 1 - 3p/4, and makes them each
    of the three others with p/4.

    Args:
        bits: An even number of them.
        states: What becomes of the halves on their way.
        generator: Of losses and errors.

    Raises:
        ConfigError: If the number is odd.

    Reference:
        Bennett and Wiesner, "Communication via one- and two-particle operators on Einstein-Podolsky-Rosen states",
        1992.

    Example:
        >>> send_bits(np.array([1, 0], np.uint8), SharedStates(), np.random.default_rng(1)).bits.tolist()
        [1, 0]
    """
    if len(bits) % BITS:
        raise ConfigError(f"{len(bits)} bits; give an even number, two for each pair")
    number = len(bits) // BITS
    replaced = generator.random(number) < states.depolarising
    noise = generator.integers(2, size=(number, BITS), dtype=np.uint8)
    read = np.where(replaced[:, None], noise, bits.reshape(number, BITS))
    lost = int(generator.negative_binomial(number, states.transmittance)) if number else 0
    return Received(read.reshape(-1), number + lost)


def send_angles(
    angles_rad: Float64[ndarray, " angle"], bits: int, states: SharedStates, generator: np.random.Generator
) -> tuple[Float64[ndarray, " angle"], int]:
    """Return the angles that the server reads, -pi to pi, and the pairs that were spent.

    Args:
        angles_rad: Any, taken modulo 2 pi.
        bits: Of each angle, even, 2 to 32.
        states: What becomes of the halves on their way.
        generator: Of losses and errors.

    Raises:
        ConfigError: If the number of bits is odd or out of range, or an angle is not finite.

    Example:
        >>> read, pairs = send_angles(np.array([1.0]), 16, SharedStates(), np.random.default_rng(1))
        >>> bool(abs(read[0] - 1.0) < 1e-4), pairs
        (True, 8)
    """
    if bits % BITS or not BITS <= bits <= MOST_BITS or not np.isfinite(angles_rad).all():
        raise ConfigError(f"{bits} bits an angle; give an even number from {BITS} to {MOST_BITS}, and finite angles")
    steps = 2**bits
    whole = np.round(np.asarray(angles_rad) / (2 * np.pi) * steps).astype(np.int64) % steps
    places = np.arange(bits)
    sent = ((whole[:, None] >> places) & 1).astype(np.uint8)
    received = send_bits(sent.reshape(-1), states, generator)
    read = (received.bits.reshape(-1, bits).astype(np.int64) << places).sum(1)
    return (read * 2 * np.pi / steps + np.pi) % (2 * np.pi) - np.pi, received.pairs
