"""The study, tiny. Also covers leakage_measure.py, leakage_page.py, leakage_picture.py, leakage_settings.py."""

from pathlib import Path

import pytest

import qfl
from qfl.errors import ConfigError
from qfl.studies.examples import member
from qfl.studies.request import begin

FOLDER = Path(qfl.__file__).parent.parent / "examples" / "security"
TINY = (
    *("seeds=1", "side=2", "layers=2", "hidden=2", "batches=[1,8]", "steps=[1]", "sums=[8]", "noise=[1.0]"),
    *("shots=[50]", "restarts=2", "evaluations=30"),
)


def asked(tmp_path, *changes):
    file = FOLDER / "leakage.toml"
    return begin("security-leakage", FOLDER, file, quick=False, seed=1, changes=(*TINY, *changes), root=tmp_path)


def test_one_bare_digit_is_found_and_counting_says_where_none_can_be(tmp_path):
    study, request = member(FOLDER, "leakage"), asked(tmp_path)
    found = study.conduct(request)
    rows = {(row["model"], row["protection"], row["batch"]): row for row in found.numbers["leakage"]}
    assert len(rows) == 5 + 5 + 4
    circuit = "re-uploading circuit"
    bare = rows[circuit, "none", 1]
    assert (bare["unknowns"], bare["angles"], bare["rank"]) == (4, 24, 4)
    assert bare["psnr_db"] > max(30, bare["nearest_db"]) and bare["recovered"] == 1
    large = rows[circuit, "none", 8]
    assert large["unknowns"] == 32 > large["angles"] >= large["rank"] and large["psnr_db"] < bare["psnr_db"] - 10
    assert rows[circuit, "noise multiplier 1", 1]["psnr_db"] < bare["psnr_db"] - 10
    assert rows["amplitude circuit", "none", 1]["unknowns"] == 3
    assert (request.folder.path / "leakage.png").read_bytes().startswith(b"\x89PNG")
    assert "{" not in found.text
    assert study.conduct(request).numbers == found.numbers


@pytest.mark.parametrize("change", ["seeds=101", "side=5", "batches=[]", "noise=[-1.0]", "shots=[10,10]"])
def test_numbers_out_of_range_are_refused_by_name(tmp_path, change):
    with pytest.raises(ConfigError, match=f"{change.split('=')[0]} = "):
        member(FOLDER, "leakage").conduct(asked(tmp_path, change))
