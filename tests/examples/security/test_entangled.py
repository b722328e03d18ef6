"""The study, tiny. Also covers entangled_measure.py, entangled_page.py, entangled_picture.py, entangled_settings.py."""

from pathlib import Path

import pytest

import qfl
from qfl.errors import ConfigError
from qfl.studies.examples import member
from qfl.studies.request import begin

FOLDER = Path(qfl.__file__).parent.parent / "examples" / "security"
TINY = ("seeds=2", "clients=[2,4]", "trials=40", "states=4000", "shots=200")


def asked(tmp_path, *changes):
    file = FOLDER / "entangled.toml"
    return begin("security-entangled", FOLDER, file, quick=False, seed=1, changes=(*TINY, *changes), root=tmp_path)


def test_sums_are_as_far_off_as_foretold_and_correlations_find_no_tampering(tmp_path):
    study, request = member(FOLDER, "entangled"), asked(tmp_path)
    found = study.conduct(request)
    for row in found.numbers["sums"]:
        assert row["error_rad"] == pytest.approx(row["foretold_rad"], rel=0.35)
    areas = {(row["attack"], row["check"]): row["area"] for row in found.numbers["checks"]}
    assert all(0.3 < area < 0.7 for (_, check), area in areas.items() if check.startswith("shared"))
    assert areas["three times as long", "norm"] > 0.95 and areas["turned round", "direction"] > 0.95
    clean = next(row for row in found.numbers["messages"] if not row["depolarising"])
    assert clean["wrong"] == 0 and clean["pairs"] == 8
    assert (request.folder.path / "entangled.png").read_bytes().startswith(b"\x89PNG")
    assert "A simulation: no state was prepared" in found.text and "{" not in found.text
    assert study.conduct(request).numbers == found.numbers


@pytest.mark.parametrize(
    "change", ["seeds=101", "trials=1", "clients=[]", "depolarising=[2.0]", "transmittance=[0.0]", "false-alarms=0.9"]
)
def test_numbers_out_of_range_are_refused_by_name(tmp_path, change):
    with pytest.raises(ConfigError, match=f"{change.split('=')[0]} = "):
        member(FOLDER, "entangled").conduct(asked(tmp_path, change))
