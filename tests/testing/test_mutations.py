"""Mutants are the same for one seed, differ from what they come from, and every fault of a reader is told apart."""

import time

from qfl.errors import Rejection
from qfl.seeds import stream
from qfl.testing.mutations import Finding, budget, findings, mutants, timed

ORIGINALS = [b"\xa2\x01\x02\x03\x41a", b'{"a": [1, 2]}']


def test_one_seed_gives_the_same_mutants_and_none_is_an_original():
    first, second = (list(mutants(stream(1, "fuzz"), ORIGINALS, 300)) for _ in range(2))
    assert first == second and len(first) == 300
    assert len(set(first)) > 200 and not set(first) & set(ORIGINALS)


def test_acceptance_traceback_and_slowness_are_findings_and_a_refusal_is_none():
    def read(data):
        if data == b"slow":
            end = time.process_time() + 0.12
            while time.process_time() < end:
                pass
        if data == b"crash":
            raise IndexError("out of range")
        if data != b"good":
            raise Rejection("not-cose")

    found = findings(read, [b"bad", b"good", b"crash", b"slow"], Rejection)
    assert found[:2] == [Finding(b"good", "accepted"), Finding(b"crash", "IndexError: out of range")]
    assert [each.mutant for each in found[2:]] == [b"slow"] and "processor time" in found[2].fault


def test_the_budget_is_a_share_of_the_environments_or_of_a_thousand_and_never_nothing(monkeypatch):
    monkeypatch.delenv("QFL_FUZZ", raising=False)
    assert (budget(), budget(0.2), budget(1e-6)) == (1000, 200, 1)
    monkeypatch.setenv("QFL_FUZZ", "100000")
    assert (budget(), budget(0.1)) == (100_000, 10_000)


def test_what_is_slow_once_is_measured_again_and_what_is_slow_thrice_is_slow():
    def spin(seconds):
        end = time.process_time() + seconds
        while time.process_time() < end:
            pass

    waits = iter([0.05, 0.0])
    assert timed(lambda: spin(next(waits)), 0.04)[1] < 0.04
    assert timed(lambda: spin(0.05), 0.04)[1] >= 0.05
    assert timed(lambda: time.sleep(0.05), 0.04)[1] < 0.04  # it waited, as for another process
