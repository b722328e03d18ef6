"""The study, tiny. Also covers membership_measure.py, membership_page.py, membership_picture.py,
membership_settings.py."""

from pathlib import Path

import pytest

import qfl
from qfl.errors import ConfigError
from qfl.studies.examples import member
from qfl.studies.request import begin

FOLDER = Path(qfl.__file__).parent.parent / "examples" / "security"
TINY = ("seeds=1", "pool=64", "federations=8", "clients=2", "rounds=12", "layers=2", "mlp-rate=0.02")


def asked(tmp_path, *changes):
    file = FOLDER / "membership.toml"
    return begin("security-membership", FOLDER, file, quick=False, seed=1, changes=(*TINY, *changes), root=tmp_path)


def test_what_is_learned_by_heart_is_found_and_the_study_resumes(tmp_path):
    study, request = member(FOLDER, "membership"), asked(tmp_path)
    found = study.conduct(request)
    rows = {(row["model"], row["labels"], row["view"]): row for row in found.numbers["membership"]}
    assert len(rows) == 8
    control = rows["perceptron", "drawn by chance", "last model"]
    assert control["area"] > 0.7 and control["inside"] > control["outside"] + 0.3
    assert abs(rows["circuit", "true", "last model"]["area"] - 0.5) < 0.2
    assert (request.folder.path / "membership.png").read_bytes().startswith(b"\x89PNG")
    assert "{" not in found.text and "drawn by chance" in found.text
    assert study.conduct(request).numbers == found.numbers


@pytest.mark.parametrize("change", ["seeds=101", "federations=2", "clients=40", "false-alarms=0.9", "pool=2000"])
def test_numbers_out_of_range_are_refused_by_name(tmp_path, change):
    with pytest.raises(ConfigError, match=f"{change.split('=')[0]} = "):
        member(FOLDER, "membership").conduct(asked(tmp_path, change))
