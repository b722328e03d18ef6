r"""The uplink over rounds: devices move, and their fading and shadowing remember.

Three kinds of memory of the diffuse rays, with the maximum Doppler shift f_D = v f_c / c of a device and the time T
between rounds:

- ``independent``: block fading, a fresh draw each round.
- ``gauss_markov``: :math:`g_{t+1} = \rho g_t + \sqrt{1 - \rho^2} w_t` with :math:`\rho = J_0(2 \pi f_D T)`: the
  right correlation from one round to the next, powers of it beyond. Devices that are still keep their fading.
- ``jakes``: rays from all directions, each with its own Doppler shift: correlation J_0(2 pi f_D n T) after n rounds.

The steady ray turns by 2 pi for each wavelength that a device comes nearer or moves away. Whatever the memory, the
amplitudes of one round are distributed as in `qfl.wireless.rician`. A round of walking lasts many wavelengths at 2
GHz, so with rounds of a second there is little to remember; with milliseconds there is.
"""

from collections.abc import Callable

import numpy as np
from jaxtyping import Complex128, Float64
from numpy import ndarray

from qfl.arrays import checked, real
from qfl.errors import ConfigError, InputError
from qfl.seeds import stream
from qfl.wireless.geometry import ground_distance
from qfl.wireless.measured import require_size
from qfl.wireless.motion import Motion, check_motion, places, speeds
from qfl.wireless.path_loss import SPEED_OF_LIGHT, coupling_loss_db, draws_fading, floored_db
from qfl.wireless.rician import colour, rician, white
from qfl.wireless.scenario import UplinkScenario, check
from qfl.wireless.sionna_uma import sionna_uma
from qfl.wireless.uplink import UplinkInstance, assemble, instance_of

NUM_RAYS = 64  # of the Jakes model; its correlation is J_0 up to J_64, so for arguments up to about 60


class Trajectory:
    """The instances of a scenario over rounds.

    ``at(round)`` is a pure function of (scenario, motion, seed, round): rounds may be asked for in any order and by
    any process. The object only remembers the last state of its recursions, so that asking in order is quick.

    Args:
        scenario: The cell.
        seed: The run's seed.
        motion: How devices move; default still, with block fading.

    Raises:
        ConfigError: If the scenario or the motion cannot be, or memory is asked of ``sionna_uma``.

    Example:
        >>> trajectory = Trajectory(UplinkScenario(num_devices=4, num_channels=2), seed=1)
        >>> bool((trajectory.at(0).gain == trajectory.at(1).gain).any())
        False
    """

    def __init__(self, scenario: UplinkScenario, seed: int, motion: Motion | None = None):
        self.scenario, self.seed, self.motion = scenario, seed, motion or Motion()
        check(scenario)
        check_motion(self.motion)
        self._trace = require_size(scenario, scenario.num_devices) if scenario.gains else None
        if draws_fading(scenario.path_loss) and self.motion.fading != "independent":
            raise ConfigError(
                f"path_loss is sionna_uma and fading of motion is {self.motion.fading}, but Sionna's rays are not "
                "remembered from round to round; give fading independent, or another path loss"
            )
        self._speed_mps = speeds(scenario, self.motion, seed)
        devices = scenario.num_devices
        self._sight = stream(seed, "uplink", "sight").random(devices)
        self._phase = 2 * np.pi * stream(seed, "uplink", "phase").random(devices)
        self._start_m = ground_distance(scenario, places(scenario, self.motion, seed, 0.0))
        self._shadow = GaussMarkov(self._shadow_persistence(), self._fresh_shadow)
        self._diffuse = GaussMarkov(self._fading_persistence()[:, None], self._fresh_diffuse)

    def at(self, round_number: int) -> UplinkInstance:
        """Return the instance of a round; round 0 without Jakes memory is `qfl.wireless.uplink.draw`'s.

        Of measured gains round r is the file's, from 1 on; round 0, before all, is its first too.

        Raises:
            ConfigError: If the round is negative.
        """
        if round_number < 0:
            raise ConfigError(f"round is {round_number}; give a round of 0 or more")
        if self._trace is not None:
            return instance_of(self.scenario, self._trace, round_number - 1)
        place = places(self.scenario, self.motion, self.seed, round_number * self.motion.interval_s)
        distance_m = ground_distance(self.scenario, place)
        shadow = self._shadow.at(round_number)
        if draws_fading(self.scenario.path_loss):
            generator = stream(self.seed, "uplink", "sionna", round_number)
            loss_db, fading = sionna_uma(self.scenario, place, self._sight, generator)
            return assemble(self.scenario, distance_m, floored_db(self.scenario, distance_m, loss_db, shadow), fading)
        loss_db = coupling_loss_db(self.scenario, distance_m, self._sight, shadow)
        phase = self._phase - 2 * np.pi * self.scenario.carrier_hz / SPEED_OF_LIGHT * (distance_m - self._start_m)
        fading = rician(self.scenario.rician_k_db, phase, colour(self.scenario, self._rays(round_number)))
        return assemble(self.scenario, distance_m, loss_db, fading)

    def _rays(self, round_number: int) -> Complex128[ndarray, "device channel"]:
        if self.motion.fading == "independent":
            return self._fresh_diffuse(round_number)
        if self.motion.fading == "gauss_markov":
            return self._diffuse.at(round_number)
        generator = stream(self.seed, "uplink", "rays")
        cycles = doppler_hz(self.scenario, self._speed_mps) * round_number * self.motion.interval_s
        return jakes(generator, cycles, self.scenario.num_channels)

    def _fresh_diffuse(self, round_number: int) -> Complex128[ndarray, "device channel"]:
        shape = (self.scenario.num_devices, self.scenario.num_channels)
        return white(stream(self.seed, "uplink", "diffuse", round_number), shape)

    def _fresh_shadow(self, round_number: int) -> Float64[ndarray, " device"]:
        return stream(self.seed, "uplink", "shadow", round_number).standard_normal(self.scenario.num_devices)

    def _fading_persistence(self) -> Float64[ndarray, " device"]:
        from scipy.special import j0

        return j0(2 * np.pi * doppler_hz(self.scenario, self._speed_mps) * self.motion.interval_s)

    def _shadow_persistence(self) -> Float64[ndarray, " device"]:
        """Gudmundson, 1991, Electronics Letters 27(23): correlation exp(-way / decorrelation distance)."""
        return np.exp(-self._speed_mps * self.motion.interval_s / self.motion.shadow_distance_m)


class GaussMarkov:
    r"""A stationary first-order recursion :math:`x_{t+1} = \rho x_t + \sqrt{1 - \rho^2} w_t`, started from w_0.

    Args:
        persistence: rho, from -1 to 1, broadcast against the draws.
        fresh: The draw w_t of round t; a pure function.

    Example:
        >>> frozen = GaussMarkov(np.ones(1), lambda t: np.array([float(t + 3)]))
        >>> frozen.at(5).tolist()
        [3.0]
    """

    def __init__(self, persistence: ndarray, fresh: Callable[[int], ndarray]):
        self._fresh, self._round, self._state = fresh, 0, fresh(0)
        self._persistence = _correlation(persistence, self._state)

    def at(self, round_number: int) -> ndarray:
        """Return the state of a round, going on from the last one asked for, or from 0 if that is past it."""
        if round_number < self._round:
            self._round, self._state = 0, self._fresh(0)
        while self._round < round_number:
            self._round += 1
            news = np.sqrt(1.0 - self._persistence**2) * self._fresh(self._round)
            self._state = self._persistence * self._state + news
        return self._state


def _correlation(persistence: ndarray, state: ndarray) -> ndarray:
    given = real("persistence", persistence)
    try:
        np.broadcast_shapes(given.shape, state.shape)
    except ValueError:
        raise InputError(
            f"persistence has the axes {given.shape}, and the draws have {state.shape}; give one correlation of each"
        ) from None
    if np.any(np.abs(given) > 1):
        raise InputError(f"persistence is {given.min():g} to {given.max():g}; give correlations from -1 to 1")
    return given


@checked()
def jakes(
    generator: np.random.Generator, cycles: Float64[ndarray, " device"], num_channels: int
) -> Complex128[ndarray, "device channel"]:
    r"""Return diffuse fading as a sum of rays from all directions, after a number of Doppler cycles.

    :math:`g_{ic} = \sum_m a_{imc} \exp(j 2 \pi n_i \cos\theta_{im})`, with :math:`n_i = f_D t`, directions
    :math:`\theta_{im} = 2 \pi (m + u_i) / M`, u uniform, and amplitudes a circular Gaussian of power 1/M. So g is
    circular Gaussian of power 1 at any time, and its correlation over n cycles, averaged over u, is exactly
    :math:`J_0(2 \pi n)`. Unlike Clarke's model of constant amplitudes, which is Gaussian only for many rays.

    Args:
        generator: The same generator gives the same rays, so calls with other cycles give other times of one fading.
        cycles: f_D t per device.
        num_channels: Sub-channels, independent.

    Reference:
        Clarke, 1968, Bell Syst. Tech. J. 47(6); Jakes, Microwave Mobile Communications, 1974, section 1.1.
    """
    first = generator.random((len(cycles), 1))
    amplitude = white(generator, (len(cycles), NUM_RAYS, num_channels)) / np.sqrt(NUM_RAYS)
    direction = 2 * np.pi * (np.arange(NUM_RAYS) + first) / NUM_RAYS
    turned = np.exp(2j * np.pi * cycles[:, None] * np.cos(direction))
    return np.einsum("im,imc->ic", turned, amplitude)


@checked(least="speed_mps")
def doppler_hz(scenario: UplinkScenario, speed_mps: Float64[ndarray, " device"]) -> Float64[ndarray, " device"]:
    """Return the maximum Doppler shift v f / c.

    Example:
        >>> doppler_hz(UplinkScenario(), np.array([1.5])).round(1).tolist()
        [10.0]
    """
    return speed_mps * scenario.carrier_hz / SPEED_OF_LIGHT
