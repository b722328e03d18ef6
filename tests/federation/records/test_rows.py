import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qfl.federation.records.rows import weighted_mean, worst_decile

SHARES = st.lists(st.floats(0, 1), min_size=1, max_size=60)


@given(SHARES)
def test_the_worst_decile_is_the_mean_of_the_smallest_tenth_and_of_one_client_at_least(values):
    count = max(1, -(-len(values) // 10))
    assert worst_decile(values) == pytest.approx(np.partition(values, count - 1)[:count].mean())


@given(st.lists(st.tuples(st.integers(1, 1000), st.floats(0, 10)), min_size=1, max_size=20))
def test_the_weighted_mean_is_the_mean_over_all_samples(clients):
    rows = [{"num_examples": n, "loss": loss} for n, loss in clients]
    samples = np.concatenate([np.full(n, loss) for n, loss in clients])
    assert weighted_mean(rows, "loss") == pytest.approx(samples.mean())


def test_without_clients_there_is_no_mean():
    assert weighted_mean([], "loss") is None and worst_decile([]) is None
