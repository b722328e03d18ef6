"""The kit for models catches each kind of broken model by the right sentence, and passes a sound one."""

from math import inf, pi

import numpy as np
import pytest
import torch

from qfl.angles import AngleLayout
from qfl.testing.kits import run
from qfl.testing.kits.model import checks

ENTRIES = 5
INPUTS = torch.linspace(-1, 1, 2 * 3 * 4, dtype=torch.float64).view(2, 3, 4)


class Sound:
    """Four angles, one per feature, and a scale: scale * cos(angle + feature)."""

    layout = AngleLayout(("a", "b", "c", "d", "scale"), (2 * pi,) * 4 + (inf,))

    def initial(self, seed):
        return np.append(np.random.default_rng(seed).uniform(-1, 1, 4), 1.0)

    def outputs(self, entries, inputs):
        return entries[..., None, 4:] * (entries[..., None, :4] + inputs).cos()


class ShortStart(Sound):
    def initial(self, seed):
        return super().initial(seed)[:-1]


class SingleStart(Sound):
    def initial(self, seed):
        return super().initial(seed).astype(np.float32)


class GlobalStart(Sound):
    def initial(self, seed):
        return torch.rand(ENTRIES, dtype=torch.float64).numpy()


class OneStart(Sound):
    def initial(self, seed):
        return super().initial(0)


class Transposed(Sound):
    def outputs(self, entries, inputs):
        return super().outputs(entries, inputs).mT


class Blank(Sound):
    def outputs(self, entries, inputs):
        return 0 * super().outputs(entries, inputs)


class Infinite(Sound):
    def outputs(self, entries, inputs):
        return super().outputs(entries, inputs) / 0


class AlwaysDouble(Sound):
    def outputs(self, entries, inputs):
        return super().outputs(entries, inputs).double()


class Counting(Sound):
    calls = 0

    def outputs(self, entries, inputs):
        self.calls += 1
        return super().outputs(entries, inputs) + 0.1 * self.calls


class Overwriting(Sound):
    def outputs(self, entries, inputs):
        inputs.mul_(0.5)
        return super().outputs(entries, inputs)


class Mixing(Sound):
    """Normalises over all clients together."""

    def outputs(self, entries, inputs):
        return super().outputs(entries, inputs - inputs.mean())


class OneForm(Sound):
    def outputs(self, entries, inputs):
        assert entries.ndim == 2, "two axes"
        return super().outputs(entries, inputs)


class FalseGradient(Sound):
    def outputs(self, entries, inputs):
        return super().outputs(entries + 0.5 * (entries - entries.detach()), inputs)


class HalfPeriod(Sound):
    layout = AngleLayout(Sound.layout.names, (pi, *Sound.layout.periods[1:]))


class Ordered(Sound):
    def outputs(self, entries, inputs):
        return super().outputs(entries, inputs) * torch.arange(1, 4)[:, None]


BREAKS = {
    ShortStart: ["start fits"],
    SingleStart: ["start fits"],
    GlobalStart: ["same seed"],
    OneStart: ["another seed"],
    Transposed: ["outputs have their shape"],
    Blank: ["outputs have their shape"],
    Infinite: ["outputs have their shape"],
    AlwaysDouble: ["outputs come in the precision"],
    Counting: ["outputs are a pure function"],
    Overwriting: ["outputs are a pure function"],
    Mixing: ["many clients at once"],
    OneForm: ["one client may come"],
    FalseGradient: ["gradients are those"],
    HalfPeriod: ["an angle moved by its period"],
    Ordered: ["permuted inputs"],
}


def failures(kind):
    model = kind()
    order = [2, 0, 1]
    reorder = (lambda inputs: inputs[order], lambda outputs: outputs[order])
    return run(checks(model, model.outputs, (INPUTS.clone(),), (3, 4), symmetries=(reorder,)))


def test_a_sound_model_conforms():
    assert failures(Sound) == []


@pytest.mark.parametrize("kind", BREAKS, ids=lambda kind: kind.__name__)
def test_a_broken_model_is_caught_by_the_sentence_that_it_breaks(kind):
    found = failures(kind)
    for sentence in BREAKS[kind]:
        assert any(sentence in failure for failure in found), found
