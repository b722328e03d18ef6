"""What an attack cannot be together with is refused in a sentence.

Also covers qfl/config/attack.py.
"""

import pytest

from qfl.config import AttackSettings, Settings
from qfl.errors import ConfigError
from qfl.specs import ATTACKS


@pytest.mark.parametrize(
    ("flat", "sentence"),
    [
        ({"attack.share": 0.3}, "attack.share goes with attack.name"),
        ({"attack.strength": 2.0}, "attack.strength goes with attack.name"),
        ({"attack.name": "signflip"}, "expected one of none, label-flip, sign-flip"),
        ({"attack.name": "sign-flip", "backend": "deployed"}, "no server may tell other people's hosts to misbehave"),
        ({"attack.name": "a-little-is-enough", "backend": "ray"}, "backend = 'ray' trains each by itself"),
        ({"attack.name": "mine.py:sneak", "backend": "sequential"}, "reads updates of several clients"),
        ({"attack.name": "sign-flip", "attack.share": 0.002}, "of clients.count = 200 is no client"),
        ({"attack.name": "backdoor", "task": "d2d", "model.name": "gcn"}, "task = 'd2d' has none"),
        ({"attack.name": "backdoor", "attack.target": 10}, "there are labels 0 to 9"),
        ({"attack.name": "model-replacement", "attack.features": 64}, "leave nothing of a sample"),
        ({"attack.name": "sign-flip", "attack.sees": "all"}, "is for attacks that read others' updates"),
        ({"attack.name": "sign-flip", "attack.my.gain": 1.0}, "no setting of [attack] names an object of your own"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(flat, sentence):
    with pytest.raises(ConfigError) as found:
        Settings.from_flat(flat)
    assert sentence in str(found.value)


@pytest.mark.parametrize("name", ATTACKS)
@pytest.mark.parametrize("aggregation", ["plain", "masked"])
def test_every_attack_runs_with_single_updates_and_with_their_sum(name, aggregation):
    settings = Settings.from_flat({"attack.name": name, "security.aggregation": aggregation})
    assert settings.attack.on and settings.attack.count(200) == 40


def test_attackers_are_the_share_rounded_and_nobody_without_an_attack():
    assert [AttackSettings("sign-flip", share=share).count(7) for share in (0.0, 0.2, 0.5, 1.0)] == [0, 1, 4, 7]
    assert AttackSettings(share=1.0).count(7) == 0
