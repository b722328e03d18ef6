"""Points of presence together, central and alone, in seconds.

Also covers together_page.py and together_subjects.py.
"""

from pathlib import Path

import pytest

import qfl
from qfl.backbone.applications.autoencoder.block_errors import block_errors
from qfl.backbone.applications.autoencoder.codebooks import hamming
from qfl.errors import ConfigError, RunFolderError
from qfl.studies.examples import module_of
from qfl.studies.request import begin

ROOT = Path(qfl.__file__).parent.parent
FOLDER = ROOT / "examples" / "q_backbone"
TINY = ("rounds=1", "clients.count=2", "data.my.points=2", "train.local-steps=2")
FORECAST, CODE = ("data.my.days=2", "data.my.test_days=1"), ("data.my.blocks=32", "data.my.test_blocks=400")
KERNEL = ("data.my.rows=60", "data.my.test_rows=60", "train.local-steps=10", "train.learning-rate=0.1")
together = module_of(FOLDER, "together")
OF = {name.split(".")[3]: subject for name, subject in together.SUBJECTS.items()}


def asked(tmp_path, name, *changes):
    file = FOLDER / f"{name}_federated.toml"
    begun = begin(f"backbone-{name}", ROOT, file, quick=True, seed=1, changes=(*TINY, *changes), root=tmp_path)
    return begun


@pytest.mark.parametrize(("name", "changes"), [("forecast", FORECAST), ("autoencoder", CODE), ("kernel", KERNEL)])
def test_three_ways_to_train_on_the_same_samples(tmp_path, monkeypatch, name, changes):
    for kind in ("forecast", "anomaly"):  # one less takes less time
        monkeypatch.delitem(OF[kind].models, "perceptron")
    request = asked(tmp_path, name, *changes)
    found = together.STUDY.conduct(request)
    quantum, *classical = found.numbers["models"].values()
    assert classical and quantum["parameters"] == {"forecast": 34, "autoencoder": 848, "kernel": 146}[name]
    for own in (quantum, *classical):
        values = {own[key]["value"] for key in ("federated", "central", "alone", "alone_on_its_own")}
        assert len(values) > 1 and all(-1e3 < value <= 1 for value in values)
    assert "(quantum)" in found.text and found.numbers["rounds"] == 1
    monkeypatch.setattr(together, "run_app", lambda *_: pytest.fail("ran again"))
    monkeypatch.setattr(together, "train_centrally", lambda *_: pytest.fail("trained again"))
    assert together.STUDY.conduct(request).numbers == found.numbers
    next(request.folder.path.glob(f"{'kernel' if name == 'kernel' else 'circuit'}-1-alone.json")).write_text("{}")
    with pytest.raises(RunFolderError, match="holds no values; delete it"):
        together.STUDY.conduct(request)


def test_the_reference_of_the_code_is_hammings_at_every_points_ratio(tmp_path):
    same = ("data.my.spread_db=0.0", "data.my.test_blocks=20000", "data.my.blocks=32")
    settings = together.settings_of(asked(tmp_path, "autoencoder", *same))
    name, reference = OF["autoencoder"].reference
    expected = block_errors(hamming(), 3.0, 200_000).rate
    assert "Hamming" in name and reference(together.build(settings)) == pytest.approx(expected, abs=0.004)


def test_a_telling_of_no_change_has_no_r2_to_speak_of(tmp_path):
    reference = OF["forecast"].reference[1]
    found = reference(together.build(together.settings_of(asked(tmp_path, "forecast", *FORECAST))))
    assert -0.2 < found <= 0


def test_the_reference_of_the_kernel_has_all_rows_and_beats_chance(tmp_path):
    settings = together.settings_of(asked(tmp_path, "kernel", "data.my.rows=200", "data.my.test_rows=400"))
    assert 0.6 < OF["anomaly"].reference[1](together.build(settings)) < 1


def test_a_setting_that_cannot_be_is_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"clients\.count = 2, but the data name 3 clients"):
        together.STUDY.conduct(asked(tmp_path, "forecast", *FORECAST, "data.my.points=3"))
