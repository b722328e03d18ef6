"""Altered samples of attackers, and the success rate, against a count by hand.

Also covers qfl/federation/attacking/attack.py.
"""

import numpy as np
import torch

from qfl.federation.attacking.attack import attack_of, attackers_of
from qfl.federation.attacking.poisoned import poisoned, success
from qfl.tasks.build import build

BASE = {"clients__count": 10, "data__partition": "iid", "attack__share": 0.3}


def test_only_attackers_samples_change(small):
    settings = small("flip", attack__name="label-flip", **BASE)
    federation = build(settings)
    before, after = federation.samples.train, poisoned(federation, attack_of(settings)).samples.train
    own = np.concatenate([federation.parts[client] for client in attackers_of(settings)])
    others = np.setdiff1d(np.arange(len(before)), own)
    np.testing.assert_array_equal(after.labels[own], 9 - before.labels[own])
    np.testing.assert_array_equal(after.labels[others], before.labels[others])
    np.testing.assert_array_equal(after.inputs, before.inputs)


def test_success_is_the_share_of_triggered_samples_of_other_labels_that_get_the_target(small):
    settings = small("door", attack__name="backdoor", attack__target=3, **BASE)
    federation = build(settings)
    angles, test = federation.model.initial(1), federation.samples.held_out
    inputs = test.inputs.copy()
    inputs[:, -4:] = federation.samples.train.inputs.max()
    logits = federation.model.logits(torch.from_numpy(angles), torch.from_numpy(inputs))
    guess = logits.argmax(-1).numpy()
    expected = np.mean([g == 3 for g, label in zip(guess, test.labels, strict=True) if label != 3])
    assert success(federation, attack_of(settings), angles) == expected
    turned = small("flip", attack__name="label-flip", **BASE)
    plain = federation.model.logits(torch.from_numpy(angles), torch.from_numpy(test.inputs)).argmax(-1).numpy()
    assert success(build(turned), attack_of(turned), angles) == np.mean(plain == 9 - test.labels)


def test_an_attack_that_leaves_samples_alone_has_no_success_rate(small):
    settings = small("sign", attack__name="sign-flip", **BASE)
    federation = build(settings)
    assert poisoned(federation, attack_of(settings)) is federation
    assert success(federation, attack_of(settings), federation.model.initial(1)) is None


def test_who_attacks_follows_from_the_seed(small):
    one, other = (attackers_of(small("a", attack__name="sign-flip", seed=seed, **BASE)) for seed in (1, 2))
    assert len(one) == len(other) == 3 and one != other
    assert one == attackers_of(small("a", attack__name="sign-flip", seed=1, **BASE))
