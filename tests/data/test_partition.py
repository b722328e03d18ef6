import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qfl.config import DataSettings
from qfl.data.digits import load_digits
from qfl.data.manifest import indices_digest
from qfl.data.partition import PARTITIONS, fill_up, partition
from qfl.errors import ConfigError
from qfl.seeds import stream


def share_out(name, labels, clients, seed=0, **parameters):
    return partition(DataSettings(partition=name, **parameters), labels, clients, stream(seed, "partition"))


@settings(max_examples=60)
@given(
    name=st.sampled_from(sorted(PARTITIONS)),
    clients=st.integers(1, 25),
    extra=st.integers(0, 60),
    num_labels=st.integers(1, 6),
    alpha=st.sampled_from([1e-3, 0.1, 1.0, 100.0]),
    floor=st.integers(1, 4),
)
def test_every_sample_goes_to_exactly_one_client(name, clients, extra, num_labels, alpha, floor):
    labels = np.arange(num_labels * clients * floor + extra) % num_labels
    labels_per_client = -(-num_labels // clients)  # so many that every label has a client
    parts = share_out(name, labels, clients, alpha=alpha, min_samples=floor, labels_per_client=labels_per_client)
    assert len(parts) == clients
    assert sorted(np.concatenate(parts).tolist()) == list(range(len(labels)))
    assert all(np.all(np.diff(part) > 0) for part in parts)
    assert min(len(part) for part in parts) >= (floor if name in ("dirichlet", "quantity") else 1)


@settings(max_examples=60)
@given(clients=st.integers(1, 40), per_client=st.integers(1, 5), num_labels=st.integers(5, 12), seed=st.integers(0, 99))
def test_clients_hold_as_many_labels_as_asked_and_labels_as_many_clients_give_or_take_one(
    clients, per_client, num_labels, seed
):
    labels = np.random.default_rng(seed).permutation(np.repeat(np.arange(num_labels), 60))
    parts = share_out("labels", labels, clients, seed, labels_per_client=per_client)
    held = [set(labels[part].tolist()) for part in parts]
    assert all(len(labels_of) == per_client for labels_of in held)
    holders = [sum(label in labels_of for labels_of in held) for label in range(num_labels)]
    assert max(holders) - min(holders) <= 1
    assert len(np.unique(np.concatenate(parts))) == sum(len(part) for part in parts)


def test_200_clients_share_1437_digits_20_clients_to_a_digit_and_six_to_eight_samples_each():
    labels = load_digits(seed=1)[0].labels
    parts = share_out("labels", labels, 200)
    assert [set(labels[part].tolist()) for part in parts] == [{client % 10} for client in range(200)]
    assert sorted(np.concatenate(parts).tolist()) == list(range(1437))
    assert {len(part) for part in parts} <= {6, 7, 8}


@pytest.mark.parametrize("name", sorted(PARTITIONS))
def test_the_seed_and_nothing_else_decides_the_indices(name):
    labels = np.arange(600) % 10
    digests = [indices_digest(share_out(name, labels, 20, seed)) for seed in (3, 3, 4)]
    assert digests[0] == digests[1] != digests[2]


def test_a_small_alpha_makes_clients_less_alike_than_a_large_one():
    labels = np.arange(5000) % 10

    def distinct(alpha):
        return np.mean([len(np.unique(labels[part])) for part in share_out("dirichlet", labels, 20, alpha=alpha)])

    assert distinct(0.05) < 6 < 9.5 < distinct(100.0)


def test_dirichlet_shares_have_the_variance_of_the_dirichlet_distribution():
    labels, clients, alpha = np.zeros(20_000, dtype=np.int64), 10, 2.0
    sizes = [[len(part) for part in share_out("dirichlet", labels, clients, s, alpha=alpha)] for s in range(200)]
    mean = 1 / clients
    variance = mean * (1 - mean) / (clients * alpha + 1)
    assert np.var(np.array(sizes) / len(labels)) == pytest.approx(variance, rel=0.15)


def test_dirichlet_over_many_clients_is_filled_up_where_drawing_anew_would_give_up():
    labels = np.arange(60_000) % 10
    sizes = [len(part) for part in share_out("dirichlet", labels, 200, alpha=0.1, min_samples=10)]
    assert min(sizes) == 10 and sum(sizes) == 60_000


def test_filling_up_takes_from_the_largest_and_leaves_the_others_alone():
    parts = [np.arange(0, 10), np.arange(10, 14), np.arange(14, 14)]
    filled = fill_up(parts, 3)
    assert [part.tolist() for part in filled] == [[0, 1, 2, 3, 4, 5, 6], [10, 11, 12, 13], [9, 8, 7]]


def test_quantity_skew_changes_sizes_and_keeps_the_mix():
    labels = np.arange(20_000) % 2
    parts = share_out("quantity", labels, 10, alpha=0.5, min_samples=200)
    sizes = [len(part) for part in parts]
    assert max(sizes) > 4 * min(sizes)
    assert all(0.35 < np.mean(labels[part]) < 0.65 for part in parts)


@pytest.mark.parametrize(
    ("name", "clients", "parameters", "words"),
    [
        ("iid", 31, {}, ["31", "30", "at most 30 clients"]),
        ("dirichlet", 16, {"min_samples": 2}, ["16", "32", "at most 15 clients", "data.min-samples"]),
        ("quantity", 11, {"min_samples": 3}, ["11", "33", "at most 10 clients", "data.min-samples"]),
        ("labels", 31, {}, ["31", "label 0", "11 clients", "10 samples", "lower clients.count"]),
        ("labels", 2, {"labels_per_client": 4}, ["4", "3 labels", "at most 3"]),
    ],
)
def test_what_cannot_be_shared_out_is_refused_in_one_sentence_with_the_numbers(name, clients, parameters, words):
    with pytest.raises(ConfigError) as refusal:
        share_out(name, np.arange(30) % 3, clients, **parameters)
    assert all(word in str(refusal.value) for word in words)
    assert "\n" not in str(refusal.value)
