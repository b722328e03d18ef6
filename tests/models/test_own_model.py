"""A model that a run file names: every kind is told apart, made, and trained; what is no model is refused.

Also covers own_checks.py.
"""

import sys
from textwrap import dedent
from typing import cast

import numpy as np
import pytest
import torch

from qfl.cli import main
from qfl.config import Settings
from qfl.errors import ConfigError
from qfl.models.one_client import OneClientModel
from qfl.models.vqc import Vqc
from qfl.tasks.build import build
from qfl.tasks.local import train_clients

GOOD = """
    import numpy as np
    import pennylane as qp
    import torch
    import qfl
    from qfl.models.circuit_layer import CircuitLayer
    from qfl.quantum.ansatze import classifier

    class Net(torch.nn.Module):
        def __init__(self, num_features, num_labels, hidden: int = 6):
            super().__init__()
            self.down, self.up = torch.nn.Linear(num_features, hidden), torch.nn.Linear(hidden, num_labels)

        def forward(self, inputs):
            return self.up(torch.relu(self.down(inputs)))

    class Hybrid(torch.nn.Module):
        def __init__(self, num_features, num_labels, qubits: int = 3):
            super().__init__()
            circuit = classifier("angle", "strongly_entangling", qubits, 1, qubits, qubits)
            self.down, self.up = torch.nn.Linear(num_features, qubits), torch.nn.Linear(qubits, num_labels)
            self.circuit_layer = CircuitLayer(circuit)

        def forward(self, inputs):
            return self.up(self.circuit_layer(torch.tanh(self.down(inputs))))

    def outputs(angles, inputs, gain: float = 3.0):
        return gain * torch.cos(inputs @ angles.view(-1, 10))

    outputs.num_angles = lambda num_features, num_labels: num_features * num_labels

    def turns(angles, inputs):
        return inputs @ angles.view(-1, 10) * (1.0 if float(angles[0].detach()) > 0 else 2.0)

    turns.num_angles = 640

    def program(inputs, weights):
        qp.AmplitudeEmbedding(inputs, wires=range(6), normalize=True)
        qp.StronglyEntanglingLayers(weights, wires=range(6))
        return [qp.expval(qp.Z(k)) for k in range(6)] + [qp.expval(qp.X(k)) for k in range(4)]

    program.weight_shapes = {"weights": (1, 6, 3)}
    node = qp.QNode(program, qp.device("default.qubit", wires=6))

    def circuit(num_features, num_labels, layers: int = 2):
        return classifier("amplitude", "real_ring", 6, layers, num_features, num_labels)

    class Whole:
        def __init__(self, num_features, num_labels):
            self.circuit = classifier("amplitude", "real_ring", 6, 2, num_features, num_labels)
            self.layout = self.circuit.layout()

        def initial(self, seed):
            return qfl.stream(seed, "initial").uniform(-0.5, 0.5, len(self.layout))

        def logits(self, angles, inputs):
            return 4 * qfl.expectations(self.circuit, angles, inputs)
"""

KINDS = {
    "Net": ({"model.my.hidden": 8}, 64 * 8 + 8 + 80 + 10, 0),
    "Hybrid": ({}, 64 * 3 + 3 + 9 + 40, 9),
    "outputs": ({"model.my.gain": 2.0}, 640, 0),
    "turns": ({}, 640, 0),
    "program": ({}, 18, 18),
    "node": ({"model.head": "scale-bias"}, 18 + 11, 18),
    "circuit": ({"model.my.layers": 3}, 18, 18),
    "Whole": ({}, 12, 12),
}

BAD = """
    import numpy as np
    import pennylane as qp
    import torch
    from qfl.quantum.circuit import Angle, Circuit, Feature, Gate

    class Base(torch.nn.Module):
        def __init__(self, num_features, num_labels):
            super().__init__()
            self.layer, self.other = torch.nn.Linear(num_features, num_labels), torch.nn.Identity()

        def forward(self, inputs):
            return self.layer(self.other(inputs))

    class Buffers(Base):
        def __init__(self, num_features, num_labels):
            super().__init__(num_features, num_labels)
            self.other = torch.nn.BatchNorm1d(num_features)

    class Batch(Base):
        def __init__(self, num_features, num_labels):
            super().__init__(num_features, num_labels)
            self.other = torch.nn.BatchNorm1d(num_features, track_running_stats=False)

    class Drops(Base):
        def __init__(self, num_features, num_labels):
            super().__init__(num_features, num_labels)
            self.other = torch.nn.Dropout(0.5)

    class Few(Base):
        def __init__(self, num_features, num_labels):
            super().__init__(num_features, 3)

    class Blind(Base):
        def forward(self, inputs):
            return self.layer(torch.zeros_like(inputs))

    class Unused(Base):
        def __init__(self, num_features, num_labels):
            super().__init__(num_features, num_labels)
            self.idle = torch.nn.Linear(3, 3)

    class Empty(torch.nn.Module):
        def forward(self, inputs):
            return inputs[:, :10]

    def of(size, **attributes):
        def wrap(function):
            function.num_angles = size
            vars(function).update(attributes)
            return function
        return wrap

    @of(640)
    def infinite(angles, inputs):
        return inputs @ angles.view(64, 10) / 0

    @of(640)
    def complex_numbers(angles, inputs):
        return torch.complex(inputs @ angles.view(64, 10), inputs @ angles.view(64, 10))

    @of(641)
    def idle(angles, inputs):
        return inputs @ angles[:640].view(64, 10)

    @of(640, periods=6.283)
    def no_period(angles, inputs):
        return inputs @ angles.view(64, 10)

    @of(640)
    def raises(angles, inputs):
        raise KeyError("left")

    @of(640)
    def listed(angles, inputs):
        return [1.0] * 10

    @of(640)
    def changes(angles, inputs):
        inputs += 1
        return inputs @ angles.view(64, 10)

    @of(640, initial=lambda seed: np.full(640, np.nan))
    def no_start(angles, inputs):
        return inputs @ angles.view(64, 10)

    @of(640, initial=lambda seed: np.random.rand(640))
    def no_seed(angles, inputs):
        return inputs @ angles.view(64, 10)

    def silent(angles, inputs):
        return inputs @ angles.view(64, 10)

    def text(num_features):
        return "a model"

    def asks(num_features, depth):
        return Base(num_features, 10)

    def idle_weights(inputs, weights=torch.zeros(3, 6)):
        qp.AngleEmbedding(inputs[:6], wires=range(6))
        qp.BasicEntanglerLayers(weights[:2], wires=range(6))
        return [qp.expval(qp.Z(k)) for k in range(6)]

    def mid_circuit(inputs, weights=torch.zeros(1, 6)):
        qp.AngleEmbedding(inputs[:6], wires=range(6))
        qp.measure(0)
        qp.BasicEntanglerLayers(weights, wires=range(6))
        return [qp.expval(qp.Z(k)) for k in range(6)]

    def few_observables(inputs, weights=torch.zeros(1, 6)):
        qp.AngleEmbedding(inputs[:6], wires=range(6))
        qp.BasicEntanglerLayers(weights, wires=range(6))
        return [qp.expval(qp.Z(k)) for k in range(6)]

    def of_two_features():
        return Circuit(1, (Gate("RX", (0,), (Feature(1),)), Gate("RY", (0,), (Angle(0),))), ((0,),), num_features=2)

    def gap():
        return Circuit(1, (Gate("RX", (0,), (Angle(1),)),), ((0,),))

    made = torch.nn.Linear(64, 10)
    three = 3
"""

REFUSED = {
    "Buffers": "has the buffer 'other.running_mean'",
    "Batch": "gives a sample other outputs in another batch",
    "Drops": "gives other outputs when it is called again",
    "Few": "gives outputs of the shape (12, 3) for 12 samples and 10 labels; give (12, 10)",
    "Blind": "gives all samples the same outputs",
    "Unused": "has the entry 'idle.weight.0.0', which changes no output",
    "Empty": "has no parameters",
    "infinite": "120 of 120 outputs at its start are not finite",
    "complex_numbers": "outputs are torch.complex64; give a tensor of real numbers",
    "idle": "has the entry 'angle.640', which changes no output",
    "no_period": "has the period 6.2830, but its outputs change with it",
    "raises": "raised KeyError: 'left'",
    "listed": "outputs are list; give a tensor of real numbers",
    "changes": "changes its arguments",
    "no_start": "640 entries of initial(seed) are not finite",
    "no_seed": "starts anew at every call",
    "silent": "does not say how many angles; set silent.num_angles",
    "text": "gives str; give a torch.nn.Module",
    "asks": "asks asks for 'depth'; give it as model.my.depth",
    "idle_weights": "never uses weights.12 in a gate",
    "mid_circuit": "measures in the middle of the circuit",
    "few_observables": "the circuit measures 6 observables for 10 labels",
    "of_two_features": "the circuit encodes 2 features, but a sample has 64",
    "gap": "angle indices must be 0, 1, 2",
    "made": "is a network that is made already",
    "three": "int is no function and no class",
    "Base.missing": "has no 'Base.missing'",
}


@pytest.fixture
def app(tmp_path, monkeypatch):
    (tmp_path / "good.py").write_text(dedent(GOOD))
    (tmp_path / "bad.py").write_text(dedent(BAD))
    (tmp_path / "broken.py").write_text("import nowhere_to_be_found\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    return tmp_path


def federation(name, **flat):
    common = {"model.name": name, "clients.count": 4, "precision": "double", "train.learning-rate": 0.1}
    return build(Settings.from_flat(common | flat))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_made_and_trains_alike_one_by_one_and_at_once(app, kind):
    own, entries, angles = KINDS[kind]
    found = federation(f"good.py:{kind}", **own)
    layout, start = found.model.layout, found.model.initial(1)
    assert (len(layout), layout.num_angles) == (entries, angles)
    together = train_clients(found, start, 1, range(4))
    alone = [update for client in range(4) for update in train_clients(found, start, 1, [client])]
    for one, other in zip(together, alone, strict=True):
        assert np.allclose(one.angles, other.angles, atol=1e-9) and abs(one.angles - start).max() > 1e-4


def test_what_vmap_cannot_run_takes_turns_and_says_so(app, caplog):
    assert not cast("OneClientModel", federation("good.py:turns").model).vmapped
    assert "torch.vmap cannot run it" in caplog.text and "clients take turns" in caplog.text


def test_a_circuit_of_ones_own_runs_on_a_device_to_the_same_numbers(app):
    exact = federation("good.py:circuit", **{"data.side": 4, "model.my.layers": 1})
    device = federation("good.py:circuit", **{"data.side": 4, "model.my.layers": 1, "engine": "pennylane"})
    angles = torch.from_numpy(exact.model.initial(1))
    batch = exact.samples.take(torch.tensor([[0, 1, 2]]), torch.ones(1, 3, dtype=torch.float64))
    one, other = (each.task_of(0, 1).metrics(angles[None], batch)["loss"] for each in (exact, device))
    assert isinstance(exact.model, Vqc) and torch.allclose(one, other, atol=1e-6)


def test_a_model_of_ones_own_learns_targets_too(app):
    x = np.random.default_rng(1).normal(size=(60, 3))
    np.savez(app / "plane.npz", x=x, y=x @ [1.0, -2.0, 0.5])
    flat = {"task": "regress", "data.name": "plane.npz", "data.root": str(app), "data.partition": "iid"}
    found = federation("good.py:Net", **flat)
    start = found.model.initial(1)
    updates = train_clients(found, start, 1, range(4))
    batch = found.test_batch
    losses = [
        float(found.task.evaluate(torch.from_numpy(angles), batch)[0]["loss"])
        for angles in (start, np.mean([update.angles for update in updates], axis=0))
    ]
    assert len(found.model.layout) == 3 * 6 + 6 + 6 + 1 and losses[1] < losses[0]


def test_the_digest_covers_the_file_and_its_settings(app):
    first = federation("good.py:Net").digest
    assert first != federation("good.py:Net", **{"model.my.hidden": 9}).digest
    settings = Settings.from_flat({"model.name": "good.py:Net", "clients.count": 5})
    found = build(settings)
    (app / "good.py").write_text(dedent(GOOD).replace("torch.relu", "torch.tanh"))
    assert build(settings, as_read=True) is found, "a run goes on with what it began with"
    assert build(settings) is not found and first != federation("good.py:Net").digest


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_model_is_one_sentence_before_training(app, name):
    with pytest.raises(ConfigError) as caught:
        federation(f"bad.py:{name}", precision="single")
    (sentence,) = caught.value.faults
    assert REFUSED[name] in sentence and sentence.startswith("model.name") and "\n" not in sentence


@pytest.mark.parametrize(
    "flat, word",
    [
        ({"model.name": "broken.py:Net"}, "raised ModuleNotFoundError"),
        ({"model.name": "absent.py:Net"}, "there is no file absent.py"),
        ({"model.name": "good.py:node", "model.my.layers": 2}, "takes no settings"),
        ({"model.name": "good.py:Net", "model.my.hiden": 2}, "did you mean 'hidden'"),
        ({"model.name": "good.py:Net", "engine": "pennylane"}, 'use engine = "exact"'),
        ({"model.name": "good.py:Net", "task": "d2d"}, "does not go with task = 'd2d'"),
    ],
)
def test_the_command_line_says_so_and_makes_no_run(app, flat, word, capsys):
    (app / "run.toml").write_text("rounds = 1\nclients.count = 4\n")
    chosen = [word for key, value in flat.items() for word in ("--set", f"{key}={value}")]
    assert main(["run", "run.toml", *chosen]) == 2
    said = capsys.readouterr().err
    assert word in said and "Traceback" not in said and not list((app / "runs").glob("*"))
