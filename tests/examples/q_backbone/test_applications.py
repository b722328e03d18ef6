"""The applications by all methods, in a tiny form.

Also covers applications_code.py, applications_heads.py, applications_measure.py and applications_settings.py.
"""

from pathlib import Path

import pytest

import qfl
from qfl.backbone.applications.forecast import forecasters
from qfl.errors import ConfigError
from qfl.studies.examples import member
from qfl.studies.request import begin

FOLDER = Path(qfl.__file__).parent.parent / "examples" / "q_backbone"
TINY = (
    "seeds=2",
    "test-rows=60",
    "days=3",
    "slices=4",
    "seconds=1",
    "frames=3",
    "most-qubits=4",
    "words=400",
    "steps=3",
)


def asked(tmp_path, *changes):
    file = FOLDER / "applications.toml"
    return begin("backbone-applications", FOLDER, file, quick=False, seed=1, changes=(*TINY, *changes), root=tmp_path)


def test_every_application_has_a_quantum_method_and_classical_ones(tmp_path, monkeypatch):
    monkeypatch.setattr(forecasters, "STEPS", 20)
    study, request = member(FOLDER, "applications"), asked(tmp_path)
    found = study.conduct(request)
    applications = found.numbers["applications"]
    assert set(applications) == {"detect", "predict", "surfaces", "slices", "decoding", "learn"}
    for name in ("detect", "predict", "surfaces", "decoding", "learn"):
        for methods in applications[name].values():
            assert {m["quantum"] for m in methods.values()} == {True, False}
    surfaces = applications["surfaces"]["14 elements"]
    assert all(m["value"] <= 1 + 1e-9 for m in surfaces.values())
    assert all(m["value"] <= 1 + 1e-9 for m in applications["slices"]["4 requests"].values())
    decoded = applications["decoding"]["12 bits at 2 dB"]
    assert decoded["maximum likelihood"]["value"] <= decoded["annealing of the penalties"]["value"] + 1e-9
    assert list(applications["learn"]) == ["0 dB", "2 dB", "4 dB", "6 dB"]
    for methods in applications["learn"].values():
        assert methods["Hamming, nearest symbols"]["value"] <= methods["Hamming, hard decisions"]["value"]
        assert {"circuit (64), nearest symbols", "table (112), network", "wide (199), network"} < methods.keys()
    assert (request.folder.path / "codes.png").read_bytes().startswith(b"\x89PNG")
    assert (request.folder.path / "applications.png").read_bytes().startswith(b"\x89PNG")
    assert "± " in found.text and study.conduct(request).numbers == found.numbers


@pytest.mark.parametrize("change", ["frames=0", "test-rows=10", "days=1", "most-qubits=20"])
def test_numbers_out_of_range_are_refused_by_name(tmp_path, change):
    with pytest.raises(ConfigError, match=f"{change.replace('=', ' = ')}; give a number from"):
        member(FOLDER, "applications").conduct(asked(tmp_path, change))
