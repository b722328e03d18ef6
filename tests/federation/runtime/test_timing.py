"""Seconds by part, for whoever collects them."""

from qfl.federation.runtime.timing import collected, timed


def test_a_part_adds_up_and_parts_are_apart():
    with collected() as seconds:
        for part in ("train", "crypto", "train"):
            with timed(part):
                pass
    assert sorted(seconds) == ["crypto", "train"] and all(number >= 0 for number in seconds.values())


def test_when_nobody_collects_nothing_is_kept():
    with collected() as seconds:
        pass
    with timed("train"):
        pass
    assert not seconds
