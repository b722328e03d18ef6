"""Signed arrays of one purpose are none of another. How a file is damaged is tested with model files."""

import numpy as np
import pytest

from qfl.errors import Damaged, Rejection
from qfl.security.envelope import MODEL, TEMPLATE
from qfl.security.profiles import ML_DSA_44
from qfl.security.signed_arrays import as_fault, read_signed, write_signed
from qfl.security.signing import generate

SIGNER = generate(ML_DSA_44)


def test_one_purpose_is_not_taken_for_another(tmp_path):
    write_signed(tmp_path / "a", {"x": 1}, {"numbers": np.arange(3)}, SIGNER, TEMPLATE)
    header, arrays, key = read_signed(tmp_path / "a", TEMPLATE, SIGNER.key)
    assert header == {"x": 1} and arrays["numbers"].tolist() == [0, 1, 2] and key == SIGNER.key
    with pytest.raises(Rejection, match="wrong-type"):
        read_signed(tmp_path / "a", MODEL, SIGNER.key)


def test_another_s_file_is_rejected_and_the_fault_is_the_rest_of_a_sentence(tmp_path):
    write_signed(tmp_path / "a", {}, {}, generate(ML_DSA_44), TEMPLATE)
    with pytest.raises(Rejection) as raised:
        read_signed(tmp_path / "a", TEMPLATE, SIGNER.key)
    assert as_fault(raised.value).startswith("is not signed as it should be, unknown-key")
    assert as_fault(Damaged("is no plain file")) == "is no plain file"
