"""The study, in a tiny form. Also covers qkd_measure.py, qkd_page.py, qkd_picture.py, qkd_settings.py, study.py."""

from pathlib import Path

import pytest

import qfl
from qfl.errors import ConfigError
from qfl.studies.examples import member
from qfl.studies.request import begin

FOLDER = Path(qfl.__file__).parent.parent / "examples" / "security"
TINY = ("seeds=1", "distances-km=[1,40]", "pulses=3000000", "photons=200000", "pairs=1000000", "table-km=1")


def asked(tmp_path, *changes):
    file = FOLDER / "qkd.toml"
    return begin("security-qkd", FOLDER, file, quick=False, seed=1, changes=(*TINY, *changes), root=tmp_path)


def test_keys_get_shorter_with_distance_and_none_leaves_where_all_is_intercepted(tmp_path):
    study, request = member(FOLDER, "qkd"), asked(tmp_path)
    found = study.conduct(request)
    curves, table = found.numbers["curves"], found.numbers["table"]
    near, far = curves["BB84, single photons"]
    assert near["secure_bits"] > far["secure_bits"] and near["error_rate"] < 0.02
    for point in curves["BB84 with decoys, all intercepted"]:
        assert point["keys"] == 0 and point["error_rate"] == pytest.approx(0.25, abs=0.08)
    assert table["bb84: breidbart"]["known"] > table["bb84: intercept_resend"]["known"] > 0.7
    assert table["e91: intercept_resend"]["bell"] < 2
    assert (request.folder.path / "qkd.png").read_bytes().startswith(b"\x89PNG")
    assert "A simulation: no photon was sent" in found.text
    assert study.conduct(request).numbers == found.numbers


@pytest.mark.parametrize(
    "change", ["seeds=101", "pulses=1", "photons=1", "pairs=1", "table-km=-1", "distances-km=[]", "distances-km=[-1]"]
)
def test_numbers_out_of_range_are_refused_by_name(tmp_path, change):
    with pytest.raises(ConfigError, match=f"{change.split('=')[0]} = "):
        member(FOLDER, "qkd").conduct(asked(tmp_path, change))
