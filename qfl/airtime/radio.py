"""The radio of a federation: each round a channel, an allocation, and the moment at which each update is in.

Pure: a round is a function of the seed, its number, who sends how many bits, and the allocation before it.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray

from qfl.airtime.allocator import Allocator
from qfl.airtime.coverage import label_table
from qfl.airtime.invocation import Row
from qfl.airtime.radio_settings import motion_of, scenario_of
from qfl.airtime.simulation import RadioRound, RoundSimulation
from qfl.airtime.warm_start import subset
from qfl.arrays import checked
from qfl.config.radio import RadioSettings
from qfl.errors import InputError
from qfl.scheduling.problem import require_devices
from qfl.scheduling.schedule import Schedule, empty_schedule
from qfl.wireless.fading import Trajectory


class Radio:
    """The cell of a federation, its motion, and the rules of its rounds.

    Args:
        settings: What the cell is like and what the allocation is for.
        seed: The run's.
        samples: Training samples of each device.
        labels: The labels that each device holds, from 0; empty where there are none. Only the weights ``coverage``
            look at them.
        speed: Relative speed of each device at training.
        asked: Devices of a round, to try the solver on.

    Raises:
        ConfigError: If the cell cannot be, or the solver does not fit the objective, the variant or the size.
        InputError: If samples, labels and speeds are not of as many devices, or no device is asked.

    Example:
        >>> radio = Radio(RadioSettings(num_channels=2), 1, np.ones(4), [()] * 4, np.ones(4), asked=4)
        >>> found = radio.carry(1, np.arange(4), np.full(4, 1e4))
        >>> bool(found.in_time.all()), found.seconds < 0.1
        (True, True)
    """

    @checked(least="samples", positive="speed")
    def __init__(
        self,
        settings: RadioSettings,
        seed: int,
        samples: Float64[ndarray, " device"],
        labels: Sequence[Sequence[int]],
        speed: Float64[ndarray, " device"],
        asked: int,
    ):
        if len(labels) != len(speed):
            raise InputError(f"labels are of {len(labels)} devices, speeds of {len(speed)}; give as many of both")
        if asked < 1:
            raise InputError(f"asked is {asked}; give 1 or more devices of a round")
        self.settings, self.speed = settings, speed
        self.allocator = Allocator(settings, seed, samples, label_table(labels))
        self.trajectory = Trajectory(scenario_of(settings, len(speed)), seed, motion_of(settings))
        self._check(asked)

    @checked(positive="bits", some="device")
    def carry(
        self,
        number: int,
        devices: Int64[ndarray, " device"],
        bits: Float64[ndarray, " device"],
        before: Schedule | None = None,
        learned: Sequence[Row] = (),
        clock_s: float = 0.0,
        computed_s: Float64[ndarray, " device"] | None = None,
    ) -> RadioRound:
        """Return what becomes of a round's updates.

        Args:
            number: The round, from 1.
            devices: Who has something to send, by ascending number.
            bits: How much, above 0.
            before: The memory of the round before, for a warm start.
            learned: Decisions of earlier rounds, of which an invocation policy learns.
            clock_s: The virtual clock at the broadcast, for what drifts.
            computed_s: When each device's circuits were done elsewhere, from the broadcast; its training comes on top.

        Raises:
            InputError: If the cell has no such devices, or the memory is of others.
        """
        memory = before or empty_schedule(len(self.speed))
        if len(memory.channel) != len(self.speed):
            raise InputError(f"before is of {len(memory.channel)} devices, the cell of {len(self.speed)}; give its own")
        require_devices(len(self.speed), devices)
        instance = subset(self.trajectory.at(number), devices)
        ready_s = self.settings.compute_s / self.speed[devices] + (0.0 if computed_s is None else computed_s)
        simulation = RoundSimulation(self.allocator, number, instance, devices, bits, ready_s, memory, learned, clock_s)
        return simulation.one_after_another() if self.settings.objective == "round_time" else simulation.all_at_once()

    def _check(self, asked: int) -> None:
        devices = np.arange(min(asked, len(self.speed)))
        instance = subset(self.trajectory.at(0), devices)
        self.allocator.check(self.allocator.problem(instance, devices, np.ones(len(devices)), devices[:0]))
