"""Strategies of users' own: what they remember survives a failed round and a resumption, or is refused by name.

The reference keeps one object through all rounds, without any of our code for state.

Also covers qfl/federation/strategy/global_draws.py.
"""

import io
import itertools
import json
import random
import threading
from collections import Counter, OrderedDict, defaultdict, deque
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from flwr.app import Array, ArrayRecord
from flwr.serverapp.strategy import (
    DifferentialPrivacyServerSideAdaptiveClipping,
    DifferentialPrivacyServerSideFixedClipping,
    FedAdam,
    FedAvg,
    FedAvgM,
    FedMedian,
)

from qfl.errors import ConfigError, RunFolderError
from qfl.federation.records.messages import to_record
from qfl.federation.strategy.every_node import ANY_FLEET
from qfl.federation.strategy.global_draws import draws_of
from qfl.federation.strategy.state import changed_since, restore_state, snapshot
from qfl.federation.strategy.step import has_step, own_step, set_round
from qfl.results import RunFolder
from qfl.seeds import stream

START = np.array([0.3, 1.2, -0.5, 3.1, -2.0, 0.7])


class Moved(FedMedian):
    """A median whose result a subclass moves by what it remembers."""

    def aggregate_train(self, server_round, replies):
        arrays, metrics = super().aggregate_train(server_round, replies)
        if arrays is None:
            return None, None
        return to_record(self.move(arrays["angles"].numpy())), metrics

    def move(self, angles):
        return angles


class Momentum(Moved):
    """State that comes to be in the first round."""

    def move(self, angles):
        self.velocity = 0.5 * getattr(self, "velocity", 0.0) + angles
        return self.velocity


class Mine(FedAvgM):
    pass


class ThirdMoment(FedAdam):
    def aggregate_train(self, server_round, replies):
        arrays, metrics = super().aggregate_train(server_round, replies)
        if arrays is not None:
            found = arrays["angles"].numpy()
            self.third = 0.9 * getattr(self, "third", np.zeros_like(found)) + found**3
            arrays = to_record(found + 1e-3 * self.third)
        return arrays, metrics


@dataclass
class Moments:
    first: list = field(default_factory=list)


@dataclass(frozen=True)
class Constants:
    decay: float = 0.5
    names: tuple = ("a", "b")


class Late(Moved):
    """Containers of arrays, and a generator, that come to be in the first round; keys are numbers and pairs."""

    def move(self, angles):
        if not hasattr(self, "history"):
            self.history, self.by_client, self.rng = [], {}, np.random.default_rng(3)
            self.counts, self.queue = Counter(a=1), deque([angles.copy()], maxlen=2)
        self.history.append(angles.copy())
        self.by_client[len(self.history), "x"] = (angles / 2, {"half": np.float32(0.25)})
        self.queue.append(angles.copy())
        self.counts["a"] += 1
        return self.rng.normal(size=len(angles)) + sum(self.queue) * self.counts["a"] + self.history[0]


class Generators(Moved):
    def __init__(self, **options):
        super().__init__(**options)
        self.numpy, self.legacy = np.random.default_rng(1), np.random.RandomState(1)
        self.bits = np.random.Generator(np.random.MT19937(4))
        self.python, self.torch = random.Random(1), torch.Generator().manual_seed(1)

    def move(self, angles):
        drawn = torch.rand(len(angles), generator=self.torch, dtype=torch.float64).numpy()
        return angles + self.numpy.normal() + self.legacy.rand() + self.python.random() + drawn + self.bits.random()


class Optimiser(Moved):
    """A torch optimiser at the server: an object of a library, so its state is declared."""

    def __init__(self, **options):
        super().__init__(**options)
        self.angles = torch.nn.Parameter(torch.from_numpy(START.copy()))
        self.optimizer = torch.optim.Adam([self.angles], lr=0.1)

    def state(self):
        return {"angles": self.angles.detach(), "optimizer": self.optimizer.state_dict()}

    def load_state(self, state):
        self.angles.data.copy_(state["angles"])
        self.optimizer.load_state_dict(state["optimizer"])

    def move(self, angles):
        self.angles.grad = self.angles.detach() - torch.from_numpy(angles)
        self.optimizer.step()
        return self.angles.detach().numpy().copy()


class Types(Moved):
    """Numbers and containers of all kinds, and code and settings that never change."""

    def __init__(self, **options):
        super().__init__(**options)
        self.numbers = [1, 2**70, 1.5, float("inf"), 2j, True, None, b"x", np.int8(3), np.float32(0.1)]
        self.lock, self.path, self.pick, self.kind = threading.Lock(), Path("a"), partial(np.add, 1.0), float
        self.begun, self.constants, self.shift = (
            datetime(2026, 1, 1),
            Constants(),
            lambda x, by=options["min_train_nodes"]: x + by,
        )
        self.pair, self.order, self.seen = frozenset([1]), OrderedDict(z=1, a=2), {3}
        self.record, self.tensor = ArrayRecord({"a": Array(np.zeros(2))}), torch.zeros(6, dtype=torch.float64)

    def move(self, angles):
        self.numbers[0] += 1
        self.numbers[1] *= 3
        self.numbers[8] = np.int8(self.numbers[8] + 1)
        self.seen.add(len(self.seen))
        self.record["a"] = Array(self.record["a"].numpy() + angles[:2])
        self.tensor += torch.from_numpy(angles)
        extra = float(self.numbers[8]) + len(self.seen) + self.record["a"].numpy().sum() + self.shift(0)
        return self.pick(angles) * self.numbers[0] + extra + float(self.numbers[1] % 7) + self.tensor.numpy()


class Declared(Mine):
    """Declares its own moment alone, and holds what nothing can save; FedAvgM's velocity is kept all the same."""

    def __init__(self, **options):
        super().__init__(**options)
        self.own, self.names = 0.0, itertools.count()

    def state(self):
        return {"own": self.own}

    def load_state(self, state):
        self.own = state["own"]

    def aggregate_train(self, server_round, replies):
        arrays, metrics = super().aggregate_train(server_round, replies)
        if arrays is not None:
            self.own = self.own + arrays["angles"].numpy()
            arrays["angles"] = Array(arrays["angles"].numpy() + 0.1 * self.own)
        return arrays, metrics


class DeclaredWithin(Declared):
    """What the strategy within a wrapper declares is kept, with what Flower's class beneath it carries on."""


STRATEGIES = {
    "a median with momentum": lambda: Momentum(**ANY_FLEET),
    "FedAvgM by another name": lambda: Mine(**ANY_FLEET, server_momentum=0.9, server_learning_rate=0.1),
    "FedAdam with a moment more": lambda: ThirdMoment(**ANY_FLEET),
    "containers that come later": lambda: Late(**ANY_FLEET),
    "random generators": lambda: Generators(**ANY_FLEET),
    "a torch optimiser": lambda: Optimiser(**ANY_FLEET),
    "values of all types": lambda: Types(**ANY_FLEET),
    "a declared state": lambda: Declared(**ANY_FLEET, server_momentum=0.9),
    "a wrapped declared state": lambda: DifferentialPrivacyServerSideFixedClipping(
        DeclaredWithin(**ANY_FLEET, server_momentum=0.9), 0.5, 1.0, 7
    ),
    "a wrapped FedAdam": lambda: DifferentialPrivacyServerSideFixedClipping(FedAdam(**ANY_FLEET), 0.5, 1.0, 7),
    "a wrapped median": lambda: DifferentialPrivacyServerSideFixedClipping(Momentum(**ANY_FLEET), 0.0, 1.0, 7),
    "adaptive clipping": lambda: DifferentialPrivacyServerSideAdaptiveClipping(Mine(**ANY_FLEET), 0.5, 7),
    "two wrappers": lambda: DifferentialPrivacyServerSideFixedClipping(
        DifferentialPrivacyServerSideAdaptiveClipping(ThirdMoment(**ANY_FLEET), 0.1, 7), 0.1, 1.0, 7
    ),
}


@pytest.fixture
def rounds(run_round):
    """Give a function that plays rounds in which every client goes its own way; only one round's replies count."""

    def play(strategy, angles, numbers):
        for number in numbers:
            with draws_of(1, number):
                angles = run_round(strategy, angles, number, scatter(number))
        return angles

    return play


def scatter(number):
    return lambda received, client: received + stream(1, number, client).normal(0, 0.2, len(received))


@pytest.mark.parametrize("name", STRATEGIES)
def test_after_a_failed_round_and_a_resumption_the_bits_are_those_of_one_object(name, rounds, tmp_path):
    whole = rounds(STRATEGIES[name](), START, (1, 2, 3, 4))
    before = STRATEGIES[name]()
    made = snapshot(before)
    angles = rounds(before, START, (1, 2))
    memory = changed_since(made, before)
    rounds(before, angles, (7,))  # fails afterwards
    restore_state(before, made, memory)
    folder = RunFolder.create("x", {}, path=tmp_path / "x")
    folder.save_checkpoint(2, *changed_since(made, before))
    assert rounds(before, angles, (3, 4)).tobytes() == whole.tobytes()
    after = STRATEGIES[name]()
    found = folder.load_checkpoint()
    assert found is not None
    restore_state(after, snapshot(after), found[1:])
    assert rounds(after, angles, (3, 4)).tobytes() == whole.tobytes()
    assert rounds(STRATEGIES[name](), angles, (3, 4)).tobytes() != whole.tobytes(), "it remembers nothing"


class Held(Moved):
    def __init__(self, what, **options):
        super().__init__(**options)
        self.what = what
        self.velocity, self.step_attribute = np.zeros(2), ""


class Global(Moved):
    def move(self, angles):
        global START_AGAIN
        START_AGAIN = angles
        return angles


def in_a_method():
    velocity = np.zeros(6)

    class Outside(Moved):
        def move(self, angles):
            nonlocal velocity
            velocity = 0.5 * velocity + angles
            return velocity

    return Outside(**ANY_FLEET)


class Slotted(Moved):
    __slots__ = ("velocity",)


def cycle():
    found = []
    found.append(found)
    return found


def counter(calls):
    return lambda: calls.append(1)


def rebinding():
    number = 0

    def count():
        nonlocal number
        number += 1

    return count


UNSAVED = {
    "a generator": lambda: (n for n in range(3)),
    "an iterator": lambda: itertools.count(),
    "a file": io.StringIO,
    "a generator in a dict": lambda: {"a": [iter([1])]},
    "a list with more to it": lambda: type("Longer", (list,), {})(),
    "an object": Moments,
    "a torch optimiser": lambda: torch.optim.SGD([torch.nn.Parameter(torch.zeros(2))]),
    "a tensor with a gradient": lambda: torch.zeros(2, requires_grad=True),
    "an array of objects": lambda: np.array([1, "a", None], dtype=object),
    "a defaultdict": lambda: defaultdict(int),
    "two views of one array": lambda: (lambda a: [a[:2], a[1:]])(np.zeros(3)),
    "one list at two places": lambda: [[]] * 2,
    "a list within itself": cycle,
    "a function that holds a list": lambda: counter([]),
    "a function that changes its closure": rebinding,
    "functions in a list": lambda: [np.add],
    "another strategy": lambda: [FedAvg(**ANY_FLEET)],
}


@pytest.mark.parametrize("name", UNSAVED)
def test_what_cannot_be_saved_is_refused_by_name_when_the_strategy_is_made(name):
    with pytest.raises(ConfigError, match=r"the strategy Held keeps 'what.*, which no checkpoint can hold.*declare"):
        snapshot(Held(UNSAVED[name](), **ANY_FLEET))


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda: Global(**ANY_FLEET), r"'START_AGAIN' \(a variable outside"),
        (in_a_method, r"'velocity' \(a variable outside"),
        (lambda: Slotted(**ANY_FLEET), r"'Slotted.__slots__' \(attributes outside"),
    ],
)
def test_a_strategy_that_remembers_outside_its_attributes_is_refused(make, what):
    with pytest.raises(ConfigError, match=f"keeps {what}"):
        snapshot(make())


def test_what_is_nested_too_deeply_is_refused():
    deep = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(ConfigError, match="keeps what is nested too deeply, which no checkpoint can hold"):
        snapshot(Held(deep, **ANY_FLEET))


class InTheClass(Moved):
    velocity = 0.0
    history: list = []  # noqa: RUF012
    table: dict = {"a": 1}  # noqa: RUF012

    def move(self, angles):
        type(self).velocity = 0.5 * self.velocity + angles
        return self.velocity


class AppendsInTheClass(InTheClass):
    def move(self, angles):
        self.history.append(1)
        return angles


@pytest.mark.parametrize(("kind", "name"), [(InTheClass, "velocity"), (AppendsInTheClass, "history")])
def test_a_strategy_that_remembers_in_its_class_is_refused_after_its_first_round(kind, name, rounds):
    strategy = kind(**ANY_FLEET)
    made = snapshot(strategy)
    changed_since(made, strategy)
    rounds(strategy, START, (1,))
    with pytest.raises(
        ConfigError, match=rf"keeps 'InTheClass\.{name}' \(in its class\), which changed during a round"
    ):
        changed_since(made, strategy)


class Average:
    """An object that remembers, called or not."""

    def __init__(self):
        self.value = 0.0

    def __call__(self, angles):
        self.value = 0.5 * self.value + float(np.sum(angles))
        return self.value


@pytest.mark.parametrize("thing", [Average, torch.nn.Identity, io.StringIO, lambda: defaultdict(list)])
def test_a_strategy_whose_class_holds_an_object_is_refused_before_training(thing):
    kind = type("HoldsInTheClass", (Moved,), {"thing": thing()})
    with pytest.raises(ConfigError, match=r"keeps 'HoldsInTheClass\.thing' \(.*\), which no checkpoint can hold"):
        snapshot(kind(**ANY_FLEET))


@pytest.mark.parametrize("thing", [Path("here"), np.float64, torch.float32, Constants(0.25), partial(max, 1), (1, "a")])
def test_what_never_changes_may_stand_in_the_class(thing):
    strategy = type("HoldsInTheClass", (Moved,), {"thing": thing})(**ANY_FLEET)
    assert changed_since(snapshot(strategy), strategy)[0] == {}


@pytest.mark.parametrize("late", [lambda: lambda: 0, lambda: Constants(0.25), lambda: sorted])
def test_code_and_constants_that_come_later_are_refused(late):
    strategy = Held(None, **ANY_FLEET)
    made = snapshot(strategy)
    strategy.what = late()
    with pytest.raises(ConfigError, match=r"the strategy Held keeps 'what' \(.*\), which it made during a round"):
        changed_since(made, strategy)


def test_settings_are_made_anew_and_state_is_restored():
    """More rounds may be asked of a resumed run, so what a strategy made of the settings is not in the checkpoint."""
    before = Held({"rounds": 2}, **ANY_FLEET)
    made = snapshot(before)
    before.velocity = np.ones(2)
    del before.step_attribute
    arrays, plain = changed_since(made, before)
    after = Held({"rounds": 4}, **ANY_FLEET)
    restore_state(after, snapshot(after), (arrays, json.loads(json.dumps(plain))))
    assert after.what == {"rounds": 4} and after.velocity.tolist() == [1.0, 1.0] and set(arrays) == {"velocity"}
    assert not hasattr(after, "step_attribute")


def test_a_failed_round_leaves_no_attribute_behind():
    strategy = Held([1], **ANY_FLEET)
    made = snapshot(strategy)
    memory = changed_since(made, strategy)
    strategy.what.append(2)
    strategy.velocity, strategy.more = strategy.velocity + 1, 3
    restore_state(strategy, made, memory)
    assert strategy.what == [1] and not strategy.velocity.any() and not hasattr(strategy, "more")


def test_a_checkpoint_that_names_a_class_makes_no_object_of_it():
    strategy = Late(**ANY_FLEET)
    made = snapshot(strategy)
    arrays, plain = changed_since(made, strategy)
    plain["fields"]["history"] = {"kind": "subprocess.Popen", "of": ["true"]}
    with pytest.raises(RunFolderError, match="the checkpoint's state of Late does not fit the strategy"):
        restore_state(strategy, made, (arrays, plain))


@pytest.mark.parametrize("damage", [None, [], "x", {"kind": "list"}, {"kind": "same", "id": 99}, {"kind": "array"}])
def test_a_damaged_state_is_refused_in_a_sentence(damage):
    strategy = ThirdMoment(**ANY_FLEET)
    made = snapshot(strategy)
    arrays, plain = changed_since(made, strategy)
    wrong = {"x": damage} if isinstance(damage, dict) else damage
    for key, value in (("fields", wrong), ("shared", {"x/y": damage}), ("gone", 3)):
        with pytest.raises(RunFolderError, match="does not fit the strategy"):
            restore_state(strategy, made, (arrays, plain | {key: value}))


@pytest.mark.parametrize("name", ["FedAvgM by another name", "FedAdam with a moment more", "a wrapped FedAdam"])
def test_the_schedule_reaches_subclasses_and_wrapped_strategies(name, settings):
    strategy, s = STRATEGIES[name](), settings("fedavg", schedule="cosine")
    assert has_step(strategy) and own_step(strategy) == 0.1
    for number in (8, 1, 8):
        set_round(strategy, s, number, 0.1)
    set_again = own_step(strategy)
    set_round(strategy, settings("fedavg"), 8, 0.1)
    assert set_again == pytest.approx(0.1 * 0.1464466, rel=0.6) and own_step(strategy) == 0.1


def test_a_strategy_may_say_where_its_step_is(settings):
    strategy = Held(1.0, **ANY_FLEET)
    assert not has_step(strategy)
    strategy.step_attribute = "what"
    set_round(strategy, settings("fedavg", learning_rate=0.25), 1, own_step(strategy))
    assert strategy.what == 0.25
