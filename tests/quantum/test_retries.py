"""Jobs that fail on hardware: tried again with back-off, then a failure with the job's id."""

import pytest
import torch

from qfl.errors import ConfigError, JobFailed
from qfl.quantum import device_list, devices, retries
from qfl.quantum.circuit import Angle, Circuit, Gate
from qfl.quantum.retries import retried

CIRCUIT = Circuit(1, (Gate("RY", (0,), (Angle(0),)),), ((0,),))


@pytest.fixture
def pauses(monkeypatch):
    """The seconds that were waited, without waiting."""
    waited = []
    monkeypatch.setattr(retries.time, "sleep", waited.append)
    return waited


def flaky(times):
    """Return a device that fails so many times before it answers."""
    import pennylane as qp

    class Flaky(type(qp.device("default.qubit", wires=1))):
        job_id = "job-0"
        jobs = 0

        def execute(self, circuits, execution_config=None):
            Flaky.jobs += 1
            self.job_id = f"job-{Flaky.jobs}"
            if Flaky.jobs <= times:
                raise TimeoutError("the queue is closed")
            return super().execute(circuits, execution_config)

    return Flaky


@pytest.mark.parametrize("times", [0, 1, 3])
def test_a_job_that_fails_up_to_three_times_gives_its_value_after_growing_pauses(times, pauses, monkeypatch):
    monkeypatch.setattr(devices, "open_device", lambda name, wires, seed: flaky(times)(wires=wires))
    monkeypatch.setattr(devices, "is_simulator", lambda name: False)
    value = devices.expectations(CIRCUIT, torch.tensor([torch.pi / 3]), device="hardware")
    assert float(value) == pytest.approx(0.5, abs=1e-6) and pauses == list(retries.PAUSES_S[:times])


def test_a_job_that_fails_at_every_try_is_a_failure_with_the_last_jobs_id(pauses, monkeypatch):
    monkeypatch.setattr(devices, "open_device", lambda name, wires, seed: flaky(9)(wires=wires))
    monkeypatch.setattr(devices, "is_simulator", lambda name: False)
    with pytest.raises(JobFailed, match=r"^job job-4 failed 4 times, lastly with TimeoutError: the queue is closed$"):
        devices.expectations(CIRCUIT, torch.tensor([1.0]), device="hardware")
    assert pauses == [1.0, 4.0, 16.0]


def test_a_users_mistake_is_not_tried_again(pauses):
    def wrong():
        raise ConfigError("shots = -1")

    with pytest.raises(ConfigError):
        retried(wrong, None)
    assert not pauses


def test_our_simulators_are_never_waited_for():
    assert device_list.is_simulator("default.mixed") and not device_list.is_simulator("no.such")
