"""Every angle of every model: its period changes nothing, half and a third of it change something."""

from dataclasses import replace
from itertools import product
from math import isfinite

import numpy as np
import pytest
import torch

from qfl.config import ModelSettings
from qfl.models.ap_user_gnn import ApUserGnn
from qfl.models.cloud_edge.cloud import make_cloud
from qfl.models.cloud_edge.edge import make_edge
from qfl.models.qgnn import Qgnn
from qfl.models.qsgcn import Qsgcn
from qfl.models.sqm_gnn import SqmGnn
from qfl.models.star_layer import exact
from qfl.models.vqc import Vqc
from qfl.quantum.ansatze import ANSATZE
from qfl.quantum.blocks import BLOCKS
from qfl.quantum.convolution import Convolution
from qfl.seeds import stream
from qfl.wireless.cell_free.network import CellFree

TWO_WIRES = [name for name, block in BLOCKS.items() if block.num_wires == 2]
UPDATES = ("cartan", "controlled", "conditional", "gated", "cartan_gated")
FORMS = [*product(TWO_WIRES, UPDATES), ("conditional", "triangle"), ("gated",), ("cartan_gated",), ("triangle",)]


def draw(name, *shape):
    return torch.from_numpy(stream(3, "periods", name).uniform(-2, 2, shape))


def check(periods, vector, values):
    """Shift every angle at once, as many clients: by a length that is no period, by its period, and by parts of it."""
    angles = [index for index, period in enumerate(periods) if isfinite(period)]
    base, found = values(vector[None]), {}
    for name, shift in (("any", None), ("whole", 1), ("half", 1 / 2), ("third", 1 / 3)):
        moved = vector.repeat(len(angles), 1)
        for row, index in enumerate(angles):
            moved[row, index] += 1.0 if shift is None else shift * periods[index]
        found[name] = (values(moved) - base).abs().flatten(1).amax(1)
    seen = found["any"] > 1e-9  # the others change nothing wherever they stand
    assert (found["whole"] < 1e-11).all()
    assert seen.any() and (found["half"][seen] > 1e-9).all() and (found["third"][seen] > 1e-9).all()
    assert (found["half"][~seen] < 1e-11).all()


@pytest.mark.parametrize(("ansatz", "encoding"), [*product(ANSATZE, ("amplitude", "angle", "reupload"))])
def test_classifiers(ansatz, encoding):
    model = Vqc(ModelSettings(ansatz=ansatz, encoding=encoding, qubits=3, layers=3, head="scale-bias"), 3, 3)
    inputs = draw("samples", 4, 3)
    check(
        model.layout.periods,
        draw("vector", len(model.layout)),
        lambda v: model.logits(v, inputs.expand(len(v), -1, -1)),
    )


@pytest.mark.parametrize("forms", FORMS)
def test_star_circuits(forms):
    """The angles of the unitaries, which all layers and heads have alike."""
    convolution, index = Convolution(*forms), torch.tensor([[[1, 0], [0, 0]]])
    node, edge = draw("node", 1, 1, 2, 2), draw("edge", 1, 1, 2, 2, 2)

    def values(vectors):
        shared = (part.expand(len(vectors), *part.shape[1:]) for part in (node, edge, index))
        return exact(convolution, vectors[:, None, None])(0, *shared)

    check(convolution.periods(), draw("vector", convolution.num_angles), values)


@pytest.mark.parametrize(
    "model",
    [
        SqmGnn(layers=2, heads=1, hidden=(3,), neighbour_subsampling=0),
        SqmGnn(layers=1, heads=2, hidden=(3,), neighbour_subsampling=1, message="controlled", update="conditional"),
        Qgnn(layers=1, heads=1, hidden=(3,)),
        Qgnn(layers=1, heads=1, hidden=(3,), unitary="gated"),
        Qsgcn(layers=2),
    ],
)
def test_models_of_powers(model):
    gain = 10 ** draw("gain", 1, 1, 4, 4)
    vector = draw("vector", len(model.layout)) / 2
    check(model.layout.periods, vector, lambda v: model.powers(v, gain.expand(len(v), -1, -1, -1)))


def test_access_points_and_users():
    model, gain = ApUserGnn(layers=1, heads=1, width=3), 10 ** draw("gain", 1, 1, 2, 2, 2)
    vector = draw("vector", len(model.layout)) / 2
    check(model.layout.periods, vector, lambda v: model.choose(v, gain.expand(len(v), *gain.shape[1:]), 0.1).logit)
    assert not any(map(isfinite, replace(model, classical=True).layout.periods))


@pytest.mark.parametrize("name", ["edge_printed", "edge_plus"])
def test_edges(name):
    """The printed one turns some qubits twice by the same angle: their period is pi."""
    edge = make_edge(name, CellFree())
    circuit = edge.circuit
    features = draw("features", 1, 3, circuit.num_features)
    periods, vector = np.array(edge.layout.periods[: circuit.num_angles]), draw("vector", circuit.num_angles)
    check(periods, vector, lambda v: _expectations(circuit, v, features))
    assert (np.pi in periods) == (name == "edge_printed")


@pytest.mark.parametrize("name", ["as_published", "extended"])
def test_clouds(name):
    cloud = make_cloud(name, CellFree())
    circuits = [cloud.circuit] if name == "as_published" else [response.circuit for response in cloud.responses]
    for circuit in circuits:
        features = draw("features", 1, 2, circuit.num_features)
        check(
            circuit.layout().periods,
            draw("vector", circuit.num_angles),
            lambda v, c=circuit, f=features: _expectations(c, v, f),
        )
    own = [period for circuit in circuits for period in circuit.layout().periods]
    assert [period for period in cloud.layout.periods if isfinite(period)] == own


def _expectations(circuit, vectors, features):
    from qfl.quantum.exact import expectations

    return expectations(circuit, vectors, features.expand(len(vectors), -1, -1))
