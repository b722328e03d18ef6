"""A scheduler of one's own, and a trace of gains: ``python examples/own_scheduler/scheduler.py`` writes trace.npz."""

from pathlib import Path

import numpy as np

from qfl.scheduling.problem import upload_times
from qfl.scheduling.schedule import Schedule
from qfl.seeds import stream

ROUNDS, DEVICES, CHANNELS = 24, 20, 5


def solve(problem, crowd=0):
    """Return who sends where: all to share sub-channels evenly in time, or one strong device on each at a time.

    Args:
        problem: What is to be scheduled.
        crowd: The sub-channel where all others whisper, where all send at once.
    """
    full_w = np.full(problem.num_devices, problem.instance.max_power_w)
    if problem.kind == "round_time":
        seconds, busy = upload_times(problem, full_w), np.zeros(problem.num_channels)
        channel = np.zeros(problem.num_devices, int)
        for device in np.argsort(-seconds.min(axis=1)):  # the slowest first
            channel[device] = (busy + seconds[device]).argmin()
            busy[channel[device]] += seconds[device, channel[device]]
        return Schedule(channel, full_w)
    channel = np.full(problem.num_devices, crowd)
    power_w, free = (
        np.full(problem.num_devices, problem.instance.min_power_w),
        set(range(problem.num_channels)) - {crowd},
    )
    for device in np.argsort(-problem.instance.gain.max(axis=1)):  # the strongest first
        if not free:
            break
        channel[device] = max(free, key=lambda place: problem.instance.gain[device, place])
        power_w[device] = full_w[device]
        free.remove(int(channel[device]))
    return Schedule(channel, power_w)


def trace(rounds=ROUNDS, seed=1):
    """Return power gains [round, device, channel]: a loss for each device that wanders slowly, and Rayleigh fading."""
    generator, loss_db = stream(seed, "own-trace"), np.zeros((rounds, DEVICES))
    loss_db[0] = generator.uniform(90, 130, DEVICES)
    for number in range(1, rounds):
        loss_db[number] = loss_db[number - 1] + generator.normal(0, 1, DEVICES)
    fading = generator.exponential(size=(rounds, DEVICES, CHANNELS))
    return (10 ** (-loss_db / 10)[..., None] * fading).astype(np.float32)


if __name__ == "__main__":
    np.savez(Path(__file__).parent / "trace.npz", gains=trace())
