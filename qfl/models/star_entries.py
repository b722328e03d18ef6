"""The entries of a network of star circuits: their shapes, names and periods, and where training starts."""

from itertools import islice, pairwise
from math import inf, pi, sqrt
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qfl.angles import TWO_PI, AngleLayout
from qfl.models.weights import Shapes, he_uniform, weight_layout
from qfl.seeds import stream

if TYPE_CHECKING:
    from qfl.models.star_gnn import StarGnn


def shapes_of(model: "StarGnn") -> Shapes:
    """Return the shapes of a network's parts by name: unitaries' angles, shifts, encoders and readout."""
    units, embedding, angles = (model.layers, model.heads), 3 * model.heads, 2 * model.heads
    num_node, num_edge = model.num_features
    blocks = zip(model.convolution.names, model.convolution.blocks, strict=True)
    shapes: dict[str, tuple[int, ...]] = {name: (*units, block.num_angles) for name, block in blocks}
    shapes |= {"node.shift": (model.layers, 2 * model.heads), "edge.shift": (model.layers, 2 * model.heads)}
    for layer in range(model.layers):
        shapes.update(_encoder("node", layer, (embedding if layer else 0) + num_node, model.node_hidden, angles))
        shapes.update(_encoder("edge", layer, num_edge, model.edge_hidden, angles))
    widths = (model.layers * embedding + num_node, *model.hidden, model.num_outputs)
    if model.neighbour_subsampling:
        shapes["thinning"] = units  # an old name, which is in layouts' digests
    for layer, (wide, narrow) in enumerate(pairwise(widths)):
        shapes |= {f"readout.{layer}.weight": (narrow, wide), f"readout.{layer}.bias": (narrow,)}
    return shapes


def _encoder(kind: str, layer: int, inputs: int, hidden: int, angles: int) -> Shapes:
    if not hidden:
        return {f"{kind}.{layer}": (angles, inputs)}
    name = f"{kind}.hidden.{layer}"
    return {f"{name}.weight": (hidden, inputs), f"{name}.bias": (hidden,), f"{kind}.{layer}": (angles, hidden)}


def layout_of(model: "StarGnn") -> AngleLayout:
    """Return names, periods and rotations of a network's entries, angles first."""
    names = weight_layout(model.shapes).names
    units, periods = model.layers * model.heads, list[float]()
    rotations: list[tuple[int, int, int]] = []
    own = iter(model.convolution.periods())
    for block in model.convolution.blocks:
        part = list(islice(own, block.num_angles))
        for _ in range(units):
            first = len(periods)
            rotations += [(first + a, first + b, first + c) for a, b, c in block.rotations]
            periods += part
    periods += [TWO_PI] * (4 * units)  # a Bloch vector's own angles: half a turn of one is its mirror image
    return AngleLayout(names, (*periods, *[inf] * (len(names) - len(periods))), tuple(rotations))


def initial_entry(model: "StarGnn", seed: int, name: str, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return what training starts from in one part.

    Args:
        model: The network.
        seed: Of the run.
        name: Of the part.
        shape: Of the part.
    """
    generator = stream(seed, "initial", name)
    if name in model.convolution.names:
        block = model.convolution.blocks[model.convolution.names.index(name)]
        return model.spread * generator.standard_normal(shape) + np.array(block.start or 0.0)
    if name.endswith("shift"):
        return generator.uniform(-pi, pi, shape)
    if name.endswith("bias") or name == "thinning":
        return np.zeros(shape)
    if name.endswith("weight"):
        return he_uniform(seed, name, shape)
    return generator.standard_normal(shape) / sqrt(shape[-1])
