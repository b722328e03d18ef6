"""The semidefinite program's bound as a row, where cvxpy is installed."""

from collections.abc import Callable

import numpy as np
import torch

from qfl.errors import MissingExtra
from qfl.wireless.cell_free.channel import Channels
from qfl.wireless.cell_free.max_min import max_min
from qfl.wireless.cell_free.network import CellFree
from qfl.wireless.cell_free.precoders import max_ratio
from qfl.wireless.cell_free.rates import evaluate

from .measure import Row, row_of
from .methods import assigned


def sdp_rows(network: CellFree, batch: Channels, show: Callable[[str], None]) -> list[Row]:
    """Return the best least rate for Algorithm 4's assignment: reached by the program's precoders, and its bound.

    The bound is of the least rate; the row's sum rate is what those precoders give.
    """
    serves = assigned(network, "algorithm4", max_ratio, "min_rate", True, max_ratio, 1)(batch).serves
    try:
        solved = [max_min(network, h, own) for h, own in zip(batch.known.numpy(), serves.numpy(), strict=True)]
    except MissingExtra as error:
        show(f"left out: {error}")
        return []
    beam = torch.from_numpy(np.stack([one.precoder for one in solved]))
    reached = evaluate(network, batch.true, serves, beam[:, :, None] * serves[..., None])
    bound = torch.tensor([one.bound for one in solved], dtype=torch.float64)
    return [
        row_of(network, "algorithm4_sdp", reached),
        row_of(network, "algorithm4_sdp_bound", reached._replace(min_rate=bound)),
    ]
