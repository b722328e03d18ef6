"""What is wrong with things of one's own, through ``qfl run``: one sentence, before training or of failed rounds."""

import sys

import pytest

from qfl.api.outcome import outcome
from qfl.cli import main
from qfl.cli.ending import ending
from qfl.results import RunFolder

OWN = """
import numpy as np
import pennylane as qp
import torch
from qfl import Gate, stream
from qfl.quantum.circuit import Angle
from qfl.scheduling.schedule import Schedule

def data(seed, rows=40, labels=3):
    x = stream(seed, "own").uniform(0.1, 1, size=(rows, 4))
    return x, np.arange(rows) % labels

def targets(seed):
    x, y = data(seed)
    return x, y + 0.25

def hole(seed):
    x, y = data(seed)
    x[7, 2] = np.nan
    return x, y

def short(seed):
    x, y = data(seed)
    return x, y[:-1]

def raises(seed):
    raise KeyError("no such band")

def nothing():
    return None

def held(seed):
    x, y = data(seed)
    return {"x": x, "y": y, "client": np.arange(40) % 2}

def gap(qubits, layers):
    yield Gate("RX", (0,), (Angle(0),))
    yield Gate("RX", (1,), (Angle(2),))

def beyond(qubits, layers):
    yield Gate("RX", (qubits,), (Angle(0),))

def words(qubits, layers):
    yield "RX"

@qp.qnode(qp.device("default.qubit"))
def measured(inputs, weights=np.zeros(2)):
    qp.AngleEmbedding(inputs, wires=range(4))
    qp.cond(qp.measure(0), qp.RX)(weights[0], wires=1)
    return [qp.expval(qp.Z(wire)) for wire in range(3)]

@qp.qnode(qp.device("default.qubit"))
def two(inputs, weights=np.zeros(4)):
    qp.AngleEmbedding(inputs, wires=range(4))
    qp.AngleEmbedding(weights, wires=range(4), rotation="Y")
    return [qp.expval(qp.Z(wire)) for wire in range(2)]

class Net(torch.nn.Module):
    def __init__(self, num_features, num_labels):
        super().__init__()
        self.layer = torch.nn.Linear(num_features, num_labels)

class Wide(Net):
    def forward(self, inputs):
        return torch.cat([self.layer(inputs)] * 2, -1)

class Raises(Net):
    def forward(self, inputs):
        return self.layer(inputs) @ self.layer(inputs)

class NotANumber(Net):
    def forward(self, inputs):
        return self.layer(inputs) * torch.nan

def longer(updates):
    return np.append(updates.mean(0), 0.0)

def later(updates, round_number):
    if round_number > 1:
        raise ZeroDivisionError("no client left")
    return updates.mean(0)

def infinite(updates):
    return updates.mean(0) / 0.0

def no_strategy(layout):
    return 7

def crowded(problem):
    return Schedule(np.zeros(problem.num_devices, int), np.full(problem.num_devices, 2 * problem.instance.max_power_w))

def none(problem):
    return None

def few(problem):
    return Schedule(np.zeros(1, int), np.full(1, problem.instance.max_power_w))

def unknown(problem):
    return Schedule(np.zeros(problem.num_devices, int), np.full(problem.num_devices, np.nan))

def far(distance_m):
    return np.full_like(distance_m, np.inf)
"""
SMALL = {
    **{"rounds": 3, "clients.count": 3, "threads": 1, "train.local-steps": 1, "security.algorithm": '"ML-DSA-44"'},
    **{"data.name": '"own.py:data"', "data.partition": '"iid"', "model.qubits": 4, "model.layers": 1},
}
RADIO = {"radio.on": "true"}
REFUSED = {
    "a file that imports what is not there": ({"strategy.name": "bad.py:mean"}, "bad.py raised ModuleNotFoundError"),
    "a file that is no Python": ({"strategy.name": "worse.py:mean"}, "worse.py is no Python ("),
    "a file that is not there": ({"data.name": "absent.py:data"}, "there is no file absent.py in the app's folder"),
    "a regression target with a classifier": (
        {"data.name": "own.py:targets"},
        "has label 0.25, expected a whole number",
    ),
    "a feature that is no number": ({"data.name": "own.py:hole"}, "the sample at index 7 has features that are not"),
    "a label too few": ({"data.name": "own.py:short"}, "give a row of numbers and one label for each sample"),
    "data that raise": (
        {"data.name": "own.py:raises"},
        "data.name: raises raised KeyError: 'no such band' (own.py, line",
    ),
    "no data": ({"data.name": "own.py:nothing"}, "own.py:nothing returned NoneType; return (x, y)"),
    "a client without samples": ({"data.name": "own.py:held", "data.partition": "natural"}, "clients.count = 3"),
    "more clients than samples": ({"clients.count": 50}, "clients.count = 50 at 1 or more samples each takes 50"),
    "fewer observables than classes": ({"model.qubits": 4, "data.my.labels": 40}, "40"),
    "a QNode of fewer classes": ({"model.name": "own.py:two"}, "measures 2 observables for 3 labels"),
    "a QNode that measures on its way": ({"model.name": "own.py:measured"}, "model.name: "),
    "an ansatz with an unused angle": ({"model.ansatz": "own.py:gap"}, "uses angle 2, but no gate uses angle 1"),
    "an ansatz beyond its wires": ({"model.ansatz": "own.py:beyond"}, "on wire 4; the wires are 0 to 3"),
    "an ansatz of words": ({"model.ansatz": "own.py:words"}, "yields str, which is no gate"),
    "a model of other outputs": ({"model.name": "own.py:Wide"}, "gives outputs of the shape"),
    "a model that raises": ({"model.name": "own.py:Raises"}, "raised RuntimeError"),
    "a model that gives no numbers": ({"model.name": "own.py:NotANumber"}, "outputs at its start are not finite"),
    "a strategy that is none": (
        {"strategy.name": "own.py:no_strategy"},
        "gives a int, expected a Strategy of Flower's",
    ),
    "a rule that gives another length": ({"strategy.name": "own.py:longer"}, "the rule longer gave an array of shape"),
    "a path loss that is endless": ({"radio.path-loss": "own.py:far", **RADIO}, "gives inf dB for device 0"),
}
FAILED = {
    "a schedule that breaks a constraint": ({"radio.solver": "own.py:crowded", **RADIO}, "broke a constraint"),
    "no schedule": ({"radio.solver": "own.py:none", **RADIO}, "gave a NoneType; give a Schedule"),
    "a schedule of other devices": ({"radio.solver": "own.py:few", **RADIO}, "radio.solver = 'own.py:few'"),
    "a schedule of no numbers": ({"radio.solver": "own.py:unknown", **RADIO}, "radio.solver = 'own.py:unknown'"),
    "a rule that raises in round 2": (
        {"strategy.name": "own.py:later", "rounds": 5},
        "rounds 2 to 4 failed, so the run stops; the last: OwnRule could not combine 3 valid replies: the rule later",
    ),
    "a rule that gives no numbers": ({"strategy.name": "own.py:infinite"}, "angles that are not finite"),
}


@pytest.fixture
def said(tmp_path, monkeypatch, capfd):
    """Give a function that runs a federation of one's own and returns exit code, complaints and the run's folder."""
    (tmp_path / "own.py").write_text(OWN)
    (tmp_path / "bad.py").write_text("import there_is_no_such_module\n")
    (tmp_path / "worse.py").write_text("def mean(updates:\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", *sys.path])

    def run(changes):
        text = {**SMALL, **{key: f'"{value}"' if key.endswith(KINDS) else value for key, value in changes.items()}}
        (tmp_path / "bad.toml").write_text("".join(f"{key} = {value}\n" for key, value in text.items()))
        code = main(["run", "bad.toml", "--set", "run.folder=out", "--json"])
        return code, capfd.readouterr().err, tmp_path / "out"

    yield run
    for name in [name for name in sys.modules if name.startswith("qfl_own_")]:
        del sys.modules[name]


KINDS = (".name", ".partition", ".ansatz", ".solver", ".path-loss")


@pytest.mark.parametrize("name", REFUSED)
def test_what_can_be_seen_before_training_is_one_sentence_and_leaves_nothing(name, said):
    changes, sentence = REFUSED[name]
    code, complaints, folder = said(changes)
    assert sentence in complaints and "Traceback" not in complaints, complaints
    assert (code, len(complaints.splitlines())) == (2, 1)
    assert not folder.exists()


@pytest.mark.parametrize("name", FAILED)
def test_what_shows_in_a_round_is_one_sentence_with_its_name(name, said):
    changes, sentence = FAILED[name]
    code, complaints, _ = said(changes)
    (line,) = complaints.splitlines()
    assert sentence in line and "nobody foresaw" not in line
    assert code == (2 if "radio.on" in changes else 1)


def test_rounds_that_fail_are_told_at_the_end_of_a_run_that_goes_on(said):
    code, complaints, folder = said({"strategy.name": "own.py:later"})
    assert (code, complaints) == (0, "")
    told = outcome(RunFolder(folder), folder / "report.html")
    assert told["failed_rounds"] == 2 and "ZeroDivisionError: no client left (own.py, line" in told["failure"]
    assert "failed   2 of these rounds, which changed nothing; OwnRule" in ending(RunFolder(folder), folder)
