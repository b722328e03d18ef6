"""TR 38.901's urban macro cell in full, clusters and all, through NVIDIA's Sionna (an optional extra)."""

from typing import Any

import numpy as np
from jaxtyping import Complex128, Float64
from numpy import ndarray

from qfl.errors import MissingExtra
from qfl.shipped import install
from qfl.wireless.path_loss import DEVICE_HEIGHT_M, MAST_HEIGHT_M, uma_los_probability
from qfl.wireless.scenario import UplinkScenario

REMEDY = f"`{install('channels')}`"


def sionna_uma(
    scenario: UplinkScenario,
    place: Complex128[ndarray, " device"],
    sight: Float64[ndarray, " device"],
    generator: np.random.Generator,
) -> tuple[Float64[ndarray, " device"], Complex128[ndarray, "device channel"]]:
    """Return each device's loss in dB and its fading amplitudes of mean power 1 over the sub-channels.

    Devices are outdoors, still, and 1.5 m high, the mast 25 m, antennas omnidirectional and vertical. Delays, angles,
    K factors and their correlations are Sionna's; the scenario's ``rician_k_db``, ``correlated`` and
    ``delay_spread_s`` are not used. Shadowing and floors are left to the scenario, as for the other models. A
    sub-channel is represented by its centre frequency.

    Sionna draws from generators of its own, which are seeded from ours; PyTorch's global one is left as it was.

    Args:
        scenario: The cell.
        place: Places of the devices.
        sight: Uniform on [0, 1]; below the probability of line of sight a device sees the mast.
        generator: Gives the seed.

    Raises:
        MissingExtra: If Sionna is not installed.

    Reference:
        3GPP TR 38.901, sections 7.2 to 7.5; Hoydis et al., 2022, "Sionna", arXiv:2203.11854.
    """
    uma = _model(scenario)
    import torch
    from sionna.phy import config  # type: ignore[import-not-found]
    from sionna.phy.channel import cir_to_ofdm_channel  # type: ignore[import-not-found]

    devices, channels = scenario.num_devices, scenario.num_channels
    zeros = torch.zeros(1, devices, 3)
    location = torch.tensor(np.stack([np.real(place), np.imag(place), np.full(devices, DEVICE_HEIGHT_M)], axis=-1))
    seen = sight < uma_los_probability(np.abs(place))
    offset_hz = (np.arange(channels) - (channels - 1) / 2) * scenario.bandwidth_hz
    with torch.random.fork_rng(devices=[]):
        config.seed = int(generator.integers(2**31))
        uma.set_topology(
            ut_loc=location[None].float(),
            bs_loc=torch.tensor([[[0.0, 0.0, MAST_HEIGHT_M]]]),
            ut_orientations=zeros,
            bs_orientations=torch.zeros(1, 1, 3),
            ut_velocities=zeros,
            in_state=torch.zeros(1, devices, dtype=torch.bool),
            los=torch.tensor(seen)[None, None],
        )
        response = cir_to_ofdm_channel(torch.tensor(offset_hz).float(), *uma(1, 1.0))
    amplitude = response.reshape(devices, channels).numpy().astype(np.complex128)
    scale = np.sqrt(np.mean(np.abs(amplitude) ** 2, axis=1))
    return -20.0 * np.log10(scale), amplitude / scale[:, None]


def _model(scenario: UplinkScenario) -> Any:
    try:
        from sionna.phy.channel.tr38901 import Antenna, UMa  # type: ignore[import-not-found]
    except ImportError as error:
        raise MissingExtra(f"path_loss is sionna_uma, which needs Sionna, but {error}; {REMEDY}") from error
    antenna = Antenna("single", "V", "omni", scenario.carrier_hz, device="cpu")
    return UMa(scenario.carrier_hz, "low", antenna, antenna, "uplink", enable_shadow_fading=False, device="cpu")
