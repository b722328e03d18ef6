"""Versions, signatures, and what is refused. Also covers qfl/backbone/runtime/templates/entry.py."""

import shutil

import numpy as np
import pytest

from qfl.backbone.runtime.templates.entry import Template
from qfl.backbone.runtime.templates.folder import Templates, list_templates, read_templates, register
from qfl.errors import ConfigError, DataError
from qfl.reading import read_arrays
from qfl.security.profiles import ML_DSA_44
from qfl.security.signing import generate

SIGNER, OTHER = generate(ML_DSA_44), generate(ML_DSA_44)


def ramp(value=0.5, **changes):
    arrays = {"gammas": np.array([value]), "betas": np.array([0.2])}
    return Template(**{"name": "ramp", "kind": "angles", "facts": {"layers": 1}, "arrays": arrays} | changes)


def test_versions_are_counted_up_and_the_newest_is_found(tmp_path):
    assert register(tmp_path, ramp(0.5), SIGNER).version == 1
    assert register(tmp_path, ramp(0.6), SIGNER).version == 2
    assert register(tmp_path, ramp(0.6), SIGNER).version == 2  # it says nothing new
    found = read_templates(tmp_path, SIGNER.key).need("ramp@2", "angles")
    assert found.arrays["gammas"].tolist() == [0.6] and found.facts == {"layers": 1}
    assert [(row["version"], "fault" in row) for row in list_templates(tmp_path)] == [(1, False), (2, False)]


def altered(path):
    arrays = read_arrays(path) | {"gammas": np.array([0.7])}
    with open(path, "wb") as file:
        np.savez(file, **arrays)


@pytest.mark.parametrize(
    ("attack", "said"),
    [
        (altered, "holds other numbers than were signed"),
        (lambda path: path.write_bytes(path.read_bytes()[:-100]), "is refused as a template"),
        (lambda path: path.write_bytes(b""), "is refused as a template"),
        (lambda path: shutil.copy(path.with_name("ramp@1.npz"), path), "it holds ramp@1; give it its own name"),
    ],
)
def test_an_altered_newest_entry_is_refused_and_no_older_one_is_taken_for_it(tmp_path, attack, said):
    for value in (0.5, 0.6):
        register(tmp_path, ramp(value), SIGNER)
    attack(tmp_path / "ramp@2.npz")
    with pytest.raises(DataError, match=said):
        read_templates(tmp_path, SIGNER.key)
    with pytest.raises(DataError, match=said):
        register(tmp_path, ramp(0.8), SIGNER)
    faults = [row.get("fault", "") for row in list_templates(tmp_path)]
    assert not faults[0] and said in faults[1]


def test_another_s_signature_is_refused_in_a_sentence(tmp_path):
    register(tmp_path, ramp(), OTHER)
    with pytest.raises(DataError, match=r"ramp@1.npz is refused as a template: it is not signed as it should be"):
        read_templates(tmp_path, SIGNER.key)
    with pytest.raises(DataError, match="is not signed as it should be"):
        register(tmp_path, ramp(0.9), SIGNER)


def test_one_that_is_older_than_asked_is_refused(tmp_path):
    register(tmp_path, ramp(0.5), SIGNER)
    register(tmp_path, ramp(0.6), SIGNER)
    (tmp_path / "ramp@2.npz").unlink()  # whoever writes into the folder can do this
    templates = read_templates(tmp_path, SIGNER.key)
    assert templates.need("ramp", "angles").version == 1
    with pytest.raises(ConfigError, match=r"template ramp@1 is older than ramp@2, which was asked for"):
        templates.need("ramp@2", "angles")


@pytest.mark.parametrize(
    ("wanted", "kind", "said"),
    [
        ("none", "angles", "there is no template 'none'; give one of ramp"),
        ("ramp@x", "angles", "give NAME, or NAME@VERSION"),
        ("ramp@-1", "angles", "give NAME, or NAME@VERSION"),
        ("ramp", "checkpoint", "is of the kind angles; name one of the kind checkpoint"),
        ("", "angles", "there is no template ''"),
    ],
)
def test_what_is_not_there_is_said(wanted, kind, said):
    with pytest.raises(ConfigError, match=said):
        Templates({"ramp": ramp(version=1)}).need(wanted, kind)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "../ramp"}, "is no name of a template"),
        ({"name": ""}, "is no name of a template"),
        ({"name": "x" * 101}, "is no name of a template"),
        ({"kind": "magic"}, "give one of qubo, angles, checkpoint"),
        ({"arrays": {"gammas": np.array([np.nan])}}, "gammas has what is no finite number"),
        ({"arrays": {"gammas": np.array(["a"])}}, "gammas has what is no finite number"),
    ],
)
def test_what_is_no_entry_is_refused(changes, said):
    with pytest.raises(ConfigError, match=said):
        ramp(**changes)


def test_another_kind_under_the_same_name_and_no_folder_are_refused(tmp_path):
    register(tmp_path, ramp(), SIGNER)
    with pytest.raises(ConfigError, match="give this one another name"):
        register(tmp_path, Template("ramp", "checkpoint"), SIGNER)
    with pytest.raises(ConfigError, match="is no folder of templates"):
        read_templates(tmp_path / "absent", SIGNER.key)
    with pytest.raises(ConfigError, match="is no folder of templates"):
        read_templates(tmp_path / "ramp@1.npz", SIGNER.key)


def test_files_that_are_none_are_passed_over(tmp_path):
    register(tmp_path, ramp(), SIGNER)
    for name in ("readme.txt", "Ramp@1.npz", "ramp@0.npz", "ramp@01.npz", ".ramp@1.npz.tmp"):
        (tmp_path / name).write_text("x")
    assert list(read_templates(tmp_path, SIGNER.key).newest) == ["ramp"]
