r"""Device-to-device pairs that share one band: geometry, channel models, and what they are drawn from.

Everywhere ``gain[rx, tx]``: row i holds what receiver i hears, column j what transmitter j sends, so the diagonal is
the direct links. Gains are of power and linear.

Geometry and path loss are those of Shen et al.'s published code (Weighted Power Control and Spatial deep learning
folders of GNN-Resource-Management), which follows ITU-R P.1411, short range, line of sight, with both antennas at h:

.. math:: L = |20 \log_{10}(\lambda^2 / 8 \pi h^2)| + 6 + 20 \log_{10}(d/R)\,(1 + [d > R]), \quad R = 4 h^2/\lambda
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Complex128, Float64
from numpy import ndarray

from qfl.arrays import checked
from qfl.errors import ConfigError
from qfl.extend import is_reference
from qfl.seeds import stream
from qfl.specs import D2D_CHANNELS
from qfl.wireless.own_channel import own_link_gain
from qfl.wireless.units import db_to_linear, dbm_to_w

SPEED_OF_LIGHT = 2.998e8  # m/s, as rounded by Shen et al.
CARRIER_HZ = 2.4e9  # Shen et al.
ANTENNA_HEIGHT_M = 1.5  # of both ends; Shen et al.
ANTENNA_GAIN_DB = 2.5  # on direct links only; Shen et al.
LEAST_DISTANCE_M = 1.0  # between any transmitter and any receiver; Shen et al.
MOST_DRAWS = 1000  # before a layout is called impossible

Purpose = Literal["d2d-train", "d2d-test"]
"""What draws are for: it is part of the random stream's name, so train and test differ whatever the seeds."""


@dataclass(frozen=True)
class D2dScenario:
    """What D2D links are drawn from.

    Example:
        >>> scenario = D2dScenario(num_pairs=3)
        >>> sample_links(scenario, 2, 1, "d2d-train").gain.shape
        (2, 3, 3)
    """

    num_pairs: int = 20  # K
    channel: str = "geometry"  # a key of qfl.specs.D2D_CHANNELS, or a reference to a user's
    field_m: float = 500.0  # edge of the square
    min_pair_m: float = 2.0  # shortest and longest direct link; uniform in between
    max_pair_m: float = 65.0
    shadowing_db: float = 8.0  # standard deviation of log-normal shadowing, on every link; 0 = none
    fading: bool = True  # Rayleigh, on every link
    max_power_w: float = 1.0
    noise_w: float = float(dbm_to_w(-104.0))
    weighted: bool = False  # weights of the pairs' rates uniform on [0, 1] instead of 1


class Links(NamedTuple):
    """Realisations of a scenario.

    Args:
        gain: Linear power gain from transmitter tx to receiver rx.
        alpha: Weight of each pair's rate.
    """

    gain: Float64[ndarray, "sample rx tx"]
    alpha: Float64[ndarray, "sample pair"]


# the set-ups that numbers are given for; each is named with its number
SETUPS: dict[str, D2dScenario] = {
    # what SQM-GNN's section IV-B prints, with the fading of [13]'s weighted power control
    "printed": D2dScenario(),
    # the same with nothing but path loss
    "path_loss": D2dScenario(shadowing_db=0.0, fading=False),
    # what gives the printed sum rate of 2.6: i.i.d., weighted, and counted in nats
    "reproduces_2_6": D2dScenario(10, "rayleigh", noise_w=0.1, weighted=True),
    # Shen et al., Weighted Power Control: 10 W, -169 dBm/Hz in 5 MHz; their WMMSE reaches 200.16 bit/s/Hz
    "wcgcn": D2dScenario(50, field_m=1000.0, max_power_w=10.0, noise_w=float(dbm_to_w(-169.0) * 5e6)),
}


def check_scenario(scenario: D2dScenario) -> None:
    """Refuse what cannot be drawn.

    Raises:
        ConfigError: With one sentence per fault.

    Example:
        >>> check_scenario(D2dScenario(noise_w=-1.0))
        Traceback (most recent call last):
        qfl.errors.ConfigError: noise_w = -1: expected a finite power above 0 W; give for example 4e-14 (-104 dBm)
    """
    s, faults = scenario, []
    if s.num_pairs < 1:
        faults.append(f"num_pairs = {s.num_pairs}: expected at least one pair; give 1 or more")
    for name, hint in (("noise_w", "4e-14 (-104 dBm)"), ("max_power_w", "1 (30 dBm)")):
        value = getattr(s, name)
        if not 0 < value < np.inf:
            faults.append(f"{name} = {value:g}: expected a finite power above 0 W; give for example {hint}")
    if not 0 <= s.shadowing_db < np.inf:
        faults.append(f"shadowing_db = {s.shadowing_db:g}: expected a standard deviation in dB; give 0 or more")
    if not 0 < s.min_pair_m <= s.max_pair_m < np.inf:
        faults.append(
            f"direct links from {s.min_pair_m:g} m to {s.max_pair_m:g} m: expected 0 < shortest <= longest; "
            "give for example 2 and 65"
        )
    if not s.min_pair_m < s.field_m < np.inf:
        faults.append(f"field_m = {s.field_m:g}: expected a square wider than the shortest link; give a larger one")
    if s.channel not in D2D_CHANNELS and not is_reference(s.channel):
        known = " or ".join(map(repr, D2D_CHANNELS))
        faults.append(
            f"channel = {s.channel!r}: expected {known}; give one of them, or your own, such as 'channel.py:gains'"
        )
    if faults:
        raise ConfigError(faults)


def sample_links(scenario: D2dScenario, count: int, seed: int, purpose: Purpose, *path: str | int) -> Links:
    """Return independent realisations of a scenario; the same arguments give the same ones.

    Args:
        scenario: What to draw from.
        count: Realisations.
        seed: Of the run.
        purpose: Train or test; it names the stream, so the two differ even where their seeds are equal.
        path: What else names the stream, such as a client's number.

    Raises:
        ConfigError: If the scenario is impossible.
    """
    check_scenario(scenario)
    generator = stream(seed, purpose, *path)
    draw = own_link_gain if is_reference(scenario.channel) else D2D_CHANNELS[scenario.channel].kind
    gain = draw(scenario, generator, count)
    shape = (count, scenario.num_pairs)
    alpha = generator.random(shape) if scenario.weighted else np.ones(shape)
    return Links(gain, alpha)


@checked(positive="distance_m")
def itu_1411_db(distance_m: Float64[ndarray, "*link"]) -> Float64[ndarray, "*link"]:
    """Return the path loss between antennas at 1.5 m, at 2.4 GHz, in line of sight.

    Example:
        >>> itu_1411_db(np.array([10.0, 100.0])).round(2).tolist()
        [60.03, 82.88]

    Reference:
        ITU-R P.1411, short range propagation in line of sight, median; as in Shen et al.'s code.
    """
    wavelength = SPEED_OF_LIGHT / CARRIER_HZ
    breakpoint_m = 4.0 * ANTENNA_HEIGHT_M**2 / wavelength
    at_breakpoint = np.abs(20.0 * np.log10(wavelength**2 / (8.0 * np.pi * ANTENNA_HEIGHT_M**2)))
    slope = 20.0 * (1.0 + (distance_m > breakpoint_m))
    return np.asarray(at_breakpoint + 6.0 + slope * np.log10(distance_m / breakpoint_m))


def rayleigh_gain(scenario: D2dScenario, generator: np.random.Generator, count: int) -> Float64[ndarray, "s rx tx"]:
    """Return gains of i.i.d. Rayleigh fading, of mean power 1 on every link.

    Args:
        scenario: How many pairs there are.
        generator: Of the draws.
        count: Realisations.
    """
    return generator.standard_exponential((count, scenario.num_pairs, scenario.num_pairs))


def geometry_gain(scenario: D2dScenario, generator: np.random.Generator, count: int) -> Float64[ndarray, "s rx tx"]:
    """Return gains between places: ITU-R P.1411's path loss, shadowing and Rayleigh fading where there are.

    Args:
        scenario: Places, shadowing and fading.
        generator: Of the draws.
        count: Realisations.
    """
    gain = _mean_gain(scenario, generator, count)
    if scenario.shadowing_db:
        gain = gain * db_to_linear(scenario.shadowing_db * generator.standard_normal(gain.shape))
    return gain * generator.standard_exponential(gain.shape) if scenario.fading else gain


def _mean_gain(scenario: D2dScenario, generator: np.random.Generator, count: int) -> Float64[ndarray, "s rx tx"]:
    transmitter, receiver = _places(scenario, generator, count)
    loss_db = itu_1411_db(np.abs(receiver[:, :, None] - transmitter[:, None, :]))
    return db_to_linear(ANTENNA_GAIN_DB * np.eye(scenario.num_pairs) - loss_db)


def _places(
    scenario: D2dScenario, generator: np.random.Generator, count: int
) -> tuple[Complex128[ndarray, "sample pair"], Complex128[ndarray, "sample pair"]]:
    """Return transmitters uniform in the square and receivers around them; layouts with neighbours too near go."""
    transmitter, receiver = _layouts(scenario, generator, count)
    for _ in range(MOST_DRAWS):
        near = np.abs(receiver[:, :, None] - transmitter[:, None, :]).min((1, 2)) <= LEAST_DISTANCE_M
        if not near.any():
            return transmitter, receiver
        transmitter[near], receiver[near] = _layouts(scenario, generator, int(near.sum()))
    raise ConfigError(
        f"{scenario.num_pairs} pairs in a square of {scenario.field_m:g} m do not keep {LEAST_DISTANCE_M:g} m from "
        "each other's ends; give fewer pairs, a larger field or longer direct links"
    )


def _layouts(scenario: D2dScenario, generator: np.random.Generator, count: int) -> tuple[ndarray, ndarray]:
    edge, shape = scenario.field_m, (count, scenario.num_pairs)
    transmitter = edge * (generator.random(shape) + 1j * generator.random(shape))
    receiver = np.full(shape, -1.0 + 0j)
    while (out := _outside(receiver, edge)).any():
        radius = generator.uniform(scenario.min_pair_m, scenario.max_pair_m, int(out.sum()))
        receiver[out] = transmitter[out] + radius * np.exp(2j * np.pi * generator.random(len(radius)))
    return transmitter, receiver


def _outside(place: Complex128[ndarray, "*point"], edge: float) -> ndarray:
    x, y = np.real(place), np.imag(place)
    return (np.minimum(x, y) < 0) | (np.maximum(x, y) > edge)
