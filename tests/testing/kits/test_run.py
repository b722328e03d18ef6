"""The runner of kits: a failure in words, whatever it was, and the others all the same."""

from qfl.testing.kits import run


def test_every_check_runs_and_what_fails_is_said_in_words():
    ran = []

    def passes():
        ran.append("passes")

    def fails():
        raise AssertionError("it fell from 2 to 1")

    def breaks():
        raise KeyError("seed")

    failures = run([("it never falls", fails), ("it solves", breaks), ("it is there", passes)])
    assert failures == ["it never falls: it fell from 2 to 1", "it solves: KeyError: 'seed'"]
    assert ran == ["passes"]


def test_nothing_fails_where_nothing_is_checked():
    assert run([]) == []
