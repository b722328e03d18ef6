"""The study, tiny. Also covers attacks_measure.py, attacks_page.py, attacks_picture.py, attacks_settings.py."""

from pathlib import Path

import pytest

import qfl
from qfl.errors import ConfigError, RoundFailed
from qfl.federation.runtime.launch import run_app
from qfl.studies.examples import member, module_of
from qfl.studies.request import begin

FOLDER = Path(qfl.__file__).parent.parent / "examples" / "security"
TINY = (
    *("seeds=2", 'attacks=["sign-flip","backdoor"]', 'defences=["fedavg","masked","norm-screen"]', "clients=5"),
    *("rounds=2", "layers=1", "local-steps=1"),
)


def asked(tmp_path, *changes):
    file = FOLDER / "attacks.toml"
    root = FOLDER.parent.parent
    return begin("security-attacks", root, file, quick=False, seed=1, changes=(*TINY, *changes), root=tmp_path)


def test_cells_are_what_runs_by_themselves_come_to(tmp_path):
    study, request = member(FOLDER, "attacks"), asked(tmp_path)
    found = study.conduct(request)
    own, rows = found.numbers["attacks"], request.folder.rows("cells")
    assert len(rows) == 2 * 3 * 3
    settings = study.settings(request).settings(2, "sign-flip", "norm-screen", str(tmp_path / "alone"))
    alone = run_app(settings, request.checkout).rounds()[-1]["accuracy"]
    by_cell = {(row["seed"], row["attack"], row["defence"]): row for row in rows}
    assert by_cell[2, "sign-flip", "norm-screen"]["accuracy"] == alone
    pair = [by_cell[seed, "sign-flip", "norm-screen"]["accuracy"] for seed in (1, 2)]
    clean = [by_cell[seed, "none", "norm-screen"]["accuracy"] for seed in (1, 2)]
    lost = sum(max(0.0, before - after) for before, after in zip(clean, pair, strict=True)) / 2
    assert own["sign-flip"]["norm-screen"]["accuracy"] == pytest.approx(sum(pair) / 2)
    assert own["sign-flip"]["norm-screen"]["success"] == pytest.approx(lost)
    for attack in ("none", "sign-flip", "backdoor"):
        apart = own[attack]["masked"]["accuracy"] - own[attack]["fedavg"]["accuracy"]
        assert abs(apart) < 0.02, "masks change no more than the last digits"
    assert own["sign-flip"]["norm-screen"]["attackers_out"] is not None
    assert own["sign-flip"]["fedavg"]["attackers_out"] is None
    assert (request.folder.path / "attacks.png").read_bytes().startswith(b"\x89PNG")
    assert "{" not in found.text and "Which defence fails where" in found.text
    assert study.conduct(request).numbers == found.numbers
    assert not any(row["stopped"] for row in rows) and "**Stopped**" not in found.text


def test_a_rule_with_too_few_updates_left_is_a_row_and_not_the_end_of_the_study(tmp_path, monkeypatch):
    measure = module_of(FOLDER, "attacks_measure")

    def stopped(settings, checkout):
        run_app(settings, checkout)
        raise RoundFailed("rounds 1 to 3 failed, so the run stops")

    study, request = (
        member(FOLDER, "attacks"),
        asked(tmp_path, "seeds=1", 'defences=["bulyan"]', "share=0.2", "clients=7"),
    )
    monkeypatch.setattr(measure, "run_app", stopped)
    found = study.conduct(request)
    assert [row["stopped"] for row in request.folder.rows("cells")] == [True] * 3
    assert found.numbers["attacks"]["sign-flip"]["bulyan"]["stopped"] == 1.0
    assert "Bulyan against sign flip (100 % of seeds)" in found.text and "Its last model counts" in found.text


@pytest.mark.parametrize(
    "change",
    ["seeds=101", "share=0.9", 'attacks=["flip"]', "defences=[]", 'defences=["fedavg","fedavg"]', "rounds=0"],
)
def test_what_cannot_be_is_refused_by_name(tmp_path, change):
    with pytest.raises(ConfigError, match=f"{change.split('=')[0]} = "):
        member(FOLDER, "attacks").conduct(asked(tmp_path, change))


def test_a_verdict_is_by_points_lost_and_samples_won():
    page = module_of(FOLDER, "attacks_page")
    found = {
        "none": {"fedavg": {"accuracy": 0.9, "chance": 0.1}},
        "sign-flip": {"fedavg": {"accuracy": 0.7, "success": 0.2}},
        "backdoor": {"fedavg": {"accuracy": 0.9, "success": 0.5}},
    }
    gained = [page._gained(found, attack, "fedavg") for attack in ("sign-flip", "backdoor")]
    assert gained == [pytest.approx(0.2), pytest.approx(0.4)]
