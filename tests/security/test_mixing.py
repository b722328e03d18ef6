import pytest

from qfl.errors import ConfigError, Rejection
from qfl.security.mixing import seal_mixed, unseal_mixed
from qfl.security.sealing import HYBRID, ML_KEM, new_seal_key

QUANTUM, INFO = bytes(range(32)), b"round 1"


@pytest.mark.parametrize("algorithm", [ML_KEM, HYBRID])
def test_it_opens_with_both_keys_and_with_nothing_less(algorithm):
    key = new_seal_key(algorithm)
    box = seal_mixed(b"update", algorithm, key.public, INFO, QUANTUM)
    assert unseal_mixed(box, key, INFO, QUANTUM) == b"update"
    for other, info, quantum in (
        (new_seal_key(algorithm), INFO, QUANTUM),
        (key, b"round 2", QUANTUM),
        (key, INFO, bytes(32)),
    ):
        with pytest.raises(Rejection, match="bad-seal"):
            unseal_mixed(box, other, info, quantum)


def test_no_byte_can_be_altered_or_left_out():
    key = new_seal_key(ML_KEM)
    box = seal_mixed(b"update", ML_KEM, key.public, INFO, QUANTUM)
    for place in (0, 1, 2, len(box) // 2, len(box) - 1):
        altered = bytearray(box)
        altered[place] ^= 1
        with pytest.raises(Rejection, match="bad-seal"):
            unseal_mixed(bytes(altered), key, INFO, QUANTUM)
    for length in (0, 1, 2, 100, len(box) - 1):
        with pytest.raises(Rejection, match="bad-seal"):
            unseal_mixed(box[:length], key, INFO, QUANTUM)


def test_two_seals_of_the_same_differ():
    key = new_seal_key(ML_KEM)
    one, other = (seal_mixed(b"update", ML_KEM, key.public, INFO, QUANTUM) for _ in range(2))
    assert one[-22:] != other[-22:]


@pytest.mark.parametrize("quantum", [b"", bytes(31), bytes(33)])
def test_a_quantum_key_has_32_bytes(quantum):
    key = new_seal_key(ML_KEM)
    with pytest.raises(ConfigError, match="give 32"):
        seal_mixed(b"update", ML_KEM, key.public, INFO, quantum)
