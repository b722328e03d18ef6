"""Stages and programs keep the circuit's meaning and stay small.

Also covers qfl/quantum/stages.py.
"""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from qfl.quantum.ansatze import classifier
from qfl.quantum.circuit import Gate
from qfl.quantum.program import Gather, Matmul, compile_circuit, cut_into_blocks
from qfl.quantum.stages import Permutation, permutation, spectrum, to_stages

# the 2 x 2 and 4 x 4 matrices of a textbook, wires in order
TEXTBOOK = {
    "CNOT": [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]],
    "SWAP": [[1, 0, 0, 0], [0, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 1]],
}


def test_permutations_are_the_textbook_matrices():
    for name, matrix in TEXTBOOK.items():
        target = permutation(name, (0, 1), 2)
        np.testing.assert_array_equal(np.eye(4)[:, np.argsort(target)], matrix)


def test_toffoli_flips_the_target_where_both_controls_are_one():
    assert permutation("Toffoli", (0, 1, 2), 3).tolist() == [0, 1, 2, 3, 4, 5, 7, 6]


def test_the_spectrum_of_cz_makes_its_sign():
    np.testing.assert_allclose(np.exp(-0.5j * np.pi * spectrum("CZ", (0, 1), 2)), [1, 1, 1, -1], atol=1e-15)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)).filter(lambda w: w[0] != w[1]), max_size=12))
def test_any_run_of_cnots_is_one_permutation(pairs):
    stages = to_stages([Gate("CNOT", pair) for pair in pairs], 4)
    assert len(stages) <= 1 and all(isinstance(stage, Permutation) for stage in stages)


def test_a_layer_costs_one_product_per_block_and_at_most_as_many_gathers():
    for layers in (1, 5, 40):
        operations = compile_circuit(classifier("amplitude", "real_ring", 8, layers, 256, 10)).operations
        assert sum(isinstance(op, Matmul) for op in operations) == 2 * layers
        assert sum(isinstance(op, Gather) for op in operations) <= 2 * layers


def test_blocks_cover_the_wires_once_and_are_at_most_five_wide():
    for num_qubits in range(1, 21):
        blocks = cut_into_blocks(num_qubits)
        assert [wire for block in blocks for wire in block] == list(range(num_qubits))
        assert max(map(len, blocks)) <= 5
