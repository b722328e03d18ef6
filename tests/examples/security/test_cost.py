"""The study of signatures' cost, in a tiny form. Also covers cost_measure.py."""

from pathlib import Path

import pytest

import qfl
from qfl.errors import ConfigError
from qfl.studies.examples import member
from qfl.studies.request import begin

FOLDER = Path(qfl.__file__).parent.parent / "examples" / "security"
TINY = ("seeds=1", "clients=4", "channels=2", "repeats=3")


def asked(tmp_path, *changes):
    file = FOLDER / "cost.toml"
    return begin("security-cost", FOLDER, file, quick=False, seed=1, changes=(*TINY, *changes), root=tmp_path)


def test_bytes_decide_on_the_air_and_every_algorithm_has_its_row(tmp_path):
    study, request = member(FOLDER, "cost"), asked(tmp_path)
    found = study.conduct(request)
    rows = {name: row for name, row in found.numbers.items() if isinstance(row, dict) and "update_bytes" in row}
    sizes = {"Ed25519": 64, "ECDSA P-256": 64, "RSA-3072": 384, "ML-DSA-44": 2420, "ML-DSA-65": 3309, "ML-DSA-87": 4627}
    assert {name: rows[name]["signature_bytes"] for name in sizes} == sizes
    times = [rows[name]["air_s"] for name in ("none", "Ed25519", "RSA-3072", "ML-DSA-44", "ML-DSA-65", "ML-DSA-87")]
    assert times == sorted(times) and len(set(times)) == len(times)
    for row in rows.values():
        assert row["air_s"] / rows["none"]["air_s"] == pytest.approx(row["update_bytes"] / rows["none"]["update_bytes"])
    assert "Falcon-512" in found.text and rows["ECDSA P-256"]["sign_s"] > 0 and "no federation\naccepts" in found.text
    assert study.conduct(request).numbers == found.numbers


@pytest.mark.parametrize("change", ["seeds=101", "clients=0", "channels=0", "angles=0", "repeats=0"])
def test_numbers_out_of_range_are_refused_by_name(tmp_path, change):
    with pytest.raises(ConfigError, match=f"{change.split('=')[0]} = "):
        member(FOLDER, "cost").conduct(asked(tmp_path, change))
