"""A quadratic model of a few devices' options, in the forms that samplers take: table, DQM, BQM."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dimod
import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray

from qfl.arrays import check_fields
from qfl.errors import ConfigError, InputError
from qfl.number_types import as_numpy


@dataclass(frozen=True)
class BlockModel:
    r"""A reward, to be maximised, of which option each device of a block takes.

    .. math:: R(o_1, ..., o_B) = constant + \sum_b h_b(o_b) + \sum_{b < b'} J_{bb'}(o_b, o_{b'})

    dimod minimises, so its models hold the negative of the reward.

    Args:
        devices: The devices of the block.
        constant: The reward that does not depend on the options.
        linear: h.
        coupling: J, [block block option option]; only b < b' is read.
    """

    devices: Int64[ndarray, " device"]
    constant: float
    linear: Float64[ndarray, "block option"]
    coupling: Float64[ndarray, "..."]

    def __post_init__(self):
        check_fields(self, some="block option")
        num_devices, num_options = self.linear.shape
        wanted = (num_devices, num_devices, num_options, num_options)
        if len(self.devices) != num_devices or self.coupling.shape != wanted:
            raise ConfigError(
                f"a QUBO with couplings of shape {self.coupling.shape} for {len(self.devices)} devices is not the size "
                f"of its problem; give shape {wanted}"
            )

    def reward(self, picks: Sequence[int] | ndarray) -> float:
        """Return the reward of one option for each device."""
        given, (num_devices, num_options) = as_numpy("picks", picks, "int"), self.linear.shape
        if given.shape != (num_devices,) or np.any((given < 0) | (given >= num_options)):
            raise InputError(f"picks are {given.tolist()}; give an option of each device, from 0 to {num_options - 1}")
        chosen = given.tolist()
        value = self.constant + sum(row[pick] for row, pick in zip(self.linear, chosen, strict=True))
        return float(value + sum(self.coupling[b, e, chosen[b], chosen[e]] for b, e in self._pairs()))

    def diagonal(self) -> Float64[ndarray, "..."]:
        """Return the reward of every combination of options without the constant, one axis for each device.

        It has M^B numbers: whoever can hold it has already searched the block exhaustively.
        """
        num_devices = len(self.devices)
        table = np.zeros((1,) * num_devices)
        for b in range(num_devices):
            table = table + np.expand_dims(self.linear[b], [a for a in range(num_devices) if a != b])
        for b, e in self._pairs():
            table = table + np.expand_dims(self.coupling[b, e], [a for a in range(num_devices) if a not in (b, e)])
        return table

    def to_dqm(self) -> dimod.DiscreteQuadraticModel:
        """Return a discrete quadratic model: variable b takes the option of device b; its energy is minus the reward.

        Example:
            >>> model = BlockModel(np.array([4]), 0.0, np.array([[1.0, 3.0]]), np.zeros((1, 1, 2, 2)))
            >>> model.decode(dimod.ExactDQMSolver().sample_dqm(model.to_dqm()).first.sample)
            (1,)
        """
        dqm: Any = dimod.DiscreteQuadraticModel()  # its methods are typed in part
        for b, row in enumerate(self.linear):
            dqm.add_variable(len(row), label=b)
            dqm.set_linear(b, -row)
        for b, e in self._pairs():
            first, second = np.nonzero(self.coupling[b, e])
            terms = {(int(o), int(p)): -float(self.coupling[b, e, o, p]) for o, p in zip(first, second, strict=True)}
            dqm.set_quadratic(b, e, terms)
        return dqm

    def to_bqm(self, penalty: float | None = None) -> dimod.BinaryQuadraticModel:
        """Return a binary quadratic model with one variable for each device and option: variable b * M + o.

        Args:
            penalty: Added as penalty * (sum of a device's variables - 1)^2; by default more than all rewards of a
                device's options differ, so that every minimum takes one option for each device.
        """
        num_devices, num_options = self.linear.shape
        weight = self.sufficient_penalty() if penalty is None else penalty
        quadratic = np.zeros((num_devices, num_options, num_devices, num_options))
        for b in range(num_devices):
            quadratic[b, :, b] = np.triu(np.full((num_options, num_options), 2 * weight), 1)
        for b, e in self._pairs():
            quadratic[b, :, e] = -self.coupling[b, e]
        size = num_devices * num_options
        linear = -self.linear.ravel() - weight
        return dimod.BinaryQuadraticModel(linear, quadratic.reshape(size, size), weight * num_devices, "BINARY")

    def sufficient_penalty(self) -> float:
        """Return a weight of the one-hot penalty that no change of one device's variables can outdo."""
        strongest = np.abs(self.coupling).max(axis=(2, 3), initial=0.0)
        reach = np.abs(self.linear).max(axis=1) + strongest.sum(axis=0) + strongest.sum(axis=1)
        return float(2.1 * reach.max() or 1.0)

    def decode(self, sample: Mapping[Any, int | np.integer]) -> tuple[int, ...]:
        """Return the option of each device from a sample of the DQM or of the BQM.

        A binary sample that takes several options for a device, or none, is mended: the one of them with the largest
        linear reward counts.

        Raises:
            ConfigError: If the sample has another size than the model.
        """
        num_devices, num_options = self.linear.shape
        if len(sample) == num_devices:
            # with one option both forms have this size, and there is nothing to choose
            return tuple(int(sample[b]) if num_options > 1 else 0 for b in range(num_devices))
        if len(sample) != self.linear.size:
            raise ConfigError(
                f"a sample of {len(sample)} variables does not belong to a QUBO of {num_devices} devices with "
                f"{num_options} options; give {num_devices} variables (DQM) or {self.linear.size} (BQM)"
            )
        taken = np.array([sample[v] for v in range(self.linear.size)]).reshape(self.linear.shape) > 0
        allowed = taken | ~taken.any(axis=1, keepdims=True)
        return tuple(int(o) for o in np.where(allowed, self.linear, -np.inf).argmax(axis=1))

    def _pairs(self) -> list[tuple[int, int]]:
        return [(b, e) for b in range(len(self.devices)) for e in range(b + 1, len(self.devices))]
