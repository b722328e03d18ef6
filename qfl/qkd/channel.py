"""A simulated quantum channel: how many photons arrive, how many clicks are none, and how often a bit flips on the way.

No photon is sent anywhere: these are the usual models of loss, dark counts, misalignment and depolarising.
"""

from dataclasses import dataclass, replace
from math import isfinite

from qfl.errors import ConfigError

DETECTOR_EFFICIENCY = 0.10  # InGaAs avalanche photodiodes, as Lim et al. (2014), section V
DARK_COUNT = 6e-7  # per gate, ibid.
MISALIGNMENT = 5e-3  # ibid.
FIBRE_DB_PER_KM = 0.2  # ibid.
APERTURE_M = (0.1, 0.3)  # diameters of a free-space link's transmitter and receiver
DIVERGENCE_RAD = 2e-5  # half angle; a diffraction-limited beam of 1550 nm from 0.1 m has 1e-5
AIR_DB_PER_KM = 0.2  # clear air at 1550 nm


@dataclass(frozen=True)
class Link:
    """A channel and the detectors at its end.

    Args:
        transmittance: Share of photons that reach the detectors, 0 to 1.
        detector_efficiency: Share of those that click, 0 to 1.
        dark_count: Probability of a click without a photon, per pulse, 0 to below 1.
        misalignment: Probability that a photon that clicks does so at the wrong detector, 0 to 0.5.
        depolarising: Probability that a photon's state is replaced by the maximally mixed one, 0 to 1.

    Example:
        >>> Link(transmittance=0.1, detector_efficiency=0.5).efficiency
        0.05
        >>> Link(transmittance=2.0)
        Traceback (most recent call last):
            ...
        qfl.errors.ConfigError: transmittance = 2.0; give a number from 0 to 1
    """

    transmittance: float = 1.0
    detector_efficiency: float = 1.0
    dark_count: float = 0.0
    misalignment: float = 0.0
    depolarising: float = 0.0

    def __post_init__(self) -> None:
        for name, most in {name: 0.5 if name == "misalignment" else 1.0 for name in self.__dataclass_fields__}.items():
            value = getattr(self, name)
            if not (isfinite(value) and 0 <= value <= most):
                raise ConfigError(f"{name} = {value!r}; give a number from 0 to {most:g}")

    @property
    def efficiency(self) -> float:
        """Probability that a photon that is sent clicks."""
        return self.transmittance * self.detector_efficiency

    @property
    def flip(self) -> float:
        """Probability that a photon's bit is read wrongly: e + p/2 - e p, of misalignment e and depolarising p."""
        return self.misalignment + self.depolarising * (0.5 - self.misalignment)

    def lossless(self) -> "Link":
        """Return the link as an eavesdropper may make it: nothing is lost before the detectors, which are not hers."""
        return replace(self, transmittance=1.0)

    def click(self, photons: int) -> float:
        """Return the probability that a pulse of so many photons clicks: Y_n = 1 - (1 - Y_0) (1 - eta)^n.

        Reference:
            Ma, Qi, Zhao and Lo, "Practical decoy state for quantum key distribution", 2005, Eqs. (5) and (6), there
            without the product of the two small terms.

        Example:
            >>> Link(transmittance=0.5, dark_count=0.1).click(0), Link(transmittance=0.5).click(2)
            (0.1, 0.75)
        """
        return 1 - (1 - self.dark_count) * (1 - self.efficiency) ** photons if photons else self.dark_count


def fibre(distance_km: float, loss_db_per_km: float = FIBRE_DB_PER_KM, depolarising: float = 0.0) -> Link:
    """Return the link over a fibre, with the detectors of Lim et al. (2014).

    Args:
        distance_km: Its length, 0 or more.
        loss_db_per_km: Attenuation, above 0.
        depolarising: Probability per photon, 0 to 1.

    Raises:
        ConfigError: If a number is out of its range.

    Example:
        >>> round(fibre(50.0).transmittance, 6)
        0.1
    """
    _require_distance(distance_km)
    return _detected(10 ** (-loss_db_per_km * distance_km / 10), depolarising)


def free_space(distance_km: float, loss_db_per_km: float = AIR_DB_PER_KM, depolarising: float = 0.0) -> Link:
    """Return the link through the air: the share of a widening beam that the receiver catches, times absorption.

    The beam's diameter is D_t + 2 L theta, so the share is (D_r / (D_t + 2 L theta))^2, 1 at most. Turbulence and
    daylight are not modelled.

    Args:
        distance_km: Line of sight, 0 or more.
        loss_db_per_km: Absorption and scattering, above 0; fog has 10 and more.
        depolarising: Probability per photon, 0 to 1.

    Raises:
        ConfigError: If a number is out of its range.

    Example:
        >>> free_space(0.0).transmittance, round(free_space(10.0).transmittance, 4)
        (1.0, 0.2271)
    """
    _require_distance(distance_km)
    sent_m, caught_m = APERTURE_M
    share = min(1.0, (caught_m / (sent_m + 2e3 * distance_km * DIVERGENCE_RAD)) ** 2)
    return _detected(share * 10 ** (-loss_db_per_km * distance_km / 10), depolarising)


CHANNELS = {"fibre": fibre, "free_space": free_space}


def _detected(transmittance: float, depolarising: float) -> Link:
    return Link(transmittance, DETECTOR_EFFICIENCY, DARK_COUNT, MISALIGNMENT, depolarising)


def _require_distance(distance_km: float) -> None:
    if not (isfinite(distance_km) and distance_km >= 0):
        raise ConfigError(f"distance_km = {distance_km!r}; give a number of 0 or more")
