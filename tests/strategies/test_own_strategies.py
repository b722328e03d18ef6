"""Strategies of users' own: whatever they remember survives a failed round and a resumption, or is refused by name.

The reference keeps one object through all rounds, without any of our code for state.
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
from typing import Any

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
from qfl.federation.strategy.state import changed_since, export_state, restore_state
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
    by_name: dict = field(default_factory=dict)
    extra: Any = None


class Slotted:
    __slots__ = ("__hidden", "seen")

    def __init__(self):
        self.seen, self.__hidden = 0, 1.0

    def next(self):
        self.seen += 1
        self.__hidden *= 0.5
        return self.__hidden


class Nested(Moved):
    """Objects, dicts and lists of arrays, one object under two names, and one that knows the strategy."""

    def __init__(self, **options):
        super().__init__(**options)
        self.moments, self.slotted, self.me = Moments(), Slotted(), self
        self.same = self.moments

    def move(self, angles):
        self.moments.first.append(angles.copy())
        self.moments.by_name[3] = (angles, {"half": angles / 2, (1, 2): np.float32(0.25)})
        self.same.extra = {"total": (self.moments.extra or {"total": 0.0})["total"] + angles}
        return self.me.moments.extra["total"] + self.moments.first[0] + self.slotted.next()


class Late(Moved):
    """An object, and one within it, that come to be in the first round."""

    def move(self, angles):
        if not hasattr(self, "moments"):
            self.moments, self.rng = Moments(by_name={"at": Path("/x")}), np.random.default_rng(3)
            self.counts, self.seen = Counter(a=1), defaultdict(list, b=[1])
            self.queue, self.begun = deque([angles], maxlen=2), datetime(2026, 1, 1)
        self.moments.first.append(angles)
        self.queue.append(angles)
        self.counts["a"] += 1
        self.seen["c"].append(self.counts["a"])
        return self.rng.normal(size=len(angles)) + sum(self.queue) * self.counts["a"] + len(self.seen["c"])


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
    """A torch optimiser at the server, whose state is keyed by the very tensor that the strategy holds."""

    def __init__(self, **options):
        super().__init__(**options)
        self.angles = torch.nn.Parameter(torch.from_numpy(START.copy()))
        self.optimizer = torch.optim.Adam([self.angles], lr=0.1)

    def move(self, angles):
        self.angles.grad = self.angles.detach() - torch.from_numpy(angles)
        self.optimizer.step()
        return self.angles.detach().numpy().copy()


class InTheClass(Moved):
    velocity = 0.0
    history: list = []  # noqa: RUF012

    def move(self, angles):
        type(self).velocity = 0.5 * self.velocity + angles
        self.history.append(1)
        return self.velocity * len(self.history)

    @classmethod
    def anew(cls):
        cls.velocity, cls.history = 0.0, []
        return cls(**ANY_FLEET)


class Types(Moved):
    """Numbers and containers of all kinds, and code that never changes."""

    def __init__(self, **options):
        super().__init__(**options)
        self.numbers = [1, 2**70, 1.5, float("inf"), 2j, True, None, b"x", np.int8(3), np.float32(0.1), range(3)]
        self.lock, self.path, self.pick, self.kinds = threading.Lock(), Path("a"), partial(np.add, 1.0), {int, float}
        self.pair, self.order = frozenset([1]), OrderedDict(z=1, a=2)
        self.mixed = np.array([1, "a", None], dtype=object)
        self.record = ArrayRecord({"a": Array(np.zeros(2))})

    def move(self, angles):
        self.numbers[0] += 1
        self.numbers[1] *= 3
        self.numbers[8] = np.int8(self.numbers[8] + 1)
        self.mixed[0] += 1
        self.record["a"] = Array(self.record["a"].numpy() + angles[:2])
        extra = float(self.numbers[8]) + self.mixed[0] + self.record["a"].numpy().sum() + len(self.kinds)
        return self.pick(angles) * self.numbers[0] + extra + float(self.numbers[1] % 7)


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


def in_a_closure():
    strategy, velocity, memo = FedAvg(**ANY_FLEET), 0.0, {"sum": np.zeros(6)}
    combine = strategy.aggregate_train

    def with_momentum(server_round, replies, calls=[0]):  # noqa: B006
        nonlocal velocity
        arrays, metrics = combine(server_round, replies)
        if arrays is None:
            return None, None
        velocity = 0.5 * velocity + arrays["angles"].numpy()
        memo["sum"] = memo["sum"] + velocity
        calls[0] += 1
        with_momentum.calls = getattr(with_momentum, "calls", 0) + 1
        return to_record(velocity + 0.1 * memo["sum"] + calls[0] + with_momentum.calls), metrics

    strategy.aggregate_train = with_momentum
    return strategy


def in_a_method():
    velocity = np.zeros(6)

    class Local(Moved):
        def move(self, angles):
            nonlocal velocity
            velocity = 0.5 * velocity + angles
            return velocity

    return Local(**ANY_FLEET)


STRATEGIES = {
    "a median with momentum": lambda: Momentum(**ANY_FLEET),
    "FedAvgM by another name": lambda: Mine(**ANY_FLEET, server_momentum=0.9, server_learning_rate=0.1),
    "FedAdam with a moment more": lambda: ThirdMoment(**ANY_FLEET),
    "nested objects": lambda: Nested(**ANY_FLEET),
    "objects that come later": lambda: Late(**ANY_FLEET),
    "random generators": lambda: Generators(**ANY_FLEET),
    "a torch optimiser": lambda: Optimiser(**ANY_FLEET),
    "class attributes": InTheClass.anew,
    "values of all types": lambda: Types(**ANY_FLEET),
    "a declared state": lambda: Declared(**ANY_FLEET, server_momentum=0.9),
    "a closure in a method's place": in_a_closure,
    "the closure of a method": in_a_method,
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
    made = export_state(before)
    angles = rounds(before, START, (1, 2))
    memory = export_state(before)
    rounds(before, angles, (7,))  # fails afterwards
    restore_state(before, *memory)
    folder = RunFolder.create("x", {}, path=tmp_path / "x")
    folder.save_checkpoint(2, *changed_since(made, export_state(before)))
    assert rounds(before, angles, (3, 4)).tobytes() == whole.tobytes()
    after = STRATEGIES[name]()
    found = folder.load_checkpoint()
    assert found is not None
    restore_state(after, *found[1:])
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


UNSAVED = {
    "a generator": lambda: (n for n in range(3)),
    "an iterator": lambda: itertools.count(),
    "a file": io.StringIO,
    "a generator in a dict": lambda: {"a": [iter([1])]},
    "a list with more to it": lambda: type("Longer", (list,), {})(),
    "two views of one array": lambda: (lambda a: [a[:2], a[1:]])(np.zeros(3)),
    "a factory of its own": lambda: defaultdict(lambda: 0),
}


@pytest.mark.parametrize("name", UNSAVED)
def test_what_cannot_be_saved_is_refused_by_name_when_the_strategy_is_made(name):
    with pytest.raises(ConfigError, match=r"the strategy Held keeps 'what.*, which no checkpoint can hold"):
        export_state(Held(UNSAVED[name](), **ANY_FLEET))


def test_a_strategy_that_assigns_to_a_global_variable_is_refused():
    with pytest.raises(ConfigError, match=r"keeps 'START_AGAIN' \(a global variable\)"):
        export_state(Global(**ANY_FLEET))


@pytest.mark.parametrize("late", [lambda: lambda: 0, lambda: FedAvg(**ANY_FLEET), lambda: type("Foreign", (), {})()])
def test_code_and_foreign_objects_that_come_later_are_refused(late):
    strategy = Held(None, **ANY_FLEET)
    made = export_state(strategy)
    strategy.what = late()
    with pytest.raises(ConfigError, match=r"the strategy Held keeps 'what' \(.*\), which it made during a round"):
        changed_since(made, export_state(strategy))


def test_settings_are_made_anew_and_state_is_restored():
    """More rounds may be asked of a resumed run, so what a strategy made of the settings is not in the checkpoint."""
    before = Held({"rounds": 2}, **ANY_FLEET)
    made = export_state(before)
    before.velocity = np.ones(2)
    arrays, plain = changed_since(made, export_state(before))
    after = Held({"rounds": 4}, **ANY_FLEET)
    restore_state(after, arrays, json.loads(json.dumps(plain)))
    assert after.what == {"rounds": 4} and after.velocity.tolist() == [1.0, 1.0] and set(arrays) == {"velocity"}


def test_a_checkpoint_that_names_a_class_of_another_module_makes_no_object_of_it():
    strategy = Late(**ANY_FLEET)
    strategy.moments = Moments()
    arrays, plain = export_state(strategy)
    plain["fields"]["moments"]["class"] = ["subprocess", "Popen"]
    with pytest.raises(RunFolderError, match="the checkpoint's state of Late does not fit the strategy"):
        restore_state(Late(**ANY_FLEET), arrays, plain)


@pytest.mark.parametrize("damage", [None, [], "x", {"kind": "list"}, {"kind": "same", "id": 99}, {"kind": "array"}])
def test_a_damaged_state_is_refused_in_a_sentence(damage):
    strategy = ThirdMoment(**ANY_FLEET)
    arrays, plain = export_state(strategy)
    wrong = {"x": damage} if isinstance(damage, dict) else damage
    for key, value in (("fields", wrong), ("shared", {"x/y": damage})):
        with pytest.raises(RunFolderError, match="does not fit the strategy"):
            restore_state(ThirdMoment(**ANY_FLEET), arrays, plain | {key: value})


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
