"""`qfl reproduce --set sqm_gnn.update=FORM`: the model of the settings, whose layers are what its circuits do."""

from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
import torch

import qfl
from qfl.errors import ConfigError
from qfl.models.sqm_gnn import SqmGnn
from qfl.models.star_layer import exact, sampled
from qfl.quantum.blocks import BLOCKS
from qfl.quantum.exact import expectations
from qfl.quantum.noise import NoiseModel
from qfl.quantum.star_circuit import AXES, star_circuit
from qfl.seeds import stream
from qfl.studies.examples import module_of
from qfl.studies.request import Request, begin

CHECKOUT = Path(qfl.__file__).parent.parent
plan, training = (module_of(CHECKOUT / "examples" / "sqm_gnn", name) for name in ("plan", "training"))
SMALL = ["models=['sqm_gnn']", "setups=['printed']", "seeds=1", "pairs=2", "fewest-pairs=0", "readings=[]"]
SMALL += ["sqm_gnn.layers=1", "sqm_gnn.heads=2", "sqm_gnn.neighbour-subsampling=0"]
MESSAGES = [name for name, block in BLOCKS.items() if block.num_wires == 2]
UPDATES = [name for name, block in BLOCKS.items() if block.num_wires in (2, 3)]


def asked(folder: Path, *changes: str) -> Request:
    """Return what `qfl reproduce table1 --set ...` makes of its options."""
    file = CHECKOUT / "examples" / "sqm_gnn" / "table1.toml"
    return begin("table1", CHECKOUT, file, quick=False, seed=1, changes=[*SMALL, *changes], root=folder)


def model_of(request: Request) -> SqmGnn:
    """Return the model of the one training job, as `qfl reproduce` makes it."""
    (job,) = plan.training_jobs(request, plan.read_plan(request))
    model = training.make_model(job)
    assert isinstance(model, SqmGnn)
    return model


def on_statevector(convolution, angles):
    """Return a layer whose stars are run, head after head, as circuits of 2k + 1 qubits."""

    def run(layer, node, edge, index, kept=None):
        k, stars = index.shape[1:]
        heads = []
        for head in range(node.shape[1]):
            own = node[0, head]
            neighbour = own[:, index[0].flatten()].unflatten(-1, (k, stars))
            wires = torch.cat((own.unsqueeze(1), neighbour, edge[0, head]), 1)
            inputs = wires.permute(2, 1, 0).flatten(1)
            values = [
                expectations(star_circuit(k, convolution, axis), angles[0, layer, head], inputs).squeeze(-1)
                for axis in AXES
            ]
            heads.append(torch.stack(values))
        return torch.stack(heads)[None]

    return run


@pytest.mark.parametrize(("message", "update"), [*product(MESSAGES, UPDATES)])
def test_every_form_gives_the_powers_of_its_circuits(tmp_path, message, update):
    request = asked(tmp_path, f"sqm_gnn.update={update}")
    model = model_of(replace(request, settings={**request.settings, "sqm_gnn.message": message}))
    assert (model.message, model.update) == (message, update)
    links = training.draw_batch(training.scenario_of("printed", 2), 1, 1, "d2d-test", torch.float64)
    initial = model.initial(1)
    angles = torch.from_numpy(initial + stream(1, "forms").normal(0, 0.7, len(initial)))[None]  # far from the identity
    engine = sampled(NoiseModel()) if "exponential" in (message, update) else on_statevector
    stars = model.stars(links.snr[None])
    torch.testing.assert_close(
        model.outputs(angles, stars, exact), model.outputs(angles, stars, engine), atol=1e-9, rtol=0
    )


@pytest.mark.parametrize("update", ["nonsense", "", "Told", "5", "['told']"])
def test_another_form_is_one_sentence(tmp_path, update):
    with pytest.raises(ConfigError) as refusal:
        model_of(asked(tmp_path, f"sqm_gnn.update={update}"))
    (fault,) = refusal.value.faults
    assert "sqm_gnn" in fault and "expected a" in fault
