"""Shannon's rates at one base station that treats interference as noise."""

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray

from qfl.arrays import checked
from qfl.errors import InputError
from qfl.wireless.uplink import UplinkInstance

Channel = Int64[ndarray, " device"]
PerDevice = Float64[ndarray, " device"]


@checked(least="power_w")
def rates(instance: UplinkInstance, channel: Channel, power_w: PerDevice) -> PerDevice:
    r"""Return the bits per second of every device.

    Everything on a sub-channel arrives at one antenna, so with :math:`q_i = p_i G_{i c(i)}` and the total
    :math:`T_c = 1 + \sum_{i: c(i) = c} q_i` (noise is 1),
    :math:`r_i = B \log_2(1 + q_i / (T_{c(i)} - q_i))`: one sum per sub-channel, then one division per device, O(N).
    ``se_cap`` limits the logarithm.

    Args:
        instance: The gains.
        channel: Each device's sub-channel; -1 is silent.
        power_w: Each device's power in watt; not looked at where silent.

    Example:
        >>> from qfl.wireless.uplink import UplinkScenario, draw
        >>> instance = draw(UplinkScenario(num_devices=2, num_channels=2), seed=1)
        >>> alone = rates(instance, np.array([0, -1]), np.array([0.1, 0.1]))
        >>> bool(np.isclose(alone[0], 180e3 * np.log2(1 + 0.1 * instance.gain[0, 0]))), float(alone[1])
        (True, 0.0)
    """
    require_channels(instance, channel)
    efficiency = np.log2(1.0 + _sinr(instance, channel, power_w))
    if instance.se_cap:
        efficiency = np.minimum(efficiency, instance.se_cap)
    return instance.bandwidth_hz * efficiency


@checked(least="power_w")
def channel_rates(instance: UplinkInstance, channel: Channel, power_w: PerDevice) -> Float64[ndarray, " channel"]:
    """Return the bits per second of every sub-channel: the sum over the devices on it.

    Args:
        instance: The gains.
        channel: Each device's sub-channel; -1 is silent.
        power_w: Each device's power in watt.
    """
    return sum_by_channel(instance, channel, rates(instance, channel, power_w))


@checked(least="power_w")
def sinr(instance: UplinkInstance, channel: Channel, power_w: PerDevice) -> PerDevice:
    """Return each device's ratio of signal to interference and noise, linear; 0 where silent.

    Args:
        instance: The gains.
        channel: Each device's sub-channel; -1 is silent.
        power_w: Each device's power in watt.
    """
    require_channels(instance, channel)
    return _sinr(instance, channel, power_w)


def _sinr(instance: UplinkInstance, channel: Channel, power_w: PerDevice) -> PerDevice:
    received = _received(instance, channel, power_w)
    total = 1.0 + _sum(instance, channel, received)
    # noise alone is 1: rounding cannot take the interference below it however strong the signal is
    return received / np.maximum(total[channel] - received, 1.0)


@checked(least="power_w")
def received_snr(instance: UplinkInstance, channel: Channel, power_w: PerDevice) -> PerDevice:
    """Return each device's power at the receiver over the noise power, q = p G; 0 where silent.

    Args:
        instance: The gains.
        channel: Each device's sub-channel; -1 is silent.
        power_w: Each device's power in watt.
    """
    require_channels(instance, channel)
    return _received(instance, channel, power_w)


def _received(instance: UplinkInstance, channel: Channel, power_w: PerDevice) -> PerDevice:
    gain = instance.gain[np.arange(len(channel)), channel]
    return np.where(channel >= 0, power_w * gain, 0.0)


@checked()
def sum_by_channel(instance: UplinkInstance, channel: Channel, amount: PerDevice) -> Float64[ndarray, " channel"]:
    """Return the sum of an amount over the devices on each sub-channel; silent devices count nowhere.

    Args:
        instance: Says how many sub-channels there are.
        channel: Each device's sub-channel; -1 is silent.
        amount: What is added up, of each device.
    """
    require_channels(instance, channel)
    return _sum(instance, channel, amount)


def _sum(instance: UplinkInstance, channel: Channel, amount: PerDevice) -> Float64[ndarray, " channel"]:
    on = channel >= 0
    # bincount of nothing counts in whole numbers
    return np.bincount(channel[on], weights=amount[on], minlength=instance.gain.shape[1]).astype(np.float64)


def require_channels(instance: UplinkInstance, channel: Channel) -> None:
    """Refuse sub-channels that are not one for each device, or that there are not.

    Raises:
        InputError: With what was given.
    """
    num_devices, num_channels = instance.gain.shape
    if len(channel) != num_devices:
        raise InputError(f"channel has {len(channel)} devices, but there are gains of {num_devices}; give one for each")
    if not -1 <= np.minimum.reduce(channel) <= np.maximum.reduce(channel) < num_channels:
        raise InputError(
            f"channel has numbers from {channel.min()} to {channel.max()}; give -1 (silent) to {num_channels - 1}"
        )
