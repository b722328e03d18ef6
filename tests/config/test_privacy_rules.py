"""What cannot be with differential privacy is refused in one sentence, with the reason.

Also covers qfl/config/privacy.py.
"""

import pytest

from qfl.config import Settings
from qfl.config.masked_rules import NEEDS, SUMS
from qfl.config.privacy_rules import LOCAL_NEEDS
from qfl.errors import ConfigError
from strategies.registry import STRATEGIES

CENTRAL = {"privacy.mechanism": "central", "privacy.epsilon": 4.0}
LOCAL = {**CENTRAL, "privacy.mechanism": "local"}
DISTRIBUTED = {**CENTRAL, "privacy.mechanism": "distributed", "security.aggregation": "masked"}


def faults(base, **flat):
    changes = {key.replace("_", "-").replace("--", "."): value for key, value in flat.items()}
    with pytest.raises(ConfigError) as found:
        Settings.from_flat({**base, **changes})
    return str(found.value)


@pytest.mark.parametrize("base", [CENTRAL, LOCAL, DISTRIBUTED], ids=["central", "local", "distributed"])
def test_what_can_be_is_taken(base):
    assert Settings.from_flat(base).privacy.epsilon == 4.0


@pytest.mark.parametrize("name", sorted(NEEDS))
def test_rules_that_one_client_may_move_far_have_no_central_noise(name):
    found = faults(CENTRAL, strategy__name=name)
    assert NEEDS[name] in found and "right for their mean alone" in found and "\n" not in found


@pytest.mark.parametrize("name", sorted(STRATEGIES))
def test_every_strategy_goes_with_local_noise_or_needs_more_than_a_movement(name):
    if name in LOCAL_NEEDS:
        assert "tells its movement alone" in faults(LOCAL, strategy__name=name)
    else:
        assert Settings.from_flat({**LOCAL, "strategy.name": name}).strategy.name == name
    assert not set(LOCAL_NEEDS) & set(SUMS)


@pytest.mark.parametrize(
    ("base", "flat", "sentence"),
    [
        (CENTRAL, {"privacy--epsilon": 0.0}, "epsilon = 0 lets no update leave"),
        (CENTRAL, {"privacy--epsilon": -1.0}, "neither how much a client may spend nor how much noise"),
        (CENTRAL, {"privacy--delta": 0.005}, "would let one of them be shown outright; give less than 0.005"),
        (CENTRAL, {"privacy--delta": 0.0}, "privacy.delta = 0"),
        (CENTRAL, {"privacy--clip": 0.0}, "privacy.clip = 0"),
        (CENTRAL, {"security--aggregation": "masked"}, "clips single updates"),
        (LOCAL, {"security--aggregation": "masked"}, "use 'distributed' with 'masked', which needs less"),
        (DISTRIBUTED, {"security--aggregation": "plain"}, "too little noise to each update"),
        (DISTRIBUTED, {"privacy--accountant": "pld"}, "knows no bound for sums of discrete noise"),
        (CENTRAL, {"privacy--colluding": 2}, "is for privacy.mechanism = 'distributed'"),
        (CENTRAL, {"strategy--name": "mine.py:make"}, "nobody knows how far one client moves its result"),
        (CENTRAL, {"train--personal": "bias"}, "would get noise, too"),
        (CENTRAL, {"round--max-norm": 1.0}, "privacy.clip is the cap"),
        (CENTRAL, {"round--archive-every": 1}, "spend clients' budgets again"),
        (CENTRAL, {"clients--selection": "balanced"}, "tells the server every client's labels"),
        (CENTRAL, {"data--validation": 0.1}, "how clients' own samples rate a round"),
        (CENTRAL, {"data--class-weights": "balanced"}, "counts all clients' labels"),
        (CENTRAL, {"data--pca": 16}, "fits its components to all clients' samples"),
        (LOCAL, {"strategy--name": "fedprox", "privacy--epsilon": 0.0}, "lets no update leave"),
        (LOCAL, {"attack--name": "sign-flip"}, "which no attacker does"),
        ({}, {"privacy--epsilon": 4.0}, "need privacy.mechanism"),
        ({}, {"privacy--noise-multiplier": 1.0}, "need privacy.mechanism"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(base, flat, sentence):
    found = faults(base, **flat)
    assert sentence in found and "\n" not in found


def test_a_cell_free_network_learns_its_assignment_from_everybody():
    found = faults(CENTRAL, task="cell_free", model__name="edge_plus")
    assert "learn an assignment from all clients' channels" in found
