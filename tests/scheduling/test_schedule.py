"""Schedules change device by device, and leave what they came from as it was."""

import numpy as np

from qfl.scheduling.schedule import Schedule, empty_schedule


def test_some_devices_take_other_sub_channels_and_powers():
    before = Schedule(np.array([0, 1, 2]), np.array([0.1, 0.2, 0.3]))
    after = before.replaced(np.array([2, 0]), np.array([1, -1]), np.array([0.5, 0.0]))
    assert (after.channel.tolist(), after.power_w.tolist()) == ([-1, 1, 1], [0.0, 0.2, 0.5])
    assert (before.channel.tolist(), before.power_w.tolist()) == ([0, 1, 2], [0.1, 0.2, 0.3])


def test_in_an_empty_schedule_nobody_sends():
    assert empty_schedule(2).channel.tolist() == [-1, -1] and not empty_schedule(2).power_w.any()
