"""Groups of clients as tasks of Ray. Also covers qfl/studies/bench/raylets.py and qfl/config/ray.py."""

import importlib.util
import pickle
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from flwr.app import ConfigRecord, Context, Message, RecordDict

from qfl.cli import main
from qfl.config import Settings
from qfl.errors import ConfigError, MissingExtra
from qfl.federation.adapter import become_server
from qfl.federation.runtime import cluster
from qfl.federation.runtime.launch import run_app
from qfl.shipped import shipped
from qfl.studies.bench import raylets
from qfl.studies.bench.raylets import bench_ray

pytestmark = pytest.mark.filterwarnings(  # Ray leaves files open
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
needs_ray = pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is not installed")


def test_an_address_without_the_backend_is_a_sentence():
    with pytest.raises(ConfigError, match=r"ray.address = 'local' with backend = 'vectorised'; use backend"):
        Settings.from_flat({"ray.address": "local"})


def test_without_ray_the_extra_is_named(monkeypatch, small):
    monkeypatch.setattr(cluster, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match="needs Ray, which is not installed; run"):
        run_app(small(backend="ray", **{"ray--address": "local"}), shipped())


@needs_ray
def test_where_no_cluster_answers_that_is_said_with_the_address(tmp_path, capsys):
    (tmp_path / "run.toml").write_text('backend = "ray"\nrounds = 1\n[ray]\naddress = "127.0.0.1:1"\n')
    assert main(["run", str(tmp_path / "run.toml"), "--set", f"run.folder={tmp_path / 'run'}"]) == 2
    said = capsys.readouterr().err
    assert "ray.address = '127.0.0.1:1': no Ray cluster answers there" in said and "Traceback" not in said


def test_groups_come_back_in_order_and_contexts_keep_what_clients_kept(monkeypatch):
    """Stand in for Ray: a task runs here, and what it is given and returns goes through a pickle, as there."""

    def remote(**words):
        assert words["max_retries"] == -1
        return lambda function: SimpleNamespace(remote=lambda *given: pickle.dumps(function(*through(given))))

    def through(value):
        return pickle.loads(pickle.dumps(value))

    def train_group(root, run_id, messages, contexts):
        for message, context in zip(messages, contexts, strict=True):
            context.state[f"of-{message.metadata.dst_node_id}"] = message.content["c"]
        return [Message(RecordDict(), reply_to=message) for message in messages], [each.state for each in contexts]

    ray = SimpleNamespace(remote=remote, get=lambda found: [pickle.loads(each) for each in found], shutdown=list)
    monkeypatch.setitem(sys.modules, "ray", ray)
    monkeypatch.setattr(cluster, "require_ray", lambda: None)
    monkeypatch.setattr(cluster, "_connect", lambda address, root: None)
    monkeypatch.setattr(cluster, "train_group", train_group)
    become_server(1)
    nodes = range(5)
    messages = [Message(RecordDict({"c": ConfigRecord({"n": node})}), node, "train") for node in nodes]
    contexts = [Context(1, node, {}, RecordDict(), {}) for node in nodes]
    settings = Settings.from_flat({"backend": "ray", "ray.address": "local", "ray.group": 2})
    with cluster.cluster(settings, shipped(), 1) as batch:
        replies = batch(messages, contexts)
    assert [reply.metadata.src_node_id for reply in replies] == list(nodes)
    assert [context.state[f"of-{node}"]["n"] for node, context in zip(nodes, contexts, strict=True)] == list(nodes)


@needs_ray
@pytest.mark.deployment
def test_neither_the_number_of_machines_nor_one_that_is_lost_changes_the_angles():
    changes = {"clients.count": 12, "ray.group": 4, "precision": "double", "model.layers": 4}
    found = bench_ray(shipped(), 3, (1, 2), **changes)
    assert found["digest_unchanged"] and found["digest_unchanged_after_loss"]
    assert set(found["raylets"]) == {"1", "2"} and 0 < found["efficiency"]["2"] < 5


@needs_ray
@pytest.mark.deployment
@pytest.mark.parametrize("changes", [{}, {"security--aggregation": "masked", "clients--per_round": 0}])
def test_a_cluster_and_one_process_agree(small, changes):
    flat = {"clients--count": 5, "precision": "double", **changes}
    groups = run_app(small("ray", backend="ray", **{"ray--address": "local", "ray--group": 2}, **flat), shipped())
    together = run_app(small("here", **flat), shipped())
    ends = [folder.header["final"]["angles"] for folder in (groups, together)]
    np.testing.assert_allclose(*ends, atol=1e-9, rtol=0)
    assert [row["status"] for row in groups.clients()] == [row["status"] for row in together.clients()]


def test_seconds_are_those_after_the_first_round():
    rows = [{"round": number, "seconds": {"total": 10.0 - number}} for number in range(4)]
    assert raylets._seconds(rows)["median_s"] == 7.5
