"""What MLflow's own client finds in the database of a run that was killed and resumed."""

import shutil

import pytest

from qfl.config import Settings
from qfl.tracking.sinks.mlflow import EXPERIMENT, MLflow, store_of

pytest.importorskip("mlflow", reason="the extra mlflow is not installed")
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    """Return an empty database of MLflow's, which takes it seconds to make."""
    from mlflow.tracking import MlflowClient

    path = tmp_path_factory.mktemp("mlflow") / "mlflow.db"
    MlflowClient(tracking_uri=f"sqlite:///{path}").search_experiments()
    return path


@pytest.fixture
def client(played, database, monkeypatch):
    from mlflow.tracking import MlflowClient

    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    shutil.copy(database, played.folder.path.parent / "mlflow.db")
    return MlflowClient(tracking_uri=store_of(played.folder.path))


def only_run(client):
    (run,) = client.search_runs([client.get_experiment_by_name(EXPERIMENT).experiment_id])
    return run


def test_every_number_is_there_once_in_one_run_with_the_settings(through_a_kill_and_a_resume, client, expected):
    played = through_a_kill_and_a_resume(lambda: {"mlflow": MLflow()})
    run = only_run(client)
    histories = {name: client.get_metric_history(run.info.run_id, name) for name in run.data.metrics}
    assert {name: [(each.step, each.value) for each in found] for name, found in histories.items()} == expected
    assert run.data.params == {key: str(value) for key, value in played.settings.to_flat().items()}
    assert (run.info.run_name, run.info.status) == ("toy", "FINISHED")
    assert run.data.tags["qfl.angles_sha256"] == "b" * 64


def test_a_resume_with_more_rounds_goes_on_in_the_same_run_and_one_that_ended_early_says_so(played, client):
    played.play({"mlflow": MLflow()}, (0, 1), summary={"status": "interrupted"})
    assert (only_run(client).info.status, only_run(client).data.tags["qfl.status"]) == ("KILLED", "interrupted")
    played.settings = Settings.from_flat(played.settings.to_flat() | {"rounds": 9})
    played.play({"mlflow": MLflow()}, (2, 3))
    run = only_run(client)
    history = client.get_metric_history(run.info.run_id, "loss")
    assert [(metric.step, metric.value) for metric in history] == [(0, 2.0), (1, 1.75), (2, 1.5), (3, 1.25)]
    assert run.info.status == "RUNNING"


def test_a_store_that_is_named_is_taken(monkeypatch, tmp_path):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:5000")
    assert store_of(tmp_path) == "http://127.0.0.1:5000"
