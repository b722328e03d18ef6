"""The floor counts every signature of a round, and no more than there are."""

import pytest

from qfl.security.signing import Signer
from qfl.studies.bench import signature_floor as floor


def test_each_client_signs_and_verifies_and_each_update_is_verified(monkeypatch):
    signed, verified, sign, verify = [], [], Signer.sign, floor.verify
    monkeypatch.setattr(Signer, "sign", lambda self, message: signed.append(self) or sign(self, message))
    monkeypatch.setattr(floor, "verify", lambda key, *rest: verified.append(key) or verify(key, *rest))
    found = floor.signature_floor("ML-DSA-44", 3)
    assert len(signed) == 1 + 3 + 3 * 3  # the broadcast, the updates to verify, and the best of three
    assert len(verified) == 3 * (3 + 3)
    assert [verified.count(key) for key in dict.fromkeys(verified)] == [9, 3, 3, 3]  # the server's, then each client's
    assert found["together"] == pytest.approx(sum(found.values()) / 2) and min(found.values()) > 0


def test_the_least_of_three_turns_counts(monkeypatch):
    now, spent = iter([0.0, 3.0, 10.0, 11.0, 20.0, 22.0]), []
    monkeypatch.setattr(floor.time, "process_time", lambda: next(now))
    assert floor._least(lambda: spent.append(1)) == 1.0 and len(spent) == 3
