"""References are those of the app's folder, whatever folder the run file lies in. Also covers data_rules.py."""

from qfl.config import Settings
from qfl.config.data_rules import data_faults
from qfl.config.references import placed, references

OWN = Settings.from_flat({"data.name": "links.py:load", "strategy.name": "rules.py:Mine"})


def test_a_file_beside_the_run_file_is_named_from_the_apps_folder(tmp_path):
    beside = tmp_path / "examples/own"
    beside.mkdir(parents=True)
    (beside / "links.py").touch()
    (tmp_path / "rules.py").touch()
    found = placed(OWN, tmp_path, beside)
    assert references(found) == {"data.name": "examples/own/links.py:load", "strategy.name": "rules.py:Mine"}
    assert placed(found, tmp_path, beside) == found
    assert placed(Settings(), tmp_path, beside) == Settings() and references(Settings()) == {}


def test_rules_of_data_and_model_go_by_the_features_and_labels_that_there_are():
    settings = Settings.from_flat({"data.name": "a.csv", "model.qubits": 2, "data.labels-per-client": 3})
    assert data_faults(settings, 4, 3) == []
    assert "2 qubits have 3 Z and ZZ words for 4 labels; use model.qubits = 3 or more" in data_faults(settings, 4, 4)
    assert any("amplitude encoding of 5 features" in fault for fault in data_faults(settings, 5, 3))
    assert any("a.csv has 2 labels; choose at most 2" in fault for fault in data_faults(settings, 4, 2))
