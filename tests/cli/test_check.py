"""``qfl check``: sound objects of every kind pass, broken ones are told in words, and mistakes are one sentence.

Also covers qfl/testing/own/cases.py, qfl/testing/own/channels.py, qfl/testing/own/circuits.py,
qfl/testing/own/datasets.py, qfl/testing/own/kinds.py, qfl/testing/own/models.py, qfl/testing/own/recognise.py,
qfl/testing/own/solvers.py, qfl/testing/own/strategies.py.
"""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
import torch
from dimod import ExactSolver
from flwr.serverapp.strategy import FedAvg

from qfl.cli import check as command
from qfl.cli import main
from qfl.errors import ConfigError
from qfl.testing.own.cases import known_names
from qfl.testing.own.kinds import KINDS
from qfl.testing.own.recognise import kind_of

OWN = """
import numpy as np
import torch
from flwr.serverapp.strategy import FedAvg
from qfl import AngleLayout, Circuit, Gate, stream
from qfl.quantum.circuit import Angle, Feature
from qfl.scheduling.schedule import Schedule

def data(seed, rows=40):
    x = stream(seed, "own").uniform(size=(rows, 4))
    return x[10:], (x[10:, 0] > 0.5).astype(int), x[:10], (x[:10, 0] > 0.5).astype(int)

def leaky(seed):
    x, y, x_test, y_test = data(seed)
    return x, y, x[:5], y[:5]

def hole(seed):
    x, y, *test = data(seed)
    x[3, 1] = np.nan
    return x, y, *test

def brick(qubits, layers, turn="RX"):
    for k in range(layers * qubits):
        yield Gate(turn, (k % qubits,), (Angle(k),))
        yield Gate("CNOT", (k % qubits, (k + 1) % qubits))

def gap(qubits, layers):
    yield Gate("RX", (0,), (Angle(1),))

def turned(qubits, num_features):
    return [Gate("RY", (wire,), (Feature(wire),)) for wire in range(num_features)]

def deaf(qubits, num_features):
    return [Gate("H", (0,))]

class Linear:
    def __init__(self, num_features, num_labels, noise=0.0):
        self.shape, self.noise = (num_features, num_labels), noise
        names = tuple(map(str, range(num_features * num_labels)))
        self.layout = AngleLayout(names, (np.inf,) * len(names))
    def initial(self, seed):
        return stream(seed, "initial").normal(size=len(self.layout))
    def logits(self, angles, inputs):
        values = inputs @ angles.reshape(*angles.shape[:-1], *self.shape)
        return values + self.noise * torch.rand_like(values)

class Short(Linear):
    def logits(self, angles, inputs):
        return super().logits(angles, inputs)[..., :-1]

def mean(updates, weights):
    return weights @ updates / weights.sum()

def drifting(updates):
    return updates.mean(0) + 0.01

def first(updates):
    return updates[0]

def make(layout, share=1.0):
    return FedAvg(fraction_train=share, min_available_nodes=7)

def fewer(layout):
    return FedAvg(fraction_train=0.5)

def solve(problem, seed):
    power_w = np.full(problem.num_devices, problem.instance.max_power_w)
    return Schedule(np.arange(problem.num_devices) % problem.num_channels, power_w)

def strong(problem):
    return Schedule(np.zeros(problem.num_devices, int), np.full(problem.num_devices, 2 * problem.instance.max_power_w))

def steep(distance_m, slope=40.0):
    return 100 + slope * np.log10(distance_m / 1000)

def nowhere(distance_m):
    return np.where(distance_m > 1, np.nan, 100.0)

def links(generator, count, num_pairs):
    return generator.standard_exponential((count, num_pairs, num_pairs))

def same(count, num_pairs):
    return np.ones((count, num_pairs, num_pairs))

def mystery(x):
    return x
"""
SOUND = {
    **{"data": "dataset", "brick": "ansatz", "turned": "encoding", "Linear": "model", "mean": "rule"},
    **{"make": "strategy", "solve": "solver", "steep": "channel", "links": "links"},
}
BROKEN = {
    "leaky": "no test image is a training image: 5 images are in both",
    "hole": "a run can make it: own.py:hole (training): the sample at index 3 has features that are not finite",
    "gap": "a run can make it: model.ansatz: gap uses angle 1, but no gate uses angle 0; number them 0, 1, 2, ...",
    "deaf": "another sample gives other values: no value changes with the sample; encode its features",
    "Short": "a run can make it: model.name: own.py:Short gives outputs of the shape (3, 2) for 3 samples and 3 labels",
    "drifting": "if nobody moves, the angles stay: an angle moves by 0.03",
    "first": "the order of clients does not matter: an angle is off by",
    "fewer": "if nobody moves the angles stay: 3 of 7 clients are asked",
    "strong": "no constraint is broken: radio.solver = 'own.py:strong' broke a constraint",
    "nowhere": "a run can make it: path-loss = 'own.py:nowhere' gives nan dB",
    "same": "samples are drawn afresh, and links have gains of their own",
}


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """Give a folder of somebody's that is no app."""
    (tmp_path / "own.py").write_text(OWN)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("qfl_own_")]:
        del sys.modules[name]


@pytest.fixture
def checked(capfd):
    """Give a function that runs the command and returns its exit code, output and complaints."""

    def run(*words):
        code = main(["check", *words])
        return code, *capfd.readouterr()

    return run


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_object_of_every_kind_passes_and_its_kind_is_told_by_its_shape(name, checked):
    code, output, complaints = checked(f"own.py:{name}", "--json")
    assert (code, complaints) == (0, "")
    (row,) = json.loads(output)["objects"]
    assert row["kind"] == SOUND[name] and len(row["checks"]) > 5
    assert all(each["passed"] and not each["fault"] for each in row["checks"])


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_object_fails_in_words(name, checked):
    code, output, _ = checked(f"own.py:{name}")
    assert code == 1
    failed = [line for line in output.splitlines() if "FAILED" in line]
    assert any(BROKEN[name] in line for line in failed), failed
    assert output.splitlines()[-1].endswith(f" {len(failed)} failed")


def test_a_run_file_and_a_folder_are_checked_by_what_they_name(checked, place):
    own = ['data.name = "own.py:data"', 'strategy.name = "own.py:first"', "clients.count = 3", "rounds = 2"]
    (place / "one.toml").write_text("\n".join(own))
    (place / "two.toml").write_text("\n".join([*own, "seed = 4"]))
    (place / "panel.toml").write_text('panel = ["random"]\n')
    code, output, _ = checked("one.toml", "--json")
    assert code == 1
    assert [(row["kind"], row["passed"]) for row in json.loads(output)["objects"]] == [
        ("dataset", True),
        ("strategy", False),
    ]
    code, output, _ = checked(".", "--json")
    found = json.loads(output)
    assert code == 1 and found["skipped"] == ["panel.toml is no run file"]
    assert [(row["key"], row["file"]) for row in found["objects"]] == [
        ("data.name", "one.toml"),
        ("strategy.name", "one.toml"),
    ]


def test_what_has_no_kit_is_told(checked, place):
    own = ['data.name = "own.py:data"', 'clients.selection = "own.py:mystery"', "clients.count = 3"]
    (place / "one.toml").write_text("\n".join(own))
    code, output, _ = checked("one.toml")
    assert code == 0
    assert "clients.selection = 'own.py:mystery' of one.toml has no kit; it was not looked at" in output


def test_tables_of_samples_are_checked_too(checked, place):
    x = np.linspace(0, 1, 80).reshape(20, 4)
    np.savez(place / "own.npz", x=x, y=np.arange(20) % 2)
    (place / "table.toml").write_text('data.name = "own.npz"\ndata.root = "."\nclients.count = 30\n')
    code, output, _ = checked("table.toml")
    assert code == 1 and "FAILED  30 clients can share it as the settings say" in output
    assert checked("table.toml", "--set", "clients.count=2", "--set", "data.partition=iid")[0] == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["own.py"], "own.py is a whole file; say which object of it, such as own.py:data"),
        (["own.py:absent"], "NAME = 'own.py:absent': own.py has no 'absent'"),
        (["absent.py:f"], "NAME = 'absent.py:f': there is no file absent.py in the app's folder"),
        (["own.py:mystery"], "own.py:mystery: neither its type nor its arguments tell what it is; give --kind"),
        (["own.py:np"], "NAME: numpy is no function and no class; give one"),
        (["fedadan"], "'fedadan' is no name that qfl knows, and no file; did you mean 'fedadam'?"),
        (["fedadam", "--kind", "solver"], "'fedadam' is no solver that qfl knows"),
        (["absent.toml"], "cannot read run file 'absent.toml'"),
        (["plain.toml"], "plain.toml names no object of your own, so there is nothing to check"),
        (["plain.toml", "--kind", "rule"], "plain.toml names objects by settings, so leave it out"),
        (["a-pipe"], "a-pipe is neither a file nor a folder"),
        (["empty"], "empty has no run file (*.toml)"),
        (["own.py:mean", "--set", "strategy.name=median"], "name two objects; leave one of them out"),
        (["own.py:mean", "--set", "strategi.name=median"], "unknown setting 'strategi.name'"),
        (["own.py:mean", "--kind", "fish"], "argument --kind: invalid choice: 'fish'"),
    ],
)
def test_a_mistake_is_one_sentence(words, said, checked, place):
    (place / "plain.toml").write_text("rounds = 3\n")
    (place / "empty").mkdir()
    os.mkfifo(place / "a-pipe")
    code, output, complaints = checked(*words)
    assert (code, output) == (2, "")
    assert said in complaints and len(complaints.splitlines()) == 1


def test_the_kind_that_is_given_is_the_one_that_is_tried(checked):
    code, output, _ = checked("own.py:mystery", "--kind", "solver")
    assert code == 1 and "FAILED  a run can make it: radio.solver: mystery asks for 'x'" in output


def test_samplers_and_strategies_are_known_by_their_type():
    things = {"solver": ExactSolver, "strategy": FedAvg, "model": torch.nn.Linear}
    assert [kind_of(thing, "NAME") for thing in things.values()] == list(things)
    with pytest.raises(ConfigError, match="NAME: int is no function and no class; give one"):
        kind_of(7, "NAME")


def test_every_kind_can_be_asked_for_and_every_name_of_ours_has_one_kind(checked):
    assert tuple(KINDS) == command.KINDS
    checked("mlp")
    names = [name for row in known_names().values() for name in row]
    assert len(names) == len(set(names)) > 60


@pytest.mark.parametrize("name", ["mlp", "edge_classical", "fedprox", "tdma_lpt", "digits", "rayleigh", "angle"])
def test_names_of_ours_pass(name, checked):
    assert checked(name)[0] == 0


def test_without_pytest_what_an_object_prints_is_off_the_output_and_its_own_settings_reach_it(place):
    (place / "loud.py").write_text("def mean(updates, decay):\n    print(decay)\n    return updates.mean(0)\n")
    program = "import sys; sys.modules['pytest'] = None; from qfl.cli import main; sys.exit(main(sys.argv[1:]))"
    words = ["check", "loud.py:mean", "--set", "strategy.my.decay=12345", "--json"]
    done = subprocess.run([sys.executable, "-c", program, *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["passed"] and "12345\n" in done.stderr
