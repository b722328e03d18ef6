"""The study of signatures' and sums' cost, in a tiny form. Also covers cost_measure.py and cost_sums.py."""

import sys
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


def test_sums_are_exact_and_ciphertexts_decide_on_the_air(tmp_path):
    pytest.importorskip("tenseal", reason="TenSEAL is not installed")
    found = member(FOLDER, "cost").conduct(asked(tmp_path))
    plain, masked, encrypted = (found.numbers["sums"][name] for name in ("plain", "masked", "CKKS"))
    assert masked["exact"] and encrypted["exact"] and 0 < encrypted["error_before_rounding"] < 0.1
    assert encrypted["air_bytes"] > 65_792 > masked["bytes_up"] > masked["air_bytes"] == plain["air_bytes"]
    assert encrypted["air_s"] / plain["air_s"] == pytest.approx(encrypted["air_bytes"] / plain["air_bytes"])
    assert masked["movement"] == 2.0**-32 < encrypted["movement"] == 2.0**-24  # 2^38 / (4 * 500 * 2 pi)
    assert "| CKKS |" in found.text and "So masking is the one to" in found.text


def test_without_tenseal_the_page_says_what_is_not_here(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tenseal", None)
    found = member(FOLDER, "cost").conduct(asked(tmp_path))
    assert set(found.numbers["sums"]) == {"plain", "masked"} and "TenSEAL, of the extra" in found.text


@pytest.mark.parametrize("change", ["seeds=101", "clients=0", "channels=0", "angles=0", "repeats=0"])
def test_numbers_out_of_range_are_refused_by_name(tmp_path, change):
    with pytest.raises(ConfigError, match=f"{change.split('=')[0]} = "):
        member(FOLDER, "cost").conduct(asked(tmp_path, change))
