"""The assignment of access points to users, for beams that are given: what is to be solved, and what it is worth."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float64, Int64
from numpy import ndarray

from qfl.arrays import check_fields, checked
from qfl.errors import ConfigError, InputError
from qfl.scheduling.specs import Kind
from qfl.wireless.cell_free.network import CellFree
from qfl.wireless.cell_free.rates import Beams, beam_gains, rates_of_power

OBJECTIVES = ("min_rate", "sum_rate")
SILENT = -1

Users = Int64[ndarray, " ap"]
"""The user that each access point serves; -1 is silent."""


@dataclass(frozen=True)
class AssignmentProblem:
    r"""Each access point serves one user with a beam that is given; Eq. (8) or its sum.

    Args:
        power: :math:`|h_{mk}^T v_{mj}|^2`, what user k receives of access point m's beam for user j.
        network: SNR and interference factor; not coherent.
        objective: ``min_rate``, the least rate, or ``sum_rate``.
        all_served: Whether every user must be served, constraint (6c); the least rate of others is 0 anyhow.
    """

    power: Float64[ndarray, "ap user user"]
    network: CellFree
    objective: str = "min_rate"
    all_served: bool = True

    def __post_init__(self):
        check_fields(self, least="power", some="ap user")
        if self.objective not in OBJECTIVES:
            raise ConfigError(f"objective is {self.objective!r}; give one of {', '.join(OBJECTIVES)}")
        if self.network.coherent:
            raise ConfigError("assignments are rated without coherence; give a network that is not coherent")
        if self.all_served and self.num_users > self.num_aps:
            raise ConfigError(
                f"{self.num_aps} access points cannot serve {self.num_users} users with a beam each; give at least as "
                "many access points, or all_served false"
            )

    @property
    def num_aps(self) -> int:
        """How many choose."""
        return self.power.shape[0]

    @property
    def num_users(self) -> int:
        """How many they choose from."""
        return self.power.shape[1]

    @property
    def num_choosers(self) -> int:
        """The access points, as any problem says it."""
        return self.num_aps

    @property
    def kind(self) -> Kind:
        """Which solvers do for it."""
        return "assignment"

    @property
    def strength(self) -> Float64[ndarray, "ap user"]:
        """SNR of each link by itself."""
        return self.network.snr * np.diagonal(self.power, axis1=1, axis2=2)

    @checked()
    def rates(self, users: Int64[ndarray, "candidate ap"]) -> Float64[ndarray, "candidate user"]:
        """Return the users' rates for each candidate, Eq. (5)."""
        self._require(users)
        # user sent to, candidate, access point
        sent = (users.T[None] == np.arange(self.num_users)[:, None, None]).astype(float).transpose(0, 2, 1)
        received = np.matmul(sent, self.power.transpose(1, 0, 2)).transpose(1, 0, 2)
        return rates_of_power(torch.as_tensor(received), self.network.snr, self.network.interference).numpy()

    @checked()
    def values(self, users: Int64[ndarray, "candidate ap"]) -> Float64[ndarray, " candidate"]:
        """Return the objective of each candidate; one that leaves out a user who must be served is worth 0.

        Unlike the paper, which subtracts a penalty of 10 for each such user: it may pay to drop one even so.
        """
        rates = self.rates(users)
        value = rates.min(axis=1) if self.objective == "min_rate" else rates.sum(axis=1)
        return np.where(self.unserved(users) == 0, value, 0.0) if self.all_served else value

    @checked()
    def value(self, users: Users) -> float:
        """Return the objective of one candidate."""
        return float(self.values(users[None])[0])

    @checked()
    def check(self, users: Users) -> list[str]:
        """Return one sentence if users who must be served are not; none if the assignment is feasible."""
        count = int(self.unserved(users[None])[0]) if self.all_served else 0
        return [f"{count} of {self.num_users} users are served by nobody"] if count else []

    @checked(some="block", index={"block": "ap"})
    def changed(self, users: Users, block: Int64[ndarray, " block"], picks: Int64[ndarray, " block"]) -> Users | None:
        """Return the assignment after some access points serve others; None if nothing changes.

        Args:
            users: The assignment before.
            block: Access points, each once.
            picks: The user that each of them serves.

        Raises:
            InputError: If there are no such access points or users.
        """
        tried = users.copy()
        tried[block] = picks
        self._require(tried[None])
        return None if np.array_equal(tried, users) else tried

    @checked()
    def unserved(self, users: Int64[ndarray, "candidate ap"]) -> Int64[ndarray, " candidate"]:
        """Return how many users nobody serves."""
        self._require(users)
        return self.num_users - (users[..., None] == np.arange(self.num_users)).any(axis=1).sum(axis=1)

    def _require(self, users: Int64[ndarray, "candidate ap"]) -> None:
        if users.shape[1] != self.num_aps:
            raise InputError(f"users are of {users.shape[1]} access points, not {self.num_aps}; give one for each")
        if users.size and not SILENT <= users.min() <= users.max() < self.num_users:
            raise InputError(
                f"users are {users.min()} to {users.max()}; give {SILENT} (silent) or 0 to {self.num_users - 1}"
            )


@checked()
def problems(
    network: CellFree, channel: Beams, precoder: Beams, objective: str = "min_rate", all_served: bool = True
) -> list[AssignmentProblem]:
    """Return the problem of each sample, as its access points see it: pass the known channel.

    Args:
        network: SNR and interference factor; not coherent.
        channel: What the access points know, [sample ap user antenna].
        precoder: Their beams for each user, [sample ap user antenna], of norm 1 or less.
        objective: ``min_rate`` or ``sum_rate``.
        all_served: Whether every user must be served.

    Example:
        >>> from qfl.wireless.cell_free.channel import draw
        >>> from qfl.wireless.cell_free.precoders import max_ratio
        >>> channel = draw(CellFree(), seed=1, num_samples=2).known
        >>> [problem.num_aps for problem in problems(CellFree(), channel, max_ratio(channel))]
        [4, 4]
    """
    power = beam_gains(channel, precoder).detach().double().numpy()
    return [AssignmentProblem(one, network, objective, all_served) for one in power]
