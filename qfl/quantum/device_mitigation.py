"""Which errors a run undoes on its devices, by its settings and by what is known of each device."""

from qfl.config import DeviceSettings
from qfl.config.device_rules import scales_of
from qfl.errors import ConfigError
from qfl.quantum.calibrated import CalibratedNoise
from qfl.quantum.mitigation import Mitigation
from qfl.quantum.noise import Noise, NoiseModel


def mitigation_of(settings: DeviceSettings, noise: Noise | None) -> Mitigation | None:
    """Return what is undone on a device; None where nothing is.

    Readout is inverted at the errors that the device is known to have: those of its calibration, or its own strength in
    this round, as a calibration just before the round would tell.

    Args:
        settings: Of the device.
        noise: Of this client in this round.

    Raises:
        ConfigError: If readout is to be inverted and nobody says how often it errs, or a bit is as good as erased.

    Example:
        >>> own = DeviceSettings(mitigation="readout+zne", scales="1, 3")
        >>> mitigation_of(own, NoiseModel(depolarising=0.01, readout=0.02))
        Mitigation(readout=0.02, scales=(1.0, 3.0), extrapolation='richardson', flips=())
    """
    if settings.mitigation == "none":
        return None
    scales = scales_of(settings) if "zne" in settings.mitigation else ()
    if "readout" not in settings.mitigation:
        return Mitigation(0.0, scales, settings.extrapolation)
    if isinstance(noise, CalibratedNoise):
        flips = tuple((q.read_1_of_0, q.read_0_of_1) for q in noise.calibration.qubits)
        return Mitigation(0.0, scales, settings.extrapolation, flips)
    if isinstance(noise, NoiseModel):
        return Mitigation(noise.readout, scales, settings.extrapolation)
    raise ConfigError(
        f"device.mitigation = {settings.mitigation!r} inverts readout errors, and nobody says how often this device "
        "errs; give noise.readout or noise.calibration, or use 'zne'"
    )
