"""A damaged or forged model file is refused in a sentence, whatever was done to it."""

import json
from typing import Any

import numpy as np
import pytest

from qfl.errors import DataError
from qfl.reading import read_arrays
from qfl.security.profiles import ML_DSA_44
from qfl.security.signed_arrays import MOST_HEADER
from qfl.security.signing import generate
from qfl.testing.folder_faults import folder_faults
from qfl.trained.container import ModelFile, read_model, write_model
from qfl.trained.export import export_run
from qfl.trained.model import load_model

SIGNER, OTHER = generate(ML_DSA_44), generate(ML_DSA_44)
CONTENT = ModelFile({"facts": {}}, np.linspace(-1, 1, 7), {"pca_mean": np.arange(3.0)})


@pytest.fixture
def path(tmp_path):
    write_model(tmp_path / "m.npz", CONTENT, SIGNER)
    return tmp_path / "m.npz"


def rewritten(path, **arrays):
    found: dict[str, Any] = read_arrays(path) | arrays
    with open(path, "wb") as file:
        np.savez(file, **found)


def test_what_was_written_comes_back(path):
    found, key = read_model(path, SIGNER.key)
    assert found.header["facts"] == {} and np.array_equal(found.angles, CONTENT.angles) and key == SIGNER.key
    assert np.array_equal(found.arrays["pca_mean"], np.arange(3.0))


def test_every_flipped_byte_is_refused_or_changes_nothing(path):
    """Bytes that zip keeps beside the content, such as a time stamp, may change."""
    sound, rng = path.read_bytes(), np.random.default_rng(1)
    refused = 0
    for place in rng.choice(len(sound), 150, replace=False):
        spoilt = bytearray(sound)
        spoilt[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(spoilt)
        try:
            found, _ = read_model(path, SIGNER.key)
        except DataError as error:
            refused += 1
            assert "\n" not in str(error)
        else:
            assert np.array_equal(found.angles, CONTENT.angles) and found.header["facts"] == {}
    assert refused > 120


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_file_that_is_cut_short_is_refused(path, share):
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(DataError, match="is refused as a model file"):
        read_model(path)


def test_other_numbers_under_the_same_signature_are_refused(path):
    rewritten(path, angles=CONTENT.angles + 1e-9)
    with pytest.raises(DataError, match="holds other numbers than were signed"):
        read_model(path)


def test_another_header_under_the_same_signature_is_refused(path):
    header = json.dumps({"format": "qfl-model-2", "facts": {"num_features": 3}}).encode()
    rewritten(path, header=np.frombuffer(header, np.uint8))
    with pytest.raises(DataError, match="holds other numbers than were signed"):
        read_model(path)


def test_anothers_signature_or_key_is_refused(path, tmp_path):
    write_model(tmp_path / "other.npz", CONTENT, OTHER)
    forged = read_arrays(tmp_path / "other.npz")
    rewritten(path, signature=forged["signature"])
    with pytest.raises(DataError, match="not signed as it should be, unknown-key"):
        read_model(path)
    with pytest.raises(DataError, match="not signed as it should be, unknown-key"):
        read_model(tmp_path / "other.npz", SIGNER.key)


def test_what_is_too_long_is_refused_before_it_is_read(path):
    rewritten(path, header=np.zeros(MOST_HEADER + 1, np.uint8))
    with pytest.raises(DataError, match=r"a header of 16,777,217 bytes, where at most 16,777,216"):
        read_model(path)
    rewritten(path, header=np.zeros(3, np.uint8), signature=np.zeros(10**5, np.uint8))
    with pytest.raises(DataError, match="a signature of 100,000 bytes"):
        read_model(path)


def test_a_signed_file_of_something_else_is_refused(path):
    write_model(path, ModelFile({"settings": {"task": "classify"}}, CONTENT.angles), SIGNER)
    with pytest.raises(DataError, match="holds no model of this version"):
        load_model(path)
    write_model(path, ModelFile({}, np.array([np.nan])), SIGNER)
    with pytest.raises(DataError, match="angles that are not finite"):
        read_model(path)


def test_what_is_no_model_file_is_refused(tmp_path):
    with pytest.raises(DataError, match="no such model file"):
        read_model(tmp_path / "absent")
    with pytest.raises(DataError, match=r"is no plain file|cannot be read"):
        read_model(tmp_path)
    np.savez(tmp_path / "x.npz", x=np.ones(3))
    with pytest.raises(DataError, match="lacks its entry 'header'"):
        read_model(tmp_path / "x.npz")


def test_damaged_files_are_refused_or_predict_as_before(digits, tmp_path):
    sound = tmp_path / "sound"
    sound.mkdir()
    export_run(digits.path, sound / "model.npz")
    x = np.random.default_rng(1).random((4, 64))

    def read(folder):
        return load_model(folder / "model.npz").predict(x).tolist()

    assert folder_faults(sound, tmp_path / "spoilt", read, 60) == []
