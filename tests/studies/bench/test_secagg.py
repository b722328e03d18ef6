"""The benchmark of masked sums measures real rounds.

Also covers masked_round.py, encrypted_round.py and secagg_peers.py.
"""

import sys

import pytest

from qfl.security.homomorphic.ckks import error_deviation
from qfl.studies.bench.encrypted_round import encrypted_round
from qfl.studies.bench.masked_round import Fleet, masked_round, plain_round
from qfl.studies.bench.secagg import bench_secagg, encrypted


@pytest.fixture(scope="module")
def fleet():
    return Fleet.of(12)


def test_a_round_is_exact_with_clients_lost_before_and_after_the_upload(fleet):
    found = masked_round(fleet, 20, 0, lost_before=2, lost_after=1)
    assert found["exact"] and found["threshold"] == 9
    assert 0 < found["recover_s"] < found["server_s"] and found["client_ms"] > 0


def test_bytes_are_those_of_the_closed_form_of_the_design(fleet):
    """Keys, shares and pair seeds of 11 neighbours, five signatures, words: within a tenth of the sum of its parts."""
    found = masked_round(fleet, 1000, 0)
    signatures, keys, shares, pairs = 5 * 3309, 2 * 1184 + 32, 11 * (1088 + 16 + 66), 5.5 * (1088 + 16 + 32)
    assert found["bytes_up"] == pytest.approx(signatures + keys + 5.5 * 32 + shares + pairs + 8000 + 12 * 37, rel=0.1)


def test_an_unmasked_round_costs_less(fleet):
    masked, plain = masked_round(fleet, 100, 4), plain_round(fleet, 100)
    assert plain["server_s"] < masked["server_s"] and plain["bytes_up"] < masked["bytes_up"]


def test_an_encrypted_round_is_exact_and_its_bytes_are_ciphertexts_and_one_signature(fleet):
    pytest.importorskip("tenseal", reason="TenSEAL is not installed")
    found = encrypted_round(fleet, 246, lost=2)
    assert found["exact"] and 0 < found["error_before_rounding"] < 6 * error_deviation(10)
    assert found["bytes_up"] == pytest.approx(found["ciphertext_bytes"] + 3309, rel=0.01)
    assert found["bytes_down"] < found["keyholder_bytes_up"] and found["keyholder_ms"] > found["client_ms"] > 0
    assert encrypted(fleet, 20)["angle_bits"] == 22  # 2^38 over 12 clients of 500 samples, who move 2 pi


def test_without_tenseal_the_benchmark_says_so_and_goes_on(fleet, monkeypatch):
    monkeypatch.setitem(sys.modules, "tenseal", None)
    assert "homomorphic sums need TenSEAL" in encrypted(fleet, 20)["missing"]


def test_flowers_weakness_is_measured_beside_it():
    pytest.importorskip("flwr.common.secure_aggregation.secaggplus_utils")
    pytest.importorskip("Crypto")
    found = bench_secagg(10, 4, 50, growth=(6, 12), growth_neighbours=2)
    flower = found["flower_secagg_plus"]
    assert flower["pair_key_bits"] == 28 and flower["least_level_of_four"] == 0
    assert found["exact"] and found["ratio_flower"] > 1 and 0 < flower["break_core_hours"] < 1000
