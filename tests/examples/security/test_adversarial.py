"""The study, tiny. Also covers adversarial_measure.py, adversarial_page.py, adversarial_picture.py,
adversarial_settings.py, federated.py, grouped.py, ranges.py."""

from pathlib import Path

import pytest

import qfl
from qfl.errors import ConfigError
from qfl.studies.examples import member
from qfl.studies.request import begin

FOLDER = Path(qfl.__file__).parent.parent / "examples" / "security"
TINY = (
    *("seeds=1", "clients=4", "layers=4", "hidden=[5]", "vqc-rounds=8", "vqc-rate=0.05", "mlp-rounds=40"),
    *("trained=[0.0,0.05]", "training-steps=1", "epsilons=[0.05,0.2]", "chords=[0.15]", "steps=4", "restarts=1"),
    "samples=60",
)


def asked(tmp_path, *changes):
    file = FOLDER / "adversarial.toml"
    return begin("security-adversarial", FOLDER, file, quick=False, seed=1, changes=(*TINY, *changes), root=tmp_path)


def test_attacks_mislead_more_than_noise_and_the_study_resumes(tmp_path):
    study, request = member(FOLDER, "adversarial"), asked(tmp_path)
    found = study.conduct(request)
    rows = {
        (row["model"], row["trained"], row["ball"], row["attack"], row["epsilon"]): row["accuracy"]
        for row in found.numbers["accuracy"]
    }
    assert len(rows) == 2 * 2 * 3 * (3 + 2)
    for model in ("vqc", "mlp-5"):
        assert rows[model, 0.0, "pixels", "pgd", 0.0] == rows[model, 0.0, "state", "noise", 0.0]
    clean = [rows["vqc", 0.0, "pixels", "pgd", 0.0], rows["mlp-5", 0.0, "pixels", "pgd", 0.0]]
    assert min(clean) > 0.2, clean
    for model in ("vqc", "mlp-5"):
        assert rows[model, 0.0, "pixels", "pgd", 0.2] < rows[model, 0.0, "pixels", "noise", 0.2] - 0.1
        assert rows[model, 0.0, "state", "pgd", 0.15] < rows[model, 0.0, "state", "noise", 0.15] - 0.1
    assert (request.folder.path / "adversarial.png").read_bytes().startswith(b"\x89PNG")
    assert "{" not in found.text and "mlp-5 (385)" in found.text
    assert study.conduct(request).numbers == found.numbers


@pytest.mark.parametrize("change", ["seeds=101", "hidden=[]", "epsilons=[0.1,0.1]", "chords=[3.0]", "steps=0"])
def test_numbers_out_of_range_are_refused_by_name(tmp_path, change):
    with pytest.raises(ConfigError, match=f"{change.split('=')[0]} = "):
        member(FOLDER, "adversarial").conduct(asked(tmp_path, change))


def test_a_training_that_some_seeds_did_not_learn_by_is_named(tmp_path):
    study, request = member(FOLDER, "adversarial"), asked(tmp_path)
    found = study.conduct(request)
    assert "Not learnt" not in found.text  # one seed has no interval
    clean = {"ball": "pixels", "attack": "pgd", "epsilon": 0.0, "trained": 0.05}
    first = next(row for row in found.numbers["accuracy"] if clean.items() <= row.items())
    first |= {"accuracy_low": 0.1, "accuracy_high": 0.9}
    text = study.tell(request, study.settings(request), [], found.numbers)
    assert f"Not learnt in every seed** (see the intervals): {first['model']} against 0.05;" in text
