"""Streams: a function of seed and path, and of nothing else."""

import os
import subprocess
import sys

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from qfl.seeds import stream

PART = st.one_of(st.text(max_size=3), st.integers(-3, 3))
PATH = st.tuples(st.integers(), st.lists(PART, max_size=4).map(tuple))


@given(PATH)
def test_the_same_path_gives_the_same_numbers(path):
    seed, parts = path
    assert np.array_equal(stream(seed, *parts).random(4), stream(seed, *parts).random(4))


@given(PATH, PATH)
def test_different_paths_give_different_numbers(one, two):
    same = one == two
    assert np.array_equal(stream(one[0], *one[1]).random(4), stream(two[0], *two[1]).random(4)) == same


def test_a_word_is_not_the_number_it_spells():
    assert stream(1, "batch", 3).random() != stream(1, "batch", "3").random()


def test_seed_and_client_do_not_add_up():
    assert stream(0, "client", 1).random() != stream(1, "client", 0).random()


def test_drawing_leaves_other_streams_and_the_global_generator_alone():
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    expected = stream(7, "b").random()
    stream(7, "a").random(1000)
    assert stream(7, "b").random() == expected
    assert np.array_equal(np.random.get_state()[1], before)  # noqa: NPY002


def test_the_numbers_are_the_same_in_another_process_with_another_hash_seed():
    program = "from qfl.seeds import stream; print(int(stream(5, 'batch', 1, 2).integers(2**62)))"
    outputs = {
        subprocess.check_output([sys.executable, "-c", program], env=os.environ | {"PYTHONHASHSEED": seed})
        for seed in ("1", "2")
    }
    assert outputs == {f"{int(stream(5, 'batch', 1, 2).integers(2**62))}\n".encode()}


def test_the_numbers_of_a_seed_never_change():
    """A released seed is a promise: this constant was written down once."""
    assert int(stream(1, "batch", 3, 7).integers(10**9)) == FIRST


FIRST = 573462175
