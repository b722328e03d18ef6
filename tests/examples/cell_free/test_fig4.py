"""Fig. 4 from its file to its page: what is measured, what is kept, what is refused.

Also covers examples/cell_free/page.py, examples/cell_free/picture.py, examples/cell_free/settings.py and
examples/cell_free/study.py.
"""

import csv
import json
from pathlib import Path

import pytest
import torch

import qfl
from qfl.config.runfile import flatten_toml, read_toml
from qfl.errors import ConfigError
from qfl.studies.examples import member, module_of
from qfl.studies.request import begin
from qfl.wireless.cell_free.channel import draw
from qfl.wireless.cell_free.network import CellFree
from qfl.wireless.cell_free.rates import evaluate

FOLDER = Path(qfl.__file__).parent.parent / "examples" / "cell_free"
FILE = FOLDER / "fig4.toml"
fig4 = module_of(FOLDER, "fig4")
Decision, baselines = member(FOLDER, "methods:Decision"), member(FOLDER, "methods:baselines")
run, settings_of = fig4.STUDY.conduct, member(FOLDER, "settings:settings_of")


def given(**changes):
    flat = flatten_toml(read_toml(FILE)) | {key.replace("_", "-"): value for key, value in changes.items()}
    return {key: value for key, value in flat.items() if value is not None}


SMALL = given(trials=6, hard_trials=2, sdp_trials=1, snr_db=[10, 20], interference=[0.1]) | {
    "large.trials": 1,
    "large.num-aps": 6,
    "large.num-users": 3,
}


def small_file(tmp_path):
    lines = [f"{key} = {json.dumps(value)}" for key, value in SMALL.items() if "." not in key]
    lines += [f"{key} = {json.dumps(value)}" for key, value in SMALL.items() if "." in key]
    path = tmp_path / "small.toml"
    path.write_text("\n".join(lines))
    return path


def like_algorithm_4(network, request):
    """Stand in for what is trained: a method of known quality under each name."""
    own = baselines(network, 1)
    named = {"printed": own["random_mr"], "plus": own["algorithm4_mr"], "ablation_identity": own["matching_mr"]}
    return named | {
        "as_published": own["random_mr"],
        "extended": own["matching_mr"],
        "extended_quiet": own["random_mr"],
    }


def test_the_figure_is_measured_drawn_and_resumed(tmp_path, monkeypatch):
    monkeypatch.setattr(fig4, "LEARNED", (like_algorithm_4,))
    monkeypatch.setattr(
        fig4, "limits", lambda network, seed: {"joint_sum_lower_bound": baselines(network, seed)["algorithm4_slnr"]}
    )
    request = begin("cellfree-fig4", tmp_path, small_file(tmp_path), quick=True, seed=3, root=tmp_path)
    found = run(request)
    at = found.numbers["at_20db"]
    assert at["plus"]["min_rate"] == at["baselines"]["algorithm4_mr"]["min_rate"] == at["min_rate"]
    assert at["better"] == "plus" and at["sum_rate"] == at["plus"]["sum_rate"]
    assert at["as_published"]["min_rate"] == at["printed"]["min_rate"] and list(at["readings"]) == ["extended_quiet"]
    assert at["extended"]["sum_rate"] == at["baselines"]["matching_mr"]["sum_rate"] and not at["parts"]
    assert list(at["ablations"]) == ["ablation_identity"] and "ablation_identity" not in at["baselines"]
    assert {"algorithm4_mr", "exhaustive_min_mr", "joint_sum_lower_bound"} <= at["baselines"].keys()
    assert json.loads(json.dumps(found.numbers)) == found.numbers
    folder = request.folder.path
    assert (folder / "fig4.png").read_bytes().startswith(b"\x89PNG")
    with open(folder / "points.csv", newline="") as file:
        assert len(list(csv.DictReader(file))) == len(found.numbers["points"])
    assert "`algorithm4_mr`" in found.text and "![Fig. 4](fig4.png)" in found.text
    # nothing is measured twice
    assert run(request).numbers["points"] == found.numbers["points"]


def test_rows_are_scores_of_decisions_on_what_is_known_through_what_is_true(tmp_path):
    network = CellFree(csi_error=0.5)
    batch = draw(network, 1, 40, "test")
    decide = baselines(network, 1)["algorithm4_slnr"]
    blind, seeing = decide(batch), decide(batch._replace(known=batch.true))
    assert not torch.equal(blind.precoder, seeing.precoder)
    assert torch.equal(decide(batch._replace(true=batch.known)).precoder, blind.precoder)
    least = [float(evaluate(network, batch.true, *decision).min_rate.mean()) for decision in (blind, seeing)]
    assert least[0] < least[1]
    assert isinstance(blind, Decision)


def test_the_whole_sweep_and_the_quick_one_begin_at_table_iii():
    settings = settings_of(given())
    whole, quick = list(fig4.sweep(settings, quick=False)), list(fig4.sweep(settings, quick=True))
    assert len(whole) == 21 and len(quick) == 6
    assert (whole[0].snr_db, whole[0].interference) == (quick[0].snr_db, quick[0].interference) == (20.0, 0.1)
    assert all(network in whole for network in quick)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"trials": 0}, "trials is 0"),
        ({"trials": None}, "trials is missing"),
        ({"published_epochs": 0}, "published-epochs is 0"),
        ({"trials": None, "trails": 9}, "trails is no setting of CellFree.*\ntrials is missing"),
        ({"hard_trials": 2000}, "hard-trials is 2000 and trials is 1000"),
        ({"snr_db": 20}, "snr-db is 20; give a list"),
        ({"interference": [1.5]}, "interference is 1.5"),
        ({"antennas": 2}, "antennas is no setting of CellFree"),
        ({"num_aps": "4"}, "num-aps is '4'"),
        ({"large.height": 3}, "height is no setting of UserCentric"),
        ({"large.num-users": 0}, "num_users is 0"),
        ({"coherent": True}, "coherent is true"),
    ],
)
def test_settings_that_cannot_be_are_refused(change, sentence):
    with pytest.raises(ConfigError, match=sentence):
        settings_of(given(**change))
