"""Features of a D2D network: logarithms of gains over noise at full power, standardised with constants.

With S[i, j] = p_max g[i, j] / sigma^2 (receiver i, transmitter j) a feature is x = (value - mean) / deviation of

    node i      direct          log10 S[i, i]
                interference    log10 sum_{j != i} S[i, j]     what receiver i hears from all others at full power
                caused          log10 sum_{j != i} S[j, i]     what all others hear from transmitter i
                alpha           the weight of the link's rate
    edge i, j   from            log10 S[i, j]
                to              log10 S[j, i]
                from-own        log10 S[i, j] / S[i, i]        interference over signal at the centre
                to-own          log10 S[j, i] / S[j, j]        interference over signal at the neighbour

Unlike the paper, whose node feature is the direct gain and whose edge feature is the interfering gain, both directions
of an edge enter, and every node knows how much interference it hears.

The constants belong to the model, since every client must mean the same by an angle; `fit_features` takes them from
sample channels of the training scenario.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from qfl.arrays import checked
from qfl.errors import InputError

NODE = ("direct", "interference", "caused", "alpha")
EDGE = ("from", "to", "from-own", "to-own")
NOTHING = 1e-30  # what a gain of 0 counts as: the same in either precision


@dataclass(frozen=True)
class Features:
    """Which features a model reads, and the constants that standardise them.

    Args:
        node: (name, mean, deviation) of each node feature, names out of `NODE`.
        edge: (name, mean, deviation) of each edge feature, names out of `EDGE`.

    Raises:
        ValueError: If a name is unknown or a deviation is not positive.
    """

    node: tuple[tuple[str, float, float], ...]
    edge: tuple[tuple[str, float, float], ...]

    def __post_init__(self):
        for known, rows in ((NODE, self.node), (EDGE, self.edge)):
            for name, _, deviation in rows:
                if name not in known:
                    raise ValueError(f"unknown feature {name!r}; known are {', '.join(known)}")
                if not deviation > 0:
                    raise ValueError(f"feature {name!r} has deviation {deviation}; expected a positive number")

    def names(self) -> str:
        """Return the features' names, for messages and model files."""
        return ", ".join([f"node {name}" for name, *_ in self.node] + [f"edge {name}" for name, *_ in self.edge])

    @checked(least="snr alpha", same="rx tx link")
    def node_values(
        self, snr: Float[Tensor, "*sample rx tx"], alpha: Float[Tensor, "*sample link"] | None = None
    ) -> Float[Tensor, "feature *sample link"]:
        """Return the standardised node features.

        Args:
            snr: Gains over noise at full power (linear).
            alpha: Weights of the links' rates; 1 if None.
        """
        values = []
        for name, mean, deviation in self.node:
            values.append((_node(name, snr, alpha) - mean) / deviation)
        return torch.stack(values)

    @checked(least="snr", same="rx tx")
    def edge_values(self, snr: Float[Tensor, "*sample rx tx"]) -> list[Float[Tensor, "*sample rx tx"]]:
        """Return the standardised edge features of all pairs; those of a link with itself mean nothing."""
        decades = snr.clamp(min=NOTHING).log10()
        return [(_edge(name, decades) - mean) / deviation for name, mean, deviation in self.edge]


@checked(least="snr alpha", same="rx tx link")
def fit_features(
    snr: Float[Tensor, "*sample rx tx"],
    node: tuple[str, ...] = ("direct", "interference"),
    edge: tuple[str, ...] = EDGE,
    alpha: Float[Tensor, "*sample link"] | None = None,
) -> Features:
    """Return features of these names whose constants give the sample channels mean 0 and deviation 1.

    The constants are rounded to 0.01, so that samples of the same scenario give nearly the same model.

    Args:
        snr: Sample channels: gains over noise at full power (linear).
        node: Names of the node features.
        edge: Names of the edge features.
        alpha: Weights of the links' rates, where they are a feature; 1 if None.
    """
    others = ~torch.eye(snr.shape[-1], dtype=torch.bool, device=snr.device).expand(snr.shape)
    decades = snr.clamp(min=NOTHING).log10()
    return Features(
        tuple((name, *_constants(_node(name, snr, alpha))) for name in node),
        tuple((name, *_constants(_edge(name, decades)[others])) for name in edge),
    )


def _constants(values: Tensor) -> tuple[float, float]:
    """Return mean and deviation; a feature that never changes has deviation 1."""
    values = values.detach()
    if not values.numel():
        raise InputError("features are fitted to samples of two links or more; give some")
    return round(float(values.mean()), 2), round(float(values.std()) if values.numel() > 1 else 0.0, 2) or 1.0


def _node(name: str, snr: Tensor, alpha: Tensor | None) -> Float[Tensor, "*sample link"]:
    direct = snr.diagonal(dim1=-2, dim2=-1)
    if name == "direct":
        return direct.clamp(min=NOTHING).log10()
    if name == "alpha":
        return torch.ones_like(direct) if alpha is None else alpha
    return (snr.sum(-1 if name == "interference" else -2) - direct).clamp(min=NOTHING).log10()


def _edge(name: str, decades: Tensor) -> Float[Tensor, "*sample rx tx"]:
    own = decades.diagonal(dim1=-2, dim2=-1).unsqueeze(-1) if name.endswith("own") else 0
    values = decades - own
    return values if name.startswith("from") else values.mT


ITU_1411 = Features(
    node=(("direct", 6.58, 1.2), ("interference", 6.4, 0.78)),
    edge=(("from", 3.44, 1.4), ("to", 3.44, 1.4), ("from-own", -3.14, 1.85), ("to-own", -3.14, 1.85)),
)
"""Of 20 pairs of 2 to 65 m in 500 m x 500 m, 1 W, -104 dBm, shadowing 8 dB and Rayleigh fading."""
