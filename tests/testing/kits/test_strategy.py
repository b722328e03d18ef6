"""The kit for strategies catches each kind of broken strategy by the right sentence, and passes a sound one."""

import numpy as np
import pytest
from flwr.serverapp.strategy import FedAvg, FedAvgM, FedMedian

from qfl.federation.records.messages import to_record
from qfl.federation.strategy.every_node import ANY_FLEET
from qfl.testing.kits import run
from qfl.testing.kits.strategy import checks

START = np.array([0.3, 1.2, -0.5])


class Changed(FedAvg):
    """FedAvg whose angles a subclass changes."""

    def aggregate_train(self, server_round, replies):
        replies = list(replies)
        arrays, metrics = super().aggregate_train(server_round, replies)
        if arrays is None:
            return self.of_nothing(), metrics
        return to_record(
            self.change(arrays["angles"].numpy(), [each for each in replies if each.has_content()])
        ), metrics

    def of_nothing(self):
        return None

    def change(self, angles):
        return angles


class Forgets(Changed):
    """Declares a state that lacks its velocity."""

    velocity = 0.0

    def state(self):
        return {}

    def load_state(self, state):
        pass

    def change(self, angles):
        self.velocity = 0.5 * self.velocity + angles
        return angles + 0.1 * self.velocity


class Misreads(Forgets):
    """Declares its velocity, and puts half of it back."""

    def state(self):
        return {"velocity": self.velocity}

    def load_state(self, state):
        self.velocity = 0.5 * state["velocity"]


class Hidden(Changed):
    """Remembers in its class."""

    seen = 0

    def change(self, angles):
        type(self).seen = self.seen + 1
        return angles + self.seen


class Wanders(Changed):
    def change(self, angles):
        return angles + 1e-6


class Flees(Changed):
    def change(self, angles):
        return START - 3 * (angles - START)


class Draws(Changed):
    def change(self, angles):
        return angles + np.random.default_rng().normal(size=len(angles))


class Invents(Changed):
    def of_nothing(self):
        return to_record(START)


class CannotFail(Changed):
    def aggregate_train(self, server_round, replies):
        replies = list(replies)
        if any(each.has_error() for each in replies):
            raise RuntimeError("a client failed")
        return super().aggregate_train(server_round, replies)


BREAKS = {
    "forgets its velocity": (Forgets, "a run resumed"),
    "forgets it in a failed round": (Forgets, "a failed round leaves no trace"),
    "puts back half": (Misreads, "a run resumed"),
    "remembers in its class": (Hidden, "a run resumed"),
    "moves by itself": (Wanders, "if nobody moves"),
    "goes the other way": (Flees, "the angles go the way"),
    "draws without a seed": (Draws, "the same replies give the same bits"),
    "invents angles": (Invents, "without any valid reply"),
    "ends with a client": (CannotFail, "a fleet with failed clients"),
    "believes everybody": (FedAvg, "one client that sends anything"),
}


def test_sound_strategies_conform():
    assert run(checks(lambda: FedAvgM(**ANY_FLEET, server_momentum=0.9, server_learning_rate=0.1), START)) == []
    assert run(checks(lambda: FedMedian(**ANY_FLEET), START, robust=lambda: FedMedian(**ANY_FLEET))) == []


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_strategy_is_caught_by_the_sentence_that_it_breaks(name):
    kind, sentence = BREAKS[name]
    found = run(checks(lambda: kind(**ANY_FLEET), START, robust=lambda: kind(**ANY_FLEET)))
    assert any(sentence in failure for failure in found), found
