"""Shares by functions, and by partitioners of Flower's interface, its own among them where they are installed."""

import sys
from pathlib import Path

import numpy as np
import pytest

from qfl.config import DataSettings, Settings
from qfl.data.load import content, load
from qfl.data.own_partition import own_partition
from qfl.errors import ConfigError
from qfl.federation.runtime.launch import run_app
from qfl.tasks.build import build
from qfl.trained import load_model
from qfl.trained.export import export_run
from qfl.trained.held_out import evaluate_on

LABELS = np.arange(60) % 3

PARTS = """
import numpy as np

def by_turns(labels, num_clients, offset=0): return [np.arange(k, len(labels), num_clients) for k in range(num_clients)]
def drawn(rng, labels, num_clients): return np.array_split(rng.permutation(len(labels)), num_clients)
def held(holders, num_clients): return [np.flatnonzero(holders == k) for k in range(num_clients)]
def some(num_clients): return [[k] for k in range(num_clients)]
def too_few(): return [[0]]
def empty(num_clients): return [[k] for k in range(num_clients - 1)] + [[]]
def beyond(labels, num_clients): return [[len(labels)]] * num_clients
def twice(num_clients): return [[7]] * num_clients
def halves(num_clients): return [[0.5]] * num_clients
def square(num_clients): return [[[1, 2]]] * num_clients
def breaks(): raise ValueError("no such share")
def number(): return 3
def samples(count: int = 30): return np.random.default_rng(1).normal(size=(count, 3)), np.arange(count) % 2
"""


@pytest.fixture
def own(tmp_path, monkeypatch):
    (tmp_path / "parts.py").write_text(PARTS)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])

    def share(name, clients=4, seed=1, holders=None, **mine):
        flat = {"data.partition": name} | {f"data.my.{key}": value for key, value in mine.items()}
        return own_partition(Settings.from_flat(flat).data, LABELS, holders, clients, seed)

    return share


def test_a_function_shares_out_what_it_likes(own):
    assert [part.tolist() for part in own("parts.py:some")] == [[0], [1], [2], [3]]
    assert np.array_equal(own("parts.py:by_turns")[1], np.arange(1, 60, 4))
    assert [part.tolist() for part in own("parts.py:held", 3, holders=LABELS)][2][:3] == [2, 5, 8]


def test_its_draws_are_the_seeds(own):
    first, again, other = (own("parts.py:drawn", seed=seed) for seed in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0], other[0]) and sorted(np.concatenate(first)) == list(range(60))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("too_few", "returned 1 parts for 4 clients"),
        ("empty", "gives client 3 no sample"),
        ("beyond", "client 0 what is no sample; return indices from 0 to 59"),
        ("twice", "gives sample 7 twice"),
        ("halves", "client 0 what is no sample"),
        ("square", r"an array of shape \(1, 2\)"),
        ("breaks", "raised ValueError: no such share"),
        ("number", "returned int for 4 clients"),
        ("absent", "has no 'absent'"),
    ],
)
def test_what_are_no_shares_is_one_sentence(own, name, said):
    with pytest.raises(ConfigError, match=said) as caught:
        own(f"parts.py:{name}")
    assert "data.partition" in str(caught.value)


def test_a_setting_that_it_does_not_take_is_refused(own):
    with pytest.raises(ConfigError, match=r"off.* is no setting of by_turns; did you mean 'offset'"):
        own("parts.py:by_turns", off=1)


def test_two_functions_share_a_table_of_settings_and_the_source_of_both_counts(own, tmp_path):
    flat = {"data.name": "parts.py:samples", "data.partition": "parts.py:by_turns", "clients.count": 3}
    flat |= {"data.my.count": 24, "data.my.offset": 2, "model.name": "logistic"}
    settings = Settings.from_flat(flat)
    assert [len(part) for part in load(settings.data, 3, 1).parts] == [7, 6, 6]
    digest, before = build(settings).digest, content(settings.data)
    with pytest.raises(ConfigError, match=r"data\.my\.many"):
        load(Settings.from_flat({**flat, "data.my.many": 1}).data, 3, 1)
    (tmp_path / "parts.py").write_text(PARTS + "\n# other\n")
    assert content(settings.data) != before and build(settings).digest != digest


def test_flowers_partitioners_work_on_any_data(own):
    partitioner = pytest.importorskip("flwr_datasets.partitioner", reason="flwr-datasets is not installed")
    flower = "flwr_datasets.partitioner:"
    parts = own(f"{flower}PathologicalPartitioner", 6, num_classes_per_partition=1)
    assert all(len(set(LABELS[part])) == 1 for part in parts) and len(np.concatenate(parts)) == 60
    iid = own(f"{flower}IidPartitioner", 5)
    assert [len(part) for part in iid] == [12] * 5
    assert [len(part) for part in own(f"{flower}LinearPartitioner", 3)] == [10, 20, 30]
    holders = np.arange(60) // 20
    natural = own(f"{flower}NaturalIdPartitioner", 3, holders=holders, partition_by="client")
    assert all(len(set(holders[part])) == 1 and len(part) == 20 for part in natural)
    mixed = [own(f"{flower}DirichletPartitioner", 4, seed=seed, alpha=0.5, min_partition_size=2) for seed in (1, 1, 2)]
    assert all(np.array_equal(a, b) for a, b in zip(*mixed[:2], strict=True))
    assert any(len(a) != len(b) or (a != b).any() for a, b in zip(mixed[0], mixed[2], strict=True))
    import datasets

    direct = partitioner.DirichletPartitioner(4, "label", 0.5, min_partition_size=2, seed=1)
    direct.dataset = datasets.Dataset.from_dict({"index": range(60), "label": LABELS})
    assert sorted(direct.load_partition(2)["index"][:]) == mixed[0][2].tolist()


def test_flowers_partitioners_faults_are_sentences(own):
    pytest.importorskip("flwr_datasets", reason="flwr-datasets is not installed")
    flower = "flwr_datasets.partitioner:"
    with pytest.raises(ConfigError, match=r"asks for .alpha.; give it as data\.my\.alpha"):
        own(f"{flower}DirichletPartitioner")
    with pytest.raises(ConfigError, match=r"makes 3 parts; set clients\.count = 3"):
        own(f"{flower}NaturalIdPartitioner", 4, holders=LABELS, partition_by="client")
    with pytest.raises(ConfigError, match="raised"):
        own(f"{flower}DirichletPartitioner", alpha=0.5, partition_by="colour")


def scored(folder, partition, **flat):
    flat |= {"data.partition": partition, "clients.count": 4, "model.name": "logistic", "rounds": 1}
    run = run_app(Settings.from_flat(flat | {"run.folder": str(folder / "run")}), Path(__file__).parents[2])
    return run.header["final"]["accuracy"], load_model(export_run(run.path, folder / "model.npz"))


def test_a_model_is_scored_wherever_its_samples_are_whoever_shared_them(own, tmp_path):
    (tmp_path / "deal.py").write_text(PARTS + "# of this test alone")
    reached, model = scored(tmp_path, "deal.py:by_turns")
    (tmp_path / "deal.py").unlink()
    assert evaluate_on(model)["accuracy"] == pytest.approx(reached)


def test_a_model_whose_samples_an_installed_partitioner_shared_is_exported(own, tmp_path):
    pytest.importorskip("flwr_datasets", reason="flwr-datasets is not installed")
    reached, model = scored(
        tmp_path, "flwr_datasets.partitioner:IidPartitioner", **{"data.validation": 0.1, "data.pca": 8}
    )
    assert evaluate_on(model)["accuracy"] == pytest.approx(reached)


def test_held_out_samples_come_from_its_shares(own):
    settings = DataSettings(partition="parts.py:by_turns", validation=0.25)
    data = load(settings, 10, 1)
    assert all((np.r_[part] % 10 == k).all() for k, part in enumerate(data.parts)) and len(data.validation) > 300
