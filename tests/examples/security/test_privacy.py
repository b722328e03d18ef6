"""The study, tiny. Also covers privacy_measure.py, privacy_page.py, privacy_picture.py, privacy_settings.py."""

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binom

import qfl
from qfl.errors import ConfigError
from qfl.studies.examples import member, module_of
from qfl.studies.request import begin

pytest.importorskip("dp_accounting")
FOLDER = Path(qfl.__file__).parent.parent / "examples" / "security"
TINY = ("seeds=1", "rounds=1", "clients=4", "epsilons=[8]", "layers=1", "local-steps=1", "pairs=6", "shots=[10,300]")


def asked(tmp_path, *changes):
    file = FOLDER / "privacy.toml"
    return begin("security-privacy", FOLDER, file, quick=False, seed=1, changes=(*TINY, *changes), root=tmp_path)


def test_every_mechanism_is_run_once_and_its_budget_holds(tmp_path):
    study, request = member(FOLDER, "privacy"), asked(tmp_path)
    found = study.conduct(request)
    rows = {row["mechanism"]: row for row in found.numbers["federations"]}
    assert set(rows) == {"none", "central", "distributed", "local"}
    assert all(7.9 < row["spent"] <= 8 for name, row in rows.items() if name != "none")
    assert rows["local"]["noise_rad"] > rows["distributed"]["noise_rad"] >= rows["central"]["noise_rad"] > 0
    few, many = found.numbers["shots"]
    assert 0 <= few["advantage_median"] < many["advantage_median"] <= many["advantage_largest"] <= 1
    assert (request.folder.path / "privacy.png").read_bytes().startswith(b"\x89PNG")
    assert "Shots are not privacy" in found.text and "{" not in found.text
    assert study.conduct(request).numbers == found.numbers


def test_an_advantage_is_that_of_the_best_threshold():
    """Of two binomial laws the likelihood ratio is monotone, so some threshold is the best test."""
    own = module_of(FOLDER, "privacy_measure")
    for number, chance, other in ((1, 0.9, 0.5), (50, 0.6, 0.4), (200, 0.52, 0.5)):
        best = np.abs(binom.cdf(np.arange(number), number, chance) - binom.cdf(np.arange(number), number, other)).max()
        assert own.total_variation(number, chance, other) == pytest.approx(best)


def test_an_epsilon_is_the_least_that_holds_both_ways():
    own = module_of(FOLDER, "privacy_measure")
    counts, delta = np.arange(101), 1e-5
    laws = [binom.pmf(counts, 100, chance) for chance in (0.5, 0.6)]
    found = own.least_epsilon(100, 0.5, 0.6, delta)

    def lost(epsilon):
        return max(np.maximum(p - np.exp(epsilon) * q, 0).sum() for p, q in (laws, laws[::-1]))

    assert lost(found) <= delta * (1 + 1e-6) < lost(found - 0.01)
    assert own.least_epsilon(10, 1.0, 0.9, delta) == np.inf and own.least_epsilon(10, 0.4, 0.4, delta) == 0


@pytest.mark.parametrize(
    "change", ["seeds=101", "clip=0", "epsilons=[]", "shots=[0]", "shots=[2.5]", "delta=0.1", "clients=2"]
)
def test_numbers_out_of_range_are_refused_by_name(tmp_path, change):
    with pytest.raises(ConfigError, match=f"{change.split('=')[0]} = "):
        member(FOLDER, "privacy").conduct(asked(tmp_path, change))
