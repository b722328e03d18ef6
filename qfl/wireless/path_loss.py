"""How much weaker a signal arrives, on average over fading: path loss, shadowing and the floor near the mast.

Checked against their sources, as far as we could:

- The UMa formulae and the probability of line of sight (TR 38.901, Tables 7.4.1-1 and 7.4.2-1) agree with their
  implementation in NVIDIA's Sionna 2.2; a test compares them where it is installed.
- 128.1 + 37.6 log10(d/km) at 2 GHz is widely quoted from TR 36.942 and TR 36.814; we saw it only quoted.
- The minimum coupling loss of 70 dB and the rule max(loss - gain, MCL) are those of SEAMCAT, the compatibility tool of
  CEPT, which was calibrated against TR 36.942: its handbook, section 7.6.1, calls 70 dB "typical value for Macro cell
  Urban Area", at 2000 MHz, from 3GPP documents, and its source has the rule, gains included. The OpenAirInterface
  simulator has 70 dB, too. We have not read TR 36.942 itself.
"""

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from qfl.arrays import checked
from qfl.extend import is_reference
from qfl.specs import UPLINK_CHANNELS
from qfl.wireless.own_channel import own_path_loss_db
from qfl.wireless.scenario import UplinkScenario

SPEED_OF_LIGHT = 299_792_458.0  # m/s
MAST_HEIGHT_M = 25.0  # base station, UMa, TR 38.901 Table 7.2-1
DEVICE_HEIGHT_M = 1.5  # outdoor device, as there
ENVIRONMENT_HEIGHT_M = 1.0  # h_E of Table 7.4.1-1, note 1, certain for devices below 13 m

PerDevice = Float64[ndarray, " device"]


@checked(positive="distance_m")
def macro_128_db(distance_m: PerDevice) -> PerDevice:
    """Return 128.1 + 37.6 log10(d / km), the macro cell of LTE studies at 2 GHz, non line of sight.

    Stated for 35 m and more; nearer it falls below free space (15.3 dB at 1 m), so it must not be used without a
    floor: see `coupling_loss_db`.

    Example:
        >>> macro_128_db(np.array([1000.0])).tolist()
        [128.1]
    """
    return 128.1 + 37.6 * np.log10(distance_m / 1000.0)


@checked(positive="distance_m")
def uma_los_db(distance_m: PerDevice, carrier_hz: float) -> PerDevice:
    r"""Return the path loss of the urban macro cell in line of sight.

    With the distance d_3D between the antennas, the frequency f in GHz and the breakpoint
    :math:`d_{BP} = 4 (h_{BS} - h_E)(h_{UT} - h_E) f_c / c` (320 m at 2 GHz),

    - up to it: :math:`28 + 22 \log_{10} d_{3D} + 20 \log_{10} f`,
    - beyond: :math:`28 + 40 \log_{10} d_{3D} + 20 \log_{10} f - 9 \log_{10}(d_{BP}^2 + (h_{BS} - h_{UT})^2)`.

    Stated for 10 m to 5 km; nearer, the same line is continued.

    Reference:
        3GPP TR 38.901, Table 7.4.1-1, UMa LOS.
    """
    slant, height = _slant_m(distance_m), MAST_HEIGHT_M - DEVICE_HEIGHT_M
    lift = (MAST_HEIGHT_M - ENVIRONMENT_HEIGHT_M) * (DEVICE_HEIGHT_M - ENVIRONMENT_HEIGHT_M)
    breakpoint_m = 4.0 * lift * carrier_hz / SPEED_OF_LIGHT
    near = 28.0 + 22.0 * np.log10(slant) + 20.0 * np.log10(carrier_hz / 1e9)
    far = near + 18.0 * np.log10(slant) - 9.0 * np.log10(breakpoint_m**2 + height**2)
    return np.where(distance_m < breakpoint_m, near, far)


@checked(positive="distance_m")
def uma_nlos_db(distance_m: PerDevice, carrier_hz: float) -> PerDevice:
    """Return the path loss of the urban macro cell without line of sight, never below that with it.

    Reference:
        3GPP TR 38.901, Table 7.4.1-1, UMa NLOS: 13.54 + 39.08 log10(d_3D) + 20 log10(f/GHz) - 0.6 (h_UT - 1.5).
    """
    alone = 13.54 + 39.08 * np.log10(_slant_m(distance_m)) + 20.0 * np.log10(carrier_hz / 1e9)
    return np.maximum(alone, uma_los_db(distance_m, carrier_hz))  # h_UT = 1.5 m: the last term is 0


@checked(positive="distance_m")
def uma_los_probability(distance_m: PerDevice) -> PerDevice:
    """Return the probability of line of sight in the urban macro cell, for devices below 13 m.

    Example:
        >>> uma_los_probability(np.array([10.0, 18.0])).tolist()
        [1.0, 1.0]

    Reference:
        3GPP TR 38.901, Table 7.4.2-1, UMa: 18/d + exp(-d/63) (1 - 18/d) beyond 18 m, with C'(h_UT) = 0.
    """
    near = np.minimum(18.0 / distance_m, 1.0)
    return near + np.exp(-distance_m / 63.0) * (1.0 - near)


@checked(positive="distance_m")
def uma_mix_db(distance_m: PerDevice, carrier_hz: float, sight: PerDevice) -> PerDevice:
    """Return the path loss of the urban macro cell, in line of sight where ``sight`` is below its probability.

    Args:
        distance_m: Ground distance.
        carrier_hz: Carrier frequency.
        sight: Uniform on [0, 1].

    Reference:
        3GPP TR 38.901, Tables 7.4.1-1 and 7.4.2-1, UMa.
    """
    seen, hidden = uma_los_db(distance_m, carrier_hz), uma_nlos_db(distance_m, carrier_hz)
    return np.where(sight < uma_los_probability(distance_m), seen, hidden)


@checked(positive="distance_m")
def free_space_db(distance_m: PerDevice, carrier_hz: float) -> PerDevice:
    """Return 20 log10(4 pi d f / c), the loss between isotropic antennas with nothing in the way (Friis, 1946)."""
    return 20.0 * np.log10(4.0 * np.pi * distance_m * carrier_hz / SPEED_OF_LIGHT)


@checked(positive="distance_m")
def coupling_loss_db(scenario: UplinkScenario, distance_m: PerDevice, sight: PerDevice, shadow: PerDevice) -> PerDevice:
    """Return what a device's signal loses up to the receiver: path loss, shadowing, antenna gain and the floors.

    Args:
        scenario: Which model, and the floors.
        distance_m: Ground distance.
        sight: Uniform on [0, 1]; with ``uma_mix`` a device sees the mast where this is below the probability, so it
            gains and loses sight as it moves, without jumping to and fro.
        shadow: Standard normal; times ``shadowing_db``.

    Returns:
        Loss in dB.

    Example:
        >>> one = np.ones(1)
        >>> coupling_loss_db(UplinkScenario(), one, one, one).tolist()
        [70.0]
    """
    return floored_db(scenario, distance_m, _model_db(scenario, distance_m, sight), shadow)


@checked(positive="distance_m", infinite="loss_db")
def floored_db(scenario: UplinkScenario, distance_m: PerDevice, loss_db: PerDevice, shadow: PerDevice) -> PerDevice:
    """Return a path loss with shadowing, antenna gain and both floors.

    The path loss is at least free space's, and the whole, antenna gain included, at least the minimum coupling loss:
    max(loss - gain, MCL), SEAMCAT's rule (see the head of this file).

    Args:
        scenario: Shadowing's deviation, antenna gain, the minimum coupling loss and the carrier.
        distance_m: Ground distance in metres, above 0.
        loss_db: Path loss of a model, in dB.
        shadow: Standard normal; times ``shadowing_db``.
    """
    loss = np.maximum(loss_db, free_space_db(distance_m, scenario.carrier_hz))
    return np.maximum(loss + scenario.shadowing_db * shadow - scenario.antenna_gain_dbi, scenario.min_coupling_loss_db)


def draws_fading(path_loss: str) -> bool:
    """Return whether a path loss model draws path loss and fading together; a user's own never does."""
    return not is_reference(path_loss) and UPLINK_CHANNELS[path_loss].whole


def _model_db(scenario: UplinkScenario, distance_m: PerDevice, sight: PerDevice) -> PerDevice:
    if is_reference(scenario.path_loss):
        return own_path_loss_db(scenario, distance_m, sight)
    spec = UPLINK_CHANNELS[scenario.path_loss]
    known = {"distance_m": distance_m, "carrier_hz": scenario.carrier_hz, "sight": sight}
    return spec.kind(*(known[name] for name in spec.given))


def _slant_m(distance_m: PerDevice) -> PerDevice:
    return np.hypot(distance_m, MAST_HEIGHT_M - DEVICE_HEIGHT_M)
